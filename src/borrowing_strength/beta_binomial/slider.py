"""The slider of lesson 01."""

import ipywidgets
from matplotlib.axes import Axes

from borrowing_strength.beta_binomial.figures import shrinkage
from borrowing_strength.beta_binomial.posterior import fit
from borrowing_strength.core.slider import LAYOUT, Slider, whole_slider


def four_variants() -> Slider:
    """Lesson 01: four variants; the trials and the rate of variant A under sliders."""

    def draw(trials: int, rate: float, ax: Axes) -> str:
        successes = round(rate * trials)
        post = fit([successes, 50, 55, 60], [trials, 100, 100, 100], labels=["A", "B", "C", "D"])
        shrinkage(post, ax)
        mean, grand = post.mean[0], post.grand_mean.mean
        sentence = (
            f"A has {successes} successes in {trials} trials: the estimate is {mean:.2f}, the grand rate {grand:.2f}."
        )
        ax.set(title=f"A: raw {successes / trials:.2f}, shrunken {mean:.2f}, grand rate {grand:.2f}", xlim=(0, 1))
        return sentence

    return Slider(
        draw,
        states=[{"trials": trials, "rate": rate} for rate in (0.3, 0.9) for trials in (10, 30, 300)],
        trials=whole_slider("A's trials", 10, 300, 10, 10),
        rate=ipywidgets.FloatSlider(value=0.3, min=0, max=1, step=0.1, description="A's raw rate", **LAYOUT),
    )
