"""Read, run and write notebooks, and find their exercises."""

import codecs
import os
import re
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from borrowing_strength.core import state
from borrowing_strength.core.files import replace_file
from borrowing_strength.exercises.records import Exercise, load_exercises

KERNEL = "python3"


class CourseError(Exception):
    """Something the user can put right; the message is one sentence."""


def read_notebook(path: Path) -> Any:
    """Read a notebook, in format 4. CourseError if there is no such file, or it is not a notebook."""
    import nbformat

    try:
        with warnings.catch_warnings():  # nbformat gives a copied cell a name of its own, and says so
            warnings.simplefilter("ignore")
            return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise CourseError(f"there is no file {path}") from None
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}") from None
    except Exception:
        raise CourseError(f"{path} is not a notebook{_why_not(path.read_bytes())}") from None


def _why_not(content: bytes) -> str:
    """What makes a file of another kind of a notebook, where that can be told."""
    reasons = {
        "it is empty": not content.strip(),
        "it begins with a byte-order mark; save it as UTF-8 without one": content.startswith(codecs.BOM_UTF8),
        "it is in UTF-16; save it as UTF-8": content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)),
        "it holds the marks of a merge conflict, <<<<<<<; choose one side": re.search(rb"^<<<<<<< ", content, re.M),
    }
    return next((f": {reason}" for reason, holds in reasons.items() if holds), "")


def write_notebook(notebook: Any, target: Path) -> None:
    """Write a notebook, whole or not at all. CourseError if that fails."""
    try:
        replace_file(target, as_text(notebook))
    except OSError as error:
        raise CourseError(f"{target} cannot be written: {error.strerror}") from None


def as_text(notebook: Any) -> bytes:
    """Return what the notebook's file holds."""
    import nbformat

    return (nbformat.writes(notebook) + "\n").encode()


def without_outputs(notebook: Any) -> Any:
    """Return the notebook, in place, as if no cell had been run."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def exercise_cells(notebook: Any) -> Iterator[tuple[int, Exercise]]:
    """Yield the position of every exercise's cell, and the exercise. CourseError for one that does not exist."""
    for position, cell in enumerate(notebook.cells):
        if "exercise" not in cell.metadata:
            continue
        exercise_id = str(cell.metadata["exercise"])
        if exercise_id not in load_exercises():
            raise CourseError(f"cell {position} asks for exercise {exercise_id}, which does not exist")
        yield position, load_exercises()[exercise_id]


def execute(notebook: Any, folder: Path, allow_errors: bool = False) -> Any:
    """Run a notebook in place, with a kernel that starts in `folder`, without touching the user's progress.

    CourseError if there is no kernel, or a cell raises and that is not allowed.
    """
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    where = {"metadata": {"path": str(folder)}}
    quiet = ["--IPKernelApp.log_level=ERROR"]  # what a kernel says of itself is not about the lesson
    options = {"kernel_name": KERNEL, "extra_arguments": quiet, "allow_errors": allow_errors, "resources": where}
    client = NotebookClient(notebook, timeout=None, **options)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            client.execute(env=os.environ | {state.FOLDER_VARIABLE: scratch})
    except NoSuchKernel:
        raise CourseError(f"Jupyter knows no kernel {KERNEL}; run `borrowing-strength doctor`") from None
    except DeadKernelError:
        raise CourseError("the kernel died while running the notebook; is there enough memory?") from None
    except CellExecutionError as error:
        raise CourseError(f"the notebook stopped with {first_line(error.ename, error.evalue)}") from None
    return notebook


def first_line(name: str, message: str) -> str:
    """An error's name and the first line of its message."""
    return f"{name}: {message.strip().splitlines()[0]}" if message.strip() else name
