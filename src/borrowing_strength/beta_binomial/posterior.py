"""Lesson 01: rates that share a population. Exact posterior of the hierarchical beta-binomial model.

    successes_j ~ Binomial(trials_j, rate_j),   rate_j ~ Beta(a, b),   (a, b) ~ hyperprior

The rates integrate out in closed form, which leaves a density over the two hyperparameters. `fit` integrates
it by quadrature over logit(a / (a + b)) and log(a + b): no simulation, no seed, the same digits everywhere.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from borrowing_strength.beta_binomial.betas import BetaMixture, Population, best_of
from borrowing_strength.beta_binomial.hyperpriors import Hyperprior, PowerLaw
from borrowing_strength.beta_binomial.sums import exceedances
from borrowing_strength.core.inputs import counts, numbers, refuse
from borrowing_strength.core.marginal import Marginal
from borrowing_strength.core.options import one_of
from borrowing_strength.core.posterior import IDENTITY, LOGIT, Scale
from borrowing_strength.core.posterior import Posterior as CorePosterior
from borrowing_strength.core.quadrature import Plane, integrate_plane
from borrowing_strength.core.rows import Labels, labels_of
from borrowing_strength.core.special import log_expit

if TYPE_CHECKING:
    import pymc as pm


class Posterior(BetaMixture, CorePosterior):
    """Exact posterior of every rate and of the population; made by `fit`.

    Attributes
    ----------
    labels : tuple of str
        Names of the groups, in the order of the data.
    successes, trials : ndarray of int, shape (groups,)
        The data.
    mean, sd : ndarray, shape (groups,)
        Posterior mean and standard deviation of every rate.
    log_evidence : float
        Log probability of the data up to a constant of the hyperprior.
    """

    def __init__(self, plane: Plane, successes: np.ndarray, trials: np.ndarray, labels: Labels):
        super().__init__(Population.of(plane), successes, trials)
        self.successes, self.trials, self.labels = successes, trials, labels
        self.log_evidence, self._plane = plane.log_evidence, plane

    @cached_property
    def grand_mean(self) -> Marginal:
        """The population's mean rate a / (a + b)."""
        total = self._population.a + self._population.b
        return self._marginal(self._population.a / total, self._plane.density_of_u, LOGIT)

    @cached_property
    def log_concentration(self) -> Marginal:
        """log(a + b). Under a heavy-tailed hyperprior a + b itself has no mean; its logarithm has."""
        log_total = np.log(self._population.a + self._population.b)
        return self._marginal(log_total, self._plane.density_of_v, IDENTITY)

    def _marginal(self, value: np.ndarray, density: Callable, scale: Scale) -> Marginal:
        mean = self._population.weight @ value
        return Marginal(mean, np.sqrt(self._population.weight @ (value - mean) ** 2), density, scale)

    @property
    def shrinkage(self) -> np.ndarray:
        """Expected weight (a+b) / (a+b+trials) that each group's estimate gives to the population, shape (groups,)."""
        sizes, where = np.unique(self.trials, return_inverse=True)
        total = self._population.a + self._population.b
        return np.array([self._population.weight @ (total / (total + n)) for n in sizes])[where]

    def new_group(self) -> BetaMixture:
        """The rate of a group from the same population that has not been observed: one row."""
        none = np.zeros(1, dtype=np.int64)
        return BetaMixture(self._population, none, none)

    def surface(self, mean: np.ndarray, log_concentration: np.ndarray) -> np.ndarray:
        """Posterior density over (a/(a+b), log(a+b)) relative to its maximum on the grid.

        Parameters
        ----------
        mean : ndarray, shape (columns,)
            Population means between 0 and 1.
        log_concentration : ndarray, shape (rows,)
            Values of log(a + b).

        Returns
        -------
        ndarray, shape (rows, columns)
        """
        mean = numbers("mean", mean)
        refuse("mean", mean, (mean <= 0) | (mean >= 1), "it must lie between 0 and 1, both excluded")
        rows = numbers("log_concentration", log_concentration)[:, None]
        u = np.broadcast_to(np.log(mean / (1 - mean)), (len(rows), len(mean)))
        log_density = self._plane.log_density(u, rows) - np.log(mean * (1 - mean))
        return np.exp(log_density - log_density.max())

    def _draw(self, size: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
        u, v = self._plane.draw(size, rng)
        log_a, log_b = v + log_expit(u), v + log_expit(-u)
        # a and b beyond 1e15 would leave the Beta generator no digits; the rate is then the mean to that precision
        a, b = np.exp(np.minimum(log_a, 34))[:, None], np.exp(np.minimum(log_b, 34))[:, None]
        rate = rng.beta(a + self.successes, b + (self.trials - self.successes))
        return {"rate": rate, "grand_mean": expit(u), "log_concentration": v}

    def _compete(self, chosen: Sequence[int]) -> tuple[np.ndarray, float]:
        chosen = list(chosen)
        return best_of(self._used, self.successes[chosen], self.trials[chosen])

    def _columns(self, prob: float) -> dict[str, np.ndarray]:
        raw = np.divide(self.successes, self.trials, out=np.full(len(self), np.nan), where=self.trials > 0)
        data = {"successes": self.successes, "trials": self.trials, "raw": raw}
        return data | self._mean_sd_interval(prob) | {"shrinkage": self.shrinkage}


class _LogPosterior:
    """Log posterior density over (u, v), from the counts alone.

    log B(a+y, b+n-y) - log B(a, b) is a sum of logs over i < y, i < n-y and i < n. With a = m s and b = (1-m) s
    it is y log m + (n-y) log(1-m) + sum log(1 + i/a) + sum log(1 + i/b) - sum log(1 + i/s): the large terms
    have cancelled, so nothing is lost however large s becomes. Summed over groups only the numbers of
    groups with y > i, n-y > i and n > i are left.
    """

    def __init__(self, successes: np.ndarray, trials: np.ndarray, prior: Hyperprior):
        failures = trials - successes
        self._prior = prior
        self._successes, self._failures = float(successes.sum()), float(failures.sum())
        self._sums = [exceedances(*np.unique(x, return_counts=True)) for x in (successes, failures, trials)]

    def __call__(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        log_mean, log_rest = log_expit(u), log_expit(-u)
        out = self._successes * log_mean + self._failures * log_rest + self._prior.log_density(u, v)
        out += self._sum(0, v + log_mean) + self._sum(1, v + log_rest) - self._sum(2, v)
        return out

    def _sum(self, which: int, log_scale: np.ndarray) -> np.ndarray:
        nodes, weights = self._sums[which]
        scale = np.exp(-log_scale)
        # in pieces that stay in the processor's cache
        pieces = np.array_split(scale.ravel(), 1 + scale.size * len(nodes) // 65536)
        total = [weights @ np.log1p(np.multiply.outer(nodes, piece)) for piece in pieces]
        return np.concatenate(total).reshape(scale.shape)


def _read(
    successes: object, trials: object, prior: object, labels: object
) -> tuple[np.ndarray, np.ndarray, Hyperprior, Labels]:
    y, n = counts(successes, trials)
    prior = PowerLaw() if prior is None else prior
    if not (hasattr(prior, "log_density") and hasattr(prior, "check")):
        raise ValueError(f"prior is {prior!r}: it must be PowerLaw(...), Gammas(...) or MeanConcentration(...)")
    prior.check(y, n)
    return y, n, prior, labels_of(labels, len(y), successes, trials)


def fit(successes: object, trials: object, *, prior: Hyperprior | None = None, labels: object = None) -> Posterior:
    """Exact posterior of the hierarchical beta-binomial model.

    Parameters
    ----------
    successes, trials : array_like of int, shape (groups,)
        Counts. A group with no trials is allowed and gets the population's answer.
    prior : PowerLaw, Gammas or MeanConcentration, optional
        Prior on the population's (a, b); `PowerLaw(2.5)` if not given.
    labels : sequence of str, optional
        Names of the groups; a pandas Series brings its index.

    Returns
    -------
    Posterior

    Raises
    ------
    ValueError
        For counts that are not counts (argument, row and reason are named), and for data that leave the
        posterior improper under the prior.

    Notes
    -----
    Marginal likelihood: Gelman et al., Bayesian Data Analysis (3rd ed., 2013), equation 5.8.

    Examples
    --------
    >>> import borrowing_strength as bs
    >>> post = bs.beta_binomial.fit([30, 50, 55, 60], [100, 100, 100, 100], labels=["A", "B", "C", "D"])
    >>> print(post.mean.round(4))
    [0.3228 0.4984 0.5423 0.5862]
    """
    y, n, prior, names = _read(successes, trials, prior, labels)
    return Posterior(integrate_plane(_LogPosterior(y, n, prior)), y, n, names)


def pymc_model(
    successes: object,
    trials: object,
    *,
    prior: Hyperprior | None = None,
    labels: object = None,
    form: str = "integrated",
) -> "pm.Model":
    """Build the same model for PyMC.

    Parameters
    ----------
    successes, trials, prior, labels
        As in `fit`.
    form : {"integrated", "rates"}
        `integrated` has the rates integrated out (a BetaBinomial likelihood; free variables are the two
        hyperparameters, and `rate_given_population` holds every rate's mean given them); `rates` has one
        variable a group, which is easier to read and harder to sample.

    Returns
    -------
    pymc.Model
        With `grand_mean` and `log_concentration`, and the dimension `group`.
    """
    import pymc as pm

    y, n, prior, names = _read(successes, trials, prior, labels)
    one_of("form", form, "integrated", "rates")
    with pm.Model(coords={"group": list(names)}) as model:
        a, b = prior.pymc_variables()
        if form == "integrated":
            pm.BetaBinomial("successes", alpha=a, beta=b, n=n, observed=y, dims="group")
            pm.Deterministic("rate_given_population", (a + y) / (a + b + n), dims="group")
        else:
            rate = pm.Beta("rate", alpha=a, beta=b, dims="group")
            pm.Binomial("successes", p=rate, n=n, observed=y, dims="group")
    return model
