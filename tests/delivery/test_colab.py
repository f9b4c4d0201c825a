"""Colab: what the set-up cell of a lesson does there, and nothing elsewhere."""

import importlib.util
import re
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

import notebooks
from borrowing_strength.core import state
from borrowing_strength.course import doctor
from notebooks import ROOT


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
