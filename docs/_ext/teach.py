"""What the instructor's pages take from the package, so that it cannot drift."""

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from borrowing_strength.exercises.records import Choice, Exercise, load_exercises


def wrong_answers(exercise: Exercise) -> list[str]:
    """Write an exercise's purpose and the diagnosis of each known mistake, as Markdown."""
    lines = [f"**{exercise.id} {exercise.title}.** {exercise.purpose}", ""]
    if isinstance(exercise.check, Choice):
        for letter, says in exercise.check.wrong.items():
            lines.append(f"- **{letter}**, {exercise.check.options[letter]}: *{says}*")
        return [*lines, ""]
    for mistake in exercise.all_mistakes:
        lines += ["```python", *mistake.code.strip().splitlines(), "```", "", mistake.says, ""]
    return lines


class WrongAnswers(SphinxDirective):
    """``{wrong-answers} 01``: every known mistake of a lesson, and what the feedback says of it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Read the lesson's exercise records."""
        number = self.arguments[0]
        found = [exercise for exercise in load_exercises().values() if exercise.lesson == number]
        if not found:
            raise self.error(f"there is no exercise of lesson {number!r}")
        lines = [line for exercise in found for line in wrong_answers(exercise)]
        box = nodes.container()
        self.state.nested_parse(StringList(lines, source=f"exercises of lesson {number}"), self.content_offset, box)
        return box.children


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("wrong-answers", WrongAnswers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
