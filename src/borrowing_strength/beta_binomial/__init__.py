"""Lesson 01: rates that share a population. Exact posterior of the hierarchical beta-binomial model.

    successes_j ~ Binomial(trials_j, rate_j),   rate_j ~ Beta(a, b),   (a, b) ~ hyperprior

The rates integrate out in closed form, which leaves a density over the two hyperparameters. `fit` integrates
it by quadrature over logit(a / (a + b)) and log(a + b): no simulation, no seed, the same digits everywhere.
"""

from borrowing_strength.beta_binomial.hyperpriors import Gammas, Hyperprior, MeanConcentration, PowerLaw
from borrowing_strength.beta_binomial.posterior import Posterior, fit, pymc_model
from borrowing_strength.beta_binomial.study import false_alarms

__all__ = ["Gammas", "Hyperprior", "MeanConcentration", "Posterior", "PowerLaw", "false_alarms", "fit", "pymc_model"]
