"""The exact posterior of one number, such as a population's mean, from its density on a grid."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
from scipy.interpolate import CubicSpline

from borrowing_strength.core.posterior import IDENTITY, Quantity, Scale


class Marginal(Quantity):
    """Exact posterior of one number.

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
        scale: Scale = IDENTITY,
    ):
        """`density` gives a rising grid of the coordinate and the density there, up to a constant."""
        self._given, self._density, self._scale = (mean, sd), density, scale

    @cached_property
    def _splines(self) -> tuple[CubicSpline, CubicSpline]:
        """Density and distribution function over the coordinate."""
        grid, height = self._density()
        density = CubicSpline(grid, height)
        total = density.integrate(grid[0], grid[-1])
        density.c = density.c / total
        return density, density.antiderivative()

    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        return tuple(np.array([moment], dtype=float) for moment in self._given)

    def _cdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        first, last = self._splines[0].x[[0, -1]]
        return np.clip(self._splines[1](np.clip(z, first, last)), 0, 1)

    def _pdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        first, last = self._splines[0].x[[0, -1]]
        return np.where((z >= first) & (z <= last), np.maximum(self._splines[0](z), 0), 0)

    def _bracket(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        first, last = self._splines[0].x[[0, -1]]
        return np.full(row.shape, first), np.full(row.shape, last)
