"""Counts under an uncertain probability: exact fractions, SciPy, brute force over sequences, what theory demands."""

from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

import borrowing_strength as bs
from borrowing_strength.mixtures import BetaBinomialMixture, BinomialMixture, spikes_to_beta

pytestmark = pytest.mark.filterwarnings("error")
QUICK = settings(max_examples=40, deadline=None, derandomize=True)

COIN = BinomialMixture(10, [0.3, 0.7], [0.5, 0.5])  # 30% or 70%
FAIR = BinomialMixture(10, [0.5])


# --- Two coins


def test_same_for_one_flip_not_for_ten():
    assert_allclose(COIN.predict(1).pmf(), FAIR.predict(1).pmf(), atol=1e-15)
    assert np.abs(COIN.pmf() - FAIR.pmf()).max() > 0.1


def test_variance_splits_as_stated():
    assert COIN.mean == FAIR.mean == 5
    assert COIN.aleatoric == pytest.approx(2.1, abs=1e-12)
    assert COIN.epistemic == pytest.approx(4.0, abs=1e-12)
    assert COIN.variance == pytest.approx(6.1, abs=1e-12)
    assert (FAIR.aleatoric, FAIR.epistemic) == (2.5, 0)


def test_pmf_by_exact_fractions():
    p, q = Fraction(3, 10), Fraction(7, 10)
    exact = [comb(10, k) * (p**k * q ** (10 - k) + q**k * p ** (10 - k)) / 2 for k in range(11)]
    assert_allclose(COIN.pmf(), [float(x) for x in exact], rtol=1e-13)


def test_one_flip_says_nothing_about_how_biased_a_coin_is():
    between = BinomialMixture(1, [0.3, 0.5, 0.7], [0.25, 0.5, 0.25])
    assert between.update(1, 1).weights[1] == pytest.approx(0.5)  # fair or not: still even
    assert between.update(2, 2).weights[1] < 0.5 < between.update(1, 2).weights[1]


@pytest.mark.parametrize(("heads", "flips"), [(1, 1), (2, 3), (1, 5), (60, 117)])
def test_the_lead_decides(heads, flips):
    now = COIN.update(heads, flips)
    assert now.weights[1] == pytest.approx(1 / (1 + (3 / 7) ** (2 * heads - flips)), rel=1e-12)
    assert now.n == 10


def test_components_can_be_ruled_out():
    known = BinomialMixture(3, [0, 0.5, 1]).update(1, 2)
    assert_allclose(known.weights, [0, 1, 0])
    assert_allclose(BinomialMixture(3, [0, 1]).pmf(), [0.5, 0, 0, 0.5])
    with pytest.raises(ValueError, match="1 successes in 2 trials are impossible under every component"):
        BinomialMixture(3, [0, 1]).update(1, 2)


# --- How many flips


def test_flips_to_certainty_is_a_gambler_with_a_lead_of_four():
    # sure as soon as one side leads by 4; classical ruin problem for steps with probability .7
    certainty = COIN.flips_to_certainty(0.95)
    right = 1 / (1 + (3 / 7) ** 4)
    assert certainty.prob_right == pytest.approx(right, rel=1e-12)
    assert certainty.mean == pytest.approx(4 * (2 * right - 1) / 0.4, rel=1e-9)
    assert certainty.pmf[4] == pytest.approx(0.7**4 + 0.3**4, rel=1e-12)
    assert np.all(certainty.pmf[[0, 1, 2, 3, 5, 7, 9]] == 0)
    assert certainty.quantile(0.5) == 8
    assert certainty.pmf.sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("probs", "weights", "prob"),
    [([0.3, 0.7], [0.5, 0.5], 0.8), ([0.2, 0.5, 0.9], [0.2, 0.5, 0.3], 0.75), ([0, 0.4], [0.5, 0.5], 0.9)],
)
def test_flips_to_certainty_by_all_sequences(probs, weights, prob):
    most = 9
    stopped, right = np.zeros(most + 1), 0.0
    for c, (p, weight) in enumerate(zip(probs, weights, strict=True)):
        for sequence in product([0, 1], repeat=most):
            share = np.array(weights)
            for m in range(most + 1):
                if share.max() >= prob:
                    chance = weight * np.prod([p if flip else 1 - p for flip in sequence])
                    stopped[m] += chance
                    right += chance * (share.argmax() == c)
                    break
                if m < most:
                    share = share * [q if sequence[m] else 1 - q for q in probs]
                    if not share.sum():
                        break
                    share = share / share.sum()
    found = BinomialMixture(1, probs, weights).flips_to_certainty(prob, most=most)
    assert_allclose(found.pmf, stopped, atol=1e-12)
    assert found.prob_right == pytest.approx(right, abs=1e-12)


def test_sure_from_the_start():
    assert BinomialMixture(1, [0.3, 0.7], [0.99, 0.01]).flips_to_certainty(0.95).mean == 0
    assert BinomialMixture(1, [0.3, 0.7, 0.7], [0.5, 0.5, 0]).flips_to_certainty(0.95).mean == pytest.approx(
        9.347, abs=1e-3
    )


# --- Any mixture


@st.composite
def mixtures(draw, most=60):
    size = draw(st.integers(1, 5))
    weights = np.array(draw(st.lists(st.floats(0.01, 1), min_size=size, max_size=size)))
    n, weights = draw(st.integers(1, most)), weights / weights.sum()
    if draw(st.booleans()):
        probs = draw(st.lists(st.floats(0, 1), min_size=size, max_size=size))
        return BinomialMixture(n, probs, weights)
    a, b = (draw(st.lists(st.floats(0.05, 500), min_size=size, max_size=size)) for _ in range(2))
    return BetaBinomialMixture(n, a, b, weights)


@QUICK
@given(mixture=mixtures())
def test_moments_are_those_of_the_pmf(mixture):
    pmf, k = mixture.pmf(), np.arange(mixture.n + 1)
    assert pmf.sum() == pytest.approx(1, abs=1e-11)
    assert pmf @ k == pytest.approx(mixture.mean, rel=1e-9)
    assert pmf @ (k - mixture.mean) ** 2 == pytest.approx(mixture.variance, rel=1e-7, abs=1e-9)


@QUICK
@given(mixture=mixtures())
def test_a_mixture_varies_at_least_as_much_as_a_binomial(mixture):
    binomial = mixture.n * mixture.rate_mean * (1 - mixture.rate_mean)
    assert mixture.variance >= binomial - 1e-9
    assert mixture.aleatoric <= binomial + 1e-9
    assert mixture.aleatoric >= -1e-12
    assert mixture.predict(1).variance == pytest.approx(binomial / mixture.n, abs=1e-12)


@QUICK
@given(mixture=mixtures(), n=st.integers(1, 12))
def test_learning_is_coherent(mixture, n):
    # averaged over what n flips may show: the mean stays, and the variance of p falls by the variance of its means
    chance = mixture.predict(n).pmf()
    later = [mixture.update(k, n) if chance[k] > 0 else mixture for k in range(n + 1)]
    means, sds = (np.array([getattr(x, name) for x in later]) for name in ("rate_mean", "rate_sd"))
    assert chance @ means == pytest.approx(mixture.rate_mean, abs=1e-10)
    assert chance @ (sds**2 + (means - mixture.rate_mean) ** 2) == pytest.approx(mixture.rate_sd**2, abs=1e-10)


@QUICK
@given(n=st.integers(0, 500), a=st.floats(0.05, 500), b=st.floats(0.05, 500))
def test_beta_binomial_agrees_with_scipy(n, a, b):
    assert_allclose(
        BetaBinomialMixture(n, a, b).pmf(), stats.betabinom.pmf(np.arange(n + 1), n, a, b), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize(("n", "a", "b"), [(10, 2.0, 5.0), (100, 0.3, 7.0), (100, 60.0, 40.0)])
def test_beta_binomial_agrees_with_scipy_to_twelve_digits(n, a, b):
    assert_allclose(BetaBinomialMixture(n, a, b).pmf(), stats.betabinom.pmf(np.arange(n + 1), n, a, b), atol=1e-12)


def test_a_continuum_is_a_mixture_of_many_coins():
    # lesson 01's posterior of a rate, cut into 200 coins, predicts what the exact posterior predicts
    post = bs.beta_binomial.fit([30, 50, 55, 60], [100] * 4)
    nodes, width = np.polynomial.legendre.leggauss(200)
    coins = BinomialMixture(20, post.quantile((nodes + 1) / 2)[0], width / 2)
    assert_allclose(coins.pmf(), post.predict(20).pmf()[0], atol=1e-6)
    assert coins.rate_sd == pytest.approx(post.sd[0], rel=1e-3)


def test_a_million_trials():
    n = 10**6
    k = np.array([0, 1, 298_000, 300_000, 500_000, 700_123, n])
    coins = BinomialMixture(n, [0.3, 0.7], [0.25, 0.75])
    assert coins.pmf().sum() == pytest.approx(1, abs=1e-8)
    expected = np.logaddexp(np.log(0.25) + stats.binom.logpmf(k, n, 0.3), np.log(0.75) + stats.binom.logpmf(k, n, 0.7))
    assert_allclose(coins.log_pmf()[k], expected, rtol=1e-12, atol=1e-7)
    smooth = BetaBinomialMixture(n, 2.5, 4.0)
    assert smooth.pmf().sum() == pytest.approx(1, abs=1e-7)
    assert_allclose(smooth.log_pmf()[k], stats.betabinom.logpmf(k, n, 2.5, 4.0), atol=1e-7)
    # nearly exact coins: differences of betaln would have lost seven digits more
    narrow = BetaBinomialMixture(n, 0.3e14, 0.7e14)
    assert_allclose(narrow.log_pmf()[k[2:5]], stats.binom.logpmf(k[2:5], n, 0.3), atol=1e-3, rtol=1e-6)
    assert coins.update(300_400, n).weights[0] == 1


def test_from_spikes_to_a_beta():
    family = [spikes_to_beta(10, 0.5, 0.2, s) for s in (0, 1e-9, 0.2, 0.7, 1)]
    for member in family:
        assert (member.mean, member.variance) == pytest.approx((5, 6.1))
    assert_allclose(family[0].pmf(), COIN.pmf(), atol=1e-15)
    assert_allclose(family[1].pmf(), COIN.pmf(), atol=1e-7)
    assert_allclose(family[4].pmf(), stats.betabinom.pmf(np.arange(11), 10, 2.625, 2.625), atol=1e-12)
    valley = [member.pmf()[5] / member.pmf()[3] for member in family]
    assert np.all(np.diff(valley) >= 0)


REFUSED = {
    r"n is -1: ": lambda: BinomialMixture(-1, [0.5]),
    r"n is 2\.5: ": lambda: BinomialMixture(2.5, [0.5]),
    r"probs\[1\] is 1\.2: a probability must be from 0 to 1": lambda: BinomialMixture(3, [0.5, 1.2]),
    r"probs\[0\] is -0\.1: ": lambda: BinomialMixture(3, [-0.1]),
    r"probs\[0\] is nan: ": lambda: BinomialMixture(3, [float("nan")]),
    r"probs is empty": lambda: BinomialMixture(3, []),
    r"probs has 0 dimensions": lambda: BinomialMixture(3, 0.5),
    r"probs is the text": lambda: BinomialMixture(3, "0.5"),
    r"weights sum to 0\.9: they must sum to 1": lambda: BinomialMixture(3, [0.3, 0.7], [0.5, 0.4]),
    r"weights\[1\] is -0\.5: ": lambda: BinomialMixture(3, [0.3, 0.7], [0.5, -0.5]),
    r"weights\[0\] is 1\.5: ": lambda: BetaBinomialMixture(3, [1, 2], [1, 2], [1.5, -0.5]),
    r"weights has 1 rows but probs has 2": lambda: BinomialMixture(3, [0.3, 0.7], [1.0]),
    r"a\[1\] is 0: it must be above 0": lambda: BetaBinomialMixture(3, [1, 0], [1, 1]),
    r"b is -2: it must be above 0": lambda: BetaBinomialMixture(3, 1, -2),
    r"a has 2 rows but b has 1": lambda: BetaBinomialMixture(3, [1, 2], [1]),
    r"n is 3 but k is 4: successes cannot exceed trials": lambda: COIN.update(4, 3),
    r"k is -1: ": lambda: BetaBinomialMixture(3, 1, 1).update(-1, 3),
    r"k is 'one': ": lambda: BetaBinomialMixture(3, 1, 1).update("one", 3),
    r"prob is 1: ": lambda: COIN.flips_to_certainty(1),
    r"most is 0: ": lambda: COIN.flips_to_certainty(most=0),
    r"probs has 0\.3 twice: no number of flips": lambda: BinomialMixture(1, [0.3, 0.3]).flips_to_certainty(),
    r"takes more flips than `most`: raise that": lambda: COIN.flips_to_certainty(most=6).mean,
    r"q is 1\.5: ": lambda: COIN.flips_to_certainty(most=6).quantile(1.5),
    r"with probability 0\.54 it takes more flips": lambda: COIN.flips_to_certainty(most=6).quantile(0.9),
    r"sd is 0\.6: the spikes -0\.1 and 1\.1": lambda: spikes_to_beta(10, 0.5, 0.6, 0.5),
    r"smoothness is 1\.5: it must be from 0 to 1": lambda: spikes_to_beta(10, 0.5, 0.2, 1.5),
    r"mean is 0: ": lambda: spikes_to_beta(10, 0, 0.2, 0.5),
}


@pytest.mark.parametrize(("message", "call"), REFUSED.items(), ids=REFUSED)
def test_bad_input_is_refused_with_the_reason(message, call):
    with pytest.raises(ValueError, match=message):
        call()
