"""The figures of lesson 02."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from scipy.stats import binom

from borrowing_strength.core.figure import figure
from borrowing_strength.core.inputs import counts, numbers, refuse, whole_numbers
from borrowing_strength.core.options import a_kind_of, by_name, text
from borrowing_strength.core.rows import names_in
from borrowing_strength.core.style import COMPLETE_POOLING, NO_POOLING, PARTIAL_POOLING, plain
from borrowing_strength.mixtures.counts import probabilities
from borrowing_strength.mixtures.predictive import PredictiveCheck


@figure(checks=by_name(partial(a_kind_of, PredictiveCheck), most=2), xlabel=text)
def predictive_checks(checks: dict, xlabel: str, ax: Axes | None = None, title: str = "") -> None:
    """The statistic of generated data sets, one curve a model, and where the observed one lies.

    `checks` has at most two, of the same data: one rate for all groups first, then a population of rates.
    """
    drawn = {name: numbers(f"checks[{name!r}].replicated", check.replicated) for name, check in checks.items()}
    low, high = np.quantile(np.concatenate(list(drawn.values())), [0, 0.999])
    bins = np.linspace(low, high if high > low else low + max(1e-3, 1e-3 * abs(low)), 60)
    looks = ((COMPLETE_POOLING, "--"), (PARTIAL_POOLING, "-"))
    for (name, check), (color, line) in zip(checks.items(), looks, strict=False):
        count = np.histogram(drawn[name], bins)[0]
        height = count / max(count.sum(), 1) / np.diff(bins)
        ax.stairs(height, bins, color=color, linestyle=line, linewidth=2, label=plain(name))
        observed = check.observed
    ax.axvline(observed, color="black", linewidth=1.4)
    ax.text(observed, 0.97, " observed", transform=ax.get_xaxis_transform(), va="top")
    ax.set(xlabel=xlabel, ylabel="density of generated data sets", ylim=(0, None))
    ax.legend(loc="center right")


def _tried(name: str, values: object) -> np.ndarray:
    trials = whole_numbers(name, values)
    refuse(name, trials, trials == 0, "a group without trials has no rate to draw")
    return trials


@figure(
    rows=("trials", "successes", "strong"),
    trials=_tried,
    successes=whole_numbers,
    strong=probabilities,
    rates=numbers,
)
def two_kinds(
    trials: np.ndarray,
    successes: np.ndarray,
    strong: np.ndarray,
    rates: Sequence[float],
    ax: Axes | None = None,
    title: str = "",
) -> None:
    """Raw rates against trials, shaded by the probability of the second kind; the kinds' rates as dashed lines."""
    counts(successes, trials)
    if len(rates) != 2:
        raise ValueError(f"rates has {len(rates)} numbers: it must have two, the weak kind's first")
    look = {"cmap": "cividis_r", "edgecolor": "black", "linewidth": 0.5}
    points = ax.scatter(trials, np.divide(successes, trials), c=strong, **look)
    ax.figure.colorbar(points, ax=ax, label="probability of being strong")
    for rate, name in zip(rates, ("weak", "strong"), strict=True):
        ax.axhline(rate, color="black", linestyle="--", linewidth=1)
        ax.text(1.14 * max(trials), rate, name, ha="right", va="bottom")
    ax.set(xlabel="visitors", ylabel="raw conversion rate", xlim=(None, 1.15 * max(trials)))


@figure(rows=("trials", "successes", "labels"), trials=_tried, successes=whole_numbers, labels=names_in)
def one_rate_band(
    trials: np.ndarray,
    successes: np.ndarray,
    labels: Sequence[str],
    ax: Axes | None = None,
    title: str = "",
) -> None:
    """Raw rates against trials, and the band that holds 95% of groups if all share the pooled rate.

    The title counts those outside, unless another is given.
    """
    counts(successes, trials)
    pooled = successes.sum() / trials.sum()
    sizes = np.unique(np.linspace(max(1, 0.9 * min(trials)), 1.05 * max(trials), 300).round())
    low, high = (binom.ppf(q, sizes, pooled) / sizes for q in (0.025, 0.975))
    ax.fill_between(sizes, low, high, color=COMPLETE_POOLING, alpha=0.15, label="95% of groups, if one rate for all")
    ax.axhline(pooled, color=COMPLETE_POOLING, linestyle="--", linewidth=1.4)
    ax.plot(trials, successes / trials, "o", color=NO_POOLING, fillstyle="none", label="raw rate")
    tail = np.minimum(binom.cdf(successes, trials, pooled), binom.sf(successes - 1, trials, pooled))
    outside = np.flatnonzero(tail < 0.025)
    for i in outside:
        ax.annotate(plain(labels[i]), (trials[i], successes[i] / trials[i]), (5, 3), textcoords="offset points")
    ax.set(xlabel="trials", ylabel="rate", ylim=(0, 1.15 * max(successes / trials) or 1))
    ax.set_title(f"{len(outside)} of {len(trials)} lie outside the band that one rate for all gives to 95%")
    ax.legend()
