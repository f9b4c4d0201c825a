"""A simulation study of lesson 01: how often a best variant is found where all are alike."""

from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc, betaln

from borrowing_strength.beta_binomial.hyperpriors import Gammas, MeanConcentration, PowerLaw
from borrowing_strength.beta_binomial.posterior import fit
from borrowing_strength.core.inputs import generator, probability, whole_array, whole_number
from borrowing_strength.core.replicate import replicate

if TYPE_CHECKING:
    import pandas as pd

HYPERPRIORS = {
    "Gammas((16, 9), (40, 8))": Gammas((16, 9), (40, 8)),
    "MeanConcentration(scale=100)": MeanConcentration(mean=(1, 1), scale=100),
    "PowerLaw(2.5)": PowerLaw(2.5),
}


def false_alarms(
    variants: int = 4,
    replications: int = 200,
    *,
    trials: int = 100,
    rate: float = 0.5,
    seed: int = 0,
    executor: Executor | None = None,
) -> "pd.DataFrame":
    """Simulate experiments in which all rates are equal, and count in how many a best variant is announced.

    A false alarm is an experiment in which the variant with the most successes beats the one with the fewest with
    a probability above 0.975.

    Parameters
    ----------
    variants, replications : int
        Variants an experiment, and experiments.
    trials : int
        Trials a variant.
    rate : float
        The true rate of all of them.
    seed : int
        Seed of `numpy.random.default_rng`.
    executor : concurrent.futures.Executor, optional
        Where to fit the experiments; here if not given. The answer is the same.

    Returns
    -------
    pandas.DataFrame
        One row a method: no pooling with flat priors, and the hierarchical model under three hyperpriors, with the
        share of `false_alarms`.
    """
    import pandas as pd

    replications = whole_number("replications", replications, each=500)
    variants = whole_number("variants", variants, 2, each=100 + replications)
    trials, rng = int(whole_array("trials", whole_number("trials", trials))), generator(seed)
    experiments = rng.binomial(trials, probability("rate", rate), size=(replications, variants))
    for successes in experiments:
        if not np.any((successes > 0) & (successes < trials)):
            few = f"trials is {trials} and variants is {variants}: in some experiment no variant has both a success"
            raise ValueError(f"{few} and a failure, which PowerLaw(2.5) cannot explain; raise trials")
    alarms = np.array(replicate(partial(_alarms, trials), experiments, executor))
    return pd.DataFrame({"method": ["no pooling", *HYPERPRIORS], "false_alarms": alarms.mean(axis=0)})


def _alarms(trials: int, successes: np.ndarray) -> list[bool]:
    """Whether each method announces a best variant in one experiment."""
    best, worst = int(successes.argmax()), int(successes.argmin())
    if best == worst:
        return [False] * (1 + len(HYPERPRIORS))
    beats = [_greater_alone(successes[best], successes[worst], trials)]
    for prior in HYPERPRIORS.values():
        beats.append(fit(successes, [trials] * len(successes), prior=prior).prob_greater(best, worst))
    return [bool(each > 0.975) for each in beats]


def _greater_alone(more: int, less: int, trials: int) -> float:
    """Probability that one rate exceeds another, each with a flat prior of its own, summed on a fine grid."""
    x = (np.arange(20_000) + 0.5) / 20_000
    density = np.exp(more * np.log(x) + (trials - more) * np.log1p(-x) - betaln(more + 1, trials - more + 1))
    return float(np.mean(density * betainc(less + 1, trials - less + 1, x)))
