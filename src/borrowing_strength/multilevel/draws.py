"""Independent draws from the exact posterior of lesson 04, and comparisons between its markets."""

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import expit

from borrowing_strength.multilevel.engine import Solution
from borrowing_strength.multilevel.nodes import Nodes, one_thread

_BOUND = 3.0


def draw_populations(solution: Solution, size: int, rng: np.random.Generator) -> tuple[Nodes, Nodes]:
    """Independent draws of both populations' mean and sd, by rejection from the quadrature's cells.

    Inside a cell the density is within a factor of 3 of its value at the node, but for about a thousandth of the mass.
    """
    if solution.mass.size == 1:
        nothing = np.zeros(size, dtype=int)
        return solution.of_a.take(nothing), solution.of_b.take(nothing)
    mass = solution.mass.ravel()
    kept, found = [], 0
    while found < size:
        pair = np.unravel_index(rng.choice(mass.size, 4 * size, p=mass), solution.mass.shape)
        of_a, of_b = solution.of_a.jitter(pair[0], rng), solution.of_b.jitter(pair[1], rng)
        ratio = np.exp(solution.log_mass(of_a, of_b)) / solution.mass[pair]
        accepted = _BOUND * rng.random(len(ratio)) < ratio
        kept.append((of_a.take(accepted), of_b.take(accepted)))
        found += int(accepted.sum())
    return tuple(_joined([pair[k] for pair in kept], size) for k in (0, 1))


def _joined(parts: Sequence[Nodes], size: int) -> Nodes:
    mean, step, x, width = (
        np.concatenate([getattr(p, name) for p in parts]) for name in ("mean", "step", "x", "width")
    )
    return Nodes(mean, step, x, width, parts[0].scale, parts[0].priors).take(slice(size))


def draw_markets(of_a: Nodes, of_b: Nodes, counts: np.ndarray, rng: np.random.Generator, steps: int = 25) -> np.ndarray:
    """Intercepts and slopes given each draw of the populations, shape (2, draws, markets).

    Each draw starts from the Gaussian approximation at its mode and is corrected by steps of elliptical slice
    sampling (Murray, Adams and MacKay, 2010, AISTATS 9:541), which leave its distribution given the populations
    unchanged. The draws never meet, so they stay independent.

    Parameters
    ----------
    counts : ndarray, shape (4, markets)
        Successes and trials under control, successes and trials under treatment.
    """
    model = _Standardised(of_a, of_b, counts)
    z = model.gaussian_draw(rng)
    for _ in range(steps):
        z = _slice_step(model, z, rng)
    return model.log_odds(z)


class _Standardised:
    """The markets' likelihood over z, where intercept = mean_a + sd_a z_0 and slope = mean_b + sd_b z_1."""

    def __init__(self, of_a: Nodes, of_b: Nodes, counts: np.ndarray):
        self.mean = np.stack([of_a.mean, of_b.mean])[:, :, None]
        self.sd = np.stack([of_a.sd, of_b.sd])[:, :, None]
        self.counts = counts[:, None, :]

    def log_odds(self, z: np.ndarray) -> np.ndarray:
        return self.mean + self.sd * z

    def log_likelihood(self, z: np.ndarray) -> np.ndarray:
        a, b = self.log_odds(z)
        y, n, y_t, n_t = self.counts
        return y * a - n * np.logaddexp(0, a) + y_t * (a + b) - n_t * np.logaddexp(0, a + b)

    def gaussian_draw(self, rng: np.random.Generator) -> np.ndarray:
        """A draw from the Gaussian with the mode and the curvature of the posterior."""
        z = np.zeros((2, self.sd.shape[1], self.counts.shape[2]))
        for _ in range(30):
            gradient, (p, q, r) = self._expand(z)
            step = np.stack([r * gradient[0] - q * gradient[1], p * gradient[1] - q * gradient[0]]) / (p * r - q * q)
            longest = np.max(np.abs(self.sd * step), axis=0)
            z = z + step / np.maximum(1, longest / 2)  # at most two log odds at a time, or Newton may overshoot
        p, q, r = self._expand(z)[1]
        first, second = rng.standard_normal(z.shape)
        down = second / np.sqrt(r - q * q / p)
        return z + np.stack([first / np.sqrt(p) - q / p * down, down])

    def _expand(self, z: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Gradient of the log posterior, and the three entries of its negative Hessian."""
        a, b = self.log_odds(z)
        y, n, y_t, n_t = self.counts
        rate, rate_t = expit(a), expit(a + b)
        weight, weight_t = n * rate * (1 - rate), n_t * rate_t * (1 - rate_t)
        sd_a, sd_b = self.sd
        excess, excess_t = y - n * rate, y_t - n_t * rate_t
        gradient = np.stack([sd_a * (excess + excess_t), sd_b * excess_t]) - z
        return gradient, (1 + sd_a**2 * (weight + weight_t), sd_a * sd_b * weight_t, 1 + sd_b**2 * weight_t)


def _slice_step(model: _Standardised, z: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    other = rng.standard_normal(z.shape)
    level = model.log_likelihood(z) + np.log(1 - rng.random(z.shape[1:]))
    angle = rng.uniform(0, 2 * np.pi, z.shape[1:])
    low, high = angle - 2 * np.pi, angle.copy()
    for _ in range(60):
        proposed = z * np.cos(angle) + other * np.sin(angle)
        outside = model.log_likelihood(proposed) < level
        if not outside.any():
            return proposed
        low, high = np.where(outside & (angle < 0), angle, low), np.where(outside & (angle >= 0), angle, high)
        angle = np.where(outside, rng.uniform(low, high), angle)
    return np.where(outside, z, proposed)


@one_thread
def largest_slope(solution: Solution, chosen: Sequence[int]) -> np.ndarray:
    """Probability that each of the chosen markets has the largest slope among them, shape (chosen,).

    Given the populations the markets are independent, so ``P(largest = i)`` is the integral of market i's density
    times the others' distribution functions. It is worked out at every pair of nodes, then averaged. Where all
    markets share one slope the tie is split evenly.
    """
    if np.all(np.abs(solution.of_b.sd) < 1e-9):
        return np.full(len(chosen), 1 / len(chosen))
    of_a, of_b, mass = solution.without(1e-5)
    grids = [solution.grids[k] for k in chosen]
    # The likelihood of the slope alone, at every node of the intercepts: a spline over the market's own grid.
    given = [CubicSpline(g.b, g.likelihood.T @ g.weights(of_a, of_b)[0].T, extrapolate=False) for g in grids]
    low, high = min(g.b[0] for g in grids), max(g.b[-1] for g in grids)
    finest = min(g.market[1].width for g in grids)
    wins = np.zeros(len(grids))
    for k, (mean, sd) in enumerate(zip(of_b.mean, of_b.sd, strict=True)):
        reach = 6.5 * sd
        ends = max(low, min(mean - reach, high)), min(high, max(mean + reach, low))
        points = 12 + int((ends[1] - ends[0]) * np.hypot(1 / sd, 1 / finest) / 0.5)
        b = np.linspace(*ends, points)
        densities = [
            np.nan_to_num(spline(b)).clip(0) * _normal(b, mean + grid.market[1].slope * sd**2, sd)[:, None]
            for spline, grid in zip(given, grids, strict=True)
        ]
        wins += _win(np.array(densities), b[1] - b[0]) @ mass[:, k]
    return wins / wins.sum()


def _win(density: np.ndarray, h: float) -> np.ndarray:
    """Probability that each variable is the largest; `density` has shape (variables, points, nodes)."""
    slope = np.gradient(density, h, axis=1)
    below = h * (np.cumsum(density, axis=1) - (density + density[:, :1]) / 2)
    below -= h**2 / 12 * (slope - slope[:, :1])
    total = np.maximum(below[:, -1:], 1e-300)
    below, density = below / total, density / total
    others = np.ones_like(below)
    others[1:] = np.cumprod(below[:-1], axis=0)
    others[:-1] *= np.cumprod(below[:0:-1], axis=0)[::-1]
    wins = np.sum(density * others, axis=1)
    return wins / np.maximum(wins.sum(axis=0), 1e-300)


def _normal(x: np.ndarray, mean: float, sd: float) -> np.ndarray:
    return np.exp(-0.5 * ((x - mean) / sd) ** 2)
