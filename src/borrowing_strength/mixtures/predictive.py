"""Posterior predictive checks: whether data that a fitted model generates look like the observed data."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from borrowing_strength.core.inputs import counts as checked_counts
from borrowing_strength.core.inputs import generator, number, numbers, within
from borrowing_strength.core.options import function
from borrowing_strength.core.rows import Labels, row_names, same_length, same_rows

_SAYS = "what statistic returns"


def overdispersion(successes: object, trials: object) -> float:
    """Spread of the groups around their pooled rate, in units of what one binomial would give: Pearson's X^2 / (J - 1).

    About 1 if all groups share one rate, more if their rates differ; 0 if all raw rates are equal.
    """
    y, n = checked_counts(successes, trials)
    if len(y) < 2:
        raise ValueError("successes has 1 row: the spread of groups needs at least two")
    if y.sum() in (0, n.sum()):
        kind = "success" if y.sum() == 0 else "failure"
        raise ValueError(f"successes holds no {kind} in any row: no spread is then expected, and none can be measured")
    return float(_overdispersion(y, n))


@dataclass(frozen=True)
class PredictiveCheck:
    """A statistic of the data, `observed`, and of data sets that the fitted model generates, `replicated`."""

    observed: float
    replicated: np.ndarray

    @property
    def p_value(self) -> float:
        """Share of simulated data sets with at least the observed statistic.

        Near 0 or 1 the model does not produce data like these, in this respect. It is not the probability
        that the model is right, and under a right model it is not uniform: the data were used to fit.
        """
        return float(np.mean(self.replicated >= self.observed))


def predictive_check(
    successes: object,
    trials: object,
    rates: object,
    *,
    seed: int,
    statistic: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
) -> PredictiveCheck:
    """Simulate the data set again from posterior draws of its rates, and compare a statistic.

    Parameters
    ----------
    successes, trials : array_like of int, shape (groups,)
    rates : array_like, shape (draws,), (draws, 1) or (draws, groups)
        Posterior draws: of one rate for all groups, or of one for each.
    seed : int
    statistic : callable, optional
        Maps counts (..., groups) and trials (groups,) to shape (...); the overdispersion if not given.
    """
    y, n = checked_counts(successes, trials)
    columns, rates = getattr(rates, "T", rates), within("rates", rates, 0, 1)
    if rates.ndim == 1 and len(rates) == len(y) > 1:
        raise ValueError(
            f"rates has shape {rates.shape}, one value a row of the data: raw rates are no posterior draws. "
            f"Give draws of each row's rate, shape (draws, {len(y)}), or of one rate for all, shape (draws, 1)"
        )
    rates = rates[:, None] if rates.ndim == 1 else rates
    if rates.ndim != 2 or rates.shape[1] not in (1, len(y)) or not len(rates):
        raise ValueError(f"rates has shape {rates.shape}: it must be (draws,) or (draws, {len(y)})")
    if rates.shape[1] == len(y):
        same_rows({"rates": columns}, groups=Labels(row_names("the data", successes, trials) or ()))
    statistic = _overdispersion if statistic is None else function("statistic", statistic)
    replicated = statistic(generator(seed).binomial(n, np.broadcast_to(rates, (len(rates), len(y)))), n)
    observed, replicated = number(_SAYS, statistic(y, n)), numbers(_SAYS, replicated)
    same_length(_SAYS, replicated, "rates", rates)
    return PredictiveCheck(observed, replicated)


def _overdispersion(y: np.ndarray, n: np.ndarray) -> np.ndarray:
    pooled = y.sum(axis=-1, keepdims=True) / max(n.sum(), 1)
    variance = n * pooled * (1 - pooled)
    squares = np.divide((y - n * pooled) ** 2, variance, where=variance > 0, out=np.zeros(y.shape))
    return squares.sum(axis=-1) / (y.shape[-1] - 1)
