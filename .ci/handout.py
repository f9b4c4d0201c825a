"""Print the exercises of the lessons: `make handout`, or `make handout ARGS=01`.

Each page, build/handout/NN.html, holds the question, what the cell starts from and room to write; the hints stand on
the last sheet. Print it from a browser, on A4 or Letter.
"""

import html
import re
import sys
from string import Template

import pages
from borrowing_strength.exercises.records import Exercise, load_exercises
from notebooks import Lesson, tags


def handout(lesson: Lesson) -> str:
    """Return the whole page."""
    known = load_exercises()
    asked = [(i, known[cell.metadata.exercise]) for i, cell in lesson.code if "exercise" in tags(cell)]
    return Template((pages.HERE.with_name("handout.html")).read_text("utf-8")).substitute(
        title=html.escape(pages.title(lesson)),
        question=html.escape(lesson.nb.metadata.borrowing_strength.question),
        style=pages.CODE_STYLE,
        exercises="\n".join(exercise(lesson, position) for position, _ in asked),
        hints="\n".join(hints(record) for _, record in asked),
    )


def question(lesson: Lesson, position: int) -> str:
    """Return the text from the exercise's heading down to its cell."""
    text = ""
    for cell in reversed(lesson.nb.cells[:position]):
        if cell.cell_type == "markdown":
            text = f"{cell.source}\n\n{text}"
            if heading := re.search(r"^### Exercise.*", text, re.MULTILINE):
                return text[heading.start() :]
    raise ValueError(f"{lesson.path.name}: no heading `### Exercise ...` stands above cell {position}")


def exercise(lesson: Lesson, position: int) -> str:
    stub = pages.stub(lesson.nb.cells[position])
    room = '<div class="line"></div>' * (3 if len(stub.splitlines()) == 1 else 6)
    return f"<section>{pages.markdown(question(lesson, position))}{pages.code(stub)}{room}</section>"


def hints(record: Exercise) -> str:
    items = "".join(f"<li>{pages.markdown(hint)}</li>" for hint in record.hints)
    return f"<div class='hints'><h3>{record.id} {html.escape(record.title)}</h3><ol>{items}</ol></div>"


if __name__ == "__main__":
    pages.write("handout", handout, sys.argv[1:])
