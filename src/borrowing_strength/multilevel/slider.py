"""The slider of lesson 04."""

import ipywidgets
from matplotlib.axes import Axes

from borrowing_strength import multilevel
from borrowing_strength.core.slider import LAYOUT, Slider
from borrowing_strength.multilevel.figures import market_effects
from borrowing_strength.multilevel.priors import CODINGS


def market_pooling() -> Slider:
    """Lesson 04: how far the effects of two markets may differ, from complete pooling to none, in both codings."""
    data = [30, 55], [100, 100], [50, 60], [100, 100]
    labels = ["Canada", "China"]
    separate = multilevel.fit_separate(*data, labels=labels)
    common = multilevel.fit(*data, prior=multilevel.Priors(slope_sd=multilevel.Known(1e-6)), labels=labels)

    def draw(slopes: float, coding: str, ax: Axes) -> str:
        prior = multilevel.Priors(slope_sd=multilevel.Known(slopes))
        post = multilevel.fit(*data, prior=prior, coding=coding, labels=labels)
        market_effects(post, separate, common=common, ax=ax)
        (canada, china), better = post.mean, post.prob_better[1]
        ax.set(title=f"slopes: Canada {canada:.2f}, China {china:.2f}", xlim=(-0.6, 1.6))
        return (
            f"Slopes differ with an sd of {slopes:.2g}, in the {coding} coding: Canada's slope is {canada:.2f}, "
            f"China's {china:.2f}, and the treatment is better in China with probability {better:.2f}."
        )

    return Slider(
        draw,
        states=[{"slopes": slopes, "coding": coding} for coding in CODINGS for slopes in (0.01, 0.32, 10.0)],
        slopes=ipywidgets.FloatLogSlider(value=0.32, min=-2, max=1, step=0.25, description="sd of slopes", **LAYOUT),
        coding=ipywidgets.Dropdown(options=list(CODINGS), description="coding", **LAYOUT),
    )
