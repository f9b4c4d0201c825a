"""Turn the marked cells of the lessons into slides: `make slides`, or `make slides ARGS="01 02"`.

A cell is marked in its metadata: `"slideshow": {"slide_type": "slide"}` begins a slide, `"-"` goes on with it, and
`"notes"` in the same place holds what the speaker wants to remember. Unmarked cells are left out, but for the gaps of
an exercise whose question is on a slide. The first slide is made of the lesson's opening. Each deck is one file,
build/slides/NN.html, and needs no network; S opens the notes.
"""

import html
import re
import sys
from string import Template

from nbformat import NotebookNode

import pages
from notebooks import Lesson, tags

MOST = 25  # slides a lesson


def slides(lesson: Lesson) -> list[list[NotebookNode]]:
    """Return the cells of each slide; the first holds the lesson's opening."""
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


def deck(lesson: Lesson) -> str:
    """Return the whole page."""
    sections = [section([opening(lesson)], slides(lesson)[0], "opening")]
    sections += [section([show(cell) for cell in cells], cells) for cells in slides(lesson)[1:]]
    files = {path.name: path.read_text("utf-8") for path in pages.HERE.iterdir()}
    return Template(files["deck.html"]).substitute(
        title=html.escape(pages.title(lesson)),
        style="\n".join([files["reveal.css"], pages.CODE_STYLE, files["deck.css"]]),
        # A comment in the files names a map that is not here; a browser would look for it.
        scripts="\n".join(re.sub(r"//# sourceMappingURL=\S+", "", files[name]) for name in ("reveal.js", "notes.js")),
        slides="\n".join(sections),
    )


def section(parts: list[str], cells: list[NotebookNode], kind: str = "") -> str:
    said = [cell.metadata.get("slideshow", {}).get("notes", "") for cell in cells]
    notes = "".join(f'<aside class="notes">{pages.markdown(text)}</aside>' for text in said if text)
    return f'<section class="{kind}">{"".join(parts)}{notes}</section>'


def opening(lesson: Lesson) -> str:
    """Return title, question, minutes and objectives."""
    facts = lesson.nb.metadata.borrowing_strength
    objectives = re.search(r"^\*\*In about .+?(?=\n\n(?!- )|\Z)", lesson.nb.cells[0].source, re.DOTALL | re.MULTILINE)
    head = f"<h1>{html.escape(pages.title(lesson))}</h1><p class='question'>{html.escape(facts.question)}</p>"
    return f"{head}<p class='minutes'>{facts.minutes} minutes</p>{pages.markdown(objectives[0])}"


def show(cell: NotebookNode) -> str:
    """Return a cell: text; an exercise's stub; a figure without its code; code with what it prints."""
    if cell.cell_type == "markdown":
        return pages.markdown(cell.source)
    if "exercise" in tags(cell):
        return pages.code(pages.stub(cell))
    figures = pages.pictures(cell)
    source = re.sub(r"\n?^bs\.reveal\(.*\)$", "", cell.source, flags=re.MULTILINE)
    shown = figures + ("" if figures else pages.code(source)) + pages.words(cell)
    # What follows a prediction waits for a key.
    return f'<div class="fragment">{shown}</div>' if "hide-output" in tags(cell) else shown


if __name__ == "__main__":
    pages.write("slides", deck, sys.argv[1:])
