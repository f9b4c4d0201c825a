"""A release: what is built from a clone holds the course, and works where nothing but a Python and its libraries are.

The libraries are lent by the environment that runs the tests, so that nothing is fetched here. `make release` installs
them too, and runs lesson 00; the workflow that publishes calls it.
"""

import inspect
import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

import borrowing_strength as bs
import notebooks
from notebooks import ROOT

NAME = f"borrowing_strength-{bs.__version__}"


def hatch(folder: Path, out: Path, kind: str) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(out)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the source archive, and with the wheel that is built from this archive alone."""
    folder = tmp_path_factory.mktemp("dist")
    hatch(ROOT, folder, "sdist")
    with tarfile.open(folder / f"{NAME}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    hatch(folder / NAME, folder, "wheel")
    return folder


def wheel(built: Path) -> Path:
    return built / f"{NAME}-py3-none-any.whl"


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of an installation in an environment of its own, far from the clone."""
    folder = tmp_path_factory.mktemp("installed")
    environment = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    binaries = environment / ("Scripts" if os.name == "nt" else "bin")
    python = binaries / Path(sys.executable).name
    site = json.loads(
        subprocess.check_output([python, "-c", "import json, sysconfig; print(json.dumps(sysconfig.get_paths()))"])
    )
    # A path in a .pth file lends the libraries; the clone's own .pth file in that path is not followed.
    Path(site["purelib"], "lent.pth").write_text(sysconfig.get_paths()["purelib"], encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*pip, str(wheel(built))], check=True, capture_output=True)
    return binaries / f"borrowing-strength{'.exe' if os.name == 'nt' else ''}"


def run(command: list[object], folder: Path) -> str:
    # Progress and IPython's files of the test run stay where conftest.py put them.
    result = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_wheel_holds_the_package_and_the_lessons_and_nothing_else(built: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel(built)).namelist() if ".dist-info/" not in name}
    package = {path for path in notebooks.project_files() if path.is_relative_to(ROOT / "src")}
    lessons = {f"borrowing_strength/_lessons/{path.name}" for path in notebooks.lessons()}
    assert held == {path.relative_to(ROOT / "src").as_posix() for path in package} | lessons


def test_the_source_archive_holds_the_project(built: Path) -> None:
    with tarfile.open(built / f"{NAME}.tar.gz") as archive:
        held = {name.removeprefix(f"{NAME}/") for name in archive.getnames()}
    assert {path.relative_to(ROOT).as_posix() for path in notebooks.project_files()} == held - {"PKG-INFO"}


def test_links_on_the_index_lead_somewhere(built: Path) -> None:
    metadata = zipfile.ZipFile(wheel(built)).read(f"{NAME}.dist-info/METADATA").decode()
    readme = (ROOT / "README.md").read_text("utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", metadata)
    assert len(links) == len(re.findall(r"\]\(([^)\s]+)\)", readme)) > 20
    assert all(link.startswith("https://") for link in links)
    home = notebooks.repository()
    for kind, link in re.findall(rf"\]\({re.escape(home)}/(blob|raw)/main/([^)\s]+)\)", metadata):
        assert (ROOT / link).exists()
        assert (kind == "raw") == (Path(link).suffix == ".png")
    assert "Description-Content-Type: text/markdown" in metadata


def test_the_installed_package_is_the_one_that_answers(installed: Path, tmp_path: Path) -> None:
    code = "import borrowing_strength as bs; print(bs.__file__, bs.__version__)"
    python = installed.with_name(Path(sys.executable).name)
    said = run([python, "-c", code], tmp_path)
    assert Path(said.split()[0]).is_relative_to(installed.parents[1])
    assert said.split()[1] == bs.__version__


def test_the_data_sets_are_inside(installed: Path, tmp_path: Path) -> None:
    functions = inspect.getmembers(bs.datasets, inspect.isfunction)
    ours = [name for name, function in functions if function.__module__ == bs.datasets.__name__]
    names = [name for name in ours if name[0] != "_"]
    assert names
    code = f"import borrowing_strength as bs\nprint(*(len(getattr(bs.datasets, name)()) for name in {names}))"
    said = run([installed.with_name(Path(sys.executable).name), "-c", code], tmp_path)
    assert [int(rows) for rows in said.split()] == [len(getattr(bs.datasets, name)()) for name in names]


def test_the_doctor_finds_nothing_amiss(installed: Path, tmp_path: Path) -> None:
    said = run([installed, "doctor"], tmp_path)
    assert "FAIL" not in said
    assert f"{len(notebooks.lessons())} lessons in" in said


def test_list_and_start_work(installed: Path, tmp_path: Path) -> None:
    said = run([installed, "list"], tmp_path)
    for path in notebooks.lessons():
        facts = notebooks.load(path).nb.metadata.borrowing_strength
        assert f", {facts.minutes} minutes: 0 of" in said
        assert facts.question in said
    run([installed, "start", "own"], tmp_path)
    for path in notebooks.lessons():
        brought, lesson = (notebooks.load(place).nb for place in (tmp_path / "own" / path.name, path))
        assert [cell.source for cell in brought.cells] == [cell.source for cell in lesson.cells]
        assert not any(cell.get("outputs") for cell in brought.cells)
    assert "own" in run([installed, "doctor"], tmp_path / "own")
