"""Which of several uncertain numbers is the largest."""

from collections.abc import Callable

import numpy as np
from numpy.polynomial.legendre import leggauss

_CELLS = 1_000_000  # largest (panels x points x groups) array held at once: 8 MB
_POINT, _WIDTH = leggauss(8)

Given = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def compete(
    weight: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    sd: np.ndarray,
    given: Given,
    value: Callable[[np.ndarray], np.ndarray] = np.positive,
) -> tuple[np.ndarray, float]:
    """Probability that each group is the largest, and the expected value of the largest.

    Given the node the groups are independent, so ``P(i is largest) = int f_i(x) prod_{k != i} F_k(x) dx``. For every
    node the integral runs over short panels, by an eight-point Gauss-Legendre rule on each.

    Parameters
    ----------
    weight : ndarray, shape (nodes,)
        Probability of every node.
    low, high : ndarray, shape (nodes, groups)
        Coordinates below and above which a group practically never lies.
    sd : ndarray, shape (nodes, groups)
        Each group's width: its density is smooth over two of them.
    given : callable
        Maps nodes, shape (m,), coordinates, shape (m, points), and groups, shape (k,), to these groups' density and
        distribution function there, two arrays of shape (m, points, k). The density may lack a factor of the node.
    value : callable
        Maps coordinates to values, for the expectation.

    Returns
    -------
    prob : ndarray, shape (groups,)
    best : float
    """
    # 1. Only groups that reach above everyone's lower end can be the largest; it is never below that end.
    prob, start = np.zeros(low.shape[1]), low.max(axis=1)
    rivals = np.flatnonzero((high > start[:, None]).any(axis=0))
    low, high, sd = low[:, rivals], high[:, rivals], sd[:, rivals]
    node, left, right = _panels(start, high.max(axis=1), low, high, sd)
    # 2. In pieces: the probability that each group is the largest and lies at a point.
    size = max(1, _CELLS // (_POINT.size * len(rivals)))
    won, total, best = np.zeros((len(weight), len(rivals))), np.zeros(len(weight)), np.zeros(len(weight))
    for part in (slice(i, i + size) for i in range(0, len(node), size)):
        half = (right[part] - left[part])[:, None] / 2
        x = left[part, None] + half * (1 + _POINT)
        density, below = given(node[part], x, rivals)
        wins = density * _product_of_others(below) * (half * _WIDTH)[..., None]
        np.add.at(won, node[part], wins.sum(axis=1))
        np.add.at(total, node[part], wins.sum(axis=(1, 2)))
        np.add.at(best, node[part], np.sum(wins.sum(axis=2) * value(x), axis=1))
    # 3. Each node's probabilities sum to one; then average over the nodes.
    share = weight / total
    prob[rivals] = share @ won
    return prob, float(share @ best)


def _panels(
    start: np.ndarray, stop: np.ndarray, low: np.ndarray, high: np.ndarray, sd: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Node, left and right end of panels that are nowhere longer than two sds of a group that varies there."""
    node, left, right = np.arange(len(start)), start, np.maximum(stop, start + 1e-12)
    done: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    while node.size:
        length, middle = right - left, (left + right) / 2
        varies = (low[node] < right[:, None]) & (high[node] > left[:, None])
        finest = np.where(varies, sd[node], np.inf).min(axis=1)
        long = (length > 2 * finest) & (left < middle) & (middle < right)  # a number must be left between the ends
        done.append((node[~long], left[~long], right[~long]))
        node = np.repeat(node[long], 2)
        left, right = (
            np.stack(pair, axis=1).ravel() for pair in ((left[long], middle[long]), (middle[long], right[long]))
        )
    return tuple(map(np.concatenate, zip(*done, strict=True)))


def _product_of_others(below: np.ndarray) -> np.ndarray:
    """For each group the product over all the others, along the last axis, without a division."""
    others = np.ones_like(below)
    others[..., 1:] = np.cumprod(below[..., :-1], axis=-1)
    others[..., :-1] *= np.cumprod(below[..., :0:-1], axis=-1)[..., ::-1]
    return others
