"""Quadrature for lesson 04: two normal populations of log odds, integrated with a few matrix products.

    successes ~ Binomial(trials, expit(a - h b)) under control, Binomial(trials, expit(a + (1 - h) b)) under treatment
    a ~ N(mean_a, sd_a**2),   b ~ N(mean_b, sd_b**2),   one a and one b a market;   h = 0 or 1/2 is the coding

Put a market's likelihood on points of (a, b), a matrix M. With a row of normal weights W_a for every pair
(mean_a, sd_a) and W_b for every (mean_b, sd_b), the product W_a M W_b' holds the market's marginal likelihood
at all combinations of hyperparameters. Logs are summed over markets; the way back is a product too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import expit

from borrowing_strength.core.priors import Known
from borrowing_strength.core.threads import one_thread
from borrowing_strength.multilevel.lattice import TAPS, Lattice, lagrange, ragged
from borrowing_strength.multilevel.market import Arms, Markets, Points
from borrowing_strength.multilevel.modes import Standardised
from borrowing_strength.multilevel.nodes import CORE, FINE, Box, Nodes, one_population
from borrowing_strength.multilevel.priors import Priors

_FAR = 2.5  # sds from the mean beyond which a market is tilted
ROUGH = 0.8  # distance of a market's points where a look will do
_COARSE = 10, 1.0, ROUGH  # sds of a grid for a first look, and the distance of its means
_SPARSE = 8, 1.5  # the same for averages of what changes little from node to node
_FLOOR, _LOST = 1e-60, 1e-45  # marginal likelihoods below which none is told apart, or none that counts
_AT_ONCE = 5  # marginal likelihoods multiplied before a logarithm is taken
_PLACED = 5  # markets whose points are placed at once


@dataclass(frozen=True)
class Seen:
    """One market at some nodes: ``left @ middle @ right.T`` is its marginal likelihood at all pairs of them."""

    points: Points
    left: np.ndarray
    middle: np.ndarray
    right: np.ndarray
    first: int  # of the lattice's points that `right` has
    taken: tuple[np.ndarray, np.ndarray]  # logs of factors left out, of both sides' nodes

    def marginal(self, out: np.ndarray) -> np.ndarray:
        """Far out, where a marginal likelihood is below the rounding error, it may come out negative."""
        return np.maximum(np.matmul(self.left @ self.middle, self.right.T, out=out), _FLOOR, out=out)


@dataclass(frozen=True)
class OfSlope:
    """Likelihood of one slope on a lattice from its point `first` on, less the tangent and a factor a node.

    `likelihood` has shape (nodes of a, points).
    """

    lattice: Lattice
    first: int
    likelihood: np.ndarray

    def at(self, node: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Between the points, shape of `x`, which has one row a node; zero outside."""
        t, last = self.lattice.place(x) - self.first, self.likelihood.shape[1] - 1
        cell = np.clip(np.floor(t), 3, last - 4).astype(int)
        parts = zip(TAPS, lagrange(np.clip(t - cell, -3, 4)), strict=True)
        height = sum(weight * self.likelihood[node[:, None], cell + tap] for tap, weight in parts)
        return np.where((t >= 0) & (t <= last), np.maximum(height, 0), 0)


class View:
    """What the populations at some nodes see of the markets."""

    def __init__(self, markets: Markets, of_a: Nodes, of_b: Nodes):
        self.markets, self.of_a, self.of_b = markets, of_a, of_b
        arms = markets.control, markets.treatment
        self.slope_a = sum(arm.slope for arm in arms)
        self.slope_b = sum(x * arm.slope for arm, x in zip(arms, markets.x, strict=True))
        lattice = markets.lattices[1]
        ends = lattice.place(np.array([markets.b_ends[0].min(), markets.b_ends[1].max()]))
        self._first = int(np.floor(ends[0])) - 5
        self._b = lattice.at(np.arange(self._first, np.ceil(ends[1]) + 6))
        self._plain = of_b.weights(self._b)

    def __iter__(self) -> Iterator[Seen]:
        """All markets, placed a few at a time: what fits the cache is quick."""
        order = np.arange(len(self.markets))
        for which in np.split(order, order[_PLACED::_PLACED]):
            yield from map(self._seen, which, self.markets.points(which))

    def _seen(self, g: int, points: Points) -> Seen:
        first, last = points.cell.min() + TAPS[0], points.cell.max() + TAPS[-1] + 1
        block = slice(first - self._first, last - self._first)
        left, taken = self.of_a.weights(points.a, self.slope_a[g])
        right, taken_b = self._plain[0][:, block], self._plain[1]
        if self.slope_b[g]:
            right, taken_b = self.of_b.weights(self._b[block], self.slope_b[g])
        return Seen(points, left, points.on_lattice(first, last - first), right, first, (taken, taken_b))

    def of_slope(self, g: int) -> "OfSlope":
        """Likelihood of a market's slope alone, at every node of the intercepts."""
        a, size, lattice, b, height = self.markets.slopes(g)
        left = self.of_a.weights(a, self.slope_a[g])[0]
        return OfSlope(lattice, round(lattice.place(b[0])), (left * size) @ height)

    def log_mass(self) -> np.ndarray:
        """Log posterior mass at all pairs of nodes, up to a constant."""
        total = np.add.outer(self.of_a.log_cell, self.of_b.log_cell)
        product, marginal = np.ones_like(total), np.empty_like(total)
        for g, seen in enumerate(self):
            product *= seen.marginal(marginal)
            if self.slope_a[g] or self.slope_b[g]:
                total += np.add.outer(*seen.taken)
            if g % _AT_ONCE == 0:
                total += np.log(product)
                product[:] = 1
        return total + np.log(product)

    def log_density(self) -> np.ndarray:
        """The same for the first of both sides' nodes, the second of both, and so on."""
        total = self.of_a.log_cell + self.of_b.log_cell
        for seen in self:
            marginal = np.sum((seen.left @ seen.middle) * seen.right, axis=1)
            total += np.log(np.maximum(marginal, _FLOOR)) + seen.taken[0] + seen.taken[1]
        return total


@dataclass(frozen=True)
class Solution:
    """Posterior of the hyperparameters at all pairs of nodes.

    Attributes
    ----------
    mass : ndarray, shape (nodes of a, nodes of b)
        Posterior probability of every pair; sums to one.
    log_total : float
        Log of what it summed to before.
    """

    view: View
    boxes: Sequence[Box]
    mass: np.ndarray
    log_total: float

    @classmethod
    def at(
        cls, arms: tuple[Arms, Arms], below: float, boxes: Sequence[Box], rows: int, step: float, *fine: float
    ) -> "Solution":
        """On the nodes that fill the boxes."""
        of_a, of_b = (box.nodes(rows, step) for box in boxes)
        view = View(Markets(*arms, below, of_a, of_b, *fine), of_a, of_b)
        log_mass = view.log_mass()
        top = log_mass.max()
        log_total = float(top + np.log(np.exp(log_mass - top).sum()))
        return cls(view, boxes, np.exp(log_mass - log_total), log_total)

    def coarser(self) -> "Solution":
        """The same on fewer nodes."""
        markets = self.view.markets
        arms = markets.control, markets.treatment
        return Solution.at(arms, markets.below, self.boxes, *_SPARSE) if self.boxes else self

    @cached_property
    def _heavy(self) -> tuple[View, np.ndarray]:
        """Without the lightest nodes, which hold 1e-7 of the mass on each side."""
        rows, columns = (_heaviest(self.mass.sum(axis=k), 1e-7) for k in (1, 0))
        view = View(self.view.markets, self.view.of_a.take(rows), self.view.of_b.take(columns))
        mass = self.mass[np.ix_(rows, columns)]
        return view, np.where(mass < 1e-14 * mass.max(), 0, mass)  # where a market's likelihood may be rounding error

    def market_joints(self) -> Iterator[Points]:
        """The posterior of every market, unless the populations leave no place for its counts."""
        view, mass = self._heavy
        marginal = np.empty_like(mass)
        with one_thread():
            for g, seen in enumerate(view):
                seen.marginal(marginal)
                if marginal.min() < _LOST and mass[marginal < _LOST].sum() > 0.001:
                    raise ValueError(
                        f"row {g} contradicts the other rows and the prior: no effect that the prior allows brings "
                        "forth such counts beside theirs. Check the counts, or allow more difference: a prior with a "
                        "longer tail, such as HalfCauchy(1), on both standard deviations"
                    )
                others = np.divide(mass, marginal, out=marginal)
                density = seen.points.from_lattice(seen.left.T @ others @ seen.right, seen.first)
                yield replace(seen.points, mass=seen.points.mass * np.maximum(density, 0))

    def population_joint(self) -> Points:
        """The posterior of a market that has not been observed."""
        view, mass = self._heavy
        lattices, nodes = view.markets.lattices, (view.of_a, view.of_b)
        (_, a), (first, b) = (grid.between(*side.reach) for grid, side in zip(lattices, nodes, strict=True))
        density = view.of_a.weights(a)[0].T @ mass @ view.of_b.weights(b)[0]
        size, size_b = (lattice.spacing(x) for lattice, x in zip(lattices, (a, b), strict=True))
        mass = (np.maximum(density, 0) * np.outer(size, size_b)).ravel()
        row, k = ragged(np.full(len(a), len(b)))
        off = k[:0], np.empty((len(TAPS), 0))
        return Points(a, size, np.ones_like(a), row, first + k, b[k], mass, *off, lattices[1], view.markets.below)


def _heaviest(mass: np.ndarray, left_out: float) -> np.ndarray:
    order = np.argsort(mass)
    return np.sort(order[np.cumsum(mass[order]) > left_out])


def solve(counts: np.ndarray, priors: Priors, below: float = 0.5, rows: int = 14, step: float = 0.6) -> Solution:
    """Posterior of the hyperparameters.

    Parameters
    ----------
    counts : ndarray, shape (4, markets)
    below : float
        The coding: log odds under control are ``intercept - below * slope``.
    rows : int
        Number of sds in a population, before those that a wide range adds.
    step : float
        Distance between means in conditional standard errors.
    """
    # 1. Boxes that would hold the mass if the likelihoods were normal.
    control, treatment = arms = plain = _arms(counts)
    level = (1 - below) * control.peak + below * treatment.peak
    error = np.hypot((1 - below) * control.error, below * treatment.error)
    differences = treatment.peak - control.peak, np.hypot(control.error, treatment.error)
    # Likelihoods without a maximum leave the means long tails, and a likelihood with one must not be blurred there.
    core = 3 * CORE if len(level) > 1 and np.any(_separated(plain)) else CORE
    boxes = [
        Box.first(level, error, (priors.intercept_mean, priors.intercept_sd), core),
        Box.first(*differences, (priors.slope_mean, priors.slope_sd), core),
    ]
    # 2. Boxes that do, on a coarse grid, until nothing of weight lies at an edge.
    with one_thread():
        for _ in range(30):
            coarse = Solution.at(arms, below, boxes, *_COARSE)
            arms, fine = _tilted(plain, coarse, counts)
            nodes, masses = (coarse.view.of_a, coarse.view.of_b), (coarse.mass.sum(axis=1), coarse.mass.sum(axis=0))
            found = [box.zoom(*side) for box, *side in zip(boxes, nodes, masses, strict=True)]
            boxes = [found[0][0], replace(found[1][0], fine=fine)]
            if all(settled for _, settled in found):
                break
        # 3. The fine grid.
        return Solution.at(arms, below, boxes, rows, step)


def solve_separate(counts: np.ndarray, sd: float, below: float) -> Solution:
    """The same with both means zero and both sds known: the markets learn nothing from each other."""
    one = one_population(0.0, sd)
    return Solution(View(Markets(*_arms(counts), below, one, one), one, one), (), np.ones((1, 1)), 0.0)


def solve_pooled(counts: np.ndarray, priors: Priors, below: float) -> Solution:
    """The same with both sds zero: one intercept and one slope for everyone."""
    none = Known(1e-9)
    return solve(counts.sum(axis=1, keepdims=True), replace(priors, intercept_sd=none, slope_sd=none), below)


def _arms(counts: np.ndarray) -> tuple[Arms, Arms]:
    y, n, y_t, n_t = counts.astype(float)
    return Arms(y, n, 0 * y), Arms(y_t, n_t, 0 * y_t)


def _separated(arms: tuple[Arms, Arms]) -> np.ndarray:
    """Which markets have an arm with trials of one outcome only."""
    return np.any([(arm.trials > 0) & ((arm.successes == 0) | (arm.successes == arm.trials)) for arm in arms], axis=0)


def _tilted(plain: tuple[Arms, Arms], solution: Solution, counts: np.ndarray) -> tuple[tuple[Arms, Arms], float]:
    """The arms of markets that lie far out in their populations, tilted; and how fine a lattice the slopes need.

    A likelihood without a maximum is not tilted. Its market is told apart in the tail of the population, which is as
    steep as the market is far out; so are the steps in which it is interpolated.
    """
    # 1. One population for all.
    typical = []
    for side, axis in ((solution.view.of_a, 1), (solution.view.of_b, 0)):
        mass = solution.mass.sum(axis=axis)
        typical.append(one_population(mass @ side.mean, np.exp(mass @ np.log(side.width))))
    # 2. Where markets are in it, in its sds, and the likelihoods' slopes there.
    model = Standardised(*typical, counts, solution.view.markets.below)
    mode = model.laplace()[0]
    separated = _separated(plain)
    far = np.any(np.abs(mode[:, 0]) > _FAR, axis=0) & ~separated
    arms = tuple(
        arm.tilted(np.where(far, arm.successes - arm.trials * expit(x[0]), 0))
        for arm, x in zip(plain, model.log_odds(mode), strict=True)
    )
    return arms, FINE * float(np.clip(np.abs(mode[1, 0, separated]).max(initial=1), 1, 4))
