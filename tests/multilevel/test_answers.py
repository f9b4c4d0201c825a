"""Lesson 04's exact regression against published figures, other computations, and what theory demands."""

import numpy as np
import pytest
from cases import FIVE_MARKETS, TWO_MARKETS, columns
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats
from scipy.special import expit

from borrowing_strength import sampling
from borrowing_strength.multilevel import (
    Exponential,
    HalfCauchy,
    HalfNormal,
    Known,
    Normal,
    Priors,
    StudentT,
    fit,
    fit_pooled,
    fit_separate,
    pymc_model,
)
from borrowing_strength.multilevel.engine import solve
from borrowing_strength.multilevel.joint import Effect, Joints
from borrowing_strength.multilevel.priors import CODINGS

pytestmark = pytest.mark.filterwarnings("error")


def test_canada_and_china(post):
    """Another quadrature and long NUTS runs, of the model written out by hand."""
    assert_allclose(post.prob_better, [0.9966, 0.861], atol=1e-4)
    assert_allclose(post.slope.mean, [0.712, 0.299], atol=5e-4)
    assert_allclose(post.difference.mean, [0.168, 0.073], atol=5e-4)


def test_canada_and_china_as_published():
    """The post of 2016 measures slopes from the control arm, and so swapping the arms gives another answer."""
    post = fit(*TWO_MARKETS, coding="control")
    assert_allclose(post.prob_better, [0.9946, 0.8947], atol=1e-4)
    assert_allclose(post.rate_control.mean, [0.3295, 0.5277], atol=1e-4)
    assert_allclose(post.rate_treatment.mean, [0.4855, 0.6098], atol=1e-4)
    assert_allclose(post.slope.mean, [0.659, 0.339], atol=5e-4)
    assert_allclose(post.difference.mean, [0.156, 0.082], atol=5e-4)
    swapped = fit(*TWO_MARKETS[2:], *TWO_MARKETS[:2], coding="control")
    assert_allclose(1 - swapped.prob_better, [0.998, 0.793], atol=1e-3)


# --- An independent answer: hyperparameters from the prior by Sobol points, weighted by their likelihood


def by_importance(counts, below, points=2**13):
    """P(better), mean rates and mean slopes of two markets, by non-centred integration at every Sobol point."""
    z = np.linspace(-5.5, 5.5, 71)
    weight = np.exp(-0.5 * np.add.outer(z**2, z**2))
    total, sums = 0.0, np.zeros((4, 2))
    for u in np.split(stats.qmc.Sobol(4, seed=1).random(points), 8):
        mean_a, mean_b = stats.t(3).ppf(u[:, :2]).T[:, :, None]
        sd_a, sd_b = stats.halfnorm.ppf(u[:, 2:]).T[:, :, None]
        a, b = (mean_a + sd_a * z)[:, :, None], (mean_b + sd_b * z)[:, None, :]
        control, treatment = a - below * b, a + (1 - below) * b
        wanted = [b > 0, expit(control), expit(treatment), b]
        masses = [
            weight * np.exp(log_likelihood(control, *arm[:2]) + log_likelihood(treatment, *arm[2:]))
            for arm in zip(*counts, strict=True)
        ]
        whole = [mass.sum(axis=(1, 2)) for mass in masses]
        total += np.sum(whole[0] * whole[1])
        for g, mass in enumerate(masses):
            sums[:, g] += [np.sum(mass * value, axis=(1, 2)) @ whole[1 - g] for value in wanted]
    return sums / total


def log_likelihood(x, y, n):
    """Relative to its maximum."""
    return y * x - n * np.logaddexp(0, x) - y * np.log(y / n) - (n - y) * np.log(1 - y / n)


@pytest.mark.parametrize("coding", CODINGS)
def test_importance_sampling_agrees(coding):
    better, control, treatment, slopes = by_importance(TWO_MARKETS, CODINGS[coding])
    post = fit(*TWO_MARKETS, coding=coding)
    assert_allclose(post.prob_better, better, atol=3e-3)
    assert_allclose(post.rate_control.mean, control, atol=2e-3)
    assert_allclose(post.rate_treatment.mean, treatment, atol=2e-3)
    assert_allclose(post.slope.mean, slopes, atol=0.01)


@pytest.mark.parametrize(("markets", "coding"), [(2, "symmetric"), (2, "control"), (5, "symmetric"), (20, "symmetric")])
@pytest.mark.filterwarnings("default")  # PyMC may deprecate what it likes
def test_nuts_agrees(markets, coding, twenty):
    counts = {2: TWO_MARKETS, 5: FIVE_MARKETS, 20: columns(twenty)}[markets]
    exact = fit(*counts, coding=coding)
    tree = sampling.sample(pymc_model(*counts, coding=coding), seed=markets, draws=2500, target_accept=0.95)
    draws = tree["posterior"]
    for name in ("intercept", "slope", "rate_control", "rate_treatment", "difference"):
        assert sampling.compare_means(draws[name], getattr(exact, name).mean).agrees
        assert_allclose(draws[name].std(("chain", "draw")), getattr(exact, name).sd, rtol=0.1)
    open_ = np.flatnonzero((exact.prob_better > 0.01) & (exact.prob_better < 0.99))
    better = (draws["slope"] > 0).astype(float).isel(market=open_)
    assert sampling.compare_means(better, exact.prob_better[open_]).agrees
    for name in ("intercept_mean", "intercept_sd", "slope_mean", "slope_sd"):
        assert sampling.compare_means(draws[name], getattr(exact.hyper, name).mean).agrees


# --- The quadrature against itself, refined


def better(counts, priors, **steps):
    solution = solve(np.array(counts), priors, **steps)
    return 1 - Effect("slope", Joints(solution.market_joints()), np.arange(len(counts[0]))).cdf(0.0)


PRIORS = {
    "default": Priors(),
    "exponential": Priors(intercept_sd=Exponential(0.5), slope_sd=Exponential(1)),
    "cauchy": Priors(intercept_sd=HalfCauchy(1), slope_sd=HalfCauchy(1)),
    "normal": Priors(intercept_mean=Normal(-1, 1.5), slope_mean=Normal(0, 0.5)),
    "wide": Priors(StudentT(3, 0, 10), HalfNormal(30), StudentT(3, 0, 10), HalfNormal(30)),
    "narrow": Priors(intercept_sd=HalfNormal(0.01), slope_sd=HalfNormal(0.01)),
}
HARD = {
    "no successes under control": ([0, 3], [100, 100], [5, 9], [100, 100]),
    "an arm without trials": ([0, 3], [0, 10], [5, 4], [10, 10]),
    "tiny": ([0, 1], [1, 1], [1, 0], [1, 1]),
    "one market": ([30], [100], [50], [100]),
    "large": ([300_000, 550_000], [10**6] * 2, [301_000, 560_000], [10**6] * 2),
    "unequal arms": ([50_000, 55], [100_000, 100], [3, 600], [10, 1000]),
}


@pytest.mark.parametrize("priors", PRIORS.values(), ids=PRIORS)
def test_refining_changes_nothing(priors):
    assert_allclose(better(FIVE_MARKETS, priors), better(FIVE_MARKETS, priors, rows=24, step=0.5), atol=1e-4)


@pytest.mark.parametrize("counts", HARD.values(), ids=HARD)
def test_refining_changes_nothing_for_hard_data(counts):
    assert_allclose(better(counts, Priors()), better(counts, Priors(), rows=24, step=0.5), atol=1e-4)


@pytest.mark.parametrize("scale", [0.1, 0.01])
def test_data_that_contradict_the_prior(scale):
    """Markets up to eighty standard errors apart, under priors that allow hardly any difference."""
    counts = ([1000, 5000, 3000], [10_000] * 3, [1500, 6000, 2500], [10_000] * 3)
    priors = Priors(intercept_sd=HalfNormal(scale), slope_sd=HalfNormal(scale))
    coarse, fine = fit(*counts, prior=priors), better(counts, priors, rows=24, step=0.5)
    assert_allclose(coarse.prob_better, fine, atol=1e-4)
    draws = coarse.sample(1000, seed=1)["posterior"]
    for name in ("intercept", "slope"):
        assert sampling.compare_means(draws[name], getattr(coarse, name).mean).agrees


@given(
    st.lists(
        st.tuples(st.integers(1, 200), st.floats(0.05, 0.95), st.integers(1, 200), st.floats(0.05, 0.95)),
        min_size=2,
        max_size=4,
    )
)
@settings(max_examples=10, deadline=None)
def test_properties(markets):
    counts = np.array([(round(n * p), n, round(m * q), m) for n, p, m, q in markets]).T
    for y, n in (counts[:2], counts[2:]):
        assume(0 < y.sum() < n.sum())
    exact = fit(*counts)
    # The order of the markets does not matter.
    assert_allclose(fit(*counts[:, ::-1]).prob_better[::-1], exact.prob_better, atol=1e-4)
    # Failures for successes turn every sign, because the priors are symmetric.
    mirror = fit(counts[1] - counts[0], counts[1], counts[3] - counts[2], counts[3])
    assert_allclose(mirror.prob_better, 1 - exact.prob_better, atol=1e-4)
    assert_allclose(mirror.slope.mean, -exact.slope.mean, atol=2e-3)
    # Nor does it matter which arm is called control.
    swapped = fit(*counts[[2, 3, 0, 1]])
    assert_allclose(swapped.prob_better, 1 - exact.prob_better, atol=1e-4)
    assert_allclose(swapped.slope.mean, -exact.slope.mean, atol=2e-3)
    # What is said on one scale agrees with what is said on another.
    assert_allclose(exact.prob_better, 1 - exact.difference.cdf(0.0), atol=5e-4)
    assert_allclose(exact.difference.mean, exact.rate_treatment.mean - exact.rate_control.mean, atol=1e-9)
    assert np.all(exact.sd > 0)
    ends = exact.difference.interval(0.9)
    assert_allclose(
        [exact.difference.cdf(e)[k] for k, row in enumerate(ends) for e in row], [0.05, 0.95] * len(exact), atol=1e-6
    )


def test_more_evidence_for_treatment_raises_the_probability():
    values = [fit([30, 55], [100, 100], [y, 60], [100, 100]).prob_better[0] for y in (30, 35, 40, 50)]
    assert values == sorted(values)


# --- From no pooling to complete pooling


def test_small_scales_tend_to_complete_pooling():
    priors = Priors(intercept_sd=HalfNormal(1e-4), slope_sd=HalfNormal(1e-4))
    partial, pooled = fit(*TWO_MARKETS, prior=priors), fit_pooled(*TWO_MARKETS, prior=priors)
    assert_allclose(partial.prob_better, pooled.prob_better, atol=1e-3)
    assert_allclose(partial.rate_treatment.mean, pooled.rate_treatment.mean, atol=1e-3)
    assert_allclose(partial.sd, pooled.sd, atol=1e-3)


@pytest.mark.parametrize("counts", [TWO_MARKETS, FIVE_MARKETS])
def test_known_scales_span_the_whole_range(counts):
    far = [fit(*counts, prior=Priors(intercept_sd=Known(sd), slope_sd=Known(sd))) for sd in (1e-5, 100.0)]
    for known, extreme in zip(far, (fit_pooled(*counts), fit_separate(*counts, sd=100)), strict=True):
        assert_allclose(known.prob_better, extreme.prob_better, atol=2e-4)
        assert_allclose(known.slope.mean, extreme.slope.mean, atol=1e-3)
        assert_allclose(known.rate_control.interval(), extreme.rate_control.interval(), atol=1e-3)
    assert far[1].hyper.slope_sd.mean == pytest.approx(100)


def test_a_wide_prior_on_the_spread_does_not_undo_pooling():
    """Only with a known spread is no pooling a limit: under a wide prior the data decide, and keep some of it."""
    wide = Priors(StudentT(3, 0, 10), HalfNormal(1000), StudentT(3, 0, 10), HalfNormal(1000))
    wider = Priors(StudentT(3, 0, 10), HalfNormal(5000), StudentT(3, 0, 10), HalfNormal(5000))
    partial, same = fit(*FIVE_MARKETS, prior=wide), fit(*FIVE_MARKETS, prior=wider)
    assert_allclose(partial.prob_better, same.prob_better, atol=1e-4)
    assert np.ptp(partial.mean) < 0.9 * np.ptp(fit_separate(*FIVE_MARKETS).mean)


def test_flat_separate_rates_are_betas():
    """With a flat prior on its log odds a control rate is Beta(successes, failures)."""
    separate = fit_separate(*TWO_MARKETS, sd=100)
    exact = [stats.beta(30, 70), stats.beta(55, 45)]
    assert_allclose(separate.rate_control.mean, [d.mean() for d in exact], atol=1e-4)
    assert_allclose(separate.rate_control.sd, [d.std() for d in exact], atol=1e-4)
    assert_allclose(separate.rate_control.interval(), [d.interval(0.95) for d in exact], atol=1e-4)


@pytest.mark.parametrize("coding", CODINGS)
def test_pooled_against_a_plain_sum(coding):
    pooled = fit_pooled(*TWO_MARKETS, coding=coding)
    a, b = np.linspace(-3, 3, 1201)[:, None], np.linspace(-2, 3, 1001)
    u = a - CODINGS[coding] * b
    log_mass = 85 * u - 200 * np.logaddexp(0, u) + 110 * (u + b) - 200 * np.logaddexp(0, u + b)
    mass = np.exp(log_mass - log_mass.max()) * stats.t(3).pdf(a) * stats.t(3).pdf(b)
    mass /= mass.sum()
    assert_allclose(pooled.slope.mean, np.full(2, np.sum(mass * b)), atol=1e-5)
    assert_allclose(pooled.sd, np.full(2, np.sqrt(np.sum(mass * b**2) - np.sum(mass * b) ** 2)), atol=1e-5)
    assert_allclose(pooled.difference.mean, np.full(2, np.sum(mass * (expit(u + b) - expit(u)))), atol=1e-5)


def test_estimates_move_from_one_extreme_to_the_other(post):
    separate, pooled = fit_separate(*TWO_MARKETS).slope.mean, fit_pooled(*TWO_MARKETS).slope.mean
    gap = [np.ptp(slopes) for slopes in (separate, post.slope.mean, pooled)]
    assert gap[0] > gap[1] > gap[2]
    assert gap[2] == pytest.approx(0)
