"""Every public callable, over its whole signature, with sixty kinds of wrong value for each argument.

Each is refused with a ValueError or TypeError that names the argument, without a warning. What is public is found, not
listed: a new function is tried as soon as its topic names it, and fails here until `EXAMPLES` knows its arguments.
"""

import contextlib
import datetime
import inspect
import io
import math
import warnings
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pymc as pm
import pytest
import scipy.stats
import xarray as xr

from borrowing_strength import (
    beta_binomial,
    calibration,
    datasets,
    headlines,
    meta_analysis,
    mixtures,
    multilevel,
    redundancy,
    sampling,
)

TOPICS = (beta_binomial, mixtures, redundancy, multilevel, meta_analysis, headlines, datasets, sampling, calibration)

# ---------------------------------------------------------------------------------------- sixty kinds of wrong value

NAN, INF = float("nan"), float("inf")
WRONG: dict[str, Callable[[], Any]] = {
    repr(value): lambda value=value: value
    for value in (
        *(None, NAN, INF, -INF, 10**400, 1j, complex(NAN), True, np.True_, "some text", "", "3", b"bytes", ...),
        *(NotImplemented, int, len, math, Path("x"), slice(3), Exception("x"), datetime.date(2026, 1, 1)),
        *(np.datetime64("2026-01-01"), np.timedelta64(1, "s"), pd.Timestamp("2026-01-01"), pd.NaT, pd.NA),
        *(Decimal("NaN"), Decimal("sNaN"), [], (), {}, set(), {1, 2}, frozenset({1}), {"a": 1}),
        *([[1, 2], [3, 4]], [[1], [2, 3]], ["1", "2"], [None], [1, None], [NAN, 1], [1, INF], [1j], [True, False]),
        *([[[]]], [b"x"], range(0), bytearray(b"ab"), [datetime.date(2026, 1, 1)], [pd.NA, 1], [Decimal("NaN")]),
    )
} | {
    "an object": object,
    "objects": lambda: [object(), object()],
    "no array": lambda: np.array([]),
    "an array of text": lambda: np.array(["x", "y"]),
    "three dimensions": lambda: np.full((2, 2, 2), 0.5),
    "all masked": lambda: np.ma.masked_all(4),
    "one masked": lambda: np.ma.array([1, 2, 3, 4], mask=[0, 1, 0, 0]),
    "records": lambda: np.zeros(2, dtype="i4,f4"),
    "a series of text": lambda: pd.Series(["x", "y"]),
    "a series with a gap": lambda: pd.Series([1.0, None]),
    "a nullable series with a gap": lambda: pd.Series([1, None], dtype="Int64"),
    "a frame": lambda: pd.DataFrame({"a": [1.0, 2.0]}),
    "an array of xarray": lambda: xr.DataArray(["x"]),
    "an empty iterator": lambda: iter([]),
    "a function": lambda: lambda x: x,
}

# ------------------------------------------------------------------------------------------ what is right for each


COUNTS, TRIALS = [3, 50, 55, 60], [10, 100, 90, 110]


@cache
def model() -> Any:
    with pm.Model() as model:
        pm.Normal("x")
    return model


@cache
def draws() -> xr.DataTree:
    return beta_binomial.fit([3, 50], [10, 100]).sample(draws=50)


LAZY: list[Any] = [model, draws]


def lazily(make: Callable[[], Any]) -> Callable[[], Any]:
    LAZY.append(make)
    return make


# By the name of the argument; "fit.prior" is the prior of `fit`, "headlines.fit.prior" that of one topic's.
EXAMPLES: dict[str, Any] = {
    # data, one value a group
    **dict.fromkeys(("successes", "control_successes", "failures", "counts"), COUNTS),
    **dict.fromkeys(("trials", "control_trials", "treatment_trials"), TRIALS),
    "treatment_successes": [4, 40, 60, 70],
    "control_sample_size": TRIALS,
    "treatment_sample_size": TRIALS,
    "n": 10,
    "em.n": TRIALS,
    "m_step.n": TRIALS,
    "population.n": TRIALS,
    "mixtures.pymc_model.n": TRIALS,
    "log_score.n": TRIALS,
    "responsibilities.n": TRIALS,
    "predictive_score.n": TRIALS,
    "hours": [94.3, 15.7, 62.9, 5.2],
    "mission.hours": 10.0,
    "predict.hours": 10.0,
    "estimate": [28.0, 8.0, -3.0, 7.0],
    "standard_error": [15.0, 10.0, 16.0, 11.0],
    "predict.standard_error": 2.0,
    "var_control_mean": 0.1,
    "var_treatment_mean": 0.1,
    "control_mean": [1.0, 2.0, 3.0, 4.0],
    "treatment_mean": [2.0, 2.0, 3.0, 4.0],
    "control_standard_error": [0.1, 0.2, 0.2, 0.3],
    "treatment_standard_error": [0.1, 0.2, 0.2, 0.3],
    "control_means": [0.1, 0.2, 0.3, 0.4],
    "treatment_means": [0.2, 0.2, 0.3, 0.4],
    "control_mean_variances": [1e-4, 2e-4, 2e-4, 3e-4],
    "treatment_mean_variances": [1e-4, 2e-4, 2e-4, 3e-4],
    "test": ["x", "x", "y", "y"],
    "arm": ["a", "b", "a", "b"],
    "labels": ["A", "B", "C", "D"],
    "Effects.estimate": COUNTS,
    "share": 0.3,
    "m_step.share": np.full((4, 2), 0.5),
    "rates": [0.4, 0.5],
    "mean": 0.3,
    "sd": 0.1,
    "probs": [0.2, 0.7],
    "weights": [0.5, 0.5],
    "replay.successes": COUNTS,
    "predict.trials": 20,
    "forecast.trials": 20,
    "upper_limit.trials": 100,
    "upper_limit.failures": 1,
    "belief_from_trials.failures": 1,
    "belief_from_trials.trials": 100,
    "k": 2,
    "pmf.k": 2,
    "cdf.k": 2,
    "a": (16.0, 9.0),
    "b": (40.0, 8.0),
    "table": lazily(lambda: ARCHIVE),
    "BetaBinomialMixture.a": [2.0, 3.0],
    "BetaBinomialMixture.b": [4.0, 3.0],
    "MeanConcentration.mean": (1.0, 1.0),
    # settings
    "seed": 1,
    "draws": 50,
    "tune": 20,
    "chains": 2,
    "replications": 2,
    "variants": 2,
    "rate": 0.3,
    "prob": 0.9,
    "false_alarms.trials": 20,
    "false_claims.trials": (20, 60),
    "markets": 2,
    "level": 0.05,
    "folds": 2,
    "restarts": 2,
    "components": 2,
    "most": 100,
    "smoothness": 0.5,
    "df": 4.0,
    "scale": 1.0,
    "upper": 2.0,
    "exponent": 2.5,
    "belief": lazily(lambda: scipy.stats.beta(2, 38)),
    "reach": 0.5,
    "rho": 0.1,
    "p": 0.05,
    "ratio": 4.0,
    "shape": (1.0, 1.0),
    "Prior.rate": (0.1, 1.0),
    "belief_from_trials.prior": (1.0, 1.0),
    "correction": 0.5,
    "alpha": 0.1,
    "beta": 1e-5,
    "GammaPrecision.beta": 1e-5,
    "mu_mean": 0.0,
    "mu_sd": 1.0,
    "epsilon": None,
    "target_accept": 0.8,
    "q": 0.25,
    "value": 0.25,
    "i": 0,
    "j": 1,
    "spread": 0.2,
    "visitors": 2000,
    "arms": [2, 5],
    "each": [200, 400],
    "forecast.arms": [0, 1, 2, 3],
    "num_iterations": 120,
    "burn": 5,
    "chosen": [True, False, True, True],
    "intercept": (-2.0, 0.5),
    "slope": (0.0, 0.1),
    "num_draws": 100,
    "lower": 0.0,
    "num_bins": 10,
    "surface.mean": np.array([0.4, 0.5]),
    "log_concentration": np.array([1.0, 2.0]),
    "mu": np.array([0.1, 0.2]),
    "log_effect_sd": np.array([0.1, 0.2]),
    "name": "mu",
    "size": 3,
    "rng": lazily(lambda: np.random.default_rng(1)),
    "groups": "groups",
    "sentence.rate": "rate",
    "form": "integrated",
    "effect": "log_odds_ratio",
    "predict.arm": "control",
    "exact": [0.4, 0.5],
    "tree": draws,
    "compare_means.draws": lazily(lambda: draws()["posterior"]["rate"]),
    **dict.fromkeys(("rows", "centred", "correlated", "ordered", "log"), False),
    "count": 2,
    "probability": 0.1,
    "row": 0,
    "arms_of": 2,
    "target": 0.1,
    "study.successes": [*COUNTS, 40],
    "study.trials": [*TRIALS, 95],
    "headlines.successes": COUNTS,
    "headlines.trials": [1000, 9000, 8000, 9500],
    "replay.trials": [1000, 9000, 8000, 9500],
    # objects
    "prior": None,
    "GibbsSampler.prior": lazily(meta_analysis.Prior),
    "from_binary_counts.prior": lazily(meta_analysis.Prior),
    "population": None,
    "statistic": None,
    "sampling.sample.model": model,
    "redundancy.model": lazily(lambda: redundancy.CommonCause(scipy.stats.beta(2, 38), 0.1)),
    "draw_prior": lambda rng: {"mu": rng.normal()},
    "simulate": lambda truth, rng: rng.normal(truth["mu"]),
    "posterior_draws": lambda data, rng: {"mu": rng.normal(size=99)},
}

# Which of the wrong values an argument can have after all, beside its default.
SHAPES = {"[[1, 2], [3, 4]]", "three dimensions", "a frame"}
FLAGS, WORDS = {"True", "np.True_"}, {"'some text'", "'3'"}
FUNCTIONS = {"<class 'int'>", "<built-in function len>", "a function"}
FITS = {
    **dict.fromkeys(("value", "q", "k", "exact", "var_control_mean", "var_treatment_mean"), SHAPES),
    **{f"calculate_relative_delta_variance.{arm}_mean": SHAPES for arm in ("control", "treatment")},
    **dict.fromkeys(("rows", "centred", "correlated", "ordered", "log"), FLAGS),
    **dict.fromkeys(("groups", "sentence.rate"), WORDS),
    **dict.fromkeys(("statistic", "draw_prior", "simulate", "posterior_draws"), FUNCTIONS),
}

# What a prior or a model of dependence supplies to the package, which calls it with arrays that it has checked.
SUPPLIED = {"check", "log_density", "log_pmf", "pymc_variables", "pymc_variable", "draw", "log_tail", "after", "of"}
# What a fit or a study returns, and what only describes: nobody calls these by name.
RESULTS = {
    *("Posterior", "Hyperprior", "SdPrior", "Certainty", "EMFit", "PredictiveCheck", "Study", "Estimate", "Effect"),
    *("Effects", "Hyper", "NormalMixture", "Calibration", "Diagnosis", "Agreement"),
}
ARCHIVE = pd.DataFrame(
    {"test": ["x", "x", "y", "y"], "arm": list("abab"), "successes": COUNTS, "trials": [1000, 9000, 8000, 9500]}
)


class Call(NamedTuple):
    """Something public, by the name that tells it from others, and how to call it."""

    name: str
    function: Callable[..., Any]
    examples: dict[str, Any]

    def run(self, **changed: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return self.function(**(self.examples | changed))


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
        for name, member in sorted(inspect.getmembers(kind), key=lambda pair: pair[0] != "run_model"):
            if name.startswith("_") or name in SUPPLIED or hasattr(tuple, name):
                continue
            if callable(member):
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
