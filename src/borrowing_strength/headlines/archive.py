"""An archive of tests as the model reads it, and what is known of every test's level once the spread is given."""

from copy import copy
from dataclasses import dataclass

import numpy as np

from borrowing_strength.core.gammas import log_rise
from borrowing_strength.core.inputs import number, probability

_ARMS = 4_000  # of a batch: with some twenty nodes each an array that a processor's cache can hold
_AT_ONCE = 100  # arms that are worked out in one call: of a small archive for many spreads
_DROP = 22.0  # levels whose density lies below exp(-_DROP) of the highest are left out


@dataclass(frozen=True)
class TwoSpreads:
    """A population with a heavier tail: a `share` of the arms varies `ratio` times as much as the others."""

    share: float
    ratio: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "share", probability("share", self.share))
        object.__setattr__(self, "ratio", number("ratio", self.ratio))
        if not 1 < self.ratio <= 100:
            raise ValueError(f"ratio is {self.ratio:g}: it must lie above 1 and not above 100")


Shapes = list[tuple[float, float | np.ndarray]]


def shapes(spread: float | np.ndarray, population: TwoSpreads | None) -> Shapes:
    """Log share, and the shape c of its Gamma(c, c), of every part of the population."""
    if population is None:
        return [(0.0, spread**-2.0)]
    share, ratio = population.share, population.ratio
    return [(np.log1p(-share), spread**-2.0), (np.log(share), (ratio * spread) ** -2.0)]


def log_parts(y: np.ndarray, n: np.ndarray, log_level: np.ndarray, of: Shapes) -> list[np.ndarray]:
    """For every part of the population log share + log likelihood of arms; all arrays broadcast.

    The count is negative binomial: Poisson, with a mean of trials x level x Gamma(c, c). What depends neither on level
    nor on spread is left out.
    """
    known, expected = y * log_level, n * np.exp(log_level)
    return [known - (c + y) * np.log1p(expected / c) + (log_share + log_rise(c, y)) for log_share, c in of]


def log_sum(parts: list[np.ndarray]) -> np.ndarray:
    """Log of the sum of one or two numbers whose logs are given; `np.logaddexp` takes twice as long."""
    if len(parts) == 1:
        return parts[0]
    first, second = parts
    return np.maximum(first, second) + np.log1p(np.exp(-np.abs(first - second)))


@dataclass(frozen=True)
class Levels:
    """Nodes of every test's log level, given the spread, and their weights, shape (tests, nodes).

    Each row of weights sums to one; `log_evidence` has shape (tests,).
    """

    log_level: np.ndarray
    weight: np.ndarray
    log_evidence: np.ndarray


class Batch:
    """Tests with equally many arms, and with about equally many clicks, so that they need about as many nodes.

    `tests` has their numbers; `arms` the positions of their arms, and `y` and `n` these arms' counts, shape (tests,
    arms).
    """

    def __init__(
        self, tests: np.ndarray, arms: np.ndarray, y: np.ndarray, n: np.ndarray, population: TwoSpreads | None
    ):
        self.tests, self.arms, self.population = tests, arms, population
        self.y, self.n = y[arms].astype(float), n[arms].astype(float)
        self._per_sd = 1.33
        self._pooled = self.y.sum(axis=1) / self.n.sum(axis=1)

    def at_spreads(self, spread: np.ndarray, error: float) -> Levels:
        """`levels` for many spreads at once: all of its arrays get a first axis, of the spreads."""
        more, each = copy(self), np.repeat(spread, len(self.y))[:, None]
        more.y, more.n = np.tile(self.y, (len(spread), 1)), np.tile(self.n, (len(spread), 1))
        more._pooled = np.tile(self._pooled, len(spread))
        found = more.levels(each, error)
        parts = (found.log_level, found.weight, found.log_evidence)
        return Levels(*(x.reshape(len(spread), len(self.y), *x.shape[1:]) for x in parts))

    def levels(self, spread: float | np.ndarray, error: float, apart: float = np.inf) -> Levels:
        """Trapezoidal rule over every test's log level, whose prior is flat; one spread, or of shape (tests, 1).

        The step is made smaller until leaving out every second node changes each integral by less than `error`; the
        full rule is then right to about its square. No step is larger than `apart`.
        """
        left, right = self._reach(spread)
        sd = self._sd(spread)
        wide, least = np.quantile((right - left) / sd, 0.9), (right - left).max() / apart + 1
        nodes = int(max(16, wide * self._per_sd, least)) | 1
        while True:
            log_level = left[:, None] + (right - left)[:, None] * np.linspace(0, 1, nodes)
            log_mass = self._log_mass(log_level, spread)
            top = log_mass.max(axis=1)
            mass = np.exp(log_mass - top[:, None])
            total = mass.sum(axis=1)
            if nodes > 4000 or np.abs(2 * mass[:, ::2].sum(axis=1) / total - 1).max() < error:
                step = log_level[:, 1] - log_level[:, 0]
                return Levels(log_level, mass / total[:, None], top + np.log(total * step))
            nodes += nodes // 8 * 2
            self._per_sd = min(nodes / wide, 3)  # the next spread will need about as many

    def _log_mass(self, log_level: np.ndarray, spread: float | np.ndarray) -> np.ndarray:
        """Log likelihood of every test at its levels, shape (tests, nodes)."""
        of = shapes(spread[..., None] if np.ndim(spread) else spread, self.population)
        parts = log_parts(self.y[..., None], self.n[..., None], log_level[:, None], of)
        return log_sum(parts).sum(axis=1)

    def _sd(self, spread: float | np.ndarray) -> np.ndarray:
        """About how wide each test's likelihood is, from the curvature that the narrow part of the population gives."""
        c = shapes(spread, self.population)[0][1]
        share = 1 / (1 + c / (self._pooled[:, None] * self.n))
        return 1 / np.sqrt(np.sum((c + self.y) * share * (1 - share), axis=1))

    def _reach(self, spread: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Between which log levels each test's likelihood lies.

        For one part of the population the log likelihood is concave in the log level. So Newton's method finds its
        top, and from outside the points where it has fallen by `_DROP`: a tangent never lies below the curve, and no
        step oversteps them. The widest part reaches furthest; what others cut off of that is left out.
        """
        clicks, c = self.y.sum(axis=1), shapes(spread, self.population)[-1][1]

        def height(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            ratio, a = self.n * np.exp(x)[:, None] / c, c + self.y
            share = ratio / (1 + ratio)
            sums = ((a * f).sum(axis=1) for f in (np.log1p(ratio), share, share * (1 - share)))
            return tuple(base - part for base, part in zip((clicks * x, clicks, 0), sums, strict=True))

        top = np.log(self._pooled)
        for _ in range(100):
            _, slope, bend = height(top)
            move = np.clip(-slope / bend, -2, 2)
            top = top + move
            if np.all(np.abs(move) < 0.3 / np.sqrt(-bend)):
                break
        highest, _, bend = height(top)
        ends = []
        for sign in (-1, 1):
            end = top + sign * np.sqrt(-2 * _DROP / bend)
            for _ in range(100):
                at, slope, _ = height(end)
                move = (at - highest + _DROP) / slope
                end = end - move
                if np.all(np.abs(move) < 0.1 * np.abs(end - top)):
                    break
            ends.append(end)
        if self.population is None:
            return ends[0], ends[1]
        log_level = ends[0][:, None] + (ends[1] - ends[0])[:, None] * np.linspace(0, 1, 33)
        log_mass = self._log_mass(log_level, spread)
        high = log_mass > log_mass.max(axis=1, keepdims=True) - _DROP
        rows, last = np.arange(len(high)), 32 - high[:, ::-1].argmax(axis=1)
        return log_level[rows, np.maximum(high.argmax(axis=1) - 1, 0)], log_level[rows, np.minimum(last + 1, 32)]


def batches(test: np.ndarray, y: np.ndarray, n: np.ndarray, population: TwoSpreads | None) -> list[Batch]:
    """The archive in batches; `test` has the number of each arm's test."""
    size, clicks = np.bincount(test), np.bincount(test, y)
    by_test = np.argsort(test, kind="stable")
    first = np.append(0, np.cumsum(size)[:-1])
    found = []
    for arms in np.unique(size):
        tests = np.flatnonzero(size == arms)
        tests = tests[np.argsort(clicks[tests], kind="stable")]
        pieces = np.array_split(tests, -(-len(tests) * arms // _ARMS))
        found += [Batch(some, by_test[first[some][:, None] + np.arange(arms)], y, n, population) for some in pieces]
    return found


def in_pieces(parts: list[Batch], spread: np.ndarray) -> list[np.ndarray]:
    """As many spreads at a time as make `Batch.at_spreads` quick; a large archive takes them one by one."""
    many = max(1, _AT_ONCE // sum(batch.y.size for batch in parts))
    return [spread[i : i + many] for i in range(0, len(spread), many)]
