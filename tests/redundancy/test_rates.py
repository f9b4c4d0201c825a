"""Failure rates: a dense grid, published figures, samplers, the unit of time."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import integrate, stats
from scipy.special import gammainc

import borrowing_strength as bs
from borrowing_strength.calibration import calibrate
from borrowing_strength.redundancy import (
    Prior,
    fit,
    k_of_n,
    monte_carlo,
    prob_all_fail,
    pymc_model,
)

pytestmark = pytest.mark.filterwarnings("error")
REPLICATIONS = int(os.environ.get("BORROWING_STRENGTH_REPLICATIONS", "250"))


# --- Ten pumps


@pytest.fixture(scope="module")
def pumps():
    return bs.datasets.pump_failures()


@pytest.fixture(scope="module")
def post(pumps):
    labels = [f"pump {i}" for i in pumps["pump"]]
    return fit(pumps["failures"], pumps["thousand_hours"], prior=Prior(), labels=labels)


class Brute:
    """Posterior weights on a dense grid of (log shape, log rate), with SciPy's negative binomial."""

    def __init__(self, y, t, shape_prior, rate_prior, log_shape=(-9, 4, 301), log_rate=(-14, 5, 441)):
        u, v = np.meshgrid(np.linspace(*log_shape), np.linspace(*log_rate))
        self.shape, self.rate = np.exp(u), np.exp(v)
        log_weight = u + v + stats.gamma.logpdf(self.shape, shape_prior[0], scale=1 / shape_prior[1])
        log_weight += stats.gamma.logpdf(self.rate, rate_prior[0], scale=1 / rate_prior[1])
        for count, hours in zip(y, t, strict=True):
            log_weight += stats.nbinom.logpmf(count, self.shape, self.rate / (self.rate + hours))
        weight = np.exp(log_weight - log_weight.max())
        self.y, self.t, self.weight = y, t, weight / weight.sum()

    def average(self, f):
        return float(np.sum(self.weight * f))

    def moments(self, j):
        a, b = self.shape + self.y[j], self.rate + self.t[j]
        mean = self.average(a / b)
        return mean, np.sqrt(self.average(a * (a + 1) / b**2) - mean**2)


DEFAULT = ((1.0, 1.0), (0.1, 1.0))


def test_pumps_agree_with_a_dense_grid(pumps, post):
    y, t = pumps["failures"].to_numpy(), pumps["thousand_hours"].to_numpy()
    oracle = Brute(y, t, *DEFAULT)
    assert_allclose(np.transpose([post.mean, post.sd]), [oracle.moments(j) for j in range(10)], rtol=1e-5)
    assert_allclose(post.shrinkage, [oracle.average(oracle.rate / (oracle.rate + h)) for h in t], rtol=1e-5)
    assert post.log_shape.mean == pytest.approx(oracle.average(np.log(oracle.shape)), abs=1e-5)
    for j, (low, high) in enumerate(post.interval(0.9)):
        below = [oracle.average(gammainc(oracle.shape + y[j], (oracle.rate + t[j]) * x)) for x in (low, high)]
        assert_allclose(below, [0.05, 0.95], atol=1e-6)
    new = post.new_group().quantile([0.1, 0.5, 0.9])[0]
    assert_allclose([oracle.average(gammainc(oracle.shape, oracle.rate * x)) for x in new], [0.1, 0.5, 0.9], atol=1e-5)
    grand = post.grand_mean.interval(0.8)
    cdf = [oracle.average(oracle.shape / oracle.rate < x) for x in grand]  # a grid's staircase
    assert_allclose(cdf, [0.1, 0.9], atol=0.01)
    assert_allclose(post.grand_mean.cdf(grand), [0.1, 0.9], atol=1e-6)


def test_pumps_as_published(post):
    # BUGS, examples volume 1 (Spiegelhalter et al. 1996): posterior means and sds to their simulation's accuracy
    published = [0.0598, 0.1015, 0.0892, 0.116, 0.602, 0.609, 0.891, 0.894, 1.588, 1.994]
    assert_allclose(post.mean, published, rtol=0.01)
    assert_allclose(post.sd[[0, 3, 9]], [0.0252, 0.0303, 0.426], rtol=0.02)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    data=st.lists(st.tuples(st.integers(0, 8), st.floats(0.1, 30)), min_size=1, max_size=4),
    priors=st.sampled_from([((1.0, 1.0), (2.5, 1.0)), ((3.0, 2.0), (1.5, 0.5))]),
)
def test_rates_agree_with_a_dense_grid(data, priors):
    y, t = map(np.array, zip(*data, strict=True))
    post = fit(y, t, prior=Prior(*priors))
    oracle = Brute(y, t, *priors, log_shape=(-16, 3.5, 261), log_rate=(-18, 5, 301))
    assert_allclose(np.transpose([post.mean, post.sd]), [oracle.moments(j) for j in range(len(y))], rtol=2e-4)
    counts = np.arange(4)
    for j, row in enumerate(post.predict(2.0).pmf(counts)):
        chance = (oracle.rate + t[j]) / (oracle.rate + t[j] + 2)
        expected = [oracle.average(stats.nbinom.pmf(k, oracle.shape + y[j], chance)) for k in counts]
        assert_allclose(row, expected, rtol=1e-4, atol=1e-8)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(data=st.lists(st.tuples(st.integers(0, 60), st.floats(0.5, 50)), min_size=2, max_size=5))
def test_distribution_of_rates_is_coherent(data):
    y, t = map(np.array, zip(*data, strict=True))
    post = fit(y, t, prior=Prior((2, 0.1), (2, 0.1)))  # the population may be narrow
    q = np.array([0.001, 0.05, 0.5, 0.95, 0.999])
    rates = post.quantile(q)
    for j in range(len(y)):
        assert_allclose(post.cdf(rates[j])[j], q, atol=1e-7)
        middle = np.geomspace(rates[j, 1], rates[j, 3], 401)
        area = integrate.simpson(post.density(middle)[j], x=middle)
        assert area == pytest.approx(0.9, abs=1e-5)
    tails = post.cdf(np.geomspace(1e-8, 1e3, 4001))
    for j in range(len(y)):  # E[X] = int P(X > x) dx
        mean = 1e-8 + integrate.trapezoid(1 - tails[j], np.geomspace(1e-8, 1e3, 4001))
        assert post.mean[j] == pytest.approx(mean, rel=2e-3)
    best, worst = post.prob_best(), post.prob_worst()
    assert best.sum() == pytest.approx(1)
    assert worst.sum() == pytest.approx(1)
    if len(y) == 2:
        assert worst[0] == pytest.approx(post.prob_greater(0, 1), abs=2e-4)
        assert best[1] == pytest.approx(post.prob_greater(0, 1), abs=2e-4)
    assert post.prob_greater(0, 1) + post.prob_greater(1, 0) == pytest.approx(1, abs=1e-12)


def test_draws_follow_the_exact_posterior(post):
    tree = post.sample(draws=5000, seed=3)["posterior"].dataset
    rate = tree["rate"].values.reshape(-1, 10)
    error = post.sd / np.sqrt(len(rate))
    assert np.all(np.abs(rate.mean(axis=0) - post.mean) < 5 * error)
    for simulated, exact in ((rate.argmin(axis=1), post.prob_best()), (rate.argmax(axis=1), post.prob_worst())):
        share = np.bincount(simulated, minlength=10) / len(rate)
        assert np.all(np.abs(share - exact) < 5 * np.sqrt((exact + 1e-4) / len(rate)))
    pair = np.mean(rate[:, 9] > rate[:, 8])
    assert pair == pytest.approx(post.prob_greater("pump 10", "pump 9"), abs=0.02)
    assert np.log(tree["shape"].values).mean() == pytest.approx(post.log_shape.mean, abs=0.02)
    inside = [np.mean(tree["grand_mean"].values < x) for x in post.grand_mean.interval(0.5)]
    assert_allclose(inside, [0.25, 0.75], atol=0.02)
    assert list(tree["group"].values) == list(post.labels)


def test_prediction_of_failures(post):
    future = post.predict(10.0)
    counts = np.arange(400)
    pmf = future.pmf(counts)
    assert_allclose(pmf.sum(axis=1), 1, atol=1e-6)
    assert_allclose(np.cumsum(pmf, axis=1), future.cdf(counts), atol=1e-9)
    assert_allclose(pmf @ counts, future.mean, rtol=1e-4)
    assert_allclose(np.sqrt(pmf @ counts**2 - (pmf @ counts) ** 2), future.sd, rtol=1e-3)
    low, high = future.interval(0.8).T
    for j in range(10):
        assert future.cdf(low[j])[j] >= 0.1 > future.cdf(low[j] - 1)[j] if low[j] else future.cdf(0)[j] >= 0.1
        assert future.cdf(high[j])[j] >= 0.9 > future.cdf(high[j] - 1)[j]
    assert_allclose(post.predict([1.0] * 9 + [50]).mean, post.mean * np.array([1] * 9 + [50]))


def test_next_pump_has_no_mean_under_the_usual_prior(post, pumps):
    new = post.new_group()
    assert np.isinf(new.mean[0])
    assert np.isinf(new.sd[0])
    assert np.isinf(new.predict(1.0).mean[0])
    assert np.isinf(post.grand_mean.mean)
    assert np.isinf(post.grand_mean.sd)
    light = fit(pumps["failures"], pumps["thousand_hours"], prior=Prior(rate=(1, 1))).new_group()
    assert np.isfinite(light.mean[0])
    assert np.isinf(light.sd[0])
    lighter = fit(pumps["failures"], pumps["thousand_hours"], prior=Prior(rate=(3, 3)))
    rates = lighter.new_group().predict(1.0)
    assert_allclose(rates.pmf(np.arange(3000)) @ np.arange(3000), lighter.new_group().mean, rtol=1e-3)
    assert np.isfinite(lighter.new_group().sd[0])
    assert np.isfinite(lighter.grand_mean.sd)
    # pumps 7 and 8 were watched a thousand hours only, so the population counts for more in their estimate
    assert np.argmax(post.shrinkage) in (6, 7)


def test_new_pumps_fail_together_because_their_population_is_unknown(post):
    mission = post.mission(0.1)
    assert prob_all_fail(1, mission) == pytest.approx(1 - post.new_group().predict(0.1).pmf(0)[0], rel=1e-9)
    draws = post.sample(draws=20_000, seed=8)["posterior"].dataset
    shape = draws["shape"].values
    p = 1 - (1 + 0.1 * draws["grand_mean"].values / shape) ** -shape
    for k, chance in ((1, p**5), (2, p**5 + 5 * p**4 * (1 - p)), (5, 1 - (1 - p) ** 5)):
        assert abs(k_of_n(k, 5, mission) - chance.mean()) < 5 * chance.std() / np.sqrt(chance.size)
    simulated = monte_carlo(3, mission, draws=100_000, seed=9)
    assert abs(prob_all_fail(3, mission) - simulated.value) < 5 * simulated.standard_error
    assert prob_all_fail(5, mission) > 5 * prob_all_fail(1, mission) ** 5
    assert prob_all_fail(5, post.mission(1e-60), log=True) < -600


def test_more_hours_with_the_same_rate_shrink_less():
    post = fit([1, 10, 100, 3], [1, 10, 100, 30])
    assert np.all(np.diff(post.shrinkage[:3]) < 0)
    assert np.all(np.diff(post.sd[:3]) < 0)


RECORDS = st.lists(st.tuples(st.integers(0, 40), st.floats(0.1, 500)), min_size=1, max_size=6)
UNITS = st.floats(1e-6, 1e6)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(data=RECORDS, unit=UNITS)
def test_unit_of_time_does_not_matter(data, unit):
    y, t = map(np.array, zip(*data, strict=True))
    one, other = fit(y, t), fit(y, t * unit)
    for a, b in ((one, other), (one.new_group(), other.new_group())):
        assert_allclose(b.quantile([0.025, 0.5, 0.975]) * unit, a.quantile([0.025, 0.5, 0.975]), rtol=1e-6)
    assert_allclose(other.mean * unit, one.mean, rtol=1e-8)
    assert_allclose(other.shrinkage, one.shrinkage, rtol=1e-8)
    assert_allclose(other.prob_worst(), one.prob_worst(), atol=1e-7)
    time = float(np.median(t))
    assert prob_all_fail(5, other.mission(time * unit)) == pytest.approx(prob_all_fail(5, one.mission(time)), rel=1e-7)


@pytest.mark.filterwarnings("default")
def test_unit_of_time_does_not_matter_to_pymc(pumps):
    at = {"shape": -0.3, "population_rate": 0.2, "rate": np.linspace(-3, 1, 10)}  # logarithms
    found = []
    for unit in (1, 1000):
        model = pymc_model(pumps["failures"], pumps["thousand_hours"] * unit)
        moved = at | {"population_rate": 0.2 + np.log(unit), "rate": at["rate"] - np.log(unit)}
        found.append(float(model.compile_logp()({f"{name}_log__": np.array(x) for name, x in moved.items()})))
    assert found[0] == pytest.approx(found[1], rel=1e-12)


def test_published_prior_speaks_of_thousands_of_hours(pumps, post):
    hours = pumps["thousand_hours"]
    assert post.summary().attrs["prior"] == "Prior(shape=(1.0, 1.0), rate=(0.1, 1.0))"
    assert fit(pumps["failures"], hours).prior == Prior(rate=(0.1, 1 / hours.median()))
    in_hours = fit(pumps["failures"], hours * 1000, prior=Prior())
    five = [prob_all_fail(5, p.mission(time)) for p, time in ((post, 0.1), (in_hours, 100))]
    assert five[0] == pytest.approx(2.564e-5, rel=1e-3)
    assert five[1] == pytest.approx(3.3e-2, rel=0.02)


def test_many_failures_speak_for_themselves():
    post = fit([10**9, 4 * 10**6, 0], [10.0, 2.0, 1.0])
    assert_allclose(post.mean[:2], [1e8, 2e6], rtol=1e-3)
    assert post.prob_greater(0, 1) == pytest.approx(1)
    assert_allclose(post.prob_best(), [0, 0, 1], atol=1e-6)
    assert np.all(np.diff(post.interval(), axis=1) > 0)


def test_thousand_groups():
    rng = np.random.default_rng(5)
    hours = rng.uniform(1, 20, 1000)
    rate = rng.gamma(2.0, 0.5, 1000)
    post = fit(rng.poisson(rate * hours), hours)
    low, high = np.exp(post.log_shape.interval(0.9999))
    assert low < 2 < high
    assert np.mean((post.mean - rate) ** 2) < np.mean((post.failures / hours - rate) ** 2)


def test_summary_and_labels(post, pumps):
    table = post.summary(0.9)
    assert list(table.index) == list(post.labels)
    assert_allclose(table["raw"], pumps["failures"] / pumps["thousand_hours"])
    assert np.all((table["lower"] < table["mean"]) & (table["mean"] < table["upper"]))
    indexed = pumps.set_index("pump")
    assert fit(indexed["failures"], indexed["thousand_hours"]).labels == tuple(str(i) for i in range(1, 11))


# --- Samplers against the exact answer


@pytest.mark.filterwarnings("default")  # PyMC may deprecate what it likes
def test_pymc_agrees_with_the_exact_posterior(post, pumps):
    tree = bs.sampling.sample(pymc_model(pumps["failures"], pumps["thousand_hours"], prior=Prior()), seed=4)
    assert bs.sampling.diagnose(tree).sound
    assert bs.sampling.compare_means(tree["posterior"]["rate"], post.mean).agrees
    assert bs.sampling.compare_means(np.log(tree["posterior"]["shape"]), post.log_shape.mean).agrees


HOURS = np.array([0.5, 2, 5, 10, 20])
PRIOR = Prior(shape=(3.0, 2.0), rate=(4.0, 2.0))


def calibrate_rates(posterior_draws, replications=REPLICATIONS):
    def draw_prior(rng):
        shape, rate = (rng.gamma(a, 1 / b) for a, b in (PRIOR.shape, PRIOR.rate))
        rates = rng.gamma(shape, 1 / rate, size=len(HOURS))
        return {"shape": shape, "grand_mean": shape / rate, "rate": rates[0], "rates": rates}

    return calibrate(
        draw_prior,
        lambda truth, rng: rng.poisson(truth["rates"] * HOURS),
        posterior_draws,
        replications=replications,
        seed=6,
    ).summary()


def ranked(tree):
    draws = tree["posterior"].dataset
    one = {name: draws[name].values[0] for name in ("shape", "grand_mean")}
    return one | {"rate": draws["rate"].values[0, :, 0]}


def test_exact_posterior_is_calibrated():
    table = calibrate_rates(
        lambda y, rng: ranked(fit(y, HOURS, prior=PRIOR).sample(draws=99, chains=1, seed=int(rng.integers(2**31))))
    )
    print(table)  # `make calibrate` shows it
    assert table["p_value"].min() > 0.001


def test_a_posterior_that_forgets_the_population_is_caught():
    def separate(y, rng):
        return {"rate": rng.gamma(y[0] + 0.5, 1 / HOURS[0], size=99)}

    assert calibrate_rates(separate, replications=1000)["p_value"].min() < 1e-10
