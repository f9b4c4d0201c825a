"""Meta-analysis, exact: what follows from the distribution, for any data, extreme ones too."""

import numpy as np
import pytest
from cases import PRIORS, SCHOOLS, SCHOOLS_PRIOR
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import integrate, stats

from borrowing_strength import datasets
from borrowing_strength.meta_analysis import HalfCauchy, HalfNormal, HalfStudentT, Prior, Uniform, fit

pytestmark = pytest.mark.filterwarnings("error", "ignore:the mean of the estimates is")


def test_quantiles_invert_the_distribution_functions(schools):
    q = np.array([0.001, 0.025, 0.5, 0.9, 0.9999])
    for quantity in (schools, schools.mu, schools.new_group(), schools.predict(3), schools.predict(SCHOOLS[1])):
        x = quantity.quantile(q)
        rows = [quantity.cdf(x)] if x.ndim == 1 else [quantity.cdf(x[i])[i] for i in range(8)]
        assert_allclose(rows, np.broadcast_to(q, np.shape(rows)), atol=1e-9)
    grid = np.linspace(-60, 80, 2001)
    for density, cdf in (
        (schools.density(grid), schools.cdf(grid)),
        (schools.mu.density(grid)[None], schools.mu.cdf(grid)[None]),
    ):
        inside = integrate.cumulative_simpson(density, x=grid, axis=1, initial=0)
        assert_allclose(inside, cdf - cdf[:, :1], atol=1e-6)


def test_predictions_are_effects_plus_noise(schools):
    new = schools.new_group().predict(10.0)
    assert new.mean == pytest.approx(schools.mu.mean)
    assert new.sd == pytest.approx(np.hypot(schools.new_group().sd, 10))
    rerun = schools.predict(SCHOOLS[1])
    assert_allclose(rerun.sd, np.hypot(schools.sd, SCHOOLS[1]))
    assert_allclose(rerun.mean, schools.mean)


def test_comparisons_agree_with_draws(schools):
    draws = schools.sample(draws=25_000, seed=4)["posterior"]["effect"].values.reshape(-1, 8)
    error = 4.5 * 0.5 / np.sqrt(len(draws))
    assert_allclose(schools.prob_best(), np.bincount(draws.argmax(axis=1), minlength=8) / len(draws), atol=error)
    for i, j in ((0, 2), (6, 4)):
        assert schools.prob_greater(i, j) == pytest.approx(np.mean(draws[:, i] > draws[:, j]), abs=error)
        assert schools.prob_greater(j, i) == pytest.approx(1 - schools.prob_greater(i, j), abs=1e-12)
    two = fit(SCHOOLS[0][:2], SCHOOLS[1][:2], prior=SCHOOLS_PRIOR, labels=["A", "B"])
    assert two.prob_best()[0] == pytest.approx(two.prob_greater("A", "B"), abs=1e-7)


def test_prob_best_with_very_unequal_errors():
    y, se = np.array([0.1, 0.0, 0.12]), np.array([1e-3, 0.2, 0.05])
    post = fit(y, se, prior=Prior(mu_sd=1, effect_sd=HalfNormal(0.1)))
    draws = post.sample(draws=25_000, seed=4)["posterior"]["effect"].values.reshape(-1, 3)
    share = np.bincount(draws.argmax(axis=1), minlength=3) / len(draws)
    assert_allclose(post.prob_best(), share, atol=4.5 * 0.5 / np.sqrt(len(draws)))


@settings(max_examples=40, deadline=None)
@given(
    data=st.lists(st.tuples(st.floats(-0.3, 0.3), st.floats(0.005, 0.2)), min_size=1, max_size=12),
    name=st.sampled_from(sorted(PRIORS)),
)
def test_what_must_hold_for_any_data(data, name):
    y, se = map(np.array, zip(*data, strict=True))
    prior = PRIORS[name]
    post = fit(y, se, prior=prior)
    low, high = min(y.min(), prior.mu_mean), max(y.max(), prior.mu_mean)
    assert np.all((post.mean >= low - 1e-9) & (post.mean <= high + 1e-9))
    assert low - 1e-9 <= post.mu.mean <= high + 1e-9
    assert np.all(post.shrinkage > 0)
    assert np.all(post.shrinkage < 1)
    ends = post.interval(0.8)
    assert np.all(ends[:, 0] < ends[:, 1])
    assert np.all(np.diff(post.cdf(np.linspace(-1, 1, 9)), axis=1) >= -1e-12)
    assert post.prob_best().sum() == pytest.approx(1)
    assert post.new_group().sd > post.mu.sd
    order = np.arange(len(y))[::-1]
    again = fit(y[order], se[order], prior=prior)
    assert_allclose(again.mean[order], post.mean, atol=1e-9)
    assert_allclose(again.sd[order], post.sd, rtol=1e-7)


@settings(max_examples=12, deadline=None)
@given(shift=st.floats(-1e3, 1e3), scale=st.floats(1e-6, 1e6))
def test_units_do_not_matter(shift, scale):
    prior = Prior(mu_mean=shift, mu_sd=5 * scale, effect_sd=HalfCauchy(5 * scale))
    post, moved = fit(*SCHOOLS, prior=SCHOOLS_PRIOR), fit(shift + scale * SCHOOLS[0], scale * SCHOOLS[1], prior=prior)
    rounding = 1e-12 * abs(shift) / scale
    assert_allclose((moved.mean - shift) / scale, post.mean, atol=1e-6 + rounding)
    assert_allclose(moved.sd / scale, post.sd, rtol=1e-6 + rounding)
    assert moved.effect_sd.mean / scale == pytest.approx(post.effect_sd.mean, rel=1e-6 + rounding)
    assert_allclose(moved.prob_best(), post.prob_best(), atol=1e-6 + rounding)


EXTREMES = {
    "a billion visitors": ([0.01, 0.02, -0.01], [1e-9, 2e-9, 1e-9], Prior()),
    "one precise, one vague": ([0.01, 500.0], [1e-12, 1e3], Prior()),
    "all equal": ([0.02] * 50, [0.03] * 50, Prior()),
    "an outlier": ([0.0, 0.01, 0.02, 1e4], [0.02] * 4, Prior()),
    "small units": ([1e-40, 2e-40], [1e-41, 1e-41], Prior(mu_sd=1e-40, effect_sd=HalfCauchy(1e-40))),
    "large units": ([1e40, 2e40], [1e40, 1e39], Prior(mu_sd=1e40, effect_sd=HalfStudentT(3, 1e40))),
    "prior far from data": ([5.0, 6.0], [0.1, 0.1], Prior(mu_sd=1e-3, effect_sd=HalfNormal(1e-3))),
    "vague prior": ([5.0, 6.0, 7.0], [0.1, 0.1, 0.2], Prior(0.001, 0.001, 1e-12)),
    "narrow prior": ([0.1, 0.2], [0.1, 0.1], Prior(1e6, 1e6)),
    "uniform below the data": ([0.0, 5.0], [0.1, 0.1], Prior(mu_sd=9, effect_sd=Uniform(0.01))),
}


@pytest.mark.parametrize("case", EXTREMES.values(), ids=EXTREMES)
def test_extreme_data_give_finite_ordered_answers(case):
    y, se, prior = case
    post = fit(y, se, prior=prior)
    assert np.isfinite([post.mu.mean, post.mu.sd, post.effect_sd.mean]).all()
    assert np.all(np.isfinite(post.mean) & (post.sd > 0))
    ends = post.interval()
    assert np.all(
        np.isfinite(ends) & (ends[:, :1] < ends[:, 1:]) | (ends[:, :1] == ends[:, 1:]) & (post.sd[:, None] < 1e-8)
    )
    assert post.prob_best().sum() == pytest.approx(1)
    low, high = post.effect_sd.interval()
    assert 0 < low < high
    draws = post.sample(draws=50, seed=1)["posterior"]
    assert all(np.isfinite(values).all() for values in draws.values())
    assert not post.summary().isna().any(axis=None)


def test_the_stored_tests_hold_the_stored_truth():
    tests, truth = datasets.ab_tests(), datasets.ab_tests_truth()
    assert list(tests["test"]) == list(truth["test"])
    for arm, rate in (("control", truth["control_rate"]), ("treatment", truth["control_rate"] * (1 + truth["lift"]))):
        n = tests[f"{arm}_trials"]
        for y in (tests[f"{arm}_successes"], truth[f"rerun_{arm}_successes"]):
            z = (y - n * rate) / np.sqrt(n * rate * (1 - rate))
            assert stats.chi2.sf(np.sum(z**2), len(z)) > 1e-3
