"""Simulation-based calibration: the tool itself, and with it the exact beta-binomial engine."""

import os

import numpy as np
import pytest
from numpy.testing import assert_allclose

from borrowing_strength.beta_binomial import Gammas, MeanConcentration, PowerLaw, fit
from borrowing_strength.beta_binomial import posterior as beta_binomial
from borrowing_strength.calibration import Calibration, calibrate
from borrowing_strength.core.quadrature import Plane, integrate_plane

REPLICATIONS = int(os.environ.get("BORROWING_STRENGTH_REPLICATIONS", "300"))  # 1,000 in `make calibrate`

pytestmark = pytest.mark.filterwarnings("error")


# --- The tool, on a problem whose posterior is known


def normal_mean(shift=0.0, factor=1.0, replications=1000, seed=1):
    """A standard normal prior, three observations; the posterior is N(3/4 mean, 1/2), here tampered with."""
    return calibrate(
        draw_prior=lambda rng: {"mu": rng.normal()},
        simulate=lambda truth, rng: rng.normal(truth["mu"], 1, size=3).mean(),
        posterior_draws=lambda mean, rng: {"mu": rng.normal(0.75 * mean + shift / 2, factor / 2, size=99)},
        replications=replications,
        seed=seed,
    )


def test_right_sampler_has_uniform_ranks():
    result = normal_mean()
    assert result.draws == 99
    assert result.ranks["mu"].shape == (1000,)
    assert 0 <= result.ranks["mu"].min() <= result.ranks["mu"].max() <= 99
    assert result.p_value("mu") > 0.001


def test_p_values_of_a_right_sampler_are_uniform():
    p = np.array([normal_mean(replications=100, seed=s).p_value("mu") for s in range(200)])
    assert_allclose(np.quantile(p, [0.1, 0.25, 0.5, 0.75, 0.9]), [0.1, 0.25, 0.5, 0.75, 0.9], atol=0.12)


@pytest.mark.parametrize(
    ("flaw", "component", "sign"),
    [
        ({"shift": 0.3}, 0, -1),  # draws too high, the truth low among them
        ({"shift": -0.3}, 0, 1),
        ({"factor": 0.75}, 1, 1),  # too narrow: ranks pile up at both ends
        ({"factor": 1.4}, 1, -1),
    ],
    ids=["high", "low", "narrow", "wide"],
)
def test_usual_flaws_are_caught_and_named(flaw, component, sign):
    result = normal_mean(**flaw)
    assert result.p_value("mu") < 1e-10
    components = result.components("mu")
    assert np.argmax(np.abs(components)) == component
    assert np.sign(components[component]) == sign
    table = result.summary()
    assert list(table.columns) == ["p_value", "shift", "spread"]
    assert table.loc["mu", "p_value"] == result.p_value("mu")


@pytest.mark.parametrize("draws", [4, 9, 99])
def test_components_of_perfectly_even_ranks_are_zero(draws):
    even = Calibration({"x": np.tile(np.arange(draws + 1), 7)}, draws)
    assert_allclose(even.components("x"), 0, atol=1e-9)
    assert even.p_value("x") == pytest.approx(1)


def test_ties_are_broken_at_random():
    result = calibrate(lambda rng: {"x": 1.0}, lambda truth, rng: None, lambda data, rng: {"x": np.ones(9)})
    assert result.p_value("x") > 0.001


def test_it_repeats_with_the_seed():
    assert np.array_equal(normal_mean(seed=5).ranks["mu"], normal_mean(seed=5).ranks["mu"])
    assert not np.array_equal(normal_mean(seed=5).ranks["mu"], normal_mean(seed=6).ranks["mu"])


@pytest.mark.filterwarnings("default")  # simuk and PyMC may deprecate what they like
def test_simuk_ranks_can_be_judged():
    # simuk stores, for every variable, the number of draws below the truth
    import pymc as pm
    import simuk

    with pm.Model() as model:
        mu = pm.Normal("mu")
        pm.Normal("y", mu, 1, observed=np.zeros(3))
    settings = {"draws": 100, "tune": 100, "chains": 1, "cores": 1, "quiet": True, "nuts_sampler": "pymc"}
    sbc = simuk.SBC(model, num_simulations=10, sample_kwargs=settings, seed=1, progress_bar=False)
    sbc.run_simulations()
    ranks = sbc.simulations["prior_sbc"]["mu"].values.ravel()
    assert Calibration({"mu": ranks.astype(int)}, 100).p_value("mu") > 1e-6


def test_bad_use_is_refused_with_the_reason():
    def run(prior=None, posterior=None, **settings):
        return calibrate(
            lambda rng: prior or {"x": 0.5},
            lambda truth, rng: None,
            lambda data, rng: {"x": rng.random(9)} if posterior is None else posterior(rng),
            **{"replications": 3, **settings},
        )

    refused = {
        "replications is 0": lambda: run(replications=0),
        "seed is -1": lambda: run(seed=-1),
        "'y': draw_prior must return one number": lambda: run(posterior=lambda rng: {"y": rng.random(9)}),
        r"draw_prior\['x'\] is True: it must be a finite number": lambda: run(prior={"x": True}),
        r"draw_prior\['x'\] is '1': it must be a finite number": lambda: run(prior={"x": "1"}),
        r"posterior_draws\['x'\] holds complex128 values": lambda: run(posterior=lambda rng: {"x": np.ones(9) * 1j}),
        r"posterior_draws\['x'\]\[0\] is '1': it must be a number, not text": lambda: run(
            posterior=lambda rng: {"x": ["1"] * 9}
        ),
        r"draw_prior\['x'\] is array": lambda: run(prior={"x": np.zeros(2)}),
        "has 2 dimensions": lambda: run(posterior=lambda rng: {"x": rng.random((3, 3))}),
        r"posterior_draws\['x'\]\[0\] is nan": lambda: run(posterior=lambda rng: {"x": np.full(9, np.nan)}),
        "same quantities and number of draws": lambda: run(
            posterior=lambda rng: {"x": rng.random(rng.integers(5, 99))}
        ),
        "at least 4": lambda: run(posterior=lambda rng: {"x": rng.random(3)}),
        "not none": lambda: run(posterior=lambda rng: {}),
        "name is 'z': the ranks are those of 'x'": lambda: run().p_value("z"),
    }
    for message, call in refused.items():
        with pytest.raises(ValueError, match=message):
            call()


# --- The exact engine. Wide hyperpriors, groups of 5 to 60 trials.

TRIALS = np.array([5, 10, 20, 40, 60])
WIDE = Gammas((2, 0.3), (3, 0.2))  # log(a + b) between about 1.5 and 4


def hyperparameters(hyperprior, rng):
    if isinstance(hyperprior, Gammas):
        return [rng.gamma(shape, 1 / rate) for shape, rate in (hyperprior.a, hyperprior.b)]
    weight = rng.random()  # s / (scale + s) is uniform
    s, mean = hyperprior.scale * weight / (1 - weight), rng.beta(*hyperprior.mean)
    return [s * mean, s * (1 - mean)]


def calibrate_engine(hyperprior, replications=REPLICATIONS, seed=11):
    def draw_prior(rng):
        a, b = hyperparameters(hyperprior, rng)
        rate = np.maximum(rng.beta(a, b, size=len(TRIALS)), 0)
        return {"grand_mean": a / (a + b), "log_concentration": np.log(a + b), "rate": rate[0], "rates": rate}

    def posterior_draws(successes, rng):
        post = fit(successes, TRIALS, prior=hyperprior)
        draws = post.sample(draws=99, chains=1, seed=int(rng.integers(2**31)))["posterior"].dataset
        names = ("grand_mean", "log_concentration")
        return {name: draws[name].values[0] for name in names} | {"rate": draws["rate"].values[0, :, 0]}

    return calibrate(
        draw_prior,
        lambda truth, rng: rng.binomial(TRIALS, truth["rates"]),
        posterior_draws,
        replications=replications,
        seed=seed,
    )


@pytest.mark.parametrize("hyperprior", [WIDE, MeanConcentration()], ids=lambda h: type(h).__name__)
def test_exact_engine_is_calibrated(hyperprior):
    table = calibrate_engine(hyperprior).summary()
    print(table)  # `make calibrate` shows it
    assert list(table.index) == ["grand_mean", "log_concentration", "rate"]
    assert table["p_value"].min() > 0.001


def test_a_grid_that_stops_at_3_is_caught(monkeypatch):
    def cut(log_density):
        plane = integrate_plane(log_density)
        weight = np.where(plane.v[:, None] < 3, plane.weight, 0)
        log_evidence = plane.log_evidence + np.log(weight.sum())

        def density(u, v):
            return np.where(v < 3, log_density(u, v), -np.inf)

        return Plane(plane.u, plane.v, weight / weight.sum(), log_evidence, density)

    monkeypatch.setattr(beta_binomial, "integrate_plane", cut)
    assert fit([3, 5], [10, 10], prior=PowerLaw()).sample()["posterior"]["log_concentration"].max() < 3
    assert calibrate_engine(MeanConcentration(), replications=300).p_value("log_concentration") < 1e-10
