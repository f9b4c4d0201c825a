"""One market's likelihood as the quadrature of lesson 04 sees it: a few points of (a, b), as fine as it needs.

    successes ~ Binomial(trials, expit(u)) under control, Binomial(trials, expit(v)) under treatment
    u = a - h b,   v = a + (1 - h) b,   h = 0 or 1/2: the coding (`below`)

Rows are values of a. In every row the values of b lie on the lattice of the population of slopes, refined where an
arm knows its log odds better than the lattice does: so an arm of ten and one of 10^9 can meet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from borrowing_strength.multilevel.lattice import TAPS, Lattice, lagrange, ragged, union
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

    def log_likelihood(self, x: np.ndarray, which: int | slice | np.ndarray = slice(None)) -> np.ndarray:
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
    a, spacing, finer : ndarray, shape (rows,)
        Intercept of a row, the distance to the next row, and how many points it has a cell of the slopes' lattice.
    row, cell, b, mass : ndarray, shape (points,)
        The point's row, the lattice's point on which it lies or the next one below, its slope; and its likelihood, less
        tangents and a constant, times the size of its cell.
    off, taps : ndarray, shape (points off the lattice,) and (8, points off the lattice)
        Those that lie between two of the lattice's points, and what each of their neighbours counts.
    """

    a: np.ndarray
    spacing: np.ndarray
    finer: np.ndarray
    row: np.ndarray
    cell: np.ndarray
    b: np.ndarray
    mass: np.ndarray
    off: np.ndarray
    taps: np.ndarray
    lattice: Lattice
    below: float
    trials: tuple[float, float] = (0.0, 0.0)  # under control and treatment

    @property
    def turn(self) -> np.ndarray:
        """How the slopes move with the intercept where an arm holds its log odds; 0 where neither says anything.

        If all were normal: their variance given the intercept times what the arms know about both.
        """
        h = self.below
        total = self._sums(self.mass) + 1e-300
        mean = self._sums(self.mass * self.b) / total
        variance = self._sums(self.mass * (self.b - mean[self.row]) ** 2) / total
        known, known_t = (
            n * expit(x) * expit(-x)
            for n, x in zip(self.trials, (self.a - h * mean, self.a + (1 - h) * mean), strict=True)
        )
        return np.clip(variance * (h * known - (1 - h) * known_t), -1 / (1 - h), 1 / (1 - h) if h else 0)

    def _sums(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.row, values, len(self.a))

    def on_lattice(self, first: int, count: int) -> np.ndarray:
        """What sums over b of the mass times a smooth function need to know: weights of its values on the lattice.

        The function is interpolated between the lattice's points `first`, `first + 1`, ...; shape (rows, count).
        """
        at, size = self.row * count + (self.cell - first), len(self.a) * count
        own, spread = self.mass.copy(), self.taps * self.mass[self.off]
        own[self.off] = 0
        sums = np.bincount(at, own, size)
        sums += np.bincount((at[self.off] + TAPS[:, None]).ravel(), spread.ravel(), size)
        return sums.reshape(-1, count)

    def from_lattice(self, values: np.ndarray, first: int) -> np.ndarray:
        """The transpose: functions of b, known on the lattice, shape (rows, count), at the row's own points."""
        at, values = self.row * values.shape[1] + (self.cell - first), values.ravel()
        found = values[at]
        found[self.off] = np.sum(self.taps * values[at[self.off] + TAPS[:, None]], axis=0)
        return found


class Markets:
    """The likelihoods of all markets, as the populations at some nodes can see them."""

    def __init__(self, control: Arms, treatment: Arms, below: float, of_a: Nodes, of_b: Nodes, fine: float = _FINE):
        self.control, self.treatment, self.lattices = control, treatment, (of_a.lattice, of_b.lattice)
        self.below, self.fine, h = below, fine, below
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

    def points(self, which: np.ndarray) -> Iterator[Points]:
        """Place some markets' points where both their likelihoods and the populations allow them to be."""
        of_a, of_b = self.lattices
        widths, centres, *_ = arms = self._arms(which)
        arms = [arm for arm in zip(self.x, *arms, strict=True) if arm[0]]  # that b moves
        # 1. Rows: dense around the population, both arms, and where the slopes' population sees one of them.
        seen = [Lattice(c - x * of_b.centre, np.hypot(4 * w, x * of_b.core), of_b.rate) for x, w, c, *_ in arms]
        level, width = (
            np.dot(self.weight, centres),
            np.hypot(*(k * w for k, w in zip(self.weight, widths, strict=True))),
        )
        lattices = Lattice.several([of_a, Lattice(level, 4 * width, 4 / self.fine), *seen], len(which))
        ends = (end[which] for end in self.a_ends)
        market, a, size, spacing = union(lattices, ~lattices.is_covered(of_a), *ends)
        # 2. In every row the slopes that both the arms and the population allow.
        low, high = (end[which][market] for end in self.b_ends)
        for x, _, _, *ends in arms:
            first, last = ((end[market] - a) / x for end in ends[:: 1 if x > 0 else -1])
            low, high = np.maximum(low, first), np.minimum(high, last)
        market, a, size, spacing, low, high = (part[low < high] for part in (market, a, size, spacing, low, high))
        refine = np.ones_like(a)
        for x, w, c, *_ in arms:
            wide = np.abs(np.clip((c[market] - a) / x, low, high) - of_b.centre) + (2 * w / abs(x))[market]
            refine = np.maximum(refine, np.ceil(of_b.spacing(of_b.centre + wide) / (self.fine * w / abs(x))[market]))
        low, high = of_b.place(low), of_b.place(high)
        refine = np.maximum(1, np.minimum(refine, np.floor(_LONG / (high - low))))
        first, last = np.floor(low * refine), np.ceil(high * refine)
        row, t = ragged((last - first + 1).astype(int))
        t = (t + first[row]) / refine[row]
        cell, b = np.floor(t).astype(int), of_b.at(t)
        off = np.flatnonzero(cell != t)
        taps = np.array(lagrange(t[off] - cell[off]))
        # 3. The likelihood there, times the size of a cell.
        mass = np.exp(self._height(a[row], b, which[market][row])) * (size / refine)[row] * of_b.spacing(b)
        edges = np.searchsorted(market, np.arange(len(which) + 1))
        for g, *rows in zip(which, edges, edges[1:], strict=False):
            rows, own = slice(*rows), slice(*np.searchsorted(row, rows))
            beside = slice(*np.searchsorted(off, (own.start, own.stop)))
            parts = row[own] - rows.start, cell[own], b[own], mass[own], off[beside] - own.start, taps[:, beside]
            trials = self.control.trials[g], self.treatment.trials[g]
            yield Points(a[rows], spacing[rows], refine[rows], *parts, of_b, self.below, trials)

    def _arms(self, which: int | np.ndarray) -> list[list[np.ndarray]]:
        """Widths, centres, and lower and upper ends of both arms' log odds in some markets."""
        ends = zip(self.u_ends, self.v_ends, strict=True)
        return [[part[which] for part in pair] for pair in (self.widths, self.centres, *ends)]

    def _height(self, a: np.ndarray, b: np.ndarray, g: int | np.ndarray, told: Sequence[float] = (1.0, 1.0)):
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
        lattices = Lattice.several([self.lattices[0], arm], 1)
        _, a, size, _ = union(lattices, np.ones((2, 1), dtype=bool), *(end[[g]] for end in self.a_ends))
        near = _FINE * min(w / abs(x) for x, w in zip(self.x, known, strict=True) if x)
        lattice = Lattice(centres[1] - centres[0], 4 * far, 4 * far / near)
        low, high = max(self.b_ends[0][g], lows[1] - highs[0]), min(self.b_ends[1][g], highs[1] - lows[0])
        b = lattice.between(low, high)[1]
        return a, size, lattice, b, np.exp(self._height(a[:, None], b, g, np.divide(widths, known) ** 2))


def _hull(ends: tuple[float, float], centre: np.ndarray, width: np.ndarray, without: np.ndarray):
    low, high = np.minimum(ends[0], centre - 7 * width), np.maximum(ends[1], centre + 7 * width)
    return np.where(without, ends[0], low), np.where(without, ends[1], high)
