"""Lesson 05: experiments that share a population. Exact posterior of the normal hierarchical model.

    estimate_i ~ N(effect_i, standard_error_i**2),   effect_i ~ N(mu, effect_sd**2),   mu ~ N(mu_mean, mu_sd**2)

Effects and mu integrate out in closed form, which leaves one dimension: the effects' standard deviation.
`fit` integrates over it by quadrature: no simulation, no seed, the same digits everywhere. `gibbs`
samples the same posterior, and `pymc_model` hands it to PyMC.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.interpolate import make_interp_spline
from scipy.special import ndtr

from borrowing_strength.core.inputs import numbers, refuse
from borrowing_strength.core.marginal import Marginal
from borrowing_strength.core.options import truths
from borrowing_strength.core.posterior import CELLS
from borrowing_strength.core.posterior import Posterior as CorePosterior
from borrowing_strength.core.quadrature import Line, gauss_rule, integrate_line
from borrowing_strength.core.ranking import compete, contenders
from borrowing_strength.core.rows import Labels
from borrowing_strength.meta_analysis.effects import estimates
from borrowing_strength.meta_analysis.normals import NormalMixture, standard_density
from borrowing_strength.meta_analysis.prior import Prior, as_prior, believable, weak_prior

_FEW = (
    (0.02, 3),
    (0.05, 5),
)  # relative sd of the effects' sd below which so many nodes do for it when effects are ranked


class Posterior(NormalMixture, CorePosterior):
    """Exact posterior of every effect and of the population; made by `fit`.

    `mean`, `sd`, `interval`, `quantile`, `cdf`, `density` (from `core.posterior.Quantity`) and `predict` speak of the
    tests' own effects.

    Attributes
    ----------
    labels : tuple of str
        Names of the tests, in the order of the data.
    estimate, standard_error : ndarray, shape (tests,)
        The data.
    prior : Prior
        The prior that was used; `repr` of the posterior and the `attrs` of `summary` name it too.
    """

    group = "test"

    def __init__(self, model: "_Population", line: Line, labels: Labels):
        super().__init__(line.weight, self._effects_given_sd, len(labels))
        self.estimate, self.standard_error, self.prior = model.estimate, np.sqrt(model.variance), model.prior
        self.labels, self._model, self._line = labels, model, line
        self._sd = model.prior.effect_sd.coordinate.to_value(line.v)
        self._mu_mean, self._mu_variance = model.mu(self._sd)

    @cached_property
    def mu(self) -> NormalMixture:
        """The average effect of the population."""
        mean, variance = self._mu_mean[:, None], self._mu_variance[:, None]
        return NormalMixture(self._weight, lambda row: (mean, variance))

    @cached_property
    def effect_sd(self) -> Marginal:
        """The standard deviation of the effects in the population; its own sd may be infinite for one test."""
        line, last = self._line, self._sd[-1]
        mean = line.weight @ self._sd + line.beyond(last, 1)
        sd = np.sqrt(line.weight @ (self._sd - mean) ** 2 + line.beyond(last, 2))
        # Degree 7: what lies between the nodes is then as exact as the integral over them.
        spline = make_interp_spline(line.v, line.log_density, k=7)
        grid = np.linspace(line.v[0], line.v[-1], 1001)
        return Marginal(mean, sd, lambda: (grid, np.exp(spline(grid))), self.prior.effect_sd.coordinate)

    def new_group(self) -> NormalMixture:
        """The effect of the next test from the same population."""
        mean, variance = self._mu_mean[:, None], (self._mu_variance + self._sd**2)[:, None]
        return NormalMixture(self._weight, lambda row: (mean, variance), beyond=self._line.beyond(self._sd[-1], 2))

    def average(self, chosen: object) -> NormalMixture:
        """The average effect of some of the tests, such as the winners; its `predict` is for the average estimate.

        Parameters
        ----------
        chosen : array_like of bool, shape (tests,)
            Which tests to average.
        """
        mask = truths("chosen", chosen, self.labels)
        if not mask.any():
            raise ValueError("chosen holds no True: there is no test to average")
        fixed, pull, variance = self._given_sd_and_mu(np.flatnonzero(mask))
        fixed, pull = fixed.mean(axis=1, keepdims=True), pull.mean(axis=1, keepdims=True)
        mean = fixed + pull * self._mu_mean[:, None]
        variance = variance.mean(axis=1, keepdims=True) / mask.sum() + pull**2 * self._mu_variance[:, None]
        return NormalMixture(self._weight, lambda row: (mean, variance))

    @property
    def shrinkage(self) -> np.ndarray:
        """Expected weight se^2 / (se^2 + effect_sd^2) that each estimate gives to the average, shape (tests,)."""
        size = max(1, CELLS // len(self._weight))
        rows = (np.arange(i, min(i + size, len(self))) for i in range(0, len(self), size))
        return np.concatenate([self._weight @ self._share(row) for row in rows])

    def prob_greater(self, i: int | str, j: int | str) -> float:
        """Posterior probability that test `i` has a larger effect than test `j` (labels or positions)."""
        pair = np.array(self.labels.two(i, j, "test"))
        fixed, pull, variance = self._given_sd_and_mu(pair)
        slope = pull[:, 0] - pull[:, 1]
        mean = fixed[:, 0] - fixed[:, 1] + slope * self._mu_mean
        return float(self._weight @ ndtr(mean / np.sqrt(variance.sum(axis=1) + slope**2 * self._mu_variance)))

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
        mu, log_sd = numbers("mu", mu), numbers("log_effect_sd", log_effect_sd)
        refuse("log_effect_sd", log_sd, np.abs(log_sd) > 100, "it must lie between -100 and 100")
        sd = np.exp(log_sd)
        mean, variance = (part[:, None] for part in self._model.mu(sd))
        log_density = -((mu - mean) ** 2) / (2 * variance) - np.log(variance) / 2
        log_density += np.log(self.effect_sd.density(sd) * sd + 1e-300)[:, None]
        return np.exp(log_density - log_density.max())

    def _draw(self, size: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
        # A table of quantiles: a root for every draw would cost more than all effects.
        v = np.linspace(self._line.v[0], self._line.v[-1], 20_001)
        below = self.effect_sd._cdf(v, np.zeros(len(v), dtype=int))
        sd = self.prior.effect_sd.coordinate.to_value(np.interp(rng.random(size), below, v))
        noise, mu, effect = rng.standard_normal(size), np.empty(size), np.empty((size, len(self)))
        block = max(1, CELLS // (8 * len(self)))
        for rows in (slice(i, i + block) for i in range(0, size, block)):
            total = self._model.variance + sd[rows, None] ** 2
            mean, variance = self._model.mu_given(total)
            mu[rows] = mean + np.sqrt(variance) * noise[rows]
            kept = sd[rows, None] / np.sqrt(total)
            luck = self.standard_error * rng.standard_normal(total.shape)
            effect[rows] = mu[rows, None] + kept * (luck + kept * (self.estimate - mu[rows, None]))
        return {"mu": mu, "effect_sd": sd, "effect": effect}

    def _compete(self, chosen: Sequence[int]) -> tuple[np.ndarray, float]:
        # 1. Nodes over the sd and, for each, over mu.
        chosen = np.asarray(chosen)
        sd, of_sd, order = self._nodes_to_rank
        mu_mean, mu_variance = self._model.mu(sd)
        step, weight = hermegauss(order)
        weight = np.outer(of_sd, weight).ravel()
        weight /= weight.sum()
        above = np.outer(np.sqrt(mu_variance), step)
        least = self._model.variance[chosen].min()
        shared = least / (least + sd**2)

        # 2. Only differences count: without the part of mu that all share they keep their digits where the sd is tiny.
        def given(which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            variance, estimate = self._model.variance[chosen[which]], self.estimate[chosen[which]]
            share = variance / (variance + sd[:, None] ** 2)
            fixed = (1 - share) * (estimate - mu_mean[:, None])
            mean = fixed[:, None] + above[..., None] * (share - shared[:, None])[:, None]
            return mean.reshape(len(weight), -1), np.repeat(np.sqrt(share) * sd[:, None], len(step), axis=0)

        def ends(which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            mean, spread = given(which)
            return mean - 8 * spread, mean + 8 * spread

        def all_below(x: np.ndarray, which: np.ndarray) -> np.ndarray:
            mean, spread = given(which)
            return ndtr((x[:, None] - mean) / spread)

        rivals = contenders(weight, ends, all_below, self.mean[chosen] + 2 * self.sd[chosen])
        mean, spread = given(rivals)

        def density(node: np.ndarray, x: np.ndarray, groups: np.ndarray) -> np.ndarray:
            width = spread[node][:, None, groups]
            return standard_density((x[..., None] - mean[node][:, None, groups]) / width) / width

        def below(node: np.ndarray, x: np.ndarray, groups: np.ndarray) -> np.ndarray:
            return ndtr((x[:, None] - mean[node][:, groups]) / spread[node][:, groups])

        prob = np.zeros(len(chosen))
        prob[rivals], best = compete(weight, mean - 8 * spread, mean + 8 * spread, spread, density, below)
        return prob, best + float(weight @ (mu_mean[:, None] + above * shared[:, None]).ravel())

    @property
    def _nodes_to_rank(self) -> tuple[np.ndarray, np.ndarray, int]:
        """Nodes of the effects' sd, their weights, and how many of mu for each: few where little is open about both."""
        open_ = self.effect_sd.sd / self.effect_sd.mean
        for most, order in _FEW:
            if open_ < most:
                v, weight = gauss_rule(self._line.v, self._line.weight, order)
                return self.prior.effect_sd.coordinate.to_value(v), weight, order
        heavy = self._weight > 1e-8
        return self._sd[heavy], self._weight[heavy], 12

    def _columns(self, prob: float) -> dict[str, np.ndarray]:
        columns = {"estimate": self.estimate, "standard_error": self.standard_error} | self._mean_sd_interval(prob)
        return columns | {"prob_positive": 1 - self.cdf(0), "shrinkage": self.shrinkage}

    def _share(self, row: np.ndarray) -> np.ndarray:
        variance = self._model.variance[row]
        return variance / (variance + self._sd[:, None] ** 2)

    def _given_sd_and_mu(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """An effect is N(fixed + pull * mu, variance), independently of the others; shapes (nodes, tests)."""
        share = self._share(row)
        return (1 - share) * self.estimate[row], share, share * self._sd[:, None] ** 2

    def _effects_given_sd(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        fixed, pull, variance = self._given_sd_and_mu(row)
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
        prior = self.prior.effect_sd
        sd = prior.coordinate.to_value(v)
        (log_likelihood,) = self._each(sd, self._log_likelihood)
        return log_likelihood + prior.log_density(sd) + np.log(prior.coordinate.slope(v))

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


def fit(estimate: object, standard_error: object, *, prior: Prior | None = None, labels: object = None) -> Posterior:
    """Exact posterior of the normal hierarchical model (random-effects meta-analysis).

    Parameters
    ----------
    estimate, standard_error : array_like, shape (tests,)
        Each test's effect on any scale, and its standard error in the same unit.
    prior : Prior, optional
        On the average effect and the effects' standard deviation. If not given, a weakly informative one that suits
        every scale: uniform shrinkage with a typical standard error as its median (DuMouchel, 1994), and an average
        that is nearly flat. The posterior's `prior` says it in numbers. `Prior()` is the one that metabayes publishes.
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
    prior on mu. DuMouchel (1994), Hierarchical Bayes linear models for meta-analysis, NISS technical report 27.

    Examples
    --------
    >>> from borrowing_strength.meta_analysis import HalfCauchy, Prior, fit
    >>> effect, error = [28, 8, -3, 7, -1, 1, 18, 12], [15, 10, 16, 11, 9, 11, 10, 18]
    >>> post = fit(effect, error, prior=Prior(mu_sd=5, effect_sd=HalfCauchy(5)), labels=list("ABCDEFGH"))
    >>> print(f"{post.mu.mean:.3f} {post.effect_sd.mean:.3f} {post.prob_greater('A', 'C'):.3f}")
    4.397 3.598 0.617
    """
    y, error, names = estimates(estimate, standard_error, labels)
    model = _Population(y, error**2, believable(as_prior(prior, weak_prior(y, error)), y, error))
    line = integrate_line(model.log_density, decay=len(y) + model.prior.effect_sd.tail)
    return Posterior(model, line, names)
