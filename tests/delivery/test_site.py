"""The site is built once from a copy of the project, as `make site` builds it, and then read page by page."""

import ast
import functools
import html
import inspect
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import checks
import lessons
import nbformat
import pytest
import reference
import yaml
from bs4 import BeautifulSoup, Tag
from sphinx.errors import ExtensionError

import borrowing_strength as bs
import notebooks
from borrowing_strength.course.notebooks import exercise_cells
from borrowing_strength.exercises.feedback import inline
from notebooks import ROOT

LESSONS = notebooks.lessons()
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
RECIPE = re.search(r"\nsite:.*\n\t@\$\(RUN\) --group site python (.+)", MAKEFILE)[1]

each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


@dataclass(frozen=True)
class Site:
    """A copy of the project, and what building its site said."""

    copy: Path
    build: subprocess.CompletedProcess[str]

    @property
    def html(self) -> Path:
        return self.copy / "docs" / "_build" / "html"

    def page(self, name: str) -> BeautifulSoup:
        return parsed(self.html / name)

    def lesson(self, path: Path) -> BeautifulSoup:
        return self.page(f"notebooks/{path.stem}.html")


@functools.cache
def parsed(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_bytes(), "html.parser")


def build(copy: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *RECIPE.replace("$(ARGS)", "").split()]
    return subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    copy = tmp_path_factory.mktemp("site") / "project"
    for path in notebooks.project_files():
        (copy / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy / path.relative_to(ROOT))
    return Site(copy, build(copy))


# ---------------------------------------------------------------------------------- the whole


def test_it_builds_without_a_warning(site: Site) -> None:
    assert site.build.returncode == 0, site.build.stderr
    assert not site.build.stderr


def test_a_broken_link_fails_the_build(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "index.md").write_text(
        '# A\n\n[here](nowhere.md)\n\n<a href="other.html#no-such-term">there</a>\n', "utf-8"
    )
    (pages / "other.md").write_text("---\norphan: true\n---\n\n# B\n", "utf-8")
    flags = [flag for flag in RECIPE.split() if flag in ("-W", "--keep-going", "-q")]
    sphinx = [sys.executable, "-m", "sphinx", *flags, "-c", ROOT / "docs", "-D", "extensions=myst_nb,checks"]
    run = subprocess.run([*sphinx, pages, tmp_path / "site"], capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert "'nowhere.md'" in run.stderr
    assert "index.html: links to other.html#no-such-term, which is not there" in run.stderr
    assert "orphan" not in run.stderr


def test_what_is_built_is_what_is_published(site: Site) -> None:
    steps = yaml.safe_load((ROOT / ".github" / "workflows" / "site.yml").read_text("utf-8"))["jobs"]["publish"]["steps"]
    assert {"run": "make site"} in steps
    (upload,) = [step for step in steps if "upload-pages-artifact" in step.get("uses", "")]
    assert upload["with"]["path"] == RECIPE.split()[-1]
    assert "-W" in RECIPE.split()


def test_git_sees_nothing_of_what_a_build_writes(site: Site) -> None:
    written = {path.relative_to(site.copy).as_posix() for path in (site.copy / "docs").rglob("*") if path.is_file()}
    there = {path.relative_to(ROOT).as_posix() for path in notebooks.project_files()}
    ask = ["git", "check-ignore", "--stdin", "--no-index"]
    ignored = subprocess.run(ask, cwd=ROOT, input="\n".join(written), capture_output=True, text=True, check=False)
    assert written - there == set(ignored.stdout.splitlines())


PAGE = '<html><body id="top"><a href="b.html#here">b</a><img src="p.png" alt="A bar."></body></html>'


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("b.html#here", "c.html", "links to c.html, which is not there"),
        ("b.html#here", "b.html#gone", "links to b.html#gone, which is not there"),
        ("b.html#here", "#gone", "links to #gone, which is not there"),
        ("b.html#here", "../outside.html", "links to ../outside.html, which is not there"),
        ("p.png", "q.png", "links to q.png, which is not there"),
        ("p.png", "https://elsewhere.org/p.png", "loads https://elsewhere.org/p.png from another host"),
        ('alt="A bar."', 'alt=" "', "the picture p.png has no alt text"),
        ('<img src="p.png" alt="A bar.">', '<script src="//cdn.org/x.js"></script>', "loads //cdn.org/x.js from"),
    ],
)
def test_the_checks_bite(tmp_path: Path, old: str, new: str, says: str) -> None:
    folder = tmp_path / "html"
    folder.mkdir()
    (tmp_path / "outside.html").write_text("not part of the site")
    (folder / "b.html").write_text('<p id="here">')
    (folder / "p.png").write_bytes(b"")
    (folder / "a.html").write_text(PAGE)
    assert list(checks.faults(folder)) == []
    (folder / "a.html").write_text(PAGE.replace(old, new))
    (fault,) = checks.faults(folder)
    assert fault.startswith(f"a.html: {says}")


# ---------------------------------------------------------------------------------- lessons


def test_every_lesson_is_in_the_table_and_in_the_menu(site: Site) -> None:
    home = site.page("index.html")
    rows = [[plain(cell.get_text()) for cell in row.find_all("td")] for row in home.select("main table tbody tr")]
    for path, row in zip(LESSONS, rows, strict=True):
        nb = nbformat.read(path, as_version=4)
        course = nb.metadata.borrowing_strength
        exercises = sum("exercise" in notebooks.tags(cell) for cell in nb.cells)
        assert row[1:] == [plain(course.question), str(course.minutes), str(exercises)]
        address = f"notebooks/{path.stem}.html"
        assert home.select_one(f'main table a[href="{address}"]')
        assert home.select_one(f'nav a[href="{address}"]')


def shown(text: str) -> str:
    """The words of a hint or a reason, without what marks code and emphasis."""
    return html.unescape(re.sub(r"<[^>]+>", "", inline(text)))


@each_lesson
def test_each_exercise_has_its_help_folded_below_it(site: Site, path: Path) -> None:
    page = site.lesson(path)
    help_ = page.select("details.help")
    assert not any(details.has_attr("open") for details in help_)
    said = iter(help_)
    for _, exercise in exercise_cells(notebooks.load(path).nb):
        for i, hint in enumerate(exercise.hints, 1):
            details = next(said)
            assert details.summary.get_text() == f"Hint {i} of {len(exercise.hints)}"
            assert plain(details.p.get_text()) == plain(shown(hint))
        details = next(said)
        assert details.summary.get_text() == "Solution"
        assert ast.dump(ast.parse(details.pre.get_text())) == ast.dump(ast.parse(exercise.solution))
        assert plain(details.find_all("p")[-1].get_text()) == plain(shown(exercise.why))
        assert f'bs.check("{exercise.id}",' in code_above(details)
    assert next(said, None) is None
    assert "Not tried yet" not in page.get_text()


def plain(text: str) -> str:
    """Leave out what setting a text may change: spaces, and whether quotes are curled."""
    return "".join(text.split()).translate(str.maketrans("’‘“”", "''\"\""))


def code_above(details: Tag) -> str:
    """Return the code of the notebook's cell that stands before an exercise's help."""
    return details.find_previous("div", class_="cell").get_text()


@each_lesson
def test_each_lesson_can_be_run_and_taken_along(site: Site, path: Path) -> None:
    page = site.lesson(path)
    links = [a["href"] for a in page.select(".launch a")]
    badges = notebooks.badges(path.name, notebooks.repository())
    assert all(f"]({address})" in badges for address in links[:2])
    assert (site.html / "notebooks" / links[2]).read_bytes() == (site.copy / "notebooks" / path.name).read_bytes()
    assert "archive/refs/heads" not in page.get_text()  # the set-up cell
    assert page.get_text().count("Run it in Binder") == 1


@each_lesson
def test_each_slider_is_shown_by_its_states(site: Site, path: Path) -> None:
    names = re.findall(r"^bs\.widgets\.(\w+)\(", sources(path), re.MULTILINE)
    expected = [[label for label, _, _ in drawn(getattr(bs.widgets, name))[1]] for name in names]
    grids = site.lesson(path).select(".states")
    shown = [[plain(caption.get_text()) for caption in grid.select(".caption-text")] for grid in grids]
    assert shown == [[plain(label) for label in labels] for labels in expected]


@functools.cache
def drawn(make: Callable[[], bs.widgets.Slider]) -> tuple[bs.widgets.Slider, list[tuple[str, bytes, str]]]:
    """A slider, and its states as pictures."""
    slider = make()
    return slider, slider.states()


def sources(path: Path) -> str:
    return "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)


SLIDERS = [
    make
    for _, make in inspect.getmembers(bs.widgets, inspect.isfunction)
    if make.__annotations__.get("return") is bs.widgets.Slider
]


@pytest.mark.parametrize("make", SLIDERS, ids=lambda make: make.__name__)
def test_states_can_be_reached_and_differ(make: Callable[[], bs.widgets.Slider]) -> None:
    slider, states = drawn(make)
    assert 4 <= len(states) <= 6
    assert len({label for label, _, _ in states}) == len(states)
    assert len({png for _, png, _ in states}) > len(states) / 2  # that two states look alike can be the point
    for state in slider._states:
        for name, value in state.items():
            slider._sliders[name].value = value
            assert slider._sliders[name].value == pytest.approx(value)


def test_a_slider_that_the_site_cannot_show_is_named(tmp_path: Path) -> None:
    cell = nbformat.v4.new_code_cell("rate = 2\nbs.widgets.four_variants(rate)")
    with pytest.raises(ExtensionError, match=r"four_variants\(rate\).*a slider is called as"):
        lessons.slider_of(cell)


@each_lesson
def test_mathematics_needs_no_network(site: Site, path: Path) -> None:
    page = site.lesson(path)
    scripts = [script["src"] for script in page.select("script[src*=mathjax]")]
    if "$" in re.sub(r"`[^`]*`", "", sources(path)) and page.select(".math"):
        (script,) = scripts
        assert (site.html / "notebooks" / script.split("?")[0]).stat().st_size > 1_000_000
    else:
        assert not page.select(".math")
        assert not scripts


def test_the_glossary_explains_bold_words_once_a_lesson(site: Site) -> None:
    terms = {term["id"] for term in site.page("glossary.html").select("dl.glossary dt")}
    for path in LESSONS:
        linked = [a["href"] for a in site.lesson(path).select("main article a[href*='glossary.html#']")]
        assert linked, f"{path.name} links to no term"
        assert len(set(linked)) == len(linked)
        assert {address.split("#")[1] for address in linked} <= terms
        assert all(a.strong for a in site.lesson(path).select("main article a[href*='glossary.html#']"))


def test_definitions_are_short(site: Site) -> None:
    for definition in site.page("glossary.html").select("dl.glossary dd"):
        assert len(re.findall(r"[.?!](?:\s|$)", definition.get_text().strip())) <= 3, definition.get_text()


# ---------------------------------------------------------------------------------- reference and data


@pytest.mark.parametrize("name", reference.modules())
def test_every_public_name_is_described(site: Site, name: str) -> None:
    module = getattr(bs, name)
    page = site.page(f"reference/{name}.html")
    described = {dt["id"].removeprefix(f"borrowing_strength.{name}.") for dt in page.select("dl.py > dt[id]")}
    own = [n for n, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__ and n[0] != "_"]
    names = set(getattr(module, "__all__", own))
    assert names
    # What two lessons share is described once; the other page names it and leads there.
    for shared in names - described:
        links = [a["href"] for a in page.select("main a.reference.internal") if a["href"].endswith(".html")]
        homes = [site.page(f"reference/{link}") for link in links if "/" not in link]
        assert any(home.select_one(f'dl.py > dt[id$=".{shared}"]') for home in homes), shared
        assert shared in {code.get_text() for code in page.select("main code")}
    assert not [name for name in described if any(part.startswith("_") for part in name.split("."))]
    assert site.page("reference/index.html").select_one(f'main a[href="{name}.html"]')


def test_every_data_set_is_listed_with_what_uses_it(site: Site) -> None:
    page = site.page("data.html")
    rows = {row.td.get_text(): row for row in page.select("main table tbody tr")}
    files = {path.name.split(".")[0] for path in (ROOT / "src" / "borrowing_strength" / "datasets").glob("*.csv*")}
    assert set(rows) == files
    for name, row in rows.items():
        cells = [cell.get_text() for cell in row.find_all("td")]
        assert int(cells[1]) == len(getattr(bs.datasets, name)())
        assert cells[2].split(", ") == [p.name[:2] for p in LESSONS if f"datasets.{name}(" in sources(p)] or [""]
        assert page.find(id=f"borrowing_strength.datasets.{name}")


def test_contributing_and_changelog_are_pages(site: Site) -> None:
    for name in reference.PROJECT:
        title = re.search(r"^# (.+)$", (ROOT / name).read_text("utf-8"), re.MULTILINE)[1]
        assert title in site.page(f"project/{name.lower().replace('.md', '.html')}").h1.get_text()
    assert f"## {bs.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
