"""Sliders over exact answers. Nothing is simulated, so the picture follows the hand."""

import base64
import html
import io
from collections.abc import Callable

import ipywidgets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from borrowing_strength import beta_binomial, plots


class Slider(ipywidgets.VBox):
    """Sliders above a picture with a sentence that says what it shows.

    Where no kernel runs (a web page, a stored notebook) the picture of the starting position is shown instead.

    Parameters
    ----------
    draw : callable
        Takes the sliders' values as keyword arguments and an `ax`, draws, and returns the sentence.
    **sliders : ipywidgets.Widget
        By the names of `draw`'s arguments.
    """

    def __init__(self, draw: Callable[..., str], **sliders: ipywidgets.Widget):
        self._draw, self._sliders = draw, sliders
        self._picture = ipywidgets.HTML()
        super().__init__([*sliders.values(), self._picture])
        for slider in sliders.values():
            slider.observe(self._update, names="value")
        self._update()

    def picture(self, **values: object) -> tuple[bytes, str]:
        """The PNG and the sentence for given values; sliders not named keep theirs."""
        now = {name: slider.value for name, slider in self._sliders.items()} | values
        figure = Figure(layout="none")  # margins by hand: working them out would draw everything twice
        figure.subplots_adjust(left=0.14, right=0.97, bottom=0.24, top=0.91)
        sentence = self._draw(ax=figure.add_subplot(), **now)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", bbox_inches=None)
        return buffer.getvalue(), sentence

    def _update(self, change: object = None) -> None:
        png, sentence = self.picture()
        self._png, self._sentence = png, sentence
        data = base64.b64encode(png).decode("ascii")
        text = html.escape(sentence)
        self._picture.value = f'<img alt="{text}" src="data:image/png;base64,{data}"><p>{text}</p>'

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object]:
        bundle = dict(super()._repr_mimebundle_(**kwargs) or {})
        return bundle | {
            "image/png": base64.b64encode(self._png).decode("ascii"),
            "text/plain": self._sentence,
        }


def conversion_rate() -> Slider:
    """Lesson 00: one conversion rate; prior belief, visitors and conversions under sliders."""
    from scipy.stats import beta

    def draw(prior_visitors: int, conversions: int, visitors: int, ax: Axes) -> str:
        before = (0.1 * prior_visitors, 0.9 * prior_visitors)
        after = (before[0] + conversions, before[1] + visitors - conversions)
        plots.betas({"before the data": before, "after the data": after}, conversions / visitors, ax)
        low, high = beta.ppf([0.025, 0.975], *after)
        ax.set(
            title=f"{conversions} of {visitors}: between {low:.0%} and {high:.0%}",
            xlabel="conversion rate",
            xlim=(0, 0.6),
        )
        return (
            f"With {conversions} conversions from {visitors} visitors the rate lies between {low:.1%} and {high:.1%} "
            "with probability 95%."
        )

    return Slider(
        draw,
        prior_visitors=_slider("prior worth", 10, 200, 20, 10),
        visitors=_slider("visitors", 40, 400, 40, 10),
        conversions=_slider("conversions", 0, 40, 6, 1),
    )


def four_variants() -> Slider:
    """Lesson 01: four variants; the trials and the rate of variant A under sliders."""

    def draw(trials: int, rate: float, ax: Axes) -> str:
        successes = round(rate * trials)
        post = beta_binomial.fit([successes, 50, 55, 60], [trials, 100, 100, 100], labels=["A", "B", "C", "D"])
        plots.shrinkage(post, ax)
        mean, grand = post.mean[0], post.grand_mean.mean
        sentence = (
            f"A has {successes} successes in {trials} trials: the estimate is {mean:.2f}, the grand rate {grand:.2f}."
        )
        ax.set(title=f"A: raw {successes / trials:.2f}, shrunken {mean:.2f}, grand rate {grand:.2f}", xlim=(0, 1))
        return sentence

    return Slider(
        draw,
        trials=_slider("A's trials", 10, 300, 10, 10),
        rate=ipywidgets.FloatSlider(value=0.3, min=0, max=1, step=0.1, description="A's raw rate", **_LAYOUT),
    )


_LAYOUT = {"style": {"description_width": "110px"}, "layout": {"width": "420px"}, "continuous_update": True}


def _slider(name: str, low: int, high: int, value: int, step: int) -> ipywidgets.IntSlider:
    return ipywidgets.IntSlider(value=value, min=low, max=high, step=step, description=name, **_LAYOUT)
