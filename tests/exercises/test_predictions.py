"""Predictions: what is kept, what is said beside the result, and that nobody is told too early."""

import json
from pathlib import Path

import numpy as np
import pytest

import borrowing_strength as bs
from borrowing_strength import predictions
from borrowing_strength.core import state
from borrowing_strength.predictions import choice, numbers, order

HOW_MANY = numbers("97.a", "of six", why="Because of luck.")
SHARE = numbers("97.b", "%", why="Because of luck.")
RISKS = numbers("97.c", {"sd 0.03": "times", "sd 0.05": "times"}, why="Because of spread.")
WIDTH = choice("97.d", {"a": "wider", "b": "narrower"}, answer="b", why="Because of data.")
METHODS = order("97.e", ["no pooling", "partial pooling"], answer=["partial pooling", "no pooling"], why="Because.")
ORDERED = order("97.f", "ABC", why="Because.")
ALL = {each.id: each for each in (HOW_MANY, SHARE, RISKS, WIDTH, METHODS, ORDERED)}


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(predictions, "load_predictions", lambda: ALL)
    monkeypatch.setattr(state, "_session", {})
    monkeypatch.setenv("BORROWING_STRENGTH_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


class Stubborn:
    """An object that has no length and no parts, and says so in its own way."""

    def __len__(self) -> int:
        raise RuntimeError

    __iter__ = __float__ = __len__


def said(feedback: object) -> str:
    return repr(feedback)


@pytest.mark.parametrize(
    ("id", "guess", "truth", "sentence"),
    [
        ("97.a", 1, 3, "You said 1, it is 3 of six (your guess is 3 times too small)."),
        ("97.a", np.array(4), 3, "You said 4, it is 3 of six."),
        ("97.a", 4, np.int64(3), "You said 4, it is 3 of six."),
        ("97.a", "1,000", 3, "You said 1,000, it is 3 of six (your guess is 3.3e+02 times too large)."),
        ("97.b", "10%", 0.109, "You said 10%, it is 10.9%."),
        ("97.b", 10, 0.109, "You said 10%, it is 10.9%."),
        ("97.b", 0.1, 1.09, "You said 10%, it is 109% (your guess is 11 times too small)."),
        (
            "97.c",
            (2, 100),
            [11.2, 109.7],
            "Sd 0.03: you said 2, it is 11.2 times (your guess is 5.6 times too small); ",
        ),
        ("97.d", " A) ", None, "You said a) wider; it is b) narrower."),
        ("97.d", "b", None, "You said b) narrower; so it is."),
        ("97.e", "no, partial", None, "You said no pooling, partial pooling; it is partial pooling, no pooling."),
        ("97.e", ["partial pooling", "no pooling"], None, "; so it is."),
        ("97.f", "cab", "B > C > A", "You said C, A, B; it is B, C, A."),
        ("97.f", "c a b", ["C", "A", "B"], "You said C, A, B; so it is."),
    ],
)
def test_a_guess_is_kept_and_stands_beside_the_result(
    id: str, guess: object, truth: object, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "kept: " in said(bs.predict(id, guess))
    monkeypatch.setattr(state, "_session", {})  # another kernel, another day
    assert sentence in said(bs.reveal(id, truth))
    assert ALL[id].why in said(bs.reveal(id, truth))


@pytest.mark.parametrize(
    ("id", "guess"),
    [
        ("97.a", "many"),
        ("97.a", None),
        ("97.a", float("nan")),
        ("97.a", True),
        ("97.a", "10%"),
        ("97.a", [1, 2]),
        ("97.a", Stubborn()),
    ]
    + [("97.c", 3), ("97.c", (1, 2, 3)), ("97.d", "c"), ("97.d", 1), ("97.e", "no, no"), ("97.e", 7), ("97.f", "ab")]
    + [("97.f", [[1], {}, None]), ("97.a", object()), ("97.b", "1e999")]
    + [("97.a", np.ma.masked)],
)
def test_what_is_no_guess_is_not_kept_and_the_form_is_said(id: str, guess: object, made_up: Path) -> None:
    assert f"not kept\nHere a guess is {ALL[id].how}." in said(bs.predict(id, guess))
    assert not made_up.exists()


def test_nothing_is_said_of_the_result_when_the_guess_is_made() -> None:
    for id, guess in {"97.a": 3, "97.b": 10, "97.c": (1, 1), "97.d": "b", "97.e": "no, partial"}.items():
        assert ALL[id].why not in said(bs.predict(id, guess))
        assert "it is" not in said(bs.predict(id, guess))


def test_a_left_out_guess_is_fine() -> None:
    assert "or go on without a guess" in said(bs.predict("97.a", ...))
    assert said(bs.reveal("97.a", 3)) == "◇ Prediction · 97.a\nResult: 3 of six.\nBecause of luck."


def test_an_empty_cell_run_again_keeps_the_guess_of_yesterday() -> None:
    bs.predict("97.a", 4)
    bs.predict("97.a", ...)
    assert "You said 4" in said(bs.reveal("97.a", 3))


@pytest.mark.parametrize("damage", ["", "{", '"many"', "[null]", "[" * 10_000])
def test_a_damaged_file_is_no_guess(damage: str, made_up: Path) -> None:
    made_up.mkdir()
    (made_up / "prediction-97.a.json").write_text(damage)
    assert "\nResult: 3 of six." in said(bs.reveal("97.a", 3))
    (aside,) = made_up.glob("prediction-97.a.json.damaged-*")
    assert aside.read_text() == damage
    assert f"It is set aside as `{aside}`." in said(bs.predict("97.a", 3))


def test_without_a_place_to_write_a_guess_lives_as_long_as_the_kernel(made_up: Path) -> None:
    made_up.write_text("a file, not a folder")
    bs.predict("97.a", 4)
    assert "You said 4" in said(bs.reveal("97.a", 3))


def test_exercises_and_predictions_do_not_meet_in_the_folder(made_up: Path) -> None:
    bs.predict("97.a", 4)
    assert {path.name for path in made_up.iterdir()} == {"prediction-97.a.json", ".lock"}
    assert json.loads((made_up / "prediction-97.a.json").read_text()) == [4.0]


def test_an_unknown_prediction_is_named_and_shown_as_text() -> None:
    feedback = bs.predict("<b>", 1)
    assert "There is none called '<b>'" in said(feedback)
    assert "<b>" not in feedback._repr_html_()
    with pytest.raises(ValueError, match=r"prediction_id: there is no prediction '1\.zz'"):
        bs.reveal("1.zz", 1)


def test_a_result_that_is_none_is_the_lesson_s_error() -> None:
    with pytest.raises(ValueError, match=r"truth: 'x' is no answer to prediction 97\.a"):
        bs.reveal("97.a", "x")
    with pytest.raises(ValueError, match=r"prediction '97\.z': answer 'c' is not one of the letters a, in quotes"):
        choice("97.z", {"a": "wider"}, answer="c", why="Because.")
