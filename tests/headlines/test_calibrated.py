"""Simulation-based calibration of lesson 06: all that a whole fit says, and what wrong ones look like.

The prior of a test's log level is flat, and nothing can be drawn from it. It need not be: under it a test's total of
clicks T says nothing of the qualities, since the integral of Poisson(T; level sum(n q)) over d(log level) is 1 / T. So
totals are fixed, the clicks of a test are a multinomial split of them, and the level given T is Gamma(T, sum(n q)).
"""

import os

import arviz as az
import numpy as np
import pytest

from borrowing_strength import headlines
from borrowing_strength.calibration import Calibration, calibrate

REPLICATIONS = int(os.environ.get("BORROWING_STRENGTH_REPLICATIONS", "30"))
HEAVY = headlines.TwoSpreads(0.3, 4)
FUTURE = 20_000  # trials that are forecast: so many that a forecast's width is that of the rate
SMALL, LARGE = ([2, 3, 3], [40, 90, 25]), ([4] * 40, [40, 90, 25, 130] * 10)  # arms and clicks of every test


def forecast(post, arm, rng):
    """Draws of an arm's future clicks, by the chance of every count."""
    chances = np.cumsum(post.forecast(FUTURE, [arm]).pmf(np.arange(FUTURE // 10))[0])
    return np.searchsorted(chances, rng.random(99))


def ranks(archive, population, fit, replications, forecast=forecast):
    """Archives with arms from `population`, fitted by `fit(test, successes, trials)`."""
    sizes, totals = archive
    test = np.repeat(np.arange(len(sizes)), sizes)
    trials = np.resize([1_500, 2_500, 1_000, 3_000], len(test))
    ratio, share = (population.ratio, population.share) if population else (1, 0)

    def qualities(spread, size, rng):
        c = (spread * np.where(rng.random(size) < share, ratio, 1)) ** -2.0
        return np.maximum(rng.gamma(c) / c, 1e-300)

    def draw_prior(rng):
        spread = np.inf
        while spread > 4.5 / ratio:  # where the prior of `fit` ends
            spread = abs(rng.normal(0, 0.5))
        quality = qualities(spread, len(test), rng)
        level = rng.gamma(totals) / np.bincount(test, trials * quality)
        rate = (level[test] * quality)[: sizes[0]]
        truth = {"spread": spread, "level": level[0], "rate": rate[0], "lift": rate[0] / rate[1]}
        truth |= {"average of the test": rate.mean(), "clicks to come": rng.poisson(FUTURE * rate[0])}
        return truth | {"new arm": qualities(spread, 1, rng)[0], "quality": quality}

    def simulate(truth, rng):
        expected = trials * truth["quality"]
        split = [rng.multinomial(T, expected[test == t] / expected[test == t].sum()) for t, T in enumerate(totals)]
        return np.concatenate(split)

    def draws(clicks, rng):
        post = fit(test, clicks, trials)
        tree = post.sample(draws=99, chains=1, seed=int(rng.integers(2**31)))["posterior"]
        rate, spread = tree["rate"].values[0][:, : sizes[0]], tree["spread"].values[0]
        found = {"spread": spread, "rate": rate[:, 0], "lift": rate[:, 0] / rate[:, 1]}
        found |= {"average of the test": rate.mean(axis=1), "clicks to come": forecast(post, 0, rng)}
        found["new arm"] = post.new_group().quantile(rng.random(99))
        return found if population else found | {"level": level_given(rate.sum(axis=1), sizes[0], spread, rng)}

    table = calibrate(draw_prior, simulate, draws, replications=replications, seed=3).summary()
    print(table)  # `make calibrate` shows it
    return table["p_value"]


def level_given(total, arms, spread, rng):
    """A test's level, given its rates and the spread: each rate is Gamma(c, c / level), and log level is flat."""
    c = spread**-2.0
    return c * total / rng.gamma(arms * c)


@pytest.mark.parametrize(("archive", "population"), [(SMALL, None), (LARGE, HEAVY)], ids=["one spread", "two spreads"])
def test_the_whole_fit_is_calibrated(archive, population):
    def fit(*columns):
        return headlines.fit(*columns, population=population)

    assert ranks(archive, population, fit, REPLICATIONS).min() > 0.001


def test_one_spread_where_there_are_two_is_caught():
    assert ranks(LARGE, HEAVY, headlines.fit, 30)["spread"] < 1e-6


def test_a_prior_that_is_too_narrow_is_caught():
    def narrow(*columns):
        return headlines.fit(*columns, prior=headlines.HalfNormal(0.1))

    assert ranks(SMALL, None, narrow, 8)["spread"] < 1e-5


def test_a_forecast_that_takes_the_rate_for_known_is_caught():
    def of_the_mean(post, arm, rng):
        return rng.poisson(FUTURE * post.mean[arm], 99)

    assert ranks(SMALL, None, headlines.fit, 14, of_the_mean)["clicks to come"] < 1e-6


def by_simuk(replications, prior=None):
    """simuk's posterior calibration (Säilynoja et al., 2025, arXiv:2502.03279) of `fit` and of `pymc_model` together.

    Spread and levels are drawn from the exact posterior of an archive; as many arms again in the same tests are
    simulated from each draw; and NUTS fits old and new arms at once. The draw must be like one more of NUTS's. A flat
    prior on the levels does not matter here: nothing is drawn from it.
    """
    import simuk

    test = np.repeat([0, 1, 2], [2, 3, 4])
    trials = np.resize([1_500, 2_500, 1_000, 3_000], len(test))
    clicks = np.array([20, 48, 15, 30, 31, 9, 14, 60, 22])
    # 1. Draws from the exact posterior.
    tree = headlines.fit(test, clicks, trials, prior=prior).sample(draws=replications, chains=1, seed=2)["posterior"]
    rate, spread = tree["rate"].values[0], tree["spread"].values[0]
    rng = np.random.default_rng(3)
    levels = [level_given(rate[:, test == t].sum(axis=1), np.sum(test == t), spread, rng) for t in range(3)]
    exact = {"spread": spread[None], "log_level": np.log(levels).T[None]}
    # 2. A model of twice the arms. PyMC copies no model with initial values, so these go to the sampler.
    twice = headlines.pymc_model(*(np.tile(column, 2) for column in (test, clicks, trials)))
    start = {"log_level": twice.rvs_to_initial_values[twice["log_level"]]}
    twice.set_initval(twice["log_level"], None)
    sbc = simuk.SBC(
        twice,
        method="posterior",
        trace=az.from_dict({"posterior": exact, "observed_data": {"clicks": clicks}}),
        augment_observed=lambda model, old, new, k: {"clicks": np.append(clicks, new["clicks"][len(clicks) :])},
        num_simulations=replications,
        sample_kwargs={"draws": 400, "tune": 300, "chains": 1, "cores": 1, "initvals": start, "nuts_sampler": "pymc"},
        seed=1,
        progress_bar=False,
    )
    sbc.run_simulations()
    # 3. Every fourth of the 400 draws: neighbours of a chain are alike, and ranks ask for independent draws.
    sbc.posteriors = [draws.isel(sample=slice(3, None, 4)) for draws in sbc.posteriors]
    found = sbc.compute_rank_statistics()["posterior_sbc"]
    of = {"spread": found["spread"].values[0]} | {f"level {t}": found["log_level"].values[0, :, t] for t in range(3)}
    table = Calibration({name: x.astype(int) for name, x in of.items()}, 100).summary()
    print(table)
    return table["p_value"]


@pytest.mark.filterwarnings("default")  # simuk and PyMC may deprecate what they like
def test_simuk_finds_the_model_for_pymc_and_the_exact_fit_calibrated():
    assert by_simuk(max(5, REPLICATIONS // 12)).min() > 0.001


@pytest.mark.filterwarnings("default")
def test_simuk_catches_a_fit_with_another_prior():
    assert by_simuk(5, prior=headlines.HalfNormal(0.02))["spread"] < 1e-4
