"""Rows that belong together: how they are called, and whether two columns have the same ones in the same order."""

import warnings
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np


class Labels(tuple[str, ...]):
    """Names of groups as text. They remember how they were given: a label 2 is not the position 2.

    `rows` are the names that the rows of the data had, which are other ones where labels came beside them.
    """

    given: tuple[Any, ...]
    rows: tuple[Any, ...]

    def __new__(cls, given: Iterable[Any], rows: Iterable[Any] | None = None) -> "Labels":
        given = tuple(given)
        labels = super().__new__(cls, map(str, given))
        labels.given, labels.rows = given, given if rows is None else tuple(rows)
        return labels

    def some(self, positions: Iterable[int]) -> "Labels":
        """Those of some of the groups."""
        given, rows = zip(*((self.given[i], self.rows[i]) for i in positions), strict=True)
        return Labels(given, rows)

    def position(self, name: str, group: object) -> int:
        """Position of a group named by its label or, where no label says the same, by its position."""
        if isinstance(group, np.generic):
            group = group.item() if group.dtype.kind in "iufU" else None
        alike = (str, bytes) if isinstance(group, str | bytes) else (int, float, np.number)
        for position, (label, given) in enumerate(zip(self, self.given, strict=True)):
            if isinstance(given, alike) and not isinstance(group, bool) and given == group:
                return position
            if isinstance(group, str) and label == group:
                return position
        numbered = any(label.replace(".", "", 1).isdigit() for label in self)
        whole = isinstance(group, int | np.integer) and not isinstance(group, bool)
        if whole and 0 <= group < len(self) and (not numbered or self.given == tuple(range(len(self)))):
            return int(group)
        wanted = "a label" if numbered else f"a label or a position from 0 to {len(self) - 1}"
        raise ValueError(f"{name} is {group!r}: it must be {wanted}")

    def two(self, i: object, j: object, kind: str) -> tuple[int, int]:
        """Positions of two different groups; `kind` is what a group is called."""
        first, second = self.position("i", i), self.position("j", j)
        if first == second:
            raise ValueError(f"i and j both name {kind} {self[first]!r}: compare two different {kind}s")
        return first, second


def labels_of(labels: object, length: int, *sources: object) -> Labels:
    """Group names: those given, else what the data call their rows, else 0, 1, 2, ..."""
    rows = row_names("the data", *sources)
    if labels is None:
        names, name = Labels(range(length) if rows is None else rows), "labels" if rows is None else "the index"
    else:
        names, name, own = Labels(names_in("labels", labels), rows), "labels", row_names("labels", labels)
        if len(names) != length:
            raise ValueError(f"labels has {len(names)} names but there are {length} groups")
        if rows is not None and own is not None:
            _the_same("labels", own, "the data", rows)
    if len(set(names)) < length:
        seen: set[str] = set()
        j = next(j for j, label in enumerate(names) if label in seen or seen.add(label))
        cure = "" if name == "labels" else " (reset_index(drop=True) gives the rows new ones)"
        raise ValueError(f"{name}[{j}] is {names[j]!r}, which another group has already: names must differ{cure}")
    return names


def row_names(name: str, *columns: object) -> list[Any] | None:
    """What the first column that has names for its rows calls them: a pandas index, or coordinates of xarray."""
    for column in columns:
        index = getattr(column, "index", None)
        if hasattr(column, "indexes"):
            index = column.indexes.get(next(iter(column.dims), None))
        if index is not None and not callable(index) and hasattr(column, "to_numpy"):
            return names_in(f"the index of {name}", index)
    return None


def names_in(name: str, values: object) -> list[Any]:
    """A column of names, none missing."""
    unordered = isinstance(values, str | bytes | bytearray | Mapping | Set) or dimensions(values) > 1
    if unordered or not isinstance(values, Iterable) or (dimensions(values) == 0 and hasattr(values, "__array__")):
        raise ValueError(f"{name} is {values!r}: it must be a list with one name a group, in order")
    given = values.to_pylist() if hasattr(values, "to_pylist") else list(values)
    unlike = [(j, value) for j, value in enumerate(given) if type(value) is not str and type(value) is not int]
    for j, value in unlike:
        missing = value is None or value is np.ma.masked or type(value).__name__ in ("NAType", "NaTType")
        if missing or (isinstance(value, float | np.floating) and np.isnan(value)):
            raise ValueError(f"{name}[{j}] is {value!r}: a missing value names nothing; drop the row or fill it in")
        if not isinstance(value, Hashable):
            raise ValueError(f"{name}[{j}] is {value!r}: a {type(value).__name__} is no name")
    return given


def same_rows(given: Mapping[str, object], arrays: Sequence[Sequence | np.ndarray] = (), groups: Any = None) -> None:
    """Raise unless all columns have as many rows, and those with names for their rows the same in the same order.

    Rows are never matched by position where their names differ, nor put into another order without a word. `groups`
    are labels of a posterior, whose order the columns must have too; beside them a bare 0, 1, 2, ... is no name.
    """
    first, *others = given
    for name, array in zip(others, arrays[1:], strict=False):
        same_length(first, arrays[0], name, array)
    named = {name: rows for name, column in given.items() if (rows := row_names(name, column)) is not None}
    reference, *others = named or [""]
    for name in others:
        _the_same(name, named[name], reference, named[reference])
    if named and groups:
        rows, bare = named[reference], list(range(len(groups)))
        for known in (groups.given, groups.rows):
            if _alike(rows, known):
                return
        for known in (groups.rows, groups.given):
            if (rows != bare and list(known) != bare) or set(map(str, rows)) == set(map(str, known)):
                _the_same(reference, rows, "the groups", known)


def same_length(name: str, values: Sequence | np.ndarray, other: str, others: Sequence | np.ndarray) -> None:
    """Raise unless both have the same number of rows."""
    if len(values) != len(others):
        have = f"{name} has {len(values)} rows but {other} has {len(others)}"
        raise ValueError(f"{have}: one row a group is needed in both")


def dimensions(values: object) -> int:
    """How many dimensions values have; two if they are ragged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy's, of a masked number in a list
            return np.ndim(values)
    except ValueError:
        return 2


def _alike(rows: Sequence[Any], others: Sequence[Any]) -> bool:
    return list(rows) == list(others) or list(map(str, rows)) == list(map(str, others))


def _the_same(name: str, rows: Sequence[Any], other: str, others: Sequence[Any]) -> None:
    if not _alike(rows, others):
        same_length(name, rows, other, others)
        j = next(j for j, (row, label) in enumerate(zip(rows, others, strict=True)) if not _alike([row], [label]))
        differ = f"(row {j} is {rows[j]!r} and {others[j]!r})"
        raise ValueError(f"{name} and {other} have different row labels {differ}: put them in the same order")
