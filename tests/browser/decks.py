"""The slides in a browser that has no network: every slide says its point, fits, and can be read in the last row."""

import re
from pathlib import Path

import matplotlib
import pytest
from playwright.sync_api import Page

from borrowing_strength.core.style import use_style
from notebooks import ROOT, lessons

DECKS = ROOT / "build" / "slides"
SMALLEST = 18  # pixels of 720, of text and of the letters in figures
POINTS = 9  # the smallest letters of a figure; they are stored at 110 dots an inch

# What is wrong with the slide that is shown, measured in the pixels of a slide of 1280 x 720.
MEASURE = """([smallest, printed]) => {
  const slide = Reveal.getCurrentSlide().querySelector(".slide"), scale = Reveal.getScale(), wrong = [];
  const frame = slide.getBoundingClientRect(), title = slide.querySelector("h1, h2");
  if (!title || !title.innerText.trim()) wrong.push("has no title");
  else if (title.getBoundingClientRect().height / scale > 120) wrong.push("has a title of more than two lines");
  for (const part of slide.querySelectorAll("*")) {
    const box = part.getBoundingClientRect(), within = part.closest("mjx-assistive-mml, svg");
    const beyond = Math.max(box.bottom - frame.bottom, box.right - frame.right) / scale;
    if (beyond > 1 && !within) wrong.push(`runs ${Math.round(beyond)} px out: ${part.tagName}`);
    const own = [...part.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const size = parseFloat(getComputedStyle(part).fontSize);
    if (own && !within && !part.matches("sub, sup, script, style") && size < smallest)
      wrong.push(`has text of ${size} px`);
  }
  for (const picture of slide.querySelectorAll("img")) {
    // In a box of other proportions, a picture is as large as the tighter side lets it.
    const box = picture.getBoundingClientRect();
    const zoom = Math.min(box.width / picture.naturalWidth, box.height / picture.naturalHeight) / scale;
    const shown = printed * zoom * picture.naturalWidth / picture.dataset.width;
    if (shown < smallest) wrong.push(`shows a figure whose letters are ${shown.toFixed(1)} px`);
  }
  if (slide.querySelector("mjx-merror")) wrong.push("holds a formula that cannot be read");
  return wrong;
}"""


@pytest.fixture
def complaints(page: Page) -> list[str]:
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("console", lambda message: message.type == "error" and heard.append(message.text))
    page.context.set_offline(True)
    page.set_viewport_size({"width": 1280, "height": 720})
    return heard


def show(page: Page, number: str, address: str = "") -> None:
    page.goto((DECKS / f"{number}.html").as_uri() + address)
    page.wait_for_function("window.Reveal && Reveal.isReady()")


each_deck = pytest.mark.parametrize("number", [path.name[:2] for path in lessons()])


def test_no_letters_in_a_figure_are_smaller_than_those_that_are_measured() -> None:
    with matplotlib.rc_context():
        use_style()
        sizes = [matplotlib.rcParams[f"{part}size"] for part in ("xtick.label", "ytick.label", "legend.font")]
        assert matplotlib.rcParams["savefig.dpi"] == matplotlib.rcParams["figure.dpi"] == 110
    for path in [*(ROOT / "src").rglob("*.py"), *lessons()]:
        sizes += map(float, re.findall(r"(?:font|label|title)size\"?[=:] *([\d.]+)", path.read_text("utf-8")))
    assert min(sizes) == POINTS


@each_deck
def test_every_slide_has_a_title_and_fits(number: str, page: Page, shots: Path, complaints: list[str]) -> None:
    show(page, number)
    for slide in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate(f"Reveal.slide({slide}, 0, 99)")
        page.screenshot(path=shots / f"slide-{number}-{slide + 1:02}.png")
        wrong = page.evaluate(MEASURE, [SMALLEST, POINTS * 110 / 72])
        complaints += [f"slide {slide + 1} {each}" for each in wrong]
    assert complaints == []


@each_deck
def test_an_answer_waits_for_a_key_after_its_question(number: str, page: Page, complaints: list[str]) -> None:
    show(page, number)
    asked = ""
    while not page.evaluate("Reveal.isLastSlide()"):
        page.keyboard.press("ArrowRight")
        slide = page.locator("section.present")
        if waiting := slide.locator(".slide > .fragment").all():
            question = slide.inner_text()
            if any(part.evaluate("e => getComputedStyle(e).visibility") != "hidden" for part in waiting):
                complaints.append(f"this answer does not wait: {question}")
            for _ in waiting:
                page.keyboard.press("ArrowRight")
            if any(part.evaluate("e => getComputedStyle(e).visibility") == "hidden" for part in waiting):
                complaints.append(f"this answer does not come: {question}")
        elif "answer" in slide.get_attribute("class"):
            question = asked
        else:
            question, asked = "?", slide.inner_text()
        if "?" not in question and "Predict" not in question:
            complaints.append(f"this answer has no question: {slide.inner_text()}")
    assert complaints == []


@each_deck
def test_printing_gives_a_page_a_slide(number: str, page: Page, complaints: list[str]) -> None:
    show(page, number)
    total = page.evaluate("Reveal.getTotalSlides()")
    show(page, number, "?print-pdf")
    page.wait_for_selector(".pdf-page")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == total
    full = "slides => slides.filter(slide => slide.scrollHeight > slide.clientHeight + 1).length"
    assert page.locator(".slide").evaluate_all(full) == 0
    assert complaints == []
