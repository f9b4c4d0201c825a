"""`make lesson` writes a lesson that obeys every rule as it is, and refuses what cannot be one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import lesson
import pytest

import notebooks

QUESTION = "When will the next one fail?"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("src", "notebooks", "docs/teach", "tests/exercises", "pyproject.toml"):
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        source = notebooks.ROOT / name
        if source.is_dir():
            shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place)
    return tmp_path


def test_a_new_lesson_obeys_every_rule(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number = len(notebooks.lessons())
    written = lesson.write_lesson("hazards", QUESTION, copy)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(copy / "src"), str(notebooks.ROOT / ".ci")]))
    notebooks.execute(written[-1])
    assert written[-1].name == f"{number:02d}_hazards.ipynb"
    # Links and badges are those of the project; lessons that a link leads to lie in the copy too.
    code = f"import pathlib, notebooks, rules; new = notebooks.load(pathlib.Path({str(written[-1])!r})); "
    code += "print(*(sentence for rule in rules.RULES for sentence in rule(new)), sep=chr(10), end=''); "
    code += "from borrowing_strength.exercises.engine import evaluate; "
    code += "from borrowing_strength.exercises.records import load_exercises; "
    code += f"found = load_exercises()['{number}.1']; print(evaluate(found, 0.25).kind, evaluate(found, 4.0).says)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.startswith("right Turned over")
    tests = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", str(copy / "tests" / "hazards")]
    tried = subprocess.run(tests, cwd=copy, capture_output=True, text=True, check=False).stdout
    assert "3 passed" in tried, tried


@pytest.mark.parametrize(
    ("name", "question", "reason"),
    [
        ("Hazards", QUESTION, "a Python name in small letters"),
        ("", QUESTION, "a Python name in small letters"),
        ("class", QUESTION, "a Python name in small letters"),
        ("mixtures", QUESTION, "already has it"),
        ("calibration", QUESTION, "already has it"),
        ("hazards", "No question", "end with a question mark"),
        ("hazards", "One | two?", "would divide the row"),
    ],
)
def test_what_cannot_be_a_lesson_is_refused(name: str, question: str, reason: str) -> None:
    with pytest.raises(lesson.Refused, match=reason):
        lesson.write_lesson(name, question)
