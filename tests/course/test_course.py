"""The command `borrowing-strength`, on a lesson made up for the purpose."""

import inspect
import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from borrowing_strength.core import state
from borrowing_strength.course import command as course
from borrowing_strength.course import doctor, listing, notebooks
from borrowing_strength.course.check import read_kind
from borrowing_strength.exercises import engine, records
from borrowing_strength.exercises.records import Exercise, Mistake, Number

FACTS = {"lesson": "97", "minutes": 15, "question": "What is two and one?"}


def made_up(exercise_id: str, solution: str) -> Exercise:
    return Exercise(
        id=exercise_id,
        title=f"Title {exercise_id}",
        purpose="P",
        stub="x = ...",
        answer="x",
        solution=solution,
        why="Because.",
        hints=("1", "2"),
        check=Number(lambda: 3.0, abs_tol=0.1),
        mistakes=(
            Mistake("x = 2", "Add one.", value=lambda: 2.0),
            Mistake("x = 4", "Only one.", value=lambda: 4.0),
        ),
    )


# The kernel of a test runs this first: it knows the same made-up exercises as the test itself.
SETUP = f"""from borrowing_strength import exercises as bs
from borrowing_strength.exercises import engine
from borrowing_strength.exercises.records import Exercise, Mistake, Number
{inspect.getsource(made_up)}
engine.load_exercises = lambda: {{"97.1": made_up("97.1", "x = 3"), "97.2": made_up("97.2", "x = 6 / 2")}}"""


@pytest.fixture(autouse=True)
def two_exercises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Exercise]:
    known = {"97.1": made_up("97.1", "x = 3"), "97.2": made_up("97.2", "x = 6 / 2")}
    for module in (engine, notebooks, listing, records):
        monkeypatch.setattr(module, "load_exercises", lambda: known)
    monkeypatch.setenv(state.FOLDER_VARIABLE, str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return known


STRAY = nbformat.writes(new_notebook(cells=[new_markdown_cell(metadata={"exercise": "9.9"})]))


def exercise_cell(record: Exercise, body: str) -> NotebookNode:
    return new_code_cell(record.cell(body), metadata={"tags": ["exercise"], "exercise": record.id})


def write_lesson(folder: Path, first: str, second: str, known: dict[str, Exercise]) -> Path:
    cells = [
        new_markdown_cell("# 97. A lesson\n\nText"),
        new_code_cell(SETUP),
        exercise_cell(known["97.1"], first),
        new_code_cell("open('beside.txt').read()"),
        exercise_cell(known["97.2"], second),
    ]
    folder.mkdir(exist_ok=True)
    (folder / "beside.txt").write_text("A kernel starts in the folder of its notebook.", encoding="utf-8")
    path = folder / "97_adding.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"borrowing_strength": FACTS}), path)
    return path


@pytest.fixture
def lesson(tmp_path: Path, two_exercises: dict[str, Exercise]) -> Path:
    return write_lesson(tmp_path / "notebooks", "x = ...", "x = ...", two_exercises)


def cells_of(path: Path) -> list[NotebookNode]:
    return nbformat.read(path, as_version=4).cells


# ----------------------------------------------------------------------------------------------- solve


def test_solve_writes_an_executed_copy_with_reasons(lesson: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = lesson.read_bytes()
    assert course.main(["solve", str(lesson)]) == 0
    target = lesson.with_name("97_adding_solved.ipynb")
    assert capsys.readouterr().out == f"{target}\n"
    cells = cells_of(target)
    assert cells[2].source == 'x = 3\nbs.check("97.1", x)'
    assert read_kind(cells[2].outputs[0].data["text/plain"]) == ("97.1", "right")
    assert (cells[3].cell_type, cells[3].source) == ("markdown", "**Why:** Because.")
    assert cells[5].source == 'x = 6 / 2\nbs.check("97.2", x)'
    assert lesson.read_bytes() == before
    nbformat.validate(nbformat.read(target, as_version=4))


def test_solving_leaves_the_users_progress_alone(lesson: Path, tmp_path: Path) -> None:
    course.main(["solve", str(lesson)])
    assert not (tmp_path / "state").exists()


def test_solve_without_running_into_another_folder(lesson: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "place" / "97_adding_solved.ipynb"
    words = ["solve", "--no-execute", "--output-dir", str(target.parent), str(lesson)]
    assert course.main(words) == 0
    first = target.read_bytes()
    assert all(not cell.get("outputs") for cell in json.loads(first)["cells"])
    course.main(words)
    assert target.read_bytes() == first


@pytest.mark.parametrize("changed", [True, False])
def test_solve_overwrites_only_what_it_wrote(lesson: Path, changed: bool, capsys: pytest.CaptureFixture[str]) -> None:
    target = lesson.with_name("97_adding_solved.ipynb")
    if changed:
        course.main(["solve", "--no-execute", str(lesson)])
    content = target.read_text().replace("Because.", "My own words.") if changed else lesson.read_text()
    target.write_text(content)
    assert course.main(["solve", "--no-execute", str(lesson)]) == 1
    assert "has been changed, or was not written by solve" in capsys.readouterr().err
    assert target.read_text() == content


def test_a_solved_copy_holds_no_output_of_anybody_else(lesson: Path) -> None:
    notebook = nbformat.read(lesson, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("display_data", {"text/html": "<script>alert(1)</script>"})]
    nbformat.write(notebook, lesson)
    course.main(["solve", "--no-execute", str(lesson)])
    assert "<script>" not in lesson.with_name("97_adding_solved.ipynb").read_text()


def test_solve_fails_when_a_solution_is_wrong(
    lesson: Path, two_exercises: dict[str, Exercise], capsys: pytest.CaptureFixture[str]
) -> None:
    two_exercises["97.1"] = made_up("97.1", "x = 2")
    assert course.main(["solve", str(lesson)]) == 1
    assert "the solution of exercise 97.1 is not yet. You passed 2. Add one." in capsys.readouterr().err


def test_solve_says_where_a_notebook_stops(
    lesson: Path, two_exercises: dict[str, Exercise], capsys: pytest.CaptureFixture[str]
) -> None:
    two_exercises["97.1"] = made_up("97.1", "x = 1 / 0")
    assert course.main(["solve", str(lesson)]) == 1
    said = capsys.readouterr().err
    assert said == "borrowing-strength: the notebook stopped with ZeroDivisionError: division by zero\n"


# ------------------------------------------------------------------------------ errors in one sentence


@pytest.mark.parametrize("command", ["check", "solve"])
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "there is no file x.ipynb"),
        ("not json", "x.ipynb is not a notebook"),
        ("[]", "x.ipynb is not a notebook"),
        ("\ufeff{}", "x.ipynb is not a notebook: it begins with a byte-order mark; save it as UTF-8 without one"),
        (
            '{\n<<<<<<< HEAD\n"a": 1',
            "x.ipynb is not a notebook: it holds the marks of a merge conflict, <<<<<<<; choose one side",
        ),
        ("{}".encode("utf-16"), "x.ipynb is not a notebook: it is in UTF-16; save it as UTF-8"),
        (STRAY, "cell 0 asks for exercise 9.9, which does not exist"),
    ],
)
def test_an_error_is_one_sentence(
    command: str, content: str | bytes | None, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "x.ipynb").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert course.main([command, "x.ipynb"]) == 1
    assert capsys.readouterr().err == f"borrowing-strength: {sentence}\n"


def test_nothing_to_check_and_nowhere_to_write(
    lesson: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nbformat.write(new_notebook(), tmp_path / "empty.ipynb")
    assert course.main(["check", "empty.ipynb"]) == 1
    assert course.main(["solve", "--no-execute", "--output-dir", "empty.ipynb", str(lesson)]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "borrowing-strength: empty.ipynb holds no exercise"
    assert "cannot be written" in said[1]


def test_without_a_kernel_the_doctor_is_recommended(
    lesson: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(notebooks, "KERNEL", "no-such-kernel")
    assert course.main(["solve", str(lesson)]) == 1
    assert capsys.readouterr().err.endswith("knows no kernel no-such-kernel; run `borrowing-strength doctor`\n")


def test_help_lists_the_commands() -> None:
    entry = [sys.executable, "-c", "import sys; from borrowing_strength.course import main; sys.exit(main())"]
    shown = subprocess.run([*entry, "--help"], capture_output=True, text=True, check=True).stdout
    assert all(command in shown for command in ("start", "list", "solve", "check", "doctor"))
    assert subprocess.run(entry, capture_output=True, check=False).returncode == 2
    assert metadata.entry_points(group="console_scripts")["borrowing-strength"].load() is course.main


# ------------------------------------------------------------------------------------------------ list


def test_list_joins_notebooks_records_and_progress(lesson: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (lesson.parent / "98_broken.ipynb").write_text("{", encoding="utf-8")
    engine.check("97.2", 3)
    assert course.main(["list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Lesson 97 A lesson, 15 minutes: 1 of 2 exercises right",
        "  What is two and one?",
        "  ○ 97.1  Title 97.1",
        "  ✓ 97.2  Title 97.2",
        "1 lesson, 15 minutes: 1 of 2 exercises right",
    ]


def test_lessons_are_found_from_inside_their_folder_and_below(lesson: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (lesson.parent / "deeper").mkdir()
    for place in (lesson.parents[1], lesson.parent, lesson.parent / "deeper"):
        monkeypatch.chdir(place)
        assert listing.notebooks_folder() == lesson.parent


def test_without_notebooks_the_records_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(listing, "notebooks_folder", lambda: None)
    assert course.main(["list"]) == 0
    assert capsys.readouterr().out.startswith("Lesson 97: 0 of 2 exercises right\n  ○ 97.1  Title 97.1\n")


# ---------------------------------------------------------------------------------------------- doctor


def test_the_doctor_finds_this_installation_well(lesson: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = course.main(["doctor"])
    said = capsys.readouterr().out
    assert (code, said.count("OK  "), said.count("FAIL")) == (0, 9, 0), said


@pytest.mark.parametrize("where", ["Binder", "Google Colab"])
def test_the_doctor_says_where_progress_ends_with_the_session(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], where: str
) -> None:
    doctor.ready()
    assert "session" not in capsys.readouterr().out
    if where == "Binder":
        monkeypatch.setenv("BINDER_LAUNCH_HOST", "https://mybinder.org/")
    else:
        monkeypatch.setitem(sys.modules, "google.colab", object())
    doctor.ready()
    assert f"This is {where}: your answers and your progress end with the session" in capsys.readouterr().out
    course.main(["doctor"])
    assert f"until this session on {where} ends" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("patch", "cure"),
    [
        (("sys.version_info", (3, 9, 1)), "needs Python"),
        (("borrowing_strength.course.doctor.metadata.version", lambda name: "0.0.1"), "0.0.1 is installed: install"),
        (
            ("borrowing_strength.course.doctor.metadata.requires", lambda name: ["no-such-package>=1"]),
            "Install no-such-package",
        ),
        (("borrowing_strength.course.doctor.KERNEL", "no-such-kernel"), "ipykernel install"),
        (("borrowing_strength.course.doctor.notebooks_folder", lambda: None), "clone of the repository"),
        (("borrowing_strength.course.doctor._free_memory", lambda: 2**20), "Close other programs"),
        (("ipywidgets.IntSlider", None), "Install ipywidgets again"),
    ],
)
def test_the_doctor_names_the_cure(
    lesson: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], patch: tuple, cure: str
) -> None:
    monkeypatch.setattr(*patch)
    assert course.main(["doctor"]) == 1
    failed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("FAIL")]
    assert len(failed) == 1
    assert cure in failed[0]


def test_the_doctor_recognises_the_kernel_of_another_python(
    lesson: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = {
        "argv": [str(tmp_path / "python"), "-m", "ipykernel_launcher"],
        "display_name": "Stray",
        "language": "python",
    }
    (tmp_path / "kernels" / "python3").mkdir(parents=True)
    (tmp_path / "kernels" / "python3" / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assert course.main(["doctor"]) == 1
    assert "FAIL  Kernel: python3 runs" in capsys.readouterr().out


def test_the_doctor_sees_packages_that_do_not_start_and_folders_that_cannot_be_written(
    lesson: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pymc", None)
    monkeypatch.setenv(state.FOLDER_VARIABLE, str(lesson))
    assert course.main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "`make setup`" in said
    assert "set BORROWING_STRENGTH_STATE" in said
    assert os.environ[state.FOLDER_VARIABLE] in said


def test_a_reader_who_stops_reading_is_no_error(tmp_path: Path) -> None:
    """As in `borrowing-strength list | head -1`."""
    code = "import sys; from borrowing_strength.course import main; sys.exit(main(['list']))"
    command = f'"{sys.executable}" -c "{code}" | head -c 1'
    said = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=tmp_path)
    assert said.stderr == ""


def test_home_is_found_and_nothing_is_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert course.main(["start", "~/mine"]) == 0
    assert (tmp_path / "mine").is_dir()
    assert course.main(["start", ""]) == 1
    assert "name a folder" in capsys.readouterr().err
