"""``borrowing-strength solve``: write the instructor's copy of a lesson, every exercise solved."""

import argparse
import sys
from pathlib import Path
from typing import Any

from borrowing_strength.course.check import Report, report
from borrowing_strength.course.folder import fingerprint, fingerprint_of
from borrowing_strength.course.notebooks import (
    CourseError,
    as_text,
    execute,
    exercise_cells,
    read_notebook,
    without_outputs,
    write_notebook,
)

MARK = "borrowing_strength_solved"


def solve(notebook: Any) -> Any:
    """Fill the solution into every exercise cell, in place, with the reason below it, and drop all outputs."""
    import nbformat

    without_outputs(notebook)
    for position, exercise in reversed(list(exercise_cells(notebook))):
        cell = notebook.cells[position]
        cell.source = exercise.cell(exercise.solution)
        # A cell id made from the exercise's keeps the copy the same from one run to the next.
        reason = nbformat.v4.new_markdown_cell(f"**Why:** {exercise.why}", id=f"why-{exercise.id.replace('.', '-')}")
        notebook.cells.insert(position + 1, reason)
    return notebook


def run(options: argparse.Namespace) -> int:
    """``borrowing-strength solve``."""
    failures = 0
    for path in options.notebooks:
        notebook = solve(read_notebook(path))
        folder = options.output_dir.expanduser() if options.output_dir else path.parent
        target = folder / f"{path.stem}_solved.ipynb"
        _require_own(target)
        if not options.no_execute:
            execute(notebook, path.parent)
            failures += _name_failures(path, report(notebook))
        # The mark tells this copy from one that somebody has written or changed, which is never overwritten.
        notebook.metadata[MARK] = fingerprint_of(as_text(notebook))
        write_notebook(notebook, target)
        print(target)
    return 1 if failures else 0


def _require_own(target: Path) -> None:
    """CourseError if there is a file that `solve` did not write, or that has been changed since."""
    if target.exists() and read_notebook(target).metadata.get(MARK) != fingerprint(target):
        raise CourseError(f"{target} has been changed, or was not written by solve: move it away first")


def _name_failures(path: Path, reports: list[Report]) -> int:
    failed = [item for item in reports if item.kind != "right"]
    for item in failed:
        print(f"{path.name}: the solution of exercise {item.exercise.id} is {item.kind}. {item.says}", file=sys.stderr)
    return len(failed)
