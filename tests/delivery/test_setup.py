"""Set-up: any Python begins it, one lock decides it, every target passes on its arguments."""

import ast
import os
import re
import shutil
import subprocess
import sys
import types
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from project import LOCKED, PROJECT, PYTHONS, TARGETS, needs_make

import notebooks
from notebooks import ROOT

INDEX = (".".join(["pypi", "org"]), ".".join(["files", "pythonhosted", "org"]))


def pretend_uv(folder: Path, script: str) -> dict[str, str]:
    """Return an environment whose only uv writes down how it is called, and does what `script` says."""
    folder.mkdir()
    uv = folder / "uv"
    uv.write_text(f'#!/bin/sh\necho "$@" >> "{folder}/calls"\n{script}\n')
    uv.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin"}


def bootstrap(clone: Path, env: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, clone / ".ci" / "bootstrap.py", *command]
    return subprocess.run(program, env=env, capture_output=True, text=True, check=False)


@needs_make
def test_without_a_suitable_python_one_sentence_says_which_serve(clone: Path, tmp_path: Path) -> None:
    env = pretend_uv(tmp_path / "bin", '[ "$1" = "--version" ]')
    run = bootstrap(clone, env)
    assert run.returncode == 1
    (sentence,) = [line for line in run.stderr.splitlines() if line.startswith("Borrowing Strength")]
    assert all(version in sentence for version in PYTHONS)
    assert "Traceback" not in run.stderr


@needs_make
def test_an_old_python_from_uv_is_not_accepted(clone: Path, tmp_path: Path) -> None:
    old = tmp_path / "python3.11"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    env = pretend_uv(tmp_path / "bin", f'[ "$2" = install ] && exit 1; [ "$2" = find ] && echo {old}; exit 0')
    assert bootstrap(clone, env).returncode == 1


@needs_make
@pytest.mark.parametrize(("check", "syncs"), [("exit 0", 0), ("exit 1", 1)])
def test_a_complete_environment_is_reused(clone: Path, tmp_path: Path, check: str, syncs: int) -> None:
    script = f'case "$*" in *--check*) {check};; "python find"*) echo {sys.executable};; esac'
    env = pretend_uv(tmp_path / "bin", script)
    assert bootstrap(clone, env, "pytest", "-k", "one two").returncode == 0
    calls = (tmp_path / "bin" / "calls").read_text().splitlines()
    assert calls.count("sync --locked --inexact") == syncs
    assert calls[-1] == "run --no-sync pytest -k one two"


@needs_make
def test_a_target_may_ask_for_one_more_group(clone: Path, tmp_path: Path) -> None:
    script = f'case "$*" in *--check*) exit 1;; "python find"*) echo {sys.executable};; esac'
    env = pretend_uv(tmp_path / "bin", script)
    assert bootstrap(clone, env, "--group", "bench", "python", "--group").returncode == 0
    calls = (tmp_path / "bin" / "calls").read_text().splitlines()
    assert "sync --locked --inexact --group bench" in calls
    assert calls[-1] == "run --no-sync python --group"


def test_the_bootstrap_reads_on_any_python() -> None:
    source = (ROOT / ".ci" / "bootstrap.py").read_text("utf-8")
    new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef, ast.YieldFrom, ast.Starred)
    for node in ast.walk(ast.parse(source)):
        assert not isinstance(node, new)
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None
            assert not node.args.kwonlyargs
            assert not any(argument.annotation for argument in node.args.args)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
            assert {keyword.arg for keyword in node.keywords} <= {"file", "end", "sep"}
    assert source.isascii()


@needs_make
def test_every_target_is_there_and_passes_on_its_arguments() -> None:
    assert {"lab", "test", "setup", "notebooks", "lint", "bench", "address", "colab"} <= TARGETS
    for target in TARGETS - {"help", "setup", "address", "lesson"}:
        said = subprocess.check_output(["make", "-n", target, "ARGS=--alpha 1"], cwd=ROOT, text=True)
        assert "--alpha 1" in said, target
    listed = subprocess.check_output(["make"], cwd=ROOT, text=True)
    assert set(re.findall(r"make (\w+)", listed)) >= TARGETS


def test_jupyter_lab_opens_lesson_00(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`uv run jupyter lab` does what `make lab` does, on any system, because the environment says so."""
    settings = Path(sys.prefix) / "etc" / "jupyter" / "jupyter_lab_config.py"
    assert settings.read_text("utf-8") == (ROOT / ".ci" / "jupyter_lab_config.py").read_text("utf-8")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setattr("borrowing_strength.course.folder.published_folder", lambda: tmp_path / "notebooks")
    shutil.copy(notebooks.lessons()[0], tmp_path / "notebooks")
    monkeypatch.chdir(tmp_path)
    lab = types.SimpleNamespace()
    config = types.SimpleNamespace(LabApp=lab, ServerApp=types.SimpleNamespace())
    exec(settings.read_text("utf-8"), {"get_config": lambda: config})
    opened = nbformat.read(tmp_path / lab.default_url.removeprefix("/lab/tree/"), as_version=4)
    assert not any(cell.get("outputs") for cell in opened.cells)
    assert subprocess.run(["git", "check-ignore", "-q", "my-course/"], cwd=ROOT, check=False).returncode == 0


def test_pytest_alone_runs_everything() -> None:
    options = PROJECT["tool"]["pytest"]["ini_options"]
    assert options["testpaths"] == ["notebooks", "tests"]
    assert "--nbval" in options["addopts"]
    assert not {"--nbval-lax", "--nbval-sanitize-with"} & set(options["addopts"])


def test_the_lock_names_no_host_but_the_public_index() -> None:
    urls = re.findall(r'"(https?://[^"]+)"', (ROOT / "uv.lock").read_text("utf-8"))
    assert {urlsplit(url).hostname for url in urls} == set(INDEX)


def test_everything_locked_has_a_hash() -> None:
    for package in LOCKED:
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        assert files or "editable" in package["source"], package["name"]
        assert all(file["hash"].startswith("sha256:") for file in files), package["name"]


def test_no_other_file_says_where_packages_come_from() -> None:
    files = [path for path in notebooks.project_files() if path.name != "uv.lock"]
    assert [path.name for path in files if any(host.encode() in path.read_bytes() for host in INDEX)] == []


def test_style() -> None:
    ruff = [sys.executable, "-m", "ruff"]
    for check in (["check"], ["format", "--check"]):
        run = subprocess.run([*ruff, *check], cwd=ROOT, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout
