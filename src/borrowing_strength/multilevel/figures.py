"""The figures of lesson 04."""

from collections.abc import Sequence
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from xarray import DataTree

from borrowing_strength.core.figure import figure
from borrowing_strength.core.inputs import numbers, one_each
from borrowing_strength.core.options import a_kind_of, by_name, few_words, word
from borrowing_strength.core.priors import SdPrior
from borrowing_strength.core.style import (
    COMPLETE_POOLING,
    NO_POOLING,
    PARTIAL_POOLING,
    PRIOR,
    TRUTH,
    arrow,
    node,
    plain,
)
from borrowing_strength.multilevel.posterior import Effects


@figure(size=(6.4, 3.4), markets=few_words(2, 2))
def market_plate(markets: Sequence[str], ax: Axes | None = None, title: str = "") -> None:
    """The multilevel regression as a picture: two populations, an intercept and a slope a market, counts."""
    ax.set(xlim=(0, 10), ylim=(0, 6.2), aspect="equal")
    ax.axis("off")
    for (x, name), market_x in zip(((3.2, "intercepts"), (6.8, "slopes")), (0, 1), strict=True):
        node(ax, x, 5.3, "mean, sd", PARTIAL_POOLING, radius=0.75)
        side = "right" if market_x == 0 else "left"
        ax.text(x + (-0.9 if market_x == 0 else 0.9), 5.3, f"population\nof {name}", va="center", ha=side, fontsize=9)
    for centre, market in zip((2.5, 7.5), markets, strict=True):
        ax.add_patch(
            FancyBboxPatch((centre - 2, 0.3), 4, 3.75, boxstyle="round,pad=0.1", fill=False, edgecolor="#999999")
        )
        ax.text(centre - 1.9, 0.4, plain(market), fontsize=10)
        node(ax, centre, 1.2, "two counts", "black", observed=True, radius=0.75)
        for x, name, top in ((centre - 0.95, "intercept", 3.2), (centre + 0.95, "slope", 6.8)):
            node(ax, x, 3.2, name, PARTIAL_POOLING, radius=0.75)
            arrow(ax, (top + 0.15 * (x - top), 4.62), (x - 0.1 * (x - top), 3.99))
            arrow(ax, (x + 0.33 * (centre - x), 2.5), (x + 0.66 * (centre - x), 1.9))


@figure(
    size=lambda partial, **_: (6.4, max(3.0, 0.9 + (0.17 if len(partial) > 8 else 0.32) * len(partial))),
    **dict.fromkeys(("partial", "separate", "pooled", "common"), partial(a_kind_of, Effects)),
)
def market_effects(
    partial: Effects,
    separate: Effects,
    pooled: Effects | None = None,
    common: Effects | None = None,
    truth: np.ndarray | None = None,
    ax: Axes | None = None,
    title: str = "",
) -> None:
    """The slope of every market without pooling and with partial pooling, with 95% intervals, first market on top.

    Parameters
    ----------
    partial, separate, pooled : borrowing_strength.multilevel.Effects
        Of the same markets; complete pooling has one slope and is a line.
    common : borrowing_strength.multilevel.Effects, optional
        With one effect for all markets, each with its own baseline: another line.
    truth : ndarray, shape (markets,), optional
        The true slopes, where they are known.
    """
    for name, post in {"separate": separate, "pooled": pooled, "common": common}.items():
        if post is not None and post.labels != partial.labels:
            raise ValueError(f"{name} and partial are of different markets, or in another order")
    if truth is not None:
        truth = one_each("truth", truth, numbers, len(partial), partial.labels, "partial")
    place = np.arange(len(partial))[::-1]
    ax.axvline(0, color="black", linewidth=0.8)
    for post, line, name in ((pooled, "--", "complete pooling"), (common, ":", "one effect")):
        if post is not None:
            ax.axvline(post.mean[0], color=COMPLETE_POOLING, linestyle=line, linewidth=1.4, label=name)
    wide = 2 if len(partial) > 8 else 3
    looks = (
        (separate, NO_POOLING, 0.18, {"markerfacecolor": "white", "label": "no pooling"}),
        (partial, PARTIAL_POOLING, -0.12, {"label": "partial pooling"}),
    )
    for post, color, shift, look in looks:
        ax.hlines(place + shift, *post.interval().T, color=color, linewidth=wide, alpha=0.85)
        ax.plot(post.mean, place + shift, "o", color=color, markersize=2 + 1.6 * wide, **look)
    if truth is not None:
        ax.plot(truth, place - 0.12, "x", color=TRUTH, markeredgewidth=2, markersize=6, label="truth", zorder=4)
    ax.set(
        yticks=place,
        yticklabels=list(map(plain, partial.labels)),
        ylim=(-0.6, len(partial) - 0.4),
        xlabel="slope (log odds)",
    )
    ax.legend(
        loc="upper left",
        bbox_to_anchor=(0, -0.55 / ax.figure.get_figheight()),
        ncols=4,
        columnspacing=1.0,
        handlelength=1.6,
    )


@figure(forms=by_name(partial(a_kind_of, DataTree)), market=word)
def funnel(forms: dict[str, DataTree], market: str, title: str = "") -> None:
    """Draws of a market's slope against the spread of the slopes, one panel a form; divergences are crosses.

    Parameters
    ----------
    forms : dict of str to DataTree
        Draws from `pymc_model`, in its two forms, or from `Posterior.sample`.
    market : str
        Whose slope is shown, less the population's mean.
    """
    for name, tree in forms.items():
        missing = {"slope", "slope_mean", "slope_sd"} - set(tree.get("posterior", {}))
        if missing:
            raise ValueError(f"forms[{name!r}] has no draws of {', '.join(sorted(missing))}")
        if market not in tree["posterior"]["market"]:
            raise ValueError(f"market is {market!r}: forms[{name!r}] has no market of that name")
    picture, axes = plt.subplots(1, len(forms), sharex=True, sharey=True, squeeze=False)
    for ax, (name, tree) in zip(axes[0], forms.items(), strict=True):
        draws = tree["posterior"]
        x = (draws["slope"].sel(market=market) - draws["slope_mean"]).values.ravel()
        y = draws["slope_sd"].values.ravel()
        bad = np.zeros(x.size, dtype=bool)
        if "sample_stats" in tree.children:  # exact draws have none
            bad = tree["sample_stats"]["diverging"].values.ravel()
        every = max(1, x.size // 2000)  # more points would only make the picture heavier
        ax.plot(x[::every], y[::every], ".", color=PARTIAL_POOLING, alpha=0.6, markersize=2.5, zorder=1)
        ax.plot(x[bad], y[bad], "x", color="black", markersize=4, label="diverged")
        ax.set(yscale="log", xlim=(-2.5, 2.5), ylim=(1e-4, 5), xlabel=f"{plain(market)}: slope minus mean")
        ax.set_title(plain(name), fontsize=10, loc="center")
        if bad.any():
            ax.legend(loc="lower right")
    axes[0, 0].set_ylabel("slope_sd (log scale)")
    picture.suptitle(title, x=0.02, ha="left", fontsize=11, parse_math=False)


@figure(priors=by_name(partial(a_kind_of, SdPrior)))
def spread_priors(priors: dict[str, SdPrior], title: str = "") -> None:
    """What priors on the sd of the slopes expect of a market with a control rate of 0.5; one panel a prior.

    The average slope is taken to be zero, so that only the spread speaks.
    """
    picture, axes = plt.subplots(1, len(priors), sharey=True, figsize=(6.4, 2.8), squeeze=False)
    for ax, (name, prior) in zip(axes[0], priors.items(), strict=True):
        rng = np.random.default_rng(4)
        slopes = rng.normal(0, prior.draw(50_000, rng))
        rates = 0.5 + 0.5 * np.tanh(slopes / 2)  # the inverse logit, without overflow
        ax.hist(rates, bins=np.linspace(0, 1, 21), weights=np.full(len(rates), 1 / len(rates)), color=PRIOR)
        ax.set(xlabel="rate under treatment", xticks=[0, 0.5, 1])
        ax.set_title(plain(name), fontsize=9, loc="center")
    axes[0, 0].set_ylabel("share of markets")
    picture.suptitle(title, x=0.02, ha="left", fontsize=11, parse_math=False)
