"""Mixtures of Gamma distributions: what every failure rate's exact posterior is in lesson 03."""

from functools import lru_cache

import numpy as np
from scipy.special import betainc, gammainc, gammaln, polygamma

from borrowing_strength.core.fourier import Fourier
from borrowing_strength.core.inputs import levels, positive, positives, same_length, tails
from borrowing_strength.core.special import log_gamma_ratio

_CELLS = 4_000_000  # largest (nodes x points x groups) array held at once: 32 MB


class GammaMixture:
    """Rates that are Gamma(shape + failures, rate + hours) given (shape, rate), with weights over these two.

    Parameters
    ----------
    weight, shape, rate : ndarray, shape (nodes,)
        Posterior probability of every node, and the population's Gamma there.
    failures, hours : ndarray, shape (groups,)
        What each group adds.
    spacing : float
        Distance between neighbouring nodes in log(shape / rate) where the shape is largest. Nodes stand for a smooth
        density between them, which has no frequencies above pi / spacing.
    moments : int
        How many moments of the rate are finite; the others are given as infinite.
    """

    def __init__(
        self,
        weight: np.ndarray,
        shape: np.ndarray,
        rate: np.ndarray,
        failures: np.ndarray,
        hours: np.ndarray,
        spacing: float,
        moments: int = 2,
    ):
        self._weight, self._a, self._b, self._spacing, self._moments = weight, shape, rate, spacing, moments
        self._y, self._t = failures, hours
        self._log_rate = lru_cache(maxsize=4096)(lambda j: LogRate(weight, *self._shapes(j), spacing))

    def __len__(self) -> int:
        return len(self._y)

    @property
    def mean(self) -> np.ndarray:
        """Posterior mean of every rate, shape (groups,); infinite where the population's tail is too heavy."""
        means = [self._weight @ (a / b) for a, b in map(self._shapes, range(len(self)))]
        return np.array(means) if self._moments >= 1 else np.full(len(self), np.inf)

    @property
    def sd(self) -> np.ndarray:
        """Posterior standard deviation of every rate, shape (groups,); infinite where the tail is too heavy."""
        if self._moments < 2:
            return np.full(len(self), np.inf)
        given = [(a / b, a / b**2) for a, b in map(self._shapes, range(len(self)))]
        return np.sqrt([self._weight @ (v + (m - self._weight @ m) ** 2) for m, v in given])

    def cdf(self, rate: np.ndarray) -> np.ndarray:
        """Posterior probability that each group's rate is at most `rate` (> 0), shape `(groups, *rate.shape)`."""
        z = np.log(_above_zero("rate", rate))
        return np.array([self._log_rate(j).cdf(z) for j in range(len(self))])

    def density(self, rate: np.ndarray) -> np.ndarray:
        """Posterior density of each group's rate at `rate` (> 0), shape `(groups, *rate.shape)`."""
        rate = _above_zero("rate", rate)
        return np.array([self._log_rate(j).pdf(np.log(rate)) for j in range(len(self))]) / rate

    def quantile(self, q: np.ndarray) -> np.ndarray:
        """Posterior quantiles of each group's rate, shape `(groups, *q.shape)`."""
        q = levels(q)
        return np.exp([self._log_rate(j).quantile(q) for j in range(len(self))])

    def interval(self, prob: float = 0.95) -> np.ndarray:
        """Equal-tailed interval that holds each rate with probability `prob`, shape (groups, 2)."""
        return self.quantile(tails(prob))

    def predict(self, hours: object) -> "PoissonMixture":
        """Distribution of the number of failures in future hours of operation of every group.

        Parameters
        ----------
        hours : float or array_like, shape (groups,)
            Future hours, in the unit of the data: one number for all groups, or one for each.
        """
        if np.ndim(hours) == 0:
            hours = [positive("hours", hours)] * len(self)
        future = positives("hours", hours)
        same_length("hours", future, "the posterior", self._y)
        return PoissonMixture(self, future)

    def _shapes(self, j: int) -> tuple[np.ndarray, np.ndarray]:
        return self._a + self._y[j], self._b + self._t[j]


class PoissonMixture:
    """Exact distribution of future numbers of failures, one row a group: a mixture of negative binomials."""

    def __init__(self, rates: GammaMixture, hours: np.ndarray):
        self._rates, self._hours = rates, hours

    @property
    def mean(self) -> np.ndarray:
        """Expected number of failures, shape (groups,)."""
        return self._rates.mean * self._hours

    @property
    def sd(self) -> np.ndarray:
        """Standard deviation of the number of failures, shape (groups,)."""
        return np.sqrt(self.mean + (self._rates.sd * self._hours) ** 2)

    def pmf(self, failures: object) -> np.ndarray:
        """Probability of each number of `failures`, shape `(groups, *failures.shape)`."""
        k, rows = np.asarray(failures)[..., None], []
        for j, hours in enumerate(self._hours):
            a, b = self._rates._shapes(j)
            log_pmf = gammaln(a + k) - gammaln(a) - gammaln(k + 1) - a * np.log1p(hours / b) - k * np.log1p(b / hours)
            rows.append(np.exp(log_pmf) @ self._rates._weight)
        return np.array(rows)

    def cdf(self, failures: object) -> np.ndarray:
        """Probability of at most so many `failures`, shape `(groups, *failures.shape)`."""
        return np.array([self._cdf(j, np.asarray(failures)) for j in range(len(self._hours))])

    def interval(self, prob: float = 0.95) -> np.ndarray:
        """Smallest counts that reach the two tail probabilities, shape (groups, 2)."""
        target = tails(prob) - 1e-12
        short, enough = np.full((len(self._hours), 2), -1), np.full((len(self._hours), 2), 2**50)
        while np.any(enough - short > 1):
            middle = (short + enough) // 2
            reached = np.array([self._cdf(j, row) for j, row in enumerate(middle)]) >= target
            short, enough = np.where(reached, short, middle), np.where(reached, middle, enough)
        return enough

    def _cdf(self, j: int, k: np.ndarray) -> np.ndarray:
        a, b = self._rates._shapes(j)
        return betainc(a, k[..., None] + 1, b / (b + self._hours[j])) @ self._rates._weight


class LogRate:
    """Distribution of log(X) when X is a mixture of Gammas.

    Components with a shape below 2 are wide: their sum is smooth as it stands. The others may be much narrower than
    the distance between neighbours, so they are summed as characteristic functions.
    """

    def __init__(self, weight: np.ndarray, a: np.ndarray, b: np.ndarray, spacing: float):
        wide = a < 2
        self._wide = weight[wide, None], a[wide, None], b[wide, None]
        weight, a, b = weight[~wide], a[~wide], b[~wide]
        self._narrow = None
        if weight.size:
            left, right = _reach(a)
            window = np.min(np.log(a / b) - left), np.max(np.log(a / b) + right)
            self._narrow = Fourier(
                lambda t: weight @ np.exp(log_gamma_ratio(a, t) - 1j * np.outer(np.log(b), t)),
                weight.sum(),
                *window,
                highest=np.pi / spacing,
            )

    def cdf(self, z: np.ndarray) -> np.ndarray:
        weight, a, b = self._wide
        total = np.zeros(z.shape) if self._narrow is None else self._narrow.cdf(z)
        return total + np.sum(weight * gammainc(a, b * np.exp(z.ravel())), axis=0).reshape(z.shape)

    def pdf(self, z: np.ndarray) -> np.ndarray:
        weight, a, b = self._wide
        total = np.zeros(z.shape) if self._narrow is None else np.maximum(self._narrow.pdf(z), 0)
        return total + np.sum(weight * _log_rate_density(z.ravel(), a, b), axis=0).reshape(z.shape)

    def quantile(self, q: np.ndarray) -> np.ndarray:
        """By bisection, to 1e-9 in the log rate or to the smallest rate that a float holds."""
        ends = [] if self._narrow is None else [(self._narrow.low, self._narrow.high)]
        weight, a, b = self._wide
        if weight.size:
            ends.append((-740.0, np.max(np.log((a + 60) / b))))
        low, high = np.full(q.shape, min(e[0] for e in ends)), np.full(q.shape, max(e[1] for e in ends))
        for _ in range(42):
            middle = (low + high) / 2
            short = self.cdf(middle) < q
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return (low + high) / 2


def first_of(weight: np.ndarray, a: np.ndarray, b: np.ndarray, *, largest: bool) -> np.ndarray:
    """Which of several rates, independent Gammas given the node, is the largest or the smallest.

    ``P(largest = i) = int f_i prod_{k != i} F_k`` over the log rate, by the trapezoidal rule.

    Parameters
    ----------
    weight : ndarray, shape (nodes,)
    a, b : ndarray, shape (nodes, groups)
    largest : bool
        The largest rate, or the smallest.

    Returns
    -------
    ndarray, shape (groups,)
    """
    left, right = _reach(a)
    lower, upper = np.log(a / b) - np.minimum(left, 60), np.log(a / b) + right
    # the largest is above everyone's lower end, the smallest below everyone's upper end
    start, stop = (lower.max(axis=1), upper.max(axis=1)) if largest else (upper.min(axis=1), lower.min(axis=1))
    size, out = max(1, _CELLS // (256 * a.shape[1])), np.zeros(a.shape[1])
    for first in range(0, len(weight), size):
        chunk = slice(first, first + size)
        out += weight[chunk] @ _wins(start[chunk], stop[chunk], a[chunk, None], b[chunk, None], largest)
    return out


def _wins(start: np.ndarray, stop: np.ndarray, a: np.ndarray, b: np.ndarray, largest: bool) -> np.ndarray:
    """Probability of each group to come first, shape (nodes, groups)."""
    # narrow competitors, if they matter, sit at the start: the fourth power crowds the points there
    s = np.linspace(0, 1, 256)
    x = (start[:, None] + (stop - start)[:, None] * s**4)[:, :, None]
    below = gammainc(a, b * np.exp(x))
    behind = below if largest else 1 - below
    others = np.ones_like(behind)
    others[..., 1:] = np.cumprod(behind[..., :-1], axis=2)
    others[..., :-1] *= np.cumprod(behind[..., :0:-1], axis=2)[..., ::-1]
    width = 4 * s**3 * np.where(s == 1, 0.5, 1) / 255
    wins = np.abs(stop - start)[:, None] * np.einsum("p,npg,npg->ng", width, _log_rate_density(x, a, b), others)
    if not largest:  # rates beyond the last point are the smallest of all
        wins += below[:, -1] * others[:, -1]
    return wins / wins.sum(axis=1, keepdims=True)


def _log_rate_density(z: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.exp(a * (z + np.log(b)) - b * np.exp(z) - gammaln(a))


def _reach(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far left and right of log(a/b) the log of a Gamma(a, b) goes: 6.5 sds, or the exponential tail."""
    sd = np.sqrt(polygamma(1, a))
    return np.maximum(6.5 * sd, 20 / a), np.log1p((6.5 + 20 / np.sqrt(a)) / np.sqrt(a))


def _above_zero(name: str, values: object) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    if not np.all(values > 0):
        raise ValueError(f"{name} must lie above 0")
    return values
