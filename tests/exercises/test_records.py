"""The form of a record: code that is run over given names, and mistakes that name only the lines that differ."""

from typing import Any

import pytest

from borrowing_strength.exercises import engine
from borrowing_strength.exercises.record_code import Code, Given, variant
from borrowing_strength.exercises.records import Exercise, Function, Number, Order, When, exercise

FUNCTION = """
    def scale(x, by):
        factor = by**2
        return x * factor
"""


def record(**parts: Any) -> Exercise:
    usual = {"purpose": "P", "why": "W", "hints": ["1", "2"]}
    return exercise("97.1 T", **(usual | parts))


def test_a_value_is_what_the_code_gives_over_the_given_names() -> None:
    calls = []
    given = Given(a=2, b=lambda a: a + 1, c=lambda b: calls.append(b) or 10 * b, never=lambda: 1 / 0)
    assert Code("x = c + a", "x", given)() == 32
    assert Code("def x(y):\n    return c + y", "x", given)()(1) == 31
    assert calls == [3]
    assert Code("x = np.sqrt(b + 1)", "x", given)() == 2


@pytest.mark.parametrize(
    ("solution", "lines", "whole"),
    [
        ("x = a / b", "b / a", "x = b / a"),
        ("x = a / b", "c = a + 1\nx = c / b", "c = a + 1\nx = c / b"),
        ("a = 1\nx = a + 1", "x = a", "a = 1\nx = a"),
        ("a = 1\nx = a + 1", "a = 2", "a = 2\nx = a + 1"),
        ("a = 1\nx = a + 1", "a = 1\nx = 7\ny = 8", "a = 1\nx = 7\ny = 8"),
        ("def f(x):\n    y = 2 * x\n    return y", "x", "def f(x):\n    y = 2 * x\n    return x"),
        ("def f(x):\n    y = 2 * x\n    return y", "y = x", "def f(x):\n    y = x\n    return y"),
        ("def f(x):\n    y = 2 * x\n    return y", "def f(x):\n    return 1", "def f(x):\n    return 1"),
        (
            "def f(x):\n    y = 2 * x\n    return y",
            "z = 3\nif x:\n    z = 4\nreturn z",
            "def f(x):\n    y = 2 * x\n    z = 3\n    if x:\n        z = 4\n    return z",
        ),
        ("def f(n):\n    r = 1\n    while n:\n        r *= n\n    return r", "r = n", None),
        (
            'with m:\n    a = pm.N("a")\n    pm.B("y", a)',
            'pm.B("y", 2)',
            'with m:\n    a = pm.N("a")\n    pm.B("y", 2)',
        ),
    ],
)
def test_a_mistake_takes_the_place_of_the_line_that_begins_alike(solution: str, lines: str, whole: str | None) -> None:
    expected = whole or solution.replace("r = 1", "r = n")
    assert variant(solution, lines, "x") == expected


def test_a_function_takes_its_right_value_and_its_mistakes_from_code() -> None:
    scale = record(
        solution=FUNCTION,
        gaps={"by**2": "..."},
        check=Function(cases=[(2.0, 3.0)], rel_tol=1e-9),
        mistakes={"factor = by": "Square it."},
        neighbours={"the factor": "factor"},
    )
    assert "factor = ..." in scale.stub
    assert engine.evaluate(scale, lambda x, by: x * by * by).kind == "right"
    assert engine.evaluate(scale, lambda x, by: x * by).says == "Square it."
    assert engine.evaluate(scale, lambda x, by: by**2).says == "This is the factor."


@pytest.mark.parametrize(
    ("solution", "answer"),
    [
        ("a = 1\nx = a + 1", "x"),
        ("x = 1\nwhile x < 9:\n    x += 1", "x"),
        ("def x(a):\n    b = a\n    return b", "x"),
        ("def f(a):\n    return a\n\n\nx = f(1)", "x"),
        ("a, b = 1, 2\nx = a", "x"),
        ("with pm.Model(coords=c) as x:\n    y = 2", "x"),
    ],
)
def test_the_answer_is_what_the_solution_defines_last(solution: str, answer: str) -> None:
    listed = {f"{solution}\npass": "a", f"{solution}\n1": "b"}
    stub = f"{solution}  # ..."
    assert record(solution=solution, stub=stub, check=Number(abs_tol=1), mistakes=listed).answer == answer


def test_a_neighbour_is_told_by_its_name() -> None:
    rate = record(
        solution="x = (2 + s) / (7 + n)",
        check=Number(rel_tol=0.001),
        given=Given(s=3, n=10),
        mistakes={"x = 0": "Zero?", "x = 99": When(lambda answer: answer > 10, "A rate is below 1.")},
        neighbours={"the raw rate": "s / n"},
    )
    assert rate.stub == "x = ..."
    assert engine.evaluate(rate, 5 / 17).kind == "right"
    assert engine.evaluate(rate, 0.3).says == "This is the raw rate."
    assert engine.evaluate(rate, 12).says == "A rate is below 1."


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"mistakes": {"x = s": "No.", "s + 0": "The other."}}, None),
        ({"mistakes": {"x = s": "No.", "s": "Again."}}, "is the same as x = s"),
        ({"mistakes": {"s+1": "As the solution."}}, "is the same as the solution"),
        ({"neighbours": {"the answer": "s + 1"}}, "is the same as the solution"),
        ({"mistakes": {"y = s": "Defines something else."}}, "no line of the solution begins like"),
        ({"gaps": {"s - 1": "..."}}, "0 times in the solution"),
    ],
)
def test_a_record_that_says_nothing_is_refused(change: dict[str, Any], complaint: str | None) -> None:
    parts = {"solution": "x = s + 1", "check": Number(abs_tol=1), "given": Given(s=1), "mistakes": {"1": "1", "2": "2"}}
    if complaint is None:
        record(**(parts | change))
        return
    with pytest.raises(ValueError, match=complaint):
        record(**(parts | change))


def test_orders_name_a_mistake_by_a_relation() -> None:
    order = record(
        answer="x",
        check=Order(
            "efcadb", also=["efcdab"], wrong={"f before e": "Start first.", "a or d before c": "c.", "b not last": "b."}
        ),
    )
    assert order.solution == 'x = "efcadb"'
    for answer, says in {"fecadb": "Start first.", "efacdb": "c.", "efcabd": "b.", "fabcde": "Start first."}.items():
        assert engine.evaluate(order, answer).says == says
    codes = [mistake.code for mistake in order.listed_mistakes]
    assert [engine.evaluate(order, code[5:-1]).says for code in codes] == ["Start first.", "c.", "b."]
    with pytest.raises(ValueError, match="holds in a right order"):
        Order("ab", wrong={"a first": "No."})
    with pytest.raises(ValueError, match="relations such as"):
        Order("ab", wrong={"b then a": "No."})
