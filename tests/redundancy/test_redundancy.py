"""Systems of components and failure rates: known tables, second computations, simulation, what theory demands."""

import os
from fractions import Fraction
from itertools import product
from math import comb, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import integrate, stats
from scipy.special import gammainc

import borrowing_strength as bs
from borrowing_strength.calibration import calibrate
from borrowing_strength.redundancy import (
    CommonCause,
    CorrelatedBeliefs,
    CorrelatedFailures,
    Prior,
    belief_from_trials,
    beta_from_mean_sd,
    fit,
    gibbs,
    k_of_n,
    monte_carlo,
    prob_all_fail,
    pymc_model,
    upper_limit,
)

pytestmark = pytest.mark.filterwarnings("error")
REPLICATIONS = int(os.environ.get("BORROWING_STRENGTH_REPLICATIONS", "250"))
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
@pytest.mark.parametrize("rho", [-0.7, -0.3, 0.01, 0.3, 0.5, 0.51, 0.9, 0.999])
def test_two_correlated_failures_by_plackett(p, rho):
    both = two_normals(stats.norm.ppf(p), rho)
    assert k_of_n(1, 2, CorrelatedFailures(p, rho)) == pytest.approx(both, rel=1e-8, abs=1e-13)
    assert k_of_n(2, 2, CorrelatedFailures(p, rho)) == pytest.approx(2 * p - both, rel=1e-9)


@pytest.mark.parametrize(("n", "rho"), [(3, -0.4), (4, -0.2), (4, 0.2), (5, 0.6)])
def test_several_correlated_failures_agree_with_scipys_multivariate_normal(n, rho):
    normal = stats.multivariate_normal(np.zeros(n), np.full((n, n), rho) + (1 - rho) * np.eye(n), seed=1)
    expected = normal.cdf(np.full(n, stats.norm.ppf(0.3)))
    assert prob_all_fail(n, CorrelatedFailures(0.3, rho)) == pytest.approx(expected, abs=2e-5)
    survive = normal.cdf(np.full(n, stats.norm.isf(0.3)))  # the distribution is symmetric
    assert k_of_n(n, n, CorrelatedFailures(0.3, rho)) == pytest.approx(1 - survive, abs=2e-5)


@pytest.mark.parametrize("belief", [(0.9, 17.1), (2.6, 49.2), (30, 20), (0.2, 0.4)], ids=str)
@pytest.mark.parametrize("rho", [-0.8, -0.2, 0.1, 0.6, 0.99])
def test_two_correlated_beliefs_by_mehlers_series(belief, rho):
    # E[p_1 p_2] = sum_k c_k^2 rho^k, with the coefficients of p in normalised Hermite polynomials of its score
    z = np.linspace(-9, 9, 7201)
    mass = stats.norm.pdf(z) * (z[1] - z[0])
    p = np.where(z < 0, stats.beta(*belief).ppf(stats.norm.cdf(z)), stats.beta(*belief).isf(stats.norm.sf(z)))
    last, now, both = np.zeros_like(z), np.ones_like(z), 0.0
    for k in range(400):
        both += (mass @ (p * now)) ** 2 * rho**k
        last, now = now, (z * now - np.sqrt(k) * last) / np.sqrt(k + 1)
        if k > 40 and abs(rho) ** k < 1e-8:
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


# --- The simulated twin


MODELS = {
    "known": 0.3,
    "shared": stats.beta(1.5, 6),
    "correlated beliefs": CorrelatedBeliefs(stats.beta(1.5, 6), 0.4),
    "opposed beliefs": CorrelatedBeliefs(stats.beta(1.5, 6), -0.2),
    "correlated failures": CorrelatedFailures(0.2, 0.3),
    "opposed failures": CorrelatedFailures(0.3, -0.15),
    "common cause": CommonCause(0.2, 0.15),
    "uncertain common cause": CommonCause(stats.beta(1.5, 6), 0.15),
    "a common cause that spares some": CommonCause(stats.beta(1.5, 6), 0.15, 0.6),
}


@pytest.mark.parametrize("k", [1, 2, 4])
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_simulation_agrees_with_the_exact_answer(model, k):
    estimate = monte_carlo(4, model, k=k, draws=100_000, seed=17)
    exact = k_of_n(k, 4, model)
    assert abs(estimate.value - exact) <= 5 * estimate.standard_error + 1e-12
    assert estimate.standard_error < 0.1 * exact


def test_standard_error_is_honest():
    belief = stats.beta(2, 5)
    runs = [monte_carlo(3, belief, draws=500, seed=s) for s in range(400)]
    spread = np.std([run.value for run in runs])
    assert np.mean([run.standard_error for run in runs]) == pytest.approx(spread, rel=0.15)
    assert spread == pytest.approx(np.sqrt((prob_all_fail(6, belief) - prob_all_fail(3, belief) ** 2) / 500), rel=0.15)


def test_estimates_of_rare_events_are_skewed_low():
    for sd in (0.03, 0.05):
        belief = beta_from_mean_sd(0.05, sd)
        ratio = np.median([monte_carlo(5, belief, seed=s).value for s in range(1500)]) / prob_all_fail(5, belief)
        assert 0.93 < ratio < 0.99


def test_an_event_never_drawn_hides_its_own_error():
    estimate = monte_carlo(5, CorrelatedFailures(0.001, 0.1), draws=1000, seed=1)
    assert (estimate.value, estimate.standard_error, estimate.draws) == (0, 0, 1000)


def test_simulation_repeats_with_the_seed():
    assert monte_carlo(3, 0.2, draws=10, seed=1) == monte_carlo(3, 0.2, draws=10, seed=1)
    first, second = (monte_carlo(3, stats.beta(2, 3), draws=10, seed=s) for s in (1, 2))
    assert first != second


# --- What theory demands


@QUICK
@given(mean=st.floats(0.001, 0.9), shares=st.lists(st.floats(0.01, 0.98), min_size=2, max_size=2), n=st.integers(2, 12))
def test_more_uncertainty_more_danger(mean, shares, n):
    low, high = sorted(shares)
    limit = np.sqrt(mean * (1 - mean))
    risks = [prob_all_fail(n, beta_from_mean_sd(mean, share * limit), log=True) for share in (low, high)]
    assert n * np.log(mean) <= risks[0] + 1e-9
    assert risks[0] <= risks[1] + 1e-9
    assert risks[1] <= np.log(mean) + 1e-9


@QUICK
@given(p=st.floats(0.001, 0.9), rhos=st.lists(st.floats(-0.1, 1), min_size=2, max_size=2), n=st.integers(2, 8))
def test_more_correlation_more_danger(p, rhos, n):
    low, high = sorted(rhos)
    assert prob_all_fail(n, CorrelatedFailures(p, low), log=True) <= (
        prob_all_fail(n, CorrelatedFailures(p, high), log=True) + 1e-8
    )


@settings(max_examples=10, deadline=None, derandomize=True)
@given(rhos=st.lists(st.floats(-0.15, 1), min_size=2, max_size=2), a=st.floats(0.1, 20), b=st.floats(0.1, 50))
def test_more_correlated_beliefs_more_danger(rhos, a, b):
    low, high = sorted(rhos)
    risks = [prob_all_fail(5, CorrelatedBeliefs(stats.beta(a, b), rho), log=True) for rho in (low, high)]
    assert risks[0] <= risks[1] + 1e-7


@QUICK
@given(p=st.floats(0.0001, 0.4), shares=st.lists(st.floats(0, 1), min_size=2, max_size=2))
def test_more_common_cause_more_danger(p, shares):
    low, high = sorted(shares)
    risks = [prob_all_fail(3, CommonCause(p, share)) for share in (low, high)]
    assert risks[0] <= risks[1] * (1 + 1e-9)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_k_of_n_is_monotone(model):
    needs = [k_of_n(k, 5, model) for k in range(1, 6)]
    assert np.all(np.diff(needs) > 0)  # a system that needs more fails more often
    spares = [k_of_n(2, n, model) for n in range(2, 6)]
    assert np.all(np.diff(spares) < 0)  # a spare component helps
    assert sum(needs) == pytest.approx(5 * k_of_n(1, 1, model), rel=1e-9)  # expected failures = sum of the tails
    assert prob_all_fail(5, model) == needs[0]


# --- Tests without failures


def test_zero_failures():
    assert upper_limit(0, 100) == pytest.approx(1 - 0.05 ** (1 / 100), rel=1e-12)
    assert upper_limit(0, 1000) == pytest.approx(3 / 1000, rel=0.01)
    assert upper_limit(3, 3) == 1
    belief = belief_from_trials(0, 59)
    assert belief.ppf(0.95) == pytest.approx(1 - 0.05 ** (1 / 60), rel=1e-9)
    assert prob_all_fail(2, belief) == pytest.approx(2 / (61 * 62), rel=1e-12)  # not the square of the mean, 1 / 61^2


def test_upper_limit_leaves_the_stated_chance():
    for y, n, prob in ((0, 7, 0.9), (2, 10, 0.95), (9, 10, 0.5)):
        assert stats.binom.cdf(y, n, upper_limit(y, n, prob)) == pytest.approx(1 - prob, rel=1e-9)


# --- Ten pumps


@pytest.fixture(scope="module")
def pumps():
    return bs.datasets.pump_failures()


@pytest.fixture(scope="module")
def post(pumps):
    labels = [f"pump {i}" for i in pumps["pump"]]
    return fit(pumps["failures"], pumps["thousand_hours"], labels=labels)


class Brute:
    """Posterior weights on a dense grid of (log shape, log rate), with SciPy's negative binomial."""

    def __init__(self, y, t, shape_prior, rate_prior, log_shape=(-9, 4, 301), log_rate=(-14, 5, 441)):
        u, v = np.meshgrid(np.linspace(*log_shape), np.linspace(*log_rate))
        self.shape, self.rate = np.exp(u), np.exp(v)
        log_weight = u + v + stats.gamma.logpdf(self.shape, shape_prior[0], scale=1 / shape_prior[1])
        log_weight += stats.gamma.logpdf(self.rate, rate_prior[0], scale=1 / rate_prior[1])
        for count, hours in zip(y, t, strict=True):
            log_weight += stats.nbinom.logpmf(count, self.shape, self.rate / (self.rate + hours))
        weight = np.exp(log_weight - log_weight.max())
        self.y, self.t, self.weight = y, t, weight / weight.sum()

    def average(self, f):
        return float(np.sum(self.weight * f))

    def moments(self, j):
        a, b = self.shape + self.y[j], self.rate + self.t[j]
        mean = self.average(a / b)
        return mean, np.sqrt(self.average(a * (a + 1) / b**2) - mean**2)


DEFAULT = ((1.0, 1.0), (0.1, 1.0))


def test_pumps_agree_with_a_dense_grid(pumps, post):
    y, t = pumps["failures"].to_numpy(), pumps["thousand_hours"].to_numpy()
    oracle = Brute(y, t, *DEFAULT)
    assert_allclose(np.transpose([post.mean, post.sd]), [oracle.moments(j) for j in range(10)], rtol=1e-5)
    assert_allclose(post.shrinkage, [oracle.average(oracle.rate / (oracle.rate + h)) for h in t], rtol=1e-5)
    assert post.log_shape.mean == pytest.approx(oracle.average(np.log(oracle.shape)), abs=1e-5)
    for j, (low, high) in enumerate(post.interval(0.9)):
        below = [oracle.average(gammainc(oracle.shape + y[j], (oracle.rate + t[j]) * x)) for x in (low, high)]
        assert_allclose(below, [0.05, 0.95], atol=1e-6)
    new = post.new_group().quantile([0.1, 0.5, 0.9])[0]
    assert_allclose([oracle.average(gammainc(oracle.shape, oracle.rate * x)) for x in new], [0.1, 0.5, 0.9], atol=1e-5)
    grand = post.grand_mean.interval(0.8)
    cdf = [oracle.average(oracle.shape / oracle.rate < x) for x in grand]  # a grid's staircase
    assert_allclose(cdf, [0.1, 0.9], atol=0.01)
    assert_allclose(post.grand_mean.cdf(grand), [0.1, 0.9], atol=1e-6)


def test_pumps_as_published(post):
    # BUGS, examples volume 1 (Spiegelhalter et al. 1996): posterior means and sds to their simulation's accuracy
    published = [0.0598, 0.1015, 0.0892, 0.116, 0.602, 0.609, 0.891, 0.894, 1.588, 1.994]
    assert_allclose(post.mean, published, rtol=0.01)
    assert_allclose(post.sd[[0, 3, 9]], [0.0252, 0.0303, 0.426], rtol=0.02)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    data=st.lists(st.tuples(st.integers(0, 8), st.floats(0.1, 30)), min_size=1, max_size=4),
    priors=st.sampled_from([((1.0, 1.0), (2.5, 1.0)), ((3.0, 2.0), (1.5, 0.5))]),
)
def test_rates_agree_with_a_dense_grid(data, priors):
    y, t = map(np.array, zip(*data, strict=True))
    post = fit(y, t, prior=Prior(*priors))
    oracle = Brute(y, t, *priors, log_shape=(-16, 3.5, 261), log_rate=(-18, 5, 301))
    assert_allclose(np.transpose([post.mean, post.sd]), [oracle.moments(j) for j in range(len(y))], rtol=2e-4)
    counts = np.arange(4)
    for j, row in enumerate(post.predict(2.0).pmf(counts)):
        chance = (oracle.rate + t[j]) / (oracle.rate + t[j] + 2)
        expected = [oracle.average(stats.nbinom.pmf(k, oracle.shape + y[j], chance)) for k in counts]
        assert_allclose(row, expected, rtol=1e-4, atol=1e-8)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(data=st.lists(st.tuples(st.integers(0, 60), st.floats(0.5, 50)), min_size=2, max_size=5))
def test_distribution_of_rates_is_coherent(data):
    y, t = map(np.array, zip(*data, strict=True))
    post = fit(y, t, prior=Prior((2, 0.1), (2, 0.1)))  # the population may be narrow
    q = np.array([0.001, 0.05, 0.5, 0.95, 0.999])
    rates = post.quantile(q)
    for j in range(len(y)):
        assert_allclose(post.cdf(rates[j])[j], q, atol=1e-7)
        middle = np.geomspace(rates[j, 1], rates[j, 3], 401)
        area = integrate.simpson(post.density(middle)[j], x=middle)
        assert area == pytest.approx(0.9, abs=1e-5)
    tails = post.cdf(np.geomspace(1e-8, 1e3, 4001))
    for j in range(len(y)):  # E[X] = int P(X > x) dx
        mean = 1e-8 + integrate.trapezoid(1 - tails[j], np.geomspace(1e-8, 1e3, 4001))
        assert post.mean[j] == pytest.approx(mean, rel=2e-3)
    best, worst = post.prob_best(), post.prob_worst()
    assert best.sum() == pytest.approx(1)
    assert worst.sum() == pytest.approx(1)
    if len(y) == 2:
        assert worst[0] == pytest.approx(post.prob_greater(0, 1), abs=2e-4)
        assert best[1] == pytest.approx(post.prob_greater(0, 1), abs=2e-4)
    assert post.prob_greater(0, 1) + post.prob_greater(1, 0) == pytest.approx(1, abs=1e-12)


def test_draws_follow_the_exact_posterior(post):
    tree = post.sample(draws=5000, seed=3)["posterior"].dataset
    rate = tree["rate"].values.reshape(-1, 10)
    error = post.sd / np.sqrt(len(rate))
    assert np.all(np.abs(rate.mean(axis=0) - post.mean) < 5 * error)
    for simulated, exact in ((rate.argmin(axis=1), post.prob_best()), (rate.argmax(axis=1), post.prob_worst())):
        share = np.bincount(simulated, minlength=10) / len(rate)
        assert np.all(np.abs(share - exact) < 5 * np.sqrt((exact + 1e-4) / len(rate)))
    pair = np.mean(rate[:, 9] > rate[:, 8])
    assert pair == pytest.approx(post.prob_greater("pump 10", "pump 9"), abs=0.02)
    assert np.log(tree["shape"].values).mean() == pytest.approx(post.log_shape.mean, abs=0.02)
    inside = [np.mean(tree["grand_mean"].values < x) for x in post.grand_mean.interval(0.5)]
    assert_allclose(inside, [0.25, 0.75], atol=0.02)
    assert list(tree["group"].values) == list(post.labels)


def test_prediction_of_failures(post):
    future = post.predict(10.0)
    counts = np.arange(400)
    pmf = future.pmf(counts)
    assert_allclose(pmf.sum(axis=1), 1, atol=1e-6)
    assert_allclose(np.cumsum(pmf, axis=1), future.cdf(counts), atol=1e-9)
    assert_allclose(pmf @ counts, future.mean, rtol=1e-4)
    assert_allclose(np.sqrt(pmf @ counts**2 - (pmf @ counts) ** 2), future.sd, rtol=1e-3)
    low, high = future.interval(0.8).T
    for j in range(10):
        assert future.cdf(low[j])[j] >= 0.1 > future.cdf(low[j] - 1)[j] if low[j] else future.cdf(0)[j] >= 0.1
        assert future.cdf(high[j])[j] >= 0.9 > future.cdf(high[j] - 1)[j]
    assert_allclose(post.predict([1.0] * 9 + [50]).mean, post.mean * np.array([1] * 9 + [50]))


def test_next_pump_has_no_mean_under_the_usual_prior(post, pumps):
    new = post.new_group()
    assert np.isinf(new.mean[0])
    assert np.isinf(new.sd[0])
    assert np.isinf(new.predict(1.0).mean[0])
    assert np.isinf(post.grand_mean.mean)
    assert np.isinf(post.grand_mean.sd)
    light = fit(pumps["failures"], pumps["thousand_hours"], prior=Prior(rate=(1, 1))).new_group()
    assert np.isfinite(light.mean[0])
    assert np.isinf(light.sd[0])
    lighter = fit(pumps["failures"], pumps["thousand_hours"], prior=Prior(rate=(3, 3)))
    rates = lighter.new_group().predict(1.0)
    assert_allclose(rates.pmf(np.arange(3000)) @ np.arange(3000), lighter.new_group().mean, rtol=1e-3)
    assert np.isfinite(lighter.new_group().sd[0])
    assert np.isfinite(lighter.grand_mean.sd)
    # pumps 7 and 8 were watched a thousand hours only, so the population counts for more in their estimate
    assert np.argmax(post.shrinkage) in (6, 7)


def test_new_pumps_fail_together_because_their_population_is_unknown(post):
    mission = post.mission(0.1)
    assert prob_all_fail(1, mission) == pytest.approx(1 - post.new_group().predict(0.1).pmf(0)[0], rel=1e-9)
    draws = post.sample(draws=20_000, seed=8)["posterior"].dataset
    shape = draws["shape"].values
    p = 1 - (1 + 0.1 * draws["grand_mean"].values / shape) ** -shape
    for k, chance in ((1, p**5), (2, p**5 + 5 * p**4 * (1 - p)), (5, 1 - (1 - p) ** 5)):
        assert abs(k_of_n(k, 5, mission) - chance.mean()) < 5 * chance.std() / np.sqrt(chance.size)
    simulated = monte_carlo(3, mission, draws=100_000, seed=9)
    assert abs(prob_all_fail(3, mission) - simulated.value) < 5 * simulated.standard_error
    assert prob_all_fail(5, mission) > 5 * prob_all_fail(1, mission) ** 5
    assert prob_all_fail(5, post.mission(1e-60), log=True) < -600


def test_more_hours_with_the_same_rate_shrink_less():
    post = fit([1, 10, 100, 3], [1, 10, 100, 30])
    assert np.all(np.diff(post.shrinkage[:3]) < 0)
    assert np.all(np.diff(post.sd[:3]) < 0)


def test_units_of_time_do_not_matter(pumps, post):
    in_hours = fit(pumps["failures"], pumps["thousand_hours"] * 1000, prior=Prior(rate=(0.1, 0.001)))
    assert_allclose(in_hours.mean * 1000, post.mean, rtol=1e-4)
    assert_allclose(in_hours.prob_worst(), post.prob_worst(), atol=1e-4)


def test_many_failures_speak_for_themselves():
    post = fit([10**9, 4 * 10**6, 0], [10.0, 2.0, 1.0])
    assert_allclose(post.mean[:2], [1e8, 2e6], rtol=1e-3)
    assert post.prob_greater(0, 1) == pytest.approx(1)
    assert_allclose(post.prob_best(), [0, 0, 1], atol=1e-6)
    assert np.all(np.diff(post.interval(), axis=1) > 0)


def test_thousand_groups():
    rng = np.random.default_rng(5)
    hours = rng.uniform(1, 20, 1000)
    rate = rng.gamma(2.0, 0.5, 1000)
    post = fit(rng.poisson(rate * hours), hours)
    low, high = np.exp(post.log_shape.interval(0.9999))
    assert low < 2 < high
    assert np.mean((post.mean - rate) ** 2) < np.mean((post.failures / hours - rate) ** 2)


def test_summary_and_labels(post, pumps):
    table = post.summary(0.9)
    assert list(table.index) == list(post.labels)
    assert_allclose(table["raw"], pumps["failures"] / pumps["thousand_hours"])
    assert np.all((table["lower"] < table["mean"]) & (table["mean"] < table["upper"]))
    indexed = pumps.set_index("pump")
    assert fit(indexed["failures"], indexed["thousand_hours"]).labels == tuple(str(i) for i in range(1, 11))


# --- Samplers against the exact answer


def test_gibbs_agrees_with_the_exact_posterior(post, pumps):
    tree = gibbs(pumps["failures"], pumps["thousand_hours"], draws=5000, seed=2, labels=post.labels)
    assert list(tree["posterior"]["group"].values) == list(post.labels)
    assert bs.sampling.diagnose(tree).sound
    assert bs.sampling.compare_means(tree["posterior"]["rate"], post.mean).agrees
    assert bs.sampling.compare_means(tree["posterior"]["rate"] ** 2, post.sd**2 + post.mean**2).agrees
    assert bs.sampling.compare_means(np.log(tree["posterior"]["shape"]), post.log_shape.mean).agrees
    median = post.grand_mean.quantile(0.5)
    assert bs.sampling.compare_means((tree["posterior"]["grand_mean"] < median).astype(float), 0.5).agrees
    again = gibbs(pumps["failures"], pumps["thousand_hours"], draws=3, chains=1, seed=2)["posterior"]["rate"]
    assert np.array_equal(
        again, gibbs(pumps["failures"], pumps["thousand_hours"], draws=3, chains=1, seed=2)["posterior"]["rate"]
    )


@pytest.mark.filterwarnings("default")  # PyMC may deprecate what it likes
def test_pymc_agrees_with_the_exact_posterior(post, pumps):
    tree = bs.sampling.sample(pymc_model(pumps["failures"], pumps["thousand_hours"]), seed=4)
    assert bs.sampling.diagnose(tree).sound
    assert bs.sampling.compare_means(tree["posterior"]["rate"], post.mean).agrees
    assert bs.sampling.compare_means(np.log(tree["posterior"]["shape"]), post.log_shape.mean).agrees


HOURS = np.array([0.5, 2, 5, 10, 20])
PRIOR = Prior(shape=(3.0, 2.0), rate=(4.0, 2.0))


def calibrate_rates(posterior_draws, replications=REPLICATIONS):
    def draw_prior(rng):
        shape, rate = (rng.gamma(a, 1 / b) for a, b in (PRIOR.shape, PRIOR.rate))
        rates = rng.gamma(shape, 1 / rate, size=len(HOURS))
        return {"shape": shape, "grand_mean": shape / rate, "rate": rates[0], "rates": rates}

    return calibrate(
        draw_prior,
        lambda truth, rng: rng.poisson(truth["rates"] * HOURS),
        posterior_draws,
        replications=replications,
        seed=6,
    ).summary()


def ranked(tree):
    draws = tree["posterior"].dataset
    one = {name: draws[name].values[0] for name in ("shape", "grand_mean")}
    return one | {"rate": draws["rate"].values[0, :, 0]}


def test_exact_posterior_is_calibrated():
    table = calibrate_rates(
        lambda y, rng: ranked(fit(y, HOURS, prior=PRIOR).sample(draws=99, chains=1, seed=int(rng.integers(2**31))))
    )
    print(table)  # `make calibrate` shows it
    assert table["p_value"].min() > 0.001


def test_a_posterior_that_forgets_the_population_is_caught():
    def separate(y, rng):
        return {"rate": rng.gamma(y[0] + 0.5, 1 / HOURS[0], size=99)}

    assert calibrate_rates(separate, replications=1000)["p_value"].min() < 1e-10


# --- Bad input: each names the argument, the value and the limit that it broke

NAN, INF = float("nan"), float("inf")
BELIEF = stats.beta(2, 38)
REFUSED = {
    r"mean is 0: .* between 0 and 1": lambda: beta_from_mean_sd(0, 0.1),
    r"mean is 1: .* between 0 and 1": lambda: beta_from_mean_sd(1, 0.1),
    r"mean is nan: ": lambda: beta_from_mean_sd(NAN, 0.1),
    r"sd is 0: .* above 0": lambda: beta_from_mean_sd(0.05, 0),
    r"sd is -0\.1: .* above 0": lambda: beta_from_mean_sd(0.05, -0.1),
    r"sd is nan: ": lambda: beta_from_mean_sd(0.05, NAN),
    r"sd is '0\.1': ": lambda: beta_from_mean_sd(0.05, "0.1"),
    r"components is 0: .* at least 1": lambda: prob_all_fail(0, 0.1),
    r"components is -2: ": lambda: k_of_n(1, -2, 0.1),
    r"components is 2\.5: ": lambda: prob_all_fail(2.5, 0.1),
    r"components is '5': ": lambda: prob_all_fail("5", 0.1),
    r"components is True: ": lambda: prob_all_fail(True, 0.1),
    r"k is 6 but components is 5": lambda: k_of_n(6, 5, 0.1),
    r"k is 0: .* at least 1": lambda: k_of_n(0, 5, 0.1),
    r"k is 1\.5: ": lambda: k_of_n(1.5, 5, 0.1),
    r"belief is 0\.0: .* between 0 and 1": lambda: prob_all_fail(5, 0),
    r"belief is 1\.2: .* between 0 and 1": lambda: prob_all_fail(5, 1.2),
    r"belief is nan: ": lambda: prob_all_fail(5, NAN),
    r"belief is 'low': ": lambda: prob_all_fail(5, "low"),
    r"belief is None: ": lambda: CommonCause(None, 0.1),
    r"belief is a shifted or scaled Beta": lambda: prob_all_fail(5, stats.beta(1, 2, scale=2)),
    r"the belief's a is -1: ": lambda: prob_all_fail(5, stats.beta(-1, b=2)),
    r"the belief's b is .*: it must be a finite number above 0": lambda: prob_all_fail(5, stats.beta(1, [1, 2])),
    r"belief is 0\.05: a probability that is known": lambda: CorrelatedBeliefs(0.05, 0.5),
    r"rho is 1\.1: a correlation is no more than 1": lambda: prob_all_fail(5, CorrelatedFailures(0.05, 1.1)),
    r"rho is -0\.3: .* at least -1/\(n-1\) = -0\.25 for 5": lambda: prob_all_fail(5, CorrelatedFailures(0.05, -0.3)),
    r"rho is -0\.6: .* = -0\.5 for 3": lambda: k_of_n(2, 3, CorrelatedBeliefs(BELIEF, -0.6)),
    r"rho is -0\.26: ": lambda: monte_carlo(5, CorrelatedFailures(0.05, -0.26), seed=1),
    r"rho is -0\.25: too close to its lower limit": lambda: prob_all_fail(5, CorrelatedFailures(0.05, -0.25)),
    r"rho is nan: ": lambda: CorrelatedFailures(0.05, NAN),
    r"rho is 'high': ": lambda: CorrelatedBeliefs(BELIEF, "high"),
    r"p is 1: ": lambda: CorrelatedFailures(1, 0.5),
    r"share is 1\.5: .* 0 to 1": lambda: CommonCause(0.05, 1.5),
    r"share is -0\.1: ": lambda: CommonCause(0.05, -0.1),
    r"share is nan: ": lambda: CommonCause(0.05, NAN),
    r"share is 'all': ": lambda: CommonCause(0.05, "all"),
    r"reach is 0\.05: .* at least the share, 0\.1": lambda: CommonCause(0.05, 0.1, 0.05),
    r"reach is 0: it must be above 0": lambda: CommonCause(0.05, 0, 0),
    r"reach is 1\.1: ": lambda: CommonCause(0.05, 0.1, 1.1),
    r"draws is 1: .* at least 2": lambda: monte_carlo(5, 0.1, draws=1, seed=1),
    r"seed is -1: ": lambda: monte_carlo(5, 0.1, seed=-1),
    r"failures is 4 but trials is 3: failures cannot exceed trials": lambda: belief_from_trials(4, 3),
    r"failures is 4 but trials is 3": lambda: upper_limit(4, 3),
    r"failures is -1: ": lambda: upper_limit(-1, 3),
    r"trials is 0: ": lambda: upper_limit(0, 0),
    r"prior\[1\] is 0: ": lambda: belief_from_trials(0, 3, prior=(1, 0)),
    r"prob is 95: ": lambda: upper_limit(0, 3, 95),
    r"hours\[1\] is 0: it must be above 0": lambda: fit([1, 2], [3, 0]),
    r"hours\[0\] is -3: it must be above 0": lambda: fit([1, 2], [-3, 4]),
    r"hours\[0\] is nan: a missing value": lambda: fit([1, 2], [NAN, 4]),
    r"hours\[0\] is inf: ": lambda: fit([1, 2], [INF, 4]),
    r"failures\[0\] is 1\.5: a count must be a whole number": lambda: fit([1.5, 2], [3, 4]),
    r"failures\[1\] is -2: a count cannot be negative": lambda: gibbs([1, -2], [3, 4], seed=1),
    r"failures has 2 rows but hours has 1": lambda: pymc_model([1, 2], [3]),
    r"failures is empty": lambda: fit([], []),
    r"shape is 3: it must be a pair": lambda: Prior(shape=3),
    r"rate\[1\] is 0: ": lambda: Prior(rate=(1, 0)),
    r"prior is 3: it must be Prior": lambda: fit([1], [2], prior=3),
    r"labels has 1 names but there are 2": lambda: fit([1, 2], [3, 4], labels=["a"]),
    r"i is 'x': it must be a label": lambda: fit([1, 2], [3, 4]).prob_greater("x", 0),
    r"i and j both name": lambda: fit([1, 2], [3, 4]).prob_greater(1, 1),
    r"hours is 0: .* above 0": lambda: fit([1, 2], [3, 4]).predict(0),
    r"hours\[1\] is 0: ": lambda: fit([1, 2], [3, 4]).predict([1, 0]),
    r"hours is -1: .* above 0": lambda: fit([1, 2], [3, 4]).mission(-1),
    r"hours has 1 rows but the posterior has 2": lambda: fit([1, 2], [3, 4]).predict([1]),
    r"value must lie above 0": lambda: fit([1, 2], [3, 4]).density([0.0]),
    r"q is 1: it must lie between": lambda: fit([1, 2], [3, 4]).quantile([1.0]),
    r"prob is 2: ": lambda: fit([1, 2], [3, 4]).predict(1).interval(2),
    r"draws is 0: ": lambda: gibbs([1], [2], draws=0, seed=1),
}


@pytest.mark.parametrize(("message", "call"), REFUSED.items(), ids=REFUSED)
def test_bad_input_is_refused_with_the_reason(message, call):
    with pytest.raises(ValueError, match=message):
        call()


def test_one_component_is_its_own_system():
    for model in (0.2, stats.beta(2, 8), CorrelatedFailures(0.2, -0.9)):
        assert prob_all_fail(1, model) == pytest.approx(0.2, rel=1e-9)
    assert prob_all_fail(1, CommonCause(0.2, 0.3)) == pytest.approx(0.2 - 0.3 * 0.7 * 0.2**2, rel=1e-12)
    assert prob_all_fail(1, CorrelatedBeliefs(stats.beta(2, 8), 0.5)) == pytest.approx(0.2, rel=1e-9)


def test_counts_of_a_known_probability_are_binomial():
    chances = [comb(6, i) * 0.1**i * 0.9 ** (6 - i) for i in range(7)]
    assert k_of_n(4, 6, 0.1) == pytest.approx(sum(chances[3:]), rel=1e-12)
    assert prob_all_fail(170, 1 / 170, log=True) == pytest.approx(-170 * np.log(170), rel=1e-12)
