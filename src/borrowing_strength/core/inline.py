"""Figures in a notebook: sharp, and described for those who hear the page."""

import html
import os
from collections.abc import Callable

from matplotlib.figure import Figure


def show_sharp_and_described() -> None:
    """Show figures with two dots a pixel, as images with alt text, which a bare picture in a notebook cannot have.

    Stored lessons keep the bare picture, which every reader of notebooks shows; theirs is described in their metadata.
    """
    from IPython import get_ipython
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    set_matplotlib_formats("retina")
    if "BORROWING_STRENGTH_QUIET" not in os.environ:
        formatters = get_ipython().display_formatter.formatters
        draw = formatters["image/png"].pop(Figure)
        formatters["text/html"].for_type(Figure, lambda figure: _image(figure, draw))


def _image(figure: Figure, draw: Callable[[Figure], object]) -> str | None:
    drawn = draw(figure)
    if drawn is None:  # nothing is on it
        return None
    data, size = drawn
    words = html.escape(description(figure))
    return f'<img alt="{words}" width="{size["width"]}" height="{size["height"]}" src="data:image/png;base64,{data}">'


def description(figure: Figure) -> str:
    """What a figure says in words: its titles, which state what it shows, its axes, its legend."""
    said = [figure.get_suptitle()]
    for ax in figure.axes:
        said.append(ax.get_title("left") or ax.get_title())
        axes = {"across": ax.get_xlabel(), "up": ax.get_ylabel()}
        said.append(", ".join(f"{way}: {label}" for way, label in axes.items() if label))
        if legend := ax.get_legend():
            said.append("legend: " + ", ".join(text.get_text() for text in legend.get_texts()))
    return ". ".join(part for part in said if part) or "A figure without a title"
