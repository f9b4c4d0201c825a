"""How to test next: what a design is expected to gain, given the population of arms."""

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

from borrowing_strength.core.inputs import fits, positive, whole_number, whole_numbers
from borrowing_strength.core.options import a_kind_of
from borrowing_strength.headlines.archive import TwoSpreads, log_parts, log_sum, shapes

if TYPE_CHECKING:
    import pandas as pd


def expected_gain(
    spread: float, level: float, visitors: int, arms: object, each: object, population: TwoSpreads | None = None
) -> "pd.DataFrame":
    """Clicks gained over showing any one arm to everybody, as a share, for every design.

    A design shows some arms to `each` visitors, and the one with the most clicks to all who are left. Arms with m
    clicks have equal expected qualities, so the sum over the counts of the winner is exact: it has k clicks with
    probability ``F(k)**arms - F(k - 1)**arms``.

    Parameters
    ----------
    spread, level : float
        Spread of arms, such as `post.spread.mean`, and the click rate that an average arm has.
    visitors : int
        Everybody, test and rest together.
    arms, each : array_like of int
        Numbers of arms, and of visitors an arm in the test.
    population : TwoSpreads, optional
        As in `fit`.

    Returns
    -------
    pandas.DataFrame
        One row for each number of arms, one column for each number of visitors; missing where there are too few.
    """
    import pandas as pd

    spread, level, visitors = positive("spread", spread), positive("level", level), whole_number("visitors", visitors)
    if population is not None:
        a_kind_of(TwoSpreads, "population", population)
    arms, each = whole_numbers("arms", arms), whole_numbers("each", each)
    widest = level * (1 + 12 * spread * (population.ratio if population else 1))
    fits("each", each, 4 * widest), fits("arms", arms, len(each))
    of, gain = shapes(spread, population), np.full((len(arms), len(each)), np.nan)
    for j, n in enumerate(each):
        # 1. The chance of every count, and the expected quality of an arm that has it.
        k = np.arange(int(n * widest + 60))
        parts = log_parts(k, n, np.log(level), of)
        whole = log_sum(parts)
        pmf = np.exp(whole + k * np.log(n) - gammaln(k + 1))
        quality = sum(np.exp(p - whole) * (c + k) / (c + n * level) for p, (_, c) in zip(parts, of, strict=True))
        below = np.minimum(np.cumsum(pmf), 1)
        # 2. The same for the best of several; those who are left get it.
        for i, m in enumerate(arms):
            if m * n <= visitors:
                best = np.sum(np.diff(below**m, prepend=0) * quality)
                gain[i, j] = (1 - m * n / visitors) * (best - 1)
    return pd.DataFrame(gain, index=pd.Index(arms, name="arms"), columns=pd.Index(each, name="each"))
