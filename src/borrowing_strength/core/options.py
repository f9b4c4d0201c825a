"""Readers of arguments that are no numbers: switches, words, functions, objects, pairs and tables."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from borrowing_strength.core.inputs import number, scalar
from borrowing_strength.core.rows import Labels, dimensions, names_in, same_rows


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


def text(name: str, value: object) -> str:
    """A text, which may be empty."""
    if not isinstance(value, str):
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
    """Two things in a tuple, list or array, numbers if no other readers are given."""
    if not isinstance(value, tuple | list | np.ndarray) or dimensions(value) == 0 or len(value) != 2:
        raise ValueError(f"{name} is {value!r}: it must be {wanted or 'two numbers'}")
    return first(f"{name}[0]", value[0]), second(f"{name}[1]", value[1])


def truths(name: str, values: object, groups: Labels) -> np.ndarray:
    """True or False for every group, in their order."""
    mask = [scalar(value) for value in values] if dimensions(values) == 1 else []
    if len(mask) != len(groups) or not all(isinstance(value, bool | np.bool) for value in mask):
        raise ValueError(f"{name} is {values!r}: it must hold True or False for each of the {len(groups)} rows")
    same_rows({name: values}, groups=groups)
    return np.array(mask)


def few_words(least: int, most: int) -> Callable[[str, object], list[str]]:
    """The reader of a short list of names, each a text."""

    def words(name: str, values: object) -> list[str]:
        given = names_in(name, values)
        if not least <= len(given) <= most:
            raise ValueError(f"{name} has {len(given)} names: it must have {least} to {most}")
        return [word(f"{name}[{i}]", value) for i, value in enumerate(given)]

    return words


def by_name(read: Callable[[str, Any], Any], most: int | None = None) -> Callable[[str, object], dict[str, Any]]:
    """The reader of a mapping from names to what `read` reads, with at most so many of them."""

    def mapping(name: str, values: object) -> dict[str, Any]:
        if not isinstance(values, Mapping) or not 1 <= len(values) <= (most or len(values)):
            wanted = f"one to {most}" if most else "one or more"
            raise ValueError(f"{name} is {values!r}: it must be a dict with {wanted} of them by name")
        return {text(f"a name in {name}", key): read(f"{name}[{key!r}]", value) for key, value in values.items()}

    return mapping


def a_frame_with(columns: Sequence[str], name: str, value: object) -> Any:
    """A data frame that has columns of these names, whatever they hold."""
    import pandas as pd

    found = a_kind_of(pd.DataFrame, name, value)
    for column in columns:
        if column not in found.columns:
            there = ", ".join(map(repr, found.columns)) or "none"
            raise ValueError(f"{name} has no column {column!r}: it has {there}; rename(columns=...) gives it the name")
        if list(found.columns).count(column) > 1:
            raise ValueError(f"{name} has two columns {column!r}: drop or rename one")
    return found


def table(*columns: str) -> Callable[[str, object], Any]:
    """The reader of a data frame that has rows, and numbers (NaN or infinite ones too) in these columns, or in all."""

    def frame(name: str, values: object) -> Any:
        import pandas as pd

        found = a_kind_of(pd.DataFrame, name, values)
        for column in columns or found.columns:
            if column not in found:
                raise ValueError(f"{name} has no column {column!r}")
            if found[column].dtype.kind not in "iuf":
                raise ValueError(f"{name}[{column!r}] holds {found[column].dtype} values: it must hold numbers")
        if found.empty:
            raise ValueError(f"{name} is an empty table")
        return found

    return frame
