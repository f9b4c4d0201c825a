"""Arms within tests: the exact answers against an independent dense quadrature and cost."""

import tracemalloc

import numpy as np
import pytest
from scipy.special import gammainc, gammaln
from scipy.stats import norm

from borrowing_strength import datasets, headlines
from borrowing_strength.headlines.archive import Batch

# Small archives that are hard in different ways: test of each arm, successes, trials.
ARCHIVES = {
    "one arm with zero clicks": ([0, 0, 0, 1, 1], [0, 5, 9, 21, 33], [800, 900, 850, 2000, 2100]),
    "two arms": ([0, 0, 1, 1, 2, 2], [40, 61, 12, 9, 30, 55], [3000, 3100, 900, 950, 2500, 2400]),
    "twenty arms": ([0] * 20, list(range(20, 40)), [2000] * 20),
    "unequal traffic": ([0, 0, 1, 1], [12, 9_800, 30, 22], [1_000, 1_000_000, 2_000, 2_000]),
    "identical arms": ([0] * 3 + [1] * 4, [25] * 3 + [40] * 4, [1_500] * 3 + [2_500] * 4),
    "ten million impressions": ([0, 0, 0], [130_000, 14, 11], [10_000_000, 1_000, 1_000]),
    "one test only": ([0, 0, 0], [30, 52, 41], [3_000, 3_050, 2_990]),
}
HEAVY = headlines.TwoSpreads(0.3, 4)
every = pytest.mark.parametrize("name", ARCHIVES)
populations = pytest.mark.parametrize("population", [None, HEAVY], ids=["one spread", "two spreads"])


def negative_binomial(y, mean, c):
    """Log likelihood of a Poisson count whose mean is `mean` times a Gamma(c, c), but for y!."""
    if c > 1e6:  # the Poisson limit, and the first two terms beyond it
        second = (y * (y - 1) * (2 * y - 1) / 12 - mean**2 * y / 2 + mean**3 / 3) * -1
        return y * np.log(mean) - mean + ((y - mean) ** 2 - y) / (2 * c) + second / c**2
    return gammaln(c + y) - gammaln(c) + y * np.log(mean) + c * np.log(c) - (c + y) * np.log(c + mean)


def dense(test, y, n, population, v_nodes=160, level_nodes=1001):
    """Means, sds, a distribution function and the evidence by plain sums over wide grids."""
    test, y, n = (np.asarray(x) for x in (test, y, n))
    node, width = np.polynomial.legendre.leggauss(v_nodes)
    widest = 4.5 / (population.ratio if population else 1)
    vs = -20 + (np.log(widest) + 20) * (1 + node) / 2
    parts = [(1.0, 1.0)] if population is None else [(1 - population.share, 1.0), (population.share, population.ratio)]
    log_weight, first, second, below = np.empty(v_nodes), [], [], []
    for i, v in enumerate(vs):
        log_weight[i] = norm.logpdf(np.exp(v), scale=0.5) + v + np.log(width[i] * (np.log(widest) + 20) / 2)
        log_weight[i] -= np.log(norm.cdf(widest, scale=0.5) - 0.5)
        firsts, seconds, belows = np.empty(len(y)), np.empty(len(y)), np.empty(len(y))
        for t in np.unique(test):
            arms = np.flatnonzero(test == t)
            c_wide = (parts[-1][1] * np.exp(v)) ** -2
            centre, sd = np.log(y[arms].sum() / n[arms].sum()), np.sqrt(1 / y[arms].sum() + 1 / (len(arms) * c_wide))
            far = 30 / (len(arms) * c_wide)
            level = np.linspace(centre - min(12 * sd, 30), centre + max(12 * sd, min(far, 400)), level_nodes)
            terms = np.array([
                [np.log(s) + negative_binomial(y[j], n[j] * np.exp(level), (r * np.exp(v)) ** -2.0) for s, r in parts]
                for j in arms
            ])  # fmt: skip
            arm = np.logaddexp.reduce(terms, axis=1)
            whole = arm.sum(axis=0)
            top = whole.max()
            weight = np.exp(whole - top)
            log_weight[i] += top + np.log(weight.sum() * (level[1] - level[0]))
            weight = weight / weight.sum()
            for k, j in enumerate(arms):
                own = np.exp(terms[k] - arm[k])
                a = [(r * np.exp(v)) ** -2.0 + y[j] for _, r in parts]
                b = [(r * np.exp(v)) ** -2.0 * np.exp(-level) + n[j] for _, r in parts]
                given = [x / z for x, z in zip(a, b, strict=True)]
                firsts[j] = sum(weight @ (o * g) for o, g in zip(own, given, strict=True))
                seconds[j] = sum(weight @ (o * g * (g + 1 / z)) for o, g, z in zip(own, given, b, strict=True))
                at = y[j] / n[j] + 1e-4
                belows[j] = sum(
                    weight @ (o * gammainc(x, z * at)) for o, x, z in zip(own, a, b, strict=True) if x < 1e9
                )
                if a[0] > 1e9:  # the rate is the level
                    belows[j] += weight @ (own[0] * norm.cdf((np.log(at) - level) / (level[1] - level[0])))
        first.append(firsts)
        second.append(seconds)
        below.append(belows)
    weight = np.exp(log_weight - log_weight.max())
    evidence = log_weight.max() + np.log(weight.sum())
    weight /= weight.sum()
    mean = weight @ np.array(first)
    return mean, np.sqrt(weight @ np.array(second) - mean**2), weight @ np.array(below), evidence, weight @ np.exp(vs)


@every
@populations
def test_agrees_with_a_dense_quadrature(name, population):
    test, y, n = ARCHIVES[name]
    post = headlines.fit(test, y, n, population=population)
    nodes = 320 if max(n) > 5e6 else 160  # with 160 the sum itself is off by 1e-6 there
    mean, sd, below, evidence, spread = dense(test, y, n, population, nodes)
    assert np.max(np.abs(post.mean - mean) / sd) < 1e-6
    assert np.max(np.abs(post.sd / sd - 1)) < 1e-6
    assert post.spread.mean == pytest.approx(spread, rel=1e-5)
    own = [post.cdf(y[j] / n[j] + 1e-4)[j] for j in range(len(y))]
    assert np.allclose(own, below, atol=2e-4)  # the sum over nodes of the reference is a staircase for equal arms
    single = headlines.fit(test, y, n)
    if population is not None:
        difference = evidence - dense(test, y, n, None)[3]
        assert post.log_evidence - single.log_evidence == pytest.approx(difference, abs=1e-5)


def test_the_ends_of_an_interval_hold_where_a_test_has_two_clicks():
    """How far a rate moves with its level differs most there: the sum over levels must not be cut off with an edge."""
    y, n = np.array([1, 0, 1, 31, 22]), np.array([4_729, 3_376, 2_232, 4_100, 2_900])
    post = headlines.fit([0, 0, 0, 1, 1], y, n)
    ends, level, below = np.log(post.interval()), np.linspace(-35, 5, 32_001), np.zeros((3, 2))
    for v, weight in zip(post._line.v, post._line.weight, strict=True):
        c = post._of_spread.to_value(v) ** -2.0
        likelihood = sum(negative_binomial(y[j], n[j] * np.exp(level), c) for j in range(3))
        mass = np.exp(likelihood - likelihood.max())
        for j in range(3):
            rate = (c * np.exp(-level) + n[j])[:, None] * np.exp(ends[j])
            below[j] += weight * (mass / mass.sum()) @ gammainc(c + y[j], rate)
    assert np.max(np.abs(below - [0.025, 0.975])) < 3e-8  # at these ends about a millionth of an sd


@pytest.fixture(scope="module")
def upworthy():
    table = datasets.headlines().rename(columns={"first_clicks": "successes", "first_impressions": "trials"})
    return headlines.tidy(table)[0]


@pytest.fixture(scope="module")
def post(upworthy):
    return headlines.fit(upworthy["test"], upworthy["successes"], upworthy["trials"])


def simulated(tests, arms=4, spread=0.2, seed=1, population=None):
    """Tests as the model has them, rare clicks among some 2,000 impressions an arm."""
    rng = np.random.default_rng(seed)
    test = np.repeat(np.arange(tests), arms)
    trials = rng.integers(1_500, 2_500, len(test))
    wide = rng.random(len(test)) < (population.share if population else 0)
    c = (spread * np.where(wide, population.ratio if population else 1, 1)) ** -2
    level = np.exp(rng.normal(-4.3, 0.5, tests))[test]
    rate = level * rng.gamma(c) / c
    return test, np.maximum(rng.poisson(trials * rate), 0).clip(max=trials), trials, rate


def test_the_archive_is_whole():
    table = datasets.headlines()
    assert (len(table), table["test"].nunique()) == (18_392, 3_824)
    clicks, seen = (table[f"first_{x}"] + table[f"second_{x}"] for x in ("clicks", "impressions"))
    assert (seen.median(), clicks.median()) == (3_118, 37)
    assert clicks.sum() / seen.sum() == pytest.approx(0.01315, abs=1e-5)
    assert np.all(abs(table["first_impressions"] - table["second_impressions"]) <= 1)
    # A fair deal: the difference of the halves is as large as chance makes it.
    z = (table["first_clicks"] - table["second_clicks"]) / np.sqrt(clicks.clip(lower=1))
    assert abs(z.mean()) < 4 / np.sqrt(len(z))
    assert z.std() == pytest.approx(np.sqrt(1 - 0.0131), abs=0.02)


def test_the_whole_archive_takes_less_than_half_a_gigabyte(upworthy):
    columns = [upworthy[name] for name in ("test", "successes", "trials")]
    tracemalloc.start()
    _ = headlines.fit(*columns).mean
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 500e6


def test_cost_grows_linearly(monkeypatch):
    """Counted in values of the likelihood: one for each arm, each of its test's levels, each spread that is tried."""
    whole, values = Batch._log_mass, []

    def counted(batch, log_level, spread):
        values.append(batch.y.size * log_level.shape[1])
        return whole(batch, log_level, spread)

    monkeypatch.setattr(Batch, "_log_mass", counted)
    cost = {}
    for tests in (4_000, 32_000):
        test, y, n, _ = simulated(tests)
        keep = np.bincount(test, y)[test] > 0
        values.clear()
        headlines.fit(test[keep], y[keep], n[keep])
        cost[tests] = sum(values) / keep.sum()
    assert cost[32_000] < 1.5 * cost[4_000]


def test_the_true_rates_lie_in_the_intervals():
    test, y, n, rate = simulated(400, seed=3)
    ends = headlines.fit(test, y, n).interval(0.8)
    inside = np.mean((ends[:, 0] < rate) & (rate < ends[:, 1]))
    assert inside == pytest.approx(0.8, abs=0.04)


def test_draws_follow_the_exact_answer():
    test, y, n = ARCHIVES["identical arms"]
    for population in (None, HEAVY):
        post = headlines.fit(test, y, n, population=population)
        draws = post.sample(draws=10_000, chains=1, seed=2)["posterior"]["rate"].values[0]
        levels = np.linspace(0.05, 0.95, 10)
        for j in (0, 5):
            below = np.mean(draws[:, j, None] <= post.quantile(levels)[j], axis=0)
            assert np.all(np.abs(below - levels) < 4.5 * np.sqrt(levels * (1 - levels) / len(draws)))


def test_prob_best_is_within_a_test():
    test, y, n = ARCHIVES["two arms"]
    post = headlines.fit(test, y, n)
    best = post.prob_best()
    assert np.allclose(np.bincount(test, best), 1)
    assert best[0] == pytest.approx(post.prob_greater(0, 1))
    draws = post.sample(draws=20_000, chains=1, seed=4)["posterior"]["rate"].values[0]
    assert best[1] == pytest.approx(np.mean(draws[:, 1] > draws[:, 0]), abs=0.015)
    loss = np.mean(np.maximum(draws[:, 4] - draws[:, 5], 0)), np.mean(np.maximum(draws[:, 5] - draws[:, 4], 0))
    assert np.allclose(post.expected_loss()[4:], loss[::-1], atol=3e-5)
    with pytest.raises(ValueError, match="different tests"):
        post.prob_greater(0, 2)


def test_a_forecast_is_the_chance_of_every_count(post, upworthy):
    arms = post.winners[:50]
    future = post.forecast(upworthy["trials"].to_numpy()[arms], arms)
    k = np.arange(600)
    pmf = future.pmf(k)
    assert np.allclose(pmf.sum(axis=1), 1, atol=1e-6)
    assert np.allclose(pmf @ k, future.mean, rtol=1e-5)
    assert np.allclose(future.pmf_at(np.full(50, 20)), pmf[:, 20])
    low, high = future.interval(0.9).T
    inside = [p[a : b + 1].sum() for p, a, b in zip(pmf, low, high, strict=True)]
    assert np.all(np.array(inside) >= 0.9 - 1e-6)


def test_a_forecast_of_a_small_archive_is_the_chance_of_every_count():
    """Its spread may be nearly zero, and a rate then a Gamma of a shape beyond 1e16."""
    for name in ("identical arms", "one test only"):
        future = headlines.fit(*ARCHIVES[name]).forecast(20_000, [0])
        k = np.arange(3_000)
        pmf = future.pmf(k)[0]
        assert pmf.sum() == pytest.approx(1, abs=1e-6)
        assert np.allclose(future.cdf(k[::25])[0], np.cumsum(pmf)[::25], atol=1e-6)
        assert pmf @ k == pytest.approx(future.mean[0], rel=1e-5)


def test_the_tail_is_learned_from_the_first_half_and_judged_on_the_second(post, upworthy):
    columns = [upworthy[name] for name in ("test", "successes", "trials")]
    tail = headlines.learn_tail(*columns)
    assert (tail.share, tail.ratio) == (pytest.approx(0.34, abs=0.011), pytest.approx(4.1, abs=0.11))
    heavy = headlines.fit(*columns, population=tail)
    assert heavy.log_evidence - post.log_evidence == pytest.approx(129, abs=1)
    other = headlines.fit(*columns, population=headlines.TwoSpreads(tail.share - 0.06, tail.ratio))
    assert other.log_evidence < heavy.log_evidence
    second = upworthy["second_clicks"], upworthy["second_impressions"]
    gain = heavy.replay(*second)["log_score"] - post.replay(*second)["log_score"]
    assert gain.sum() == pytest.approx(66, abs=1)


def test_a_tail_that_is_known_is_learned():
    for seed in (8, 9, 10):
        test, y, n, _ = simulated(2_000, spread=0.1, seed=seed, population=HEAVY)
        learned, truth = (
            headlines.fit(test, y, n, population=tail).log_evidence
            for tail in (headlines.learn_tail(test, y, n), HEAVY)
        )
        assert -0.3 < learned - truth < 6  # for two numbers chance exceeds 6 once in 400 times
    few = headlines.learn_tail(*ARCHIVES["one test only"])
    assert 0.2 < few.share < 0.6
    assert 1.5 < few.ratio < 5


def test_new_arms_scatter_about_the_level(post):
    new = post.new_group()
    assert new.mean == pytest.approx(1)
    assert new.sd == pytest.approx(post.spread.mean, rel=1e-3)
