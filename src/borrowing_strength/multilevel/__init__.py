"""Lesson 04: one experiment in several markets. Exact posterior of a logistic regression with varying effects.

    successes ~ Binomial(trials, expit(intercept_g - slope_g / 2)) under control in market g
    successes ~ Binomial(trials, expit(intercept_g + slope_g / 2)) under treatment
    intercept_g ~ N(intercept_mean, intercept_sd**2),   slope_g ~ N(slope_mean, slope_sd**2)

`fit` integrates over all of it by quadrature: no simulation, no seed, the same digits everywhere.
`fit_separate` and `fit_pooled` are the two extremes it lies between; `pymc_model` hands the model to PyMC.
"""

from borrowing_strength.core.priors import Exponential, HalfCauchy, HalfNormal, HalfStudentT, Known, Normal, StudentT
from borrowing_strength.multilevel.for_pymc import pymc_model
from borrowing_strength.multilevel.joint import Effect
from borrowing_strength.multilevel.marginals import Hyper
from borrowing_strength.multilevel.posterior import Effects, Posterior, fit, fit_pooled, fit_separate
from borrowing_strength.multilevel.priors import Priors
from borrowing_strength.multilevel.study import false_claims
from borrowing_strength.multilevel.table import columns_of, experiment

__all__ = [
    "Effect",
    "Effects",
    "Exponential",
    "HalfCauchy",
    "HalfNormal",
    "HalfStudentT",
    "Hyper",
    "Known",
    "Normal",
    "Posterior",
    "Priors",
    "StudentT",
    "columns_of",
    "experiment",
    "false_claims",
    "fit",
    "fit_pooled",
    "fit_separate",
    "pymc_model",
]
