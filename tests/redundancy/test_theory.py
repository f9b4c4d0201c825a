"""Systems of components: the simulated twin, and what theory demands."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from borrowing_strength.redundancy import (
    CommonCause,
    CorrelatedBeliefs,
    CorrelatedFailures,
    beta_from_mean_sd,
    fit,
    k_of_n,
    monte_carlo,
    prob_all_fail,
)

pytestmark = pytest.mark.filterwarnings("error")
QUICK = settings(max_examples=25, deadline=None, derandomize=True)


# --- The simulated twin


PUMPS = fit([5, 1, 14, 3], [9.4, 1.5, 6.2, 5.2])
MODELS = {
    "known": 0.3,
    "shared": stats.beta(1.5, 6),
    "correlated beliefs": CorrelatedBeliefs(stats.beta(1.5, 6), 0.4),
    "correlated failures": CorrelatedFailures(0.2, 0.3),
    "common cause": CommonCause(0.2, 0.15),
    "uncertain common cause": CommonCause(stats.beta(1.5, 6), 0.15),
    "a common cause that spares some": CommonCause(stats.beta(1.5, 6), 0.15, 0.6),
    "a mission": PUMPS.mission(1.0),
    "a mission with a common cause": CommonCause(PUMPS.mission(1.0), 0.15),
    "a mission with a cause that spares some": CommonCause(PUMPS.mission(0.5), 0.15, 0.6),
}


@pytest.mark.parametrize("k", [1, 2, 4])
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_simulation_agrees_with_the_exact_answer(model, k):
    estimate = monte_carlo(4, model, k=k, draws=100_000, seed=17)
    exact = k_of_n(k, 4, model)
    assert abs(estimate.value - exact) <= 5 * estimate.standard_error + 1e-12
    assert estimate.standard_error < 0.1 * exact


def test_standard_error_is_honest():
    belief = stats.beta(2, 5)
    runs = [monte_carlo(3, belief, draws=500, seed=s) for s in range(400)]
    spread = np.std([run.value for run in runs])
    assert np.mean([run.standard_error for run in runs]) == pytest.approx(spread, rel=0.15)
    assert spread == pytest.approx(np.sqrt((prob_all_fail(6, belief) - prob_all_fail(3, belief) ** 2) / 500), rel=0.15)


def test_estimates_of_rare_events_are_skewed_low():
    for sd in (0.03, 0.05):
        belief = beta_from_mean_sd(0.05, sd)
        ratio = np.median([monte_carlo(5, belief, seed=s).value for s in range(1500)]) / prob_all_fail(5, belief)
        assert 0.93 < ratio < 0.99


def test_an_event_never_drawn_hides_its_own_error():
    estimate = monte_carlo(5, CorrelatedFailures(0.001, 0.1), draws=1000, seed=1)
    assert (estimate.value, estimate.standard_error, estimate.draws) == (0, 0, 1000)


def test_simulation_repeats_with_the_seed():
    assert monte_carlo(3, 0.2, draws=10, seed=1) == monte_carlo(3, 0.2, draws=10, seed=1)
    first, second = (monte_carlo(3, stats.beta(2, 3), draws=10, seed=s) for s in (1, 2))
    assert first != second


# --- What theory demands


@QUICK
@given(mean=st.floats(0.001, 0.9), shares=st.lists(st.floats(0.01, 0.98), min_size=2, max_size=2), n=st.integers(2, 12))
def test_more_uncertainty_more_danger(mean, shares, n):
    low, high = sorted(shares)
    limit = np.sqrt(mean * (1 - mean))
    risks = [prob_all_fail(n, beta_from_mean_sd(mean, share * limit), log=True) for share in (low, high)]
    assert n * np.log(mean) <= risks[0] + 1e-9
    assert risks[0] <= risks[1] + 1e-9
    assert risks[1] <= np.log(mean) + 1e-9


@QUICK
@given(p=st.floats(0.001, 0.9), rhos=st.lists(st.floats(0, 1), min_size=2, max_size=2), n=st.integers(2, 8))
def test_more_correlation_more_danger(p, rhos, n):
    low, high = sorted(rhos)
    assert prob_all_fail(n, CorrelatedFailures(p, low), log=True) <= (
        prob_all_fail(n, CorrelatedFailures(p, high), log=True) + 1e-8
    )


@settings(max_examples=10, deadline=None, derandomize=True)
@given(rhos=st.lists(st.floats(0, 1), min_size=2, max_size=2), a=st.floats(0.1, 20), b=st.floats(0.1, 50))
def test_more_correlated_beliefs_more_danger(rhos, a, b):
    low, high = sorted(rhos)
    risks = [prob_all_fail(5, CorrelatedBeliefs(stats.beta(a, b), rho), log=True) for rho in (low, high)]
    assert risks[0] <= risks[1] + 1e-7


@QUICK
@given(p=st.floats(0.0001, 0.4), shares=st.lists(st.floats(0, 1), min_size=2, max_size=2))
def test_more_common_cause_more_danger(p, shares):
    low, high = sorted(shares)
    risks = [prob_all_fail(3, CommonCause(p, share)) for share in (low, high)]
    assert risks[0] <= risks[1] * (1 + 1e-9)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_k_of_n_is_monotone(model):
    needs = [k_of_n(k, 5, model) for k in range(1, 6)]
    assert np.all(np.diff(needs) > 0)  # a system that needs more fails more often
    spares = [k_of_n(2, n, model) for n in range(2, 6)]
    assert np.all(np.diff(spares) < 0)  # a spare component helps
    assert sum(needs) == pytest.approx(5 * k_of_n(1, 1, model), rel=1e-9)  # expected failures = sum of the tails
    assert prob_all_fail(5, model) == needs[0]
