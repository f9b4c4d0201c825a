"""Lesson 01's exact posterior and what theory demands of any data."""

from math import comb

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.special import expit, logit

from borrowing_strength.beta_binomial import Gammas, MeanConcentration, PowerLaw
from borrowing_strength.beta_binomial.posterior import fit

pytestmark = pytest.mark.filterwarnings("error")


@st.composite
def small_data(draw, most=12, inside=False):
    trials = draw(st.lists(st.integers(2 if inside else 0, most), min_size=1, max_size=4))
    edge = 1 if inside else 0
    return [draw(st.integers(edge, n - edge)) for n in trials], trials


def proper(successes, trials, hyperprior):
    return not isinstance(hyperprior, PowerLaw) or any(0 < y < n for y, n in zip(successes, trials, strict=True))


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
    node, weight = np.polynomial.legendre.leggauss(200)
    for j in range(len(post)):
        assert_allclose(post.cdf(ends[j])[j], q, atol=1e-6)
        low, high = logit(ends[j, [0, -1]])
        x = expit(low + (high - low) * (1 + node) / 2)
        mass = (high - low) / 2 * weight @ (post.density(x)[j] * x * (1 - x))
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


def test_groups_with_the_same_counts_share_their_chances():
    """They are worked out once, and compete with each other all the same: exact draws know nothing of that."""
    post = fit([3, *[50] * 6, *[55] * 3, 60, 60], [10, *[100] * 11])
    best, size = post.prob_best(), 200_000
    rates = post._draw(size, np.random.default_rng(1))["rate"]
    assert_allclose(best, np.bincount(rates.argmax(axis=1), minlength=12) / size, atol=5e-3)
    assert_allclose(post.expected_loss(), rates.max(axis=1).mean() - post.mean, atol=2e-3)
    assert best.sum() == pytest.approx(1, abs=1e-9)
    assert_allclose(fit([40] * 30, [100] * 30).prob_best(), 1 / 30, rtol=1e-9)
