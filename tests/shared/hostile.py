"""Wrong values of sixty kinds, and for each argument of everything public a right one."""

import datetime
import math
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pymc as pm
import scipy.stats
import xarray as xr
from cases import LIFTS, MARKETS, TWO_MARKETS

from borrowing_strength import beta_binomial, headlines, meta_analysis, mixtures, multilevel, redundancy

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
    "a truth value without dimensions": lambda: np.array(True),
    "a text without dimensions": lambda: np.array("x"),
    "a date without dimensions": lambda: np.array("2026-01-01", dtype="datetime64[D]"),
    "a masked number": lambda: np.ma.masked,
    "a masked number in a list": lambda: [1, np.ma.masked],
    "truth values without dimensions in a list": lambda: [np.array(True), 1],
    "a truth value among numbers": lambda: [True, 0.5],
    "a truth value in a table": lambda: [[True, 0.5], [0.2, 0.3]],
    "an arrow column with a gap": lambda: pa.array([1.0, None]),
    "an arrow column of text": lambda: pa.array(["x", "y"]),
    "an arrow column of truth values": lambda: pa.chunked_array([[True, False]]),
    "a series without a name for a row": lambda: pd.Series([1.0, 2.0, np.inf], index=["a", None, "b"]),
}

# What some arguments can be; the others refuse it, and none takes all the memory for it.
EXTREME: dict[str, Callable[[], Any]] = {
    "a huge number": lambda: 10**18,
    "a tiny number": lambda: 1e-300,
    "an enormous number": lambda: 1e300,
    "a number without dimensions": lambda: np.array(2),
    "next to one": lambda: float(np.nextafter(1, 0)),
    "huge numbers": lambda: [10**11] * 4,
    "an arrow column": lambda: pa.array([2, 3, 4, 5]),
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
    return rates().sample(draws=50)


@cache
def rates() -> Any:
    return beta_binomial.fit([3, 50], [10, 100])


@cache
def archive() -> Any:
    return headlines.fit(*(ARCHIVE[name] for name in ("test", "successes", "trials")))


LAZY: list[Any] = [model, draws, rates, archive]


def lazily(make: Callable[[], Any]) -> Callable[[], Any]:
    LAZY.append(make)
    return make


ARCHIVE = pd.DataFrame(
    {"test": ["x", "x", "y", "y"], "arm": list("abab"), "successes": COUNTS, "trials": [1000, 9000, 8000, 9500]}
)

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
    "source": "group,happened,of\nA,1,10\nB,2,20\n",
    "columns": ["group", "happened", "of"],
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
    # figures
    **dict.fromkeys(("title", "ylabel", "xlabel", "unit", "plots.scale"), "some words"),
    **dict.fromkeys(("densities.post", "shrinkage.post", "shrunk_against_raw.post", "surface.post"), lazily(rates)),
    **dict.fromkeys(("forest.post", "gibbs_path.post"), lazily(lambda: meta_analysis.fit(*LIFTS))),
    **dict.fromkeys(("partial", "separate"), lazily(lambda: multilevel.fit(*TWO_MARKETS, labels=MARKETS))),
    "posts": lazily(lambda: {"rates": rates()}),
    "failure_rates.post": lazily(lambda: redundancy.fit([1, 2], [10.0, 5.0])),
    "plots.winners.post": archive,
    "winners.most": 3,
    "shapes": {"rate": (2.0, 3.0)},
    "pmf": [[0.5, 0.5], [0.2, 0.8], [0.1, 0.9]],
    "count_distributions.labels": ["A", "B", "C"],
    "lines": {"risk": ([1.0, 2.0], [0.1, 0.2])},
    "replay": lazily(lambda: archive().replay(ARCHIVE["successes"], ARCHIVE["trials"])),
    "replays": lazily(lambda: {"one": archive().replay(ARCHIVE["successes"], ARCHIVE["trials"])}),
    "parts": 2,
    "gain": lazily(lambda: pd.DataFrame([[0.1, 0.2]], [2], [100, 200])),
    "plots.surface.draws": [[0.3, 0.4], [2.0, 3.0]],
    "forms": lazily(lambda: {"exact": multilevel.fit(*TWO_MARKETS, labels=MARKETS).sample(draws=50)}),
    "market": "China",
    "columns_of.table": lazily(lambda: multilevel.experiment(*TWO_MARKETS, labels=MARKETS)),
    "columns_of.control": "control",
    "columns_of.treatment": "treatment",
    "plots.path": [[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]],
    "market_plate.markets": MARKETS,
    "plots.successes": COUNTS,
    "plots.trials": TRIALS,
    "plots.shrinkage_priors.trials": 100,
    "plate.groups": ["A", "B", "C"],
    "plate.unit": "shop",
    "checks": lazily(lambda: {"one rate": mixtures.predictive_check(COUNTS, TRIALS, [0.4, 0.5], seed=1)}),
    "sd_priors.priors": {"half": meta_analysis.HalfNormal(1.0)},
    "spread_priors.priors": {"half": multilevel.HalfNormal(1.0)},
    "hyperpriors": lazily(lambda: {"default": beta_binomial.PowerLaw()}),
    "strong": [0.1, 0.2, 0.3, 0.9],
    "draw": lambda **_: "said",
    "states": [{}],
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
NAMES = {"['1', '2']", "a series of text", "an array of text", "an arrow column of text"}
FUNCTIONS = {"<class 'int'>", "<built-in function len>", "a function"}
FITS = {
    **dict.fromkeys(("plate.groups", "market_plate.markets"), NAMES),
    "gibbs_path.path": {"[[1, 2], [3, 4]]"},
    "surface.draws": {"[[1, 2], [3, 4]]", "a frame"},
    **dict.fromkeys(("value", "q", "k", "exact", "var_control_mean", "var_treatment_mean"), SHAPES),
    **{f"calculate_relative_delta_variance.{arm}_mean": SHAPES for arm in ("control", "treatment")},
    **dict.fromkeys(("rows", "centred", "correlated", "ordered", "log", "percent"), FLAGS),
    **dict.fromkeys(("groups", "sentence.rate", "plate.unit"), WORDS),
    **dict.fromkeys(("title", "xlabel", "ylabel", "unit", "forest.scale"), WORDS | {"''"}),
    **dict.fromkeys(("statistic", "draw_prior", "simulate", "posterior_draws", "draw"), FUNCTIONS),
}
