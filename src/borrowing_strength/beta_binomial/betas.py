"""Mixtures of Beta distributions: what every rate's exact posterior is in these models."""

from functools import cached_property, lru_cache, partial

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.special import betainc, betaln, expit, logit, polygamma, psi

from borrowing_strength.core.counts import Counts
from borrowing_strength.core.fourier import Fourier
from borrowing_strength.core.inputs import levels, same_length, tails, whole_number, whole_numbers
from borrowing_strength.core.special import log_beta_binomial, log_gamma_remainder, log_odds_characteristic

_CELLS = 4_000_000  # largest (nodes x groups) array held at once: 32 MB


class BetaMixture:
    """Rates that are Beta(a + successes, b + trials - successes) given (a, b), with weights over (a, b).

    Parameters
    ----------
    weight, a, b : ndarray, shape (nodes,)
        Posterior probability of every node, and the population's Beta there.
    successes, trials : ndarray of int, shape (groups,)
        What each group adds. Groups with the same counts are worked out once.
    spacing : float
        Distance between neighbouring nodes in logit(a/(a+b)) where a + b is largest. Two nodes so far apart
        stand for a smooth density between them, which has no frequencies above pi / spacing.
    """

    def __init__(
        self,
        weight: np.ndarray,
        a: np.ndarray,
        b: np.ndarray,
        successes: np.ndarray,
        trials: np.ndarray,
        spacing: float,
    ):
        self._weight, self._a, self._b, self._spacing = weight, a, b, spacing
        pairs, self._group = np.unique(np.stack([successes, trials]), axis=1, return_inverse=True)
        self._y, self._n = pairs
        self._log_odds = lru_cache(maxsize=4096)(self._make_log_odds)

    def __len__(self) -> int:
        return len(self._group)

    @property
    def mean(self) -> np.ndarray:
        """Posterior mean of every rate, shape (groups,)."""
        return self._moments[0][self._group]

    @property
    def sd(self) -> np.ndarray:
        """Posterior standard deviation of every rate, shape (groups,)."""
        return self._moments[1][self._group]

    @cached_property
    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        means, sds = np.empty(len(self._y)), np.empty(len(self._y))
        size = max(1, _CELLS // len(self._weight))
        for start in range(0, len(self._y), size):
            chunk = slice(start, start + size)
            total = (self._a + self._b)[:, None] + self._n[chunk]
            given = (self._a[:, None] + self._y[chunk]) / total
            means[chunk] = self._weight @ given
            spread = given * (1 - given) / (total + 1) + (given - means[chunk]) ** 2
            sds[chunk] = np.sqrt(self._weight @ spread)
        return means, sds

    def cdf(self, rate: np.ndarray) -> np.ndarray:
        """Posterior probability that each group's rate is at most `rate`, shape `(groups, *rate.shape)`."""
        rate = np.asarray(rate, dtype=float)
        if not np.all((rate >= 0) & (rate <= 1)):
            raise ValueError("rate must lie between 0 and 1")
        z = logit(rate)
        return np.array([self._log_odds(k).cdf(z) for k in range(len(self._y))])[self._group]

    def density(self, rate: np.ndarray) -> np.ndarray:
        """Posterior density of each group's rate at `rate` (0 < rate < 1), shape `(groups, *rate.shape)`."""
        rate = np.asarray(rate, dtype=float)
        if not np.all((rate > 0) & (rate < 1)):
            raise ValueError("rate must lie between 0 and 1, both excluded: a density may be infinite at the ends")
        per_logit = np.array([self._log_odds(k).pdf(logit(rate)) for k in range(len(self._y))])[self._group]
        return per_logit / (rate * (1 - rate))

    def quantile(self, q: np.ndarray) -> np.ndarray:
        """Posterior quantiles of each group's rate, shape `(groups, *q.shape)`."""
        q = levels(q)
        return expit(np.array([self._log_odds(k).quantile(q) for k in range(len(self._y))]))[self._group]

    def interval(self, prob: float = 0.95) -> np.ndarray:
        """Equal-tailed interval that holds each rate with probability `prob`, shape (groups, 2)."""
        return self.quantile(tails(prob))

    def predict(self, trials: object) -> "Counts":
        """Distribution of the number of successes in future trials of every group.

        Parameters
        ----------
        trials : int or array_like of int, shape (groups,)
            Future trials: one number for all groups, or one for each.
        """
        if np.ndim(trials) == 0:
            trials = [whole_number("trials", trials, least=0)] * len(self)
        future = whole_numbers("trials", trials)
        same_length("trials", future, "the posterior", self._group)
        pmf = np.zeros((len(self), future.max() + 1))
        for k, m in set(zip(self._group.tolist(), future.tolist(), strict=True)):
            row = np.exp(log_beta_binomial(m, *self._shapes(k))).T @ self._weight
            pmf[(self._group == k) & (future == m), : m + 1] = row
        return Counts(pmf)

    def _shapes(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        return self._a + self._y[k], self._b + (self._n[k] - self._y[k])

    def _make_log_odds(self, k: int) -> "LogOdds":
        total = self._a + self._b
        # The group's own data hold its rate fast: between neighbouring nodes it moves by this much less.
        shift = (total / (total + self._n[k])).max()
        return LogOdds(self._weight, *self._shapes(k), self._spacing * shift)


class LogOdds:
    """Distribution of logit(X) when X is a mixture of Betas.

    Components with a or b below 2 are wide: their sum is smooth as it stands. The others may be much narrower
    than the distance between neighbours, so they are summed as characteristic functions.
    """

    def __init__(self, weight: np.ndarray, a: np.ndarray, b: np.ndarray, spacing: float):
        wide = np.minimum(a, b) < 2
        self._wide = weight[wide, None], a[wide, None], b[wide, None]
        weight, a, b = weight[~wide], a[~wide], b[~wide]
        self._narrow = None
        if weight.size:
            low, high = _window(weight, a, b)
            transform = partial(_transform, weight, a, b)
            self._narrow = Fourier(transform, weight.sum(), low, high, highest=np.pi / spacing)

    def cdf(self, z: np.ndarray) -> np.ndarray:
        weight, a, b = self._wide
        total = np.zeros(z.shape) if self._narrow is None else self._narrow.cdf(z)
        if weight.size:
            total = total + np.sum(weight * betainc(a, b, expit(z.ravel())), axis=0).reshape(z.shape)
        return total

    def pdf(self, z: np.ndarray) -> np.ndarray:
        weight, a, b = self._wide
        total = np.zeros(z.shape) if self._narrow is None else np.maximum(self._narrow.pdf(z), 0)
        if weight.size:
            flat = z.ravel()
            log_pdf = -a * np.logaddexp(0, -flat) - b * np.logaddexp(0, flat) - betaln(a, b)
            total = total + np.sum(weight * np.exp(log_pdf), axis=0).reshape(z.shape)
        return total

    def quantile(self, q: np.ndarray) -> np.ndarray:
        """By bisection, to 1e-9 in log odds or to the smallest rate that a float holds."""
        low, high = np.full(q.shape, -740.0), np.full(q.shape, 36.0)
        if not self._wide[0].size:
            low[...], high[...] = self._narrow.low, self._narrow.high
        for _ in range(40):
            middle = (low + high) / 2
            short = self.cdf(middle) < q
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return (low + high) / 2


def _transform(weight: np.ndarray, a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    # Not `weight @`: for arrays as small as these the threads of a linear algebra library cost more than they bring.
    return np.einsum("n,nt", weight, log_odds_characteristic(t, a, b))


def compete(weight: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, float]:
    """Who has the largest of several rates, independent Betas given the node.

    On an even grid of log odds, ``P(best = i) = int f_i prod_{k != i} F_k``; the distribution functions
    are trapezoidal sums with their first Euler-Maclaurin correction.

    Parameters
    ----------
    weight : ndarray, shape (nodes,)
    a, b : ndarray, shape (nodes, groups)

    Returns
    -------
    prob_best : ndarray, shape (groups,)
    mean_of_best : float
        Expected value of the largest rate.
    """
    # beyond this concentration who is ahead no longer changes, and log odds would run out of digits
    scale = np.minimum(1, np.exp(40) / (a + b).max(axis=1, keepdims=True))
    a, b = a * scale, b * scale
    centre = np.log(a[:, :1] / b[:, :1])
    offset = np.log(a / b) - centre  # log odds are counted from `centre`: huge a and b keep their digits
    left, right = _reach(a, b)
    low = np.maximum((offset - left).max(axis=1), -40 - centre[:, 0])  # the best rate is above everyone's lower end
    high = np.clip((offset + right).max(axis=1), low + 1e-12, 40 - centre[:, 0])
    sd = np.where(offset + right > low[:, None], np.sqrt(1 / a + 1 / b), np.inf)
    cells = np.ceil((high - low) / (0.25 * sd.min(axis=1))).astype(int)
    best, mean = np.zeros(a.shape[1]), 0.0
    order = np.argsort(cells)
    while order.size:
        points = max(48, cells[order[0]] * 5 // 4)
        batch = order[: max(1, min(_CELLS // (4 * points * a.shape[1]), np.sum(cells[order] <= points)))]
        order = order[len(batch) :]
        x = low[batch, None] + (high - low)[batch, None] * np.linspace(0, 1, points)
        y, z = a[batch], b[batch]
        below = betainc(y, z, expit(low[batch, None] + centre[batch]))
        above = betainc(z, y, expit(-(high[batch, None] + centre[batch])))
        wins = _wins(x[:, :, None], offset[batch, None], y[:, None], z[:, None], below[:, None])
        # rates within 4e-18 of 0 or 1 lie outside the grid; there every distribution function is a power
        lowest = below.prod(axis=1, keepdims=True) * y / y.sum(axis=1, keepdims=True)
        highest = _wins_near_one(z, above)
        inside = (1 - lowest.sum(axis=1) - highest.sum(axis=1))[:, None]
        best += weight[batch] @ (lowest + inside * wins.sum(axis=1) + highest)
        inner = inside[:, 0] * np.sum(expit(x + centre[batch]) * wins.sum(axis=2), axis=1)
        mean += weight[batch] @ (inner + highest.sum(axis=1))
    return best, float(mean)


def _wins_near_one(b: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Probability that a group has the largest rate and lies above the grid; arguments and answer (nodes, groups).

    Beyond the grid's end 1 - F_k = above_k t ** b_k with t from 1 to 0; the integral over t by Gauss and Legendre.
    """
    out = np.zeros_like(above)
    rows = np.flatnonzero(above.max(axis=1) > 1e-12)
    b, above = b[rows], above[rows]
    p, width = leggauss(16)
    p, width = (p + 1) / 2, width / 2
    p, width = p * p * (3 - 2 * p), width * 6 * p * (1 - p)
    for i in range(b.shape[1]):
        others = 1 - above[:, None] * p[:, None] ** (b / b[:, i : i + 1])[:, None]
        others[..., i] = 1
        out[rows, i] = above[:, i] * (others.prod(axis=2) @ width)
    return out


def _wins(x: np.ndarray, offset: np.ndarray, a: np.ndarray, b: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Probability that a group has the largest rate, and has it at grid point x; shape (nodes, points, groups)."""
    h = x[:, 1:2] - x[:, :1]
    from_mode = x - offset
    height = (
        0.5 * np.log(a / (a + b) * b / (2 * np.pi))
        + log_gamma_remainder(a + b)
        - log_gamma_remainder(a)
        - log_gamma_remainder(b)
    )
    odds = a * np.exp(from_mode)
    growth = a / (a + b) * np.expm1(from_mode)
    growth = np.where(growth > -0.5, np.log1p(np.maximum(growth, -0.5)), np.log((odds + b) / (a + b)))
    pdf = np.exp(height + a * from_mode - (a + b) * growth)
    slope = pdf * (a - (a + b) * odds / (odds + b))
    trapezoid = h * (np.cumsum(pdf, axis=1) - (pdf + pdf[:, :1]) / 2) - h**2 / 12 * (slope - slope[:, :1])
    cdf = np.clip(below + trapezoid, 0, 1)
    others = np.ones_like(cdf)
    others[..., 1:] = np.cumprod(cdf[..., :-1], axis=2)
    others[..., :-1] *= np.cumprod(cdf[..., :0:-1], axis=2)[..., ::-1]
    wins = pdf * others
    return wins / wins.sum(axis=(1, 2), keepdims=True)


def _window(weight: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Log odds between which all but about 1e-7 of the mixture lies."""
    left, right = _reach(a, b)
    centre = np.log(a / b)
    ends = []
    for end in (centre - left, -(centre + right)):
        order = np.argsort(end)
        heavy = np.searchsorted(np.cumsum(weight[order]), 1e-8)
        ends.append(end[order][min(heavy, len(end) - 1)])
    return float(ends[0]), float(-ends[1])


def _reach(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far left and right of log(a/b) the log odds of Beta(a, b) go: 6.5 sds, or the exponential tail."""
    sd = np.sqrt(polygamma(1, a) + polygamma(1, b))
    shift = psi(a) - psi(b) - np.log(a / b)
    return np.maximum(6.5 * sd, 20 / a) - np.minimum(shift, 0), np.maximum(6.5 * sd, 20 / b) + np.maximum(shift, 0)
