"""What a learner sees: check, hint, solution, progress."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from borrowing_strength import exercises as bs
from borrowing_strength.core import state
from borrowing_strength.course.check import read_kind
from borrowing_strength.exercises import engine
from borrowing_strength.exercises.feedback import TONES, inline
from borrowing_strength.exercises.records import Exercise

ABOUT = "Exercise 97.1, How far is A pulled?"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (..., f"○ Not tried yet · {ABOUT} · replace each `...` and run the cell again"),
        (0.77, f"✓ Right · {ABOUT}\nThe other rates supply <three quarters> of the estimate."),
        (0.23, f'↻ Not yet · {ABOUT}\nYou passed 0.23. That is the share A keeps.\nA hint: `bs.hint("97.1")`.'),
    ],
)
def test_the_text_twin_says_what_the_html_says(example: Exercise, answer: Any, text: str) -> None:
    feedback = bs.check("97.1", answer)
    assert repr(feedback) == text
    assert read_kind(text) == ("97.1", feedback.kind)
    assert words_of(feedback._repr_html_()) == text.replace("`", "").split()
    assert 'role="status"' in feedback._repr_html_()


def words_of(page: str) -> list[str]:
    return html.unescape(re.sub(r"<[^>]+>", lambda tag: " " if "div" in tag[0] else "", page)).split()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*below* 10%", "<em>below</em> 10%"),
        ("the *whole way* up", "the <em>whole way</em> up"),
        ("`a * b * c`", ">a * b * c</code>"),
        ("2 * 3 * 4 and a*b*c", "2 * 3 * 4 and a*b*c"),
        ("`x` *<b>* `y`", "<em>&lt;b&gt;</em>"),
    ],
)
def test_backticks_mark_code_and_asterisks_emphasis(text: str, shown: str) -> None:
    assert shown in inline(text)


def test_whatever_is_passed_is_shown_as_text(example: Exercise) -> None:
    page = bs.check("97.1", "<script>alert(1)</script>")._repr_html_()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_signs_and_words_differ_so_that_colour_is_not_needed() -> None:
    assert len({tone.sign for tone in TONES.values()}) == len({tone.word for tone in TONES.values()}) == len(TONES)


def test_hints_go_one_step_further_and_survive_a_restart(example: Exercise) -> None:
    assert example.hints[0] in repr(bs.hint("97.1"))
    state._session.clear()  # what a restart of the kernel does
    second = repr(bs.hint("97.1"))
    assert example.hints[1] in second
    assert 'Next: `bs.solution("97.1")`' in second
    assert "These are all" in repr(bs.hint("97.1"))


def test_the_solution_waits_for_one_try(example: Exercise) -> None:
    bs.check("97.1", ...)
    assert bs.solution("97.1").kind == "note"
    assert example.solution not in repr(bs.solution("97.1"))
    assert example.solution in repr(bs.solution("97.1", now=True))
    bs.check("97.1", 0.5)
    shown = repr(bs.solution("97.1"))
    assert example.solution in shown
    assert example.why in shown


def test_progress_counts_what_was_ever_right(example: Exercise) -> None:
    bs.check("97.1", 0.77)
    bs.check("97.1", 0.5)
    bs.check("97.2", 0.5)
    assert "1 of 2 exercises right\nLesson 97, 1 of 2: ✓ 97.1  ↻ 97.2\n" in repr(bs.progress())


@pytest.mark.parametrize("call", [bs.hint, bs.solution, lambda exercise_id: bs.check(exercise_id, 1)])
def test_an_unknown_exercise_is_answered_with_its_neighbours(example: Exercise, call: Callable) -> None:
    assert "Near it: `97.1` (How far is A pulled?)" in repr(call("97.11"))
    assert "goes in quotes" in repr(call(97.1))
    assert "goes in quotes" in repr(call([object()]))
    assert call(" 97.1 ").kind != "note" or "Try it once" in repr(call(" 97.1 "))


def test_no_exercises_at_all_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "load_exercises", dict)
    assert "There is no exercise" in repr(bs.check("1.1", 1))
    assert "0 of 0" in repr(bs.progress())
