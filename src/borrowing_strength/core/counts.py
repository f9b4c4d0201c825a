"""The distribution of a count, one row a group."""

from dataclasses import dataclass

import numpy as np

from borrowing_strength.core.inputs import tails


@dataclass(frozen=True)
class Counts:
    """Distribution of a future count, one row a group.

    Attributes
    ----------
    pmf : ndarray, shape (groups, largest number of trials + 1)
        Probability of every number of successes.
    """

    pmf: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Expected number of successes, shape (groups,)."""
        return self.pmf @ np.arange(self.pmf.shape[1])

    @property
    def sd(self) -> np.ndarray:
        """Standard deviation of the number of successes, shape (groups,)."""
        k = np.arange(self.pmf.shape[1])
        return np.sqrt(np.sum(self.pmf * (k - self.mean[:, None]) ** 2, axis=1))

    def interval(self, prob: float = 0.95) -> np.ndarray:
        """Smallest counts that reach the two tail probabilities, shape (groups, 2)."""
        cdf = np.cumsum(self.pmf, axis=1)
        return np.stack([np.argmax(cdf >= q - 1e-12, axis=1) for q in tails(prob)], axis=1)
