"""How long a lesson takes: one formula, from what stands in it.

The lower end is for those who get every exercise at once, the upper end for those who get each one wrong once.
`make notebooks` writes both into a lesson's opening (`.ci/notebooks.py --minutes` does so without running anything);
timetables, README and `borrowing-strength list` take the upper end.
"""

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from nbformat import NotebookNode

WORDS_A_MINUTE = 180
LINE, OUTPUT, FIGURE, PREDICTION, FORMULA = 5 / 60, 10 / 60, 25 / 60, 30 / 60, 30 / 60  # minutes each
WRONG_TRY = 2.0  # minutes: to read the diagnosis, think, and answer again
FIRST_TRY = re.compile(r"^### Exercise .*\((\d+) min\)$", re.MULTILINE)  # the stated minutes of an exercise
ROW = re.compile(r"^\| (\*Can wait:\* )?((?:([A-Z])\. )?[^|\n]+?) \| ([\d to]+) \|$", re.MULTILINE)
TOTAL = re.compile(r"(?<=^\*\*In about )[\d to]+(?= minutes you will be able to)", re.MULTILINE)


class Minutes(NamedTuple):
    """From, for those who get every exercise at once; to, for those who get each wrong once."""

    low: float
    high: float

    def __str__(self) -> str:
        low, high = math.ceil(self.low), math.ceil(self.high)
        return f"{low} to {high}" if high > low else str(low)


def add(times: Iterator[Minutes]) -> Minutes:
    times = list(times)
    return Minutes(sum(time.low for time in times), sum(time.high for time in times))


def in_fives(time: Minutes) -> Minutes:
    return Minutes(5 * math.ceil(time.low / 5), 5 * math.ceil(time.high / 5))


def sections(nb: NotebookNode) -> dict[str, Minutes]:
    """Return the time of each section by its letter; what stands before the first or has no letter is under ``""``."""
    times: dict[str, list[Minutes]] = {"": []}
    letter = ""
    for cell in nb.cells:
        for part in re.split(r"^(?=## )", cell.source, flags=re.MULTILINE) if cell.cell_type == "markdown" else [None]:
            if part is None:
                time = code(cell)
            else:
                if part.startswith("## "):
                    found = re.match(r"## ([A-Z])\. ", part)
                    letter = found[1] if found else ""
                time = text(part)
            times.setdefault(letter, []).append(time)
    return {letter: add(parts) for letter, parts in times.items()}


def text(source: str) -> Minutes:
    """Words, formulas, and the first and the wrong try of an exercise that the text asks for."""
    prose, formulas = re.subn(r"\$\$.+?\$\$", "", source, flags=re.DOTALL)
    words = len(re.sub(r"\]\([^)]*\)|[#*|`_]", " ", prose).split())
    tries = [int(minutes) for minutes in FIRST_TRY.findall(source)]
    once = words / WORDS_A_MINUTE + formulas * FORMULA + sum(tries)
    return Minutes(once, once + WRONG_TRY * len(tries))


def code(cell: NotebookNode) -> Minutes:
    """Lines, figures and what is printed; a prediction; an exercise's own lines belong to its stated minutes."""
    if "prediction" in cell.metadata:
        return Minutes(PREDICTION, PREDICTION)
    if {"exercise", "setup"} & set(cell.metadata.get("tags", ())):
        return Minutes(0, 0)
    figures = sum("image/png" in output.get("data", {}) for output in cell.get("outputs", ()))
    shown = figures * FIGURE or OUTPUT * bool(cell.get("outputs"))
    return Minutes(*2 * [len(cell.source.splitlines()) * LINE + shown])


def written(nb: NotebookNode) -> tuple[str, int]:
    """Return the opening with the computed times in it, and the lesson's minutes for its metadata."""
    times, opening = sections(nb), nb.cells[0].source
    wait = {row[3] for row in ROW.finditer(opening) if row[1]}
    total = in_fives(add(time for letter, time in times.items() if letter not in wait))
    opening = TOTAL.sub(str(total), opening)
    return ROW.sub(lambda row: f"| {row[1] or ''}{row[2]} | {times.get(row[3] or '', '?')} |", opening), int(total.high)
