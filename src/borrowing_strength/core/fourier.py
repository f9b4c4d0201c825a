"""Probabilities, densities and quantiles from a characteristic function."""

from collections.abc import Callable

import numpy as np


class Fourier:
    """Mass on an interval, recovered from its Fourier transform.

    The density is written as a Fourier series on ``[low, high]``, which must hold all but a negligible
    part of the mass. A mixture of very narrow components, whose density is a comb and whose distribution
    function a staircase when summed naively, comes out smooth.

    Parameters
    ----------
    transform : callable
        Maps frequencies, shape (k,), to the integral of ``exp(i t z)``, shape (k,).
    mass : float
        The transform at frequency zero: one for a distribution, less for a part of one.
    low, high : float
        The window.
    highest : float
        Frequency beyond which the transform is known to be negligible.
    """

    def __init__(
        self,
        transform: Callable[[np.ndarray], np.ndarray],
        mass: float,
        low: float,
        high: float,
        highest: float = np.inf,
    ):
        self.low, self.high, self.mass = low, high, mass
        unit = 2 * np.pi / (high - low)
        blocks: list[np.ndarray] = []
        while not blocks or (np.abs(blocks[-1][-8:]).max() > 1e-9 and 32 * len(blocks) * unit < highest):
            first = 1 + 32 * len(blocks)
            blocks.append(transform(unit * np.arange(first, first + 32)))
        self._t = unit * np.arange(1, 32 * len(blocks) + 1)
        self._phi = np.where(self._t < highest, np.concatenate(blocks), 0)

    def pdf(self, z: np.ndarray) -> np.ndarray:
        """Density at `z`; zero outside the window."""
        waves = np.exp(-1j * z[..., None] * self._t) @ self._phi
        inside = (z >= self.low) & (z <= self.high)
        return np.where(inside, self.mass + 2 * waves.real, 0) / (self.high - self.low)

    def cdf(self, z: np.ndarray) -> np.ndarray:
        """Mass up to `z`."""
        z = np.clip(z, self.low, self.high)
        slopes = self._phi / (1j * self._t)
        waves = (np.exp(-1j * self._t * self.low) - np.exp(-1j * z[..., None] * self._t)) @ slopes
        return np.clip((self.mass * (z - self.low) + 2 * waves.real) / (self.high - self.low), 0, self.mass)
