"""What a learner has done, kept between sessions: a small JSON file for each thing, replaced whole, under a lock.

A file for each means that damage to one costs one. A damaged file is set aside under another name. What cannot be
written lives until the kernel stops, so that hints still go one step further each time. `notices` tells of both.
"""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import platformdirs

from borrowing_strength.core.files import replace_file

FOLDER_VARIABLE = "BORROWING_STRENGTH_STATE"
PATIENCE = 10  # seconds to wait for another notebook that is writing

_session: dict[Path, Any] = {}
_notices: list[str] = []


def folder() -> Path:
    """Find the folder of the files: ``$BORROWING_STRENGTH_STATE`` where set, else the user's state folder."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    return Path(chosen) if chosen else Path(platformdirs.user_state_dir("borrowing-strength", appauthor=False))


def latest(stored: Any, seen: Any) -> Any:
    """What this session remembers goes before what a file holds."""
    return seen


def read(name: str, sound: Callable[[Any], Any], merge: Callable[[Any, Any], Any] = latest) -> Any:
    """Read a value, None if there is none.

    `sound` turns what the file holds into the value, None or an error if it is damaged; `merge` decides between the
    file's value and what this session remembers.
    """
    path = _path(name)
    stored, seen = _stored(path, sound), _session.get(path)
    return merge(stored, seen) if stored is not None and seen is not None else stored if seen is None else seen


def change(name: str, update: Callable[[Any], Any], sound: Callable, merge: Callable = latest) -> Any:
    """Put `update(the value before)` in its place, in this session and, where it can be written, in its file."""
    path, value = _path(name), None
    try:
        with _alone():
            value = _session[path] = update(read(name, sound, merge))
            replace_file(path, json.dumps(value).encode())
    except OSError as error:
        if value is None:
            value = _session[path] = update(read(name, sound, merge))
        reason = error.strerror or "another program holds its folder"
        _notices.append(f"This could not be kept on disk ({reason}): it lasts until the kernel stops.")
    return value


def notices() -> str:
    """Say what a learner must know of the files, each thing once."""
    told = " ".join(dict.fromkeys(_notices))
    _notices.clear()
    return told


def writable() -> bool:
    """Tell whether anything can be kept beyond this session: write something there, and read it back."""
    trial = folder() / f".trial-{os.getpid()}"
    try:
        with _alone():
            replace_file(trial, b"kept")
            kept = trial.read_bytes() == b"kept"
            trial.unlink()
        return kept
    except OSError:
        return False


def _path(name: str) -> Path:
    return folder() / f"{name}.json"


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Hold the folder's lock, which the system takes back from a process that dies. OSError if it cannot be had."""
    from filelock import FileLock

    folder().mkdir(parents=True, exist_ok=True)
    with FileLock(folder() / ".lock", timeout=PATIENCE, is_singleton=True):
        yield


def _stored(path: Path, sound: Callable[[Any], Any]) -> Any:
    """Return what a file holds, None if there is none, or it is damaged and now set aside."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
        value = sound(json.loads(content))
        if value is not None:
            return value
    with contextlib.suppress(OSError), _alone():
        if path.read_bytes() == content:  # no other notebook has mended it meanwhile
            aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
            path.rename(aside)
            _notices.append(f"A file of your progress was damaged. It is set aside as `{aside}`.")
    return None
