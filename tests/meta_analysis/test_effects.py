"""From counts to effects."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from cases import COLUMNS, TWO_TESTS, columns
from numpy.testing import assert_allclose
from scipy import stats

from borrowing_strength import datasets
from borrowing_strength.meta_analysis import (
    HalfNormal,
    Prior,
    delta_method_error,
    fit,
    log_odds_ratio,
    log_risk_ratio,
    relative_lift,
    relative_lift_of_means,
    risk_difference,
)

pytestmark = pytest.mark.filterwarnings("error")


def test_effects_are_the_textbook_formulas():
    y_c, n_c, y_t, n_t = (np.array(column, dtype=float) for column in TWO_TESTS)
    p_c, p_t = y_c / n_c, y_t / n_t
    var_c, var_t = p_c * (1 - p_c) / n_c, p_t * (1 - p_t) / n_t
    lift = relative_lift(*TWO_TESTS)
    assert_allclose(lift.estimate, p_t / p_c - 1)
    assert_allclose(lift.standard_error**2, var_t / p_c**2 + p_t**2 * var_c / p_c**4)
    means = relative_lift_of_means(p_c, np.sqrt(var_c), p_t, np.sqrt(var_t))
    assert_allclose(means, lift)
    difference = risk_difference(*TWO_TESTS)
    assert_allclose(difference.estimate, p_t - p_c)
    assert_allclose(difference.standard_error, np.sqrt(var_c + var_t))
    ratio, odds = log_risk_ratio(*TWO_TESTS), log_odds_ratio(*TWO_TESTS)
    assert_allclose(np.exp(ratio.estimate), p_t / p_c)
    assert_allclose(ratio.standard_error, lift.standard_error * p_c / p_t)  # the delta method once more
    assert_allclose(np.exp(odds.estimate), p_t / (1 - p_t) / (p_c / (1 - p_c)))
    assert_allclose(odds.standard_error**2, 1 / y_c + 1 / (n_c - y_c) + 1 / y_t + 1 / (n_t - y_t))


def test_bcg_trials_are_those_of_the_literature():
    bcg = datasets.bcg_trials()
    effects = log_risk_ratio(
        *(bcg[c] for c in ("control_cases", "controls", "vaccinated_cases", "vaccinated")), labels=bcg["trial"]
    )
    assert effects.estimate.loc["1"] == pytest.approx(-0.8893, abs=5e-5)
    assert effects.standard_error.loc["1"] ** 2 == pytest.approx(0.3256, abs=5e-5)
    near, far = (effects.estimate[(bcg["latitude"] < 30).values == side].mean() for side in (True, False))
    assert far < near < 0  # protection grows with latitude
    post = fit(*effects, prior=Prior(mu_sd=1, effect_sd=HalfNormal(1)))
    assert -1.1 < post.mu.mean < -0.5
    assert 0.3 < post.effect_sd.mean < 1


def test_correction_touches_only_rows_that_need_it():
    counts = ([0, 5, 3, 7], [10, 10, 10, 7], [4, 6, 0, 3], [10, 10, 10, 8])
    plain = ([5], [10], [6], [10])
    for function in (log_risk_ratio, log_odds_ratio):
        effects = function(*counts, correction=0.5)
        assert effects.estimate[1] == function(*plain).estimate[0]
        for half in (np.float32(0.5), Decimal("0.5")):
            assert_allclose(function(*counts, correction=half).estimate, effects.estimate)
        assert np.isfinite(effects.estimate).all()
        assert np.all(effects.standard_error > 0)
        by_hand = function(
            *([2 * y + 1 for y in c] if i % 2 == 0 else [2 * n + 2 for n in c] for i, c in enumerate(counts))
        )
        assert_allclose(effects.estimate[[0, 2, 3]], by_hand.estimate[[0, 2, 3]])
        rows = r"control_successes\[0\] is 0: all or none.*also row 3"
        with pytest.raises(ValueError, match=rows):
            function(*counts)
        with pytest.raises(ValueError, match=r"treatment_successes\[2\] is 0: all or none"):
            function([5, 3, 5], [10] * 3, [6, 6, 0], [10] * 3)


def test_labels_travel_from_counts_to_summaries():
    frame = pd.DataFrame(dict(zip(COLUMNS, TWO_TESTS, strict=True)), index=["shop", "blog"])
    series = relative_lift(*columns(frame))
    assert list(series.estimate.index) == ["shop", "blog"]
    assert_allclose(series, relative_lift(*TWO_TESTS))
    assert fit(*series).labels == ("shop", "blog")
    assert fit(*relative_lift(*TWO_TESTS, labels=["a", "b"])).labels == ("a", "b")
    assert fit(*relative_lift(*TWO_TESTS)).labels == ("0", "1")
    with pytest.raises(
        ValueError, match=r"control_trials and control_successes have different row labels \(row 0 is 'blog'"
    ):
        relative_lift(frame[COLUMNS[0]], frame[COLUMNS[1]][::-1], frame[COLUMNS[2]], frame[COLUMNS[3]])
    with pytest.raises(ValueError, match=r"standard_error and estimate have different row labels"):
        fit(series.estimate, series.standard_error[::-1])


@pytest.mark.parametrize("row", [(3, 40, 5, 50), (2, 30, 1, 9), (20, 25, 24, 25), (60, 300, 75, 280)])
def test_delta_method_error_is_a_sum_over_all_outcomes(row):
    y_c, n_c, y_t, n_t = row
    c, t = np.arange(1, n_c + 1)[:, None], np.arange(n_t + 1)
    weight = stats.binom.pmf(c, n_c, y_c / n_c) * stats.binom.pmf(t, n_t, y_t / n_t)
    none = stats.binom.pmf(0, n_c, y_c / n_c)
    weight /= 1 - none
    p_c, p_t, truth = c / n_c, t / n_t, (y_t / n_t) / (y_c / n_c) - 1
    lift = p_t / p_c - 1
    error = np.sqrt(p_t * (1 - p_t) / n_t / p_c**2 + p_t**2 * (1 - p_c) / (n_c * p_c**3))
    z = stats.norm.ppf(0.95)
    got = delta_method_error(*([x] for x in row), prob=0.9).iloc[0]
    assert got["bias"] == pytest.approx(np.sum(weight * lift) - truth, rel=1e-6)
    assert got["exact_sd"] == pytest.approx(np.sqrt(np.sum(weight * (lift - np.sum(weight * lift)) ** 2)), rel=1e-6)
    assert got["too_low"] == pytest.approx(np.sum(weight[lift + z * error < truth - 1e-12]), abs=1e-9)
    assert got["too_high"] == pytest.approx(np.sum(weight[lift - z * error > truth + 1e-12]), abs=1e-9)
    assert got["coverage"] == pytest.approx(1 - got["too_low"] - got["too_high"])
    assert got["undefined"] == pytest.approx(none)


def test_delta_method_error_vanishes_for_large_counts():
    table = delta_method_error(
        [100_000, 4 * 10**8], [10**6, 10**9], [101_000, 4 * 10**8], [10**6, 10**9], labels=["x", "y"]
    )
    assert list(table.index) == ["x", "y"]
    assert_allclose(table["exact_sd"], table["standard_error"], rtol=1e-4)
    assert_allclose(table["coverage"], 0.95, atol=1e-4)
    assert np.all(np.abs(table["bias"]) < 0.01 * table["standard_error"])
