"""What every row of the bench needs: a fresh process for its time and peak memory, a limit, and NUTS as a peer."""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Found:
    """Seconds; those that the plain arithmetic would take; the error and what it is measured against; draws' worth."""

    seconds: float
    limit: float
    error: float
    reference: str
    effective: float = 0.0


@dataclass(frozen=True)
class Case:
    """One row: `task(*arguments)` gives what was found, `peer` the seconds of another tool on the same data.

    A peer that draws like the task adds what its draws are worth (`effective`).
    """

    model: str
    question: str
    size: str
    task: Callable[..., Found]
    arguments: tuple[Any, ...] = ()
    peer_name: str = ""
    peer: Callable[..., float | tuple[float, float]] | None = None

    @property
    def name(self) -> tuple[str, str, str, str]:
        return self.model, self.question, self.size, self.peer_name


def fastest(task: Callable[[], Any], budget: float = 2.0) -> float:
    """Seconds of the quickest of up to seven runs after a first one, which imports; of a first that takes over ten."""
    times: list[float] = []
    while len(times) < 8 and (len(times) < 2 or sum(times[1:]) < budget):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
        if times[0] > 10:
            break
    return min(times)


def a_call(function: Callable[..., np.ndarray], *arguments: np.ndarray) -> float:
    """Seconds that one element of a vectorised function takes."""
    return fastest(lambda: function(*arguments), budget=0.2) / np.broadcast(*arguments).size


def apart(task: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """Run a task in a fresh process; its result and the peak memory in MB of that process or its largest child."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_watched, task, arguments).result()


def _watched(task: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, float]:
    import resource

    result = task(*arguments)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return result, peak / (2**20 if sys.platform == "darwin" else 2**10)


def effective(*hyperparameters: np.ndarray) -> float:
    """How many independent draws a run is worth for the hyperparameter that it knows least about, by ArviZ."""
    from arviz_stats.base import array_stats

    chains = (values.reshape(4, -1) for values in hyperparameters)
    return min(float(array_stats.ess(values, chain_axis=0, draw_axis=1)) for values in chains)


def nuts(model: Any) -> float:
    """Seconds of nutpie on a PyMC model once it is compiled and warm: 4 chains of 1,000 draws after 1,000."""
    return _warm(model)[0]


def nuts_until(model: Any, hyperparameter: str, enough: float = 10_000) -> float:
    """Extrapolated, warm-up in proportion: seconds until the draws of a hyperparameter are worth `enough`.

    With 10,000 the error of its posterior mean is 1% of its sd.
    """
    seconds, trace = _warm(model)
    return seconds * enough / effective(trace.posterior[hyperparameter].values)


def _warm(model: Any) -> tuple[float, Any]:
    import nutpie

    compiled = nutpie.compile_pymc_model(model)
    settings: dict[str, Any] = {"draws": 1000, "tune": 1000, "chains": 4, "cores": 2, "progress_bar": False}
    nutpie.sample(compiled, seed=1, **settings)
    start = time.perf_counter()
    trace = nutpie.sample(compiled, seed=2, **settings)
    return time.perf_counter() - start, trace


NUTS = "PyMC + nutpie, warm, 4,000 draws"
NUTS_1_PERCENT = "PyMC + nutpie, warm, until the spread's mean is known to 1% of its sd (extrapolated)"
