"""Cells of a lesson as HTML, for pages that need neither a kernel nor a network: slides and handouts."""

import base64
import html
import io
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from nbconvert.filters import markdown2html
from nbformat import NotebookNode
from PIL import Image
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from notebooks import ROOT, Lesson, lessons, load

HERE = Path(__file__).parent / "reveal"
BUILD = ROOT / "build"
MATHJAX = ROOT / "docs" / "_static" / "mathjax" / "tex-svg-full.js"  # the site's
CODE_STYLE = HtmlFormatter(style="default").get_style_defs(".highlight")


def markdown(text: str) -> str:
    """Return a cell's text; links go, because they would lead out of the page."""
    text = re.sub(r"\[!\[[^\]]*\]\([^)]*\)\]\([^)]*\)", "", text)
    page = re.sub(r'<a class="anchor-link".*?</a>', "", markdown2html(text))
    return re.sub(r"</?a\b[^>]*>", "", page)


def inline(text: str) -> str:
    """Return one line of text."""
    return re.sub(r"^<p>(.*)</p>$", r"\1", markdown(text).strip(), flags=re.DOTALL)


def code(source: str) -> str:
    return highlight(source, PythonLexer(), HtmlFormatter())


def stub(cell: NotebookNode) -> str:
    """Return what an exercise leaves open, without the line that has it checked."""
    return re.sub(r"\n+bs\.check\(.*\)\s*$", "", cell.source)


def pictures(cell: NotebookNode, titled: bool = False) -> str:
    """Return the figures of a cell, without the title in them if the page says it; each needs alt text."""
    alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
    found = [output for output in cell.get("outputs", ()) if "image/png" in output.get("data", {})]
    if found and not alt:
        raise ValueError(f"cell {cell.id} shows a figure without alt text")
    shown = []
    for output in found:
        png = base64.b64decode(output.data["image/png"])
        drawn = Image.open(io.BytesIO(png)).width
        width = output.metadata.get("image/png", {}).get("width", drawn)
        data = base64.b64encode(untitled(png, drawn / width) if titled else png).decode("ascii")
        shown.append(f'<img alt="{html.escape(alt)}" data-width="{width}" src="data:image/png;base64,{data}">')
    return "".join(shown)


def untitled(png: bytes, scale: float = 1) -> bytes:
    """Cut the line of text off the top of a figure; a figure that does not begin with one stays as it is."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    inked = (np.asarray(picture) < 200).any(axis=(1, 2))
    starts = np.flatnonzero(inked[1:] > inked[:-1]) + 1
    ends = np.flatnonzero(inked[1:] < inked[:-1]) + 1
    line = 22 * scale  # no line of a title is higher
    if len(starts) < 2 or ends[0] > 1.6 * line or ends[0] - starts[0] > line:
        return png
    kept = io.BytesIO()
    picture.crop((0, (ends[0] + starts[1]) // 2, *picture.size)).save(kept, "png", optimize=True)
    return kept.getvalue()


def words(cell: NotebookNode) -> str:
    """Return what a cell prints, and the tables it shows; a prediction's result is for the one who made it."""
    shown = []
    for output in cell.outputs:
        data = output.get("data", {})
        if data.get("text/plain", "").startswith("◇ Prediction"):
            continue
        if "text" in output:
            shown.append(f"<pre>{html.escape(output.text.rstrip())}</pre>")
        elif "text/html" in data:
            shown.append(data["text/html"])
        elif "image/png" not in data and "text/plain" in data:
            shown.append(f"<pre>{html.escape(data['text/plain'])}</pre>")
    return "".join(shown)


def title(lesson: Lesson) -> str:
    return re.search(r"^# (.+)$", lesson.nb.cells[0].source, re.MULTILINE)[1].strip()


def write(kind: str, page: Callable[[Lesson], str], wanted: Sequence[str] = (), into: Path = BUILD) -> None:
    """Write KIND/NN.html for each lesson that is wanted, and MathJax beside them."""
    folder = into / kind
    if not wanted:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(MATHJAX, folder / "mathjax.js")
    chosen = [path for path in lessons() if not wanted or path.name[:2] in wanted]
    if not chosen:
        sys.exit(f"no such lesson: there are {', '.join(path.name[:2] for path in lessons())}")
    for path in chosen:
        target = folder / f"{path.name[:2]}.html"
        target.write_text(page(load(path)), encoding="utf-8")
        if into == BUILD:
            print(target.relative_to(ROOT))
