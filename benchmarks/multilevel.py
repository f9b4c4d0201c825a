"""Lesson 04's rows: two to ten thousand markets, and the shapes that are hard. NUTS on 2 and on 50 markets."""

import numpy as np

from benchmarks.measure import NUTS, Case, Found, a_call, fastest, nuts
from borrowing_strength import multilevel

HARD = {
    "4 markets, no success in an arm": ([0] * 4, [100] * 4, [5] * 4, [100] * 4),
    "2 markets, 40 visitors beside 1,000,000": ([3, 50_000], [40, 10**6], [5, 51_000], [40, 10**6]),
    "2 markets, none of 316,227 against 54,418": ([0, 3162], [316_227, 10_000], [54_418, 4000], [316_227, 10_000]),
}


def markets(size: int | str) -> np.ndarray:
    if isinstance(size, str):
        return np.array(HARD[size])
    if size == 2:
        return np.array([[30, 55], [100, 100], [50, 60], [100, 100]])
    rng = np.random.default_rng(size)
    trials = np.exp(rng.uniform(np.log(50), np.log(2000), size)).astype(int)
    log_odds = rng.normal(-1, 0.5, size)
    rates = 1 / (1 + np.exp(-log_odds)), 1 / (1 + np.exp(-log_odds - rng.normal(0.2, 0.2, size)))
    return np.array([rng.binomial(trials, rates[0]), trials, rng.binomial(trials, rates[1]), trials])


def fit(size: int | str) -> Found:
    counts = markets(size)

    def ask() -> None:
        post = multilevel.fit(*counts)
        _ = post.prob_better, post.difference.mean, post.difference.interval()

    seconds = fastest(ask)
    post, swapped = multilevel.fit(*counts), multilevel.fit(*counts[[2, 3, 0, 1]])
    error = np.max(np.abs(post.slope.mean + swapped.slope.mean) / post.slope.sd)
    return Found(seconds, limit(post), error, "the same with the arms' names exchanged, in sds")


def limit(post: multilevel.Posterior) -> float:
    y, x = np.random.default_rng(1).uniform(1, 50, (2, 100_000))
    call = 2 * a_call(lambda y, x: y * x - 100 * np.log1p(np.exp(x)), y, -x)
    return len(post) * post._solution.mass.size * call


def best(size: int) -> Found:
    post = multilevel.fit(*markets(size))

    def ask() -> None:
        post.__dict__.pop("_competition", None)
        post.prob_best()

    seconds, draws = fastest(ask), post.sample(50_000, chains=1, seed=1)["posterior"]["slope"].values[0]
    share = np.bincount(draws.argmax(axis=1), minlength=size) / len(draws)
    return Found(seconds, limit(post), np.max(np.abs(post.prob_best() - share)), "50,000 exact draws")


def sample(size: int) -> Found:
    post, found = multilevel.fit(*markets(size)), []
    seconds = fastest(lambda: found.append(post.sample(1000, chains=4, seed=len(found))))
    mean = found[0]["posterior"]["slope"].values.mean(axis=(0, 1))
    plain = fastest(lambda: np.random.default_rng(0).standard_normal((4000, 2 * size)))
    return Found(seconds, plain, np.max(np.abs(mean - post.slope.mean) / post.slope.sd), "the exact means, in sds")


def peer(size: int) -> float:
    return nuts(multilevel.pymc_model(*markets(size)))


QUESTION = "fit, P(better), differences and intervals"
CASES = [
    Case("multilevel", QUESTION, f"{size:,} markets", fit, (size,), NUTS, peer)
    if size <= 50
    else Case("multilevel", QUESTION, f"{size:,} markets", fit, (size,))
    for size in (2, 50, 1_000, 10_000)
] + [
    *(Case("multilevel", QUESTION, name, fit, (name,)) for name in HARD),
    Case("multilevel", "prob_best, after the fit", "20 markets", best, (20,)),
    Case("multilevel", "4,000 draws, after the fit", "20 markets", sample, (20,)),
]
