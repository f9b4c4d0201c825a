"""The order of judgement: what an answer is told, when it could be told several things."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from borrowing_strength.exercises import engine
from borrowing_strength.exercises.judge import Checker, Mistake, Verdict
from borrowing_strength.exercises.records import Choice, Draws, Exercise, Function, Number, Order, load_exercises

NUMBER = Number(lambda: 0.77, abs_tol=0.005)


def told(checker: Checker, answer: Any, **mistakes: Any) -> str:
    """Return what is said of an answer, given mistakes by a word and their value; "right" if it is."""
    listed = [Mistake("", word, value=lambda value=value: value) for word, value in mistakes.items()]
    verdict = checker.judge(answer, listed, seconds=0.5)
    return verdict.says or verdict.kind


def test_a_mistake_hit_exactly_wins_even_inside_the_tolerance() -> None:
    checker = Number(lambda: 4_752_982.4, rel_tol=0.01)
    assert told(checker, 4_755_106.3, added=4_755_106.3) == "added"
    assert told(checker, 4_755_106.4, added=4_755_106.3) == "right"
    assert told(checker, 4_752_982.4, added=4_752_982.4) == "right"


def test_mistakes_are_matched_to_half_a_percent_whatever_the_tolerance() -> None:
    wide = Number(lambda: 0.00686, abs_tol=0.0006)
    assert told(wide, 0.0001, variance=0.000047) == "That is too low."
    assert told(wide, 0.00004702, variance=0.000047) == "variance"
    assert told(Number(lambda: 0.5, rel_tol=1e-6), 0.3001, known=0.3) == "known"


def test_the_nearest_mistake_is_named() -> None:
    assert told(NUMBER, 0.1002, first=0.1, second=0.1003) == "second"
    assert told(NUMBER, 0.23, complement=0.23) == "complement"
    assert told(NUMBER, 0.23) == "That is one minus what is asked for."


def test_probabilities_near_one_are_told_apart_by_what_is_left() -> None:
    checker = Number(lambda: 0.9965, rel_tol=1e-4)
    assert told(checker, 0.9739, counted_twice=0.9776) == "That is too low."
    assert told(checker, 0.9776, counted_twice=0.97761) == "counted_twice"


@pytest.mark.parametrize(
    ("wanted", "answer", "says"),
    [
        *[(0.294118, answer, "right") for answer in (0.2941, 0.294, 0.29)],
        (0.294118, 0.3, "Right as far as it goes"),
        (0.294118, 0.28, "too low"),
        (3.0187, 3.0, "right"),
        (1.638e-6, 1.6e-6, "right"),
        (1.638e-6, 2e-6, "Right as far as it goes"),
        (303_102.3, 300_000, "right"),
        (299, 300, "off by one"),
        (0.9964, 1.0, "too high"),
        (0.9964, 0.99999999999, "too high"),
        (0.9964, 0.996, "right"),
        (-0.0412, -0.041, "right"),
        (1e-3 / 3, 0.0, "too low"),
    ],
)
def test_an_answer_may_be_rounded_to_two_digits(wanted: float, answer: float, says: str) -> None:
    assert says in told(Number(lambda: wanted, rel_tol=1e-6), answer)


def test_three_digits_are_asked_for_where_they_matter() -> None:
    checker = Number(lambda: 0.8685, rel_tol=1e-6, digits=3)
    assert told(checker, 0.868) == told(checker, 0.869) == "right"
    assert "Right as far as it goes" in told(checker, 0.87)


def test_rounding_explains_an_answer_better_than_a_mistake_that_is_only_near() -> None:
    checker = Number(lambda: 0.068, rel_tol=0.001)
    assert "Right as far as it goes" in told(checker, 0.07, near=0.0701)
    assert told(checker, 0.07, exact=0.07) == "exact"


def test_a_mistake_with_a_test_of_its_own_is_asked_after_the_right_value() -> None:
    everything = Mistake("", "Any.", when=lambda answer: answer > 0)
    assert NUMBER.judge(0.77, [everything]) == Verdict("right")
    assert NUMBER.judge(0.5, [everything]).says == "Any."
    assert NUMBER.judge([1, 2], [Mistake("", "Two.", when=lambda answer: len(answer) == 2)]).says == "Two."


def test_what_was_passed_is_not_part_of_the_diagnosis() -> None:
    verdict = NUMBER.judge(0.5)
    assert (verdict.received, verdict.says) == ("You passed 0.5.", "That is too low.")


def test_a_fault_of_the_course_is_not_blamed_on_the_learner() -> None:
    assert "fault of the course" in told(Number(lambda: 1 / 0, abs_tol=0.1), 1.0)
    assert "fault of the course" in NUMBER.judge(1, [Mistake("", "x", value=lambda: 1 / 0)]).says


FUNCTION = Function(lambda: lambda a, b: a / b, cases=((1.0, 2.0), (3.0, 4.0)), abs_tol=1e-9)


@pytest.mark.parametrize(
    ("checker", "wrong", "answer"),
    [
        (Number(lambda: [0.1, 0.2], abs_tol=1e-9), [0.1, 0.1], np.array([0.1, 0.1])),
        (NUMBER, [0.1, 0.9], (0.1, 0.9)),
        (FUNCTION, lambda a, b: a - b, lambda x, y: -(y - x)),
    ],
)
def test_a_mistake_is_recognised_by_its_value(checker: Checker, wrong: Any, answer: Any) -> None:
    assert told(checker, answer, Known=wrong) == "Known"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Number(lambda: 1.0),
        lambda: Number(lambda: [1.0], abs_tol=-1),
        lambda: Function(lambda: abs, cases=(), abs_tol=1),
        lambda: Function(lambda: abs, cases=(1.0,), abs_tol=1),
        lambda: Choice({"a": "x", "b": "y"}, right="c", wrong={}),
        lambda: Choice({"a": "x", "b": "y"}, right="a", wrong={}),
        lambda: Order("abc", wrong={"ab": "..."}),
        lambda: Order("A B"),
        lambda: Choice({"A": "x", "B": "y"}, right="A", wrong={"B": "z"}),
    ],
)
def test_a_checker_that_cannot_work_is_refused(make: Callable) -> None:
    with pytest.raises(ValueError, match=r"needs|hold"):
        make()


def _empty_body(a: float, b: float) -> float: ...


def _only_a_docstring(a: float, b: float) -> float:
    """Divide a by b."""


def _half_filled(a: float, b: float) -> Any:
    mean = a / b
    spread = ...
    return np.array([mean, spread]) * 1.0


@pytest.mark.parametrize(
    ("checker", "answer"),
    [
        (NUMBER, ...),
        (NUMBER, [0.1, ..., 0.3]),
        (NUMBER, [[0.1], [...]]),
        (NUMBER, {"A": ..., "B": 0.2}),
        (NUMBER, np.array([0.1, ...], dtype=object)),
        (Choice({"a": "x", "b": "y"}, right="a", wrong={"b": "z"}), ...),
        (Order("ab"), ...),
        (Draws(mean=lambda: 0, sd=lambda: 1, cdf=lambda x: 0.5 + x), ...),
        *[
            (FUNCTION, answer)
            for answer in (..., _empty_body, _only_a_docstring, lambda a, b: ..., lambda a, b: [a, ...])
        ],
        (FUNCTION, lambda a, b: a / ...),
    ],
)
def test_a_gap_anywhere_is_not_tried(checker: Checker, answer: Any) -> None:
    assert checker.judge(answer).kind == "not tried"


def test_a_half_filled_function_is_told_which_gap_is_left() -> None:
    verdict = FUNCTION.judge(_half_filled)
    assert (verdict.kind, verdict.says) == ("not tried", "One gap is left: `spread = ...`.")


def test_a_function_may_use_an_ellipsis_as_an_index() -> None:
    checker = Function(lambda: lambda x: x[0], cases=((np.array([1.0, 2.0]),),), abs_tol=1e-9)
    assert checker.judge(lambda x: x[..., 0]).kind == "right"
    assert checker.judge(lambda x: x[..., 1]).kind == "not yet"


@pytest.mark.parametrize("record", load_exercises().values(), ids=lambda record: record.id)
def test_every_general_slip_of_a_right_number_is_named(record: Exercise) -> None:
    if type(record.check) is not Number:
        return
    right, named = float(record.check.expected()), {mistake.says for mistake in record.all_mistakes}
    made = [-right, 1 - right, 1 / right, right**2, 100 * right, math.log(abs(right)), right + 1]
    if 0 < right < 1:
        made += [math.log(right / (1 - right)), right / (1 - right), right**0.5]
    for answer in made:
        verdict = engine.evaluate(record, answer)
        ordinary = {"That is too high.", "That is too low."}
        assert verdict.kind == "not yet" or abs(answer - right) <= 0.02 * abs(right), answer
        assert verdict.kind == "right" or verdict.says in (named | ordinary if right > 1 else named), (answer, verdict)
