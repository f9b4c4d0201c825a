"""The exact beta-binomial engine against published figures, a brute-force grid, and what theory demands."""

from fractions import Fraction
from math import comb, log

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.polynomial.legendre import leggauss
from numpy.testing import assert_allclose
from scipy import stats
from scipy.special import betainc, betaincinv, betaln, expit

import borrowing_strength as bs
from borrowing_strength.beta_binomial import Gammas, MeanConcentration, PowerLaw
from borrowing_strength.beta_binomial.posterior import _LogPosterior, fit

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


# --- Figures known beforehand


def test_four_variants_with_100_trials(large):
    assert_allclose(large.mean, [0.3228, 0.4984, 0.5423, 0.5862], atol=6e-5)
    assert_allclose(large.sd, [0.0484, 0.0474, 0.0477, 0.0481], atol=6e-5)
    intervals = [[0.2324, 0.4215], [0.4058, 0.5915], [0.4491, 0.6355], [0.4913, 0.6795]]
    assert_allclose(large.interval(0.95), intervals, atol=6e-5)
    assert large.grand_mean.mean == pytest.approx(0.4880, abs=6e-5)
    assert large.grand_mean.sd == pytest.approx(0.0849, abs=6e-5)
    assert_allclose(large.new_group().mean, [0.488], atol=6e-4)
    assert_allclose(large.new_group().sd, [0.192], atol=6e-4)


def test_four_variants_when_a_has_10_trials(small):
    assert_allclose(small.mean, [0.4731, 0.5150, 0.5439, 0.5729], atol=6e-5)
    assert_allclose(small.sd, [0.1045, 0.0443, 0.0418, 0.0452], atol=6e-5)
    intervals = [[0.2154, 0.6244], [0.4225, 0.5959], [0.4611, 0.6273], [0.4904, 0.6665]]
    assert_allclose(small.interval(), intervals, atol=6e-5)
    assert small.quantile(0.5)[0] == pytest.approx(0.4988, abs=6e-5)
    assert small.grand_mean.mean == pytest.approx(0.5254, abs=6e-5)
    assert small.grand_mean.sd == pytest.approx(0.0644, abs=6e-5)
    assert_allclose(small.new_group().mean, [0.525], atol=6e-4)
    assert_allclose(small.new_group().sd, [0.130], atol=6e-4)


def test_interval_ends_agree_with_a_fine_grid(small):
    # 0.002 apart in log odds: the components are narrower than that only where little mass is left
    oracle = Brute(*SMALL, PowerLaw(), u=(-3, 3, 3001), v=(-6, 40, 185))
    ends = small.interval()
    for j in range(4):
        below = betainc(oracle.a[:, None] + oracle.y[j], oracle.b[:, None] + oracle.n[j] - oracle.y[j], ends[j])
        assert_allclose(oracle.weight @ below, [0.025, 0.975], atol=5e-6)


def test_what_the_post_of_2016_says_about_shrinkage(large, small):
    def pull(post, raw):
        return (post.mean[0] - raw) / (post.grand_mean.mean - raw)

    assert pull(large, 0.3) == pytest.approx(0.12, abs=0.005)
    assert pull(small, 0.3) == pytest.approx(0.77, abs=0.005)
    assert (small.grand_mean.mean - small.mean[0]) / small.sd[0] == pytest.approx(0.5, abs=0.005)
    wider = np.diff(large.interval()[1:]) / np.diff(small.interval()[1:])
    assert_allclose(wider[:, 0], [1.07, 1.12, 1.07], atol=0.005)


@pytest.mark.parametrize("data", [LARGE, SMALL], ids=["100 trials", "10 trials"])
def test_comparisons_agree_with_quadrature_over_quantiles(data):
    # v ends at 35: there the rates differ by 2e-8, beyond it betaincinv has no digits left to tell them apart
    oracle = Brute(*data, PowerLaw(), u=(-4, 4, 129), v=(-6, 35, 124))
    post = fit(*data)
    assert_allclose(post.prob_best(), oracle.prob_best([0, 1, 2, 3]), atol=2e-5)
    assert post.prob_greater(2, 1) == pytest.approx(oracle.prob_best([2, 1])[0], abs=2e-5)
    assert post.prob_greater(1, 0) == pytest.approx(oracle.prob_best([1, 0])[0], abs=2e-5)


@pytest.mark.parametrize(
    ("data", "c_over_b", "b_over_a", "best"),
    [
        (LARGE, 0.7467, 0.9959, [0.0000, 0.0554, 0.2327, 0.7119]),
        (SMALL, 0.6903, 0.6225, [0.1132, 0.0885, 0.2303, 0.5680]),
    ],
    ids=["100 trials", "10 trials"],
)
def test_comparisons_keep_their_digits(data, c_over_b, b_over_a, best):
    post = fit(*data, labels=LABELS)
    assert post.prob_greater("C", "B") == pytest.approx(c_over_b, abs=6e-5)
    assert post.prob_greater("B", "A") == pytest.approx(b_over_a, abs=6e-5)
    assert_allclose(post.prob_best(), best, atol=6e-5)


def test_rat_tumors():
    rats = bs.datasets.rat_tumors()
    post = fit(rats["tumors"], rats["rats"])
    assert len(post) == 71
    assert_allclose(post.mean[[0, 70]], [0.0636, 0.2109], atol=6e-5)
    assert_allclose(post.sd[[0, 70]], [0.0416, 0.0753], atol=6e-5)
    assert post.grand_mean.mean == pytest.approx(0.1443, abs=6e-5)


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


# --- What theory demands of any data


MODELS = st.sampled_from(
    [
        PowerLaw(),
        PowerLaw(2.3),
        Gammas(),
        Gammas((0.5, 0.1), (1, 1)),
        MeanConcentration(),
        MeanConcentration((2, 5), 3),
    ]
)
QUICK = settings(max_examples=15, deadline=None, derandomize=True)


@QUICK
@given(data=small_data(most=300), hyperprior=MODELS, shuffle=st.randoms())
def test_order_of_groups_does_not_matter(data, hyperprior, shuffle):
    assume(proper(*data, hyperprior))
    order = list(range(len(data[0])))
    shuffle.shuffle(order)
    post, other = fit(*data, prior=hyperprior), fit(*np.array(data)[:, order], prior=hyperprior)
    assert_allclose(other.mean, post.mean[order], rtol=1e-12)
    assert_allclose(other.sd, post.sd[order], rtol=1e-12)


@QUICK
@given(data=small_data(most=300), hyperprior=MODELS)
def test_means_are_pulled_towards_one_point_inside_the_unit_interval(data, hyperprior):
    # given (a, b) the mean is (1 - w) raw + w m with m = a/(a+b) and w = (a+b)/(a+b+n); averaged, it lies between
    # the raw rate and E[w m] / E[w]. It need not lie between the raw rate and the grand mean E[m].
    assume(proper(*data, hyperprior))
    post = fit(*data, prior=hyperprior)
    raw = np.divide(data[0], data[1], out=np.zeros(len(post)), where=np.array(data[1]) > 0)
    target = (post.mean - (1 - post.shrinkage) * raw) / post.shrinkage
    assert np.all((target > 0) & (target < 1))
    assert np.all((post.shrinkage > 0) & (post.shrinkage <= 1))
    for n in set(data[1]):  # the same number of trials, the same target
        assert np.ptp(target[np.array(data[1]) == n]) < 1e-9


@QUICK
@given(rates=st.lists(st.integers(0, 40), min_size=2, max_size=5), hyperprior=MODELS)
def test_equal_trials_keep_the_order_and_contract_the_differences(rates, hyperprior):
    assume(proper(rates, [40] * len(rates), hyperprior))
    post = fit(rates, [40] * len(rates), prior=hyperprior)
    assert_allclose(np.diff(post.mean), (1 - post.shrinkage[0]) * np.diff(rates) / 40, atol=1e-10)


@QUICK
@given(data=small_data(most=60), hyperprior=MODELS, more=st.integers(1, 3), which=st.integers(0, 3))
def test_future_data_are_coherent(data, hyperprior, more, which):
    # averaged over what the next trials may show, means stay and variances fall by the variance of the means
    assume(proper(*data, hyperprior))
    j = which % len(data[0])
    post = fit(*data, prior=hyperprior)
    chance = post.predict(more).pmf()[j]
    later = []
    for k in range(more + 1):
        y, n = np.array(data)
        y[j], n[j] = y[j] + k, n[j] + more
        later.append(fit(y, n, prior=hyperprior))
    evidence = [comb(more, k) * np.exp(p.log_evidence - post.log_evidence) for k, p in enumerate(later)]
    assert_allclose(evidence, chance, atol=2e-5)
    means, sds = np.array([p.mean for p in later]), np.array([p.sd for p in later])
    assert_allclose(chance @ means, post.mean, atol=1e-5)
    assert_allclose(chance @ (sds**2 + (means - post.mean) ** 2), post.sd**2, atol=1e-5)
    assert np.all(chance @ sds**2 <= post.sd**2 + 1e-7)
    assert np.all(np.diff(means[:, j]) > 0)  # more successes, a higher rate


@QUICK
@given(data=small_data(most=200, inside=True), hyperprior=MODELS)
def test_plenty_of_data_speak_for_themselves(data, hyperprior):
    # a single new trial may widen an interval (see above for what holds on average); 100,000 times the data may not
    y, n = np.array(data)
    y[0], n[0] = 100_000 * y[0], 100_000 * n[0]
    few, many = fit(*data, prior=hyperprior), fit(y, n, prior=hyperprior)
    raw = y[0] / n[0]
    alone = np.sqrt(raw * (1 - raw) / n[0])
    assert many.mean[0] == pytest.approx(raw, abs=alone)
    assert many.sd[0] <= 1.001 * alone < few.sd[0]
    assert np.ptp(many.interval()[0]) == pytest.approx(2 * 1.96 * many.sd[0], rel=1e-3)
    assert many.shrinkage[0] < few.shrinkage[0]


@QUICK
@given(data=small_data(most=100, inside=True), hyperprior=MODELS)
def test_density_cdf_and_quantiles_belong_together(data, hyperprior):
    post = fit(*data, prior=hyperprior)
    q = np.array([0.001, 0.025, 0.3, 0.5, 0.9, 0.975, 0.999])
    ends = post.quantile(q)
    assert np.all(np.diff(ends) > 0)
    rate = np.linspace(0, 1, 301)
    assert np.all(np.diff(post.cdf(rate)) >= -1e-7)
    assert_allclose(post.cdf(np.array([0.0, 1.0])), np.tile([0.0, 1.0], (len(post), 1)), atol=1e-6)
    assert_allclose(post.interval(0.95), ends[:, [1, 5]], atol=1e-7)
    for j in range(len(post)):
        assert_allclose(post.cdf(ends[j])[j], q, atol=1e-6)
        log_odds = np.linspace(*np.log(ends[j, [0, -1]] / (1 - ends[j, [0, -1]])), 2001)
        x = expit(log_odds)
        mass = np.trapezoid(post.density(x)[j] * x * (1 - x), log_odds)
        assert mass == pytest.approx(0.998, abs=1e-5)


@QUICK
@given(data=small_data(most=100), hyperprior=MODELS)
def test_comparisons_add_up(data, hyperprior):
    assume(proper(*data, hyperprior) and len(data[0]) > 1)
    post = fit(*data, prior=hyperprior)
    best = post.prob_best()
    assert best.sum() == pytest.approx(1, abs=1e-9)
    assert np.all(best >= 0)
    assert post.prob_greater(0, 1) + post.prob_greater(1, 0) == pytest.approx(1, abs=1e-9)
    if len(post) == 2:
        assert post.prob_greater(0, 1) == pytest.approx(best[0], abs=1e-9)
    assert np.all(post.expected_loss() > -1e-7)
    for j, k in [(0, 1), (1, 0)]:
        if data[0][j] == data[0][k] and data[1][j] == data[1][k]:
            assert post.prob_greater(j, k) == pytest.approx(0.5, abs=1e-6)


@QUICK
@given(data=small_data(most=100), hyperprior=MODELS, future=st.integers(0, 50))
def test_predictions(data, hyperprior, future):
    assume(proper(*data, hyperprior))
    post = fit(*data, prior=hyperprior)
    counts = post.predict(future)
    assert counts.pmf().shape == (len(post), future + 1)
    assert_allclose(counts.pmf().sum(axis=1), 1, atol=1e-9)
    assert_allclose(counts.mean, future * post.mean, atol=1e-8)
    second = post.sd**2 + post.mean**2  # Var = n E[p(1-p)] + n^2 Var(p)
    assert_allclose(counts.sd**2, future * (post.mean - second) + (future * post.sd) ** 2, atol=1e-6)
    ends = counts.interval(0.9)
    below = np.cumsum(counts.pmf(), axis=1)
    for row, (low, high) in zip(below, ends, strict=True):
        assert row[high] >= 0.95 - 1e-9
        assert row[low] >= 0.05 - 1e-9
        assert low == 0 or row[low - 1] < 0.05


@QUICK
@given(data=small_data(most=100), hyperprior=MODELS)
def test_group_without_trials_is_a_new_group(data, hyperprior):
    assume(proper(*data, hyperprior))
    post, more = fit(*data, prior=hyperprior), fit(data[0] + [0], data[1] + [0], prior=hyperprior)
    new = post.new_group()
    assert len(new) == 1
    assert_allclose(more.mean, np.append(post.mean, new.mean), atol=1e-9)
    assert_allclose(more.sd, np.append(post.sd, new.sd), atol=1e-9)
    assert_allclose(new.mean, [post.grand_mean.mean], atol=1e-9)
    assert_allclose(more.predict(4).pmf()[-1], new.predict(4).pmf()[0], atol=1e-9)
    rate = np.array([0.1, 0.5, 0.9])
    assert_allclose(more.cdf(rate)[-1], new.cdf(rate)[0], atol=1e-9)


@pytest.mark.parametrize("hyperprior", [PowerLaw(), MeanConcentration((1, 1)), Gammas((3, 2), (3, 2))], ids=str)
@QUICK
@given(data=small_data(most=100))
def test_swapping_successes_and_failures_mirrors_the_answer(hyperprior, data):
    assume(proper(*data, hyperprior))
    post = fit(*data, prior=hyperprior)
    mirror = fit(np.subtract(data[1], data[0]), data[1], prior=hyperprior)
    assert_allclose(mirror.mean, 1 - post.mean, atol=1e-9)
    assert_allclose(mirror.sd, post.sd, atol=1e-9)
    assert_allclose(mirror.shrinkage, post.shrinkage, atol=1e-9)
    q = np.array([0.1, 0.25, 0.5])
    assert_allclose(mirror.quantile(1 - q), 1 - post.quantile(q), atol=1e-6)
    assert_allclose(mirror.grand_mean.interval(0.9), 1 - post.grand_mean.interval(0.9)[::-1], atol=1e-5)
    if len(post) == 2:  # the smaller of two is the larger of two mirrored
        assert_allclose(mirror.prob_best(), post.prob_best()[::-1], atol=2e-5)  # as against the oracle
        assert_allclose(mirror.expected_loss(), post.expected_loss()[::-1], atol=1e-5)


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


# --- Precision where a + b is extreme


def exact_log_likelihood(y, n, a, b):
    """Rational arithmetic: the floats a and b are taken as the fractions they are."""
    a, b, value = Fraction(a), Fraction(b), Fraction(1)
    for i in range(y):
        value *= (a + i) / (a + b + i)
    for i in range(n - y):
        value *= (b + i) / (a + b + y + i)
    # the logarithm of a fraction too small for a float, by its binary length
    shift = value.numerator.bit_length() - value.denominator.bit_length()
    scaled = value / Fraction(2) ** shift
    return log(scaled.numerator / scaled.denominator) + shift * log(2)


@pytest.mark.parametrize("v", [-30.0, -3.0, 3.0, 18.0, 28.0, 60.0])
@pytest.mark.parametrize("u", [-9.0, 0.0, 2.0])
def test_log_density_is_exact_for_any_concentration(u, v):
    a, b = np.exp(v) * expit(u), np.exp(v) * expit(-u)
    counts = np.array([3, 40, 0, 700]), np.array([10, 100, 5, 1000])
    density = _LogPosterior(*counts, PowerLaw())
    likelihood = density(np.array([[u]]), np.array([[v]])) - PowerLaw().log_density(np.array([[u]]), np.array([[v]]))
    exact = sum(exact_log_likelihood(int(y), int(n), a, b) for y, n in zip(*counts, strict=True))
    assert likelihood[0, 0] == pytest.approx(exact, abs=1e-7, rel=1e-11)


def test_log_density_is_the_difference_of_betaln_where_that_is_accurate():
    rng = np.random.default_rng(1)
    trials = rng.integers(1, 2000, 300)
    successes = rng.integers(0, trials + 1)
    density = _LogPosterior(successes, trials, PowerLaw())
    u, v = np.linspace(-2, 2, 5)[None, :], np.linspace(-2, 4, 7)[:, None]
    a, b = np.exp(v) * expit(u), np.exp(v) * expit(-u)
    failures = trials - successes
    expected = sum(betaln(a + y, b + f) - betaln(a, b) for y, f in zip(successes, failures, strict=True))
    got = density(np.broadcast_to(u, (7, 5)), v) - PowerLaw().log_density(u, v)
    assert_allclose(got, expected, rtol=1e-9)


# --- Draws


def test_draws_follow_the_exact_posterior(small):
    size = 40_000
    draws = small.sample(draws=size // 4, seed=7)["posterior"]
    rate = draws["rate"].values.reshape(-1, 4)
    assert np.all(np.abs(rate.mean(axis=0) - small.mean) < 4.5 * small.sd / np.sqrt(size))
    exact = small.quantile(np.array([0.025, 0.5, 0.975]))
    for j in range(4):
        share = np.mean(rate[:, j, None] <= exact[j], axis=0)
        assert_allclose(share, [0.025, 0.5, 0.975], atol=4.5 * 0.5 / np.sqrt(size))
    grand = draws["grand_mean"].values.ravel()
    assert stats.kstest(small.grand_mean.cdf(grand), "uniform").pvalue > 1e-4
    concentration = draws["log_concentration"].values.ravel()
    assert stats.kstest(small.log_concentration.cdf(concentration), "uniform").pvalue > 1e-4
    assert np.mean(rate[:, 2] > rate[:, 1]) == pytest.approx(
        small.prob_greater("C", "B"), abs=4.5 * 0.5 / np.sqrt(size)
    )
    best = np.bincount(rate.argmax(axis=1), minlength=4) / size
    assert_allclose(best, small.prob_best(), atol=4.5 * 0.5 / np.sqrt(size))
    loss = rate.max(axis=1).mean() - rate.mean(axis=0)
    assert_allclose(loss, small.expected_loss(), atol=4.5 * 0.1 / np.sqrt(size))


@pytest.mark.parametrize(
    "hyperprior", [PowerLaw(2.3), Gammas((0.5, 0.1), (1, 1)), MeanConcentration((2, 5), 3)], ids=str
)
def test_hyperparameter_draws_are_exact_where_the_posterior_is_odd(hyperprior):
    post = fit([1, 0, 9], [4, 2, 9], prior=hyperprior)
    draws = post.sample(draws=10_000, seed=3)["posterior"]
    assert stats.kstest(post.grand_mean.cdf(draws["grand_mean"].values.ravel()), "uniform").pvalue > 1e-4
    concentration = post.log_concentration.cdf(draws["log_concentration"].values.ravel())
    assert stats.kstest(concentration, "uniform").pvalue > 1e-4


def test_draws_repeat_with_the_seed_and_carry_labels(small):
    one, same, other = (small.sample(draws=50, seed=s, chains=2)["posterior"] for s in (1, 1, 2))
    assert one.dataset.equals(same.dataset)
    assert not np.array_equal(one["rate"], other["rate"])
    assert one["rate"].dims == ("chain", "draw", "group")
    assert one["rate"].shape == (2, 50, 4)
    assert one["grand_mean"].shape == one["log_concentration"].shape == (2, 50)
    assert list(one["group"].values) == LABELS


@pytest.mark.filterwarnings("default")  # ArviZ and Matplotlib may deprecate what they like
def test_arviz_takes_the_draws(small):
    import arviz as az
    import matplotlib

    matplotlib.use("agg")
    tree = small.sample(draws=250, seed=1)
    table = az.summary(tree, var_names=["rate"])
    assert list(table.index) == [f"rate[{label}]" for label in LABELS]
    assert_allclose(table["mean"].astype(float), small.mean, atol=0.02)
    forest = az.plot_forest(tree, var_names=["rate"])
    assert forest.viz["figure"].item() is not None
    matplotlib.pyplot.close("all")


# --- Labels and tables


def test_summary_has_one_row_a_group(small):
    table = small.summary()
    assert list(table.index) == LABELS
    assert list(table.columns) == ["successes", "trials", "raw", "mean", "sd", "lower", "upper", "shrinkage"]
    assert_allclose(table[["lower", "upper"]], small.interval())
    assert_allclose(table["raw"], [0.3, 0.5, 0.55, 0.6])
    assert_allclose(small.summary(0.5)["upper"], small.quantile(0.75))
    assert np.isnan(fit([3, 0], [10, 0]).summary()["raw"].iloc[1])


def test_labels_travel():
    import pandas as pd

    frame = pd.DataFrame({"y": [3, 5], "n": [10, 10]}, index=["old", "new"])
    post = fit(frame["y"], frame["n"])
    assert post.labels == ("old", "new")
    assert post.prob_greater("new", "old") == post.prob_greater(1, 0)
    assert fit([3, 5], [10, 10]).labels == ("0", "1")
    assert fit(np.array([3.0, 5.0]), (10, 10), labels=["x", "y"]).labels == ("x", "y")


# --- Extreme data: finite, ordered, silent


EXTREMES = {
    "a million trials": ([250_000, 251_000, 249_500], [10**6] * 3, PowerLaw()),
    "a billion trials": ([250_000_000, 251_000_000], [10**9] * 2, PowerLaw()),
    "a billion equal": ([5 * 10**8] * 2, [10**9] * 2, MeanConcentration()),
    "1e12 trials": ([10**11, 2 * 10**11], [10**12] * 2, PowerLaw()),
    "large and small": ([1, 5_000, 0], [10, 10_000, 2], PowerLaw()),
    "one group": ([3], [10], PowerLaw()),
    "one group, proper": ([3], [10], MeanConcentration()),
    "no trials at all": ([0, 0], [0, 0], MeanConcentration()),
    "all successes": ([10, 20], [10, 20], MeanConcentration()),
    "no successes": ([0, 0, 0], [10**6, 10, 3], MeanConcentration()),
    "no successes, Gammas": ([0], [10**9], Gammas()),
    "tiny rates": ([1, 0, 2], [10**6] * 3, PowerLaw()),
    "nearly improper": ([3, 4], [10, 10], PowerLaw(2.05)),
    "Gammas close to zero": ([0], [0], Gammas((0.1, 0.1), (0.1, 0.1))),
    "narrow Gammas": ([3, 4], [10, 10], Gammas((1e6, 1e3), (1e6, 1e3))),
    "mean near its ends": ([0], [0], MeanConcentration((0.1, 0.1), 1)),
}


@pytest.mark.parametrize("case", EXTREMES.values(), ids=EXTREMES)
def test_extreme_data_give_finite_ordered_answers(case):
    successes, trials, hyperprior = case
    post = fit(successes, trials, prior=hyperprior)
    assert np.all((post.mean > 0) & (post.mean < 1))
    assert np.all((post.sd > 0) & (post.sd < 0.5))
    ends = post.interval()
    assert np.all((ends[:, 0] >= 0) & (ends[:, 0] < ends[:, 1]) & (ends[:, 1] <= 1))
    assert np.all(np.isfinite(post.expected_loss()))
    assert post.prob_best().sum() == pytest.approx(1, abs=1e-9)
    assert_allclose(post.predict(3).mean, 3 * post.mean, atol=1e-6)
    draws = post.sample(draws=100, seed=1)["posterior"]
    assert all(np.isfinite(values).all() for values in draws.values())
    for hyper in (post.grand_mean, post.log_concentration):
        low, high = hyper.interval()
        assert np.isfinite(hyper.sd)
        assert low < high


def test_a_billion_trials_speak_for_themselves():
    post = fit([250_000_000, 700_000_000], [10**9] * 2)
    error = np.sqrt([0.25 * 0.75 / 1e9, 0.7 * 0.3 / 1e9])
    assert_allclose(post.mean, [0.25, 0.7], atol=1e-8)
    assert_allclose(post.sd, error, rtol=1e-3)
    assert_allclose(post.interval(), np.array([[0.25], [0.7]]) + 1.96 * error[:, None] * [-1, 1], atol=1e-7)


def test_one_group_under_a_flat_mean_is_close_to_its_own_posterior():
    post, oracle = fit([3], [10], prior=MeanConcentration()), brute([3], [10], MeanConcentration())
    assert post.mean[0] == pytest.approx(oracle.moment(0, 1), abs=1e-6)
    assert_allclose(post.prob_best(), [1])
    assert_allclose(post.expected_loss(), [0], atol=1e-7)


# --- Bad input: each names the argument, the row and the reason

NAN, INF = float("nan"), float("inf")
BAD = {
    "over": (
        [1, 12, 3],
        [9, 10, 3],
        r"trials\[1\] is 10 but successes\[1\] is 12: successes cannot exceed trials",
    ),
    "negative": ([1, -2], [9, 10], r"successes\[1\] is -2: a count cannot be negative"),
    "negative trials": ([1, 2], [9, -10], r"trials\[1\] is -10: a count cannot be negative"),
    "fraction": ([1, 2.5], [9, 10], r"successes\[1\] is 2\.5: a count must be a whole number"),
    "nan": ([1, 2], [NAN, 10], r"trials\[0\] is nan: a missing value"),
    "none": ([1, None], [9, 10], r"successes\[1\] is (nan|None): "),
    "infinite": ([1, 2], [9, INF], r"trials\[1\] is inf: it must be finite"),
    "empty": ([], [], r"successes is empty: at least one group"),
    "lengths": ([1, 2], [9], r"successes has 2 rows but trials has 1"),
    "string": ("12", [9, 10], r"successes is the text '12'"),
    "text in a row": ([1, "2"], [9, 10], r"successes\[1\] is '2': it must be a number, not text"),
    "text array": (np.array(["1", "2"]), [9, 10], r"successes holds <U1 values"),
    "two-dimensional": ([[1, 2]], [[9, 10]], r"successes has 2 dimensions"),
    "scalar": (3, 10, r"successes has 0 dimensions"),
    "ragged": ([[1], [2, 3]], [9, 10], r"successes (is ragged|has 2 dimensions)"),
    "complex": ([1j, 2], [9, 10], r"successes\[0\] is 1j: it must be a real number"),
    "dictionary": ({"a": 1}, [9], r"successes is a dict"),
    "too large": ([1], [10**13], r"trials\[0\] is 1e\+13: counts beyond 1e12"),
    "several": ([11, 12, 13], [10, 10, 10], r"successes\[0\] is 11.*also rows 1, 2"),
    "all zero": ([0, 0], [10, 10], r"no groups have both a success and a failure.*improper"),
    "all successes": ([10, 10], [10, 10], r"no groups have both a success and a failure.*improper"),
    "no trials": ([0], [0], r"improper"),
}


@pytest.mark.parametrize(("successes", "trials", "message"), BAD.values(), ids=BAD)
def test_bad_counts_are_refused_with_the_reason(successes, trials, message):
    with pytest.raises(ValueError, match=message):
        fit(successes, trials)


def test_bad_settings_are_refused_with_the_reason(small):
    refused = {
        r"prior is 'flat'": lambda: fit([1], [2], prior="flat"),
        r"labels has 1 names but there are 2 groups": lambda: fit([1, 2], [3, 3], labels=["a"]),
        r"labels\[1\] is 'a', which another group has already": lambda: fit([1, 2], [3, 3], labels=["a", "a"]),
        r"labels is 'ab'": lambda: fit([1, 2], [3, 3], labels="ab"),
        r"exponent is 2.0: it must be above 2": lambda: PowerLaw(2.0),
        r"exponent is nan": lambda: PowerLaw(NAN),
        r"exponent is 'x'": lambda: PowerLaw("x"),
        r"a\[1\] is 0: it must be a finite number above 0": lambda: Gammas((1, 0), (1, 1)),
        r"b is \(1, 2, 3\): it must be a pair": lambda: Gammas((1, 1), (1, 2, 3)),
        r"mean\[0\] is -1": lambda: MeanConcentration((-1, 1)),
        r"scale is inf": lambda: MeanConcentration(scale=INF),
        r"prob is 1: ": lambda: small.interval(1),
        r"prob is 95: ": lambda: small.interval(95),
        r"q is nan: it must be finite": lambda: small.quantile([0.5, NAN]),
        r"value must lie between 0 and 1": lambda: small.density([0.5, 1.0]),
        r"trials is -1": lambda: small.predict(-1),
        r"trials is 2.5": lambda: small.predict(2.5),
        r"draws is 0": lambda: small.sample(draws=0),
        r"chains is 0": lambda: small.sample(chains=0),
        r"seed is -1": lambda: small.sample(seed=-1),
        r"i is 'E': it must be a label or a position": lambda: small.prob_greater("E", "A"),
        r"j is 4: it must be a label or a position from 0 to 3": lambda: small.prob_greater("A", 4),
        r"i and j both name group 'A'": lambda: small.prob_greater("A", 0),
        r"value.* between 0 and 1": lambda: small.cdf([0.5, 1.5]),
    }
    for message, call in refused.items():
        with pytest.raises(ValueError, match=message):
            call()


def test_power_law_needs_enough_groups_with_both_outcomes():
    assert fit([0, 1], [10, 10], prior=PowerLaw(2.9)).mean[0] < 0.2
    with pytest.raises(ValueError, match=r"1 group has both a success and a failure.*PowerLaw\(3\.5\)"):
        fit([0, 1], [10, 10], prior=PowerLaw(3.5))
    assert fit([1, 1], [10, 10], prior=PowerLaw(3.5)).mean[0] < 0.2
