"""One market's likelihood as the quadrature of lesson 04 sees it: a few points of (a, b), as fine as it needs.

    successes ~ Binomial(trials, expit(a)) under control, Binomial(trials, expit(a + b)) under treatment

Rows are values of a. In every row the values of b lie on the lattice of the population of slopes, refined where the
treatment arm knows its log odds a + b better than the lattice does: so an arm of ten and one of 10^9 can meet.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit

from borrowing_strength.multilevel.lattice import TAPS, Lattice, lagrange, union
from borrowing_strength.multilevel.nodes import Nodes

_DROP = 18.0  # points whose log likelihood is this far below the highest are left out
_LONG = 100  # points of a row that need no more: over so wide a range nothing is sharp that has weight
_FINE = 0.4  # distance of points in standard deviations of a likelihood


@dataclass(frozen=True)
class Arms:
    """Counts of one arm in all markets; all shapes are (markets,).

    Where a market lies far out in its population, the likelihood is steep one way and the population the other. Both
    are then tilted: the likelihood is divided by ``exp(slope * x)``, which goes into the population
    (`Nodes.weights`). What remains is the likelihood of `slope` successes fewer, so it needs no other formula.
    """

    successes: np.ndarray  # less the slope
    trials: np.ndarray
    slope: np.ndarray

    def tilted(self, slope: np.ndarray) -> "Arms":
        """The same with another slope, as far as the counts allow it."""
        counted = self.successes + self.slope
        slope = np.clip(slope, counted - self.trials, counted)
        return Arms(counted - slope, self.trials, slope)

    @property
    def peak(self) -> np.ndarray:
        """Log odds in the middle of what the likelihood tells, with half a count added to each side."""
        up, down = self.successes + 0.5, self.trials - self.successes + 0.5
        return np.where(self.trials > 0, np.log(up / down), 0.0)

    @property
    def error(self) -> np.ndarray:
        """Standard error of `peak`."""
        up, down = self.successes + 0.5, self.trials - self.successes + 0.5
        return np.where(self.trials > 0, np.sqrt(1 / up + 1 / down), 10.0)

    @property
    def width(self) -> np.ndarray:
        """Over what distance the likelihood changes; log odds have a scale of their own, so not much more than 1."""
        return np.where(self.trials > 0, np.minimum(self.error, 1.1), 10.0)

    def log_likelihood(self, x: np.ndarray, which: int | slice = slice(None)) -> np.ndarray:
        """Log likelihood at log odds `x`."""
        y, n = self.successes[which], self.trials[which]
        return y * x - n * (np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))

    def highest(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Log odds of the highest likelihood in an interval."""
        with np.errstate(divide="ignore", invalid="ignore"):
            best = np.log(self.successes) - np.log(self.trials - self.successes)
        return np.clip(np.where(self.trials > 0, best, 0.0), low, high)

    def support(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where in an interval the likelihood is not negligible, by bisection."""
        best = self.highest(low, high)
        floor = self.log_likelihood(best) - _DROP
        ends = []
        for far in (low, high):
            inside, outside = best, far
            for _ in range(30):
                middle = np.where(self.log_likelihood(outside) > floor, outside, (inside + outside) / 2)
                short = self.log_likelihood(middle) > floor
                inside, outside = np.where(short, middle, inside), np.where(short, outside, middle)
            ends.append(outside)
        return ends[0], ends[1]


@dataclass(frozen=True)
class Points:
    """One market's likelihood at its own points, weighted for sums over a and b.

    Attributes
    ----------
    a, first, last, finer : ndarray, shape (rows,)
        Intercept of a row. Its slopes are ``lattice.at(k / finer)``, k = first, ..., last.
    spacing : ndarray, shape (rows,)
        Distance to the next row.
    mass : ndarray, shape (rows, points)
        Likelihood, less tangents and a constant, times the size of the point's cell.
    """

    a: np.ndarray
    spacing: np.ndarray
    first: np.ndarray
    last: np.ndarray
    finer: np.ndarray
    mass: np.ndarray
    lattice: Lattice
    trials: float = 0.0  # under treatment

    @cached_property
    def b(self) -> np.ndarray:
        """The slopes, shape (rows, points)."""
        return self.lattice.at(self.t)

    @property
    def turn(self) -> np.ndarray:
        """How the slopes move with the intercept: -1 where the treatment arm holds a + b, 0 where it says nothing.

        If all were normal: their variance given the intercept times what the arm knows about them.
        """
        total = self.mass.sum(axis=1) + 1e-300
        mean = np.sum(self.mass * self.b, axis=1) / total
        variance = np.sum(self.mass * (self.b - mean[:, None]) ** 2, axis=1) / total
        rate = expit(self.a + mean)
        return -np.minimum(1, variance * self.trials * rate * (1 - rate))

    @cached_property
    def t(self) -> np.ndarray:
        """Place of every slope on the lattice, shape (rows, points)."""
        steps = self.first[:, None] + np.arange(self.mass.shape[1])
        return np.minimum(steps, self.last[:, None]) / self.finer[:, None]

    @cached_property
    def _taps(self) -> list[tuple[np.ndarray, np.ndarray | float]]:
        """Every point's neighbours on the lattice, and what each of them counts."""
        cell = np.floor(self.t).astype(int)
        if np.all(self.finer == 1):
            return [(cell, 1.0)]
        return [(cell + tap, weight) for tap, weight in zip(TAPS, lagrange(self.t - cell), strict=True)]

    def on_lattice(self, first: int, count: int) -> np.ndarray:
        """What sums over b of the mass times a smooth function need to know: weights of its values on the lattice.

        The function is interpolated between the lattice's points `first`, `first + 1`, ...; shape (rows, count).
        """
        row, size = np.arange(len(self.a))[:, None] * count - first, len(self.a) * count
        parts = (np.bincount((row + at).ravel(), (weight * self.mass).ravel(), size) for at, weight in self._taps)
        return sum(parts).reshape(-1, count)

    def from_lattice(self, values: np.ndarray, first: int) -> np.ndarray:
        """The transpose: functions of b, known on the lattice, shape (rows, count), at the row's own points."""
        row = np.arange(len(self.a))[:, None]
        return sum(weight * values[row, at - first] for at, weight in self._taps)


class Markets:
    """The likelihoods of all markets, as the populations at some nodes can see them."""

    def __init__(self, control: Arms, treatment: Arms, of_a: Nodes, of_b: Nodes):
        self.control, self.treatment, self.lattices = control, treatment, (of_a.lattice, of_b.lattice)
        # A market lies between its population and its own data, which may be far outside the population.
        none = (control.trials == 0) | (treatment.trials == 0)
        width_b = np.hypot(control.width, treatment.width)
        a_ends = _hull(of_a.reach, control.peak, control.width, control.trials == 0)
        self.b_ends = _hull(of_b.reach, treatment.peak - control.peak, width_b, none)
        low, high = control.support(*a_ends)
        self.c_ends = treatment.support(low + self.b_ends[0], high + self.b_ends[1])
        self.a_ends = (
            np.maximum(low, self.c_ends[0] - self.b_ends[1]),
            np.minimum(high, self.c_ends[1] - self.b_ends[0]),
        )
        self.tops = [
            arm.log_likelihood(arm.highest(*ends)) for arm, ends in ((control, self.a_ends), (treatment, self.c_ends))
        ]
        self.widths = control.width, treatment.width
        self.centres = np.clip(control.peak, *self.a_ends), np.clip(treatment.peak, *self.c_ends)

    def __len__(self) -> int:
        return len(self.control.trials)

    def points(self, g: int) -> Points:
        """Place one market's points where both its likelihood and the populations allow it to be."""
        of_a, of_b = self.lattices
        (width, width_t), (centre, centre_t) = ([part[g] for part in pair] for pair in (self.widths, self.centres))
        (c_low, c_high), (b_low, b_high) = ([end[g] for end in ends] for ends in (self.c_ends, self.b_ends))
        # 1. Rows: dense around the population, the control arm, and where the slopes' population sees the other arm.
        arm = Lattice(centre, 4 * width, 4 / _FINE)
        other = Lattice(centre_t - of_b.centre, np.hypot(4 * width_t, of_b.core), of_b.rate)
        finer = [extra for extra in (arm, other) if not extra.is_covered(of_a)]
        a, size, spacing = union([of_a, *finer], self.a_ends[0][g], self.a_ends[1][g])
        # 2. In every row the slopes that both the treatment arm and the population allow.
        low, high = np.maximum(b_low, c_low - a), np.minimum(b_high, c_high - a)
        a, size, spacing, low, high = (part[low < high] for part in (a, size, spacing, low, high))
        seen = np.clip(centre_t - a, low, high)
        wide = np.abs(seen - of_b.centre) + 2 * width_t
        refine = np.maximum(1, np.ceil(of_b.spacing(of_b.centre + wide) / (_FINE * width_t)))
        long = np.floor(_LONG / (of_b.place(high) - of_b.place(low)))
        refine = np.maximum(1, np.minimum(refine, long))
        first, last = np.floor(of_b.place(low) * refine), np.ceil(of_b.place(high) * refine)
        steps = first[:, None] + np.arange(int(np.max(last - first)) + 1)
        b = of_b.at(np.minimum(steps, last[:, None]) / refine[:, None])
        # 3. The likelihood there, times the size of a cell.
        height = self.treatment.log_likelihood(a[:, None] + b, g) - self.tops[1][g]
        height += (self.control.log_likelihood(a, g) - self.tops[0][g] + np.log(size / refine))[:, None]
        mass = np.where(steps > last[:, None], 0, np.exp(height) * of_b.spacing(b))
        places = (part.astype(int) for part in (first, last, refine))
        return Points(a, spacing, *places, mass, of_b, self.treatment.trials[g])

    def slopes(self, g: int) -> tuple[np.ndarray, np.ndarray, Lattice, np.ndarray, np.ndarray]:
        """Intercepts with their weights, slopes on a lattice, and the likelihood there, shape (intercepts, slopes).

        Here both are the same in all rows, so they must be as close as the better arm demands. Beyond a hundredth of
        the other arm's width nothing would change any more, so the treatment arm is taken to know no more than that.
        """
        (width, width_t), (centre, centre_t) = ([part[g] for part in pair] for pair in (self.widths, self.centres))
        known = max(width_t, width / 100)
        arm = Lattice(centre, 4 * width, 4 * width / min(_FINE * width, known))
        a, size, _ = union([self.lattices[0], arm], self.a_ends[0][g], self.a_ends[1][g])
        middle, both = centre_t - centre, np.hypot(width, known)
        lattice = Lattice(middle, 4 * both, 4 * both / (_FINE * known))
        low = max(self.b_ends[0][g], self.c_ends[0][g] - self.a_ends[1][g])
        high = min(self.b_ends[1][g], self.c_ends[1][g] - self.a_ends[0][g])
        b = lattice.between(low, high)[1]
        height = (width_t / known) ** 2 * (self.treatment.log_likelihood(a[:, None] + b, g) - self.tops[1][g])
        height += (self.control.log_likelihood(a, g) - self.tops[0][g])[:, None]
        return a, size, lattice, b, np.exp(height)


def _hull(ends: tuple[float, float], centre: np.ndarray, width: np.ndarray, without: np.ndarray):
    low, high = np.minimum(ends[0], centre - 7 * width), np.maximum(ends[1], centre + 7 * width)
    return np.where(without, ends[0], low), np.where(without, ends[1], high)
