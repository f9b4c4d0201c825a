"""Lesson 05: experiments that share a population. Exact posterior of the normal hierarchical model.

    estimate_i ~ N(effect_i, standard_error_i**2),   effect_i ~ N(mu, effect_sd**2),   mu ~ N(mu_mean, mu_sd**2)

Effects and mu integrate out in closed form, which leaves one dimension: the effects' standard deviation.
`fit` integrates over it by quadrature: no simulation, no seed, the same digits everywhere. `gibbs`
samples the same posterior, and `pymc_model` hands it to PyMC.
"""

from borrowing_strength.core.priors import HalfCauchy, HalfNormal, HalfStudentT, SdPrior, Uniform, UniformShrinkage
from borrowing_strength.meta_analysis.effects import (
    Effects,
    delta_method_error,
    log_odds_ratio,
    log_risk_ratio,
    relative_lift,
    relative_lift_of_means,
    risk_difference,
)
from borrowing_strength.meta_analysis.for_pymc import pymc_model, pymc_model_of_counts
from borrowing_strength.meta_analysis.gibbs_sampler import gibbs, gibbs_t
from borrowing_strength.meta_analysis.metabayes import GibbsSampler
from borrowing_strength.meta_analysis.normals import NormalMixture
from borrowing_strength.meta_analysis.posterior import Posterior, fit
from borrowing_strength.meta_analysis.prior import GammaPrecision, Prior

__all__ = [
    "Effects",
    "GammaPrecision",
    "GibbsSampler",
    "HalfCauchy",
    "HalfNormal",
    "HalfStudentT",
    "NormalMixture",
    "Posterior",
    "Prior",
    "SdPrior",
    "Uniform",
    "UniformShrinkage",
    "delta_method_error",
    "fit",
    "gibbs",
    "gibbs_t",
    "log_odds_ratio",
    "log_risk_ratio",
    "pymc_model",
    "pymc_model_of_counts",
    "relative_lift",
    "relative_lift_of_means",
    "risk_difference",
]
