"""One market's likelihood as the quadrature of lesson 04 sees it: a few points of (a, b), as fine as it needs.

    successes ~ Binomial(trials, expit(u)) under control, Binomial(trials, expit(v)) under treatment
    u = a - h b,   v = a + (1 - h) b,   h = 0 or 1/2: the coding (`below`)

Rows are values of a. In every row the values of b lie on the lattice of the population of slopes, refined where an
arm knows its log odds better than the lattice does: so an arm of ten and one of 10^9 can meet.
"""

from collections.abc import Sequence
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
    below: float
    trials: tuple[float, float] = (0.0, 0.0)  # under control and treatment

    @cached_property
    def b(self) -> np.ndarray:
        """The slopes, shape (rows, points)."""
        return self.lattice.at(self.t)

    @property
    def turn(self) -> np.ndarray:
        """How the slopes move with the intercept where an arm holds its log odds; 0 where neither says anything.

        If all were normal: their variance given the intercept times what the arms know about both.
        """
        h = self.below
        total = self.mass.sum(axis=1) + 1e-300
        mean = np.sum(self.mass * self.b, axis=1) / total
        variance = np.sum(self.mass * (self.b - mean[:, None]) ** 2, axis=1) / total
        known, known_t = (
            n * expit(x) * expit(-x)
            for n, x in zip(self.trials, (self.a - h * mean, self.a + (1 - h) * mean), strict=True)
        )
        return np.clip(variance * (h * known - (1 - h) * known_t), -1 / (1 - h), 1 / (1 - h) if h else 0)

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

    def __init__(self, control: Arms, treatment: Arms, below: float, of_a: Nodes, of_b: Nodes):
        self.control, self.treatment, self.lattices = control, treatment, (of_a.lattice, of_b.lattice)
        self.below = h = below
        self.x = -h, 1 - h  # log odds of an arm: a + x b
        self.weight = 1 - h, h  # so a is this much of either arm's log odds
        # A market lies between its population and its own data, which may be far outside the population.
        none = (control.trials == 0) | (treatment.trials == 0)
        width_b = np.hypot(control.width, treatment.width)
        none_a = (control.trials == 0) & ((treatment.trials == 0) | (h == 0))
        peak_a = (1 - h) * control.peak + h * treatment.peak
        width_a = np.hypot((1 - h) * control.width, h * treatment.width)
        a_low, a_high = _hull(of_a.reach, peak_a, width_a, none_a)
        self.b_ends = b_low, b_high = _hull(of_b.reach, treatment.peak - control.peak, width_b, none)
        # Where the arms' log odds are.
        u_low, u_high = control.support(a_low - h * b_high, a_high - h * b_low)
        v_low, v_high = self.v_ends = treatment.support(u_low + b_low, u_high + b_high)
        self.u_ends = u_low, u_high = np.maximum(u_low, v_low - b_high), np.minimum(u_high, v_high - b_low)
        self.a_ends = (
            np.maximum(u_low + h * b_low, v_low - (1 - h) * b_high),
            np.minimum(u_high + h * b_high, v_high - (1 - h) * b_low),
        )
        arms = (control, self.u_ends), (treatment, self.v_ends)
        self.tops = [arm.log_likelihood(arm.highest(*ends)) for arm, ends in arms]
        self.centres = [np.clip(arm.peak, *ends) for arm, ends in arms]
        self.widths = control.width, treatment.width

    def __len__(self) -> int:
        return len(self.control.trials)

    def points(self, g: int) -> Points:
        """Place one market's points where both its likelihood and the populations allow it to be."""
        of_a, of_b = self.lattices
        h, low, high = self.below, self.b_ends[0][g], self.b_ends[1][g]
        widths, centres, lows, highs = self._arms(g)
        arms = [arm for arm in zip(self.x, widths, centres, lows, highs, strict=True) if arm[0]]  # that b moves
        # 1. Rows: dense around the population, both arms, and where the slopes' population sees one of them.
        seen = [Lattice(c - x * of_b.centre, np.hypot(4 * w, x * of_b.core), of_b.rate) for x, w, c, *_ in arms]
        both = Lattice(np.dot(self.weight, centres), 4 * np.hypot(*np.multiply(self.weight, widths)), 4 / _FINE)
        finer = [extra for extra in (both, *seen) if not extra.is_covered(of_a)]
        a, size, spacing = union([of_a, *finer], self.a_ends[0][g], self.a_ends[1][g])
        # 2. In every row the slopes that both the arms and the population allow.
        for x, _, _, first, last in arms:
            ends = np.sort([(first - a) / x, (last - a) / x], axis=0)
            low, high = np.maximum(low, ends[0]), np.minimum(high, ends[1])
        a, size, spacing, low, high = (part[low < high] for part in (a, size, spacing, low, high))
        refine = np.ones_like(a)
        for x, w, c, *_ in arms:
            wide = np.abs(np.clip((c - a) / x, low, high) - of_b.centre) + 2 * w / abs(x)
            refine = np.maximum(refine, np.ceil(of_b.spacing(of_b.centre + wide) * abs(x) / (_FINE * w)))
        long = np.floor(_LONG / (of_b.place(high) - of_b.place(low)))
        refine = np.maximum(1, np.minimum(refine, long))
        first, last = np.floor(of_b.place(low) * refine), np.ceil(of_b.place(high) * refine)
        steps = first[:, None] + np.arange(int(np.max(last - first)) + 1)
        b = of_b.at(np.minimum(steps, last[:, None]) / refine[:, None])
        # 3. The likelihood there, times the size of a cell.
        height = self._height(a[:, None], b, g) + np.log(size / refine)[:, None]
        mass = np.where(steps > last[:, None], 0, np.exp(height) * of_b.spacing(b))
        places = (part.astype(int) for part in (first, last, refine))
        return Points(a, spacing, *places, mass, of_b, h, (self.control.trials[g], self.treatment.trials[g]))

    def _arms(self, g: int) -> list[list[float]]:
        """Widths, centres, and lower and upper ends of both arms' log odds in a market."""
        ends = zip(self.u_ends, self.v_ends, strict=True)
        return [[part[g] for part in pair] for pair in (self.widths, self.centres, *ends)]

    def _height(self, a: np.ndarray, b: np.ndarray, g: int, told: Sequence[float] = (1.0, 1.0)) -> np.ndarray:
        """Log likelihood, less a constant, where it takes `told` of each arm's information into account."""
        arms = zip((self.control, self.treatment), self.x, self.tops, told, strict=True)
        return sum(part * (arm.log_likelihood(a + x * b if x else a, g) - top[g]) for arm, x, top, part in arms)

    def slopes(self, g: int) -> tuple[np.ndarray, np.ndarray, Lattice, np.ndarray, np.ndarray]:
        """Intercepts with their weights, slopes on a lattice, and the likelihood there, shape (intercepts, slopes).

        Here both are the same in all rows, so they must be as close as the better arm demands. Beyond a hundredth of
        the other arm's width nothing would change any more, so an arm that b moves is taken to know no more than that.
        """
        widths, centres, lows, highs = self._arms(g)
        known = [max(w, other / 100) if x else w for x, w, other in zip(self.x, widths, widths[::-1], strict=True)]
        both, far = np.hypot(*np.multiply(self.weight, known)), np.hypot(*known)
        near = min(_FINE * both, *(w for x, w in zip(self.x, known, strict=True) if x))
        arm = Lattice(np.dot(self.weight, centres), 4 * both, 4 * both / near)
        a, size, _ = union([self.lattices[0], arm], self.a_ends[0][g], self.a_ends[1][g])
        near = _FINE * min(w / abs(x) for x, w in zip(self.x, known, strict=True) if x)
        lattice = Lattice(centres[1] - centres[0], 4 * far, 4 * far / near)
        low, high = max(self.b_ends[0][g], lows[1] - highs[0]), min(self.b_ends[1][g], highs[1] - lows[0])
        b = lattice.between(low, high)[1]
        return a, size, lattice, b, np.exp(self._height(a[:, None], b, g, np.divide(widths, known) ** 2))


def _hull(ends: tuple[float, float], centre: np.ndarray, width: np.ndarray, without: np.ndarray):
    low, high = np.minimum(ends[0], centre - 7 * width), np.maximum(ends[1], centre + 7 * width)
    return np.where(without, ends[0], low), np.where(without, ends[1], high)
