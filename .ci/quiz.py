"""The exit quiz of a lesson, as it stands at the end of its instructor's page."""

import re
from dataclasses import dataclass
from pathlib import Path

from notebooks import ROOT

PAGES = ROOT / "docs" / "teach"
_OPTION = re.compile(r"^- \[(x| )\] (.+?)\n  \*(.+?)\*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Option:
    """One option of a question: its letter, its text, whether it is right, and the reason."""

    letter: str
    text: str
    right: bool
    reason: str


@dataclass(frozen=True)
class Question:
    """A question with its number, and its options."""

    text: str
    options: tuple[Option, ...]


def split(page: str) -> tuple[str, str]:
    """Return what stands before the quiz, its heading included, and the quiz."""
    before, heading, after = page.partition("## Exit quiz\n")
    return before + heading, after


def read(page: str) -> list[Question]:
    """Read the questions of an instructor's page."""
    questions = []
    for block in re.split(r"^### ", split(page)[1], flags=re.MULTILINE)[1:]:
        text, _, rest = block.partition("\n")
        found = enumerate(_OPTION.findall(rest))
        options = [Option("abcdef"[i], tidy(said), mark == "x", tidy(reason)) for i, (mark, said, reason) in found]
        if [option.right for option in options].count(True) != 1:
            raise ValueError(f"quiz question {text!r} does not have exactly one right option")
        questions.append(Question(text.strip(), tuple(options)))
    return questions


def of_lesson(stem: str) -> list[Question]:
    """Read the quiz of a lesson by its file name; lesson 00 has none."""
    path: Path = PAGES / f"{stem}.md"
    return read(path.read_text("utf-8")) if path.exists() else []


def folded(page: str) -> str:
    """Return an instructor's page whose quiz keeps its answers folded, for the site."""
    questions = read(page)
    if not questions:
        return page
    shown = []
    for question in questions:
        options = [f"- **{option.letter}** {option.text}" for option in question.options]
        reasons = [f"- **{option.letter}** {option.reason}" for option in question.options]
        (right,) = [option.letter for option in question.options if option.right]
        answer = [
            "<details class='help solution'><summary>Answer</summary>",
            "",
            f"**{right}** is right.",
            "",
            *reasons,
        ]
        shown += [f"### {question.text}", "", *options, "", *answer, "", "</details>", ""]
    return split(page)[0] + "\n" + "\n".join(shown)


def tidy(text: str) -> str:
    return " ".join(text.split())
