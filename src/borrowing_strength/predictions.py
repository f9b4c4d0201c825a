"""Predictions: a guess that is made before a result is seen, and put beside it where the lesson gets there.

Each lesson's folder holds its own in `predictions.py`. There is no score: a guess that is far off is worth most.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from numbers import Real
from typing import Any

from borrowing_strength.core import state
from borrowing_strength.core.inputs import scalar
from borrowing_strength.exercises.choices import letters_meant
from borrowing_strength.exercises.feedback import Feedback
from borrowing_strength.exercises.records import lesson_records


def predict(prediction_id: str, guess: Any) -> Feedback:
    """Keep a guess. Never raises, and says nothing about how good it is.

    Parameters
    ----------
    prediction_id : str
        Such as ``"1.a"``.
    guess : object
        What the text asks for: a number (or text such as ``"10%"``), several numbers, a letter, or an order.

    Returns
    -------
    Feedback
        That the guess is kept, or how a guess is written here. A notebook shows it at once.
    """
    prediction = load_predictions().get(str(prediction_id).strip())
    if prediction is None:
        return Feedback("note", "which prediction?", [f"There is none called {str(prediction_id)[:40]!r}."]).shown()
    if guess is ...:
        text = f"{prediction.id} · {prediction.how}, in place of `...`; or go on without a guess"
        return Feedback("prediction", text).shown()
    try:
        read = prediction.read(scalar(guess), typed=True)
    except Exception:  # whatever a strange object raises when it is looked at
        read = None
    if read is None:
        return Feedback("prediction", f"{prediction.id} · not kept", [f"Here a guess is {prediction.how}."]).shown()
    state.change(f"prediction-{prediction.id}", lambda before: read, prediction.read)
    about = f"{prediction.id} · kept: {prediction.show(read)}"
    return Feedback("prediction", about, footer=state.notices()).shown()


def reveal(prediction_id: str, truth: Any = None) -> Feedback:
    """Put the guess beside the result.

    Parameters
    ----------
    prediction_id : str
        Such as ``"1.a"``.
    truth : object, optional
        The result, as the lesson has just computed it; not needed where the answer does not depend on a computation.

    Returns
    -------
    Feedback
        The guess, if one was made, the result, and why. A notebook shows it at once.

    Raises
    ------
    ValueError
        If there is no such prediction, or the result is not one.
    """
    if prediction_id not in load_predictions():
        raise ValueError(f"prediction_id: there is no prediction {prediction_id!r}")
    prediction = load_predictions()[prediction_id]
    answer = prediction.read(prediction.answer if truth is None else scalar(truth))
    if answer is None:
        raise ValueError(f"truth: {truth!r} is no answer to prediction {prediction_id}, which is {prediction.how}")
    guess = state.read(f"prediction-{prediction.id}", prediction.read)
    result = prediction.compare(guess, answer) if guess is not None else f"Result: {prediction.show(answer)}."
    return Feedback("prediction", prediction.id, [result, prediction.why]).shown()


@dataclass(frozen=True)
class _Prediction:
    """What is asked, and what is said beside the answer."""

    id: str
    why: str
    answer: Any = None

    @property
    def example(self) -> Any:
        """Some guess that can be read."""
        raise NotImplementedError

    @property
    def lesson(self) -> str:
        """The number of the lesson in two digits, as its file names have it."""
        return self.id.split(".")[0].zfill(2)

    def compare(self, guess: Any, answer: Any) -> str:
        """Say both in a sentence."""
        same = "; so it is" if guess == answer else f"; it is {self.show(answer)}"
        return f"You said {self.show(guess)}{same}."


@dataclass(frozen=True)
class _Numbers(_Prediction):
    units: Mapping[str, str] = None

    @property
    def how(self) -> str:
        (unit, *more) = self.units.values()
        if not more:
            return {"": "a number, such as 0.25", "%": 'a number, such as 10 or "10%"'}.get(
                unit, "a number, such as 10"
            )
        return f"{len(self.units)} numbers in brackets, for {', '.join(self.units)}"

    @property
    def example(self) -> tuple[float, ...]:
        return (1.0,) * len(self.units)

    def read(self, guess: Any, typed: bool = False) -> list[float] | None:
        items = [guess] if isinstance(guess, str | Real) else list(guess) if isinstance(guess, Iterable) else []
        found = [_number(item, unit, typed) for item, unit in zip(items, self.units.values(), strict=False)]
        return found if len(items) == len(self.units) and None not in found else None

    def show(self, values: Sequence[float]) -> str:
        return "; ".join(f"{name}{_digits(value, unit)}{tail}" for value, name, unit, tail in self._rows(values))

    def compare(self, guess: Sequence[float], answer: Sequence[float]) -> str:
        parts = []
        for guessed, (value, name, unit, tail) in zip(guess, self._rows(answer), strict=True):
            said = f"{name}you said {_digits(guessed, unit)}, it is {_digits(value, unit)}{tail}"
            parts.append(said + _how_far(guessed, value))
        text = "; ".join(parts) + "."
        return text[0].upper() + text[1:]

    def _rows(self, values: Sequence[float]) -> Iterable[tuple[float, str, str, str]]:
        """Pair each number with what stands before it, its unit, and what follows it."""
        for value, (name, unit) in zip(values, self.units.items(), strict=True):
            yield value, f"{name}: " if name else "", unit, "" if unit in ("", "%") else f" {unit}"


@dataclass(frozen=True)
class _Choice(_Prediction):
    options: Mapping[str, str] = None

    @property
    def how(self) -> str:
        return f"one of the letters {', '.join(self.options)}, in quotes"

    @property
    def example(self) -> str:
        return min(self.options)

    def read(self, guess: Any, typed: bool = False) -> str | None:
        meant = letters_meant(self.options, guess[:300]) if isinstance(guess, str) else []
        return meant[0] if len(meant) == 1 else None

    def show(self, letter: str) -> str:
        return f"{letter}) {self.options[letter]}"


@dataclass(frozen=True)
class _Order(_Prediction):
    names: tuple[str, ...] = ()

    @property
    def how(self) -> str:
        return f'the {len(self.names)} names in your order, such as "{self.example}"'

    @property
    def example(self) -> str:
        return ", ".join(self.names)

    def read(self, guess: Any, typed: bool = False) -> list[str] | None:
        items = re.split(r"\s*[,;<>]\s*", guess.strip()) if isinstance(guess, str) else guess
        if not isinstance(items, Iterable):
            return None
        if isinstance(guess, str) and len(items) == 1:  # names of one word need no commas, initials no spaces
            items = guess.split() if len(guess.split()) > 1 else list(guess)
        found = [self._name(str(item)) for item in items]
        return found if None not in found and sorted(found) == sorted(self.names) else None

    def _name(self, text: str) -> str | None:
        exact = [name for name in self.names if name.lower() == text.strip().lower()]
        begin = [name for name in self.names if text.strip() and name.lower().startswith(text.strip().lower())]
        return (exact or begin or [None])[0] if exact or len(begin) == 1 else None

    def show(self, names: Sequence[str]) -> str:
        return ", ".join(names)


def numbers(id: str, what: str | Mapping[str, str], *, why: str) -> _Prediction:
    """Ask for a number of `what` (a unit, or words that follow the number; "%" takes 0.1, 10 and "10%" as the same).

    A mapping asks for several, from the name of each to its unit. The lesson passes the result to `reveal`.
    """
    return _Numbers(id, why, units={"": what} if isinstance(what, str) else dict(what))


def choice(id: str, options: Mapping[str, str], *, answer: str, why: str) -> _Prediction:
    """Ask for one of several options, from their letters to their texts, which the question shows."""
    return _checked(_Choice(id, why, answer, dict(options)))


def order(id: str, names: Sequence[str], *, answer: Sequence[str] | None = None, why: str) -> _Prediction:
    """Ask for the names in an order; without an answer the lesson passes it to `reveal`."""
    return _checked(_Order(id, why, answer, tuple(names)))


def _checked(prediction: _Prediction) -> _Prediction:
    if prediction.answer is not None and prediction.read(prediction.answer) is None:
        raise ValueError(f"prediction {prediction.id!r}: answer {prediction.answer!r} is not {prediction.how}")
    return prediction


@cache
def load_predictions() -> dict[str, _Prediction]:
    """Collect the predictions of every lesson's folder, by id, in the order of the course."""
    found = lesson_records("predictions", "PREDICTIONS")
    return {prediction.id: prediction for prediction in sorted(found, key=lambda p: (int(p.lesson), p.id))}


def _number(item: Any, unit: str, typed: bool) -> float | None:
    """Read a number; what was typed for a percentage means the same as 0.1, 10 and "10%"."""
    text = str(item).strip().replace(",", "").replace("−", "-")
    percent = text.endswith("%")
    try:
        value = float(text.rstrip("% ")) if isinstance(item, str) else float(item)
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(value) or isinstance(item, bool) or (percent and unit != "%"):
        return None
    return value / 100 if percent or (typed and unit == "%" and abs(value) > 1) else value


def _digits(value: float, unit: str) -> str:
    """Write a number with three digits that count."""
    if unit == "%":
        return f"{100 * value:.3g}%"
    return f"{value:,.0f}" if 100 <= abs(value) < 1e15 or value == round(value) else f"{value:.3g}"


def _how_far(guess: float, truth: float) -> str:
    """Say how many times too small or too large a guess was, where that is worth saying."""
    if min(guess, truth) <= 0 or max(guess, truth) < 1.5 * min(guess, truth):
        return ""
    low, high = sorted((guess, truth))
    return f" (your guess is {high / low:.2g} times too {'small' if guess < truth else 'large'})"
