"""Failure rates that share a population: the exact posterior of the hierarchical Gamma-Poisson model of lesson 03.

    failures_j ~ Poisson(rate_j hours_j),   rate_j ~ Gamma(shape, rate),   shape and rate ~ independent Gammas

The rates integrate out in closed form, which leaves a density over the two hyperparameters; `fit` integrates it by
quadrature. `gibbs` samples the same posterior.
"""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc, betaln, gammaincinv, gammaln, logsumexp

from borrowing_strength.core.inputs import (
    generator,
    labels_of,
    positive,
    positives,
    same_rows,
    whole_number,
    whole_numbers,
)
from borrowing_strength.core.marginal import Marginal
from borrowing_strength.core.posterior import LOG
from borrowing_strength.core.quadrature import Plane, integrate_plane
from borrowing_strength.core.special import log_binomial
from borrowing_strength.redundancy.gammas import GammaMixture, first_of

if TYPE_CHECKING:
    import pandas as pd
    import pymc as pm
    import xarray as xr


class Posterior(GammaMixture):
    """Exact posterior of every failure rate and of the population; made by `fit`.

    Attributes
    ----------
    labels : tuple of str
        Names of the groups, in the order of the data.
    failures, hours : ndarray, shape (groups,)
        The data.
    mean, sd : ndarray, shape (groups,)
        Posterior mean and standard deviation of every rate, in failures per unit of `hours`.
    """

    def __init__(self, plane: Plane, failures: np.ndarray, hours: np.ndarray, labels: tuple[str, ...], moments: int):
        order = np.argsort(plane.weight, axis=None)
        kept = np.zeros(plane.weight.shape, dtype=bool)
        kept.ravel()[order[np.cumsum(plane.weight.ravel()[order]) > 1e-8]] = True
        u, v = plane.u[kept], np.broadcast_to(plane.v[:, None], plane.u.shape)[kept]
        weight = plane.weight[kept] / plane.weight[kept].sum()
        super().__init__(weight, np.exp(v), np.exp(v - u), failures, hours, plane.u[-1, 1] - plane.u[-1, 0])
        self.failures, self.hours, self.labels = failures, hours, labels
        self._plane, self._u, self._v, self._population_moments = plane, u, v, moments

    @cached_property
    def grand_mean(self) -> Marginal:
        """The population's mean rate, shape / rate. Its own mean is infinite if rate_prior[0] is below 1."""
        mean = self.new_group().mean[0]
        sd = np.sqrt(self._weight @ (np.exp(self._u) - mean) ** 2) if self._population_moments == 2 else np.inf
        return Marginal(mean, sd, self._plane.density_of_u, LOG)

    @cached_property
    def log_shape(self) -> Marginal:
        """Log of the population's shape. The larger, the more alike are the groups."""
        mean = self._weight @ self._v
        return Marginal(mean, np.sqrt(self._weight @ (self._v - mean) ** 2), self._plane.density_of_v)

    @property
    def shrinkage(self) -> np.ndarray:
        """Expected weight rate / (rate + hours) that each estimate gives to the population, shape (groups,)."""
        return np.array([self._weight @ (self._b / (self._b + t)) for t in self.hours])

    def prob_greater(self, i: int | str, j: int | str) -> float:
        """Posterior probability that group `i` has a larger rate than group `j` (positions or labels)."""
        first, second = self.labels.two(i, j, "group")
        (a, b), (other_a, other_b) = self._shapes(first), self._shapes(second)
        return float(self._weight @ betainc(other_a, a, other_b / (b + other_b)))

    def prob_best(self) -> np.ndarray:
        """Posterior probability that each group has the smallest failure rate of all, shape (groups,)."""
        return self._first_of(largest=False)

    def prob_worst(self) -> np.ndarray:
        """Posterior probability that each group has the largest failure rate of all, shape (groups,)."""
        return self._first_of(largest=True)

    def new_group(self) -> GammaMixture:
        """The rate of a group from the same population that has not been observed: one row."""
        none = np.zeros(1)
        return GammaMixture(self._weight, self._a, self._b, none, none, self._spacing, moments=self._population_moments)

    def mission(self, hours: float) -> "Mission":
        """New groups from the same population, run for `hours`: a model for `prob_all_fail` and `k_of_n`."""
        return Mission(self._weight, self._a, self._b, positive("hours", hours))

    def sample(self, draws: int = 1000, seed: int = 0, chains: int = 4) -> "xr.DataTree":
        """Independent draws from the exact posterior: `rate` (chain, draw, group), `shape` and `grand_mean`."""
        size = whole_number("draws", draws) * whole_number("chains", chains)
        rng = generator(seed)
        u, v = self._plane.draw(size, rng)
        shape, population_rate = np.exp(v)[:, None], np.exp(v - u)[:, None]
        rate = rng.gamma(shape + self.failures) / (population_rate + self.hours)
        return _tree(rate, np.exp(v), np.exp(u), (chains, draws), self.labels)

    def summary(self, prob: float = 0.95) -> "pd.DataFrame":
        """One row a group: data, raw rate, posterior mean, sd, equal-tailed interval, shrinkage."""
        import pandas as pd

        ends = self.interval(prob)
        columns = {"failures": self.failures, "hours": self.hours, "raw": self.failures / self.hours}
        columns |= {"mean": self.mean, "sd": self.sd, "lower": ends[:, 0], "upper": ends[:, 1]}
        return pd.DataFrame(columns | {"shrinkage": self.shrinkage}, index=pd.Index(self.labels, name="group"))

    def _first_of(self, *, largest: bool) -> np.ndarray:
        a, b = self._a[:, None] + self.failures, self._b[:, None] + self.hours
        return first_of(self._weight, a, b, largest=largest)


class Mission:
    """New components, each with a rate of its own from one unknown population, that must run without a failure.

    Given the population's Gamma(a, b) each survives t hours with probability (b / (b + t))^a, whatever the others do.

    Parameters
    ----------
    weight, a, b : ndarray, shape (nodes,)
        Posterior probability of every population, its shape and its rate.
    hours : float
        Length of the mission.
    """

    def __init__(self, weight: np.ndarray, a: np.ndarray, b: np.ndarray, hours: float):
        self._weight, self._a, self._b, self._hours = weight, a, b, hours

    def log_tail(self, least: int, n: int) -> float:
        """Log probability that at least `least` of `n` components fail."""
        log_survive = -self._a * np.log1p(self._hours / self._b)
        log_fail = np.log(-np.expm1(log_survive))
        number = np.arange(least, n + 1)[:, None]
        return float(logsumexp(log_binomial(number, n, log_fail, log_survive) + np.log(self._weight)))

    def draw(self, n: int, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Failure probability of every component given its rate, shape (draws, n)."""
        node = rng.choice(len(self._weight), size=draws, p=self._weight)
        rate = rng.gamma(self._a[node, None], size=(draws, n)) / self._b[node, None]
        return -np.expm1(-rate * self._hours)


def fit(
    failures: object,
    hours: object,
    *,
    shape_prior: tuple[float, float] = (1.0, 1.0),
    rate_prior: tuple[float, float] = (0.1, 1.0),
    labels: object = None,
) -> Posterior:
    """Exact posterior of the hierarchical Gamma-Poisson model.

    Parameters
    ----------
    failures : array_like of int, shape (groups,)
        Number of failures.
    hours : array_like of float, shape (groups,)
        Exposure, above 0, in any unit; the rates and `rate_prior` are in the same unit.
    shape_prior, rate_prior : tuple of float
        (shape, rate) of the Gamma priors on the population's shape and on its rate. Those given are the usual
        ones for the ten pumps, in thousands of hours.
    labels : sequence of str, optional
        Names of the groups; a pandas Series brings its index.

    Returns
    -------
    Posterior

    Raises
    ------
    ValueError
        For counts that are not counts, hours that are not above 0 and priors that are no pairs of positive numbers.

    Notes
    -----
    Model and priors: George, Makov and Smith (1993), Scandinavian Journal of Statistics 20:147.
    """
    y, t, prior = _data(failures, hours, shape_prior, rate_prior)
    plane = integrate_plane(_LogPosterior(y, t, *prior))
    # given the shape, E[1/rate] is finite if rate_prior[0] + groups * shape exceeds 1, and the shape may be near 0
    moments = int(prior[1][0] >= 1) + int(prior[1][0] >= 2)
    return Posterior(plane, y, t, labels_of(labels, len(y), failures, hours), moments)


class _LogPosterior:
    """Log posterior density over u = log(shape / rate) and v = log(shape); the rates are integrated out."""

    def __init__(self, failures: np.ndarray, hours: np.ndarray, shape_prior: tuple, rate_prior: tuple):
        self._priors = shape_prior, rate_prior
        self._seen = np.unique(failures[failures > 0], return_counts=True)
        pairs, self._many = np.unique(np.stack([failures, hours]), axis=1, return_counts=True)
        self._pairs = pairs.T

    def __call__(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        (a, b), (c, d) = self._priors
        shape, log_rate = np.exp(v), v - u
        out = a * v - b * shape + c * log_rate - d * np.exp(log_rate)
        for y, many in zip(*self._seen, strict=True):  # log G(shape + y) - log G(shape), without their difference
            out = out + many * (gammaln(y) - betaln(shape, y))
        for (y, t), many in zip(self._pairs, self._many, strict=True):
            out -= many * (shape * np.log1p(t * np.exp(-log_rate)) + y * np.logaddexp(log_rate, np.log(t)))
        return out


def gibbs(
    failures: object,
    hours: object,
    *,
    shape_prior: tuple[float, float] = (1.0, 1.0),
    rate_prior: tuple[float, float] = (0.1, 1.0),
    draws: int = 2000,
    tune: int = 500,
    chains: int = 4,
    seed: int,
    labels: object = None,
) -> "xr.DataTree":
    """Sample the same posterior by Gibbs: every unknown in turn, given the newest values of all others.

    The rates and the population's rate have Gamma conditionals. The population's shape has none with a name; it is
    drawn by inverting its distribution function on a grid (Ritter and Tanner, 1992, JASA 87:861).

    Parameters
    ----------
    failures, hours, shape_prior, rate_prior, labels
        As in `fit`.
    draws, tune, chains, seed : int
        Draws kept and discarded a chain, number of chains, and seed of `numpy.random.default_rng`.

    Returns
    -------
    xarray.DataTree
        Group `posterior` with `rate` (chain, draw, group), `shape` and `grand_mean`.
    """
    y, t, ((a, b), (c, d)) = _data(failures, hours, shape_prior, rate_prior)
    size = (whole_number("chains", chains), whole_number("draws", draws))
    steps, rng = whole_number("tune", tune, least=0) + draws, generator(seed)
    log_shapes = np.linspace(*np.log(np.maximum(gammaincinv(a, [1e-10, 1 - 1e-12]) / b, 1e-30)), 1000)
    shapes = np.exp(log_shapes)
    log_prior = a * log_shapes - b * shapes - len(y) * gammaln(shapes)
    kept = np.empty((chains, steps, len(y) + 2))
    for chain in kept:
        shape, rate = a / b, c / d
        for row in chain:
            rates = np.maximum(rng.gamma(shape + y) / (rate + t), 1e-300)  # a float may not hold a tiny one
            rate = rng.gamma(c + len(y) * shape) / (d + rates.sum())
            log_weight = log_prior + shapes * (np.log(rates).sum() + len(y) * np.log(rate))
            weight = np.exp(log_weight - log_weight.max())
            shape = np.exp(np.interp(rng.random() * weight.sum(), np.cumsum(weight) - weight / 2, log_shapes))
            row[:] = *rates, shape, shape / rate
    kept = kept[:, steps - draws :].reshape(-1, len(y) + 2)
    return _tree(kept[:, :-2], kept[:, -2], kept[:, -1], size, labels_of(labels, len(y), failures, hours))


def pymc_model(
    failures: object,
    hours: object,
    *,
    shape_prior: tuple[float, float] = (1.0, 1.0),
    rate_prior: tuple[float, float] = (0.1, 1.0),
    labels: object = None,
) -> "pm.Model":
    """Build the same model for PyMC, with one variable a rate; arguments as in `fit`.

    Returns
    -------
    pymc.Model
        With `rate`, `shape`, `population_rate` and `grand_mean`, and the dimension `group`.
    """
    import pymc as pm

    y, t, ((a, b), (c, d)) = _data(failures, hours, shape_prior, rate_prior)
    with pm.Model(coords={"group": list(labels_of(labels, len(y), failures, hours))}) as model:
        shape = pm.Gamma("shape", alpha=a, beta=b)
        population_rate = pm.Gamma("population_rate", alpha=c, beta=d)
        pm.Deterministic("grand_mean", shape / population_rate)
        rate = pm.Gamma("rate", alpha=shape, beta=population_rate, dims="group")
        pm.Poisson("failures", mu=rate * t, observed=y, dims="group")
    return model


def _data(failures: object, hours: object, shape_prior: object, rate_prior: object):
    y, t = whole_numbers("failures", failures), positives("hours", hours)
    same_rows({"failures": failures, "hours": hours}, (y, t))
    return y, t, (_gamma("shape_prior", shape_prior), _gamma("rate_prior", rate_prior))


def _gamma(name: str, values: object) -> tuple[float, float]:
    if not isinstance(values, tuple | list) or len(values) != 2:
        raise ValueError(f"{name} is {values!r}: it must be a pair, the shape and the rate of a Gamma distribution")
    return positive(f"{name}[0]", values[0]), positive(f"{name}[1]", values[1])


def _tree(rate: np.ndarray, shape: np.ndarray, grand_mean: np.ndarray, size: tuple[int, int], labels: tuple[str, ...]):
    import arviz as az

    variables = {"rate": rate.reshape(*size, -1), "shape": shape.reshape(size), "grand_mean": grand_mean.reshape(size)}
    return az.from_dict({"posterior": variables}, coords={"group": list(labels)}, dims={"rate": ["group"]})
