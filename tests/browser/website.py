"""The built site as a reader meets it: it says nothing to the console, and asks no other host for anything."""

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from notebooks import ROOT, lessons, load

SITE = ROOT / "docs" / "_build" / "html"
PAGES = [f"notebooks/{path.stem}.html" for path in lessons()]
LESSON = PAGES[1]
OTHER_HOSTS: dict[str, str] = {}  # from host to the reason why a page may ask it for something: none may
WIDE, PHONE = (1280, 900), (360, 740)


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class Reader:
    """A visitor who notes everything that goes wrong."""

    def __init__(self, browser: Browser, address: str):
        self.complaints: list[str] = []
        self.address = address
        self.page = browser.new_context().new_page()
        self.page.on("console", lambda message: self.hear(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", lambda answer: answer.ok or self.complaints.append(f"{answer.status} {answer.url}"))
        self.page.on("request", lambda request: self.watch(request.url))

    def hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def watch(self, url: str) -> None:
        ours = url.startswith((self.address, "data:", "blob:"))
        if not ours and url.split("/")[2] not in OTHER_HOSTS:
            self.complaints.append(f"asks for {url}")

    def open(self, place: str, size: tuple[int, int] = WIDE) -> Page:
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.goto(f"{self.address}/{place}", wait_until="networkidle")
        return self.page


@pytest.fixture
def reader(browser: Browser, address: str) -> Iterator[Reader]:
    reader = Reader(browser, address)
    yield reader
    assert reader.complaints == []
    reader.page.context.close()


def test_a_complaint_is_noticed(browser: Browser, address: str) -> None:
    reader = Reader(browser, address)
    reader.open("index.html")
    reader.page.evaluate("console.error('spilt')")
    reader.page.evaluate("fetch('no-such-file').catch(() => {})")
    reader.page.evaluate("fetch('http://127.0.0.1:9/elsewhere').catch(() => {})")
    heard = "\n".join(reader.complaints)
    assert all(part in heard for part in ("spilt", "404", "asks for http://127.0.0.1:9/elsewhere"))
    reader.page.context.close()


def test_the_landing_page_leads_to_every_lesson(reader: Reader, shots: Path) -> None:
    page = reader.open("index.html")
    page.screenshot(path=shots / "site-landing.png", full_page=True)
    for place in PAGES:
        assert page.locator(f'main a[href^="{place}"]').count() >= 1
    assert shown(page)


@pytest.mark.parametrize("place", PAGES)
def test_a_lesson_shows_its_pictures_and_its_mathematics(reader: Reader, shots: Path, place: str) -> None:
    page = reader.open(place)
    page.screenshot(path=shots / f"site-{Path(place).stem[:2]}.png")
    assert shown(page)
    written = page.locator("main .math").count()
    assert page.locator("main .math mjx-container").count() >= written
    exercises = sum("exercise" in cell.metadata for cell in load(ROOT / place.replace(".html", ".ipynb")).nb.cells)
    assert page.locator("details.solution").count() == exercises > 0


def shown(page: Page) -> bool:
    """Tell whether every picture has arrived with something in it, and says what it shows."""
    every = "pictures => pictures.every(p => p.complete && p.naturalWidth > 0 && p.alt.trim())"
    page.locator("main img").evaluate_all("pictures => pictures.forEach(p => { p.loading = 'eager' })")
    page.wait_for_load_state("networkidle")
    return page.locator("main img").evaluate_all(every)


def test_a_solution_unfolds(reader: Reader, shots: Path) -> None:
    page = reader.open(LESSON)
    solution = page.locator("details.solution").first
    expect(solution.locator("pre")).to_be_hidden()
    solution.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(solution.locator("pre")).to_be_visible()
    page.screenshot(path=shots / "site-solution.png")


def test_search_finds_a_lesson(reader: Reader, shots: Path) -> None:
    page = reader.open("index.html")
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("shrinkage")
    page.keyboard.press("Enter")
    expect(page.locator(f'#search-results a[href*="{LESSON}"]').first).to_be_visible()
    page.screenshot(path=shots / "site-search.png")


def test_the_dark_mode_is_dark(reader: Reader, shots: Path) -> None:
    page = reader.open(LESSON)
    bright = brightness(page)
    page.locator("button.theme-switch-button:visible").first.click()
    page.locator('button.theme-change-button[data-mode="dark"]:visible').first.click()
    assert bright > 0.9
    assert brightness(page) < 0.2
    page.screenshot(path=shots / "site-dark.png")


def brightness(page: Page) -> float:
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).map(Number)")
    return sum(colour[:3]) / 3 / 255


@pytest.mark.parametrize("place", ["index.html", *PAGES])
def test_a_phone_need_not_scroll_sideways(reader: Reader, shots: Path, place: str) -> None:
    page = reader.open(place, PHONE)
    page.screenshot(path=shots / f"site-phone-{Path(place).stem[:5]}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


@pytest.mark.parametrize(("scheme", "rules"), [("light", []), ("dark", ["color-contrast"])])
def test_axe_finds_nothing_on_any_page(browser: Browser, address: str, scheme: str, rules: list[str]) -> None:
    """Axe knows the rules of WCAG that a program can check: names, labels, structure; and, light and dark, contrast."""
    page = browser.new_context(color_scheme=scheme).new_page()
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    complaints = []
    places = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
    for place in [place for place in places if not place.startswith("_static")]:  # these are parts of the theme
        page.goto(f"{address}/{place}")
        for found in Axe().run(page, options={"runOnly": rules} if rules else None).response["violations"]:
            where = [node["target"] for node in found["nodes"]]
            complaints.append(f"{place}: {found['help']} ({found['id']}, {len(where)} times, first {where[0]})")
    assert complaints == []
    page.context.close()


def test_a_slider_moves_between_its_states(reader: Reader, shots: Path) -> None:
    page = reader.open(LESSON)
    states = page.locator(".states").first
    slider = states.get_by_role("slider")
    figures = states.locator("figure")
    assert [figures.nth(i).is_visible() for i in range(figures.count())].count(True) == 1
    before = states.locator("figure:visible img").get_attribute("src")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert states.locator("figure:visible img").get_attribute("src") != before
    assert slider.get_attribute("aria-valuetext") == states.locator("figure:visible figcaption").inner_text().strip()
    page.screenshot(path=shots / "site-slider.png")


def test_without_a_script_all_states_are_there(browser: Browser, address: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/{LESSON}")
    figures = page.locator(".states").first.locator("figure")
    assert all(figures.nth(i).is_visible() for i in range(figures.count()))
    page.context.close()
