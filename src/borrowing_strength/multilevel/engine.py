"""Quadrature for lesson 04: two normal populations of log odds, integrated with a few matrix products.

    successes ~ Binomial(trials, expit(a)) under control, Binomial(trials, expit(a + b)) under treatment
    a ~ N(mean_a, sd_a**2),   b ~ N(mean_b, sd_b**2),   one a and one b a market

Put a market's likelihood on a grid of (a, b), a matrix M. With a row of normal weights W_a for every pair
(mean_a, sd_a) and W_b for every (mean_b, sd_b), the product W_a M W_b' holds the market's marginal likelihood
at all combinations of hyperparameters. Logs are summed over markets; the way back is a product too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import expit, logit

from borrowing_strength.multilevel.nodes import Nodes, first_window, one_thread, without_spread
from borrowing_strength.multilevel.priors import HalfNormal, Normal, Priors

_MOST_POINTS = 3000
_MOST_ROUNDS = 12
_MOST_PAIRS = 15_000_000
_UNBOUNDED = (
    "these data leave the populations' log odds without practical bounds, because all markets have no successes, or no "
    "failures, in an arm, and the priors have heavy tails: use Normal(...) for the means, HalfNormal(...) for the sds"
)
_UNSETTLED = (
    "the quadrature cannot find where the populations are: the priors are very narrow or the data contradict them by "
    "far (use larger scales), or the data leave them without practical bounds (use lighter tails)"
)


@dataclass(frozen=True)
class Arm:
    """One market's counts under one treatment, seen from a point `at` on the scale of log odds.

    The log likelihood less its tangent at that point has its maximum there. For a market far from where the
    population lets it be, this keeps the numbers near one; the tangent goes into the population (`Nodes.weights`).
    """

    successes: float
    trials: float
    at: float | None = None

    @property
    def peak(self) -> tuple[float, float]:
        """Gaussian approximation of the likelihood: log odds and variance, with half a count added to each side."""
        if not self.trials:
            return 0.0, 100.0
        up, down = self.successes + 0.5, self.trials - self.successes + 0.5
        return float(np.log(up / down)), 1 / up + 1 / down

    @property
    def width(self) -> float:
        """Standard deviation of the likelihood where it is seen from."""
        variance = self.peak[1]
        if self.at is not None:
            variance = min(variance, 1 / (self.trials * float(expit(self.at) * expit(-self.at))))
        return variance**0.5

    @property
    def slope(self) -> float:
        """Slope of the log likelihood at `at`."""
        return 0.0 if self.at is None else self.successes - self.trials * float(expit(self.at))

    def log_likelihood(self, x: np.ndarray) -> np.ndarray:
        """Log likelihood at log odds `x`, less the tangent."""
        return (self.successes - self.slope) * x - self.trials * np.logaddexp(0, x)

    def seen_from(self, low: float, high: float) -> "Arm":
        """The same arm, seen from the interval's point of highest likelihood, if the likelihood is small there."""
        with np.errstate(divide="ignore"):
            best = logit(self.successes / self.trials) if self.trials else 0.0
        near = float(np.clip(best, low, high))
        plain = replace(self, at=None)
        top = plain.log_likelihood(np.clip(best, -40, 40))
        return replace(self, at=near) if top - plain.log_likelihood(near) > 4.5 else plain


Market = tuple[Arm, Arm]  # control, treatment


@dataclass(frozen=True)
class Grid:
    """One market's likelihood, less its tangent, on a grid of intercepts and slopes."""

    market: Market
    a: np.ndarray
    b: np.ndarray
    likelihood: np.ndarray

    def weights(self, of_a: Nodes, of_b: Nodes) -> tuple[np.ndarray, np.ndarray]:
        """What each node gives to each point, shapes (nodes of a, len(a)) and (nodes of b, len(b))."""
        control, treatment = self.market
        return of_a.weights(self.a, control.slope + treatment.slope), of_b.weights(self.b, treatment.slope)

    def tangents(self, of_a: Nodes, of_b: Nodes) -> tuple[np.ndarray, np.ndarray]:
        """What has been left out of the likelihood, averaged over the populations: its log, a part for each node."""
        control, treatment = self.market
        return of_a.tangent(control.slope + treatment.slope), of_b.tangent(treatment.slope)


def likelihood_grid(market: Market, of_a: Nodes, of_b: Nodes, step: float) -> Grid:
    """Place the grid where both the likelihood and the populations allow a market to be."""
    control, treatment = market
    # A market lies between its population and its own data, which may be far outside the population.
    own_a, own_c = control.peak[0], treatment.peak[0]
    a_low, a_high = _hull(of_a.reach, own_a, 6 * control.width) if control.trials else of_a.reach
    b_low, b_high = of_b.reach
    if control.trials and treatment.trials:
        b_low, b_high = _hull(of_b.reach, own_c - own_a, 6 * np.hypot(control.width, treatment.width))
    a_ends = _support(control, a_low, a_high)
    c_ends = _support(treatment, a_low + b_low, a_high + b_high)
    a, c = np.linspace(*a_ends, 81)[:, None], np.linspace(*c_ends, 81)
    height = control.log_likelihood(a) + treatment.log_likelihood(c)
    b, slack = c - a, (a[1] - a[0] + c[1] - c[0]).item()
    inside = (height > height.max() - 20) & (b > b_low - slack) & (b < b_high + slack)
    rows = a[inside.any(axis=1), 0]
    sides = (rows[0] - slack, rows[-1] + slack), (b[inside].min() - slack, b[inside].max() + slack)
    both = np.hypot(1 / control.width, 1 / treatment.width) ** -1
    finest = min(step * both, of_a.narrowest, 0.5), min(step * treatment.width, of_b.narrowest, 0.5)
    sizes = [int(np.ceil((high - low) / h)) + 1 for (low, high), h in zip(sides, finest, strict=True)]
    if max(sizes) > _MOST_POINTS:
        low, high = sides[int(np.argmax(sizes))]
        raise ValueError(
            f"a market with {control.successes:g} of {control.trials:g} and {treatment.successes:g} of "
            f"{treatment.trials:g} successes leaves log odds from {low:.0f} to {high:.0f} possible, in steps of "
            f"{min(finest):.2g}: use priors with lighter tails, such as HalfNormal(1), on the standard deviations, "
            "or arms of less unequal size"
        )
    a, b = (np.linspace(*ends, k) for ends, k in zip(sides, sizes, strict=True))
    log_likelihood = control.log_likelihood(a)[:, None] + treatment.log_likelihood(a[:, None] + b)
    return Grid(market, a, b, np.exp(log_likelihood - log_likelihood.max()))


def _hull(ends: tuple[float, float], centre: float, radius: float) -> tuple[float, float]:
    return min(ends[0], centre - radius), max(ends[1], centre + radius)


def _support(arm: Arm, low: float, high: float) -> tuple[float, float]:
    """Where, between two limits, an arm's log likelihood is less than 20 below its maximum."""
    with np.errstate(divide="ignore"):
        best = logit(arm.successes / arm.trials) if arm.trials and arm.at is None else arm.at or 0.0
    best = float(np.clip(best, low, high))
    floor = arm.log_likelihood(best) - 20
    ends = []
    for far in (low, high):
        near = best
        for _ in range(3):
            x = np.linspace(near, far, 33)
            inside = np.flatnonzero(arm.log_likelihood(x) > floor)[-1]
            near, far = x[inside], x[min(inside + 1, 32)]
        ends.append(float(far))
    return ends[0], ends[1]


@dataclass(frozen=True)
class Solution:
    """Posterior of the hyperparameters at all pairs of nodes, and the markets' likelihoods.

    Attributes
    ----------
    mass : ndarray, shape (nodes of a, nodes of b)
        Posterior probability of every pair; sums to one.
    log_total : float
        Log of what it summed to before.
    """

    of_a: Nodes
    of_b: Nodes
    mass: np.ndarray
    log_total: float
    grids: Sequence[Grid]

    def without(self, left_out: float) -> tuple[Nodes, Nodes, np.ndarray]:
        """The nodes less the lightest, which hold `left_out` of the mass on each side, and the mass of their pairs."""
        rows, columns = (_heaviest(self.mass.sum(axis=k), left_out) for k in (1, 0))
        return self.of_a.take(rows), self.of_b.take(columns), self.mass[np.ix_(rows, columns)]

    @cached_property
    def _heavy(self) -> tuple[Nodes, Nodes, np.ndarray]:
        return self.without(1e-7)

    @one_thread
    def joint(self, grid: Grid) -> np.ndarray:
        """A market's own posterior density on its grid, up to a constant."""
        of_a, of_b, mass = self._heavy
        left, right = grid.weights(of_a, of_b)
        others = mass / _floor(left @ grid.likelihood @ right.T)
        others[mass < 1e-14 * mass.max()] = 0  # there the marginal likelihood may be rounding error
        return np.maximum(grid.likelihood * (left.T @ others @ right), 0)

    @one_thread
    def log_mass(self, of_a: Nodes, of_b: Nodes) -> np.ndarray:
        """Log posterior probability of the cells of other nodes, taken pair by pair, shape (nodes,)."""
        total = of_a.log_weight + of_b.log_weight - self.log_total
        for grid in self.grids:
            left, right = grid.weights(of_a, of_b)
            total += np.log(_floor(np.sum((left @ grid.likelihood) * right, axis=1)))
            total += sum(grid.tangents(of_a, of_b))
        return total


def _heaviest(mass: np.ndarray, left_out: float) -> np.ndarray:
    order = np.argsort(mass)
    return np.sort(order[np.cumsum(mass[order]) > left_out])


@one_thread
def solve(markets: Sequence[Market], priors: Priors, rows: int = 20, step: float = 0.55) -> Solution:
    """Posterior of the hyperparameters.

    Parameters
    ----------
    markets : sequence of (Arm, Arm)
        Control and treatment of every market.
    rows : int
        Number of sds in each population; the error falls geometrically: 1e-4 with 14, 1e-5 with 20.
    step : float
        Distance between means in conditional standard errors.
    """
    peaks = np.array([[arm.peak for arm in market] for market in markets])
    control, treatment = peaks[:, 0], peaks[:, 1]
    prior_a, prior_b = (priors.intercept_mean, priors.intercept_sd), (priors.slope_mean, priors.slope_sd)
    window_a = first_window(control[:, 0], np.sqrt(control[:, 1]), prior_a)
    window_b = first_window(treatment[:, 0] - control[:, 0], np.sqrt(control[:, 1] + treatment[:, 1]), prior_b)

    def nodes(rows: int, step: float) -> tuple[Nodes, Nodes]:
        widths = np.array([[arm.width for arm in market] for market in markets])
        both = 1 / np.hypot(1 / widths[:, 0], 1 / widths[:, 1])
        found = window_a.nodes(prior_a, both, rows, step), window_b.nodes(prior_b, widths[:, 1], rows, step)
        if len(found[0].mean) * len(found[1].mean) > _MOST_PAIRS:
            raise ValueError(_UNBOUNDED)
        return found

    of_a, of_b = nodes(12, 1.0)
    log_mass = _gaussian_mass(peaks, of_a, of_b)
    for _ in range(_MOST_ROUNDS):
        window_a, window_b = window_a.zoom(of_a, _logsum(log_mass, 1)), window_b.zoom(of_b, _logsum(log_mass, 0))
        markets = _seen_from_where_they_can_be(markets, peaks, of_a, of_b, log_mass)
        of_a, of_b = nodes(12, 1.0)
        log_mass, _ = _exact_mass(markets, of_a, of_b, 0.8)
        if not (of_a.overflows(_logsum(log_mass, 1)) or of_b.overflows(_logsum(log_mass, 0))):
            break
    else:
        raise ValueError(_UNSETTLED)
    window_a, window_b = window_a.zoom(of_a, _logsum(log_mass, 1)), window_b.zoom(of_b, _logsum(log_mass, 0))
    markets = _seen_from_where_they_can_be(markets, peaks, of_a, of_b, log_mass)
    of_a, of_b = nodes(rows, step)
    return _solution(markets, of_a, of_b, 0.4)


def _solution(markets: Sequence[Market], of_a: Nodes, of_b: Nodes, step: float) -> Solution:
    log_mass, grids = _exact_mass(markets, of_a, of_b, step)
    top = log_mass.max()
    log_total = float(top + np.log(np.exp(log_mass - top).sum()))
    return Solution(of_a, of_b, np.exp(log_mass - log_total), log_total, grids)


def _exact_mass(markets: Sequence[Market], of_a: Nodes, of_b: Nodes, step: float) -> tuple[np.ndarray, list[Grid]]:
    """Log posterior mass at all pairs of nodes, up to a constant."""
    log_mass = of_a.log_weight[:, None] + of_b.log_weight
    grids = [likelihood_grid(market, of_a, of_b, step) for market in markets]
    for grid in grids:
        left, right = grid.weights(of_a, of_b)
        marginal = _floor(left @ grid.likelihood @ right.T)
        log_mass += np.log(marginal, out=marginal)
        if any(arm.slope for arm in grid.market):
            log_mass += np.add.outer(*grid.tangents(of_a, of_b))
    return log_mass, grids


def _floor(marginal: np.ndarray) -> np.ndarray:
    """Far out, where a marginal likelihood is below the rounding error, it may come out negative."""
    return np.maximum(marginal, 1e-300)


def _gaussian_mass(peaks: np.ndarray, of_a: Nodes, of_b: Nodes) -> np.ndarray:
    """The same with every likelihood replaced by its Gaussian approximation, to know where to look."""
    log_mass = of_a.log_weight[:, None] + of_b.log_weight
    for (control, v_control), (treatment, v_treatment) in peaks:
        a, b = (control - of_a.mean)[:, None], treatment - control - of_b.mean
        v_a, v_b = (of_a.sd**2 + v_control)[:, None], of_b.sd**2 + v_control + v_treatment
        determinant = v_a * v_b - v_control**2
        square = v_b * a**2 + 2 * v_control * a * b + v_a * b**2
        log_mass -= 0.5 * (np.log(determinant) + square / determinant)
    return log_mass


def _seen_from_where_they_can_be(
    markets: Sequence[Market], peaks: np.ndarray, of_a: Nodes, of_b: Nodes, log_mass: np.ndarray
) -> list[Market]:
    """Every arm seen from the log odds that some likely population gives its market."""
    mass = np.exp(log_mass - log_mass.max())
    pairs = np.random.default_rng(0).choice(mass.size, 200, p=(mass / mass.sum()).ravel())
    i, j = np.unravel_index(pairs, mass.shape)
    a, b, v_a, v_b = of_a.mean[i], of_b.mean[j], of_a.sd[i] ** 2, of_b.sd[j] ** 2
    out = []
    for (control, treatment), ((y_c, v_c), (y_t, v_t)) in zip(markets, peaks, strict=True):
        # Conditional means of a and of c = a + b; their prior covariance is [[v_a, v_a], [v_a, v_a + v_b]].
        determinant = (v_a + v_c) * (v_a + v_b + v_t) - v_a**2
        r_c, r_t = y_c - a, y_t - a - b
        g_c = ((v_a + v_b + v_t) * r_c - v_a * r_t) / determinant
        g_t = ((v_a + v_c) * r_t - v_a * r_c) / determinant
        at_a, at_c = a + v_a * (g_c + g_t), a + b + v_a * g_c + (v_a + v_b) * g_t
        out.append((control.seen_from(at_a.min(), at_a.max()), treatment.seen_from(at_c.min(), at_c.max())))
    return out


def _logsum(log_mass: np.ndarray, axis: int) -> np.ndarray:
    return np.log(np.exp(log_mass - log_mass.max()).sum(axis=axis) + 1e-300)


@one_thread
def solve_pooled(market: Market, priors: Priors) -> Solution:
    """The same with both sds zero: one intercept and one slope for everyone."""
    control, treatment = market
    prior_a, prior_b = priors.intercept_mean, priors.slope_mean
    a_ends = _support(control, prior_a.mean - 60 * prior_a.scale, prior_a.mean + 60 * prior_a.scale)
    b_ends = prior_b.mean - 60 * prior_b.scale, prior_b.mean + 60 * prior_b.scale
    c_ends = _support(treatment, a_ends[0] + b_ends[0], a_ends[1] + b_ends[1])
    b_ends = max(b_ends[0], c_ends[0] - a_ends[1]), min(b_ends[1], c_ends[1] - a_ends[0])
    both = 1 / np.hypot(1 / control.width, 1 / treatment.width)
    of_a = without_spread(a_ends, min(0.4 * both, 0.4 * prior_a.scale), (prior_a, priors.intercept_sd))
    of_b = without_spread(b_ends, 0.4 * min(treatment.width, prior_b.scale), (prior_b, priors.slope_sd))
    return _solution([market], of_a, of_b, 0.4)


def solve_separate(markets: Sequence[Market], sd: float) -> Solution:
    """The same with both means zero and both sds known: the markets learn nothing from each other."""
    one = Nodes(*(np.array([v]) for v in (0.0, 1e-9, np.arcsinh(1.0), 1.0)), sd, (Normal(), HalfNormal()))
    grids = [likelihood_grid(market, one, one, 0.4) for market in markets]
    return Solution(one, one, np.ones((1, 1)), 0.0, grids)
