"""The one way to run PyMC: reproducible, silent but for one honest line, and right against the exact answer."""

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose

from borrowing_strength import beta_binomial
from borrowing_strength.sampling import Agreement, Diagnosis, compare_means, diagnose, sample

DATA = ([30, 50, 55, 60], [100, 100, 100, 100])
LABELS = ["A", "B", "C", "D"]


def tree_of(draws, diverging=None):
    import arviz as az

    groups = {"posterior": {"x": draws}}
    if diverging is not None:
        groups["sample_stats"] = {"diverging": diverging}
    return az.from_dict(groups)


@pytest.fixture(scope="module")
def integrated():
    return sample(beta_binomial.pymc_model(*DATA, labels=LABELS), seed=1)


# --- PyMC against the exact engine


def test_integrated_model_agrees_with_the_exact_posterior(integrated):
    exact = beta_binomial.fit(*DATA)
    assert integrated["posterior"].sizes["chain"] == 4
    assert integrated["posterior"].sizes["draw"] == 1000
    assert diagnose(integrated).sound
    assert compare_means(integrated["posterior"]["grand_mean"], exact.grand_mean.mean).agrees
    assert compare_means(integrated["posterior"]["rate_given_population"], exact.mean).agrees
    assert list(integrated["posterior"]["group"].values) == LABELS


def test_draws_repeat_with_the_seed(capsys, integrated):
    again = sample(beta_binomial.pymc_model(*DATA, labels=LABELS), seed=1)
    assert_allclose(again["posterior"]["grand_mean"], integrated["posterior"]["grand_mean"], rtol=1e-12)
    out, _ = capsys.readouterr()
    assert out == f"{diagnose(integrated)}\n"
    assert out.startswith("The checks pass")


def test_explicit_rates_under_a_proper_hyperprior():
    hyperprior = beta_binomial.Gammas((16, 9), (40, 8))
    exact = beta_binomial.fit([19, 3], [200, 10], prior=hyperprior)
    draws = sample(beta_binomial.pymc_model([19, 3], [200, 10], prior=hyperprior, form="rates"), seed=2)["posterior"]
    assert compare_means(draws["rate"], exact.mean).agrees
    assert compare_means(draws["rate"] ** 2, exact.sd**2 + exact.mean**2).agrees


@pytest.mark.parametrize(
    "hyperprior",
    [beta_binomial.PowerLaw(2.3), beta_binomial.Gammas((2, 3), (3, 2)), beta_binomial.MeanConcentration((2, 5), 3)],
    ids=lambda h: type(h).__name__,
)
def test_both_forms_have_the_density_of_the_exact_engine(hyperprior):
    # at unconstrained points, PyMC's log density minus the engine's must be one constant
    y, n = np.array([3, 5, 0]), np.array([10, 8, 4])
    model = beta_binomial.pymc_model(y, n, prior=hyperprior)
    log_density = model.compile_logp()
    plane = beta_binomial.fit(y, n, prior=hyperprior)._plane
    start, rng = model.initial_point(), np.random.default_rng(1)
    hyper = model.replace_rvs_by_values([model["grand_mean"], model["log_concentration"]])
    outputs = model.compile_fn(hyper, inputs=model.value_vars)
    gaps = []
    for _ in range(6):
        point = {name: value + rng.normal(0, 0.4, np.shape(value)) for name, value in start.items()}
        mean, v = (float(x) for x in outputs(point))
        u = np.log(mean / (1 - mean))
        engine = plane.log_density(np.array([[u]]), np.array([[v]]))[0, 0]
        gaps.append(float(log_density(point)) - engine - log_volume(outputs, point))
    assert_allclose(gaps, gaps[0], atol=1e-5)


def log_volume(outputs, point, step=1e-5):
    """Log of |d(u, v) / d(unconstrained)|, by central differences."""
    names = list(point)
    columns = []
    for name in names:
        ends = []
        for sign in (1, -1):
            mean, v = (float(x) for x in outputs({**point, name: point[name] + sign * step}))
            ends.append(np.array([np.log(mean / (1 - mean)), v]))
        columns.append((ends[0] - ends[1]) / (2 * step))
    return np.log(abs(np.linalg.det(np.array(columns))))


def test_pymc_model_refuses_what_fit_refuses():
    with pytest.raises(ValueError, match=r"trials\[0\] is 1 but successes\[0\] is 2"):
        beta_binomial.pymc_model([2], [1])
    with pytest.raises(ValueError, match="improper"):
        beta_binomial.pymc_model([0, 0], [10, 10])
    with pytest.raises(ValueError, match="form is 'centred'"):
        beta_binomial.pymc_model([3], [10], form="centred")
    with pytest.raises(ValueError, match="prior is 'flat'"):
        beta_binomial.pymc_model([3], [10], prior="flat")


# --- The verdict


def test_verdict_names_the_worst_problem():
    rng = np.random.default_rng(3)
    good = rng.normal(size=(4, 1000))
    assert diagnose(tree_of(good)).sound
    assert str(diagnose(tree_of(good))).startswith("The checks pass")

    diverging = np.zeros((4, 1000), dtype=bool)
    diverging[2, 5:8] = True
    diverged = diagnose(tree_of(good, diverging))
    assert (diverged.divergences, diverged.draws, diverged.sound) == (3, 4000, False)
    assert "diverged" in str(diverged)

    apart = diagnose(tree_of(good + np.arange(4)[:, None]))
    assert apart.rhat > 1.2
    assert "chains disagree" in str(apart)

    steps = rng.normal(size=(4, 1000))
    for k in range(1, 1000):
        steps[:, k] += 0.9 * steps[:, k - 1]
    short = diagnose(tree_of(steps))
    assert short.ess_bulk < 400
    assert not short.sound


@pytest.mark.parametrize(
    ("diagnosis", "words"),
    [
        (Diagnosis(4000, 0, 1.005, 399.0, 900.0), "Too few effective draws"),
        (Diagnosis(4000, 0, 1.005, 900.0, 399.0), "Too few effective draws"),
        (Diagnosis(4000, 0, float("nan"), 900.0, 900.0), "there is no R-hat"),
        (Diagnosis(4000, 1, 2.0, 3.0, 3.0), "diverged"),
        (Diagnosis(4000, 0, 1.005, float("nan"), 900.0), "Too few effective draws"),
        (Diagnosis(4000, 0, 1.005, 900.0, 900.0, bfmi=0.2), "E-BFMI of a chain is below 0.3"),
    ],
)
def test_doubt_is_never_called_sound(diagnosis, words):
    assert not diagnosis.sound
    assert words in str(diagnosis)


def test_agreement_is_measured_in_standard_errors():
    draws = xr.DataArray(np.random.default_rng(5).normal(size=(4, 1000, 2)), dims=("chain", "draw", "group"))
    near, far = compare_means(draws, [0, 0]), compare_means(draws, [0, 0.2])
    assert_allclose(near.error, 1 / np.sqrt(4000), rtol=0.15)
    assert near.agrees
    assert not far.agrees
    assert abs(far.distance[1]) > 8
    assert str(near) == "All 2 sampled means lie within 4 Monte Carlo standard errors of the exact ones."
    assert "disagrees" in str(far)
    assert not Agreement(np.array([np.nan]), np.array([0.0])).agrees
    with pytest.raises(ValueError, match=r"exact has shape \(3,\) but the draws have shape \(2,\)"):
        compare_means(draws, [0, 0, 0])


@pytest.mark.filterwarnings("error")
def test_draws_that_never_move_or_are_no_numbers_get_no_false_verdict() -> None:
    def column(values: np.ndarray) -> xr.DataArray:
        return xr.DataArray(values[..., None], dims=("chain", "draw", "group"))

    still = column(np.ones((2, 5)))
    assert compare_means(still, [1]).agrees
    assert not compare_means(still, [2]).agrees
    with pytest.raises(ValueError, match=r"draws\[0, 0, 0\] is nan: a missing value"):
        compare_means(column(np.full((2, 5), np.nan)), [1])
    with pytest.raises(ValueError, match="draws holds 1 values: they are too few"):
        compare_means(column(np.ones((1, 1))), [1])
    for value in (1.0, np.inf):
        found = diagnose(tree_of(np.full((4, 100), value), diverging=np.zeros((4, 100), dtype=bool)))
        assert not found.sound
        assert "never moves" in str(found)


def test_settings_are_checked_before_anything_runs():
    import pymc as pm

    with pm.Model() as model:
        pm.Normal("x")
    with pytest.raises(ValueError, match=r"model is a dict: it must be a pymc\.Model"):
        sample({}, seed=1)
    for name, (value, words) in {
        "seed": (-1, "seed is -1"),
        "draws": (0, "draws is 0"),
        "chains": (2.5, "chains is 2.5"),
        "tune": (-1, "tune is -1"),
    }.items():
        with pytest.raises(ValueError, match=words):
            sample(model, **{"seed": 1, name: value})


def test_energies_and_depths_are_read_as_arviz_reads_them(integrated):
    import arviz as az

    found = diagnose(integrated)
    assert found.bfmi == pytest.approx(float(az.bfmi(integrated)["energy"].min()), rel=0.01)
    assert found.cut_short == int(integrated["sample_stats"]["maxdepth_reached"].sum())


def test_an_energy_that_hardly_moves_is_reported():
    rng = np.random.default_rng(1)
    tree = tree_of(rng.normal(size=(4, 1000)), diverging=np.zeros((4, 1000), dtype=bool))
    energy = np.cumsum(rng.normal(size=(4, 1000)), axis=1)
    tree["sample_stats"] = tree["sample_stats"].assign(energy=xr.DataArray(energy, dims=("chain", "draw")))
    assert diagnose(tree).bfmi < 0.1
    assert "E-BFMI" in str(diagnose(tree))
