"""The exact posterior of intercept and slope in every market, as weighted points, and what follows from it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit, logit

from borrowing_strength.core.counts import Counts
from borrowing_strength.core.inputs import whole_numbers
from borrowing_strength.core.posterior import IDENTITY, LOGIT, Quantity, Scale
from borrowing_strength.core.special import log_binomial, log_expit
from borrowing_strength.multilevel.lattice import smooth_density, smooth_step
from borrowing_strength.multilevel.market import Points

_LEAST = 1e-7  # points with a smaller share of the largest mass are left out
_BLOCK = 5_000  # counts worked out at once

Formula = Callable[[np.ndarray, np.ndarray, float], np.ndarray | float]


def _steep(x: np.ndarray) -> np.ndarray:
    """The rate's slope over its log odds."""
    return expit(x) * expit(-x)


def _slope_for(a: np.ndarray, difference: np.ndarray, h: float) -> np.ndarray:
    """The slope that makes a difference d of rates, given the intercept.

    In symmetric coding ``d = sinh(b / 2) / (cosh a + cosh(b / 2))``.
    """
    d = np.clip(difference, -1, 1)
    with np.errstate(divide="ignore", over="ignore"):
        half = np.arctanh(d) + np.arcsinh(d * np.cosh(a) / np.sqrt(1 - d**2))
        return np.clip(2 * half if h else logit(np.clip(expit(a) + d, 0, 1)) - a, -1e300, 1e300)


@dataclass(frozen=True)
class Kind:
    """A quantity's coordinate as a function of intercept a, slope b and the coding h; derivatives over a and b.

    `limit` is the slope at which it takes a value, given the intercept; needed where it bends within a few points.
    """

    coordinate: Formula
    over_a: Formula
    over_b: Formula
    scale: Scale = IDENTITY
    limit: Formula | None = None


QUANTITIES = {
    "intercept": Kind(lambda a, b, h: a, lambda a, b, h: 1.0, lambda a, b, h: 0.0),
    "slope": Kind(lambda a, b, h: b, lambda a, b, h: 0.0, lambda a, b, h: 1.0),
    "rate_control": Kind(lambda a, b, h: a - h * b, lambda a, b, h: 1.0, lambda a, b, h: -h, LOGIT),
    "rate_treatment": Kind(lambda a, b, h: a + (1 - h) * b, lambda a, b, h: 1.0, lambda a, b, h: 1 - h, LOGIT),
    "difference": Kind(
        lambda a, b, h: expit(a + (1 - h) * b) - expit(a - h * b),
        lambda a, b, h: _steep(a + (1 - h) * b) - _steep(a - h * b),
        lambda a, b, h: (1 - h) * _steep(a + (1 - h) * b) + h * _steep(a - h * b),
        limit=_slope_for,
    ),
}


class Joints:
    """Posterior of (a, b) in several markets: points with their masses, one market behind the other."""

    def __init__(self, markets: Iterable[Points]):
        """`markets` are points whose mass is that of the posterior."""
        found = []
        for points in markets:
            mass = points.mass / points.mass.sum()
            kept = mass > _LEAST * mass.max()
            within = points.lattice.spacing(points.b) / points.finer[points.row]
            rows = (part[points.row] for part in (points.a, points.spacing, points.turn))
            found.append([part[kept] for part in (points.b, mass, within, *rows)])
            self.below = points.below
        self.count = np.array([len(part[0]) for part in found])
        self.start = np.cumsum(self.count) - self.count
        # Distances to the next point of the row, and to the next row; how slopes move from one to the next.
        self.b, self.mass, self.within, self.a, self.between, self.turn = map(np.concatenate, zip(*found, strict=True))
        self.mass /= np.repeat(np.add.reduceat(self.mass, self.start), self.count)

    def mean(self, value: np.ndarray) -> np.ndarray:
        """Expected value of what has `value` at the points, shape (markets,)."""
        return np.add.reduceat(self.mass * value, self.start)


class Effect(Quantity):
    """Exact posterior of one quantity in every market, such as its slope."""

    def __init__(self, name: str, joints: Joints, which: np.ndarray):
        self._kind, self._joints, self._which = QUANTITIES[name], joints, which
        self._what, self._scale = name, self._kind.scale
        self._nodes = int(joints.count.mean())

    @cached_property
    def _points(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The quantity's coordinate at every point, how far away the next one is, and whether it lies in the row."""
        joints, kind = self._joints, self._kind
        at = joints.a, joints.b, joints.below
        over_b = kind.over_b(*at)
        across = np.abs(kind.over_a(*at) + over_b * joints.turn) * joints.between
        along = np.abs(over_b) * joints.within
        return kind.coordinate(*at), np.maximum(np.maximum(across, along), 1e-300), along >= across

    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        value = self._scale.to_value(self._points[0])
        mean = self._joints.mean(value)
        return mean, np.sqrt(self._joints.mean((value - np.repeat(mean, self._joints.count)) ** 2))

    def _cdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        element, point, place, _ = self._from(z, row)
        return np.bincount(element, self._joints.mass[point] * smooth_step(place), len(z))

    def _pdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        element, point, place, gap = self._from(z, row)
        return np.bincount(element, self._joints.mass[point] * smooth_density(place) / gap, len(z))

    def _from(self, z: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, ...]:
        """Element and point, for all points of every element's market; how many gaps the element lies above it."""
        count, start = self._joints.count[row], self._joints.start[row]
        element = np.repeat(np.arange(len(z)), count)
        point = np.arange(len(element)) + np.repeat(start - (np.cumsum(count) - count), count)
        coordinate, gap, along = (part[point] for part in self._points)
        place = (z[element] - coordinate) / gap
        if self._kind.limit:
            a, within, h = self._joints.a[point], self._joints.within[point], self._joints.below
            limit = self._kind.limit(a, z[element], h)
            place = np.where(along, (limit - self._joints.b[point]) / within, place)
            gap = np.where(along, np.maximum(within * self._kind.over_b(a, limit, h), gap / 10), gap)
        return element, point, place, gap

    def _bracket(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        coordinate, gap, _ = self._points
        start = self._joints.start
        low, high = np.minimum.reduceat(coordinate - 6 * gap, start), np.maximum.reduceat(coordinate + 6 * gap, start)
        return low[row], high[row]

    def predict(self, trials: object) -> Counts:
        """Distribution of the number of successes in future trials, if this quantity is their rate."""
        future = self._one_each("trials", trials, whole_numbers)
        node, weight = np.polynomial.legendre.leggauss(200)
        z = self._scale.to_coordinate(self.quantile((1 + node) / 2))
        log_up, log_down = log_expit(z)[..., None], log_expit(-z)[..., None]
        pmf = np.zeros((len(self), future.max() + 1))
        for group, m in enumerate(future.tolist()):
            for start in range(0, m + 1, _BLOCK):
                k = np.arange(start, min(start + _BLOCK, m + 1))
                pmf[group, k] = weight / 2 @ np.exp(log_binomial(k, m, log_up[group], log_down[group]))
        return Counts(pmf)
