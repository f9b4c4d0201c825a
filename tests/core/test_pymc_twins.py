"""Whole numbers as parameters mean the same to PyMC as to the exact engine: PyMC would keep them in eight bits."""

import numpy as np
import pytest

from borrowing_strength import beta_binomial, meta_analysis, multilevel, redundancy
from borrowing_strength.core import priors

pm = pytest.importorskip("pymc")

WHOLE = {
    "Normal": lambda number: priors.Normal(number(100), number(120)),
    "StudentT": lambda number: priors.StudentT(number(3), number(-90), number(25)),
    "HalfNormal": lambda number: priors.HalfNormal(number(100)),
    "HalfStudentT": lambda number: priors.HalfStudentT(number(3), number(90)),
    "HalfCauchy": lambda number: priors.HalfCauchy(number(25)),
    "Exponential": lambda number: priors.Exponential(number(120)),
    "Uniform": lambda number: priors.Uniform(number(127)),
}
SCHOOLS = [28, 8, -3, 7, -1, 1, 18, 12], [15, 10, 16, 11, 9, 11, 10, 18]
ARMS = [30, 55], [100, 100], [50, 60], [100, 100]
MODELS = {
    name: lambda number, make=make: meta_analysis.pymc_model(
        *SCHOOLS, prior=meta_analysis.Prior(mu_mean=number(100), mu_sd=number(90), effect_sd=make(number))
    )
    for name, make in WHOLE.items()
    if issubclass(getattr(priors, name), priors.SdPrior)
} | {
    "precision": lambda number: meta_analysis.pymc_model(
        *SCHOOLS, prior=meta_analysis.Prior(number(16), number(100), number(2))
    ),
    "means and sds": lambda number: multilevel.pymc_model(
        *ARMS,
        prior=multilevel.Priors(
            intercept_mean=priors.StudentT(number(3), number(2), number(120)),
            intercept_sd=priors.HalfCauchy(number(25)),
            slope_mean=priors.Normal(number(1), number(16)),
            slope_sd=priors.Exponential(number(17)),
        ),
    ),
    "Gammas": lambda number: beta_binomial.pymc_model(
        [3, 5], [10, 10], prior=beta_binomial.Gammas((number(16), number(9)), (number(100), number(8)))
    ),
    "mean and concentration": lambda number: beta_binomial.pymc_model(
        [3, 5], [10, 10], prior=beta_binomial.MeanConcentration((number(100), number(120)), number(20))
    ),
    "power law": lambda number: beta_binomial.pymc_model([3, 5], [10, 10], prior=beta_binomial.PowerLaw(number(3))),
    "failures": lambda number: redundancy.pymc_model(
        [3, 5], [10.5, 90], prior=redundancy.Prior(shape=(number(100), number(16)), rate=(number(20), number(90)))
    ),
}


@pytest.mark.parametrize("number", [int, np.int8, np.int64, np.float32])
@pytest.mark.parametrize("name", WHOLE)
def test_a_prior_is_the_same_to_pymc_and_to_the_engine(name, number):
    prior = WHOLE[name](number)
    values = np.array([-3.0, 0.3, 4.0, 26.0, 126.5, 500.0])
    with pm.Model():
        variable = prior.pymc_variable("x")
    # PyTensor takes the logarithm of a round number such as 120.0 in single precision.
    assert np.allclose(pm.logp(variable, values).eval(), prior.log_density(values), rtol=1e-6, atol=0)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_does_not_mind_whole_numbers(name):
    whole, real = MODELS[name](int), MODELS[name](float)
    point = real.initial_point()
    for step in (0.0, 0.4, -0.7):
        moved = {key: value + step for key, value in point.items()}
        densities = [model.compile_logp(mode="FAST_COMPILE")(moved) for model in (whole, real)]
        assert np.isfinite(densities[1])
        assert densities[0] == pytest.approx(densities[1], rel=1e-12)
