"""Which of several markets has the largest slope, in lesson 04."""

from collections.abc import Iterator, Sequence

import numpy as np

from borrowing_strength.core.ranking import compete
from borrowing_strength.core.threads import one_thread
from borrowing_strength.multilevel.engine import Solution
from borrowing_strength.multilevel.lattice import TAPS, Lattice, lagrange, running_integral
from borrowing_strength.multilevel.modes import Standardised
from borrowing_strength.multilevel.nodes import Nodes

_LEFT_OUT = 3e-4
_CELLS = 4_000_000  # table entries held at once
_T = np.arange(-24, 25)  # where a slope's distribution given the populations is tabulated
_CORE, _RATE = 4.0, 10.5  # so these points reach 20 sds to both sides


def largest_slope(solution: Solution, counts: np.ndarray, chosen: Sequence[int]) -> tuple[np.ndarray, float]:
    """Probability that each of the chosen markets has the largest slope among them, and the largest one's mean.

    Given the populations the markets are independent. Where all share one slope the tie is split evenly.
    """
    with one_thread():
        coarse = solution.coarser()
    mass, view = coarse.mass, coarse.view
    if np.all(view.of_b.sd < 1e-8):
        return np.full(len(chosen), 1 / len(chosen)), float(mass.sum(axis=0) @ view.of_b.mean)
    # 1. The pairs of nodes that hold nearly all of the mass, the heaviest first.
    order = np.argsort(mass, axis=None)
    order = order[np.cumsum(mass.ravel()[order]) > _LEFT_OUT * (mass.size > 1)][::-1]
    i, j = np.unravel_index(order, mass.shape)
    likelihoods = [view.of_slope(g) for g in chosen]
    # 2. Given a pair, who is the largest; a piece of them at a time.
    won, best, total = np.zeros(len(chosen)), 0.0, 0.0
    size = max(1, _CELLS // (len(chosen) * len(_T)))
    for part in (slice(k, k + size) for k in range(0, len(order), size)):
        pairs = view.of_a.take(i[part]), view.of_b.take(j[part])
        tables = _Tables(*pairs, counts[:, list(chosen)], view.markets.below)
        heights = [one.at(i[part], tables.x[:, k]) for k, one in enumerate(likelihoods)]
        tables.fill(np.stack(heights, axis=1), view.slope_b[list(chosen)])
        weight = mass[i[part], j[part]][tables.kept]
        share, mean = compete(weight / weight.sum(), *tables.ends, tables.sd, tables.height, tables.share)
        won, best, total = won + weight.sum() * share, best + weight.sum() * mean, total + weight.sum()
    return won / total, float(best / total)


class _Tables:
    """Distributions of slopes given pairs of the populations' nodes, as tables of shape (pairs, markets, points)."""

    def __init__(self, of_a: Nodes, of_b: Nodes, counts: np.ndarray, below: float):
        """Where each slope is: around its mode, as wide as it would be if it were normal."""
        model = Standardised(of_a, of_b, counts, below)
        mode, triangle = model.laplace()
        self.of_b, self.centre, self.sd = of_b, model.effects(mode)[1], of_b.sd[:, None] / triangle[2]
        self.x = self.centre[..., None] + _CORE * self.sd[..., None] * np.sinh(_T / _RATE)

    def fill(self, likelihood: np.ndarray, slope: np.ndarray) -> None:
        """From the likelihood of the slope alone, up to a factor, and what has been taken out of it."""
        mean, sd = self.of_b.mean[:, None, None], self.of_b.sd[:, None, None]
        half = 0.5 * ((self.x - mean - slope[:, None] * sd**2) / sd) ** 2
        density = likelihood * np.exp(half.min(axis=2, keepdims=True) - half)
        below = running_integral(density * _CORE / _RATE * self.sd[..., None] * np.cosh(_T / _RATE))
        # Nodes stand for their neighbourhood. Where one taken by itself contradicts a market, its neighbours speak.
        self.kept = np.all(below[..., -1] > 1e-100, axis=1)
        whole = below[self.kept, :, -1:]
        self.density, self.below = density[self.kept] / whole, below[self.kept] / whole
        self.centre, self.sd, self.x = self.centre[self.kept], self.sd[self.kept], self.x[self.kept]

    @property
    def ends(self) -> list[np.ndarray]:
        """Slopes below and above which next to nothing lies, shape (pairs, markets) each."""
        first = np.maximum(np.argmax(self.below > 1e-10, axis=2) - 1, 0)
        last = np.minimum(np.argmax(self.below > 1 - 1e-10, axis=2) + 1, len(_T) - 1)
        return [np.take_along_axis(self.x, end[..., None], axis=2)[..., 0] for end in (first, last)]

    def height(self, pair: np.ndarray, x: np.ndarray, markets: np.ndarray) -> np.ndarray:
        """Densities at `x`, shape (m, points, markets)."""
        return np.maximum(np.stack(list(self._look_up(self.density, pair, x, markets)), axis=-1), 0)

    def share(self, pair: np.ndarray, x: np.ndarray, markets: np.ndarray) -> np.ndarray:
        """Distribution functions at one `x` each, shape (m, markets)."""
        return np.clip(np.concatenate(list(self._look_up(self.below, pair, x[:, None], markets)), axis=1), 0, 1)

    def _look_up(self, table: np.ndarray, pair: np.ndarray, x: np.ndarray, markets: np.ndarray) -> Iterator[np.ndarray]:
        for g in markets:  # what fits the cache is quick
            lattice = Lattice(self.centre[pair, g, None], _CORE * self.sd[pair, g, None], _RATE)
            t = np.clip(lattice.place(x) - _T[0], 0, len(_T) - 1)
            cell = np.minimum(t.astype(int), len(_T) - 2)
            start, found = ((pair * table.shape[1] + g) * len(_T))[:, None], 0.0
            for tap, weight in zip(TAPS, lagrange(t - cell), strict=True):
                found = found + weight * table.ravel()[start + np.clip(cell + tap, 0, len(_T) - 1)]
            yield found
