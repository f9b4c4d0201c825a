"""Lesson 04's exact regression on counts of any size, against an integration that shares nothing with it but the nodes.

The inputs are the ones that version 0.1.0 refused, or took minutes for, and others that are as uneven.
"""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats
from scipy.special import expit

from borrowing_strength.multilevel import (
    Exponential,
    HalfCauchy,
    HalfNormal,
    HalfStudentT,
    Known,
    Normal,
    Priors,
    StudentT,
    fit,
)
from borrowing_strength.multilevel.engine import solve
from borrowing_strength.multilevel.joint import QUANTITIES
from borrowing_strength.multilevel.marginals import Hyper
from borrowing_strength.multilevel.priors import CODINGS

pytestmark = pytest.mark.filterwarnings("error")

MILLION, BILLION = 10**6, 10**9
CASES = {
    "ordinary": ([12, 40, 7, 90, 33], [60, 150, 40, 300, 90], [20, 41, 9, 120, 30], [60, 140, 35, 310, 95]),
    "forty beside a million": ([3, 50_000], [40, MILLION], [5, 51_000], [40, MILLION]),
    "ten beside a hundred thousand": ([5000, 1], [100_000, 10], [5100, 2], [100_000, 10]),
    "fifty beside a million": ([100_000, 10], [MILLION, 50], [110_000, 12], [MILLION, 50]),
    "a dozen beside thousands": (
        [0, 40, 400, 1000, 800],
        [12, 1000, 10_000, 25_000, 20_000],
        [1, 45, 430, 1100, 840],
        [12, 1000, 10_000, 25_000, 20_000],
    ),
    "a dozen without success": ([0, 5, 1000], [10, 100, 50_000], [3, 60, 1100], [12, 90, 50_000]),
    "four alike of a million": ([100_000] * 4, [MILLION] * 4, [110_000] * 4, [MILLION] * 4),
    "four alike of a billion": ([10**8] * 4, [BILLION] * 4, [11 * 10**7] * 4, [BILLION] * 4),
    "hardly a success": ([0, 0, 0, 1], [100] * 4, [0, 1, 0, 0], [100] * 4),
    "far apart": ([10**8, 5 * 10**8], [BILLION] * 2, [2 * 10**8, 5 * 10**8], [BILLION] * 2),
    "one trial each": ([0, 1], [1, 1], [1, 0], [1, 1]),
    "one market": ([30], [100], [50], [100]),
    "arms without trials": ([0, 3], [0, 10], [5, 4], [10, 10]),
}


def softplus_and_rate(x):
    """log(1 + exp(x)) and its derivative, the rate at log odds x."""
    tail = np.exp(-np.abs(x))
    return np.maximum(x, 0) + np.log1p(tail), np.where(x > 0, 1, tail) / (1 + tail)


def market(counts, h, mean_a, sd_a, mean_b, sd_b):
    """Log marginal likelihood of one market, and means and squares of its quantities, given populations (arrays).

    Log odds are a - h b under control and a + (1 - h) b under treatment.
    A grid of points 0.8 apart and no further than 6.6 from the mode, in coordinates in which the posterior would be a
    round normal one. Half that distance moves no answer by a fifth of what `compare` allows.
    """
    y, n, y_t, n_t = (float(count) for count in counts)

    def log_density(z, w):
        b = mean_b + sd_b * w
        u = mean_a + sd_a * z - h * b
        return (
            y * u - n * softplus_and_rate(u)[0] + y_t * (u + b) - n_t * softplus_and_rate(u + b)[0] - (z**2 + w**2) / 2
        )

    # 1. The mode, by Newton's method with halved steps.
    z, w = np.zeros_like(mean_a), np.zeros_like(mean_a)
    for _ in range(100):
        b = mean_b + sd_b * w
        u = mean_a + sd_a * z - h * b
        rate, rate_t = expit(u), expit(u + b)
        info, info_t = n * rate * (1 - rate), n_t * rate_t * (1 - rate_t)
        zz = 1 + sd_a**2 * (info + info_t)
        zw = sd_a * sd_b * ((1 - h) * info_t - h * info)
        ww = 1 + sd_b**2 * ((1 - h) ** 2 * info_t + h**2 * info)
        up_z = sd_a * (y - n * rate + y_t - n_t * rate_t) - z
        up_w = sd_b * ((1 - h) * (y_t - n_t * rate_t) - h * (y - n * rate)) - w
        determinant = zz * ww - zw**2
        step_z, step_w = (ww * up_z - zw * up_w) / determinant, (zz * up_w - zw * up_z) / determinant
        size, here = np.ones_like(z), log_density(z, w)
        for _ in range(40):
            worse = log_density(z + size * step_z, w + size * step_w) < here - 1e-9 * np.abs(here)
            if not worse.any():
                break
            size[worse] /= 2
        z, w = z + size * step_z, w + size * step_w
        if np.max(np.abs(step_z) + np.abs(step_w)) < 1e-6:
            break
    # 2. The grid.
    across, along = (axis.ravel() for axis in np.meshgrid(*[np.linspace(-6.6, 6.6, 17)] * 2))
    inside = np.hypot(across, along) < 6.61
    across, along = across[inside], along[inside]
    root_w = np.sqrt(ww)
    root_z = np.sqrt(zz - zw**2 / ww)
    log_marginal, moments = np.empty_like(mean_a), np.empty((2, len(QUANTITIES), len(mean_a)))
    for part in (slice(k, k + 250) for k in range(0, len(mean_a), 250)):
        mean_a_, sd_a_, mean_b_, sd_b_, z_, w_, root_z_, root_w_, tilt = (
            array[part, None] for array in (mean_a, sd_a, mean_b, sd_b, z, w, root_z, root_w, zw / ww)
        )
        off = across / root_z_
        at_z, at_w = z_ + off, w_ + along / root_w_ - tilt * off
        a, b = mean_a_ + sd_a_ * at_z, mean_b_ + sd_b_ * at_w
        u = a - h * b
        (cost, rate), (cost_t, rate_t) = softplus_and_rate(u), softplus_and_rate(u + b)
        height = y * u - n * cost + y_t * (u + b) - n_t * cost_t - (at_z**2 + at_w**2) / 2
        top = height.max(axis=1, keepdims=True)
        mass = np.exp(height - top)
        total = mass.sum(axis=1)
        log_marginal[part] = top[:, 0] + np.log(total) - np.log(root_z_ * root_w_)[:, 0]
        mass /= total[:, None]
        for q, value in enumerate((a, b, rate, rate_t, rate_t - rate)):
            mean = np.vecdot(mass, value)
            off = value - mean[:, None]
            moments[:, q, part] = mean, np.vecdot(mass * off, off) + mean**2
    return log_marginal, moments


def by_other_means(counts, priors, h, step):
    """Posterior means and sds of all quantities, shape (2, quantities, markets), and the same of the populations."""
    # 1. The pairs of nodes that hold all but 1e-5 of the mass.
    nodes = solve(np.array(counts), priors, h, rows=10, step=step)
    order = np.argsort(nodes.mass, axis=None)
    kept = order[np.cumsum(nodes.mass.ravel()[order]) > 1e-5]
    i, j = np.unravel_index(kept, nodes.mass.shape)
    of_a, of_b = nodes.view.of_a.take(i), nodes.view.of_b.take(j)
    # 2. What the markets say about each, worked out anew.
    populations = of_a.mean, of_a.sd, of_b.mean, of_b.sd
    different, which = np.unique(counts, axis=1, return_inverse=True)
    answers = [market(column, h, *populations) for column in different.T]
    found = [answers[k] for k in which]
    log_mass = of_a.log_cell + of_b.log_cell + sum(log_marginal for log_marginal, _ in found)
    mass = np.exp(log_mass - log_mass.max())
    mass /= mass.sum()
    mean, square = np.stack([moments @ mass for _, moments in found], axis=2)
    hyper = [(mass @ value, np.sqrt(mass @ (value - mass @ value) ** 2)) for value in populations]
    return (mean, np.sqrt(square - mean**2)), hyper


def compare(counts, priors, coding="symmetric", step=1.0, tolerance=1e-3):
    """Both ways to within a thousandth of an sd."""
    post = fit(*counts, prior=priors, coding=coding)
    (means, sds), hyper = by_other_means(counts, priors, CODINGS[coding], step)
    for q, name in enumerate(QUANTITIES):
        exact = getattr(post, name)
        assert_allclose((exact.mean - means[q]) / sds[q], 0, atol=tolerance, err_msg=name)
        assert_allclose(exact.sd / sds[q], 1, atol=tolerance, err_msg=name)
    for (mean, sd), name in zip(hyper, ("intercept_mean", "intercept_sd", "slope_mean", "slope_sd"), strict=True):
        if isinstance(getattr(priors, name), Known):
            continue
        assert (getattr(post.hyper, name).mean - mean) / sd == pytest.approx(0, abs=tolerance), name


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("counts", CASES.values(), ids=CASES)
def test_any_sizes(counts, coding):
    compare(counts, Priors(), coding)


@pytest.mark.parametrize("coding", CODINGS)
def test_arms_without_success(coding):
    """Intercepts and slopes are known as a sum only, so the nodes of the comparison have to lie closer."""
    compare(([0] * 4, [100] * 4, [5] * 4, [100] * 4), Priors(), coding, step=0.6, tolerance=2e-3)


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize(("large", "tolerance"), [(MILLION, 1e-3), (BILLION, 5e-3)])
def test_a_small_and_a_huge_arm(large, tolerance, coding):
    compare(([3, 55], [10, 100], [large // 2, 60], [large, 100]), Priors(), coding, step=0.6, tolerance=tolerance)


PRIORS = {
    "Cauchy": Priors(intercept_sd=HalfCauchy(2), slope_sd=HalfCauchy(2)),
    "t and exponential": Priors(intercept_sd=HalfStudentT(3, 2.5), slope_sd=Exponential(0.5)),
    "sure of the slopes": Priors(slope_mean=Normal(0, 0.05), slope_sd=HalfNormal(0.1)),
    "wide": Priors(StudentT(3, 0, 10), HalfNormal(30), StudentT(3, 0, 10), HalfNormal(30)),
    "narrow": Priors(intercept_sd=HalfNormal(0.01), slope_sd=HalfNormal(0.01)),
    "known": Priors(intercept_sd=Known(0.3), slope_sd=Known(0.01)),
}


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("name", PRIORS)
def test_any_priors(name, coding):
    """Under wide priors the comparison cuts the tails off: its grid ends 6.6 sds of a normal from the mode."""
    tolerance = 1e-2 if name == "wide" else 1e-3
    compare(
        ([0, 3, 4], [100] * 3, [5, 9, 8], [100] * 3),
        PRIORS[name],
        coding,
        step=0.6 if name in ("narrow", "sure of the slopes") else 1.0,
        tolerance=tolerance,
    )


@given(st.lists(st.tuples(*[st.tuples(st.integers(0, 18), st.floats(0, 1))] * 2), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_whatever_the_counts(markets):
    """Trials from none to a billion in any arm, any rate: an answer that does not depend on the order."""
    arms = [[(round(int(10 ** (size / 2)) * rate), int(10 ** (size / 2))) for size, rate in one] for one in markets]
    counts = np.array([[*control, *treatment] for control, treatment in arms]).T
    post, turned = fit(*counts), fit(*counts[:, ::-1])
    for name in QUANTITIES:
        quantity, other = getattr(post, name), getattr(turned, name)
        assert np.all(np.isfinite(quantity.mean))
        assert np.all(quantity.sd > 0)
        assert_allclose((other.mean[::-1] - quantity.mean) / quantity.sd, 0, atol=1e-3)
        ends = quantity.interval(0.9)
        found = np.array([quantity.cdf(ends[k])[k] for k in range(len(ends))])
        # A rate of 1 - 1e-9, or a difference of it, has few digits left.
        told = np.abs(ends) < 1 - 1e-6
        assert_allclose(found[told], np.tile([0.05, 0.95], (len(ends), 1))[told], atol=1e-4)


def mirrored(counts, tolerance):
    """Compare the answers with those after control and treatment have changed names."""
    post, swapped = fit(*counts), fit(*counts[[2, 3, 0, 1]])
    for name, sign in {"intercept": 1, "slope": -1, "difference": -1}.items():
        quantity, other = getattr(post, name), getattr(swapped, name)
        assert_allclose((sign * other.mean - quantity.mean) / quantity.sd, 0, atol=tolerance)
        assert_allclose(other.sd / quantity.sd, 1, atol=tolerance)
    assert_allclose(swapped.rate_control.mean, post.rate_treatment.mean, atol=tolerance)
    assert_allclose(swapped.prob_better, 1 - post.prob_better, atol=tolerance)


@given(st.lists(st.tuples(*[st.tuples(st.integers(0, 12), st.floats(0.01, 0.99))] * 2), min_size=1, max_size=4))
@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_no_answer_depends_on_which_arm_is_called_control(markets):
    """In the symmetric coding; in the other it does (see `test_answers`)."""
    arms = [[(round(int(10 ** (size / 2)) * rate), int(10 ** (size / 2))) for size, rate in one] for one in markets]
    mirrored(np.array([[*control, *treatment] for control, treatment in arms]).T, tolerance=1e-3)


@pytest.mark.parametrize(
    "counts",
    [
        ([0] * 4, [100] * 4, [5] * 4, [100] * 4),
        ([0, 0], [100, 50], [0, 0], [100, 50]),
        ([3, 50_000], [40, MILLION], [5, 51_000], [40, MILLION]),
        ([0, 40, 400], [12, 1000, 10_000], [1, 45, 430], [12, 1000, 10_000]),
        ([0, 5, 1000], [10, 100, 50_000], [3, 60, 1100], [12, 90, 50_000]),
        ([0], [1000], [3], [3]),
    ],
)
def test_arms_without_success_change_names_too(counts):
    mirrored(np.array(counts), tolerance=3e-4)


SEPARATED = {
    "none of 316,227": ([0, 3162], [316_227, 10_000], [54_418, 4000], [316_227, 10_000]),
    "none of a thousand, three of three": ([0, 1000], [1000, 1000], [3, 500], [3, 1000]),
    "all of a million, none of a million": ([MILLION, 500], [MILLION, 1000], [0, 550], [MILLION, 1000]),
    "none of a billion": ([0, 100], [BILLION, 1000], [BILLION // 2, 120], [BILLION, 1000]),
    "none under either name": ([0, 4, 9000], [1000, 31, 10_000], [MILLION, 3, 0], [MILLION, 31, 10_000]),
    "all of one arm everywhere": (
        [10**8, 1000, 31_622],
        [10**8, 1000, 31_622],
        [152_488_946, 0, BILLION],
        [316_227_766, 10**5, BILLION],
    ),
}


@pytest.mark.parametrize("counts", SEPARATED.values(), ids=SEPARATED)
def test_separation_in_large_unequal_arms(counts):
    """A market in the tail of its population, with a likelihood that has no maximum, under both names.

    Under one name the slopes' lattice is fine where the market is, under the other it is not.
    """
    mirrored(np.array(counts), tolerance=1e-3)


def test_distributions_where_arms_differ():
    """Ten trials against a million leave intercept and slope known as a sum. Draws know nothing of the points."""
    post = fit([3, 55, 500_000], [10, 100, MILLION], [500_000, 60, 4], [MILLION, 100, 10])
    draws = post.sample(5000, seed=1)["posterior"]
    levels = np.array([0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])
    for name in QUANTITIES:
        for g, values in enumerate(draws[name].values.reshape(-1, 3).T):
            found = getattr(post, name).cdf(np.quantile(values, levels))[g]
            assert_allclose(found, levels, atol=0.015, err_msg=name)


def test_no_data_give_back_the_prior():
    nothing = fit([0], [0], [0], [0])
    assert nothing.hyper.slope_sd.mean == pytest.approx(np.sqrt(2 / np.pi), abs=1e-4)
    assert_allclose(nothing.hyper.slope_mean.interval(0.9), stats.t(3).interval(0.9), atol=1e-3)
    assert_allclose(nothing.prob_better, 0.5, atol=1e-4)
    assert_allclose(nothing.mean, nothing.new_group().mean, atol=1e-4)


def test_spreads_of_many_markets_have_the_tails_that_more_nodes_give_them():
    """Where an sd of zero is excluded the nodes are few."""
    rng = np.random.default_rng(20)
    trials = np.exp(rng.uniform(np.log(50), np.log(2000), 20)).astype(int)
    a, b = rng.normal(-1, 0.5, 20), rng.normal(0.2, 0.4, 20)
    post = fit(rng.binomial(trials, expit(a)), trials, rng.binomial(trials, expit(a + b)), trials)
    dense = solve(post._counts, Priors(), rows=24, step=0.45)
    levels = np.array([0.001, 0.025, 0.5, 0.975, 0.999])
    for name in ("intercept_sd", "slope_sd"):
        found, more = getattr(post.hyper, name), getattr(Hyper.of(dense), name)
        assert_allclose((found.quantile(levels) - more.quantile(levels)) / more.sd, 0, atol=1e-3, err_msg=name)


def test_many_markets_find_their_populations():
    rng = np.random.default_rng(1)
    trials = np.exp(rng.uniform(np.log(50), np.log(2000), (2, 400))).astype(int)
    a, b = rng.normal(-1, 0.5, 400), rng.normal(0.2, 0.3, 400)
    y, y_t = rng.binomial(trials[0], expit(a)), rng.binomial(trials[1], expit(a + b))
    hyper = fit(y, trials[0], y_t, trials[1]).hyper
    for name, true in (("intercept_mean", -1), ("intercept_sd", 0.5), ("slope_mean", 0.2), ("slope_sd", 0.3)):
        found = getattr(hyper, name)
        assert abs(found.mean - true) < 4 * found.sd
        assert found.sd < 0.05
