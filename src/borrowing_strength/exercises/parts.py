"""What can be said of an answer that consists of several named parts, such as a mean and a precision."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from borrowing_strength.exercises import slips
from borrowing_strength.exercises.judge import NEAR

Agrees = Callable[[np.ndarray, np.ndarray], bool]


class Parts(NamedTuple):
    """The names of the parts, in order; an answer has one number, or one row, for each."""

    names: Sequence[str]

    def wrong(self, outputs: Sequence[np.ndarray], wanted: Sequence[np.ndarray], agrees: Agrees) -> list[int]:
        """Return the positions of the parts that are wrong in a case, none if the shapes are not those asked for."""
        pairs = list(zip(outputs, wanted, strict=True))
        if any(output.shape != right.shape for output, right in pairs):
            return []
        return [i for i in range(len(self.names)) if not all(agrees(output[i], right[i]) for output, right in pairs)]

    def slips(
        self,
        outputs: Sequence[np.ndarray],
        wanted: Sequence[np.ndarray],
        wrong: list[int],
        numbers: list[slips.Numbers],
    ) -> Iterator[tuple[float, str]]:
        """List how parts may have been exchanged, or what slip made those that are wrong; see `slips.find`."""
        if not wrong:
            return
        if len(wrong) == len(self.names):
            for order in itertools.permutations(wrong):
                yield max(map(slips.distance, outputs, [right[list(order)] for right in wanted])), self._exchanged()
        else:
            keep = wrong[0] if len(wrong) == 1 else wrong
            mine, right = ([np.asarray(values[keep]) for values in side] for side in (outputs, wanted))
            yield from ((off, f"{self._some_right(wrong)} {says}") for off, says in slips.find(mine, right, numbers))

    def remark(self, outputs: Sequence[np.ndarray], wanted: Sequence[np.ndarray], wrong: list[int]) -> str:
        """Say which parts are right and which are not, or which part came alone."""
        if 0 < len(wrong) < len(self.names):
            return self._some_right(wrong)
        pairs = list(zip(outputs, wanted, strict=True))
        alone = (
            i
            for i in range(len(self.names))
            if all(slips.distance(output, right[i]) <= NEAR for output, right in pairs)
        )
        return next(map(self._alone, alone), "")

    def sentences(self, general: Sequence[str]) -> Iterator[str]:
        """List everything that can be said, given what can be said of one number."""
        if self.names:
            yield from (self._exchanged(), *map(self._alone, range(len(self.names))))
        for size in range(1, len(self.names)):
            for wrong in map(self._some_right, itertools.combinations(range(len(self.names)), size)):
                yield from (wrong, *(f"{wrong} {says}" for says in general))

    def _exchanged(self) -> str:
        return f"The parts are right, but in another order: {_and(self.names)} are asked for, in this order."

    def _alone(self, i: int) -> str:
        return f"That is the {self.names[i]} alone: {_and(self.names)} are asked for."

    def _some_right(self, wrong: Sequence[int]) -> str:
        good = [f"the {name}" for i, name in enumerate(self.names) if i not in wrong]
        bad = [f"the {self.names[i]}" for i in wrong]
        good_verb, bad_verb = ("is" if len(names) == 1 else "are" for names in (good, bad))
        return f"{_and(good).capitalize()} {good_verb} right, {_and(bad)} {bad_verb} not."


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
