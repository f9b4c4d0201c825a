"""Lesson 04's exact regression against published figures, other computations, and what theory demands."""

import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats
from scipy.special import expit

from borrowing_strength import datasets, sampling
from borrowing_strength.calibration import calibrate
from borrowing_strength.multilevel import (
    Exponential,
    HalfCauchy,
    HalfNormal,
    Known,
    Normal,
    Priors,
    StudentT,
    experiment,
    false_claims,
    fit,
    fit_pooled,
    fit_separate,
    pymc_model,
)
from borrowing_strength.multilevel.engine import solve
from borrowing_strength.multilevel.joint import Effect, Joints

pytestmark = pytest.mark.filterwarnings("error")

REPLICATIONS = int(os.environ.get("BORROWING_STRENGTH_REPLICATIONS", "100"))
LABELS = ["Canada", "China"]
COUNTS = ([30, 55], [100, 100], [50, 60], [100, 100])
FIVE = ([12, 40, 7, 90, 33], [60, 150, 40, 300, 90], [20, 41, 9, 120, 30], [60, 140, 35, 310, 95])


@pytest.fixture(scope="module")
def post():
    return fit(*COUNTS, labels=LABELS)


@pytest.fixture(scope="module")
def twenty():
    return datasets.twenty_markets().set_index("market")


def columns(table):
    return [table[name] for name in ("control_successes", "control_trials", "treatment_successes", "treatment_trials")]


# --- The reference values


def test_canada_and_china(post):
    assert_allclose(post.prob_better, [0.9946, 0.8947], atol=1e-4)
    assert_allclose(post.rate_control.mean, [0.3295, 0.5277], atol=1e-4)
    assert_allclose(post.rate_treatment.mean, [0.4855, 0.6098], atol=1e-4)
    assert_allclose(post.slope.mean, [0.659, 0.339], atol=5e-4)
    assert_allclose(post.difference.mean, [0.156, 0.082], atol=5e-4)


# --- An independent answer: hyperparameters from the prior by Sobol points, weighted by their likelihood


def by_importance(counts, points=2**12):
    """P(better), mean rates and mean slopes of two markets, by non-centred integration at every Sobol point."""
    z = np.linspace(-5.5, 5.5, 71)
    weight = np.exp(-0.5 * np.add.outer(z**2, z**2))
    total, sums = 0.0, np.zeros((4, 2))
    for u in np.split(stats.qmc.Sobol(4, seed=1).random(points), 8):
        mean_a, mean_b = stats.t(3).ppf(u[:, :2]).T[:, :, None]
        sd_a, sd_b = stats.halfnorm.ppf(u[:, 2:]).T[:, :, None]
        a, b = (mean_a + sd_a * z)[:, :, None], (mean_b + sd_b * z)[:, None, :]
        wanted = [b > 0, expit(a), expit(a + b), b]
        masses = [
            weight * np.exp(log_likelihood(a, *arm[:2]) + log_likelihood(a + b, *arm[2:]))
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


def test_importance_sampling_agrees(post):
    better, control, treatment, slopes = by_importance(COUNTS)
    assert_allclose(post.prob_better, better, atol=3e-3)
    assert_allclose(post.rate_control.mean, control, atol=2e-3)
    assert_allclose(post.rate_treatment.mean, treatment, atol=2e-3)
    assert_allclose(post.slope.mean, slopes, atol=0.01)


@pytest.mark.parametrize("markets", [2, 5, 20])
@pytest.mark.filterwarnings("default")  # PyMC may deprecate what it likes
def test_nuts_agrees(markets, twenty):
    counts = {2: COUNTS, 5: FIVE, 20: columns(twenty)}[markets]
    exact = fit(*counts)
    tree = sampling.sample(pymc_model(*counts), seed=markets, draws=2500, target_accept=0.95)
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
    assert_allclose(better(FIVE, priors), better(FIVE, priors, rows=24, step=0.5), atol=1e-4)


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
    partial, pooled = fit(*COUNTS, prior=priors), fit_pooled(*COUNTS, prior=priors)
    assert_allclose(partial.prob_better, pooled.prob_better, atol=1e-3)
    assert_allclose(partial.rate_treatment.mean, pooled.rate_treatment.mean, atol=1e-3)
    assert_allclose(partial.sd, pooled.sd, atol=1e-3)


@pytest.mark.parametrize("counts", [COUNTS, FIVE])
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
    partial, same = fit(*FIVE, prior=wide), fit(*FIVE, prior=wider)
    assert_allclose(partial.prob_better, same.prob_better, atol=1e-4)
    assert np.ptp(partial.mean) < 0.9 * np.ptp(fit_separate(*FIVE).mean)


def test_flat_separate_rates_are_betas():
    """With a flat prior on its log odds a control rate is Beta(successes, failures)."""
    separate = fit_separate(*COUNTS, sd=100)
    exact = [stats.beta(30, 70), stats.beta(55, 45)]
    assert_allclose(separate.rate_control.mean, [d.mean() for d in exact], atol=1e-4)
    assert_allclose(separate.rate_control.sd, [d.std() for d in exact], atol=1e-4)
    assert_allclose(separate.rate_control.interval(), [d.interval(0.95) for d in exact], atol=1e-4)


def test_pooled_against_a_plain_sum():
    pooled = fit_pooled(*COUNTS)
    a, b = np.linspace(-3, 3, 1201)[:, None], np.linspace(-2, 3, 1001)
    log_mass = 85 * a - 200 * np.logaddexp(0, a) + 110 * (a + b) - 200 * np.logaddexp(0, a + b)
    mass = np.exp(log_mass - log_mass.max()) * stats.t(3).pdf(a) * stats.t(3).pdf(b)
    mass /= mass.sum()
    assert_allclose(pooled.slope.mean, np.full(2, np.sum(mass * b)), atol=1e-5)
    assert_allclose(pooled.sd, np.full(2, np.sqrt(np.sum(mass * b**2) - np.sum(mass * b) ** 2)), atol=1e-5)
    assert_allclose(pooled.difference.mean, np.full(2, np.sum(mass * (expit(a + b) - expit(a)))), atol=1e-5)


def test_estimates_move_from_one_extreme_to_the_other(post):
    separate, pooled = fit_separate(*COUNTS).slope.mean, fit_pooled(*COUNTS).slope.mean
    gap = [np.ptp(slopes) for slopes in (separate, post.slope.mean, pooled)]
    assert gap[0] > gap[1] > gap[2]
    assert gap[2] == pytest.approx(0)


# --- Calibration


RIGHT = Priors(intercept_mean=Normal(), slope_mean=Normal())


def truth(rng):
    mean_a, mean_b, sd_a, sd_b = (getattr(RIGHT, name).draw(None, rng) for name in PRIOR_NAMES)
    a, b = rng.normal(mean_a, sd_a, 3), rng.normal(mean_b, sd_b, 3)
    hyper = {"intercept_mean": mean_a, "intercept_sd": sd_a, "slope_mean": mean_b, "slope_sd": sd_b}
    control, treatment = expit(a), expit(a + b)
    return hyper | {"slope": b[0], "difference": treatment[1] - control[1], "rates": (control, treatment)}


def simulate(parameters, rng):
    control, treatment = parameters["rates"]
    trials = np.array([40, 60, 200])
    return rng.binomial(trials, control), trials, rng.binomial(trials, treatment), trials


def ranks(priors, replications):
    def draws(counts, rng):
        tree = fit(*counts, prior=priors).sample(49, seed=int(rng.integers(2**31)), chains=1)
        values = {name: tree["posterior"][name].values[0] for name in (*HYPER, "slope", "difference")}
        return values | {"slope": values["slope"][:, 0], "difference": values["difference"][:, 1]}

    return calibrate(truth, simulate, draws, replications=replications, seed=4)


PRIOR_NAMES = ("intercept_mean", "slope_mean", "intercept_sd", "slope_sd")
HYPER = ("intercept_mean", "intercept_sd", "slope_mean", "slope_sd")


def test_calibrated():
    table = ranks(RIGHT, REPLICATIONS).summary()
    print(table)  # `make calibrate` shows it
    assert table["p_value"].min() > 0.001


def test_calibration_sees_a_wrong_prior():
    wrong = Priors(intercept_mean=Normal(), slope_mean=Normal(), slope_sd=HalfNormal(0.3))
    assert ranks(wrong, 60).p_value("slope_sd") < 1e-5


# --- Draws, comparisons, a new market, predictions


def test_draws_are_those_of_the_posterior(post):
    tree = post.sample(draws=5000, seed=3)
    draws = tree["posterior"]
    assert draws["slope"].dims == ("chain", "draw", "market")
    assert list(draws["market"].values) == LABELS
    size = 20_000
    for name in ("intercept", "slope", "rate_control", "rate_treatment", "difference"):
        values, exact = draws[name].values.reshape(size, 2), getattr(post, name)
        assert_allclose(values.mean(axis=0), exact.mean, atol=5 * exact.sd.max() / size**0.5)
        assert_allclose(values.std(axis=0), exact.sd, rtol=0.03)
        inside = exact.cdf(np.quantile(values[:, 0], [0.025, 0.25, 0.5, 0.75, 0.975]))[0]
        assert_allclose(inside, [0.025, 0.25, 0.5, 0.75, 0.975], atol=0.018)
    for name in HYPER:
        values, exact = draws[name].values.ravel(), getattr(post.hyper, name)
        assert_allclose(values.mean(), exact.mean, atol=5 * exact.sd / size**0.5)
        assert_allclose(exact.cdf(np.quantile(values, [0.1, 0.5, 0.9])), [0.1, 0.5, 0.9], atol=0.018)
        assert_allclose(exact.cdf(exact.quantile(np.array([0.1, 0.9]))), [0.1, 0.9], atol=1e-4)
    greater = (draws["slope"][..., 0] > draws["slope"][..., 1]).mean()
    assert_allclose(post.prob_greater("Canada", "China"), greater, atol=0.015)
    rng = np.random.default_rng(1)
    new = rng.normal(draws["slope_mean"], draws["slope_sd"])
    assert_allclose(post.new_group().prob_better, (new > 0).mean(), atol=0.015)
    assert_allclose(post.new_group().sd, new.std(), rtol=0.05)
    counts = rng.binomial(50, draws["rate_treatment"].values.reshape(size, 2))
    assert_allclose(post.predict(50).mean, counts.mean(axis=0), atol=0.15)
    assert_allclose(post.predict(50).sd, counts.std(axis=0), rtol=0.03)


def test_draws_repeat_with_the_seed(post):
    first, again, other = (post.sample(50, seed=s)["posterior"]["slope"].values for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("how", [fit_separate, fit_pooled])
def test_the_extremes_can_be_drawn_from(how):
    extreme = how(*COUNTS)
    draws = extreme.sample(2500, seed=1)["posterior"]
    assert "slope_sd" not in draws
    assert_allclose(draws["slope"].mean(("chain", "draw")), extreme.mean, atol=0.02)
    assert_allclose(draws["slope"].std(("chain", "draw")), extreme.sd, rtol=0.05)
    with pytest.raises(ValueError, match=r"only fit\(\.\.\.\) learns"):
        _ = extreme.hyper


def test_who_is_best():
    five = fit(*FIVE)
    best = five.prob_best()
    assert best.sum() == pytest.approx(1)
    draws = five.sample(2500, seed=2)["posterior"]["slope"].values.reshape(-1, 5)
    assert_allclose(best, np.bincount(draws.argmax(axis=1), minlength=5) / len(draws), atol=0.025)
    assert five.prob_greater(0, 1) + five.prob_greater(1, 0) == pytest.approx(1)
    assert_allclose(fit_pooled(*FIVE).prob_best(), 0.2)


def test_separate_slopes_compare_like_independent_normals():
    """Large counts: log odds ratios are as good as normal."""
    separate = fit_separate([3000, 5500], [10_000] * 2, [3300, 5600], [10_000] * 2)
    z = (separate.mean[0] - separate.mean[1]) / np.hypot(*separate.sd)
    assert_allclose(separate.prob_greater(0, 1), stats.norm.cdf(z), atol=1e-3)


def test_predicted_counts(post):
    counts = post.predict([10, 0], arm="control")
    assert_allclose(counts.pmf().sum(axis=1), 1)
    assert counts.pmf(0)[1] == pytest.approx(1)
    assert_allclose(counts.mean[0], 10 * post.rate_control.mean[0], atol=1e-4)


def test_summary(post):
    table = post.summary()
    assert list(table.index) == LABELS
    assert_allclose(table["prob_better"], post.prob_better)
    assert (table["difference_lower"] < table["difference"]).all()
    assert (table["difference"] < table["difference_upper"]).all()


# --- Data in and out


def test_labels_travel(twenty):
    assert fit(*columns(twenty)).labels == tuple(twenty.index)


def test_twenty_markets(twenty):
    assert len(twenty) == 20
    assert twenty.index.is_unique
    sizes = twenty["control_trials"] + twenty["treatment_trials"]
    assert sizes.max() > 50 * sizes.min()
    partial, separate = fit(*columns(twenty)), fit_separate(*columns(twenty))
    error = [np.sqrt(np.mean((p.mean - twenty["true_slope"]) ** 2)) for p in (partial, separate)]
    assert error[0] < error[1]
    ends = partial.interval(0.95)
    covered = (ends[:, 0] < twenty["true_slope"]) & (twenty["true_slope"] < ends[:, 1])
    assert covered.sum() >= 17  # fewer has a probability of about 0.003


def test_rows_and_counts_are_the_same_data():
    rows = experiment(*COUNTS, labels=LABELS, rows=True)
    assert len(rows) == 400
    cells = rows.groupby(["market", "arm", "treated"], as_index=False)["success"].agg(successes="sum", trials="size")
    assert_allclose(cells["successes"], [30, 50, 55, 60])
    assert set(cells["treated"]) == {0, 1}


def log_density(model, seed):
    """Log densities at points that do not depend on the model's form, as differences."""
    logp = model.compile_fn(model.logp(), mode="FAST_COMPILE", inputs=model.continuous_value_vars)
    rng = np.random.default_rng(seed)
    initial = model.initial_point()
    points = [{k: rng.normal(0, 0.5, np.shape(v)) for k, v in initial.items()} for _ in range(4)]
    return np.array([float(logp(p)) for p in points])


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("correlated", [True, False])
def test_rows_and_counts_have_the_same_likelihood(centred, correlated):
    forms = [pymc_model(*COUNTS, rows=rows, centred=centred, correlated=correlated) for rows in (True, False)]
    rows, counts = (log_density(model, 1) for model in forms)
    assert_allclose(np.diff(rows), np.diff(counts), atol=1e-8)
    assert forms[0].coords["market"] == ("0", "1")
    assert ("correlation" in forms[0].named_vars) == correlated


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("correlated", [True, False])
def test_centred_and_non_centred_are_the_same_model(correlated):
    """The densities of effects, up to the change of variables: sd_a sd_b sqrt(1 - rho**2) a market."""
    centred, free = (pymc_model(*COUNTS, centred=form, correlated=correlated) for form in (True, False))
    logp = [m.compile_fn(m.logp(), mode="FAST_COMPILE", inputs=m.continuous_value_vars) for m in (centred, free)]
    rng = np.random.default_rng(5)
    gaps = []
    for _ in range(3):
        point = {k: rng.normal(0, 0.5, np.shape(v)) for k, v in free.initial_point().items()}
        sd_a, sd_b = np.exp(point["intercept_sd_log__"]), np.exp(point["slope_sd_log__"])
        rho = 2 * expit(point["correlation_01_logodds__"]) - 1 if correlated else 0
        z_a, z_b = point["intercept_z"], point["slope_z"]
        same = {k: v for k, v in point.items() if not k.endswith("_z")}
        same["intercept"] = point["intercept_mean"] + sd_a * z_a
        same["slope"] = point["slope_mean"] + sd_b * (rho * z_a + np.sqrt(1 - rho**2) * z_b)
        jacobian = 2 * np.log(sd_a * sd_b * np.sqrt(1 - rho**2))
        gaps.append(float(logp[0](same)) + jacobian - float(logp[1](point)))
    assert_allclose(gaps, 0, atol=1e-8)


# --- The study


def test_study_of_false_claims():
    table = false_claims(8, 60, slope=(0.05, 0.15), seed=3)
    assert list(table.index) == ["separate tests", "separate tests, Bonferroni", "partial pooling"]
    assert table.loc["separate tests", "claims"] > table.loc["separate tests, Bonferroni", "claims"]
    assert table.loc["partial pooling", "error"] < 0.7 * table.loc["separate tests", "error"]
    assert table.loc["partial pooling", "exaggeration"] < table.loc["separate tests", "exaggeration"]
    assert table["wrong_sign"].between(0, 1).all()


def test_the_stored_study_comes_out_again():
    """With another seed and fewer experiments; the tolerances are five standard deviations of such a study."""
    stored = datasets.false_claims().set_index(["slope_sd", "method"]).loc[0.3]
    again = false_claims(replications=60, slope=(0, 0.3), seed=11)
    assert list(again.index) == list(stored.index)
    assert list(again.columns) == list(stored.columns)
    assert_allclose(again["claims"], stored["claims"], atol=1.0)
    assert_allclose(again["exaggeration"], stored["exaggeration"], atol=0.4)
    assert_allclose(again.loc["partial pooling", "error"], stored.loc["partial pooling", "error"], atol=0.02)


def test_separate_tests_keep_their_level():
    """With slopes of practically zero every claim is false: five in a hundred tests."""
    table = false_claims(10, 60, trials=(500, 2000), slope=(0.0, 1e-6), seed=1)
    assert table.loc["separate tests", "claims"] == pytest.approx(0.5, abs=0.35)
    assert table.loc["partial pooling", "claims"] < table.loc["separate tests", "claims"]


def test_study_without_claims():
    table = false_claims(2, 3, trials=(5, 5), slope=(0.0, 0.01), level=1e-6)
    assert (table["claims"] == 0).all()
    assert table[["wrong_sign", "exaggeration"]].isna().all().all()


# --- Bad input


@pytest.mark.parametrize("how", [fit, fit_separate, fit_pooled, experiment])
@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (([30], [100, 100], [50, 60], [100, 100]), "control_successes has 1 rows but control_trials has 2"),
        (([30, 55], [100, 100], [50], [100]), "control_successes has 2 rows but treatment_successes has 1"),
        (
            ([30, 101], [100, 100], [50, 60], [100, 100]),
            r"control_trials\[1\] is 100 but control_successes\[1\] is 101",
        ),
        (
            ([30, 55], [100, 100], [50, 60], [100, 10]),
            r"treatment_trials\[1\] is 10 but treatment_successes\[1\] is 60",
        ),
        (([30, np.nan], [100, 100], [50, 60], [100, 100]), r"control_successes\[1\] is nan: a missing value"),
        (([30, 55], [100, 100], [50, -1], [100, 100]), r"treatment_successes\[1\] is -1: a count cannot be negative"),
        (([30, 55], [100, np.inf], [50, 60], [100, 100]), r"control_trials\[1\] is inf"),
        (([30, 5.5], [100, 100], [50, 60], [100, 100]), r"control_successes\[1\] is 5.5: a count must be a whole"),
        (([30, "55"], [100, 100], [50, 60], [100, 100]), r"control_successes\[1\] is '55': it must be a number"),
        (([[30, 55]], [100, 100], [50, 60], [100, 100]), "control_successes has 2 dimensions"),
        (([], [], [], []), "control_successes is empty"),
    ],
)
def test_bad_counts(how, counts, message):
    with pytest.raises(ValueError, match=message):
        how(*counts)


@pytest.mark.parametrize("how", [fit, fit_separate, fit_pooled, pymc_model])
@pytest.mark.parametrize(
    "column",
    [
        [0.31, 0.52],
        [-1, 55],
        [[30, 55], [20, 41]],
        "orders ~ treated + (treated | market)",
        pd.DataFrame({"y": [1, 2]}),
    ],
    ids=["measurements", "negative", "three arms", "formula", "table"],
)
def test_who_needs_another_model_is_told_which(how, column):
    with pytest.raises(ValueError, match=r"use Bambi: bambi.Model\(\"y ~ 1 \+ treated"):
        how(column, *COUNTS[1:])


def test_bad_labels():
    with pytest.raises(ValueError, match=r"labels\[1\] is 'Canada', which another group has already"):
        fit(*COUNTS, labels=["Canada", "Canada"])
    with pytest.raises(ValueError, match="labels has 1 names but there are 2 groups"):
        fit(*COUNTS, labels=["Canada"])
    mixed = [pd.Series(COUNTS[0], index=["a", "b"]), *COUNTS[1:3], pd.Series(COUNTS[3], index=["b", "a"])]
    with pytest.raises(ValueError, match="have different row labels"):
        fit(*mixed)


def test_no_trials_at_all_give_the_population():
    """A market without data is a new market."""
    with_empty = fit([30, 55, 0], [100, 100, 0], [50, 60, 0], [100, 100, 0])
    assert_allclose(with_empty.prob_better[2], with_empty.new_group().prob_better[0], atol=1e-4)
    assert_allclose(with_empty.prob_better[:2], fit(*COUNTS).prob_better, atol=1e-4)


def test_one_market_learns_from_itself_and_the_prior():
    one = fit([30], [100], [50], [100])
    assert fit_separate([30], [100], [50], [100]).mean[0] > one.mean[0] > 0
    assert one.hyper.slope_sd.mean == pytest.approx(np.sqrt(2 / np.pi), abs=0.15)


def test_all_zero_data_are_answered_under_light_tails():
    light = Priors(intercept_mean=Normal(), slope_mean=Normal())
    exact = fit([0, 0], [100, 50], [0, 0], [100, 50], prior=light)
    assert np.all((exact.prob_better > 0.2) & (exact.prob_better < 0.5))
    assert np.all(exact.rate_control.mean < 0.03)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: StudentT(0, 0, 1), "df is 0"),
        (lambda: StudentT(3, np.nan, 1), "mean is nan"),
        (lambda: Priors(slope_mean=Normal(0, 1e-10)), r"slope_mean is .* in log odds its scale must lie"),
        (lambda: HalfNormal(-1), "scale is -1"),
        (lambda: HalfCauchy(0), "scale is 0"),
        (lambda: Exponential("1"), "scale is '1'"),
        (lambda: Priors(intercept_mean=HalfNormal(1)), "intercept_mean is HalfNormal"),
        (lambda: Priors(slope_sd=Normal()), "slope_sd is Normal"),
        (lambda: fit(*COUNTS, prior=HalfNormal(1)), r"prior is .* it must be Priors\(...\)"),
        (lambda: fit_separate(*COUNTS, sd=0), "sd is 0"),
        (lambda: fit_separate(*COUNTS, sd=1e4), "sd is 10000: it must be at most 100"),
        (lambda: false_claims(0), "markets is 0"),
        (lambda: false_claims(2, 2, trials=(10, 5)), "trials is"),
        (lambda: false_claims(2, 2, slope=(0, 0)), r"slope\[1\] is 0"),
        (lambda: false_claims(2, 2, intercept=(np.nan, 1)), "intercept is"),
        (lambda: false_claims(2, 2, level=1.5), "level is 1.5"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: p.prob_greater("Canada", "Mexico"), "j is 'Mexico'"),
        (lambda p: p.prob_greater(0, 0), "both name market 'Canada'"),
        (lambda p: p.prob_greater(True, 0), "i is True"),
        (lambda p: p.interval(95), "prob is 95"),
        (lambda p: p.slope.quantile(0.0), "it must lie between 0 and 1"),
        (lambda p: p.predict(-1), "trials is -1"),
        (lambda p: p.predict([1, 2, 3]), "trials has 3 rows"),
        (lambda p: p.predict(10, arm="treated"), "arm is 'treated'"),
        (lambda p: p.sample(0), "draws is 0"),
        (lambda p: p.sample(seed=-1), "seed is -1"),
    ],
)
def test_bad_questions(post, call, message):
    with pytest.raises(ValueError, match=message):
        call(post)
