"""Every record keeps its promises in its notebook: the stub, the solution and every mistake in its place."""

import copy
import functools
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
import pytest
import rebinding
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

import borrowing_strength
from borrowing_strength import exercises as bs
from borrowing_strength.course.check import read_kind
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
        solution="x = given + 1",
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


# --------------------------------------------------------------- the proofs: notebooks against records


@dataclass(frozen=True)
class Outcome:
    """What a cell said in the notebook: the kind of feedback (or "error") and the text."""

    kind: str
    text: str


@dataclass(frozen=True)
class Trial:
    """Everything that was tried in the place of one exercise."""

    stub: Outcome
    solution: Outcome
    mistakes: tuple[Outcome, ...]


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


@dataclass
class Run:
    """What came of a notebook: of each exercise, and of the cells whose output is not the stored one."""

    trials: dict[str, Trial]
    other: list[str]


def try_everything(notebook: NotebookNode, folder: Path, records: dict[str, Exercise]) -> Run:
    """Run a notebook once; at each exercise the stub, the solution, every mistake, the solution again.

    The first solution meets only what an honest reader has run before it; the second leaves the kernel as
    the solved notebook would. Then every variable of the lesson that a right answer may change is spoilt, before the
    lesson goes on: its own cells must give what is stored.
    """
    client = NotebookClient(
        # The client puts whatever it runs into the notebook it was given.
        copy.deepcopy(notebook),
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    found, above = Run({}, []), []
    with client.setup_kernel():
        client.execute_cell(new_code_cell(f"_kept = {{}}\n{rebinding.SPOIL}"), 0)
        for i, cell in enumerate(notebook.cells):
            record = records.get(cell.metadata.get("exercise", ""))
            if record is not None:
                client.execute_cell(new_code_cell("_back = restore(globals(), _kept)"), i)
                found.trials[record.id] = _try_exercise(client, i, record)
                names = sorted(rebinding.touched(rebinding.answers(record), above))
                client.execute_cell(new_code_cell(f"spoil(_back.union({names}), globals(), _kept)"), i)
            elif cell.cell_type == "code":
                above.append(cell.source)
                found.other += _other_output(client, i, cell)
    return found


def _other_output(client: NotebookClient, position: int, cell: NotebookNode) -> Iterator[str]:
    try:
        ran = client.execute_cell(copy.deepcopy(cell), position)
    except CellExecutionError as error:
        yield f"cell {position} ended in {error.ename}: {error.evalue}"
        return
    said, stored = _printed(ran), _printed(cell)
    if said != stored and "nbval-ignore-output" not in cell.metadata.get("tags", []):
        yield f"cell {position} says {said!r} instead of {stored!r}"


def _printed(cell: NotebookNode) -> str:
    streams = (output.text for output in cell.outputs if output.output_type == "stream" and output.name == "stdout")
    values = (output.data.get("text/plain", "") for output in cell.outputs if "data" in output)
    return re.sub("0x[0-9a-f]+", "", "".join((*streams, *values)))


def _try_exercise(client: NotebookClient, position: int, record: Exercise) -> Trial:
    def run(body: str) -> Outcome:
        cell = new_code_cell(record.cell(body), metadata={"tags": ["raises-exception"]})
        return _outcome(client.execute_cell(cell, position), record.id)

    stub, solution = run(record.stub), run(record.solution)
    mistakes = tuple(run(mistake.code) for mistake in record.listed_mistakes)
    again = run(record.solution)
    return Trial(stub, again if solution.kind == "right" else solution, mistakes)


def _outcome(cell: NotebookNode, exercise_id: str) -> Outcome:
    for output in cell.outputs:
        if output.output_type == "error":
            return Outcome("error", f"{output.ename}: {output.evalue}")
    for output in cell.outputs:
        text = output.get("data", {}).get("text/plain", "")
        found = read_kind(text)
        if found is not None and found[0] == exercise_id:
            return Outcome(found[1], text)
    return Outcome("silent", str(cell.outputs))


def broken_promises(record: Exercise, trial: Trial) -> list[str]:
    """What an exercise promises and does not keep."""
    complaints = []
    if trial.stub.kind != "not tried" or "\n" in trial.stub.text:
        complaints.append(f"the untouched stub is {trial.stub}")
    if trial.solution.kind != "right":
        complaints.append(f"the solution is {trial.solution}")
    for mistake, outcome in zip(record.listed_mistakes, trial.mistakes, strict=True):
        if outcome.kind != "not yet" or mistake.says not in outcome.text:
            complaints.append(f"the mistake {mistake.code!r} is {outcome}")
    if len({mistake.says for mistake in record.listed_mistakes}) < len(record.listed_mistakes):
        complaints.append("two mistakes share a diagnosis")
    return complaints


# ----------------------------------------------------- the proofs are proven to catch what they should


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
        cells = {"print(given)": "2", "same": "[1.0, 2.0]", "given = 3; given": "3", "data = [4]; data": "[4]"}
        for source, stored in cells.items():
            output = new_output("execute_result", {"text/plain": stored})
            notebook.cells.append(new_code_cell(source, outputs=[output]))
        run = try_everything(notebook, tmp_path, sound)
        kept, broken = run.trials, try_everything(notebook, tmp_path, faulty).trials
    assert [complaint[:22] for complaint in run.other] == ["cell 4 ended in Runtim", "cell 5 says '[]' inste"]
    assert {key: broken_promises(sound[key], trial) for key, trial in kept.items()} == {key: [] for key in sound}
    assert "the solution is Outcome(kind='not yet'" in broken_promises(faulty["97.1"], broken["97.1"])[0]
    assert "the untouched stub is Outcome(kind='not yet'" in broken_promises(faulty["97.2"], broken["97.2"])[0]
    assert [text[:12] for text in broken_promises(faulty["97.3"], broken["97.3"])] == ["the mistake "] * 2


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


@functools.cache
def run_of(name: str) -> Run:
    return try_everything(LESSONS[name], NOTEBOOKS, load_exercises())


def test_every_exercise_has_its_cell_and_every_cell_its_exercise() -> None:
    assert misplaced(LESSONS, RECORDS) == []


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_exercise_keeps_its_promises(record: Exercise) -> None:
    name = next(name for name, notebook in LESSONS.items() if record.id in exercise_cells(notebook).values())
    assert broken_promises(record, run_of(name).trials[record.id]) == []


@pytest.mark.parametrize("name", LESSONS)
def test_the_lesson_stays_as_stored_whatever_the_answers_changed(name: str) -> None:
    assert run_of(name).other == []
