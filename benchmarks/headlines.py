"""Lesson 06's rows: 200 tests against NUTS, the archive, and a million arms."""

import numpy as np
from scipy.special import gammainc, gammaln

from benchmarks.measure import NUTS, NUTS_1_PERCENT, Case, Found, a_call, fastest, nuts, nuts_until
from borrowing_strength import datasets, headlines

Columns = tuple[np.ndarray, np.ndarray, np.ndarray]


def archive() -> Columns:
    table = datasets.headlines().rename(columns={"first_clicks": "successes", "first_impressions": "trials"})
    usable = headlines.tidy(table)[0]
    return tuple(usable[name].to_numpy() for name in ("test", "successes", "trials"))


def simulated(tests: int) -> Columns:
    """Tests of four arms with a spread of 0.22, without those that nobody clicked in."""
    rng = np.random.default_rng(tests)
    test, trials = np.repeat(np.arange(tests), 4), rng.integers(1_000, 2_500, 4 * tests)
    level = np.repeat(np.exp(rng.normal(-4.4, 0.5, tests)), 4)
    clicks = rng.poisson(trials * level * rng.gamma(20, 1 / 20, 4 * tests))
    kept = np.bincount(test, clicks)[test] > 0
    return test[kept], clicks[kept], trials[kept]


def fit(tests: int) -> Found:
    """The archive's for 0."""
    columns = simulated(tests) if tests else archive()
    post = headlines.fit(*columns)

    def ask() -> None:
        post = headlines.fit(*columns)
        _ = post.mean, post.sd, post.spread.sd

    seconds = fastest(ask)
    y, x = np.random.default_rng(1).uniform(1, 50, (2, 100_000))
    call = a_call(lambda y, x: gammaln(20 + y) - (20 + y) * np.log1p(x), y, x)
    nodes = len(post._line.weight) * 16  # of the spread, and as many of every test's level as a Gauss rule needs
    error = abs(post.spread.mean - by_grid(columns, post.spread.quantile(np.array([0.001, 0.999])))) / post.spread.sd
    return Found(seconds, len(columns[0]) * nodes * call, error, "a grid over spread and levels, in sds")


def later(tests: int, question: str) -> Found:
    """Intervals or winners after the fit; ten arms' intervals against sums over 4,001 levels of their tests."""
    columns = simulated(tests) if tests else archive()
    post = headlines.fit(*columns)
    _ = post.sd
    found: list[np.ndarray] = []

    def ask() -> None:
        post.__dict__.pop("_competition", None)
        found.append(post.prob_best() if question == BEST else post.interval())

    seconds = fastest(ask)
    y, x = np.random.default_rng(1).uniform(1, 50, (2, 100_000))
    call = a_call(lambda y, x: gammaln(20 + y) - (20 + y) * np.log1p(x), y, x)
    plain = len(columns[0]) * len(post._line.weight) * 16 * call
    if question == BEST:
        each = np.bincount(np.unique(columns[0], return_inverse=True)[1], found[0])
        return Found(seconds, plain, np.max(np.abs(each - 1)), "one, their sum in every test")
    few = np.random.default_rng(1).choice(len(columns[0]), 10, replace=False)
    off = [np.abs(tail(columns, post, arm, found[0][arm]) - [0.025, 0.975]) for arm in few]
    return Found(seconds, plain, np.max(off), "ten arms by 4,001 levels, as probabilities")


def tail(columns: Columns, post: headlines.Posterior, arm: int, ends: np.ndarray) -> np.ndarray:
    test, y, n = (np.asarray(column) for column in columns)
    arms, below = np.flatnonzero(test == test[arm]), np.zeros(2)
    middle, width = np.log(y[arms].sum() / n[arms].sum()), 1 / np.sqrt(y[arms].sum()) + 0.3
    level = np.linspace(middle - 12 * width, middle + 12 * width, 4_001)
    for v, weight in zip(post._line.v, post._line.weight, strict=True):
        c = post._of_spread.to_value(v) ** -2.0
        likelihood = sum(y[j] * level - (c + y[j]) * np.log1p(n[j] * np.exp(level) / c) for j in arms)
        mass = np.exp(likelihood - likelihood.max())
        below += weight * (mass / mass.sum()) @ gammainc(c + y[arm], (c * np.exp(-level) + n[arm])[:, None] * ends)
    return below


def by_grid(columns: Columns, ends: np.ndarray) -> float:
    """The spread's mean by sums over an even grid of spreads, and for each of them one of every test's log level."""
    test, y, n = columns
    which = np.unique(test, return_inverse=True)[1]
    clicks, shown = np.bincount(which, y), np.bincount(which, n)
    width = np.hypot(1 / np.sqrt(clicks + 0.5), 0.25)
    spreads = np.linspace(ends[0] - np.ptp(ends), ends[1] + np.ptp(ends), 25)
    log_mass = np.empty(len(spreads))
    for k, spread in enumerate(spreads):
        c = spread**-2.0
        total = np.full(len(clicks), -np.inf)
        for z in np.linspace(-8, 8, 41):
            level = np.log((clicks + 0.5) / shown) + z * width
            expected = n * np.exp(level)[which]
            arm = y * level[which] - (c + y) * np.log1p(expected / c)
            total = np.logaddexp(total, np.bincount(which, arm))
        rise = np.bincount(y)
        of_count = np.arange(len(rise))
        log_mass[k] = total.sum() + rise @ (gammaln(c + of_count) - gammaln(c) - of_count * np.log(c))
        log_mass[k] += headlines.HalfNormal(0.5).log_density(spread)
    mass = np.exp(log_mass - log_mass.max())
    return float(mass @ spreads / mass.sum())


def peer() -> float:
    return nuts(headlines.pymc_model(*simulated(200)))


def peer_to_a_percent() -> float:
    return nuts_until(headlines.pymc_model(*simulated(200)), "spread")


INTERVALS, BEST = "intervals, after the fit", "prob_best, after the fit"
QUESTION = "fit, means and sds of all arms"
CASES = [
    Case("headlines", QUESTION, "200 tests, 800 arms", fit, (200,), NUTS, peer),
    Case("headlines", QUESTION, "200 tests, 800 arms", fit, (200,), NUTS_1_PERCENT, peer_to_a_percent),
    Case("headlines", QUESTION, "the archive, 18,392 arms", fit, (0,)),
    Case("headlines", QUESTION, "250,000 tests, 1,000,000 arms", fit, (250_000,)),
    *(
        Case("headlines", question, size, later, (tests, question))
        for question in (INTERVALS, BEST)
        for tests, size in ((0, "the archive, 18,392 arms"), (250_000, "250,000 tests, 1,000,000 arms"))
    ),
]
