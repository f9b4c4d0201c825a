"""Lesson 01's exact posterior where a + b is extreme, on extreme counts, and on bad input."""

from fractions import Fraction
from math import log

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import betaln, expit

from borrowing_strength.beta_binomial import Gammas, MeanConcentration, PowerLaw
from borrowing_strength.beta_binomial.betas import BetaMixture
from borrowing_strength.beta_binomial.posterior import _LogPosterior, fit

pytestmark = pytest.mark.filterwarnings("error")

LABELS = ["A", "B", "C", "D"]
SMALL = ([3, 50, 55, 60], [10, 100, 100, 100])  # A was tried ten times only


@pytest.fixture(scope="module")
def small():
    return fit(*SMALL, labels=LABELS)


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


@pytest.mark.parametrize(("groups", "most"), [(1_500, 1e6), (3_000, 1e4)])
def test_intervals_of_many_groups_with_equal_rates(groups, most):
    """A polynomial in the data stands for all of them; a few on their own are solved one by one, at all nodes."""
    rng = np.random.default_rng(0)
    trials = np.exp(rng.uniform(np.log(most / 1000), np.log(most), groups)).astype(int)
    post = fit(rng.binomial(trials, 0.05), trials)
    few = rng.choice(groups, 8, replace=False)
    alone = BetaMixture(post._population, post.successes[few], trials[few])
    levels = np.array([0.025, 0.9])
    assert_allclose((post.quantile(levels)[few] - alone.quantile(levels)) / alone.sd[:, None], 0, atol=1e-6)
    assert_allclose(alone.cdf(0.05), post.cdf(0.05)[few], atol=1e-7)


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
        r"b is \(1, 2, 3\): it must be two numbers": lambda: Gammas((1, 1), (1, 2, 3)),
        r"mean\[0\] is -1": lambda: MeanConcentration((-1, 1)),
        r"scale is inf": lambda: MeanConcentration(scale=INF),
        r"prob is 1: ": lambda: small.interval(1),
        r"prob is 95: ": lambda: small.interval(95),
        r"q\[1\] is nan: a missing value": lambda: small.quantile([0.5, NAN]),
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
