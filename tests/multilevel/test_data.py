"""Lesson 04's data, the study of false claims, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from cases import TWO_MARKETS, columns
from numpy.testing import assert_allclose
from scipy.special import expit

from borrowing_strength import datasets
from borrowing_strength.multilevel import (
    Exponential,
    HalfCauchy,
    HalfNormal,
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

pytestmark = pytest.mark.filterwarnings("error")


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


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("correlated", [True, False])
def test_centred_and_non_centred_are_the_same_model(correlated):
    """The densities of effects, up to the change of variables: sd_a sd_b sqrt(1 - rho**2) a market."""
    centred, free = (pymc_model(*TWO_MARKETS, centred=form, correlated=correlated) for form in (True, False))
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
    assert centred.coords == {"market": ("0", "1"), "arm": ("control", "treatment")}
    assert ("correlation" in centred.named_vars) == correlated


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


@pytest.mark.parametrize("coding", ["symmetric", "control"])
def test_counts_that_no_effect_of_the_prior_explains(coding):
    """Under treatment 90% of one hundred thousand and 30%, where control had 30% and all of a billion."""
    counts = [96_548, 10**9], [316_227, 10**9], [90_000, 30_531], [100_000, 100_000]
    with pytest.raises(ValueError, match="row 1 contradicts the other rows and the prior"):
        fit(*counts, prior=Priors(slope_sd=HalfNormal(0.05)), coding=coding)


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
        how(column, *TWO_MARKETS[1:])


def test_bad_labels():
    with pytest.raises(ValueError, match=r"labels\[1\] is 'Canada', which another group has already"):
        fit(*TWO_MARKETS, labels=["Canada", "Canada"])
    with pytest.raises(ValueError, match="labels has 1 names but there are 2 groups"):
        fit(*TWO_MARKETS, labels=["Canada"])
    mixed = [
        pd.Series(TWO_MARKETS[0], index=["a", "b"]),
        *TWO_MARKETS[1:3],
        pd.Series(TWO_MARKETS[3], index=["b", "a"]),
    ]
    with pytest.raises(ValueError, match="have different row labels"):
        fit(*mixed)


def test_no_trials_at_all_give_the_population():
    """A market without data is a new market."""
    with_empty = fit([30, 55, 0], [100, 100, 0], [50, 60, 0], [100, 100, 0])
    assert_allclose(with_empty.prob_better[2], with_empty.new_group().prob_better[0], atol=1e-4)
    assert_allclose(with_empty.prob_better[:2], fit(*TWO_MARKETS).prob_better, atol=1e-4)


def test_one_market_learns_from_itself_and_the_prior():
    one = fit([30], [100], [50], [100])
    assert fit_separate([30], [100], [50], [100]).mean[0] > one.mean[0] > 0
    assert one.hyper.slope_sd.mean == pytest.approx(np.sqrt(2 / np.pi), abs=0.15)


def test_all_zero_data_are_answered_under_light_tails():
    light = Priors(intercept_mean=Normal(), slope_mean=Normal())
    exact = fit([0, 0], [100, 50], [0, 0], [100, 50], prior=light)
    assert_allclose(exact.prob_better, 0.5, atol=1e-6)  # nothing speaks for either arm
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
        (lambda: fit(*TWO_MARKETS, prior=HalfNormal(1)), r"prior is .* it must be Priors\(...\)"),
        (lambda: fit(*TWO_MARKETS, coding="treatment"), "coding is 'treatment': it must be 'symmetric' or 'control'"),
        (lambda: fit_separate(*TWO_MARKETS, sd=0), "sd is 0"),
        (lambda: fit_separate(*TWO_MARKETS, sd=1e4), "sd is 10000: it must be from 1e-9 to 100"),
        (lambda: false_claims(0), "markets is 0"),
        (lambda: false_claims(2, 2, trials=(10, 5)), "trials is"),
        (lambda: false_claims(2, 2, slope=(0, 0)), r"slope\[1\] is 0"),
        (lambda: false_claims(2, 2, intercept=(np.nan, 1)), r"intercept\[0\] is nan"),
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
