"""Every lesson obeys every rule of `.ci/rules.py`, and every rule is shown to bite."""

import base64
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

import notebooks
import rules
from notebooks import ROOT, WIDGET, Lesson, load, normalise, to_text
from rules import RULES

LESSONS = notebooks.lessons()
ADDRESS = "https://github.com/someone/somewhere"
ALT = "One bar, of height one."


def pytest_on(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run pytest as the project configures it, in one process."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        ROOT / "pyproject.toml",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
    ]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False, cwd=ROOT)


# ---------------------------------------------------------------------------------- the lessons themselves


def test_there_are_lessons_and_pytest_runs_each() -> None:
    assert LESSONS
    collected = pytest_on("--collect-only", "--quiet", "--ignore=tests").stdout
    missing = [path.name for path in LESSONS if f"notebooks/{path.name}::Cell 0" not in collected]
    assert not missing


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_lesson_obeys(path: Path, rule: Callable) -> None:
    assert list(rule(load(path))) == []


def test_numbers_of_the_lessons_are_their_order() -> None:
    assert [path.name[:3] for path in LESSONS] == [f"{i:02d}_" for i in range(len(LESSONS))]


def test_the_readme_shows_the_lesson_s_own_figure() -> None:
    assert notebooks.PICTURE.read_bytes() == notebooks.picture()


def test_lesson_00_shows_the_whole_course() -> None:
    maps = [cell.source for _, cell in load(LESSONS[0]).markdown if "course" in notebooks.tags(cell)]
    assert maps == [notebooks.course_map()], "run `make notebooks ARGS=00`"
    assert all(f"({path.name})" in maps[0] for path in LESSONS)


def test_a_changed_number_fails_the_run_and_so_does_an_exercise_without_its_lesson(tmp_path: Path) -> None:
    nb = nbformat.read(LESSONS[0], as_version=4)
    exercise = next(cell for cell in nb.cells if cell.metadata.get("exercise") == "0.2")
    nb.cells = nb.cells[: 1 + next(i for i, cell in enumerate(nb.cells) if first_number(cell))]
    nbformat.write(nb, tmp_path / "faithful.ipynb")
    output, key, text, digit = first_number(nb.cells[-1])
    output[key] = text.replace(digit, str((int(digit) + 1) % 10), 1)
    nbformat.write(nb, tmp_path / "forged.ipynb")
    nbformat.write(
        new_notebook(cells=[new_code_cell("import borrowing_strength as bs"), exercise]), tmp_path / "without.ipynb"
    )
    said = pytest_on("-p", "conftest", "-rf", tmp_path).stdout
    failed = set(re.findall(r"^FAILED .*?(\w+)\.ipynb", said, flags=re.MULTILINE))
    assert failed == {"forged", "without"}
    assert "Cell outputs differ" in said
    assert "the solution is Outcome(kind='error'" in said


def first_number(cell: NotebookNode) -> tuple[NotebookNode, str, str, str] | None:
    """Return where the first digit of a cell's compared output stands."""
    for output in cell.get("outputs", ()):
        holder, key = (output, "text") if "text" in output else (output.get("data", {}), "text/plain")
        for character in holder.get(key, ""):
            if character.isdigit():
                return holder, key, holder[key], character
    return None


# ---------------------------------------------------------------------------------- each rule bites


def made_up_lesson() -> NotebookNode:
    """Return a small lesson that breaks no rule."""
    picture = new_output("display_data", data={"image/png": "AAAA", "text/plain": "<Figure>"})
    cells = [
        new_markdown_cell(f"# A lesson\n\n{notebooks.badges('97_made_up.ipynb', ADDRESS)}"),
        new_code_cell(notebooks.setup_cell(ADDRESS), metadata={"tags": ["setup"]}),
        *(new_code_cell(f"{i} + 1", outputs=[result(str(i + 1))]) for i in range(10)),
        new_code_cell("picture()", outputs=[picture], metadata={"mystnb": {"image": {"alt": ALT}}}),
        new_markdown_cell(f"{ALT} See [the lesson](#A-lesson)."),
    ]
    for count, cell in enumerate((cell for cell in cells if cell.cell_type == "code"), start=1):
        cell.execution_count = count
    course = {"lesson": "97", "minutes": 5, "question": "Does every rule bite?"}
    return normalise(new_notebook(cells=cells, metadata={"borrowing_strength": course}))


def result(text: str) -> NotebookNode:
    return new_output("execute_result", data={"text/plain": text}, execution_count=1)


def as_lesson(nb: NotebookNode) -> Lesson:
    return Lesson(ROOT / "notebooks" / "97_made_up.ipynb", to_text(nb), nb, ADDRESS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_good_lesson_breaks_no_rule(rule: Callable) -> None:
    assert list(rule(as_lesson(made_up_lesson()))) == []


def set_source(i: int, source: str) -> Callable[[NotebookNode], None]:
    return lambda nb: nb.cells[i].update(source=source)


def set_metadata(i: int, **metadata: object) -> Callable[[NotebookNode], None]:
    return lambda nb: nb.cells[i].update(metadata=nbformat.from_dict(metadata))


def set_outputs(i: int, *outputs: NotebookNode) -> Callable[[NotebookNode], None]:
    return lambda nb: nb.cells[i].update(outputs=list(outputs))


def set_course(**course: object) -> Callable[[NotebookNode], None]:
    return lambda nb: nb.metadata["borrowing_strength"].update(course)


def predict_and_reveal(nb: NotebookNode, said: str) -> None:
    """Ask for a prediction, and give the answer away between the question and the result."""
    nb.cells[2] = new_code_cell('bs.predict("97.a", ...)', metadata={"prediction": "97.a"})
    nb.cells[3] = new_code_cell("26.2", outputs=[result("0.262")])
    nb.cells[4] = new_code_cell('bs.reveal("97.a", 26.2)', outputs=[result(said)], metadata={"tags": ["hide-output"]})


def lengthen_all(nb: NotebookNode) -> None:
    for cell in nb.cells[2:12]:
        cell.source = "\n".join("123456")


def exempt(count: int, **metadata: str) -> Callable[[NotebookNode], None]:
    def change(nb: NotebookNode) -> None:
        for cell in nb.cells[2 : 2 + count]:
            cell.metadata = nbformat.from_dict({"tags": ["nbval-ignore-output"], **metadata})

    return change


html = {"text/html": "<script>alert(1)</script>", "text/plain": "x"}
script = {"application/javascript": "alert(1)", "text/plain": "x"}
slider = {"text/plain": "interactive(children=(IntSlider(value=10),))"}

BREAKERS: dict[str, list[Callable[[NotebookNode], object]]] = {
    "valid": [lambda nb: nb.cells[2].update(outputs=[nbformat.from_dict({"output_type": "nonsense"})])],
    "normalised": [
        lambda nb: nb.metadata.update(widgets={}),
        lambda nb: nb.metadata.language_info.update(version="3.13.0"),
        set_metadata(2, collapsed=True),
        set_metadata(2, execution={"iopub.execute_input": "2026"}),
        set_metadata(2, tags=["b", "a"]),
        set_outputs(2, new_output("display_data", data={WIDGET: {"model_id": "1"}, "text/html": "x"})),
    ],
    "counted": [lambda nb: nb.cells[3].update(execution_count=None), lambda nb: nb.cells.pop(3)],
    "free_of_errors": [set_outputs(2, new_output("error", ename="E", evalue="e", traceback=[]))],
    "compared": [exempt(1), exempt(2, reason="twice"), set_source(2, "# NBVAL_IGNORE_OUTPUT\n1")],
    "short": [set_source(2, "\n".join("x" * 16)), lengthen_all],
    "unsilenced": [set_source(2, "plot(1);")],
    "portable": [
        set_outputs(2, result("saved in /home/me/file")),
        set_source(2, "open('/tmp/x')"),
        set_outputs(2, result(r"C:\Users")),
    ],
    "readable": [set_outputs(2, result("<function f at 0x7f3ea0e2ca50>"))],
    "inert": [
        set_outputs(2, new_output("display_data", data=html)),
        set_outputs(2, new_output("display_data", data=script)),
        set_source(-1, "<iframe src='x'>"),
    ],
    "light": [set_outputs(2, result("x" * 150_001))],
    "shown_without_kernel": [set_outputs(2, new_output("display_data", data=slider))],
    "described": [set_metadata(12), set_source(13, "Another sentence.")],
    "badged": [set_source(0, f"# A lesson\n\n{notebooks.badges('04_other.ipynb', ADDRESS)}")],
    "set_up": [
        set_source(1, "import numpy"),
        set_metadata(1),
        set_metadata(2, tags=["setup"]),
        set_outputs(1, result("1")),
    ],
    "catalogued": [
        set_course(lesson="04"),
        set_course(minutes="long"),
        set_course(question="None."),
        lambda nb: nb.metadata.pop("borrowing_strength"),
    ],
    "predicted": [
        set_source(13, f"**Predict:** how high will the bar be?\n\n{ALT}"),
        set_metadata(2, prediction="97.a"),
    ],
    "kept_back": [
        lambda nb: predict_and_reveal(nb, "Result: 26.2 trials."),
        lambda nb: predict_and_reveal(nb, "Result: 2,620%; and 0.262 of 120."),
    ],
    "timed": [
        lambda nb: nb.cells[0].update(source=nb.cells[0].source + "\n\n| Section | Minutes |\n|---|---|\n| A | 3 |")
    ],
    "plain_markdown": [set_source(13, ":::{note}\nRaw.\n:::"), set_source(13, "```{note}\nRaw.\n```")],
    "linked": [set_source(13, "[gone](gone.ipynb)"), set_source(13, "[gone](#gone)")],
}


def test_every_rule_has_something_that_breaks_it() -> None:
    assert set(BREAKERS) == {rule.__name__ for rule in RULES}


@pytest.mark.parametrize(
    ("rule", "change"),
    [(rule, change) for rule in RULES for change in BREAKERS[rule.__name__]],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_broken_lesson_is_caught(rule: Callable, change: Callable[[NotebookNode], object]) -> None:
    nb = made_up_lesson()
    change(nb)
    assert list(rule(as_lesson(nb)))


# ---------------------------------------------------------------------------------- the one form


def test_normalising_twice_changes_nothing_more() -> None:
    nb = made_up_lesson()
    nb.cells[2].pop("id")
    nb.cells[3].pop("id")
    once = normalise(nb)
    assert to_text(normalise(once)) == to_text(once)
    assert to_text(normalise(nb)) == to_text(once)


def test_normalising_keeps_what_the_course_needs() -> None:
    nb = made_up_lesson()
    kept = {"tags": ["exercise"], "exercise": "3.1", "reason": "because", "mystnb": {"image": {"alt": "x"}}}
    nb.cells[2].metadata = nbformat.from_dict({**kept, "scrolled": True})
    nb.cells[2].outputs = [
        new_output("display_data", data={WIDGET: {}, "image/png": "AAAA", "text/plain": "interactive()"})
    ]
    cell = normalise(nb).cells[2]
    assert cell.metadata == kept
    assert set(cell.outputs[0].data) == {"image/png", "text/plain"}


def test_a_figure_has_two_dots_a_pixel_and_is_no_heavier_for_it(tmp_path: Path) -> None:
    path = tmp_path / "lesson.ipynb"
    plot = "import borrowing_strength as bs\nbs.plots.use_style()\nbs.plots.betas({'a': (2, 3)}, title='A')"
    nbformat.write(new_notebook(cells=[new_code_cell(plot)]), path)
    notebooks.execute(path)
    (output,) = nbformat.read(path, as_version=4).cells[0].outputs
    picture = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"])))
    shown = output.metadata["image/png"]
    assert picture.width == pytest.approx(2 * shown["width"], abs=2)
    assert picture.mode == "P"
    assert len(output.data["image/png"]) < 60_000


def test_a_learners_figure_is_described_in_the_notebook_and_what_is_made_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither JupyterLab nor nbconvert gives a bare picture its alt text: only an image in HTML has it."""
    monkeypatch.delenv("BORROWING_STRENGTH_QUIET", raising=False)
    plot = "import borrowing_strength as bs\nbs.plots.use_style()\nbs.plots.betas({'a<b': (2, 3)}, title='A finding')"
    nb = new_notebook(cells=[new_code_cell(plot)])
    NotebookClient(nb, kernel_name="python3").execute()
    (output,) = nb.cells[0].outputs
    alt = 'alt="A finding. across: rate, up: density. legend: a&lt;b, mean, mode"'
    assert alt in output.data["text/html"]
    assert "image/png" not in output.data
    assert alt in HTMLExporter().from_notebook_node(nb)[0]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_stored_lessons_figures_are_described_in_what_nbconvert_makes_of_it(path: Path) -> None:
    page = HTMLExporter(template_name="classic").from_notebook_node(load(path).nb)[0]
    said = [image["alt"] for image in BeautifulSoup(page, "html.parser").find_all("img") if "base64" in image["src"]]
    figures = [cell for _, cell in load(path).code if "mystnb" in cell.metadata]
    assert said == [cell.metadata.mystnb.image.alt for cell in figures]


def test_an_unchanged_lesson_gives_no_diff(tmp_path: Path) -> None:
    """Figures too: the same picture twice, byte for byte, whatever the author's window left behind."""
    path = tmp_path / "lesson.ipynb"
    plot = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\n_ = plt.title('A bend')"
    slider = "import ipywidgets\nipywidgets.IntSlider(3)"
    nb = new_notebook(cells=[new_code_cell(plot), new_code_cell(slider), new_code_cell("print(1)\nprint(2)")])
    nbformat.write(nb, path)
    notebooks.execute(path)
    first = path.read_bytes()
    assert b"image/png" in first
    messy = json.loads(first)
    messy["metadata"]["widgets"] = {"state": {}}
    messy["cells"][0]["metadata"]["scrolled"] = True
    messy["cells"][2]["outputs"] = []
    path.write_text(json.dumps(messy), encoding="utf-8")
    notebooks.execute(path)
    assert path.read_bytes() == first


def test_links_are_checked_in_both_notations() -> None:
    text = "# Here we go\n[a](README.md) [b](#Here-we-go) [c](gone.md) <img src='gone.png'> [d](https://x.org)"
    assert list(rules.broken_links(text, ROOT)) == ["gone.md", "gone.png"]


@pytest.mark.parametrize("address", ["http://github.com/a/b", "https://gitlab.com/a/b", "https://github.com/a", ""])
def test_an_address_that_binder_and_colab_cannot_open_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is not of the form"):
        notebooks.slug(address)
