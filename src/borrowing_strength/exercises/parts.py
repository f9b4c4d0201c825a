"""What can be said of an answer that consists of several named parts, such as a mean and a precision."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from borrowing_strength.exercises import slips
from borrowing_strength.exercises.judge import NEAR

EXCHANGED = "The parts are right, but in another order: {} are asked for, in this order."
ALONE = "That is the {} alone: {} are asked for."


@dataclass
class Parts:
    """An answer's outputs beside what is wanted; each has a number, or a row, for every name."""

    names: Sequence[str]
    outputs: Sequence[np.ndarray]
    wanted: Sequence[np.ndarray]
    agree: Callable[[np.ndarray, np.ndarray], bool]

    @cached_property
    def wrong(self) -> list[int]:
        pairs = list(zip(self.outputs, self.wanted, strict=True))
        positions = range(len(self.names) if all(output.shape == right.shape for output, right in pairs) else 0)
        return [i for i in positions if not all(self.agree(output[i], right[i]) for output, right in pairs)]

    def slips(self, numbers: Sequence[slips.Numbers]) -> Iterator[tuple[float, str]]:
        """List how parts may have been exchanged, or what slip made those that are wrong; see `slips.find`."""
        if 0 < len(self.wrong) < len(self.names):
            keep = self.wrong[0] if len(self.wrong) == 1 else self.wrong
            mine, right = ([np.asarray(values[keep]) for values in side] for side in (self.outputs, self.wanted))
            for off, says in slips.find(mine, right, numbers):
                yield off, f"{_some_right(self.names, self.wrong)} {says}"
        elif self.wrong:
            for order in itertools.permutations(self.wrong):
                yield self._off([right[list(order)] for right in self.wanted]), EXCHANGED.format(_and(self.names))

    def remark(self) -> str:
        """Say which parts are right and which are not, or which part came alone."""
        if 0 < len(self.wrong) < len(self.names):
            return _some_right(self.names, self.wrong)
        alone = (name for i, name in enumerate(self.names) if self._off([right[i] for right in self.wanted]) <= NEAR)
        return next((ALONE.format(name, _and(self.names)) for name in alone), "")

    def _off(self, wanted: Sequence[np.ndarray]) -> float:
        return max(map(slips.distance, self.outputs, wanted))


def sentences(names: Sequence[str], general: Sequence[str]) -> Iterator[str]:
    """List everything that can be said of parts, given what can be said of one number."""
    if names:
        yield from (EXCHANGED.format(_and(names)), *(ALONE.format(name, _and(names)) for name in names))
    for size in range(1, len(names)):
        for wrong in itertools.combinations(range(len(names)), size):
            said = _some_right(names, wrong)
            yield from (said, *(f"{said} {says}" for says in general))


def _some_right(names: Sequence[str], wrong: Sequence[int]) -> str:
    good, bad = [[f"the {name}" for i, name in enumerate(names) if (i in wrong) is bad] for bad in (False, True)]
    good_verb, bad_verb = ("is" if len(some) == 1 else "are" for some in (good, bad))
    return f"{_and(good).capitalize()} {good_verb} right, {_and(bad)} {bad_verb} not."


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
