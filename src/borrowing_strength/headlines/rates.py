"""Mixtures of Gamma distributions: what every arm's exact posterior is in lesson 06."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from scipy.special import erfc, gammainc, gammaincinv

from borrowing_strength.core.fourier import Waves
from borrowing_strength.core.gammas import log_rate_density, log_sd, reach
from borrowing_strength.core.posterior import LOG, Quantity, Scale
from borrowing_strength.core.quadrature import Line
from borrowing_strength.core.ranking import compete_at_nodes
from borrowing_strength.core.special import log_gamma_ratio
from borrowing_strength.headlines.archive import Batch, TwoSpreads, log_parts, log_sum, shapes
from borrowing_strength.headlines.nodes import Nodes

SMALL = 150  # arms up to which everything is integrated over every node
_SPREADS = ((0.05, 5), (0.15, 9), (np.inf, 0))  # relative sd of the spread, and nodes of the Gauss rule over it; 0: all
_TAPER = 8  # how sharply a wave is cut off where it would alias from node to node; a hard cut has an edge
_ALIKE = 1e8  # beyond this shape who is ahead no longer changes


class GammaMixture(Quantity):
    """Rates that are mixtures of Gamma distributions, each row with weights of its own."""

    _scale = LOG

    @abstractmethod
    def _components(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights, shapes and rates of each row's components, shape (rows, components)."""

    def _chunks(self) -> list[np.ndarray]:
        return [x for row, n in self._runs() for x in np.array_split(row, -(-len(row) * n // 1_000_000))]

    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        means, sds = np.empty(self._rows), np.empty(self._rows)
        for row in self._chunks():
            means[row], sds[row] = mean_and_sd(*self._components(row))
        return means, sds

    def _start(self, q: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Quantiles of the Gamma distribution with the row's mean and sd."""
        mean, sd = (moment[row] for moment in self._both)
        return np.log(np.maximum(gammaincinv((mean / sd) ** 2, q) * sd**2 / mean, 1e-300))

    def _cdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        return self._sums((_below,), z, row)[0]

    def _pdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        return self._sums((log_rate_density,), z, row)[0]

    def _cdf_and_pdf(self, z: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        below, density = self._sums((_below, log_rate_density), z, row)
        return below, density

    def _sums(self, functions: Sequence[Callable[..., np.ndarray]], z: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Functions of every component, averaged; many points of few rows are taken row by row."""
        rows, back = np.unique(row, return_inverse=True)
        parts = self._wide(rows)
        if 8 * len(rows) > len(row):
            weight, a, b = (x[back] for x in parts)
            return np.array([np.einsum("rn,rn->r", weight, f(z[:, None], a, b)) for f in functions])
        total = np.empty((len(functions), len(z)))
        for k in range(len(rows)):
            some, at = parts[0][k] > 1e-12, back == k
            weight, a, b = (x[k, some] for x in parts)
            total[:, at] = [f(z[at, None], a, b) @ weight for f in functions]
        return total

    def _wide(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The components that are summed as they stand."""
        return self._components(row)

    def _bracket(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self._bounds[0][row], self._bounds[1][row]

    @cached_property
    def _bounds(self) -> np.ndarray:
        bounds = np.empty((2, self._rows))
        for row in self._chunks():
            weight, a, b = self._components(row)
            low, high = reach(a, b)
            bounds[0, row] = np.where(weight > 1e-12, low, np.inf).min(axis=1)
            bounds[1, row] = np.where(weight > 1e-12, high, -np.inf).max(axis=1)
        return bounds


def mean_and_sd(weight: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of a mixture of Gammas in each row."""
    given = a / b
    mean = np.sum(weight * given, axis=1)
    return mean, np.sqrt(np.sum(weight * (given / b + (given - mean[:, None]) ** 2), axis=1))


def _below(z: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return gammainc(a, b * np.exp(z))


class ArmRates(GammaMixture):
    """The rate of every arm: given spread and level it is Gamma(c + successes, c / level + trials), c = 1 / spread**2.

    Where an arm's rate is known better than the nodes of the level are close, because all arms of a test are nearly
    alike, the sum over them would be a comb: those nodes are summed as characteristic functions.
    """

    def __init__(self, line: Line, scale: Scale, parts: list[Batch], test: np.ndarray, y: np.ndarray, n: np.ndarray):
        self._line, self._of_spread, self._population = line, scale, parts[0].population
        self._test, self._y, self._n, self._which = test, y, n, np.arange(len(y))
        # What has nodes of its own: a small archive as a whole, a large one batch by batch.
        self._groups = [parts] if len(y) <= SMALL else [[batch] for batch in parts]
        self._place = np.empty((2, test.max() + 1), dtype=int)  # the group of every test, and its row there
        for k, group in enumerate(self._groups):
            tests = np.concatenate([batch.tests for batch in group])
            self._place[:, tests] = np.full(len(tests), k), np.arange(len(tests))

    @cached_property
    def _grids(self) -> list[Nodes]:
        few = len(self._y) > SMALL
        return [Nodes.of(self._line, self._of_spread, group, self._order, few=few) for group in self._groups]

    @property
    def _order(self) -> int:
        """Of the Gauss rule over the spread; none for a small archive."""
        if len(self._y) <= SMALL:
            return 0
        value = self._of_spread.to_value(self._line.v)
        mean = self._line.weight @ value
        sd = np.sqrt(self._line.weight @ (value - mean) ** 2)
        return next(order for most, order in _SPREADS if sd <= most * mean)

    def _runs(self) -> list[tuple[np.ndarray, int]]:
        parts = len(shapes(1.0, self._population))
        return [
            (np.concatenate([batch.arms.ravel() for batch in group]), parts * len(grid.spread))
            for group, grid in zip(self._groups, self._grids, strict=True)
        ]

    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        if len(self._y) <= SMALL:
            return super()._moments()
        means, sds = np.empty((2, len(self._y)))
        for group in self._groups:  # over all levels: that costs less than finding a Gauss rule
            grid = Nodes.of(self._line, self._of_spread, group, self._order)
            row = group[0].arms.ravel()
            at = grid, self._place[1, self._test[row]]
            means[row], sds[row] = mean_and_sd(*self._components(row, at))
        return means, sds

    def _at_nodes(self, row: np.ndarray) -> tuple[Nodes, np.ndarray]:
        """The nodes of some rows of one group, and these rows' places in them."""
        group, place = self._place[:, self._test[row]]
        return self._grids[group[0]], place

    def _components(
        self, row: np.ndarray, at: tuple[Nodes, np.ndarray] | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        grid, place = at or self._at_nodes(row)
        y, n, of = self._y[row, None], self._n[row, None], shapes(grid.spread, self._population)
        level, weight = grid.log_level[place], grid.weight[place]
        weights = [weight]
        if len(of) > 1:  # how likely it is, at each node, that the arm comes from each part
            parts = log_parts(y, n, level, of)
            whole = log_sum(parts)
            weights = [weight * np.exp(part - whole) for part in parts]
        a = [np.broadcast_to(c + y, weight.shape) for _, c in of]
        b = [c * np.exp(-level) + n for _, c in of]
        return tuple(np.concatenate(x, axis=1) for x in (weights, a, b))

    def _sums(self, functions: Sequence[Callable[..., np.ndarray]], z: np.ndarray, row: np.ndarray) -> np.ndarray:
        total = super()._sums(functions, z, row)
        if self._waves is not None:
            total += [self._waves.cdf(z, row) if f is _below else self._waves.pdf(z, row) for f in functions]
        return total

    def _wide(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The components that are summed as they stand; in a row in which one is narrow it weighs nothing."""
        weight, a, b = self._components(row)
        if self._waves is None:
            return weight, a, b
        wide = ~self._narrow(row, a, b)[0]
        some = wide.any(axis=0)
        wide, weight, a, b = (x[:, some] for x in (wide, weight, a, b))
        return np.where(wide, weight, 0), np.where(wide, a, 1), np.where(wide, b, 1)

    def _narrow(self, row: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which components are narrower than they are apart, and how far apart they are.

        All nodes of a spread go together, for a cut between them would have an edge.
        """
        of, (grid, place) = len(shapes(1.0, self._population)), self._at_nodes(row)
        pull = 1 - self._n[row, None] / b  # how far the arm's rate moves with the level
        apart = np.tile(grid.step[place], of) * pull
        starts = np.unique(grid.spread, return_index=True)[1]
        narrow = (a * apart**2 > 1) & (np.tile(grid.weight[place], of) > 0)
        edges = np.sort(np.concatenate([starts + k * len(grid.spread) for k in range(of)]))
        sizes = np.diff(np.append(edges, a.shape[1]))
        narrow = np.repeat(np.logical_or.reduceat(narrow, edges, axis=1), sizes, axis=1)
        return narrow & (a >= 2), apart

    @cached_property
    def _waves(self) -> Waves | None:
        found = {}
        for chunk in self._chunks():
            if not self._at_nodes(chunk)[0].step.any():  # a Gauss rule
                continue
            weight, a, b = self._components(chunk)
            narrow, apart = self._narrow(chunk, a, b)
            narrow &= weight > 1e-13
            for i in np.flatnonzero(narrow.any(axis=1)):
                found[chunk[i]] = [x[i, narrow[i]] for x in (weight, a, b, apart)]
        if not found:
            return None

        def transform(row: int, t: np.ndarray) -> np.ndarray:
            if row not in found:
                return np.zeros(t.shape)
            weight, a, b, apart = found[row]
            wave = np.exp(log_gamma_ratio(a, t) - 1j * np.outer(np.log(b), t))
            return weight @ (wave * (erfc(_TAPER * (apart[:, None] * t / np.pi - 1)) / 2))

        mass, windows, highest = np.zeros(len(self)), np.array([[0.0, 1.0]] * len(self)), np.ones(len(self))
        for row, (weight, a, b, apart) in found.items():
            low, high = reach(a, b)
            mass[row], windows[row], highest[row] = (
                weight.sum(),
                (low.min(), high.max()),
                (1 + 3 / _TAPER) * np.pi / apart.min(),
            )
        return Waves(transform, mass, windows, highest)


class NewArm(GammaMixture):
    """The rate of an arm nobody has tried, over its test's level."""

    def __init__(self, weight: np.ndarray, spread: np.ndarray, population: TwoSpreads | None):
        of = shapes(spread, population)
        self._weight = np.concatenate([weight * np.exp(log_share) for log_share, _ in of])
        self._shape = np.concatenate([c for _, c in of])
        self._nodes = len(self._shape)

    def _components(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        weight, shape = (np.broadcast_to(x, (len(row), len(x))) for x in (self._weight, self._shape))
        return weight, shape, shape


def best_of(weight: np.ndarray, shares: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probability that each arm of a test has the largest rate, and the expected value of the largest; test by test.

    `weight` has shape (tests, nodes), the other three (tests, nodes, arms, parts): an arm's rate is a mixture given
    the node.
    """
    shares, a, b = (x.reshape(-1, *x.shape[2:]) for x in (shares, a, b))
    scale = np.minimum(1, _ALIKE / a)
    a, b = a * scale, b * scale
    low, high = reach(a, b)

    def density(node: np.ndarray, x: np.ndarray, arms: np.ndarray) -> np.ndarray:
        shape, rate = a[node][:, None, arms], b[node][:, None, arms]
        return np.sum(shares[node][:, None, arms] * log_rate_density(x[..., None, None], shape, rate), axis=-1)

    def below(node: np.ndarray, x: np.ndarray, arms: np.ndarray) -> np.ndarray:
        part = gammainc(a[node][:, arms], b[node][:, arms] * np.exp(x)[:, None, None])
        return np.sum(shares[node][:, arms] * part, axis=-1)

    prob, best = compete_at_nodes(
        low.min(axis=-1), high.max(axis=-1), log_sd(a).min(axis=-1), density, below, np.exp
    )  # fmt: skip
    prob, best = prob.reshape(*weight.shape, -1), best.reshape(weight.shape)
    return np.einsum("tn,tna->ta", weight, prob), np.sum(weight * best, axis=1)
