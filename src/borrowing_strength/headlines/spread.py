"""The posterior of the one number that all tests share, the spread of arms within a test."""

from collections.abc import Callable

import numpy as np
from scipy.interpolate import CubicSpline

from borrowing_strength.core.posterior import Scale
from borrowing_strength.core.priors import SdPrior
from borrowing_strength.core.quadrature import Line, integrate_line
from borrowing_strength.headlines.archive import Batch, in_pieces

_PILOT = 1_500  # arms up to which the whole line is searched


def log_density(parts: list[Batch], prior: SdPrior, scale: Scale, error: float) -> Callable[[np.ndarray], np.ndarray]:
    """Log density of the coordinate of the spread, up to a constant, at each of several values."""

    def log_evidence(spread: np.ndarray) -> np.ndarray:
        if len(spread) == 1:
            return sum(batch.levels(spread[0], error).log_evidence.sum(keepdims=True) for batch in parts)
        return sum(batch.at_spreads(spread, error).log_evidence.sum(axis=1) for batch in parts)

    def at(v: np.ndarray) -> np.ndarray:
        density = np.full(len(v), -np.inf)
        inside = (v > -30) & (v < 30)  # beyond lies no mass that counts
        spread = scale.to_value(v[inside])
        if len(spread):
            density[inside] = np.concatenate([log_evidence(some) for some in in_pieces(parts, spread)])
            density[inside] += prior.log_density(spread) + np.log(scale.slope(v[inside]))
        return density

    return at


def integrate(parts: list[Batch], prior: SdPrior, scale: Scale) -> Line:
    """Quadrature over the coordinate of the spread."""
    if sum(batch.y.size for batch in parts) <= _PILOT:
        return integrate_line(log_density(parts, prior, scale, 1e-7), np.inf)
    density = log_density(parts, prior, scale, 1e-5)
    # 1. Some of the tests say where to look.
    largest = max(parts, key=lambda batch: batch.y.size)
    some = slice(None, None, -(-largest.y.size // _PILOT))
    few = Batch(largest.tests[some], np.arange(largest.y[some].size).reshape(-1, largest.y.shape[1]),
                largest.y[some].ravel(), largest.n[some].ravel(), largest.population)  # fmt: skip
    pilot = integrate_line(log_density([few], prior, scale, 1e-3), np.inf)
    centre = pilot.v @ pilot.weight
    sd = np.sqrt(pilot.weight @ (pilot.v - centre) ** 2)
    # 2. Parabolas through three points lead to the top.
    for _ in range(20):
        low, mid, high = density(centre + sd * np.array([-1, 0, 1]))
        bend = 2 * mid - low - high
        if not 0 < bend < np.inf:
            return integrate_line(density, np.inf)
        move = np.clip(sd * (high - low) / (2 * bend), -3 * sd, 3 * sd)
        narrower = 1 / np.sqrt(bend)
        centre, sd = centre + move, sd * min(narrower, 3)
        if abs(move) < 0.3 * sd and 0.7 < narrower < 1.4:
            break
    # 3. If the density vanishes at both ends of what is within seven sds, that is all of it.
    v = centre + sd * np.linspace(-7, 7, 14)
    values = density(v)
    if max(values[0], values[-1]) > values.max() - 16:
        return integrate_line(density, np.inf)
    mass = np.exp(values - values.max())
    return Line(v, mass / mass.sum(), values - values.max() - np.log(mass.sum() * (v[1] - v[0])), np.inf)


def finely(v: np.ndarray, log_height: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A density on a fine grid, from its log on a coarse one."""
    v, log_height = v[np.isfinite(log_height)], log_height[np.isfinite(log_height)]
    grid = np.linspace(v[0], v[-1], 801)
    return grid, np.exp(CubicSpline(v, log_height)(grid))
