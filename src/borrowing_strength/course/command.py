"""The command ``borrowing-strength``: start, list, solve and check lessons, and examine the installation."""

import argparse
import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from borrowing_strength.course import folder as lesson_folder
from borrowing_strength.course.folder import lesson_files
from borrowing_strength.exercises import engine, tally
from borrowing_strength.exercises.feedback import TONES, read_kind
from borrowing_strength.exercises.records import Exercise, load_exercises

KERNEL = "python3"


class CourseError(Exception):
    """Something the user can put right; the message is one sentence."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : list of str, optional
        The words after the command's name; by default those of the command line.

    Returns
    -------
    int
        The exit code: 0 if all is well.
    """
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        # A Windows console with an old code page must not stop at a tick.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        return options.run(options)
    except CourseError as error:
        print(f"borrowing-strength: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="borrowing-strength",
        description="Hierarchical Bayes for experiments, in notebooks that check your work.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")

    def add(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    start = add("start", _begin, "Copy the lessons into a folder of your own; later, bring what is new.")
    start.add_argument("folder", type=Path, metavar="FOLDER")
    add("list", _list, "Show the lessons, their minutes, their exercises and your progress.")
    solve = add("solve", _solve, "Write the instructor's copy of a lesson: every exercise solved, and executed.")
    solve.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    solve.add_argument("--output-dir", type=Path, help="where to write NAME_solved.ipynb (default: beside NAME)")
    solve.add_argument("--no-execute", action="store_true", help="fill in the solutions without running them")
    check = add("check", _check, "Run a copy of a learner's notebook and report every exercise.")
    check.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    add("doctor", _doctor, "Examine the installation: a line for each requirement.")
    return parser


def read_notebook(path: Path) -> Any:
    """Read a notebook.

    Parameters
    ----------
    path : pathlib.Path
        An ``.ipynb`` file.

    Returns
    -------
    nbformat.NotebookNode
        The notebook, in format 4.

    Raises
    ------
    CourseError
        If there is no such file, or it is not a notebook.
    """
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise CourseError(f"there is no file {path}") from None
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}") from None
    except Exception:
        raise CourseError(f"{path} is not a notebook") from None


def exercise_cells(notebook: Any) -> Iterator[tuple[int, Exercise]]:
    """Find the exercises of a notebook.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook.

    Yields
    ------
    tuple of int and Exercise
        The position of the cell and the exercise that its metadata name.

    Raises
    ------
    CourseError
        If a cell names an exercise that does not exist.
    """
    for position, cell in enumerate(notebook.cells):
        if "exercise" not in cell.metadata:
            continue
        exercise_id = str(cell.metadata["exercise"])
        if exercise_id not in load_exercises():
            raise CourseError(f"cell {position} asks for exercise {exercise_id}, which does not exist")
        yield position, load_exercises()[exercise_id]


def solve(notebook: Any) -> Any:
    """Fill the solution into every exercise cell and set the reason below it.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        A lesson; changed in place.

    Returns
    -------
    nbformat.NotebookNode
        The same notebook.
    """
    import nbformat

    for position, exercise in reversed(list(exercise_cells(notebook))):
        cell = notebook.cells[position]
        cell.source = exercise.cell(exercise.solution)
        cell.outputs, cell.execution_count = [], None
        # A cell id made from the exercise's keeps the copy the same from one run to the next.
        reason = nbformat.v4.new_markdown_cell(f"**Why:** {exercise.why}", id=f"why-{exercise.id.replace('.', '-')}")
        notebook.cells.insert(position + 1, reason)
    return notebook


def execute(notebook: Any, folder: Path, allow_errors: bool = False) -> Any:
    """Run a notebook from top to bottom, without touching the user's progress.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Changed in place.
    folder : pathlib.Path
        Where the kernel starts.
    allow_errors : bool
        Go on after a cell that raises.

    Returns
    -------
    nbformat.NotebookNode
        The same notebook, with its outputs.

    Raises
    ------
    CourseError
        If there is no kernel, or a cell raises and that is not allowed.
    """
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    client = NotebookClient(
        notebook,
        timeout=None,
        kernel_name=KERNEL,
        allow_errors=allow_errors,
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        with tempfile.TemporaryDirectory() as scratch:
            client.execute(env=os.environ | {tally.FOLDER_VARIABLE: scratch})
    except NoSuchKernel:
        raise CourseError(f"Jupyter knows no kernel {KERNEL}; run `borrowing-strength doctor`") from None
    except DeadKernelError:
        raise CourseError("the kernel died while running the notebook; is there enough memory?") from None
    except CellExecutionError as error:
        raise CourseError(f"the notebook stopped with {_first_line(error.ename, error.evalue)}") from None
    return notebook


def _first_line(name: str, message: str) -> str:
    return f"{name}: {message.strip().splitlines()[0]}" if message.strip() else name


@dataclass(frozen=True)
class Report:
    """What became of one exercise in an executed notebook.

    Attributes
    ----------
    exercise : Exercise
        The exercise.
    kind : str
        ``"right"``, ``"not yet"`` or ``"not tried"``.
    says : str
        The diagnosis, in one line.
    """

    exercise: Exercise
    kind: str
    says: str = ""


def report(notebook: Any) -> list[Report]:
    """Read from an executed notebook what became of its exercises.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        With the outputs of a run.

    Returns
    -------
    list of Report
        In the order of the notebook.
    """
    return [_report_cell(notebook.cells[position], exercise) for position, exercise in exercise_cells(notebook)]


def _report_cell(cell: Any, exercise: Exercise) -> Report:
    for output in cell.outputs:
        if output.output_type == "error":
            return Report(exercise, "not yet", f"The cell stopped with {_first_line(output.ename, output.evalue)}.")
    texts = [output.data.get("text/plain", "") for output in cell.outputs if "data" in output]
    for text in texts:
        found = read_kind(text)
        if found is not None and found[0] == exercise.id:
            diagnosis = " ".join(text.splitlines()[1:-1]) if found[1] == "not yet" else ""
            return Report(exercise, found[1], diagnosis)
    return Report(exercise, "not yet", "The cell no longer ends with its check.")


def _solve(options: argparse.Namespace) -> int:
    failures = 0
    for path in options.notebooks:
        notebook = solve(read_notebook(path))
        target = (options.output_dir or path.parent) / f"{path.stem}_solved.ipynb"
        if not options.no_execute:
            execute(notebook, path.parent)
            failures += _name_failures(path, report(notebook))
        _write(notebook, target)
        print(target)
    return 1 if failures else 0


def _name_failures(path: Path, reports: list[Report]) -> int:
    failed = [item for item in reports if item.kind != "right"]
    for item in failed:
        print(
            f"{path.name}: the solution of exercise {item.exercise.id} is {item.kind}. {item.says}",
            file=sys.stderr,
        )
    return len(failed)


def _write(notebook: Any, target: Path) -> None:
    import nbformat

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)
    except OSError as error:
        raise CourseError(f"{target} cannot be written: {error.strerror}") from None


def _check(options: argparse.Namespace) -> int:
    notebook = read_notebook(options.notebook)
    if not list(exercise_cells(notebook)):
        raise CourseError(f"{options.notebook} holds no exercise")
    reports = report(execute(notebook, options.notebook.parent, allow_errors=True))
    for item in reports:
        tone = TONES[item.kind]
        print(f"{tone.sign} {item.exercise.id:5} {tone.word:13} {item.exercise.title}")
        if item.says:
            print(f"{'':8}{item.says}")
    right = sum(item.kind == "right" for item in reports)
    print(f"{right} of {len(reports)} exercises right")
    return 0 if right == len(reports) else 1


def _begin(options: argparse.Namespace) -> int:
    folder = options.folder
    if folder.resolve() == lesson_folder.published_folder():
        raise CourseError(f"{folder} holds the lessons themselves; name another folder")
    try:
        brought = lesson_folder.bring(folder)
    except OSError as error:
        raise CourseError(f"{folder} cannot be written: {error.strerror}") from None
    for lesson in brought:
        print(_BROUGHT[lesson.kind].format(lesson.name, beside=lesson.beside))
    lab = "" if find_spec("jupyterlab") else " (first: pip install jupyterlab)"
    print(f'{_count(len(brought), "lesson")}. Open with: jupyter lab "{folder}"{lab}')
    return 0


_BROUGHT = {
    "new": "brought    {}",
    "updated": "updated    {}",
    "the same": "the same   {}",
    "yours": "yours      {} (you have changed it, and there is nothing newer)",
    "beside": "yours      {} (you have changed it; the new version is in `{beside}`)",
}


@dataclass(frozen=True)
class Lesson:
    """What `list` shows of a lesson.

    Attributes
    ----------
    number : str
        Two digits.
    exercises : list of Exercise
        In the order of the lesson.
    minutes : int or None
        How long it takes; None without its notebook.
    question : str
        The question it answers; empty without its notebook.
    title : str
        Its heading; empty without its notebook.
    """

    number: str
    exercises: list[Exercise]
    minutes: int | None = None
    question: str = ""
    title: str = ""


def notebooks_folder() -> Path | None:
    """Find the lessons: here, in a folder ``notebooks`` here or above, or those that came with the package.

    Returns
    -------
    pathlib.Path or None
        The folder, or None if there is none.
    """
    here = Path.cwd()
    places = [here, *(folder / "notebooks" for folder in (here, *here.parents)), lesson_folder.published_folder()]
    return next((place for place in places if lesson_files(place)), None)


def lessons() -> list[Lesson]:
    """Collect the lessons from their notebooks, and from the records where there is no notebook.

    Returns
    -------
    list of Lesson
        In the order of their numbers.
    """
    found = {number: Lesson(number, _exercises_of(number)) for number in {e.lesson for e in load_exercises().values()}}
    folder = notebooks_folder()
    for path in lesson_files(folder) if folder else ():
        facts = _facts(path)
        if "lesson" in facts:
            number = str(facts["lesson"])
            said = facts.get("minutes"), facts.get("question", ""), facts["title"]
            found[number] = Lesson(number, _exercises_of(number), *said)
    return [found[number] for number in sorted(found)]


def _exercises_of(number: str) -> list[Exercise]:
    return [exercise for exercise in load_exercises().values() if exercise.lesson == number]


def _facts(path: Path) -> dict[str, Any]:
    # Plain JSON: a list should not wait for nbformat, nor stop at a notebook that is half saved.
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        heading = re.match(r"# (?:\d+\. )?(.+)", "".join(notebook["cells"][0]["source"]))
        return dict(notebook["metadata"]["borrowing_strength"]) | {"title": heading[1].strip() if heading else ""}
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def _list(options: argparse.Namespace) -> int:
    shown, right, minutes = lessons(), 0, 0
    for lesson in shown:
        kinds = [engine.status(exercise) for exercise in lesson.exercises]
        title = f" {lesson.title}" if lesson.title else ""
        time = f", {lesson.minutes} minutes" if lesson.minutes else ""
        print(f"Lesson {lesson.number}{title}{time}: {kinds.count('right')} of {len(kinds)} exercises right")
        if lesson.question:
            print(f"  {lesson.question}")
        for exercise, kind in zip(lesson.exercises, kinds, strict=True):
            print(f"  {TONES[kind].sign} {exercise.id:5} {exercise.title}")
        right, minutes = right + kinds.count("right"), minutes + (lesson.minutes or 0)
    exercises = sum(len(lesson.exercises) for lesson in shown)
    print(f"{_count(len(shown), 'lesson')}, {minutes} minutes: {right} of {exercises} exercises right")
    return 0


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _doctor(options: argparse.Namespace) -> int:
    healthy = True
    for name, examine in _EXAMINATIONS:
        finding, cure = examine()
        healthy = healthy and not cure
        print(f"{'FAIL' if cure else 'OK  '}  {name}: {finding}{'. ' + cure if cure else ''}")
    return 0 if healthy else 1


def ready() -> None:
    """Print one line: whether this Python has what the lessons need, or what to do about it."""
    needed = {"Python", "Packages", "PyMC", "Widgets"}
    findings = {name: examine() for name, examine in _EXAMINATIONS if name in needed}
    problems = [f"{name}: {finding}. {cure}" for name, (finding, cure) in findings.items() if cure]
    print("\n".join(problems) or "Everything that the lessons need is here.")


Finding = tuple[str, str]
"""What was found, and what to do about it (nothing, if it is well)."""


def _examine_python() -> Finding:
    from packaging.specifiers import SpecifierSet

    wanted = metadata.metadata("borrowing-strength")["Requires-Python"]
    version = ".".join(map(str, sys.version_info[:3]))
    fits = SpecifierSet(wanted).contains(version, prereleases=True)
    return version, "" if fits else f"This course needs Python {wanted}"


def _examine_packages() -> Finding:
    from packaging.requirements import Requirement

    complaints, good = [], 0
    for requirement in map(Requirement, metadata.requires("borrowing-strength") or ()):
        problem = _package_problem(requirement)
        good += not problem
        complaints += [problem] if problem else []
    return f"{good} as required", "; ".join(complaints)


def _package_problem(requirement: Any) -> str:
    """Say what is wrong with an installed package, nothing if it serves."""
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return f"Install {requirement}"
    fits = requirement.specifier.contains(version, prereleases=True)
    return "" if fits else f"{requirement.name} {version} is installed: install {requirement}"


def _examine_imports() -> Finding:
    try:
        import arviz  # noqa: F401
        import pymc
    except Exception as error:
        return (
            f"{type(error).__name__}: {error}",
            "Set the environment up again, with `make setup` or `uv sync`",
        )
    return f"PyMC {pymc.__version__} starts", ""


def _examine_kernel() -> Finding:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    cure = "Run `python -m ipykernel install --sys-prefix` with the Python of this course"
    try:
        command = Path(KernelSpecManager().get_kernel_spec(KERNEL).argv[0])
    except NoSuchKernel:
        return f"Jupyter knows no kernel {KERNEL}", cure
    # A kernel of the same name left by another installation would not find this package.
    foreign = command.is_absolute() and command.parent != Path(sys.executable).parent
    return (f"{KERNEL} runs {command}, another Python", cure) if foreign else (f"{KERNEL} runs this Python", "")


def _examine_widgets() -> Finding:
    try:
        from ipywidgets import IntSlider

        IntSlider(10).close()
    except Exception as error:
        return f"{type(error).__name__}: {error}", "Install ipywidgets again"
    return "sliders can be made", ""


def _examine_state() -> Finding:
    cure = "Progress lasts one session only: set BORROWING_STRENGTH_STATE to a folder you can write to"
    return str(tally.folder()), "" if tally.writable() else cure


def _examine_memory() -> Finding:
    free = _free_memory()
    if free is None:
        return "not known on this system", ""
    # One PyMC kernel with four chains peaks at about 415 MB.
    return (
        f"{free / 2**30:.1f} GB free",
        "" if free > 600 * 2**20 else "Close other programs: a lesson needs 0.6 GB",
    )


def _free_memory() -> int | None:
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
        return int(re.search(r"MemAvailable:\s+(\d+) kB", text)[1]) * 1024  # type: ignore[index]
    except (OSError, TypeError):
        return None


def _examine_notebooks() -> Finding:
    folder = notebooks_folder()
    if folder is None:
        return "none found", "Run this inside a clone of the repository, or install the package again"
    return f"{_count(len(lesson_files(folder)), 'lesson')} in {folder}", ""


_EXAMINATIONS = (
    ("Python", _examine_python),
    ("Packages", _examine_packages),
    ("PyMC", _examine_imports),
    ("Kernel", _examine_kernel),
    ("Widgets", _examine_widgets),
    ("Progress", _examine_state),
    ("Memory", _examine_memory),
    ("Notebooks", _examine_notebooks),
)
