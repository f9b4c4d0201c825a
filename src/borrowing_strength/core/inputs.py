"""The one reader of what users pass. Every refusal names the argument, the row and the reason."""

from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from decimal import Decimal
from numbers import Complex, Real
from typing import Any

import numpy as np

_MISSING = "a missing value cannot be used; drop the row or fill it in"


# ------------------------------------------------------------------------------------------ columns of numbers


def numbers(name: str, values: object) -> np.ndarray:
    """A one-dimensional, non-empty, finite float array from any container, or a ValueError that says why not."""
    if isinstance(values, str | bytes | bytearray):
        raise ValueError(f"{name} is the text {values!r}: it must be a list of numbers")
    if isinstance(values, Mapping | Set):
        raise ValueError(f"{name} is a {type(values).__name__}: it must be a list of numbers, in order")
    if isinstance(values, np.ma.MaskedArray):
        refuse(name, np.asarray(values.data), np.ma.getmaskarray(values), f"it is masked, and {_MISSING}")
    if isinstance(values, Iterable) and not hasattr(values, "__array__"):
        values = list(values)
        _look_at_each(name, values)
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} is ragged: it must be a flat list of numbers") from None
    if array.ndim != 1:
        raise ValueError(f"{name} has {array.ndim} dimensions: it must be a flat list of numbers")
    if array.size == 0:
        raise ValueError(f"{name} is empty: at least one group is needed")
    if array.dtype.kind == "O":
        _look_at_each(name, array)
    elif array.dtype.kind not in "iuf":
        raise ValueError(f"{name} holds {array.dtype} values: it must be a flat list of numbers")
    try:
        array = array.astype(float)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} holds {array.dtype} values: it must be a flat list of numbers") from None
    refuse(name, array, np.isnan(array), _MISSING)
    refuse(name, array, np.isinf(array), "it must be finite")
    return array


def positives(name: str, values: object) -> np.ndarray:
    """Like `numbers`, and every value above zero."""
    array = numbers(name, values)
    refuse(name, array, array <= 0, "it must be above 0")
    return array


def whole_numbers(name: str, values: object) -> np.ndarray:
    """Like `numbers`, and every value a whole number from 0 to 1e12; returns int64."""
    array = numbers(name, values)
    refuse(name, array, array < 0, "a count cannot be negative")
    refuse(name, array, array != np.floor(array), "a count must be a whole number")
    refuse(name, array, array > 1e12, "counts beyond 1e12 are not supported")
    return array.astype(np.int64)


def counts(
    successes: object, trials: object, names: tuple[str, str] = ("successes", "trials")
) -> tuple[np.ndarray, np.ndarray]:
    """Two integer arrays of the same length with ``0 <= successes <= trials`` in every row."""
    y, n = whole_numbers(names[0], successes), whole_numbers(names[1], trials)
    same_rows({names[0]: successes, names[1]: trials}, (y, n))
    bad = np.flatnonzero(y > n)
    if bad.size:
        j = bad[0]
        raise ValueError(
            f"{names[1]}[{j}] is {n[j]} but {names[0]}[{j}] is {y[j]}: "
            f"{names[0]} cannot exceed {names[1]}{_others(bad)}"
        )
    return y, n


def same_rows(given: Mapping[str, object], arrays: Sequence[np.ndarray]) -> None:
    """Raise unless all columns have as many rows, and those with row labels the same labels in the same order.

    Rows are never matched by position where their labels differ, nor put into another order without a word.
    """
    first, *others = given
    for name, array in zip(others, arrays[1:], strict=True):
        same_length(first, arrays[0], name, array)
    labelled = {name: list(values.index) for name, values in given.items() if has_labels(values)}
    reference = next(iter(labelled), "")
    for name, index in labelled.items():
        differing = [j for j, (a, b) in enumerate(zip(index, labelled[reference], strict=True)) if a != b]
        if differing:
            j = differing[0]
            raise ValueError(
                f"{name} and {reference} have different row labels (row {j} is {index[j]!r} and "
                f"{labelled[reference][j]!r}): put them in the same order"
            )


def same_length(name: str, values: Sequence | np.ndarray, other: str, others: Sequence | np.ndarray) -> None:
    """Raise unless both have the same number of rows."""
    if len(values) != len(others):
        have = f"{name} has {len(values)} rows but {other} has {len(others)}"
        raise ValueError(f"{have}: one row a group is needed in both")


def one_each(name: str, value: object, read: Any, length: int, owner: str = "the posterior") -> np.ndarray:
    """A column with one value a group, read by `read`; a single value is repeated for all of them."""
    if dimensions(value) == 0 and not isinstance(value, str | bytes | Mapping | Set):
        try:
            return np.repeat(read(name, [value]), length)
        except ValueError as refusal:
            raise ValueError(str(refusal).replace(f"{name}[0]", name, 1)) from None
    column = read(name, value)
    same_length(name, column, owner, range(length))
    return column


def one_or_more(read: Any, name: str, value: object) -> np.ndarray:
    """A column, read by `read`, of which a single value is the shortest."""
    return one_each(name, value, read, 1) if dimensions(value) == 0 else read(name, value)


def refuse(name: str, values: Sequence | np.ndarray, bad: Sequence | np.ndarray, reason: str) -> None:
    """Raise if any row is bad, naming the first and listing the others."""
    rows = np.flatnonzero(bad)
    if rows.size:
        value = values[rows[0]]
        shown = f"{value:g}" if isinstance(value, float | np.number) else repr(value)
        raise ValueError(f"{name}[{rows[0]}] is {shown}: {reason}{_others(rows)}")


def _look_at_each(name: str, values: Sequence | np.ndarray) -> None:
    """Refuse what NumPy would turn into a number without a word, and what it would not turn into one."""
    unlike = [(j, value) for j, value in enumerate(values) if type(value) is not int and type(value) is not float]
    for reason, is_bad in (
        ("it must be a number, not text", lambda v: isinstance(v, str | bytes)),
        ("it must be a number, not a truth value", lambda v: isinstance(v, bool | np.bool)),
        (_MISSING, lambda v: v is None or type(v).__name__ in ("NAType", "NaTType")),
        ("it must be a real number", lambda v: isinstance(v, Complex) and not isinstance(v, Real)),
    ):
        rows = [j for j, value in unlike if is_bad(value)]
        if rows:
            raise ValueError(f"{name}[{rows[0]}] is {values[rows[0]]!r}: {reason}{_others(np.array(rows))}")
    strange = [j for j, value in unlike if not isinstance(value, Real | Decimal | Sequence | np.ndarray)]
    if strange:
        kind = type(values[strange[0]]).__name__
        raise ValueError(f"{name}[{strange[0]}] holds an object of type {kind}: it must be a number")


def dimensions(values: object) -> int:
    """How many dimensions values have; two if they are ragged."""
    try:
        return np.ndim(values)
    except ValueError:
        return 2


def _others(rows: np.ndarray) -> str:
    if rows.size == 1:
        return ""
    shown = ", ".join(str(row) for row in rows[1:6])
    more = f" and {rows.size - 6} more" if rows.size > 6 else ""
    return f" (also rows {shown}{more})" if rows.size > 2 else f" (also row {shown})"


# ---------------------------------------------------------------------------------------------- single numbers


def number(name: str, value: object, wanted: str = "a finite number") -> float:
    """One finite real number of any type but bool."""
    if isinstance(value, bool | np.bool | np.timedelta64) or not isinstance(value, Real | Decimal):
        raise ValueError(f"{name} is {value!r}: it must be {wanted}")
    try:
        converted = float(value)
    except OverflowError:
        raise ValueError(f"{name} has too many digits: it must be {wanted}") from None
    except ValueError:  # a signalling NaN
        raise ValueError(f"{name} is {value}: it must be {wanted}") from None
    if not np.isfinite(converted):
        raise ValueError(f"{name} is {value}: it must be {wanted}")
    return converted


def positive(name: str, value: object) -> float:
    """A finite number above zero."""
    converted = number(name, value, "a finite number above 0")
    if converted <= 0:
        raise ValueError(f"{name} is {value}: it must be a finite number above 0")
    return converted


def whole_number(name: str, value: object, least: int = 1) -> int:
    """One whole number of at least `least`; 3.0 is one."""
    wanted = f"a whole number of at least {least}"
    converted = number(name, value, wanted)
    if converted != int(converted) or converted < least:
        raise ValueError(f"{name} is {value!r}: it must be {wanted}")
    return int(value)


def probability(name: str, value: object, wanted: str = "a number between 0 and 1, both excluded") -> float:
    """A number strictly between 0 and 1."""
    converted = number(name, value, wanted)
    if not 0 < converted < 1:
        raise ValueError(f"{name} is {value!r}: it must be {wanted}")
    return converted


def fraction(name: str, value: object) -> float:
    """A number from 0 to 1, both included."""
    converted = number(name, value, "a number from 0 to 1")
    if not 0 <= converted <= 1:
        raise ValueError(f"{name} is {value!r}: it must be from 0 to 1")
    return converted


def tails(prob: object) -> np.ndarray:
    """The two levels that leave equal probabilities outside an interval with probability `prob`, shape (2,)."""
    outside = (1 - probability("prob", prob)) / 2
    return np.array([outside, 1 - outside])


def levels(q: object) -> np.ndarray:
    """Levels of quantiles, strictly between 0 and 1, in any shape."""
    q = real_array("q", q)
    if not np.all((q > 0) & (q < 1)):
        raise ValueError(f"q is {_first(q, ~((q > 0) & (q < 1)))}: it must lie between 0 and 1, both excluded")
    return q


def real_array(name: str, values: object) -> np.ndarray:
    """Finite numbers in any shape, one number included."""
    wanted = "it must be a number or an array of numbers"
    if np.ma.is_masked(values):
        raise ValueError(f"{name} is masked in places: {wanted}, and {_MISSING}")
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} is ragged: {wanted}") from None
    if array.dtype.kind not in "iuf" or isinstance(values, bytearray) or array.size == 0:
        raise ValueError(f"{name} is {values!r}: {wanted}")
    array = array.astype(float)
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} is {_first(array, ~np.isfinite(array))}: it must be finite")
    return array


def within(name: str, values: object, low: float, high: float) -> np.ndarray:
    """Finite numbers in any shape from `low` to `high`, both included."""
    array = real_array(name, values)
    outside = (array < low) | (array > high)
    if outside.any():
        span = f"lie between {low:g} and {high:g}" if np.isfinite(high) else f"be at least {low:g}"
        raise ValueError(f"{name} is {_first(array, outside)}: it must {span}")
    return array


def whole_array(name: str, values: object) -> np.ndarray:
    """Counts in any shape, one alone included; returns int64."""
    array = within(name, values, 0, 1e12)
    bad = array != np.floor(array)
    if bad.any():
        raise ValueError(f"{name} is {_first(array, bad)}: a count must be a whole number")
    return array.astype(np.int64)


def generator(seed: object) -> np.random.Generator:
    """NumPy's generator for a seed that is a whole number."""
    return np.random.default_rng(whole_number("seed", seed, least=0))


def _first(array: np.ndarray, bad: np.ndarray) -> str:
    return f"{array[bad].flat[0]:g}" if array.ndim else f"{array:g}"


# ------------------------------------------------------------------------------------------------------ labels


class Labels(tuple[str, ...]):
    """Names of groups as text. They remember how they were given: a label 2 is not the position 2."""

    given: tuple[Any, ...]

    def __new__(cls, given: Iterable[Any]) -> "Labels":
        given = tuple(given)
        labels = super().__new__(cls, map(str, given))
        labels.given = given
        return labels

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
    """Group names: those given, else the index of a pandas Series, else 0, 1, 2, ..."""
    name = "labels"
    if labels is None:
        source = next((s for s in sources if has_labels(s)), None)
        labels, name = (range(length), "labels") if source is None else (source.index, "the index")
    names = Labels(names_in("labels", labels))
    if len(names) != length:
        raise ValueError(f"labels has {len(names)} names but there are {length} groups")
    if len(set(names)) < length:
        seen: set[str] = set()
        j = next(j for j, label in enumerate(names) if label in seen or seen.add(label))
        cure = "" if name == "labels" else " (reset_index(drop=True) gives the rows new ones)"
        raise ValueError(f"{name}[{j}] is {names[j]!r}, which another group has already: names must differ{cure}")
    return names


def names_in(name: str, values: object) -> list[Any]:
    """A column of names, none missing."""
    unordered = isinstance(values, str | bytes | bytearray | Mapping | Set) or dimensions(values) > 1
    if unordered or not isinstance(values, Iterable):
        raise ValueError(f"{name} is {values!r}: it must be a list with one name a group, in order")
    given = list(values)
    for j, value in enumerate(given):
        missing = value is None or value is np.ma.masked or type(value).__name__ in ("NAType", "NaTType")
        if missing or (isinstance(value, float) and np.isnan(value)):
            raise ValueError(f"{name}[{j}] is {value!r}: a missing value names nothing; drop the row or fill it in")
        if not isinstance(value, Hashable):
            raise ValueError(f"{name}[{j}] is {value!r}: a {type(value).__name__} is no name")
    return given


def has_labels(values: object) -> bool:
    """Whether a column brings names for its rows, as a pandas Series does."""
    return hasattr(values, "to_numpy") and not callable(getattr(values, "index", len))
