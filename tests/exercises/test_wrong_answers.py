"""Answers as people give them: none that is wrong passes, and the sentence is about the slip that was made."""

import linecache
import math
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy
import scipy.stats

import borrowing_strength as bs
from borrowing_strength.exercises import engine
from borrowing_strength.exercises.records import Choice, load_exercises
from borrowing_strength.predictions import load_predictions

BOOK = tomllib.loads((Path(__file__).parent / "wrong_answers.toml").read_text("utf-8"))
ALSO = {
    "beta": scipy.stats.beta,
    "binom": scipy.stats.binom,
    "bs": bs,
    "math": math,
    "np": np,
    "pd": pd,
    "scipy": scipy,
}


def verdict(exercise_id: str, code: str) -> tuple[str, str]:
    """What the check says, as in a notebook: diagnoses may quote a line of the code."""
    source = f"{BOOK[exercise_id].get('before', '')}\n{code.strip()}"
    try:
        compile(code.strip(), "<answer>", "eval")
        source = f"{BOOK[exercise_id].get('before', '')}\nanswer = ({code.strip()})"
    except SyntaxError:
        pass
    names = ALSO | {"__name__": "answer"}
    linecache.cache["<answer>"] = (len(source), None, source.splitlines(keepends=True), "<answer>")
    if "pm." in source:
        names["pm"] = pytest.importorskip("pymc")
    exec(compile(source, "<answer>", "exec"), names)
    found = engine.evaluate(load_exercises()[exercise_id], names["answer"])
    return found.kind, " ".join(found.says.split())


@pytest.mark.parametrize("exercise_id", BOOK)
def test_answers_are_judged_as_a_teacher_would(exercise_id):
    page = BOOK[exercise_id]
    odd = [code for code in page.get("right", ()) if verdict(exercise_id, code)[0] != "right"]
    odd += [code for code in page.get("refused", ()) if verdict(exercise_id, code)[0] == "right"]
    for code, words in page.get("named", ()):
        kind, says = verdict(exercise_id, code)
        if kind == "right" or not says.startswith(words):
            odd.append(f"{code}\n  should say: {words}\n  says: {says}")
    assert not odd, "\n".join(odd)


def test_every_exercise_has_answers_and_nine_of_ten_wrong_ones_are_named():
    assert set(BOOK) == set(load_exercises())
    wrong = {
        exercise_id: len(page.get("named", ())) + len(page.get("refused", ())) for exercise_id, page in BOOK.items()
    }
    assert {exercise_id: count for exercise_id, count in wrong.items() if count < 8} == {}
    assert sum(len(page.get("named", ())) for page in BOOK.values()) / sum(wrong.values()) >= 0.9


@pytest.mark.parametrize(
    "form",
    ["{letter}", "({LETTER})", " {LETTER}. ", "option {letter}", "{LETTER}: it must be", "{letter}) {text}", "{text}"],
)
def test_an_option_is_taken_by_its_letter_and_by_its_words(form):
    asked = [exercise.check for exercise in load_exercises().values() if isinstance(exercise.check, Choice)]
    asked += [prediction for prediction in load_predictions().values() if hasattr(prediction, "options")]
    for question in asked:
        for letter, text in question.options.items():
            assert question.read(form.format(letter=letter, LETTER=letter.upper(), text=text)) == letter
