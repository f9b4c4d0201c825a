"""Speed of lesson 04's exact engine: against NUTS on the same model for 2, 20 and 50 markets, and alone on any sizes.

Run with ``make bench`` or ``python benchmarks/multilevel.py``.
"""

import numpy as np
from run import fastest, time_nuts

from borrowing_strength import multilevel

Counts = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def simulated(markets: int) -> Counts:
    rng = np.random.default_rng(markets)
    trials = np.exp(rng.uniform(np.log(50), np.log(2000), markets)).astype(int)
    log_odds = rng.normal(-1, 0.5, markets)
    rates = 1 / (1 + np.exp(-log_odds)), 1 / (1 + np.exp(-log_odds - rng.normal(0.2, 0.2, markets)))
    return rng.binomial(trials, rates[0]), trials, rng.binomial(trials, rates[1]), trials


def answer(counts: Counts) -> np.ndarray:
    post = multilevel.fit(*counts)
    return np.concatenate([post.prob_better, post.difference.mean, post.difference.interval().ravel()])


def nuts(counts: Counts) -> tuple[float, float, float]:
    """Seconds to compile, seconds to sample, and the largest Monte Carlo error of the P(treatment better)."""
    import arviz as az

    compiling, sampling, tree = time_nuts(multilevel.pymc_model(*counts))
    better = (tree["posterior"]["slope"] > 0).astype(float).to_dataset(name="better")
    return compiling, sampling, float(np.nanmax(az.mcse(better)["better"].values))


def main() -> None:
    print("Markets, exact against NUTS (non-centred, nutpie: 4 chains of 1,000 after 1,000)")
    print("  P(treatment better), differences and their 95% intervals of all markets; ratios are NUTS over exact")
    for markets in (2, 20, 50):
        counts = ([30, 55], [100, 100], [50, 60], [100, 100]) if markets == 2 else simulated(markets)
        exact = fastest(lambda counts=counts: answer(counts), repeats=3)
        compiling, sampling, error = nuts(counts)
        print(f"  {markets:>2} markets: exact {exact:.3f} s; NUTS {sampling:.2f} s, after {compiling:.1f} s to compile")
        print(f"     ratio {sampling / exact:,.1f} without compilation, {(compiling + sampling) / exact:,.0f} with it;")
        print(f"     Monte Carlo error of P up to {error:.4f}, of the exact answer below 0.0001", flush=True)
    print("  exact alone: fit, P(treatment better), differences and their intervals")
    alone = {f"{markets} markets": simulated(markets) for markets in (200, 1000)}
    alone["four markets without success in an arm"] = ([0] * 4, [100] * 4, [5] * 4, [100] * 4)
    alone["two markets without success"] = ([0, 0], [100, 50], [0, 0], [100, 50])
    alone["forty visitors beside a million"] = ([3, 50_000], [40, 10**6], [5, 51_000], [40, 10**6])
    for name, counts in alone.items():
        print(f"  {name}: {fastest(lambda counts=counts: answer(counts), repeats=1):.2f} s", flush=True)


if __name__ == "__main__":
    main()
