"""One visual language for all lessons: the same colour, shape and line mean the same thing everywhere.

Every function draws into `ax`, or into a new figure. The title states the finding and comes from the caller.
"""

from collections.abc import Sequence
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle

from borrowing_strength.core.figure import figure
from borrowing_strength.core.inline import show_sharp_and_described
from borrowing_strength.core.inputs import fraction, numbers, positive, within
from borrowing_strength.core.options import by_name, pair, text
from borrowing_strength.core.rows import names_in, same_rows

NO_POOLING = "#7F7F7F"
COMPLETE_POOLING = "#0072B2"
PARTIAL_POOLING = "#D55E00"
TRUTH = "#009E73"
PARTIAL_POOLING_LIGHT = "#F2B48A"
PRIOR = "#5B6C8F"  # on a spread; a group may have it too


# Groups have colours of their own: the four above keep their meaning. Every colour comes with its line style.
GROUP_STYLES = (("#000000", "-"), ("#B0308F", "--"), ("#5B6C8F", "-."), ("#9A6A00", ":"), ("#6A3D9A", (0, (6, 1))))


def use_style() -> None:
    """Set Matplotlib's defaults for the course: size, light grid, readable text; in notebooks sharp and described."""
    if "inline" in plt.get_backend():
        show_sharp_and_described()
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


@figure(shapes=by_name(partial(pair, first=positive, second=positive)), raw=fraction)
def betas(
    shapes: dict[str, tuple[float, float]], raw: float | None = None, ax: Axes | None = None, title: str = ""
) -> None:
    """Beta densities with their means and modes; `shapes` maps a name to the pair (a, b), `raw` marks a raw rate."""
    from scipy.stats import beta

    end = max(beta.ppf(0.9999, a, b) for a, b in shapes.values())
    rates = np.linspace(0.001, min(end, 0.999), 500)
    for (name, (a, b)), (color, line) in zip(shapes.items(), looks_of(len(shapes)), strict=True):
        ax.plot(rates, beta.pdf(rates, a, b), color=color, linestyle=line, label=plain(name))
        marks = {"white": (a - 1) / (a + b - 2)} if a > 1 and b > 1 else {}  # else there is no peak inside
        for fill, rate in (marks | {color: a / (a + b)}).items():
            ax.plot(rate, beta.pdf(rate, a, b), "o", color=color, markerfacecolor=fill)
    for label, fill in (("mean", "black"), ("mode", "white")):
        ax.plot([], [], "o", color="black", markerfacecolor=fill, label=label)
    if raw is not None:
        ax.axvline(raw, color=NO_POOLING, linestyle=":", label="raw rate")
    ax.set(xlabel="rate", ylabel="density", ylim=(0, None))
    ax.legend()


def _table(name: str, values: object) -> np.ndarray:
    table = within(name, values, 0, 1)
    if table.ndim != 2:
        raise ValueError(f"{name} has {table.ndim} dimensions: it must have one row a group")
    return table


@figure(rows=("labels", "pmf"), pmf=_table, labels=names_in)
def count_distributions(pmf: np.ndarray, labels: Sequence[str], ax: Axes | None = None, title: str = "") -> None:
    """Distributions of a count, one line a row of `pmf`, shape (groups, counts)."""
    for row, name, (color, line) in zip(pmf, labels, looks_of(len(pmf)), strict=True):
        edges = np.arange(len(row) + 1) - 0.5
        ax.stairs(row, edges, color=color, linestyle=line, linewidth=plt.rcParams["lines.linewidth"], label=plain(name))
    ax.set(xlabel="count", ylabel="probability", ylim=(0, None))
    ax.xaxis.set_major_locator(plt.MaxNLocator(integer=True))
    ax.legend()


def _line(name: str, value: object) -> tuple[np.ndarray, np.ndarray]:
    x, height = pair(name, value, numbers, numbers, "a pair (x, height)")
    same_rows({f"{name}[1]": value[1], f"{name}[0]": value[0]}, (height, x))
    if not np.any(height > 0):
        raise ValueError(f"{name}[1] holds nothing above 0, and the axis is logarithmic")
    return x, height


@figure(lines=by_name(_line), xlabel=text, ylabel=text)
def curves(
    lines: dict[str, tuple[np.ndarray, np.ndarray]], xlabel: str, ylabel: str, ax: Axes | None = None, title: str = ""
) -> None:
    """Lines (x, height) by name over a logarithmic vertical axis, every one with its own colour and style."""
    for (name, line), (color, style) in zip(lines.items(), looks_of(len(lines)), strict=True):
        ax.plot(*line, color=color, linestyle=style, label=plain(name))
    ax.set(xlabel=xlabel, ylabel=ylabel, yscale="log")
    ax.legend()


def node(ax: Axes, x: float, y: float, text: str, color: str, observed: bool = False, radius: float = 0.62) -> None:
    """A circle of a model's graph: open if unknown, shaded if observed."""
    face = "#E6E6E6" if observed else "white"
    ax.add_patch(Circle((x, y), radius, facecolor=face, edgecolor=color, linewidth=1.5))
    ax.text(x, y, plain(text).replace(" ", "\n"), ha="center", va="center", fontsize=9)


def arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """An arrow from one point to another."""
    ax.annotate(
        "",
        end,
        start,
        arrowprops={"arrowstyle": "->", "color": "#444444", "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0},
    )


def contour_levels(height: np.ndarray, probs: Sequence[float]) -> list[float]:
    """The heights whose contours hold these probabilities, the largest probability first."""
    order = np.sort(height.ravel())[::-1]
    inside = np.cumsum(order) / order.sum()
    return [order[np.searchsorted(inside, prob)] for prob in probs]


def plain(name: object) -> str:
    """A name as it stands: Matplotlib sets what is between two dollar signs, and hides what begins with `_`."""
    text = str(name).replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def looks_of(count: int) -> list[tuple[str, object]]:
    """A colour and a line style for each of several groups."""
    return [GROUP_STYLES[k % len(GROUP_STYLES)] for k in range(count)]
