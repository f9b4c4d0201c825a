"""Nodes of lesson 04's quadrature over a population's mean and standard deviation, and where to put them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, wraps
from typing import TYPE_CHECKING

import numpy as np
from numpy.polynomial.legendre import leggauss

from borrowing_strength.multilevel.priors import Known, Prior

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

_DROP = 16.0  # nodes whose log density is this far below the highest are left out
_REACH = 6.5  # how many standard deviations of a normal distribution count
_MOST_MEANS = 3000
_ORDER = 6
_gauss = lru_cache(leggauss)


@lru_cache(maxsize=1)
def _threads() -> "ThreadpoolController":
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def one_thread[**P, T](task: Callable[P, T]) -> Callable[P, T]:
    """Keep matrix products on one thread: on a machine with other work, threads that wait for each other cost 10x."""

    @wraps(task)
    def limited(*arguments: P.args, **options: P.kwargs) -> T:
        with _threads().limit(limits=1, user_api="blas"):
            return task(*arguments, **options)

    return limited


@dataclass(frozen=True)
class Nodes:
    """Quadrature nodes over one population's mean and standard deviation.

    Attributes
    ----------
    mean, step : ndarray, shape (nodes,)
        For every sd the means are evenly spaced, `step` apart.
    x : ndarray, shape (nodes,)
        ``sd = scale * sinh(x)``; the sds are Gauss-Legendre nodes in x.
    width : ndarray, shape (nodes,)
        Weight of the Gauss-Legendre node.
    """

    mean: np.ndarray
    step: np.ndarray
    x: np.ndarray
    width: np.ndarray
    scale: float
    priors: tuple[Prior, Prior]

    @cached_property
    def sd(self) -> np.ndarray:
        """Standard deviation of the population, shape (nodes,)."""
        return self.scale * np.sinh(self.x)

    @cached_property
    def log_cell(self) -> np.ndarray:
        """Log of the cell's size in (mean, x)."""
        return np.log(self.step * self.width)

    @cached_property
    def log_weight(self) -> np.ndarray:
        """Log prior probability of the cell."""
        prior = self.priors[0].log_density(self.mean) + self.priors[1].log_density(self.sd)
        return self.log_cell + np.log(self.scale * np.cosh(self.x)) + prior

    def take(self, which: np.ndarray | slice) -> "Nodes":
        """Some of the nodes."""
        parts = (self.mean, self.step, self.x, self.width)
        return Nodes(*(part[which] for part in parts), self.scale, self.priors)

    def jitter(self, which: np.ndarray, rng: np.random.Generator) -> "Nodes":
        """One uniform draw from the cell of each of the nodes `which`."""
        x, first = np.unique(self.x, return_index=True)
        width = self.width[first]
        edges = (x[0] + x[-1] - width.sum()) / 2 + np.cumsum(width) - width
        out = self.take(which)
        mean = out.mean + out.step * rng.uniform(-0.5, 0.5, len(which))
        return replace(out, mean=mean, x=edges[np.searchsorted(x, out.x)] + out.width * rng.random(len(which)))

    @property
    def narrowest(self) -> float:
        """Width of the narrowest of all normals, as `weights` widens them."""
        return float(np.maximum(self.sd, self.step).min())

    @property
    def reach(self) -> tuple[float, float]:
        """Interval that holds the population at every node."""
        width = _REACH * np.maximum(self.sd, self.step)
        return float((self.mean - width).min()), float((self.mean + width).max())

    def overflows(self, log_mass: np.ndarray) -> bool:
        """Whether more than about 1e-5 of the mass lies beyond the first or last mean of an sd, or the last sd.

        What lies beyond an end x is taken to be density times |x| / 3, which holds for Student's t with 3 degrees of
        freedom and is too much for lighter tails; beyond the last sd, for a density that falls like 1 / sd**2.
        """
        mass = np.exp(log_mass - log_mass.max())
        first = np.flatnonzero(np.diff(self.x, prepend=-1))
        last = np.append(first[1:], len(self.x)) - 1
        extent = self.mean[last] - self.mean[first]
        beyond = (mass[first] + mass[last]) / self.step[first] @ extent / 3
        if not isinstance(self.priors[1], Known):
            beyond += mass[first[-1] :].sum() / self.width[-1]
        return bool(beyond > 1e-5 * mass.sum())

    def tangent(self, slope: float) -> np.ndarray:
        """``log E[exp(slope * a)]`` at every node."""
        return slope * self.mean + 0.5 * (slope * self.sd) ** 2

    def weights(self, at: np.ndarray, slope: float = 0.0) -> np.ndarray:
        """The population's density at the points `at`, shape (nodes, points); tilted by exp(slope * a).

        Where the sd is smaller than the step, sums over nodes would see a comb of spikes. Such a normal is widened
        until its sd equals the step, and a polynomial undoes the effect of widening on smooth functions, to order
        12 in the step: ``exp(-w) * sum_q w**q / q!`` instead of exp(-w), w = (added variance) * t**2 / 2, at
        frequency t (Maz'ya and Schmidt, 2007, Approximate Approximations, section 3.3).
        """
        variance = np.maximum(self.sd, self.step) ** 2
        half = (at - (self.mean + slope * self.sd**2)[:, None]) ** 2 / (2 * variance)[:, None]
        out = np.exp(-half) / np.sqrt(2 * np.pi * variance)[:, None]
        widened = self.step > self.sd
        out[widened] *= _undo(half[widened], 1 - (self.sd**2 / variance)[widened, None])
        return out


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
class Window:
    """Where one population's mean and sd have their mass: for values of x, an interval of means."""

    scale: float
    x: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def nodes(self, priors: tuple[Prior, Prior], widths: np.ndarray, rows: int, step: float) -> Nodes:
        """Fill the window. `widths` are standard errors of the markets' own values; `step` is relative to them."""
        z, gl = _gauss(1 if isinstance(priors[1], Known) else rows)
        half = (self.x[-1] - self.x[0]) / 2
        x = self.x[0] + half * (1 + z)
        sd = self.scale * np.sinh(x)
        low, high = np.interp(x, self.x, self.low), np.interp(x, self.x, self.high)
        precision = np.sum(1 / (sd[:, None] ** 2 + widths**2), axis=1) + 1 / priors[0].scale ** 2
        size = step / np.sqrt(precision)
        count = np.clip(np.ceil((high - low) / size), 1, _MOST_MEANS).astype(int)
        size = np.maximum(size, (high - low) / count)
        means = [m + h * (np.arange(k + 1) - k / 2) for m, h, k in zip((low + high) / 2, size, count, strict=True)]
        means = np.concatenate(means)
        steps, xs = np.repeat(size, count + 1), np.repeat(x, count + 1)
        return Nodes(means, steps, xs, np.repeat(half * gl, count + 1), self.scale, priors)

    def zoom(self, nodes: Nodes, log_mass: np.ndarray) -> "Window":
        """Shrink to the nodes that matter, and grow where they reach the edge."""
        density = log_mass - nodes.log_cell
        kept = density > density.max() - _DROP
        every = np.unique(nodes.x)
        rows = np.unique(nodes.x[kept])
        low, high = np.empty(len(rows)), np.empty(len(rows))
        for i, x in enumerate(rows):
            row = nodes.x == x
            means, all_means = nodes.mean[kept & row], nodes.mean[row]
            margin = max(nodes.step[row][0], 0.1 * (means[-1] - means[0]))
            low[i] = means[0] - margin * (5 if means[0] == all_means[0] else 1)
            high[i] = means[-1] + margin * (5 if means[-1] == all_means[-1] else 1)
        first, last = np.searchsorted(every, rows[[0, -1]])
        left = every[first - 1] if first else max(0.0, 2 * self.x[0] - rows[0])
        right = every[last + 1] if last + 1 < len(every) else 2 * self.x[-1] - rows[-1]
        pad = [np.concatenate([ends[:1], ends, ends[-1:]]) for ends in (low, high)]
        return Window(self.scale, np.concatenate([[left], rows, [right]]), *pad)


def first_window(values: np.ndarray, widths: np.ndarray, priors: tuple[Prior, Prior]) -> Window:
    """A window that surely holds everything, narrowed twice by the Gaussian approximation."""
    mean_prior, sd_prior = priors
    scale = min(0.5 * np.sum(widths**-4.0) ** -0.25, sd_prior.scale)
    x = np.linspace(0, np.arcsinh(1e7 * sd_prior.scale / scale), 60)
    if isinstance(sd_prior, Known):
        x = np.arcsinh(sd_prior.scale / scale) + np.array([-1e-9, 1e-9])
    variance = (scale * np.sinh(x))[:, None] ** 2 + widths**2
    total = np.sum(1 / variance, axis=1)
    centre, spread = np.sum(values / variance, axis=1) / total, 8 / np.sqrt(total)
    ends = np.stack([centre, np.full_like(centre, mean_prior.mean)])
    low = np.maximum(centre - spread, ends.min(axis=0) - 40 * mean_prior.scale)
    high = np.minimum(centre + spread, ends.max(axis=0) + 40 * mean_prior.scale)
    window = Window(scale, x, np.minimum(low, centre), np.maximum(high, centre))
    for rows in (60, 30, 30):
        nodes = window.nodes(priors, widths, rows, 1.0)
        variance = nodes.sd[:, None] ** 2 + widths**2
        fit = -0.5 * np.sum((values - nodes.mean[:, None]) ** 2 / variance + np.log(variance), axis=1)
        window = window.zoom(nodes, fit + nodes.log_weight)
    return window


def without_spread(ends: tuple[float, float], step: float, priors: tuple[Prior, Prior]) -> Nodes:
    """Nodes for the mean of a population whose sd is zero."""
    count = int(np.ceil((ends[1] - ends[0]) / step)) + 1
    mean, size = np.linspace(*ends, count, retstep=True)
    return Nodes(mean, np.full(count, size), np.zeros(count), np.full(count, 1e-12), 1.0, priors)
