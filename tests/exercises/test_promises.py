"""Every record has its cell; and what nbval tries there (`tests/shared/promises.py`) is shown to find faults."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import nbformat
import promises
import pytest
from jupyter_client.manager import run_kernel
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from promises import Trial

import borrowing_strength
from borrowing_strength import exercises as bs
from borrowing_strength.exercises.records import Exercise, Mistake, load_exercises

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

LESSON = '''
import numpy as np
import pymc as pm

from borrowing_strength.exercises.records import Choice, Exercise, Function, Mistake, Model, Number


def model(sd):
    with pm.Model() as built:
        pm.Normal("y", pm.Normal("mu", 0, sd), 1, observed=np.array([1.0, 2.0]))
    return built


def exercise(id, **parts):
    return Exercise(id=id, title="T", purpose="P", answer="x", why="W", hints=("1", "2"), **parts)


EXERCISES = (
    exercise(
        "97.1",
        stub="x = ...",
        solution="made = given + 1; x = made",
        check=Number(lambda: 3.0, abs_tol=0.1),
        mistakes=(
            Mistake("x = given", "Add one.", value=lambda: 2.0),
            Mistake("x = 0", "Zero?", value=lambda: 0.0),
        ),
    ),
    exercise(
        "97.2",
        stub="x = ...",
        solution='x = "b"',
        check=Choice({"a": "A", "b": "B", "c": "C"}, "b", {"a": "No A.", "c": "No C."}),
    ),
    exercise(
        "97.3",
        stub="""with pm.Model() as x:
    mu = pm.Normal("mu", 0, 5)
    ...""",
        solution="""with pm.Model() as x:
    mu = pm.Normal("mu", 0, 5)
    pm.Normal("y", mu, 1, observed=data)""",
        check=Model(lambda: model(5)),
        mistakes=(
            Mistake(
                "with pm.Model() as x:\\n    pm.Normal('mu', 0, 5)",
                "Show it the data.",
                when=lambda model: not model.observed_RVs,
            ),
            Mistake(
                "with pm.Model() as x:\\n    pm.Normal('y', pm.Normal('mu', 0, 25), 1, observed=data)",
                "Variance for sd.",
                value=lambda: model(25),
            ),
        ),
    ),
)
'''


@contextmanager
def course_with(lesson: str, folder: Path) -> Iterator[list[Exercise]]:
    """A lesson's folder outside the package, found by it as if it lay inside."""
    (folder / "adding").mkdir()
    (folder / "adding" / "__init__.py").touch()
    (folder / "adding" / "exercises.py").write_text(lesson, encoding="utf-8")
    borrowing_strength.__path__.insert(0, str(folder))
    load_exercises.cache_clear()
    try:
        yield [record for record in load_exercises().values() if record.lesson == "97"]
    finally:
        borrowing_strength.__path__.remove(str(folder))
        for name in ("adding.exercises", "adding"):
            sys.modules.pop(f"borrowing_strength.{name}", None)
        load_exercises.cache_clear()


def test_a_new_lesson_adds_only_a_file(tmp_path: Path) -> None:
    with course_with(LESSON, tmp_path) as records:
        assert [record.id for record in records] == ["97.1", "97.2", "97.3"]
        assert bs.check("97.1", 3).kind == "right"
    assert "97.1" not in load_exercises()


def test_an_exercise_exists_once(tmp_path: Path) -> None:
    doubled = LESSON + "\nEXERCISES += EXERCISES[:1]"
    with (
        pytest.raises(ValueError, match=r"exercise 97\.1 exists already"),
        course_with(doubled, tmp_path),
    ):
        pass


# ----------------------------------------------------- the proofs, and that they catch what they should


def exercise_cells(notebook: NotebookNode) -> dict[int, str]:
    return {i: cell.metadata["exercise"] for i, cell in enumerate(notebook.cells) if "exercise" in cell.metadata}


def misplaced(notebooks: dict[str, NotebookNode], records: list[Exercise]) -> list[str]:
    """Every record in exactly one cell, every exercise cell with its record's stub, in its lesson."""
    known = {record.id: record for record in records}
    found = [
        (name, notebook.cells[i], exercise_id)
        for name, notebook in notebooks.items()
        for i, exercise_id in exercise_cells(notebook).items()
    ]
    complaints = [
        f"{record.id} is in {count} cells"
        for record in records
        if (count := sum(exercise_id == record.id for *_, exercise_id in found)) != 1
    ]
    for name, cell, exercise_id in found:
        if exercise_id not in known:
            complaints.append(f"{name} asks for {exercise_id}, which does not exist")
        elif cell.source != known[exercise_id].cell(known[exercise_id].stub):
            complaints.append(f"{name}: the cell of {exercise_id} is not its record's stub")
        elif cell.cell_type != "code" or "exercise" not in cell.metadata.get("tags", []):
            complaints.append(f"{name}: the cell of {exercise_id} is not a code cell tagged exercise")
        elif not name.startswith(known[exercise_id].lesson):
            complaints.append(f"{name} holds {exercise_id} of lesson {known[exercise_id].lesson}")
    return complaints


def synthetic_notebook(records: list[Exercise], folder: Path) -> NotebookNode:
    setup = (
        "import borrowing_strength, borrowing_strength.exercises as bs; import pymc as pm; "
        f"borrowing_strength.__path__.append({str(folder)!r})\n"
    )
    cells = [new_code_cell(setup + "given = 2; data = same = [1.0, 2.0]")]
    for record in records:
        metadata = {"tags": ["exercise"], "exercise": record.id}
        cells.append(new_code_cell(record.cell(record.stub), metadata=metadata))
    return new_notebook(cells=cells)


def tried(notebook: NotebookNode, records: dict[str, Exercise]) -> tuple[dict[str, Trial], list[str]]:
    """What came of every exercise in a notebook, and what its other cells said after them."""
    trials, said, above = {}, [], []
    with run_kernel(kernel_name="python3") as kernel:
        for cell in notebook.cells:
            record = records.get(cell.metadata.get("exercise", ""))
            if record is not None:
                promises.prepare(kernel)
            shown = promises.run(kernel, cell.source)
            if record is not None:
                trials[record.id] = promises.attempt(kernel, record, shown, above)
            else:
                above.append(cell.source)
                said += [output.get("evalue") or output.data["text/plain"] for output in shown]
    return trials, said


def test_the_proofs_pass_on_a_sound_lesson_and_fail_on_a_faulty_one(tmp_path: Path) -> None:
    with course_with(LESSON, tmp_path) as records:
        notebook = synthetic_notebook(records, tmp_path)
        sound = {record.id: record for record in records}
        faulty = sound | {
            "97.1": replace(sound["97.1"], solution="x = given"),
            "97.2": replace(sound["97.2"], stub='x = "a"  # ...'),
            "97.3": replace(
                sound["97.3"], mistakes=(Mistake("x = 1", "Unlike this."), Mistake("x = 1 / 0", "Nor this."))
            ),
        }
        cells = ["given + 0", "same", "given = 3; given", "data = [4]; data", "'x' in globals()", "'made' in globals()"]
        notebook.cells += [new_code_cell(source) for source in cells]
        kept, said = tried(notebook, sound)
        notebook.cells[2].source = notebook.cells[2].source.replace("...", '"a"  # ...')
        broken, _ = tried(notebook, faulty)
    assert said == ["this variable was changed by the answer to an exercise", "[]", "3", "[4]", "True", "False"]
    assert {key: promises.broken(sound[key], trial) for key, trial in kept.items()} == {key: [] for key in sound}
    assert "the solution is Outcome(kind='not yet'" in promises.broken(faulty["97.1"], broken["97.1"])[0]
    assert "the untouched stub is Outcome(kind='not yet'" in promises.broken(faulty["97.2"], broken["97.2"])[0]
    assert [text[:12] for text in promises.broken(faulty["97.3"], broken["97.3"])] == ["the mistake "] * 2


def test_misplaced_cells_are_found(tmp_path: Path) -> None:
    with course_with(LESSON, tmp_path) as records:
        sound = synthetic_notebook(records, tmp_path)
        assert misplaced({"97_x": sound}, records) == []
        assert misplaced({"97_x": sound, "97_y": sound}, records)[0] == "97.1 is in 2 cells"
        assert misplaced({}, records[:1]) == ["97.1 is in 0 cells"]
        assert misplaced({"96_x": sound}, records)[0] == "96_x holds 97.1 of lesson 97"
        sound.cells[1].source += " "
        sound.cells[2].metadata["tags"] = []
        sound.cells[3].metadata["exercise"] = "97.9"
        said = " | ".join(misplaced({"97_x": sound}, records))
    assert "97.1 is not its record's stub" in said
    assert "97.2 is not a code cell tagged exercise" in said
    assert "asks for 97.9, which does not exist" in said
    assert "97.3 is in 0 cells" in said


# ------------------------------------------------------------------ the proofs, on every real exercise

RECORDS = list(load_exercises().values())
LESSONS = {path.stem: nbformat.read(path, as_version=4) for path in sorted(NOTEBOOKS.glob("*.ipynb"))}


def test_every_exercise_has_its_cell_and_every_cell_its_exercise() -> None:
    assert misplaced(LESSONS, RECORDS) == []
