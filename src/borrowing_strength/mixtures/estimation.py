"""Mixtures of binomials fitted to counts: EM, left-out prediction, and the same model for PyMC."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit, logsumexp
from scipy.stats import betabinom

from borrowing_strength.core.inputs import counts as checked_counts
from borrowing_strength.core.inputs import generator, refuse, whole_number, whole_numbers, within
from borrowing_strength.core.options import flag, one_of
from borrowing_strength.core.rows import dimensions, same_rows
from borrowing_strength.core.special import log_binomial, log_of

if TYPE_CHECKING:
    import pymc as pm


@dataclass(frozen=True)
class EMFit:
    """The best of several EM runs.

    Attributes
    ----------
    probs, weights : ndarray, shape (components,)
        Estimated components, the smallest probability first: the order in which EM found them means nothing.
    trace : ndarray, shape (iterations,)
        Log-likelihood after each iteration of the best run; it never falls.
    restarts : ndarray, shape (restarts,)
        Log-likelihood that each run ended with.
    """

    probs: np.ndarray
    weights: np.ndarray
    trace: np.ndarray
    restarts: np.ndarray

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood of the estimate."""
        return float(self.trace[-1])

    def responsibilities(self, counts: object, n: object) -> np.ndarray:
        """Probability of each component given each row's count, shape (rows, components)."""
        log_joint = self._log_joint(counts, n)
        return np.exp(log_joint - logsumexp(log_joint, axis=1, keepdims=True))

    def log_score(self, counts: object, n: object) -> np.ndarray:
        """Log probability of each row's count under the estimate, shape (rows,)."""
        return logsumexp(self._log_joint(counts, n), axis=1)

    def _log_joint(self, counts: object, n: object) -> np.ndarray:
        y, n = (column[:, None] for column in _rows(counts, n))
        return log_of(self.weights) + log_binomial(y, n, log_of(self.probs), log_of(1 - self.probs))


@dataclass(frozen=True)
class Population:
    """Groups whose rates come from one Beta(a, b): no kinds, and no rate that all share."""

    a: float
    b: float

    def log_score(self, counts: object, n: object) -> np.ndarray:
        """Log probability of each row's count under the estimate, shape (rows,)."""
        return betabinom.logpmf(*_rows(counts, n), self.a, self.b)


def population(counts: object, n: object) -> Population:
    """Maximum likelihood for a Beta population of rates, its a + b at most 1e6 (there it is as good as one rate)."""
    y, n = _rows(counts, n)
    start = [np.clip(logit((y.sum() + 0.5) / (n.sum() + 1)), -15, 15), np.log(20.0)]

    def shapes(x: np.ndarray) -> tuple[float, float]:
        return expit(x[0]) * np.exp(x[1]), expit(-x[0]) * np.exp(x[1])

    limits = [(-15, 15), (-3, np.log(1e6))]
    found = minimize(lambda x: -betabinom.logpmf(y, n, *shapes(x)).sum(), start, method="Nelder-Mead", bounds=limits)
    return Population(*map(float, shapes(found.x)))


def em(counts: object, n: object, components: int = 2, *, seed: int, restarts: int = 10) -> EMFit:
    """Maximum likelihood for a mixture of binomials by expectation maximisation (Dempster, Laird and Rubin, 1977).

    Parameters
    ----------
    counts, n : array_like of int, shape (rows,)
        Successes and trials; one number of trials may serve all rows.
    components : int
        At most the number of rows.
    seed : int
        Of the random starts.
    restarts : int
        Number of starts. EM climbs to the nearest top, which need not be the highest.
    """
    y, n = _rows(counts, n)
    if whole_number("components", components) > len(y):
        raise ValueError(f"components is {components} but there are {len(y)} rows: a component needs a row at least")
    rng = generator(seed)
    runs = [
        _climb(y, n, rng.dirichlet(np.ones(components), len(y)))
        for _ in range(whole_number("restarts", restarts, each=1000))
    ]
    probs, weights, trace = max(runs, key=lambda run: run[2][-1])
    order = np.argsort(probs)
    return EMFit(probs[order], weights[order], np.array(trace), np.array([run[2][-1] for run in runs]))


def m_step(share: np.ndarray, counts: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights and rates of the components, given the probability of each for every row: half of a round of EM.

    Shapes (rows, components), (rows,) and (rows,) give two of shape (components,).
    """
    given = {"counts": counts, "n": n, "share": share}
    counts, n = checked_counts(counts, n, ("counts", "n"))
    share = within("share", share, 0, 1)
    if share.ndim != 2:
        raise ValueError(f"share has shape {share.shape}: it must be ({len(n)}, components)")
    same_rows(given, (counts, n, share))
    total, rows = share.sum(axis=1), n @ share
    refuse("the sum of share", total, np.abs(total - 1) > 1e-6, "the probabilities of a row must sum to 1")
    refuse("the column of share", rows, rows == 0, "a component that no trial belongs to has no rate")
    return _m_step(share, counts, n)


def _m_step(share: np.ndarray, counts: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    trials = np.maximum(n @ share, 1e-300)  # a component may lose its last row
    return share.mean(axis=0), counts @ share / trials


def _climb(y: np.ndarray, n: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """One run from given shares: rates, weights and the log-likelihood after each round."""
    choose = log_binomial(y, n, np.zeros(1), np.zeros(1))[:, None]
    trace: list[float] = []
    # with more components than the data hold the top is a ridge, along which EM would creep for ever
    while len(trace) < 2 or (trace[-1] - trace[-2] > 1e-8 and len(trace) < 1000):
        weights, probs = _m_step(share, y, n)
        _, rest = _m_step(share, n - y, n)
        # The E-step: the probability of each component, given weights and rates.
        logs = np.log(np.maximum([probs, rest, weights], 1e-300))
        log_joint = choose + np.outer(y, logs[0]) + np.outer(n - y, logs[1]) + logs[2]
        log_rows = np.logaddexp.reduce(log_joint, axis=1, keepdims=True)
        share = np.exp(log_joint - log_rows)
        trace.append(float(log_rows.sum()))
    return np.clip(probs, 0, 1), weights, trace


def predictive_score(
    counts: object, n: object, components: int | str, *, seed: int, folds: int = 10, restarts: int = 5
) -> np.ndarray:
    """Log probability of each row's count under a mixture fitted by `em` to the rows of the other folds.

    More components never fit worse the rows they were fitted to; left-out rows say whether they predict better.
    Sums compare numbers of components, or these with ``"population"`` (see `population`); row-wise differences give
    the comparison's standard error.
    """
    y, n = _rows(counts, n)
    if not 2 <= whole_number("folds", folds) <= len(y):
        raise ValueError(f"folds is {folds}: it must be from 2 to the number of rows, {len(y)}")
    fold = generator(seed).permutation(len(y)) % folds
    score = np.empty(len(y))
    for f in range(folds):
        out = fold == f
        if isinstance(components, str) and one_of("components", components, "population"):
            fit = population(y[~out], n[~out])
        else:
            fit = em(y[~out], n[~out], components, seed=seed, restarts=restarts)
        score[out] = fit.log_score(y[out], n[out])
    return score


def pymc_model(counts: object, n: object, components: int = 2, *, ordered: bool = True) -> "pm.Model":
    """Build the mixture of binomials of `em` for PyMC, the row's component summed out.

    `rate` and `weight` have the dimension `component`. Every rate is uniform on (0, 1), the weights are uniform
    over all that sum to one. `ordered` requires the rates to rise: without that the posterior has one copy of
    itself for every order of the components, and a chain may move from one copy to another (label switching).
    """
    import pymc as pm

    y, n = _rows(counts, n)
    components = whole_number("components", components, each=len(y))
    pooled = np.log((y.sum() + 0.5) / (n.sum() - y.sum() + 0.5))
    order = {"transform": pm.distributions.transforms.ordered, "initval": pooled + np.linspace(-0.5, 0.5, components)}
    with pm.Model(coords={"component": range(components), "row": range(len(y))}) as model:
        log_odds = pm.Logistic("log_odds", mu=0, s=1, dims="component", **(order if flag("ordered", ordered) else {}))
        rate = pm.Deterministic("rate", pm.math.invlogit(log_odds), dims="component")
        weight = pm.Dirichlet("weight", a=np.ones(components), dims="component")
        kinds = pm.Binomial.dist(n=n[:, None], p=rate, shape=(len(y), components))
        pm.Mixture("count", w=weight, comp_dists=kinds, observed=y, dims="row")
    return model


def _rows(counts: object, n: object) -> tuple[np.ndarray, np.ndarray]:
    if dimensions(n) == 0 and not isinstance(n, str | bytes | set | dict):
        n = [whole_number("n", n)] * len(whole_numbers("counts", counts))
    return checked_counts(counts, n, names=("counts", "n"))
