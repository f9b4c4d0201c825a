"""Every lesson as a learner meets it: in JupyterLab, run from the top, answered, helped, with its slider moved."""

import base64
import contextlib
import html
import io
import os
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import matplotlib.image
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page, TimeoutError, expect

from borrowing_strength import course
from borrowing_strength.exercises.feedback import inline
from borrowing_strength.exercises.records import Exercise, load_exercises
from borrowing_strength.predictions import load_predictions
from notebooks import KERNEL, WIDGET, lessons

LESSONS = [path.name for path in lessons()]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A learner's folder, and JupyterLab's address to open a file in it."""
    folder, token = tmp_path_factory.mktemp("course"), secrets.token_hex(16)
    assert course.main(["start", str(folder)]) == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = tmp_path_factory.mktemp("jupyter")
    # Nothing of the person who runs this: no settings, no windows left open, no progress.
    names = ("JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "BORROWING_STRENGTH_STATE")
    env = os.environ | {name: str(place / name) for name in names}
    env.pop("BORROWING_STRENGTH_QUIET", None)  # what a learner sees, progress bars included
    options = [f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", "--no-browser"]
    command = [sys.executable, "-m", "jupyterlab", *options, "--LabApp.expose_app_in_browser=True"]
    with (place / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_for_server(f"http://127.0.0.1:{port}/api?token={token}", process, place / "log")
        yield folder, f"http://127.0.0.1:{port}/lab/tree/{{}}?reset&token={token}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def wait_for_server(address: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start within a minute:\n{log.read_text()}")


class Lab:
    """One notebook open in JupyterLab."""

    def __init__(self, page: Page, address: str, name: str):
        self.page = page
        page.goto(address.format(name))
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.on_panel("await panel.context.ready; await panel.sessionContext.ready")

    def on_panel(self, script: str, argument: object = None, seconds: int = 60) -> object:
        """Run a script inside JupyterLab; Playwright itself would wait for its end for ever."""
        head = "const app = window.jupyterapp, panel = app.shell.currentWidget, book = panel.content;"
        late = f"new Promise((_, stop) => setTimeout(() => stop(Error('too slow')), {1000 * seconds}))"
        work = f"(async () => {{ {head} {script} }})()"
        return self.page.evaluate(f"argument => Promise.race([{work}, {late}])", argument)

    def run_all(self) -> None:
        self.on_panel("await app.commands.execute('notebook:run-all-cells')", seconds=300)

    def cells(self) -> list[dict]:
        """All cells, read from the model: the page itself holds only those near the window."""
        return self.on_panel("return book.model.toJSON().cells")

    def go_to(self, position: int) -> Locator:
        move = "book.activeCellIndex = argument; await book.scrollToItem(argument, 'start'); app.commands.execute"
        self.on_panel(f"{move}('notebook:enter-command-mode')", position)
        cell = self.page.locator(".jp-Notebook .jp-Cell.jp-mod-active")
        cell.wait_for()
        return cell

    def run(self, position: int, source: str) -> None:
        """Type into a cell and run it, as a hand would."""
        self.go_to(position).locator(".jp-InputArea .cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Control+Enter")

    def run_below(self, position: int, source: str) -> None:
        self.go_to(position)
        self.on_panel("await app.commands.execute('notebook:insert-cell-below')")
        self.run(position + 1, source)

    def close(self) -> None:
        self.on_panel("await panel.sessionContext.shutdown()")


def problems(cells: list[dict]) -> list[str]:
    """Say what is wrong with a notebook after it has been run from the top."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    found = []
    counts = [cell["execution_count"] for cell in code]
    if counts != list(range(1, len(code) + 1)):
        found.append(f"the cells' counts are {counts}")
    for number, cell in enumerate(code, start=1):
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                found.append(f"code cell {number} ends in {output['ename']}")
            png = picture(output.get("data", {}))
            if png and is_empty(base64.b64decode(png)):
                found.append(f"code cell {number} shows an empty picture")
    return found


def picture(data: dict) -> str:
    """A picture in an output: bare, or as the image that describes it."""
    within = re.search(r'src="data:image/png;base64,([^"]+)"', data.get("text/html", ""))
    return within[1] if within else data.get("image/png", "")


def undescribed(cells: list[dict]) -> int:
    """How many pictures have no alt text in JupyterLab: bare ones, but for a slider's, in whose place the slider is."""
    shown = [output.get("data", {}) for cell in cells for output in cell.get("outputs", ())]
    return sum("image/png" in data and WIDGET not in data for data in shown)


def is_empty(png: bytes) -> bool:
    picture = matplotlib.image.imread(io.BytesIO(png))
    return bool((picture == picture[0, 0]).all())


def first_exercise(cells: list[dict]) -> tuple[int, Exercise]:
    position = next(i for i, cell in enumerate(cells) if "exercise" in cell["metadata"])
    return position, load_exercises()[cells[position]["metadata"]["exercise"]]


def sliders(cells: list[dict]) -> list[int]:
    return [i for i, cell in enumerate(cells) if cell["cell_type"] == "code" and "bs.widgets." in cell["source"]]


def test_a_bad_notebook_is_caught(page: Page, server: tuple[Path, str]) -> None:
    """The checks below can fail: an error, cells that did not run, a picture without anything on it."""
    folder, address = server
    empty = "import matplotlib.pyplot as plt\nplt.axes().axis('off')\nplt.show()"
    sources = (empty, "1 / 0", "print('never')")
    cells = [new_code_cell(source) for source in sources]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), folder / "bad.ipynb")
    lab = Lab(page, address, "bad.ipynb")
    lab.run_all()
    assert problems(lab.cells()) == [
        "the cells' counts are [1, 2, None]",
        "code cell 1 shows an empty picture",
        "code cell 2 ends in ZeroDivisionError",
    ]
    lab.close()


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson(
    name: str, page: Page, server: tuple[Path, str], shots: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = name[:2]
    lab = Lab(page, server[1], name)
    assert not any(cell.get("outputs") for cell in lab.cells()), "a learner sees results before the questions"
    page.screenshot(path=shots / f"{number}-opened.png")
    guess(lab)
    started = time.monotonic()
    lab.run_all()
    seconds = time.monotonic() - started
    assert problems(lab.cells()) == []
    assert undescribed(lab.cells()) == 0
    assert missing_guesses(lab.cells()) == []
    answer_and_ask(lab, shots / f"{number}-exercise.png")
    times = [time for position in sliders(lab.cells()) for time in move_slider(lab, position, shots / number)]
    with capsys.disabled():
        moved = f", slider {statistics.median(times):.0f} ms" if times else ""
        print(f"\n{name}: run in {seconds:.0f} s{moved}")
    lab.close()


def guess(lab: Lab) -> None:
    """Make every prediction of the lesson."""
    for position, cell in enumerate(lab.cells()):
        prediction = load_predictions().get(cell["metadata"].get("prediction"))
        if prediction is not None:
            source = f'bs.predict("{prediction.id}", {prediction.example!r})'
            lab.on_panel("book.model.cells.get(argument[0]).sharedModel.setSource(argument[1])", [position, source])


def missing_guesses(cells: list[dict]) -> list[str]:
    """Name the predictions that were not kept, or not put beside their result below."""
    said = [html.unescape(str(cell.get("outputs", ""))) for cell in cells]
    found = []
    for position, cell in enumerate(cells):
        prediction = load_predictions().get(cell["metadata"].get("prediction"))
        if prediction is None:
            continue
        beside = [text for text in said[position + 1 :] if f"◇ Prediction · {prediction.id}" in text]
        if f"{prediction.id} · kept: " not in said[position]:
            found.append(f"{prediction.id} is not kept")
        if not beside or "you said" not in beside[0].lower():
            found.append(f"{prediction.id} does not stand beside its result")
    return found


def answer_and_ask(lab: Lab, shot: Path) -> None:
    """Answer an exercise wrongly, take a hint, answer it rightly, and look at the solution."""
    position, exercise = first_exercise(lab.cells())
    about = f"Exercise {exercise.id},"
    message = lab.page.get_by_role("status").filter(has_text=about)
    mistake = exercise.listed_mistakes[0]
    lab.run(position, exercise.cell(mistake.code))
    expect(message.filter(has_text="Not yet")).to_contain_text(plain(mistake.says))
    lab.run_below(position, f'bs.hint("{exercise.id}")')
    expect(message.filter(has_text="→ Hint")).to_contain_text(plain(exercise.hints[0]))
    lab.page.screenshot(path=shot)
    lab.run(position, exercise.cell(exercise.solution))
    expect(message.filter(has_text="✓ Right")).to_contain_text(plain(exercise.why))
    lab.run(position + 1, f'bs.solution("{exercise.id}")')
    expect(message.filter(has_text="◆ Solution")).to_contain_text(plain(exercise.why))
    lab.page.screenshot(path=shot.with_stem(f"{shot.stem}-solved"))


def plain(text: str) -> str:
    """What a message says, without the signs for code and emphasis."""
    return html.unescape(re.sub(r"<[^>]+>", "", inline(text).replace("<br>", " ")))


# Counted in the page, from the key to the moment at which the new picture is decoded.
WATCH = """box => {
    window.times = [];
    document.addEventListener('keydown', () => { window.pressed = performance.now() }, {capture: true});
    new MutationObserver(async () => {
        const picture = box.querySelector('img');
        await picture.decode();
        window.times.push(performance.now() - window.pressed);
    }).observe(box, {childList: true, subtree: true});
}"""


def move_slider(lab: Lab, position: int, shot: Path) -> list[float]:
    """Move the first slider of a cell with the arrow keys; return the milliseconds to each new picture."""
    cell = lab.go_to(position)
    box = cell.locator(".widget-html-content").last
    box.evaluate(WATCH)
    cell.locator(".noUi-handle").first.focus()
    before = box.locator("img").get_attribute("src")
    for key in ["ArrowRight"] * 5 + ["ArrowLeft"] * 4:  # wherever it starts, that ends in another place
        shown = lab.page.evaluate("window.times.length")
        lab.page.keyboard.press(key)
        with contextlib.suppress(TimeoutError):  # at the end of the slider a key changes nothing
            lab.page.wait_for_function("shown => window.times.length > shown", arg=shown, timeout=2_000)
    times = lab.page.evaluate("window.times")
    lab.page.screenshot(path=shot.with_name(f"{shot.name}-slider-{position}.png"))
    assert times, "no new picture after the slider was moved"
    assert box.locator("img").get_attribute("src") != before
    assert box.locator("p").inner_text()
    return times
