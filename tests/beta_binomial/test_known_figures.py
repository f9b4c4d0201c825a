"""Lesson 01's exact posterior against published figures; its draws and tables against itself."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

import borrowing_strength as bs
from borrowing_strength.beta_binomial import Gammas, MeanConcentration, PowerLaw
from borrowing_strength.beta_binomial.posterior import fit

pytestmark = pytest.mark.filterwarnings("error")

LABELS = ["A", "B", "C", "D"]
SUCCESSES = [30, 50, 55, 60]
LARGE = (SUCCESSES, [100, 100, 100, 100])
SMALL = ([3, 50, 55, 60], [10, 100, 100, 100])  # A was tried ten times only


@pytest.fixture(scope="module")
def large():
    return fit(*LARGE, labels=LABELS)


@pytest.fixture(scope="module")
def small():
    return fit(*SMALL, labels=LABELS)


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


def test_what_the_post_of_2016_says_about_shrinkage(large, small):
    def pull(post, raw):
        return (post.mean[0] - raw) / (post.grand_mean.mean - raw)

    assert pull(large, 0.3) == pytest.approx(0.12, abs=0.005)
    assert pull(small, 0.3) == pytest.approx(0.77, abs=0.005)
    assert (small.grand_mean.mean - small.mean[0]) / small.sd[0] == pytest.approx(0.5, abs=0.005)
    wider = np.diff(large.interval()[1:]) / np.diff(small.interval()[1:])
    assert_allclose(wider[:, 0], [1.07, 1.12, 1.07], atol=0.005)


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
