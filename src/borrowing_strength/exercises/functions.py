"""Answers that are functions, called on several inputs."""

import contextlib
import copy
import dis
import inspect
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from borrowing_strength.exercises import parts, read_answer, slips
from borrowing_strength.exercises.judge import EXACT, NEAR, Checker, NotTried, once
from borrowing_strength.exercises.numbers import close, is_rounded_to, require_tolerance
from borrowing_strength.exercises.parts import Parts
from borrowing_strength.exercises.read_answer import Unreadable, describe, show_number

NO_FUNCTION = "Pass the function itself: its name, without parentheses."
OF_NOTEBOOK = "A function should use its arguments, not what the notebook happens to hold."
OTHER_AXIS = "It gives a number for each row where one for each column is asked for, or the reverse: see `axis`."
UNUSED = "Your function never uses its argument `{}`."
ONE_SIZE = "It fits one size of input: a size that belongs to the argument is written as a number."


class Called(NamedTuple):
    """A function and what it returned for each case."""

    function: Callable[..., Any]
    outputs: list[np.ndarray]


@dataclass(frozen=True)
class Function(Checker):
    """A function, called with several tuples of arguments and compared with the right one.

    `parts` names the numbers (or rows) that it returns; arrays of different shapes are compared by their `means`.
    """

    expected: Callable[[], Callable[..., Any]] | None = None
    slack = 4  # each mistake that it is compared with is called once
    cases: Sequence[tuple[Any, ...]] = ()
    parts: Sequence[str] = ()
    means: bool = False
    abs_tol: float = 0.0
    rel_tol: float = 0.0
    _known: dict[Any, list[np.ndarray]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        require_tolerance("Function", self.abs_tol, self.rel_tol)
        if not self.cases or not all(isinstance(case, tuple) for case in self.cases):
            raise ValueError("Function needs cases, each a tuple of arguments")

    def prepare(self) -> None:
        once(self._right_outputs)

    def _right_outputs(self) -> list[np.ndarray]:
        return self._outputs(once(self.expected))

    def _outputs(self, function: Callable[..., Any]) -> list[np.ndarray]:
        return [np.asarray(self._packed(function(*copy.deepcopy(case))), dtype=float) for case in self.cases]

    def _packed(self, output: Any) -> Any:
        if self.means and isinstance(output, tuple | list):
            with contextlib.suppress(Exception):  # what has no mean is read as it is, and refused
                return [float(np.mean(part)) for part in output]
        return output

    @property
    def _arguments(self) -> list[str]:
        return list(inspect.signature(once(self.expected)).parameters)

    def _numbers(self, case: tuple[Any, ...]) -> dict[str, float]:
        """Name the numbers of a case: its scalar arguments, and the lengths of its arrays."""
        named = list(zip(self._arguments, case, strict=False))
        scalars = {f"`{name}`": float(value) for name, value in named if isinstance(value, int | float)}
        lengths = {f"`len({name})`": float(len(value)) for name, value in named if isinstance(value, np.ndarray)}
        return {"2": 2.0} | scalars | lengths

    def read(self, answer: Any) -> Called:
        if not callable(answer):
            raise Unreadable(NO_FUNCTION, f"You passed {describe(answer)}.")
        outputs, wanted = [self._call(answer, case) for case in self.cases], once(self._right_outputs)
        single = {output.size for output in (*outputs, *wanted)} == {1}  # whatever its shape, one number is one
        return Called(answer, [x.reshape(y.shape) for x, y in zip(outputs, wanted, strict=True)] if single else outputs)

    def _call(self, function: Callable[..., Any], case: tuple[Any, ...]) -> np.ndarray:
        has_gap = read_answer.code_has_gap(function)
        try:
            output = function(*copy.deepcopy(case))
        except Exception as error:
            if has_gap:
                raise NotTried(read_answer.tell_gaps(read_answer.source_of(function))) from error
            line = read_answer.line_of(error, getattr(getattr(function, "__code__", None), "co_filename", None))
            place = f" at your line `{line}`" if line else ""
            words = f"{type(error).__name__}: {str(error)[:200]}".removesuffix(": ")
            raise Unreadable(f"Called with {self._show(case)}, your function stopped{place} with `{words}`.") from error
        if read_answer.has_gap(output) or (output is None and has_gap):
            raise NotTried(read_answer.tell_gaps(read_answer.source_of(function)))
        try:
            return read_answer.numbers(self._packed(output))
        except Unreadable as error:
            received = error.received.replace("You passed", "your function returned") or "your function ended."
            raise Unreadable(error.says, f"Called with {self._show(case)}, {received}") from None

    def _agrees(self, output: np.ndarray, wanted: np.ndarray) -> bool:
        return close(output, wanted, self.abs_tol, self.rel_tol) or is_rounded_to(output, wanted, 2)

    def _parts(self, read: Called) -> Parts:
        return Parts(self.parts, read.outputs, once(self._right_outputs), self._agrees)

    def accepts(self, read: Called, exactly: bool = False) -> bool:
        pairs = zip(read.outputs, once(self._right_outputs), strict=True)
        return all(close(*pair, 0, EXACT) if exactly else self._agrees(*pair) for pair in pairs)

    def distance(self, read: Called, wrong: Any) -> float:
        known = self._known.get(wrong) or self._known.setdefault(wrong, self._outputs(wrong))
        return max(map(slips.distance, read.outputs, known))

    def slips(self, read: Called) -> Iterator[tuple[float, str]]:
        wanted, numbers = once(self._right_outputs), [self._numbers(case) for case in self.cases]
        yield from self._parts(read).slips(numbers)
        yield from slips.find(read.outputs, wanted, numbers)
        if all(map(_is_other_axis, read.outputs, wanted, self.cases)):
            yield NEAR, OTHER_AXIS

    def sentences(self) -> Iterator[str]:
        general = slips.sentences(self._numbers(self.cases[0]))
        yield from (*general, *read_answer.NO_NUMBERS, NO_FUNCTION, OF_NOTEBOOK, OTHER_AXIS, ONE_SIZE)
        yield from (*map(UNUSED.format, self._arguments), *parts.sentences(self.parts, general))

    def received(self, read: Called) -> str:
        """Show the smallest input for which the function is wrong: what came out, and what should."""
        rows = list(zip(self.cases, read.outputs, once(self._right_outputs), strict=True))
        wrong = [row for row in rows if not self._agrees(*row[1:])] or rows
        case, output, wanted = min(wrong, key=lambda row: sum(map(np.size, row[0])))
        came, asked = (f"`{_show_value(x)}`" if x.size <= 12 else f"shape {x.shape}" for x in (output, wanted))
        form = "arrays with the means " if self.means else ""
        return f"Called with {self._show(case)}, your function returned {form}{came}; {asked} is asked for."

    def remark(self, read: Called) -> str:
        wanted = once(self._right_outputs)
        if said := _misuse(read.function, once(self.expected), self._arguments) or self._parts(read).remark():
            return said
        some = any(map(self._agrees, read.outputs, wanted))
        if any(output.shape != right.shape for output, right in zip(read.outputs, wanted, strict=True)):
            return ONE_SIZE if some else "That has not the form asked for."
        return "It is right for some inputs and not for others." if some else "It is not right yet."

    def _show(self, case: tuple[Any, ...]) -> str:
        """Show arguments; what is no number, such as a generator, by its name."""
        named = itertools.zip_longest(case, self._arguments[: len(case)], fillvalue="an argument")
        return f"`({', '.join(_show_value(value) or name for value, name in named)})`"


def _is_other_axis(output: np.ndarray, wanted: np.ndarray, case: tuple[Any, ...]) -> bool:
    tables = [np.shape(value) for value in case if np.ndim(value) == 2]
    return any(n != m and {output.shape, wanted.shape} == {(n,), (m,)} for n, m in tables)


def _misuse(function: Any, right: Any, arguments: list[str]) -> str:
    """Say that a function uses data of the notebook, or that it never uses an argument."""
    code, names = getattr(function, "__code__", None), getattr(function, "__globals__", {})
    if code is None:
        return ""
    foreign = [names[name] for name in code.co_names if name in names and name not in right.__code__.co_names]
    if not all(callable(value) or isinstance(value, ModuleType) for value in foreign):
        return OF_NOTEBOOK
    own, read, needed = code.co_varnames[: code.co_argcount], _read_names(function), _read_names(right)
    pairs = zip(arguments, own, strict=False)
    unused = [asked for asked, name in pairs if name not in read and asked in needed]
    return UNUSED.format(unused[0]) if unused and len(own) == len(arguments) else ""


def _read_names(function: Any) -> set[str]:
    """Return the names that a function's code reads, those of functions inside it included."""
    read = [step.argval for step in dis.get_instructions(function) if "LOAD" in step.opname]  # some store, then load
    names = {name for one in read for name in (one if isinstance(one, tuple) else (one,))}
    return names | set(function.__code__.co_cellvars)


def _show_value(value: Any) -> str:
    array = np.asarray(value)
    if array.dtype.kind not in "biuf" or hasattr(value, "columns"):
        return ""
    return show_number(value) if array.ndim == 0 else np.array2string(array, separator=", ", threshold=6, precision=4)
