"""Each kind of answer: what is right, in any form, and what a wrong one is told."""

import itertools
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import norm

from borrowing_strength.exercises.judge import Checker, Mistake, Verdict
from borrowing_strength.exercises.records import Choice, Draws, Function, Number, Order

NUMBER = Number(lambda: 0.77, abs_tol=0.005)
CHOICE = Choice({"a": "one", "b": "two", "c": "three"}, right="b", wrong={"a": "Not one.", "c": "Not three."})
ORDER = Order("cabd", also=("cadb",), wrong={"abcd": "Data come before anything can be computed from them."})
FUNCTION = Function(lambda: lambda a, b: a / b, cases=((1.0, 2.0), (3.0, 4.0)), abs_tol=1e-9)
VECTOR_FUNCTION = Function(lambda: lambda x: np.cumsum(x), cases=((np.array([1.0, 2.0]),),), abs_tol=1e-9)
MOMENTS = Function(
    lambda: lambda x, weight: (np.sum(x) / weight, weight),
    cases=((np.array([1.0, 2.0]), 5.0), (np.array([3.0, 1.0, 1.5]), 8.0)),
    parts=("mean", "precision"),
    rel_tol=1e-9,
)
DRAWS = Draws(mean=lambda: 2.0, sd=lambda: 3.0, cdf=norm(2, 3).cdf)


@pytest.mark.parametrize(
    "answer",
    [
        *(0.77, 0.775, 0.765, np.float32(0.77), np.array(0.77), np.array([0.77]), [0.77]),
        *(Fraction(77, 100), Decimal("0.77"), pd.Series([0.77]), xr.DataArray(0.77)),
    ],
    ids=repr,
)
def test_number_in_any_form_is_right(answer: Any) -> None:
    assert NUMBER.judge(answer) == Verdict("right")


@pytest.mark.parametrize(
    ("checker", "answer"),
    [
        (CHOICE, " (B). "),
        (ORDER, "C, A, B, D"),
        (ORDER, list("cadb")),
        (Order("213"), [2, 1, 3]),
        (Order("213"), np.array([2, 1, 3])),
        (FUNCTION, lambda a, b: np.float64(a) / b),
        (VECTOR_FUNCTION, lambda x: list(itertools.accumulate(x))),
        (MOMENTS, lambda x, w: [sum(x) / w, w]),
        (DRAWS, np.random.default_rng(1).normal(2, 3, 4000)),
        (DRAWS, np.random.default_rng(1).normal(2, 3, (4, 1000))),
        (DRAWS, np.random.default_rng(1).normal(2, 3, (1000, 4))),
        (DRAWS, xr.DataArray(np.random.default_rng(1).normal(2, 3, (1000, 4)), dims=("draw", "chain"))),
    ],
)
def test_right_answer_is_right(checker: Checker, answer: Any) -> None:
    assert checker.judge(answer) == Verdict("right")


def _with_a_number_of_the_notebook(a: float, b: float) -> float:
    return a / b * SOMETHING


SOMETHING = 1.5


@pytest.mark.parametrize(
    ("checker", "answer", "says"),
    [
        (NUMBER, 0.7751, "too high"),
        (NUMBER, float("nan"), "division by zero"),
        (NUMBER, [0.9, 0.8], "One number is asked for"),
        (NUMBER, 0.77 + 0j, "A real number"),
        (NUMBER, 10**400, "too large"),
        (NUMBER, np.array(["0.77"]), "Numbers are asked for"),
        (CHOICE, "A", "Not one."),
        (CHOICE, "d", 'Choose `"a"`, `"b"` or `"c"`'),
        (CHOICE, 2, "in quotes"),
        (ORDER, "abcd", "Data come before"),
        (ORDER, "cdab", "Right up to `c`; `d` cannot come next"),
        (ORDER, "dcab", "`d` cannot come first"),
        (ORDER, "cab", "exactly once"),
        (ORDER, 3, "Write the order as text"),
        (FUNCTION, lambda a, b: a**b, "not right yet"),
        (FUNCTION, lambda a, b: np.array([a, b]), "not the form asked for"),
        (FUNCTION, lambda a: a, "takes 1 positional argument"),
        (FUNCTION, lambda a, b: "x", "That is text"),
        (FUNCTION, lambda a, b: print(end=""), "lacks a `return`"),
        (FUNCTION, 0.5, "Pass the function itself"),
        (FUNCTION, _with_a_number_of_the_notebook, "what the notebook happens to hold"),
        (FUNCTION, lambda a, b: a / b + (a - 1) / b**2, "right for some inputs"),
        (MOMENTS, lambda x, w: (np.sum(x) / w, w + 1 / w), "The mean is right, the precision is not."),
        (MOMENTS, lambda x, w: (np.sum(x) / w, 1 / w), "the precision is not. The fraction is upside down"),
        (
            MOMENTS,
            lambda x, w: (np.mean(x) / w, w),
            "The precision is right, the mean is not. That is what is asked for divided by `len(x)`",
        ),
        (MOMENTS, lambda x, w: (w, np.sum(x) / w), "in another order"),
        (MOMENTS, lambda x, w: np.sum(x) / w, "That is the mean alone"),
        (MOMENTS, lambda x, w: np.sum(x) / w + w, "the sum of the numbers"),
        (DRAWS, np.ones(50), "At least 400"),
        (DRAWS, 2.0, "one draw"),
        (DRAWS, np.full(500, 2 / 3), "the same number"),
        (DRAWS, np.full(500, np.inf), "not finite"),
        (DRAWS, np.ones((10, 10, 10)), "shape (10, 10, 10)"),
        (DRAWS, np.random.default_rng(1).normal(3, 3, 4000), "mean is too high"),
        (DRAWS, np.random.default_rng(1).normal(2, 1, 4000), "spread is too narrow"),
        (DRAWS, np.random.default_rng(1).normal(2, 5, 4000), "spread is too wide"),
        (DRAWS, 2 + 3 * np.sign(np.random.default_rng(1).normal(0, 1, 4000)), "not the shape"),
        (DRAWS, np.random.default_rng(1).uniform(2 - 3 * 3**0.5, 2 + 3 * 3**0.5, 4000), "not the shape"),
    ],
)
def test_wrong_answer_gets_its_sentence(checker: Checker, answer: Any, says: str) -> None:
    verdict = checker.judge(answer)
    assert verdict.kind == "not yet"
    assert says in verdict.says


def test_a_function_is_shown_one_small_input_what_came_out_and_what_should() -> None:
    verdict = MOMENTS.judge(lambda x, w: (np.sum(x) / w, w + 1 / w))
    assert (
        verdict.received
        == "Called with `([1., 2.], 5)`, your function returned `[0.6, 5.2]`; `[0.6, 5. ]` is asked for."
    )


def test_a_generator_is_shown_by_its_name() -> None:
    checker = Function(lambda: lambda x, rng: x, cases=((1.0, np.random.default_rng(1)),), rel_tol=1e-9)
    assert checker.judge(lambda x, rng: x + rng.normal()).received.startswith("Called with `(1, rng)`, your function")


def test_the_other_axis_of_a_table_is_named() -> None:
    table = np.array([[0.1, 0.2, 0.3], [0.5, 0.1, 0.9]])
    checker = Function(lambda: lambda draws: draws.mean(axis=0), cases=((table,), (table.T,)), rel_tol=1e-9)
    assert "see `axis`" in checker.judge(lambda draws: draws.mean(axis=1)).says


def test_draws_near_a_known_wrong_distribution_get_its_sentence() -> None:
    rng = np.random.default_rng(5)
    wide = Mistake("", "Wide.", value=lambda: rng.normal(2, 9, 4000))
    shifted = Mistake("", "Shifted.", value=lambda: rng.normal(2.6, 3, 4000))
    assert DRAWS.judge(rng.normal(2, 9, 2000), [wide, shifted]).says == "Wide."
    assert DRAWS.judge(rng.normal(2.6, 3, 2000), [wide, shifted]).says == "Shifted."
    assert DRAWS.judge(rng.normal(2, 3, 2000), [wide, shifted]).kind == "right"


def test_autocorrelated_chains_are_judged_by_their_effective_size() -> None:
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 1, (4, 2000))
    chains = np.empty_like(noise)
    chains[:, 0] = noise[:, 0] / np.sqrt(1 - 0.98**2)
    for i in range(1, noise.shape[1]):
        chains[:, i] = 0.98 * chains[:, i - 1] + noise[:, i]
    chains *= 3 * np.sqrt(1 - 0.98**2)
    slightly_off = chains - chains.mean() + 2.35
    assert DRAWS.judge(slightly_off).kind == "right"
    assert DRAWS.judge(slightly_off.ravel()).kind == "not yet"


def test_a_number_may_have_others_that_are_as_good() -> None:
    checker = Number(lambda: 0.2048, abs_tol=0.0009, also=(0.2, 0.21))
    assert [checker.judge(x).kind for x in (0.2048, 0.2, 0.41 - 0.2)] == ["right"] * 3
    assert [checker.judge(x).kind for x in (0.2007, 0.211, [0.2, 0.21])] == ["not yet"] * 3


def test_a_function_cannot_spoil_the_inputs_of_the_next_call() -> None:
    checker = Function(lambda: np.sum, cases=((np.array([1.0, 2.0]),),), abs_tol=1e-9)

    def greedy(x: np.ndarray) -> float:
        total = x.sum()
        x[:] = 0
        return total

    assert checker.judge(greedy).kind == checker.judge(greedy).kind == "right"


def _learner_divides(a: float, b: float) -> float:
    total = a + b
    return total / (b - b)


def test_the_learners_own_error_is_shown_with_its_line() -> None:
    says = FUNCTION.judge(_learner_divides).says
    assert "at your line `return total / (b - b)`" in says
    assert "`ZeroDivisionError" in says


def _talkative(a: float, b: float) -> float:
    print("a" * 400)
    return a / b


def test_what_a_function_prints_is_caught_and_cut(capsys: pytest.CaptureFixture[str]) -> None:
    verdict = FUNCTION.judge(_talkative)
    assert verdict.kind == "right"
    assert capsys.readouterr().out == ""
    assert verdict.printed == "a" * 400 + "\n" + "a" * 400 + "\n"
    endless = FUNCTION.judge(_prints_without_end, seconds=0.3)
    assert "Stopped: it takes more than" in endless.says
    assert len(endless.printed) < 1_010


def _prints_without_end(a: float, b: float) -> float:
    while True:
        print("and again")


def test_a_whole_table_is_told_as_such() -> None:
    table = pd.DataFrame({"name": ["A", "B"], "score": [0.77, 0.5]})
    says = "That is a whole table. Take the column that is asked for."
    assert NUMBER.judge(table).says == says
    assert says in Function(lambda: lambda a: 0.77, cases=((1.0,),), rel_tol=0.01).judge(lambda a: table).says
