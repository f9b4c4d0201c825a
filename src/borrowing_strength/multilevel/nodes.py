"""Nodes of lesson 04's quadrature over a population's mean and standard deviation, and where to put them."""

from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.polynomial.legendre import leggauss

from borrowing_strength.core.priors import Known, Prior
from borrowing_strength.multilevel.lattice import Lattice

REACH = 6.5  # how many standard deviations of a normal distribution count
_WEIGHTY = 8.0  # and those that far below have too little weight to ask for much precision
DROP = 13.0  # nodes whose log density is this far below the highest are left out
CORE = 10.0  # standard errors over which means stay about evenly spaced
_ORDER = 10
_WIDE = 1.2  # sd of the narrowest normals in steps between means
FINE = 2.0
_gauss = lru_cache(leggauss)


@dataclass(frozen=True)
class Nodes:
    """Quadrature nodes over one population's mean and standard deviation: every mean of every sd.

    Attributes
    ----------
    u, x : ndarray, shape (nodes,)
        Standardised mean, evenly spaced, and ``x = arcsinh(sd / scale)``: Gauss-Legendre nodes, or evenly spaced if
        the posterior excludes an sd of zero.
    mean, error, step, sd : ndarray, shape (nodes,)
        `error` is the slope d mean / d u, near the centre the mean's conditional standard error; `step` is the
        distance to the next mean of the same sd.
    log_size, log_cell : ndarray, shape (nodes,)
        Logs of the cell's size in (u, x) and of its prior probability.
    spread : float
        How far populations of weight lie from the narrowest one, in units of their own width.
    fine : float
        Points of the lattice that the narrowest population has within one width.
    """

    u: np.ndarray
    x: np.ndarray
    mean: np.ndarray
    error: np.ndarray
    step: np.ndarray
    sd: np.ndarray
    log_size: np.ndarray
    log_cell: np.ndarray
    spread: float = 6.0
    fine: float = FINE

    def __len__(self) -> int:
        return len(self.mean)

    def take(self, which: np.ndarray | slice) -> "Nodes":
        """Some of the nodes."""
        parts = (getattr(self, part.name) for part in fields(self))
        return Nodes(*(part[which] if isinstance(part, np.ndarray) else part for part in parts))

    def without_spread(self) -> "Nodes":
        """The same means with sds of zero."""
        return replace(self, sd=np.zeros_like(self.sd))

    @cached_property
    def width(self) -> np.ndarray:
        """Standard deviation of the normals as `weights` widens them."""
        return np.maximum(self.sd, _WIDE * self.step)

    @property
    def lattice(self) -> Lattice:
        """Points at which the populations can be told apart: fine around the narrowest, and as far as `spread` asks."""
        narrowest = np.argmin(self.width)
        return Lattice(float(self.mean[narrowest]), self.spread * float(self.width[narrowest]), self.fine * self.spread)

    @property
    def axes(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """The grids of x and of u, each with the edges of its cells."""
        u = np.unique(self.u)
        x, first = np.unique(self.x, return_index=True)
        gap = u[1] - u[0]
        width = np.exp(self.log_size[first]) / gap if len(x) > 1 else np.zeros(1)
        x_edges = (x[0] + x[-1] - width.sum()) / 2 + np.append(0, np.cumsum(width))
        return [(x, x_edges), (u, np.append(u, u[-1] + gap) - gap / 2)]

    @property
    def reach(self) -> tuple[float, float]:
        """Interval that holds the population at every node."""
        return float((self.mean - REACH * self.width).min()), float((self.mean + REACH * self.width).max())

    def weights(self, at: np.ndarray, slope: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """The populations' densities at the points `at`, shape (nodes, points), and logs of factors taken out.

        With a slope: the densities times exp(slope * a), again a normal density times a factor.
        Where the sd is smaller than the step, sums over nodes would see a comb of spikes. Such a normal is widened
        until its sd exceeds the step, and a polynomial undoes the effect of widening on smooth functions, to order
        20 in the step: ``exp(-w) * sum_q w**q / q!`` instead of exp(-w), w = (added variance) * t**2 / 2, at
        frequency t (Maz'ya and Schmidt, 2007, Approximate Approximations, section 3.3).
        """
        variance = self.width**2
        half = (at - (self.mean + slope * self.sd**2)[:, None]) ** 2
        half *= (0.5 / variance)[:, None]
        widened = np.flatnonzero(self.width > self.sd)
        undo = _undo(half[widened], 1 - (self.sd**2 / variance)[widened, None]) if len(widened) else 1.0
        taken = np.zeros(len(variance))
        if slope:
            nearest = half.min(axis=1)
            half -= nearest[:, None]
            taken = slope * self.mean + 0.5 * (slope * self.sd) ** 2 - nearest
        out = np.exp(np.negative(half, out=half), out=half)
        out *= (1 / np.sqrt(2 * np.pi * variance))[:, None]
        out[widened] *= undo
        return out, taken


def one_population(mean: float, sd: float) -> Nodes:
    """A population that is known."""
    mean, zero, sd = (np.array([value]) for value in (mean, 0.0, sd))
    return Nodes(zero, zero, mean, zero, zero, sd, zero, zero)


def _undo(half: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    """``sum_q ratio**q L_q(half)`` with Laguerre polynomials of parameter -1/2."""
    before, now = np.zeros_like(half), np.ones_like(half)
    total, power = now.copy(), 1.0
    for q in range(_ORDER - 1):
        before, now = now, ((2 * q + 0.5 - half) * now - (q - 0.5) * before) / (q + 1)
        power = power * ratio
        total += power * now
    return total


@dataclass(frozen=True)
class Box:
    """Where one population's mean and sd have their mass.

    Given the sd, the markets' own values (each with its standard error) and the prior give the mean a normal
    approximation. Standardised by it, means of all sds lie in one interval of u.
    """

    values: np.ndarray
    errors: np.ndarray
    priors: tuple[Prior, Prior]
    scale: float
    u: tuple[float, float]
    x: tuple[float, float]
    spread: float = 6.0
    fine: float = FINE
    core: float = CORE

    @classmethod
    def first(cls, values: np.ndarray, errors: np.ndarray, priors: tuple[Prior, Prior], core: float = CORE) -> "Box":
        """Where the mass is if the likelihoods are normal."""
        scale = min(0.5 * np.sum(errors**-4.0) ** -0.25, priors[1].scale)
        box = cls(values, errors, priors, float(scale), (-7.0, 7.0), (0.0, 0.0), core=core)
        if isinstance(priors[1], Known):
            x = float(np.arcsinh(priors[1].scale / scale))
            return replace(box, x=(x, x))
        x = np.linspace(0, np.arcsinh(1e8 * priors[1].scale / scale), 1000)
        mean, error = box.given(x)
        sd = scale * np.sinh(x)
        height = priors[0].log_density(mean) + priors[1].log_density(sd) + np.log(error * np.cosh(x))
        for value, own in zip(values, errors, strict=True):
            variance = sd**2 + own**2
            height -= 0.5 * ((value - mean) ** 2 / variance + np.log(variance))
        kept = np.flatnonzero(height > height.max() - DROP)
        return replace(box, x=(float(x[max(kept[0] - 1, 0)]), float(x[min(kept[-1] + 1, len(x) - 1)])))

    def given(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard error of the normal approximation to the population's mean, given its sd."""
        own, variance = self.priors[0].scale ** -2.0, (self.scale * np.sinh(x)) ** 2
        precision, total = np.full(x.shape, own), np.full(x.shape, self.priors[0].mean * own)
        for value, error in zip(self.values, self.errors, strict=True):
            weight = 1 / (variance + error**2)
            precision += weight
            total += weight * value
        return total / precision, precision**-0.5

    def nodes(self, rows: int, step: float) -> Nodes:
        """Fill the box: `rows` sds and more if they range widely, and means that lie `step` standard errors apart.

        Where the posterior excludes an sd of zero the density dies out at both ends. Then nothing is better than an
        even grid, and fewer nodes do.
        """
        half, even = (self.x[1] - self.x[0]) / 2, 0 < self.x[0] < self.x[1]
        across = rows - 2 * even + round(2.4 * half) if half else 1
        z, weight = (np.linspace(-1, 1, across), np.full(across, 2 / (across - 1))) if even else _gauss(across)
        count = int(np.ceil((self.u[1] - self.u[0]) / (max(step, 0.8) if even else step))) + 1
        u, gap = np.linspace(*self.u, count, retstep=True)
        x, u = (grid.ravel() for grid in np.meshgrid(self.x[0] + half * (1 + z), u, indexing="ij"))
        return self.fill(u, x, np.repeat(np.log(half * weight if half else [1.0]) + np.log(gap), count), gap)

    def fill(self, u: np.ndarray, x: np.ndarray, log_size: np.ndarray | float, gap: float = 0.6) -> Nodes:
        """Nodes at any (u, x), with the logs of their cells' sizes in (u, x)."""
        rows, row = np.unique(x, return_inverse=True)
        centre, error = (part[row] for part in self.given(rows))
        mean, error = centre + self.core * error * np.sinh(u / self.core), error * np.cosh(u / self.core)
        sd = self.scale * np.sinh(x)
        log_cell = self.priors[0].log_density(mean) + np.log(error) + log_size
        if not isinstance(self.priors[1], Known):
            log_cell += self.priors[1].log_density(sd) + np.log(self.scale * np.cosh(x))
        return Nodes(u, x, mean, error, gap * error, sd, log_size + np.zeros_like(u), log_cell, self.spread, self.fine)

    def zoom(self, nodes: Nodes, mass: np.ndarray) -> tuple["Box", bool]:
        """The box around the nodes that matter, larger where they reach an edge; and whether it was good already."""
        density = np.log(mass + 1e-300) - nodes.log_size
        depth = density.max() - density
        far = np.abs(nodes.mean - nodes.mean[np.argmin(nodes.width)]) / np.maximum(nodes.sd, 0.7 * nodes.step)
        spread = max(5.0, float(far[depth < _WEIGHTY].max()))
        u, good_u = _ends(nodes.u, depth, self.u, -np.inf)
        x, good_x = (self.x, True) if self.x[0] == self.x[1] else _ends(nodes.x, depth, self.x, 0.0)
        return replace(self, u=u, x=x, spread=spread), good_u and good_x


def _ends(
    places: np.ndarray, depth: np.ndarray, ends: tuple[float, float], least: float
) -> tuple[tuple[float, float], bool]:
    """New ends along one coordinate: a node beyond those to be kept, or well beyond the old end if they reach it."""
    grid = np.unique(places)
    first, last = np.searchsorted(grid, [places[depth < DROP].min(), places[depth < DROP].max()])
    reached = depth < DROP - 3
    at_low, at_high = ends[0] > least and reached[places == grid[0]].any(), reached[places == grid[-1]].any()
    more = 0.6 * (ends[1] - ends[0])
    low = max(least, ends[0] - more) if at_low else grid[first - 1] if first else ends[0]
    high = ends[1] + more if at_high else grid[last + 1] if last + 1 < len(grid) else ends[1]
    return (float(low), float(high)), not (at_low or at_high) and last - first > 3
