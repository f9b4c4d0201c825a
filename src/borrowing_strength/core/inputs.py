"""Input checks shared by the lesson modules. Every message names the argument, the row and the reason."""

from collections.abc import Iterable, Sequence

import numpy as np


def numbers(name: str, values: object) -> np.ndarray:
    """A one-dimensional, non-empty, finite float array, or a ValueError that says why not."""
    if isinstance(values, str | bytes):
        raise ValueError(f"{name} is the text {values!r}: it must be a list of numbers")
    if isinstance(values, dict | set):
        raise ValueError(f"{name} is a {type(values).__name__}: it must be a list of numbers, in order")
    if isinstance(values, Iterable) and not hasattr(values, "__array__"):
        values = list(values)
        _refuse(name, values, [isinstance(v, str | bytes) for v in values], "it must be a number, not text")
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} is ragged: it must be a flat list of numbers") from None
    if array.ndim != 1:
        raise ValueError(f"{name} has {array.ndim} dimensions: it must be a flat list of numbers")
    if array.size == 0:
        raise ValueError(f"{name} is empty: at least one group is needed")
    try:
        if array.dtype.kind not in "biufO":
            raise TypeError
        array = array.astype(float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} holds {array.dtype} values: it must be a flat list of numbers") from None
    _refuse(name, array, np.isnan(array), "a missing value cannot be used; drop the row or fill it in")
    _refuse(name, array, np.isinf(array), "it must be finite")
    return array


def positive_numbers(name: str, values: object) -> np.ndarray:
    """Like `numbers`, and every value above zero."""
    array = numbers(name, values)
    _refuse(name, array, array <= 0, "it must be above 0")
    return array


def positives(name: str, values: object) -> np.ndarray:
    """Like `numbers`, and every value above zero."""
    array = numbers(name, values)
    _refuse(name, array, array <= 0, "it must be above 0")
    return array


def whole_numbers(name: str, values: object) -> np.ndarray:
    """Like `numbers`, and every value a whole number from 0 to 1e12; returns int64."""
    array = numbers(name, values)
    _refuse(name, array, array < 0, "a count cannot be negative")
    _refuse(name, array, array != np.floor(array), "a count must be a whole number")
    _refuse(name, array, array > 1e12, "counts beyond 1e12 are not supported")
    return array.astype(np.int64)


def counts(
    successes: object, trials: object, names: tuple[str, str] = ("successes", "trials")
) -> tuple[np.ndarray, np.ndarray]:
    """Two integer arrays of the same length with ``0 <= successes <= trials`` in every row."""
    y, n = whole_numbers(names[0], successes), whole_numbers(names[1], trials)
    same_length(names[0], y, names[1], n)
    bad = np.flatnonzero(y > n)
    if bad.size:
        j = bad[0]
        raise ValueError(
            f"{names[1]}[{j}] is {n[j]} but {names[0]}[{j}] is {y[j]}: "
            f"{names[0]} cannot exceed {names[1]}{_others(bad)}"
        )
    return y, n


def same_length(name: str, values: Sequence | np.ndarray, other: str, others: Sequence | np.ndarray) -> None:
    """Raise unless both have the same number of rows."""
    if len(values) != len(others):
        raise ValueError(
            f"{name} has {len(values)} rows but {other} has {len(others)}: one row a group is needed in both"
        )


def same_index(**columns: object) -> None:
    """Raise where two pandas Series carry different row labels: rows are matched by position, never by label."""
    series = {name: list(v.index) for name, v in columns.items() if hasattr(v, "index") and hasattr(v, "to_numpy")}
    first = next(iter(series), "")
    for name, index in series.items():
        if index != series[first]:
            j = next((j for j, (a, b) in enumerate(zip(index, series[first], strict=False)) if a != b), -1)
            where = f"row {j} is {index[j]!r} and {series[first][j]!r}" if j >= 0 else "one is longer"
            raise ValueError(f"{name} and {first} have different row labels ({where}): put them in the same order")


def positive(name: str, value: object) -> float:
    """A finite number above zero."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise ValueError(f"{name} is {value!r}: it must be a number above 0")
    if not 0 < value < np.inf:
        raise ValueError(f"{name} is {value}: it must be a finite number above 0")
    return float(value)


def whole_number(name: str, value: object, least: int = 1) -> int:
    """One whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name} is {value!r}: it must be a whole number of at least {least}")
    return int(value)


def probability(name: str, value: object) -> float:
    """A number strictly between 0 and 1."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.floating) or not 0 < value < 1:
        raise ValueError(f"{name} is {value!r}: it must be a number between 0 and 1, both excluded")
    return float(value)


def tails(prob: object) -> np.ndarray:
    """The two levels that leave equal probabilities outside an interval with probability `prob`, shape (2,)."""
    outside = (1 - probability("prob", prob)) / 2
    return np.array([outside, 1 - outside])


def levels(q: object) -> np.ndarray:
    """Levels of quantiles, strictly between 0 and 1."""
    q = np.asarray(q, dtype=float)
    if not np.all((q > 0) & (q < 1)):
        raise ValueError("q must lie between 0 and 1, both excluded")
    return q


def generator(seed: object) -> np.random.Generator:
    """NumPy's generator for a seed that is a whole number."""
    return np.random.default_rng(whole_number("seed", seed, least=0))


def labels_of(labels: object, length: int, *sources: object) -> tuple[str, ...]:
    """Group names: those given, else the index of a pandas Series, else 0, 1, 2, ..."""
    if labels is None:
        labels = next((s.index for s in sources if hasattr(s, "index") and hasattr(s, "to_numpy")), range(length))
    if isinstance(labels, str) or not isinstance(labels, Iterable):
        raise ValueError(f"labels is {labels!r}: it must be a list with one name a group")
    names = tuple(str(label) for label in labels)
    if len(names) != length:
        raise ValueError(f"labels has {len(names)} names but there are {length} groups")
    if len(set(names)) < length:
        j = next(j for j, name in enumerate(names) if name in names[:j])
        raise ValueError(f"labels[{j}] is {names[j]!r}, which another group has already: names must differ")
    return names


def two_positions(i: object, j: object, labels: tuple[str, ...], kind: str) -> tuple[int, int]:
    """Positions of two different groups, each named by its label or its position; `kind` is what a group is called."""
    first, second = _position("i", i, labels), _position("j", j, labels)
    if first == second:
        raise ValueError(f"i and j both name {kind} {labels[first]!r}: compare two different {kind}s")
    return first, second


def _position(name: str, group: object, labels: tuple[str, ...]) -> int:
    if isinstance(group, str) and group in labels:
        return labels.index(group)
    if isinstance(group, int | np.integer) and not isinstance(group, bool) and 0 <= group < len(labels):
        return int(group)
    raise ValueError(f"{name} is {group!r}: it must be a label or a position from 0 to {len(labels) - 1}")


def _refuse(name: str, values: Sequence | np.ndarray, bad: Sequence | np.ndarray, reason: str) -> None:
    rows = np.flatnonzero(bad)
    if rows.size:
        value = values[rows[0]]
        shown = f"{value:g}" if isinstance(value, float) else repr(value)
        raise ValueError(f"{name}[{rows[0]}] is {shown}: {reason}{_others(rows)}")


def _others(rows: np.ndarray) -> str:
    if rows.size == 1:
        return ""
    shown = ", ".join(str(row) for row in rows[1:6])
    more = f" and {rows.size - 6} more" if rows.size > 6 else ""
    return f" (also rows {shown}{more})" if rows.size > 2 else f" (also row {shown})"
