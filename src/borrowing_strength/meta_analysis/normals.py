"""Mixtures of normal distributions: what all quantities of lesson 05 are."""

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr

from borrowing_strength.core.inputs import positives
from borrowing_strength.core.posterior import CELLS, Quantity

Given = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


class NormalMixture(Quantity):
    """Quantities that are normal given the effects' sd, with weights over that sd.

    Parameters
    ----------
    weight : ndarray, shape (nodes,)
        Posterior probability of every node.
    given : callable
        Maps rows, shape (m,), to their means and variances given the node, two arrays of shape (nodes, m).
    rows : int, optional
        How many quantities; without it there is one, and results have no dimension for it.
    beyond : float
        Variance that lies beyond the nodes.
    """

    def __init__(self, weight: np.ndarray, given: Given, rows: int | None = None, beyond: float = 0.0):
        self._weight, self._given, self._beyond = weight, given, beyond
        self._which = None if rows is None else np.arange(rows)

    def predict(self, standard_error: float | np.ndarray) -> "NormalMixture":
        """Distribution of an estimate that will have this standard error, such as that of a rerun.

        Parameters
        ----------
        standard_error : float or array_like, shape (rows,)
            One for all rows, or one for each.
        """
        noise = self._one_each("standard_error", standard_error, positives) ** 2

        def given(row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            mean, variance = self._given(row)
            return mean, variance + noise[row]

        rows = None if self._which is None else len(self)
        return NormalMixture(self._weight, given, rows, self._beyond)

    @property
    def _nodes(self) -> int:
        return len(self._weight)

    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        means, sds = np.empty(len(self)), np.empty(len(self))
        size = max(1, CELLS // self._nodes)
        for row in (np.arange(i, min(i + size, len(self))) for i in range(0, len(self), size)):
            mean, variance = self._given(row)
            means[row] = centre = self._weight @ mean
            sds[row] = np.sqrt(self._weight @ (variance + (mean - centre) ** 2) + self._beyond)
        return means, sds

    def _standardised(self, z: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean, variance = self._given(row)
        sd = np.sqrt(variance)
        return (z - mean) / sd, sd

    def _cdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        return self._weight @ ndtr(self._standardised(z, row)[0])

    def _pdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        standard, sd = self._standardised(z, row)
        return self._weight @ (standard_density(standard) / sd)

    def _bracket(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # A mixture's quantile lies between those of its components.
        mean, variance = self._given(row)
        reach = 40 * np.sqrt(variance)
        low, high = (mean - reach).min(axis=0), (mean + reach).max(axis=0)
        return np.broadcast_to(low, row.shape), np.broadcast_to(high, row.shape)


def standard_density(z: np.ndarray) -> np.ndarray:
    """Density of the standard normal distribution."""
    return np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
