"""Mixtures of Gamma distributions: what every arm's exact posterior is in lesson 06."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import gammainc, polygamma

from borrowing_strength.core.fourier import Waves
from borrowing_strength.core.gammas import log_rate_density, reach
from borrowing_strength.core.posterior import LOG, Quantity, Scale
from borrowing_strength.core.quadrature import Line, gauss_rule
from borrowing_strength.core.ranking import compete
from borrowing_strength.core.special import log_gamma_ratio
from borrowing_strength.headlines.archive import Batch, Levels, TwoSpreads, log_parts, log_sum, shapes

SMALL = 150  # arms up to which everything is integrated over every node
_SPREADS = ((3_000, 9), (np.inf, 5))  # arms, and nodes of the Gauss rule over the spread: many arms know it well
_FINER = 3  # so much closer the levels are put, where that makes the components of every arm overlap
_ALIKE = 1e8  # beyond this shape who is ahead no longer changes


class GammaMixture(Quantity):
    """Rates that are mixtures of Gamma distributions, each row with weights of its own."""

    _scale = LOG

    @abstractmethod
    def _components(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights, shapes and rates of each row's components, shape (rows, components)."""

    def _chunks(self) -> list[np.ndarray]:
        size = max(1, 1_000_000 // self._nodes)
        return [np.arange(i, min(i + size, self._rows)) for i in range(0, self._rows, size)]

    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        means, sds = np.empty(self._rows), np.empty(self._rows)
        for row in self._chunks():
            weight, a, b = self._components(row)
            given = a / b
            means[row] = np.sum(weight * given, axis=1)
            sds[row] = np.sqrt(np.sum(weight * (given / b + (given - means[row, None]) ** 2), axis=1))
        return means, sds

    def _cdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        return self._sum(lambda z, a, b: gammainc(a, b * np.exp(z)), z, row)

    def _pdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        return self._sum(log_rate_density, z, row)

    def _sum(self, function: Callable[..., np.ndarray], z: np.ndarray, row: np.ndarray) -> np.ndarray:
        """A function of every component, averaged; many points of few rows are taken row by row."""
        rows, back = np.unique(row, return_inverse=True)
        weight, a, b = self._wide(rows)
        if 8 * len(rows) > len(row):
            return np.sum(weight[back] * function(z[:, None], a[back], b[back]), axis=1)
        total = np.empty(len(z))
        for k in range(len(rows)):
            some, at = weight[k] > 1e-12, back == k
            total[at] = function(z[at, None], a[k, some], b[k, some]) @ weight[k, some]
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


@dataclass(frozen=True)
class Nodes:
    """What is known of spread and levels: `spread` of every node, shape (nodes,); the rest has shape (tests, nodes).

    `step` is the distance to the neighbouring level. Nodes stand for a smooth density between them.
    """

    spread: np.ndarray
    log_level: np.ndarray
    weight: np.ndarray
    step: np.ndarray

    @classmethod
    def of(cls, line: Line, scale: Scale, parts: list[Batch], finer: int = 1, small: int = SMALL) -> "Nodes":
        """The nodes over the spread, all of a small archive and a Gauss rule's of a large one, and those of the levels.

        For many arms levels lie so close that the components of every arm overlap, where that does not take more than
        `_FINER` times the nodes. `finer` divides the steps.
        """
        v, share = line.v[line.weight > 1e-9], line.weight[line.weight > 1e-9]
        arms = sum(batch.y.size for batch in parts)
        every = arms <= small
        if not every:
            v, share = gauss_rule(line.v, line.weight, next(order for most, order in _SPREADS if arms <= most))
        tests, columns = sum(len(batch.tests) for batch in parts), []
        for spread, of_spread in zip(scale.to_value(v), share / share.sum(), strict=True):
            found = [batch.levels(spread, 1e-7 if every else 1e-5) for batch in parts]
            found = [
                _finer(batch, spread, levels, finer if every else 0) for batch, levels in zip(parts, found, strict=True)
            ]
            nodes = max(levels.weight.shape[1] for levels in found)
            level, weight, step = np.zeros((tests, nodes)), np.zeros((tests, nodes)), np.zeros((tests, nodes))
            for batch, levels in zip(parts, found, strict=True):  # those with fewer nodes get some that weigh nothing
                few = levels.weight.shape[1]
                weight[batch.tests, :few] = of_spread * levels.weight
                level[batch.tests] = levels.log_level[:, -1:]
                level[batch.tests, :few] = levels.log_level
                step[batch.tests] = levels.log_level[:, 1:2] - levels.log_level[:, :1]
            columns.append((np.full(nodes, spread), level, weight, step))
        spread, level, weight, step = (np.concatenate(part, axis=-1) for part in zip(*columns, strict=True))
        kept = weight.max(axis=0) > 1e-11
        weight = weight[:, kept] / weight[:, kept].sum(axis=1, keepdims=True)
        return cls(spread[kept], level[:, kept], weight, step[:, kept])


def _finer(batch: Batch, spread: float, levels: Levels, finer: int) -> Levels:
    c = shapes(spread, batch.population)[0][1]
    step = levels.log_level[:, 1] - levels.log_level[:, 0]
    # How far a rate moves with the level, at the level that the test's clicks give, in widths of a component.
    level = np.sum(levels.weight * levels.log_level, axis=1)
    pull = c / (c + batch.n * np.exp(level)[:, None])
    times = (pull * step[:, None] * np.sqrt(c + batch.y)).max() * 1.1
    times = times if finer == 0 and times <= _FINER else finer
    return batch.levels(spread, 1.0, step.max() / times) if times > 1 else levels


class ArmRates(GammaMixture):
    """The rate of every arm: given spread and level it is Gamma(c + successes, c / level + trials), c = 1 / spread**2.

    Where an arm's rate is known better than the nodes of the level are close, because all arms of a test are nearly
    alike, the sum over them would be a comb: those nodes are summed as characteristic functions.
    """

    def __init__(self, line: Line, scale: Scale, parts: list[Batch], test: np.ndarray, y: np.ndarray, n: np.ndarray):
        self._line, self._of_spread, self._parts, self._population = line, scale, parts, parts[0].population
        self._test, self._y, self._n, self._which = test, y, n, np.arange(len(y))

    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        if len(self._y) <= SMALL or len(self._parts) == 1:
            return super()._moments()
        # Batch by batch: the nodes of a large archive need not be held at once.
        means, sds = np.empty(len(self._y)), np.empty(len(self._y))
        for batch in self._parts:
            arms, (tests, size) = batch.arms.ravel(), batch.y.shape
            y, n, own = self._y[arms], self._n[arms], np.arange(tests)
            alone = Batch(own, np.arange(len(arms)).reshape(tests, size), y, n, self._population)
            part = ArmRates(self._line, self._of_spread, [alone], np.repeat(own, size), y, n)
            means[arms], sds[arms] = part._both
        return means, sds

    @cached_property
    def _grid(self) -> Nodes:
        return Nodes.of(self._line, self._of_spread, self._parts)

    @property
    def _nodes(self) -> int:
        return len(self._grid.spread) * len(shapes(1.0, self._population))

    def _components(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        test, y, n, of = (
            self._test[row],
            self._y[row, None],
            self._n[row, None],
            shapes(self._grid.spread, self._population),
        )
        level, weight = self._grid.log_level[test], self._grid.weight[test]
        weights = [weight]
        if len(of) > 1:  # how likely it is, at each node, that the arm comes from each part
            parts = log_parts(y, n, level, of)
            whole = log_sum(parts)
            weights = [weight * np.exp(part - whole) for part in parts]
        a = [np.broadcast_to(c + y, weight.shape) for _, c in of]
        b = [c * np.exp(-level) + n for _, c in of]
        return tuple(np.concatenate(x, axis=1) for x in (weights, a, b))

    def _cdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        return super()._cdf(z, row) + (0 if self._waves is None else self._waves.cdf(z, row))

    def _pdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        return super()._pdf(z, row) + (0 if self._waves is None else self._waves.pdf(z, row))

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
        of = len(shapes(1.0, self._population))
        pull = 1 - self._n[row, None] / b  # how far the arm's rate moves with the level
        apart = np.tile(self._grid.step[self._test[row]], of) * pull
        starts = np.unique(self._grid.spread, return_index=True)[1]
        narrow = (a * apart**2 > 1) & (np.tile(self._grid.weight[self._test[row]], of) > 0)
        edges = np.sort(np.concatenate([starts + k * len(self._grid.spread) for k in range(of)]))
        sizes = np.diff(np.append(edges, a.shape[1]))
        narrow = np.repeat(np.logical_or.reduceat(narrow, edges, axis=1), sizes, axis=1)
        return narrow & (a >= 2), apart

    @cached_property
    def _waves(self) -> Waves | None:
        found = []
        for chunk in self._chunks():
            weight, a, b = self._components(chunk)
            narrow, apart = self._narrow(chunk, a, b)
            narrow &= weight > 1e-13
            found += [[x[i, narrow[i]] for x in (weight, a, b, apart)] for i in range(len(chunk))]
        if not any(weight.size for weight, *_ in found):
            return None

        def transform(row: int, t: np.ndarray) -> np.ndarray:
            weight, a, b, apart = found[row]
            wave = np.exp(log_gamma_ratio(a, t) - 1j * np.outer(np.log(b), t))
            return weight @ np.where(apart[:, None] * t < np.pi, wave, 0)

        windows, highest = np.array([[0.0, 1.0]] * len(found)), np.ones(len(found))
        for row, (weight, a, b, apart) in enumerate(found):
            if weight.size:
                low, high = reach(a, b)
                windows[row], highest[row] = (low.min(), high.max()), np.pi / apart.min()
        return Waves(transform, np.array([weight.sum() for weight, *_ in found]), windows, highest)


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


def best_of(weight: np.ndarray, shares: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, float]:
    """Probability that each arm of a test has the largest rate, and the expected value of the largest.

    `weight` has shape (nodes,), the other three (nodes, arms, parts): an arm's rate is a mixture given the node.
    """
    scale = np.minimum(1, _ALIKE / a)
    a, b = a * scale, b * scale
    low, high = reach(a, b)

    def density(node: np.ndarray, x: np.ndarray, arms: np.ndarray) -> np.ndarray:
        shape, rate = a[node][:, None, arms], b[node][:, None, arms]
        return np.sum(shares[node][:, None, arms] * log_rate_density(x[..., None, None], shape, rate), axis=-1)

    def below(node: np.ndarray, x: np.ndarray, arms: np.ndarray) -> np.ndarray:
        part = gammainc(a[node][:, arms], b[node][:, arms] * np.exp(x)[:, None, None])
        return np.sum(shares[node][:, arms] * part, axis=-1)

    width = np.sqrt(polygamma(1, a)).min(axis=-1)
    return compete(weight, low.min(axis=-1), high.max(axis=-1), width, density, below, np.exp)
