"""The slider of lesson 05."""

import numpy as np
from matplotlib.axes import Axes

from borrowing_strength.core.slider import Slider, whole_slider
from borrowing_strength.meta_analysis import figures


def gibbs_path() -> Slider:
    """Lesson 05: the path of a Gibbs sampler over the exact posterior of the population, sweep by sweep."""
    from borrowing_strength import datasets, meta_analysis

    tests = datasets.ab_tests()
    lift = meta_analysis.relative_lift(
        tests.control_successes, tests.control_trials, tests.treatment_successes, tests.treatment_trials
    )
    prior = meta_analysis.Prior()
    post = meta_analysis.fit(*lift, prior=prior)
    draws = meta_analysis.gibbs(*lift, prior=prior, draws=300, tune=0, chains=4, seed=2)["posterior"]
    paths = np.stack([draws["mu"].values, draws["effect_sd"].values], axis=-1)

    def draw(sweeps: int, chain: int, ax: Axes) -> str:
        path = paths[chain - 1, :sweeps]
        mu, sd = path[-1]
        figures.gibbs_path(post, path, ax, f"Chain {chain} after {sweeps} sweeps")
        return f"After {sweeps} sweeps the chain stands at an average lift of {mu:.1%} and a spread of {sd:.1%}."

    return Slider(
        draw,
        states=[{"sweeps": sweeps, "chain": 1} for sweeps in (1, 3, 10, 30, 100, 300)],
        sweeps=whole_slider("sweeps", 1, 300, 10, 1),
        chain=whole_slider("chain", 1, 4, 1, 1),
    )
