"""Distribution functions and densities from characteristic functions."""

from collections.abc import Callable

import numpy as np

_BLOCK = 32


class Waves:
    """Mass on an interval for each of several rows, recovered from its Fourier transform.

    The density is written as a Fourier series on a window that must hold all but a negligible part of the mass. A
    mixture of very narrow components, whose density is a comb and whose distribution function a staircase when summed
    naively, comes out smooth.

    Parameters
    ----------
    transform : callable
        Maps a row and frequencies, shape (k,), to the integral of ``exp(i t z)``, shape (k,).
    mass : float or ndarray, shape (rows,)
        The transform at frequency zero: one for a distribution, less for a part of one.
    windows : ndarray, shape (rows, 2)
    highest : ndarray, shape (rows,)
        Frequency beyond which the transform is known to be negligible.
    """

    def __init__(
        self,
        transform: Callable[[int, np.ndarray], np.ndarray],
        mass: float | np.ndarray,
        windows: np.ndarray,
        highest: np.ndarray,
    ):
        self._low, self._high = windows.T
        self._mass = np.broadcast_to(mass, len(windows))
        self._unit = 2 * np.pi / (self._high - self._low)
        rows = [self._series(transform, row, highest[row]) for row in range(len(windows))]
        self._phi = np.zeros((len(rows), max(map(len, rows))), dtype=complex)
        for row, phi in enumerate(rows):
            self._phi[row, : len(phi)] = phi

    def _series(self, transform: Callable[[int, np.ndarray], np.ndarray], row: int, highest: float) -> np.ndarray:
        """The transform at multiples of the unit, until it has died away."""
        unit, blocks = self._unit[row], []
        while not blocks or (np.abs(blocks[-1][-8:]).max() > 1e-9 and _BLOCK * len(blocks) * unit < highest):
            first = 1 + _BLOCK * len(blocks)
            blocks.append(transform(row, unit * np.arange(first, first + _BLOCK)))
        phi = np.concatenate(blocks)
        return np.where(unit * np.arange(1, len(phi) + 1) < highest, phi, 0)

    def pdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Density at `z`, element by element; zero outside the window."""
        low, high = self._low[row], self._high[row]
        waves = self._sum(z, row, self._phi[row])
        return np.where((z >= low) & (z <= high), np.maximum(self._mass[row] + 2 * waves.real, 0), 0) / (high - low)

    def cdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Mass up to `z`, element by element."""
        low, high = self._low[row], self._high[row]
        z = np.clip(z, low, high)
        slopes = self._phi[row] / (1j * self._unit[row, None] * self._order)
        waves = self._sum(low, row, slopes) - self._sum(z, row, slopes)
        return np.clip((self._mass[row] * (z - low) + 2 * waves.real) / (high - low), 0, self._mass[row])

    @property
    def _order(self) -> np.ndarray:
        return np.arange(1, self._phi.shape[1] + 1)

    def _sum(self, z: np.ndarray, row: np.ndarray, series: np.ndarray) -> np.ndarray:
        return np.sum(np.exp(-1j * (z * self._unit[row])[:, None] * self._order) * series, axis=1)
