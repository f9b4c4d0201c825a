"""Every public callable, over its whole signature, with sixty kinds of wrong value for each argument.

Each is refused with a ValueError or TypeError that names the argument, without a warning. What is public is found, not
listed: a new function is tried as soon as its topic names it, and fails here until `EXAMPLES` knows its arguments.
"""

import contextlib
import inspect
import io
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import pytest
from hostile import COUNTS, EXAMPLES, FITS, LAZY, WRONG

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
    """The wrong values that a call takes, or refuses without naming the argument."""
    for word in call.examples:
        name = call.name.split(".")[-1]
        fits = FITS.get(f"{name}.{word}", FITS.get(word, set()))
        for wrong, make in WRONG.items():
            if wrong in fits or (wrong == "None" and _may_be_none(call, word)):
                continue
            with contextlib.closing(io.StringIO()) as screen, contextlib.redirect_stdout(screen):
                try:
                    call.run(**{word: make()})
                    said = "takes it"
                except (ValueError, TypeError) as error:
                    said = "" if word in str(error) else f"says {error!r}"
                except Exception as error:
                    said = f"ends in {error!r}"
            if said:
                yield f"{call.name}({word}={wrong}) {said[:200]}"


def _may_be_none(call: Call, word: str) -> bool:
    return inspect.signature(call.function).parameters[word].default is None


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.__name__.rpartition(".")[2])
def test_every_argument_of_everything_public_is_read_before_it_is_used(topic: ModuleType) -> None:
    found = [complaint for call in calls(topic) for complaint in complaints(call)]
    assert not found, f"{len(found)} complaints:\n" + "\n".join(found[:100])


def test_a_reader_that_is_left_out_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def fit(counts, prior=None):
        return sum(counts)

    found = list(complaints(Call("made_up.fit", fit, {"counts": COUNTS, "prior": None})))
    assert "made_up.fit(counts=[True, False]) takes it" in found
    assert "made_up.fit(prior=1j) takes it" in found
    assert any(complaint.startswith("made_up.fit(counts=None) says TypeError") for complaint in found)


def test_there_are_sixty_kinds_of_wrong_value() -> None:
    assert len(WRONG) >= 60
