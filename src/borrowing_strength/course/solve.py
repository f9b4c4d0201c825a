"""``borrowing-strength solve``: write the instructor's copy of a lesson, every exercise solved."""

import argparse
import sys
from pathlib import Path
from typing import Any

from borrowing_strength.course.check import Report, report
from borrowing_strength.course.notebooks import execute, exercise_cells, read_notebook, write_notebook


def solve(notebook: Any) -> Any:
    """Fill the solution into every exercise cell, in place, and set the reason below it."""
    import nbformat

    for position, exercise in reversed(list(exercise_cells(notebook))):
        cell = notebook.cells[position]
        cell.source = exercise.cell(exercise.solution)
        cell.outputs, cell.execution_count = [], None
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
        if not options.no_execute:
            execute(notebook, path.parent)
            failures += _name_failures(path, report(notebook))
        write_notebook(notebook, target)
        print(target)
    return 1 if failures else 0


def _name_failures(path: Path, reports: list[Report]) -> int:
    failed = [item for item in reports if item.kind != "right"]
    for item in failed:
        print(f"{path.name}: the solution of exercise {item.exercise.id} is {item.kind}. {item.says}", file=sys.stderr)
    return len(failed)
