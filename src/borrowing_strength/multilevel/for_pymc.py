"""The regression of lesson 04 for PyMC."""

from typing import TYPE_CHECKING

import numpy as np

from borrowing_strength.core.inputs import positive
from borrowing_strength.core.options import flag
from borrowing_strength.core.two_arms import ARMS
from borrowing_strength.multilevel.priors import as_coding, as_priors
from borrowing_strength.multilevel.table import market_counts

if TYPE_CHECKING:
    import pymc as pm
    from pytensor.tensor import TensorVariable

    from borrowing_strength.multilevel.priors import Priors


def pymc_model(
    control_successes: object,
    control_trials: object,
    treatment_successes: object,
    treatment_trials: object,
    *,
    centred: bool = False,
    correlated: bool = False,
    concentration: float = 2.0,
    prior: "Priors | None" = None,
    coding: str = "symmetric",
    labels: object = None,
) -> "pm.Model":
    """Build the same model for PyMC.

    Parameters
    ----------
    control_successes, control_trials, treatment_successes, treatment_trials, prior, coding, labels
        As in `fit`.
    centred : bool
        Markets' intercepts and slopes as variables of their own. The default draws standard normals and stretches
        them, which is what lets a sampler move when a population's sd is small.
    correlated : bool
        Let intercepts and slopes of a market be correlated, with an LKJ prior. For two effects that is
        ``(correlation + 1) / 2 ~ Beta(concentration, concentration)``. `fit` has no such term.
    concentration : float
        LKJ's parameter; 1 makes all correlations equally likely, more favours those near 0.

    Returns
    -------
    pymc.Model
        With `intercept`, `slope`, `rate_control`, `rate_treatment` and `difference` over the dimension `market`, and
        `intercept_mean`, `intercept_sd`, `slope_mean`, `slope_sd`; and `correlation`, if asked for. The counts,
        `successes`, have the dimensions `market` and `arm`.

    Raises
    ------
    ValueError
        For counts that are not counts; argument, row and reason are named.
    """
    import pymc as pm

    columns = (control_successes, control_trials, treatment_successes, treatment_trials)
    (y, n, y_t, n_t), names = market_counts(columns, labels)
    beliefs, below = as_priors(prior), as_coding(coding)
    with pm.Model(coords={"market": list(names), "arm": list(ARMS)}) as model:
        rho, shape = None, positive("concentration", concentration)
        if flag("correlated", correlated):
            rho = pm.Deterministic("correlation", 2 * pm.Beta("correlation_01", alpha=shape, beta=shape) - 1)
        intercept, slope = (_centred if flag("centred", centred) else _non_centred)(beliefs, rho)
        control = pm.Deterministic("rate_control", pm.math.sigmoid(intercept - below * slope), dims="market")
        treatment = pm.Deterministic("rate_treatment", pm.math.sigmoid(intercept + (1 - below) * slope), dims="market")
        pm.Deterministic("difference", treatment - control, dims="market")
        log_odds = intercept[:, None] + slope[:, None] * np.array([-below, 1 - below])
        counts = {"n": np.stack([n, n_t], axis=1), "observed": np.stack([y, y_t], axis=1)}
        pm.Binomial("successes", logit_p=log_odds, dims=("market", "arm"), **counts)
    return model


Effects = "tuple[TensorVariable, TensorVariable]"


def _populations(priors: "Priors") -> "list[TensorVariable]":
    names = ("intercept_mean", "intercept_sd", "slope_mean", "slope_sd")
    return [getattr(priors, name).pymc_variable(name) for name in names]


def _centred(priors: "Priors", rho: "TensorVariable | None") -> Effects:
    import pymc as pm

    mean_a, sd_a, mean_b, sd_b = _populations(priors)
    intercept = pm.Normal("intercept", mu=mean_a, sigma=sd_a, dims="market")
    if rho is None:
        return intercept, pm.Normal("slope", mu=mean_b, sigma=sd_b, dims="market")
    mu = mean_b + rho * sd_b / sd_a * (intercept - mean_a)
    return intercept, pm.Normal("slope", mu=mu, sigma=sd_b * np.sqrt(1 - rho**2), dims="market")


def _non_centred(priors: "Priors", rho: "TensorVariable | None") -> Effects:
    import pymc as pm

    mean_a, sd_a, mean_b, sd_b = _populations(priors)
    z_a, z_b = (pm.Normal(f"{name}_z", dims="market") for name in ("intercept", "slope"))
    intercept = pm.Deterministic("intercept", mean_a + sd_a * z_a, dims="market")
    if rho is not None:
        z_b = rho * z_a + np.sqrt(1 - rho**2) * z_b
    return intercept, pm.Deterministic("slope", mean_b + sd_b * z_b, dims="market")
