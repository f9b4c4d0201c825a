"""Answers that are numbers: one, or several in a given order."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from borrowing_strength.exercises import parts, read_answer, slips
from borrowing_strength.exercises.judge import EXACT, Checker, once
from borrowing_strength.exercises.parts import Parts
from borrowing_strength.exercises.read_answer import show_number

NOT_FINITE = "Look for a division by zero or a missing value."
COARSE = "Right as far as it goes, but rounded too much: pass the expression instead of typing its value."


def close(values: np.ndarray, wanted: np.ndarray, abs_tol: float, rel_tol: float) -> bool:
    """Tell whether two arrays have one shape and agree item by item, within the larger of the two tolerances."""
    # A relative margin of a few rounding errors keeps a tolerance such as 0.005 inclusive at its edge.
    margin = np.maximum(abs_tol, rel_tol * np.abs(wanted)) * (1 + EXACT)
    return np.shape(values) == np.shape(wanted) and bool(np.all(np.abs(values - wanted) <= margin))


def require_tolerance(checker: str, abs_tol: float, rel_tol: float) -> None:
    """Refuse tolerances that no answer can meet."""
    if not (abs_tol >= 0 and rel_tol >= 0 and abs_tol + rel_tol > 0):
        raise ValueError(f"{checker} needs abs_tol or rel_tol above zero, got {abs_tol} and {rel_tol}")


def is_rounded(value: float, wanted: float, digits: int) -> bool:
    """Tell whether a value is the wanted one, rounded to so many significant digits."""
    # A count has no rounding, and nothing between 0 and 1 rounds to certainty.
    if wanted == np.round(wanted) or (abs(wanted) < 1 and np.isclose(value, (-1, 0, 1)).any()):
        return False
    unit = 10.0 ** (np.floor(np.log10(abs(wanted))) - digits + 1)
    return abs(value - np.round(value / unit) * unit) <= EXACT * unit and abs(value - wanted) <= unit / 2 * (1 + EXACT)


def is_rounded_to(value: np.ndarray, wanted: np.ndarray, least: int) -> bool:
    """Tell whether a single value is the wanted one, rounded to so many significant digits or more."""
    return value.ndim == wanted.ndim == 0 and any(is_rounded(float(value), float(wanted), n) for n in range(least, 9))


@dataclass(frozen=True)
class Number(Checker):
    """One number, within the larger of two tolerances or rounded; or several in a given order, which `parts` names.

    It may be rounded to so many `digits` (3 where the exercise says why); `also` holds others as good, `numbers` the
    problem's own by name (by default those of the solution).
    """

    expected: Callable[[], Any] | None = None
    abs_tol: float = 0.0
    rel_tol: float = 0.0
    digits: int = 2
    also: Sequence[float] = ()
    parts: Sequence[str] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_tolerance("Number", self.abs_tol, self.rel_tol)

    @property
    def _wanted(self) -> np.ndarray:
        return np.asarray(once(self.expected), dtype=float)

    @property
    def _of_probabilities(self) -> bool:
        return bool(0 < self._wanted.min() <= self._wanted.max() < 1)

    def sentences(self) -> Iterator[str]:
        general = slips.sentences(self.numbers)
        yield from (*general, *read_answer.NO_NUMBERS, NOT_FINITE, COARSE)
        yield from parts.sentences(self.parts, general)

    def read(self, answer: Any) -> np.ndarray:
        typed = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*", answer[:20]) if isinstance(answer, str) else None
        answer = float(typed[1]) / 100 if typed and self._of_probabilities else answer
        values = read_answer.numbers(answer)
        return values.reshape(self._wanted.shape) if values.size == self._wanted.size == 1 else values

    def accepts(self, read: np.ndarray, exactly: bool = False) -> bool:
        if exactly:
            return any(close(read, wanted, 0, EXACT) for wanted in (self._wanted, *self.also))
        return is_rounded_to(read, self._wanted, self.digits) or close(read, self._wanted, self.abs_tol, self.rel_tol)

    def distance(self, read: np.ndarray, wrong: Any) -> float:
        wrong = np.reshape(wrong, read.shape) if np.size(wrong) == read.size else np.asarray(wrong)
        off = slips.distance(read, wrong)
        if read.ndim > 0 or not 0 < wrong < 1 or any(is_rounded(float(read), float(wrong), some) for some in (3, 4)):
            return off
        return max(off, slips.distance(1 - read, 1 - wrong))  # probabilities near 1 differ by what is left

    def _parts(self, read: np.ndarray) -> Parts:
        return Parts(self.parts, [read], [self._wanted], lambda *pair: close(*pair, self.abs_tol, self.rel_tol))

    def slips(self, read: np.ndarray) -> Iterator[tuple[float, str]]:
        if is_rounded_to(read, self._wanted, 1):
            yield 2 * EXACT, COARSE  # explains the answer better than any mistake that is not exactly it
        if read.ndim == 0 and self._of_probabilities and self.accepts(read / 100):
            yield slips.NEAR, slips.SLIPS[0].says  # a rounded percentage
        yield from self._parts(read).slips([self.numbers])
        is_count = self._wanted.ndim == 0 and self._wanted == np.round(self._wanted)
        if is_count and read.ndim == 0 and self._wanted >= 10 and abs(read - self._wanted) == 1:
            yield 0.0, slips.OFF_BY_ONE
        if not is_count or read.ndim > 0:  # that 4 is the square of 2 says nothing
            yield from slips.find([read], [self._wanted], [{} if is_count else self.numbers])

    def received(self, read: np.ndarray) -> str:
        return f"You passed {show_number(float(read)) if read.ndim == 0 else f'{read.size} numbers'}."

    def remark(self, read: np.ndarray) -> str:
        wanted = self._wanted
        if said := self._parts(read).remark():
            return said
        if read.shape != wanted.shape:
            return "One number is asked for." if wanted.ndim == 0 else f"Numbers of shape {wanted.shape} are asked for."
        if not np.all(np.isfinite(read)):
            return NOT_FINITE
        return "These are not right yet." if wanted.ndim else f"That is too {'high' if read > wanted else 'low'}."
