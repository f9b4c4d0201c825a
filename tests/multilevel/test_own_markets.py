"""Lesson 04's last cells, run on tables of a learner's own, and the reading of such tables."""

import io
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest

import borrowing_strength as bs
from borrowing_strength.multilevel import columns_of

LESSON = Path(__file__).parents[2] / "notebooks" / "04_multilevel_regression.ipynb"
ROWS = """market,arm,successes,trials
Lima,treatment,60,500
Lima,control,40,500
Oslo,control,45,400
Oslo,treatment,48,400
"""


def table(text: str = ROWS) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text))


def run_lesson(capsys: pytest.CaptureFixture[str], *changes: tuple[str, str]) -> str:
    """The own-data cells as a learner leaves them: each pair is a piece of a cell and what stands in its place."""
    cells = [c.source for c in nbformat.read(LESSON, as_version=4).cells if c.cell_type == "code"]
    start = next(i for i, source in enumerate(cells) if "columns_of" in source)
    names = {"np": np, "bs": bs, "plt": plt}  # the set-up cell's alone
    text = "\n".join(cells[start : start + 2])
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    exec(text, names)
    plt.close("all")
    return capsys.readouterr().out


def pasted() -> str:
    """What the lesson has pasted, which a learner takes away."""
    cells = [c.source for c in nbformat.read(LESSON, as_version=4).cells if c.cell_type == "code"]
    return next(source for source in cells if "columns_of" in source).split('"""')[1]


def test_another_table(capsys: pytest.CaptureFixture[str]) -> None:
    said = run_lesson(capsys, (pasted(), ROWS))
    assert said.startswith("Lima: +")
    better = bs.multilevel.fit([40, 45], [500, 400], [60, 48], [500, 400]).prob_better
    assert f"better with probability {better[0]:.3f}, or" in said.splitlines()[0]
    assert f"better with probability {better[1]:.3f}, or" in said.splitlines()[1]


def test_a_file_with_other_words(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A CSV from a path, whose columns and arms have names of their own."""
    file = tmp_path / "my_markets.csv"
    mine = table().rename(columns={"market": "city", "trials": "visitors", "successes": "conversions"})
    mine.replace({"control": "Control", "treatment": "new page"}).to_csv(file, index=False)
    read = f"bs.own_table({str(file)!r}, wanted, market='city', successes='conversions', trials='visitors')"
    arms = ("columns_of(own)", 'columns_of(own, control="Control", treatment="new page")')
    taken, said = run_lesson(capsys, ("bs.own_table(pasted, wanted)", read), arms).split("\n", maxsplit=1)
    assert taken == "market from 'city', arm from 'arm', successes from 'conversions', trials from 'visitors'"
    assert said == run_lesson(capsys, (pasted(), ROWS))


def test_many_markets_and_more_columns(capsys: pytest.CaptureFixture[str]) -> None:
    twenty = bs.datasets.twenty_markets().set_index("market")
    columns = [twenty[f"{arm}_{what}"] for arm in ("control", "treatment") for what in ("successes", "trials")]
    rows = bs.multilevel.experiment(*columns).sample(frac=1, random_state=1)
    found = columns_of(rows)
    for one, other in zip(found, columns, strict=True):
        pd.testing.assert_series_equal(one, other.loc[one.index], check_names=False)
    said = run_lesson(capsys, (pasted(), rows.to_csv(index=False)))
    assert said.count("conversions per 1,000 visitors") == 20


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "control",
            "Control",
            "arm\\[1\\] is 'Control': the arms are called 'control' and 'treatment'.*control=.*row 2",
        ),
        ("market,", "city,", "table has no column 'market': it has 'city', 'arm'.*rename"),
        ("trials", "visitors", "table has no column 'trials'.*'visitors'"),
        ("Lima,control,40,500\n", "", "market\\[0\\] is 'Lima': it has one arm only"),
        ("Oslo", "Lima", "market\\[2\\] is 'Lima': it has two rows for one arm; add them up"),
        ("Oslo,control", ",control", "market\\[2\\] is nan: a missing value names nothing"),
        ("40,500", "four,500", "control_successes\\[0\\] is 'four': it must be a number, not text"),
    ],
)
def test_a_table_that_will_not_do_is_told_why(old: str, new: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        bs.multilevel.fit(*columns_of(table(ROWS.replace(old, new))))


def test_two_arms_need_two_names() -> None:
    with pytest.raises(ValueError, match="treatment is 'control', and so is control"):
        columns_of(table(), treatment="control")
