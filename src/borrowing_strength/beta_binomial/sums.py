"""Sums of logs over the counts of all groups, at a cost that does not grow with the groups."""

import numpy as np
from numpy.polynomial import chebyshev


def exceedances(values: np.ndarray, multiplicity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for sums over ``i < value`` of a smooth function of ``i``.

    ``sum_j multiplicity_j * sum_{1 <= i < values_j} f(i)`` equals ``weights @ f(nodes)``: exactly
    for small `i`; from 16 on every octave is replaced by 14 Chebyshev nodes, which serve any
    f(i) = log(1 + i/a) with a > 0 to about 1e-10 of its size. The cost of a likelihood then
    depends on the logarithm of the largest count and not at all on the number of groups.

    Parameters
    ----------
    values : ndarray of int, shape (k,)
        Different counts, ascending.
    multiplicity : ndarray, shape (k,)
        How often each occurs.
    """
    top = int(values.max(initial=0))
    suffix = np.append(multiplicity[::-1].cumsum()[::-1], 0)
    start, nodes, weights = 1, [], []
    while start < top:
        stop = min(16 if start == 1 else 2 * start, top)
        if start > 1 and stop - start > 14:
            middle, half = (start + stop - 1) / 2, (stop - 1 - start) / 2
            if stop - start <= 4096:
                i = np.arange(start, stop)
                larger = suffix[np.searchsorted(values, i, side="right")]
                moments = chebyshev.chebvander((i - middle) / half, 13).T @ larger
            else:  # too many to be summed term by term
                inside = values > start
                ends = np.append(start, np.minimum(values[inside], stop))
                sums = _sums_below((ends - 0.5 - middle) / half, half)
                moments = (sums[:, 1:] - sums[:, :1]) @ multiplicity[inside]
            moments[1:] *= 2
            points = chebyshev.chebpts1(14)
            nodes.append(middle + half * points)
            weights.append(chebyshev.chebvander(points, 13) @ moments / 14)
        else:
            nodes.append(np.arange(start, stop))
            weights.append(suffix[np.searchsorted(values, nodes[-1], side="right")])
        start = stop
    return np.concatenate([[], *nodes]), np.concatenate([[], *weights])


def _sums_below(edge: np.ndarray, half: float) -> np.ndarray:
    """Sums of the first 14 Chebyshev polynomials over an even grid of step 1/half, up to `edge`; shape (14, edges).

    The midpoint rule with its first Euler-Maclaurin correction (DLMF 2.10.1), up to a constant.
    """
    each = np.eye(14)
    integral = chebyshev.chebval(edge, chebyshev.chebint(each))
    return half * integral - chebyshev.chebval(edge, chebyshev.chebder(each)) / (24 * half)
