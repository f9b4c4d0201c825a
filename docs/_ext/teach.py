"""What the instructor's pages take from the package and the lessons, so that it cannot drift."""

import math
import re

import minutes
import quiz
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import notebooks
from borrowing_strength.exercises.records import Choice, Exercise, load_exercises

SLACK = 60 / 50  # ten minutes an hour for questions


class FromMarkdown(SphinxDirective):
    """A directive that writes Markdown."""

    def lines(self) -> list[str]:
        """Return the Markdown."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """Parse what `lines` returns in the place of the directive."""
        self.env.note_reread()  # what it takes from the lessons may change without this page
        try:
            lines = self.lines()
        except ValueError as error:
            raise self.error(str(error)) from error
        return self.parse_text_to_nodes("\n".join(lines))


# ---------------------------------------------------------------------------------------------- wrong answers


class WrongAnswers(FromMarkdown):
    """``{wrong-answers} 01``: every known mistake of a lesson, and what the feedback says of it."""

    required_arguments = 1

    def lines(self) -> list[str]:
        """Read the lesson's exercise records."""
        number = self.arguments[0]
        found = [exercise for exercise in load_exercises().values() if exercise.lesson == number]
        if not found:
            raise ValueError(f"there is no exercise of lesson {number!r}")
        return [line for exercise in found for line in wrong_answers(exercise)]


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


# ---------------------------------------------------------------------------------------------- timetables


class Timetable(FromMarkdown):
    """``{timetable} 9:00``: rows of what happens, turned into a table with times.

    A row is ``15 | Break`` or ``lesson 1 A-D | What to skip``: minutes, or a lesson with or without its sections,
    whose minutes come from the lesson, with ten minutes of slack an hour and rounded up to five.
    """

    required_arguments = 1
    has_content = True

    def lines(self) -> list[str]:
        """Add the minutes up."""
        return timetable(self.arguments[0], [line for line in self.content if line.strip()])


def timetable(start: str, rows: list[str]) -> list[str]:
    """Write the table: time, minutes, what, remarks."""
    hour, minute = map(int, start.split(":"))
    now = 60 * hour + minute
    lines = ["| Time | Minutes | What | Remarks |", "|---|---|---|---|"]
    for row in rows:
        head, _, remark = (part.strip() for part in row.partition("|"))
        lesson = re.fullmatch(r"lesson (\d)(?: ([A-Z])-([A-Z]))?", head)
        if lesson:
            due, what = chapter(*lesson.groups())
            length = 5 * math.ceil(due * SLACK / 5)
        else:
            length, (what, _, remark) = int(head), remark.partition("|")
        lines.append(f"| {now // 60}:{now % 60:02} | {length} | {what.strip()} | {remark.strip()} |")
        now += length
    return [*lines, f"| {now // 60}:{now % 60:02} | | End | |", ""]


def chapter(number: str, first: str | None, last: str | None) -> tuple[int, str]:
    """Return the minutes of a lesson or of a stretch of it, and a link to the page about it."""
    (path,) = [path for path in notebooks.lessons() if path.name.startswith(number.zfill(2))]
    link = f"[Lesson {number}]({path.stem}.md)"
    if first is None:
        return notebooks.load(path).nb.metadata.borrowing_strength.minutes, link
    due = sections(path.stem)
    missing = {first, last} - set(due)
    if missing:
        raise ValueError(f"lesson {number} has no section {', '.join(sorted(missing))}")
    chosen = [letter for letter in due if first <= letter <= last]
    name = f"section {first}" if first == last else f"sections {first} to {last}"
    return sum(due[letter] for letter in chosen), f"{link}, {name}"


def sections(lesson: str) -> dict[str, int]:
    """Return the minutes of each lettered section, the upper end of what the lesson's opening table states."""
    opening = notebooks.load(notebooks.ROOT / "notebooks" / f"{lesson}.ipynb").nb.cells[0].source
    return {row[3]: int(row[4].split()[-1]) for row in minutes.ROW.finditer(opening) if row[3]}


def fold_quiz(app: Sphinx, page: str, source: list[str]) -> None:
    """On the site the answers of a quiz wait behind a fold: learners read these pages as well."""
    if page.startswith("teach/"):
        source[0] = quiz.folded(source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    app.add_directive("wrong-answers", WrongAnswers)
    app.add_directive("timetable", Timetable)
    app.connect("source-read", fold_quiz)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
