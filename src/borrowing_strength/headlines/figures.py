"""The figures of lesson 06."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from borrowing_strength.core.figure import figure
from borrowing_strength.core.inputs import numbers, whole_number
from borrowing_strength.core.options import a_kind_of, by_name, table
from borrowing_strength.core.style import NO_POOLING, PARTIAL_POOLING, PARTIAL_POOLING_LIGHT, TRUTH, plain
from borrowing_strength.headlines.posterior import Posterior

if TYPE_CHECKING:
    import pandas as pd

_SUMS = ("clicks", "expected", "as_the_rest", "forecast")


@figure(replay=table("promised", *_SUMS), parts=whole_number)
def promises(replay: "pd.DataFrame", parts: int = 10, ax: Axes | None = None, title: str = "") -> None:
    """What winners promised, what was forecast, and what they did next, in equal parts by what they promised."""
    rows = _parts("replay", replay, "promised", parts)
    x = np.arange(1, parts + 1)
    ax.plot(x, [100 * row["promised"].median() for row in rows], "o-", color=NO_POOLING, mfc="white", label="promised")
    ax.plot(x, [100 * forecast(row) for row in rows], "o-", color=PARTIAL_POOLING, label="forecast")
    ax.plot(x, [100 * seen(row) for row in rows], "x--", color=TRUTH, mew=2, label="second half")
    ax.set(xlabel="tenth of the tests, by promised lift", ylabel="lift over the rest (%)", xticks=x)
    ax.legend(loc="upper left")


@figure(replays=by_name(table("clicks", "expected", "forecast"), most=2), parts=whole_number)
def by_forecast(replays: "Mapping[str, pd.DataFrame]", parts: int = 8, ax: Axes | None = None, title: str = "") -> None:
    """Clicks of the winners over what was forecast, in parts of equal size by forecast lift, for one or two models."""
    looks = (("s--", PARTIAL_POOLING_LIGHT), ("o-", PARTIAL_POOLING))[-len(replays) :]
    for (name, replay), (form, color) in zip(replays.items(), looks, strict=True):
        rows = _parts(f"replays[{name!r}]", replay, "forecast", parts)
        clicks, expected = (np.array([row[column].sum() for row in rows]) for column in ("clicks", "expected"))
        ratio, error = _over(clicks, expected), _over(1, np.sqrt(clicks))
        ax.errorbar(np.arange(1, parts + 1), ratio, error, fmt=form, color=color, label=plain(name), capsize=3)
    ax.axhline(1, color="#000000", linewidth=0.8)
    ax.set(xlabel=f"winners in {parts} parts, by forecast lift", ylabel="clicks seen / forecast")
    ax.legend(loc="upper left")


def _tall(post: Posterior, most: int, **_: object) -> tuple[float, float]:
    return 6.4, 1.3 + 0.22 * min(most, len(post.winners), 200)


@figure(size=_tall, post=partial(a_kind_of, Posterior), most=whole_number)
def winners(post: Posterior, most: int = 12, ax: Axes | None = None, title: str = "") -> None:
    """Promised and forecast lift of those winners that have the largest forecasts."""
    top = post.winners[np.argsort(post.lift[post.winners], kind="stable")][-most:]
    place, forecast = np.arange(len(top)), 100 * post.lift[top]
    promised = np.where(np.isfinite(post.promised_lift[top]), 100 * post.promised_lift[top], np.nan)
    ax.hlines(place, forecast, promised, color=NO_POOLING, linewidth=0.8)
    ax.plot(promised, place, "o", color=NO_POOLING, mfc="white", label="promised")
    ax.plot(forecast, place, "o", color=PARTIAL_POOLING, label="forecast")
    ax.set_yticks(place, [plain(post.labels[arm]) for arm in top])
    ax.set(xlabel="lift over the rest of its test (%)", ylabel="winner")
    ax.legend(loc="best", frameon=True, framealpha=1)  # without a frame its circles would be read as winners


@figure(gain=table())
def design(gain: "pd.DataFrame", ax: Axes | None = None, title: str = "") -> None:
    """Expected gain of every design, as a heat map; the best design, and those within a point of it."""
    numbers("the columns of gain", list(gain.columns))
    numbers("the index of gain", list(gain.index))
    values = 100 * gain.to_numpy()
    if not np.any(np.isfinite(values)):
        raise ValueError("gain holds no number: every design needs more visitors than there are")
    image = ax.imshow(values, origin="lower", aspect="auto", cmap="cividis", vmin=0)
    i, j = np.unravel_index(np.nanargmax(values), values.shape)
    best = f"best: {gain.index[i]} with {gain.columns[j]:,} each"
    ax.plot(j, i, "o", mfc="none", mec=PARTIAL_POOLING, mew=2.5, markersize=13, linestyle="", label=best)
    if min(values.shape) > 1 and np.nanmin(values) < values[i, j] - 1:
        ax.contour(values, levels=[values[i, j] - 1], colors="#000000", linewidths=1.2)
        ax.plot([], [], "-", color="#000000", linewidth=1.2, label="within one point of it")
    ax.legend(loc="upper right", frameon=True, framealpha=1)
    ax.set_xticks(range(gain.shape[1]), [f"{n:,}" for n in gain.columns], rotation=45)
    step = 5 if len(gain) > 12 else 1
    rows = [row for row, arms in enumerate(gain.index) if arms % step == 0]
    ax.set_yticks(rows, gain.index[rows])
    ax.set(xlabel="visitors of each headline", ylabel="headlines")
    ax.grid(visible=False)
    ax.figure.colorbar(image, ax=ax, label="expected gain (%)")


def forecast(replay: "pd.DataFrame") -> float:
    """Forecast lift of the winners, all of their expected clicks together."""
    return float(_over(replay["expected"].sum(), (replay["expected"] / (1 + replay["forecast"])).sum()) - 1)


def seen(replay: "pd.DataFrame") -> float:
    """Lift of the winners in the new data, all of their clicks together."""
    return float(_over(replay["clicks"].sum(), replay["as_the_rest"].sum()) - 1)


def _parts(name: str, replay: "pd.DataFrame", column: str, parts: int) -> "list[pd.DataFrame]":
    """Equal parts of a table, in the order of a column."""
    if parts > len(replay):
        raise ValueError(f"parts is {parts}: it must be at most the number of rows of {name}, {len(replay)}")
    pieces = np.array_split(np.argsort(replay[column].to_numpy(), kind="stable"), parts)
    return [replay.iloc[piece] for piece in pieces]


def _over(above: np.ndarray | float, below: np.ndarray | float) -> np.ndarray:
    """A ratio, and NaN over 0, which is not drawn."""
    below = np.asarray(below, dtype=float)
    return above / np.where(below > 0, below, np.nan)
