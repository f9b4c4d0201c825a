"""What the instructor's pages get on the site: the known wrong answers, folded quizzes, a place in the contents.

On GitHub these pages are plain Markdown. There a sentence with a link to the site stands where the wrong answers do.
"""

import re
from pathlib import Path

import quiz
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import handout
import pages
import slides
from borrowing_strength.exercises.records import Choice, Exercise, load_exercises

READY = (
    '<a href="slides/{number}.html">Slides</a> with notes (<kbd>S</kbd> opens them) · '
    '<a href="handout/{number}.html">handout</a> with exit quiz, and <a href="key/{number}.html">its key</a>, to print'
)
_WRONG = re.compile(r"<!-- wrong answers of lesson (\d\d) -->\n.+\n")


def wrong_answers_of(number: str) -> str:
    """Write every known mistake of a lesson, and what the feedback says of it."""
    found = [exercise for exercise in load_exercises().values() if exercise.lesson == number]
    if not found:
        raise ValueError(f"there is no exercise of lesson {number!r}")
    return "\n".join(line for exercise in found for line in wrong_answers(exercise)) + "\n"


def wrong_answers(exercise: Exercise) -> list[str]:
    """Write an exercise's purpose and the diagnosis of each known mistake."""
    lines = [f"**{exercise.id} {exercise.title}.** {exercise.purpose}", ""]
    if isinstance(exercise.check, Choice):
        for letter, says in exercise.check.wrong.items():
            lines.append(f"- **{letter}**, {exercise.check.options[letter]}: *{says}*")
        return [*lines, ""]
    for mistake in exercise.listed_mistakes:
        lines += ["```python", *mistake.code.strip().splitlines(), "```", "", mistake.says, ""]
    return lines


def for_the_site(app: Sphinx, page: str, source: list[str]) -> None:
    """Complete a page, fold the answers of its quiz (learners read these pages as well), and list what it links to."""
    if not page.startswith("teach/"):
        return
    text = _WRONG.sub(lambda sentence: wrong_answers_of(sentence[1]), source[0])
    if lesson := re.match(r"teach/(\d\d)_", page):
        text = text.replace("\n\n", f"\n\n{READY.format(number=lesson[1])}\n\n", 1)
    elif page == "teach/index":
        listed = re.findall(r"^- \[[^]]+\]\((\w+)\.md\)", text, re.MULTILINE)
        text += "\n".join(["", "```{toctree}", ":hidden:", "", *listed, "```", ""])
    source[0] = quiz.folded(text)


def read_again(app: Sphinx, env: BuildEnvironment, docs: list[str]) -> None:
    """What these pages take from the lessons may change without them."""
    docs += [name for name in env.found_docs if name.startswith("teach/") and name not in docs]


def write_for_the_room(app: Sphinx, error: Exception | None) -> None:
    """Put the slides and the handouts beside the pages."""
    if error is None and app.builder.format == "html":
        pages.write("slides", slides.deck, into=Path(app.outdir) / "teach")
        pages.write("handout", handout.handout, into=Path(app.outdir) / "teach")
        pages.write("key", handout.key, into=Path(app.outdir) / "teach")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register."""
    app.connect("source-read", for_the_site)
    app.connect("env-before-read-docs", read_again)
    app.connect("build-finished", write_for_the_room)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
