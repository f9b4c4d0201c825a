"""The slider of lesson 03."""

import ipywidgets
import numpy as np
from matplotlib.axes import Axes

from borrowing_strength.core.slider import LAYOUT, Slider
from borrowing_strength.core.style import PARTIAL_POOLING


def what_buys_safety() -> Slider:
    """Lesson 03: five pumps, and three ways to make them safer; the common cause and the uncertainty under sliders."""
    from borrowing_strength.redundancy import CommonCause, beta_from_mean_sd, prob_all_fail

    def draw(share: float, sd: float, reach: float, ax: Axes) -> str:
        model, tested = (CommonCause(beta_from_mean_sd(0.05, s), share / 100, reach) for s in (sd, sd / 2))
        risks = {
            "five pumps": prob_all_fail(5, model),
            "a sixth pump": prob_all_fail(6, model),
            "a test that\nhalves the sd": prob_all_fail(5, tested),
            "the fifth of\nanother make": prob_all_fail(4, model) * 0.05,
        }
        values = list(risks.values())
        ax.figure.subplots_adjust(left=0.2, right=0.9)
        # a linear axis in powers of ten: Matplotlib's logarithmic one takes twice as long to draw
        height, place = np.log10(values), np.arange(4)
        ax.axvline(height[0], color="#000000", linewidth=0.8)
        ax.hlines(place, height, height[0], color=PARTIAL_POOLING, linewidth=3)
        ax.plot(height, place, "o", color=PARTIAL_POOLING)
        for y, value in zip(place, values, strict=True):
            beside = {"ha": "right", "x": np.log10(value) - 0.15} if value < values[0] / 2 else {"x": height[0] + 0.15}
            ax.text(**beside, y=y, s=f"{value:.1e}", va="center", fontsize=9)
        ax.set_xticks(range(-8, 0, 2), [f"1e{power}" for power in range(-8, 0, 2)])
        ax.set_yticks(place, list(risks))
        ax.set(xlim=(-9, -1), ylim=(3.5, -0.6), xlabel="probability that all fail on a demand")
        best = min(risks, key=risks.get).replace("\n", " ")
        ax.set_title(f"share {share:g}%, sd {sd:g}: best is {best}")
        sixth, test, other = (values[0] / value for value in values[1:])
        return (
            f"With a common-cause share of {share:g}% and an sd of {sd:g} a sixth pump divides the risk by {sixth:.2g},"
            f" the test by {test:.2g}, a fifth pump of another make by {other:.2g}."
        )

    return Slider(
        draw,
        states=[{"share": share, "sd": sd} for sd in (0.01, 0.03, 0.05) for share in (0, 5)],
        share=ipywidgets.FloatSlider(value=5, min=0, max=10, step=0.5, description="share, %", **LAYOUT),
        sd=ipywidgets.FloatSlider(value=0.03, min=0.01, max=0.05, step=0.01, description="sd of p", **LAYOUT),
        reach=ipywidgets.FloatSlider(value=1, min=0.2, max=1, step=0.1, description="reach", **LAYOUT),
    )
