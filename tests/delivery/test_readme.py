"""README and its neighbours: links, tables, commands, versions, licences; and one address, which can be moved."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from project import PROJECT, PYTHONS, README, TARGETS

import borrowing_strength as bs
import notebooks
import rules
from notebooks import ROOT


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
        assert [sentence for rule in rules.RULES for sentence in rule(lesson)] == []


def test_make_address_refuses_what_is_no_address(clone: Path) -> None:
    run = subprocess.run(
        [sys.executable, clone / ".ci" / "address.py", ""], capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert run.stderr.startswith("make address URL=https://github.com/OWNER/REPOSITORY")
    assert notebooks.repository(clone) == notebooks.repository()


@pytest.mark.parametrize("file", sorted(path.name for path in ROOT.glob("*.md")))
def test_links_resolve(file: str) -> None:
    assert list(rules.broken_links((ROOT / file).read_text("utf-8"), ROOT)) == []


def test_the_readme_holds_the_table_that_the_lessons_make() -> None:
    """`python .ci/notebooks.py --table` prints it."""
    assert notebooks.table() in README


@pytest.mark.parametrize(
    "text", [README, (ROOT / "CONTRIBUTING.md").read_text("utf-8")], ids=["README", "CONTRIBUTING"]
)
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
