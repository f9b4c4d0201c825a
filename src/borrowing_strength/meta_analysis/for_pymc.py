"""The models of lesson 05 for PyMC."""

from typing import TYPE_CHECKING

from borrowing_strength.core.options import one_of
from borrowing_strength.core.rows import labels_of
from borrowing_strength.meta_analysis.effects import arms, estimates
from borrowing_strength.meta_analysis.prior import Prior, as_prior, believable, weak_prior

if TYPE_CHECKING:
    import pymc as pm
    from pytensor.tensor import TensorVariable


def pymc_model(
    estimate: object,
    standard_error: object,
    *,
    prior: Prior | None = None,
    labels: object = None,
    form: str = "integrated",
) -> "pm.Model":
    """Build the model of `fit` for PyMC.

    Parameters
    ----------
    estimate, standard_error, prior, labels
        As in `fit`.
    form : {"integrated", "non_centred", "centred"}
        `centred` is how the model is written down, and hard to sample where the effects are nearly equal.
        `non_centred` draws each effect's distance from mu in units of the effects' sd. `integrated` has the effects
        integrated out; `effect_given_population` holds their means given the population.

    Returns
    -------
    pymc.Model
        With `mu`, `effect_sd` and, unless integrated out, `effect`, and the dimension `test`.
    """
    import pymc as pm

    y, error, names = estimates(estimate, standard_error, labels)
    prior = believable(as_prior(prior, weak_prior(y, error)), y, error)
    one_of("form", form, "integrated", "non_centred", "centred")
    with pm.Model(coords={"test": list(names)}) as model:
        mu, sd = _population(prior)
        if form == "integrated":
            pm.Normal("estimate", mu, pm.math.sqrt(error**2 + sd**2), observed=y, dims="test")
            pm.Deterministic("effect_given_population", y + error**2 / (error**2 + sd**2) * (mu - y), dims="test")
        else:
            effect = pm.Normal("effect", mu, sd, dims="test") if form == "centred" else _non_centred(mu, sd)
            pm.Normal("estimate", effect, error, observed=y, dims="test")
    return model


def pymc_model_of_counts(
    control_successes: object,
    control_trials: object,
    treatment_successes: object,
    treatment_trials: object,
    *,
    prior: Prior | None = None,
    labels: object = None,
    effect: str = "relative_lift",
) -> "pm.Model":
    """Build the same population of effects with binomial counts below it: no normal approximation, no delta method.

    Every control rate has a uniform prior of its own, so empty and full cells need no correction.

    Parameters
    ----------
    control_successes, control_trials, treatment_successes, treatment_trials, labels
        As in `relative_lift`; arms without successes are allowed.
    prior : Prior, optional
        On the scale of `effect`. If not given, the published one, `Prior()`, which suits lifts of a few percent
        only: counts have no standard errors from which the default of `fit` could be made.
    effect : {"relative_lift", "log_risk_ratio", "log_odds_ratio", "risk_difference"}
        What the population is a population of.

    Returns
    -------
    pymc.Model
        With `mu`, `effect_sd`, `effect`, `control_rate` and `treatment_rate`, and the dimension `test`.
    """
    import pymc as pm

    columns = (control_successes, control_trials, treatment_successes, treatment_trials)
    y_c, n_c, y_t, n_t = (column.astype(int) for column in arms(columns))
    prior = as_prior(prior)
    treated = {
        "relative_lift": lambda rate, effect: rate * (1 + effect),
        "log_risk_ratio": lambda rate, effect: rate * pm.math.exp(effect),
        "log_odds_ratio": lambda rate, effect: pm.math.invlogit(pm.math.logit(rate) + effect),
        "risk_difference": lambda rate, effect: rate + effect,
    }
    one_of("effect", effect, *treated)
    with pm.Model(coords={"test": list(labels_of(labels, len(y_c), *columns))}) as model:
        control = pm.Beta("control_rate", 1, 1, initval=(y_c + 1) / (n_c + 2), dims="test")
        rate = treated[effect](control, _non_centred(*_population(prior)))
        # No rate lies outside (0, 1), but a start of NUTS may. A slope there, not a plain, leads it back inside; it
        # begins where a rate is a hundredth of one success or failure away from the end.
        end = 0.01 / (n_t + 2)
        beyond = pm.math.maximum(rate - (1 - end), 0) + pm.math.maximum(end - rate, 0)
        pm.Potential("stay_inside", -beyond / end)
        rate = pm.Deterministic("treatment_rate", pm.math.clip(rate, end, 1 - end), dims="test")
        pm.Binomial("control_successes", n_c, control, observed=y_c, dims="test")
        pm.Binomial("treatment_successes", n_t, rate, observed=y_t, dims="test")
    return model


def _population(prior: Prior) -> "tuple[TensorVariable, TensorVariable]":
    import pymc as pm

    return pm.Normal("mu", prior.mu_mean, prior.mu_sd), prior.effect_sd.pymc_variable("effect_sd")


def _non_centred(mu: "TensorVariable", sd: "TensorVariable") -> "TensorVariable":
    import pymc as pm

    return pm.Deterministic("effect", mu + sd * pm.Normal("distance", 0, 1, dims="test"), dims="test")
