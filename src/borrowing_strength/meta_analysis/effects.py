"""From what two arms of an experiment recorded to one effect with its standard error."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from borrowing_strength.core.inputs import counts, number, numbers, positives, refuse, tails
from borrowing_strength.core.rows import labels_of, row_names, same_rows

if TYPE_CHECKING:
    import pandas as pd

COUNTS = ("control_successes", "control_trials", "treatment_successes", "treatment_trials")
MEANS = ("control_mean", "control_standard_error", "treatment_mean", "treatment_standard_error")


class Effects(NamedTuple):
    """One effect a test. Pandas Series where the input had labels, arrays where it had none.

    Attributes
    ----------
    estimate, standard_error : ndarray or pandas.Series, shape (tests,)
    """

    estimate: "np.ndarray | pd.Series"
    standard_error: "np.ndarray | pd.Series"


def relative_lift(
    control_successes: object,
    control_trials: object,
    treatment_successes: object,
    treatment_trials: object,
    *,
    labels: object = None,
) -> Effects:
    """Relative lift ``(p_t - p_c) / p_c`` of the conversion rate.

    The standard error is the delta method's, the square root of
    ``var(p_t) / p_c**2 + p_t**2 var(p_c) / p_c**4`` with ``var(p) = p (1 - p) / n``.

    Parameters
    ----------
    control_successes, control_trials, treatment_successes, treatment_trials : array_like of int, shape (tests,)
        Counts of the two arms.
    labels : sequence, optional
        Names of the tests; a pandas Series brings its index.

    Returns
    -------
    Effects

    Raises
    ------
    ValueError
        For counts that are not counts, an arm without trials, a control or a treatment without conversions (the
        lift, or its standard error, cannot be computed), and arms that both convert always.
    """
    columns = (control_successes, control_trials, treatment_successes, treatment_trials)
    y_c, n_c, y_t, n_t = arms(columns)
    cure = "log_risk_ratio(..., correction=0.5) can use the row"
    refuse(COUNTS[0], y_c, y_c == 0, f"a control without conversions leaves the relative lift undefined; {cure}")
    refuse(COUNTS[2], y_t, y_t == 0, f"a treatment without conversions would get a standard error of 0; {cure}")
    refuse(COUNTS[2], y_t, (y_c == n_c) & (y_t == n_t), "both arms always convert, so the standard error would be 0")
    p_c, p_t = y_c / n_c, y_t / n_t
    return _lift(p_c, p_c * (1 - p_c) / n_c, p_t, p_t * (1 - p_t) / n_t, columns, labels)


def relative_lift_of_means(
    control_mean: object,
    control_standard_error: object,
    treatment_mean: object,
    treatment_standard_error: object,
    *,
    labels: object = None,
) -> Effects:
    """Relative lift of any mean (revenue a user, time on a page), from the means and their standard errors.

    Parameters
    ----------
    control_mean, control_standard_error, treatment_mean, treatment_standard_error : array_like, shape (tests,)
        Control means must be positive, and should be many standard errors away from zero.
    labels : sequence, optional
        Names of the tests; a pandas Series brings its index.

    Returns
    -------
    Effects
        As for `relative_lift`, with the squared standard errors in place of the binomial variances.
    """
    columns = (control_mean, control_standard_error, treatment_mean, treatment_standard_error)
    checks = (positives, positives, numbers, positives)
    m_c, se_c, m_t, se_t = (check(name, column) for check, name, column in zip(checks, MEANS, columns, strict=True))
    _one_row_each(MEANS, (m_c, se_c, m_t, se_t), columns)
    return _lift(m_c, se_c**2, m_t, se_t**2, columns, labels)


def log_risk_ratio(
    control_successes: object,
    control_trials: object,
    treatment_successes: object,
    treatment_trials: object,
    *,
    correction: float | None = None,
    labels: object = None,
) -> Effects:
    """Logarithm of ``p_t / p_c``, with standard error ``sqrt(1/y_t - 1/n_t + 1/y_c - 1/n_c)``.

    Parameters
    ----------
    control_successes, control_trials, treatment_successes, treatment_trials, labels
        As for `relative_lift`.
    correction : float, optional
        Added to all four cells (successes and failures of both arms) of a test in which one of them is zero;
        0.5 is customary. Without it such a test is refused.

    Returns
    -------
    Effects
    """
    columns = (control_successes, control_trials, treatment_successes, treatment_trials)
    y_c, n_c, y_t, n_t = _without_empty_cells(columns, correction)
    variance = 1 / y_t - 1 / n_t + 1 / y_c - 1 / n_c
    return _effects(np.log(y_t / n_t) - np.log(y_c / n_c), np.sqrt(variance), columns, labels)


def log_odds_ratio(
    control_successes: object,
    control_trials: object,
    treatment_successes: object,
    treatment_trials: object,
    *,
    correction: float | None = None,
    labels: object = None,
) -> Effects:
    """Logarithm of the ratio of the odds, with the root of the summed inverse cells as standard error (Woolf, 1955).

    Parameters and result as for `log_risk_ratio`.
    """
    columns = (control_successes, control_trials, treatment_successes, treatment_trials)
    y_c, n_c, y_t, n_t = _without_empty_cells(columns, correction)
    f_c, f_t = n_c - y_c, n_t - y_t
    return _effects(
        np.log(y_t / f_t) - np.log(y_c / f_c), np.sqrt(1 / y_t + 1 / f_t + 1 / y_c + 1 / f_c), columns, labels
    )


def risk_difference(
    control_successes: object,
    control_trials: object,
    treatment_successes: object,
    treatment_trials: object,
    *,
    labels: object = None,
) -> Effects:
    """Difference ``p_t - p_c`` of the rates, with standard error ``sqrt(var(p_t) + var(p_c))``.

    Parameters and result as for `relative_lift`. Refused where every trial of each arm ended the same way.
    """
    columns = (control_successes, control_trials, treatment_successes, treatment_trials)
    y_c, n_c, y_t, n_t = arms(columns)
    p_c, p_t = y_c / n_c, y_t / n_t
    variance = p_t * (1 - p_t) / n_t + p_c * (1 - p_c) / n_c
    cure = 'pymc_model_of_counts(..., effect="risk_difference") can use the row'
    certain = "no outcome varies within either arm, so the standard error would be 0"
    refuse(COUNTS[0], y_c, variance == 0, f"{certain}; {cure}")
    return _effects(p_t - p_c, np.sqrt(variance), columns, labels)


def delta_method_error(
    control_successes: object,
    control_trials: object,
    treatment_successes: object,
    treatment_trials: object,
    *,
    prob: float = 0.95,
    labels: object = None,
) -> "pd.DataFrame":
    """How far the normal approximation to the relative lift is off, if the observed rates were the true ones.

    The two counts are binomial, so bias, standard deviation and coverage are sums over their distributions. Nothing
    is simulated. The sums run over every control count that has a chance above 1e-13, or over 20,000
    evenly spaced ones where there are more (from 2 million conversions on; the rest is then smooth).

    Parameters
    ----------
    control_successes, control_trials, treatment_successes, treatment_trials, labels
        As for `relative_lift`.
    prob : float
        Nominal coverage of the interval estimate ± z standard errors.

    Returns
    -------
    pandas.DataFrame
        One row a test: `estimate`; `standard_error` of the delta method; `exact_sd` of the estimate; its `bias`;
        `coverage`, the probability that the interval holds the true lift; `too_low` and `too_high`, that it lies
        below or above it; `undefined`, the probability that the control has no conversion. All but the last
        given that it has one.
    """
    import pandas as pd
    from scipy.special import ndtri

    columns = (control_successes, control_trials, treatment_successes, treatment_trials)
    effects = relative_lift(*columns, labels=labels)
    z = ndtri(tails(prob)[1])
    rows = [_exact_error(*row, z) for row in zip(*arms(columns), strict=True)]
    frame = pd.DataFrame(rows, columns=["exact_sd", "bias", "coverage", "too_low", "too_high", "undefined"])
    frame.insert(0, "estimate", np.asarray(effects.estimate))
    frame.insert(1, "standard_error", np.asarray(effects.standard_error))
    return frame.set_axis(pd.Index(labels_of(labels, len(frame), *columns), name="test"))


def arms(columns: Sequence[object], names: Sequence[str] = COUNTS) -> tuple[np.ndarray, ...]:
    """Successes and trials of both arms as checked arrays of floats: one row a test, no arm without trials."""
    checked = (*counts(*columns[:2], names=names[:2]), *counts(*columns[2:], names=names[2:]))
    _one_row_each(names, checked, columns)
    checked = tuple(column.astype(float) for column in checked)
    for name, trials in zip(names[1::2], checked[1::2], strict=True):
        refuse(name, trials, trials == 0, "an arm without trials has no rate; drop the row")
    return checked


def _one_row_each(names: Sequence[str], checked: Sequence[np.ndarray], columns: Sequence[object]) -> None:
    same_rows(dict(zip(names, columns, strict=True)), checked)


def _without_empty_cells(columns: Sequence[object], correction: float | None) -> tuple[np.ndarray, ...]:
    y_c, n_c, y_t, n_t = arms(columns)
    empty = [(y_c == 0) | (y_c == n_c), (y_t == 0) | (y_t == n_t)]
    if correction is None:
        for name, y, bad in zip(COUNTS[::2], (y_c, y_t), empty, strict=True):
            reason = (
                "all or none of the arm's trials succeeded; correction=0.5 adds half a trial to every cell of the row"
            )
            refuse(name, y, bad, reason)
        return y_c, n_c, y_t, n_t
    wanted = "a number above 0 and at most 1, such as 0.5"
    correction = number("correction", correction, wanted)
    if not 0 < correction <= 1:
        raise ValueError(f"correction is {correction!r}: it must be {wanted}")
    add = np.where(empty[0] | empty[1], correction, 0.0)
    return y_c + add, n_c + 2 * add, y_t + add, n_t + 2 * add


def _lift(
    m_c: np.ndarray, var_c: np.ndarray, m_t: np.ndarray, var_t: np.ndarray, columns: Sequence[object], labels: object
) -> Effects:
    variance = var_t / m_c**2 + m_t**2 * var_c / m_c**4
    return _effects((m_t - m_c) / m_c, np.sqrt(variance), columns, labels)


def _effects(estimate: np.ndarray, error: np.ndarray, columns: Sequence[object], labels: object) -> Effects:
    if labels is None and row_names("the data", *columns) is None:
        return Effects(estimate, error)
    import pandas as pd

    index = pd.Index(labels_of(labels, len(estimate), *columns), name="test")
    return Effects(pd.Series(estimate, index, name="estimate"), pd.Series(error, index, name="standard_error"))


def _exact_error(y_c: float, n_c: float, y_t: float, n_t: float, z: float) -> tuple[float, ...]:
    from scipy.stats import binom

    p_c, p_t = y_c / n_c, y_t / n_t
    control = binom(n_c, p_c)
    first, last = max(1.0, control.ppf(1e-13)), control.isf(1e-13)
    seen = np.arange(first, last + 1, max(1.0, (last - first) // 20_000))
    weight = control.pmf(seen)
    weight, x = weight / weight.sum(), seen / n_c
    ratio = p_t * (weight @ (1 / x))
    square = (p_t**2 + p_t * (1 - p_t) / n_t) * (weight @ (1 / x**2))
    low, high = _covering(x, p_t / p_c, z**2 / n_t, z**2 * (1 - x) / (n_c * x))
    too_low = weight @ binom.cdf(np.ceil(low * n_t - 1e-9) - 1, n_t, p_t)
    too_high = weight @ binom.sf(np.floor(high * n_t + 1e-9), n_t, p_t)
    return np.sqrt(square - ratio**2), ratio - p_t / p_c, 1 - too_low - too_high, too_low, too_high, control.pmf(0)


def _covering(x: np.ndarray, ratio: float, own: float, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Treatment rates whose interval holds the true ratio, given control rates `x`: from low to high.

    A rate p is among them if ``(p - ratio x)**2 <= own p (1 - p) + other p**2``, a quadratic in p.
    """
    a, b, c = 1 + own - other, 2 * ratio * x + own, (ratio * x) ** 2
    root = np.sqrt(np.maximum(b**2 - 4 * a * c, 0))
    high = np.divide(b + root, 2 * a, out=np.full_like(x, np.inf), where=a > 0)
    return 2 * c / (b + root), np.minimum(high, 2.0)


def estimates(
    estimate: object, standard_error: object, labels: object
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Estimates, standard errors and labels, checked."""
    y, se = numbers("estimate", estimate), positives("standard_error", standard_error)
    same_rows({"estimate": estimate, "standard_error": standard_error}, (y, se))
    refuse("estimate", y, np.abs(y) > 1e50, "beyond 1e50 nothing can be computed; change the unit")
    return y, se, labels_of(labels, len(y), estimate, standard_error)
