"""Mixtures of normal distributions: what all quantities of lesson 05 are."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.special import ndtr, ndtri

from borrowing_strength.core.inputs import levels, positives, same_length, tails

CELLS = 250_000  # largest (nodes x tests) array held at once: 2 MB, which a processor's cache can hold

Given = Callable[[slice], tuple[np.ndarray, np.ndarray]]


class NormalMixture:
    """Quantities that are normal given the effects' sd, with weights over that sd.

    Parameters
    ----------
    weight : ndarray, shape (nodes,)
        Posterior probability of every node.
    given : callable
        Maps a slice of rows to their means and variances given the node, two arrays of shape (nodes, rows).
    rows : int, optional
        How many quantities; without it there is one, and results lose the dimension of the rows.
    beyond : float
        Variance that lies beyond the nodes.
    """

    def __init__(self, weight: np.ndarray, given: Given, rows: int | None = None, beyond: float = 0.0):
        self._weight, self._given, self._rows, self._beyond = weight, given, rows, beyond

    @property
    def mean(self) -> np.ndarray:
        """Posterior means, shape (rows,)."""
        return self._moments[0]

    @property
    def sd(self) -> np.ndarray:
        """Posterior standard deviations, shape (rows,)."""
        return self._moments[1]

    def cdf(self, value: float | np.ndarray) -> np.ndarray:
        """Posterior probability of at most `value`, shape `(rows, *value.shape)`."""
        return self._at(value, lambda z, sd: ndtr(z))

    def density(self, value: float | np.ndarray) -> np.ndarray:
        """Posterior density at `value`, shape `(rows, *value.shape)`."""
        return self._at(value, lambda z, sd: _standard_density(z) / sd)

    def quantile(self, q: float | np.ndarray) -> np.ndarray:
        """Posterior quantiles, shape `(rows, *q.shape)`."""
        q = levels(q)
        found = self._each(lambda mean, sd: np.stack([self._solve(mean, sd, p) for p in q.ravel()], axis=-1))
        return np.reshape(found, found.shape[:-1] + q.shape)

    def interval(self, prob: float = 0.95) -> np.ndarray:
        """Equal-tailed intervals that hold with probability `prob`, shape (rows, 2)."""
        return self.quantile(tails(prob))

    def predict(self, standard_error: object) -> "NormalMixture":
        """Distribution of an estimate that will have this standard error, such as that of a rerun.

        Parameters
        ----------
        standard_error : float or array_like, shape (rows,)
            One for all rows, or one for each.
        """
        alone = np.ndim(standard_error) == 0
        error = positives("standard_error", [standard_error] if alone else standard_error)
        if not alone:
            same_length("standard_error", error, "the posterior", range(self._rows or 1))
        noise = np.broadcast_to(error**2, (self._rows or 1,))

        def given(rows: slice) -> tuple[np.ndarray, np.ndarray]:
            mean, variance = self._given(rows)
            return mean, variance + noise[rows]

        return NormalMixture(self._weight, given, self._rows, self._beyond)

    @cached_property
    def _moments(self) -> np.ndarray:
        def moments(mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
            centre = self._weight @ mean
            return np.stack([centre, np.sqrt(self._weight @ (sd**2 + (mean - centre) ** 2) + self._beyond)], axis=-1)

        return np.moveaxis(self._each(moments), -1, 0)

    def _chunks(self) -> list[slice]:
        size = max(1, CELLS // len(self._weight))
        return [slice(i, i + size) for i in range(0, self._rows or 1, size)]

    def _each(self, function: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
        """Apply a function of means and sds, (nodes, rows), that returns one row for each."""
        parts = []
        for rows in self._chunks():
            mean, variance = self._given(rows)
            parts.append(function(mean, np.sqrt(variance)))
        return parts[0][0] if self._rows is None else np.concatenate(parts)

    def _at(self, value: object, function: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
        x = np.asarray(value, dtype=float)
        if not np.all(np.isfinite(x)):
            raise ValueError("value must be finite")

        def at(mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
            return np.stack([self._weight @ function((v - mean) / sd, sd) for v in x.ravel()], axis=-1)

        found = self._each(at)
        return np.reshape(found, found.shape[:-1] + x.shape)

    def _solve(self, mean: np.ndarray, sd: np.ndarray, q: float) -> np.ndarray:
        """Newton's method between bounds: a mixture's quantile lies between those of its components."""
        ends = mean + sd * ndtri(q)
        low, high, x = ends.min(axis=0), ends.max(axis=0), self._weight @ ends
        for _ in range(100):
            z = (x - mean) / sd
            error, slope = self._weight @ ndtr(z) - q, self._weight @ (_standard_density(z) / sd)
            low, high = np.where(error < 0, x, low), np.where(error < 0, high, x)
            new = x - error / np.maximum(slope, 1e-300)
            new = np.where((new >= low) & (new <= high), new, (low + high) / 2)
            if np.all(np.abs(new - x) <= 1e-10 * sd.max(axis=0)):
                return new
            x = new
        return x


def compete(weight: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Probability that each of several independent normals is the largest, for a mixture over their means.

    ``P(i is largest) = int f_i(x) prod_{k != i} F_k(x) dx``, by Gauss-Legendre rules on short panels.

    Parameters
    ----------
    weight : ndarray, shape (nodes,)
    mean : ndarray, shape (nodes, tests)
    sd : ndarray, shape (tests,)

    Returns
    -------
    ndarray, shape (tests,)
    """
    best = np.zeros(len(sd))
    rivals = np.flatnonzero(np.any(mean + 8 * sd > np.max(mean - 8 * sd, axis=1, keepdims=True), axis=0))
    mean, sd = mean[:, None, rivals], sd[rivals]
    ends = _panels(mean.min(axis=(0, 1)), mean.max(axis=(0, 1)), sd)
    node, width = leggauss(8)
    half = np.diff(ends)[:, None] / 2
    x, width = (ends[:-1, None] + half * (1 + node)).ravel(), (half * width).ravel()
    size = max(1, CELLS // (len(weight) * len(rivals)))
    for part in (slice(i, i + size) for i in range(0, len(x), size)):
        z = (x[part, None] - mean) / sd
        below = np.log(np.maximum(ndtr(z), 1e-300))
        wins = np.exp(below.sum(axis=2, keepdims=True) - below - z**2 / 2) / sd
        best[rivals] += np.einsum("n,p,npk->k", weight, width[part], wins, optimize=True)
    return weight.sum() * best / best.sum()


def _panels(lowest: np.ndarray, highest: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Ends of panels that are nowhere longer than two sds of a normal that varies there."""
    ends = np.array([np.max(lowest - 8 * sd), np.max(highest + 8 * sd)])
    while True:
        middle, length = (ends[1:] + ends[:-1])[:, None] / 2, np.diff(ends)[:, None]
        distance = np.maximum(lowest - middle, middle - highest)
        split = np.any((distance < 8 * sd + length / 2) & (length > 2 * sd), axis=1)
        split &= (ends[:-1] < middle[:, 0]) & (middle[:, 0] < ends[1:])  # no number may be left between the ends
        if not split.any():
            return ends
        ends = np.sort(np.append(ends, middle[split]))


def _standard_density(z: np.ndarray) -> np.ndarray:
    return np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
