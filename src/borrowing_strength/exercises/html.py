"""What a learner sees: one message as HTML, and the same as text.

Colours are inherited from the theme; the accent on the left is legible on white and on black, and a
sign and a word say what the colour says.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Tone:
    """The sign, the word and the accent of a kind of message."""

    sign: str
    word: str
    accent: str


TONES = {
    "not tried": Tone("○", "Not tried yet", "#808080"),
    "right": Tone("✓", "Right", "#009E73"),
    "not yet": Tone("↻", "Not yet", "#D55E00"),
    "hint": Tone("→", "Hint", "#3B8EC6"),
    "solution": Tone("◆", "Solution", "#3B8EC6"),
    "progress": Tone("▤", "Progress", "#808080"),
    "note": Tone("●", "Note", "#808080"),
}


@dataclass(frozen=True, repr=False)
class Feedback:
    """A message to the learner. Jupyter shows the HTML, everything else the text.

    Attributes
    ----------
    kind : str
        One of the keys of `TONES`.
    about : str
        What the message is about, such as ``Exercise 1.2, How far is A pulled?``.
    paragraphs : sequence of str
        The message. Backticks mark code, single asterisks emphasis; everything else is shown as it is.
    code : str
        Lines of code, shown above the message.
    footer : str
        What can be done next.
    """

    kind: str
    about: str
    paragraphs: Sequence[str] = ()
    code: str = ""
    footer: str = ""

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
        return f'<div role="status" style="border-left:4px solid {tone.accent};{_BOX}">{inside}</div>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}


_BOX = "padding:.35em .9em;margin:.3em 0;max-width:46em;line-height:1.5;font-size:1em;color:inherit"
_CODE = (
    "margin:.5em 0;padding:.2em 0 .2em .8em;border-left:1px solid currentColor;"
    "background:none;color:inherit;white-space:pre-wrap"
)
_INLINE_CODE = '<code style="background:none;color:inherit;padding:0;font-size:.95em">{}</code>'


_EMPHASIS = re.compile(r"(?<![\w*])\*(\S|\S[^*\n]*\S)\*(?![\w*])")


def inline(text: str) -> str:
    """Turn one of the exercises' sentences into HTML: backticks mark code, single asterisks emphasis.

    Parameters
    ----------
    text : str
        A hint, a diagnosis, a reason. It may hold what a learner passed.

    Returns
    -------
    str
    """
    # Escaping comes first: what a learner passed can hold anything, and must arrive as text.
    plain, code = (re.split(r"`([^`]+)`", html.escape(text))[start::2] for start in (0, 1))
    plain = [_EMPHASIS.sub(r"<em>\1</em>", part) for part in plain]
    code = [_INLINE_CODE.format(part) for part in code]
    return "".join(part for pair in zip(plain, [*code, ""], strict=True) for part in pair).replace("\n", "<br>")


def read_kind(text: str) -> tuple[str, str] | None:
    """Read the first line of a message about an exercise.

    Parameters
    ----------
    text : str
        The text twin of a `Feedback`, as stored in a notebook.

    Returns
    -------
    tuple of str or None
        The exercise's id and the kind of message; None if this is not such a message.
    """
    words = "|".join(f"{re.escape(tone.sign)} {tone.word}" for tone in TONES.values())
    found = re.match(rf"({words}) · Exercise (\d+\.\d+),", text)
    if found is None:
        return None
    kind = next(kind for kind, tone in TONES.items() if found[1] == f"{tone.sign} {tone.word}")
    return found[2], kind
