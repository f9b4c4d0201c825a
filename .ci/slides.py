"""Turn the marked cells of the lessons into slides: `make slides`, or `make slides ARGS="01 02"`.

A cell is marked in its metadata: `"slideshow": {"slide_type": "slide"}` begins a slide, `"-"` goes on with it, and
`"notes"` in the same place holds what the speaker wants to remember. Unmarked cells are left out, but for the gaps of
an exercise whose question is on a slide. The first slide is made of the lesson's opening. Each deck is one file,
build/slides/NN.html, and needs no network; S opens the notes, and ?print-pdf after the address prints a page a slide.

What is marked as one slide becomes several where it says several things: a heading begins a new one, a figure fills
one, what follows a prediction waits for a key, and what does not fit goes on overleaf. Every slide has a title: its
heading, `"title"` beside `"slide_type"`, the question of a prediction, the finding above a figure, or the sentence in
bold with which the text begins. The exit quiz comes last, without its answers.
"""

import html
import math
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from string import Template

import quiz
from nbformat import NotebookNode

import pages
from notebooks import Lesson, tags

MOST = 25  # marked slides a lesson
LONGEST = 116  # characters of a title; long ones are set smaller
LONG = 80
ROOM = 17.0  # lines of text that fit below a title, of so many characters of text or code
WIDTH, CODE_WIDTH = 96, 104
SHORT = 5  # lines of code that are shown with an answer; longer ones would hide it
BESIDE = 2.6  # lines that a figure leaves to a text


@dataclass(frozen=True)
class Block:
    """A piece of a slide that is not broken: a paragraph with its list, a figure, code, what code printed."""

    html: str
    lines: float
    kind: str = "text"
    hidden: bool = False  # it waits for a key
    title: str = ""  # of the slide that it begins
    breaks: bool = False  # it begins a slide wherever it stands


@dataclass
class Slide:
    """A title, and what stands below it."""

    title: str
    blocks: list[Block] = field(default_factory=list)
    notes: str = ""

    def takes(self, block: Block) -> bool:
        """Whether a block fits; a figure has a slide to itself, but for a line or two."""
        together = [*self.blocks, block]
        texts = [b for b in together if b.kind != "figure"]
        if block.breaks:
            return False
        if len(texts) < len(together):
            waiting = {b.hidden for b in together}
            return len(texts) == len(together) - 1 and len(waiting) == 1 and lines(texts) <= BESIDE
        return lines(together) <= ROOM


def lines(some: list[Block]) -> float:
    return sum(block.lines for block in some)


def slides(lesson: Lesson) -> list[list[NotebookNode]]:
    """Return the cells of each marked slide; the first holds the lesson's opening."""
    shown = [[lesson.nb.cells[0]]]
    cells = lesson.nb.cells
    for i, cell in enumerate(cells[1:], start=1):
        mark = cell.metadata.get("slideshow", {}).get("slide_type")
        if mark == "slide":
            shown.append([cell])
        elif mark == "-":
            shown[-1].append(cell)
        elif mark is not None:
            raise ValueError(f'{lesson.path.name}, cell {i}: slide_type is {mark!r}; it can be "slide" or "-"')
        elif gaps_to_fill(cell) and "slideshow" in cells[i - 1].metadata:
            shown[-1].append(cell)
    if len(shown) > MOST:
        raise ValueError(f"{lesson.path.name} has {len(shown)} slides: at most {MOST}")
    return shown


def gaps_to_fill(cell: NotebookNode) -> bool:
    """Whether this is an exercise whose stub says something, and fits below the question."""
    return "exercise" in tags(cell) and 2 <= len(pages.stub(cell).splitlines()) <= 9


# ---------------------------------------------------------------------------------------------- from cells to slides


def cut(lesson: Lesson) -> list[Slide]:
    """Return the slides of a lesson after its opening."""
    found: list[Slide] = []
    for cells in slides(lesson)[1:]:
        begun, waiting = len(found), False
        for i, cell in enumerate(cells):
            for block in [*unasked(lesson, cell), *blocks(cell, first=i == 0)]:
                # What explains an answer waits with it, until the next heading.
                waiting = block.hidden or (waiting and not block.breaks)
                block = replace(block, hidden=waiting)
                if len(found) == begun or not found[-1].takes(block):
                    found.append(Slide(block.title or title_overleaf(found[begun:])))
                if block.html:
                    found[-1].blocks.append(block)
        found[begun:] = [slide for slide in found[begun:] if slide.blocks]
        found[begun].notes = notes(cells)
        if nameless := [slide for slide in found[begun:] if not slide.title]:
            raise ValueError(f'{lesson.path.name}: say a "title" beside the "slide_type" of: {nameless[0].blocks}')
    return found


def title_overleaf(before: list[Slide]) -> str:
    """What goes on overleaf keeps its title, and the answer to a prediction is headed by the question."""
    said = before[-1].title.removeprefix("Predict: ") if before else ""
    return said[:1].upper() + said[1:]


def unasked(lesson: Lesson, cell: NotebookNode) -> list[Block]:
    """The question of a prediction whose answer is on the slides and which itself is not."""
    if "hide-output" not in tags(cell):
        return []
    cells = lesson.nb.cells
    asking = next(c for c in reversed(cells[: cells.index(cell)]) if "**Predict" in c.source)
    if "slideshow" in asking.metadata:
        return []
    text = asking.source[asking.source.index("**Predict") :]
    return [Block("", 0, title=question(text), breaks=True), *paragraphs(without_question(text))]


def question(text: str) -> str:
    """The question of a prediction as a title: all of it, or its last sentence, or what stands before its options."""
    said = re.search(r"\*\*Predict[^*]*:\*\* (.+?)(\?|$)", text, re.MULTILINE)
    if said is None:
        return ""
    for part in (said[1], said[1].split(". ")[-1], said[1].split(": ")[0]):
        if len(part) <= LONGEST:
            return f"Predict: {part}{said[2] or ' …'}"
    return ""


def without_question(text: str) -> str:
    """What is left to say when the question is the title; all of it, if that is nothing."""
    said = question(text).removeprefix("Predict: ")
    return re.sub(r"\*\*Predict[^*]*:\*\* " + re.escape(said), "", text).strip() or text


def blocks(cell: NotebookNode, first: bool) -> Iterator[Block]:
    """Yield the pieces of a cell; the first of a slide may give it its title."""
    title = cell.metadata.get("slideshow", {}).get("title", "")
    if cell.cell_type == "markdown":
        yield from text_blocks(cell.source, title, first)
        return
    hidden, printed = "hide-output" in tags(cell), pages.words(cell)
    figures = pages.pictures(cell, titled=bool(finding(cell)) and title in ("", finding(cell)))
    if title:
        yield Block("", 0, title=title, breaks=True)
    if "exercise" in tags(cell):
        yield code(pages.stub(cell))
        return
    source = re.sub(r"\n?^bs\.reveal\(.*\)$", "", cell.source, flags=re.MULTILINE).strip()
    if figures:
        yield Block(figures, 0, "figure", hidden, finding(cell))
    elif source and not (hidden and rows_of(source) > SHORT):
        yield code(source, hidden)
    if printed:
        rows = 1.5 * printed.count("<tr") if "<table" in printed else 0.85 * rows_of(printed)
        yield Block(printed, rows + 0.5, "words", hidden)


def text_blocks(text: str, title: str, first: bool) -> Iterator[Block]:
    """Yield the pieces of a text: a heading is a title, and so is a question or a sentence in bold that begins it."""
    heading = re.match(r"#{2,4} .+\n*", text)
    lead = re.match(r"\*\*((?!Predict)[^*]+[.?!])\*\*\s*", text) if first else None
    if title:
        yield Block("", 0, title=title, breaks=True)
        text = text[heading.end() :] if heading else text
    elif lead and len(lead[1]) <= LONGEST:
        yield Block("", 0, title=lead[1], breaks=True)
        text = text[lead.end() :]
    elif first and not heading and (asked := question(text)):
        yield Block("", 0, title=asked, breaks=True)
        text = without_question(text)
    elif first and (later := re.search(r"^#{2,4} ", text, re.MULTILINE)):
        text = text[later.start() :]  # what stands above the heading ends a thought that is not on the slides
    yield from paragraphs(text)


def paragraphs(text: str) -> Iterator[Block]:
    """Yield headings and paragraphs; a list, a table or a formula stays with what introduces it."""
    parts: list[str] = []
    for part in re.split(r"\n{2,}", text.strip()):
        if parts and re.match(r"- |\d+\. |\$\$|\| |```", part) and not parts[-1].startswith("#"):
            parts[-1] += f"\n\n{part}"
        elif part:
            parts.append(part)
    for part in parts:
        if heading := re.match(r"#{2,4} (.+)", part):
            yield Block("", 0, title=heading[1].strip(), breaks=True)
        else:
            rows = [2 if line.startswith(("$$", "|")) else math.ceil(len(line) / WIDTH) for line in part.splitlines()]
            yield Block(pages.markdown(part), sum(rows) + 0.5)


def code(source: str, hidden: bool = False) -> Block:
    return Block(pages.code(source), 0.82 * rows_of(source) + 1, "code", hidden)


def rows_of(text: str) -> int:
    return sum(max(1, math.ceil(len(line) / CODE_WIDTH)) for line in text.splitlines())


def finding(cell: NotebookNode) -> str:
    """The title of a figure, which states what it shows."""
    said = re.search(r'title\s*[=(]\s*"([^"]+)"', cell.source)
    return said[1] if said else ""


def exit_quiz(lesson: Lesson) -> list[Slide]:
    """The questions of the exit quiz, one a slide, without their answers."""
    asked = enumerate(quiz.of_lesson(lesson.path.stem), 1)
    return [Slide(f"Exit quiz, question {i}", list(paragraphs(options(question)))) for i, question in asked]


def options(asked: quiz.Question) -> str:
    text = asked.text.partition(". ")[2]
    return "\n".join([text, "", *(f"- **{option.letter}** {option.text}" for option in asked.options)])


def notes(cells: list[NotebookNode]) -> str:
    said = [cell.metadata.get("slideshow", {}).get("notes", "") for cell in cells]
    return "".join(f'<aside class="notes">{pages.markdown(text)}</aside>' for text in said if text)


# ---------------------------------------------------------------------------------------------- as a page


def deck(lesson: Lesson) -> str:
    """Return the whole page."""
    first = f'<section class="opening"><div class="slide">{opening(lesson)}</div>{notes(lesson.nb.cells[:1])}</section>'
    files = {path.name: path.read_text("utf-8") for path in pages.HERE.iterdir()}
    return Template(files["deck.html"]).substitute(
        title=html.escape(pages.title(lesson)),
        style="\n".join([files["reveal.css"], pages.CODE_STYLE, files["deck.css"]]),
        # A comment in the files names a map that is not here; a browser would look for it.
        scripts="\n".join(re.sub(r"//# sourceMappingURL=\S+", "", files[name]) for name in ("reveal.js", "notes.js")),
        slides="\n".join([first, *map(section, cut(lesson) + exit_quiz(lesson))]),
    )


def section(slide: Slide) -> str:
    """A slide; what follows a prediction waits for a key, unless the question stands on the slide before."""
    answer = all(block.hidden for block in slide.blocks) and not slide.title.startswith("Predict")
    shown = "".join(
        f'<div class="{block.kind}{" fragment" if block.hidden and not answer else ""}">{block.html}</div>'
        for block in slide.blocks
    )
    kind = "answer" if answer else ""
    title = f"<h2{' class=long' * (len(slide.title) > LONG)}>{pages.inline(slide.title)}</h2>"
    return f'<section class="{kind}"><div class="slide">{title}{shown}</div>{slide.notes}</section>'


def opening(lesson: Lesson) -> str:
    """Return title, question, minutes and objectives."""
    facts = lesson.nb.metadata.borrowing_strength
    objectives = re.search(r"^\*\*In about .+?(?=\n\n(?!- )|\Z)", lesson.nb.cells[0].source, re.DOTALL | re.MULTILINE)
    head = f"<h1>{html.escape(pages.title(lesson))}</h1><p class='question'>{html.escape(facts.question)}</p>"
    return f"{head}<p class='minutes'>{facts.minutes} minutes</p>{pages.markdown(objectives[0])}"


if __name__ == "__main__":
    pages.write("slides", deck, sys.argv[1:])
