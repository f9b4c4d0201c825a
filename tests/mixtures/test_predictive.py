"""Predictive checks: by hand, on real data, and against exact probabilities."""

import numpy as np
import pytest
from scipy import stats

import borrowing_strength as bs
from borrowing_strength.mixtures import overdispersion, predictive_check

pytestmark = pytest.mark.filterwarnings("error")


def test_overdispersion_by_hand():
    pooled = 15 / 60
    expected = sum((y - n * pooled) ** 2 / (n * pooled * (1 - pooled)) for y, n in ((1, 20), (4, 20), (10, 20))) / 2
    assert overdispersion([1, 4, 10], [20, 20, 20]) == pytest.approx(expected)
    assert overdispersion([2, 4], [5, 10]) == pytest.approx(0, abs=1e-15)


def test_one_binomial_fails_on_the_rats_and_a_population_of_rates_passes():
    rats = bs.datasets.rat_tumors()
    y, n = rats["tumors"].to_numpy(), rats["rats"].to_numpy()
    rng = np.random.default_rng(1)
    pooled = rng.beta(1 + y.sum(), 1 + (n - y).sum(), size=2000)
    fails = predictive_check(y, n, pooled, seed=1)
    assert fails.observed == overdispersion(y, n)
    assert fails.p_value < 0.005
    post = bs.beta_binomial.fit(y, n).sample(draws=500, seed=1)["posterior"].dataset
    mean, s = post["grand_mean"].values.reshape(-1, 1), np.exp(post["log_concentration"].values.reshape(-1, 1))
    passes = predictive_check(y, n, rng.beta(mean * s, (1 - mean) * s, size=(2000, 71)), seed=1)
    assert 0.05 < passes.p_value < 0.95


def test_any_statistic_can_be_checked():
    check = predictive_check([3, 9], [10, 10], np.full((4000, 2), 0.5), seed=2, statistic=lambda y, n: y.max(axis=-1))
    assert check.observed == 9
    exact = 1 - stats.binom.cdf(8, 10, 0.5) ** 2
    assert abs(check.p_value - exact) < 5 * np.sqrt(exact / 4000)


REFUSED = {
    r"trials\[0\] is 1 but successes\[0\] is 2": lambda: overdispersion([2, 1], [1, 1]),
    r"successes has 1 row": lambda: overdispersion([2], [3]),
    r"successes holds no success in any row": lambda: overdispersion([0, 0], [5, 9]),
    r"successes holds no failure in any row": lambda: overdispersion([5, 9], [5, 9]),
    r"rates has shape \(2,\), one value a row": lambda: predictive_check([1, 2], [3, 3], [0.3, 0.6], seed=1),
    r"rates has shape \(5, 3\): it must be \(draws,\) or \(draws, 2\)": lambda: predictive_check(
        [1, 2], [3, 3], np.zeros((5, 3)), seed=1
    ),
    r"rates\[1\] is nan: a missing value": lambda: predictive_check([1, 2], [3, 3], [0.5, float("nan"), 0.5], seed=1),
    r"rates\[1\] is 1\.5: it must lie between 0 and 1": lambda: predictive_check(
        [1, 2], [3, 3], [0.5, 1.5, 0.5], seed=1
    ),
}


@pytest.mark.parametrize("value", [float("nan"), "x", None, True])
def test_what_a_statistic_returns_is_looked_at(value):
    with pytest.raises(ValueError, match=f"what statistic returns is {value!r}: it must be a finite number"):
        predictive_check([1, 2], [3, 3], np.full((20, 2), 0.5), seed=1, statistic=lambda y, n: value)


@pytest.mark.parametrize(("message", "call"), REFUSED.items(), ids=REFUSED)
def test_bad_input_is_refused_with_the_reason(message, call):
    with pytest.raises(ValueError, match=message):
        call()
