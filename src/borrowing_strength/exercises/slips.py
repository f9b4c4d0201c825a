"""Slips that need no list: an answer that is the right one turned over, squared, reversed or off by a known factor."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from borrowing_strength.exercises.judge import NEAR

Arrays = Sequence[np.ndarray]  # one for each case
Numbers = Mapping[str, float]  # the numbers of the problem, by what they are called in a sentence
_in_order = partial(np.sort, axis=None)


class Slip(NamedTuple):
    """What a slip makes of what is right (NaN: nothing), how nearly an answer must fit, how that is arranged before."""

    says: str
    made: Callable[[np.ndarray], np.ndarray]
    within: float = 1e-5
    arranged: Callable[[np.ndarray], np.ndarray] | None = None


def _fraction(right: np.ndarray) -> np.ndarray:
    return np.where(np.all((right >= 0) & (right <= 1)), right, np.nan)


def _one(right: np.ndarray) -> np.ndarray:
    return right if right.ndim == 0 else np.full(2, np.nan)


def _in_proportion(values: np.ndarray) -> np.ndarray:
    return values / values.flat[0] if values.size > 1 else np.full(2, np.nan)


SLIPS = (
    Slip("That is a percentage: give it as a fraction.", lambda right: 100 * _fraction(right), NEAR),
    Slip("That is one minus what is asked for.", lambda right: 1 - _fraction(right), NEAR),
    Slip("The size is right, the sign is not.", np.negative, NEAR),
    Slip("The fraction is upside down: that is one over what is asked for.", lambda right: 1 / right),
    Slip("That is the square of what is asked for: is a root missing, as between a variance and an sd?", np.square),
    Slip("That is the root of what is asked for: is a square missing, as between an sd and a variance?", np.sqrt),
    Slip("That is the logarithm of what is asked for.", np.log),
    Slip("What is asked for is the logarithm of that.", np.exp),
    Slip("These are odds. A probability is odds / (1 + odds).", lambda right: _fraction(right) / (1 - right)),
    Slip("These are log odds. A probability is asked for.", lambda right: -np.log(1 / _fraction(right) - 1)),
    Slip("That is a probability. Its log odds are asked for.", lambda right: 1 / (1 + np.exp(-right))),
    Slip("That is in decimal logarithms. The natural one is `np.log`.", lambda right: right / np.log(10)),
    Slip("That is one more than what is asked for.", lambda right: right + 1),
    Slip("That is one less than what is asked for.", lambda right: right - 1),
    Slip("The numbers are right, but rows and columns are swapped.", np.transpose, NEAR),
    Slip("These are the right numbers in reverse order.", np.flip, NEAR),
    Slip("That is the sum of the numbers asked for.", np.sum, NEAR),
    Slip("That is the mean of the numbers asked for.", np.mean, NEAR),
    Slip("These are the right numbers, in the wrong order.", _in_order, NEAR, _in_order),
    Slip("The numbers are in the right proportion: a common factor is wrong.", _in_proportion, 1e-6, _in_proportion),
    Slip("The sum of these numbers is asked for.", _one, NEAR, np.sum),
    Slip("The mean of these numbers is asked for.", _one, NEAR, np.mean),
    Slip("How many these are is asked for.", _one, NEAR, np.size),
)
TIMES, OVER = "That is what is asked for times {}.", "That is what is asked for divided by {}."
ROOT = "That is off by a factor: the root of {}."
CHOOSE = "The right number is among these: choose it."
OFF_BY_ONE = "That is off by one: look at where the count begins and where it ends."


def _all(numbers: Numbers) -> list[Slip]:
    found = list(SLIPS)
    for label, number in numbers.items():
        by = abs(number) or np.nan
        for form, factor in ((TIMES, by), (OVER, 1 / by), (ROOT, by**0.5), (ROOT, by**-0.5)):
            found.append(Slip(form.format(label), lambda right, factor=factor: right * factor))
    return found


def sentences(numbers: Numbers) -> list[str]:
    """List everything that `find` can say."""
    return [*dict.fromkeys(slip.says for slip in _all(numbers)), CHOOSE, OFF_BY_ONE]


def find(outputs: Arrays, wanted: Arrays, numbers: Sequence[Numbers]) -> Iterator[tuple[float, str]]:
    """List the slips that lead to the outputs in every case of an exercise: how nearly each fits, and what to say."""
    worst = max(map(distance, outputs, wanted))
    with np.errstate(all="ignore"):
        for slip in zip(*map(_all, numbers), strict=True):
            off = max(map(_off, slip, outputs, wanted))
            if off <= slip[0].within and off < worst:
                yield off, slip[0].says
    if all(map(_is_among, outputs, wanted)):
        yield NEAR, CHOOSE


def _off(slip: Slip, output: np.ndarray, right: np.ndarray) -> float:
    if slip.arranged is None:
        return distance(output, slip.made(right))
    return distance(slip.arranged(output), slip.made(right)) if output.ndim > 0 else np.inf


def _is_among(output: np.ndarray, right: np.ndarray) -> bool:
    return right.ndim == 0 and output.ndim > 0 and any(distance(item, right) <= NEAR for item in output.flat)


def distance(values: np.ndarray, others: np.ndarray) -> float:
    """Return the largest relative distance between two arrays, infinite if their shapes differ or one is not finite."""
    values, others = np.asarray(values, dtype=float), np.asarray(others, dtype=float)
    if values.shape != others.shape or not (np.all(np.isfinite(values)) and np.all(np.isfinite(others))):
        return np.inf
    return float(np.max(np.abs(values - others) / np.maximum(np.abs(others), 1e-12), initial=0.0))
