"""What all figures share: arguments are read before anything is drawn, axes are made where none are given."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from borrowing_strength.core.options import a_kind_of, text
from borrowing_strength.core.rows import same_rows

Size = tuple[float, float] | Callable[..., tuple[float, float]]


def figure(
    size: Size | None = None, rows: tuple[str, ...] = (), **readers: Callable[[str, Any], Any]
) -> Callable[[Callable], Callable]:
    """Make a public figure of a function that draws into `ax`.

    Its arguments go through their `readers`, as ``read(name, value)``; one whose default is None may be left out.
    Those in `rows` are columns of the same rows. `size` is that of a new figure, in inches, or gives it for the
    arguments. The title, or the one that the figure found, is put last and shown, as labels of the axes are, as it
    stands.
    """

    def public(draw: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(draw)
        reads = {"title": text, "ax": functools.partial(a_kind_of, Axes)} | readers

        @functools.wraps(draw)
        def read_and_draw(*args: Any, **kwargs: Any) -> None:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            given = bound.arguments
            columns = {name: given[name] for name in rows}
            for name, read in reads.items():
                if name in given and not (given[name] is None and signature.parameters[name].default is None):
                    given[name] = read(name, given[name])
            if rows:
                same_rows(columns, [given[name] for name in rows])
            if "ax" in given and given["ax"] is None:
                given["ax"] = plt.subplots(figsize=size(**given) if callable(size) else size)[1]
            draw(**given)
            if "ax" in given:
                ax = given["ax"]
                for words in (
                    ax.set_title(given["title"] or ax.get_title(plt.rcParams["axes.titlelocation"])),
                    ax.xaxis.label,
                    ax.yaxis.label,
                ):
                    words.set_parse_math(False)  # prices are no formulas

        return read_and_draw

    return public
