"""Continuous integration: what runs where, pinned by hash, and what a tag publishes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from project import PROJECT, PYTHONS, needs_make, workflow

import notebooks
import offline
from notebooks import ROOT


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
