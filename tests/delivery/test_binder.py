"""Binder: conda, the same environment, the course installed and warm."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version
from project import LOCKED, PROJECT, needs_make

from notebooks import ROOT


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
    locked = {package["name"]: package["version"] for package in LOCKED if "version" in package}
    outside = {name for name, r in asked.items() if Version(locked[name]) not in r.specifier}
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


def test_binder_closes_what_is_left() -> None:
    """The environment's settings: a lesson's kernel stops when its tab is closed. Binder installs them too."""
    settings = Path(sys.prefix) / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    assert json.loads(settings.read_text("utf-8"))["@jupyterlab/notebook-extension:tracker"]["kernelShutdown"] is True
    schema = Path(sys.prefix) / "share/jupyter/lab/schemas/@jupyterlab/notebook-extension/tracker.json"
    assert "kernelShutdown" in json.loads(schema.read_text("utf-8"))["properties"]
