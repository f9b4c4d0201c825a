"""The figures of lesson 01."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from borrowing_strength.beta_binomial.hyperpriors import Hyperprior
from borrowing_strength.beta_binomial.posterior import Posterior
from borrowing_strength.core.figure import figure
from borrowing_strength.core.inputs import probability, real_array, whole_number
from borrowing_strength.core.options import a_kind_of, by_name, few_words, word
from borrowing_strength.core.style import (
    COMPLETE_POOLING,
    NO_POOLING,
    PARTIAL_POOLING,
    PARTIAL_POOLING_LIGHT,
    arrow,
    contour_levels,
    looks_of,
    node,
    plain,
)

_a_posterior = partial(a_kind_of, Posterior)


@figure(post=_a_posterior, prob=probability)
def shrinkage(post: Posterior, ax: Axes | None = None, prob: float = 0.95, title: str = "") -> None:
    """Raw rates, shrunken rates with intervals, an arrow from one to the other, and the grand rate.

    Parameters
    ----------
    post : borrowing_strength.beta_binomial.Posterior
    ax : matplotlib.axes.Axes, optional
    prob : float
        Probability inside the intervals.
    """
    place = np.arange(len(post))[::-1]
    ends = post.interval(prob)
    grand = post.grand_mean.mean
    ax.axvline(grand, color=COMPLETE_POOLING, linestyle="--", label="grand rate")
    ax.hlines(place, ends[:, 0], ends[:, 1], color=PARTIAL_POOLING, alpha=0.55, linewidth=3)
    ax.plot(post.mean, place, "o", color=PARTIAL_POOLING, label=f"partial pooling, {prob:.0%} interval")
    tried = post.trials > 0
    raw = post.successes[tried] / post.trials[tried]
    ax.plot(raw, place[tried] + 0.22, "o", color=NO_POOLING, fillstyle="none", label="raw rate (no pooling)")
    for start, end, row in zip(raw, post.mean[tried], place[tried], strict=True):
        if abs(start - end) > 0.01:
            arrow(ax, (start, row + 0.22), (end, row + 0.06))
    names = [f"{plain(k)}  {y}/{n}" for k, y, n in zip(post.labels, post.successes, post.trials, strict=True)]
    ax.set(yticks=place, yticklabels=names, ylim=(-0.6, len(post) - 0.4), xlabel="rate")
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.16), ncols=3, columnspacing=1.2, handletextpad=0.4)


@figure(posts=by_name(_a_posterior, most=2), prob=probability)
def scenarios(posts: dict[str, Posterior], ax: Axes | None = None, prob: float = 0.95, title: str = "") -> None:
    """The intervals of the same groups under several data sets, one above the other.

    Parameters
    ----------
    posts : dict of str to Posterior
        At most two; the second is drawn lighter, with squares.
    """
    if len({post.labels for post in posts.values()}) > 1:
        raise ValueError("posts are of different groups, or in another order")
    looks = ((PARTIAL_POOLING, "o", 0.15), (PARTIAL_POOLING_LIGHT, "s", -0.15))
    for (name, post), (color, marker, shift) in zip(posts.items(), looks, strict=False):
        place = np.arange(len(post))[::-1] + shift
        ends = post.interval(prob)
        ax.hlines(place, ends[:, 0], ends[:, 1], color=color, linewidth=3)
        ax.plot(post.mean, place, marker, color=color, markeredgecolor="black", markeredgewidth=0.6, label=plain(name))
        style = "--" if marker == "o" else ":"
        ax.axvline(post.grand_mean.mean, color=COMPLETE_POOLING, linestyle=style, label=f"grand rate, {plain(name)}")
    ax.set(
        yticks=np.arange(len(post))[::-1],
        yticklabels=list(map(plain, post.labels)),
        ylim=(-0.6, len(post) - 0.4),
        xlabel="rate",
    )
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.16), ncols=2)


@figure(post=_a_posterior)
def densities(post: Posterior, ax: Axes | None = None, title: str = "") -> None:
    """Posterior density of every rate, with the grand rate dashed."""
    ends = post.interval(0.999)
    # A group without a success has an interval that begins at 0, where its density may be infinite.
    rates = np.linspace(max(ends[:, 0].min(), 1e-9), min(ends[:, 1].max(), 1 - 1e-9), 400)
    for density, name, (color, line) in zip(post.density(rates), post.labels, looks_of(len(post)), strict=True):
        ax.plot(rates, density, color=color, linestyle=line, label=plain(name))
    ax.axvline(post.grand_mean.mean, color=COMPLETE_POOLING, linestyle="--", linewidth=1.4, label="grand rate")
    ax.set(xlabel="rate", ylabel="posterior density", ylim=(0, None))
    ax.legend()


@figure(hyperpriors=by_name(partial(a_kind_of, Hyperprior)), trials=whole_number)
def shrinkage_priors(
    hyperpriors: dict[str, Hyperprior], trials: int = 100, ax: Axes | None = None, title: str = ""
) -> None:
    """What each hyperprior says, before any data, of the weight that a group gives to the population.

    The weight of a group with `trials` trials is (a + b) / (a + b + trials). Improper hyperpriors are drawn
    as if they stopped at weights of 0.005 and 0.995.
    """
    weight = np.linspace(0.005, 0.995, 397)
    log_s = np.log(trials * weight / (1 - weight))
    u = np.linspace(-30, 30, 1201)
    for (name, hyperprior), (color, line) in zip(hyperpriors.items(), looks_of(len(hyperpriors)), strict=True):
        density = np.exp(hyperprior.log_density(u[None, :], log_s[:, None])).sum(axis=1) / (weight * (1 - weight))
        density /= density.sum() * (weight[1] - weight[0])
        ax.plot(weight, density, color=color, linestyle=line, label=plain(name))
    ax.set(xlabel=f"weight on the population, for {trials} trials", ylabel="prior density", ylim=(0, 8))
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0\nno pooling", "0.25", "0.5", "0.75", "1\ncomplete pooling"])
    ax.legend()


@figure(post=_a_posterior)
def shrunk_against_raw(post: Posterior, ax: Axes | None = None, title: str = "") -> None:
    """Posterior means against raw rates, one point a group, its area growing with the number of trials."""
    tried = post.trials > 0
    raw = post.successes[tried] / post.trials[tried]
    ends = np.array([0, 1.05 * np.max([*raw, *post.mean])])
    ax.plot(ends, ends, color=NO_POOLING, linewidth=1.2, label="no pooling: the raw rate")
    ax.axhline(post.grand_mean.mean, color=COMPLETE_POOLING, linestyle="--", linewidth=1.4, label="grand rate")
    look = {"color": PARTIAL_POOLING, "alpha": 0.6, "label": "partial pooling", "zorder": 3}
    ax.scatter(raw, post.mean[tried], post.trials[tried], **look)
    ax.set(xlabel="raw rate", ylabel="posterior mean rate")
    ax.legend(loc="upper left")


@figure(post=_a_posterior, draws=real_array)
def surface(post: Posterior, ax: Axes | None = None, draws: np.ndarray | None = None, title: str = "") -> None:
    """Posterior density over the grand rate and the concentration, as contours that hold 50, 80 and 95%.

    Parameters
    ----------
    draws : ndarray, shape (2, n), optional
        Draws of the mean and of log(a + b), shown as points.
    """
    if draws is not None and (draws.ndim != 2 or len(draws) != 2):
        raise ValueError(f"draws has the shape {draws.shape}: it must have one row for the mean, one for log(a + b)")
    low, high = post.log_concentration.quantile(np.array([0.002, 0.998]))
    mean, log_s = np.linspace(0.01, 0.99, 197), np.linspace(low, high, 120)
    height = post.surface(mean, log_s)
    levels = contour_levels(height, (0.95, 0.8, 0.5))
    if draws is not None:
        ax.plot(*draws, ".", color=NO_POOLING, markersize=2, alpha=0.5, zorder=1)
    lines = ax.contour(mean, log_s, height, levels=levels, colors=PARTIAL_POOLING, linestyles=["-", "--", ":"])
    ax.clabel(lines, fmt=dict(zip(lines.levels, ("95%", "80%", "50%"), strict=True)), fontsize=9)
    ax.set(xlabel="grand rate a / (a + b)", ylabel="concentration a + b (log scale)", ylim=(low, high))
    decades = np.arange(np.ceil(low / np.log(10)), np.floor(high / np.log(10)) + 1)
    ax.set_yticks(decades * np.log(10), [f"{10**d:,.0f}" for d in decades])


@figure(size=(6.4, 3.4), groups=few_words(1, 5), unit=word)
def plate(groups: Sequence[str], unit: str = "group", ax: Axes | None = None, title: str = "") -> None:
    """The hierarchical model as a picture: population, rates, counts; `unit` says what a group is."""
    ax.set(xlim=(0, 10), ylim=(0, 6.2), aspect="equal")
    ax.axis("off")
    ax.add_patch(FancyBboxPatch((0.4, 0.25), 9.2, 3.8, boxstyle="round,pad=0.1", fill=False, edgecolor="#999999"))
    places = np.linspace(1.3, 6.4, len(groups)) if len(groups) > 2 else (2.4, 5.3)[: len(groups)]
    top = np.mean(places)
    node(ax, top, 5.4, "a,\N{NO-BREAK SPACE}b", PARTIAL_POOLING)
    for x, name in zip(places, groups, strict=True):
        node(ax, x, 3.3, f"rate {name}", PARTIAL_POOLING)
        node(ax, x, 1.3, f"clicks {name}", "black", observed=True)
        arrow(ax, (top + (x - top) * 0.14, 4.78), (x - (x - top) * 0.06, 3.95))
        arrow(ax, (x, 2.65), (x, 1.95))
    for y, text in (
        (5.4, "population: Beta(a, b),\na and b unknown"),
        (3.3, "rates: unknown"),
        (1.3, "clicks: observed"),
    ):
        ax.text(7.3, y, text, va="center", fontsize=9)
    ax.text(9.5, 0.4, f"for each {plain(unit)}", ha="right", fontsize=9, style="italic")
