"""Print the exercises of the lessons: `make handout`, or `make handout ARGS=01`.

Each page, build/handout/NN.html, holds the questions with what a pencil needs: what the lesson had computed by then
(`paper` in the records), boxes to tick or room to write, and the gaps to fill where the answer is code. The hints and
the exit quiz stand on sheets of their own at the end. The answers are the instructor's: build/key/NN.html.
Print it from a browser, on A4 or Letter.
"""

import html
import re
import sys
from collections.abc import Iterator
from string import Template

import quiz

import pages
from borrowing_strength.exercises.records import Choice, Exercise, Number, Order, load_exercises
from notebooks import Lesson, tags

NAME = '<p class="name">Name: ____________________________</p>'


def handout(lesson: Lesson) -> str:
    """Return the learners' sheets: exercises, hints, exit quiz."""
    title = html.escape(pages.title(lesson))
    asked = list(_asked(lesson))
    return _page(
        f"{title}: exercises",
        f"{NAME}<h1>{title}</h1>",
        f"<p><em>{html.escape(lesson.nb.metadata.borrowing_strength.question)}</em></p>",
        *(exercise(lesson, position, record) for position, record in asked),
        '<div class="last"><h1>Hints</h1><p>Read one at a time, after a try of your own.</p>',
        *(hints(record) for _, record in asked),
        f'</div><div class="last">{NAME}<h1>Exit quiz: {title}</h1>',
        *map(quiz_question, quiz.of_lesson(lesson.path.stem)),
        "</div>",
    )


def key(lesson: Lesson) -> str:
    """Return the instructor's sheets: the answers and their reasons."""
    title = html.escape(pages.title(lesson))
    letters = ", ".join(map(quiz_key, quiz.of_lesson(lesson.path.stem)))
    return _page(
        f"{title}: answers",
        f"<h1>For the instructor: answers, {title}</h1><p><b>Exit quiz:</b> {letters}</p>",
        *(solution(record) for _, record in _asked(lesson)),
    )


def _page(title: str, *parts: str) -> str:
    template = Template((pages.HERE.with_name("handout.html")).read_text("utf-8"))
    return template.substitute(title=title, style=pages.CODE_STYLE, body="\n".join(parts))


def _asked(lesson: Lesson) -> Iterator[tuple[int, Exercise]]:
    known = load_exercises()
    return ((i, known[cell.metadata.exercise]) for i, cell in lesson.code if "exercise" in tags(cell))


def question(lesson: Lesson, position: int) -> str:
    """Return the text from the exercise's heading down to its cell."""
    text = ""
    for cell in reversed(lesson.nb.cells[:position]):
        if cell.cell_type == "markdown":
            text = f"{cell.source}\n\n{text}"
            if heading := re.search(r"^### Exercise.*", text, re.MULTILINE):
                return text[heading.start() :]
    raise ValueError(f"{lesson.path.name}: no heading `### Exercise ...` stands above cell {position}")


LINE = '<div class="line"></div>'


def exercise(lesson: Lesson, position: int, record: Exercise) -> str:
    """The question, and below it what a pencil needs: boxes, a line for a number, or the gaps of some code."""
    text, stub = question(lesson, position), pages.stub(lesson.nb.cells[position])
    known = f"<p class='known'><b>Given.</b> {pages.inline(given)}</p>" if (given := record.paper()) else ""
    if "the figure" in text:
        known += next(filter(None, map(pages.pictures, reversed(lesson.nb.cells[:position]))))
    if "?" in text:
        text = re.sub(r" Store [^.?]+ in `\w+`\.", "", text)  # paper has no names
    if isinstance(record.check, Choice | Order):
        text = re.sub(r"^- \*\*(\w)\*\* ", rf"- {BOX} **\1** ", text, flags=re.MULTILINE)
    if isinstance(record.check, Choice):
        answer = ""
    elif isinstance(record.check, Order):
        answer = "<p class='answer'>In order: ______ , ______ , ______ , ______</p>"
    elif isinstance(record.check, Number) and len(stub.splitlines()) == 1:
        answer = f"{LINE * 2}<p class='answer'>Answer: ________________</p>"
    else:
        answer = pages.code(stub) + LINE * 3
    text = re.sub(r"^### ", "## ", text)
    return f"<section>{pages.markdown(text)}{known}{answer}</section>"


BOX = "<span class='box' aria-hidden='true'></span>"


def quiz_question(asked: quiz.Question) -> str:
    """A question of the exit quiz, with boxes."""
    options = "".join(f"<li>{BOX} <b>{o.letter}</b> {pages.inline(o.text)}</li>" for o in asked.options)
    return f"<section><h2>{pages.inline(asked.text)}</h2><ul class='options'>{options}</ul></section>"


def quiz_key(asked: quiz.Question) -> str:
    return asked.text.split(".")[0] + next(option.letter for option in asked.options if option.right)


def solution(record: Exercise) -> str:
    """The solution and the reason."""
    return (
        f"<div class='hints'><h2>{record.id} {html.escape(record.title)}</h2>"
        f"{pages.code(record.solution)}{pages.markdown(record.why)}</div>"
    )


def hints(record: Exercise) -> str:
    items = "".join(f"<li>{pages.markdown(hint)}</li>" for hint in record.hints)
    return f"<div class='hints'><h2>{record.id} {html.escape(record.title)}</h2><ol>{items}</ol></div>"


if __name__ == "__main__":
    pages.write("handout", handout, sys.argv[1:])
    pages.write("key", key, sys.argv[1:])
