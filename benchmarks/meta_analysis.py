"""Speed of lesson 05: exact draws and Gibbs sampling against the published package, NUTS, and plain random numbers.

Run with ``make bench`` or ``python benchmarks/meta_analysis.py``. The published package is an optional peer: where the
dependency group `bench` is not installed, its table is left out and a line says so.
"""

import time
from importlib.util import find_spec
from typing import Any

import numpy as np
from run import apart, fastest, line, time_nuts

from borrowing_strength import meta_analysis

DRAWS = 10_000  # what the published package draws unless told otherwise
QUANTITIES = {"mu": "mu", "effect_sd": "lift sd"}


def counts(tests: int) -> tuple[np.ndarray, ...]:
    """A/B tests like the lesson's forty: 4,000 to 60,000 visitors an arm, and most ideas do little."""
    rng = np.random.default_rng(tests)
    trials = np.exp(rng.uniform(np.log(4_000), np.log(60_000), tests)).astype(int)
    rate, lift = rng.uniform(0.03, 0.12, tests), 0.01 + 0.025 * np.clip(rng.standard_t(4, tests), -9, 9)
    return rng.binomial(trials, rate), trials, rng.binomial(trials, rate * (1 + lift)), trials


def effective(tree: Any) -> dict[str, float]:
    import arviz as az

    return {name: float(value) for name, value in az.ess(tree, var_names=list(QUANTITIES)).data_vars.items()}


def exact(effects: meta_analysis.Effects) -> Any:
    return meta_analysis.fit(*effects).sample(DRAWS // 4, chains=4)


def gibbs(effects: meta_analysis.Effects) -> Any:
    return meta_analysis.gibbs(*effects, draws=DRAWS // 4, tune=100, chains=4)


def drop_in(tests: int) -> Any:
    """The published package's interface with this package's draws: the same default run, 100 of them burnt."""
    y_c, n_c, y_t, n_t = counts(tests)
    sampler = meta_analysis.GibbsSampler.from_binary_counts(n_c, y_c, n_t, y_t, meta_analysis.Prior(), DRAWS)
    sampler.run_model()
    return as_tree(sampler.get_posterior_samples())


def as_tree(samples: dict[str, np.ndarray]) -> Any:
    import arviz as az

    return az.from_dict(
        {"posterior": {"mu": samples["meta_lift"][None], "effect_sd": samples["lift_standard_deviation"][None]}}
    )


def published(tests: int) -> tuple[float, dict[str, float]]:
    """Seconds and effective draws of metabayes; in a process of its own, where its progress bar can be silenced."""
    import os

    os.environ["TQDM_DISABLE"] = "1"
    import metabayes

    y_c, n_c, y_t, n_t = counts(tests)
    np.random.seed(1)  # noqa: NPY002 - its only source of randomness
    sampler = metabayes.GibbsSampler.from_binary_counts(n_c, y_c, n_t, y_t, metabayes.Prior(), DRAWS)
    start = time.perf_counter()
    sampler.run_model()
    seconds = time.perf_counter() - start
    return seconds, effective(as_tree(sampler.get_posterior_samples()))


def nuts(tests: int) -> tuple[float, float, dict[str, float]]:
    """Seconds to compile, seconds to sample, and effective draws, with the effects integrated out."""
    compiling, sampling, tree = time_nuts(meta_analysis.pymc_model(*meta_analysis.relative_lift(*counts(tests))))
    return compiling, sampling, effective(tree)


def rates(seconds: float, draws: dict[str, float]) -> str:
    return "effective draws a second: " + ", ".join(
        f"{QUANTITIES[name]} {value / seconds:,.0f}" for name, value in draws.items()
    )


def ratio(seconds: float, draws: dict[str, float], peer_seconds: float, peer_draws: dict[str, float]) -> str:
    return ", ".join(
        f"{QUANTITIES[name]} {draws[name] / seconds * peer_seconds / peer_draws[name]:,.1f}x" for name in QUANTITIES
    )


def samplers() -> None:
    print(f"{DRAWS:,} draws of mu, the lift sd and every effect; metabayes 0.0.2 draws from the wrong distribution")
    peer = find_spec("metabayes") is not None
    if not peer:
        print("  metabayes is not installed, so it is left out: uv sync --group bench")
    for tests in (5, 20, 200, 2000):
        effects = meta_analysis.relative_lift(*counts(tests))
        normals = fastest(lambda k=tests: np.random.default_rng(0).standard_normal((DRAWS, k)), repeats=3)
        ours = {}
        for name, task in (("fit(...).sample", exact), ("gibbs, 4 chains", gibbs)):
            seconds = fastest(lambda task=task, effects=effects: task(effects), repeats=5 if tests < 2000 else 2)
            ours[name] = seconds, effective(task(effects))
        seconds = fastest(lambda k=tests: drop_in(k), repeats=3)
        ours["GibbsSampler, 1 chain"] = seconds, effective(drop_in(tests))
        print(f" {tests:,} tests")
        line("limit: one normal draw per effect per draw", normals)
        for name, (seconds, draws) in ours.items():
            line(name, seconds, f"{seconds / normals:.1f} times the limit; {rates(seconds, draws)}")
        if peer:
            (seconds, draws), _ = apart(published, tests)
            line("metabayes", seconds, rates(seconds, draws))
            for name, mine in ours.items():
                print(f"    {name} over metabayes: {ratio(*mine, seconds, draws)}")


def against_nuts() -> None:
    print("Against NUTS (effects integrated out, so it draws none of them; nutpie: 4 chains of 1,000 after 1,000)")
    for tests in (20, 200):
        (compiling, sampling, draws), _ = apart(nuts, tests)
        effects = meta_analysis.relative_lift(*counts(tests))
        mine = fastest(lambda effects=effects: exact(effects), repeats=5), effective(exact(effects))
        print(f" {tests:,} tests")
        line("NUTS, compiling", compiling)
        line("NUTS, sampling", sampling, rates(sampling, draws))
        line("fit(...).sample", mine[0], rates(*mine))
        print(f"    over NUTS: {ratio(*mine, sampling, draws)}; compilation included:")
        print(f"    {ratio(*mine, compiling + sampling, draws)}")


def growth() -> None:
    print("No draws: fit, means and sds of everything")
    before = 0.0
    for tests in (20, 200, 2_000, 20_000, 200_000, 1_000_000):
        seconds, peak = apart(no_draws, tests)
        grown = f"{seconds / before:,.1f} times the row above, " if before else ""
        line(f"{tests:,} tests", seconds, f"{grown}peak {peak:,.0f} MB")
        before = seconds


def no_draws(tests: int) -> float:
    rng = np.random.default_rng(1)
    error = rng.uniform(0.02, 0.08, tests)
    estimate = rng.normal(0.02, np.hypot(0.03, error))

    def answer() -> None:
        post = meta_analysis.fit(estimate, error)
        _ = post.mean, post.sd, post.mu.mean, post.effect_sd.mean

    return fastest(answer, repeats=5 if tests < 1_000_000 else 1)


def main() -> None:
    growth()  # first: a process inherits the peak memory of the one that starts it
    samplers()
    against_nuts()


if __name__ == "__main__":
    main()
