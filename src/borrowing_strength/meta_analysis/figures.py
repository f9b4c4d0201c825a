"""The figures of lesson 05."""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from borrowing_strength.core.figure import figure
from borrowing_strength.core.inputs import numbers, one_each, real_array
from borrowing_strength.core.options import a_kind_of, by_name, text, truths
from borrowing_strength.core.priors import SdPrior
from borrowing_strength.core.style import (
    COMPLETE_POOLING,
    NO_POOLING,
    PARTIAL_POOLING,
    PRIOR,
    TRUTH,
    contour_levels,
    looks_of,
    plain,
)
from borrowing_strength.meta_analysis.posterior import Posterior


@figure(size=(7.6, 3.8), post=partial(a_kind_of, Posterior), scale=text)
def forest(
    post: Posterior,
    truth: np.ndarray | None = None,
    named: np.ndarray | None = None,
    ax: Axes | None = None,
    title: str = "",
    scale: str = "relative lift",
) -> None:
    """Raw and shrunken effects, one column a test, ordered by the raw ones.

    Parameters
    ----------
    post : borrowing_strength.meta_analysis.Posterior
    truth : ndarray, shape (tests,), optional
        True effects, known from a simulation.
    named : ndarray of bool, shape (tests,), optional
        Which tests to name on the axis; all of them if not given.
    scale : str
        What an effect is; a relative lift is shown in percent.
    """
    order = np.argsort(post.estimate)
    if truth is not None:
        truth = one_each("truth", truth, numbers, len(post), post.labels)
    if named is not None:
        named = truths("named", named, post.labels)
    place, ends = np.arange(len(post)), post.interval()[order]
    ax.axhline(post.mu.mean, color=COMPLETE_POOLING, linestyle="--", linewidth=1.4, label="average effect")
    ax.vlines(place, *ends.T, color=PARTIAL_POOLING, alpha=0.45, linewidth=3)
    ax.plot(place, post.estimate[order], "o", color=NO_POOLING, fillstyle="none", markersize=5, label="raw estimate")
    ax.plot(place, post.mean[order], "o", color=PARTIAL_POOLING, markersize=5, label="shrunken, 95% interval")
    if truth is not None:
        ax.plot(place, truth[order], "x", color=TRUTH, markersize=6, markeredgewidth=2, label="truth")
    shown = place if named is None else np.flatnonzero(named[order])
    ax.set(xlim=(-0.7, len(post) - 0.3), ylabel=scale)
    ax.set_xticks(
        shown, [plain(post.labels[i]) for i in order[shown]], rotation=90, fontsize=9 if named is None else 11
    )
    if "lift" in scale:
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.legend(loc="upper left")


@figure(priors=by_name(partial(a_kind_of, SdPrior)))
def sd_priors(priors: dict[str, SdPrior], ax: Axes | None = None, title: str = "") -> None:
    """Prior probability that the effects' standard deviation is at most x, on a log axis from 0.1% to 10,000%.

    Parameters
    ----------
    priors : dict of str to SdPrior
    """
    sd = np.geomspace(1e-3, 1e2, 400)
    for (name, prior), (_, line) in zip(priors.items(), looks_of(len(priors)), strict=True):
        ax.plot(sd, prior.cdf(sd), color=PRIOR, linestyle=line, label=plain(name))
    ax.set(xscale="log", xlabel="spread of the true lifts (log scale)", ylabel="prior probability below x")
    ax.set_xticks([1e-3, 1e-2, 0.1, 1, 10, 100], ["0.1%", "1%", "10%", "100%", "1000%", "10,000%"])
    ax.set_ylim(-0.02, 1.02)
    ax.legend(loc="lower right")


@figure(post=partial(a_kind_of, Posterior), path=real_array)
def gibbs_path(post: Posterior, path: np.ndarray, ax: Axes | None = None, title: str = "") -> None:
    """The path of a Gibbs sampler over the posterior of the population, whose contours hold 50, 80 and 95%.

    Parameters
    ----------
    post : borrowing_strength.meta_analysis.Posterior
    path : ndarray, shape (sweeps, 2)
        The average effect and the effects' standard deviation after every sweep. A sweep is drawn as two moves,
        from the open square to the large dot.
    """
    if path.ndim != 2 or path.shape[1] != 2 or np.any(path[:, 1] <= 0):
        raise ValueError("path must have two columns, the average effect and the sd above 0, and a row a sweep")
    mu = np.linspace(*(post.mu.mean + 3.5 * post.mu.sd * np.array([-1, 1])), 90)
    log_sd = np.log(np.geomspace(min(post.effect_sd.quantile(0.002), 0.005), post.effect_sd.quantile(0.9999), 90))
    height = post.surface(mu, log_sd)
    levels = contour_levels(height, (0.95, 0.8, 0.5))
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
