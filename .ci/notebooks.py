"""What every lesson notebook has to be, and the tools that keep it so.

    python .ci/notebooks.py               re-execute every lesson in place, normalised
    python .ci/notebooks.py 00 01         only these
    python .ci/notebooks.py --minutes     write what the formula says about every lesson's minutes
    python .ci/notebooks.py --table       print the README's table of lessons
    python .ci/notebooks.py --opening 03_redundancy_failure_risk.ipynb
                                          print a lesson's badges and its set-up cell

`normalise` gives a notebook the one form in which it is committed, so that an unchanged lesson gives no diff.
`RULES` hold what the tests demand of each lesson; every rule returns sentences that say what is wrong.
"""

import base64
import copy
import hashlib
import io
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import minutes
import nbformat
from nbformat import NotebookNode
from PIL import Image

from borrowing_strength.predictions import load_predictions

ROOT = Path(__file__).resolve().parent.parent
EXEMPT_TAGS = {"nbval-ignore-output", "nbval-skip", "raises-exception"}
WIDGET = "application/vnd.jupyter.widget-view+json"


def project_files(root: Path = ROOT) -> list[Path]:
    """Return every file that is the project's own, committed or about to be."""
    names = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=root, text=True)
    return [root / name for name in names.split("\0") if name and (root / name).is_file()]


# ---------------------------------------------------------------------------------------------- addresses


def repository(root: Path = ROOT) -> str:
    """Return the project's public address, the one place where it is kept."""
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Repository"]


def slug(address: str) -> str:
    """Return OWNER/REPOSITORY of a GitHub address (Binder's and Colab's links need GitHub)."""
    match = re.fullmatch(r"https://github\.com/([\w-]+/[\w.-]+?)(?:\.git)?/?", address)
    if match is None:
        raise ValueError(f"{address!r} is not of the form https://github.com/OWNER/REPOSITORY")
    return match[1]


def site(address: str) -> str:
    """Return where the workflow `site` publishes the course."""
    owner, name = slug(address).split("/")
    return f"https://{owner}.github.io/{name}"


LEARNERS = "learner"  # the branch that .github/workflows/learner.yml makes: main without stored outputs


def badges(notebook: str, address: str) -> str:
    """Return the Markdown of a lesson's two badges; `notebook` is its file name."""
    project = slug(address)
    binder = f"https://mybinder.org/v2/gh/{project}/main?urlpath=lab/tree/notebooks/{notebook}"
    colab = f"https://colab.research.google.com/github/{project}/blob/{LEARNERS}/notebooks/{notebook}"
    return (
        f"[![Open in Binder](https://mybinder.org/badge_logo.svg)]({binder}) "
        f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab})"
    )


SETUP_CELL = """\
# On Colab, first File > Save a copy in Drive, and go on there: this installs the course. Elsewhere it does nothing.
# On Colab and Binder your answers and progress end with the session: lesson 0, section B, says how to keep them.
import importlib.metadata, importlib.util, shutil, subprocess, sys

if "google.colab" in sys.modules:
    course = "{address}/archive/refs/heads/learner.zip"
    if not importlib.util.find_spec("borrowing_strength"):
        uv = ["uv", "pip", "install", "--python", sys.executable]
        pip = uv if shutil.which("uv") else [sys.executable, "-m", "pip", "install"]
        if subprocess.run([*pip, "--quiet", course], check=False).returncode:
            print("The course could not be installed. Run this cell again, or open the lesson on Binder.")
    loaded = {{name: sys.modules[name].__version__ for name in ("numpy", "scipy") if name in sys.modules}}
    if any(importlib.metadata.version(name) != version for name, version in loaded.items()):
        print("Newer packages were installed: choose Runtime > Restart session, then run from the top.")"""


def setup_cell(address: str) -> str:
    """Return the source of the cell tagged `setup` that opens every lesson."""
    return SETUP_CELL.format(address=address)


# ---------------------------------------------------------------------------------------------- one form

KEPT_IN_CELLS = ("exercise", "jupyter", "mystnb", "prediction", "reason", "slideshow", "tags")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"}


def normalise(nb: NotebookNode) -> NotebookNode:
    """Return the notebook in the form in which it is committed.

    Source, outputs and the course's own metadata stay; versions, times, window and widget states go. Of a
    widget the picture or the HTML beside it stays, so that the page shows something where no kernel runs.
    """
    nb = copy.deepcopy(nb)
    nb.nbformat, nb.nbformat_minor = 4, 5
    course = nb.metadata.get("borrowing_strength")
    nb.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": LANGUAGE})
    if course is not None:
        nb.metadata.borrowing_strength = course
    seen: set[str] = set()
    for cell in nb.cells:
        normalise_cell(cell)
        cell.id = stable_id(cell, seen)
        seen.add(cell.id)
    return nb


def normalise_cell(cell: NotebookNode) -> None:
    cell.source = cell.source.rstrip("\n")
    cell.metadata = nbformat.from_dict({k: cell.metadata[k] for k in KEPT_IN_CELLS if cell.metadata.get(k)})
    if "tags" in cell.metadata:
        cell.metadata.tags = sorted(set(cell.metadata.tags))
    if cell.cell_type != "code":
        return
    alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt")
    for output in cell.outputs:
        if "metadata" in output:
            sizes = {k: v for k, v in output.metadata.items() if k.startswith("image/")}
            if alt and "image/png" in output.get("data", {}):  # where nbconvert's classic template looks for it
                sizes["image/png"] = {**sizes.get("image/png", {}), "alt": alt}
            output.metadata = nbformat.from_dict(sizes)
        if "data" in output:
            output.data.pop(WIDGET, None)
            if output.get("metadata", {}).get("image/png", {}).get("width"):
                output.data["image/png"] = lighter(output.data["image/png"])
        if output.output_type == "execute_result":
            output.execution_count = cell.execution_count


def lighter(data: str) -> str:
    """Return a picture in 256 colours: drawn with two dots a pixel, it would otherwise be twice as heavy."""
    picture = Image.open(io.BytesIO(base64.b64decode(data)))
    if picture.mode == "P":
        return data
    kept = io.BytesIO()
    picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(kept, "png", optimize=True)
    return base64.b64encode(kept.getvalue()).decode("ascii")


def stable_id(cell: NotebookNode, seen: set[str]) -> str:
    """Keep the id that a cell has; derive a missing or repeated one from its text, never from chance."""
    if cell.get("id") and cell.id not in seen:
        return cell.id
    digest = hashlib.sha256(f"{len(seen)} {cell.source}".encode()).hexdigest()
    return digest[:8]


def to_text(nb: NotebookNode) -> str:
    return nbformat.writes(nb).rstrip("\n") + "\n"


# ---------------------------------------------------------------------------------------------- execution


def lessons(folder: Path = ROOT / "notebooks") -> list[Path]:
    """Return every lesson, in order. Found by looking, so that none can be forgotten."""
    return sorted(folder.glob("*.ipynb"))


def table(paths: list[Path] | None = None) -> str:
    """Return the README's table of lessons: what the notebooks say of themselves."""
    rows = ["| Lesson | The question it answers | Minutes | Exercises | Open |", "|---|---|---|---|---|"]
    for path in lessons() if paths is None else paths:
        lesson = load(path)
        title = re.search(r"^# (.+)$", lesson.nb.cells[0].source, re.MULTILINE)[1].strip()
        course = lesson.nb.metadata.borrowing_strength
        exercises = sum("exercise" in tags(cell) for _, cell in lesson.code)
        row = [f"[{title}](notebooks/{path.name})", course.question, course.minutes, exercises]
        rows.append(f"| {' | '.join(map(str, row))} | {badges(path.name, lesson.address)} |")
    return "\n".join(rows)


def course_map() -> str:
    """Return the same table without its badges, for the cell tagged `course` of lesson 00 and for the site."""
    rows = [row.rsplit("|", 2)[0] + "|" for row in table().splitlines()]
    return "\n".join(rows).replace("](notebooks/", "](")


def enter_in_tables() -> None:
    """Put every lesson's row into the README and into lesson 00, and its minutes into the timetables."""
    import timetables

    timetables.write()
    readme = ROOT / "README.md"
    text = readme.read_text("utf-8")
    start = text.index("| Lesson | The question")
    readme.write_text(text[:start] + table() + text[text.index("\n\n", start) :], encoding="utf-8")
    first = lessons()[0]
    nb = nbformat.read(first, as_version=4)
    for cell in nb.cells:
        if "course" in tags(cell):
            cell.source = course_map()
    first.write_text(to_text(normalise(nb)), encoding="utf-8", newline="\n")


PICTURE = ROOT / "docs" / "shrinkage.png"  # the README's picture: the figure of the cell tagged `picture`


def picture() -> bytes:
    """Return the README's picture, which is a figure of a lesson."""
    cells = [cell for path in lessons() for cell in nbformat.read(path, as_version=4).cells]
    (cell,) = [cell for cell in cells if "picture" in cell.metadata.get("tags", ())]
    (data,) = [out.data["image/png"] for out in cell.outputs if "image/png" in out.get("data", {})]
    return base64.b64decode(data)


def execute(path: Path) -> None:
    """Run a lesson in a fresh kernel, untouched by anything done before, and store it normalised."""
    from nbclient import NotebookClient

    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        elif "course" in tags(cell):
            cell.source = course_map()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ.update(BORROWING_STRENGTH_STATE=scratch, BORROWING_STRENGTH_QUIET="1", IPYTHONDIR=scratch)
        client = NotebookClient(
            nb,
            timeout=600,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": str(path.parent)}},
            record_timing=False,
            coalesce_streams=True,
        )
        client.execute()
    store(nb, path)


def store(nb: NotebookNode, path: Path) -> None:
    """Write a lesson normalised, with the minutes that the formula gives it."""
    if "borrowing_strength" in nb.metadata:
        nb.cells[0].source, nb.metadata.borrowing_strength.minutes = minutes.written(nb)
    path.write_text(to_text(normalise(nb)), encoding="utf-8", newline="\n")


# ---------------------------------------------------------------------------------------------- rules


@dataclass(frozen=True)
class Lesson:
    """A notebook as it lies on disk, with what its rules need to know."""

    path: Path
    text: str
    nb: NotebookNode
    address: str

    @property
    def code(self) -> list[tuple[int, NotebookNode]]:
        return [(i, cell) for i, cell in enumerate(self.nb.cells) if cell.cell_type == "code"]

    @property
    def markdown(self) -> list[tuple[int, NotebookNode]]:
        return [(i, cell) for i, cell in enumerate(self.nb.cells) if cell.cell_type == "markdown"]


def load(path: Path, address: str | None = None) -> Lesson:
    text = path.read_text(encoding="utf-8")
    return Lesson(path, text, nbformat.reads(text, as_version=4), address or repository())


def tags(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", ()))


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
    timed,
    plain_markdown,
    linked,
)


def main(wanted: list[str]) -> None:
    if wanted == ["--table"]:
        print(table())
        return
    if wanted == ["--minutes"]:
        for path in lessons():
            store(nbformat.read(path, as_version=4), path)
        enter_in_tables()
        return
    if wanted[:1] == ["--opening"]:
        print(badges(wanted[1], repository()), setup_cell(repository()), sep="\n\n")
        return
    chosen = [path for path in lessons() if not wanted or path.name[:2] in wanted or path.name in wanted]
    if not chosen:
        there = ", ".join(path.name for path in lessons())
        sys.exit(f"no such lesson: notebooks/ holds {there or 'nothing'}")
    failed = False
    for path in chosen:
        print(f"{path.name} ...", flush=True)
        execute(path)
        lesson = load(path)
        for rule in RULES:
            for sentence in rule(lesson):
                print(f"  {rule.__name__}: {sentence}")
                failed = True
    PICTURE.write_bytes(picture())
    enter_in_tables()
    sys.exit(failed)


if __name__ == "__main__":
    main(sys.argv[1:])
