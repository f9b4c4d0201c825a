"""The slider of lesson 02."""

import ipywidgets
from matplotlib.axes import Axes

from borrowing_strength.core.slider import LAYOUT, Slider, whole_slider
from borrowing_strength.core.style import count_distributions
from borrowing_strength.mixtures.counts import spikes_to_beta


def two_spikes() -> Slider:
    """Lesson 02: from two equally likely coins to a smooth belief with the same mean and variance."""

    def draw(smoothness: float, flips: int, ax: Axes) -> str:
        spikes, now = (spikes_to_beta(flips, 0.5, 0.2, share) for share in (0, smoothness))
        count_distributions([now.pmf(), spikes.pmf()], ["this belief", "two spikes"], ax)
        rare, before = f"{now.pmf()[-1]:.2g}", f"{spikes.pmf()[-1]:.2g}"
        beside = f" (spikes {before})" if smoothness else ""
        title = f"mean {now.mean:g}, variance {now.variance:.1f}, {flips} heads {rare}{beside}"
        ax.set(title=title, xlabel=f"heads in {flips} flips")
        return (
            f"With smoothness {smoothness:g} the variance of {flips} flips is {now.variance:.1f}; {flips} heads have "
            f"the probability {rare}." + (f" With two spikes it is {before}." if smoothness else "")
        )

    return Slider(
        draw,
        states=[{"smoothness": share, "flips": flips} for flips in (2, 10) for share in (0, 0.5, 1)],
        smoothness=ipywidgets.FloatSlider(value=0, min=0, max=1, step=0.1, description="smoothness", **LAYOUT),
        flips=whole_slider("flips", 1, 20, 10, 1),
    )
