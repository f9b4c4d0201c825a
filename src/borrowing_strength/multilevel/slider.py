"""The slider of lesson 04."""

import ipywidgets
from matplotlib.axes import Axes

from borrowing_strength import multilevel
from borrowing_strength.core.slider import LAYOUT, Slider
from borrowing_strength.multilevel.figures import market_effects


def market_pooling() -> Slider:
    """Lesson 04: how far two markets may differ, in baseline and in effect, from complete pooling to none."""
    data = [30, 55], [100, 100], [50, 60], [100, 100]
    labels = ["Canada", "China"]
    separate, pooled = multilevel.fit_separate(*data, labels=labels), multilevel.fit_pooled(*data, labels=labels)

    def draw(slopes: float, intercepts: float, ax: Axes) -> str:
        held = {"slope_sd": multilevel.Known(slopes), "intercept_sd": multilevel.Known(intercepts)}
        post = multilevel.fit(*data, prior=multilevel.Priors(**held), labels=labels)
        market_effects(post, separate, pooled, ax=ax)
        (canada, china), better = post.mean, post.prob_better[1]
        ax.set(title=f"slopes: Canada {canada:.2f}, China {china:.2f}", xlim=(-0.6, 1.6))
        return (
            f"Slopes differ with an sd of {slopes:.2g}, intercepts with {intercepts:.2g}: Canada's slope is "
            f"{canada:.2f}, China's {china:.2f}, and the treatment is better in China with probability {better:.2f}."
        )

    ends = (0.01, 0.32, 10.0)
    return Slider(
        draw,
        states=[{"slopes": slopes, "intercepts": intercepts} for intercepts in (10.0, 0.01) for slopes in ends],
        slopes=ipywidgets.FloatLogSlider(value=0.32, min=-2, max=1, step=0.25, description="sd of slopes", **LAYOUT),
        intercepts=ipywidgets.FloatLogSlider(
            value=10, min=-2, max=1, step=0.25, description="sd of intercepts", **LAYOUT
        ),
    )
