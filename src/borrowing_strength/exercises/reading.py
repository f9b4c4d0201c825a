"""Look at whatever a learner passes: describe it, find its gaps, read its numbers.

Nothing here calls a learner's ``__repr__`` or walks an unbounded object; what may still raise or hang
(``__array__``, ``__iter__``) is called inside `limits.run`.
"""

import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from numbers import Complex, Real
from types import CodeType
from typing import Any

import numpy as np

MAX_ITEMS = 5_000_000
MAX_DEPTH = 4


class Unreadable(Exception):
    """The answer is not of the kind the exercise asks for; the message says so to the learner."""


def describe(answer: Any) -> str:
    """Say in a few words what was received, without running any of its code.

    Parameters
    ----------
    answer : object
        Anything.

    Returns
    -------
    str
        For example ``the number 0.3``, ``a list of 4 items`` or ``an array of shape (3, 2)``.
    """
    kind = type(answer)
    if answer is None:
        return "`None`"
    if kind is bool:
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
    """Show a number in at most six significant digits.

    Parameters
    ----------
    value : int or float
        Any real number, however large.

    Returns
    -------
    str
        The number as text.
    """
    if isinstance(value, int) and abs(value) < 1_000_000:
        return str(value)
    try:
        return f"{float(value):.6g}"
    except OverflowError:
        return "with more than 300 digits"


def has_gap(answer: Any, depth: int = MAX_DEPTH) -> bool:
    """Tell whether ``...`` is still there: the answer itself, or inside a container.

    Parameters
    ----------
    answer : object
        Anything; containers are searched `depth` levels deep, and not beyond their first 10,000 items.
    depth : int
        How many levels of nesting to search.

    Returns
    -------
    bool
        True if an Ellipsis was found.
    """
    if answer is Ellipsis:
        return True
    if depth == 0:
        return False
    return any(has_gap(item, depth - 1) for item in islice(_items(answer), 10_000))


def _items(answer: Any) -> Iterator[Any]:
    if isinstance(answer, dict):
        return iter(answer.values())
    if isinstance(answer, list | tuple | set | frozenset):
        return iter(answer)
    if isinstance(answer, np.ndarray) or _is_labelled(answer):
        return answer.flat if _dtype_kind(answer) == "O" and isinstance(answer, np.ndarray) else _objects(answer)
    return iter(())


def _objects(answer: Any) -> Iterator[Any]:
    return np.asarray(answer).flat if _dtype_kind(answer) == "O" else iter(())


def _dtype_kind(answer: Any) -> str:
    dtype = getattr(answer, "dtype", None)
    return dtype.kind if isinstance(dtype, np.dtype) else ""


def _is_labelled(answer: Any) -> bool:
    """Whether this is a pandas or xarray container, without importing either."""
    pandas, xarray = sys.modules.get("pandas"), sys.modules.get("xarray")
    kinds: tuple[type, ...] = ()
    if pandas is not None and hasattr(pandas, "DataFrame"):
        kinds += (pandas.Series, pandas.DataFrame, pandas.Index)
    if xarray is not None and hasattr(xarray, "DataArray"):
        kinds += (xarray.DataArray,)
    return isinstance(answer, kinds)


def code_has_gap(function: Any) -> bool:
    """Tell whether the body of a function is empty or still mentions ``...``.

    Parameters
    ----------
    function : callable
        Anything that can be called; without Python code the answer is False.

    Returns
    -------
    bool
        True if the body is empty (``...`` or ``pass`` alone) or holds an Ellipsis.
    """
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return False
    is_empty = code.co_code in (_empty.__code__.co_code, _documented.__code__.co_code)
    return is_empty or any(constant is Ellipsis for constant in code.co_consts)


def _empty() -> None: ...


def _documented() -> None:
    """Serve as the pattern of a function that has a docstring and nothing else."""


def labels_of(answer: Any) -> tuple[Any, ...] | None:
    """Read the labels of a dict or of a pandas Series whose index is more than row numbers.

    Parameters
    ----------
    answer : object
        Anything.

    Returns
    -------
    tuple or None
        The labels in their order, or None where there are none.
    """
    if isinstance(answer, Mapping):
        return tuple(answer)
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(answer, pandas.Series):
        return None
    return None if isinstance(answer.index, pandas.RangeIndex) else tuple(answer.index)


def numbers(answer: Any) -> np.ndarray:
    """Read the numbers of an answer.

    Parameters
    ----------
    answer : object
        A number, a (nested) list or tuple, a dict, an array, a pandas or xarray object.

    Returns
    -------
    numpy.ndarray
        Of floats, of whatever shape the answer has; shape ``()`` for one number.

    Raises
    ------
    Unreadable
        With a sentence for the learner, if the answer holds anything but numbers.
    """
    if isinstance(answer, np.ndarray) or _is_labelled(answer):
        return _from_array(answer)
    if isinstance(answer, Mapping):
        answer = list(islice(answer.values(), MAX_ITEMS + 1))
    if isinstance(answer, list | tuple | range):
        return _from_sequence(answer)
    if not isinstance(answer, Real | Decimal) and hasattr(type(answer), "__array__"):
        return _from_array(np.asarray(answer))
    return np.asarray(_one_number(answer))


def _one_number(answer: Any) -> float:
    if isinstance(answer, bool | np.bool):
        raise Unreadable(f"You passed {describe(bool(answer))}; a number is asked for.")
    if not isinstance(answer, Real | Decimal):
        raise Unreadable(_why_not_a_number(answer))
    try:
        return float(answer)
    except OverflowError:
        raise Unreadable("You passed a number too large for a computer's floating point.") from None


def _why_not_a_number(answer: Any) -> str:
    received = f"You passed {describe(answer)}"
    if isinstance(answer, Complex):
        return f"{received}; a real number is asked for."
    if isinstance(answer, str | bytes):
        return f"{received}: that is text. Numbers go without quotes."
    if answer is None:
        return f"{received}. A function that prints its result, or lacks a `return`, gives back `None`."
    if isinstance(answer, Iterator):
        return f"{received}, which makes its values on demand. Put `list(...)` around it."
    if isinstance(answer, set | frozenset):
        return f"{received}. A set has no order: use a list."
    if callable(answer):
        return f"{received}. Call it, with parentheses, and pass what it returns."
    return f"{received}; numbers are asked for."


def _from_array(answer: Any) -> np.ndarray:
    if answer.size > MAX_ITEMS:
        raise Unreadable(f"You passed {answer.size:,} numbers, far more than are asked for.")
    values = np.asarray(answer)
    if values.dtype.kind in "iuf":
        return values.astype(float)
    if values.dtype.kind == "O":
        return np.reshape([_one_number(item) for item in values.flat], values.shape).astype(float)
    raise Unreadable(f"You passed an array of type `{values.dtype}`; numbers are asked for.")


def _from_sequence(answer: Any) -> np.ndarray:
    nested = _nested_floats(answer, MAX_DEPTH)
    try:
        return np.array(nested, dtype=float)
    except ValueError:
        raise Unreadable("The rows of your answer differ in length.") from None


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
