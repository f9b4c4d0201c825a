"""Meta-analysis, exact: the same as other integrals."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from cases import LIFTS, PRIORS, SCHOOLS, SCHOOLS_PRIOR
from numpy.polynomial.legendre import leggauss
from numpy.testing import assert_allclose
from scipy import integrate, stats

from borrowing_strength.meta_analysis import (
    GammaPrecision,
    HalfCauchy,
    HalfNormal,
    Prior,
    Uniform,
    fit,
    gibbs_t,
)
from borrowing_strength.sampling import compare_means

pytestmark = pytest.mark.filterwarnings("error", "ignore:the mean of the estimates is")


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
