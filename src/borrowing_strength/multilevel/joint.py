"""Quantities that follow from the joint posterior of an intercept and a slope on a grid."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.interpolate import CubicSpline, PPoly
from scipy.special import expit, gammaln, logit

from borrowing_strength.core.counts import Counts
from borrowing_strength.core.inputs import levels, same_length, tails, whole_number, whole_numbers
from borrowing_strength.multilevel.engine import Solution
from borrowing_strength.multilevel.nodes import Nodes, one_thread

_BLOCK = 1_000_000  # probabilities of counts held at once


@dataclass(frozen=True)
class Joint:
    """Density of (a, b) on a grid, with the weights of the quadrature over a and over b."""

    a: np.ndarray
    b: np.ndarray
    density: np.ndarray
    weight_a: np.ndarray
    weight_b: np.ndarray

    def mean(self, value: np.ndarray) -> float:
        """Expected value of what has `value` on the grid."""
        mass = self.weight_a[:, None] * self.density * self.weight_b
        return float(np.sum(mass * value) / mass.sum())

    @cached_property
    def swapped(self) -> "Joint":
        """The same with a and b in each other's place."""
        return Joint(self.b, self.a, self.density.T, self.weight_b, self.weight_a)

    @cached_property
    def distribution_of_b(self) -> PPoly:
        """Probability of b <= z, inside the grid: the integral of a cubic spline."""
        total = CubicSpline(self.b, self.weight_a @ self.density).antiderivative()
        total.c /= total(self.b[-1])
        return total

    def below(self, limit: np.ndarray) -> np.ndarray:
        """Probability of b <= limit(a), for limits of shape (len(a), k); shape (k,)."""
        i = np.clip(np.searchsorted(self.b, limit) - 1, 0, len(self.b) - 2)
        x = np.clip(limit, self.b[0], self.b[-1]) - self.b[i]
        row = np.arange(len(self.a))[:, None]
        total = np.zeros(limit.shape)
        for coefficient in self._mass_below:
            total = total * x + coefficient[i, row]
        return np.clip(self.weight_a @ total / (self.weight_a @ self._row_mass), 0, 1)

    @cached_property
    def _mass_below(self) -> np.ndarray:
        """Cubic splines through every row, integrated from the left; coefficients (5, cells, rows)."""
        return CubicSpline(self.b, self.density, axis=1).antiderivative().c

    @cached_property
    def _row_mass(self) -> np.ndarray:
        return CubicSpline(self.b, self.density, axis=1).integrate(self.b[0], self.b[-1])


def market_joints(solution: Solution) -> list[Joint]:
    """The posterior of every market."""
    out = []
    for grid in solution.grids:
        weights = (np.full(len(x), x[1] - x[0]) for x in (grid.a, grid.b))
        out.append(Joint(grid.a, grid.b, solution.joint(grid), *weights))
    return out


@one_thread
def population_joint(solution: Solution) -> Joint:
    """The posterior of a market that has not been observed."""
    (a, weight_a), (b, weight_b) = (
        _stretched(nodes, solution.mass.sum(axis=axis)) for nodes, axis in ((solution.of_a, 1), (solution.of_b, 0))
    )
    density = solution.of_a.weights(a).T @ solution.mass @ solution.of_b.weights(b)
    return Joint(a, b, density, weight_a, weight_b)


def _stretched(nodes: Nodes, mass: np.ndarray, points: int = 401) -> tuple[np.ndarray, np.ndarray]:
    """A grid that is fine where narrow populations are and wide enough for the widest ones, and its weights."""
    centre = mass @ nodes.mean
    core = 3 * np.sqrt(mass @ (nodes.mean - centre) ** 2) + nodes.narrowest
    low, high = (np.arcsinh((end - centre) / core) for end in nodes.reach)
    x = np.linspace(low, high, points)
    return centre + core * np.sinh(x), core * np.cosh(x) * (x[1] - x[0])


Limit = Callable[[Joint, np.ndarray], np.ndarray]


class Quantity:
    """Exact posterior of one quantity in every market.

    Attributes
    ----------
    mean, sd : ndarray, shape (markets,)
        Posterior means and standard deviations.
    """

    def __init__(
        self,
        joints: Sequence[Joint],
        value: Callable[[np.ndarray, np.ndarray], np.ndarray],
        below: Limit,
        ends: Callable[[Joint], tuple[float, float]],
        to_value: np.ufunc = np.positive,
        from_value: np.ufunc = np.positive,
    ):
        self._joints, self._below, self._ends = joints, below, ends
        self._to_value, self._from_value = to_value, from_value
        grids = [value(joint.a[:, None], joint.b) for joint in joints]
        self.mean = np.array([joint.mean(grid) for joint, grid in zip(joints, grids, strict=True)])
        squares = [j.mean((grid - m) ** 2) for j, grid, m in zip(joints, grids, self.mean, strict=True)]
        self.sd = np.sqrt(squares)

    def __len__(self) -> int:
        return len(self._joints)

    def cdf(self, value: float | np.ndarray) -> np.ndarray:
        """Posterior probability of at most `value`, shape `(markets, *value.shape)`."""
        with np.errstate(divide="ignore"):
            z = self._from_value(np.asarray(value, dtype=float))
        return np.array([self._below(joint, z.ravel()).reshape(z.shape) for joint in self._joints])

    def quantile(self, q: float | np.ndarray) -> np.ndarray:
        """Posterior quantiles, shape `(markets, *q.shape)`."""
        q = levels(q)
        return self._to_value(np.array([self._solve(joint, q.ravel()).reshape(q.shape) for joint in self._joints]))

    def interval(self, prob: float = 0.95) -> np.ndarray:
        """Equal-tailed interval that holds each market's value with probability `prob`, shape (markets, 2)."""
        return self.quantile(tails(prob))

    def _solve(self, joint: Joint, q: np.ndarray) -> np.ndarray:
        low, high = (np.full(q.shape, end) for end in self._ends(joint))
        for _ in range(40):
            middle = (low + high) / 2
            short = self._below(joint, middle) < q
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return (low + high) / 2


def intercept(joints: Sequence[Joint]) -> Quantity:
    """Log odds of success under control."""
    return Quantity(joints, lambda a, b: a + 0 * b, _below_a, _ends_of_a)


def slope(joints: Sequence[Joint]) -> Quantity:
    """What the treatment adds to the log odds."""
    return Quantity(joints, lambda a, b: b + 0 * a, _below_b, lambda joint: (joint.b[0], joint.b[-1]))


def rate_control(joints: Sequence[Joint]) -> Quantity:
    """Probability of success under control."""
    return Quantity(joints, lambda a, b: expit(a + 0 * b), _below_a, _ends_of_a, expit, logit)


def rate_treatment(joints: Sequence[Joint]) -> Quantity:
    """Probability of success under treatment."""
    return Quantity(joints, lambda a, b: expit(a + b), _below_sum, _ends_of_sum, expit, logit)


def difference(joints: Sequence[Joint]) -> Quantity:
    """Rate under treatment less rate under control."""
    return Quantity(joints, lambda a, b: expit(a + b) - expit(a), _below_difference, lambda joint: (-1.0, 1.0))


def predict(rate: Quantity, trials: object) -> Counts:
    """Distribution of the number of successes in future trials, given the rate's posterior."""
    if np.ndim(trials) == 0:
        trials = [whole_number("trials", trials, least=0)] * len(rate)
    future = whole_numbers("trials", trials)
    same_length("trials", future, "the posterior", rate)
    pmf = np.zeros((len(rate), future.max() + 1))
    for row, m in zip(range(len(rate)), future.tolist(), strict=True):
        pmf[row, : m + 1] = _predict_one(rate, row, m)
    return Counts(pmf)


def _predict_one(rate: Quantity, row: int, m: int) -> np.ndarray:
    joint = rate._joints[row]
    ends = np.linspace(*rate._ends(joint), 2001)
    mass = np.diff(rate._below(joint, ends))
    middle = (ends[1:] + ends[:-1]) / 2
    k = np.arange(m + 1)
    choose = gammaln(m + 1) - gammaln(k + 1) - gammaln(m - k + 1)
    log_up, log_down = -np.logaddexp(0, -middle)[:, None], -np.logaddexp(0, middle)[:, None]
    pmf = np.empty(m + 1)
    size = max(1, _BLOCK // len(mass))
    for start in range(0, m + 1, size):
        part = k[start : start + size]
        pmf[part] = mass @ np.exp(choose[part] + part * log_up + (m - part) * log_down)
    return pmf / pmf.sum()


def _below_a(joint: Joint, z: np.ndarray) -> np.ndarray:
    return _below_b(joint.swapped, z)


def _below_b(joint: Joint, z: np.ndarray) -> np.ndarray:
    return np.clip(joint.distribution_of_b(np.clip(z, joint.b[0], joint.b[-1])), 0, 1)


def _below_sum(joint: Joint, z: np.ndarray) -> np.ndarray:
    return joint.below(z - joint.a[:, None])


def _below_difference(joint: Joint, z: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        limit = logit(np.clip(expit(joint.a)[:, None] + z, 0, 1))
    return joint.below(limit - joint.a[:, None])


def _ends_of_a(joint: Joint) -> tuple[float, float]:
    return joint.a[0], joint.a[-1]


def _ends_of_sum(joint: Joint) -> tuple[float, float]:
    return joint.a[0] + joint.b[0], joint.a[-1] + joint.b[-1]
