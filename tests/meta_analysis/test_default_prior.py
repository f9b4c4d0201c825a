"""`fit` without a prior: weakly informative on every scale, and said in numbers."""

import numpy as np
import pytest
from cases import SCHOOLS
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import integrate, stats

from borrowing_strength.meta_analysis import HalfNormal, Prior, UniformShrinkage, fit, gibbs, pymc_model


@given(st.floats(1e-6, 1e6))
@example(418932.0)  # where every second node happens to do as well as all
def test_the_unit_does_not_matter(unit):
    post, scaled = fit(*SCHOOLS), fit(SCHOOLS[0] * unit, SCHOOLS[1] * unit)
    np.testing.assert_allclose(scaled.mean, unit * post.mean, rtol=1e-9)
    np.testing.assert_allclose(scaled.interval(), unit * post.interval(), rtol=1e-6)


@pytest.mark.parametrize("shift", [-1000, 50, 1000])
def test_where_zero_lies_hardly_matters(shift):
    post, moved = fit(*SCHOOLS), fit(SCHOOLS[0] + shift, SCHOOLS[1])
    np.testing.assert_allclose(moved.mean - shift, post.mean, atol=0.02 * post.sd.max())


def test_it_is_uniform_shrinkage_around_a_typical_standard_error():
    prior = fit(*SCHOOLS).prior
    assert isinstance(prior.effect_sd, UniformShrinkage)
    typical = (8 / (SCHOOLS[1] ** -2.0).sum()) ** 0.5
    assert prior.effect_sd.cdf(typical) == pytest.approx(0.5, abs=1e-12)
    assert prior.mu_sd > 50 * np.abs(SCHOOLS[0]).max()
    assert "UniformShrinkage(scale=11.5" in repr(prior)


def test_summary_and_posterior_say_which_prior_was_used():
    for prior in (None, Prior()):
        post = fit(*SCHOOLS, prior=prior)
        assert post.summary().attrs["prior"] == repr(post.prior)
        assert repr(post) == f"Posterior(8 tests, prior={post.prior!r})"
    assert "GammaPrecision(alpha=0.1, beta=1e-05)" in repr(post)


def test_the_weight_on_the_test_is_uniform():
    prior = UniformShrinkage(3.0)
    weight = 3.0 / (3.0 + prior.draw(100_000, np.random.default_rng(1)))
    np.testing.assert_allclose(np.quantile(weight, [0.1, 0.5, 0.9]), [0.1, 0.5, 0.9], atol=0.006)
    below = integrate.quad(lambda sd: np.exp(prior.log_density(sd)), 0, 5)[0]
    assert below == pytest.approx(prior.cdf(5), abs=1e-10)
    assert prior.log_density(-1) == -np.inf
    assert prior.cdf(-1) == 0


def test_the_posterior_agrees_with_an_independent_integral():
    estimate, error = SCHOOLS
    post = fit(estimate, error)
    sd = np.exp(np.linspace(np.log(1e-9), np.log(1e9), 400_001))[:, None]
    variance = error**2 + sd**2
    weight, total = 1 / variance, (1 / variance).sum(axis=1)
    mean = (weight * estimate).sum(axis=1) / total  # with a flat average: the prior's sd is 4,300 here
    height = -0.5 * (
        np.log(variance).sum(axis=1) + np.log(total) + (weight * (estimate - mean[:, None]) ** 2).sum(axis=1)
    )
    mass = (
        np.exp(height - height.max()) * stats.betaprime.pdf(sd[:, 0], 1, 1, scale=post.prior.effect_sd.scale) * sd[:, 0]
    )
    mass /= mass.sum()
    assert post.mu.mean == pytest.approx(mass @ mean, rel=1e-4)
    assert post.effect_sd.mean == pytest.approx(mass @ sd[:, 0], rel=1e-6)
    shrunk = (estimate / error**2 + mean[:, None] / sd**2) / (1 / error**2 + 1 / sd**2)
    np.testing.assert_allclose(post.mean, mass @ shrunk, rtol=1e-4)


def test_pymc_has_the_same_default():
    """The weight is uniform there, so what is drawn of the sd from the prior must be what the engine says of it."""
    import pymc as pm

    with pymc_model(*SCHOOLS):
        sd = pm.sample_prior_predictive(20_000, var_names=["effect_sd"], random_seed=1).prior["effect_sd"].values
    prior = fit(*SCHOOLS).prior.effect_sd
    np.testing.assert_allclose(prior.cdf(np.quantile(sd, [0.1, 0.5, 0.9])), [0.1, 0.5, 0.9], atol=0.012)


def test_the_published_prior_has_a_name():
    assert fit(*SCHOOLS, prior=Prior()).prior.mu_sd == pytest.approx(1 / 40)


def test_estimates_far_from_zero_are_not_pulled_to_it():
    """Under the published prior eight tests around 0.3 come out at a fraction of that."""
    estimate, error = [0.28, 0.33, 0.31, 0.29, 0.3, 0.27, 0.35, 0.27], [0.05] * 8
    assert fit(estimate, error).mu.mean == pytest.approx(0.3, abs=0.001)
    assert fit(estimate, error, prior=Prior()).mu.mean < 0.25


@pytest.mark.parametrize(("estimate", "error"), [([2, 5, -1], [1, 1, 1]), ([1, 3], [0.5, 0.5])])
def test_a_prior_of_another_scale_is_said(estimate: list, error: list) -> None:
    for prior in (Prior(), Prior(effect_sd=HalfNormal(5))):
        for model in (fit, pymc_model):
            with pytest.warns(UserWarning, match=r"but the prior expects of their mean 0, .* Prior\(mu_sd=\.\.\.\)"):
                model(estimate, error, prior=prior)
    with pytest.warns(UserWarning, match="the mean of the estimates is"):
        gibbs(estimate, error, draws=10, tune=10)


def test_a_prior_of_the_right_scale_that_overrules_many_tests_is_said() -> None:
    """Sixteen correlations around 0.15 (brms issue 990 had such): the published prior makes them 0.05."""
    estimate, error = 0.149 + 0.15 * stats.norm.ppf((np.arange(16) + 0.5) / 16), np.full(16, 0.07)
    assert fit(estimate, error).mu.mean == pytest.approx(0.149, abs=0.002)
    with pytest.warns(UserWarning, match=r"the mean of the estimates is 0\.149, but the prior expects of their mean 0"):
        assert fit(estimate, error, prior=Prior()).mu.mean < 0.06


@pytest.mark.filterwarnings("error")
def test_nothing_is_said_of_a_prior_that_expects_the_data() -> None:
    fit([0.01, 0.05, 0.08], [0.02] * 3, prior=Prior())
    fit([2, 5, -1], [1, 1, 1])
    fit([2, 5, -1], [1, 1, 1], prior=Prior(mu_sd=2))
