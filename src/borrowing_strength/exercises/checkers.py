"""The kinds of answer an exercise can ask for, and how each is judged."""

import copy
import functools
import itertools
import linecache
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, override

import numpy as np
from scipy.optimize import brentq

from borrowing_strength.exercises import limits, reading
from borrowing_strength.exercises.reading import Unreadable, describe, show_number

Kind = Literal["not tried", "right", "not yet"]


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Attributes
    ----------
    kind : {"not tried", "right", "not yet"}
        The outcome.
    says : str
        The diagnosis, for "not yet".
    """

    kind: Kind
    says: str = ""


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that many people give, and what to tell them.

    Attributes
    ----------
    code : str
        Lines that, put in the place of the stub, make the mistake; the tests run them in the notebook.
    says : str
        The diagnosis. Backticks mark code.
    value : callable, optional
        Returns the wrong answer: a number, array, function, model or (mean, sd). It is compared with the
        tolerance of the check.
    when : callable, optional
        Given what the learner passed, tells whether this is the mistake. One that raises means no.
    """

    code: str
    says: str
    value: Callable[[], Any] | None = None
    when: Callable[[Any], bool] | None = None


@functools.cache
def evaluate(thunk: Callable[[], Any]) -> Any:
    """Call a record's zero-argument function once, and remember what it returned."""
    return thunk()


class Checker:
    """What all checkers share: the order of the questions, the time limit, the refusal to raise.

    A subclass reads the answer once (`read`), names what is wrong with it (`problem`) and can compare it
    with a known wrong answer (`same`).
    """

    def prepare(self) -> None:
        """Compute what the answer is compared with, so that it does not count as the learner's time."""

    def read(self, answer: Any) -> Any:
        """Turn the answer into what `problem` and `same` need, or raise `Unreadable`."""
        raise NotImplementedError

    def problem(self, reading: Any) -> str | None:
        """Say what is wrong with the answer, None if it is right."""
        raise NotImplementedError

    def same(self, reading: Any, wrong: Any) -> bool:
        """Tell whether the answer is this known wrong one."""
        raise NotImplementedError

    def expecting(self, solution: Callable[[], Any]) -> "Checker":
        """Take the solution's value as the right one, unless the check has its own."""
        return replace(self, expected=solution) if getattr(self, "expected", solution) is None else self

    def solution_of(self, name: str) -> str:
        """Write the solution of a check that holds it, as code that assigns to `name`."""
        return f'{name} = "{self.right}"' if isinstance(self, Choice | Order) else ""

    def stub_of(self, name: str) -> str:
        """Write the stub of an exercise that asks for one value."""
        return f"{name} = ..."

    def known_mistakes(self, name: str) -> tuple[Mistake, ...]:
        """List the mistakes that the checker diagnoses by itself, as code that assigns to `name`."""
        return ()

    def judge(self, answer: Any, mistakes: Sequence[Mistake] = (), seconds: float = limits.SECONDS) -> Verdict:
        """Judge an answer. Never raises, never takes much longer than `seconds`.

        Parameters
        ----------
        answer : object
            Whatever the learner passed.
        mistakes : sequence of Mistake
            The known mistakes, the most specific first.
        seconds : float
            Time limit.

        Returns
        -------
        Verdict
            The outcome and, for "not yet", the diagnosis.
        """
        try:
            self.prepare()
            for mistake in mistakes:
                if mistake.value is not None:
                    evaluate(mistake.value)
        except Exception as error:
            reason = f"The check could not work out the answer itself ({type(error).__name__}: {error}). "
            return Verdict("not yet", reason + "That is a fault of the course, not yours: please report it.")
        try:
            return limits.run(lambda: self._verdict(answer, mistakes), seconds)
        except limits.TimeExpired:
            return Verdict("not yet", f"Stopped after {seconds:g} seconds. Is there a loop that does not end?")
        except BaseException as error:
            return Verdict("not yet", f"Reading your answer, {describe(answer)}, ended in `{type(error).__name__}`.")

    def _verdict(self, answer: Any, mistakes: Sequence[Mistake]) -> Verdict:
        if reading.has_gap(answer):
            return Verdict("not tried")
        try:
            read = self.read(answer)
        except NotTried:
            return Verdict("not tried")
        except Unreadable as reason:
            return Verdict("not yet", self._known(answer, None, mistakes) or str(reason))
        problem = self.problem(read)
        if problem is None:
            return Verdict("right")
        return Verdict("not yet", self._known(answer, read, mistakes) or problem)

    def _known(self, answer: Any, read: Any, mistakes: Sequence[Mistake]) -> str | None:
        return next((mistake.says for mistake in mistakes if self._fits(mistake, answer, read)), None)

    def _fits(self, mistake: Mistake, answer: Any, read: Any) -> bool:
        try:
            if mistake.when is not None and bool(mistake.when(answer)):
                return True
            return mistake.value is not None and read is not None and self.same(read, evaluate(mistake.value))
        except Exception:  # a test that fails on a strange answer has not recognised it
            return False


class NotTried(Exception):
    """Found only while reading: the answer still has a gap."""


def _close(values: np.ndarray, wanted: np.ndarray, abs_tol: float, rel_tol: float) -> np.ndarray:
    # A relative margin of a few rounding errors keeps a tolerance such as 0.005 inclusive at its edge.
    margin = np.maximum(abs_tol, rel_tol * np.abs(wanted)) * (1 + 1e-9)
    return np.abs(values - wanted) <= margin


def _require_tolerance(checker: str, abs_tol: float, rel_tol: float) -> None:
    if not (abs_tol >= 0 and rel_tol >= 0 and abs_tol + rel_tol > 0):
        raise ValueError(f"{checker} needs abs_tol or rel_tol above zero, got {abs_tol} and {rel_tol}")


@dataclass(frozen=True)
class Number(Checker):
    """One number, within a tolerance.

    Attributes
    ----------
    expected : callable
        Returns the right number; called once, when first needed.
    abs_tol, rel_tol : float
        The answer may be off by the larger of `abs_tol` and `rel_tol` times the right number.
    also : sequence of float
        Other numbers that are as good, such as the right one from rounded parts.
    """

    expected: Callable[[], float] | None = None
    abs_tol: float = 0.0
    rel_tol: float = 0.0
    also: Sequence[float] = ()

    def __post_init__(self) -> None:
        _require_tolerance("Number", self.abs_tol, self.rel_tol)

    @override
    def prepare(self) -> None:
        evaluate(self.expected)

    @override
    def read(self, answer: Any) -> np.ndarray:
        return reading.numbers(answer)

    @override
    def same(self, read: np.ndarray, wrong: Any) -> bool:
        wrong = np.asarray(wrong, dtype=float)
        return read.size == wrong.size and bool(np.all(_close(read.ravel(), wrong.ravel(), self.abs_tol, self.rel_tol)))

    @override
    def problem(self, read: np.ndarray) -> str | None:
        wanted = float(evaluate(self.expected))
        if read.size != 1:
            return f"One number is asked for; you passed {read.size}."
        value = float(read.ravel()[0])
        if self.same(read, wanted) or np.any(np.isclose(value, self.also, rtol=1e-9)):
            return None
        return f"You passed {show_number(value)}. {self._direction(value, wanted)}"

    def _direction(self, value: float, wanted: float) -> str:
        if not np.isfinite(value):
            return "Look for a division by zero or a missing value."
        if self.same(np.asarray(value / 100), wanted):
            return "That is a percentage: give it as a fraction."
        if self.same(np.asarray(-value), wanted):
            return "The size is right, the sign is not."
        if any(value == round(wanted, digits) for digits in (2, 3, 4)):
            return "Right as far as it goes, but rounded: store the expression instead of typing its value."
        return "That is too high." if value > wanted else "That is too low."


@dataclass(frozen=True)
class Array(Checker):
    """Several numbers in a given order, each within a tolerance.

    Attributes
    ----------
    expected : callable
        Returns the right numbers, of any shape.
    abs_tol, rel_tol : float
        As for `Number`, item by item.
    labels : sequence of str, optional
        Names of the items, in order (one-dimensional answers only). With them a learner's labelled
        Series or dict is checked label by label, and the diagnosis can name an item.
    """

    expected: Callable[[], Any] | None = None
    abs_tol: float = 0.0
    rel_tol: float = 0.0
    labels: Sequence[str] | None = None

    def __post_init__(self) -> None:
        _require_tolerance("Array", self.abs_tol, self.rel_tol)

    @property
    def wanted(self) -> np.ndarray:
        """The right numbers."""
        return np.asarray(evaluate(self.expected), dtype=float)

    @override
    def prepare(self) -> None:
        evaluate(self.expected)

    @override
    def read(self, answer: Any) -> tuple[np.ndarray, tuple[Any, ...] | None]:
        return reading.numbers(answer), reading.labels_of(answer)

    @override
    def same(self, read: tuple[np.ndarray, Any], wrong: Any) -> bool:
        return self._equal(read[0], np.asarray(wrong, dtype=float))

    def _equal(self, values: np.ndarray, wanted: np.ndarray) -> bool:
        return values.shape == wanted.shape and bool(np.all(self._hits(values, wanted)))

    def _hits(self, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        return _close(values, wanted, self.abs_tol, self.rel_tol)

    @override
    def problem(self, read: tuple[np.ndarray, tuple[Any, ...] | None]) -> str | None:
        values, labels = read
        if values.shape != self.wanted.shape:
            return self._wrong_shape(values)
        if self.labels is not None and labels is not None and labels != tuple(self.labels):
            return self._wrong_labels(values, labels)
        if self._equal(values, self.wanted):
            return None
        return self._wrong_values(values)

    def _wrong_shape(self, values: np.ndarray) -> str:
        wanted = self.wanted
        if values.ndim == 0:
            return f"{wanted.size} numbers are asked for; you passed one."
        if wanted.ndim == values.ndim == 1:
            return f"{wanted.size} numbers are asked for; you passed {values.size}."
        if values.ndim == 2 and values.T.shape == wanted.shape:
            return f"Your array has shape {values.shape}: rows and columns are swapped."
        return f"An array of shape {wanted.shape} is asked for; yours has shape {values.shape}."

    def _wrong_labels(self, values: np.ndarray, labels: tuple[Any, ...]) -> str:
        asked = f"The order asked for is {', '.join(self.labels)}"
        if set(labels) != set(self.labels):
            return f"Your labels are not the expected ones. {asked}."
        if self._equal(values, self.wanted):
            return f"The numbers are right, but they carry each other's labels. {asked}."
        if self._equal(values[[labels.index(label) for label in self.labels]], self.wanted):
            return f"Each label has its right number, but the labels come in another order. {asked}."
        return f"Your labels come in another order, and not all numbers are right. {asked}."

    def _wrong_values(self, values: np.ndarray) -> str:
        if not np.all(np.isfinite(values)):
            places = self._places(~np.isfinite(values))
            return f"{places} not finite. Look for a division by zero or a missing value."
        if self._equal(np.sort(values, axis=None), np.sort(self.wanted, axis=None)):
            return "These are the right numbers, in the wrong order."
        if self._equal(values / 100, self.wanted):
            return "These are percentages: give them as fractions."
        misses = ~self._hits(values, self.wanted)
        if misses.all():
            return f"None of the {values.size} numbers is right yet."
        hits = values.size - int(misses.sum())
        return f"{hits} of {values.size} numbers are right; {self._places(misses)} not."

    def _places(self, where: np.ndarray) -> str:
        if where.ndim != 1:
            return f"{int(where.sum())} are" if where.sum() > 1 else "one is"
        names = [self.labels[i] if self.labels is not None else f"number {i}" for i in np.flatnonzero(where)]
        shown = ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")
        if self.labels is None:
            shown += " (counting from 0)"
        return f"{shown} {'is' if len(names) == 1 else 'are'}"


@dataclass(frozen=True)
class Choice(Checker):
    """One option out of several.

    Attributes
    ----------
    options : mapping of str to str
        What each letter stands for.
    right : str
        The right letter.
    wrong : mapping of str to str
        For every other letter, what choosing it reveals. They count as the exercise's mistakes.
    """

    options: Mapping[str, str]
    right: str
    wrong: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if any(letter != letter.casefold() for letter in self.options):
            raise ValueError(f"Choice needs its letters in lower case, got {sorted(self.options)}")
        others = set(self.options) - {self.right}
        if self.right not in self.options or others != set(self.wrong):
            raise ValueError(
                f"Choice needs a sentence for each wrong option: {sorted(others)}, got {sorted(self.wrong)}"
            )

    @override
    def known_mistakes(self, name: str) -> tuple[Mistake, ...]:
        return tuple(
            Mistake(f'{name} = "{letter}"', self.wrong[letter]) for letter in self.options if letter in self.wrong
        )

    @override
    def read(self, answer: Any) -> str:
        if not isinstance(answer, str):
            raise Unreadable(f"You passed {describe(answer)}. Choose {self._letters()}, in quotes.")
        letter = re.sub(r"[\s().:]", "", answer[:40]).casefold()
        if letter not in self.options:
            raise Unreadable(f"You passed {describe(answer)}. Choose {self._letters()}.")
        return letter

    @override
    def stub_of(self, name: str) -> str:
        return f"{name} = ...  # {self._letters().replace('`', '')}"

    def _letters(self) -> str:
        *most, last = (f'`"{letter}"`' for letter in self.options)
        return f"{', '.join(most)} or {last}"

    @override
    def problem(self, read: str) -> str | None:
        return None if read == self.right else self.wrong[read]

    @override
    def same(self, read: str, wrong: Any) -> bool:
        return read == wrong


@dataclass(frozen=True)
class Order(Checker):
    """Things in the right order, named by letters or single digits.

    Attributes
    ----------
    right : str
        The right order, such as ``"cabd"``.
    also : sequence of str
        Other orders that are as good.
    wrong : mapping of str to str
        Orders that reveal something, and what. They count as the exercise's mistakes; the first that fits is told.
        An order in full, or a relation: ``"f before e"``, ``"a or d first"``, ``"b not last"``.
    """

    right: str
    also: Sequence[str] = ()
    wrong: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not re.fullmatch("[a-z0-9]+", self.right):
            raise ValueError(f"Order needs small letters or digits, got {self.right!r}")
        for order in (*self.also, *(text for text in self.wrong if " " not in text)):
            if sorted(order) != sorted(self.right):
                raise ValueError(f"Order {order!r} does not hold the same items as {self.right!r}")
        for text in self.wrong:
            if any(holds_in(text, order) for order in (self.right, *self.also)):
                raise ValueError(f"Order needs wrong relations, and {text!r} holds in a right order")

    @override
    def known_mistakes(self, name: str) -> tuple[Mistake, ...]:
        return tuple(Mistake(f'{name} = "{self._example(text)}"', says) for text, says in self.wrong.items())

    def _example(self, relation: str) -> str:
        """An order that is told this, as near to the right one as can be."""
        orders = sorted(
            map("".join, itertools.permutations(self.right)), key=lambda order: -_common_prefix(order, self.right)
        )
        return next(order for order in orders if self._told(order) == relation)

    def _told(self, order: str) -> str | None:
        return next((text for text in self.wrong if holds_in(text, order)), None)

    @override
    def read(self, answer: Any) -> str:
        if isinstance(answer, np.ndarray):
            answer = answer.ravel()[:100].tolist()
        if isinstance(answer, list | tuple):
            answer = "".join(str(item) for item in answer[:100] if isinstance(item, str | int))
        if not isinstance(answer, str):
            raise Unreadable(
                f'You passed {describe(answer)}. Write the order as text, such as `"{min(self.right)}..."`.'
            )
        return re.sub(r"[^a-z0-9]", "", answer[:200].casefold())

    @override
    def problem(self, read: str) -> str | None:
        if read == self.right or read in self.also:
            return None
        if sorted(read) != sorted(self.right):
            return f"Each of {', '.join(sorted(self.right))} is needed exactly once."
        told = self._told(read)
        return self._first_slip(read) if told is None else self.wrong[told]

    def _first_slip(self, read: str) -> str:
        good = max(_common_prefix(read, order) for order in (self.right, *self.also))
        if good == 0:
            return f"`{read[0]}` cannot come first."
        return f"Right up to `{read[good - 1]}`; `{read[good]}` cannot come next."

    @override
    def same(self, read: str, wrong: Any) -> bool:
        return read == wrong


def holds_in(relation: str, order: str) -> bool:
    """Tell whether an order is the one named, or has a relation such as ``"a or d before c"`` or ``"b not last"``."""
    if " " not in relation:
        return order == relation
    found = re.fullmatch(r"(\w(?: or \w)*) (?:(not )?(first|last)|(before|after) (\w))", relation)
    if found is None:
        raise ValueError(f"Order needs relations such as 'f before e' or 'b not last', got {relation!r}")
    items, negated, end, side, other = found[1].split(" or "), found[2], found[3], found[4], found[5]
    if end:
        return (order[0 if end == "first" else -1] in items) != bool(negated)
    return any((order.index(item) < order.index(other)) == (side == "before") for item in items)


def _common_prefix(first: str, second: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b), len(first))


@dataclass(frozen=True)
class Function(Checker):
    """A function, called on several inputs and compared with the right one.

    Attributes
    ----------
    expected : callable, optional
        Returns the right function.
    cases : sequence of tuples
        The arguments of each call.
    parts : sequence of str
        What the numbers (or rows) that it returns are called, such as ``("mean", "precision")``.
    abs_tol, rel_tol : float
        As for `Array`.
    """

    expected: Callable[[], Callable[..., Any]] | None = None
    cases: Sequence[tuple[Any, ...]] = ()
    parts: Sequence[str] = ()
    abs_tol: float = 0.0
    rel_tol: float = 0.0

    def __post_init__(self) -> None:
        _require_tolerance("Function", self.abs_tol, self.rel_tol)
        if not self.cases or not all(isinstance(case, tuple) for case in self.cases):
            raise ValueError("Function needs cases, each a tuple of arguments")

    @override
    def prepare(self) -> None:
        self._outputs(evaluate(self.expected))

    def _outputs(self, function: Callable[..., Any]) -> list[np.ndarray]:
        return [np.asarray(function(*copy.deepcopy(case)), dtype=float) for case in self.cases]

    @override
    def read(self, answer: Any) -> list[np.ndarray]:
        if not callable(answer):
            raise Unreadable(f"You passed {describe(answer)}. Pass the function itself: its name, without parentheses.")
        return [self._call(answer, case) for case in self.cases]

    def _call(self, function: Callable[..., Any], case: tuple[Any, ...]) -> np.ndarray:
        try:
            output = function(*copy.deepcopy(case))
        except Exception as error:
            if isinstance(error, TypeError) and reading.code_has_gap(function):
                raise NotTried from error
            raise Unreadable(_tell_error(error, function, case)) from error
        if reading.has_gap(output) or (output is None and reading.code_has_gap(function)):
            raise NotTried
        try:
            return reading.numbers(output)
        except Unreadable as error:
            said = str(error).replace("You passed", "it returned")
            raise Unreadable(f"Called with {_show_case(case)}, {said[0].lower()}{said[1:]}") from None

    @override
    def same(self, read: list[np.ndarray], wrong: Any) -> bool:
        return all(map(self._equal, read, self._outputs(wrong)))

    def _equal(self, output: np.ndarray, wanted: np.ndarray) -> bool:
        return bool(np.all(self._right(output, wanted)))

    def _right(self, output: np.ndarray, wanted: np.ndarray) -> Any:
        """Which numbers are right; none if the shape is wrong."""
        return output.shape == wanted.shape and _close(output, wanted, self.abs_tol, self.rel_tol)

    @override
    def problem(self, read: list[np.ndarray]) -> str | None:
        for case, output, wanted in zip(self.cases, read, self._outputs(evaluate(self.expected)), strict=True):
            right = self._right(output, wanted)
            if not np.all(right):
                named = self._tell_parts(output, wanted, right)
                if named:
                    return named
                return f"Called with {_show_case(case)}, your function returned {_tell_output(output, wanted, right)}"
        return None

    def _tell_parts(self, output: np.ndarray, wanted: np.ndarray, right: Any) -> str:
        """Say which of the named parts are right and which are not, if some are."""
        if not self.parts or output.shape != wanted.shape:
            return ""
        good = [name for name, hits in zip(self.parts, right, strict=True) if np.all(hits)]
        bad = [name for name in self.parts if name not in good]
        verb = ("is", "are")
        if not good:
            return ""
        right, wrong = (f"The {' and the '.join(names)} {verb[len(names) > 1]}" for names in (good, bad))
        return f"{right} right. {wrong} not."


def _tell_output(output: np.ndarray, wanted: np.ndarray, right: Any) -> str:
    if output.shape != wanted.shape:
        form = "one number" if wanted.ndim == 0 else f"an array of shape {wanted.shape}"
        received = "one number" if output.ndim == 0 else f"an array of shape {output.shape}"
        return f"{received}; {form} is asked for."
    if output.ndim == 0 and np.isfinite(output):
        return f"{show_number(float(output))}. That is too {'high' if output > wanted else 'low'}."
    if output.ndim == 0:
        return f"{show_number(float(output))}."
    places = np.argwhere(~right)
    first = tuple(int(i) for i in places[0])
    where = f"[{', '.join(map(str, first))}]"
    if len(places) == output.size:
        return f"an array in which no number is right; at `{where}` stands {show_number(float(output[first]))}."
    return (
        f"an array in which {output.size - len(places)} of {output.size} numbers are right; "
        f"at `{where}`, for example, {show_number(float(output[first]))} is not."
    )


def _show_case(case: tuple[Any, ...]) -> str:
    shown = ", ".join(np.array2string(np.asarray(value), separator=", ", threshold=6, precision=4) for value in case)
    return f"`({shown})`"


def _tell_error(error: Exception, function: Any, case: tuple[Any, ...]) -> str:
    message = f"{type(error).__name__}: {str(error)[:200]}"
    line = _line_of(error, function)
    place = f" at your line `{line}`" if line else ""
    return f"Called with {_show_case(case)}, your function stopped{place} with `{message}`."


def _line_of(error: Exception, function: Any) -> str:
    """Find the deepest line of the learner's own code on the way to the error."""
    own_file = getattr(getattr(function, "__code__", None), "co_filename", None)
    line, step = "", error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if code.co_filename == own_file:
            line = linecache.getline(code.co_filename, step.tb_lineno, step.tb_frame.f_globals).strip()
        step = step.tb_next
    return line


@dataclass(frozen=True)
class Draws(Checker):
    """Random draws from a known distribution, judged by their mean, their standard deviation and their shares.

    All must agree within `errors` Monte Carlo standard errors. An array of shape (chain, draw), or an
    xarray object with these dimensions, is judged by its effective sample size; any other by its length.

    Attributes
    ----------
    mean, sd : callable
        Return the mean and the standard deviation of the distribution.
    cdf : callable
        The distribution function: the shares of draws below six points are compared with it.
    minimum : int
        How many draws are asked for at least.
    errors : float
        How many standard errors are forgiven. A mistake's `value` returns a wrong (mean, sd).
    """

    mean: Callable[[], float]
    sd: Callable[[], float]
    cdf: Callable[[float], float] | None = None
    minimum: int = 400
    errors: float = 4.0

    @override
    def prepare(self) -> None:
        evaluate(self.mean), evaluate(self.sd)

    @override
    def read(self, answer: Any) -> "_Drawn":
        values = reading.numbers(_chains_first(answer))
        if values.ndim not in (1, 2):
            raise Unreadable(f"Draws of one quantity are asked for; yours have shape {values.shape}.")
        if values.size < self.minimum:
            raise Unreadable(f"At least {self.minimum:,} draws are asked for; you passed {values.size:,}.")
        if not np.all(np.isfinite(values)):
            raise Unreadable("Some of your draws are not finite numbers.")
        return _Drawn(values)

    @override
    def same(self, read: "_Drawn", wrong: Any) -> bool:
        if isinstance(wrong, tuple):
            return self._mean_agrees(read, wrong[0]) and self._sd_agrees(read, wrong[1])
        other = _Drawn(reading.numbers(_chains_first(wrong)))
        points = np.quantile(other.values, _SHARES)
        size = 1 / (1 / read.size + 1 / other.size)
        return self._shares_agree(np.array([np.mean(read.values <= x) for x in points]), size)

    def _mean_agrees(self, read: "_Drawn", mean: float) -> bool:
        return abs(read.mean - mean) <= self.errors * read.mean_error

    def _sd_agrees(self, read: "_Drawn", sd: float) -> bool:
        return abs(read.sd - sd) <= self.errors * read.sd_error

    def _shares_agree(self, shares: np.ndarray, size: float) -> bool:
        wanted = np.array(_SHARES)
        return bool(np.all(np.abs(shares - wanted) <= self.errors * np.sqrt(wanted * (1 - wanted) / size) + 1 / size))

    @override
    def problem(self, read: "_Drawn") -> str | None:
        mean, sd = evaluate(self.mean), evaluate(self.sd)
        if read.sd == 0:
            return "All your draws are the same number."
        if not self._mean_agrees(read, mean):
            off = abs(read.mean - mean) / read.mean_error
            side = "high" if read.mean > mean else "low"
            received = f"The mean of your draws is {show_number(read.mean)}"
            return f"{received}: {off:.0f} Monte Carlo standard errors too {side}."
        if not self._sd_agrees(read, sd):
            side = "widely" if read.sd > sd else "narrowly"
            received = f"their standard deviation is {show_number(read.sd)}"
            return f"The mean is right, but your draws are spread too {side}: {received}."
        if self.cdf is not None and not self._shares_agree(self._shares(read, mean, sd), read.size):
            return "The mean and the spread are about right, the shape is not: look at where the draws lie."
        return None

    def _shares(self, read: "_Drawn", mean: float, sd: float) -> np.ndarray:
        """The shares of draws below the exact quantiles."""
        points = [brentq(lambda x, p=p: self.cdf(x) - p, mean - 30 * sd, mean + 30 * sd) for p in _SHARES]
        return np.array([np.mean(read.values <= x) for x in points])


_SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def _chains_first(answer: Any) -> Any:
    dims = getattr(answer, "dims", None)
    return answer.transpose("chain", "draw") if isinstance(dims, tuple) and set(dims) == {"chain", "draw"} else answer


class _Drawn:
    """What is known of draws: their values, how many independent ones they are worth, their moments."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values
        self.size = _effective_size(values) if values.ndim == 2 and min(values.shape) > 1 else values.size
        self.mean, self.sd = float(values.mean()), float(values.std())
        kurtosis = float(np.mean((values - self.mean) ** 4)) / self.sd**4 if self.sd > 0 else 3.0
        # Delta method: the variance of a sample sd is sd^2 (kurtosis - 1) / (4 n).
        self.mean_error = self.sd / np.sqrt(self.size)
        self.sd_error = float(self.sd * np.sqrt(max(kurtosis - 1, 0.5) / (4 * self.size)))


def _effective_size(values: np.ndarray) -> float:
    from arviz_stats.base import array_stats

    # Chains are fewer than draws: a plain array may come either way round.
    chains = values if len(values) <= values.shape[1] else values.T
    return float(array_stats.ess(chains, chain_axis=0, draw_axis=1))
