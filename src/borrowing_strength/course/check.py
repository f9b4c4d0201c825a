"""``borrowing-strength check``: run a copy of a learner's notebook and report every exercise."""

import argparse
from dataclasses import dataclass
from typing import Any

from borrowing_strength.course.notebooks import CourseError, execute, exercise_cells, first_line, read_notebook
from borrowing_strength.exercises.feedback import TONES, read_kind
from borrowing_strength.exercises.records import Exercise


@dataclass(frozen=True)
class Report:
    """What became of one exercise: "right", "not yet" or "not tried", and the diagnosis in one line."""

    exercise: Exercise
    kind: str
    says: str = ""


def report(notebook: Any) -> list[Report]:
    """What became of the exercises of an executed notebook, in its order."""
    return [_report_cell(notebook.cells[position], exercise) for position, exercise in exercise_cells(notebook)]


def _report_cell(cell: Any, exercise: Exercise) -> Report:
    for output in cell.outputs:
        if output.output_type == "error":
            return Report(exercise, "not yet", f"The cell stopped with {first_line(output.ename, output.evalue)}.")
    for text in (output.data.get("text/plain", "") for output in cell.outputs if "data" in output):
        found = read_kind(text)
        if found is not None and found[0] == exercise.id:
            diagnosis = " ".join(text.splitlines()[1:-1]) if found[1] == "not yet" else ""
            return Report(exercise, found[1], diagnosis)
    return Report(exercise, "not yet", "The cell no longer ends with its check.")


def run(options: argparse.Namespace) -> int:
    """``borrowing-strength check``."""
    notebook = read_notebook(options.notebook)
    if not list(exercise_cells(notebook)):
        raise CourseError(f"{options.notebook} holds no exercise")
    reports = report(execute(notebook, options.notebook.parent, allow_errors=True))
    for item in reports:
        tone = TONES[item.kind]
        print(f"{tone.sign} {item.exercise.id:5} {tone.word:13} {item.exercise.title}")
        print(f"{'':8}{item.says}\n" if item.says else "", end="")
    right = sum(item.kind == "right" for item in reports)
    print(f"{right} of {len(reports)} exercises right")
    return 0 if right == len(reports) else 1
