"""Lesson 03's rows: ten components against NUTS, and up to a million, each with hours of its own."""

import numpy as np
from scipy.special import gammaln

from benchmarks.measure import NUTS, Case, Found, a_call, fastest, nuts
from borrowing_strength import redundancy


def components(size: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    hours = rng.uniform(0.5, 10, size)
    return rng.poisson(hours * rng.gamma(2, 0.3, size)), hours


def fit(size: int) -> Found:
    y, t = components(size)

    def ask() -> None:
        post = redundancy.fit(y, t)
        _ = post.mean, post.sd, post.interval()

    seconds = fastest(ask)
    post = redundancy.fit(y, t)
    # Spread over the population's nodes: a likelihood has two logarithms of Gamma functions, and two others.
    a, b = np.random.default_rng(1).uniform(1, 50, (2, 100_000))
    call = a_call(lambda a, b: gammaln(a + b) - gammaln(a) + a * np.log(b) - (a + b) * np.log(a + b), a, b)
    few = np.arange(min(size, 200))
    error = np.max(np.abs(post.mean[few] - by_grid(post, few)) / post.sd[few])
    return Found(seconds, size * len(post._population.weight) * call, error, "a grid of gammaln, in sds")


def by_grid(post: redundancy.Posterior, few: np.ndarray) -> np.ndarray:
    """Means of some components by sums over an even grid of the two hyperparameters, component by component."""
    (c, d), (e, f) = post.prior.shape, post.prior.rate
    log_mean, v = post.grand_mean.quantile(np.array([0.001, 0.5, 0.999])), post.log_shape.quantile([0.001, 0.5, 0.999])
    axes = []
    for low, middle, high in (np.log(log_mean), v):
        axes.append(np.linspace(middle - 3 * (middle - low), middle + 3 * (high - middle), 43))
    u, v = (x.ravel() for x in np.meshgrid(*axes))
    a, b = np.exp(v), np.exp(v - u)
    log_mass = c * v - d * a + e * (v - u) - f * b
    for one, many in zip(*np.unique(post.failures, return_counts=True), strict=True):
        log_mass += many * (gammaln(a + one) - gammaln(a)) + many * a * (v - u)
    for part in np.array_split(np.arange(len(post)), 1 + len(post) // 500):
        log_mass -= np.sum((a + post.failures[part, None]) * np.log(b + post.hours[part, None]), axis=0)
    mass = np.exp(log_mass - log_mass.max())
    mass /= mass.sum()
    return ((a + post.failures[few, None]) / (b + post.hours[few, None])) @ mass


def best(size: int) -> Found:
    post = redundancy.fit(*components(size))
    _ = post.sd

    def ask() -> None:
        post.__dict__.pop("_competition", None)
        post.prob_best()

    a, b = np.random.default_rng(1).uniform(1, 50, (2, 100_000))
    call = a_call(lambda a, b: gammaln(a + b) - gammaln(a) + a * np.log(b) - (a + b) * np.log(a + b), a, b)
    seconds, error = fastest(ask), abs(post.prob_best().sum() - 1)
    return Found(seconds, size * len(post._population.weight) * call, error, "one, their sum")


def peer() -> float:
    return nuts(redundancy.pymc_model(*components(10)))


QUESTION = "fit, means, sds and intervals"
CASES = [
    Case("redundancy", QUESTION, "10 components", fit, (10,), NUTS, peer),
    *(Case("redundancy", QUESTION, f"{size:,} components", fit, (size,)) for size in (10_000, 100_000, 1_000_000)),
    *(
        Case("redundancy", "prob_best, after the fit", f"{size:,} components", best, (size,))
        for size in (10_000, 100_000)
    ),
]
