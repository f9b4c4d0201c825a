"""Lesson 04's exact regression is calibrated, in both codings."""

import os
from functools import partial

import numpy as np
import pytest
from scipy.special import expit

from borrowing_strength.calibration import calibrate
from borrowing_strength.multilevel import HalfNormal, Known, Normal, Priors, fit
from borrowing_strength.multilevel.priors import CODINGS

REPLICATIONS = int(os.environ.get("BORROWING_STRENGTH_REPLICATIONS", "100"))

pytestmark = pytest.mark.filterwarnings("error")


RIGHT = Priors(intercept_mean=Normal(), slope_mean=Normal())


def truth(rng, coding):
    mean_a, mean_b, sd_a, sd_b = (getattr(RIGHT, name).draw(None, rng) for name in PRIOR_NAMES)
    a, b = rng.normal(mean_a, sd_a, 3), rng.normal(mean_b, sd_b, 3)
    hyper = {"intercept_mean": mean_a, "intercept_sd": sd_a, "slope_mean": mean_b, "slope_sd": sd_b}
    below = CODINGS[coding]
    control, treatment = expit(a - below * b), expit(a + (1 - below) * b)
    return hyper | {"slope": b[0], "difference": treatment[1] - control[1], "rates": (control, treatment)}


def simulate(parameters, rng):
    control, treatment = parameters["rates"]
    trials = np.array([40, 60, 200])
    return rng.binomial(trials, control), trials, rng.binomial(trials, treatment), trials


def ranks(priors, replications, coding="symmetric"):
    def draws(counts, rng):
        tree = fit(*counts, prior=priors, coding=coding).sample(49, seed=int(rng.integers(2**31)), chains=1)
        values = {name: tree["posterior"][name].values[0] for name in (*HYPER, "slope", "difference")}
        return values | {"slope": values["slope"][:, 0], "difference": values["difference"][:, 1]}

    return calibrate(partial(truth, coding=coding), simulate, draws, replications=replications, seed=4)


PRIOR_NAMES = ("intercept_mean", "slope_mean", "intercept_sd", "slope_sd")
HYPER = ("intercept_mean", "intercept_sd", "slope_mean", "slope_sd")


@pytest.mark.parametrize("coding", CODINGS)
def test_calibrated(coding):
    table = ranks(RIGHT, REPLICATIONS, coding).summary()
    print(table)  # `make calibrate` shows it
    assert table["p_value"].min() > 0.001


def test_calibration_sees_the_other_coding():
    """Drawn in one coding and fitted in the other, with slopes that differ much: the treated arms vary too much."""
    wide = Priors(Normal(), Known(0.3), Normal(), Known(2.0))

    def draws(counts, rng):
        tree = fit(*counts, prior=wide).sample(49, seed=int(rng.integers(2**31)), chains=1)
        return {"slope": tree["posterior"]["slope"].values[0][:, 0]}

    def drawn(rng):
        a, b = rng.normal(rng.normal(), 0.3, 3), rng.normal(rng.normal(), 2.0, 3)
        return {"slope": b[0], "rates": (expit(a), expit(a + b))}

    assert calibrate(drawn, simulate, draws, replications=150, seed=4).p_value("slope") < 1e-3


def test_calibration_sees_a_wrong_prior():
    wrong = Priors(intercept_mean=Normal(), slope_mean=Normal(), slope_sd=HalfNormal(0.3))
    assert ranks(wrong, 60).p_value("slope_sd") < 1e-5
