"""What the tests demand of each lesson: every rule returns sentences that say what is wrong."""

import json
import re
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path

import minutes
import nbformat
from nbformat import NotebookNode

from borrowing_strength.predictions import load_predictions
from notebooks import Lesson, badges, normalise, setup_cell, tags, to_text

EXEMPT_TAGS = {"nbval-ignore-output", "nbval-skip", "raises-exception"}


def tidy(text: str) -> str:
    return " ".join(text.split())


def valid(lesson: Lesson) -> Iterator[str]:
    """The file is a valid notebook."""
    try:
        nbformat.validate(json.loads(lesson.text))
    except nbformat.ValidationError as error:
        yield str(error).splitlines()[0]


def normalised(lesson: Lesson) -> Iterator[str]:
    """The file is in the one form; `make notebooks` is the cure."""
    if lesson.text != to_text(normalise(lesson.nb)):
        yield "is not normalised: run `make notebooks`"


def counted(lesson: Lesson) -> Iterator[str]:
    """Execution counts run 1..n: nbval compares nothing in a cell without one."""
    counts = [cell.execution_count for _, cell in lesson.code]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are {counts}, not 1..{len(counts)}: run `make notebooks`"


def free_of_errors(lesson: Lesson) -> Iterator[str]:
    """No cell ends in a traceback."""
    for i, cell in lesson.code:
        if any(output.output_type == "error" for output in cell.outputs):
            yield f"cell {i} holds an error output"


def compared(lesson: Lesson) -> Iterator[str]:
    """At most 10% of the code cells are exempt from comparison, each with a reason and none by comment."""
    exempt = [(i, cell) for i, cell in lesson.code if tags(cell) & EXEMPT_TAGS]
    if len(exempt) > 0.1 * len(lesson.code):
        yield f"{len(exempt)} of {len(lesson.code)} code cells are not compared: at most 10% may be"
    for i, cell in exempt:
        if not str(cell.metadata.get("reason", "")).strip():
            yield f"cell {i} is exempt from comparison without a reason in its metadata"
    for i, cell in lesson.code:
        if re.search(r"#\s*(NBVAL|PYTEST_VALIDATE)", cell.source):
            yield f"cell {i} exempts itself in a comment: use a tag and a reason"


def short(lesson: Lesson) -> Iterator[str]:
    """No code cell is longer than 15 lines, and half of them have at most 5."""
    lengths = {i: len(cell.source.splitlines()) for i, cell in lesson.code}
    for i, length in lengths.items():
        if length > 15:
            yield f"cell {i} has {length} lines of code: at most 15"
    plain = [lengths[i] for i, cell in lesson.code if not tags(cell) & {"exercise", "setup"}]
    if plain and statistics.median(plain) > 5:
        yield f"the median code cell has {statistics.median(plain):g} lines: at most 5"


def unsilenced(lesson: Lesson) -> Iterator[str]:
    """No cell hides its value behind a semicolon: nbval keeps no history, and there it hides nothing."""
    for i, cell in lesson.code:
        if cell.source.rstrip().endswith(";"):
            yield f"cell {i} ends in a semicolon, which nbval ignores: assign the value to `_`"


def text_of(output: NotebookNode) -> str:
    """Return what an output says in words, pictures left out."""
    data = output.get("data", {})
    said = [output.get("text", ""), *(v for k, v in data.items() if not k.startswith("image/png"))]
    return "\n".join(v if isinstance(v, str) else json.dumps(v) for v in said)


FOLDERS = r"home|root|tmp|work|usr|opt|var|mnt|Users|private|content(?!/drive\b)"  # Colab has Drive there, always
ABSOLUTE = re.compile(rf"(?<![\w./:~>-])/({FOLDERS})/|\b[A-Z]:\\\w")


def portable(lesson: Lesson) -> Iterator[str]:
    """No path of one machine stands in a cell or an output."""
    for i, cell in enumerate(lesson.nb.cells):
        for text in [cell.source, *map(text_of, cell.get("outputs", ()))]:
            if match := ABSOLUTE.search(text):
                yield f"cell {i} holds an absolute path near {match[0]!r}"


def readable(lesson: Lesson) -> Iterator[str]:
    """No output shows an object by its address in memory, which says nothing and changes with every run."""
    for i, cell in lesson.code:
        if any(re.search(r"\bat 0x[0-9a-f]{4}", text_of(output)) for output in cell.outputs):
            yield f"cell {i} shows an object by its address: print what it is"


def inert(lesson: Lesson) -> Iterator[str]:
    """No output or text carries a script."""
    for i, cell in enumerate(lesson.nb.cells):
        for text in [cell.source, *map(text_of, cell.get("outputs", ()))]:
            if re.search(r"<script|javascript:|<iframe", text, re.IGNORECASE):
                yield f"cell {i} holds a script"
        for output in cell.get("outputs", ()):
            if "application/javascript" in output.get("data", {}):
                yield f"cell {i} holds a script"


def light(lesson: Lesson) -> Iterator[str]:
    """No output is larger than 150 KB."""
    for i, cell in lesson.code:
        for output in cell.outputs:
            size = len(json.dumps(output).encode())
            if size > 150_000:
                yield f"cell {i} has an output of {size / 1000:.0f} KB: at most 150"


WIDGET_NAME = re.compile(r"(interactive|[HV]?Box|Output|Tab|Accordion|\w+Slider|Dropdown)\(")


def shown_without_kernel(lesson: Lesson) -> Iterator[str]:
    """A widget leaves a picture or HTML behind, for those who read the page without running it."""
    for i, cell in lesson.code:
        for output in cell.outputs:
            data = output.get("data", {})
            rich = {"image/png", "image/svg+xml", "text/html"} & set(data)
            if WIDGET_NAME.match(data.get("text/plain", "")) and not rich:
                yield f"cell {i} shows a widget that leaves nothing to see where no kernel runs"


def described(lesson: Lesson) -> Iterator[str]:
    """Every figure has alt text, and the same sentence stands between it and the next code cell."""
    for i, cell in lesson.code:
        if not any(k.startswith("image/") for output in cell.outputs for k in output.get("data", {})):
            continue
        alt = tidy(cell.metadata.get("mystnb", {}).get("image", {}).get("alt", ""))
        if not alt:
            yield f"cell {i} shows a figure without alt text in its metadata (mystnb: image: alt)"
        elif alt not in tidy(following_text(lesson.nb.cells, i)):
            yield f"cell {i}: its figure's alt text does not stand in the text below it"


def following_text(cells: list[NotebookNode], i: int) -> str:
    text = []
    for cell in cells[i + 1 :]:
        if cell.cell_type == "code":
            break
        text.append(cell.source)
    return "\n".join(text)


def badged(lesson: Lesson) -> Iterator[str]:
    """The first cell holds the lesson's two badges."""
    first = lesson.nb.cells[0]
    if first.cell_type != "markdown" or badges(lesson.path.name, lesson.address) not in first.source:
        yield "its first cell does not hold the two badges that .ci/notebooks.py makes for it"


def set_up(lesson: Lesson) -> Iterator[str]:
    """The first code cell is the set-up cell, word for word, and prints nothing."""
    marked = [i for i, cell in lesson.code if "setup" in tags(cell)]
    if not lesson.code or marked != [lesson.code[0][0]]:
        yield "exactly one code cell, the first, has the tag `setup`"
    elif lesson.code[0][1].source != setup_cell(lesson.address):
        yield "its set-up cell is not the one in .ci/notebooks.py"
    elif lesson.code[0][1].outputs:
        yield "its set-up cell prints something"


def catalogued(lesson: Lesson) -> Iterator[str]:
    """The notebook's metadata name the lesson, its minutes and its question."""
    course = lesson.nb.metadata.get("borrowing_strength", {})
    if str(course.get("lesson", "")).zfill(2) != lesson.path.name[:2]:
        yield f"metadata borrowing_strength.lesson is not {lesson.path.name[:2]!r}"
    if not isinstance(course.get("minutes"), int) or not 5 <= course["minutes"] <= 240:
        yield "metadata borrowing_strength.minutes is not a number of minutes"
    if not str(course.get("question", "")).endswith("?"):
        yield "metadata borrowing_strength.question is not a question"


ASKS = re.compile(r"\*\*Predict\b(?!\.\*\*)")  # "**Predict.**" names the step, in lesson 00


def predicted(lesson: Lesson) -> Iterator[str]:
    """Every **Predict** of the text has its cell, and a cell below in its section that puts the result beside it."""
    cells, code = lesson.nb.cells, dict(lesson.code)
    known = {p.id: p for p in load_predictions().values() if p.lesson == lesson.path.name[:2]}
    asked = [cell.metadata.prediction for _, cell in lesson.code if "prediction" in cell.metadata]
    if asked != list(known):
        yield f"its cells ask for the predictions {asked}, its record holds {list(known)}"
    for i, cell in lesson.markdown:
        if ASKS.search(cell.source) and "prediction" not in code.get(i + 1, cell).metadata:
            yield f"cell {i} says **Predict**, and no cell with `bs.predict` follows it"
    for i, cell in lesson.code:
        if "prediction" not in cell.metadata:
            continue
        name = cell.metadata.prediction
        if cell.source != f'bs.predict("{name}", ...)':
            yield f'cell {i} is not `bs.predict("{name}", ...)`'
        asking = next((c.source for c in cells[i - 1 :: -1] if "prediction" not in c.metadata), "")
        if not ASKS.search(asking):
            yield f"cell {i}: the text above prediction {name} does not say **Predict**"
        for letter, text in getattr(known.get(name), "options", {}).items():
            if tidy(f"{letter}) {text}") not in tidy(asking):
                yield f"cell {i}: the text above prediction {name} does not offer `{letter}) {text}`"
        if not any("hide-output" in tags(c) and f'bs.reveal("{name}"' in c.source for c in section_below(cells, i)):
            yield f'cell {i}: no cell with the tag `hide-output` below it in its section says `bs.reveal("{name}"`'


def kept_back(lesson: Lesson) -> Iterator[str]:
    """From its heading to its result, nothing that a learner sees holds all the numbers of a predicted result."""
    cells = lesson.nb.cells
    for i, cell in lesson.code:
        if "prediction" not in cell.metadata:
            continue
        name = cell.metadata.prediction
        below = section_below(cells, i)
        at = next((k for k, each in enumerate(below) if f'bs.reveal("{name}"' in each.source), None)
        if at is None:
            continue  # `predicted` complains
        result = re.search(r"Result: (.*?)\.(?:\s|$)", shown(below[at]), flags=re.DOTALL)
        said = {number(found) for found in NUMBER.findall(re.sub(r"of [\d,]+", "", result[1] if result else ""))}
        telling = {value for value in said if len(f"{value:.9g}".replace(".", "").strip("0")) > 1}
        top = max(k for k in range(i) if cells[k].cell_type == "markdown" and re.match("#", cells[k].source))
        seen = [
            each.source + "\n" + ("" if "hide-output" in tags(each) else shown(each))
            for each in cells[top : i + 1 + at]
        ]
        there = {number(found) for text in seen for found in NUMBER.findall(text)}
        if telling and all({value, value / 100} & there for value in telling):
            yield f"cell {i}: the result of prediction {name}, {result[1]}, stands above it in its section"


NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")


def number(text: str) -> float:
    return float(text.replace(",", ""))


def shown(cell: NotebookNode) -> str:
    """The text of a cell's stored output."""
    outputs = cell.get("outputs", ())
    return "\n".join(output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs)


def section_below(cells: list[NotebookNode], i: int) -> list[NotebookNode]:
    below = cells[i + 1 :]
    ends = [k for k, cell in enumerate(below) if re.match(r"##? ", cell.source) and cell.cell_type == "markdown"]
    return below[: min(ends, default=len(below))]


def timed(lesson: Lesson) -> Iterator[str]:
    """The stated minutes are those of the formula in `.ci/minutes.py`."""
    opening, total = minutes.written(lesson.nb)
    stated = lesson.nb.metadata.get("borrowing_strength", {}).get("minutes")
    if opening != lesson.nb.cells[0].source or total != stated:
        yield f"its minutes are not what .ci/minutes.py makes them ({total} in all): run `make notebooks`"


def plain_markdown(lesson: Lesson) -> Iterator[str]:
    """No MyST admonition: JupyterLab would show its colons."""
    for i, cell in lesson.markdown:
        if ":::" in cell.source or re.search(r"^```\{", cell.source, re.MULTILINE):
            yield f"cell {i} uses MyST syntax, which JupyterLab shows raw"


LINK = re.compile(r"\]\(<?([^)\s>]+)>?[^)]*\)|\b(?:href|src)=[\"']([^\"']+)[\"']")


def broken_links(text: str, folder: Path) -> Iterator[str]:
    """Yield the links inside the repository that lead nowhere, headings included."""
    anchors = {re.sub(r"\s", "-", h.strip()) for h in re.findall(r"^#+\s+(.+)$", text, re.MULTILINE)}
    anchors |= {re.sub(r"[^\w\s-]", "", a).lower() for a in anchors}  # GitHub's way beside Jupyter's
    for found in LINK.finditer(text):
        target = found[1] or found[2]
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        if file and not (folder / file).exists():
            yield target
        if not file and anchor not in anchors:
            yield target


def linked(lesson: Lesson) -> Iterator[str]:
    """Every link inside the repository resolves."""
    text = "\n\n".join(cell.source for _, cell in lesson.markdown)
    for target in broken_links(text, lesson.path.parent):
        yield f"links to {target}, which is not there"


RULES: tuple[Callable[[Lesson], Iterator[str]], ...] = (
    valid,
    normalised,
    counted,
    free_of_errors,
    compared,
    short,
    unsilenced,
    portable,
    readable,
    inert,
    light,
    shown_without_kernel,
    described,
    badged,
    set_up,
    catalogued,
    predicted,
    kept_back,
    timed,
    plain_markdown,
    linked,
)
