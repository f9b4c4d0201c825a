"""How heavy the tail of a population is: its two parts, learned from an archive."""

import numpy as np

from borrowing_strength.headlines.archive import TwoSpreads, batches
from borrowing_strength.headlines.reading import read


def learn_tail(test: object, successes: object, trials: object) -> TwoSpreads:
    """Share and ratio of the two parts that explain an archive best.

    The exact likelihood, every test's level integrated out, is maximised over share, ratio and narrow spread. Weak
    priors keep a small archive off the edges: log odds of the share about 0 with sd 1.5, log(ratio - 1) about log 2
    with sd 0.7. Share and ratio are rounded, to two digits and one: an archive of thousands of tests knows no more.

    Parameters
    ----------
    test, successes, trials
        As in `fit`.

    Returns
    -------
    TwoSpreads
        For `fit(..., population=...)`.

    Examples
    --------
    >>> import borrowing_strength as bs
    >>> bs.headlines.learn_tail(["S", "S", "T", "T", "T"], [40, 61, 12, 9, 10], [3000, 3100, 900, 950, 940])
    TwoSpreads(share=0.38, ratio=2.6)
    """
    from scipy.optimize import minimize

    number_of, _, y, n, _ = read(test, successes, trials, None)
    parts = batches(number_of, y, n, None)

    def loss(x: np.ndarray) -> float:
        odds, above, spread = np.exp(np.clip(x, -12, [12, 4, 1]))
        population = TwoSpreads(odds / (1 + odds), 1 + above)
        for batch in parts:
            batch.population = population
        log_prior = -((x[0] / 1.5) ** 2 + ((x[1] - np.log(2)) / 0.7) ** 2 + (spread / 0.5) ** 2) / 2 + x[2]
        return -log_prior - sum(batch.levels(spread, 1e-3).log_evidence.sum() for batch in parts)

    start = np.log([0.5, 2, 0.12])
    steep = 0.0025 * np.sqrt(len(y))  # a slope that moves share and ratio by less than they are rounded
    odds, above, _ = np.exp(minimize(loss, start, method="BFGS", options={"gtol": steep, "eps": 1e-5}).x)
    return TwoSpreads(float(np.clip(round(odds / (1 + odds), 2), 0.01, 0.99)), max(round(1 + float(above), 1), 1.1))
