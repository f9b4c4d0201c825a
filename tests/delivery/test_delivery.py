"""What a newcomer and a maintainer are promised: set-up, Binder, Colab, continuous integration, README."""

import ast
import importlib.metadata
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
import types
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

import borrowing_strength as bs
import notebooks
import offline
from borrowing_strength.core import state
from borrowing_strength.course import doctor
from notebooks import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKED = {
    package["name"]: package
    for package in tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
    if "version" in package
}
README = (ROOT / "README.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
INDEX = (".".join(["pypi", "org"]), ".".join(["files", "pythonhosted", "org"]))
PYTHONS = ["3.12", "3.13", "3.14"]

needs_make = pytest.mark.skipif(os.name == "nt", reason="make and shell scripts are for Linux and macOS")


def workflow(name: str) -> dict:
    return yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text("utf-8"))


# ---------------------------------------------------------------------------------- set-up


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a copy of the project's own files, as git would clone them."""
    for path in notebooks.project_files():
        copy = tmp_path / "clone" / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    subprocess.run(["git", "init", "--quiet", tmp_path / "clone"], check=True)
    return tmp_path / "clone"


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
    assert options["testpaths"] == ["tests", "notebooks"]
    assert "--nbval" in options["addopts"]
    assert not {"--nbval-lax", "--nbval-sanitize-with"} & set(options["addopts"])


def test_the_lock_names_no_host_but_the_public_index() -> None:
    urls = re.findall(r'"(https?://[^"]+)"', (ROOT / "uv.lock").read_text("utf-8"))
    assert {urlsplit(url).hostname for url in urls} == set(INDEX)


def test_no_other_file_says_where_packages_come_from() -> None:
    files = [path for path in notebooks.project_files() if path.name != "uv.lock"]
    assert [path.name for path in files if any(host.encode() in path.read_bytes() for host in INDEX)] == []


def test_style() -> None:
    ruff = [sys.executable, "-m", "ruff"]
    for check in (["check"], ["format", "--check"]):
        run = subprocess.run([*ruff, *check], cwd=ROOT, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout


# ---------------------------------------------------------------------------------- continuous integration


@needs_make
def test_ci_runs_make_test_and_hides_nothing(clone: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "make").write_text('#!/bin/sh\necho "made $* in $PWD"\nexit 7\n')
    (folder / "make").chmod(0o755)
    env = {"PATH": f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin"}
    command = ["bash", clone / ".ci" / "run"]
    run = subprocess.run(
        command, env=env, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert run.returncode == 7
    assert run.stdout == f"made test in {clone}\n"


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-workflows", ".github/workflows/release.yml"),
        ("vendor.github-workflows", ".github/workflows/site.yml"),
        ("vendor.github-workflows", ".github/workflows/test.yml"),
        ("vendor.github-workflows", ".github/workflows/weekly.yml"),
        ("vendor.citation-file-format", "CITATION.cff"),
    ],
)
def test_files_for_others_obey_their_schemas(schema: str, file: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, ROOT / file]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_workflows_run_every_python_that_serves() -> None:
    assert {path.name for path in (ROOT / ".github" / "workflows").iterdir()} == {
        "learner.yml",
        "release.yml",
        "site.yml",
        "test.yml",
        "weekly.yml",
    }
    test = workflow("test.yml")
    assert test["jobs"]["linux"]["strategy"]["matrix"]["python"] == PYTHONS
    serves = SpecifierSet(PROJECT["project"]["requires-python"])
    assert [f"3.{minor}" for minor in range(8, 20) if f"3.{minor}" in serves] == PYTHONS
    assert "pull_request" in test[True]  # YAML reads the key `on` as true
    learner = [step.get("run", "") for step in workflow("learner.yml")["jobs"]["clear"]["steps"]]
    assert any("nbconvert --clear-output" in line for line in learner)
    assert f"refs/heads/{notebooks.LEARNERS}" in learner[-1]
    weekly = workflow("weekly.yml")["jobs"]
    assert set(weekly) == {"newest", "binder", "colab", "delivery", "audit"}
    assert any(step.get("run") == "uv lock --upgrade" for step in weekly["newest"]["steps"])
    assert all(job["steps"][-1]["if"] == "failure()" for job in weekly.values())
    assert all(job["steps"][-1]["run"].startswith("bash .ci/report.sh ") for job in weekly.values())


@needs_make
def test_each_version_for_learners_descends_from_the_one_before(tmp_path: Path) -> None:
    """A branch that begins anew each time cannot be merged into a shallow copy, as nbgitpuller has it on a hub."""

    def git(*words: str) -> str:
        return subprocess.check_output(["git", *words], cwd=tmp_path / "clone", env=env, text=True).strip()

    identity = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = os.environ | identity | {"GITHUB_SHA": "abc"}
    subprocess.run(["git", "init", "--quiet", "--bare", "origin"], cwd=tmp_path, check=True)
    subprocess.run(["git", "clone", "--quiet", "origin", "clone"], cwd=tmp_path, check=True, capture_output=True)
    publish = workflow("learner.yml")["jobs"]["clear"]["steps"][-1]["run"]
    seen = []
    for text in ("one", "two", "two"):
        (tmp_path / "clone" / "lesson").write_text(f"{text}, with outputs")
        git("add", "--all")
        git("commit", "--quiet", "--allow-empty", "--message", "main")
        (tmp_path / "clone" / "lesson").write_text(text)  # what nbconvert does
        subprocess.run(["bash", "-e", "-c", publish], cwd=tmp_path / "clone", env=env, check=True, capture_output=True)
        git("reset", "--quiet", "--hard")
        seen.append(git("ls-remote", "origin", notebooks.LEARNERS).split()[0])
    assert git("-C", "../origin", "rev-parse", f"{seen[1]}^") == seen[0]
    assert git("-C", "../origin", "show", f"{seen[1]}:lesson") == "two"
    assert seen[2] == seen[1]


@pytest.mark.parametrize("name", ["learner.yml", "release.yml", "site.yml", "test.yml", "weekly.yml"])
def test_actions_and_uv_are_pinned_by_hash(name: str) -> None:
    text = (ROOT / ".github" / "workflows" / name).read_text("utf-8")
    uses = re.findall(r"uses: (.*)", text)
    assert uses
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each) for each in uses)
    pinned = (ROOT / ".ci" / "uv.txt").read_text("utf-8")
    version = re.search(r"^uv==(\S+)", pinned, re.MULTILINE)[1]
    assert text.count("astral-sh/setup-uv@") == text.count(f'version: "{version}"')
    assert pinned.count("--hash=sha256:") > 10
    assert "issues" not in workflow(name)["permissions"]


def test_a_tag_publishes_what_was_installed_and_used_and_no_password_is_kept() -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    jobs = workflow("release.yml")["jobs"]
    said = {name: " ".join(step.get("run", "") for step in job["steps"]) for name, job in jobs.items()}
    assert workflow("release.yml")[True] == {"push": {"tags": ["v*"]}}
    assert "make release" in said["package"]
    assert set(jobs["publish"]["needs"]) == {"package", "bundle", "paper"}
    assert said["publish"].strip() == "uv publish --trusted-publishing always"
    # The job that may publish runs nothing of the project's, and nothing else may publish.
    assert [name for name, job in jobs.items() if "id-token" in job.get("permissions", {})] == ["publish"]
    assert not any("checkout" in step.get("uses", "") for step in jobs["publish"]["steps"])
    assert "secrets." not in text
    systems = {row["system"] for row in jobs["bundle"]["strategy"]["matrix"]["include"]}
    assert systems == set(offline.USUAL)


def test_everything_locked_has_a_hash() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    for package in lock["package"]:
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        assert files or "editable" in package["source"], package["name"]
        assert all(file["hash"].startswith("sha256:") for file in files), package["name"]


# ---------------------------------------------------------------------------------- Binder and conda


def environment() -> list[str]:
    return yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]


def test_binder_has_the_same_environment() -> None:
    assert (ROOT / "binder" / "environment.yml").read_bytes() == (ROOT / "environment.yml").read_bytes()


def test_binder_takes_conda_our_python_and_our_file(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from repo2docker.app import Repo2Docker

    monkeypatch.chdir(clone)
    packs = (pack("image") for pack in Repo2Docker().buildpacks)
    chosen = next(pack for pack in packs if pack.detect())
    assert type(chosen).__name__ == "CondaBuildPack"
    assert chosen.python_version == (ROOT / ".python-version").read_text().strip() == "3.13"
    assert Path(chosen.environment_yaml_path) == Path("binder/environment.yml")
    assert chosen.get_post_build_scripts() == ["binder/postBuild"]


def test_conda_gets_what_pyproject_asks_for_and_the_lock_agrees() -> None:
    asked = {Requirement(line).name: Requirement(line) for line in PROJECT["project"]["dependencies"]}
    asked |= {Requirement(line).name: Requirement(line) for line in PROJECT["dependency-groups"]["lab"]}
    conda = {}
    for line in environment():
        if line != "pip" and not line.startswith("python="):
            requirement = Requirement(line)
            conda[requirement.name.removesuffix("-base")] = requirement
    assert {name: conda[name].specifier for name in conda} == {name: asked[name].specifier for name in asked}
    outside = {name for name, r in asked.items() if Version(LOCKED[name]["version"]) not in r.specifier}
    assert not outside


@needs_make
def test_binder_installs_the_course_and_warms_it_up(tmp_path: Path) -> None:
    script = ROOT / "binder" / "postBuild"
    assert script.stat().st_mode & stat.S_IXUSR
    for name, body in {
        "pip": 'echo "pip $*"',
        "jupyter": 'echo "jupyter $1 $2"',
        "python": f'exec "{sys.executable}" "$@"',
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    run = subprocess.run([script], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("pip install --no-deps -e .\njupyter nbconvert --clear-output\n")


# ---------------------------------------------------------------------------------- Colab


class Machine:
    """A computer on which the set-up cell can be run: it notes every command and installs nothing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.commands: list[list[str]] = []
        self.fails = False
        self.monkeypatch = monkeypatch
        monkeypatch.setattr(subprocess, "run", self.note)

    def note(self, command: list[str], **_: object) -> subprocess.CompletedProcess:
        self.commands.append(command)
        return subprocess.CompletedProcess(command, returncode=int(self.fails))

    def become_colab(self, *, uv: bool = True, installed: bool = False) -> None:
        self.monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
        self.monkeypatch.setattr(importlib.util, "find_spec", lambda _: object() if installed else None)
        self.monkeypatch.setattr(shutil, "which", lambda _: "uv" if uv else None)

    def run_setup(self) -> None:
        exec(notebooks.setup_cell("https://github.com/someone/somewhere"), {})


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_the_setup_cell_does_nothing_elsewhere(machine: Machine, capsys: pytest.CaptureFixture) -> None:
    machine.run_setup()
    assert machine.commands == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("uv", "start"), [(True, ["uv", "pip"]), (False, [sys.executable, "-m", "pip"])])
def test_the_setup_cell_installs_the_course_in_colab(
    machine: Machine, capsys: pytest.CaptureFixture, uv: bool, start: list[str]
) -> None:
    machine.become_colab(uv=uv)
    machine.run_setup()
    (command,) = machine.commands
    assert command[: len(start)] == start
    assert command[-1] == "https://github.com/someone/somewhere/archive/refs/heads/learner.zip"
    assert capsys.readouterr().out == ""


def test_the_setup_cell_says_what_to_do_when_it_cannot_install(machine: Machine, capsys: pytest.CaptureFixture) -> None:
    machine.become_colab()
    machine.fails = True
    machine.run_setup()
    assert "Run this cell again, or open the lesson on Binder." in capsys.readouterr().out


def test_the_setup_cell_asks_for_a_restart_when_scipy_is_an_old_one(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    machine.become_colab(installed=True)
    old = types.ModuleType("scipy")
    old.__version__ = "1.16.0"
    monkeypatch.setitem(sys.modules, "scipy", old)
    machine.run_setup()
    assert machine.commands == []
    assert "Restart session" in capsys.readouterr().out


def test_the_setup_cell_is_short() -> None:
    assert len(notebooks.setup_cell(notebooks.repository()).splitlines()) <= 14


def test_the_first_cell_and_the_e_mail_say_that_progress_ends_with_the_session() -> None:
    e_mail = (ROOT / "docs" / "teach" / "setup_email.md").read_text("utf-8")
    for text in (notebooks.setup_cell(notebooks.repository()), e_mail):
        assert re.search(r"progress\s.*\bsession|session,\s.*progress", text, re.DOTALL)


def test_the_cell_that_keeps_progress_in_drive(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [cell.source for cell in notebooks.load(notebooks.lessons()[0]).nb.cells if "google.colab" in cell.source]
    (code,) = re.findall(r"```python\n(.*?)```", texts[-1], re.DOTALL)
    mounted: list[str] = []
    colab = types.ModuleType("google.colab")
    colab.drive = types.SimpleNamespace(mount=mounted.append)
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    monkeypatch.setenv("BORROWING_STRENGTH_STATE", "to be put back")
    exec(code, {})
    assert state.folder().is_relative_to(mounted[0])
    assert doctor.ends_with_session() == ""


@pytest.mark.parametrize("path", notebooks.lessons(), ids=lambda path: path.stem[:2])
def test_a_lesson_imports_within_ten_seconds_of_work(path: Path) -> None:
    """In a fresh process. The processor's time counts, so that a busy machine decides nothing."""
    imports = notebooks.load(path).code[1][1].source
    watch = (
        "import os\nspent = os.times()\nprint(spent.user + spent.system + spent.children_user + spent.children_system)"
    )
    said = subprocess.check_output([sys.executable, "-c", f"{imports}\n{watch}"], text=True)
    assert float(said.split()[-1]) < 10


def test_binder_closes_what_is_left() -> None:
    """The environment's settings: a lesson's kernel stops when its tab is closed. Binder installs them too."""
    settings = Path(sys.prefix) / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    assert json.loads(settings.read_text("utf-8"))["@jupyterlab/notebook-extension:tracker"]["kernelShutdown"] is True
    schema = Path(sys.prefix) / "share/jupyter/lab/schemas/@jupyterlab/notebook-extension/tracker.json"
    assert "kernelShutdown" in json.loads(schema.read_text("utf-8"))["properties"]


# ---------------------------------------------------------------------------------- one address


def test_make_address_moves_everything(clone: Path) -> None:
    old, new = notebooks.slug(notebooks.repository()), "new-home/of.it"
    command = [sys.executable, clone / ".ci" / "address.py", f"https://github.com/{new}"]
    subprocess.run(command, check=True, capture_output=True)
    texts = {path: path.read_bytes() for path in notebooks.project_files(clone)}
    assert [path.name for path, text in texts.items() if old.encode() in text] == []
    old_site = notebooks.site(notebooks.repository())
    assert [path.name for path, text in texts.items() if old_site.encode() in text] == []
    moved = f"https://github.com/{new}"
    assert notebooks.repository(clone) == moved
    assert yaml.safe_load((clone / "CITATION.cff").read_text("utf-8"))["repository-code"] == moved
    for path in notebooks.lessons(clone / "notebooks"):
        lesson = notebooks.load(path, moved)
        assert [sentence for rule in notebooks.RULES for sentence in rule(lesson)] == []


def test_make_address_refuses_what_is_no_address(clone: Path) -> None:
    run = subprocess.run(
        [sys.executable, clone / ".ci" / "address.py", ""], capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert run.stderr.startswith("make address URL=https://github.com/OWNER/REPOSITORY")
    assert notebooks.repository(clone) == notebooks.repository()


# ---------------------------------------------------------------------------------- README


@pytest.mark.parametrize("file", sorted(path.name for path in ROOT.glob("*.md")))
def test_links_resolve(file: str) -> None:
    assert list(notebooks.broken_links((ROOT / file).read_text("utf-8"), ROOT)) == []


def test_the_readme_holds_the_table_that_the_lessons_make() -> None:
    """`python .ci/notebooks.py --table` prints it."""
    assert notebooks.table() in README


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_commands_named_in_the_text_exist(text: str) -> None:
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)) <= TARGETS
    files = re.findall(r"`((?:\.ci|tests|src|notebooks|binder|benchmarks|docs|\.github)/[\w./-]*)`", text)
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_the_readme_leads_to_the_site_and_to_what_a_release_has_ready() -> None:
    """An instructor without make needs nothing but a browser."""
    site, home = notebooks.site(notebooks.repository()), notebooks.repository()
    assert all(f"]({address})" in README for address in (f"{site}/", f"{site}/teach/", f"{home}/releases"))


def test_the_readme_names_both_commands_and_the_pythons_that_serve() -> None:
    for said in ("make lab", "make test", "uv run jupyter lab", "uv run pytest", *PYTHONS[::2]):
        assert said in README


def test_the_version_is_said_once() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == bs.__version__


def test_both_licences_are_stated() -> None:
    licence = (ROOT / "LICENSE").read_text("utf-8")
    assert "MIT License" in licence
    assert "CC BY 4.0" in licence
    assert PROJECT["project"]["license"] == "MIT AND CC-BY-4.0"
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["license"] == ["MIT", "CC-BY-4.0"]
