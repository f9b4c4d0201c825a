"""Meta-analysis, samplers against theory: the truth is one more draw, and what is drawn in turn keeps its law."""

import os

import numpy as np
import pytest
from cases import PRIORS
from scipy import stats

from borrowing_strength.calibration import Calibration, calibrate
from borrowing_strength.meta_analysis import Prior, fit
from borrowing_strength.meta_analysis.gibbs_sampler import Gibbs, State

pytestmark = pytest.mark.filterwarnings("error", "ignore:the mean of the estimates is")
REPLICATIONS = int(os.environ.get("BORROWING_STRENGTH_REPLICATIONS", "300"))


# --- Calibration: the truth is one more draw. Every chain has data of its own, so all replications run at once.
def draw_prior(prior, size, tests, rng, df=None):
    sd = prior.effect_sd.draw(size, rng)[:, None]
    mu = rng.normal(prior.mu_mean, prior.mu_sd, (size, 1))
    weight = np.ones((size, tests)) if df is None else rng.gamma(df / 2, 2 / df, (size, tests))
    effect = mu + sd * rng.standard_normal((size, tests)) / np.sqrt(weight)
    return State(mu, sd**-2, effect, 1.0 if df is None else weight)


def quantities(state):
    mu, effect = state.mu[:, 0], state.effect[:, 0]
    return {"mu": mu, "effect_sd": state.precision[:, 0] ** -0.5, "effect": effect, "distance": effect - mu}


def calibration_of(scan, tests, replications=1000, prior=None, df=None, seed=1, draws=99, thin=10):
    prior, rng = prior or Prior(), np.random.default_rng(seed)
    truth = draw_prior(prior, replications, tests, rng, df)
    se = np.broadcast_to(np.linspace(0.02, 0.06, tests), (replications, tests))
    model = Gibbs(truth.effect + se * rng.standard_normal(se.shape), se, prior, df)
    now, sweep = model.start(replications, rng), getattr(model, scan)
    true, ranks = quantities(truth), dict.fromkeys(quantities(truth), 0)
    for i in range(-300, draws * thin):
        now = sweep(now, model.noise(1, replications, rng)[0])
        if i >= 0 and i % thin == 0:
            ranks = {name: ranks[name] + (value < true[name]) for name, value in quantities(now).items()}
    result = Calibration(ranks, draws)
    print(result.summary())  # `make calibrate` shows it
    return result


@pytest.mark.parametrize("tests", [8, 20])
@pytest.mark.parametrize("scan", ["systematic", "blocked"])
def test_gibbs_is_calibrated(scan, tests):
    result = calibration_of(scan, tests)
    assert min(result.p_value(name) for name in result.ranks) > 1e-3


@pytest.mark.parametrize("tests", [8, 20])
def test_calibration_of_the_sd_finds_the_synchronous_scan(tests):
    """The published package's scan. Calibrating mu or an effect would have missed it."""
    result = calibration_of("synchronous", tests)
    assert result.p_value("effect_sd") < 1e-10
    assert result.components("effect_sd")[0] < 0  # the truth lies below the draws
    assert min(result.p_value("mu"), result.p_value("effect")) > 1e-3


def test_heavy_tailed_gibbs_is_calibrated():
    result = calibration_of("heavy_tailed", 8, prior=Prior(2, 0.001), df=4)
    assert min(result.p_value(name) for name in result.ranks) > 1e-3


@pytest.mark.parametrize("tests", [8, 20])
@pytest.mark.parametrize("name", ["published", "cauchy", "uniform"])
def test_exact_draws_are_calibrated(name, tests):
    prior, se = PRIORS[name], np.linspace(0.02, 0.06, tests)

    def truth(rng):
        state = draw_prior(prior, 1, tests, rng)
        return {key: value[0] for key, value in quantities(state).items()} | {"effects": state.effect[0]}

    def draws(y, rng):
        posterior = fit(y, se, prior=prior).sample(draws=99, chains=1, seed=int(rng.integers(2**32)))["posterior"]
        mu, sd, effect = (posterior[key].values for key in ("mu", "effect_sd", "effect"))
        return quantities(State(mu.T, sd.T**-2, effect[0]))

    result = calibrate(truth, lambda t, rng: rng.normal(t["effects"], se), draws, replications=REPLICATIONS, seed=tests)
    print(result.summary())  # `make calibrate` shows it
    assert min(result.p_value(name) for name in result.ranks) > 1e-3


# --- Geweke (2004, JASA 99:799): draw data given parameters and parameters given data in turn; the parameters must keep
# their prior. Here many short chains start in the prior, so that the comparison has independent draws.


def after_geweke(scan, df=None, chains=20_000, rounds=8):
    prior, rng, tests = Prior(1, 0.001, 400), np.random.default_rng(5), 5
    now = draw_prior(prior, chains, tests, rng, df)
    se = np.broadcast_to(np.linspace(0.02, 0.06, tests), (chains, tests))
    for _ in range(rounds):
        model = Gibbs(now.effect + se * rng.standard_normal(se.shape), se, prior, df)
        now = getattr(model, scan)(now, model.noise(1, chains, rng)[0])
    mu = stats.kstest((now.mu[:, 0] - prior.mu_mean) / prior.mu_sd, "norm")
    sd = stats.kstest(prior.effect_sd.cdf(now.precision[:, 0] ** -0.5), "uniform")
    distance = (now.effect - now.mu)[:, 0] * np.sqrt(now.precision[:, 0])
    shape = "norm" if df is None else stats.t(df).cdf
    return mu.pvalue, sd.pvalue, stats.kstest(distance, shape).pvalue


@pytest.mark.parametrize(("scan", "df"), [("systematic", None), ("blocked", None), ("heavy_tailed", 4)])
def test_geweke_every_right_scan_keeps_the_prior(scan, df):
    assert min(after_geweke(scan, df)) > 1e-3


def test_geweke_the_synchronous_scan_does_not():
    assert after_geweke("synchronous")[1] < 1e-100
