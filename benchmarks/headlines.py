"""Speed of lesson 06: the exact fit of an archive, its growth, and NUTS on 200 tests.

Run with ``make bench`` or ``python benchmarks/headlines.py``.
"""

import time

import numpy as np
from run import apart, fastest, line, time_nuts

from borrowing_strength import datasets, headlines


def archive() -> list[np.ndarray]:
    table = datasets.headlines().rename(columns={"first_clicks": "successes", "first_impressions": "trials"})
    usable = headlines.tidy(table)[0]
    return [usable[name].to_numpy() for name in ("test", "successes", "trials")]


def simulated(tests: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tests of four arms with a spread of 0.22, without those that nobody clicked in."""
    rng = np.random.default_rng(tests)
    test, trials = np.repeat(np.arange(tests), 4), rng.integers(1_000, 2_500, 4 * tests)
    level = np.repeat(np.exp(rng.normal(-4.4, 0.5, tests)), 4)
    clicks = rng.poisson(trials * level * rng.gamma(20, 1 / 20, 4 * tests))
    kept = np.bincount(test, clicks)[test] > 0
    return test[kept], clicks[kept], trials[kept]


def timed_fit(tests: int) -> float:
    """Seconds for the fit, means and sds of simulated tests; of the archive's for 0."""
    columns = simulated(tests) if tests else archive()
    start = time.perf_counter()
    post = headlines.fit(*columns)
    _ = post.mean, post.sd
    return time.perf_counter() - start


def growth() -> None:
    print("An archive of headline tests: fit, means and sds of all arms")
    columns = archive()
    seconds, peak = apart(timed_fit, 0)
    line(f"the archive, {len(columns[0]):,} arms", seconds, f"peak {peak:,.0f} MB (at most 500)")
    line("the same: fit alone", fastest(lambda: headlines.fit(*columns), repeats=3))
    before = 0.0
    for tests in (2_500, 25_000, 250_000):
        seconds, peak = apart(timed_fit, tests)
        grown = f"{seconds / before:,.1f} times the row above, " if before else ""
        line(f"{tests:,} tests of four arms, simulated", seconds, f"{grown}peak {peak:,.0f} MB (at most 2,000)")
        before = seconds


def nuts() -> tuple[float, float, float]:
    import arviz as az

    compiling, sampling, tree = time_nuts(headlines.pymc_model(*simulated(200)))
    return compiling, sampling, float(az.ess(tree, var_names="spread")["spread"])


def against_nuts() -> None:
    print("200 tests, against NUTS (qualities integrated out; nutpie: 4 chains of 1,000 after 1,000)")
    (compiling, sampling, draws), _ = apart(nuts)
    columns = simulated(200)
    exact = fastest(lambda: headlines.fit(*columns).spread.sd, repeats=3)
    # Monte Carlo error falls with the root of the draws: 10,000 effective ones give the mean to one percent of its sd.
    needed = sampling * 10_000 / draws
    line("NUTS, compiling", compiling)
    line("NUTS, sampling", sampling, f"{draws / sampling:,.0f} effective draws of the spread a second")
    line("exact", exact, f"NUTS needs {needed / exact:,.0f} times as long for the spread's mean to 1% of its sd")


def main() -> None:
    growth()  # first: a process inherits the peak memory of the one that starts it
    against_nuts()


if __name__ == "__main__":
    main()
