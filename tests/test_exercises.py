"""The exercise engine on made-up exercises, then the proofs that every real exercise owes."""

import copy
import functools
import itertools
import json
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pymc as pm
import pytest
import xarray as xr
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from borrowing_strength import exercises as bs
from borrowing_strength.exercises import engine, limits, reading, state
from borrowing_strength.exercises.checkers import Checker, Verdict
from borrowing_strength.exercises.html import TONES, Feedback, inline, read_kind
from borrowing_strength.exercises.records import (
    Array,
    Choice,
    Draws,
    Exercise,
    Function,
    Mistake,
    Model,
    Number,
    Order,
    load_exercises,
)

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"

# ---------------------------------------------------------------------------------------- the checkers

NUMBER = Number(lambda: 0.77, abs_tol=0.005)
ARRAY = Array(lambda: [0.1, 0.2, 0.3], abs_tol=0.005, labels=("A", "B", "C"))
CHOICE = Choice({"a": "one", "b": "two", "c": "three"}, right="b", wrong={"a": "Not one.", "c": "Not three."})
ORDER = Order("cabd", also=("cadb",), wrong={"abcd": "Data come before anything can be computed from them."})
FUNCTION = Function(lambda: lambda a, b: a / b, cases=((1.0, 2.0), (3.0, 4.0)), abs_tol=1e-9)
VECTOR_FUNCTION = Function(lambda: np.cumsum, cases=((np.array([1.0, 2.0]),),), abs_tol=1e-9)
DRAWS = Draws(mean=lambda: 2.0, sd=lambda: 3.0)


def judge(checker: Checker, answer: Any, *mistakes: Mistake) -> Verdict:
    return checker.judge(answer, mistakes, seconds=0.3)


def series(values: list[float], index: str) -> pd.Series:
    return pd.Series(values, index=list(index))


@pytest.mark.parametrize(
    "answer",
    [
        *(0.77, 0.775, 0.765, np.float32(0.77), np.array(0.77), np.array([0.77]), [0.77]),
        *(Fraction(77, 100), Decimal("0.77"), pd.Series([0.77]), xr.DataArray(0.77)),
    ],
    ids=repr,
)
def test_number_in_any_form_is_right(answer: Any) -> None:
    assert judge(NUMBER, answer) == Verdict("right")


@pytest.mark.parametrize(
    ("checker", "answer", "says"),
    [
        (NUMBER, 0.7751, "too high"),
        (NUMBER, 0.7, "too low"),
        (NUMBER, 77, "percentage"),
        (NUMBER, -0.77, "sign"),
        (NUMBER, float("nan"), "division by zero"),
        (NUMBER, [0.77, 0.77], "you passed 2"),
        (NUMBER, "0.77", "without quotes"),
        (NUMBER, None, "`return`"),
        (NUMBER, True, "a number is asked for"),
        (NUMBER, 0.77 + 0j, "a real number"),
        (NUMBER, lambda: 0.77, "Call it"),
        (NUMBER, (x for x in [0.77]), "`list(...)`"),
        (NUMBER, {0.77}, "no order"),
        (NUMBER, 10**400, "too large"),
        (NUMBER, np.array(["0.77"]), "numbers are asked for"),
        (ARRAY, [0.3, 0.2, 0.1], "wrong order"),
        (ARRAY, [0.1, 0.2], "3 numbers are asked for; you passed 2"),
        (ARRAY, 0.1, "you passed one"),
        (ARRAY, [[0.1, 0.2, 0.3]], "shape (1, 3)"),
        (ARRAY, [0.1, 0.2, 0.4], "2 of 3 numbers are right; C is not"),
        (ARRAY, [0.1, 0.9, 0.4], "1 of 3 numbers are right; B, C are not"),
        (ARRAY, [7, 8, 9], "None of the 3"),
        (ARRAY, [10, 20, 30], "percentages"),
        (ARRAY, [0.1, np.nan, 0.3], "B is not finite"),
        (ARRAY, [[0.1], [0.2, 0.3]], "differ in length"),
        (ARRAY, series([0.2, 0.1, 0.3], "BAC"), "Each label has its right number"),
        (ARRAY, series([0.1, 0.2, 0.3], "BAC"), "each other's labels"),
        (ARRAY, series([0.3, 0.9, 0.3], "BAC"), "not all numbers are right"),
        (ARRAY, series([0.1, 0.2, 0.3], "XYZ"), "not the expected ones"),
        (CHOICE, "A", "Not one."),
        (CHOICE, "d", 'Choose `"a"`, `"b"` or `"c"`'),
        (CHOICE, 2, "in quotes"),
        (ORDER, "abcd", "Data come before"),
        (ORDER, "cdab", "Right up to `c`; `d` cannot come next"),
        (ORDER, "dcab", "`d` cannot come first"),
        (ORDER, "cab", "exactly once"),
        (ORDER, 3, "Write the order as text"),
        (FUNCTION, lambda a, b: a * b, "Called with `(1., 2.)`, your function returned 2. That is too high."),
        (FUNCTION, lambda a, b: np.array([a, b]), "an array of shape (2,); one number is asked for"),
        (FUNCTION, lambda a: a, "takes 1 positional argument"),
        (FUNCTION, lambda a, b: "x", "it returned the text `x`"),
        (FUNCTION, lambda a, b: print(end=""), "it returned `None`"),
        (FUNCTION, 0.5, "Pass the function itself"),
        (VECTOR_FUNCTION, lambda x: x, "1 of 2 numbers are right; at `[1]`, for example, 2 is not."),
        (VECTOR_FUNCTION, lambda x: np.cumsum(x) + 1, "no number is right; at `[0]` stands 2."),
        (VECTOR_FUNCTION, np.sum, "one number; an array of shape (2,) is asked for"),
        (DRAWS, np.ones(50), "At least 400"),
        (DRAWS, np.ones(500), "the same number"),
        (DRAWS, np.full(500, np.inf), "not finite"),
        (DRAWS, np.ones((10, 10, 10)), "shape (10, 10, 10)"),
        (DRAWS, np.random.default_rng(1).normal(3, 3, 4000), "Monte Carlo standard errors too high"),
        (DRAWS, np.random.default_rng(1).normal(2, 1, 4000), "spread too narrowly"),
        (DRAWS, np.random.default_rng(1).normal(2, 5, 4000), "spread too widely"),
    ],
)
def test_wrong_answer_gets_its_sentence(checker: Checker, answer: Any, says: str) -> None:
    verdict = judge(checker, answer)
    assert verdict.kind == "not yet"
    assert says in verdict.says


@pytest.mark.parametrize(
    ("checker", "answer"),
    [
        (ARRAY, (0.1, 0.2, 0.3)),
        (ARRAY, series([0.1, 0.2, 0.3], "ABC")),
        (ARRAY, {"A": 0.1, "B": 0.2, "C": 0.3}),
        (ARRAY, pd.Series([0.1, 0.2, 0.3])),
        (ARRAY, xr.DataArray([0.1, 0.2, 0.3])),
        (ARRAY, np.array([0.1, 0.2, 0.3], dtype=object)),
        (CHOICE, " (B). "),
        (ORDER, "C, A, B, D"),
        (ORDER, list("cadb")),
        (Order("213"), [2, 1, 3]),
        (Order("213"), np.array([2, 1, 3])),
        (FUNCTION, lambda a, b: np.float64(a) / b),
        (VECTOR_FUNCTION, lambda x: list(itertools.accumulate(x))),
        (DRAWS, np.random.default_rng(1).normal(2, 3, 4000)),
        (DRAWS, np.random.default_rng(1).normal(2, 3, (4, 1000))),
        (DRAWS, np.random.default_rng(1).normal(2, 3, (1000, 4))),
        (DRAWS, xr.DataArray(np.random.default_rng(1).normal(2, 3, (1000, 4)), dims=("draw", "chain"))),
    ],
)
def test_right_answer_is_right(checker: Checker, answer: Any) -> None:
    assert judge(checker, answer) == Verdict("right")


def test_autocorrelated_chains_are_judged_by_their_effective_size() -> None:
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 1, (4, 2000))
    chains = np.empty_like(noise)
    chains[:, 0] = noise[:, 0] / np.sqrt(1 - 0.98**2)
    for i in range(1, noise.shape[1]):
        chains[:, i] = 0.98 * chains[:, i - 1] + noise[:, i]
    chains *= 3 * np.sqrt(1 - 0.98**2)
    slightly_off = chains - chains.mean() + 2.35
    assert judge(DRAWS, slightly_off).kind == "right"
    assert judge(DRAWS, slightly_off.ravel()).kind == "not yet"


def _empty_body(a: float, b: float) -> float: ...


def _only_a_docstring(a: float, b: float) -> float:
    """Divide a by b."""


@pytest.mark.parametrize(
    ("checker", "answer"),
    [
        *[(checker, ...) for checker in (NUMBER, ARRAY, CHOICE, ORDER, FUNCTION, DRAWS)],
        (ARRAY, [0.1, ..., 0.3]),
        (ARRAY, [[0.1], [...]]),
        (ARRAY, {"A": ..., "B": 0.2}),
        (ARRAY, np.array([0.1, ...], dtype=object)),
        (ARRAY, pd.Series([0.1, ...])),
        (FUNCTION, lambda a, b: ...),
        (FUNCTION, lambda a, b: [a, ...]),
        (FUNCTION, lambda a, b: a / ...),
        (FUNCTION, _empty_body),
        (FUNCTION, _only_a_docstring),
    ],
)
def test_a_gap_anywhere_is_not_tried(checker: Checker, answer: Any) -> None:
    assert judge(checker, answer) == Verdict("not tried")


def test_a_function_may_use_an_ellipsis_as_an_index() -> None:
    checker = Function(lambda: lambda x: x[0], cases=((np.array([1.0, 2.0]),),), abs_tol=1e-9)
    assert judge(checker, lambda x: x[..., 0]).kind == "right"
    assert judge(checker, lambda x: x[..., 1]).kind == "not yet"


def test_a_number_may_have_others_that_are_as_good() -> None:
    checker = Number(lambda: 0.2048, abs_tol=0.0009, also=(0.2, 0.21))
    assert [judge(checker, x).kind for x in (0.2048, 0.2, 0.41 - 0.2)] == ["right"] * 3
    assert [judge(checker, x).kind for x in (0.2007, 0.211, [0.2, 0.21])] == ["not yet"] * 3


def test_a_known_mistake_comes_before_the_general_sentence() -> None:
    mistakes = (
        Mistake("x = 0.23", "That is what A keeps.", value=lambda: 0.23),
        Mistake("x = [1, 2]", "One of them.", when=lambda answer: len(answer) == 2),
    )
    assert judge(NUMBER, 0.231, *mistakes).says == "That is what A keeps."
    assert judge(NUMBER, [1, 2], *mistakes).says == "One of them."
    assert "too low" in judge(NUMBER, 0.5, *mistakes).says


@pytest.mark.parametrize(
    ("checker", "wrong", "answer"),
    [
        (ARRAY, lambda: [0.1, 0.1], np.array([0.1, 0.1])),
        (FUNCTION, lambda: lambda a, b: a - b, lambda x, y: -(y - x)),
        (DRAWS, lambda: (2.0, 9.0), np.random.default_rng(5).normal(2, 9, 2000)),
    ],
)
def test_a_mistake_is_recognised_by_its_value(checker: Checker, wrong: Callable, answer: Any) -> None:
    assert judge(checker, answer, Mistake("x = 1", "Known.", value=wrong)).says == "Known."


def test_a_function_cannot_spoil_the_inputs_of_the_next_call() -> None:
    checker = Function(lambda: np.sum, cases=((np.array([1.0, 2.0]),),), abs_tol=1e-9)

    def greedy(x: np.ndarray) -> float:
        total = x.sum()
        x[:] = 0
        return total

    assert judge(checker, greedy).kind == judge(checker, greedy).kind == "right"


def _learner_divides(a: float, b: float) -> float:
    total = a + b
    return total / (b - b)


def test_the_learners_own_error_is_shown_with_its_line() -> None:
    says = judge(FUNCTION, _learner_divides).says
    assert "at your line `return total / (b - b)`" in says
    assert "`ZeroDivisionError" in says


def test_a_fault_of_the_course_is_not_blamed_on_the_learner() -> None:
    broken = Number(lambda: 1 / 0, abs_tol=0.1)
    assert "fault of the course" in judge(broken, 1.0).says


@pytest.mark.parametrize(
    "make",
    [
        lambda: Number(lambda: 1.0),
        lambda: Array(lambda: [1.0], abs_tol=-1),
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


# ---------------------------------------------------------------------------------------------- models

SUCCESSES, TRIALS = np.array([19, 3]), np.array([200, 10])


def hierarchical(shape: float = 16, data: np.ndarray = SUCCESSES, power: int = 1) -> pm.Model:
    with pm.Model() as model:
        alpha, beta = pm.Gamma("alpha", shape, 9), pm.Gamma("beta", 40, 8)
        rate = pm.Beta("rate", alpha, beta, shape=2)
        pm.Binomial("y", TRIALS, rate**power, observed=data)
    return model


def integrated() -> pm.Model:
    with pm.Model() as model:
        pm.BetaBinomial("y", pm.Gamma("alpha", 16, 9), pm.Gamma("beta", 40, 8), TRIALS, observed=SUCCESSES)
    return model


def separate() -> pm.Model:
    with pm.Model() as model:
        pm.Binomial("y", TRIALS, pm.Beta("rate", 2, 5, shape=2), observed=SUCCESSES)
    return model


def other_names_and_single_flips() -> pm.Model:
    flips = np.repeat([1, 0, 1, 0], [19, 181, 3, 7])
    with pm.Model() as model:
        theta = pm.Beta("theta", pm.Gamma("beta_", 16, 9), pm.Gamma("alpha_", 40, 8), shape=2)
        pm.Bernoulli("flip", theta[np.repeat([0, 1], TRIALS)], observed=flips)
    return model


def one_by_one() -> pm.Model:
    with pm.Model() as model:
        alpha, beta = pm.Gamma("alpha", 16, 9), pm.Gamma("beta", 40, 8)
        for i in range(2):
            pm.Binomial(f"y{i}", TRIALS[i], pm.Beta(f"rate{i}", alpha, beta), observed=SUCCESSES[i])
    return model


def without_data() -> pm.Model:
    with pm.Model() as model:
        pm.Beta("rate", pm.Gamma("alpha", 16, 9), pm.Gamma("beta", 40, 8), shape=2)
    return model


def other_shape() -> pm.Model:
    with pm.Model() as model:
        rate = pm.Beta("rate", pm.Gamma("alpha", 16, 9), pm.Gamma("beta", 40, 8), shape=3)
        pm.Binomial("y", TRIALS, rate[:2], observed=SUCCESSES)
    return model


def without_free_variable() -> pm.Model:
    with pm.Model() as model:
        pm.Binomial("y", TRIALS, 0.1, observed=SUCCESSES)
    return model


MODEL = Model(hierarchical, also=(integrated,))


@pytest.mark.parametrize("make", [hierarchical, integrated, other_names_and_single_flips])
def test_an_equivalent_model_is_right(make: Callable) -> None:
    assert MODEL.judge(make()) == Verdict("right")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (separate, "1 free variable (`rate`): that is too few"),
        (one_by_one, "that is too many"),
        (without_data, "`observed=...` is missing"),
        (without_free_variable, "no free random variable"),
        (other_shape, "their shapes are not. Yours: `alpha` (), `beta` (), `rate` (3,)"),
        (lambda: hierarchical(shape=10), "distribution of `alpha` is not"),
        (lambda: hierarchical(data=np.array([18, 3])), "observed data are not"),
        (lambda: hierarchical(data=np.array([3, 10])), "observed data are not"),
        (lambda: hierarchical(power=2), "look at how the likelihood"),
        (lambda: pm.Normal.dist(), "a PyMC model is asked for"),
    ],
)
def test_another_model_is_told_where_it_departs(make: Callable, says: str) -> None:
    verdict = MODEL.judge(make())
    assert verdict.kind == "not yet"
    assert says in verdict.says


def test_a_known_wrong_model_gets_its_sentence_and_an_empty_one_is_not_tried() -> None:
    known = Mistake("model = ...", "Nothing is shared.", value=separate)
    assert MODEL.judge(separate(), [known]).says == "Nothing is shared."
    assert MODEL.judge(pm.Model()) == Verdict("not tried")


# ----------------------------------------------------------------------------------------- time limits


def endless(*_: Any) -> None:
    while True:
        time.sleep(0.01)


def endless_and_deaf(*_: Any) -> None:
    while True:
        try:  # noqa: SIM105  # the habit under test
            time.sleep(0.01)
        except:  # noqa: E722
            pass


def endless_retry(*_: Any) -> None:
    while True:
        try:
            raise ValueError
        except Exception:
            continue


@pytest.mark.parametrize("function", [endless, endless_and_deaf, endless_retry])
def test_a_loop_without_an_end_is_stopped(function: Callable) -> None:
    assert "Stopped after 0.1 seconds" in FUNCTION.judge(function, seconds=0.1).says


@pytest.mark.parametrize("function", [endless, endless_and_deaf])
def test_outside_the_main_thread_the_limit_holds_too(function: Callable) -> None:
    verdicts = []
    thread = threading.Thread(target=lambda: verdicts.append(FUNCTION.judge(function, seconds=0.1)))
    thread.start()
    thread.join()
    assert "Stopped after 0.1 seconds" in verdicts[0].says


def test_results_and_errors_come_back_from_the_second_thread() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(limits.run, lambda: 42).result() == 42
        with pytest.raises(ZeroDivisionError):
            pool.submit(limits.run, lambda: 1 / 0).result()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no interval timer")
def test_the_limit_leaves_no_alarm_behind() -> None:
    before = signal.getsignal(signal.SIGALRM)
    limits.run(lambda: 1, seconds=0.05)
    time.sleep(0.1)
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


# --------------------------------------------------------------------- check, hint, solution, progress

ABOUT = "Exercise 97.1, How far is A pulled?"
EXAMPLE = Exercise(
    id="97.1",
    title="How far is A pulled?",
    purpose="Read shrinkage as a share of a distance.",
    stub="pulled = ...",
    answer="pulled",
    solution="pulled = 0.77",
    why="The other rates supply <three quarters> of the estimate.",
    hints=("Between which two points?", "Divide by `grand_mean - rate`."),
    check=NUMBER,
    mistakes=(
        Mistake("pulled = 0.23", "That is the share A keeps.", value=lambda: 0.23),
        Mistake("pulled = 77", "A percentage: write 0.77-like fractions.", value=lambda: 77),
    ),
)


@pytest.fixture(autouse=True)
def fresh_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(state.FOLDER_VARIABLE, str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Exercise:
    known = {"97.1": EXAMPLE, "97.2": replace(EXAMPLE, id="97.2", title="The second")}
    monkeypatch.setattr(engine, "load_exercises", lambda: known)
    return EXAMPLE


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (..., f"○ Not tried yet · {ABOUT} · replace each `...` and run the cell again"),
        (0.77, f"✓ Right · {ABOUT}\nThe other rates supply <three quarters> of the estimate."),
        (0.23, f'↻ Not yet · {ABOUT}\nThat is the share A keeps.\nA hint: `bs.hint("97.1")`.'),
    ],
)
def test_the_text_twin_says_what_the_html_says(example: Exercise, answer: Any, text: str) -> None:
    feedback = bs.check("97.1", answer)
    assert repr(feedback) == text
    assert read_kind(text) == ("97.1", feedback.kind)
    assert words_of(feedback._repr_html_()) == text.replace("`", "").split()
    assert 'role="status"' in feedback._repr_html_()


def words_of(page: str) -> list[str]:
    import html
    import re

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
    assert EXAMPLE.hints[0] in repr(bs.hint("97.1"))
    state._session.clear()  # what a restart of the kernel does
    second = repr(bs.hint("97.1"))
    assert EXAMPLE.hints[1] in second
    assert 'Next: `bs.solution("97.1")`' in second
    assert "These are all" in repr(bs.hint("97.1"))


def test_the_solution_waits_for_one_try(example: Exercise) -> None:
    bs.check("97.1", ...)
    assert bs.solution("97.1").kind == "note"
    assert EXAMPLE.solution not in repr(bs.solution("97.1"))
    assert EXAMPLE.solution in repr(bs.solution("97.1", now=True))
    bs.check("97.1", 0.5)
    shown = repr(bs.solution("97.1"))
    assert EXAMPLE.solution in shown
    assert EXAMPLE.why in shown


def test_progress_counts_what_was_ever_right(example: Exercise) -> None:
    bs.check("97.1", 0.77)
    bs.check("97.1", 0.5)
    bs.check("97.2", 0.5)
    assert "1 of 2 exercises right\nLesson 97, 1 of 2: ✓ 97.1  ↻ 97.2\n" in repr(bs.progress())


@pytest.mark.parametrize("call", [bs.hint, bs.solution, lambda exercise_id: bs.check(exercise_id, 1)])
def test_an_unknown_exercise_is_answered_with_its_neighbours(example: Exercise, call: Callable) -> None:
    assert "Near it: `97.1` (How far is A pulled?)" in repr(call("97.11"))
    assert "goes in quotes" in repr(call(97.1))
    assert "goes in quotes" in repr(call([Hostile()]))
    assert call(" 97.1 ").kind != "note" or "Try it once" in repr(call(" 97.1 "))


def test_no_exercises_at_all_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "load_exercises", dict)
    assert "There is no exercise" in repr(bs.check("1.1", 1))
    assert "0 of 0" in repr(bs.progress())


# ----------------------------------------------------------------------------------------------- state


@pytest.mark.parametrize(
    "damage",
    [
        *("", "{", "null", "[]", '"x"', "[" * 100_000, "\ud800", '{"tries": 1}'),
        '{"tries": -1, "hints": 0, "right": 0}',
        '{"tries": "1", "hints": 0, "right": true}',
    ],
    ids=range(10),
)
def test_damage_to_a_file_costs_one_exercise(example: Exercise, fresh_state: Path, damage: str) -> None:
    bs.check("97.1", 0.77)
    bs.check("97.2", 0.77)
    (fresh_state / "exercise-97.1.json").write_text(damage, encoding="utf-8", errors="surrogatepass")
    state._session.clear()
    assert "1 of 2" in repr(bs.progress())
    assert bs.check("97.1", 0.77).kind == "right"
    assert "2 of 2" in repr(bs.progress())


def test_without_a_folder_only_progress_notices(
    example: Exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("a file where the folder should be", encoding="utf-8")
    monkeypatch.setenv(state.FOLDER_VARIABLE, str(tmp_path / "file"))
    assert bs.check("97.1", 0.77).kind == "right"
    assert [EXAMPLE.hints[i] in repr(bs.hint("97.1")) for i in range(2)] == [True, True]
    assert "1 of 2" in repr(bs.progress())
    assert "for this session only" in repr(bs.progress())


def test_nothing_is_written_but_one_file_an_exercise(example: Exercise, fresh_state: Path) -> None:
    for answer in (0.5, 0.77):
        bs.check("97.1", answer)
    bs.progress()
    assert [path.name for path in fresh_state.iterdir()] == ["exercise-97.1.json"]
    assert json.loads((fresh_state / "exercise-97.1.json").read_text()) == {
        "tries": 2,
        "hints": 0,
        "right": 1,
    }


def test_two_notebooks_at_work_do_not_lose_each_others_exercises(fresh_state: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: state.add(f"97.{i % 8}", tries=1), range(80)))
    state._session.clear()
    assert all(state.read(f"97.{i}").tries > 0 for i in range(8))


# --------------------------------------------------------------------------------------------- records


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": "one"}, "id must look like"),
        ({"stub": "pulled = 1"}, "needs a gap"),
        ({"stub": "other = ..."}, "must define the answer"),
        ({"hints": ("one",)}, "two hints"),
        ({"mistakes": ()}, "two mistakes"),
        ({"why": ""}, "must not be empty"),
    ],
)
def test_an_incomplete_record_is_refused(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        replace(EXAMPLE, **change)


def test_the_wrong_options_of_a_choice_are_its_mistakes() -> None:
    record = replace(EXAMPLE, check=CHOICE, mistakes=())
    assert [mistake.code for mistake in record.all_mistakes] == ['pulled = "a"', 'pulled = "c"']


LESSON = '''
import numpy as np
import pymc as pm

from borrowing_strength.exercises.records import Choice, Exercise, Function, Mistake, Model, Number


def model(sd):
    with pm.Model() as built:
        pm.Normal("y", pm.Normal("mu", 0, sd), 1, observed=np.array([1.0, 2.0]))
    return built


def exercise(id, **parts):
    return Exercise(id=id, title="T", purpose="P", answer="x", why="W", hints=("1", "2"), **parts)


EXERCISES = (
    exercise(
        "97.1",
        stub="x = ...",
        solution="x = given + 1",
        check=Number(lambda: 3.0, abs_tol=0.1),
        mistakes=(
            Mistake("x = given", "Add one.", value=lambda: 2.0),
            Mistake("x = 0", "Zero?", value=lambda: 0.0),
        ),
    ),
    exercise(
        "97.2",
        stub="x = ...",
        solution='x = "b"',
        check=Choice({"a": "A", "b": "B", "c": "C"}, "b", {"a": "No A.", "c": "No C."}),
    ),
    exercise(
        "97.3",
        stub="""with pm.Model() as x:
    mu = pm.Normal("mu", 0, 5)
    ...""",
        solution="""with pm.Model() as x:
    mu = pm.Normal("mu", 0, 5)
    pm.Normal("y", mu, 1, observed=data)""",
        check=Model(lambda: model(5)),
        mistakes=(
            Mistake(
                "with pm.Model() as x:\\n    pm.Normal('mu', 0, 5)",
                "Show it the data.",
                when=lambda model: not model.observed_RVs,
            ),
            Mistake(
                "with pm.Model() as x:\\n    pm.Normal('y', pm.Normal('mu', 0, 25), 1, observed=data)",
                "Variance for sd.",
                value=lambda: model(25),
            ),
        ),
    ),
)
'''


@contextmanager
def course_with(lesson: str, folder: Path) -> Iterator[list[Exercise]]:
    """A lesson's folder outside the package, found by it as if it lay inside."""
    import sys

    import borrowing_strength

    (folder / "adding").mkdir()
    (folder / "adding" / "__init__.py").touch()
    (folder / "adding" / "exercises.py").write_text(lesson, encoding="utf-8")
    borrowing_strength.__path__.insert(0, str(folder))
    load_exercises.cache_clear()
    try:
        yield [record for record in load_exercises().values() if record.lesson == "97"]
    finally:
        borrowing_strength.__path__.remove(str(folder))
        for name in ("adding.exercises", "adding"):
            sys.modules.pop(f"borrowing_strength.{name}", None)
        load_exercises.cache_clear()


def test_a_new_lesson_adds_only_a_file(tmp_path: Path) -> None:
    with course_with(LESSON, tmp_path) as records:
        assert [record.id for record in records] == ["97.1", "97.2", "97.3"]
        assert bs.check("97.1", 3).kind == "right"
    assert "97.1" not in load_exercises()


def test_an_exercise_exists_once(tmp_path: Path) -> None:
    doubled = LESSON + "\nEXERCISES += EXERCISES[:1]"
    with (
        pytest.raises(ValueError, match=r"adding\.exercises: exercise 97\.1 exists already"),
        course_with(doubled, tmp_path),
    ):
        pass


# --------------------------------------------------------------- the proofs: notebooks against records


@dataclass(frozen=True)
class Outcome:
    """What a cell said in the notebook: the kind of feedback (or "error") and the text."""

    kind: str
    text: str


@dataclass(frozen=True)
class Trial:
    """Everything that was tried in the place of one exercise."""

    stub: Outcome
    solution: Outcome
    mistakes: tuple[Outcome, ...]


def exercise_cells(notebook: NotebookNode) -> dict[int, str]:
    return {i: cell.metadata["exercise"] for i, cell in enumerate(notebook.cells) if "exercise" in cell.metadata}


def misplaced(notebooks: dict[str, NotebookNode], records: list[Exercise]) -> list[str]:
    """Every record in exactly one cell, every exercise cell with its record's stub, in its lesson."""
    known = {record.id: record for record in records}
    found = [
        (name, notebook.cells[i], exercise_id)
        for name, notebook in notebooks.items()
        for i, exercise_id in exercise_cells(notebook).items()
    ]
    complaints = [
        f"{record.id} is in {count} cells"
        for record in records
        if (count := sum(exercise_id == record.id for *_, exercise_id in found)) != 1
    ]
    for name, cell, exercise_id in found:
        if exercise_id not in known:
            complaints.append(f"{name} asks for {exercise_id}, which does not exist")
        elif cell.source != known[exercise_id].cell(known[exercise_id].stub):
            complaints.append(f"{name}: the cell of {exercise_id} is not its record's stub")
        elif cell.cell_type != "code" or "exercise" not in cell.metadata.get("tags", []):
            complaints.append(f"{name}: the cell of {exercise_id} is not a code cell tagged exercise")
        elif not name.startswith(known[exercise_id].lesson):
            complaints.append(f"{name} holds {exercise_id} of lesson {known[exercise_id].lesson}")
    return complaints


def try_everything(notebook: NotebookNode, folder: Path, records: dict[str, Exercise]) -> dict[str, Trial]:
    """Run a notebook once; at each exercise the stub, the solution, every mistake, the solution again.

    The first solution meets only what an honest reader has run before it; the second leaves the kernel as
    the solved notebook would.
    """
    client = NotebookClient(
        # The client puts whatever it runs into the notebook it was given.
        copy.deepcopy(notebook),
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    trials = {}
    with client.setup_kernel():
        for i, cell in enumerate(notebook.cells):
            record = records.get(cell.metadata.get("exercise", ""))
            if record is not None:
                trials[record.id] = _try_exercise(client, i, record)
            elif cell.cell_type == "code":
                client.execute_cell(cell, i)
    return trials


def _try_exercise(client: NotebookClient, position: int, record: Exercise) -> Trial:
    def run(body: str) -> Outcome:
        cell = new_code_cell(record.cell(body), metadata={"tags": ["raises-exception"]})
        return _outcome(client.execute_cell(cell, position), record.id)

    stub, solution = run(record.stub), run(record.solution)
    mistakes = tuple(run(mistake.code) for mistake in record.all_mistakes)
    again = run(record.solution)
    return Trial(stub, again if solution.kind == "right" else solution, mistakes)


def _outcome(cell: NotebookNode, exercise_id: str) -> Outcome:
    for output in cell.outputs:
        if output.output_type == "error":
            return Outcome("error", f"{output.ename}: {output.evalue}")
    for output in cell.outputs:
        text = output.get("data", {}).get("text/plain", "")
        found = read_kind(text)
        if found is not None and found[0] == exercise_id:
            return Outcome(found[1], text)
    return Outcome("silent", str(cell.outputs))


def broken_promises(record: Exercise, trial: Trial) -> list[str]:
    """What an exercise promises and does not keep."""
    complaints = []
    if trial.stub.kind != "not tried" or "\n" in trial.stub.text:
        complaints.append(f"the untouched stub is {trial.stub}")
    if trial.solution.kind != "right":
        complaints.append(f"the solution is {trial.solution}")
    for mistake, outcome in zip(record.all_mistakes, trial.mistakes, strict=True):
        if outcome.kind != "not yet" or mistake.says not in outcome.text:
            complaints.append(f"the mistake {mistake.code!r} is {outcome}")
    if len({mistake.says for mistake in record.all_mistakes}) < len(record.all_mistakes):
        complaints.append("two mistakes share a diagnosis")
    return complaints


# ----------------------------------------------------- the proofs are proven to catch what they should


def synthetic_notebook(records: list[Exercise], folder: Path) -> NotebookNode:
    setup = (
        "import borrowing_strength, borrowing_strength.exercises as bs; import pymc as pm; "
        f"borrowing_strength.__path__.append({str(folder)!r})\n"
    )
    cells = [new_code_cell(setup + "given = 2; data = [1.0, 2.0]")]
    for record in records:
        metadata = {"tags": ["exercise"], "exercise": record.id}
        cells.append(new_code_cell(record.cell(record.stub), metadata=metadata))
    return new_notebook(cells=cells)


def test_the_proofs_pass_on_a_sound_lesson_and_fail_on_a_faulty_one(tmp_path: Path) -> None:
    with course_with(LESSON, tmp_path) as records:
        notebook = synthetic_notebook(records, tmp_path)
        sound = {record.id: record for record in records}
        faulty = sound | {
            "97.1": replace(sound["97.1"], solution="x = given"),
            "97.2": replace(sound["97.2"], stub='x = "a"  # ...'),
            "97.3": replace(
                sound["97.3"], mistakes=(Mistake("x = 1", "Unlike this."), Mistake("x = 1 / 0", "Nor this."))
            ),
        }
        kept = try_everything(notebook, tmp_path, sound)
        broken = try_everything(notebook, tmp_path, faulty)
    assert {key: broken_promises(sound[key], trial) for key, trial in kept.items()} == {key: [] for key in sound}
    assert "the solution is Outcome(kind='not yet'" in broken_promises(faulty["97.1"], broken["97.1"])[0]
    assert "the untouched stub is Outcome(kind='not yet'" in broken_promises(faulty["97.2"], broken["97.2"])[0]
    assert [text[:12] for text in broken_promises(faulty["97.3"], broken["97.3"])] == ["the mistake "] * 2


def test_misplaced_cells_are_found(tmp_path: Path) -> None:
    with course_with(LESSON, tmp_path) as records:
        sound = synthetic_notebook(records, tmp_path)
        assert misplaced({"97_x": sound}, records) == []
        assert misplaced({"97_x": sound, "97_y": sound}, records)[0] == "97.1 is in 2 cells"
        assert misplaced({}, records[:1]) == ["97.1 is in 0 cells"]
        assert misplaced({"96_x": sound}, records)[0] == "96_x holds 97.1 of lesson 97"
        sound.cells[1].source += " "
        sound.cells[2].metadata["tags"] = []
        sound.cells[3].metadata["exercise"] = "97.9"
        said = " | ".join(misplaced({"97_x": sound}, records))
    assert "97.1 is not its record's stub" in said
    assert "97.2 is not a code cell tagged exercise" in said
    assert "asks for 97.9, which does not exist" in said
    assert "97.3 is in 0 cells" in said


# ------------------------------------------------------------------------ strange objects, 200 of them


class Hostile:
    """Raises whatever is asked of it."""

    def refuse(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("no")

    __eq__ = __ne__ = __lt__ = __repr__ = __str__ = __array__ = __float__ = __int__ = __index__ = refuse  # type: ignore[assignment]
    __len__ = __iter__ = __getitem__ = __bool__ = __call__ = __hash__ = __format__ = refuse  # type: ignore[assignment]


class HostileAttributes:
    def __getattribute__(self, name: str) -> Any:
        raise SystemExit(name)


class HostileList(list):
    __iter__ = __len__ = __getitem__ = Hostile.refuse  # type: ignore[assignment]


class HostileText(str):
    __slots__ = ()
    __getitem__ = __len__ = __eq__ = __str__ = casefold = Hostile.refuse  # type: ignore[assignment]
    __hash__ = str.__hash__


class HostileFloat(float):
    __slots__ = ()
    __float__ = __repr__ = __sub__ = __eq__ = Hostile.refuse  # type: ignore[assignment]
    __hash__ = float.__hash__


class EndlessArray:
    __array__ = endless


class EndlessSequence(list):
    def __iter__(self) -> Iterator[float]:
        return itertools.cycle([7.5e9])


class LyingLength(list):
    def __len__(self) -> int:
        return 2**40


class Interrupting:
    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise KeyboardInterrupt


def _recursive_list() -> list[Any]:
    inner: list[Any] = []
    inner += [inner, inner]
    return inner


def _recursive_dict() -> dict[str, Any]:
    inner: dict[str, Any] = {}
    inner["a"] = inner
    return inner


def _raising(*_: Any) -> None:
    raise ValueError("<b>no</b> `code`")


def _recursing(*arguments: Any) -> Any:
    return _recursing(*arguments)


def _half_built(wrong: Callable[[], Any]) -> pm.Model:
    with pm.Model() as model:
        wrong()
    return model


def _never_closed() -> pm.Model:
    with pm.Model() as model:
        pm.Normal("mu")
        pm.Potential("hole", pm.math.log(-pm.math.ones(3)).sum())
    return model


@functools.cache
def strange_objects() -> tuple[Any, ...]:
    """200 objects that no exercise asks for."""
    numbers = [
        float("nan"),
        float("inf"),
        -float("inf"),
        -0.12345e-9,
        10**400,
        -(10**5000),
        1e308,
        2**64,
        1j,
        complex("nan"),
    ]
    numbers += [
        np.float16("nan"),
        np.datetime64("NaT", "s"),
        np.timedelta64(1, "s"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Fraction(-(10**400), 3),
    ]
    containers = [
        [],
        (),
        {},
        set(),
        frozenset({1}),
        [[]],
        [None],
        [[1], [2, 3]],
        range(0),
        range(10**12),
        _recursive_list(),
    ]
    containers += [
        _recursive_dict(),
        {"a": {"b": "c"}},
        [float("nan")] * 4,
        ["1", "2"],
        [b"x"],
        [Hostile()] * 3,
        bytearray(9),
    ]
    containers += [
        memoryview(b"ab"),
        (x for x in "ab"),
        itertools.count(),
        iter([]),
        map(_raising, [1]),
        [1e99] * 1000,
    ]
    arrays = [
        np.array([]),
        np.array(None),
        np.zeros((0, 3)),
        np.full((2, 2, 2), 9e9),
        np.broadcast_to(1.0, (10**6, 10**6)),
    ]
    arrays += [
        np.array(["x"]),
        np.array([object()]),
        np.zeros(2, dtype="i4,f4"),
        np.ma.masked_all(3),
        np.array(b"x"),
    ]
    arrays += [
        pd.Series(dtype=float),
        pd.Series(["x"]),
        pd.DataFrame(),
        pd.DataFrame({"a": [1, "x"]}),
        pd.NA,
        pd.NaT,
    ]
    arrays += [
        pd.Series([1e9, 2e9], index=[0, 0]),
        pd.Index(["a"]),
        xr.DataArray(["x"]),
        xr.Dataset(),
        pd.Series([True] * 9),
    ]
    arrays += [pd.Series(pd.Categorical(["z"])), pd.arrays.IntegerArray(np.array([9]), np.array([True]))]
    texts = [
        "",
        " ",
        "\0",
        "<script>alert(1)</script>",
        "`" * 99,
        "x" * 10**6,
        "__import__('os').abort()",
        b"",
        b"\xff",
        "\ud800",
    ]
    callables = [
        endless,
        endless_and_deaf,
        _raising,
        _recursing,
        lambda: 1,
        lambda *_: "junk",
        lambda *_: None,
        lambda *_: Hostile(),
    ]
    callables += [
        lambda *_: [object()],
        lambda *_: _recursive_list(),
        print,
        type,
        object,
        Hostile,
        int,
        str.join,
        lambda *_: 1j,
    ]
    callables += [
        lambda *_: float("nan"),
        lambda *_: np.full(7, 9e9),
        lambda *_: EndlessArray(),
        functools.partial(pow, 2),
        exit,
    ]
    hostile = [
        Hostile(),
        HostileAttributes(),
        HostileList([1]),
        HostileText("b"),
        HostileFloat(9e9),
        EndlessArray(),
        EndlessSequence(),
    ]
    hostile += [
        LyingLength(),
        Interrupting(),
        type,
        object(),
        NotImplemented,
        Exception("x"),
        pytest,
        np,
        __builtins__,
        Path("x"),
    ]
    models = [
        _half_built(lambda: pm.Normal("mu")),
        _half_built(lambda: pm.Flat("mu", shape=0)),
        _never_closed(),
        without_free_variable(),
    ]
    models += [
        _half_built(lambda: pm.Deterministic("d", pm.math.constant(1.0))),
        _half_built(lambda: pm.Data("x", [1.0])),
    ]
    models += [
        _half_built(lambda: pm.Potential("p", pm.math.constant(np.nan))),
        pm.Normal.dist(),
        pm.Model,
        pm,
    ]
    strange = [*numbers, *containers, *arrays, *texts, *callables, *hostile, *models]
    source = random.Random(20160101)
    return (*strange, *(_junk(source, depth=3) for _ in range(200 - len(strange))))


def _junk(source: random.Random, depth: int) -> Any:
    """A random object; its numbers are too large, and its texts too odd, to be an answer by accident."""
    leaves = [
        lambda: source.choice([-1, 1]) * 10 ** source.uniform(9, 300),
        lambda: source.randrange(10**12, 10**15),
        lambda: "".join(chr(source.randrange(0x2500, 0x2600)) for _ in range(9)),
        lambda: source.randbytes(5),
        lambda: np.full(source.randrange(1, 5), 10 ** source.uniform(9, 99)),
        lambda: source.choice([None, True, False, float("nan")]),
    ]
    branches = [
        lambda: [_junk(source, depth - 1) for _ in range(source.randrange(5))],
        lambda: tuple(_junk(source, depth - 1) for _ in range(source.randrange(5))),
        lambda: {str(i): _junk(source, depth - 1) for i in range(source.randrange(5))},
    ]
    return source.choice(leaves if depth == 0 else leaves + branches)()


def mishandled(record: Exercise) -> list[str]:
    """The strange objects that an exercise accepts, raises at, or cannot answer in text and HTML."""
    complaints = []
    for i, strange in enumerate(strange_objects()):
        try:
            verdict = engine.evaluate(record, strange, seconds=0.2)
            shown = engine._show(record, verdict)
            sane = verdict.kind in ("not yet", "not tried") and isinstance(repr(shown) + shown._repr_html_(), str)
        except BaseException as error:
            complaints.append(f"object {i} ({type(strange).__name__}) raised {type(error).__name__}: {error}")
            continue
        if not sane:
            complaints.append(f"object {i} ({type(strange).__name__}) is {verdict}")
    return complaints


EVERY_KIND = [NUMBER, ARRAY, CHOICE, ORDER, FUNCTION, VECTOR_FUNCTION, DRAWS, MODEL]


@pytest.mark.parametrize("checker", EVERY_KIND, ids=lambda checker: type(checker).__name__)
def test_strange_objects_neither_pass_nor_raise(checker: Checker) -> None:
    curious = Mistake("x = 1", "Curious.", when=lambda answer: answer == answer.shape or answer[0] > 1)
    assert len(strange_objects()) == 200
    assert mishandled(replace(EXAMPLE, check=checker, mistakes=(curious, curious))) == []


def test_a_check_that_accepts_anything_would_be_noticed() -> None:
    class Gullible(Number):
        def problem(self, read: Any) -> None:
            return None

    assert len(mishandled(replace(EXAMPLE, check=Gullible(lambda: 1.0, abs_tol=1)))) > 10


@pytest.mark.parametrize("strange", strange_objects()[:20], ids=lambda strange: type(strange).__name__)
def test_check_answers_strange_objects(example: Exercise, strange: Any) -> None:
    assert isinstance(bs.check("97.1", strange), Feedback)
    assert isinstance(bs.check(strange, 1), Feedback)
    assert reading.describe(strange)


# ------------------------------------------------------------------ the proofs, on every real exercise

RECORDS = list(load_exercises().values())
LESSONS = {path.stem: nbformat.read(path, as_version=4) for path in sorted(NOTEBOOKS.glob("*.ipynb"))}


@functools.cache
def trials_of(name: str) -> dict[str, Trial]:
    return try_everything(LESSONS[name], NOTEBOOKS, load_exercises())


def test_every_exercise_has_its_cell_and_every_cell_its_exercise() -> None:
    assert misplaced(LESSONS, RECORDS) == []


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_exercise_keeps_its_promises(record: Exercise) -> None:
    name = next(name for name, notebook in LESSONS.items() if record.id in exercise_cells(notebook).values())
    assert broken_promises(record, trials_of(name)[record.id]) == []


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_exercise_neither_accepts_nor_raises_at_strange_objects(record: Exercise) -> None:
    assert mishandled(record) == []
