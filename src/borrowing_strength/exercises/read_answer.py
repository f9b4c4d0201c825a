"""Look at whatever a learner passes: describe it, find its gaps, read its numbers.

Nothing here calls a learner's ``__repr__`` or walks an unbounded object; what may still raise or hang is timed.
"""

import ast
import contextlib
import dis
import inspect
import traceback
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from numbers import Complex, Real
from textwrap import dedent
from types import CodeType
from typing import Any

import numpy as np

MAX_ITEMS, MAX_DEPTH = 5_000_000, 4
NO_NUMBERS = {
    "A number is asked for.": lambda answer: isinstance(answer, bool | np.bool),
    "A real number is asked for.": lambda answer: isinstance(answer, Complex),
    "That is text. Numbers go without quotes.": lambda answer: isinstance(answer, str | bytes),
    "A function that prints its result, or lacks a `return`, gives back `None`.": lambda answer: answer is None,
    "That makes its values on demand. Put `list(...)` around it.": lambda answer: isinstance(answer, Iterator),
    "A set has no order: use a list.": lambda answer: isinstance(answer, set | frozenset),
    "That is a whole distribution. Ask it for what is asked for here: one of its numbers.": lambda answer: any(
        hasattr(type(answer), name) for name in ("cdf", "pmf", "ppf")
    ),
    "Call it, with parentheses, and pass what it returns.": callable,
}


class Unreadable(Exception):
    """The answer is not of the kind the exercise asks for; the message says so to the learner."""

    def __init__(self, says: str, received: str = "") -> None:
        super().__init__(says)
        self.says, self.received = says, received


def describe(answer: Any) -> str:
    """Say in a few words what was received, without running any of its code: ``a list of 4 items``."""
    kind = type(answer)
    if answer is None or kind is bool:
        return f"`{answer}`"
    if kind in (int, float) or (issubclass(kind, np.floating | np.integer) and kind is not np.timedelta64):
        return f"the number {show_number(answer)}"
    if kind is str:
        return f"the text `{answer}`" if len(answer) <= 30 else f"a text of {len(answer):,} characters"
    if kind in (list, tuple, set, dict):
        return f"a {kind.__name__} of {len(answer):,} {'item' if len(answer) == 1 else 'items'}"
    if kind is np.ndarray:
        return f"an array of shape {answer.shape}"
    name = type.__getattribute__(kind, "__name__")
    if name in ("function", "builtin_function_or_method", "method"):
        return "a function"
    return f"an object of type `{name}`"


def show_number(value: Any) -> str:
    """Show a real number, however large, in at most six significant digits."""
    if isinstance(value, int) and abs(value) < 1_000_000:
        return str(value)
    try:
        return f"{float(value):.6g}"
    except OverflowError:
        return "with more than 300 digits"


def has_gap(answer: Any, depth: int = MAX_DEPTH) -> bool:
    """Tell whether ``...`` is still there: the answer itself, or one of a container's first 10,000 items."""
    if answer is Ellipsis or depth == 0:
        return answer is Ellipsis
    return any(has_gap(item, depth - 1) for item in islice(_items(answer), 10_000))


def _items(answer: Any) -> Iterator[Any]:
    if isinstance(answer, dict):
        return iter(answer.values())
    if isinstance(answer, list | tuple | set | frozenset):
        return iter(answer)
    values = np.asarray(answer) if isinstance(answer, np.ndarray) or _is_labelled(answer) else np.zeros(0)
    return iter(values.flat if values.dtype.kind == "O" else ())


def _is_labelled(answer: Any) -> bool:
    """Whether this is a container of pandas or xarray, without importing either."""
    kind = type(answer)
    return kind.__module__.partition(".")[0] in ("pandas", "xarray") and hasattr(kind, "__array__")


def code_has_gap(function: Any) -> bool:
    """Tell whether the body of a function is empty (``...`` or ``pass`` alone) or holds a ``...`` that is no index."""
    if not isinstance(code := getattr(function, "__code__", None), CodeType):
        return False
    does = {step.opname for step in dis.get_instructions(code)}
    is_empty = does <= {"RESUME", "RETURN_CONST", "LOAD_CONST", "RETURN_VALUE"}
    return is_empty or any(constant is Ellipsis for constant in code.co_consts)


def gap_lines(source: str) -> list[str]:
    """List the lines of code with a ``...`` that is not an index; none if the code cannot be parsed."""
    try:
        tree = ast.parse(dedent(source))
    except SyntaxError:
        return []
    indices = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Subscript) for part in ast.walk(node.slice)}
    gaps = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value is Ellipsis)
    numbers = sorted({node.lineno for node in gaps if id(node) not in indices})
    return [source.splitlines()[number - 1].split("#")[0].strip() for number in numbers]


def source_of(function: Any) -> str:
    """Return a function's source where it can be found, as in a notebook, else nothing."""
    with contextlib.suppress(OSError, TypeError):
        return inspect.getsource(function)
    return ""


def line_of(error: BaseException, file: str | None) -> str:
    """Return the deepest line of a file (such as the learner's cell) on the way to an error."""
    steps = [step for step in traceback.extract_tb(error.__traceback__) if step.filename == file]
    return (steps[-1].line or "").strip() if steps else ""


def tell_gaps(source: str) -> str:
    """Say which gaps are left in some code."""
    lines = gap_lines(source)
    count = "One gap is" if len(lines) == 1 else f"{len(lines)} gaps are"
    return f"{count} left: {', '.join(f'`{line}`' for line in lines)}." if lines else ""


def numbers(answer: Any) -> np.ndarray:
    """Read the numbers of a number, a nested list, a dict, an array, a pandas or xarray object; keep their shape.

    Raises `Unreadable`, with a sentence for the learner, if the answer holds anything but numbers.
    """
    if _is_labelled(answer) and np.ndim(answer) == 2 and np.asarray(answer).dtype == object:
        raise Unreadable("That is a whole table. Take the column that is asked for.")
    if isinstance(answer, np.ndarray) or _is_labelled(answer):
        return _from_array(answer)
    if isinstance(answer, Mapping):
        answer = list(islice(answer.values(), MAX_ITEMS + 1))
    if isinstance(answer, list | tuple | range):
        nested = _nested_floats(answer, MAX_DEPTH)
        try:
            return np.array(nested, dtype=float)
        except ValueError:
            raise Unreadable("The rows of your answer differ in length.") from None
    if not isinstance(answer, Real | Decimal) and hasattr(type(answer), "__array__"):
        return _from_array(np.asarray(answer))
    return np.asarray(_one_number(answer))


def _one_number(answer: Any) -> float:
    if not isinstance(answer, Real | Decimal) or isinstance(answer, bool | np.bool):
        why = next((says for says, holds in NO_NUMBERS.items() if holds(answer)), "Numbers are asked for.")
        raise Unreadable(why, f"You passed {describe(answer)}.")
    try:
        return float(answer)
    except OverflowError:
        raise Unreadable("That is too large for a computer's floating point.") from None


def _from_array(answer: Any) -> np.ndarray:
    if answer.size > MAX_ITEMS:
        raise Unreadable(f"You passed {answer.size:,} numbers, far more than are asked for.")
    values = np.asarray(answer)
    if values.dtype.kind in "iuf":
        return values.astype(float)
    if values.dtype.kind == "O":
        return np.reshape([_one_number(item) for item in values.flat], values.shape).astype(float)
    raise Unreadable("Numbers are asked for.", f"You passed an array of type `{values.dtype}`.")


def _nested_floats(answer: Any, depth: int) -> Any:
    # NumPy's own conversion of a list that contains itself takes time exponential in 64 levels.
    if isinstance(answer, list | tuple | range):
        if depth == 0:
            raise Unreadable("Your answer is nested too deeply.")
        if len(answer) > MAX_ITEMS:
            raise Unreadable(f"You passed {len(answer):,} items, far more than are asked for.")
        return [_nested_floats(item, depth - 1) for item in answer]
    if isinstance(answer, np.ndarray) or _is_labelled(answer):
        return _from_array(answer).tolist()
    return _one_number(answer)
