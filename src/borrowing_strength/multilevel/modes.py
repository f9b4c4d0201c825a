"""Where a market is, given its two populations: the mode of its intercept and slope, and how sure it is."""

import numpy as np
from scipy.special import expit

from borrowing_strength.core.special import log_expit
from borrowing_strength.multilevel.nodes import Nodes


class Standardised:
    """Markets' posteriors over z, given populations: intercept = mean_a + sd_a z_0 and slope = mean_b + sd_b z_1.

    Arrays have the shape (populations, markets); `counts` are successes and trials under control and under treatment.
    The log odds under control are ``intercept - below * slope``.
    """

    def __init__(self, of_a: Nodes, of_b: Nodes, counts: np.ndarray, below: float):
        self.mean = np.stack([of_a.mean, of_b.mean])[:, :, None]
        self.sd = np.stack([of_a.sd, of_b.sd])[:, :, None]
        self.counts, self.below = counts[:, None], below

    def effects(self, z: np.ndarray) -> np.ndarray:
        """Intercepts and slopes."""
        return self.mean + self.sd * z

    def log_odds(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Under control and under treatment."""
        intercept, slope = self.effects(z)
        return intercept - self.below * slope, intercept + (1 - self.below) * slope

    def log_density(self, z: np.ndarray) -> np.ndarray:
        """Up to a constant."""
        u, v = self.log_odds(z)
        y, n, y_t, n_t = self.counts
        return y * u + n * log_expit(-u) + y_t * v + n_t * log_expit(-v) - 0.5 * (z**2).sum(axis=0)

    def laplace(self) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """The mode, and a triangular root of the negative Hessian there."""
        z = np.zeros((2, self.sd.shape[1], self.counts.shape[2]))
        for _ in range(40):
            gradient, (p, q, r) = self._expand(z)
            step = np.stack([r * gradient[0] - q * gradient[1], p * gradient[1] - q * gradient[0]]) / (p * r - q * q)
            longest = np.max(np.abs(self.sd * step), axis=0)
            step /= np.maximum(1, longest / 2)  # at most two log odds at a time, or Newton may overshoot
            z = z + step
            if np.all(np.abs(step) < 1e-3):
                break
        p, q, r = self._expand(z)[1]
        return z, (np.sqrt(p), q / np.sqrt(p), np.sqrt(r - q * q / p))

    def _expand(self, z: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Gradient of the log posterior, and the three entries of its negative Hessian."""
        y, n, y_t, n_t = self.counts
        rate, rate_t = map(expit, self.log_odds(z))
        weight, weight_t = n * rate * (1 - rate), n_t * rate_t * (1 - rate_t)
        sd_a, sd_b = self.sd
        excess, excess_t = y - n * rate, y_t - n_t * rate_t
        x, x_t = -self.below, 1 - self.below  # how the arms' log odds move with the slope
        gradient = np.stack([sd_a * (excess + excess_t), sd_b * (x * excess + x_t * excess_t)]) - z
        return gradient, (
            1 + sd_a**2 * (weight + weight_t),
            sd_a * sd_b * (x * weight + x_t * weight_t),
            1 + sd_b**2 * (x**2 * weight + x_t**2 * weight_t),
        )
