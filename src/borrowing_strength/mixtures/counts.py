"""Counts of successes when the probability of success is not known: its two forms, and how flips teach it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from scipy.special import logsumexp

from borrowing_strength.core.inputs import (
    fraction,
    numbers,
    one_or_more,
    positive,
    positives,
    probability,
    refuse,
    whole_number,
)
from borrowing_strength.core.rows import same_length, same_rows
from borrowing_strength.core.special import log_beta_binomial, log_binomial, log_of


class _Mixture(ABC):
    """A count of successes in `n` trials, with one of several distributions for the probability of success."""

    def __init__(self, n: int, weights: object, rate_mean: np.ndarray, rate_variance: np.ndarray, name: str):
        self.n, self.weights = whole_number("n", n, 0, each=2 * len(rate_mean)), _weights(weights, name, rate_mean)
        self._rate_mean, self._rate_variance = rate_mean, rate_variance

    @cached_property
    @abstractmethod
    def _log_pmfs(self) -> np.ndarray:
        """Log probability of every count under each component, shape (components, n + 1)."""

    @abstractmethod
    def _learnt(self, n: int, heads: int, tails: int, weights: np.ndarray) -> Self:
        """The components after some flips, with new weights, for counts of `n` trials."""

    def log_pmf(self) -> np.ndarray:
        """Log probability of 0, 1, ..., n successes, shape (n + 1,)."""
        return logsumexp(self._log_pmfs + log_of(self.weights)[:, None], axis=0)

    def pmf(self) -> np.ndarray:
        """Probability of 0, 1, ..., n successes, shape (n + 1,)."""
        return np.exp(self.log_pmf())

    @property
    def rate_mean(self) -> float:
        """Mean of the probability of success. It is all that matters for a single flip."""
        return float(self.weights @ self._rate_mean)

    @property
    def rate_sd(self) -> float:
        """Standard deviation of the probability of success."""
        return float(np.sqrt(self.weights @ (self._rate_variance + (self._rate_mean - self.rate_mean) ** 2)))

    @property
    def mean(self) -> float:
        """Expected number of successes."""
        return self.n * self.rate_mean

    @property
    def aleatoric(self) -> float:
        """E[n p (1 - p)], the variance of the count that would remain if p were known."""
        return float(self.n * self.weights @ (self._rate_mean * (1 - self._rate_mean) - self._rate_variance))

    @property
    def epistemic(self) -> float:
        """Var(n p), the variance of the count that comes from not knowing p."""
        return (self.n * self.rate_sd) ** 2

    @property
    def variance(self) -> float:
        """Variance of the number of successes, the sum of `aleatoric` and `epistemic`."""
        return self.aleatoric + self.epistemic

    def predict(self, n: int) -> Self:
        """The same belief about p, for another number of trials."""
        return self._learnt(n, 0, 0, self.weights)

    def update(self, k: int, n: int) -> Self:
        """The mixture after `k` successes in `n` further trials (Bayes' rule)."""
        k, n = whole_number("k", k, least=0), whole_number("n", n, 0)
        if k > n:
            raise ValueError(f"n is {n} but k is {k}: successes cannot exceed trials")
        log_weights = log_of(self.weights) + self.predict(n)._log_pmfs[:, k]
        if log_weights.max() == -np.inf:
            raise ValueError(f"{k} successes in {n} trials are impossible under every component: nothing can be learnt")
        return self._learnt(self.n, k, n - k, np.exp(log_weights - logsumexp(log_weights)))


class BinomialMixture(_Mixture):
    """A coin drawn from a bag: p is one of `probs`, with probabilities `weights`. Flips change the weights.

    Parameters
    ----------
    n : int
        Number of trials whose successes are counted, 0 or more.
    probs : array_like, shape (components,)
        Probabilities of success, from 0 to 1.
    weights : array_like, shape (components,), optional
        Probability of each component; all the same if not given.

    Examples
    --------
    >>> import borrowing_strength as bs
    >>> coin = bs.mixtures.BinomialMixture(10, [0.3, 0.7], [0.5, 0.5])
    >>> print(f"{coin.aleatoric:.1f} + {coin.epistemic:.1f} = {coin.variance:.1f}")
    2.1 + 4.0 = 6.1
    """

    def __init__(self, n: int, probs: object, weights: object = None):
        self.probs = probabilities("probs", probs)
        same_rows({"probs": probs, "weights": weights})
        super().__init__(n, weights, self.probs, np.zeros(len(self.probs)), "probs")

    @cached_property
    def _log_pmfs(self) -> np.ndarray:
        k, p = np.arange(self.n + 1), self.probs[:, None]
        return log_binomial(k, self.n, log_of(p), log_of(1 - p))

    def _learnt(self, n: int, heads: int, tails: int, weights: np.ndarray) -> Self:
        return type(self)(n, self.probs, weights)

    def flips_to_certainty(self, prob: float = 0.95, most: int = 1000) -> "Certainty":
        """How many flips, one by one, until some component has posterior probability `prob`: the exact distribution.

        Parameters
        ----------
        prob : float
            Between 0 and 1.
        most : int
            Longest sequence looked at.
        """
        prob, most = probability("prob", prob), whole_number("most", most, each=len(self.probs))
        used = np.flatnonzero(self.weights)
        p, log_weights = self.probs[used, None], np.log(self.weights[used])
        values, times = np.unique(p, return_counts=True)
        if times.max() > 1:
            raise ValueError(f"probs has {values[times.argmax()]:g} twice: no number of flips tells equal coins apart")
        # alive[c, k]: component c was drawn, k successes so far, and no component has reached `prob` yet
        alive, right = np.exp(log_weights)[:, None], 0.0
        stopped = np.zeros(most + 1)
        for m in range(most + 1):
            # 1. What each number of successes says; where it rules out every component, all shares are zero.
            log_joint = log_weights[:, None] + log_binomial(np.arange(m + 1), m, log_of(p), log_of(1 - p))
            log_total = logsumexp(log_joint, axis=0)
            share = np.exp(log_joint - np.where(np.isfinite(log_total), log_total, 0))
            # 2. Who is sure stops, and is right if the likeliest component is the one that was drawn.
            sure = share.max(axis=0) >= prob
            stopped[m] = alive[:, sure].sum()
            right += np.take_along_axis(alive, share.argmax(axis=0)[None], axis=0)[0, sure].sum()
            # 3. The others flip once more.
            alive = np.where(sure, 0, alive)
            if alive.sum() < 1e-15:
                break
            alive = np.pad(alive * (1 - p), ((0, 0), (0, 1))) + np.pad(alive * p, ((0, 0), (1, 0)))
        return Certainty(stopped, float(right))


class BetaBinomialMixture(_Mixture):
    """A coin drawn from a bag of uncertain coins: p ~ Beta(a_c, b_c), where component c has probability weights_c.

    Parameters
    ----------
    n : int
        Number of trials whose successes are counted, 0 or more.
    a, b : float or array_like, shape (components,)
        Parameters of the Beta distributions, above 0.
    weights : array_like, shape (components,), optional
        Probability of each component; all the same if not given.
    """

    def __init__(self, n: int, a: object, b: object, weights: object = None):
        self.a, self.b = (one_or_more(positives, name, x) for name, x in (("a", a), ("b", b)))
        same_rows({"a": a, "b": b, "weights": weights}, (self.a, self.b))
        total = self.a + self.b
        mean = self.a / total
        super().__init__(n, weights, mean, mean * (self.b / total) / (total + 1), "a")

    @cached_property
    def _log_pmfs(self) -> np.ndarray:
        return log_beta_binomial(self.n, self.a, self.b)

    def _learnt(self, n: int, heads: int, tails: int, weights: np.ndarray) -> Self:
        return type(self)(n, self.a + heads, self.b + tails, weights)


@dataclass(frozen=True)
class Certainty:
    """How many flips it takes to be sure: `pmf` of 0, 1, ... flips, and `prob_right`, to be sure by then and right."""

    pmf: np.ndarray
    prob_right: float

    @property
    def mean(self) -> float:
        """Expected number of flips."""
        self._reaches(1 - 1e-9)
        return float(self.pmf @ np.arange(len(self.pmf)))

    def quantile(self, q: float) -> int:
        """Smallest number of flips that is enough with probability `q`."""
        self._reaches(probability("q", q))
        return int(np.argmax(np.cumsum(self.pmf) >= q))

    def _reaches(self, prob: float) -> None:
        if self.pmf.sum() < prob:
            raise ValueError(
                f"with probability {1 - self.pmf.sum():.2g} it takes more flips than `most`: raise that, or lower q"
            )


def spikes_to_beta(n: int, mean: float, sd: float, smoothness: float) -> BinomialMixture | BetaBinomialMixture:
    """A family of beliefs about p with one mean and one sd, from two equally likely spikes to a single Beta.

    Parameters
    ----------
    n : int
        Number of trials.
    mean, sd : float
        Of p. Both spikes, ``mean - sd`` and ``mean + sd``, must lie between 0 and 1.
    smoothness : float
        Share of the variance that lies within the two components: 0 gives the spikes, 1 one Beta, between
        them lie two Betas of equal variance.
    """
    mean, sd, smoothness = probability("mean", mean), positive("sd", sd), fraction("smoothness", smoothness)
    if not 0 <= mean - sd < mean + sd <= 1:
        raise ValueError(f"sd is {sd:g}: the spikes {mean - sd:g} and {mean + sd:g} must lie between 0 and 1")
    centres = mean + np.array([-1, 1]) * sd * np.sqrt(1 - smoothness)
    if smoothness == 0:
        return BinomialMixture(n, centres)
    total = centres * (1 - centres) / (smoothness * sd**2) - 1
    return BetaBinomialMixture(n, centres * total, (1 - centres) * total)


def probabilities(name: str, values: object) -> np.ndarray:
    """A column of probabilities, 0 and 1 included."""
    array = numbers(name, values)
    refuse(name, array, (array < 0) | (array > 1), "a probability must be from 0 to 1")
    return array


def _weights(values: object, name: str, components: np.ndarray) -> np.ndarray:
    if values is None:
        return np.full(len(components), 1 / len(components))
    weights = probabilities("weights", values)
    same_length("weights", weights, name, components)
    if abs(weights.sum() - 1) > 1e-9:
        raise ValueError(f"weights sum to {weights.sum():.6g}: they must sum to 1")
    return weights / weights.sum()
