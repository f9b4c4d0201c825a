"""Failure rates that share a population: the exact posterior of the hierarchical Gamma-Poisson model of lesson 03.

    failures_j ~ Poisson(rate_j hours_j),   rate_j ~ Gamma(shape, rate),   shape and rate ~ independent Gammas

The rates integrate out in closed form, which leaves a density over the two hyperparameters; `fit` integrates it by
quadrature.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc, betaln, gammaln, logsumexp

from borrowing_strength.core.inputs import fits, number, positive, positives, whole_numbers
from borrowing_strength.core.marginal import Marginal
from borrowing_strength.core.options import pair
from borrowing_strength.core.posterior import CELLS, IDENTITY, LOG
from borrowing_strength.core.posterior import Posterior as CorePosterior
from borrowing_strength.core.quadrature import Plane, integrate_plane, sum_rule
from borrowing_strength.core.rows import Labels, labels_of, same_rows
from borrowing_strength.core.special import log_binomial
from borrowing_strength.redundancy.dependence import Given
from borrowing_strength.redundancy.gammas import GammaMixture, Population, first_of

if TYPE_CHECKING:
    import pymc as pm


@dataclass(frozen=True)
class Prior:
    """Gamma priors on the population's shape and on its rate, each a pair (shape, rate).

    `Prior()` is the published one for the ten pumps, in thousands of hours. `rate` is in the unit of the hours: the
    same numbers are another belief if the hours come in another unit. `fit` without a prior scales it to the data.
    """

    shape: tuple[float, float] = (1.0, 1.0)
    rate: tuple[float, float] = (0.1, 1.0)

    def __post_init__(self) -> None:
        for name in ("shape", "rate"):
            wanted = "a pair, the shape and the rate of a Gamma distribution"
            object.__setattr__(self, name, pair(name, getattr(self, name), positive, positive, wanted))


_FEW = (0.02, 3), (0.05, 4)  # sd of the log shape below which so many nodes a side do when components are ranked


class Posterior(GammaMixture, CorePosterior):
    """Exact posterior of every failure rate and of the population; made by `fit`.

    The best group is the one with the smallest failure rate.

    Attributes
    ----------
    labels : tuple of str
        Names of the groups, in the order of the data.
    failures, hours : ndarray, shape (groups,)
        The data.
    mean, sd : ndarray, shape (groups,)
        Posterior mean and standard deviation of every rate, in failures per unit of `hours`.
    prior : Prior
        The prior used; the `attrs` of `summary` name it too.
    """

    best_is_largest = False

    def __init__(self, plane: Plane, failures: np.ndarray, hours: np.ndarray, labels: Labels, prior: Prior):
        # given the shape, E[1/rate] is finite if rate[0] + groups * shape exceeds 1, and the shape may be near 0
        super().__init__(Population.of(plane, (prior.rate[0] >= 1) + (prior.rate[0] >= 2)), failures, hours)
        self.failures, self.hours, self.labels, self.prior, self._plane = failures, hours, labels, prior, plane

    @cached_property
    def grand_mean(self) -> Marginal:
        """The population's mean rate, shape / rate. Its own mean is infinite if the prior's rate[0] is below 1."""
        mean, (weight, a, b) = self.new_group().mean[0], self._weighted
        sd = np.sqrt(weight @ (a / b - mean) ** 2) if self._population.moments == 2 else np.inf
        return Marginal(mean, sd, self._plane.density_of_u, LOG)

    @cached_property
    def log_shape(self) -> Marginal:
        """Log of the population's shape. The larger, the more alike are the groups."""
        weight, a, _ = self._weighted
        mean = weight @ np.log(a)
        return Marginal(mean, np.sqrt(weight @ (np.log(a) - mean) ** 2), self._plane.density_of_v, IDENTITY)

    @property
    def shrinkage(self) -> np.ndarray:
        """Expected weight rate / (rate + hours) that each estimate gives to the population, shape (groups,)."""
        weight, _, b = self._weighted
        size = max(1, CELLS // len(weight))
        pieces = np.split(self.hours, range(size, len(self), size))
        return np.concatenate([(b / (b + t[:, None])) @ weight for t in pieces])

    def prob_greater(self, i: int | str, j: int | str) -> float:
        """Posterior probability that group `i` has a larger rate than group `j` (labels or positions)."""
        weight, a, b = self._weighted
        (y, t), (other_y, other_t) = ((self.failures[k], self.hours[k]) for k in self.labels.two(i, j, self.group))
        return float(weight @ betainc(a + other_y, a + y, (b + other_t) / (b + t + b + other_t)))

    def prob_worst(self) -> np.ndarray:
        """Posterior probability that each group has the largest failure rate of all, shape (groups,)."""
        return first_of(self._nodes_to_rank, self.failures, self.hours, largest=True)[0]

    def new_group(self) -> GammaMixture:
        """The rate of a group from the same population that has not been observed: one row."""
        return GammaMixture(self._population, np.zeros(1), np.zeros(1), moments=self._population.moments)

    def mission(self, hours: float) -> "Mission":
        """New groups from the same population, run for `hours`: a model for `prob_all_fail` and `k_of_n`."""
        hours = number("hours", hours)
        if not 0 < hours <= 1e50:
            raise ValueError(f"hours is {hours:g}: it must be a finite number above 0, and at most 1e50")
        return Mission(*self._weighted, hours)

    @property
    def _weighted(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self._population.weight, self._population.shape, self._population.rate

    def _draw(self, size: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
        u, v = self._plane.draw(size, rng)
        rate = rng.gamma(np.exp(v)[:, None] + self.failures) / (np.exp(v - u)[:, None] + self.hours)
        return {"rate": rate, "shape": np.exp(v), "grand_mean": np.exp(u)}

    def _compete(self, chosen: Sequence[int]) -> tuple[np.ndarray, float]:
        chosen = list(chosen)
        return first_of(self._nodes_to_rank, self.failures[chosen], self.hours[chosen], largest=False)

    @property
    def _nodes_to_rank(self) -> Population:
        """Few nodes do where many components leave little open about their population."""
        if self._population.plane is not None:
            for most, order in _FEW:
                if self.log_shape.sd < most:
                    return self._population.compress(order)
        return self._used

    def _columns(self, prob: float) -> dict[str, np.ndarray]:
        data = {"failures": self.failures, "hours": self.hours, "raw": self.failures / self.hours}
        return data | self._mean_sd_interval(prob) | {"shrinkage": self.shrinkage}


class Mission(Given):
    """New components, each with a rate of its own from one unknown population, that must run without a failure.

    Given the population's Gamma(a, b) each survives t hours with probability (b / (b + t))^a, whatever the others do.
    """

    def __init__(self, weight: np.ndarray, a: np.ndarray, b: np.ndarray, hours: float):
        self._weight, self._a, self._b, self._hours = weight, a, b, hours
        self._log_survive = -a * np.log1p(hours / b)
        self._log_fail = np.log(-np.expm1(self._log_survive))

    def __repr__(self) -> str:
        return f"Mission(hours={self._hours:g})"

    @property
    def mean(self) -> float:
        return float(self._weight @ np.exp(self._log_fail))

    def after(self, failures: int, successes: int) -> "Mission":
        log_weight = np.log(self._weight) + failures * self._log_fail + successes * self._log_survive
        return Mission(np.exp(log_weight - logsumexp(log_weight)), self._a, self._b, self._hours)

    def log_pmf(self, n: int) -> np.ndarray:
        fits("components", np.array(n), len(self._weight))
        pmf = log_binomial(np.arange(n + 1)[:, None], n, self._log_fail, self._log_survive)
        return logsumexp(pmf + np.log(self._weight), axis=1)

    def draw(self, n: int, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Failure probability of every component given its rate, shape (draws, n)."""
        node = rng.choice(len(self._weight), size=draws, p=self._weight)
        rate = rng.gamma(self._a[node, None], size=(draws, n)) / self._b[node, None]
        return -np.expm1(-rate * self._hours)


def fit(failures: object, hours: object, *, prior: Prior | None = None, labels: object = None) -> Posterior:
    """Exact posterior of the hierarchical Gamma-Poisson model.

    Parameters
    ----------
    failures : array_like of int, shape (groups,)
        Number of failures.
    hours : array_like of float, shape (groups,)
        Exposure, above 0, in any unit; the rates and the prior are in the same unit.
    prior : Prior, optional
        Gamma priors on the population's shape and on its rate. If not given, `Prior(rate=(0.1, 1 / median(hours)))`:
        the published one with the median of the hours as its unit. So the same records in days, hours or years give
        the same answer. `Prior()` is the published one as it stands, for thousands of hours.
    labels : sequence of str, optional
        Names of the groups; a pandas Series brings its index.

    Returns
    -------
    Posterior

    Raises
    ------
    ValueError
        For counts that are not counts, and hours that are not above 0.

    Notes
    -----
    Model and priors: George, Makov and Smith (1993), Scandinavian Journal of Statistics 20:147.
    """
    y, t, prior, names = _read(failures, hours, prior, labels)
    return Posterior(integrate_plane(_LogPosterior(y, t, prior)), y, t, names, prior)


class _LogPosterior:
    """Log posterior density over u = log(shape / rate) and v = log(shape); the rates are integrated out."""

    def __init__(self, failures: np.ndarray, hours: np.ndarray, prior: Prior):
        self._prior = prior
        self._seen = np.unique(failures[failures > 0], return_counts=True)
        # Sums over the groups of smooth functions of log(hours), once as they are and once times the failures.
        self._hours = [sum_rule(np.log(hours), weight) for weight in (np.ones(len(hours)), failures.astype(float))]

    def __call__(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        (a, b), (c, d) = self._prior.shape, self._prior.rate
        shape, log_rate = np.exp(v), v - u
        out = a * v - b * shape + c * log_rate - d * np.exp(log_rate)
        for y, many in zip(*self._seen, strict=True):  # log G(shape + y) - log G(shape), without their difference
            out = out + many * (gammaln(y) - betaln(shape, y))
        (log_t, many), (log_u, failures) = self._hours
        out -= shape * (np.logaddexp(0, log_t - log_rate[..., None]) @ many)
        return out - np.logaddexp(log_rate[..., None], log_u) @ failures


def pymc_model(
    failures: object,
    hours: object,
    *,
    prior: Prior | None = None,
    labels: object = None,
) -> "pm.Model":
    """Build the same model for PyMC, with one variable a rate; arguments as in `fit`.

    Returns
    -------
    pymc.Model
        With `rate`, `shape`, `population_rate` and `grand_mean`, and the dimension `group`.
    """
    import pymc as pm

    y, t, prior, names = _read(failures, hours, prior, labels)
    (a, b), (c, d) = prior.shape, prior.rate
    with pm.Model(coords={"group": list(names)}) as model:
        shape = pm.Gamma("shape", alpha=a, beta=b)
        population_rate = pm.Gamma("population_rate", alpha=c, beta=d)
        pm.Deterministic("grand_mean", shape / population_rate)
        rate = pm.Gamma("rate", alpha=shape, beta=population_rate, dims="group")
        pm.Poisson("failures", mu=rate * t, observed=y, dims="group")
    return model


def _read(
    failures: object, hours: object, prior: object, labels: object
) -> tuple[np.ndarray, np.ndarray, Prior, Labels]:
    y, t = whole_numbers("failures", failures), positives("hours", hours)
    same_rows({"failures": failures, "hours": hours}, (y, t))
    if prior is not None and not isinstance(prior, Prior):
        raise ValueError(f"prior is {prior!r}: it must be Prior(shape=(..., ...), rate=(..., ...))")
    prior = prior or Prior(rate=(0.1, 1 / float(np.median(t))))  # in units of the hours, whatever these are
    return y, t, prior, labels_of(labels, len(y), failures, hours)
