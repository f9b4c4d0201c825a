"""Lesson 05's rows: fits against PyMARE and NUTS, draws against metabayes, and a million tests."""

import os
import time
from typing import Any

import numpy as np
from scipy.special import ndtr

from benchmarks.measure import NUTS, Case, Found, a_call, effective, fastest, nuts
from borrowing_strength import meta_analysis

DRAWS = 10_000  # what metabayes draws unless told otherwise
HYPERPARAMETERS = "meta_lift", "lift_standard_deviation"  # as it calls them


def counts(tests: int) -> tuple[np.ndarray, ...]:
    """A/B tests like the lesson's forty: 4,000 to 60,000 visitors an arm, and most ideas do little."""
    rng = np.random.default_rng(tests)
    trials = np.exp(rng.uniform(np.log(4_000), np.log(60_000), tests)).astype(int)
    rate, lift = rng.uniform(0.03, 0.12, tests), 0.01 + 0.025 * np.clip(rng.standard_t(4, tests), -9, 9)
    return rng.binomial(trials, rate), trials, rng.binomial(trials, rate * (1 + lift)), trials


def effects(tests: int) -> Any:
    return meta_analysis.relative_lift(*counts(tests))


def fit(tests: int) -> Found:
    estimate, error = effects(tests)
    prior = meta_analysis.Prior()

    def ask() -> None:
        post = meta_analysis.fit(estimate, error, prior=prior)
        _ = post.mean, post.sd, post.mu.sd, post.effect_sd.sd

    seconds = fastest(ask)
    post = meta_analysis.fit(estimate, error, prior=prior)
    return Found(seconds, limit(post), abs(post.mu.mean - by_grid(post)) / post.mu.sd, "a grid over the sd, in sds")


def by_grid(post: meta_analysis.Posterior) -> float:
    """The average effect's mean by sums over an even grid of the effects' log sd."""
    _, means, _, mass = grid(post)
    return float(mass @ means)


def grid(post: meta_analysis.Posterior) -> tuple[np.ndarray, ...]:
    """Sds of the effects, the average effect's mean and variance for each, and each one's probability."""
    y, s, prior = post.estimate, post.standard_error, post.prior
    low, middle, high = np.log(post.effect_sd.quantile(np.array([0.001, 0.5, 0.999])))
    v = np.linspace(middle - 3 * (middle - low), middle + 3 * (high - middle), 2_001 if len(y) < 1_000 else 41)
    means, total, log_mass = np.empty((3, len(v)))
    for k, sd in enumerate(np.exp(v)):
        weight, own = 1 / (s**2 + sd**2), prior.mu_sd**-2.0
        total[k] = weight.sum() + own
        means[k] = (weight @ y + own * prior.mu_mean) / total[k]
        away = weight @ (y - means[k]) ** 2 + own * (prior.mu_mean - means[k]) ** 2
        log_mass[k] = 0.5 * (np.log(weight).sum() - away - np.log(total[k])) + prior.effect_sd.log_density(sd) + v[k]
    mass = np.exp(log_mass - log_mass.max())
    return np.exp(v), means, 1 / total, mass / mass.sum()


def interval(tests: int) -> Found:
    estimate, error = effects(tests)
    post = meta_analysis.fit(estimate, error, prior=meta_analysis.Prior())
    _ = post.sd
    found: list[np.ndarray] = []
    seconds = fastest(lambda: found.append(post.interval()))
    sd, means, variances, mass = grid(post)
    off = []
    for k in np.random.default_rng(1).choice(tests, 10, replace=False):
        share = error[k] ** 2 / (error[k] ** 2 + sd**2)
        width = np.sqrt(share * sd**2 + share**2 * variances)
        z = (found[0][k] - ((1 - share) * estimate[k] + share * means)[:, None]) / width[:, None]
        below, density = mass @ ndtr(z), mass @ (np.exp(-(z**2) / 2) / width[:, None]) / np.sqrt(2 * np.pi)
        off.append(np.abs(below - [0.025, 0.975]) / density / post.sd[k])
    return Found(seconds, limit(post), np.max(off), "ten tests by a grid over the sd, in sds")


def best(tests: int) -> Found:
    post = meta_analysis.fit(*effects(tests), prior=meta_analysis.Prior())
    _ = post.sd

    def ask() -> None:
        post.__dict__.pop("_competition", None)
        post.prob_best()

    return Found(fastest(ask), limit(post), abs(post.prob_best().sum() - 1), "one, their sum")


def limit(post: meta_analysis.Posterior) -> float:
    x, sd = np.random.default_rng(1).uniform(1, 2, (2, 100_000))
    return len(post) * len(post._weight) * a_call(lambda x, sd: -0.5 * (x / sd) ** 2 - np.log(sd), x, sd)


def sampler(tests: int, kind: str) -> Found:
    import xarray  # noqa: F401 - before the clock starts

    estimate, error = effects(tests)
    data, found = counts(tests), []

    def exact() -> None:
        tree = meta_analysis.fit(estimate, error, prior=meta_analysis.Prior()).sample(DRAWS // 4, chains=4)
        found.append([tree["posterior"][name].values.ravel() for name in ("mu", "effect_sd")])

    def drop_in() -> None:
        y_c, n_c, y_t, n_t = data
        gibbs = meta_analysis.GibbsSampler.from_binary_counts(n_c, y_c, n_t, y_t, meta_analysis.Prior(), DRAWS)
        gibbs.run_model()
        found.append([gibbs.get_posterior_samples()[name] for name in HYPERPARAMETERS])

    seconds = fastest(exact if kind == "exact" else drop_in)
    plain = fastest(lambda: np.random.default_rng(0).standard_normal((DRAWS, tests)))
    mu = meta_analysis.fit(estimate, error, prior=meta_analysis.Prior()).mu
    error = abs(found[0][0].mean() - mu.mean) / mu.sd
    return Found(seconds, plain, error, "the exact mean, in sds", effective(*found[0]))


def metabayes(tests: int) -> tuple[float, float]:
    """The published package, for the same 10,000 draws, which depend on those before."""
    os.environ["TQDM_DISABLE"] = "1"
    import metabayes

    y_c, n_c, y_t, n_t = counts(tests)
    np.random.seed(1)  # noqa: NPY002 - its only source of randomness
    gibbs = metabayes.GibbsSampler.from_binary_counts(n_c, y_c, n_t, y_t, metabayes.Prior(), DRAWS)
    start = time.perf_counter()
    gibbs.run_model()
    seconds = time.perf_counter() - start
    return seconds, effective(*(np.asarray(gibbs.get_posterior_samples()[name]) for name in HYPERPARAMETERS))


def pymare(tests: int) -> float:
    """REML with its summary: the average effect and its error, and no answer for single tests."""
    import pymare

    estimate, error = effects(tests)
    data = pymare.Dataset(y=estimate, v=error**2)
    return fastest(
        lambda: pymare.estimators.VarianceBasedLikelihoodEstimator(method="REML").fit_dataset(data).summary()
    )


def by_nuts(tests: int) -> float:
    return nuts(meta_analysis.pymc_model(*effects(tests)))


MODEL, QUESTION = "meta_analysis", "fit, means and sds of all effects"
REML, PUBLISHED = "PyMARE, REML", "metabayes, 10,000 draws"
CASES = [
    *(Case(MODEL, QUESTION, f"{tests} tests", fit, (tests,), REML, pymare) for tests in (20, 200)),
    *(Case(MODEL, QUESTION, f"{tests} tests", fit, (tests,), NUTS, by_nuts) for tests in (20, 200)),
    Case(MODEL, QUESTION, "1,000,000 tests", fit, (1_000_000,)),
    *(
        Case(MODEL, question, f"{tests:,} tests", task, (tests,))
        for question, task in (("intervals, after the fit", interval), ("prob_best, after the fit", best))
        for tests in (10_000, 100_000, 1_000_000)
    ),
    *(
        Case(MODEL, question, f"{tests} tests", sampler, (tests, kind), PUBLISHED, metabayes)
        for kind, question in (("exact", "fit, 10,000 draws"), ("drop-in", "GibbsSampler, 10,000 draws"))
        for tests in (20, 200)
    ),
]
