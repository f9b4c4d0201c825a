"""Answers that are random draws, judged by their distribution."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from borrowing_strength.exercises import read_answer
from borrowing_strength.exercises.judge import NEAR, Checker, once
from borrowing_strength.exercises.read_answer import Unreadable, show_number

SHARES = (0.005, 0.05, 0.25, 0.5, 0.75, 0.95, 0.995)  # the draws are counted below these quantiles
MINIMUM = 400
ERRORS, ERRORS_OF_MISTAKES = 4.5, 6.0  # a mistake's own draws are as random as the learner's
CONSTANT = "All your draws are the same number."
ONE_DRAW = "That is one draw. Many are asked for: see the argument `size`."


@dataclass(frozen=True)
class Draws(Checker):
    """Random draws from a distribution whose mean, sd and distribution function are known.

    Their mean, and their shares below the exact quantiles, must agree with it within four and a half Monte Carlo
    standard errors. (The outer shares are skewed: four would refuse one honest answer in a few hundred.) What has
    the shape (chain, draw) is judged by its effective sample size, anything else by its length.
    """

    mean: Callable[[], float]
    sd: Callable[[], float]
    cdf: Callable[[float], float]

    def prepare(self) -> None:
        once(self._quantiles)

    def _quantiles(self) -> list[float]:
        mean, sd = once(self.mean), once(self.sd)
        from scipy.optimize import brentq  # here, for it takes longer to import than all the engine

        return [brentq(lambda x, p=p: self.cdf(x) - p, mean - 30 * sd, mean + 30 * sd) for p in SHARES]

    def sentences(self) -> Iterator[str]:
        return iter((*read_answer.NO_NUMBERS, CONSTANT, ONE_DRAW))

    def read(self, answer: Any) -> "_Drawn":
        values = read_answer.numbers(_chains_first(answer))
        if values.size == 1:
            raise Unreadable(ONE_DRAW, f"You passed {show_number(float(values.ravel()[0]))}.")
        if values.ndim not in (1, 2):
            raise Unreadable(f"Draws of one quantity are asked for; yours have shape {values.shape}.")
        if values.size < MINIMUM:
            raise Unreadable(f"At least {MINIMUM:,} draws are asked for; you passed {values.size:,}.")
        if not np.all(np.isfinite(values)):
            raise Unreadable("Some of your draws are not finite numbers.")
        if np.ptp(values) <= 1e-12 * np.abs(values).max():
            raise Unreadable(CONSTANT)
        return _Drawn(values)

    def accepts(self, read: "_Drawn", exactly: bool = False) -> bool:
        off = _off(read.shares(once(self._quantiles)), np.array(SHARES), read.size)
        in_steps = np.diff(np.unique(read.values)).min(initial=np.inf) > read.sd / 10  # as of counts
        return self._mean_agrees(read) and off <= ERRORS and not in_steps

    def _mean_agrees(self, read: "_Drawn") -> bool:
        # The error comes from the known sd: draws with a heavy tail would forgive themselves everything.
        return abs(read.mean - once(self.mean)) <= ERRORS * once(self.sd) / np.sqrt(read.size)

    def distance(self, read: "_Drawn", wrong: Any) -> float:
        other = _Drawn(read_answer.numbers(_chains_first(wrong)))
        if other.values.size < MINIMUM:
            return float("inf")
        points, size = np.quantile(other.values, SHARES), 1 / (1 / read.size + 1 / other.size)
        return NEAR * _off(read.shares(points), other.shares(points), size) / ERRORS_OF_MISTAKES

    def received(self, read: "_Drawn") -> str:
        return f"Your draws have mean {show_number(read.mean)} and standard deviation {show_number(read.sd)}."

    def remark(self, read: "_Drawn") -> str:
        if not self._mean_agrees(read):
            return f"The mean is too {'high' if read.mean > once(self.mean) else 'low'}."
        if abs(read.sd / once(self.sd) - 1) < 0.03:
            return "The mean and the spread are about right, but not the shape: the quartiles or tails lie elsewhere."
        return f"The mean is right; the spread is too {'wide' if read.sd > once(self.sd) else 'narrow'}."


def _off(shares: np.ndarray, wanted: np.ndarray, size: float) -> float:
    """Return by how many standard errors some shares are off, at most."""
    return float(np.max(np.abs(shares - wanted) / np.sqrt(np.maximum(wanted * (1 - wanted), 1e-3) / size)))


def _chains_first(answer: Any) -> Any:
    dims = getattr(answer, "dims", None)
    return answer.transpose("chain", "draw") if isinstance(dims, tuple) and set(dims) == {"chain", "draw"} else answer


class _Drawn:
    """What is known of draws: their values, and how many independent ones they are worth."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values
        self.mean, self.sd = float(values.mean()), float(values.std())

    @cached_property
    def size(self) -> float:
        if self.values.ndim < 2 or min(self.values.shape) == 1:
            return self.values.size
        from arviz_stats.base import array_stats

        # Chains are fewer than draws: a plain array may come either way round.
        chains = self.values if len(self.values) <= self.values.shape[1] else self.values.T
        return float(array_stats.ess(chains, chain_axis=0, draw_axis=1))

    def shares(self, points: Any) -> np.ndarray:
        return np.array([np.mean(self.values <= point) for point in points])
