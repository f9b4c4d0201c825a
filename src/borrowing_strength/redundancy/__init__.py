"""Lesson 03: redundancy and failure risk. Systems of components that may fail together, exactly; rates of real pumps.

A system's risk depends on how its components fail together: with one probability known for all, one uncertain for
all (a Beta belief), different ones with correlated beliefs, correlated failures, or a common cause (`dependence.py`
holds these models). `prob_all_fail` and `k_of_n` take any of them and work in logarithms; `monte_carlo` simulates the
same and says how far off it may be. `fit` and `pymc_model` are the hierarchical model for failure counts
(`posterior.py`).
"""

from borrowing_strength.redundancy.dependence import CommonCause, CorrelatedBeliefs, CorrelatedFailures
from borrowing_strength.redundancy.posterior import Posterior, Prior, fit, pymc_model
from borrowing_strength.redundancy.systems import (
    Estimate,
    belief_from_trials,
    beta_from_mean_sd,
    k_of_n,
    monte_carlo,
    prob_all_fail,
    upper_limit,
)

__all__ = [
    "CommonCause",
    "CorrelatedBeliefs",
    "CorrelatedFailures",
    "Estimate",
    "Posterior",
    "Prior",
    "belief_from_trials",
    "beta_from_mean_sd",
    "fit",
    "k_of_n",
    "monte_carlo",
    "prob_all_fail",
    "pymc_model",
    "upper_limit",
]
