"""Meta-analysis, draws: exact ones and Gibbs samplers against the exact posterior, and the prior's pictures."""

import numpy as np
import pytest
from cases import LIFTS, SCHOOLS
from scipy import stats

from borrowing_strength.meta_analysis import Prior, fit, gibbs, gibbs_t
from borrowing_strength.sampling import compare_means

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("draw", ["exact", "gibbs", "t"])
def test_draws_repeat_with_the_seed_and_carry_labels(draw, forty):
    functions = {
        "exact": lambda seed: fit(*forty).sample(50, seed=seed, chains=2),
        "gibbs": lambda seed: gibbs(*forty, draws=50, tune=5, chains=2, seed=seed),
        "t": lambda seed: gibbs_t(*forty, draws=50, tune=5, chains=2, seed=seed),
    }
    one, same, other = (functions[draw](seed)["posterior"] for seed in (1, 1, 2))
    assert one.dataset.equals(same.dataset)
    assert not np.array_equal(one["mu"], other["mu"])
    assert one["effect"].dims == ("chain", "draw", "test")
    assert one["effect"].shape == (2, 50, 40)
    assert one["mu"].shape == one["effect_sd"].shape == (2, 50)
    assert list(one["test"].values[:2]) == ["T01", "T02"]


@pytest.mark.parametrize("scan", ["systematic", "blocked"])
def test_gibbs_agrees_with_the_exact_posterior(scan, forty):
    post = fit(*forty, prior=Prior())
    draws = gibbs(*forty, draws=4000, tune=500, seed=3, scan=scan)["posterior"]
    assert compare_means(draws["mu"], post.mu.mean).agrees
    assert compare_means(draws["effect_sd"], post.effect_sd.mean).agrees
    assert compare_means(draws["effect"], post.mean).agrees


def test_the_synchronous_scan_gives_another_sd_and_healthy_diagnostics():
    import arviz as az

    y, se = LIFTS
    right = fit(y, se, prior=Prior()).effect_sd.mean
    draws = gibbs(y, se, draws=4000, seed=3, scan="synchronous")
    assert draws["posterior"]["effect_sd"].mean() > 1.5 * right
    table = az.summary(draws, var_names=["mu", "effect_sd"], round_to="none")
    assert table["r_hat"].max() < 1.01
    assert table["ess_bulk"].min() > 400


@pytest.mark.filterwarnings("default")  # ArviZ and Matplotlib may deprecate what they like
def test_arviz_plots_the_draws(schools):
    import arviz as az
    import matplotlib

    matplotlib.use("agg")
    for tree in (schools.sample(100), gibbs(*SCHOOLS, draws=100)):
        assert az.plot_forest(tree, var_names=["effect"]).viz["figure"].item() is not None
    matplotlib.pyplot.close("all")


@pytest.mark.filterwarnings("default")
def test_the_prior_plots_draw_a_density():
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    for plot, exact in (
        (Prior().plot_meta_effect_prior, stats.norm.cdf([-0.1, 0.1], scale=0.025)),
        (Prior().plot_effect_sd_prior, Prior().effect_sd.cdf(np.array([1e-9, 0.1]))),
    ):
        ax = plt.figure().add_subplot()
        plot(color="grey")
        area = sum(bar.get_width() * bar.get_height() for bar in ax.patches)
        assert area == pytest.approx(exact[1] - exact[0], abs=0.01)
        assert ax.get_ylabel() == "Probability Density"
        plt.close()


def test_long_runs_show_their_progress(monkeypatch, capfd):
    import tqdm.auto

    monkeypatch.delenv("BORROWING_STRENGTH_QUIET", raising=False)
    real = tqdm.auto.tqdm
    monkeypatch.setattr(tqdm.auto, "tqdm", lambda **kwargs: real(**kwargs | {"delay": 0, "mininterval": 0}))
    gibbs(*LIFTS, draws=900, tune=100)
    assert "1000/1000" in capfd.readouterr().err
    monkeypatch.undo()
    monkeypatch.delenv("BORROWING_STRENGTH_QUIET", raising=False)
    gibbs(*LIFTS, draws=50)
    assert capfd.readouterr().err == ""
