"""Gamma distributions of rates, and the mixtures of negative binomials that their counts follow."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import betaincc, gammaln

from borrowing_strength.core.inputs import one_each, tails, whole_array, whole_numbers
from borrowing_strength.core.special import log_gamma_remainder

_CACHED = 2**15  # numbers that are worked on at once


class PoissonMixture:
    """Exact distribution of future counts, one row a group: a mixture of negative binomials.

    `mean` and `sd` are those of the rates; for every group `rows` has the weights, shapes and rates of the Gamma
    distributions that its rate is a mixture of; `exposure` multiplies the rate.
    """

    def __init__(self, mean: np.ndarray, sd: np.ndarray, rows: Sequence[tuple[np.ndarray, ...]], exposure: np.ndarray):
        self._rate, self._rows, self._exposure = (mean, sd), rows, exposure

    @property
    def mean(self) -> np.ndarray:
        """Expected count, shape (groups,)."""
        return self._rate[0] * self._exposure

    @property
    def sd(self) -> np.ndarray:
        """Standard deviation of the count, shape (groups,)."""
        return np.sqrt(self.mean + (self._rate[1] * self._exposure) ** 2)

    def pmf(self, k: int | np.ndarray) -> np.ndarray:
        """Probability of each count in `k`, shape `(groups, *k.shape)`."""
        k = whole_array("k", k)
        return np.array([_averaged(lambda *at: np.exp(_log_pmf(*at)), k, *row) for row in self._each()])

    def pmf_at(self, count: np.ndarray) -> np.ndarray:
        """Probability of every group's own count, shape (groups,)."""
        rows = zip(one_each("count", count, whole_numbers, len(self._rows)), self._each(), strict=True)
        return np.array([np.exp(_log_pmf(k, a, b, t)) @ weight for k, (weight, a, b, t) in rows])

    def cdf_at(self, count: np.ndarray) -> np.ndarray:
        """Probability of at most every group's own count, shape (groups,)."""
        return self._below(one_each("count", count, whole_numbers, len(self._rows))[:, None])[:, 0]

    def cdf(self, k: int | np.ndarray) -> np.ndarray:
        """Probability of at most each count in `k`, shape `(groups, *k.shape)`."""
        k = whole_array("k", k)
        return np.array([_averaged(_at_most, k, *row) for row in self._each()])

    def interval(self, prob: float = 0.95) -> np.ndarray:
        """Smallest counts that reach the two tail probabilities, shape (groups, 2)."""
        target = tails(prob) - 1e-12
        short, enough = np.full((len(self._rows), 2), -1), np.full((len(self._rows), 2), 2**50)
        # 1. Six standard deviations round the mean hold the answer almost always; where they do, start there.
        for end, at, holds in ((short, -6, np.less), (enough, 6, np.greater_equal)):
            guess = np.nan_to_num(self.mean + at * self.sd, nan=-1).clip(-1, 2**50).astype(int)
            good = holds(self._below(guess[:, None]), target)
            end[good] = np.broadcast_to(guess[:, None], good.shape)[good]
        # 2. Then halve.
        while np.any(enough - short > 1):
            middle = (short + enough) // 2
            reached = self._below(middle) >= target
            short, enough = np.where(reached, short, middle), np.where(reached, middle, enough)
        return enough

    def _below(self, k: np.ndarray) -> np.ndarray:
        rows = zip(self._each(), np.maximum(k, 0)[..., None], strict=True)
        below = np.array([_at_most(count, a, b, t) @ weight for (weight, a, b, t), count in rows])
        return np.where(k < 0, 0, below)

    def _each(self) -> list[tuple[np.ndarray, ...]]:
        return [(*row, t) for row, t in zip(self._rows, self._exposure, strict=True)]


def log_rise(c: float | np.ndarray, y: np.ndarray) -> np.ndarray:
    """``log(G(c + y) / (G(c) c**y))`` without cancellation for huge c."""
    remainder = log_gamma_remainder(c + y) - log_gamma_remainder(np.asarray(c))
    return (c + y - 0.5) * np.log1p(y / c) - y + remainder


def _averaged(
    function: Callable[..., np.ndarray], k: np.ndarray, weight: np.ndarray, a: np.ndarray, b: np.ndarray, t: float
) -> np.ndarray:
    """Average a function of the count over a mixture, for so few counts at once that the table stays in the cache."""
    few = np.array_split(k.reshape(-1, 1), 1 + k.size * weight.size // _CACHED)
    return np.concatenate([function(part, a, b, t) @ weight for part in few]).reshape(k.shape)


# A rate that is known nearly exactly is a Gamma of huge shape: neither may lose the count in it.


def _log_pmf(k: np.ndarray, a: np.ndarray, b: np.ndarray, exposure: float) -> np.ndarray:
    log_chance = -np.log1p(b / exposure)
    return log_rise(a, k) + k * (np.log(a) + log_chance) - gammaln(k + 1) - a * np.log1p(exposure / b)


def _at_most(k: np.ndarray, a: np.ndarray, b: np.ndarray, exposure: float) -> np.ndarray:
    return betaincc(k + 1.0, a, exposure / (b + exposure))


def log_rate_density(z: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Density of log(X) at `z` for X ~ Gamma(a, b), exact also for huge a: counted from its mode, log(a / b)."""
    from_mode = np.minimum(z - np.log(a / b), 700)
    height = 0.5 * np.log(a / (2 * np.pi)) - log_gamma_remainder(a)
    return np.exp(height + a * (from_mode - np.expm1(from_mode)))


def log_sd(a: np.ndarray) -> np.ndarray:
    """About the sd of log(X) for X ~ Gamma(a, b), and never less: the trigamma function is below 1 / a + 1 / a**2."""
    return np.sqrt(a + 1) / a


def reach(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Between which logarithms a Gamma(a, b) practically lies: 6.5 sds, or the exponential tail."""
    centre, sd = np.log(a / b), log_sd(a)
    return centre - np.maximum(6.5 * sd, 20 / a), centre + np.log1p((6.5 + 20 / np.sqrt(a)) / np.sqrt(a))
