"""The lessons as pages, made from the notebooks and from the exercises in the package.

At the start of a build every notebook is copied into docs/notebooks (which git ignores, and where links between lessons
read as they do in the repository), and on the way:

- the badges become a line with minutes, exercises and ways to run the lesson; the set-up cell goes;
- below each exercise stand its hints and its solution, folded;
- in the place of a slider stands a grid of its states.

Bold terms that the glossary explains become links to it, the first time a lesson uses them.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

import notebooks
from borrowing_strength import plots, widgets
from borrowing_strength.exercises.feedback import inline
from borrowing_strength.exercises.records import Exercise, load_exercises
from notebooks import Lesson

FOLDER = "notebooks"
STATES = "states"


def write_lessons(app: Sphinx) -> None:
    plots.use_style()  # as every lesson does before its first picture
    folder = Path(app.srcdir) / FOLDER
    (folder / STATES).mkdir(parents=True, exist_ok=True)
    written = {folder / STATES}
    for path in notebooks.lessons():
        lesson = notebooks.load(path)
        lesson.nb.cells = [new for cell in lesson.nb.cells for new in page_cells(lesson, cell, folder)]
        written.add(write(folder / path.name, notebooks.to_text(lesson.nb).encode()))
    for stale in set(folder.iterdir()) - written:
        shutil.rmtree(stale) if stale.is_dir() else stale.unlink()


def write(path: Path, data: bytes) -> Path:
    """Write what has changed, so that Sphinx reads again only that."""
    if not path.exists() or path.read_bytes() != data:
        path.write_bytes(data)
    return path


def page_cells(lesson: Lesson, cell: NotebookNode, folder: Path) -> Iterator[NotebookNode]:
    """Yield what the page shows for a cell of the notebook."""
    tags = notebooks.tags(cell)
    if "setup" in tags:
        return
    if cell is lesson.nb.cells[0]:
        badges = notebooks.badges(lesson.path.name, lesson.address)
        cell.source = cell.source.replace(badges, launch_line(lesson, badges))
    if "prediction" in cell.metadata:
        cell.outputs = []
        yield cell
    elif "exercise" in tags:
        cell.outputs = []  # all it says is that nobody has answered yet
        yield cell
        yield new_markdown_cell(folded(load_exercises()[cell.metadata.exercise]), id=f"{cell.id}-help")
    elif slider := slider_of(cell):
        cell.outputs = []
        yield cell
        yield new_markdown_cell(grid(slider, cell.id, folder), id=f"{cell.id}-grid")
    else:
        # Figures are stored with two dots a pixel: they are shown at the size for which they were drawn.
        for output in cell.get("outputs", ()):
            if drawn := output.get("metadata", {}).get("image/png"):
                cell.metadata.mystnb.image["width"] = f"{drawn['width']}px"
        yield cell


def launch_line(lesson: Lesson, badges: str) -> str:
    binder, colab = re.findall(r"\)\]\((.+?)\)", badges)
    exercises = sum("exercise" in notebooks.tags(cell) for cell in lesson.nb.cells)
    minutes = lesson.nb.metadata.borrowing_strength.minutes
    download = f"[Download it](<path:../../notebooks/{lesson.path.name}>)"
    return (
        f"{{.launch}}\n{minutes} minutes · {exercises} exercises · "
        f"[Run it in Binder]({binder}) · [Run it in Colab]({colab}) · {download}"
    )


# ---------------------------------------------------------------------------------------------- exercises


def folded(exercise: Exercise) -> str:
    """Return an exercise's hints, one by one, and its solution with the reason, all folded."""
    count = len(exercise.hints)
    hints = [
        f'<details class="help"><summary>Hint {i} of {count}</summary>\n<p>{inline(text)}</p>\n</details>'
        for i, text in enumerate(exercise.hints, 1)
    ]
    solution = (
        '<details class="help solution"><summary>Solution</summary>\n\n'
        f"```python\n{exercise.solution}\n```\n\n<p>{inline(exercise.why)}</p>\n</details>"
    )
    return "\n\n".join([*hints, solution])


# ---------------------------------------------------------------------------------------------- sliders


def slider_of(cell: NotebookNode) -> widgets.Slider | None:
    """Return the slider that a cell shows; a function of `widgets` is called as the cell calls it."""
    if cell.cell_type != "code" or "bs.widgets." not in cell.source:
        return None
    call = re.search(r"^bs\.widgets\.(\w+)\(\)$", cell.source, re.MULTILINE)
    if call is None:
        raise ExtensionError(f"the site cannot show {cell.source!r}: a slider is called as bs.widgets.NAME()")
    return getattr(widgets, call[1])()


def grid(slider: widgets.Slider, name: str, folder: Path) -> str:
    """Write the pictures of a slider's states; return the Markdown that shows them side by side."""
    figures = []
    for i, (label, png, sentence) in enumerate(slider.states(), 1):
        picture = write(folder / STATES / f"{name}-{i}.png", png)
        figures.append(f":::{{figure}} {STATES}/{picture.name}\n:alt: {sentence}\n\n{label}\n:::")
    note = "{.states-note}\nIn the notebook you move this picture freely. Here are some of its states:"
    return "\n\n".join([note, "::::{container} states", *figures, "::::"])


# ---------------------------------------------------------------------------------------------- glossary, table


def link_terms(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Link the first bold occurrence of each glossary term in a lesson."""
    if not page.startswith(f"{FOLDER}/"):
        return
    objects = app.env.domains.standard_domain.get_objects()
    terms = {name.lower(): (target, anchor) for name, _, kind, target, anchor, _ in objects if kind == "term"}
    for strong in list(doctree.findall(nodes.strong)):
        words = strong.astext().lower().replace("’", "'")
        found = terms.pop(words, None) or terms.pop(words.removesuffix("s"), None)
        if found:
            uri = f"{app.builder.get_relative_uri(page, found[0])}#{found[1]}"
            link = nodes.reference("", "", internal=True, refuri=uri, reftitle="in the glossary")
            strong.replace_self(link)
            link += strong


class LessonTable(SphinxDirective):
    """The README's table of lessons, without its badges."""

    def run(self) -> list[nodes.Node]:
        return self.parse_text_to_nodes(notebooks.course_map().replace("](", "](/notebooks/"))


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("lesson-table", LessonTable)
    app.connect("builder-inited", write_lessons)
    app.connect("doctree-resolved", link_terms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
