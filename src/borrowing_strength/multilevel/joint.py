"""The exact posterior of intercept and slope in every market, as weighted points, and what follows from it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit, logit

from borrowing_strength.core.counts import Counts
from borrowing_strength.core.inputs import fits, whole_numbers
from borrowing_strength.core.posterior import IDENTITY, LOGIT, Quantity, Scale
from borrowing_strength.core.rows import Labels
from borrowing_strength.core.special import log_binomial, log_expit
from borrowing_strength.multilevel.lattice import ragged, smooth_density, smooth_step
from borrowing_strength.multilevel.market import Points

_LEAST = 1e-7  # points with a smaller share of the largest mass are left out
_BLOCK, _PIECE = 5_000, 50_000  # counts and points worked out at once

Formula = Callable[[np.ndarray, np.ndarray, float], np.ndarray | float]


def _steep(x: np.ndarray) -> np.ndarray:
    """The rate's slope over its log odds."""
    odds = np.exp(-np.abs(x))
    return odds / (1 + odds) ** 2


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
    """Posterior of (a, b) in several markets: points with their masses, in rows of one a, one market behind the other.

    Of every row there is its a, the distance to the next row, how slopes move from one to the next, and how many points
    it has a cell of the slopes' lattice.
    """

    def __init__(self, markets: Iterable[Points]):
        """`markets` are points whose mass is that of the posterior."""
        found, rows = [], []
        for points in markets:
            kept = points.mass > _LEAST * points.mass.max()
            found.append((points.b[kept], points.mass[kept] / points.mass[kept].sum(), points.row[kept]))
            rows.append((points.a, points.spacing, points.turn, points.finer))
            self.lattice, self.below = points.lattice, points.below
        self.count, self.rows = (np.array([len(part[0]) for part in parts]) for parts in (found, rows))
        self.start, self.first = (np.cumsum(count) - count for count in (self.count, self.rows))
        self.b, self.mass, self.row = map(np.concatenate, zip(*found, strict=True))
        self.row += np.repeat(self.first, self.count)
        self.a, self.between, self.turn, self.finer = map(np.concatenate, zip(*rows, strict=True))

    def within(self, point: np.ndarray | slice) -> np.ndarray:
        """Distance to the next point of the row."""
        return self.lattice.spacing(self.b[point]) / self.finer[self.row[point]]

    def mean(self, value: np.ndarray) -> np.ndarray:
        """Expected value of what has `value` at the points, shape (markets,)."""
        return np.add.reduceat(self.mass * value, self.start)


class Effect(Quantity):
    """Exact posterior of one quantity in every market, such as its slope."""

    def __init__(self, name: str, joints: Joints, which: np.ndarray, labels: Labels = Quantity.labels):
        self._kind, self._joints, self._which = QUANTITIES[name], joints, which
        self._what, self._scale, self.labels = name, self._kind.scale, labels
        self._nodes = 5 * int(joints.count.mean())  # so what is held at once fits the cache

    @cached_property
    def _points(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The quantity's coordinate at every point, how far away the next one is, and whether it lies in the row."""
        joints, kind = self._joints, self._kind
        coordinate, gap, along = (np.empty(len(joints.b), dtype) for dtype in (float, float, bool))
        for part in (slice(i, i + _PIECE) for i in range(0, len(gap), _PIECE)):
            row = joints.row[part]
            at = joints.a[row], joints.b[part], joints.below
            over_b = kind.over_b(*at)
            across = np.abs(kind.over_a(*at) + over_b * joints.turn[row]) * joints.between[row]
            beside = np.abs(over_b) * joints.within(part)
            coordinate[part], along[part] = kind.coordinate(*at), beside >= across
            gap[part] = np.maximum(np.maximum(across, beside), 1e-300)
        return coordinate, gap, along

    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        value = self._scale.to_value(self._points[0])
        mean = self._joints.mean(value)
        return mean, np.sqrt(self._joints.mean((value - np.repeat(mean, self._joints.count)) ** 2))

    def _cdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        element, mass, place, _ = self._from(z, row)
        return np.bincount(element, mass * smooth_step(place), len(z))

    def _pdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        return self._cdf_and_pdf(z, row)[1]

    def _cdf_and_pdf(self, z: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        element, mass, place, gap = self._from(z, row)
        heights = smooth_step(place), smooth_density(place) / gap
        return tuple(np.bincount(element, mass * height, len(z)) for height in heights)

    def _from(self, z: np.ndarray, market: np.ndarray) -> tuple[np.ndarray, ...]:
        """For all points of every element's market: element, mass, and how many gaps of what size it lies above."""
        joints, kind = self._joints, self._kind
        element, point = ragged(joints.count[market])
        point += joints.start[market][element]
        coordinate, gap, along = (part[point] for part in self._points)
        place = (z[element] - coordinate) / gap
        if kind.limit:
            of, row = ragged(joints.rows[market])
            shift = joints.first[market]
            a = joints.a[row + shift[of]]
            limit = kind.limit(a, z[of], joints.below)
            own = joints.row[point] - (shift - np.searchsorted(of, np.arange(len(z))))[element]
            within = joints.within(point)
            place = np.where(along, (limit[own] - joints.b[point]) / within, place)
            gap = np.where(along, np.maximum(within * kind.over_b(a, limit, joints.below)[own], gap / 10), gap)
        return element, joints.mass[point], place, gap

    @cached_property
    def _ends(self) -> tuple[np.ndarray, np.ndarray]:
        coordinate, gap, _ = self._points
        start = self._joints.start
        return np.minimum.reduceat(coordinate - 6 * gap, start), np.maximum.reduceat(coordinate + 6 * gap, start)

    def _bracket(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self._ends[0][row], self._ends[1][row]

    def _start(self, q: np.ndarray, row: np.ndarray) -> np.ndarray:
        """The points in order say nearly where quantiles are."""
        z = np.empty(len(q))
        for g in np.unique(row):
            part = slice(self._joints.start[g], self._joints.start[g] + self._joints.count[g])
            coordinate, mass = self._points[0][part], self._joints.mass[part]
            order = np.argsort(coordinate)
            z[row == g] = np.interp(q[row == g], np.cumsum(mass[order]) - mass[order] / 2, coordinate[order])
        return z

    def predict(self, trials: object) -> Counts:
        """Distribution of the number of successes in future trials, if this quantity is their rate."""
        future = self._one_each("trials", trials, whole_numbers)
        fits("trials", future, len(self))
        node, weight = np.polynomial.legendre.leggauss(200)
        z = self._scale.to_coordinate(self.quantile((1 + node) / 2))
        log_up, log_down = log_expit(z)[..., None], log_expit(-z)[..., None]
        pmf = np.zeros((len(self), future.max() + 1))
        for group, m in enumerate(future.tolist()):
            for start in range(0, m + 1, _BLOCK):
                k = np.arange(start, min(start + _BLOCK, m + 1))
                pmf[group, k] = weight / 2 @ np.exp(log_binomial(k, m, log_up[group], log_down[group]))
        return Counts(pmf)
