"""Points that crowd where something narrow lies, and what is needed to integrate and to interpolate on them."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from math import factorial

import numpy as np
from scipy.special import ndtr

TAPS = np.arange(-3, 5)  # neighbours, left and right, of a place between two points
_SCALES = [1 / np.prod([q - p for p in TAPS if p != q]) for q in TAPS]


@dataclass(frozen=True)
class Lattice:
    """Points ``centre + core * sinh(t / rate)``, evenly spaced in t: `core / rate` apart at the centre, wider far off.

    Sums over such points converge geometrically for functions that are smooth over their distance, as the trapezoidal
    rule does (Trefethen and Weideman, 2014, SIAM Review 56:385), and any range costs its logarithm only. With arrays
    there are many lattices.
    """

    centre: float | np.ndarray
    core: float | np.ndarray
    rate: float | np.ndarray

    @classmethod
    def several(cls, lattices: Sequence["Lattice"], markets: int) -> "Lattice":
        """All of them, some different for every market; shape (lattices, markets)."""
        fields = zip(*map(astuple, lattices), strict=True)
        return cls(*(np.stack([np.broadcast_to(x, (markets,)) for x in part]) for part in fields))

    def __getitem__(self, which: tuple) -> "Lattice":
        return Lattice(*(part[which] for part in astuple(self)))

    def at(self, t: np.ndarray) -> np.ndarray:
        """The points."""
        return self.centre + self.core * np.sinh(t / self.rate)

    def place(self, x: np.ndarray) -> np.ndarray:
        """The t of a point."""
        return self.rate * np.arcsinh((x - self.centre) / self.core)

    def spacing(self, x: np.ndarray) -> np.ndarray:
        """Distance from one point to the next, near `x`: dx / dt."""
        return np.sqrt((x - self.centre) ** 2 + self.core**2) / self.rate

    def is_covered(self, other: "Lattice") -> np.ndarray:
        """Whether another lattice is finer wherever this one is at its finest."""
        near = self.centre + self.core / 2 * np.where(self.centre > other.centre, 1, -1)
        return other.spacing(near) < self.spacing(near)

    def between(self, low: float, high: float) -> tuple[int, np.ndarray]:
        """All points in an interval and one beyond each end; and the t of the first."""
        first, last = self.place(np.array([low, high]))
        t = np.arange(np.floor(first), np.ceil(last) + 1)
        return int(t[0]), self.at(t)


def ragged(count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For rows of different lengths, one behind the other: every element's row, and its position there."""
    row = np.repeat(np.arange(len(count)), count)
    return row, np.arange(len(row)) - (np.cumsum(count) - count)[row]


def union(lattices: Lattice, used: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, ...]:
    """Quadratures that are as fine everywhere as the finest of several lattices: one behind the other.

    Each lattice takes the part of the integrand that is its own: its share is large where its points are dense, and
    varies smoothly, so the sums over all of them keep their accuracy.

    Parameters
    ----------
    lattices : Lattice of shape (lattices, markets)
    used : ndarray of bool, shape (lattices, markets)
    low, high : ndarray, shape (markets,)

    Returns
    -------
    market, point, weight, distance : ndarray, shape (points,)
    """
    first, last = np.floor(lattices.place(low)), np.ceil(lattices.place(high))
    own, t = ragged(np.where(used, last - first + 1, 0).astype(int).T.ravel())
    market, lattice = np.divmod(own, len(used))
    x = lattices[lattice, market].at(t + first[lattice, market])
    spacing = np.where(used[:, market], lattices[:, market].spacing(x), np.inf)
    finest = spacing.min(axis=0)
    share = (finest / spacing) ** 4
    own = lattice, np.arange(len(x))
    inside = (x > low[market] - finest) & (x < high[market] + finest)
    return tuple(part[inside] for part in (market, x, spacing[own] * share[own] / share.sum(axis=0), spacing[own]))


def lagrange(fraction: np.ndarray) -> list[np.ndarray]:
    """Weights of the eight neighbours of a place `fraction` of the way to the next point, each of its shape.

    The polynomial of degree 7 through eight points of a smooth function, for places between the middle two.
    """
    left, right = [np.ones_like(fraction)], [np.ones_like(fraction)]
    for tap in TAPS[:-1]:
        left.append(left[-1] * (fraction - tap))
    for tap in TAPS[:0:-1]:
        right.append(right[-1] * (fraction - tap))
    return [below * above * scale for below, above, scale in zip(left, right[::-1], _SCALES, strict=True)]


_NODE, _WEIGHT = np.polynomial.legendre.leggauss(8)
_OF_CELL = np.array(lagrange((1 + _NODE) / 2)) @ _WEIGHT / 2  # what the neighbours add to the integral over a cell


def running_integral(values: np.ndarray) -> np.ndarray:
    """Integral over t up to every point of a lattice, along the last axis. Beyond the ends zero is taken."""
    padded = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(3, 3)])
    count = values.shape[-1] - 1
    cells = sum(w * padded[..., k : k + count] for k, w in enumerate(_OF_CELL))
    out = np.zeros_like(values)
    np.cumsum(cells, axis=-1, out=out[..., 1:])
    return out


_FINE = 1000  # entries a unit in the tables
_GRID = np.linspace(-9, 9, 18 * _FINE + 1)
_WIDE = 1.2  # width of a point's share, in distances to the next point


def _tables() -> tuple[np.ndarray, np.ndarray]:
    """``sum_j (-1)**j / (2**j j!) * d**(2j)/dx**(2j)`` of the normal density, j = 0 ... 9, and its integral.

    As a kernel it changes no smooth function, to order 20 (Maz'ya and Schmidt, 2007, section 3.3).
    """
    normal = np.exp(-0.5 * _GRID**2) / np.sqrt(2 * np.pi)
    density, step = np.zeros_like(_GRID), ndtr(_GRID)
    before, now = np.zeros_like(_GRID), np.ones_like(_GRID)  # Hermite polynomials of degrees n - 1 and n
    for n in range(19):
        if n % 2 == 0:
            density += (-1) ** (n // 2) / (2.0 ** (n // 2) * factorial(n // 2)) * now
        else:
            step -= (-1) ** ((n + 1) // 2) / (2.0 ** ((n + 1) // 2) * factorial((n + 1) // 2)) * now * normal * (n < 18)
        before, now = now, _GRID * now - n * before
    return density * normal, step


_DENSITY, _STEP = _tables()


def smooth_density(gaps: np.ndarray) -> np.ndarray:
    """A point's mass, spread so that sums over a lattice of points are smooth, at a distance from it in gaps."""
    return _look_up(_DENSITY, gaps) / _WIDE


def smooth_step(gaps: np.ndarray) -> np.ndarray:
    """The part of it that lies below."""
    return _look_up(_STEP, gaps)


def _look_up(table: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    place = np.clip(gaps * (_FINE / _WIDE) + 9 * _FINE, 0, 18 * _FINE - 1e-6)
    cell = place.astype(int)
    low = table[cell]
    return low + (place - cell) * (table[cell + 1] - low)
