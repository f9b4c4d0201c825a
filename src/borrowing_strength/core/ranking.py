"""Which of several uncertain numbers is the largest."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.polynomial import legendre

_CELLS = 1_000_000  # largest (panels x points x groups) array held at once: 8 MB
_POINT, _WIDTH = legendre.leggauss(8)
# The polynomial through values at the eight points, integrated from the panel's left end up to each of them.
_UP_TO = np.linalg.solve(
    legendre.legvander(_POINT, 7).T,
    legendre.legval(_POINT, legendre.legint(np.eye(8), lbnd=-1)),
).T

_MANY = 2_000  # groups; of more than these only those are compared that have a chance
_LEVELS = 1e-10, 1e-8, 1e-6, 1e-4, 0.001, 0.01, 0.05, 0.15, 0.3, 0.5, 0.7, 0.9

Density = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
Ends = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
Below = Callable[[np.ndarray, np.ndarray], np.ndarray]


def contenders(weight: np.ndarray, ends: Ends, below: Below, height: np.ndarray) -> np.ndarray:
    """Which of very many groups may be the largest: the others together are so with a probability below 1e-7.

    Given the node a group is the largest with a probability below that of lying above the largest M of three hundred
    others. Here M is rounded down to the next of some of its quantiles, so the bound stays one.

    Parameters
    ----------
    weight : ndarray, shape (nodes,)
    ends : callable
        Maps groups to the coordinates below and above which they practically never lie, shape (nodes, groups) each.
    below : callable
        Maps a coordinate for each node and groups to the probabilities of at most that, shape (nodes, groups).
    height : ndarray, shape (groups,)
        About how far up each group reaches.

    Returns
    -------
    ndarray of int, in order
    """
    if len(height) <= _MANY:
        return np.arange(len(height))
    lead = np.argsort(-height)[:300]
    lowest, highest = (end.max(axis=1) for end in ends(lead))
    chance = np.zeros(len(height))
    for least, most in pairwise((*_LEVELS, 1.0)):
        left, right = lowest, highest
        for _ in range(30):
            middle = (left + right) / 2
            surpassed = np.prod(below(middle, lead), axis=1) < least
            left, right = np.where(surpassed, middle, left), np.where(surpassed, right, middle)
        for some in np.array_split(np.arange(len(height)), 1 + len(height) * len(weight) // _CELLS):
            chance[some] += (most - least) * (weight @ (1 - below(left, some)))
    order = np.argsort(chance)
    return np.sort(order[np.cumsum(chance[order]) > 1e-7])


def compete(
    weight: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    sd: np.ndarray,
    density: Density,
    below: Density,
    value: Callable[[np.ndarray], np.ndarray] = np.positive,
    many: np.ndarray | None = None,
) -> tuple[np.ndarray, float]:
    """Probability that each group is the largest, and the expected value of the largest.

    Given the node the groups are independent, so ``P(i is largest) = int f_i(x) prod_{k != i} F_k(x) dx``. For every
    node the integral runs over short panels, by an eight-point Gauss-Legendre rule on each; the distribution functions
    are integrals over the same panels.

    Parameters
    ----------
    weight : ndarray, shape (nodes,)
        Probability of every node.
    low, high : ndarray, shape (nodes, groups)
        Coordinates below and above which a group practically never lies.
    sd : ndarray, shape (nodes, groups)
        Each group's width: its density is smooth over two of them.
    density : callable
        Maps nodes, shape (m,), coordinates, shape (m, points), and groups, shape (k,), to these groups' densities,
        shape (m, points, k).
    below : callable
        Maps nodes, shape (m,), one coordinate each, shape (m,), and groups, shape (k,), to the groups' probabilities of
        at most that, shape (m, k).
    value : callable
        Maps coordinates to values, for the expectation.
    many : ndarray, shape (groups,), optional
        How often each of them occurs; one each if not given.

    Returns
    -------
    prob : ndarray, shape (groups,)
        For one of those that are alike.
    best : float
    """
    prob, best = compete_at_nodes(low, high, sd, density, below, value, many)
    return weight @ prob, float(weight @ best)


def compete_at_nodes(
    low: np.ndarray,
    high: np.ndarray,
    sd: np.ndarray,
    density: Density,
    below: Density,
    value: Callable[[np.ndarray], np.ndarray] = np.positive,
    many: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """As `compete`, given each node: arrays of shape (nodes, groups) and (nodes,)."""
    # 1. Only groups that reach above everyone's lower end can be the largest; it is never below that end.
    prob, start = np.zeros(low.shape), low.max(axis=1)
    rivals = np.flatnonzero((high > start[:, None]).any(axis=0))
    low, high, sd = low[:, rivals], high[:, rivals], sd[:, rivals]
    times = np.ones(len(rivals)) if many is None else many[rivals]
    node, left, right = _panels(start, high.max(axis=1), low, high, sd)
    first = np.searchsorted(node, np.arange(len(low) + 1))
    won, total, best = np.zeros((len(low), len(rivals))), np.zeros(len(low)), np.zeros(len(low))
    # 2. Whole nodes at a time: the probability that each group is the largest and lies at a point.
    most = max(1, _CELLS // (_POINT.size * len(rivals)))
    begin = 0
    while begin < len(low):
        end = max(begin + 1, int(np.searchsorted(first, first[begin] + most, side="right")) - 1)
        part = slice(first[begin], first[end])
        half = (right[part] - left[part])[:, None] / 2
        x = left[part, None] + half * (1 + _POINT)
        f = density(node[part], x, rivals)
        inside = half[:, :, None] * np.einsum("xp,mpk->mxk", _UP_TO, f)
        whole = half * np.einsum("p,mpk->mk", _WIDTH, f)
        before = np.cumsum(whole, axis=0) - whole
        opening = first[begin:end] - first[begin]
        own = node[part] - begin
        at_start = below(np.arange(begin, end), start[begin:end], rivals)
        below_panel = before - before[opening][own] + at_start[own]
        cdf = np.clip(below_panel[:, None] + inside, 0, 1)
        wins = f * _product_of_others(cdf, times) * (half * _WIDTH)[..., None]
        won[begin:end] = np.add.reduceat(wins.sum(axis=1), opening, axis=0)
        total[begin:end] = won[begin:end] @ times
        best[begin:end] = np.add.reduceat(np.sum(wins @ times * value(x), axis=1), opening)
        begin = end
    # 3. What lies beyond the ends. The tails of those that reach so far fall alike, so each is as likely the best.
    nodes, top = np.arange(len(low)), high.max(axis=1)
    above, all_below = 1 - below(nodes, top, rivals), np.prod(below(nodes, start, rivals) ** times, axis=1)
    if above.max() > 1e-9 or all_below.max() > 1e-9:
        t = (1 + _POINT)[:, None, None] / 2
        at_top = above * np.einsum("t,tnk->nk", _WIDTH / 2, _product_of_others(1 - above * (1 - t), times))
        won += at_top + all_below[:, None] / times.sum()
        best += at_top @ times * value(top) + all_below * value(start)
        total = won @ times
    # 4. Each node's probabilities sum to one.
    prob[:, rivals] = won / total[:, None]
    return prob, best / total


def _panels(
    start: np.ndarray, stop: np.ndarray, low: np.ndarray, high: np.ndarray, sd: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Node and ends of panels, in order, that are nowhere longer than two sds of a group that varies there."""
    node, left, right = np.arange(len(start)), start, np.maximum(stop, start + 1e-12)
    done: list[np.ndarray] = []
    while node.size:
        middle = (left + right) / 2
        finest = np.empty(len(node))
        for k in np.array_split(np.arange(len(node)), 1 + len(node) * low.shape[1] // _CELLS):
            varies = (low[node[k]] < right[k, None]) & (high[node[k]] > left[k, None])
            finest[k] = np.where(varies, sd[node[k]], np.inf).min(axis=1)
        long = (
            (right - left > 2 * finest) & (left < middle) & (middle < right)
        )  # a number must be left between the ends
        done.append(np.stack([node[~long], left[~long], right[~long]]))
        node = np.repeat(node[long], 2)
        left, right = (
            np.stack(pair, axis=1).ravel() for pair in ((left[long], middle[long]), (middle[long], right[long]))
        )
    node, left, right = np.concatenate(done, axis=1)
    order = np.lexsort((left, node))
    return node[order].astype(int), left[order], right[order]


def _product_of_others(below: np.ndarray, times: np.ndarray) -> np.ndarray:
    """For each group the product over all the others, along the last axis, without a division."""
    others = np.ones_like(below)
    if times.max() > 1:
        others, below = below ** (times - 1), below**times
    others[..., 1:] *= np.cumprod(below[..., :-1], axis=-1)
    others[..., :-1] *= np.cumprod(below[..., :0:-1], axis=-1)[..., ::-1]
    return others
