"""Sliders over exact answers. Nothing is simulated, so the picture follows the hand."""

import base64
import html
import io
import struct
from collections.abc import Callable, Mapping, Sequence

import ipywidgets
from matplotlib.figure import Figure

from borrowing_strength.core.inputs import whole_number
from borrowing_strength.core.options import a_kind_of, function


class Slider(ipywidgets.VBox):
    """Sliders above a picture with a sentence that says what it shows.

    Where no kernel runs (a web page, a stored notebook) the picture of the starting position is shown instead.

    Parameters
    ----------
    draw : callable
        Takes the sliders' values as keyword arguments and an `ax`, draws, and returns the sentence.
    states : sequence of dict
        Positions worth showing side by side where nothing moves: values by the sliders' names. A slider that a state
        does not name stays where it starts.
    **sliders : ipywidgets.Widget
        By the names of `draw`'s arguments.
    """

    def __init__(self, draw: Callable[..., str], states: Sequence[dict[str, object]], **sliders: ipywidgets.Widget):
        for name, slider in sliders.items():
            a_kind_of(ipywidgets.Widget, name, slider)
        if (
            not isinstance(states, list | tuple)
            or not states
            or not all(isinstance(state, Mapping) for state in states)
        ):
            raise ValueError(f"states is {states!r}: it must be a list of one or more dicts")
        self._draw, self._states, self._sliders = function("draw", draw), states, sliders
        self._picture = ipywidgets.HTML()
        super().__init__([*sliders.values(), self._picture])
        for slider in sliders.values():
            slider.observe(self._update, names="value")
        self._update()

    def picture(self, sharper: int = 1, **values: object) -> tuple[bytes, str]:
        """The PNG, with `sharper` times the usual dots, and the sentence; sliders not named keep their values."""
        if whole_number("sharper", sharper) > 4:
            raise ValueError(f"sharper is {sharper}: it must be at most 4")
        now = {name: slider.value for name, slider in self._sliders.items()} | values
        figure = Figure(layout="none")  # margins by hand: working them out would draw everything twice
        figure.subplots_adjust(left=0.14, right=0.97, bottom=0.24, top=0.91)
        sentence = self._draw(ax=figure.add_subplot(), **now)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", bbox_inches=None, dpi=sharper * figure.dpi)
        return buffer.getvalue(), sentence

    def states(self) -> list[tuple[str, bytes, str]]:
        """What a page that cannot move shows instead.

        Returns
        -------
        list of tuple
            For each state the positions of the sliders in words, the PNG and the sentence.
        """
        shown = []
        for state in self._states:
            moved = {name: (slider, state.get(name, slider.value)) for name, slider in self._sliders.items()}
            label = ", ".join(f"{slider.description}: {value}" for slider, value in moved.values())
            shown.append((label, *self.picture(**state)))
        return shown

    def _update(self, change: object = None) -> None:
        png, sentence = self.picture()
        data = base64.b64encode(png).decode("ascii")
        text = html.escape(sentence)
        self._picture.value = f'<img alt="{text}" src="data:image/png;base64,{data}"><p>{text}</p>'

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict[str, object], dict[str, object]]:
        bundle = dict(super()._repr_mimebundle_(**kwargs) or {})
        png, sentence = self.picture(sharper=2)  # it is stored, and may be shown on a wall
        width, height = struct.unpack(">II", png[16:24])
        bundle |= {"image/png": base64.b64encode(png).decode("ascii"), "text/plain": sentence}
        return bundle, {"image/png": {"width": width // 2, "height": height // 2}}


LAYOUT = {"style": {"description_width": "110px"}, "layout": {"width": "420px"}}


def whole_slider(name: str, low: int, high: int, value: int, step: int) -> ipywidgets.IntSlider:
    """A slider of whole numbers in the course's layout."""
    return ipywidgets.IntSlider(value=value, min=low, max=high, step=step, description=name, **LAYOUT)
