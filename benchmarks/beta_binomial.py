"""Lesson 01's rows: few groups against NUTS, and up to a million groups."""

import numpy as np
from scipy.special import betaln, expit

from benchmarks.measure import NUTS, Case, Found, a_call, fastest, nuts
from borrowing_strength import beta_binomial
from borrowing_strength.beta_binomial.betas import BetaMixture

FOUR = [30, 50, 55, 60], [100] * 4
Counts = tuple[np.ndarray, np.ndarray]


def groups(size: int, kind: str = "different rates") -> Counts:
    rng = np.random.default_rng(1)
    if size == 4:
        return np.array(FOUR[0]), np.array(FOUR[1])
    if kind == "equal rates":
        trials = np.exp(rng.uniform(np.log(1e3), np.log(1e6), size)).astype(int)
        return rng.binomial(trials, 0.05), trials
    trials = rng.integers(1, 101, size)
    return rng.binomial(trials, rng.beta(4, 16, size)), trials


def limit(post: beta_binomial.Posterior) -> float:
    """One evaluation of every group's likelihood at every node."""
    a, y = np.random.default_rng(1).uniform(1, 100, (2, 100_000))
    return len(post) * len(post._population.weight) * a_call(lambda a, y: betaln(a + y, y) - betaln(a, y), a, y)


def fit(size: int) -> Found:
    y, n = groups(size)
    seconds = fastest(lambda: (post := beta_binomial.fit(y, n)).mean + post.sd)
    post = beta_binomial.fit(y, n)
    error = np.max(np.abs(post.mean - by_grid(post)) / post.sd)
    return Found(seconds, limit(post), error, "a grid of betaln, in sds")


def by_grid(post: beta_binomial.Posterior) -> np.ndarray:
    """Means by sums over an even grid of the two hyperparameters, group by group."""
    (y, n), many = np.unique(np.stack([post.successes, post.trials]), axis=1, return_counts=True)
    which = np.unique(np.stack([post.successes, post.trials]), axis=1, return_inverse=True)[1]
    few = len(post) < 100
    u0, v0 = post.grand_mean, post.log_concentration
    centre, width = np.log(u0.mean / (1 - u0.mean)), u0.sd / (u0.mean * (1 - u0.mean))
    u = centre + width * (np.linspace(-15, 15, 301) if few else np.linspace(-7, 7, 43))
    v = np.linspace(-3, 40, 400) if few else v0.mean + v0.sd * np.linspace(-7, 7, 43)
    u, v = (x.ravel() for x in np.meshgrid(u, v))
    a, b = np.exp(v) * expit(u), np.exp(v) * expit(-u)
    log_mass = beta_binomial.PowerLaw().log_density(u, v)
    for one, trials, times in zip(y, n, many, strict=True):
        log_mass = log_mass + times * log_ratio(a, b, one, trials - one, exact=few)
    mass = np.exp(log_mass - log_mass.max())
    mass /= mass.sum()
    return np.array([mass @ ((a + one) / (a + b + trials)) for one, trials in zip(y, n, strict=True)])[which]


def log_ratio(a: np.ndarray, b: np.ndarray, y: int, z: int, *, exact: bool) -> np.ndarray:
    """log B(a + y, b + z) - log B(a, b): by its definition where a + b may be too large for the difference."""
    if not exact:
        return betaln(a + y, b + z) - betaln(a, b)
    total = y * np.log(a / (a + b)) + z * np.log(b / (a + b))
    for times, of in ((y, a), (z, b)):
        total += sum(np.log1p(i / of) for i in range(times))
    return total - sum(np.log1p(i / (a + b)) for i in range(y + z))


def interval(size: int, kind: str) -> Found:
    y, n = groups(size, kind)
    post = beta_binomial.fit(y, n)
    _ = post.sd
    found: list[np.ndarray] = []
    seconds = fastest(lambda: found.append(post.interval()))
    few = np.random.default_rng(1).choice(size, 10, replace=False)
    alone = BetaMixture(post._population, y[few], n[few])
    error = np.max(np.abs(found[0][few] - alone.interval()) / alone.sd[:, None])
    return Found(seconds, limit(post), error, "ten groups alone, at all nodes, in sds")


def best(size: int) -> Found:
    y, n = groups(size)
    post = beta_binomial.fit(y, n)
    found: list[np.ndarray] = []

    def ask() -> None:
        post.__dict__.pop("_competition", None)
        found.append(post.prob_best())

    seconds = fastest(ask)
    draws = 20_000_000 // size
    if size == 4:
        draws = 200_000
    elif size > 10_000:
        return Found(seconds, limit(post), abs(found[0].sum() - 1), "one, their sum")
    won = np.zeros(size)
    for seed in range(10):
        rates = post._draw(draws // 10, np.random.default_rng(seed))["rate"]
        won += np.bincount(rates.argmax(axis=1), minlength=size)
    return Found(seconds, limit(post), np.max(np.abs(found[0] - won / draws)), f"{draws:,} exact draws")


def peer() -> float:
    return nuts(beta_binomial.pymc_model(*FOUR))


MODEL = "beta_binomial"
MEANS, INTERVALS, BEST = "fit, means and sds", "intervals, after the fit", "prob_best, after the fit"
CASES = [
    Case(MODEL, MEANS, "4 groups", fit, (4,), NUTS, peer),
    *(Case(MODEL, MEANS, f"{size:,} groups", fit, (size,)) for size in (10_000, 100_000, 1_000_000)),
    *(
        Case(MODEL, INTERVALS, f"{size:,} groups", interval, (size, "different rates"))
        for size in (10_000, 100_000, 1_000_000)
    ),
    Case(MODEL, INTERVALS, "10,000 groups with equal rates", interval, (10_000, "equal rates")),
    Case(MODEL, BEST, "4 groups", best, (4,)),
    *(Case(MODEL, BEST, f"{size:,} groups", best, (size,)) for size in (10_000, 100_000, 1_000_000)),
]
