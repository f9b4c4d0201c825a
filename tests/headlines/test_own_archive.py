"""Lesson 06's section on one's own archive, run on another table, with other names, from a file."""

from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest

import borrowing_strength as bs

LESSON = Path(__file__).parents[2] / "notebooks" / "06_headlines.ipynb"
MINE = pd.DataFrame(
    {
        "story": np.repeat(["budget", "storm", "derby", "opera"], 3),
        "arm": ["old", "new", "bold"] * 4,
        "views": 2000,
        "clicks": [30, 41, 28, 22, 25, 60, 18, 33, 21, 12, 15, 9],
        "editor": "K.",
    }
)
READ = 'wanted, test="story", successes="clicks", trials="views")'


def run_lesson(capsys: pytest.CaptureFixture[str], table: str) -> str:
    """The cells of section H, with another first line."""
    cells = [c.source for c in nbformat.read(LESSON, as_version=4).cells if c.cell_type == "code"]
    start = next(i for i, source in enumerate(cells) if "bs.own_table(" in source)
    names = {"np": np, "pd": pd, "bs": bs}  # the set-up cell's alone
    assert f'# table = bs.own_table("my_tests.csv", {READ}' in cells[start]
    exec(f'wanted = "test arm successes trials"\ntable = {table}', names)
    for source in cells[start + 1 : start + 4]:
        exec(source, names)
    plt.close("all")
    return capsys.readouterr().out


def test_a_file_with_other_words(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "my_tests.csv"
    MINE.to_csv(file, index=False)
    said = run_lesson(capsys, f"bs.own_table({str(file)!r}, {READ}")
    taken, said = said.split("\n", maxsplit=1)
    assert taken == "test from 'story', arm from 'arm', successes from 'clicks', trials from 'views'"
    assert said.startswith("12 arms are used; set aside: {}")
    assert "Set aside: 0 of 4 tests." in said
    assert "of 12,000 visitors, show" in said


def test_a_bad_row_is_set_aside_and_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "my_tests.csv"
    MINE.assign(clicks=[*MINE.clicks[:11], 2001]).to_csv(file, index=False)
    said = run_lesson(capsys, f"bs.own_table({str(file)!r}, {READ}")
    assert "\n9 arms are used; set aside: {" in said
    assert "Set aside: 1 of 4 tests." in said
    assert "another row of its test cannot be used': 2" in said


def test_names_that_were_not_given_are_asked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "my_tests.csv"
    MINE.to_csv(file, index=False)
    with pytest.raises(
        ValueError, match=r"5 columns, 'story', 'arm', .*test='story', .*successes='clicks', trials='views'"
    ):
        run_lesson(capsys, f"bs.own_table({str(file)!r}, wanted)")


def test_the_tail_of_the_section_is_the_one_that_section_d_learned() -> None:
    cells = [c for c in nbformat.read(LESSON, as_version=4).cells if c.cell_type == "code"]
    (learned,) = (c.outputs[0].text for c in cells if c.source.startswith("tail = bs.headlines.learn_tail("))
    (tail,) = (c.source.split("tail = ")[1] for c in cells if "tail = bs.headlines.TwoSpreads(" in c.source)
    share, ratio = (tail.split(f"{word}=")[1].split(end)[0] for word, end in (("share", ","), ("ratio", ")")))
    assert learned.startswith(f"share {share}, ratio {ratio}:")
