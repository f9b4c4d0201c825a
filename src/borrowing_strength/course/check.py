"""``borrowing-strength check``: what learners' notebooks hold, exercise by exercise, for one learner or a class.

By default nothing is run: what a notebook's checks have said is read, and believed where it was said of the cell as it
stands there now.
"""

import argparse
import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from borrowing_strength.course.apart import execute_apart
from borrowing_strength.course.folder import count
from borrowing_strength.course.notebooks import CourseError, exercise_cells, first_line, read_notebook
from borrowing_strength.exercises import records
from borrowing_strength.exercises.feedback import TONES, digest
from borrowing_strength.exercises.records import Exercise

CALL = re.compile(r"bs\.check\(\s*[\"'](\d+\.\d+)[\"']")


@dataclass(frozen=True)
class Report:
    """What became of one exercise: "right", "not yet", "not tried" or "missing", and the diagnosis in one line."""

    exercise: Exercise
    kind: str
    says: str = ""


@dataclass(frozen=True)
class Learner:
    """One notebook of a class: whose it is, and its reports, or why there are none."""

    name: str
    reports: list[Report] = field(default_factory=list)
    problem: str = ""


def report(notebook: Any) -> list[Report]:
    """What became of the exercises of an executed notebook's lesson, each once, in the order of the lesson."""
    cells = dict(_cells_with_checks(notebook))
    lesson = str(notebook.metadata.get("borrowing_strength", {}).get("lesson", "")).zfill(2)
    known = records.load_exercises().values()
    wanted = [each for each in known if each.id in cells or each.lesson == lesson]
    return [_report_cell(cells.get(each.id), each) for each in wanted]


def _cells_with_checks(notebook: Any) -> Iterator[tuple[str, Any]]:
    """Yield the cells of each exercise, by what the cell says of itself and by its calls of `bs.check`."""
    for position, exercise in exercise_cells(notebook):
        yield exercise.id, notebook.cells[position]
    for cell in notebook.cells:
        for exercise_id in CALL.findall(cell.source) if cell.cell_type == "code" else ():
            if exercise_id in records.load_exercises():
                yield exercise_id, cell


def read_kind(text: str) -> tuple[str, str] | None:
    """Read the exercise's id and the kind of message from the text twin of a `Feedback`, None if it is none."""
    words = "|".join(f"{re.escape(tone.sign)} {tone.word}" for tone in TONES.values())
    found = re.match(rf"({words}) · Exercise (\d+\.\d+),", text)
    if found is None:
        return None
    kind = next(kind for kind, tone in TONES.items() if found[1] == f"{tone.sign} {tone.word}")
    return found[2], kind


def read_cell(page: str) -> str:
    """Read from the HTML of a `Feedback` which cell it was said of, "" if it does not say."""
    found = re.search(r' data-cell="(\w+)"', page)
    return found[1] if found else ""


def _report_cell(cell: Any, exercise: Exercise) -> Report:
    if cell is None:
        return Report(exercise, "missing", "Its cell has been deleted.")
    if cell.source.strip() == exercise.cell(exercise.stub).strip():
        return Report(exercise, "not tried")
    if exercise.id not in CALL.findall(cell.source):
        return Report(exercise, "not yet", "The cell no longer ends with its check.")
    for output in reversed([each for each in cell.outputs if "data" in each]):
        text = output.data.get("text/plain", "")
        found = read_kind(text)
        if found is not None and found[0] == exercise.id:
            if read_cell(output.data.get("text/html", "")) not in ("", digest(cell.source)):
                return Report(exercise, "not yet", "The cell has been changed since it was run.")
            return Report(exercise, found[1], " ".join(text.splitlines()[1:-1]) if found[1] == "not yet" else "")
    for output in cell.outputs:
        if output.output_type == "error":
            return Report(exercise, "not yet", f"The cell stopped with {first_line(output.ename, output.evalue)}.")
    return Report(exercise, "not yet", "The cell has not been run.")


def run(options: argparse.Namespace) -> int:
    """``borrowing-strength check``."""
    paths = options.notebooks
    if options.execute:
        print("Running the code of these notebooks, which you did not write, apart from your files and the network.")
    if len(paths) == 1 and not options.csv:
        reports = _reports(paths[0], options)
        _show(reports)
        return 0 if all(item.kind == "right" for item in reports) else 1
    learners = [_learner(name, path, options) for name, path in zip(names(paths), paths, strict=True)]
    for line in class_lines(learners):
        print(line)
    if options.csv:
        try:
            with options.csv.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(class_table(learners))
        except OSError as error:
            raise CourseError(f"{options.csv} cannot be written: {error.strerror}") from None
    return 1 if any(learner.problem for learner in learners) else 0


def names(paths: list[Path]) -> list[str]:
    """What tells the files apart: ann and bob for /home/ann/my-course/01.ipynb and /home/bob/my-course/01.ipynb."""
    parts = [(*path.absolute().parent.parts, path.stem) for path in paths]
    first, last = _alike(parts), _alike([part[::-1] for part in parts])
    return ["/".join(part[first : len(part) - last]) or part[-1] for part in parts]


def _alike(rows: list[tuple[str, ...]]) -> int:
    """In how many places, from the left, all rows agree."""
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, zip(*rows, strict=False)))


def _learner(name: str, path: Path, options: argparse.Namespace) -> Learner:
    try:
        return Learner(name, _reports(path, options))
    except CourseError as error:
        return Learner(name, problem=str(error))


def _reports(path: Path, options: argparse.Namespace) -> list[Report]:
    notebook = read_notebook(path)
    if not dict(_cells_with_checks(notebook)):
        raise CourseError(f"{path} holds no exercise")
    return report(execute_apart(notebook, path.parent, options.seconds) if options.execute else notebook)


def _show(reports: list[Report]) -> None:
    for item in reports:
        tone = TONES[item.kind]
        print(f"{tone.sign} {item.exercise.id:5} {tone.word:13} {item.exercise.title}")
        print(f"{'':8}{item.says}\n" if item.says else "", end="")
    print(f"{sum(item.kind == 'right' for item in reports)} of {len(reports)} exercises right")


def class_table(learners: list[Learner]) -> list[list[str]]:
    """Rows of a table: a heading, then a row a learner with a column an exercise and one for what went wrong."""
    used = {item.exercise.id for learner in learners for item in learner.reports}
    columns = [exercise_id for exercise_id in records.load_exercises() if exercise_id in used]
    rows = [["learner", "right", *columns, "problem"]]
    for learner in learners:
        told = {item.exercise.id: f"{item.kind}: {item.says}" if item.says else item.kind for item in learner.reports}
        right = str(sum(item.kind == "right" for item in learner.reports))
        rows.append([learner.name, right, *(told.get(column, "") for column in columns), learner.problem])
    return [[_harmless(text) for text in row] for row in rows]


def class_lines(learners: list[Learner]) -> Iterator[str]:
    """Yield a line a learner, and the slips that most learners share."""
    width = max(len(learner.name) for learner in learners)
    for learner in learners:
        signs = "  ".join(f"{TONES[item.kind].sign} {item.exercise.id}" for item in learner.reports)
        yield f"{learner.name:{width}}  {learner.problem or signs}"
    slips = Counter((item.exercise.id, item.says) for each in learners for item in each.reports if _is_slip(item))
    shared = slips.most_common(3)
    if shared:
        yield "Most worth discussing:"
    for (exercise_id, says), number in shared:
        yield f"  {exercise_id} {records.load_exercises()[exercise_id].title}, {count(number, 'learner')}: {says}"


def _is_slip(item: Report) -> bool:
    return item.kind == "not yet" and not item.says.startswith("The cell ")


def _harmless(text: str) -> str:
    """A spreadsheet takes what begins like a formula for one; an apostrophe makes it text."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
