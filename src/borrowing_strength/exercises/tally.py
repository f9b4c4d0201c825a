"""Remember what a learner has tried, in one small file per exercise.

A file per exercise, replaced whole, means that two notebooks at work at the same time never overwrite
each other's exercises and that damage to one file costs one exercise. What cannot be written lives
until the kernel stops, so that hints still go one step further each time.
"""

import contextlib
import json
import os
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import platformdirs

from borrowing_strength.core.files import replace_file

FOLDER_VARIABLE = "BORROWING_STRENGTH_STATE"


@dataclass(frozen=True)
class Tally:
    """What has happened with one exercise: honest tries, hints shown, and how many of the tries were right."""

    tries: int = 0
    hints: int = 0
    right: int = 0


_session: dict[tuple[Path, str], Tally] = {}


def folder() -> Path:
    """Find the folder of the progress files: ``$BORROWING_STRENGTH_STATE`` where set, else the user's state folder."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    return Path(chosen) if chosen else Path(platformdirs.user_state_dir("borrowing-strength", appauthor=False))


def read(exercise_id: str) -> Tally:
    """Read what has happened: the larger of what the file says (none if damaged) and of what this session has seen."""
    stored = _read_file(_path(exercise_id))
    seen = _session.get((folder(), exercise_id), Tally())
    return Tally(**{item.name: max(getattr(stored, item.name), getattr(seen, item.name)) for item in fields(Tally)})


def add(exercise_id: str, **counts: int) -> Tally:
    """Count something that happened; this session remembers it even if no file can be written."""
    before = read(exercise_id)
    after = replace(before, **{name: getattr(before, name) + count for name, count in counts.items()})
    _session[folder(), exercise_id] = after
    with contextlib.suppress(OSError):
        replace_file(_path(exercise_id), json.dumps(asdict(after)).encode())
    return after


def writable() -> bool:
    """Tell whether progress can be kept beyond this session: write something there, and read it back."""
    trial = folder() / f".trial-{os.getpid()}"
    try:
        replace_file(trial, b"kept")
        kept = trial.read_bytes() == b"kept"
        trial.unlink()
        return kept
    except OSError:
        return False


def _path(exercise_id: str) -> Path:
    return folder() / f"exercise-{exercise_id}.json"


def _read_file(path: Path) -> Tally:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        counts = {item.name: stored[item.name] for item in fields(Tally)}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Tally()
    sound = all(type(count) is int and 0 <= count < 1_000_000 for count in counts.values())
    return Tally(**counts) if sound else Tally()
