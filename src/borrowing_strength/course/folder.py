"""Bring the lessons into a learner's own folder, and later what is new, without touching the learner's work.

A small record in the folder keeps, for every file that was brought, a fingerprint of what it said. A file that
still says the same may be replaced; any other belongs to the learner, and the new version is laid beside it.
Where the record is missing or damaged, every file that differs counts as the learner's.
"""

import argparse
import hashlib
import itertools
import json
import os
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from borrowing_strength.core.files import replace_file
from borrowing_strength.course.notebooks import CourseError, as_text, read_notebook, without_outputs

RECORD = ".borrowing-strength.json"


BROUGHT = {
    "new": "brought    {}",
    "updated": "updated    {}",
    "the same": "the same   {}",
    "yours": "yours      {} (you have changed it, and there is nothing newer)",
    "beside": "yours      {} (you have changed it; the new version is in `{beside}`)",
}


@dataclass(frozen=True)
class Brought:
    """What became of one lesson, a kind of `BROUGHT`; `beside` is the file with a new version, if there is one."""

    name: str
    kind: str
    beside: str = ""


def lesson_files(folder: Path) -> list[Path]:
    """Find the lessons in a folder, by number; solved copies and new versions beside a learner's own do not count."""
    found = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    return [path for path in found if re.fullmatch(r"\w+", path.stem) and not path.stem.endswith("_solved")]


def published_folder() -> Path:
    """Find the lessons that came with this package: inside an installed one, beside it in a clone."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_lessons"
    return installed if installed.is_dir() else package.parents[1] / "notebooks"


def bring(folder: Path) -> list[Brought]:
    """Copy the lessons that are new to a folder, made if need be; leave alone what the learner has changed.

    A lesson that was deleted there is brought again. OSError if the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = _read_record(folder / RECORD)
    record = dict(before)
    try:
        return [_bring_lesson(source, folder, record) for source in lesson_files(published_folder())]
    finally:  # what was brought before an interruption is known the next time
        if record != before:
            replace_file(folder / RECORD, json.dumps(record, indent=1, sort_keys=True).encode())


def _bring_lesson(source: Path, folder: Path, record: dict[str, str]) -> Brought:
    target, name = folder / source.name, source.name
    new, there, known = fingerprint(source), fingerprint(target), record.get(name)
    absent = not os.path.lexists(target)
    if there == new:
        became = Brought(name, "the same")
    elif absent or (there is not None and there == known):
        _copy(source, target)
        became = Brought(name, "new" if absent else "updated")
    elif new == known:
        became = Brought(name, "yours")
    else:
        became = Brought(name, "beside", _lay_beside(source, folder, record))
    record[name] = str(new)  # now that it is done
    return became


def _lay_beside(source: Path, folder: Path, record: dict[str, str]) -> str:
    """Write the new version next to the learner's, never over anything that the learner has changed."""
    new = fingerprint(source)
    for count in itertools.count(1):
        name = f"{source.stem}, new version{f' {count}' if count > 1 else ''}.ipynb"
        there = fingerprint(folder / name)
        if not os.path.lexists(folder / name) or (there is not None and there in (new, record.get(name))):
            _copy(source, folder / name)
            record[name] = str(new)
            break
    return name


def _copy(source: Path, target: Path) -> None:
    """Write a lesson as learners get it: no result is to be seen before the question."""
    replace_file(target, as_text(without_outputs(read_notebook(source))))


def fingerprint(path: Path) -> str | None:
    """Tell what a notebook says, so that it can be seen whether a learner has changed it; None if it cannot be read.

    Outputs do not count: running a lesson and saving it leaves the fingerprint as it was.
    """
    try:
        return fingerprint_of(path.read_bytes())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def fingerprint_of(content: bytes) -> str:
    """The same of what a notebook's file holds, with an error if it is none."""
    notebook = json.loads(content)
    # The source of a cell is a text or a list of lines; "".join leaves a text as it is.
    cells = [[cell["cell_type"], "".join(cell["source"]).rstrip()] for cell in notebook["cells"]]
    says = [notebook["metadata"].get("borrowing_strength"), cells]
    return hashlib.sha256(json.dumps(says, sort_keys=True).encode()).hexdigest()


def _read_record(path: Path) -> dict[str, str]:
    try:
        record = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) and all(isinstance(v, str) for v in record.values()) else {}


def run(options: argparse.Namespace) -> int:
    """``borrowing-strength start``."""
    if not options.folder.strip():
        raise CourseError("name a folder for the lessons, such as course")
    folder = Path(options.folder).expanduser()
    if folder.resolve() == published_folder():
        raise CourseError(f"{folder} holds the lessons themselves; name another folder")
    try:
        brought = bring(folder)
    except OSError as error:
        raise CourseError(f"{folder} cannot be written: {error.strerror}") from None
    for lesson in brought:
        print(BROUGHT[lesson.kind].format(lesson.name, beside=lesson.beside))
    lab = "" if find_spec("jupyterlab") else " (first: pip install jupyterlab)"
    print(f'{count(len(brought), "lesson")}. Open with: jupyter lab "{folder}"{lab}')
    return 0


def count(number: int, word: str) -> str:
    """A number and its word, in the plural where it must be."""
    return f"{number} {word}{'' if number == 1 else 's'}"
