"""The lesson's last cells, run on tables of a learner's own, and the average of some tests that they rest on."""

from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest

import borrowing_strength as bs
from borrowing_strength import meta_analysis as ma

LESSON = Path(__file__).parents[2] / "notebooks" / "05_gibbs_meta_analysis.ipynb"
LIFTS = ma.relative_lift(*bs.datasets.ab_tests().iloc[:, 1:].values.T)


def test_the_average_of_some_tests_is_that_of_the_draws() -> None:
    post = ma.fit(*LIFTS, prior=ma.Prior(mu_sd=0.05, effect_sd=ma.HalfNormal(0.05)))
    won = LIFTS.estimate > 1.96 * LIFTS.standard_error
    draws = post.sample(draws=50_000).posterior["effect"].values[..., won].mean(axis=-1).ravel()
    average = post.average(won)
    assert average.mean == pytest.approx(post.mean[won].mean(), abs=1e-12)
    assert average.mean == pytest.approx(draws.mean(), abs=5 * draws.std() / len(draws) ** 0.5)
    assert average.sd == pytest.approx(draws.std(), rel=0.01)
    assert np.allclose(average.interval(), np.quantile(draws, [0.025, 0.975]), atol=5e-4)


def test_the_average_of_one_test_is_its_effect() -> None:
    post = ma.fit(*LIFTS)
    one = np.arange(40) == 7
    assert np.allclose(post.average(one).interval(), post.interval()[7], rtol=1e-9)


@pytest.mark.parametrize(
    ("chosen", "words"), [([True], "each of the 40"), (np.arange(40), "each of the 40"), ([False] * 40, "no True")]
)
def test_the_average_names_what_it_needs(chosen: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ma.fit(*LIFTS).average(chosen)


def run_on(table: pd.DataFrame, capsys: pytest.CaptureFixture[str]) -> str:
    """The cells below the pasted table, with another table in its place."""
    cells = [c.source for c in nbformat.read(LESSON, as_version=4).cells if c.cell_type == "code"]
    start = next(i for i, source in enumerate(cells) if source.startswith("names, *columns"))
    names = {"np": np, "bs": bs, "plt": plt, "own": table, "worth": 0.01}
    for source in cells[start : start + 2]:
        exec(source, names)
    plt.close("all")
    return capsys.readouterr().out


def counts_of(treatment: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"t": list("ABCDE"), "c": 500, "n": 10_000, "y": treatment, "m": 10_000})


def test_a_table_with_winners(capsys: pytest.CaptureFixture[str]) -> None:
    said = run_on(counts_of([500, 640, 505, 700, 490]), capsys)
    assert said.startswith("2 of our 5 tests won. Measured: 34.0% on average (B, D).")
    assert "Expected to bring more than 1.0%: A, B, C, D" in said


def test_a_table_without_a_winner_speaks_of_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    said = run_on(counts_of([500, 510, 505, 495, 490]), capsys)
    assert said.startswith("0 of our 5 tests won. Measured: 2.0% on average (B).")


def test_a_table_without_a_good_test(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Expected to bring more than 1.0%: none." in run_on(counts_of([400, 395, 405, 400, 390]), capsys)


def test_estimates_with_standard_errors(capsys: pytest.CaptureFixture[str]) -> None:
    table = pd.DataFrame({"test": ["x", "y", "z"], "lift": [0.02, 0.09, -0.01], "error": [0.03, 0.03, 0.02]})
    said = run_on(table, capsys)
    assert said.startswith("1 of our 3 tests won. Measured: 9.0% on average (y).")
    expected = ma.fit(table["lift"], table["error"]).mean[1]
    assert f"Expect {expected:.1%} to last" in said


def test_tests_may_be_numbered(capsys: pytest.CaptureFixture[str]) -> None:
    table = counts_of([500, 640, 505, 700, 490]).assign(t=range(101, 106))
    said = run_on(table, capsys)
    assert "on average (102, 104)." in said
    assert said.endswith("Fewest conversions in an arm: 490.\n")


def test_the_table_is_read_with_the_words_of_the_lesson() -> None:
    code = [c.source for c in nbformat.read(LESSON, as_version=4).cells if c.cell_type == "code"]
    (reads,) = (source for source in code if "bs.own_table(" in source)
    names = {"bs": bs}
    exec(reads, names)
    assert list(names["own"].columns) == names["wanted"].split()
    with pytest.raises(ValueError, match=r"lift_pct of 'button' is 4\.1: is this in percent"):
        bs.own_table("name,lift_pct,se_pct\nbutton,4.1,1.9\nform,9.8,3.2\n", "test estimate standard_error")
