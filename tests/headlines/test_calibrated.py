"""Simulation-based calibration of lesson 06: spread, rates and lifts of whole fits, and what wrong ones look like.

The prior of a test's log level is flat, and nothing can be drawn from it. It need not be: under it a test's total of
clicks T says nothing of the qualities, since the integral of Poisson(T; level sum(n q)) over d(log level) is 1 / T. So
totals are fixed, the clicks of a test are a multinomial split of them, and the level given T is Gamma(T, sum(n q)).
"""

import os

import numpy as np
import pytest

from borrowing_strength import headlines
from borrowing_strength.calibration import calibrate

REPLICATIONS = int(os.environ.get("BORROWING_STRENGTH_REPLICATIONS", "60"))
HEAVY = headlines.TwoSpreads(0.3, 4)
SMALL, LARGE = ([2, 3, 3], [40, 90, 25]), ([4] * 40, [40, 90, 25, 130] * 10)  # arms and clicks of every test


def ranks(archive, population, fit, replications):
    """Archives with arms from `population`, fitted by `fit(test, successes, trials)`."""
    sizes, totals = archive
    test = np.repeat(np.arange(len(sizes)), sizes)
    trials = np.resize([1_500, 2_500, 1_000, 3_000], len(test))
    ratio, share = (population.ratio, population.share) if population else (1, 0)

    def draw_prior(rng):
        spread = np.inf
        while spread > 4.5 / ratio:  # where the prior of `fit` ends
            spread = abs(rng.normal(0, 0.5))
        c = (spread * np.where(rng.random(len(test)) < share, ratio, 1)) ** -2.0
        quality = np.maximum(rng.gamma(c) / c, 1e-300)
        level = rng.gamma(totals) / np.bincount(test, trials * quality)
        return {"spread": spread, "rate": level[0] * quality[0], "lift": quality[0] / quality[1], "quality": quality}

    def simulate(truth, rng):
        expected = trials * truth["quality"]
        split = [rng.multinomial(T, expected[test == t] / expected[test == t].sum()) for t, T in enumerate(totals)]
        return np.concatenate(split)

    def draws(clicks, rng):
        tree = fit(test, clicks, trials).sample(draws=99, chains=1, seed=int(rng.integers(2**31)))["posterior"]
        rate = tree["rate"].values[0]
        return {"spread": tree["spread"].values[0], "rate": rate[:, 0], "lift": rate[:, 0] / rate[:, 1]}

    table = calibrate(draw_prior, simulate, draws, replications=replications, seed=3).summary()
    print(table)  # `make calibrate` shows it
    return table["p_value"]


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

    assert ranks(SMALL, None, narrow, 15)["spread"] < 1e-5
