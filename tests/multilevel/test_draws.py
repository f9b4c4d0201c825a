"""Draws from lesson 04's exact regression, comparisons, a new market, predictions."""

import numpy as np
import pytest
from cases import FIVE_MARKETS, MARKETS, TWO_MARKETS
from numpy.testing import assert_allclose
from scipy import stats

from borrowing_strength.multilevel import (
    fit,
    fit_pooled,
    fit_separate,
)

pytestmark = pytest.mark.filterwarnings("error")

HYPER = ("intercept_mean", "intercept_sd", "slope_mean", "slope_sd")


def test_draws_are_those_of_the_posterior(post):
    tree = post.sample(draws=5000, seed=3)
    draws = tree["posterior"]
    assert draws["slope"].dims == ("chain", "draw", "market")
    assert list(draws["market"].values) == MARKETS
    size = 20_000
    for name in ("intercept", "slope", "rate_control", "rate_treatment", "difference"):
        values, exact = draws[name].values.reshape(size, 2), getattr(post, name)
        assert_allclose(values.mean(axis=0), exact.mean, atol=5 * exact.sd.max() / size**0.5)
        assert_allclose(values.std(axis=0), exact.sd, rtol=0.03)
        inside = exact.cdf(np.quantile(values[:, 0], [0.025, 0.25, 0.5, 0.75, 0.975]))[0]
        assert_allclose(inside, [0.025, 0.25, 0.5, 0.75, 0.975], atol=0.018)
    for name in HYPER:
        values, exact = draws[name].values.ravel(), getattr(post.hyper, name)
        assert_allclose(values.mean(), exact.mean, atol=5 * exact.sd / size**0.5)
        assert_allclose(exact.cdf(np.quantile(values, [0.1, 0.5, 0.9])), [0.1, 0.5, 0.9], atol=0.018)
        assert_allclose(exact.cdf(exact.quantile(np.array([0.1, 0.9]))), [0.1, 0.9], atol=1e-4)
    greater = (draws["slope"][..., 0] > draws["slope"][..., 1]).mean()
    assert_allclose(post.prob_greater("Canada", "China"), greater, atol=0.015)
    rng = np.random.default_rng(1)
    new = rng.normal(draws["slope_mean"], draws["slope_sd"])
    assert_allclose(post.new_group().prob_better, (new > 0).mean(), atol=0.015)
    assert_allclose(post.new_group().sd, new.std(), rtol=0.05)
    counts = rng.binomial(50, draws["rate_treatment"].values.reshape(size, 2))
    assert_allclose(post.predict(50).mean, counts.mean(axis=0), atol=0.15)
    assert_allclose(post.predict(50).sd, counts.std(axis=0), rtol=0.03)


def test_draws_repeat_with_the_seed(post):
    first, again, other = (post.sample(50, seed=s)["posterior"]["slope"].values for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("how", [fit_separate, fit_pooled])
def test_the_extremes_can_be_drawn_from(how):
    extreme = how(*TWO_MARKETS)
    draws = extreme.sample(2500, seed=1)["posterior"]
    assert "slope_sd" not in draws
    assert_allclose(draws["slope"].mean(("chain", "draw")), extreme.mean, atol=0.02)
    assert_allclose(draws["slope"].std(("chain", "draw")), extreme.sd, rtol=0.05)
    with pytest.raises(ValueError, match=r"only fit\(\.\.\.\) learns"):
        _ = extreme.hyper


def test_who_is_best():
    five = fit(*FIVE_MARKETS)
    best = five.prob_best()
    assert best.sum() == pytest.approx(1)
    draws = five.sample(2500, seed=2)["posterior"]["slope"].values.reshape(-1, 5)
    assert_allclose(best, np.bincount(draws.argmax(axis=1), minlength=5) / len(draws), atol=0.025)
    assert five.prob_greater(0, 1) + five.prob_greater(1, 0) == pytest.approx(1)
    assert_allclose(fit_pooled(*FIVE_MARKETS).prob_best(), 0.2)


def test_separate_slopes_compare_like_independent_normals():
    """Large counts: log odds ratios are as good as normal."""
    separate = fit_separate([3000, 5500], [10_000] * 2, [3300, 5600], [10_000] * 2)
    z = (separate.mean[0] - separate.mean[1]) / np.hypot(*separate.sd)
    assert_allclose(separate.prob_greater(0, 1), stats.norm.cdf(z), atol=1e-3)


def test_predicted_counts(post):
    counts = post.predict([10, 0], arm="control")
    assert_allclose(counts.pmf().sum(axis=1), 1)
    assert counts.pmf(0)[1] == pytest.approx(1)
    assert_allclose(counts.mean[0], 10 * post.rate_control.mean[0], atol=1e-4)


def test_summary(post):
    table = post.summary()
    assert list(table.index) == MARKETS
    assert_allclose(table["prob_better"], post.prob_better)
    assert (table["difference_lower"] < table["difference"]).all()
    assert (table["difference"] < table["difference_upper"]).all()
