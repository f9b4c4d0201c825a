"""The exact posterior of intercept and slope in every market, row by row, and what follows from it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline, PPoly
from scipy.special import expit, logit

from borrowing_strength.core.counts import Counts
from borrowing_strength.core.inputs import one_each, whole_numbers
from borrowing_strength.core.posterior import IDENTITY, LOGIT, Quantity, Scale
from borrowing_strength.core.special import log_binomial, log_expit
from borrowing_strength.multilevel.lattice import TAPS, lagrange, running_integral
from borrowing_strength.multilevel.market import Points

_BLOCK = 5_000  # counts worked out at once


@dataclass(frozen=True)
class Kind:
    """A quantity's coordinate as a function of intercept a and slope b.

    Where it rises with b it is at most z as long as b is at most `limit(a, z)`; `rise` is that limit's slope over z,
    as a function of the log odds a + b. Without a limit the quantity depends on a alone.
    """

    coordinate: Callable[[np.ndarray, np.ndarray], np.ndarray]
    scale: Scale = IDENTITY
    limit: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None
    rise: Callable[[np.ndarray], np.ndarray | float] = lambda c: 1.0


def _limit_of_difference(a: np.ndarray, z: np.ndarray) -> np.ndarray:
    return logit(np.clip(expit(a) + z, 1e-300, 1 - 1e-16)) - a


QUANTITIES = {
    "intercept": Kind(lambda a, b: a + 0 * b),
    "slope": Kind(lambda a, b: b + 0 * a, limit=lambda a, z: z),
    "rate_control": Kind(lambda a, b: a + 0 * b, LOGIT),
    "rate_treatment": Kind(lambda a, b: a + b, LOGIT, lambda a, z: z - a),
    "difference": Kind(
        lambda a, b: expit(a + b) - expit(a), IDENTITY, _limit_of_difference, lambda c: 1 / (expit(c) * expit(-c))
    ),
}


class Joints:
    """Posterior of (a, b) in several markets. Rows of all markets lie one behind the other, so do their points."""

    def __init__(self, markets: Iterable[Points]):
        """`markets` are points whose mass is that of the posterior."""
        rows, masses, below, moments, ends, self.intercepts = [], [], [], [], [], []
        for points in markets:
            self.lattice, a, mass = points.lattice, points.a[:, None], points.mass / points.mass.sum()
            b = self.lattice.at(points.t)
            coordinates = [kind.coordinate(a, b) for kind in QUANTITIES.values()]
            values = [k.scale.to_value(z) for k, z in zip(QUANTITIES.values(), coordinates, strict=True)]
            means = [np.sum(mass * value) for value in values]
            squares = [np.sum(mass * (value - mean) ** 2) for value, mean in zip(values, means, strict=True)]
            moments.append([means, np.sqrt(squares)])
            ends.append([(z.min(), z.max()) for z in coordinates])
            self.intercepts.append(_spline(points.a, mass.sum(axis=1) / points.size, points.spacing))
            rows.append([points.a, points.first, points.finer, np.full(len(points.a), mass.shape[1])])
            masses.append(mass.ravel())
            below.append(running_integral(mass))
        self.ends = np.array(ends)  # (markets, quantities, 2)
        self.moments = np.array(moments)  # (markets, 2, quantities)
        self.count = np.array([len(part[0]) for part in rows])
        self.start = np.cumsum(self.count) - self.count
        self.a, self.first, self.finer, self.length = (np.concatenate(part) for part in zip(*rows, strict=True))
        self.below = np.concatenate([part.ravel() for part in below])
        self.mass = np.concatenate(masses)
        self.offset = np.cumsum(self.length) - self.length
        self.total = np.array([part[:, -1].sum() for part in below])

    def at(self, kind: Kind, z: np.ndarray, market: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Probability that the quantity is at most z, and its density there, element by element."""
        if not kind.limit:
            return self._at_intercept(z, market)
        # 1. Every row of every element's market.
        count = self.count[market]
        element = np.repeat(np.arange(len(z)), count)
        row = np.arange(len(element)) + np.repeat(self.start[market] - (np.cumsum(count) - count), count)
        # 2. The place of the limit among the row's points.
        a, finer, last = self.a[row], self.finer[row], self.length[row] - 1
        limit = kind.limit(a, z[element])
        place = self.lattice.place(limit) * finer - self.first[row]
        cell = np.clip(np.floor(place), 0, last - 1).astype(int)
        weights, inside = lagrange(np.clip(place - cell, 0, 1)), (place >= 0) & (place <= last)
        # 3. The mass below it, and the density.
        below, density = 0.0, 0.0
        for tap, weight in zip(TAPS, weights, strict=True):
            point = self.offset[row] + np.clip(cell + tap, 0, last)
            below, density = below + weight * self.below[point], density + weight * self.mass[point]
        density = np.where(inside, density * finer / self.lattice.spacing(limit) * kind.rise(a + limit), 0)
        total = self.total[market]
        return np.bincount(element, below, len(z)) / total, np.bincount(element, density, len(z)) / total

    def _at_intercept(self, z: np.ndarray, market: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        below, density = np.empty_like(z), np.empty_like(z)
        for g in np.unique(market):
            mine, curve = market == g, self.intercepts[g]
            ends = curve.x[[0, -1]]
            below[mine] = curve(np.clip(z[mine], *ends))
            density[mine] = np.where((z[mine] < ends[0]) | (z[mine] > ends[1]), 0, curve(z[mine], 1))
        return below, density


def _spline(a: np.ndarray, density: np.ndarray, spacing: np.ndarray) -> PPoly:
    """Distribution function of a, from its density at points in any order: the integral of a cubic spline."""
    order = np.argsort(a)
    a, density, spacing = a[order], density[order], spacing[order]
    kept = np.append(True, np.diff(a) > 0.3 * spacing[1:])
    below = CubicSpline(a[kept], density[kept]).antiderivative()
    below.c /= below(a[kept][-1])
    return below


class Effect(Quantity):
    """Exact posterior of one quantity in every market, such as its slope."""

    def __init__(self, name: str, joints: Joints, which: np.ndarray):
        self._kind, self._joints, self._which = QUANTITIES[name], joints, which
        self._scale = self._kind.scale
        self._nodes = int(len(TAPS) * joints.count.mean())
        self._column = list(QUANTITIES).index(name)

    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        return tuple(self._joints.moments[:, :, self._column].T)

    def _cdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        return self._joints.at(self._kind, z, row)[0]

    def _pdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        return self._joints.at(self._kind, z, row)[1]

    def _ends(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return tuple(self._joints.ends[row, self._column].T)

    def predict(self, trials: object) -> Counts:
        """Distribution of the number of successes in future trials, if this quantity is their rate."""
        future = one_each("trials", trials, whole_numbers, len(self))
        node, weight = np.polynomial.legendre.leggauss(200)
        z = self._scale.to_coordinate(self.quantile((1 + node) / 2))
        log_up, log_down = log_expit(z)[..., None], log_expit(-z)[..., None]
        pmf = np.zeros((len(self), future.max() + 1))
        for group, m in enumerate(future.tolist()):
            for start in range(0, m + 1, _BLOCK):
                k = np.arange(start, min(start + _BLOCK, m + 1))
                pmf[group, k] = weight / 2 @ np.exp(log_binomial(k, m, log_up[group], log_down[group]))
        return Counts(pmf)
