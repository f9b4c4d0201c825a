"""`borrowing-strength check`: what is read from notebooks, the table of a class, and strangers' code kept apart."""

import csv
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from borrowing_strength.core import state
from borrowing_strength.course import apart, command
from borrowing_strength.course.check import names as names_of
from borrowing_strength.exercises import engine
from borrowing_strength.exercises.feedback import digest
from borrowing_strength.exercises.records import load_exercises

WRONG, RIGHT = load_exercises()["0.1"].listed_mistakes[0].code, load_exercises()["0.1"].solution
FACTS = {"lesson": "00", "minutes": 15, "question": "What?"}


@pytest.fixture(autouse=True)
def apart_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(state.FOLDER_VARIABLE, str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def said(exercise_id: str, source: str, kind: str) -> NotebookNode:
    """What a check leaves in the output of its cell."""
    exercise = load_exercises()[exercise_id]
    verdict = engine.Verdict(kind, says="Another belief was meant.", received="You passed 1.")
    feedback = replace(engine._show(exercise, verdict), cell=digest(source))
    return new_output("display_data", data={"text/html": feedback._repr_html_(), "text/plain": repr(feedback)})


def cell(exercise_id: str = "0.1", body: str = RIGHT, kind: str = "right", tag: bool = True) -> NotebookNode:
    source = load_exercises()[exercise_id].cell(body)
    metadata = {"exercise": exercise_id, "tags": ["exercise"]} if tag else {}
    return new_code_cell(source, metadata=metadata, outputs=[said(exercise_id, source, kind)], execution_count=1)


def stub(exercise_id: str) -> NotebookNode:
    exercise = load_exercises()[exercise_id]
    return new_code_cell(exercise.cell(exercise.stub), metadata={"exercise": exercise_id})


def hand_in(path: Path, *cells: NotebookNode, facts: dict | None = FACTS) -> Path:
    path.parent.mkdir(exist_ok=True)
    metadata = {"borrowing_strength": facts} if facts else {}
    nbformat.write(new_notebook(cells=list(cells), metadata=metadata), path)
    return path


def check(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    code = command.main(["check", *map(str, words)])
    return code, capsys.readouterr().out


def behind(after: NotebookNode) -> NotebookNode:
    """A cell whose check was right and that went on to fail."""
    after.outputs.append(new_output("error", ename="NameError", evalue="no x", traceback=[]))
    return after


def changed(after: NotebookNode) -> NotebookNode:
    after.source = after.source.replace("bs.check", "# another thought\nbs.check")
    return after


def unchecked(after: NotebookNode) -> NotebookNode:
    after.source = RIGHT
    return after


def unrun(after: NotebookNode) -> NotebookNode:
    after.outputs = []
    return after


def twice(after: NotebookNode) -> NotebookNode:
    after.outputs.insert(0, said("0.1", after.source, "not yet"))
    return after


def stopped(after: NotebookNode) -> NotebookNode:
    after.outputs = [new_output("error", ename="NameError", evalue="no x", traceback=[])]
    return after


@pytest.mark.parametrize(
    ("first", "line"),
    [
        (cell(), "✓ 0.1   Right"),
        (cell(tag=False), "✓ 0.1   Right"),
        (behind(cell()), "✓ 0.1   Right"),
        (twice(cell()), "✓ 0.1   Right"),
        (cell(body=WRONG, kind="not yet"), "Another belief was meant."),
        (stub("0.1"), "○ 0.1   Not tried yet"),
        (changed(cell()), "The cell has been changed since it was run."),
        (unchecked(cell()), "The cell no longer ends with its check."),
        (unrun(cell()), "The cell has not been run."),
        (stopped(cell()), "The cell stopped with NameError: no x."),
        (new_code_cell("1"), "· 0.1   Missing"),
    ],
    ids=["right", "no metadata", "error behind", "twice", "wrong", "stub", "changed", "unchecked", "unrun", "stopped"]
    + ["deleted"],
)
def test_each_exercise_is_reported_once(
    first: NotebookNode, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = hand_in(tmp_path / "anna.ipynb", first, cell("0.2", load_exercises()["0.2"].solution))
    code, out = check(capsys, path)
    assert line in out
    assert [out.count(f" {exercise_id} ") for exercise_id in ("0.1", "0.2")] == [1, 1]
    assert code == (0 if "2 of 2" in out else 1)


def test_nothing_is_run_unless_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trap = new_code_cell("open('trap', 'w').write('run')")
    check(capsys, hand_in(tmp_path / "anna.ipynb", trap, cell()))
    assert not (tmp_path / "trap").exists()


def test_a_class_is_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slip = cell(body=WRONG, kind="not yet")
    anna = hand_in(tmp_path / "anna" / "00.ipynb", cell(), stub("0.2"))
    ben = hand_in(tmp_path / "ben" / "00.ipynb", slip, stub("0.2"))
    cem = hand_in(tmp_path / "cem" / "00.ipynb", slip, stub("0.2"))
    broken = tmp_path / "=dora" / "00.ipynb"
    broken.parent.mkdir()
    broken.write_text("{")
    code, out = check(capsys, anna, ben, cem, broken, "--csv", tmp_path / "class.csv")
    assert code == 1
    assert "anna   ✓ 0.1  ○ 0.2" in out
    title = load_exercises()["0.1"].title
    assert out.endswith(f"Most worth discussing:\n  0.1 {title}, 2 learners: You passed 1. Another belief was meant.\n")
    with (tmp_path / "class.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["learner", "right", "0.1", "0.2", "problem"]
    assert rows[1] == ["anna", "1", "right", "not tried", ""]
    assert rows[2][2] == "not yet: You passed 1. Another belief was meant."
    assert rows[4] == ["'=dora", "0", "", "", f"{broken} is not a notebook"]


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["home/ann/my-course/01.ipynb", "home/bob/my-course/01.ipynb"], ["ann", "bob"]),
        (["class/ann.ipynb", "class/bob.ipynb"], ["ann", "bob"]),
        (["ann/01.ipynb", "ann/02.ipynb", "bob/01.ipynb"], ["ann/01", "ann/02", "bob/01"]),
        (["ann/c/01.ipynb", "bob/01.ipynb"], ["ann/c", "bob"]),
        (["01.ipynb"], ["01"]),
    ],
)
def test_a_row_is_called_by_what_tells_it_apart(files: list[str], names: list[str]) -> None:
    assert names_of([Path(file) for file in files]) == names


def test_stars_are_understood_where_the_shell_leaves_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("anna", "[ben]"):
        hand_in(tmp_path / name / "00.ipynb", cell(), stub("0.2"))
    _, out = check(capsys, "*/00.ipynb")
    assert [line.split()[0] for line in out.splitlines()] == ["[ben]", "anna"]
    assert "✓ 0.1" in check(capsys, tmp_path / "[ben]" / "00.ipynb")[1]
    hand_in(tmp_path / "b" / "00.ipynb", stub("0.1"), stub("0.2"))
    assert "✓ 0.1" in check(capsys, "[ben]/00.ipynb")[1]  # and not b's


def test_a_table_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = hand_in(tmp_path / "anna.ipynb", cell())
    assert command.main(["check", str(path), "--csv", str(tmp_path)]) == 1
    assert "cannot be written" in capsys.readouterr().err


STRANGER = """import os, socket
with open(os.path.expanduser("~/mine"), "w") as file: file.write("x")
try: socket.create_connection(("127.0.0.1", int(os.environ.get("PORT", 9))), timeout=5); print("a network")
except OSError as error: print(type(error).__name__)
print("SECRET" in os.environ)"""


def has_fence() -> bool:
    try:
        return bool(apart._fence())
    except apart.CourseError:
        return False


needs_fence = pytest.mark.skipif(not has_fence(), reason="nothing here shuts the network out; the refusal is tested")


@needs_fence
def test_strangers_code_is_kept_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SECRET", "password")
    before = set(Path.home().iterdir())
    ready = new_code_cell("import borrowing_strength as bs")
    path = hand_in(tmp_path / "anna.ipynb", ready, new_code_cell(STRANGER), cell(body=WRONG), stub("0.2"))
    code, out = check(capsys, path, "--run")
    assert out.startswith("Running the code of these notebooks, which you did not write")
    assert code == 1
    assert "↻ 0.1   Not yet" in out
    assert set(Path.home().iterdir()) == before
    assert not (tmp_path / "state").exists()
    ran = apart.execute_apart(nbformat.read(path, as_version=4), tmp_path, 120)
    assert ran.cells[1].outputs[0].text.splitlines() == ["OSError", "False"]


@needs_fence
def test_limits_end_what_does_not_end(tmp_path: Path) -> None:
    endless = new_notebook(cells=[new_code_cell("while True: pass")])
    with pytest.raises(apart.CourseError, match="stopped after 8 seconds"):
        apart.execute_apart(endless, tmp_path, 8)
    greedy = new_notebook(cells=[new_code_cell("x = bytearray(10**11)"), new_code_cell("print('alive')")])
    ran = apart.execute_apart(greedy, tmp_path, 120)
    assert ran.cells[0].outputs[0].ename == "MemoryError"


def test_without_a_fence_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart.shutil, "which", lambda name: None)
    with pytest.raises(apart.CourseError, match="this system cannot shut the network out"):
        apart.execute_apart(new_notebook(), tmp_path, 8)
