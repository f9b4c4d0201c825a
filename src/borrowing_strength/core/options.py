"""Readers of arguments that are no numbers: switches, words, functions, objects and pairs."""

from collections.abc import Callable
from typing import Any

import numpy as np

from borrowing_strength.core.inputs import dimensions, number


def flag(name: str, value: object) -> bool:
    """True or False, and nothing that merely counts as one."""
    if not isinstance(value, bool | np.bool):
        raise ValueError(f"{name} is {value!r}: it must be True or False")
    return bool(value)


def one_of(name: str, value: object, *options: str) -> str:
    """One of several words."""
    if not isinstance(value, str) or value not in options:
        raise ValueError(f"{name} is {value!r}: it must be {', '.join(map(repr, options[:-1]))} or {options[-1]!r}")
    return value


def word(name: str, value: object) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is {value!r}: it must be text")
    return value


def function(name: str, value: object) -> Callable[..., Any]:
    """Something that can be called."""
    if not callable(value):
        raise ValueError(f"{name} is {value!r}: it must be a function")
    return value


def a_kind_of(kind: type, name: str, value: object) -> Any:
    """An instance of a class."""
    if not isinstance(value, kind):
        raise ValueError(f"{name} is {value!r}: it must be {kind.__name__}(...)")
    return value


def pair(name: str, value: object, first: Any = number, second: Any = number, wanted: str = "") -> tuple[Any, Any]:
    """Two numbers in a tuple or list, each read by its own reader."""
    if not isinstance(value, tuple | list | np.ndarray) or dimensions(value) != 1 or len(value) != 2:
        raise ValueError(f"{name} is {value!r}: it must be {wanted or 'two numbers'}")
    return first(f"{name}[0]", value[0]), second(f"{name}[1]", value[1])


def truths(name: str, values: object, length: int) -> np.ndarray:
    """True or False for every row."""
    mask = np.asarray(values) if dimensions(values) == 1 else np.empty(0)
    if mask.shape != (length,) or mask.dtype != bool or isinstance(values, np.ma.MaskedArray):
        raise ValueError(f"{name} is {values!r}: it must hold True or False for each of the {length} rows")
    return mask
