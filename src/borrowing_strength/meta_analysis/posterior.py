"""Lesson 05: experiments that share a population. Exact posterior of the normal hierarchical model.

    estimate_i ~ N(effect_i, standard_error_i**2),   effect_i ~ N(mu, effect_sd**2),   mu ~ N(mu_mean, mu_sd**2)

Effects and mu integrate out in closed form, which leaves one dimension: the effects' standard deviation.
`fit` integrates over it by quadrature: no simulation, no seed, the same digits everywhere. `gibbs`
samples the same posterior, and `pymc_model` hands it to PyMC.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.interpolate import CubicSpline, make_interp_spline
from scipy.special import ndtr

from borrowing_strength.core.inputs import generator, tails, whole_number
from borrowing_strength.meta_analysis.gibbs_sampler import as_prior, draws_tree, estimates
from borrowing_strength.meta_analysis.normals import CELLS, NormalMixture, compete
from borrowing_strength.meta_analysis.priors import (
    Prior,
    SdPrior,
)

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


class EffectSd:
    """Exact posterior of the effects' standard deviation.

    Attributes
    ----------
    mean, sd : float
        Posterior mean and standard deviation. The latter is infinite for one test under a heavy-tailed prior.
    """

    def __init__(self, prior: SdPrior, line: "_Line"):
        # Degree 7: what lies between the nodes is then as exact as the integral over them.
        self._prior, self._line, self._log_density = prior, line, make_interp_spline(line.v, line.log_density, k=7)
        values = prior.sd(line.v)
        self.mean = float(line.weight @ values + line.beyond(values[-1], 1))
        self.sd = float(np.sqrt(line.weight @ (values - self.mean) ** 2 + line.beyond(values[-1], 2)))

    def cdf(self, value: float | np.ndarray) -> np.ndarray:
        """Posterior probability of at most `value` (above 0), shape of `value`."""
        return np.interp(self._coordinate(value), *self._table)

    def density(self, value: float | np.ndarray) -> np.ndarray:
        """Posterior density at `value` (above 0), shape of `value`."""
        v = self._coordinate(value)
        nearest = np.clip(v, self._line.v[0], self._line.v[-1])
        return np.where(v == nearest, np.exp(self._log_density(nearest) - self._prior.log_slope(nearest)), 0)

    def quantile(self, q: float | np.ndarray) -> np.ndarray:
        """Posterior quantiles, shape of `q`."""
        q = np.asarray(q, dtype=float)
        if not np.all((q >= 0) & (q <= 1)):
            raise ValueError("q must lie between 0 and 1")
        v, below = self._table
        return self._prior.sd(np.interp(q, below, v))

    def interval(self, prob: float = 0.95) -> np.ndarray:
        """Equal-tailed interval that holds with probability `prob`, shape (2,)."""
        return self.quantile(tails(prob))

    @cached_property
    def _table(self) -> tuple[np.ndarray, np.ndarray]:
        """The coordinate on a fine grid, and the probability below it."""
        v = np.linspace(self._line.v[0], self._line.v[-1], 1001)
        fine = np.linspace(v[0], v[-1], 20_001)
        below = CubicSpline(v, np.exp(self._log_density(v))).antiderivative()(fine)
        return fine, np.maximum.accumulate(below / below[-1])

    def _coordinate(self, value: float | np.ndarray) -> np.ndarray:
        value = np.asarray(value, dtype=float)
        if not np.all(value > 0):
            raise ValueError("value must be above 0")
        return self._prior.coordinate(value)


class Posterior(NormalMixture):
    """Exact posterior of every effect and of the population; made by `fit`.

    `mean`, `sd`, `interval`, `quantile`, `cdf`, `density` and `predict` speak of the tests' own effects.

    Attributes
    ----------
    labels : tuple of str
        Names of the tests, in the order of the data.
    estimate, standard_error : ndarray, shape (tests,)
        The data.
    prior : Prior
        The prior.
    """

    def __init__(self, model: "_Population", line: "_Line", labels: tuple[str, ...]):
        super().__init__(line.weight, self._effects_given_sd, len(labels))
        self.estimate, self.standard_error, self.prior = model.estimate, np.sqrt(model.variance), model.prior
        self.labels, self._model, self._line = labels, model, line
        self._sd = model.prior.effect_sd.sd(line.v)
        self._mu_mean, self._mu_variance = model.mu(self._sd)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def effects(self) -> NormalMixture:
        """The tests' own effects. It is this object itself, under the name that goes with `mu` and `new_effect`."""
        return self

    @cached_property
    def mu(self) -> NormalMixture:
        """The average effect of the population."""
        mean, variance = self._mu_mean[:, None], self._mu_variance[:, None]
        return NormalMixture(self._weight, lambda rows: (mean, variance))

    @cached_property
    def effect_sd(self) -> EffectSd:
        """The standard deviation of the effects in the population."""
        return EffectSd(self.prior.effect_sd, self._line)

    @cached_property
    def new_effect(self) -> NormalMixture:
        """The effect of the next test from the same population."""
        mean, variance = self._mu_mean[:, None], (self._mu_variance + self._sd**2)[:, None]
        return NormalMixture(self._weight, lambda rows: (mean, variance), beyond=self._line.beyond(self._sd[-1], 2))

    def new_group(self) -> NormalMixture:
        """The same as `new_effect`, under the name that every lesson uses."""
        return self.new_effect

    @property
    def shrinkage(self) -> np.ndarray:
        """Expected weight se^2 / (se^2 + effect_sd^2) that each estimate gives to the average, shape (tests,)."""
        return np.concatenate([self._weight @ self._share(rows) for rows in self._chunks()])

    def prob_greater(self, i: int | str, j: int | str) -> float:
        """Posterior probability that test `i` has a larger effect than test `j` (positions or labels)."""
        pair = list(self.labels.two(i, j, "test"))
        fixed, pull, variance = self._given_sd_and_mu(pair)
        slope = pull[:, 0] - pull[:, 1]
        mean = fixed[:, 0] - fixed[:, 1] + slope * self._mu_mean
        return float(self._weight @ ndtr(mean / np.sqrt(variance.sum(axis=1) + slope**2 * self._mu_variance)))

    def prob_best(self) -> np.ndarray:
        """Posterior probability that each test has the largest effect of all, shape (tests,)."""
        step, weight = hermegauss(12)
        best = np.zeros(len(self))
        for n in np.flatnonzero(self._weight > 1e-8):
            share = self._model.variance / (self._model.variance + self._sd[n] ** 2)
            away = (1 - share) * (self.estimate - self._mu_mean[n])
            # Only differences count; without the part of mu that all share they keep their digits where the sd is tiny.
            move = np.outer(step * np.sqrt(self._mu_variance[n]), share - share.min())
            best += compete(self._weight[n] * weight, away + move, np.sqrt(share) * self._sd[n])
        return best / best.sum()

    def surface(self, mu: np.ndarray, log_effect_sd: np.ndarray) -> np.ndarray:
        """Posterior density over (mu, log effect_sd) relative to its maximum on the grid.

        Parameters
        ----------
        mu : ndarray, shape (columns,)
        log_effect_sd : ndarray, shape (rows,)

        Returns
        -------
        ndarray, shape (rows, columns)
        """
        sd = np.exp(np.asarray(log_effect_sd, dtype=float))
        mean, variance = (part[:, None] for part in self._model.mu(sd))
        log_density = -((np.asarray(mu) - mean) ** 2) / (2 * variance) - np.log(variance) / 2
        log_density += np.log(self.effect_sd.density(sd) * sd + 1e-300)[:, None]
        return np.exp(log_density - log_density.max())

    def sample(self, draws: int = 1000, seed: int = 0, chains: int = 4) -> "xr.DataTree":
        """Independent draws from the exact posterior, for ArviZ's plots and summaries.

        Parameters
        ----------
        draws : int
            Draws a chain.
        seed : int
            Seed of `numpy.random.default_rng`.
        chains : int
            The draws are independent; chains only give them the shape that ArviZ expects.

        Returns
        -------
        xarray.DataTree
            Group `posterior` with `mu` and `effect_sd` (chain, draw) and `effect` (chain, draw, test).
        """
        size = whole_number("draws", draws) * whole_number("chains", chains)
        rng = generator(seed)
        sd = self.effect_sd.quantile(rng.random(size))
        mu, effect = rng.standard_normal(size), np.empty((size, len(self)))
        block = max(1, CELLS // (8 * len(self)))
        for rows in (slice(i, i + block) for i in range(0, size, block)):
            self._draw(sd[rows, None], mu[rows], effect[rows], rng)
        shape = (chains, draws)
        return draws_tree(mu.reshape(shape), sd.reshape(shape), effect.reshape(*shape, -1), self.labels)

    def summary(self, prob: float = 0.95) -> "pd.DataFrame":
        """One row a test: data, mean, sd, equal-tailed interval, probability of an effect above 0, shrinkage."""
        import pandas as pd

        ends = self.interval(prob)
        columns = {"estimate": self.estimate, "standard_error": self.standard_error, "mean": self.mean, "sd": self.sd}
        columns |= {"lower": ends[:, 0], "upper": ends[:, 1], "prob_positive": 1 - self.cdf(0)}
        return pd.DataFrame(columns | {"shrinkage": self.shrinkage}, index=pd.Index(self.labels, name="test"))

    def _draw(self, sd: np.ndarray, mu: np.ndarray, effect: np.ndarray, rng: np.random.Generator) -> None:
        """Fill `mu`, which holds standard normal noise, and `effect`, given the sds; in place, for speed."""
        total = self._model.variance + sd**2
        mean, variance = self._model.mu_given(total)
        mu *= np.sqrt(variance)
        mu += mean
        root = np.sqrt(total, out=total)
        np.divide(sd, root, out=root)
        rng.standard_normal(out=effect)
        effect *= self.standard_error
        effect += root * (self.estimate - mu[:, None])
        effect *= root
        effect += mu[:, None]

    def _share(self, rows: object) -> np.ndarray:
        variance = self._model.variance[rows]
        return variance / (variance + self._sd[:, None] ** 2)

    def _given_sd_and_mu(self, rows: object) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """An effect is N(fixed + pull * mu, variance), independently of the others; shapes (nodes, tests)."""
        share = self._share(rows)
        return (1 - share) * self.estimate[rows], share, share * self._sd[:, None] ** 2

    def _effects_given_sd(self, rows: slice) -> tuple[np.ndarray, np.ndarray]:
        fixed, pull, variance = self._given_sd_and_mu(rows)
        return fixed + pull * self._mu_mean[:, None], variance + pull**2 * self._mu_variance[:, None]


@dataclass(frozen=True)
class _Population:
    """The model given the effects' sd, with the effects integrated out: estimate_i ~ N(mu, variance_i + sd**2)."""

    estimate: np.ndarray
    variance: np.ndarray
    prior: Prior

    def mu(self, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Posterior mean and variance of mu given the effects' sd, shape of `sd`."""
        return self._each(sd, self.mu_given)

    def log_density(self, v: np.ndarray) -> np.ndarray:
        """Log posterior density over the coordinate of the effects' sd, up to a constant."""
        (log_likelihood,) = self._each(self.prior.effect_sd.sd(v), self._log_likelihood)
        return log_likelihood + self.prior.effect_sd.log_density(v)

    def _each(self, sd: np.ndarray, function: Callable) -> tuple[np.ndarray, ...]:
        size = max(1, CELLS // len(self.estimate))
        parts = [function(self.variance + sd[i : i + size, None] ** 2) for i in range(0, len(sd), size)]
        return tuple(map(np.concatenate, zip(*parts, strict=True)))

    def mu_given(self, total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same from variance_i + sd**2, shape (sds, tests)."""
        omega = 1 / total
        precision = self.prior.epsilon + omega.sum(axis=1)
        # Counted from the prior mean, so that a far away one costs no digits; einsum, because a matrix product of
        # this shape starts threads that wait for each other longer than they work.
        above = np.einsum("nk,k->n", omega, self.estimate - self.prior.mu_mean)
        return self.prior.mu_mean + above / precision, 1 / precision

    def _log_likelihood(self, total: np.ndarray) -> tuple[np.ndarray]:
        mean, variance = self.mu_given(total)
        squares = np.sum((self.estimate - mean[:, None]) ** 2 / total, axis=1)
        squares += self.prior.epsilon * (mean - self.prior.mu_mean) ** 2
        return (0.5 * (np.log(variance) - np.log(total).sum(axis=1) - squares),)


@dataclass(frozen=True)
class _Line:
    """Evenly spaced nodes `v`, their weights (which sum to one) and the log density there.

    Beyond the last node the density falls like exp(-decay * v).
    """

    v: np.ndarray
    weight: np.ndarray
    log_density: np.ndarray
    decay: float

    def beyond(self, last: float, power: int) -> float:
        """What the nodes miss of the mean of sd**power: the trapezoidal sum, continued as a geometric series."""
        if self.decay <= power:
            return np.inf
        ratio = np.exp((power - self.decay) * (self.v[1] - self.v[0]))
        return float(self.weight[-1] * last**power * ratio / (1 - ratio))


def _integrate(log_density: Callable[[np.ndarray], np.ndarray], decay: float) -> _Line:
    """Integrate over the real line by the trapezoidal rule.

    It converges geometrically for smooth densities that vanish at both ends (Trefethen and Weideman, 2014,
    SIAM Review 56:385), so the nodes are doubled until leaving out every second one changes the integral by
    less than 1e-6. The full rule is then right to about its square.
    """
    low, high = _find_mass(log_density)
    v = np.linspace(low, high, 33)
    values = log_density(v)
    while True:
        top = values.max()
        mass = np.exp(values - top)
        total = mass.sum()
        if abs(2 * mass[::2].sum() / total - 1) < 1e-6 or len(v) > 5000:
            return _Line(v, mass / total, values - top - np.log(total * (v[1] - v[0])), decay)
        middle = (v[1:] + v[:-1]) / 2
        values = np.insert(values, range(1, len(v)), log_density(middle))
        v = np.linspace(low, high, 2 * len(v) - 1)


def _find_mass(log_density: Callable[[np.ndarray], np.ndarray], drop: float = 32.0) -> tuple[float, float]:
    """Between which points the density is within exp(-drop) of its maximum, by zooming in or out."""
    low, high = -64.0, 64.0
    while True:
        v = np.linspace(low, high, 33)
        values = log_density(v)
        kept = np.flatnonzero(values > values.max() - drop)
        first, last = max(kept[0] - 1, 0), min(kept[-1] + 1, 32)
        if kept[0] == 0 and low > -300:
            low -= high - low
        elif kept[-1] == 32 and high < 300:
            high += high - low
        elif last - first >= 12 or high - low < 1e-9:
            return v[first], v[last]
        else:
            low, high = v[first], v[last]


def fit(estimate: object, standard_error: object, prior: Prior | None = None, labels: object = None) -> Posterior:
    """Exact posterior of the normal hierarchical model (random-effects meta-analysis).

    Parameters
    ----------
    estimate, standard_error : array_like, shape (tests,)
        Each test's effect on any scale, and its standard error in the same unit.
    prior : Prior, optional
        On the average effect and the effects' standard deviation; `Prior()` if not given, which suits relative
        lifts of a few percent and nothing else.
    labels : sequence of str, optional
        Names of the tests; a pandas Series brings its index.

    Returns
    -------
    Posterior

    Raises
    ------
    ValueError
        For missing, infinite or unequally many values, and standard errors that are not above zero; argument,
        row and reason are named.

    Notes
    -----
    Marginal likelihood: Gelman et al., Bayesian Data Analysis (3rd ed., 2013), equation 5.21, with a normal
    prior on mu.

    Examples
    --------
    >>> from borrowing_strength.meta_analysis import HalfCauchy, Prior, fit
    >>> effect, error = [28, 8, -3, 7, -1, 1, 18, 12], [15, 10, 16, 11, 9, 11, 10, 18]
    >>> post = fit(effect, error, Prior(mu_sd=5, effect_sd=HalfCauchy(5)), labels=list("ABCDEFGH"))
    >>> print(f"{post.mu.mean:.3f} {post.effect_sd.mean:.3f} {post.prob_greater('A', 'C'):.3f}")
    4.397 3.598 0.617
    """
    y, error, names = estimates(estimate, standard_error, labels)
    model = _Population(y, error**2, as_prior(prior))
    line = _integrate(model.log_density, decay=len(y) + model.prior.effect_sd.tail)
    return Posterior(model, line, names)
