"""Check, hint, solution, progress: what a learner calls."""

import difflib
import linecache
import sys
from dataclasses import replace
from itertools import groupby
from typing import Any

from borrowing_strength.core import state
from borrowing_strength.exercises import stopped_cells, tally, time_limit
from borrowing_strength.exercises.feedback import TONES, Feedback, digest
from borrowing_strength.exercises.judge import Verdict
from borrowing_strength.exercises.read_answer import describe, gap_lines, tell_gaps
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
        Not tried, right (and why it matters) or not yet (with a diagnosis). A notebook shows it at once, wherever
        the call stands in its cell.
    """
    if isinstance(exercise := _find(exercise_id), Feedback):
        return exercise.shown()
    source = _cell_source()
    untouched = source.strip() == exercise.cell(exercise.stub).strip()
    # A stub may hold working lines besides its gaps: half a model is an object like any other.
    verdict = Verdict("not tried") if untouched else evaluate(exercise, answer)
    if verdict.kind == "not tried":
        some_filled = len(gap_lines(source)) < len(gap_lines(exercise.stub))
        verdict = replace(verdict, says=tell_gaps(source) if some_filled else "")
    else:
        tally.add(exercise.id, tries=1, right=int(verdict.kind == "right"))
    if verdict.printed:
        print(verdict.printed.rstrip())
    said_of = digest(source) if source and verdict.kind != "not tried" else ""
    shown = _show(exercise, verdict)
    return replace(shown, cell=said_of, footer=f"{shown.footer} {state.notices()}".strip()).shown()


def evaluate(exercise: Exercise, answer: Any, seconds: float = time_limit.SECONDS) -> Verdict:
    """Judge an answer without showing or remembering anything."""
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
    if isinstance(exercise := _find(exercise_id), Feedback):
        return exercise.shown()
    hints, seen = exercise.hints, tally.read(exercise.id).hints
    told = hints[seen : seen + 1] or [f"{i}. {text}" for i, text in enumerate(hints, 1)]
    where = f"Hint {seen + 1} of {len(hints)}" if seen < len(hints) else "These are all"
    footer = f"{where}. Next: {_call('hint' if seen + 1 < len(hints) else 'solution', exercise)}."
    if seen < len(hints):
        tally.add(exercise.id, hints=1)
    return Feedback("hint", exercise.about, told, footer=footer).shown()


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
    if isinstance(exercise := _find(exercise_id), Feedback):
        return exercise.shown()
    if now or tally.read(exercise.id).tries > 0:
        return Feedback("solution", exercise.about, [exercise.why], code=exercise.solution).shown()
    text = f"Try it once first: a guess teaches more than a copied line. A hint: {_call('hint', exercise)}."
    footer = f'To see it all the same: `bs.solution("{exercise.id}", now=True)`.'
    return Feedback("note", exercise.about, [text], footer=footer).shown()


def progress() -> Feedback:
    """Show which exercises are done.

    Returns
    -------
    Feedback
        A line per lesson, with a sign per exercise.
    """
    kinds = {exercise.id: status(exercise) for exercise in load_exercises().values()}
    lines = []
    for lesson, group in groupby(load_exercises().values(), lambda exercise: exercise.lesson):
        signs = [f"{TONES[kinds[exercise.id]].sign} {exercise.id}" for exercise in group]
        right = sum(sign.startswith(TONES["right"].sign) for sign in signs)
        lines.append(f"Lesson {lesson}, {right} of {len(signs)}: {'  '.join(signs)}")
    key = (f"{TONES[kind].sign} {TONES[kind].word.lower()}" for kind in ("right", "not yet", "not tried"))
    about = f"{list(kinds.values()).count('right')} of {len(kinds)} exercises right"
    kept = "" if state.writable() else "Progress is kept for this session only: its folder cannot be written to."
    return Feedback("progress", about, [*lines, ", ".join(key)], footer=f"{kept} {state.notices()}".strip()).shown()


def status(exercise: Exercise) -> str:
    """Tell how far a learner is: ``"right"`` if it ever was, ``"not yet"`` after a try, else ``"not tried"``."""
    counts = tally.read(exercise.id)
    return "right" if counts.right else "not yet" if counts.tries else "not tried"


def _show(exercise: Exercise, verdict: Verdict) -> Feedback:
    if verdict.kind == "right":
        return Feedback("right", exercise.about, [exercise.why])
    if verdict.kind == "not yet":
        said, footer = f"{verdict.received} {verdict.says}".strip(), f"A hint: {_call('hint', exercise)}."
        return Feedback("not yet", exercise.about, [said], footer=footer)
    return Feedback("not tried", f"{exercise.about} · {verdict.says or 'replace each `...` and run the cell again'}")


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


def _cell_source() -> str:
    """Read the cell that called, where tracebacks find it: a kernel may keep no history."""
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__") != "__main__":
        frame = frame.f_back
    return "".join(linecache.getlines(frame.f_code.co_filename))


stopped_cells.watch(lambda: load_exercises())
