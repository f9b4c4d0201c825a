"""Slips that the checks find by rules: turned over, squared, reversed, off by a factor, a whole distribution."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit
from scipy.stats import beta

from borrowing_strength.exercises.judge import Checker
from borrowing_strength.exercises.records import Exercise, Function, Number, exercise

RIGHT = 0.3


def rate() -> Exercise:
    return exercise(
        "97.1 T",
        purpose="P",
        solution="x = 6 / 20",
        check=Number(rel_tol=1e-3),
        hints=["1", "2"],
        why="W",
        mistakes={"99": "a", "98": "b"},
    )


def says(checker: Checker, answer: Any) -> str:
    verdict = checker.judge(answer, seconds=0.5)
    assert verdict.kind == "not yet"
    return verdict.says


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (30, "percentage"),
        (0.7, "one minus"),
        (-0.3, "sign"),
        (10 / 3, "upside down"),
        (0.09, "the square of what"),
        (0.3**0.5, "the root of what"),
        (np.log(0.3), "That is the logarithm"),
        (np.exp(0.3), "is the logarithm of that"),
        (3 / 7, "These are odds"),
        (logit(0.3), "These are log odds"),
        (1.3, "one more than"),
        (6.0, "times 20"),
        (1.8, "times 6"),
        (0.015, "divided by 20"),
        (0.3 / 20**0.5, "the root of 20"),
        (0.6, "times 2"),
        ([0.1, 0.2], "The sum of these"),
        ([0.2, 0.4], "The mean of these"),
        ([0.3, 0.4], "choose it"),
        (beta(3, 7), "a whole distribution"),
        ("0.3", "without quotes"),
        (None, "`return`"),
        (True, "A number is asked for"),
        (lambda: 0.3, "Call it"),
        ((x for x in [0.3]), "`list(...)`"),
        ({0.3}, "no order"),
    ],
)
def test_a_slip_in_one_number_is_named(answer: Any, part: str) -> None:
    record = rate()
    said = says(record.check, answer)
    assert part in said
    assert said in {mistake.says for mistake in record.all_mistakes}


def test_a_percentage_in_quotes_is_taken_where_a_probability_is_asked_for() -> None:
    assert rate().check.judge(" 30 %").kind == "right"
    assert "one minus" in says(rate().check, "70%")
    assert "without quotes" in says(Number(lambda: 3.0, abs_tol=0.1), "300%")


def test_a_size_written_as_a_number_is_told() -> None:
    columns = Function(lambda: lambda x: x.sum(axis=0), cases=[(np.eye(n),) for n in (2, 3)], abs_tol=0.1)
    assert "fits one size" in says(columns, lambda x: [x[:, k].sum() for k in (0, 1)])


def test_a_count_may_be_off_by_one() -> None:
    assert "begins" in says(Number(lambda: 299.0, abs_tol=0.4), 300)
    assert says(Number(lambda: 2.0, abs_tol=0.4), 4) == "That is too high."


def test_percent_and_complement_are_for_fractions() -> None:
    assert says(Number(lambda: 2.5, rel_tol=0.01), 250) == "That is too high."
    assert says(Number(lambda: 2.5, rel_tol=0.01), -1.5) == "That is too low."


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        ([0.2, 0.3, 0.1], "in another order"),
        ([0.2, 0.1, 0.3], "The third is right, the first and the second are not. These are the right numbers in rev"),
        ([10, 20, 30], "percentage"),
        ([0.2, 0.4, 0.6], "proportion"),
        ([0.1, 0.2, 0.4], "The first and the second are right, the third is not."),
        ([0.1, 0.2, 0.09], "The first and the second are right, the third is not. That is the square"),
        (0.6, "the sum of the numbers"),
        ([0.1, 0.2], "shape (3,)"),
        ([0.1, np.nan, 0.3], "the second is not"),
        ([[0.1], [0.2, 0.3]], "differ in length"),
        (0.1, "That is the first alone"),
    ],
)
def test_a_slip_in_several_numbers_is_named(answer: Any, part: str) -> None:
    checker = Number(lambda: [0.1, 0.2, 0.3], abs_tol=1e-6, parts=("first", "second", "third"))
    assert part in says(checker, answer)


@pytest.mark.parametrize("answer", [(0.1, 0.2), np.array([0.1, 0.2]), pd.Series([0.1, 0.2]), {"a": 0.1, "b": 0.2}])
def test_several_numbers_may_come_in_any_form(answer: Any) -> None:
    assert Number(lambda: [0.1, 0.2], abs_tol=1e-6).judge(answer).kind == "right"


def test_numbers_without_names_are_told_how_they_are_arranged() -> None:
    checker = Number(lambda: np.arange(1.0, 7.0).reshape(2, 3), abs_tol=1e-6)
    assert "rows and columns" in says(checker, np.arange(1.0, 7.0).reshape(2, 3).T)
    assert "reverse order" in says(checker, np.arange(6.0, 0.0, -1).reshape(2, 3))
    assert "wrong order" in says(checker, [[1, 3, 2], [4, 5, 6]])


@pytest.mark.parametrize(
    ("function", "part"),
    [
        (lambda a, b: b / a, "upside down"),
        (lambda a, b: 100 * a / b, "percentage"),
        (lambda a, b: 1 - a / b, "one minus"),
        (lambda a, b: a, "what is asked for times `b`"),
        (lambda a, b: a / 4, "never uses its argument `b`"),
    ],
)
def test_a_slip_in_a_function_is_named(function: Any, part: str) -> None:
    checker = Function(lambda: lambda a, b: a / b, cases=((1.0, 2.0), (3.0, 7.0)), abs_tol=1e-9)
    assert part in says(checker, function)
