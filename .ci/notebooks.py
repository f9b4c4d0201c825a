"""The one form of a lesson notebook, and the tools that keep it so.

    python .ci/notebooks.py               re-execute every lesson in place, normalised
    python .ci/notebooks.py 00 01         only these
    python .ci/notebooks.py --minutes     write what the formula says about every lesson's minutes
    python .ci/notebooks.py --table       print the README's table of lessons
    python .ci/notebooks.py --opening 03_redundancy_failure_risk.ipynb
                                          print a lesson's badges and its set-up cell

`normalise` gives a notebook the one form in which it is committed, so that an unchanged lesson gives no diff.
What the tests demand of each lesson stands in `rules.py`.
"""

import base64
import copy
import hashlib
import io
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import minutes
import nbformat
from nbformat import NotebookNode
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
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


# ---------------------------------------------------------------------------------------------- a lesson


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


def main(wanted: list[str]) -> None:
    from rules import RULES

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
