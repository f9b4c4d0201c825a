"""Check, hint, solution, progress: what a learner calls."""

import difflib
import linecache
import sys
from itertools import groupby
from typing import Any

from borrowing_strength.exercises import limits, state
from borrowing_strength.exercises.checkers import Verdict
from borrowing_strength.exercises.html import TONES, Feedback
from borrowing_strength.exercises.reading import describe
from borrowing_strength.exercises.records import Exercise, load_exercises


def check(exercise_id: str, answer: Any) -> Feedback:
    """Check an answer. Never raises.

    Parameters
    ----------
    exercise_id : str
        Such as ``"1.2"``.
    answer : object
        The answer, whatever it is.

    Returns
    -------
    Feedback
        Not tried, right (and why it matters) or not yet (with a diagnosis).
    """
    exercise = _find(exercise_id)
    if isinstance(exercise, Feedback):
        return exercise
    verdict = Verdict("not tried") if _cell_is_untouched(exercise) else evaluate(exercise, answer)
    if verdict.kind != "not tried":
        state.add(exercise.id, tries=1, right=int(verdict.kind == "right"))
    return _show(exercise, verdict)


def evaluate(exercise: Exercise, answer: Any, seconds: float = limits.SECONDS) -> Verdict:
    """Judge an answer without showing or remembering anything.

    Parameters
    ----------
    exercise : Exercise
        The exercise.
    answer : object
        The answer.
    seconds : float
        Time limit.

    Returns
    -------
    Verdict
        The outcome and the diagnosis.
    """
    return exercise.check.judge(answer, (*exercise.mistakes, *exercise.neighbours), seconds)


def hint(exercise_id: str) -> Feedback:
    """Show the next hint, one step further each time.

    Parameters
    ----------
    exercise_id : str
        Such as ``"1.2"``.

    Returns
    -------
    Feedback
        The hint; after the last one, all hints and how to see the solution.
    """
    exercise = _find(exercise_id)
    if isinstance(exercise, Feedback):
        return exercise
    shown = state.read(exercise.id).hints
    if shown >= len(exercise.hints):
        numbered = [f"{i}. {text}" for i, text in enumerate(exercise.hints, 1)]
        return Feedback(
            "hint", _about(exercise), numbered, footer=f"These are all. Next: {_call('solution', exercise)}."
        )
    state.add(exercise.id, hints=1)
    last = shown + 1 == len(exercise.hints)
    following = f"Next: {_call('solution', exercise)}." if last else f"Next: {_call('hint', exercise)}."
    return Feedback(
        "hint",
        _about(exercise),
        [exercise.hints[shown]],
        footer=f"Hint {shown + 1} of {len(exercise.hints)}. {following}",
    )


def solution(exercise_id: str, now: bool = False) -> Feedback:
    """Show the solution and the reason, after one honest try.

    Parameters
    ----------
    exercise_id : str
        Such as ``"1.2"``.
    now : bool
        Show it without a try.

    Returns
    -------
    Feedback
        The code and the reason, or the request to try first.
    """
    exercise = _find(exercise_id)
    if isinstance(exercise, Feedback):
        return exercise
    if now or state.read(exercise.id).tries > 0:
        return Feedback("solution", _about(exercise), [exercise.why], code=exercise.solution)
    text = f"Try it once first: a guess teaches more than a copied line. A hint: {_call('hint', exercise)}."
    return Feedback(
        "note",
        _about(exercise),
        [text],
        footer=f'To see it all the same: `bs.solution("{exercise.id}", now=True)`.',
    )


def progress() -> Feedback:
    """Show which exercises are done.

    Returns
    -------
    Feedback
        A line per lesson, with a sign per exercise.
    """
    kinds = {exercise.id: status(exercise) for exercise in load_exercises().values()}
    lessons = [
        _lesson_line(lesson, list(group), kinds) for lesson, group in groupby(load_exercises().values(), _lesson)
    ]
    done = sum(kind == "right" for kind in kinds.values())
    kept = "" if state.writable() else "Progress is kept for this session only: its folder cannot be written to."
    return Feedback("progress", f"{done} of {len(kinds)} exercises right", [*lessons, _legend()], footer=kept)


def status(exercise: Exercise) -> str:
    """Tell how far a learner is with an exercise.

    Parameters
    ----------
    exercise : Exercise
        The exercise.

    Returns
    -------
    str
        ``"right"`` if it ever was, ``"not yet"`` after a try, else ``"not tried"``.
    """
    tally = state.read(exercise.id)
    return "right" if tally.right else "not yet" if tally.tries else "not tried"


def _lesson(exercise: Exercise) -> str:
    return exercise.lesson


def _lesson_line(lesson: str, group: list[Exercise], kinds: dict[str, str]) -> str:
    signs = "  ".join(f"{TONES[kinds[exercise.id]].sign} {exercise.id}" for exercise in group)
    done = sum(kinds[exercise.id] == "right" for exercise in group)
    return f"Lesson {lesson}, {done} of {len(group)}: {signs}"


def _legend() -> str:
    return ", ".join(f"{TONES[kind].sign} {TONES[kind].word.lower()}" for kind in ("right", "not yet", "not tried"))


def _show(exercise: Exercise, verdict: Verdict) -> Feedback:
    if verdict.kind == "right":
        return Feedback("right", _about(exercise), [exercise.why])
    if verdict.kind == "not yet":
        return Feedback("not yet", _about(exercise), [verdict.says], footer=f"A hint: {_call('hint', exercise)}.")
    return Feedback("not tried", f"{_about(exercise)} · replace each `...` and run the cell again")


def _about(exercise: Exercise) -> str:
    return f"Exercise {exercise.id}, {exercise.title}"


def _call(name: str, exercise: Exercise) -> str:
    return f'`bs.{name}("{exercise.id}")`'


def _find(exercise_id: Any) -> Exercise | Feedback:
    """Look up the exercise, or say that there is none."""
    if type(exercise_id) is not str:
        quotes = 'The number of an exercise goes in quotes: `bs.check("1.2", ...)`.'
        return Feedback("note", "which exercise?", [f"You passed {describe(exercise_id)}. {quotes}"])
    exercises = load_exercises()
    if exercise_id.strip() in exercises:
        return exercises[exercise_id.strip()]
    near = difflib.get_close_matches(exercise_id, exercises, n=3, cutoff=0.3) or list(exercises)[:3]
    names = "; ".join(f"`{name}` ({exercises[name].title})" for name in near)
    return Feedback("note", "which exercise?", [f"There is no exercise `{exercise_id[:40]}`. Near it: {names}."])


def _cell_is_untouched(exercise: Exercise) -> bool:
    # A stub may hold working lines besides its gaps: half a model is an object like any other. Only the
    # cell itself tells that nobody has touched it. It is read where tracebacks find it: a kernel may keep no history.
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__") != "__main__":
        frame = frame.f_back
    source = "".join(linecache.getlines(frame.f_code.co_filename))
    return source.strip() == exercise.cell(exercise.stub).strip()
