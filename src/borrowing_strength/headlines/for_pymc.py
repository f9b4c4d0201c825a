"""The model of lesson 06 for PyMC."""

from typing import TYPE_CHECKING

import numpy as np

from borrowing_strength.core.priors import SdPrior
from borrowing_strength.headlines.archive import TwoSpreads, shapes
from borrowing_strength.headlines.posterior import settled
from borrowing_strength.headlines.reading import read

if TYPE_CHECKING:
    import pymc as pm


def pymc_model(
    test: object,
    successes: object,
    trials: object,
    *,
    arm: object = None,
    prior: SdPrior | None = None,
    population: TwoSpreads | None = None,
) -> "pm.Model":
    """Build the same model for PyMC, with the qualities integrated out.

    Parameters
    ----------
    test, successes, trials, arm, prior, population
        As in `fit`.

    Returns
    -------
    pymc.Model
        With `spread`, with `log_level` of every test, and a negative binomial count of every arm. Here the prior on the
        spread does not end.
    """
    import pymc as pm

    number_of, names, y, n, labels = read(test, successes, trials, arm)
    tests = list(dict.fromkeys(names))
    with pm.Model(coords={"test": tests, "arm": list(labels)}) as model:
        spread = settled(prior, population).pymc_variable("spread")
        start = np.log(np.bincount(number_of, y) / np.bincount(number_of, n))
        log_level = pm.Flat("log_level", dims="test", initval=start)
        mean = n * pm.math.exp(log_level[number_of])
        if population is None:
            pm.NegativeBinomial("clicks", mu=mean, alpha=spread**-2.0, observed=y, dims="arm")
        else:
            parts = [pm.NegativeBinomial.dist(mu=mean, alpha=c) for _, c in shapes(spread, population)]
            pm.Mixture("clicks", w=[1 - population.share, population.share], comp_dists=parts, observed=y, dims="arm")
    return model
