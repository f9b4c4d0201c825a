"""The one reader of what users pass. Every refusal names the argument, the row and the reason."""

from collections.abc import Iterable, Mapping, Sequence, Set
from decimal import Decimal
from numbers import Complex, Real
from typing import Any

import numpy as np

from borrowing_strength.core.rows import dimensions, same_length, same_rows

HELD = 200_000_000  # numbers that an answer may hold at once: 1.6 GB
_MISSING = "a missing value cannot be used; drop the row or fill it in"


# ------------------------------------------------------------------------------------------ columns of numbers


def numbers(name: str, values: object) -> np.ndarray:
    """A one-dimensional, non-empty, finite float array from any container, or a ValueError that says why not."""
    return _read(name, values, flat=True)


def _read(name: str, values: object, flat: bool) -> np.ndarray:
    """Finite numbers from any container, in any shape unless `flat`; nothing becomes a number without a word."""
    wanted = "it must be a flat list of numbers" if flat else "it must be a number or an array of numbers"
    if isinstance(values, str | bytes | bytearray):
        raise ValueError(f"{name} is the text {values!r}: {wanted}")
    if isinstance(values, Mapping | Set):
        raise ValueError(f"{name} is a {type(values).__name__}: {wanted}, in order")
    if isinstance(values, np.ma.MaskedArray):
        refuse(name, np.asarray(values.data), np.ma.getmaskarray(values), f"it is masked, and {_MISSING}")
    # 1. In a list each is looked at before NumPy finds one type for all.
    if isinstance(values, Iterable) and not hasattr(values, "__array__"):
        values = [scalar(value) for value in values]
        _look_at_each(name, values)
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} is ragged: {wanted}") from None
    if flat and array.ndim != 1:
        raise ValueError(f"{name} has {array.ndim} dimensions: {wanted}")
    if array.size == 0:
        raise ValueError(f"{name} is empty: at least one {'group' if flat else 'number'} is needed")
    # 2. So it is in arrays of objects, and in lists of lists.
    if isinstance(values, list) and array.ndim > 1:
        _look_at_each(name, np.array(values, dtype=object))
    if array.dtype.kind == "O":
        array = np.array([scalar(value) for value in array.flat], dtype=object).reshape(array.shape)
        _look_at_each(name, array)
    elif array.dtype.kind not in "iuf":
        raise ValueError(f"{name} holds {array.dtype} values: {wanted}")
    try:
        array = array.astype(float)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} holds {array.dtype} values: {wanted}") from None
    refuse(name, array, np.isnan(array), _MISSING)
    refuse(name, array, np.isinf(array), "it must be finite")
    return array


def positives(name: str, values: object) -> np.ndarray:
    """Like `numbers`, and every value above zero."""
    array = numbers(name, values)
    refuse(name, array, array <= 0, "it must be above 0")
    refuse(name, array, (array < 1e-50) | (array > 1e50), "it must lie between 1e-50 and 1e50; change the unit")
    return array


def whole_numbers(name: str, values: object) -> np.ndarray:
    """Like `numbers`, and every value a whole number from 0 to 1e12; returns int64."""
    return _whole(name, numbers(name, values))


def _nearly_whole(x: np.ndarray) -> np.ndarray:
    """Whole, or so near to it that rounding explains the difference."""
    return np.abs(x - np.rint(x)) <= np.maximum(1e-9, 4 * np.spacing(x))


def _whole(name: str, array: np.ndarray) -> np.ndarray:
    refuse(name, array, array < 0, "a count cannot be negative")
    near = _nearly_whole(array)
    some = array[near & (array != np.rint(array))]
    if some.size:
        which = f"{name}{_place(np.argwhere(array == some[0])[0])}"
        raise ValueError(f"{which} is {some[0]:g} only to rounding: {float(some[0])!r}; use round()")
    refuse(name, array, ~near, "a count must be a whole number")
    refuse(name, array, array > 1e12, "counts beyond 1e12 are not supported")
    return array.astype(np.int64)


def counts(
    successes: object, trials: object, names: tuple[str, str] = ("successes", "trials")
) -> tuple[np.ndarray, np.ndarray]:
    """Two integer arrays of the same length with ``0 <= successes <= trials`` in every row."""
    y, n = whole_numbers(names[0], successes), whole_numbers(names[1], trials)
    same_rows({names[0]: successes, names[1]: trials}, (y, n))
    bad = np.argwhere(y > n)
    if len(bad):
        j = bad[0, 0]
        raise ValueError(
            f"{names[1]}[{j}] is {n[j]} but {names[0]}[{j}] is {y[j]}: "
            f"{names[0]} cannot exceed {names[1]}{_others(bad)}"
        )
    return y, n


def one_each(
    name: str, value: object, read: Any, length: int, groups: Any = None, owner: str = "the posterior"
) -> np.ndarray:
    """A column with one value a group, in the order of the groups; a single value is repeated for all of them."""
    if dimensions(value) == 0 and not isinstance(value, str | bytes | Mapping | Set):
        try:
            return np.repeat(read(name, [value]), length)
        except ValueError as refusal:
            raise ValueError(str(refusal).replace(f"{name}[0]", name, 1)) from None
    column = read(name, value)
    same_length(name, column, owner, range(length))
    same_rows({name: value}, groups=groups)
    return column


def one_or_more(read: Any, name: str, value: object) -> np.ndarray:
    """A column, read by `read`, of which a single value is the shortest."""
    return one_each(name, value, read, 1) if dimensions(value) == 0 else read(name, value)


def refuse(name: str, values: Sequence | np.ndarray, bad: object, reason: str) -> None:
    """Raise if any value is bad, naming the first by its row and listing the others."""
    places = np.argwhere(bad)
    if len(places):
        value = values[tuple(places[0])] if isinstance(values, np.ndarray) else values[places[0][0]]
        counted = isinstance(value, float | np.number) and not isinstance(value, np.timedelta64)
        shown = f"{value:g}" if counted else repr(value)
        raise ValueError(f"{name}{_place(places[0])} is {shown}: {reason}{_others(places)}")


def fits(name: str, values: np.ndarray, each: float) -> None:
    """Refuse the first of `values` for which more numbers would be held at once than fit, `each` a unit of it."""
    refuse(name, values, values > HELD / each, f"it must be at most {HELD / each:,.0f}, or memory would not do")


def _place(index: np.ndarray) -> str:
    return f"[{', '.join(map(str, index))}]" if len(index) else ""


def _others(places: np.ndarray) -> str:
    if len(places) == 1:
        return ""
    shown = ", ".join(str(place).strip("[]") if len(place) == 1 else str(place.tolist()) for place in places[1:6])
    more = f" and {len(places) - 6} more" if len(places) > 6 else ""
    return f" (also rows {shown}{more})" if len(places) > 2 else f" (also row {shown})"


def _look_at_each(name: str, values: list | np.ndarray) -> None:
    """Refuse what NumPy would turn into a number without a word, and what it would not turn into one."""
    array = isinstance(values, np.ndarray)
    flat = values.ravel() if array else values
    unlike = [(j, value) for j, value in enumerate(flat) if type(value) is not int and type(value) is not float]
    if not unlike:
        return
    known = Real | Decimal | Sequence | np.ndarray
    for reason, is_bad in (
        ("it must be a number, not text", lambda v: isinstance(v, str | bytes)),
        ("it must be a number, not a truth value", lambda v: isinstance(v, bool | np.bool)),
        (_MISSING, lambda v: v is None or v is np.ma.masked or type(v).__name__ in ("NAType", "NaTType")),
        ("it must be a real number", lambda v: isinstance(v, Complex) and not isinstance(v, Real)),
        ("it must be a number", lambda v: not isinstance(v, known) or isinstance(v, np.timedelta64)),
    ):
        bad = np.zeros(len(flat), dtype=bool)
        bad[[j for j, value in unlike if is_bad(value)]] = True
        refuse(name, values, bad.reshape(values.shape) if array else bad, reason)


# ---------------------------------------------------------------------------------------------- single numbers


def number(name: str, value: object, wanted: str = "a finite number") -> float:
    """One finite real number of any type but bool."""
    value = scalar(value)
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
    """A number above zero whose square a float can hold."""
    converted = number(name, value, "a finite number above 0")
    if converted <= 0:
        raise ValueError(f"{name} is {value}: it must be a finite number above 0")
    if not 1e-50 <= converted <= 1e50:
        raise ValueError(f"{name} is {converted:g}: it must lie between 1e-50 and 1e50; change the unit")
    return converted


def whole_number(name: str, value: object, least: int = 1, each: float = 0) -> int:
    """One whole number of at least `least`; 3.0 is one. With `each`, so many numbers a unit must fit into memory."""
    wanted = f"a whole number of at least {least}"
    converted = number(name, value, wanted)
    if converted != int(converted) or converted < least:
        advice = "; use round()" if _nearly_whole(converted) else ""
        raise ValueError(f"{name} is {value!r}: it must be {wanted}{advice}")
    if converted * each > HELD:
        raise ValueError(f"{name} is {value!r}: it must be at most {HELD / each:,.0f}, or memory would not do")
    return int(scalar(value))


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
    if 1 - outside == 1:
        raise ValueError(f"prob is {prob!r}: it must leave 1e-15 or more outside the interval")
    return np.array([outside, 1 - outside])


def levels(q: object) -> np.ndarray:
    """Levels of quantiles, strictly between 0 and 1, in any shape."""
    q = real_array("q", q)
    refuse("q", q, (q <= 0) | (q >= 1), "it must lie between 0 and 1, both excluded")
    return q


def real_array(name: str, values: object) -> np.ndarray:
    """Finite numbers in any shape, one number included."""
    return _read(name, values, flat=False)


def within(name: str, values: object, low: float, high: float) -> np.ndarray:
    """Finite numbers in any shape from `low` to `high`, both included."""
    array = real_array(name, values)
    span = f"lie between {low:g} and {high:g}" if np.isfinite(high) else f"be at least {low:g}"
    refuse(name, array, (array < low) | (array > high), f"it must {span}")
    return array


def whole_array(name: str, values: object) -> np.ndarray:
    """Counts in any shape, one alone included; returns int64."""
    return _whole(name, real_array(name, values))


def scalar(value: Any) -> Any:
    """What an array without dimensions holds; anything else as it is."""
    if type(value) is int or type(value) is float:  # nearly all, and quick
        return value
    if np.ma.is_masked(value) and np.ndim(value) == 0:
        return np.ma.masked
    bare = getattr(value, "ndim", None) == 0 and hasattr(value, "__array__") and not isinstance(value, np.generic)
    return np.asarray(value)[()] if bare else value


def generator(seed: object) -> np.random.Generator:
    """NumPy's generator for a seed that is a whole number."""
    return np.random.default_rng(whole_number("seed", seed, least=0))
