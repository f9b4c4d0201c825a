"""One visual language for all lessons: the same colour, shape and line mean the same thing everywhere.

Every function draws into `ax`, or into a new figure. The title states the finding and comes from the caller.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyBboxPatch
from matplotlib.ticker import PercentFormatter

if TYPE_CHECKING:
    import xarray as xr

    from borrowing_strength import redundancy
    from borrowing_strength.beta_binomial import Hyperprior, Posterior
    from borrowing_strength.meta_analysis import Posterior as MetaPosterior
    from borrowing_strength.meta_analysis import SdPrior
    from borrowing_strength.multilevel import Effects, HalfCauchy, HalfNormal

NO_POOLING = "#7F7F7F"
COMPLETE_POOLING = "#0072B2"
PARTIAL_POOLING = "#D55E00"
TRUTH = "#009E73"
PARTIAL_POOLING_LIGHT = "#F2B48A"

# Groups have colours of their own: the four above keep their meaning. Every colour comes with its line style.
_GROUP_STYLES = (("#000000", "-"), ("#B0308F", "--"), ("#5B6C8F", "-."), ("#9A6A00", ":"), ("#6A3D9A", (0, (6, 1))))


def use_style() -> None:
    """Set Matplotlib's defaults for the course: size, light grid, readable text."""
    plt.rcParams.update(
        {
            "figure.figsize": (6.4, 3.6),
            "figure.dpi": 110,
            "savefig.dpi": 110,
            "savefig.bbox": "tight",
            "figure.constrained_layout.use": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#E6E6E6",
            "axes.titlesize": 11,
            "axes.titlelocation": "left",
            "axes.labelsize": 10,
            "xtick.labelsize": 9,
            "ytick.labelsize": 9,
            "legend.fontsize": 9,
            "legend.frameon": False,
            "lines.linewidth": 2,
            "lines.markersize": 7,
        }
    )


def shrinkage(post: "Posterior", ax: Axes | None = None, prob: float = 0.95, title: str = "") -> None:
    """Raw rates, shrunken rates with intervals, an arrow from one to the other, and the grand rate.

    Parameters
    ----------
    post : borrowing_strength.beta_binomial.Posterior
    ax : matplotlib.axes.Axes, optional
    prob : float
        Probability inside the intervals.
    """
    ax = ax or plt.subplots()[1]
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
            _arrow(ax, (start, row + 0.22), (end, row + 0.06))
    names = [f"{k}  {y}/{n}" for k, y, n in zip(post.labels, post.successes, post.trials, strict=True)]
    ax.set(yticks=place, yticklabels=names, ylim=(-0.6, len(post) - 0.4), xlabel="rate")
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.16), ncols=3, columnspacing=1.2, handletextpad=0.4)
    ax.set_title(title)


def scenarios(posts: dict[str, "Posterior"], ax: Axes | None = None, prob: float = 0.95, title: str = "") -> None:
    """The intervals of the same groups under several data sets, one above the other.

    Parameters
    ----------
    posts : dict of str to Posterior
        At most two; the second is drawn lighter, with squares.
    """
    ax = ax or plt.subplots()[1]
    looks = ((PARTIAL_POOLING, "o", 0.15), (PARTIAL_POOLING_LIGHT, "s", -0.15))
    for (name, post), (color, marker, shift) in zip(posts.items(), looks, strict=False):
        place = np.arange(len(post))[::-1] + shift
        ends = post.interval(prob)
        ax.hlines(place, ends[:, 0], ends[:, 1], color=color, linewidth=3)
        ax.plot(post.mean, place, marker, color=color, markeredgecolor="black", markeredgewidth=0.6, label=name)
        style = "--" if marker == "o" else ":"
        ax.axvline(post.grand_mean.mean, color=COMPLETE_POOLING, linestyle=style, label=f"grand rate, {name}")
    ax.set(
        yticks=np.arange(len(post))[::-1],
        yticklabels=post.labels,
        ylim=(-0.6, len(post) - 0.4),
        xlabel="rate",
    )
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.16), ncols=2)
    ax.set_title(title)


def densities(post: "Posterior", ax: Axes | None = None, title: str = "") -> None:
    """Posterior density of every rate, with the grand rate dashed."""
    ax = ax or plt.subplots()[1]
    ends = post.interval(0.999)
    rates = np.linspace(ends[:, 0].min(), ends[:, 1].max(), 400)
    for density, name, (color, line) in zip(post.density(rates), post.labels, _cycle(len(post)), strict=True):
        ax.plot(rates, density, color=color, linestyle=line, label=name)
    ax.axvline(post.grand_mean.mean, color=COMPLETE_POOLING, linestyle="--", linewidth=1.4, label="grand rate")
    ax.set(xlabel="rate", ylabel="posterior density", ylim=(0, None))
    ax.legend()
    ax.set_title(title)


def betas(
    shapes: dict[str, tuple[float, float]], raw: float | None = None, ax: Axes | None = None, title: str = ""
) -> None:
    """Beta densities, labelled in a legend; `shapes` maps a name to the pair (a, b), `raw` marks a raw rate."""
    from scipy.stats import beta

    ax = ax or plt.subplots()[1]
    end = max(beta.ppf(0.9999, a, b) for a, b in shapes.values())
    rates = np.linspace(0.001, min(end, 0.999), 500)
    for (name, (a, b)), (color, line) in zip(shapes.items(), _cycle(len(shapes)), strict=True):
        ax.plot(rates, beta.pdf(rates, a, b), color=color, linestyle=line, label=name)
    if raw is not None:
        ax.axvline(raw, color=NO_POOLING, linestyle=":", label="raw rate")
    ax.set(xlabel="rate", ylabel="density", ylim=(0, None))
    ax.legend()
    ax.set_title(title)


def shrinkage_priors(
    hyperpriors: "dict[str, Hyperprior]", trials: int = 100, ax: Axes | None = None, title: str = ""
) -> None:
    """What each hyperprior says, before any data, of the weight that a group gives to the population.

    The weight of a group with `trials` trials is (a + b) / (a + b + trials). Improper hyperpriors are drawn
    as if they stopped at weights of 0.005 and 0.995.
    """
    ax = ax or plt.subplots()[1]
    weight = np.linspace(0.005, 0.995, 397)
    log_s = np.log(trials * weight / (1 - weight))
    u = np.linspace(-30, 30, 1201)
    for (name, hyperprior), (color, line) in zip(hyperpriors.items(), _cycle(len(hyperpriors)), strict=True):
        density = np.exp(hyperprior.log_density(u[None, :], log_s[:, None])).sum(axis=1) / (weight * (1 - weight))
        density /= density.sum() * (weight[1] - weight[0])
        ax.plot(weight, density, color=color, linestyle=line, label=name)
    ax.set(xlabel=f"weight on the population, for {trials} trials", ylabel="prior density", ylim=(0, 8))
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0\nno pooling", "0.25", "0.5", "0.75", "1\ncomplete pooling"])
    ax.legend()
    ax.set_title(title)


def shrunk_against_raw(post: "Posterior", ax: Axes | None = None, title: str = "") -> None:
    """Posterior means against raw rates, one point a group, its area growing with the number of trials."""
    ax = ax or plt.subplots()[1]
    raw = post.successes / post.trials
    ends = np.array([0, 1.05 * raw.max()])
    ax.plot(ends, ends, color=NO_POOLING, linewidth=1.2, label="no pooling: the raw rate")
    ax.axhline(post.grand_mean.mean, color=COMPLETE_POOLING, linestyle="--", linewidth=1.4, label="grand rate")
    ax.scatter(raw, post.mean, post.trials, color=PARTIAL_POOLING, alpha=0.6, label="partial pooling", zorder=3)
    ax.set(xlabel="raw rate", ylabel="posterior mean rate")
    ax.legend(loc="upper left")
    ax.set_title(title)


def surface(post: "Posterior", ax: Axes | None = None, draws: "np.ndarray | None" = None, title: str = "") -> None:
    """Posterior density over the grand rate and the concentration, as contours that hold 50, 80 and 95%.

    Parameters
    ----------
    draws : ndarray, shape (2, n), optional
        Draws of the mean and of log(a + b), shown as points.
    """
    ax = ax or plt.subplots()[1]
    low, high = post.log_concentration.quantile(np.array([0.002, 0.998]))
    mean, log_s = np.linspace(0.01, 0.99, 197), np.linspace(low, high, 120)
    height = post.surface(mean, log_s)
    levels = _levels(height, (0.95, 0.8, 0.5))
    if draws is not None:
        ax.plot(*draws, ".", color=NO_POOLING, markersize=2, alpha=0.5, zorder=0)
    lines = ax.contour(mean, log_s, height, levels=levels, colors=PARTIAL_POOLING, linestyles=["-", "--", ":"])
    ax.clabel(lines, fmt=dict(zip(lines.levels, ("95%", "80%", "50%"), strict=True)), fontsize=9)
    ax.set(xlabel="grand rate a / (a + b)", ylabel="concentration a + b (log scale)", ylim=(low, high))
    decades = np.arange(np.ceil(low / np.log(10)), np.floor(high / np.log(10)) + 1)
    ax.set_yticks(decades * np.log(10), [f"{10**d:,.0f}" for d in decades])
    ax.set_title(title)


def count_distributions(pmf: np.ndarray, labels: Sequence[str], ax: Axes | None = None, title: str = "") -> None:
    """Distributions of a count, one line a row of `pmf`, shape (groups, counts)."""
    ax = ax or plt.subplots()[1]
    for row, name, (color, line) in zip(pmf, labels, _cycle(len(pmf)), strict=True):
        edges = np.arange(len(row) + 1) - 0.5
        ax.stairs(row, edges, color=color, linestyle=line, linewidth=plt.rcParams["lines.linewidth"], label=name)
    ax.set(xlabel="count", ylabel="probability", ylim=(0, None))
    ax.xaxis.set_major_locator(plt.MaxNLocator(integer=True))
    ax.legend()
    ax.set_title(title)


def plate(groups: Sequence[str], ax: Axes | None = None, title: str = "") -> None:
    """The hierarchical model as a picture: population, rates, counts."""
    ax = ax or plt.subplots(figsize=(6.4, 3.4))[1]
    ax.set(xlim=(0, 10), ylim=(0, 6.2), aspect="equal")
    ax.axis("off")
    ax.add_patch(FancyBboxPatch((0.4, 0.35), 9.2, 3.7, boxstyle="round,pad=0.1", fill=False, edgecolor="#999999"))
    places = np.linspace(1.6, 8.4, len(groups))
    _node(ax, 5, 5.4, "a, b", PARTIAL_POOLING)
    for x, name in zip(places, groups, strict=True):
        _node(ax, x, 3.3, f"rate {name}", PARTIAL_POOLING)
        _node(ax, x, 1.3, f"clicks {name}", "black", observed=True)
        _arrow(ax, (5 + (x - 5) * 0.14, 4.9), (x - (x - 5) * 0.06, 3.95))
        _arrow(ax, (x, 2.65), (x, 1.95))
    ax.text(6.0, 5.4, "the population: Beta(a, b)", va="center", fontsize=10)
    ax.text(5, 0.42, "open: unknown     shaded: observed", ha="center", fontsize=9)
    ax.set_title(title)


def curves(
    lines: dict[str, tuple[np.ndarray, np.ndarray]], xlabel: str, ylabel: str, ax: Axes | None = None, title: str = ""
) -> None:
    """Lines (x, height) by name over a logarithmic vertical axis, every one with its own colour and style."""
    ax = ax or plt.subplots()[1]
    for (name, line), (color, style) in zip(lines.items(), _cycle(len(lines)), strict=True):
        ax.plot(*line, color=color, linestyle=style, label=name)
    ax.set(xlabel=xlabel, ylabel=ylabel, yscale="log")
    ax.legend()
    ax.set_title(title)


def failure_rates(post: "redundancy.Posterior", unit: str, ax: Axes | None = None, title: str = "") -> None:
    """Raw failure rates, posterior means and 95% intervals on a logarithmic axis, and the median of a new group."""
    ax = ax or plt.subplots(figsize=(6.4, 4.2))[1]
    place = np.arange(len(post) + 1)[::-1]
    new = post.new_group()
    ends = np.vstack([post.interval(), new.interval()])
    ax.hlines(place, ends[:, 0], ends[:, 1], color=PARTIAL_POOLING, alpha=0.55, linewidth=3)
    ax.plot(post.mean, place[:-1], "o", color=PARTIAL_POOLING, label="partial pooling, 95% interval")
    ax.plot(new.quantile([0.5])[0], place[-1:], "D", color=PARTIAL_POOLING, label="median of a new one")
    raw = post.failures / post.hours
    ax.plot(raw, place[:-1] + 0.25, "o", color=NO_POOLING, fillstyle="none", label="raw rate (no pooling)")
    names = [f"{k}  {y}/{t:g}" for k, y, t in zip(post.labels, post.failures, post.hours, strict=True)]
    ax.set(yticks=place, yticklabels=[*names, "a new one"], xscale="log", xlim=(1e-3, 10), xlabel=unit)
    ax.legend(loc="upper left", bbox_to_anchor=(-0.2, -0.14), ncols=3, columnspacing=1.2, handletextpad=0.4)
    ax.set_title(title)


def forest(
    post: "MetaPosterior",
    truth: "np.ndarray | None" = None,
    named: "np.ndarray | None" = None,
    ax: Axes | None = None,
    title: str = "",
) -> None:
    """Raw and shrunken effects, one column a test, ordered by the raw ones.

    Parameters
    ----------
    post : borrowing_strength.meta_analysis.Posterior
    truth : ndarray, shape (tests,), optional
        True effects, known from a simulation.
    named : ndarray of bool, shape (tests,), optional
        Which tests to name on the axis; all of them if not given.
    """
    ax = ax or plt.subplots(figsize=(7.6, 3.8))[1]
    order = np.argsort(post.estimate)
    place, ends = np.arange(len(post)), post.interval()[order]
    ax.axhline(post.mu.mean, color=COMPLETE_POOLING, linestyle="--", linewidth=1.4, label="average effect")
    ax.vlines(place, *ends.T, color=PARTIAL_POOLING, alpha=0.45, linewidth=3)
    ax.plot(place, post.estimate[order], "o", color=NO_POOLING, fillstyle="none", markersize=5, label="raw estimate")
    ax.plot(place, post.mean[order], "o", color=PARTIAL_POOLING, markersize=5, label="shrunken, 95% interval")
    if truth is not None:
        ax.plot(place, np.asarray(truth)[order], "x", color=TRUTH, markersize=6, markeredgewidth=2, label="truth")
    shown = place if named is None else np.flatnonzero(np.asarray(named)[order])
    ax.set(xlim=(-0.7, len(post) - 0.3), ylabel="relative lift")
    ax.set_xticks(shown, [post.labels[i] for i in order[shown]], rotation=90, fontsize=9 if named is None else 11)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.legend(loc="upper left")
    ax.set_title(title)


def sd_priors(priors: "dict[str, SdPrior]", ax: Axes | None = None, title: str = "") -> None:
    """Prior probability that the effects' standard deviation is at most x, on a log axis from 0.1% to 10,000%.

    Parameters
    ----------
    priors : dict of str to SdPrior
    """
    ax = ax or plt.subplots()[1]
    sd = np.geomspace(1e-3, 1e2, 400)
    for (name, prior), (color, line) in zip(priors.items(), _cycle(len(priors)), strict=True):
        ax.plot(sd, prior.cdf(sd), color=color, linestyle=line, label=name)
    ax.set(xscale="log", xlabel="spread of the true lifts (log scale)", ylabel="prior probability below x")
    ax.set_xticks([1e-3, 1e-2, 0.1, 1, 10, 100], ["0.1%", "1%", "10%", "100%", "1000%", "10,000%"])
    ax.set_ylim(-0.02, 1.02)
    ax.legend(loc="lower right")
    ax.set_title(title)


def gibbs_path(post: "MetaPosterior", path: np.ndarray, ax: Axes | None = None, title: str = "") -> None:
    """The path of a Gibbs sampler over the posterior of the population, whose contours hold 50, 80 and 95%.

    Parameters
    ----------
    post : borrowing_strength.meta_analysis.Posterior
    path : ndarray, shape (sweeps, 2)
        The average effect and the effects' standard deviation after every sweep. A sweep is drawn as two moves,
        from the open square to the large dot.
    """
    ax = ax or plt.subplots()[1]
    mu = np.linspace(*(post.mu.mean + 3.5 * post.mu.sd * np.array([-1, 1])), 90)
    log_sd = np.log(np.geomspace(min(post.effect_sd.quantile(0.002), 0.005), post.effect_sd.quantile(0.9999), 90))
    height = post.surface(mu, log_sd)
    levels = _levels(height, (0.95, 0.8, 0.5))
    ax.contour(mu, np.exp(log_sd), height, levels=levels, colors=PARTIAL_POOLING, linestyles=["-", "--", ":"])
    corners = np.repeat(path, 2, axis=0)[1:]
    corners[::2, 1] = path[:, 1]
    corners[1::2] = np.c_[path[1:, 0], path[:-1, 1]]  # first the average moves, then the spread
    ax.plot(*corners[-61:].T, color="black", linewidth=1, alpha=0.6)  # older sweeps leave their points only
    ax.plot(*path.T, ".", color="black", markersize=4)
    ax.plot(*path[0], "s", color="black", markersize=7, fillstyle="none")
    ax.plot(*path[-1], "o", color="black", markersize=8)
    ax.set(yscale="log", xlim=(mu[0], mu[-1]), xlabel="average lift", ylabel="spread of the true lifts (log scale)")
    ax.set_yticks([0.005, 0.01, 0.02, 0.04, 0.08], ["0.5%", "1%", "2%", "4%", "8%"], minor=False)
    ax.yaxis.set_minor_locator(plt.NullLocator())
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_title(title)


def predictive_checks(checks: dict, xlabel: str, ax: Axes | None = None, title: str = "") -> None:
    """The statistic of generated data sets, one curve a model, and where the observed one lies.

    Parameters
    ----------
    checks : dict of str to mixtures.PredictiveCheck
        At most two, of the same data: one rate for all groups first, then a population of rates.
    """
    ax = ax or plt.subplots()[1]
    bins = np.linspace(*np.quantile(np.concatenate([c.replicated for c in checks.values()]), [0, 0.999]), 60)
    looks = ((COMPLETE_POOLING, "--"), (PARTIAL_POOLING, "-"))
    for (name, check), (color, line) in zip(checks.items(), looks, strict=False):
        height = np.histogram(check.replicated, bins, density=True)[0]
        ax.stairs(height, bins, color=color, linestyle=line, linewidth=2, label=name)
        observed = check.observed
    ax.axvline(observed, color="black", linewidth=1.4)
    ax.text(observed, 0.97, " observed", transform=ax.get_xaxis_transform(), va="top")
    ax.set(xlabel=xlabel, ylabel="density of generated data sets", ylim=(0, None))
    ax.legend(loc="center right")
    ax.set_title(title)


def two_kinds(
    trials: np.ndarray,
    successes: np.ndarray,
    strong: np.ndarray,
    rates: Sequence[float],
    ax: Axes | None = None,
    title: str = "",
) -> None:
    """Raw rates against trials, shaded by the probability of the second kind; the kinds' rates as dashed lines."""
    ax = ax or plt.subplots()[1]
    look = {"cmap": "cividis_r", "edgecolor": "black", "linewidth": 0.5}
    points = ax.scatter(trials, successes / trials, c=strong, **look)
    ax.figure.colorbar(points, ax=ax, label="probability of being strong")
    for rate, name in zip(rates, ("weak", "strong"), strict=True):
        ax.axhline(rate, color="black", linestyle="--", linewidth=1)
        ax.text(1.14 * max(trials), rate, name, ha="right", va="bottom")
    ax.set(xlabel="visitors", ylabel="raw conversion rate", xlim=(None, 1.15 * max(trials)))
    ax.set_title(title)


def market_plate(markets: Sequence[str], ax: Axes | None = None, title: str = "") -> None:
    """The multilevel regression as a picture: two populations, an intercept and a slope a market, counts."""
    ax = ax or plt.subplots(figsize=(6.4, 3.4))[1]
    ax.set(xlim=(0, 10), ylim=(0, 6.2), aspect="equal")
    ax.axis("off")
    for (x, name), market_x in zip(((3.2, "intercepts"), (6.8, "slopes")), (0, 1), strict=True):
        _node(ax, x, 5.3, "mean, sd", PARTIAL_POOLING, radius=0.75)
        side = "right" if market_x == 0 else "left"
        ax.text(x + (-0.9 if market_x == 0 else 0.9), 5.3, f"population\nof {name}", va="center", ha=side, fontsize=9)
    for centre, market in zip((2.5, 7.5), markets, strict=True):
        ax.add_patch(
            FancyBboxPatch((centre - 2, 0.3), 4, 3.75, boxstyle="round,pad=0.1", fill=False, edgecolor="#999999")
        )
        ax.text(centre - 1.9, 0.4, market, fontsize=10)
        _node(ax, centre, 1.2, "two counts", "black", observed=True, radius=0.75)
        for x, name, top in ((centre - 0.95, "intercept", 3.2), (centre + 0.95, "slope", 6.8)):
            _node(ax, x, 3.2, name, PARTIAL_POOLING, radius=0.75)
            _arrow(ax, (top + 0.15 * (x - top), 4.62), (x - 0.1 * (x - top), 3.99))
            _arrow(ax, (x + 0.33 * (centre - x), 2.5), (x + 0.66 * (centre - x), 1.9))
    ax.set_title(title)


def market_effects(
    partial: "Effects",
    separate: "Effects",
    pooled: "Effects | None" = None,
    truth: np.ndarray | None = None,
    ax: Axes | None = None,
    title: str = "",
) -> None:
    """The slope of every market without pooling and with partial pooling, with 95% intervals, first market on top.

    Parameters
    ----------
    partial, separate, pooled : borrowing_strength.multilevel.Effects
        Of the same markets; complete pooling has one slope and is a line.
    truth : ndarray, shape (markets,), optional
        The true slopes, where they are known.
    """
    ax = ax or plt.subplots(figsize=(6.4, max(3.0, 0.9 + 0.32 * len(partial))))[1]
    place = np.arange(len(partial))[::-1]
    ax.axvline(0, color="black", linewidth=0.8)
    if pooled is not None:
        ax.axvline(pooled.mean[0], color=COMPLETE_POOLING, linestyle="--", linewidth=1.4, label="complete pooling")
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
    ax.set(yticks=place, yticklabels=partial.labels, ylim=(-0.6, len(partial) - 0.4), xlabel="slope (log odds)")
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.55 / ax.figure.get_figheight()), ncols=4, columnspacing=1.2)
    ax.set_title(title)


def funnel(forms: "dict[str, xr.DataTree]", market: str, title: str = "") -> None:
    """Draws of a market's slope against the spread of the slopes, one panel a form; divergences are crosses.

    Parameters
    ----------
    forms : dict of str to DataTree
        Draws from `pymc_model`, in its two forms.
    market : str
        Whose slope is shown, less the population's mean.
    """
    figure, axes = plt.subplots(1, len(forms), sharex=True, sharey=True)
    for ax, (name, tree) in zip(axes, forms.items(), strict=True):
        draws = tree["posterior"]
        x = (draws["slope"].sel(market=market) - draws["slope_mean"]).values.ravel()
        y = draws["slope_sd"].values.ravel()
        bad = tree["sample_stats"]["diverging"].values.ravel()
        every = max(1, x.size // 2000)  # more points would only make the picture heavier
        ax.plot(x[::every], y[::every], ".", color=PARTIAL_POOLING, alpha=0.6, markersize=2.5, zorder=1)
        ax.plot(x[bad], y[bad], "x", color="black", markersize=4, label="diverged")
        ax.set(yscale="log", xlim=(-2.5, 2.5), ylim=(1e-4, 5), xlabel=f"{market}: slope minus mean")
        ax.set_title(name, fontsize=10, loc="center")
        if bad.any():
            ax.legend(loc="lower right")
    axes[0].set_ylabel("slope_sd (log scale)")
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)


def spread_priors(priors: "dict[str, HalfNormal | HalfCauchy]", title: str = "") -> None:
    """What priors on the sd of the slopes expect of a market with a control rate of 0.5; one panel a prior.

    The average slope is taken to be zero, so that only the spread speaks.
    """
    figure, axes = plt.subplots(1, len(priors), sharey=True, figsize=(6.4, 2.8))
    for ax, (name, prior) in zip(axes, priors.items(), strict=True):
        rng = np.random.default_rng(4)
        slopes = rng.normal(0, prior.draw(rng, 50_000))
        rates = 0.5 + 0.5 * np.tanh(slopes / 2)  # the inverse logit, without overflow
        ax.hist(rates, bins=np.linspace(0, 1, 21), weights=np.full(len(rates), 1 / len(rates)), color=PARTIAL_POOLING)
        ax.set(xlabel="rate under treatment", xticks=[0, 0.5, 1])
        ax.set_title(name, fontsize=9, loc="center")
    axes[0].set_ylabel("share of markets")
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)


def _node(ax: Axes, x: float, y: float, text: str, color: str, observed: bool = False, radius: float = 0.62) -> None:
    face = "#E6E6E6" if observed else "white"
    ax.add_patch(Circle((x, y), radius, facecolor=face, edgecolor=color, linewidth=1.5))
    ax.text(x, y, text.replace(" ", "\n"), ha="center", va="center", fontsize=9)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    ax.annotate(
        "",
        end,
        start,
        arrowprops={"arrowstyle": "->", "color": "#444444", "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0},
    )


def _levels(height: np.ndarray, probs: Sequence[float]) -> list[float]:
    """The heights whose contours hold these probabilities, the largest probability first."""
    order = np.sort(height.ravel())[::-1]
    inside = np.cumsum(order) / order.sum()
    return [order[np.searchsorted(inside, prob)] for prob in probs]


def _cycle(count: int) -> list[tuple[str, object]]:
    return [_GROUP_STYLES[k % len(_GROUP_STYLES)] for k in range(count)]
