"""Two hundred objects that no exercise asks for are neither accepted nor a reason to raise."""

import sys
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from strange import ASLEEP, one_unknown, strange_objects

from borrowing_strength import exercises as bs
from borrowing_strength.exercises import engine, read_answer, time_limit
from borrowing_strength.exercises.feedback import Feedback
from borrowing_strength.exercises.judge import Checker, Mistake, Verdict
from borrowing_strength.exercises.records import Choice, Draws, Exercise, Function, Model, Number, Order, load_exercises


class Markup(HTMLParser):
    """Collects every tag and attribute of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(f"{tag}[{name}]" for name, _ in attrs)}


@pytest.fixture(autouse=True)
def a_ring_in_a_destructor_is_reported_and_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be raised Python prints what was, and goes on; pytest would collect it as an error."""
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)


OWN_MARKUP = {"br", "code", "code[style]", "div", "div[data-cell]", "div[role]", "div[style]", "em"}
OWN_MARKUP |= {"pre", "pre[style]", "span", "span[aria-hidden]", "span[style]", "strong"}


def foreign_markup(page: str) -> set[str]:
    """What of a page the project did not write: a learner's text arrives as text."""
    return Markup(page).found - OWN_MARKUP


def judged(record: Exercise, strange: Any) -> Verdict:
    """What computes gets a fifth of a second. What only sleeps would sleep through any limit: it gets a short one."""
    with pytest.MonkeyPatch.context() as patch:
        asleep = any(strange is each for each in ASLEEP)
        if asleep:
            patch.setattr(time_limit, "PATIENCE", 1)
        return engine.evaluate(record, strange, seconds=0.05 if asleep else 0.2)


def mishandled(record: Exercise) -> list[str]:
    """The strange objects that an exercise accepts, raises at, or cannot answer in text and HTML."""
    complaints = []
    for i, strange in enumerate(strange_objects()):
        try:
            verdict = judged(record, strange)
            shown = engine._show(record, verdict)
            sane = verdict.kind in ("not yet", "not tried") and isinstance(repr(shown), str)
            sane &= foreign_markup(shown._repr_html_()) == set()
        except BaseException as error:
            complaints.append(f"object {i} ({type(strange).__name__}) raised {type(error).__name__}: {error}")
            continue
        if not sane:
            complaints.append(f"object {i} ({type(strange).__name__}) is {verdict}")
    return complaints


EVERY_KIND = [
    Number(lambda: 0.77, abs_tol=0.005),
    Number(lambda: [0.1, 0.2, 0.3], abs_tol=0.005, parts=("A", "B", "C")),
    Choice({"a": "one", "b": "two"}, right="b", wrong={"a": "Not one."}),
    Order("cabd", also=("cadb",), wrong={"abcd": "Data come first.", "b first": "No."}),
    Function(lambda: lambda a, b: a / b, cases=((1.0, 2.0), (3.0, 4.0)), abs_tol=1e-9),
    Function(lambda: lambda x: np.cumsum(x), cases=((np.array([1.0, 2.0]),),), abs_tol=1e-9, parts=("a", "b")),
    Draws(mean=lambda: 2.0, sd=lambda: 3.0, cdf=lambda x: 0.5 + x - 2),
    Model(one_unknown),
]


@pytest.mark.parametrize("checker", EVERY_KIND, ids=lambda checker: type(checker).__name__)
def test_strange_objects_neither_pass_nor_raise(example: Exercise, checker: Checker) -> None:
    curious = Mistake("x = 1", "Curious.", when=lambda answer: answer == answer.shape or answer[0] > 1)
    assert len(strange_objects()) == 200
    assert mishandled(replace(example, check=checker, mistakes=(curious, curious))) == []


def test_a_check_that_accepts_anything_would_be_noticed(example: Exercise) -> None:
    class Gullible(Number):
        def accepts(self, read: Any, exactly: bool = False) -> bool:
            return True

    assert len(mishandled(replace(example, check=Gullible(lambda: 1.0, abs_tol=1)))) > 10


@pytest.mark.parametrize("strange", strange_objects()[:20], ids=lambda strange: type(strange).__name__)
def test_check_answers_strange_objects(example: Exercise, strange: Any) -> None:
    assert isinstance(bs.check("97.1", strange), Feedback)
    assert isinstance(bs.check(strange, 1), Feedback)
    assert read_answer.describe(strange)


@pytest.mark.parametrize("record", load_exercises().values(), ids=lambda record: record.id)
def test_exercise_neither_accepts_nor_raises_at_strange_objects(record: Exercise) -> None:
    assert mishandled(record) == []
