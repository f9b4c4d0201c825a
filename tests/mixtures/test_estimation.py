"""Mixtures fitted to counts: EM against a general optimiser, left-out prediction, PyMC against SciPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import optimize, stats

import borrowing_strength as bs
from borrowing_strength.mixtures import em, m_step, population, predictive_score, pymc_model

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(scope="module")
def campaigns():
    return bs.datasets.campaigns()


# --- EM


def log_likelihood(y, n, probs, weights):
    return np.log(np.sum(weights * stats.binom.pmf(np.array(y)[:, None], np.array(n)[:, None], probs), axis=1)).sum()


def test_em_finds_the_top(campaigns):
    y, n = campaigns["conversions"], campaigns["visitors"]
    fit = em(y, n, 2, seed=1)
    assert fit.log_likelihood == pytest.approx(log_likelihood(y, n, fit.probs, fit.weights), rel=1e-12)
    search = optimize.minimize(
        lambda x: -log_likelihood(y, n, x[:2], [x[2], 1 - x[2]]),
        [0.05, 0.08, 0.5],
        method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 2000},
    )
    assert search.success
    assert fit.log_likelihood == pytest.approx(-search.fun, abs=1e-6)
    assert_allclose([*fit.probs, fit.weights[0]], search.x, atol=1e-3)


def test_em_recovers_the_campaigns(campaigns):
    truth = bs.datasets.campaigns_truth()
    y, n = campaigns["conversions"], campaigns["visitors"]
    fit = em(y, n, 2, seed=1)
    assert_allclose(fit.probs, [0.04, 0.09], atol=0.006)
    assert_allclose(fit.weights, [0.65, 0.35], atol=0.1)
    strong = fit.responsibilities(y, n)
    assert_allclose(strong.sum(axis=1), 1)
    assert np.mean((strong[:, 1] > 0.5) == (truth["kind"] == "strong")) > 0.9
    assert list(truth["campaign"]) == list(campaigns["campaign"])


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    data=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=3, max_size=12),
    components=st.integers(1, 3),
)
def test_em_never_falls_and_its_answer_is_a_mixture(data, components):
    y, n = zip(*[(min(pair), max(pair)) for pair in data], strict=True)
    fit = em(y, n, components, seed=3, restarts=3)
    assert np.all(np.diff(fit.trace) >= -1e-9)
    assert fit.weights.sum() == pytest.approx(1)
    assert np.all((fit.probs >= 0) & (fit.probs <= 1))
    assert np.all(np.diff(fit.probs) >= 0)
    assert fit.log_likelihood == max(fit.restarts) == fit.trace[-1]
    assert fit.log_likelihood == pytest.approx(fit.log_score(y, n).sum(), abs=1e-8)


def test_the_m_step_pools_by_share():
    share = np.array([[1, 0], [0.5, 0.5], [0, 1]])
    weights, probs = m_step(share, np.array([1, 4, 9]), np.array([10, 20, 30]))
    assert_allclose(weights, [0.5, 0.5])
    assert_allclose(probs, [(1 + 2) / (10 + 10), (2 + 9) / (10 + 30)])


def test_a_population_is_fitted_at_the_top(campaigns):
    y, n = campaigns["conversions"].to_numpy(), campaigns["visitors"].to_numpy()
    fit = population(y, n)
    top = fit.log_score(y, n).sum()
    assert top == pytest.approx(stats.betabinom.logpmf(y, n, fit.a, fit.b).sum())
    for a, b in ((1.01, 1), (0.99, 1), (1, 1.01), (1, 0.99), (1.05, 1.05), (0.95, 0.95)):
        assert stats.betabinom.logpmf(y, n, a * fit.a, b * fit.b).sum() < top


def test_equal_groups_are_a_population_of_one_rate():
    fit = population([3] * 6, [10] * 6)
    assert fit.a / (fit.a + fit.b) == pytest.approx(0.3, abs=1e-4)
    assert_allclose(fit.log_score([3], [10]), stats.binom.logpmf([3], [10], 0.3), atol=1e-4)


def test_one_component_is_the_pooled_rate():
    fit = em([1, 5, 3], [10, 10, 40], 1, seed=1)
    assert_allclose(fit.probs, [9 / 60])
    assert_allclose(fit.weights, [1])


def test_em_separates_what_is_plainly_separate():
    fit = em([0, 10, 0, 10, 10], 10, 2, seed=1)
    assert_allclose(fit.probs, [0, 1], atol=1e-9)
    assert_allclose(fit.weights, [0.4, 0.6], atol=1e-6)


def test_left_out_campaigns_choose_two_components(campaigns):
    y, n = campaigns["conversions"], campaigns["visitors"]
    inside = [em(y, n, c, seed=1).log_likelihood for c in (1, 2, 3)]
    outside = [predictive_score(y, n, c, seed=1, restarts=3).sum() for c in (1, 2, 3)]
    assert np.all(np.diff(inside) > 0)
    assert np.argmax(outside) == 1
    assert outside[1] < inside[1]


def test_left_out_rows_are_left_out():
    # with as many folds as rows: the score of row 0 under the pooled rate of the others
    score = predictive_score([9, 1, 2], [10, 10, 10], 1, seed=1, folds=3)
    assert score[0] == pytest.approx(stats.binom.logpmf(9, 10, 3 / 20))


def test_a_population_predicts_rows_that_it_has_not_seen():
    y, n = np.array([9, 1, 2, 5]), np.array([10] * 4)
    score = predictive_score(y, n, "population", seed=1, folds=4)
    assert score[0] == pytest.approx(population(y[1:], n[1:]).log_score([9], 10)[0])


def test_em_repeats_with_the_seed():
    y, n = [1, 5, 3, 7], [10, 10, 40, 9]
    first, again = em(y, n, 2, seed=4), em(y, n, 2, seed=4)
    assert np.array_equal(first.trace, again.trace)


# --- PyMC


@pytest.mark.filterwarnings("default")  # PyMC may deprecate what it likes
def test_pymc_model_has_the_likelihood_of_the_mixture(campaigns):
    y, n = campaigns["conversions"].to_numpy(), campaigns["visitors"].to_numpy()
    for ordered in (True, False):
        model = pymc_model(y, n, ordered=ordered)
        log_prob = model.compile_fn(model.datalogp, mode="FAST_COMPILE")
        for probs, weights in (([0.03, 0.1], [0.5, 0.5]), ([0.05, 0.051], [0.9, 0.1])):
            point = {}
            for name, value in (
                ("log_odds", np.log(probs) - np.log1p(-np.array(probs))),
                ("weight", np.array(weights)),
            ):
                free, transform = model[name], model.rvs_to_transforms[model[name]]
                moved = (
                    value
                    if transform is None
                    else transform.forward(value, *free.owner.inputs).eval(mode="FAST_COMPILE")
                )
                point[model.rvs_to_values[free].name] = moved
            assert float(log_prob(point)) == pytest.approx(log_likelihood(y, n, probs, weights), rel=1e-9)


@pytest.mark.filterwarnings("default")
def test_ordered_rates_do_not_switch(campaigns):
    y, n = campaigns["conversions"], campaigns["visitors"]
    tree = bs.sampling.sample(pymc_model(y, n), seed=1, draws=500, tune=500, chains=2)
    rate = tree["posterior"]["rate"].values
    assert np.all(np.diff(rate) > 0)
    fit = em(y, n, 2, seed=1)
    assert_allclose(rate.mean(axis=(0, 1)), fit.probs, atol=0.002)


REFUSED = {
    r"n\[1\] is 3 but counts\[1\] is 4: counts cannot exceed n": lambda: em([1, 4], [3, 3], seed=1),
    r"n\[1\] is 3 but counts\[1\] is 4": lambda: em([1, 4], 3, seed=1),
    r"counts\[0\] is 1\.5: a count must be a whole number": lambda: em([1.5, 2], 3, seed=1),
    r"components is 3 but there are 2 rows": lambda: em([1, 2], 3, 3, seed=1),
    r"components is 0: ": lambda: em([1, 2], 3, 0, seed=1),
    r"restarts is 0: ": lambda: em([1, 2], 3, seed=1, restarts=0),
    r"seed is -1: ": lambda: em([1, 2], 3, seed=-1),
    r"counts is empty": lambda: em([], 3, seed=1),
    r"n is '3': |n is the text '3'": lambda: em([1], "3", seed=1),
    r"counts has 2 rows but n has 3": lambda: pymc_model([1, 2], [3, 3, 3]),
    r"components is 'two': ": lambda: pymc_model([1, 2], 3, "two"),
    r"folds is 4: it must be from 2 to the number of rows, 3": lambda: predictive_score([1] * 3, 3, 1, seed=1, folds=4),
}


@pytest.mark.parametrize(("message", "call"), REFUSED.items(), ids=REFUSED)
def test_bad_input_is_refused_with_the_reason(message, call):
    with pytest.raises(ValueError, match=message):
        call()
