"""Data that several tests look at."""

import numpy as np

from borrowing_strength.meta_analysis import HalfCauchy, HalfNormal, HalfStudentT, Prior, Uniform

# Meta-analysis: estimates and their standard errors, priors, counts of two tests.
SCHOOLS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12]), np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
SCHOOLS_PRIOR = Prior(mu_sd=5, effect_sd=HalfCauchy(5))
LIFTS = np.array([0.031, -0.012, 0.055, 0.004, 0.021, -0.03]), np.array([0.02, 0.015, 0.03, 0.01, 0.025, 0.02])
PRIORS = {
    "published": Prior(),
    "gamma": Prior(2, 0.002),
    "normal": Prior(mu_mean=0.01, mu_sd=0.1, effect_sd=HalfNormal(0.05)),
    "cauchy": Prior(effect_sd=HalfCauchy(0.03)),
    "student": Prior(mu_sd=0.2, effect_sd=HalfStudentT(3, 0.02)),
    "uniform": Prior(mu_sd=1, effect_sd=Uniform(0.04)),
}
COLUMNS = ("control_successes", "control_trials", "treatment_successes", "treatment_trials")
TWO_TESTS = ([50, 30], [1000, 400], [60, 20], [900, 410])

# Multilevel regression: successes and trials of the control arms, then of the treatment arms.
TWO_MARKETS = ([30, 55], [100, 100], [50, 60], [100, 100])
MARKETS = ["Canada", "China"]
FIVE_MARKETS = ([12, 40, 7, 90, 33], [60, 150, 40, 300, 90], [20, 41, 9, 120, 30], [60, 140, 35, 310, 95])


def columns(table):
    """The counts of a table with two arms a row, in the order of the functions' arguments."""
    return [table[name] for name in COLUMNS]
