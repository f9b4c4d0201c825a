"""The slides in a browser that has no network: every slide fits, in letters that the last row can read."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from notebooks import ROOT, lessons

SMALLEST = 20  # pixels of 720


@pytest.mark.parametrize("number", [path.name[:2] for path in lessons()])
def test_a_deck(number: str, page: Page, shots: Path) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.context.set_offline(True)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto((ROOT / "build" / "slides" / f"{number}.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    for slide in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate(f"Reveal.slide({slide})")
        px, height = page.evaluate(
            "(s => [parseFloat(getComputedStyle(s).fontSize), s.scrollHeight])(Reveal.getCurrentSlide())"
        )
        page.screenshot(path=shots / f"slide-{number}-{slide + 1:02}.png")
        if px < SMALLEST or height > 720:
            complaints.append(f"slide {slide + 1} is {height} px high at {px} px: put less on it")
        if page.evaluate("Reveal.getCurrentSlide().querySelector('mjx-merror') !== null"):
            complaints.append(f"slide {slide + 1} holds a formula that cannot be read")
    assert complaints == []
