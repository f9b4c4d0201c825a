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
READ = 'rename(columns={"story": "test", "views": "trials", "clicks": "successes"})'


def run_lesson(capsys: pytest.CaptureFixture[str], table: str) -> str:
    """The cells of section H, with another first line."""
    cells = [c.source for c in nbformat.read(LESSON, as_version=4).cells if c.cell_type == "code"]
    start = next(i for i, source in enumerate(cells) if source.startswith("table = "))
    names = {"np": np, "pd": pd, "bs": bs, "tail": bs.headlines.TwoSpreads(0.26, 3.6), "each": [100, 300]}
    assert f'# table = pd.read_csv("my_tests.csv").{READ}' in cells[start]
    exec(f"table = {table}", names)
    for source in cells[start + 1 : start + 4]:
        exec(source, names)
    plt.close("all")
    return capsys.readouterr().out


def test_a_file_with_other_words(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "my_tests.csv"
    MINE.to_csv(file, index=False)
    said = run_lesson(capsys, f"pd.read_csv({str(file)!r}).{READ}")
    assert said.startswith("12 arms are used; set aside: {}")
    assert "of 12,000 visitors, show" in said


def test_a_bad_row_is_set_aside_and_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "my_tests.csv"
    MINE.assign(clicks=[*MINE.clicks[:11], 2001]).to_csv(file, index=False)
    said = run_lesson(capsys, f"pd.read_csv({str(file)!r}).{READ}")
    assert said.startswith("9 arms are used; set aside: {")
    assert "another row of its test cannot be used': 2" in said


def test_names_that_were_not_given_are_asked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "my_tests.csv"
    MINE.to_csv(file, index=False)
    with pytest.raises(ValueError, match=r"table has no column 'test': it has 'story', 'arm', 'views'.*rename"):
        run_lesson(capsys, f"pd.read_csv({str(file)!r})")
