"""What a learner sees: one message as HTML, and the same as text.

Colours are inherited from the theme; the accent is legible on white and black, and a sign and a word say it too.
"""

import hashlib
import html
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self


class Tone(NamedTuple):
    """The sign, the word and the accent of a kind of message."""

    sign: str
    word: str
    accent: str


TONES = {
    "not tried": Tone("○", "Not tried yet", "#808080"),
    "right": Tone("✓", "Right", "#009E73"),
    "not yet": Tone("↻", "Not yet", "#D55E00"),
    "missing": Tone("·", "Missing", "#808080"),
    "hint": Tone("→", "Hint", "#3B8EC6"),
    "solution": Tone("◆", "Solution", "#3B8EC6"),
    "progress": Tone("▤", "Progress", "#808080"),
    "prediction": Tone("◇", "Prediction", "#808080"),
    "note": Tone("●", "Note", "#808080"),
}

_BOX = "padding:.35em .9em;margin:.3em 0;max-width:46em;line-height:1.5;font-size:1em;color:inherit"
_CODE = "margin:.5em 0;padding:.2em 0 .2em 1em;border-left:1px solid;background:none;color:inherit;white-space:pre-wrap"
_INLINE_CODE = '<code style="background:none;color:inherit;padding:0;font-size:.95em">{}</code>'
_EMPHASIS = re.compile(r"(?<![\w*])\*(\S|\S[^*\n]*\S)\*(?![\w*])")


@dataclass(frozen=True, repr=False)
class Feedback:
    """A message to the learner, about an exercise, with lines of code above it and what can be done next below.

    A notebook shows the HTML at once, everything else the text. In the paragraphs and the footer backticks mark code
    and single asterisks emphasis; everything else is shown as it is.
    """

    kind: str
    about: str
    paragraphs: Sequence[str] = ()
    code: str = ""
    footer: str = ""
    cell: str = ""
    _shown_in: int | None = field(default=None, init=False, compare=False)

    def __repr__(self) -> str:
        tone = TONES[self.kind]
        code = "\n".join(f"    {line}" for line in self.code.splitlines())
        parts = [f"{tone.sign} {tone.word} · {self.about}", code, *self.paragraphs, self.footer]
        return "\n".join(part for part in parts if part)

    def _repr_html_(self) -> str:
        tone = TONES[self.kind]
        heading = (
            f'<div><span aria-hidden="true" style="color:{tone.accent};font-weight:700">{tone.sign}</span> '
            f'<strong>{tone.word}</strong> <span style="opacity:.75">· {inline(self.about)}</span></div>'
        )
        code = f'<pre style="{_CODE}">{html.escape(self.code)}</pre>' if self.code else ""
        body = [f'<div style="margin-top:.3em">{inline(text)}</div>' for text in self.paragraphs]
        footer = f'<div style="margin-top:.3em;opacity:.75">{inline(self.footer)}</div>' if self.footer else ""
        inside = "".join([heading, code, *body, footer])
        of_cell = f' data-cell="{self.cell}"' if self.cell else ""
        return f'<div role="status"{of_cell} style="border-left:4px solid {tone.accent};{_BOX}">{inside}</div>'

    def shown(self) -> Self:
        """Show the message now if this is a notebook, and remember in which cell that was."""
        if (shell := notebook()) is not None:
            self._ipython_display_()
            object.__setattr__(self, "_shown_in", shell.execution_count)
        return self

    def _ipython_display_(self) -> None:
        # Called for a cell's last value as well: what the cell has shown already is not shown again.
        if self._shown_in is None or self._shown_in != notebook().execution_count:
            bundle = {"text/html": self._repr_html_(), "text/plain": repr(self)}
            sys.modules["IPython"].display.display(bundle, raw=True)


def notebook() -> Any:
    """Return IPython's shell, None outside of it."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def inline(text: str) -> str:
    """Turn one of the exercises' sentences into HTML: backticks mark code, single asterisks emphasis."""
    # Escaping comes first: what a learner passed can hold anything, and must arrive as text.
    plain, code = (re.split(r"`([^`]+)`", html.escape(text))[start::2] for start in (0, 1))
    plain = [_EMPHASIS.sub(r"<em>\1</em>", part) for part in plain]
    code = [_INLINE_CODE.format(part) for part in code]
    return "".join(part for pair in zip(plain, [*code, ""], strict=True) for part in pair).replace("\n", "<br>")


def digest(source: str) -> str:
    """Tell cells apart in few letters."""
    return hashlib.sha256(source.strip().encode()).hexdigest()[:12]
