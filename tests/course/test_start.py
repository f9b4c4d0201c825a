"""`borrowing-strength start`: a learner's own folder, filled once and brought up to date for ever after."""

import errno
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import notebooks
import rules
from borrowing_strength.course import command as course
from borrowing_strength.course import folder as lesson_folder
from notebooks import ROOT

FACTS = {"lesson": "97", "minutes": 15, "question": "What is two and one?"}
NAME = "97_adding.ipynb"
BESIDE = "97_adding, new version.ipynb"


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "published"
    folder.mkdir()
    monkeypatch.setattr(lesson_folder, "published_folder", lambda: folder)
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "my own" / "course"


def publish(folder: Path, text: str, name: str = NAME) -> bytes:
    """Publish a lesson whose one code cell prints `text`."""
    told = new_output("stream", name="stdout", text=f"{text}\n")
    code = new_code_cell(f"print({text!r})", id="b", execution_count=1, outputs=[told])
    cells = [new_markdown_cell("# 97. Adding", id="a"), code]
    nbformat.write(new_notebook(cells=cells, metadata={"borrowing_strength": FACTS}), folder / name)
    return as_learners_get_it((folder / name).read_bytes())


def as_learners_get_it(content: bytes) -> bytes:
    """The same notebook, not run yet."""
    notebook = nbformat.reads(content.decode(), as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return (nbformat.writes(notebook) + "\n").encode()


def change(path: Path, source: str = "my_answer = 3") -> bytes:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source = source
    nbformat.write(notebook, path)
    return path.read_bytes()


def start(folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert course.main(["start", str(folder)]) == 0
    return capsys.readouterr().out.splitlines()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {lesson_folder.RECORD}


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def test_the_folder_is_made_and_filled(published: Path, own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = publish(published, "one")
    said = start(own, capsys)
    assert said[0] == f"brought    {NAME}"
    assert said[-1].startswith(f'1 lesson. Open with: jupyter lab "{own}"')
    assert (own / NAME).read_bytes() == content
    assert names(own) == {NAME}


def test_twice_in_a_row_nothing_happens(published: Path, own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publish(published, "one")
    start(own, capsys)
    before = everything(own)
    assert start(own, capsys)[0] == f"the same   {NAME}"
    assert everything(own) == before


def test_a_new_version_replaces_what_was_not_touched(
    published: Path, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(published, "one")
    start(own, capsys)
    content = publish(published, "two")
    publish(published, "three", "98_more.ipynb")
    assert start(own, capsys)[:2] == [f"updated    {NAME}", "brought    98_more.ipynb"]
    assert (own / NAME).read_bytes() == content
    assert names(own) == {NAME, "98_more.ipynb"}


def test_what_the_learner_changed_is_never_touched(
    published: Path, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(published, "one")
    start(own, capsys)
    mine = change(own / NAME)
    assert start(own, capsys)[0].startswith(f"yours      {NAME} (you have changed it, and there is nothing newer)")
    assert names(own) == {NAME}
    content = publish(published, "two")
    assert BESIDE in start(own, capsys)[0]
    assert (own / NAME).read_bytes() == mine
    assert (own / BESIDE).read_bytes() == content
    before = everything(own)
    assert start(own, capsys)[0].startswith("yours")
    assert everything(own) == before


def test_two_new_versions_share_one_place_unless_the_learner_works_in_it(
    published: Path, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(published, "one")
    start(own, capsys)
    mine = change(own / NAME)
    publish(published, "two")
    start(own, capsys)
    third = publish(published, "three")
    start(own, capsys)
    assert names(own) == {NAME, BESIDE}
    assert (own / BESIDE).read_bytes() == third
    second_of_mine = change(own / BESIDE, "my_other_answer = 4")
    fourth = publish(published, "four")
    assert "97_adding, new version 2.ipynb" in start(own, capsys)[0]
    assert (own / NAME).read_bytes() == mine
    assert (own / BESIDE).read_bytes() == second_of_mine
    assert (own / "97_adding, new version 2.ipynb").read_bytes() == fourth


def test_a_new_version_that_was_thrown_away_does_not_come_back(
    published: Path, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(published, "one")
    start(own, capsys)
    change(own / NAME)
    publish(published, "two")
    start(own, capsys)
    (own / BESIDE).unlink()
    start(own, capsys)
    assert names(own) == {NAME}


def test_a_new_version_moved_to_the_lessons_place_is_that_lesson(
    published: Path, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(published, "one")
    start(own, capsys)
    change(own / NAME)
    publish(published, "two")
    start(own, capsys)
    (own / BESIDE).replace(own / NAME)
    assert start(own, capsys)[0].startswith("the same")
    third = publish(published, "three")
    assert start(own, capsys)[0].startswith("updated")
    assert (own / NAME).read_bytes() == third


def test_a_deleted_lesson_comes_back_fresh(published: Path, own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = publish(published, "one")
    start(own, capsys)
    (own / NAME).unlink()
    assert start(own, capsys)[0].startswith("brought")
    assert (own / NAME).read_bytes() == content


@pytest.mark.parametrize("foreign", [b"not a notebook", b"{}", b'{"cells": 3, "metadata": []}', b""])
def test_foreign_files_stay(published: Path, own: Path, capsys: pytest.CaptureFixture[str], foreign: bytes) -> None:
    content = publish(published, "one")
    own.mkdir(parents=True)
    (own / NAME).write_bytes(foreign)
    (own / BESIDE).write_bytes(foreign)
    (own / "thesis.txt").write_bytes(foreign)
    start(own, capsys)
    assert [(own / name).read_bytes() for name in (NAME, BESIDE, "thesis.txt")] == [foreign] * 3
    assert (own / "97_adding, new version 2.ipynb").read_bytes() == content


def test_a_folder_in_the_place_of_a_lesson_stays(
    published: Path, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(published, "one")
    (own / NAME).mkdir(parents=True)
    start(own, capsys)
    assert (own / NAME).is_dir()
    assert (own / BESIDE).is_file()


@pytest.mark.parametrize("damage", [b"{", b"[]", b'{"97_adding.ipynb": 3}', b"\xff", None])
def test_without_its_record_whatever_differs_is_the_learners(
    published: Path, own: Path, capsys: pytest.CaptureFixture[str], damage: bytes | None
) -> None:
    publish(published, "one")
    publish(published, "same", "98_more.ipynb")
    start(own, capsys)
    (own / lesson_folder.RECORD).unlink()
    if damage is not None:
        (own / lesson_folder.RECORD).write_bytes(damage)
    old = (own / NAME).read_bytes()
    publish(published, "two")
    said = start(own, capsys)
    assert BESIDE in said[0]
    assert said[1] == "the same   98_more.ipynb"
    assert (own / NAME).read_bytes() == old
    assert set(json.loads((own / lesson_folder.RECORD).read_bytes())) == {NAME, BESIDE, "98_more.ipynb"}


def test_running_and_saving_a_lesson_is_no_change(
    published: Path, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(published, "one")
    start(own, capsys)
    lesson = nbformat.read(own / NAME, as_version=4)
    lesson.metadata["widgets"] = {"state": {}}
    lesson.metadata["language_info"] = {"name": "python", "version": "3.12.1"}
    lesson.cells[1].execution_count = 7
    lesson.cells[1].outputs = [new_output("stream", name="stdout", text="one\n")]
    lesson.cells[1].metadata["execution"] = {"started": "today"}
    (own / NAME).write_text(json.dumps(lesson), encoding="utf-8")
    content = publish(published, "two")
    assert start(own, capsys)[0].startswith("updated")
    assert (own / NAME).read_bytes() == content


@pytest.mark.parametrize("edit", ["source", "new cell", "fewer cells"])
def test_every_change_of_words_is_a_change(published: Path, edit: str) -> None:
    publish(published, "one")
    before = lesson_folder.fingerprint(published / NAME)
    lesson = nbformat.read(published / NAME, as_version=4)
    if edit == "source":
        lesson.cells[1].source += "  # mine"
    if edit == "new cell":
        lesson.cells.append(new_markdown_cell("My notes"))
    if edit == "fewer cells":
        lesson.cells.pop()
    nbformat.write(lesson, published / NAME)
    assert lesson_folder.fingerprint(published / NAME) not in (before, None)


@pytest.mark.parametrize("target", ["mkdir", "write"])
def test_a_folder_that_cannot_be_written_is_named(
    published: Path, own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], target: str
) -> None:
    publish(published, "one")

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    if target == "mkdir":
        own.parent.write_bytes(b"a file where a folder should be")
    else:
        monkeypatch.setattr(os, "replace", refuse)
    assert course.main(["start", str(own)]) == 1
    assert capsys.readouterr().err.startswith(f"borrowing-strength: {own} cannot be written: ")
    if target == "write":
        assert list(own.iterdir()) == []


@pytest.mark.parametrize("moment", range(6))
def test_interrupted_anywhere_it_can_be_run_again(
    published: Path, own: Path, moment: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lessons = [f"9{i}_adding.ipynb" for i in range(3)]
    for name in lessons[:2]:
        publish(published, "one", name)
    start(own, capsys)
    change(own / lessons[1])
    new = {name: publish(published, "two", name) for name in lessons}
    replace, left = os.replace, iter([None] * (moment // 2))

    def interrupted(*places: Path) -> None:
        if next(left, "now") == "now" and moment % 2 == 0:
            raise KeyboardInterrupt
        replace(*places)
        if next(left, "now") == "now" and moment % 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with suppress(KeyboardInterrupt):
        course.main(["start", str(own)])
    monkeypatch.setattr(os, "replace", replace)
    start(own, capsys)
    assert (own / lessons[0]).read_bytes() == new[lessons[0]]
    assert "my_answer = 3" in (own / lessons[1]).read_text()
    assert (own / "91_adding, new version.ipynb").read_bytes() == new[lessons[1]]
    assert (own / lessons[2]).read_bytes() == new[lessons[2]]
    assert names(own) == {*lessons, "91_adding, new version.ipynb"}


def test_the_lessons_own_folder_is_refused(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publish(published, "one")
    content = (published / NAME).read_bytes()
    assert course.main(["start", str(published)]) == 1
    assert "holds the lessons themselves" in capsys.readouterr().err
    assert everything(published).keys() == {NAME}
    assert (published / NAME).read_bytes() == content


def test_copies_beside_a_lesson_are_not_listed_as_lessons(
    published: Path, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(published, "one")
    for name in (BESIDE, "97_adding_solved.ipynb", "97_adding-Copy1.ipynb", "notes.ipynb"):
        publish(published, "two", name)
    assert [path.name for path in lesson_folder.lesson_files(published)] == [NAME]
    assert lesson_folder.lesson_files(own) == []


def test_in_a_clone_start_brings_the_clones_lessons(tmp_path: Path) -> None:
    """And nothing that they link to is left behind."""
    code = "import sys; from borrowing_strength.course import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "start", "own"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    lessons = notebooks.lessons(tmp_path / "own")
    assert [path.name for path in lessons] == [path.name for path in lesson_folder.lesson_files(ROOT / "notebooks")]
    for path in lessons:
        assert path.read_bytes() == as_learners_get_it((ROOT / "notebooks" / path.name).read_bytes())
        assert list(rules.linked(notebooks.load(path))) == []
