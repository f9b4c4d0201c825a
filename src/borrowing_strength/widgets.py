"""Sliders over exact answers. Nothing is simulated, so the picture follows the hand."""

import base64
import html
import io
from collections.abc import Callable, Sequence

import ipywidgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from borrowing_strength import beta_binomial, mixtures, multilevel, plots


class Slider(ipywidgets.VBox):
    """Sliders above a picture with a sentence that says what it shows.

    Where no kernel runs (a web page, a stored notebook) the picture of the starting position is shown instead.

    Parameters
    ----------
    draw : callable
        Takes the sliders' values as keyword arguments and an `ax`, draws, and returns the sentence.
    states : sequence of dict
        Positions worth showing side by side where nothing moves: values by the sliders' names. A slider that a state
        does not name stays where it starts.
    **sliders : ipywidgets.Widget
        By the names of `draw`'s arguments.
    """

    def __init__(self, draw: Callable[..., str], states: Sequence[dict[str, object]], **sliders: ipywidgets.Widget):
        self._draw, self._states, self._sliders = draw, states, sliders
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

    def states(self) -> list[tuple[str, bytes, str]]:
        """What a page that cannot move shows instead.

        Returns
        -------
        list of tuple
            For each state the positions of the sliders in words, the PNG and the sentence.
        """
        shown = []
        for state in self._states:
            moved = {name: (slider, state.get(name, slider.value)) for name, slider in self._sliders.items()}
            label = ", ".join(f"{slider.description}: {value}" for slider, value in moved.values())
            shown.append((label, *self.picture(**state)))
        return shown

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
        states=[
            {"prior_visitors": prior, "visitors": visitors, "conversions": 15 * visitors // 100}
            for visitors in (40, 200)
            for prior in (10, 20, 200)
        ],
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
        states=[{"trials": trials, "rate": rate} for rate in (0.3, 0.9) for trials in (10, 30, 300)],
        trials=_slider("A's trials", 10, 300, 10, 10),
        rate=ipywidgets.FloatSlider(value=0.3, min=0, max=1, step=0.1, description="A's raw rate", **_LAYOUT),
    )


def what_buys_safety() -> Slider:
    """Lesson 03: five pumps, and three ways to make them safer; the common cause and the uncertainty under sliders."""
    from borrowing_strength.redundancy import CommonCause, beta_from_mean_sd, prob_all_fail

    def draw(share: float, sd: float, ax: Axes) -> str:
        model, tested = (CommonCause(beta_from_mean_sd(0.05, s), share / 100) for s in (sd, sd / 2))
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
        ax.hlines(place, height, height[0], color=plots.PARTIAL_POOLING, linewidth=3)
        ax.plot(height, place, "o", color=plots.PARTIAL_POOLING)
        for y, value in zip(place, values, strict=True):
            ax.text(height[0] + 0.15, y, f"{value:.1e}", va="center", fontsize=9)
        ax.set_xticks(range(-8, 0, 2), [f"1e{power}" for power in range(-8, 0, 2)])
        ax.set_yticks(place, list(risks))
        ax.set(xlim=(-8, -1), ylim=(3.5, -0.6), xlabel="probability that all fail on a demand")
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
        share=ipywidgets.FloatSlider(value=5, min=0, max=10, step=0.5, description="share, %", **_LAYOUT),
        sd=ipywidgets.FloatSlider(value=0.03, min=0.01, max=0.05, step=0.01, description="sd of p", **_LAYOUT),
    )


def two_spikes() -> Slider:
    """Lesson 02: from two equally likely coins to a smooth belief with the same mean and variance."""

    def draw(smoothness: float, flips: int, ax: Axes) -> str:
        spikes, now = (mixtures.spikes_to_beta(flips, 0.5, 0.2, share) for share in (0, smoothness))
        plots.count_distributions([now.pmf(), spikes.pmf()], ["this belief", "two spikes"], ax)
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
        smoothness=ipywidgets.FloatSlider(value=0, min=0, max=1, step=0.1, description="smoothness", **_LAYOUT),
        flips=_slider("flips", 1, 20, 10, 1),
    )


def market_pooling() -> Slider:
    """Lesson 04: how far two markets may differ, in baseline and in effect, from complete pooling to none."""
    data = [30, 55], [100, 100], [50, 60], [100, 100], ["Canada", "China"]
    separate, pooled = multilevel.fit_separate(*data), multilevel.fit_pooled(*data)

    def draw(slopes: float, intercepts: float, ax: Axes) -> str:
        held = {"slope_sd": multilevel.Known(slopes), "intercept_sd": multilevel.Known(intercepts)}
        post = multilevel.fit(*data, priors=multilevel.Priors(**held))
        plots.market_effects(post, separate, pooled, ax=ax)
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
        slopes=ipywidgets.FloatLogSlider(value=0.32, min=-2, max=1, step=0.25, description="sd of slopes", **_LAYOUT),
        intercepts=ipywidgets.FloatLogSlider(
            value=10, min=-2, max=1, step=0.25, description="sd of intercepts", **_LAYOUT
        ),
    )


def gibbs_path() -> Slider:
    """Lesson 05: the path of a Gibbs sampler over the exact posterior of the population, sweep by sweep."""
    from borrowing_strength import datasets, meta_analysis

    tests = datasets.ab_tests()
    lift = meta_analysis.relative_lift(
        tests.control_successes, tests.control_trials, tests.treatment_successes, tests.treatment_trials
    )
    post = meta_analysis.fit(*lift)
    draws = meta_analysis.gibbs(*lift, draws=300, tune=0, chains=4, seed=2)["posterior"]
    paths = np.stack([draws["mu"].values, draws["effect_sd"].values], axis=-1)

    def draw(sweeps: int, chain: int, ax: Axes) -> str:
        path = paths[chain - 1, :sweeps]
        mu, sd = path[-1]
        plots.gibbs_path(post, path, ax, f"Chain {chain} after {sweeps} sweeps")
        return f"After {sweeps} sweeps the chain stands at an average lift of {mu:.1%} and a spread of {sd:.1%}."

    return Slider(
        draw,
        states=[{"sweeps": sweeps, "chain": 1} for sweeps in (1, 3, 10, 30, 100, 300)],
        sweeps=_slider("sweeps", 1, 300, 10, 1),
        chain=_slider("chain", 1, 4, 1, 1),
    )


_LAYOUT = {"style": {"description_width": "110px"}, "layout": {"width": "420px"}, "continuous_update": True}


def _slider(name: str, low: int, high: int, value: int, step: int) -> ipywidgets.IntSlider:
    return ipywidgets.IntSlider(value=value, min=low, max=high, step=step, description=name, **_LAYOUT)
