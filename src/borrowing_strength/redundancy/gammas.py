"""Mixtures of Gamma distributions: what every failure rate's exact posterior is in lesson 03."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import gammainc, gammaincc, gammaincinv, polygamma

from borrowing_strength.core.fourier import Waves
from borrowing_strength.core.gammas import PoissonMixture, log_rate_density, reach
from borrowing_strength.core.inputs import positives
from borrowing_strength.core.posterior import CELLS, LOG, Quantity
from borrowing_strength.core.quadrature import ORDERS, WORTH_COMPRESSING, Plane, middle
from borrowing_strength.core.ranking import compete, contenders
from borrowing_strength.core.special import log_gamma_ratio


@dataclass(frozen=True)
class Population:
    """What is known of the population: Gamma(shape, rate) at every node of a quadrature, and the node's probability.

    `spacing` is the distance of a node to its neighbours in log(shape / rate). Nodes stand for a smooth density between
    them, which has no frequencies above pi / spacing. `moments` says how many moments of a rate from the population are
    finite.
    """

    weight: np.ndarray
    shape: np.ndarray
    rate: np.ndarray
    spacing: float
    moments: int
    plane: Plane | None = None

    @classmethod
    def of(cls, plane: Plane, moments: int) -> "Population":
        """All nodes of a plane over u = log(shape / rate) and v = log(shape) that matter."""
        u, v, weight, _ = plane.heavy()
        return cls(weight, np.exp(v), np.exp(v - u), plane.u[-1, 1] - plane.u[-1, 0], moments, plane)

    def compress(self, order: int) -> "Population":
        """A few nodes in place of many, for rates that hardly depend on where the population is."""
        u, v, weight = self.plane.compress(order)
        return Population(weight, np.exp(v), np.exp(v - u), np.inf, self.moments)


class GammaMixture(Quantity):
    """Rates that are Gamma(shape + failures, rate + hours) given (shape, rate), with weights over these two.

    Parameters
    ----------
    population : Population
        The weights.
    failures, hours : ndarray, shape (groups,)
        What each group adds.
    moments : int
        How many moments of a rate are finite; the others are given as infinite.
    """

    _scale = LOG

    def __init__(self, population: Population, failures: np.ndarray, hours: np.ndarray, moments: int = 2):
        (self._y, self._t), self._which = np.unique(np.stack([failures, hours]), axis=1, return_inverse=True)
        self._population, self._finite = population, moments

    def predict(self, hours: object) -> "PoissonMixture":
        """Distribution of the number of failures in future hours of operation of every group.

        Parameters
        ----------
        hours : float or array_like, shape (groups,)
            Future hours, in the unit of the data: one number for all groups, or one for each.
        """
        hours = self._one_each("hours", hours, positives)
        return PoissonMixture(
            self.mean, self.sd, [(self._population.weight, *self._shapes(k)) for k in self._which], hours
        )

    # ------------------------------------------------------------------------------- what `Quantity` asks for

    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        weight, infinite = self._used.weight, np.full(len(self._y), np.inf)
        means, sds = np.empty(len(self._y)), np.empty(len(self._y))
        size = max(1, CELLS // len(weight))
        for chunk in (slice(i, i + size) for i in range(0, len(self._y), size)):
            a, b = self._given(np.arange(len(self._y))[chunk])
            means[chunk] = (a / b) @ weight
            sds[chunk] = np.sqrt((a / b**2 + (a / b - means[chunk, None]) ** 2) @ weight)
        return means if self._finite >= 1 else infinite, sds if self._finite == 2 else infinite

    def _cdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        if self._used is not self._population:
            a, b = self._given(row)
            return gammainc(a, b * np.exp(z)[:, None]) @ self._used.weight
        total = np.zeros(z.shape) if self._waves is None else self._waves.cdf(z, row)
        for k in np.unique(row):
            weight, a, b = self._wide[k]
            total[row == k] += gammainc(a, b * np.exp(z[row == k, None])) @ weight
        return total

    def _pdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        if self._used is not self._population:
            return log_rate_density(z[:, None], *self._given(row)) @ self._used.weight
        total = np.zeros(z.shape) if self._waves is None else self._waves.pdf(z, row)
        for k in np.unique(row):
            weight, a, b = self._wide[k]
            total[row == k] += log_rate_density(z[row == k, None], a, b) @ weight
        return total

    def _bracket(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        a, b = self._given(row)  # from the smallest rate that a float holds
        return np.full(row.shape, -740.0), np.log((a + 8 * np.sqrt(a) + 60) / b).max(axis=1)

    def _start(self, q: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Quantiles of the Gamma distribution that the heaviest node gives."""
        node = np.argmax(self._used.weight)
        a, b = self._used.shape[node] + self._y[row], self._used.rate[node] + self._t[row]
        return np.log(np.maximum(gammaincinv(a, q) / b, 1e-300))

    # ------------------------------------------------------------------------------------------ wide and narrow

    def _shapes(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        return self._population.shape + self._y[k], self._population.rate + self._t[k]

    def _given(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Shapes and rates of the components in use, shape (rows, nodes) each."""
        return self._used.shape + self._y[row, None], self._used.rate + self._t[row, None]

    @property
    def _nodes(self) -> int:
        return len(self._used.weight)

    @cached_property
    def _used(self) -> Population:
        """The nodes to sum over: for many rows as few as leave the distribution functions where they are."""
        if len(self._y) * len(self._population.weight) < WORTH_COMPRESSING or self._population.plane is None:
            return self._population
        # Those with the least and the most data, the lowest and the highest raw rates, and those in the middle.
        raw = self._y / self._t
        row = np.unique([f(x) for x in (self._t, self._y, raw) for f in (np.argmin, np.argmax, middle)])
        which = np.repeat(row, 5)
        node = np.argmax(self._population.weight)
        a, b = self._population.shape[node] + self._y[which], self._population.rate[node] + self._t[which]
        value = gammaincinv(a, np.tile([0.001, 0.02, 0.5, 0.98, 0.999], len(row))) / b
        # Too few nodes, or nodes too far apart for narrow components, give other values than more nodes do.
        before = np.inf
        for order in ORDERS:
            few = self._population.compress(order)
            below = gammainc(few.shape + self._y[which, None], (few.rate + self._t[which, None]) * value[:, None])
            if np.max(np.abs(below @ few.weight - before)) < 1e-8:
                return few
            before = below @ few.weight
        return self._population

    @cached_property
    def _wide(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Weights and shapes of the components with a shape below 2: their sum is smooth as it stands."""
        rows = [self._shapes(k) for k in range(len(self._y))]
        return [(self._population.weight[a < 2], a[a < 2], b[a < 2]) for a, b in rows]

    @cached_property
    def _waves(self) -> Waves | None:
        """The others may be much narrower than the distance between neighbours: summed as characteristic functions."""
        rows = []
        for a, b in map(self._shapes, range(len(self._y))):
            narrow = a >= 2
            rows.append((self._population.weight[narrow], a[narrow], b[narrow]))
        if not any(weight.size for weight, _, _ in rows):
            return None

        def transform(k: int, t: np.ndarray) -> np.ndarray:
            weight, a, b = rows[k]
            return weight @ np.exp(log_gamma_ratio(a, t) - 1j * np.outer(np.log(b), t))

        windows = np.array([[0.0, 1.0]] * len(rows))
        for k, (weight, a, b) in enumerate(rows):
            if weight.size:
                low, high = reach(a, b)
                windows[k] = low.min(), high.max()
        mass = np.array([weight.sum() for weight, _, _ in rows])
        return Waves(transform, mass, windows, np.full(len(rows), np.pi / self._population.spacing))


def first_of(
    population: Population, failures: np.ndarray, hours: np.ndarray, *, largest: bool
) -> tuple[np.ndarray, float]:
    """Probability that each group's rate is the largest, or the smallest, and the expected value of that rate."""
    sign = 1 if largest else -1  # the smallest rate is the largest of the mirrored logarithms
    part = gammainc if largest else gammaincc

    def given(which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return population.shape[:, None] + failures[which], population.rate[:, None] + hours[which]

    def ends(which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        a, b = given(which)
        low, high = reach(a, b)
        low = np.maximum(low, np.log(a / b) - 60)
        return (low, high) if largest else (-high, -low)

    def all_below(x: np.ndarray, which: np.ndarray) -> np.ndarray:
        a, b = given(which)
        return part(a, b * np.exp(sign * x[:, None]))

    node = np.argmax(population.weight)
    a, b = population.shape[node] + failures, population.rate[node] + hours
    rivals = contenders(population.weight, ends, all_below, sign * np.log(a / b) + 2 / np.sqrt(a))
    a, b = given(rivals)

    def density(node: np.ndarray, x: np.ndarray, groups: np.ndarray) -> np.ndarray:
        return log_rate_density(sign * x[..., None], a[node][:, None, groups], b[node][:, None, groups])

    def below(node: np.ndarray, x: np.ndarray, groups: np.ndarray) -> np.ndarray:
        return part(a[node][:, groups], b[node][:, groups] * np.exp(sign * x[:, None]))

    prob = np.zeros(len(failures))
    low, high = ends(rivals)
    width = np.sqrt(polygamma(1, a))
    prob[rivals], best = compete(population.weight, low, high, width, density, below, lambda x: np.exp(sign * x))
    return prob, best
