"""Lesson 01's exact posterior against a dense grid that shares nothing with it."""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.polynomial.legendre import leggauss
from numpy.testing import assert_allclose
from scipy.special import betainc, betaincinv, betaln, expit

from borrowing_strength.beta_binomial import Gammas, MeanConcentration, PowerLaw
from borrowing_strength.beta_binomial.posterior import fit

pytestmark = pytest.mark.filterwarnings("error")

LABELS = ["A", "B", "C", "D"]
SUCCESSES = [30, 50, 55, 60]
LARGE = (SUCCESSES, [100, 100, 100, 100])
SMALL = ([3, 50, 55, 60], [10, 100, 100, 100])  # A was tried ten times only
HYPERPRIORS = [PowerLaw(), Gammas((2, 3), (3, 2)), MeanConcentration()]


@pytest.fixture(scope="module")
def large():
    return fit(*LARGE, labels=LABELS)


@pytest.fixture(scope="module")
def small():
    return fit(*SMALL, labels=LABELS)


# --- An independent answer: a dense grid over (logit mean, log concentration), no Chebyshev nodes, no Fourier series.


class Brute:
    """Posterior weights on a fixed grid; a density that is smooth and vanishes at the ends needs no more."""

    def __init__(self, successes, trials, hyperprior, u=(-24, 24, 385), v=(-45, 45, 361)):
        self.y, self.n = np.asarray(successes), np.asarray(trials)
        u, v = np.meshgrid(np.linspace(*u), np.linspace(*v))
        mean, s = expit(u), np.exp(v)
        log_weight = np.log(mean) + np.log(expit(-u)) + log_prior(hyperprior, mean, s) + 2 * v
        log_weight += log_likelihood(self.y, self.n, mean, expit(-u), s)
        weight = np.exp(log_weight - log_weight.max())
        kept = weight > 1e-14 * weight.sum()
        self.weight = weight[kept] / weight[kept].sum()
        self.mean_given, self.s = mean[kept], s[kept]
        self.a, self.b = self.s * self.mean_given, self.s * expit(-u[kept])

    def moment(self, j, k):
        """E[rate_j ** k], from the raw moments of a Beta."""
        i = np.arange(k)[:, None]
        return self.weight @ np.prod((self.a + self.y[j] + i) / (self.s + self.n[j] + i), axis=0)

    def prob_best(self, groups):
        """Each rate over its own quantiles, the others' distribution functions there."""
        p, width = leggauss(20)
        p, width = (p + 1) / 2, width / 2
        p, width = p * p * (3 - 2 * p), width * 6 * p * (1 - p)  # at the ends the others change fastest
        seen = self.weight > 1e-10
        weight = self.weight[seen, None]
        shapes = [((self.a + self.y[j])[seen, None], (self.b + self.n[j] - self.y[j])[seen, None]) for j in groups]
        out = []
        for j, own in enumerate(shapes):
            log_rate = log_quantile(*own, p)
            others = [cdf_at_log(*other, log_rate) for k, other in enumerate(shapes) if k != j]
            out.append(np.sum(weight * width * np.prod(others, axis=0)))
        return np.array(out)


def log_quantile(a, b, p):
    """Where even the rate would be no float (a close to 0), a Beta's cdf is x^a / (a B(a, b))."""
    with np.errstate(divide="ignore"):
        direct = np.log(betaincinv(a, b, p))
    return np.where(direct > -500, direct, (np.log(p) + np.log(a) + betaln(a, b)) / a)


def cdf_at_log(a, b, log_rate):
    tail = np.exp(np.minimum(a * log_rate - np.log(a) - betaln(a, b), 0))
    return np.where(log_rate > -500, betainc(a, b, np.exp(log_rate)), tail)


def log_prior(hyperprior, mean, s):
    """Log density over (a, b), up to a constant: as the documentation states it."""
    if isinstance(hyperprior, PowerLaw):
        return -hyperprior.exponent * np.log(s)
    if isinstance(hyperprior, Gammas):
        (shape_a, rate_a), (shape_b, rate_b) = hyperprior.a, hyperprior.b
        a, b = mean * s, (1 - mean) * s
        return (shape_a - 1) * np.log(a) - rate_a * a + (shape_b - 1) * np.log(b) - rate_b * b
    alpha, beta = hyperprior.mean
    on_mean = (alpha - 1) * np.log(mean) + (beta - 1) * np.log1p(-mean)
    return on_mean - 2 * np.log(hyperprior.scale + s) - np.log(s)  # 1/s: from (mean, s) to (a, b)


def log_likelihood(y, n, mean, rest, s):
    """One trial after the other: the chance of the next outcome given those before (Polya's urn)."""
    y, n, total = np.asarray(y), np.asarray(n), 0.0
    for i in range(n.max()):
        total = total + np.sum(y > i) * np.log(mean + i / s) + np.sum(n - y > i) * np.log(rest + i / s)
        total = total - np.sum(n > i) * np.log1p(i / s)
    return total


def brute(successes, trials, hyperprior):
    if isinstance(hyperprior, Gammas):  # narrow, and no heavy tail
        return Brute(successes, trials, hyperprior, u=(-14, 14, 225), v=(-9, 5, 201))
    return Brute(successes, trials, hyperprior)


def test_interval_ends_agree_with_a_fine_grid(small):
    # 0.002 apart in log odds: the components are narrower than that only where little mass is left
    oracle = Brute(*SMALL, PowerLaw(), u=(-3, 3, 3001), v=(-6, 40, 185))
    ends = small.interval()
    for j in range(4):
        below = betainc(oracle.a[:, None] + oracle.y[j], oracle.b[:, None] + oracle.n[j] - oracle.y[j], ends[j])
        assert_allclose(oracle.weight @ below, [0.025, 0.975], atol=5e-6)


@pytest.mark.parametrize("data", [LARGE, SMALL], ids=["100 trials", "10 trials"])
def test_comparisons_agree_with_quadrature_over_quantiles(data):
    # v ends at 35: there the rates differ by 2e-8, beyond it betaincinv has no digits left to tell them apart
    oracle = Brute(*data, PowerLaw(), u=(-4, 4, 129), v=(-6, 35, 124))
    post = fit(*data)
    assert_allclose(post.prob_best(), oracle.prob_best([0, 1, 2, 3]), atol=2e-5)
    assert post.prob_greater(2, 1) == pytest.approx(oracle.prob_best([2, 1])[0], abs=2e-5)
    assert post.prob_greater(1, 0) == pytest.approx(oracle.prob_best([1, 0])[0], abs=2e-5)


def test_two_emails():
    data, hyperprior = ([19, 3], [200, 10]), Gammas((16, 9), (40, 8))
    post, oracle = fit(*data, prior=hyperprior), brute(*data, hyperprior)
    assert_allclose(post.mean, [oracle.moment(0, 1), oracle.moment(1, 1)], atol=1e-6)
    assert_allclose(post.sd**2 + post.mean**2, [oracle.moment(0, 2), oracle.moment(1, 2)], atol=1e-6)
    assert_allclose(post.prob_best(), oracle.prob_best([0, 1]), atol=1e-5)


def test_a_grid_cut_short_is_wrong_and_the_engine_is_not_cut(small):
    # the textbook's grid ends at log(a + b) = 5: A's mean then comes out between .445 and .452
    whole = brute(*SMALL, PowerLaw())
    short = whole.s < np.exp(5)
    given = (whole.a + 3) / (whole.s + 10)
    cut = np.average(given[short], weights=whole.weight[short])
    assert 0.44 < cut < 0.455
    assert small.mean[0] == pytest.approx(whole.weight @ given, abs=2e-6)


# --- Random small data against the brute-force grid


@st.composite
def small_data(draw, most=12, inside=False):
    trials = draw(st.lists(st.integers(2 if inside else 0, most), min_size=1, max_size=4))
    edge = 1 if inside else 0
    return [draw(st.integers(edge, n - edge)) for n in trials], trials


def proper(successes, trials, hyperprior):
    return not isinstance(hyperprior, PowerLaw) or any(0 < y < n for y, n in zip(successes, trials, strict=True))


@pytest.mark.parametrize("hyperprior", HYPERPRIORS, ids=lambda h: type(h).__name__)
@settings(max_examples=12, deadline=None, derandomize=True)
@given(data=small_data())
@example(data=([1], [2]))
def test_agrees_with_brute_force(hyperprior, data):
    assume(proper(*data, hyperprior))
    post, oracle = fit(*data, prior=hyperprior), brute(*data, hyperprior)
    first = [oracle.moment(j, 1) for j in range(len(post))]
    assert_allclose(post.mean, first, atol=2e-5)
    assert_allclose(post.sd**2 + post.mean**2, [oracle.moment(j, 2) for j in range(len(post))], atol=2e-5)
    assert_allclose(post.shrinkage, [oracle.weight @ (oracle.s / (oracle.s + n)) for n in data[1]], atol=2e-5)
    assert post.grand_mean.mean == pytest.approx(oracle.weight @ oracle.mean_given, abs=2e-5)
    assert post.log_concentration.mean == pytest.approx(oracle.weight @ np.log(oracle.s), abs=2e-3)
    assert post.predict(6).pmf()[0, 6] == pytest.approx(oracle.moment(0, 6), abs=2e-5)


@pytest.mark.parametrize("hyperprior", HYPERPRIORS, ids=lambda h: type(h).__name__)
@settings(max_examples=8, deadline=None, derandomize=True)
@given(data=small_data(inside=True))
def test_distribution_function_has_the_exact_moments(hyperprior, data):
    # moments determine a distribution on (0, 1); E[rate^k] = 1 - int k t^(k-1) F(t) dt
    post, oracle = fit(*data, prior=hyperprior), brute(*data, hyperprior)
    t, width = leggauss(200)
    t, width = (t + 1) / 2, width / 2
    below = post.cdf(t)
    for j in range(len(post)):
        moments = [1 - width @ (k * t ** (k - 1) * below[j]) for k in range(1, 9)]
        assert_allclose(moments, [oracle.moment(j, k) for k in range(1, 9)], atol=2e-5)


@pytest.mark.parametrize("hyperprior", HYPERPRIORS[1:], ids=lambda h: type(h).__name__)
@pytest.mark.parametrize(
    "data", [([0, 0], [3, 30]), ([0, 0], [10, 10]), ([10, 9], [10, 10]), ([1, 0, 4], [9, 0, 5])], ids=str
)
def test_competition_of_extreme_groups(hyperprior, data):
    post, oracle = fit(*data, prior=hyperprior), brute(*data, hyperprior)
    groups = range(len(post))
    assert_allclose(post.prob_best(), oracle.prob_best(groups), atol=3e-5)
    t, width = leggauss(400)
    t, width = (t + 1) / 2, width / 2
    below = np.zeros(len(t))  # E[largest] = 1 - int P(all below t) dt
    for a, b, weight in zip(oracle.a, oracle.b, oracle.weight, strict=True):
        if weight > 1e-9:
            below += weight * np.prod(
                [betainc(a + oracle.y[j], b + oracle.n[j] - oracle.y[j], t) for j in groups], axis=0
            )
    assert_allclose(post.expected_loss(), 1 - width @ below - post.mean, atol=3e-5)


def test_population_marginals_agree_with_brute_force(small):
    oracle = brute(*SMALL, PowerLaw())
    for q in (0.025, 0.25, 0.5, 0.9):
        concentration = small.log_concentration.quantile(q)
        assert small.log_concentration.cdf(concentration) == pytest.approx(q, abs=1e-6)
        below = np.cumsum(oracle.weight[np.argsort(oracle.s, kind="stable")])
        steps = np.sort(oracle.s)  # the grid's rows are 0.25 apart in log(a + b)
        assert abs(concentration - np.log(steps[np.searchsorted(below, q)])) < 0.26
    rate = small.grand_mean.quantile(np.array([0.025, 0.5, 0.975]))
    assert_allclose(small.grand_mean.cdf(rate), [0.025, 0.5, 0.975], atol=1e-6)
    surface = small.surface(np.linspace(0.3, 0.7, 41), np.linspace(0, 12, 25))
    assert surface.shape == (25, 41)
    assert surface.max() == 1
    assert surface.min() >= 0


def test_surface_is_the_density_over_mean_and_log_concentration(large):
    mean, v = np.array([0.4, 0.5, 0.6]), np.array([1.0, 2.0, 5.0, 20.0])
    expected = np.empty((4, 3))
    for row, s in enumerate(np.exp(v)):
        for column, m in enumerate(mean):  # the Jacobian of (a, b) -> (m, log s) is s^2
            expected[row, column] = log_likelihood(*LARGE, m, 1 - m, s) - 0.5 * np.log(s)
    assert_allclose(np.log(large.surface(mean, v)), expected - expected.max(), atol=1e-7)


def test_one_group_under_a_flat_mean_is_close_to_its_own_posterior():
    post, oracle = fit([3], [10], prior=MeanConcentration()), brute([3], [10], MeanConcentration())
    assert post.mean[0] == pytest.approx(oracle.moment(0, 1), abs=1e-6)
    assert_allclose(post.prob_best(), [1])
    assert_allclose(post.expected_loss(), [0], atol=1e-7)
