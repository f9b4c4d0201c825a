"""Lesson 02: mixtures of binomials. What uncertainty about a probability does to the counts it produces.

A mixture says: first one of several coins is chosen, then that coin is flipped n times. The coins may have exact
probabilities (`BinomialMixture`) or be themselves uncertain (`BetaBinomialMixture`). `em` and `pymc_model` learn
the coins from counts; `predictive_check` asks whether counts look like those of a model; `study` does all of it
for one table.
"""

from borrowing_strength.mixtures.counts import BetaBinomialMixture, BinomialMixture, Certainty, spikes_to_beta
from borrowing_strength.mixtures.estimation import EMFit, em, m_step, population, predictive_score, pymc_model
from borrowing_strength.mixtures.predictive import PredictiveCheck, overdispersion, predictive_check
from borrowing_strength.mixtures.study import Study, study

__all__ = [
    "BetaBinomialMixture",
    "BinomialMixture",
    "Certainty",
    "EMFit",
    "PredictiveCheck",
    "Study",
    "em",
    "m_step",
    "overdispersion",
    "population",
    "predictive_check",
    "predictive_score",
    "pymc_model",
    "spikes_to_beta",
    "study",
]
