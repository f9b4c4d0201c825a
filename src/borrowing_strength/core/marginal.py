"""The exact posterior of one number."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import expit, logit

from borrowing_strength.core.inputs import tails


class Marginal:
    """Exact one-dimensional posterior of a hyperparameter, from its density on a grid.

    Attributes
    ----------
    mean, sd : float
        Posterior mean and standard deviation.
    """

    def __init__(
        self,
        mean: float,
        sd: float,
        density: Callable[[], tuple[np.ndarray, np.ndarray]],
        to_value: np.ufunc = np.positive,
    ):
        self.mean, self.sd = float(mean), float(sd)
        self._density, self._to_value = density, to_value

    @cached_property
    def _table(self) -> tuple[np.ndarray, np.ndarray]:
        grid, density = self._density()
        fine = np.linspace(grid[0], grid[-1], 20 * len(grid))
        cdf = CubicSpline(grid, density).antiderivative()(fine)
        return fine, np.maximum.accumulate(cdf / cdf[-1])

    def interval(self, prob: float = 0.95) -> np.ndarray:
        """Equal-tailed interval, shape (2,)."""
        return self.quantile(tails(prob))

    def quantile(self, q: np.ndarray) -> np.ndarray:
        """Posterior quantiles, shape of `q`."""
        fine, cdf = self._table
        return self._to_value(np.interp(q, cdf, fine))

    def cdf(self, value: float) -> np.ndarray:
        """Posterior probability of at most `value`."""
        position = {expit: logit, np.exp: np.log}.get(self._to_value, np.positive)(value)
        return np.interp(position, *self._table)
