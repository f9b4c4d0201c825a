"""Every public callable, over its whole signature, with sixty kinds of wrong value for each argument.

Each is refused with a ValueError or TypeError that names the argument, without a warning. What is public is found, not
listed: a new function is tried as soon as its topic names it, and fails here until `EXAMPLES` knows its arguments.
"""

import contextlib
import inspect
import io
import sys
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hostile import COUNTS, EXAMPLES, EXTREME, FITS, LAZY, WRONG

from borrowing_strength import (
    beta_binomial,
    calibration,
    datasets,
    headlines,
    meta_analysis,
    mixtures,
    multilevel,
    plots,
    redundancy,
    sampling,
    tables,
    widgets,
)

TOPICS = (beta_binomial, mixtures, redundancy, multilevel, meta_analysis, headlines, datasets, sampling, calibration)
TOPICS += (plots, widgets, tables)

# What a prior or a model of dependence supplies to the package, which calls it with arrays that it has checked.
SUPPLIED = {"check", "log_density", "log_pmf", "pymc_variables", "pymc_variable", "draw", "log_tail", "after", "of"}
SUPPLIED |= {"labels"}
# Columns that are not of the same rows, though they are as long.
APART = {"expected_gain", "surface", "gibbs_path"}
# How many functions may be entered before a refusal: fewer than a fit by quadrature enters, most of all one of PyMC.
# Matplotlib enters 9,300 to make an empty figure, which some refusals of figures stand behind.
MOST_CALLS, MOST_CALLS_OF_A_FIGURE = 2_000, 12_000
# What a fit or a study returns, and what only describes: nobody calls these by name.
RESULTS = {
    *("Posterior", "Hyperprior", "SdPrior", "Certainty", "EMFit", "PredictiveCheck", "Study", "Estimate", "Effect"),
    *("Effects", "Hyper", "NormalMixture", "Calibration", "Diagnosis", "Agreement"),
}


class Call(NamedTuple):
    """Something public, by the name that tells it from others, and how to call it."""

    name: str
    function: Callable[..., Any]
    examples: dict[str, Any]

    def run(self, **changed: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", "the mean of the estimates is")  # a prior far away is no misreading
            try:
                return self.function(**(self.examples | changed))
            finally:
                plt.close("all")


def named(topic: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The functions and constructors of a topic's own words."""
    words = getattr(topic, "__all__", None) or [
        name for name, value in vars(topic).items() if getattr(value, "__module__", "") == topic.__name__
    ]
    for name in words:
        value = getattr(topic, name)
        if callable(value) and name not in RESULTS and not name.startswith("_"):
            yield name, value


def example(names: tuple[str, ...], default: Any) -> Any:
    """The first of these names that has an example, else the argument's default."""
    found = next((EXAMPLES[name] for name in names if name in EXAMPLES), default)
    assert found is not inspect.Parameter.empty, f"EXAMPLES needs a value for {names[-1]}, or for {names[2]}"
    return found() if any(found is make for make in LAZY) else found


def call_of(topic: str, owner: str, name: str, function: Callable[..., Any]) -> Call:
    examples = {}
    for parameter in inspect.signature(function).parameters.values():
        word = parameter.name
        if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL) and word != "self":
            names = (f"{topic}.{name}.{word}", f"{topic}.{word}", f"{name}.{word}", word)
            examples[word] = example(names, parameter.default)
    return Call(".".join(filter(None, (topic, owner, name))), function, examples)


def calls(topic: ModuleType) -> Iterator[Call]:
    """Everything public: what the topic names, then the methods of what that returns, and so on."""
    short, seen, waiting = topic.__name__.rpartition(".")[2], set(), []
    for name, function in named(topic):
        call = call_of(short, "", name, function)
        yield call
        waiting.append(call.run())
    while waiting:
        found = waiting.pop()
        kind = type(found)
        if kind in seen or not kind.__module__.startswith("borrowing_strength"):
            continue
        seen.add(kind)
        ours = [vars(base) for base in kind.__mro__ if base.__module__.startswith("borrowing_strength")]
        for name in sorted(set().union(*ours), key=lambda name: (name != "run_model", name)):
            if name.startswith("_") or name in SUPPLIED:
                continue
            if callable(getattr(kind, name, None)):
                call = call_of(short, kind.__name__, name, getattr(found, name))
                yield call
                waiting.append(call.run())
            else:
                with contextlib.suppress(AttributeError, ValueError):  # not every prior has a shape and a rate
                    waiting.append(getattr(found, name))


def complaints(call: Call) -> Iterator[str]:
    """The wrong values that a call takes, or refuses late, or without naming the argument."""
    for word in call.examples:
        name = call.name.split(".")[-1]
        fits = FITS.get(f"{name}.{word}", FITS.get(word, set()))
        for wrong, make in (WRONG | EXTREME).items():
            if wrong in fits or (wrong == "None" and _may_be_none(call, word)):
                continue
            said = _answer(call, [word] if wrong in WRONG else [*call.examples, "row"], word, make())
            if said and not (said == "takes it" and wrong in EXTREME):
                yield f"{call.name}({word}={wrong}) {said[:200]}"


def _answer(call: Call, names: list[str], word: str, value: Any) -> str:
    """What is wrong with what a call says of a value, "" if it names what it refuses."""
    with contextlib.closing(io.StringIO()) as screen, contextlib.redirect_stdout(screen), counted() as count:
        try:
            call.run(**{word: value})
        except (ValueError, TypeError) as error:
            most = MOST_CALLS_OF_A_FIGURE if call.name.startswith("plots.") else MOST_CALLS
            late = f"is refused after {count[0]} calls" if count[0] > most else ""
            return late if any(name in str(error) for name in names) else f"says {error!r}"
        except Exception as error:
            return f"ends in {error!r}"
    return "takes it"


@contextlib.contextmanager
def counted() -> Iterator[list[int]]:
    """How many functions are entered: what a refusal costs, whatever else the machine does."""
    count, monitor = [0], sys.monitoring

    def entered(*_: Any) -> None:
        count[0] += 1

    monitor.use_tool_id(monitor.PROFILER_ID, "hostile")
    monitor.register_callback(monitor.PROFILER_ID, monitor.events.PY_START, entered)
    monitor.set_events(monitor.PROFILER_ID, monitor.events.PY_START)
    try:
        yield count
    finally:
        monitor.free_tool_id(monitor.PROFILER_ID)


def columns_of(call: Call) -> list[str]:
    """The arguments that are columns of the same rows."""
    example = {word: value for word, value in call.examples.items() if word not in ("seed", "executor")}
    flat = {word: len(value) for word, value in example.items() if isinstance(value, list) and np.ndim(value) == 1}
    return [word for word, length in flat.items() if list(flat.values()).count(length) > 1]


def mixed_up(call: Call) -> Iterator[str]:
    """Pairs of columns that a call takes although their rows have the same names in another order."""
    first, *others = columns_of(call) or [""]
    for other in others:
        rows = list("abcdefgh")[: len(call.examples[first])]
        given = {first: pd.Series(call.examples[first], rows), other: pd.Series(call.examples[other], rows[::-1])}
        try:
            call.run(**given)
        except ValueError as error:
            if "different row labels" in str(error):
                continue
        yield f"{call.name} takes {first} and {other} with their rows in different orders"


def _may_be_none(call: Call, word: str) -> bool:
    return inspect.signature(call.function).parameters[word].default is None


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.__name__.rpartition(".")[2])
def test_every_argument_of_everything_public_is_read_before_it_is_used(topic: ModuleType) -> None:
    found = [complaint for call in calls(topic) for complaint in complaints(call)]
    assert not found, f"{len(found)} complaints:\n" + "\n".join(found[:100])


def test_columns_are_never_matched_by_position_where_their_rows_have_names() -> None:
    every = [call for topic in TOPICS for call in calls(topic) if call.name.split(".")[-1] not in APART]
    assert sum(len(columns_of(call)) > 1 for call in every) > 25
    assert not [complaint for call in every for complaint in mixed_up(call)]


def test_a_reader_that_is_left_out_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def fit(counts, prior=None):
        return sum(counts)

    found = list(complaints(Call("made_up.fit", fit, {"counts": COUNTS, "prior": None})))
    assert "made_up.fit(counts=[True, False]) takes it" in found
    assert "made_up.fit(prior=1j) takes it" in found
    assert any(complaint.startswith("made_up.fit(counts=None) says TypeError") for complaint in found)
    assert list(mixed_up(Call("made_up.fit", fit, {"counts": COUNTS, "prior": COUNTS})))


def test_a_refusal_after_work_is_found() -> None:
    def fit(counts):
        for _ in range(MOST_CALLS):
            abs_of(1)
        raise ValueError("counts")

    def abs_of(x):
        return abs(x)

    assert "is refused after" in _answer(Call("made_up.fit", fit, {"counts": COUNTS}), ["counts"], "counts", 1)


def test_there_are_sixty_kinds_of_wrong_value() -> None:
    assert len(WRONG) >= 60
