"""Systems of components: known tables, second computations, logarithms."""

import pickle
from fractions import Fraction
from itertools import product
from math import comb, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import integrate, stats

from borrowing_strength.redundancy import (
    CommonCause,
    CorrelatedBeliefs,
    CorrelatedFailures,
    belief_from_trials,
    beta_from_mean_sd,
    k_of_n,
    prob_all_fail,
    upper_limit,
)

pytestmark = pytest.mark.filterwarnings("error")
QUICK = settings(max_examples=25, deadline=None, derandomize=True)
ALONE = 0.05**5  # five components that fail with probability .05, independently


# --- The tables


SDS = [0.001, 0.01, 0.02, 0.03, 0.04, 0.05]


@pytest.mark.parametrize(
    ("sd", "expected", "ratio", "relative_sd"),
    [
        (0.001, "3.138e-07", 1.004, 0.003),
        (0.01, "4.553e-07", 1.457, 0.036),
        (0.02, "1.142e-06", 3.654, 0.095),
        (0.03, "3.497e-06", 11.19, 0.174),
        (0.04, "1.068e-05", 34.2, 0.252),
        (0.05, "2.999e-05", 96.0, 0.311),
    ],
)
def test_uncertainty_about_a_shared_probability(sd, expected, ratio, relative_sd):
    belief = beta_from_mean_sd(0.05, sd)
    risk = prob_all_fail(5, belief)
    assert f"{risk:.3e}" == expected
    assert float(f"{risk / ALONE:.4g}") == pytest.approx(ratio, abs=5e-4 if ratio < 10 else 0.05)
    assert np.sqrt((prob_all_fail(10, belief) / risk**2 - 1) / 1000) == pytest.approx(relative_sd, abs=6e-4)


def test_draws_that_one_percent_takes():
    for sd, draws in ((0.03, 300_000), (0.05, 965_000)):
        belief = beta_from_mean_sd(0.05, sd)
        assert (prob_all_fail(10, belief) / prob_all_fail(5, belief) ** 2 - 1) / 0.01**2 == pytest.approx(
            draws, rel=0.02
        )


@pytest.mark.parametrize(
    ("sd", "ratios"),
    [(0.03, [1, 1.38, 2.13, 4.03, 6.94, 9.31, 11.19]), (0.05, [1, 2.13, 5.41, 18.0, 45.4, 72.4, 95.96])],
)
def test_correlated_beliefs(sd, ratios):
    belief = beta_from_mean_sd(0.05, sd)
    found = [prob_all_fail(5, CorrelatedBeliefs(belief, rho)) / ALONE for rho in (0, 0.1, 0.25, 0.5, 0.75, 0.9, 1)]
    assert_allclose(found, ratios, rtol=3e-3)
    assert found[-1] == pytest.approx(prob_all_fail(5, belief) / ALONE, rel=1e-12)


def test_correlated_failures():
    found = [prob_all_fail(5, CorrelatedFailures(0.05, rho)) / ALONE for rho in (0, 0.05, 0.1, 0.25, 0.5, 1)]
    assert_allclose(found, [1, 6.2, 24.7, 385, 4977, 160_000], rtol=2e-3)


# --- A Beta from its mean and sd


@QUICK
@given(mean=st.floats(1e-6, 1 - 1e-6), share=st.floats(1e-4, 0.999))
def test_beta_has_the_mean_and_sd_asked_for(mean, share):
    sd = share * np.sqrt(mean * (1 - mean))
    a, b = beta_from_mean_sd(mean, sd).args
    assert a / (a + b) == pytest.approx(mean, rel=1e-9)
    assert np.sqrt(a * b / (a + b + 1)) / (a + b) == pytest.approx(sd, rel=1e-9)


def test_limit_of_the_sd():
    assert beta_from_mean_sd(0.05, 0.21794).args[0] > 0
    with pytest.raises(ValueError, match=r"sd is 0\.218: a probability with mean 0\.05 has an sd below .* = 0\.21794"):
        beta_from_mean_sd(0.05, 0.218)
    with pytest.raises(ValueError, match=r"sd is 0\.5"):
        beta_from_mean_sd(0.5, 0.5)


# --- Every model against a second computation


@pytest.mark.parametrize("k", range(1, 6))
def test_independent_components_by_enumeration(k):
    p = Fraction(3, 10)
    exact = sum(
        prod(p if failed else 1 - p for failed in world)
        for world in product([True, False], repeat=5)
        if sum(not failed for failed in world) < k
    )
    assert k_of_n(k, 5, 0.3) == pytest.approx(float(exact), rel=1e-13)


def test_shared_probability_by_exact_fractions():
    a, b, n = 2, 7, 6
    moment = Fraction(1)
    for i in range(n):
        moment *= Fraction(a + i, a + b + i)
    assert prob_all_fail(n, stats.beta(a, b)) == pytest.approx(float(moment), rel=1e-13)


@QUICK
@given(a=st.floats(0.05, 200), b=st.floats(0.05, 200), n=st.integers(1, 40), data=st.data())
def test_shared_probability_agrees_with_scipy(a, b, n, data):
    k = data.draw(st.integers(1, n))
    assert k_of_n(k, n, stats.beta(a, b)) == pytest.approx(stats.betabinom.sf(n - k, n, a, b), abs=1e-12)


def two_normals(h, rho):
    """P(both below h): Plackett's derivative with respect to the correlation, integrated from independence."""
    density = lambda r: np.exp(-(h**2) / (1 + r)) / (2 * np.pi * np.sqrt(1 - r**2))  # noqa: E731
    return stats.norm.cdf(h) ** 2 + integrate.quad(density, 0, rho, epsabs=0, epsrel=1e-12)[0]


@pytest.mark.parametrize("p", [0.001, 0.05, 0.4, 0.9])
@pytest.mark.parametrize("rho", [0.01, 0.3, 0.5, 0.51, 0.9, 0.999])
def test_two_correlated_failures_by_plackett(p, rho):
    both = two_normals(stats.norm.ppf(p), rho)
    assert k_of_n(1, 2, CorrelatedFailures(p, rho)) == pytest.approx(both, rel=1e-8, abs=1e-13)
    assert k_of_n(2, 2, CorrelatedFailures(p, rho)) == pytest.approx(2 * p - both, rel=1e-9)


@pytest.mark.parametrize(("n", "rho"), [(3, 0.4), (4, 0.2), (5, 0.6)])
def test_several_correlated_failures_agree_with_scipys_multivariate_normal(n, rho):
    normal = stats.multivariate_normal(np.zeros(n), np.full((n, n), rho) + (1 - rho) * np.eye(n), seed=1)
    expected = normal.cdf(np.full(n, stats.norm.ppf(0.3)))
    assert prob_all_fail(n, CorrelatedFailures(0.3, rho)) == pytest.approx(expected, abs=2e-5)
    survive = normal.cdf(np.full(n, stats.norm.isf(0.3)))  # the distribution is symmetric
    assert k_of_n(n, n, CorrelatedFailures(0.3, rho)) == pytest.approx(1 - survive, abs=2e-5)


@pytest.mark.parametrize("belief", [(0.9, 17.1), (2.6, 49.2), (30, 20), (0.2, 0.4)], ids=str)
@pytest.mark.parametrize("rho", [0.1, 0.6, 0.99])
def test_two_correlated_beliefs_by_mehlers_series(belief, rho):
    # E[p_1 p_2] = sum_k c_k^2 rho^k, with the coefficients of p in normalised Hermite polynomials of its score
    z = np.linspace(-9, 9, 7201)
    mass = stats.norm.pdf(z) * (z[1] - z[0])
    p = np.where(z < 0, stats.beta(*belief).ppf(stats.norm.cdf(z)), stats.beta(*belief).isf(stats.norm.sf(z)))
    last, now, both = np.zeros_like(z), np.ones_like(z), 0.0
    for k in range(400):
        both += (mass @ (p * now)) ** 2 * rho**k
        last, now = now, (z * now - np.sqrt(k) * last) / np.sqrt(k + 1)
        if k > 40 and rho**k < 1e-8:
            break
    mean = belief[0] / sum(belief)
    model = CorrelatedBeliefs(stats.beta(*belief), rho)
    assert k_of_n(1, 2, model) == pytest.approx(both, rel=1e-5)
    assert k_of_n(2, 2, model) == pytest.approx(2 * mean - both, rel=1e-5)


@pytest.mark.parametrize(("share", "reach"), [(0, 1), (0.1, 1), (0.6, 1), (1, 1), (0.1, 0.5), (0.1, 0.1), (0.6, 0.9)])
@pytest.mark.parametrize("k", [1, 3, 4])
def test_common_cause_by_integration(share, reach, k):
    def given_p(p):
        own, shock = (1 - share) * p, share * p / reach
        calm, struck = stats.binom.sf(4 - k, 4, [own, reach + (1 - reach) * own])
        return shock * struck + (1 - shock) * calm

    a, b = 2.5, 20
    expected = integrate.quad(lambda p: given_p(p) * stats.beta.pdf(p, a, b), 0, 1, epsrel=1e-12)[0]
    assert k_of_n(k, 4, CommonCause(stats.beta(a, b), share, reach)) == pytest.approx(expected, rel=1e-9)
    assert k_of_n(k, 4, CommonCause(0.07, share, reach)) == pytest.approx(given_p(0.07), rel=1e-12)


def test_certain_models_are_the_limits_of_the_uncertain_ones():
    belief = beta_from_mean_sd(0.05, 1e-9)
    for k in (1, 3, 5):
        assert k_of_n(k, 5, belief) == pytest.approx(k_of_n(k, 5, 0.05), rel=1e-6)
        assert k_of_n(k, 5, CorrelatedBeliefs(beta_from_mean_sd(0.05, 1e-4), 0.5)) == pytest.approx(
            k_of_n(k, 5, 0.05), rel=1e-4
        )
        assert k_of_n(k, 5, CorrelatedFailures(0.05, 1 - 1e-13)) == pytest.approx(0.05, rel=1e-5)
        assert k_of_n(k, 5, CorrelatedFailures(0.05, 1e-13)) == pytest.approx(k_of_n(k, 5, 0.05), rel=1e-9)


def test_beliefs_of_almost_0_or_1_are_correlated_failures():
    # if p is nearly 0 or 1, correlated beliefs are correlated failures
    belief = stats.beta(0.0025, 0.0475)
    for rho in (0.2, 0.7):
        near = prob_all_fail(3, CorrelatedFailures(0.05, rho))
        assert prob_all_fail(3, CorrelatedBeliefs(belief, rho)) == pytest.approx(near, rel=0.2)
    with pytest.raises(ValueError, match="use CorrelatedFailures"):
        CorrelatedBeliefs(stats.beta(0.0005, 0.0095), 0.5)


# --- Logarithms


def test_no_underflow():
    assert prob_all_fail(5, 1e-60) == pytest.approx(1e-300, rel=1e-12)
    assert prob_all_fail(50, 1e-60, log=True) == pytest.approx(-3000 * np.log(10), rel=1e-14)
    factors = [(0.5 + i) / (0.5 + 1e9 + i) for i in range(60)]
    assert prob_all_fail(60, stats.beta(0.5, 1e9), log=True) == pytest.approx(np.log(factors).sum(), rel=1e-12)
    # given the factor the failures are independent, and with rho -> 1 the whole system is one component
    assert prob_all_fail(10, CorrelatedFailures(1e-200, 0.999), log=True) > prob_all_fail(10, 1e-200, log=True) / 5
    assert prob_all_fail(60, CorrelatedFailures(1e-20, 0.01), log=True) < -800
    assert prob_all_fail(60, CorrelatedBeliefs(stats.beta(2, 2e6), 0.3), log=True) < -600
    assert prob_all_fail(8, CommonCause(1e-100, 1e-150), log=True) == pytest.approx(-250 * np.log(10), rel=1e-12)


def test_far_tail_of_correlated_failures_by_numerical_integration():
    # 1e-12 each, rho .3, n = 6: in logs, by SciPy's adaptive rule on the scaled integrand
    h = stats.norm.ppf(1e-12)

    def log_f(z):
        return 6 * stats.norm.logcdf((h - np.sqrt(0.3) * z) / np.sqrt(0.7)) + stats.norm.logpdf(z)

    top = max(log_f(z) for z in np.linspace(-40, 10, 2001))
    area = integrate.quad(lambda z: np.exp(log_f(z) - top), -40, 10, points=[-15, -10, -5, 0], limit=400)[0]
    assert prob_all_fail(6, CorrelatedFailures(1e-12, 0.3), log=True) == pytest.approx(top + np.log(area), rel=1e-9)


# --- Tests without failures


def test_zero_failures():
    assert upper_limit(0, 100) == pytest.approx(1 - 0.05 ** (1 / 100), rel=1e-12)
    assert upper_limit(0, 1000) == pytest.approx(3 / 1000, rel=0.01)
    assert upper_limit(3, 3) == 1
    belief = belief_from_trials(0, 59)
    assert belief.ppf(0.95) == pytest.approx(1 - 0.05 ** (1 / 60), rel=1e-9)
    assert prob_all_fail(2, belief) == pytest.approx(2 / (61 * 62), rel=1e-12)  # not the square of the mean, 1 / 61^2


def test_a_belief_says_what_it_is_and_travels():
    belief = belief_from_trials(2, 80)
    assert repr(belief) == str(pickle.loads(pickle.dumps(belief))) == "Beta(3, 79)"
    assert str(beta_from_mean_sd(0.05, 0.03)) == "Beta(2.589, 49.19)"
    assert isinstance(belief, type(stats.beta(3, 79)))
    assert belief.interval(0.9) == stats.beta(3, 79).interval(0.9)


def test_upper_limit_leaves_the_stated_chance():
    for y, n, prob in ((0, 7, 0.9), (2, 10, 0.95), (9, 10, 0.5)):
        assert stats.binom.cdf(y, n, upper_limit(y, n, prob)) == pytest.approx(1 - prob, rel=1e-9)


# --- One component, and known probabilities


def test_one_component_is_its_own_system():
    for model in (0.2, stats.beta(2, 8), CorrelatedFailures(0.2, 0.9)):
        assert prob_all_fail(1, model) == pytest.approx(0.2, rel=1e-9)
    assert prob_all_fail(1, CommonCause(0.2, 0.3)) == pytest.approx(0.2 - 0.3 * 0.7 * 0.2**2, rel=1e-12)
    assert prob_all_fail(1, CorrelatedBeliefs(stats.beta(2, 8), 0.5)) == pytest.approx(0.2, rel=1e-9)


def test_counts_of_a_known_probability_are_binomial():
    chances = [comb(6, i) * 0.1**i * 0.9 ** (6 - i) for i in range(7)]
    assert k_of_n(4, 6, 0.1) == pytest.approx(sum(chances[3:]), rel=1e-12)
    assert prob_all_fail(170, 1 / 170, log=True) == pytest.approx(-170 * np.log(170), rel=1e-12)
