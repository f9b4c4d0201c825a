"""The distribution of a future count, one row a group."""

import numpy as np

from borrowing_strength.core.inputs import tails, whole_array


class Counts:
    """Exact distribution of a future count.

    Parameters
    ----------
    pmf : ndarray, shape (groups, largest count + 1)
        Probability of every count.
    """

    def __init__(self, pmf: np.ndarray):
        self._pmf = pmf

    def __len__(self) -> int:
        return len(self._pmf)

    def pmf(self, k: int | np.ndarray | None = None) -> np.ndarray:
        """Probability of each count in `k`, shape `(groups, *k.shape)`; of 0, 1, ... if not given."""
        return self._pmf if k is None else np.pad(self._pmf, ((0, 0), (0, 1)))[:, self._column(k)]

    def cdf(self, k: int | np.ndarray | None = None) -> np.ndarray:
        """Probability of at most each count in `k`, shape `(groups, *k.shape)`; of 0, 1, ... if not given."""
        below = np.minimum(np.cumsum(self._pmf, axis=1), 1)
        return below if k is None else below[:, np.minimum(self._column(k), below.shape[1] - 1)]

    def _column(self, k: object) -> np.ndarray:
        return np.minimum(whole_array("k", k), self._pmf.shape[1])

    @property
    def mean(self) -> np.ndarray:
        """Expected count, shape (groups,)."""
        return self._pmf @ np.arange(self._pmf.shape[1])

    @property
    def sd(self) -> np.ndarray:
        """Standard deviation of the count, shape (groups,)."""
        k = np.arange(self._pmf.shape[1])
        return np.sqrt(np.sum(self._pmf * (k - self.mean[:, None]) ** 2, axis=1))

    def interval(self, prob: float = 0.95) -> np.ndarray:
        """Smallest counts that reach the two tail probabilities, shape (groups, 2)."""
        return np.stack([np.argmax(self.cdf() >= q - 1e-12, axis=1) for q in tails(prob)], axis=1)
