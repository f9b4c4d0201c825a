"""What is made from the lessons for teachers: slides, handouts; and when continuous integration opens a browser."""

import base64
import io
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import quiz
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

import handout
import notebooks
import pages
import slides
from borrowing_strength.course.notebooks import exercise_cells
from borrowing_strength.exercises.records import Exercise, Number, Order, load_exercises
from notebooks import ROOT, Lesson


def drawn(*inked: int) -> bytes:
    """A picture of 20 x 60 pixels with ink on some rows."""
    pixels, kept = np.full((60, 20, 3), 255, np.uint8), io.BytesIO()
    pixels[list(inked)] = 0
    Image.fromarray(pixels).save(kept, "png")
    return kept.getvalue()


PNG = base64.b64encode(drawn(30)).decode()


class Page(HTMLParser):
    """The parts of a page that a test asks for."""

    def __init__(self, text: str):
        super().__init__()
        self.sources: list[str] = []
        self.links: list[str] = []
        self.alts: list[str | None] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.sources += [given["src"]] if "src" in given else []
        self.links += [given["href"]] if "href" in given else []
        self.alts += [given.get("alt")] if tag == "img" else []


def marked(kind: str, notes: str = "", title: str = "") -> dict:
    said = {"slide_type": kind, "notes": notes, "title": title}
    return {"slideshow": {key: value for key, value in said.items() if value}}


def lesson(*cells: object) -> Lesson:
    objectives = "**In about 15 minutes you will be able to**\n\n- add.\n\n| Section | Minutes |\n|---|---|\n| A | 15 |"
    opening = new_markdown_cell(
        f"# 1. Adding\n\n{notebooks.badges('01.ipynb', notebooks.repository())}\n\n{objectives}"
    )
    nb = new_notebook(cells=[opening, *cells])
    nb.metadata.borrowing_strength = {"lesson": "01", "minutes": 15, "question": "One and two?"}
    return Lesson(ROOT / "notebooks" / "01_adding.ipynb", "", nb, notebooks.repository())


LESSONS = [pytest.param(path, id=path.name[:2]) for path in notebooks.lessons()]

# ---------------------------------------------------------------------------------------------- slides


def test_only_marked_cells_are_shown() -> None:
    cells = [
        new_markdown_cell("not shown"),
        new_markdown_cell("first", metadata=marked("slide", "Say *this*.", "One is first")),
        new_markdown_cell("more", metadata=marked("-")),
        new_markdown_cell("## Then comes two\n\nsecond", metadata=marked("slide")),
    ]
    deck = slides.deck(lesson(*cells))
    body = deck[deck.index("<section") :]
    assert "not shown" not in deck
    assert [body.count(f"<p>{word}</p>") for word in ("first", "more", "second")] == [1, 1, 1]
    assert [len(cells) for cells in slides.slides(lesson(*cells))] == [1, 2, 1]
    assert '<aside class="notes"><p>Say <em>this</em>.</p>' in body
    assert re.findall("<h2>(.+?)</h2>", body) == ["One is first", "Then comes two"]


def test_the_first_slide_has_title_question_minutes_and_objectives() -> None:
    deck = slides.deck(lesson())
    first = deck[deck.index("<section") : deck.index("</section>")]
    for part in ("<h1>1. Adding</h1>", "One and two?", "15 minutes", "<li>add.</li>"):
        assert part in first
    assert "Section" not in first
    assert "Binder" not in first


def test_a_figure_comes_without_its_code_and_a_number_with_it() -> None:
    png = new_output("display_data", data={"image/png": PNG, "text/plain": "<Figure>"})
    alt = {"mystnb": {"image": {"alt": "Up it goes"}}}
    figure = new_code_cell("draw(it)", outputs=[png], metadata=marked("slide", title="Up") | alt)
    said = [new_output("stream", text="3 < 4\n")]
    number = new_code_cell("1 + 2", outputs=said, metadata=marked("slide", title="Three"))
    deck = slides.deck(lesson(figure, number))
    assert f'<img alt="Up it goes" data-width="20" src="data:image/png;base64,{PNG}">' in deck
    assert "draw" not in deck
    assert "<pre>3 &lt; 4</pre>" in deck
    figure.metadata.pop("mystnb")
    with pytest.raises(ValueError, match="without alt text"):
        slides.deck(lesson(figure))


def test_an_exercise_shows_its_stub_and_not_its_check() -> None:
    told = new_output("execute_result", data={"text/plain": "Not tried yet"})
    metadata = marked("slide", title="B") | {"exercise": "1.2", "tags": ["exercise"]}
    cell = new_code_cell('mean_of_b = ...\nbs.check("1.2", mean_of_b)', outputs=[told], metadata=metadata)
    deck = slides.deck(lesson(cell))
    body = deck[deck.index("<section") :]
    assert "mean_of_b" in body
    assert "check" not in body[: body.index("<script>")]
    assert "Not tried yet" not in deck


@pytest.mark.parametrize(("kinds", "says"), [(["fragment"], "'fragment'"), (["slide"] * 25, "26 slides: at most 25")])
def test_what_cannot_be_a_slide_is_refused(kinds: list[str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        slides.slides(lesson(*(new_markdown_cell("x", metadata=marked(kind)) for kind in kinds)))


@pytest.mark.parametrize("path", LESSONS)
def test_a_lessons_slides_need_nothing_from_elsewhere(path: Path) -> None:
    loaded = notebooks.load(path)
    due = loaded.nb.metadata.borrowing_strength.minutes // 5  # a lesson that has just been begun has little to show
    assert len(slides.slides(loaded)) >= min(8, due)
    page = Page(slides.deck(loaded))
    assert [source for source in page.sources if not source.startswith("data:")] == ["mathjax.js"]
    assert page.links == []
    assert all(page.alts)
    notes = [cell for cell in loaded.nb.cells if cell.metadata.get("slideshow", {}).get("notes")]
    assert len(notes) >= min(3, due)


def test_what_is_vendored_comes_with_its_licence() -> None:
    assert "Permission is hereby granted, free of charge" in (pages.HERE / "LICENSE").read_text("utf-8")
    assert "Apache License" in (pages.MATHJAX.parent / "LICENSE").read_text("utf-8")


ASKED = "**Predict:** how many?\n\n- a) one\n- b) two"


def answering(text: str, **more: object) -> object:
    said = new_output("display_data", data={"text/html": "<div>Result: 2</div>", "text/plain": "◇ Prediction · 1.a"})
    printed = new_output("stream", name="stdout", text=text)
    source = f'print("{text}")\nbs.reveal("1.a", 2)'
    return new_code_cell(source, outputs=[printed, said], metadata={"tags": ["hide-output"]} | more)


@pytest.mark.parametrize("on_the_slide", [True, False])
def test_what_follows_a_prediction_waits_and_its_result_stays_with_the_learner(on_the_slide: bool) -> None:
    """A question that is on no slide is taken from the lesson."""
    asked = new_markdown_cell(f"Two cows.\n\n{ASKED}", metadata=marked("slide") if on_the_slide else {})
    answer = answering("two", **marked("-" if on_the_slide else "slide"))
    so = new_markdown_cell("Both of them.", metadata=marked("-"))
    (slide,) = slides.cut(lesson(asked, answer, so))
    assert slide.title == "Predict: how many?"
    assert ("Two cows" in slide.blocks[0].html) == on_the_slide
    assert [block.hidden for block in slide.blocks if "how many" not in block.html][-3:] == [True, True, True]
    section = slides.section(slide)
    assert section.count("fragment") == 3
    assert "two" in section
    assert "reveal" not in section
    assert "Result" not in section


def test_what_does_not_fit_goes_overleaf_and_a_figure_has_a_slide_of_its_own() -> None:
    png = new_output("display_data", data={"image/png": base64.b64encode(drawn(2, 3, 30, 50)).decode()})
    alt = {"mystnb": {"image": {"alt": "Up"}}, "tags": ["hide-output"]}
    figure = new_code_cell('draw(title="Up it goes")', outputs=[png], metadata=marked("-") | alt)
    asked = new_markdown_cell(ASKED, metadata=marked("slide"))
    text = new_markdown_cell("\n\n".join(["word " * 100] * 4), metadata=marked("slide", title="Words"))
    question, answer, words, more = slides.cut(lesson(asked, figure, text))
    assert (question.title, answer.title) == ("Predict: how many?", "Up it goes")
    assert 'class="answer"' in slides.section(answer)
    assert (words.title, more.title) == ("Words", "Words")
    (picture,) = re.findall('base64,([^"]+)', answer.blocks[0].html)
    assert Image.open(io.BytesIO(base64.b64decode(picture))).height == 60 - 17  # its title is the slide's


@pytest.mark.parametrize("path", LESSONS)
def test_the_last_slides_ask_the_exit_quiz_and_do_not_answer_it(path: Path) -> None:
    asked = quiz.of_lesson(path.stem)
    last = slides.exit_quiz(notebooks.load(path))
    assert len(last) == len(asked) == 5
    for slide, question in zip(last, asked, strict=True):
        shown = slides.section(slide)
        assert shown.count("<li>") == len(question.options)
        assert not any(pages.inline(option.reason) in shown for option in question.options)
    assert slides.deck(notebooks.load(path)).count("<h2>Exit quiz, question") == 5


def test_a_slide_without_a_title_is_refused() -> None:
    with pytest.raises(ValueError, match=r'say a "title" beside the "slide_type" of.*In the middle'):
        slides.deck(lesson(new_markdown_cell("In the middle of it.", metadata=marked("slide"))))


@pytest.mark.parametrize("path", LESSONS)
def test_no_title_of_a_slide_says_a_number_that_no_test_holds(path: Path) -> None:
    said = [cell.metadata.get("slideshow", {}).get("title", "") for cell in notebooks.load(path).nb.cells]
    assert [title for title in said if re.search(r"\d[.,]\d|\d%", title)] == []


@pytest.mark.parametrize("rows", [(30,), tuple(range(20, 50)), (0, 1, *range(2, 40)), ()])
def test_a_figure_that_begins_with_no_line_of_text_stays_whole(rows: tuple[int, ...]) -> None:
    assert pages.untitled(drawn(*rows)) == drawn(*rows)


# ---------------------------------------------------------------------------------------------- handouts


@pytest.mark.parametrize("path", LESSONS)
def test_a_handout_holds_every_exercise_and_its_hints(path: Path) -> None:
    loaded = notebooks.load(path)
    text = handout.handout(loaded)
    known = [exercise for _, exercise in exercise_cells(loaded.nb)]
    sheet, hints, quiz_sheet = text.split('<div class="last">')
    headings = [re.sub(r"<[^>]+>", "", heading) for heading in re.findall(r"<h2.*?</h2>", sheet)]
    asked = [heading for heading in headings if heading.startswith("Exercise ")]
    assert [heading.split(":")[0] for heading in asked] == [f"Exercise {exercise.id}" for exercise in known]
    assert hints.count("<li>") == sum(len(exercise.hints) for exercise in known)
    assert "bs.check" not in sheet
    assert quiz_sheet.count("class='box'") == sum(len(asked.options) for asked in quiz.of_lesson(path.stem))
    key = handout.key(loaded)
    assert all(pages.markdown(exercise.why) in key for exercise in known)
    assert not any(pages.markdown(exercise.why) in text for exercise in known)
    assert [source for source in Page(text).sources if not source.startswith("data:")] == ["mathjax.js"]


def test_paper_has_boxes_for_choices_and_no_code_for_what_is_not_code() -> None:
    asked = {e.id: e for e in load_exercises().values()}
    loaded = notebooks.load(notebooks.lessons()[1])
    cells = {cell.metadata.exercise: i for i, cell in loaded.code if "exercise" in cell.metadata}
    choice, number, code = (handout.exercise(loaded, cells[key], asked[key]) for key in ("1.7", "1.3", "1.6"))
    assert choice.count("class='box'") == len(asked["1.7"].check.options)
    assert "Answer: ____" in number
    assert ["highlight" in part for part in (choice, number, code)] == [False, False, True]


@pytest.mark.parametrize("record", load_exercises().values(), ids=lambda record: record.id)
def test_paper_says_the_numbers_that_the_question_takes_from_the_computer(record: Exercise) -> None:
    """Where a question names what the lesson has computed, a pencil gets its value."""
    loaded = notebooks.load(next(path for path in notebooks.lessons() if path.name.startswith(record.lesson)))
    (i,) = [i for i, cell in loaded.code if cell.metadata.get("exercise") == record.id]
    names = re.findall(r"`(\w+[.\[][^`(]*)`", handout.question(loaded, i))
    if isinstance(record.check, Number | Order) and names:
        assert re.search(r"\d", record.paper()), names
    assert "{" not in record.paper()
    assert (record.paper() == "") == ("Given." not in handout.exercise(loaded, i, record))


def test_paper_asks_for_no_name_and_shows_the_figure_that_is_read() -> None:
    loaded = notebooks.load(notebooks.lessons()[3])
    (i,) = [i for i, cell in loaded.code if cell.metadata.get("exercise") == "3.5"]
    sheet = handout.exercise(loaded, i, load_exercises()["3.5"])
    assert "ten_times_at" not in sheet
    assert sheet.count("<img") == 1


def test_an_exercise_without_a_heading_is_named() -> None:
    cell = new_code_cell("x = ...", metadata={"exercise": "1.2", "tags": ["exercise"]})
    with pytest.raises(ValueError, match=r"no heading .* above cell 1"):
        handout.question(lesson(cell), 1)


# ---------------------------------------------------------------------------------------------- browser


def test_without_playwright_the_other_tests_still_run() -> None:
    code = "import runpy, sys; sys.modules['playwright'] = None; runpy.run_path('tests/browser/conftest.py')"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PYTHONPATH": ".ci"}, check=True)


# ---------------------------------------------------------------------------------- continuous integration


@pytest.mark.skipif(os.name == "nt", reason="the script is for Linux and macOS")
@pytest.mark.parametrize(
    ("chromium", "apt", "code", "says"),
    [
        (True, None, 0, ["made test", "made browser"]),
        (True, None, 5, ["made test", "made browser"]),
        (False, "makes one", 0, ["made test", "made browser"]),
        (False, "fails", 0, ["made test", "make browser was not run: there is no Chromium here"]),
        (False, None, 0, ["made test", "make browser was not run: there is no Chromium here"]),
    ],
)
def test_ci_opens_a_browser_where_there_is_one_or_can_be(
    tmp_path: Path, chromium: bool, apt: str | None, code: int, says: list[str]
) -> None:
    def program(name: str, body: str) -> None:
        (tmp_path / name).write_text(f"#!/bin/bash\n{body}\n")
        (tmp_path / name).chmod(0o755)

    program("make", f'echo "made $*"; [ "$*" = test ] || exit {code}')
    program("id", "echo 0")
    for name in ("bash", "dirname", "touch", "chmod"):
        (tmp_path / name).symlink_to(Path("/bin") / name)
    if chromium:
        program("chromium", "")
    if apt:
        install = f"touch {tmp_path}/chromium; chmod +x {tmp_path}/chromium"
        program("apt-get", f'[ "$1" = update ] && exit; {install if apt == "makes one" else "exit 1"}')
    command = ["/bin/bash", ROOT / ".ci" / "run"]
    run = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert run.returncode == code, run.stderr
    lines = run.stdout.splitlines()
    assert len(lines) == len(says)
    assert all(line.startswith(part) for line, part in zip(lines, says, strict=True))
