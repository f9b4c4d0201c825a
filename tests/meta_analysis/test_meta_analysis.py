"""Meta-analysis: exact against other integrals, Gibbs against exact, samplers against theory."""

import os
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial.legendre import leggauss
from numpy.testing import assert_allclose
from scipy import integrate, stats

from borrowing_strength import datasets
from borrowing_strength.calibration import Calibration, calibrate
from borrowing_strength.core.priors import Known
from borrowing_strength.meta_analysis import (
    GammaPrecision,
    HalfCauchy,
    HalfNormal,
    HalfStudentT,
    Prior,
    Uniform,
    delta_method_error,
    fit,
    gibbs,
    gibbs_t,
    log_odds_ratio,
    log_risk_ratio,
    pymc_model,
    pymc_model_of_counts,
    relative_lift,
    relative_lift_of_means,
    risk_difference,
)
from borrowing_strength.meta_analysis.gibbs_sampler import Gibbs, State
from borrowing_strength.sampling import compare_means, sample

pytestmark = pytest.mark.filterwarnings("error")

REPLICATIONS = int(os.environ.get("BORROWING_STRENGTH_REPLICATIONS", "300"))
SCHOOLS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12]), np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
SCHOOLS_PRIOR = Prior(mu_sd=5, effect_sd=HalfCauchy(5))
LIFTS = np.array([0.031, -0.012, 0.055, 0.004, 0.021, -0.03]), np.array([0.02, 0.015, 0.03, 0.01, 0.025, 0.02])
PRIORS = {
    "published": Prior(),
    "gamma": Prior(2, 0.002),
    "normal": Prior(mu_mean=0.01, mu_sd=0.1, effect_sd=HalfNormal(0.05)),
    "cauchy": Prior(effect_sd=HalfCauchy(0.03)),
    "student": Prior(mu_sd=0.2, effect_sd=HalfStudentT(3, 0.02)),
    "uniform": Prior(mu_sd=1, effect_sd=Uniform(0.04)),
}
FORTY = ["control_successes", "control_trials", "treatment_successes", "treatment_trials"]


@pytest.fixture(scope="module")
def schools():
    return fit(*SCHOOLS, prior=SCHOOLS_PRIOR, labels=list("ABCDEFGH"))


@pytest.fixture(scope="module")
def forty():
    table = datasets.ab_tests().set_index("test")
    return relative_lift(*(table[name] for name in FORTY))


# --- Independent answers


def sd_density(prior):
    """Density of the effects' sd as a textbook writes it; in scipy's words, not in the module's."""
    known = prior.effect_sd
    if isinstance(known, GammaPrecision):
        return lambda sd: 2 * sd**-3.0 * stats.gamma.pdf(sd**-2.0, known.alpha, scale=1 / known.beta)
    if isinstance(known, HalfNormal):
        return partial(stats.halfnorm.pdf, scale=known.scale)
    if isinstance(known, Uniform):
        return partial(stats.uniform.pdf, scale=known.upper)
    df = 1 if isinstance(known, HalfCauchy) else known.df
    return lambda sd: 2 * stats.t.pdf(sd, df, scale=known.scale)


class Quadrature:
    """Gauss-Legendre panels over log sd. Given the sd all is one normal vector: no shrinkage formula is used."""

    def __init__(self, y, se, prior):
        self.y, self.se, self.prior, self.density = y, se, prior, sd_density(prior)
        self.top, self.total = 0.0, 1.0
        sd, step = self.nodes()
        self.top = self.log_weight(sd).max()
        weight = np.exp(self.log_weight(sd) - self.top) * step
        self.total = weight.sum()
        seen = weight > 1e-17 * self.total
        self.sd, self.weight = sd[seen], weight[seen] / self.total

    def nodes(self, upper=np.inf):
        """Standard deviations from 1e-7 to 1e12 times the standard errors, but none above `upper`; widths in sd."""
        upper = min(upper, 1e12 * self.se.mean(), getattr(self.prior.effect_sd, "upper", np.inf))
        ends = np.linspace(np.log(1e-7 * self.se.mean()), np.log(upper), 111)
        x, width = leggauss(12)
        half = np.diff(ends)[:, None] / 2
        sd = np.exp(((ends[1:] + ends[:-1])[:, None] / 2 + half * x).ravel())
        return sd, (half * width).ravel() * sd

    def covariance(self, sd):
        return (self.se**2 + sd[:, None] ** 2)[:, :, None] * np.eye(len(self.y)) + self.prior.mu_sd**2

    def log_weight(self, sd):
        matrix, away = self.covariance(sd), self.y - self.prior.mu_mean
        squares = np.linalg.solve(matrix, np.broadcast_to(away[:, None], (len(sd), len(away), 1)))[..., 0] @ away
        with np.errstate(divide="ignore"):
            return np.log(self.density(sd)) - 0.5 * (np.linalg.slogdet(matrix)[1] + squares)

    def sd_cdf(self, sd):
        below, step = self.nodes(upper=sd)
        return np.exp(self.log_weight(below) - self.top) @ step / self.total

    def density_at(self, sd):
        return np.exp(self.log_weight(np.array([sd]))[0] - self.top) / self.total

    def given(self, with_y, variance):
        """Mean and sd, at every node, of a normal quantity with covariances `with_y` to the estimates."""
        gain = np.linalg.solve(self.covariance(self.sd), with_y[..., None])[..., 0]
        mean = self.prior.mu_mean + gain @ (self.y - self.prior.mu_mean)
        return mean, np.sqrt(variance - np.sum(gain * with_y, axis=1))

    def mu(self):
        return self.given(np.full((len(self.sd), len(self.y)), self.prior.mu_sd**2), self.prior.mu_sd**2)

    def effect(self, i):
        with_y = np.full((len(self.sd), len(self.y)), self.prior.mu_sd**2)
        with_y[:, i] += self.sd**2
        return self.given(with_y, self.prior.mu_sd**2 + self.sd**2)


@pytest.mark.parametrize("name", PRIORS)
def test_fit_agrees_with_an_independent_integral(name):
    prior, (y, se) = PRIORS[name], LIFTS
    post, oracle = fit(y, se, prior=prior), Quadrature(y, se, prior)
    mean = oracle.weight @ oracle.sd
    assert post.effect_sd.mean == pytest.approx(mean, rel=1e-7)
    assert post.effect_sd.sd == pytest.approx(np.sqrt(oracle.weight @ (oracle.sd - mean) ** 2), rel=1e-6)
    quantities = [(post.mu, (), oracle.mu()), *((post, i, oracle.effect(i)) for i in (0, 2, 3))]
    quantities.append((post.new_group(), (), (oracle.mu()[0], np.hypot(oracle.mu()[1], oracle.sd))))
    for quantity, i, (means, sds) in quantities:
        mean = oracle.weight @ means
        assert np.asarray(quantity.mean)[i] == pytest.approx(mean, abs=1e-9)
        sd = np.sqrt(oracle.weight @ (sds**2 + (means - mean) ** 2))
        assert np.asarray(quantity.sd)[i] == pytest.approx(sd, rel=1e-6)
        for x in (-0.01, 0.0, 0.015):
            assert np.asarray(quantity.cdf(x))[i] == pytest.approx(
                oracle.weight @ stats.norm.cdf(x, means, sds), abs=1e-7
            )


@pytest.mark.parametrize("name", PRIORS)
def test_the_sds_marginal_agrees_with_an_independent_integral(name):
    prior, (y, se) = PRIORS[name], LIFTS
    post, oracle = fit(y, se, prior=prior).effect_sd, Quadrature(y, se, prior)
    for sd in (0.006, 0.02, 0.035):
        assert post.density(sd) == pytest.approx(oracle.density_at(sd), rel=1e-6)
        assert post.cdf(sd) == pytest.approx(oracle.sd_cdf(sd), abs=3e-7)
        if 1e-6 < post.cdf(sd) < 1 - 1e-6:
            assert post.quantile(post.cdf(sd)) == pytest.approx(sd, rel=1e-6)
    assert_allclose(post.cdf(post.interval(0.9)), [0.05, 0.95], atol=1e-9)


def test_eight_schools(schools):
    assert schools.mu.mean == pytest.approx(4.397, abs=5e-4)
    assert schools.mu.sd == pytest.approx(3.318, abs=5e-4)
    assert schools.effect_sd.mean == pytest.approx(3.598, abs=5e-4)
    assert schools.effect_sd.sd == pytest.approx(3.220, abs=5e-4)


def test_the_published_default_prior_is_wider_than_it_is_said_to_be():
    sd = Prior().effect_sd
    assert sd.cdf(0.1) == pytest.approx(0.47, abs=0.005)
    assert 1 - sd.cdf(1.0) == pytest.approx(0.33, abs=0.005)


@pytest.mark.parametrize("name", PRIORS)
def test_priors_are_what_scipy_says(name):
    prior = PRIORS[name].effect_sd
    density = sd_density(PRIORS[name])
    sd = np.array([0.005, 0.02, 0.039])
    scale = prior.coordinate
    assert_allclose(scale.to_value(scale.to_coordinate(sd)), sd)
    assert_allclose(np.exp(prior.log_density(sd)), density(sd), rtol=1e-9)
    for a, b in pairwise(sd):
        assert prior.cdf(b) - prior.cdf(a) == pytest.approx(integrate.quad(density, a, b)[0], rel=1e-7)
    draws = prior.draw(20_000, np.random.default_rng(1))
    assert stats.kstest(prior.cdf(draws), "uniform").pvalue > 1e-4


@pytest.mark.parametrize(("tests", "spread"), [(100_000, 0.05), (100_000, 0.0), (3, 0.05), (1, 0.05), (2, 3.0)])
def test_few_and_many_tests_are_both_right(tests, spread):
    rng = np.random.default_rng(tests)
    se = rng.uniform(0.02, 0.06, tests)
    y = 0.01 + spread * rng.standard_normal(tests) + se * rng.standard_normal(tests)
    post = fit(y, se, prior=Prior())
    if tests <= 3:
        oracle = Quadrature(y, se, Prior())
        assert post.mu.mean == pytest.approx(oracle.weight @ oracle.mu()[0], abs=1e-9)
        assert post.mean[0] == pytest.approx(oracle.weight @ oracle.effect(0)[0], abs=1e-8)
        assert post.effect_sd.cdf(0.1) == pytest.approx(oracle.sd_cdf(0.1), abs=3e-7)
        return
    # Many tests: a dense grid where the posterior was found, and nothing of weight at its ends.
    low, high = post.effect_sd.quantile(np.array([1e-9, 1 - 1e-9]))
    v = np.linspace(np.log(low) - 0.2 * np.log(high / low), np.log(high) + 0.2 * np.log(high / low), 101)
    log_weight, mu = np.empty(101), np.empty(101)
    for n, sd in enumerate(np.exp(v)):
        w = 1 / (se**2 + sd**2)
        precision = 1600 + w.sum()
        mu[n] = (w @ y) / precision
        squares = w @ (y - mu[n]) ** 2 + 1600 * mu[n] ** 2
        log_weight[n] = 0.5 * (np.log(w).sum() - np.log(precision) - squares) - 0.2 * v[n] - 1e-5 * np.exp(-2 * v[n])
    weight = np.exp(log_weight - log_weight.max())
    assert max(weight[0], weight[-1]) < 1e-6
    weight /= weight.sum()
    assert post.effect_sd.mean == pytest.approx(weight @ np.exp(v), rel=1e-6)
    assert post.mu.mean == pytest.approx(weight @ mu, abs=1e-9)


def test_one_test_under_a_heavy_tail_has_a_mean_but_no_variance():
    prior = Prior(2.0, 1e-3)  # P(sd > x) falls like x^-4, with one test the posterior's like x^-5
    assert np.isfinite(fit([0.1], [0.02], prior=prior).new_group().sd)
    post = fit([0.1], [0.02], prior=Prior())  # x^-1.2
    assert post.effect_sd.sd == post.new_group().sd == np.inf
    assert np.isfinite(post.effect_sd.mean)
    assert np.isfinite(post.mean[0] + post.sd[0])


@pytest.mark.parametrize("alpha", [0.001, 0.05])
def test_moments_of_a_tail_that_hardly_falls(alpha):
    """Two tests and alpha near 0: the variance of the sd exists by a hair, and most of it lies far out."""
    y, se = np.array([0.02, 0.05]), np.array([0.02, 0.03])
    prior = Prior(alpha, 1e-4)
    post, oracle = fit(y, se, prior=prior), Quadrature(y, se, prior)
    sd, step = oracle.nodes(upper=1e4)
    near = np.exp(oracle.log_weight(sd) - oracle.top) @ (sd**2 * step) / oracle.total
    far = (
        oracle.density_at(1e4) * 1e4**3 / (2 * alpha)
    )  # where the density is as good as a power law, sd^-(3 + 2 alpha)
    square = post.effect_sd.sd**2 + post.effect_sd.mean**2
    assert square == pytest.approx(near + far, rel=1e-4)


# --- What follows from the distribution


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


def test_surface_is_the_joint_density(schools):
    mu, v = np.array([0.0, 4.0, 9.0]), np.log([0.5, 3.0, 12.0])
    y, se = SCHOOLS
    expected = np.array(
        [
            [
                stats.norm.logpdf(y, m, np.sqrt(se**2 + np.exp(2 * s))).sum()
                + stats.norm.logpdf(m, 0, 5)
                + np.log(sd_density(SCHOOLS_PRIOR)(np.exp(s)))
                + s
                for m in mu
            ]
            for s in v
        ]
    )
    assert_allclose(schools.surface(mu, v), np.exp(expected - expected.max()), rtol=1e-5)


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


def test_summary_carries_labels_and_agrees_with_the_posterior(forty):
    post = fit(*forty, prior=Prior())
    table = post.summary(0.9)
    assert list(table.index[:2]) == ["T01", "T02"]
    assert list(table.columns) == [
        "estimate",
        "standard_error",
        "mean",
        "sd",
        "lower",
        "upper",
        "prob_positive",
        "shrinkage",
    ]
    assert_allclose(table[["lower", "upper"]], post.interval(0.9))
    assert_allclose(table["prob_positive"], 1 - post.cdf(0.0))
    assert post.prob_greater("T03", "T01") == post.prob_greater(2, 0)
    oracle = Quadrature(*map(np.asarray, forty), Prior())
    shrinkage = oracle.weight @ (oracle.se**2 / (oracle.se**2 + oracle.sd[:, None] ** 2))
    assert_allclose(table["shrinkage"], shrinkage, atol=1e-7)


def test_the_stored_tests_hold_the_stored_truth():
    tests, truth = datasets.ab_tests(), datasets.ab_tests_truth()
    assert list(tests["test"]) == list(truth["test"])
    for arm, rate in (("control", truth["control_rate"]), ("treatment", truth["control_rate"] * (1 + truth["lift"]))):
        n = tests[f"{arm}_trials"]
        for y in (tests[f"{arm}_successes"], truth[f"rerun_{arm}_successes"]):
            z = (y - n * rate) / np.sqrt(n * rate * (1 - rate))
            assert stats.chi2.sf(np.sum(z**2), len(z)) > 1e-3


# --- Draws


def test_exact_draws_follow_the_exact_posterior(schools):
    draws = schools.sample(draws=5000, seed=7)["posterior"]
    for exact, values in ((schools.effect_sd, draws["effect_sd"]), (schools.mu, draws["mu"])):
        assert stats.kstest(exact.cdf(values.values.ravel()), "uniform").pvalue > 1e-4
    effect = draws["effect"].values.reshape(-1, 8)
    below = np.mean(effect[:, :, None] <= schools.quantile(np.array([0.1, 0.5, 0.9])), axis=0)
    assert_allclose(below, np.broadcast_to([0.1, 0.5, 0.9], (8, 3)), atol=4.5 * 0.5 / np.sqrt(len(effect)))
    correlation = np.corrcoef(draws["mu"].values.ravel(), effect[:, 0])[0, 1]
    oracle = Quadrature(*SCHOOLS, SCHOOLS_PRIOR)
    mu, share = oracle.mu(), SCHOOLS[1][0] ** 2 / (SCHOOLS[1][0] ** 2 + oracle.sd**2)
    cross = oracle.weight @ (share * mu[1] ** 2 + mu[0] * oracle.effect(0)[0]) - schools.mu.mean * schools.mean[0]
    assert correlation == pytest.approx(cross / (schools.mu.sd * schools.sd[0]), abs=4.5 / np.sqrt(len(effect)))


@pytest.mark.parametrize("draw", ["exact", "gibbs", "t"])
def test_draws_repeat_with_the_seed_and_carry_labels(draw, forty):
    functions = {
        "exact": lambda seed: fit(*forty).sample(50, seed=seed, chains=2),
        "gibbs": lambda seed: gibbs(*forty, draws=50, tune=5, chains=2, seed=seed),
        "t": lambda seed: gibbs_t(*forty, draws=50, tune=5, chains=2, seed=seed),
    }
    one, same, other = (functions[draw](seed)["posterior"] for seed in (1, 1, 2))
    assert one.dataset.equals(same.dataset)
    assert not np.array_equal(one["mu"], other["mu"])
    assert one["effect"].dims == ("chain", "draw", "test")
    assert one["effect"].shape == (2, 50, 40)
    assert one["mu"].shape == one["effect_sd"].shape == (2, 50)
    assert list(one["test"].values[:2]) == ["T01", "T02"]


@pytest.mark.parametrize("scan", ["systematic", "blocked"])
def test_gibbs_agrees_with_the_exact_posterior(scan, forty):
    post = fit(*forty, prior=Prior())
    draws = gibbs(*forty, draws=4000, tune=500, seed=3, scan=scan)["posterior"]
    assert compare_means(draws["mu"], post.mu.mean).agrees
    assert compare_means(draws["effect_sd"], post.effect_sd.mean).agrees
    assert compare_means(draws["effect"], post.mean).agrees


def test_the_synchronous_scan_gives_another_sd_and_healthy_diagnostics():
    import arviz as az

    y, se = LIFTS
    right = fit(y, se, prior=Prior()).effect_sd.mean
    draws = gibbs(y, se, draws=4000, seed=3, scan="synchronous")
    assert draws["posterior"]["effect_sd"].mean() > 1.5 * right
    table = az.summary(draws, var_names=["mu", "effect_sd"], round_to="none")
    assert table["r_hat"].max() < 1.01
    assert table["ess_bulk"].min() > 400


@pytest.mark.filterwarnings("default")  # ArviZ and Matplotlib may deprecate what they like
def test_arviz_plots_the_draws(schools):
    import arviz as az
    import matplotlib

    matplotlib.use("agg")
    for tree in (schools.sample(100), gibbs(*SCHOOLS, draws=100)):
        assert az.plot_forest(tree, var_names=["effect"]).viz["figure"].item() is not None
    matplotlib.pyplot.close("all")


def t_effects(y, se, prior, df):
    """Means of mu, scale and effects on a plain grid: every effect's t density summed over its own grid."""
    mu = np.linspace(-0.25, 0.25, 81)
    v = np.linspace(np.log(6e-3), np.log(3), 90)
    log_weight = stats.norm.logpdf(mu, prior.mu_mean, prior.mu_sd)[:, None] + np.log(sd_density(prior)(np.exp(v))) + v
    means = []
    for estimate, error in zip(y, se, strict=True):
        effect = np.linspace(estimate - 8 * error, estimate + 8 * error, 161)
        t = stats.t.pdf(effect, df, loc=mu[:, None, None], scale=np.exp(v)[None, :, None])
        mass = t * stats.norm.pdf(estimate, effect, error)
        log_weight = log_weight + np.log(mass.sum(axis=2))
        means.append((mass @ effect) / mass.sum(axis=2))
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    return np.sum(weight * mu[:, None]), np.sum(weight * np.exp(v)), [np.sum(weight * mean) for mean in means]


def test_gibbs_t_agrees_with_a_plain_grid():
    y, se = np.array([0.01, 0.02, -0.02, 0.15]), np.array([0.02, 0.03, 0.02, 0.02])
    prior = Prior(2, 0.001, 400)
    mu, scale, effects = t_effects(y, se, prior, 3)
    draws = gibbs_t(y, se, prior=prior, df=3, draws=6000, seed=2)["posterior"]
    assert compare_means(draws["mu"], mu).agrees
    assert compare_means(draws["effect_sd"], scale).agrees
    assert compare_means(draws["effect"], effects).agrees


def test_gibbs_t_with_many_degrees_of_freedom_is_the_normal_model():
    y, se = LIFTS
    prior = Prior(2, 0.001)
    draws = gibbs_t(y, se, prior=prior, df=1e7, draws=4000, seed=2)["posterior"]
    assert compare_means(draws["effect"], fit(y, se, prior=prior).mean).agrees


# --- Calibration: the truth is one more draw. Every chain has data of its own, so all replications run at once.


def draw_prior(prior, size, tests, rng, df=None):
    sd = prior.effect_sd.draw(size, rng)[:, None]
    mu = rng.normal(prior.mu_mean, prior.mu_sd, (size, 1))
    weight = np.ones((size, tests)) if df is None else rng.gamma(df / 2, 2 / df, (size, tests))
    effect = mu + sd * rng.standard_normal((size, tests)) / np.sqrt(weight)
    return State(mu, sd**-2, effect, 1.0 if df is None else weight)


def quantities(state):
    mu, effect = state.mu[:, 0], state.effect[:, 0]
    return {"mu": mu, "effect_sd": state.precision[:, 0] ** -0.5, "effect": effect, "distance": effect - mu}


def calibration_of(scan, tests, replications=1000, prior=None, df=None, seed=1, draws=99, thin=10):
    prior, rng = prior or Prior(), np.random.default_rng(seed)
    truth = draw_prior(prior, replications, tests, rng, df)
    se = np.broadcast_to(np.linspace(0.02, 0.06, tests), (replications, tests))
    model = Gibbs(truth.effect + se * rng.standard_normal(se.shape), se, prior, df)
    now, sweep = model.start(replications, rng), getattr(model, scan)
    true, ranks = quantities(truth), dict.fromkeys(quantities(truth), 0)
    for i in range(-300, draws * thin):
        now = sweep(now, model.noise(1, replications, rng)[0])
        if i >= 0 and i % thin == 0:
            ranks = {name: ranks[name] + (value < true[name]) for name, value in quantities(now).items()}
    result = Calibration(ranks, draws)
    print(result.summary())  # `make calibrate` shows it
    return result


@pytest.mark.parametrize("tests", [8, 20])
@pytest.mark.parametrize("scan", ["systematic", "blocked"])
def test_gibbs_is_calibrated(scan, tests):
    result = calibration_of(scan, tests)
    assert min(result.p_value(name) for name in result.ranks) > 1e-3


@pytest.mark.parametrize("tests", [8, 20])
def test_calibration_of_the_sd_finds_the_synchronous_scan(tests):
    """The published package's scan. Calibrating mu or an effect would have missed it."""
    result = calibration_of("synchronous", tests)
    assert result.p_value("effect_sd") < 1e-10
    assert result.components("effect_sd")[0] < 0  # the truth lies below the draws
    assert min(result.p_value("mu"), result.p_value("effect")) > 1e-3


def test_heavy_tailed_gibbs_is_calibrated():
    result = calibration_of("heavy_tailed", 8, prior=Prior(2, 0.001), df=4)
    assert min(result.p_value(name) for name in result.ranks) > 1e-3


@pytest.mark.parametrize("tests", [8, 20])
@pytest.mark.parametrize("name", ["published", "cauchy", "uniform"])
def test_exact_draws_are_calibrated(name, tests):
    prior, se = PRIORS[name], np.linspace(0.02, 0.06, tests)

    def truth(rng):
        state = draw_prior(prior, 1, tests, rng)
        return {key: value[0] for key, value in quantities(state).items()} | {"effects": state.effect[0]}

    def draws(y, rng):
        posterior = fit(y, se, prior=prior).sample(draws=99, chains=1, seed=int(rng.integers(2**32)))["posterior"]
        mu, sd, effect = (posterior[key].values for key in ("mu", "effect_sd", "effect"))
        return quantities(State(mu.T, sd.T**-2, effect[0]))

    result = calibrate(truth, lambda t, rng: rng.normal(t["effects"], se), draws, replications=REPLICATIONS, seed=tests)
    print(result.summary())  # `make calibrate` shows it
    assert min(result.p_value(name) for name in result.ranks) > 1e-3


# --- Geweke (2004, JASA 99:799): draw data given parameters and parameters given data in turn; the parameters must keep
# their prior. Here many short chains start in the prior, so that the comparison has independent draws.


def after_geweke(scan, df=None, chains=20_000, rounds=8):
    prior, rng, tests = Prior(1, 0.001, 400), np.random.default_rng(5), 5
    now = draw_prior(prior, chains, tests, rng, df)
    se = np.broadcast_to(np.linspace(0.02, 0.06, tests), (chains, tests))
    for _ in range(rounds):
        model = Gibbs(now.effect + se * rng.standard_normal(se.shape), se, prior, df)
        now = getattr(model, scan)(now, model.noise(1, chains, rng)[0])
    mu = stats.kstest((now.mu[:, 0] - prior.mu_mean) / prior.mu_sd, "norm")
    sd = stats.kstest(prior.effect_sd.cdf(now.precision[:, 0] ** -0.5), "uniform")
    distance = (now.effect - now.mu)[:, 0] * np.sqrt(now.precision[:, 0])
    shape = "norm" if df is None else stats.t(df).cdf
    return mu.pvalue, sd.pvalue, stats.kstest(distance, shape).pvalue


@pytest.mark.parametrize(("scan", "df"), [("systematic", None), ("blocked", None), ("heavy_tailed", 4)])
def test_geweke_every_right_scan_keeps_the_prior(scan, df):
    assert min(after_geweke(scan, df)) > 1e-3


def test_geweke_the_synchronous_scan_does_not():
    assert after_geweke("synchronous")[1] < 1e-100


# --- From counts to effects

COUNTS = ([50, 30], [1000, 400], [60, 20], [900, 410])


def test_effects_are_the_textbook_formulas():
    y_c, n_c, y_t, n_t = (np.array(column, dtype=float) for column in COUNTS)
    p_c, p_t = y_c / n_c, y_t / n_t
    var_c, var_t = p_c * (1 - p_c) / n_c, p_t * (1 - p_t) / n_t
    lift = relative_lift(*COUNTS)
    assert_allclose(lift.estimate, p_t / p_c - 1)
    assert_allclose(lift.standard_error**2, var_t / p_c**2 + p_t**2 * var_c / p_c**4)
    means = relative_lift_of_means(p_c, np.sqrt(var_c), p_t, np.sqrt(var_t))
    assert_allclose(means, lift)
    difference = risk_difference(*COUNTS)
    assert_allclose(difference.estimate, p_t - p_c)
    assert_allclose(difference.standard_error, np.sqrt(var_c + var_t))
    ratio, odds = log_risk_ratio(*COUNTS), log_odds_ratio(*COUNTS)
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
    frame = pd.DataFrame(dict(zip(FORTY, COUNTS, strict=True)), index=["shop", "blog"])
    series = relative_lift(*(frame[name] for name in FORTY))
    assert list(series.estimate.index) == ["shop", "blog"]
    assert_allclose(series, relative_lift(*COUNTS))
    assert fit(*series).labels == ("shop", "blog")
    assert fit(*relative_lift(*COUNTS, labels=["a", "b"])).labels == ("a", "b")
    assert fit(*relative_lift(*COUNTS)).labels == ("0", "1")
    with pytest.raises(
        ValueError, match=r"control_trials and control_successes have different row labels \(row 0 is 'blog'"
    ):
        relative_lift(frame[FORTY[0]], frame[FORTY[1]][::-1], frame[FORTY[2]], frame[FORTY[3]])
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


# --- The published package's plots


@pytest.mark.filterwarnings("default")
def test_the_prior_plots_draw_a_density():
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    for plot, exact in (
        (Prior().plot_meta_effect_prior, stats.norm.cdf([-0.1, 0.1], scale=0.025)),
        (Prior().plot_effect_sd_prior, Prior().effect_sd.cdf(np.array([1e-9, 0.1]))),
    ):
        ax = plt.figure().add_subplot()
        plot(color="grey")
        area = sum(bar.get_width() * bar.get_height() for bar in ax.patches)
        assert area == pytest.approx(exact[1] - exact[0], abs=0.01)
        assert ax.get_ylabel() == "Probability Density"
        plt.close()


def test_long_runs_show_their_progress(monkeypatch, capfd):
    import tqdm.auto

    monkeypatch.delenv("BORROWING_STRENGTH_QUIET", raising=False)
    real = tqdm.auto.tqdm
    monkeypatch.setattr(tqdm.auto, "tqdm", lambda **kwargs: real(**kwargs | {"delay": 0, "mininterval": 0}))
    gibbs(*LIFTS, draws=900, tune=100)
    assert "1000/1000" in capfd.readouterr().err
    monkeypatch.undo()
    monkeypatch.delenv("BORROWING_STRENGTH_QUIET", raising=False)
    gibbs(*LIFTS, draws=50)
    assert capfd.readouterr().err == ""


# --- PyMC


@pytest.mark.filterwarnings("default")
def test_pymc_agrees_with_the_exact_posterior(schools, capsys):
    draws = sample(pymc_model(*SCHOOLS, prior=SCHOOLS_PRIOR, labels=list("ABCDEFGH")), seed=11)["posterior"]
    assert "The checks pass" in capsys.readouterr().out
    assert compare_means(draws["mu"], schools.mu.mean).agrees
    assert compare_means(draws["effect_sd"], schools.effect_sd.mean).agrees
    assert compare_means(draws["effect_given_population"], schools.mean).agrees


@pytest.mark.filterwarnings("default")
def test_binomial_model_agrees_with_fit_where_counts_are_large(forty):
    table = datasets.ab_tests().set_index("test").iloc[:8]
    prior = Prior(mu_sd=0.05, effect_sd=HalfNormal(0.05))
    post = fit(*relative_lift(*(table[name] for name in FORTY)), prior=prior)
    draws = sample(pymc_model_of_counts(*(table[name] for name in FORTY), prior=prior), seed=5)["posterior"]
    assert_allclose(draws["effect"].mean(("chain", "draw")), post.mean, atol=0.15 * post.sd.min())
    assert_allclose(draws["effect"].std(("chain", "draw")), post.sd, rtol=0.12)


def test_the_model_of_the_counts_does_not_get_stuck_where_a_rate_would_exceed_one():
    """With a wide prior most of NUTS's starts have such rates; on a plain with no slope it could never leave them."""
    trials = datasets.bcg_trials()
    columns = [trials[name] for name in ("control_cases", "controls", "vaccinated_cases", "vaccinated")]
    prior = Prior(mu_sd=2, effect_sd=HalfNormal(1))
    model = pymc_model_of_counts(*columns, prior=prior, effect="log_risk_ratio")
    draws = sample(model, seed=2, target_accept=0.95)["posterior"]
    post = fit(*log_risk_ratio(*columns), prior=prior)
    assert_allclose(draws["mu"].mean("draw"), post.mu.mean, atol=post.mu.sd)
    assert draws["treatment_rate"].max() < 0.9


def log_density_of(model, point):
    """Log density of the untransformed variables, evaluated without compilation."""
    import pytensor

    variables = [model[name] for name in point]
    terms = model.logp(jacobian=False, sum=False)
    inputs = [model.rvs_to_values[variable] for variable in variables]
    values = []
    for variable, value in zip(variables, point.values(), strict=True):
        transform = model.rvs_to_transforms[variable]
        value = np.asarray(value, dtype=float)
        values.append(value if transform is None else transform.forward(value, *variable.owner.inputs).eval())
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        total = pytensor.function(inputs, sum(term.sum() for term in terms), on_unused_input="ignore")
    return float(total(*values))


@pytest.mark.parametrize("form", ["centred", "non_centred", "integrated"])
def test_pymc_forms_have_the_density_that_they_say(form):
    y, se = LIFTS
    effect = y * 0.4
    for mu, sd in ((0.01, 0.02), (-0.02, 0.05)):
        point = {"mu": mu, "effect_sd": sd}
        expected = stats.norm.logpdf(mu, 0, 0.2) + stats.halfnorm.logpdf(sd, scale=0.05)
        if form == "integrated":
            expected += stats.norm.logpdf(y, mu, np.hypot(sd, se)).sum()
        else:
            point |= {"effect": effect} if form == "centred" else {"distance": (effect - mu) / sd}
            expected += stats.norm.logpdf(y, effect, se).sum()
            scale, centre = (sd, mu) if form == "centred" else (1, 0)
            expected += stats.norm.logpdf(effect if form == "centred" else (effect - mu) / sd, centre, scale).sum()
        model = pymc_model(y, se, prior=Prior(mu_sd=0.2, effect_sd=HalfNormal(0.05)), form=form)
        assert log_density_of(model, point) == pytest.approx(expected)


@pytest.mark.parametrize("effect", ["relative_lift", "log_risk_ratio", "log_odds_ratio", "risk_difference"])
def test_binomial_models_have_the_density_that_they_say(effect):
    y_c, n_c, y_t, n_t = map(np.array, COUNTS)
    rate, lift = np.array([0.06, 0.08]), np.array([0.02, -0.03])
    treated = {
        "relative_lift": rate * (1 + lift),
        "log_risk_ratio": rate * np.exp(lift),
        "log_odds_ratio": 1 / (1 + (1 - rate) / rate * np.exp(-lift)),
        "risk_difference": rate + lift,
    }[effect]
    model = pymc_model_of_counts(*COUNTS, prior=Prior(mu_sd=0.2, effect_sd=HalfNormal(0.05)), effect=effect)
    point = {"mu": 0.01, "effect_sd": 0.04, "control_rate": rate, "distance": (lift - 0.01) / 0.04}
    expected = stats.norm.logpdf(0.01, 0, 0.2) + stats.halfnorm.logpdf(0.04, scale=0.05)
    expected += stats.norm.logpdf(point["distance"]).sum()
    expected += stats.binom.logpmf(y_c, n_c, rate).sum() + stats.binom.logpmf(y_t, n_t, treated).sum()
    assert log_density_of(model, point) == pytest.approx(expected)


@pytest.mark.parametrize("name", PRIORS)
def test_priors_say_the_same_to_pymc(name):
    import pymc as pm

    prior = PRIORS[name].effect_sd
    with pm.Model():
        variable = prior.pymc_variable("effect_sd")
        draws = pm.draw(variable, 4000, random_seed=3)
    assert stats.kstest(prior.cdf(draws[draws < 1e100]), "uniform").pvalue > 1e-4


# --- Bad input: each names the argument, the row and the reason

NAN, INF = float("nan"), float("inf")
BAD_ROWS = {
    "nan": ([0.1, NAN], [1, 1], r"estimate\[1\] is nan: a missing value"),
    "nan error": ([0.1, 0.2, 0.1], [NAN, 1, NAN], r"standard_error\[0\] is nan: a missing value.*also row 2"),
    "infinite": ([0.1, INF], [1, 1], r"estimate\[1\] is inf: it must be finite"),
    "infinite error": ([0.1, 1], [1, INF], r"standard_error\[1\] is inf: it must be finite"),
    "zero error": ([0.1, 1, 2, 3], [0, 1, 0, 0], r"standard_error\[0\] is 0: it must be above 0.*also rows 2, 3"),
    "negative error": ([0.1, 1], [1, -2], r"standard_error\[1\] is -2: it must be above 0"),
    "lengths": ([0.1, 1], [1], r"estimate has 2 rows but standard_error has 1"),
    "empty": ([], [], r"estimate is empty"),
    "text": ("12", [1, 2], r"estimate is the text"),
    "text in a row": ([1, "2"], [1, 1], r"estimate\[1\] is '2'"),
    "scalar": (1.0, 1.0, r"estimate has 0 dimensions"),
    "two-dimensional": ([[1.0]], [[1.0]], r"estimate has 2 dimensions"),
    "huge": ([1e60], [1], r"estimate\[0\] is 1e\+60: .*change the unit"),
    "tiny error": ([1], [1e-60], r"standard_error\[0\] is 1e-60: .*change the unit"),
}


@pytest.mark.parametrize("function", [fit, gibbs, gibbs_t, pymc_model])
@pytest.mark.parametrize(("estimate", "error", "message"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_bad_rows_are_refused_with_the_reason(function, estimate, error, message):
    with pytest.raises(ValueError, match=message):
        function(estimate, error)


BAD_COUNTS = {
    "successes over trials": (
        [5, 12],
        [10, 10],
        [1, 1],
        [9, 9],
        r"control_trials\[1\] is 10 but control_successes\[1\] is 12",
    ),
    "negative": ([5, 5], [10, 10], [1, -1], [9, 9], r"treatment_successes\[1\] is -1: a count cannot be negative"),
    "fraction": ([5, 5.5], [10, 10], [1, 1], [9, 9], r"control_successes\[1\] is 5.5: a count must be a whole number"),
    "nan": ([5, 5], [10, NAN], [1, 1], [9, 9], r"control_trials\[1\] is nan"),
    "no trials": ([5, 0], [10, 0], [1, 1], [9, 9], r"control_trials\[1\] is 0: an arm without trials"),
    "no trials treated": ([5, 5], [10, 10], [0, 0], [0, 0], r"treatment_trials\[0\] is 0.*also row 1"),
    "lengths": ([5, 5], [10, 10], [1], [9], r"control_successes has 2 rows but treatment_successes has 1"),
    "no tests": ([], [], [], [], r"control_successes is empty"),
}


@pytest.mark.parametrize(
    "function",
    [relative_lift, log_risk_ratio, log_odds_ratio, risk_difference, delta_method_error, pymc_model_of_counts],
)
@pytest.mark.parametrize(("y_c", "n_c", "y_t", "n_t", "message"), BAD_COUNTS.values(), ids=BAD_COUNTS)
def test_bad_counts_are_refused_with_the_reason(function, y_c, n_c, y_t, n_t, message):
    with pytest.raises(ValueError, match=message):
        function(y_c, n_c, y_t, n_t)


def test_effects_that_cannot_be_computed_are_refused_with_the_reason():
    some = [5, 5, 5], [10, 10, 10]
    refused = {
        r"control_successes\[0\] is 0: a control without conversions.*also row 2": lambda: relative_lift(
            [0, 5, 0], [10] * 3, *some
        ),
        r"treatment_successes\[1\] is 0: a treatment without conversions": lambda: relative_lift(
            *some, [1, 0, 1], [10] * 3
        ),
        r"treatment_successes\[0\] is 3: both arms always convert": lambda: relative_lift([4], [4], [3], [3]),
        r"control_successes\[1\] is 0: no outcome varies": lambda: risk_difference([1, 0], [2, 2], [2, 2], [2, 2]),
        r"control_mean\[0\] is -1: it must be above 0": lambda: relative_lift_of_means([-1], [1], [1], [1]),
        r"treatment_standard_error\[0\] is 0": lambda: relative_lift_of_means([1], [1], [1], [0]),
        r"treatment_mean\[0\] is nan": lambda: relative_lift_of_means([1], [1], [NAN], [1]),
        r"correction is 0: ": lambda: log_risk_ratio([1], [2], [1], [2], correction=0),
        r"correction is 'yes': ": lambda: log_odds_ratio([1], [2], [1], [2], correction="yes"),
        r"prob is 95: ": lambda: delta_method_error([1], [2], [1], [2], prob=95),
    }
    for message, call in refused.items():
        with pytest.raises(ValueError, match=message):
            call()


def test_bad_settings_are_refused_with_the_reason(schools):
    refused = {
        r"alpha is 0: it must be a finite number above 0": lambda: Prior(0, 1, 1),
        r"alpha is -1": lambda: Prior(alpha=-1),
        r"alpha is 1e\+09: ": lambda: Prior(alpha=1e9),
        r"beta is -1e-05": lambda: Prior(beta=-1e-5),
        r"beta is nan": lambda: Prior(beta=NAN),
        r"epsilon is 0: ": lambda: Prior(epsilon=0),
        r"epsilon is 1 / mu_sd": lambda: Prior(epsilon=3, mu_sd=1),
        r"alpha and beta describe": lambda: Prior(alpha=3, effect_sd=HalfNormal(1)),
        r"mu_sd is inf": lambda: Prior(mu_sd=INF),
        r"mu_mean is nan: ": lambda: Prior(mu_mean=NAN),
        r"mu_mean is '0': ": lambda: Prior(mu_mean="0"),
        r"effect_sd is 3: it must be a prior": lambda: Prior(effect_sd=3),
        r"effect_sd is Known\(scale=0.1\): it must be a prior": lambda: Prior(effect_sd=Known(0.1)),
        r"scale is 0: ": lambda: HalfCauchy(0),
        r"df is -2: ": lambda: HalfStudentT(-2, 1),
        r"upper is 1e\+60: .*change the unit": lambda: Uniform(1e60),
        r"prior is 'wide': it must be Prior": lambda: fit(*SCHOOLS, prior="wide"),
        r"need GammaPrecision": lambda: gibbs(*SCHOOLS, prior=SCHOOLS_PRIOR),
        r"draws is 0: ": lambda: gibbs(*SCHOOLS, draws=0),
        r"tune is -1: ": lambda: gibbs(*SCHOOLS, tune=-1),
        r"chains is 0: ": lambda: gibbs_t(*SCHOOLS, chains=0),
        r"seed is 1.5: ": lambda: gibbs(*SCHOOLS, seed=1.5),
        r"seed is None: ": lambda: schools.sample(seed=None),
        r"scan is 'random': ": lambda: gibbs(*SCHOOLS, scan="random"),
        r"df is 0: ": lambda: gibbs_t(*SCHOOLS, df=0),
        r"form is 'best': ": lambda: pymc_model(*SCHOOLS, form="best"),
        r"effect is 'lift': it must be 'relative_lift', ": lambda: pymc_model_of_counts(*COUNTS, effect="lift"),
        r"labels has 1 names but there are 8": lambda: fit(*SCHOOLS, labels=["a"]),
        r"prob is 95: ": lambda: schools.interval(95),
        r"q is nan: it must be finite": lambda: schools.quantile([0.5, NAN]),
        r"value is nan: it must be finite": lambda: schools.cdf(NAN),
        r"draws is 0": lambda: schools.sample(0),
        r"i is 'Z': it must be a label or a position from 0 to 7": lambda: schools.prob_greater("Z", 0),
        r"j is 8: ": lambda: schools.prob_greater(0, 8),
        r"i and j both name test 'A'": lambda: schools.prob_greater("A", 0),
        r"standard_error is 0: ": lambda: schools.predict(0),
        r"standard_error has 2 rows but the posterior has 8": lambda: schools.predict([1, 1]),
    }
    for message, call in refused.items():
        with pytest.raises(ValueError, match=message):
            call()
