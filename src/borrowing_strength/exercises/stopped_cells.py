"""Help with an exercise's cell that stops before its check: a gap that is left, or a model that PyMC refuses."""

import inspect
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

from borrowing_strength.exercises.choices import Choice
from borrowing_strength.exercises.feedback import Feedback, notebook
from borrowing_strength.exercises.read_answer import line_of, tell_gaps
from borrowing_strength.exercises.records import Exercise


def watch(find: Callable[[], Mapping[str, Exercise]]) -> None:
    """Look at every cell after it has run, if this is a notebook; its own error stays as it is."""
    if (shell := notebook()) is None:
        return

    def look(result: Any) -> None:
        if feedback := tell(result.info.raw_cell or "", result.error_in_exec, find()):
            feedback.shown()

    shell.events.register("post_run_cell", look)


def tell(source: str, error: BaseException | None, exercises: Mapping[str, Exercise]) -> Feedback | None:
    """Say what can be said of a cell that ended in an error."""
    checked = re.search(r"bs\.check\(\s*[\"']([\d.]+)[\"']", source)
    exercise = exercises.get(checked[1]) if checked else None
    if exercise is None or not isinstance(error, Exception):
        return None
    if left := tell_gaps(source):
        return Feedback("not tried", f"{exercise.about} · {left}")
    if isinstance(exercise.check, Choice) and getattr(error, "name", None) in exercise.check.options:
        return Feedback("not yet", exercise.about, [f'A letter goes in quotes: `"{error.name}"`.'])
    cell = error.__traceback__.tb_next if error.__traceback__ else None  # the first step is IPython's own
    line = line_of(error, cell.tb_frame.f_code.co_filename) if cell else ""
    if not (called := re.search(r"\bpm\.([A-Z]\w*)\((.*)", line)):
        return None
    words = (str(error).strip().splitlines() or [""])[0][:200]
    text = f"`{line}` stopped: {_argument(*called.groups())}"
    return Feedback("not yet", exercise.about, [text, f"PyMC's words: `{type(error).__name__}: {words}`"])


def _argument(distribution: str, arguments: str) -> str:
    if not re.match(r"\s*[\"']", arguments):
        return "its first argument is the name of the variable, in quotes."
    known = inspect.signature(getattr(sys.modules["pymc"], distribution).dist).parameters
    unknown = [name for name in re.findall(r"\b(\w+)=", arguments) if name not in (*known, *_OF_ALL)]
    if unknown:
        return f"it has no argument `{unknown[0]}`."
    return "an argument is missing, or not what PyMC can use."


_OF_ALL = ("observed", "shape", "dims", "size", "transform", "initval", "total_size", "rng")
