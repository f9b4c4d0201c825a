"""What must hold for the posterior of every lesson, whatever its model."""

import inspect

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borrowing_strength import beta_binomial, headlines, meta_analysis, mixtures, multilevel, redundancy

BETA = {"prior": beta_binomial.MeanConcentration(scale=10)}
PRIOR = {"prior": meta_analysis.Prior(mu_sd=20, effect_sd=meta_analysis.HalfCauchy(10))}


def one_test(successes, trials, *, prior=None, labels=None):
    """Lesson 06's fit of the arms of one test, called as the fits of the other lessons are."""
    try:
        return headlines.fit(["T"] * len(successes), successes, trials, arm=labels, prior=prior)
    except ValueError as refusal:
        raise ValueError(str(refusal).replace("arm has", "labels has")) from None


# A fit, its data as columns, and the arguments beside them.
FITS = {
    "beta_binomial": (beta_binomial.fit, [[3, 50, 55, 60], [10, 100, 90, 110]], BETA),
    "headlines": (one_test, [[5, 9, 30, 19], [900, 800, 950, 1020]], {}),
    "redundancy": (redundancy.fit, [[5, 1, 14, 3], [94.3, 15.7, 62.9, 5.2]], {}),
    "multilevel": (multilevel.fit, [[30, 55, 4, 61], [100, 100, 20, 130], [50, 60, 9, 70], [100, 100, 20, 120]], {}),
    "meta_analysis": (meta_analysis.fit, [[28.0, 8.0, -3.0, 7.0], [15.0, 10.0, 16.0, 11.0]], PRIOR),
}
# What lesson 02 makes of counts is no posterior of groups; their columns are read, ordered and refused alike.
COUNTS = FITS["beta_binomial"][1]
READERS = {
    "em": (mixtures.em, COUNTS, {"seed": 1}),
    "overdispersion": (mixtures.overdispersion, COUNTS, {}),
    "predictive_check": (mixtures.predictive_check, COUNTS, {"rates": [0.4, 0.5], "seed": 1}),
    "predictive_score": (mixtures.predictive_score, COUNTS, {"components": 1, "seed": 1, "folds": 4}),
}
VARIABLE = {
    "beta_binomial": "rate",
    "headlines": "rate",
    "redundancy": "rate",
    "multilevel": "slope",
    "meta_analysis": "effect",
}
NAMES = ["A", "B", "C", "D"]
every = pytest.mark.parametrize("topic", FITS)
every_reader = pytest.mark.parametrize("topic", FITS | READERS)


def fitted(topic, order=(0, 1, 2, 3), labels=None, change=lambda column: column):
    fit, columns, arguments = FITS[topic]
    return fit(*([change(column)[i] for i in order] for column in columns), **arguments, labels=labels)


@pytest.fixture(scope="module")
def posts():
    return {topic: fitted(topic, labels=NAMES) for topic in FITS}


def own(topic):
    """What every group says of itself, on the scale of the posterior."""
    columns = [np.asarray(column, dtype=float) for column in FITS[topic][1]]
    if topic == "multilevel":
        logit = [np.log(y / (n - y)) for y, n in (columns[:2], columns[2:])]
        return logit[1] - logit[0]
    return columns[0] if topic == "meta_analysis" else columns[0] / columns[1]


@every
def test_estimates_lie_between_the_groups_own_and_the_populations(topic, posts):
    """With so few groups the range of all own values stands for the population's mean; no model here leaves it."""
    post = posts[topic]
    assert np.all(post.mean > own(topic).min())
    assert np.all(post.mean < own(topic).max())
    away = np.abs(own(topic) - np.median(own(topic)))
    farthest = np.argmax(away)
    assert abs(post.mean[farthest] - np.median(own(topic))) < away[farthest]


@every
@settings(max_examples=5, deadline=None)
@given(order=st.permutations(range(4)))
def test_the_order_of_groups_does_not_matter(topic, order):
    post, moved = fitted(topic), fitted(topic, order)
    for ours, theirs in ((post.mean, moved.mean), (post.sd, moved.sd), (post.interval(), moved.interval())):
        assert np.allclose(ours[list(order)], theirs, rtol=1e-6, atol=1e-8)


@settings(max_examples=5, deadline=None)
@given(order=st.permutations(range(4)))
def test_the_order_of_rows_and_of_flips_does_not_matter_to_mixtures(order):
    moved = [[column[i] for i in order] for column in COUNTS]
    assert mixtures.overdispersion(*moved) == pytest.approx(mixtures.overdispersion(*COUNTS))
    tops = [mixtures.em(*columns, seed=1).log_likelihood for columns in (COUNTS, moved)]
    assert tops[0] == pytest.approx(tops[1], abs=1e-4)  # the starts differ, the highest top does not
    for belief in (mixtures.BinomialMixture(1, [0.3, 0.7]), mixtures.BetaBinomialMixture(1, [2, 7], [5, 4])):
        now = belief
        for k, n in zip(*moved, strict=True):
            now = now.update(k, n)
        assert np.allclose(now.weights, belief.update(sum(COUNTS[0]), sum(COUNTS[1])).weights, rtol=1e-9)


@every
def test_twice_the_data_narrow_the_interval(topic, posts):
    def twice(column):
        if topic == "meta_analysis":
            return column if column is FITS[topic][1][0] else [value / np.sqrt(2) for value in column]
        return [2 * value for value in column]

    wide, narrow = (np.diff(post.interval()).ravel() for post in (posts[topic], fitted(topic, change=twice)))
    assert np.all(narrow < wide)


@every
def test_an_interval_inverts_the_distribution_function(topic, posts):
    post = posts[topic]
    for prob in (0.5, 0.95, 0.999):
        ends = post.interval(prob)
        for i in range(len(post)):
            assert np.allclose(post.cdf(ends[i])[i], [(1 - prob) / 2, (1 + prob) / 2], atol=1e-8)
    assert np.allclose(post.quantile([0.025, 0.975]), post.interval())


@every
def test_densities_integrate_to_one_and_are_the_slope_of_the_distribution_function(topic, posts):
    post = posts[topic]
    ends = post.interval(1 - 1e-9)
    for i in range(len(post)):
        grid = np.linspace(*ends[i], 6_001)
        density = post.density(grid)[i]
        assert np.trapezoid(density, grid) == pytest.approx(1, abs=1e-4)
        middle = grid[3_000]
        step = 1e-5 * (ends[i, 1] - ends[i, 0])
        slope = np.diff(post.cdf(middle + step * np.array([-1, 1]))[i])[0] / (2 * step)
        assert slope == pytest.approx(density[3_000], rel=1e-3, abs=1e-9 / step)


@every
def test_labels_travel(topic, posts):
    post = posts[topic]
    assert post.labels == tuple(NAMES)
    assert post.summary().index.tolist() == NAMES
    tree = post.sample(draws=10, chains=1)["posterior"]
    (group,) = set(tree[VARIABLE[topic]].dims) - {"chain", "draw"}
    assert tree[group].values.tolist() == NAMES
    assert post.prob_greater("A", "C") == pytest.approx(post.prob_greater(0, 2))
    series = [pd.Series(column, index=NAMES) for column in FITS[topic][1]]
    assert FITS[topic][0](*series, **FITS[topic][2]).labels == tuple(NAMES)


@every
def test_comparisons_agree_with_each_other(topic, posts):
    post = posts[topic]
    assert post.prob_greater("A", "B") + post.prob_greater("B", "A") == pytest.approx(1)
    assert post.prob_best().sum() == pytest.approx(1, abs=1e-6)
    two = [column[:2] for column in FITS[topic][1]]
    pair = FITS[topic][0](*two, **FITS[topic][2])
    first = pair.prob_greater(0, 1)
    best = 1 - first if topic == "redundancy" else first  # the best has the smallest failure rate
    assert pair.prob_best()[0] == pytest.approx(best, abs=1e-6)


@every
def test_draws_follow_the_exact_posterior(topic, posts):
    post = posts[topic]
    draws = post.sample(draws=5000, chains=2, seed=5)["posterior"][VARIABLE[topic]]
    assert draws.shape == (2, 5000, 4)
    flat = draws.values.reshape(-1, 4)
    assert np.all(np.abs(flat.mean(axis=0) - post.mean) < 5 * post.sd / 100)
    assert np.allclose(flat.std(axis=0), post.sd, rtol=0.1)
    inside = np.mean((flat > post.interval(0.8)[:, 0]) & (flat < post.interval(0.8)[:, 1]), axis=0)
    assert np.all(np.abs(inside - 0.8) < 5 * np.sqrt(0.16 / 10_000))
    again = post.sample(draws=5000, chains=2, seed=5)["posterior"][VARIABLE[topic]]
    assert np.array_equal(draws, again)


@every
def test_one_new_group_is_wider_than_any_that_was_seen(topic, posts):
    post, new = posts[topic], posts[topic].new_group()
    scale = np.log if topic == "redundancy" else np.positive  # rates near zero are told apart by their logarithm
    assert np.diff(scale(new.interval())).max() > np.diff(scale(post.interval())).max()


BAD = {
    "missing": (np.nan, "is missing|is nan"),
    "infinite": (np.inf, "is inf"),
    "text": ("three", "three"),
    "nothing": (None, "missing|None"),
}


@every_reader
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", BAD)
def test_one_bad_row_is_named(topic, kind):
    fit, columns, arguments = (FITS | READERS)[topic]
    value, message = BAD[kind]
    for position, argument in enumerate(list(inspect.signature(fit).parameters)[: len(columns)]):
        bad = [list(column) for column in columns]
        bad[position][2] = value
        with pytest.raises(ValueError, match=message) as refusal:
            fit(*bad, **arguments)
        assert f"{argument}[2]" in str(refusal.value)


@every_reader
@pytest.mark.filterwarnings("error")
def test_rows_that_do_not_belong_together_are_refused(topic):
    fit, columns, arguments = (FITS | READERS)[topic]
    with pytest.raises(ValueError, match=r"[34]"):
        fit(columns[0][:3], *columns[1:], **arguments)
    with pytest.raises(ValueError, match="different row labels"):
        fit(pd.Series(columns[0], index=NAMES), *(pd.Series(c, index=NAMES[::-1]) for c in columns[1:]), **arguments)


@every
@pytest.mark.filterwarnings("error")
def test_questions_without_an_answer_are_refused(topic, posts):
    fit, columns, arguments = FITS[topic]
    with pytest.raises(ValueError, match="labels"):
        fit(*columns, **arguments, labels=["A"])
    with pytest.raises(ValueError, match="prior"):
        fit(*columns, prior="wide")
    with pytest.raises(TypeError):
        fit(*columns, None)  # a prior goes by its name
    post = posts[topic]
    with pytest.raises(ValueError, match="prob"):
        post.interval(95)
    with pytest.raises(ValueError, match="q is"):
        post.quantile(1.5)
    with pytest.raises(ValueError, match="value"):
        post.cdf(np.nan)
    with pytest.raises(ValueError, match="j is 'Z'"):
        post.prob_greater("A", "Z")
