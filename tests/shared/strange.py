"""Two hundred objects that no exercise asks for, hostile ones among them."""

import functools
import itertools
import random
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pymc as pm
import pytest
import xarray as xr


def endless(*_: Any) -> None:
    while True:
        time.sleep(0.01)


def endless_and_deaf(*_: Any) -> None:
    while True:
        try:  # noqa: SIM105  # the habit under test
            time.sleep(0.01)
        except:  # noqa: E722
            pass


def without_free_variable() -> pm.Model:
    with pm.Model() as model:
        pm.Binomial("y", 10, 0.1, observed=3)
    return model


def one_unknown() -> pm.Model:
    with pm.Model() as model:
        pm.Binomial("y", 10, pm.Beta("rate", 2, 5), observed=3)
    return model


class Hostile:
    """Raises whatever is asked of it."""

    def refuse(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("no")

    __eq__ = __ne__ = __lt__ = __repr__ = __str__ = __array__ = __float__ = __int__ = __index__ = refuse  # type: ignore[assignment]
    __len__ = __iter__ = __getitem__ = __bool__ = __call__ = __hash__ = __format__ = refuse  # type: ignore[assignment]


class HostileAttributes:
    def __getattribute__(self, name: str) -> Any:
        raise SystemExit(name)


class HostileList(list):
    __iter__ = __len__ = __getitem__ = Hostile.refuse  # type: ignore[assignment]


class HostileText(str):
    __slots__ = ()
    __getitem__ = __len__ = __eq__ = __str__ = casefold = Hostile.refuse  # type: ignore[assignment]
    __hash__ = str.__hash__


class HostileFloat(float):
    __slots__ = ()
    __float__ = __repr__ = __sub__ = __eq__ = Hostile.refuse  # type: ignore[assignment]
    __hash__ = float.__hash__


class EndlessArray:
    __array__ = endless


AN_ENDLESS_ARRAY = EndlessArray()


def endless_in_numbers(*_: Any) -> EndlessArray:
    return AN_ENDLESS_ARRAY


class EndlessSequence(list):
    def __iter__(self) -> Iterator[float]:
        return itertools.cycle([7.5e9])


class LyingLength(list):
    def __len__(self) -> int:
        return 2**40


class Interrupting:
    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise KeyboardInterrupt


ASLEEP = (endless, endless_and_deaf, endless_in_numbers, AN_ENDLESS_ARRAY)  # never return, and compute nothing


def _recursive_list() -> list[Any]:
    inner: list[Any] = []
    inner += [inner, inner]
    return inner


def _recursive_dict() -> dict[str, Any]:
    inner: dict[str, Any] = {}
    inner["a"] = inner
    return inner


def _raising(*_: Any) -> None:
    raise ValueError("<b>no</b> `code`")


def _recursing(*arguments: Any) -> Any:
    return _recursing(*arguments)


def _half_built(wrong: Callable[[], Any]) -> pm.Model:
    with pm.Model() as model:
        wrong()
    return model


def _never_closed() -> pm.Model:
    with pm.Model() as model:
        pm.Normal("mu")
        pm.Potential("hole", pm.math.log(-pm.math.ones(3)).sum())
    return model


@functools.cache
def strange_objects() -> tuple[Any, ...]:
    """200 objects that no exercise asks for."""
    numbers = [
        float("nan"),
        float("inf"),
        -float("inf"),
        -0.12345e-9,
        10**400,
        -(10**5000),
        1e308,
        2**64,
        1j,
        complex("nan"),
    ]
    numbers += [
        np.float16("nan"),
        np.datetime64("NaT", "s"),
        np.timedelta64(1, "s"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Fraction(-(10**400), 3),
    ]
    containers = [
        [],
        (),
        {},
        set(),
        frozenset({1}),
        [[]],
        [None],
        [[1], [2, 3]],
        range(0),
        range(10**12),
        _recursive_list(),
    ]
    containers += [
        _recursive_dict(),
        {"a": {"b": "c"}},
        [float("nan")] * 4,
        ["1", "2"],
        [b"x"],
        [Hostile()] * 3,
        bytearray(9),
    ]
    containers += [
        memoryview(b"ab"),
        (x for x in "ab"),
        itertools.count(),
        iter([]),
        map(_raising, [1]),
        [1e99] * 1000,
    ]
    arrays = [
        np.array([]),
        np.array(None),
        np.zeros((0, 3)),
        np.full((2, 2, 2), 9e9),
        np.broadcast_to(1.0, (10**6, 10**6)),
    ]
    arrays += [
        np.array(["x"]),
        np.array([object()]),
        np.zeros(2, dtype="i4,f4"),
        np.ma.masked_all(3),
        np.array(b"x"),
    ]
    arrays += [
        pd.Series(dtype=float),
        pd.Series(["x"]),
        pd.DataFrame(),
        pd.DataFrame({"a": [1, "x"]}),
        pd.NA,
        pd.NaT,
    ]
    arrays += [
        pd.Series([1e9, 2e9], index=[0, 0]),
        pd.Index(["a"]),
        xr.DataArray(["x"]),
        xr.Dataset(),
        pd.Series([True] * 9),
    ]
    arrays += [pd.Series(pd.Categorical(["z"])), pd.arrays.IntegerArray(np.array([9]), np.array([True]))]
    texts = [
        "",
        " ",
        "\0",
        "<script>alert(1)</script>",
        "`<img src=x onerror=alert(1)>`",
        "`" * 99,
        "x" * 10**6,
        "__import__('os').abort()",
        b"",
        b"\xff",
        "\ud800",
    ]
    callables = [
        endless,
        endless_and_deaf,
        _raising,
        _recursing,
        lambda: 1,
        lambda *_: {"<img src=x onerror=alert(1)>": 1},
        type("<script>alert(1)</script>", (), {}),
        lambda *_: "junk",
        lambda *_: None,
        lambda *_: Hostile(),
    ]
    callables += [
        lambda *_: [object()],
        lambda *_: _recursive_list(),
        print,
        type,
        object,
        Hostile,
        int,
        str.join,
        lambda *_: 1j,
    ]
    callables += [
        lambda *_: float("nan"),
        lambda *_: np.full(7, 9e9),
        endless_in_numbers,
        functools.partial(pow, 2),
        exit,
    ]
    hostile = [
        Hostile(),
        HostileAttributes(),
        HostileList([1]),
        HostileText("b"),
        HostileFloat(9e9),
        AN_ENDLESS_ARRAY,
        EndlessSequence(),
    ]
    hostile += [
        LyingLength(),
        Interrupting(),
        type,
        object(),
        NotImplemented,
        Exception("x"),
        pytest,
        np,
        __builtins__,
        Path("x"),
    ]
    models = [
        _half_built(lambda: pm.Normal("mu")),
        _half_built(lambda: pm.Flat("mu", shape=0)),
        _never_closed(),
        without_free_variable(),
    ]
    models += [
        _half_built(lambda: pm.Deterministic("d", pm.math.constant(1.0))),
        _half_built(lambda: pm.Data("x", [1.0])),
    ]
    models += [
        _half_built(lambda: pm.Potential("p", pm.math.constant(np.nan))),
        pm.Normal.dist(),
        pm.Model,
        pm,
    ]
    strange = [*numbers, *containers, *arrays, *texts, *callables, *hostile, *models]
    source = random.Random(20160101)
    return (*strange, *(_junk(source, depth=3) for _ in range(200 - len(strange))))


def _junk(source: random.Random, depth: int) -> Any:
    """A random object; its numbers are too large, and its texts too odd, to be an answer by accident."""
    leaves = [
        lambda: source.choice([-1, 1]) * 10 ** source.uniform(9, 300),
        lambda: source.randrange(10**12, 10**15),
        lambda: "".join(chr(source.randrange(0x2500, 0x2600)) for _ in range(9)),
        lambda: source.randbytes(5),
        lambda: np.full(source.randrange(1, 5), 10 ** source.uniform(9, 99)),
        lambda: source.choice([None, True, False, float("nan")]),
    ]
    branches = [
        lambda: [_junk(source, depth - 1) for _ in range(source.randrange(5))],
        lambda: tuple(_junk(source, depth - 1) for _ in range(source.randrange(5))),
        lambda: {str(i): _junk(source, depth - 1) for i in range(source.randrange(5))},
    ]
    return source.choice(leaves if depth == 0 else leaves + branches)()
