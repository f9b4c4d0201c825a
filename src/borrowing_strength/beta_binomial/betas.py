"""Mixtures of Beta distributions: what every rate's exact posterior is in these models."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.polynomial import chebyshev
from scipy.special import betainc, betaincinv, betaln, expit, logit, polygamma, psi

from borrowing_strength.core.counts import Counts
from borrowing_strength.core.fourier import Waves
from borrowing_strength.core.inputs import fits, whole_numbers
from borrowing_strength.core.posterior import LOGIT, Quantity
from borrowing_strength.core.quadrature import ORDERS, WORTH_COMPRESSING, Plane, middle
from borrowing_strength.core.ranking import compete
from borrowing_strength.core.special import log_beta_binomial, log_gamma_ratio, log_odds_density

_CELLS = 4_000_000  # largest (nodes x groups) array held at once: 32 MB
_ROWS = (13, 19, 28)
_WORTH_INTERPOLATING = 500_000  # nodes times rows
_DEGREES = (9, 13, 18)
_ALIKE = 1e13  # beyond this concentration who is ahead no longer changes


@dataclass(frozen=True)
class Population:
    """What is known of the population: Beta(a, b) at every node of a quadrature, and the node's probability.

    `spacing` is the distance of a node to its neighbours in logit(a / (a + b)). Two nodes stand for a smooth density
    between them, which has no frequencies above pi / spacing. Where the rates at a node are more alike than the nodes
    are close (`narrow`), a sum over nodes would be a comb of spikes. All have shape (nodes,).
    """

    weight: np.ndarray
    a: np.ndarray
    b: np.ndarray
    spacing: np.ndarray
    narrow: np.ndarray
    plane: Plane | None = None

    @classmethod
    def of(cls, plane: Plane) -> "Population":
        """All nodes of a plane over u = logit(a / (a + b)) and v = log(a + b) that matter."""
        return cls._of(plane, *plane.heavy())

    @classmethod
    def _of(cls, plane: Plane, u: np.ndarray, v: np.ndarray, weight: np.ndarray, spacing: np.ndarray) -> "Population":
        a, b = np.exp(v) * expit(u), np.exp(v) * expit(-u)
        # Aliasing between components of width w at distance h is exp(-2 pi^2 (w / h)^2): below 1e-8 from w = 0.97 h on.
        # The groups' own data widen w / h, so what serves for a group without data serves for all. A row is narrow as a
        # whole: cut in two, its density in u would have an edge, and frequencies above pi / spacing.
        rows, row = np.unique(v, return_inverse=True)
        width = np.full(len(rows), np.inf)
        np.minimum.at(width, row, np.sqrt(1 / a + 1 / b))
        narrow = (width[row] < spacing) & (np.minimum(a, b) >= 2)
        return cls(weight, a, b, spacing, narrow, plane)

    def compress(self, order: int) -> "Population":
        """A few nodes in place of many, for rates that hardly depend on where the population is."""
        u, v, weight = self.plane.compress(order)
        a, b, none = np.exp(v) * expit(u), np.exp(v) * expit(-u), np.zeros(len(u))
        return Population(weight, a, b, none, none.astype(bool))

    def thin(self, order: int) -> "Population":
        """Few rows of nodes in place of many, for rates that hardly depend on the concentration."""
        return self._of(self.plane, *self.plane.thin(order))

    def take(self, which: np.ndarray) -> "Population":
        """Some of the nodes."""
        return Population(*(x[which] for x in (self.weight, self.a, self.b, self.spacing, self.narrow)))


class BetaMixture(Quantity):
    """Rates that are Beta(a + successes, b + trials - successes) given (a, b), with weights over (a, b).

    Parameters
    ----------
    population : Population
        The weights.
    successes, trials : ndarray of int, shape (groups,)
        What each group adds. Groups with the same counts are worked out once.
    """

    _scale = LOGIT

    def __init__(self, population: Population, successes: np.ndarray, trials: np.ndarray):
        (self._y, self._n), self._which = np.unique(np.stack([successes, trials]), axis=1, return_inverse=True)
        self._population = population

    def predict(self, trials: object) -> Counts:
        """Distribution of the number of successes in future trials of every group.

        Parameters
        ----------
        trials : int or array_like of int, shape (groups,)
            Future trials: one number for all groups, or one for each.
        """
        future = self._one_each("trials", trials, whole_numbers)
        fits("trials", future, len(self))
        pmf = np.zeros((len(self), future.max() + 1))
        for k, m in set(zip(self._which.tolist(), future.tolist(), strict=True)):
            shapes = self._population.a + self._y[k], self._population.b + (self._n[k] - self._y[k])
            row = np.exp(log_beta_binomial(m, *shapes)).T @ self._population.weight
            pmf[(self._which == k) & (future == m), : m + 1] = row
        return Counts(pmf)

    # ------------------------------------------------------------------------------- what `Quantity` asks for

    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        weight, a, b = self._used.weight, self._used.a, self._used.b
        means, sds = np.empty(len(self._y)), np.empty(len(self._y))
        size = max(1, _CELLS // len(weight))
        for chunk in (slice(i, i + size) for i in range(0, len(self._y), size)):
            total = (a + b)[:, None] + self._n[chunk]
            given = (a[:, None] + self._y[chunk]) / total
            means[chunk] = weight @ given
            spread = given * (1 - given) / (total + 1) + (given - means[chunk]) ** 2
            sds[chunk] = np.sqrt(weight @ spread)
        return means, sds

    def _cdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        a, b = self._shapes(row)
        total = betainc(a, b, expit(z)[:, None]) @ self._wide.weight
        return total if self._waves is None else total + self._waves.cdf(z, row)

    def _pdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        a, b = self._shapes(row)
        log_density = -a * np.logaddexp(0, -z)[:, None] - b * np.logaddexp(0, z)[:, None] - betaln(a, b)
        total = np.exp(log_density) @ self._wide.weight
        return total if self._waves is None else total + self._waves.pdf(z, row)

    def _bracket(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.full(row.shape, -740.0), np.full(row.shape, 36.0)  # the smallest rate that a float holds, and one

    def _start(self, q: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Quantiles of the Beta distribution with the row's mean and sd."""
        mean, sd = (moment[row] for moment in self._both)
        total = np.maximum(mean * (1 - mean) / sd**2 - 1, 1e-3)
        guess = betaincinv(mean * total, (1 - mean) * total, q)
        return np.nan_to_num(logit(np.clip(guess, 1e-300, 1 - 1e-16)))

    def _quantiles(self, q: np.ndarray) -> np.ndarray:
        """Of many rows that need many nodes: a polynomial in the data gives quantiles in sds from the mean."""
        if len(self._y) * self._nodes < _WORTH_INTERPOLATING:
            return super()._quantiles(q)
        population = replace(self._used, plane=None)

        def standardised(y: np.ndarray, n: np.ndarray) -> np.ndarray:
            few = BetaMixture(population, y, n)
            return (few.quantile(q) - few.mean[:, None]) / few.sd[:, None]

        # 1. Coordinates in which groups with equal rates fill a box, whatever their sizes.
        common, size = self._y.sum() / self._n.sum(), np.log1p(self._n)
        off = (self._y - common * self._n) * np.exp(-size / 2)
        ends = np.array([[x.min(), x.max()] for x in (size, off)])
        middles, halves = ends.mean(axis=1), np.maximum(np.diff(ends, axis=1)[:, 0] / 2, 1e-9)
        place = np.array([size - middles[0], off - middles[1]]) / halves[:, None]
        # 2. Chebyshev polynomials through a few rows, as many as others ask for that are worked out as well.
        ends = [f(x) for x in place for f in (np.argmin, np.argmax)]
        test = np.unique([*ends, *range(0, len(size), len(size) // 16 + 1)])
        wanted = standardised(self._y[test], self._n[test])
        for order in _DEGREES:
            grid = [x.ravel() for x in np.meshgrid(chebyshev.chebpts1(order), chebyshev.chebpts1(order))]
            n = np.expm1(middles[0] + halves[0] * grid[0])
            y = common * n + (middles[1] + halves[1] * grid[1]) * np.sqrt(1 + n)
            if np.any(y + population.a.min() <= 0) or np.any(n - y + population.b.min() <= 0):
                break
            degrees = [order - 1, order - 1]
            factors = np.linalg.solve(chebyshev.chebvander2d(*grid, degrees), standardised(y, n))
            if np.max(np.abs(chebyshev.chebvander2d(*place[:, test], degrees) @ factors - wanted)) < 5e-7:
                found = np.stack([chebyshev.chebval2d(*place, c.reshape(order, order)) for c in factors.T], axis=1)
                value = self._both[0][:, None] + found * self._both[1][:, None]
                return logit(value.ravel())
        return super()._quantiles(q)

    # ------------------------------------------------------------------------------------------ wide and narrow

    @property
    def _nodes(self) -> int:
        return len(self._wide.weight) + 1

    @cached_property
    def _wide(self) -> Population:
        return self._used.take(~self._used.narrow)

    @cached_property
    def _used(self) -> Population:
        """The nodes to sum over: for many rows as few as leave the distribution functions where they are."""
        if len(self._y) * len(self._population.weight) < WORTH_COMPRESSING or self._population.plane is None:
            return self._population
        # Those with the least and the most data, the lowest and the highest raw rates, and one in the middle.
        raw = self._y / np.maximum(self._n, 1)
        row = np.unique([f(x) for x in (self._n, raw) for f in (np.argmin, np.argmax, middle)])
        few = BetaMixture(self._population, self._y[row], self._n[row])
        z = logit(np.clip(few.mean[:, None] + few.sd[:, None] * np.array([-3, -2, 0, 2, 3]), 1e-12, 1 - 1e-12))
        at, which = z.ravel(), np.repeat(few._which, z.shape[1])
        exact = few._cdf(at, which)
        for fewer_nodes, orders in ((self._population.compress, ORDERS), (self._population.thin, _ROWS)):
            for order in orders:
                fewer = BetaMixture(fewer_nodes(order), self._y[row], self._n[row])
                if np.max(np.abs(fewer._cdf(at, which) - exact)) < 1e-8:
                    return fewer._population
        return self._population

    def _shapes(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        y, n = self._y[row, None], self._n[row, None]
        return self._wide.a + y, self._wide.b + (n - y)

    @cached_property
    def _waves(self) -> Waves | None:
        """The narrow components, summed as characteristic functions.

        ``E[exp(i t logit X)] = G(a + it) G(b - it) / (G(a) G(b))`` for X ~ Beta(a, b), by the Beta integral with the
        exponents a + it and b - it.
        """
        narrow = self._used.take(self._used.narrow)
        if not narrow.weight.size:
            return None

        def transform(row: int, t: np.ndarray) -> np.ndarray:
            a, b = narrow.a + self._y[row], narrow.b + (self._n[row] - self._y[row])
            # Not `weight @`: for arrays as small as these threads cost more than they bring.
            return np.einsum("n,nt", narrow.weight, np.exp(log_gamma_ratio(a, t) + np.conj(log_gamma_ratio(b, t))))

        # Where the data hold a rate fast it moves less between neighbouring nodes, so its frequencies reach further.
        total = narrow.a + narrow.b
        moved = [(narrow.spacing * total / (total + n)).max() for n in self._n]
        return Waves(transform, narrow.weight.sum(), self._windows(narrow), np.pi / np.array(moved))

    def _windows(self, narrow: Population) -> np.ndarray:
        """For each row the log odds between which all but about 1e-7 of the narrow components lie, shape (rows, 2)."""
        ends = np.empty((len(self._y), 2))
        for k, (y, n) in enumerate(zip(self._y, self._n, strict=True)):
            low, high = reach(narrow.a + y, narrow.b + (n - y))
            ends[k] = _heaviest_end(low, narrow.weight), -_heaviest_end(-high, narrow.weight)
        return ends


def best_of(population: Population, successes: np.ndarray, trials: np.ndarray) -> tuple[np.ndarray, float]:
    """Probability that each group's rate is the largest, and the expected value of the largest rate."""
    # Groups with the same counts are worked out once.
    (successes, trials), which, many = np.unique(
        np.stack([successes, trials]), axis=1, return_inverse=True, return_counts=True
    )
    scale = np.minimum(1, _ALIKE / (population.a + population.b))[:, None]
    a = population.a[:, None] * scale + successes
    b = population.b[:, None] * scale + (trials - successes)
    low, high = reach(a, b)

    def density(node: np.ndarray, x: np.ndarray, groups: np.ndarray) -> np.ndarray:
        return log_odds_density(x[..., None], a[node][:, None, groups], b[node][:, None, groups])

    def below(node: np.ndarray, x: np.ndarray, groups: np.ndarray) -> np.ndarray:
        p, q = a[node][:, groups], b[node][:, groups]
        # From the nearer end: a float holds no number between expit(37) and one.
        return np.where(x[:, None] < 0, betainc(p, q, expit(x)[:, None]), 1 - betainc(q, p, expit(-x)[:, None]))

    prob, best = compete(population.weight, low, high, np.sqrt(1 / a + 1 / b), density, below, expit, many)
    return prob[which], best


def reach(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Between which log odds a Beta(a, b) practically lies: 6.5 sds, or the exponential tail."""
    sd, centre = np.sqrt(polygamma(1, a) + polygamma(1, b)), np.log(a / b)
    shift = psi(a) - psi(b) - centre
    left = np.maximum(6.5 * sd, 20 / a) - np.minimum(shift, 0)
    right = np.maximum(6.5 * sd, 20 / b) + np.maximum(shift, 0)
    return np.maximum(centre - left, -700.0), np.minimum(centre + right, 700.0)


def _heaviest_end(end: np.ndarray, weight: np.ndarray) -> float:
    """The lowest of the ends, without those that hold 1e-8 of the weight."""
    order: Sequence[int] = np.argsort(end)
    heavy = np.searchsorted(np.cumsum(weight[order]), 1e-8)
    return float(end[order][min(heavy, len(end) - 1)])
