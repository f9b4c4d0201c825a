"""Which of several markets has the largest slope, in lesson 04."""

from collections.abc import Iterator, Sequence

import numpy as np

from borrowing_strength.core.ranking import compete
from borrowing_strength.multilevel.draws import Standardised
from borrowing_strength.multilevel.engine import Solution, View, one_thread
from borrowing_strength.multilevel.lattice import TAPS, Lattice, lagrange, running_integral

_LEFT_OUT = 1e-4
_T = np.arange(-24, 25)  # where a slope's distribution given the populations is tabulated
_CORE, _RATE = 4.0, 10.5  # so these points reach 20 sds to both sides


@one_thread
def largest_slope(solution: Solution, counts: np.ndarray, chosen: Sequence[int]) -> tuple[np.ndarray, float]:
    """Probability that each of the chosen markets has the largest slope among them, and the largest one's mean.

    Given the populations the markets are independent. Where all share one slope the tie is split evenly.
    """
    coarse = solution.coarser()
    mass, view = coarse.mass, coarse.view
    if np.all(view.of_b.sd < 1e-8):
        return np.full(len(chosen), 1 / len(chosen)), float(mass.sum(axis=0) @ view.of_b.mean)
    # 1. The pairs of nodes that hold nearly all of the mass.
    order = np.argsort(mass, axis=None)
    i, j = np.unravel_index(order[np.cumsum(mass.ravel()[order]) > _LEFT_OUT * (mass.size > 1)], mass.shape)
    of_a, of_b = view.of_a.take(i), view.of_b.take(j)
    # 2. Where each slope is, given each pair: its mode and its sd if it were normal.
    model = Standardised(of_a, of_b, counts[:, None, list(chosen)])
    mode, triangle = model.laplace()
    centre, sd = model.log_odds(mode)[1], of_b.sd[:, None] / triangle[2]
    # 3. Its distribution, in a table.
    x = centre[..., None] + _CORE * sd[..., None] * np.sinh(_T / _RATE)
    density = np.stack([_density(view, g, i, j, x[:, k]) for k, g in enumerate(solution.which[list(chosen)])], axis=1)
    spacing = _CORE / _RATE * sd[..., None] * np.cosh(_T / _RATE)
    below = running_integral(density * spacing)
    # Nodes stand for their neighbourhood. Where one taken by itself contradicts a market, its neighbours speak.
    fine = np.all(below[..., -1] > 1e-100, axis=1)
    weight, centre, sd, x, density, below = (part[fine] for part in (mass[i, j], centre, sd, x, density, below))
    density, below = density / below[..., -1:], below / below[..., -1:]
    low, high = (np.take_along_axis(x, end[..., None], axis=2)[..., 0] for end in _ends(below))

    def look_up(table: np.ndarray, node: np.ndarray, at: np.ndarray, markets: np.ndarray) -> Iterator[np.ndarray]:
        """The table's values at `at`, shape (nodes, points), market by market: what fits the cache is quick."""
        for g in markets:
            lattice = Lattice(centre[node, g, None], _CORE * sd[node, g, None], _RATE)
            t = np.clip(lattice.place(at) - _T[0], 0, len(_T) - 1)
            cell = np.minimum(t.astype(int), len(_T) - 2)
            start, found = ((node * table.shape[1] + g) * len(_T))[:, None], 0.0
            for tap, weight in zip(TAPS, lagrange(t - cell), strict=True):
                found = found + weight * table.ravel()[start + np.clip(cell + tap, 0, len(_T) - 1)]
            yield found

    def height(node: np.ndarray, x: np.ndarray, markets: np.ndarray) -> np.ndarray:
        return np.maximum(np.stack(list(look_up(density, node, x, markets)), axis=-1), 0)

    def share(node: np.ndarray, x: np.ndarray, markets: np.ndarray) -> np.ndarray:
        return np.clip(np.concatenate(list(look_up(below, node, x[:, None], markets)), axis=1), 0, 1)

    return compete(weight / weight.sum(), low, high, sd, height, share)


def _ends(below: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places in the tables below and above which next to nothing lies."""
    first = np.argmax(below > 1e-10, axis=2) - 1
    last = np.argmax(below > 1 - 1e-10, axis=2) + 1
    return np.maximum(first, 0), np.minimum(last, below.shape[2] - 1)


def _density(view: View, g: int, i: np.ndarray, j: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Density of one market's slope at `x`, shape (pairs, points), given the pairs of nodes, up to a constant."""
    lattice, first, likelihood = view.of_slope(g)
    t = lattice.place(x) - first
    cell = np.clip(np.floor(t), 3, likelihood.shape[1] - 5).astype(int)
    inside = (t >= 0) & (t <= likelihood.shape[1] - 1)
    height = sum(w * likelihood[i[:, None], cell + tap] for tap, w in zip(TAPS, lagrange(t - cell), strict=True))
    slope, sd = view.slope_b[g], view.of_b.sd[j][:, None]
    z = (x - view.of_b.mean[j][:, None] - slope * sd**2) / sd
    half = 0.5 * z**2
    return np.where(inside, np.maximum(height, 0), 0) * np.exp(half.min(axis=1, keepdims=True) - half)
