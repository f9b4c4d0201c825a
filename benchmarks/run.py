"""Speed of the exact engine: against a slider's budget, against its own growth, and against NUTS.

Run with ``make bench``, ``python -m benchmarks`` or ``python benchmarks/run.py``. All figures of a table come from
one run on one machine, so the ratios mean something elsewhere; the seconds beside them do not. Peak memory needs
Linux or macOS.
"""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from borrowing_strength import beta_binomial

SUCCESSES, TRIALS = [30, 50, 55, 60], [100] * 4
SLIDER = 0.050  # seconds in which an answer feels instant
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def fastest(task: Callable[[], Any], repeats: int = 7) -> float:
    """Seconds of the quickest of several runs, after one that warms up: the one least disturbed."""
    task()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return min(times)


def line(what: str, seconds: float, ratio: str = "") -> None:
    print(f"  {what:<58} {seconds * 1000:>10,.1f} ms   {ratio}".rstrip(), flush=True)


def many_groups(groups: int, most_trials: int = 100) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    trials = rng.integers(1, most_trials + 1, groups)
    return rng.binomial(trials, rng.beta(4, 16, groups)), trials


def apart(task: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """Run a task in a fresh process; its result and the peak memory in MB of that process or its largest child."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_watched, task, arguments).result()


def _watched(task: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, float]:
    import resource

    result = task(*arguments)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return result, peak / (2**20 if sys.platform == "darwin" else 2**10)


def small() -> float:
    print(f"Four groups of 100 trials, against {SLIDER * 1000:.0f} ms, in which a slider feels instant")

    def fit() -> beta_binomial.Posterior:
        return beta_binomial.fit(SUCCESSES, TRIALS)

    tasks = {
        "fit, means and sds": lambda: (post := fit()).mean + post.sd,
        "fit, means and 95% intervals": lambda: (post := fit()).mean + post.interval()[:, 0],
        "fit and probability of being best": lambda: fit().prob_best(),
        "fit and 4,000 independent draws": lambda: fit().sample(),
    }
    times = [fastest(task) for task in tasks.values()]
    for what, seconds in zip(tasks, times, strict=True):
        line(what, seconds, f"{seconds / SLIDER:.2f} of the budget")
    return times[0]


def growth(four: float) -> None:
    print("More groups, against four (fit, means and sds)")

    def fit(successes: np.ndarray, trials: np.ndarray) -> np.ndarray:
        post = beta_binomial.fit(successes, trials)
        return post.mean + post.sd

    data = many_groups(10_000)
    seconds = fastest(lambda: fit(*data), repeats=3)
    line("10,000 groups of 1 to 100 trials", seconds, f"{seconds / four:.1f} times four groups (at most 20)")
    for most in (100, 10_000):
        seconds, peak = apart(million, most)
        what = f"1,000,000 groups of 1 to {most:,} trials"
        line(what, seconds, f"{seconds / four:,.0f} times four groups, peak {peak:,.0f} MB (at most 2,000)")


def million(most_trials: int) -> float:
    successes, trials = many_groups(1_000_000, most_trials)
    start = time.perf_counter()
    post = beta_binomial.fit(successes, trials)
    _ = post.mean, post.sd
    return time.perf_counter() - start


def against_nuts() -> None:
    print("Four groups, against NUTS (PyMC model, rates integrated out, nutpie: 4 chains of 1,000 after 1,000)")
    (compiling, sampling, ess), _ = apart(nuts)
    import arviz as az

    exact = fastest(lambda: beta_binomial.fit(SUCCESSES, TRIALS).sample())
    draws = beta_binomial.fit(SUCCESSES, TRIALS).sample()
    independent = float(az.ess(draws, var_names="grand_mean")["grand_mean"])
    answer = fastest(lambda: beta_binomial.fit(SUCCESSES, TRIALS).interval())
    line("NUTS, compiling", compiling)
    line("NUTS, sampling", sampling, f"{ess / sampling:,.0f} effective draws of the grand mean a second")
    line("exact, fit and 4,000 draws", exact, f"{independent / exact:,.0f} effective draws of the grand mean a second")
    line("exact, fit and 95% intervals: no draws", answer)
    rate = independent / exact
    print(f"  effective draws a second, exact over NUTS: {rate * sampling / ess:,.1f} without its compilation,")
    print(f"    {rate * (compiling + sampling) / ess:,.0f} with it")
    without, included = sampling / answer, (compiling + sampling) / answer
    print(f"  time to the intervals, NUTS over exact: {without:,.1f} without, {included:,.0f} with")


def nuts() -> tuple[float, float, float]:
    """Seconds to compile, seconds to sample, and effective draws of the grand mean."""
    import arviz as az

    compiling, sampling, tree = time_nuts(beta_binomial.pymc_model(SUCCESSES, TRIALS))
    return compiling, sampling, float(az.ess(tree, var_names="grand_mean")["grand_mean"])


def time_nuts(model: Any) -> tuple[float, float, Any]:
    """Seconds to compile, seconds to sample once warm, and the draws: 4 chains of 1,000 after 1,000."""
    import nutpie

    start = time.perf_counter()
    compiled = nutpie.compile_pymc_model(model)
    compiling = time.perf_counter() - start
    settings: dict[str, Any] = {"draws": 1000, "tune": 1000, "chains": 4, "cores": 2, "progress_bar": False}
    nutpie.sample(compiled, seed=1, **settings)
    start = time.perf_counter()
    tree = nutpie.sample(compiled, seed=2, **settings)
    return compiling, time.perf_counter() - start, tree


def lessons() -> None:
    print("Lessons, from top to bottom in a fresh kernel (to reach: 3 minutes for all, 45 s and 700 MB for each)")
    total = 0.0
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        (seconds, slowest), peak = apart(run_lesson, path)
        total += seconds
        line(path.stem, seconds, f"peak {peak:,.0f} MB; slowest cells: {slowest}")
    line("all lessons", total)


def run_lesson(path: Path) -> tuple[float, str]:
    """Seconds of a lesson, and its three slowest cells by what they say last."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    start = time.perf_counter()
    settings = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=600, resources=settings, extra_arguments=["--log-level=ERROR"]).execute()
    seconds = time.perf_counter() - start
    took = {taken(cell): cell.source for cell in notebook.cells if "execution" in cell.metadata}
    slowest = sorted(took, reverse=True)[:3]
    return seconds, "; ".join(f"{time:.0f} s {took[time].splitlines()[-1].strip()[:40]!r}" for time in slowest)


def taken(cell: Any) -> float:
    begin, end = (
        datetime.fromisoformat(cell.metadata.execution[key].replace("Z", "+00:00"))
        for key in ("iopub.execute_input", "shell.execute_reply")
    )
    return (end - begin).total_seconds()


def main() -> None:
    four = small()
    growth(four)
    against_nuts()
    lessons()


if __name__ == "__main__":
    main()
