"""The models of meta-analysis, as PyMC has them."""

import numpy as np
import pytest
from cases import LIFTS, PRIORS, SCHOOLS, SCHOOLS_PRIOR, TWO_TESTS, columns
from numpy.testing import assert_allclose
from scipy import stats

from borrowing_strength import datasets
from borrowing_strength.meta_analysis import (
    HalfNormal,
    Prior,
    fit,
    log_risk_ratio,
    pymc_model,
    pymc_model_of_counts,
    relative_lift,
)
from borrowing_strength.sampling import compare_means, sample

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.filterwarnings("default")
def test_pymc_agrees_with_the_exact_posterior(schools, capsys):
    draws = sample(pymc_model(*SCHOOLS, prior=SCHOOLS_PRIOR, labels=list("ABCDEFGH")), seed=11)["posterior"]
    assert "The checks pass" in capsys.readouterr().out
    assert compare_means(draws["mu"], schools.mu.mean).agrees
    assert compare_means(draws["effect_sd"], schools.effect_sd.mean).agrees
    assert compare_means(draws["effect_given_population"], schools.mean).agrees


@pytest.mark.filterwarnings("default")
def test_binomial_model_agrees_with_fit_where_counts_are_large(forty):
    table = datasets.ab_tests().set_index("test").iloc[:8]
    prior = Prior(mu_sd=0.05, effect_sd=HalfNormal(0.05))
    post = fit(*relative_lift(*columns(table)), prior=prior)
    draws = sample(pymc_model_of_counts(*columns(table), prior=prior), seed=5)["posterior"]
    assert_allclose(draws["effect"].mean(("chain", "draw")), post.mean, atol=0.15 * post.sd.min())
    assert_allclose(draws["effect"].std(("chain", "draw")), post.sd, rtol=0.12)


def test_the_model_of_the_counts_does_not_get_stuck_where_a_rate_would_exceed_one():
    """With a wide prior most of NUTS's starts have such rates; on a plain with no slope it could never leave them."""
    trials = datasets.bcg_trials()
    columns = [trials[name] for name in ("control_cases", "controls", "vaccinated_cases", "vaccinated")]
    prior = Prior(mu_sd=2, effect_sd=HalfNormal(1))
    model = pymc_model_of_counts(*columns, prior=prior, effect="log_risk_ratio")
    draws = sample(model, seed=2, target_accept=0.95)["posterior"]
    post = fit(*log_risk_ratio(*columns), prior=prior)
    assert_allclose(draws["mu"].mean("draw"), post.mu.mean, atol=post.mu.sd)
    assert draws["treatment_rate"].max() < 0.9


def log_density_of(model, point):
    """Log density of the untransformed variables, evaluated without compilation."""
    import pytensor

    variables = [model[name] for name in point]
    terms = model.logp(jacobian=False, sum=False)
    inputs = [model.rvs_to_values[variable] for variable in variables]
    values = []
    for variable, value in zip(variables, point.values(), strict=True):
        transform = model.rvs_to_transforms[variable]
        value = np.asarray(value, dtype=float)
        values.append(value if transform is None else transform.forward(value, *variable.owner.inputs).eval())
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        total = pytensor.function(inputs, sum(term.sum() for term in terms), on_unused_input="ignore")
    return float(total(*values))


@pytest.mark.parametrize("form", ["centred", "non_centred", "integrated"])
def test_pymc_forms_have_the_density_that_they_say(form):
    y, se = LIFTS
    effect = y * 0.4
    for mu, sd in ((0.01, 0.02), (-0.02, 0.05)):
        point = {"mu": mu, "effect_sd": sd}
        expected = stats.norm.logpdf(mu, 0, 0.2) + stats.halfnorm.logpdf(sd, scale=0.05)
        if form == "integrated":
            expected += stats.norm.logpdf(y, mu, np.hypot(sd, se)).sum()
        else:
            point |= {"effect": effect} if form == "centred" else {"distance": (effect - mu) / sd}
            expected += stats.norm.logpdf(y, effect, se).sum()
            scale, centre = (sd, mu) if form == "centred" else (1, 0)
            expected += stats.norm.logpdf(effect if form == "centred" else (effect - mu) / sd, centre, scale).sum()
        model = pymc_model(y, se, prior=Prior(mu_sd=0.2, effect_sd=HalfNormal(0.05)), form=form)
        assert log_density_of(model, point) == pytest.approx(expected)


@pytest.mark.parametrize("effect", ["relative_lift", "log_risk_ratio", "log_odds_ratio", "risk_difference"])
def test_binomial_models_have_the_density_that_they_say(effect):
    y_c, n_c, y_t, n_t = map(np.array, TWO_TESTS)
    rate, lift = np.array([0.06, 0.08]), np.array([0.02, -0.03])
    treated = {
        "relative_lift": rate * (1 + lift),
        "log_risk_ratio": rate * np.exp(lift),
        "log_odds_ratio": 1 / (1 + (1 - rate) / rate * np.exp(-lift)),
        "risk_difference": rate + lift,
    }[effect]
    model = pymc_model_of_counts(*TWO_TESTS, prior=Prior(mu_sd=0.2, effect_sd=HalfNormal(0.05)), effect=effect)
    point = {"mu": 0.01, "effect_sd": 0.04, "control_rate": rate, "distance": (lift - 0.01) / 0.04}
    expected = stats.norm.logpdf(0.01, 0, 0.2) + stats.halfnorm.logpdf(0.04, scale=0.05)
    expected += stats.norm.logpdf(point["distance"]).sum()
    expected += stats.binom.logpmf(y_c, n_c, rate).sum() + stats.binom.logpmf(y_t, n_t, treated).sum()
    assert log_density_of(model, point) == pytest.approx(expected)


@pytest.mark.parametrize("name", PRIORS)
def test_priors_say_the_same_to_pymc(name):
    import pymc as pm

    prior = PRIORS[name].effect_sd
    with pm.Model():
        variable = prior.pymc_variable("effect_sd")
        draws = pm.draw(variable, 4000, random_seed=3)
    assert stats.kstest(prior.cdf(draws[draws < 1e100]), "uniform").pvalue > 1e-4
