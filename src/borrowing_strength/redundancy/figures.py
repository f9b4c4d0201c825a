"""The figures of lesson 03."""

from functools import partial

import numpy as np
from matplotlib.axes import Axes

from borrowing_strength.core.figure import figure
from borrowing_strength.core.options import a_kind_of, text
from borrowing_strength.core.style import NO_POOLING, PARTIAL_POOLING, plain
from borrowing_strength.redundancy.posterior import Posterior


@figure(size=(6.4, 4.2), post=partial(a_kind_of, Posterior), unit=text)
def failure_rates(post: Posterior, unit: str, ax: Axes | None = None, title: str = "") -> None:
    """Raw failure rates, posterior means and 95% intervals on a logarithmic axis, and the median of a new group."""
    place = np.arange(len(post) + 1)[::-1]
    new = post.new_group()
    ends = np.vstack([post.interval(), new.interval()])
    ax.hlines(place, ends[:, 0], ends[:, 1], color=PARTIAL_POOLING, alpha=0.55, linewidth=3)
    ax.plot(post.mean, place[:-1], "o", color=PARTIAL_POOLING, label="partial pooling, 95% interval")
    ax.plot(new.quantile([0.5])[0], place[-1:], "D", color=PARTIAL_POOLING, label="median of a new one")
    raw = post.failures / post.hours
    ax.plot(raw, place[:-1] + 0.25, "o", color=NO_POOLING, fillstyle="none", label="raw rate (no pooling)")
    names = [f"{plain(k)}  {y}/{t:g}" for k, y, t in zip(post.labels, post.failures, post.hours, strict=True)]
    low, high = ends.min(), max(ends.max(), raw.max())
    limits = max(low / 1.5, high / 1e5), 1.5 * high
    ax.set(yticks=place, yticklabels=[*names, "a new one"], xscale="log", xlim=limits, xlabel=unit)
    ax.legend(loc="upper left", bbox_to_anchor=(-0.2, -0.14), ncols=3, columnspacing=1.2, handletextpad=0.4)
