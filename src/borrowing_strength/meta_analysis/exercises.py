"""Exercises of lesson 05, Gibbs-sampled meta-analysis."""

from collections.abc import Callable
from functools import partial

import numpy as np

from borrowing_strength import datasets
from borrowing_strength import meta_analysis as ma
from borrowing_strength.exercises.records import Choice, Function, Given, Number, Order, When, exercise


def _lifts(control: np.ndarray, treatment: np.ndarray) -> ma.Effects:
    tests = datasets.ab_tests()
    return ma.relative_lift(control, tests.control_trials.values, treatment, tests.treatment_trials.values)


def draw_effects(
    mu: np.ndarray, kappa: np.ndarray, y: np.ndarray, omega: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """As in section E of the lesson."""
    precision = omega + kappa
    return rng.normal((omega * y + kappa * mu) / precision, precision**-0.5)


def draw_mu(effects: np.ndarray, kappa: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As in section E of the lesson."""
    precision = effects.shape[-1] * kappa + 1600
    return rng.normal(kappa * effects.sum(axis=-1, keepdims=True) / precision, precision**-0.5)


def draw_kappa(effects: np.ndarray, mu: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As in section E of the lesson."""
    rate = 1e-5 + ((effects - mu) ** 2).sum(axis=-1, keepdims=True) / 2
    return rng.gamma(0.1 + effects.shape[-1] / 2, 1 / rate)


GIVEN = Given(
    tests=lambda: datasets.ab_tests(),
    truth=lambda: datasets.ab_tests_truth(),
    first=lambda tests: _lifts(tests.control_successes.values, tests.treatment_successes.values),
    estimate=lambda first: first.estimate,
    error=lambda first: first.standard_error,
    rerun=lambda truth: _lifts(truth.rerun_control_successes.values, truth.rerun_treatment_successes.values).estimate,
    won=lambda estimate, error: estimate > 1.96 * error,
    published=lambda: ma.GammaPrecision(alpha=0.1, beta=1e-5),
    half_normal=lambda: ma.HalfNormal(0.05),
    draw_effects=draw_effects,
    draw_mu=draw_mu,
    draw_kappa=draw_kappa,
    weak=lambda half_normal: ma.Prior(mu_sd=0.05, effect_sd=half_normal),
    post=lambda estimate, error, weak, tests: ma.fit(estimate, error, prior=weak, labels=tests.test),
    trials=lambda: datasets.bcg_trials(),
    ratio=lambda trials: ma.log_risk_ratio(
        *trials[["control_cases", "controls", "vaccinated_cases", "vaccinated"]].values.T
    ),
    wide=lambda: ma.Prior(mu_sd=2, effect_sd=ma.HalfNormal(1)),
    vaccine=lambda ratio, wide: ma.fit(ratio.estimate, ratio.standard_error, prior=wide),
)


def _state(*numbers: float | list[float], seed: int) -> tuple:
    """Effects, mu and kappa as one chain has them, the data, and a generator."""
    return (*(np.atleast_1d(number) for number in numbers), np.random.default_rng(seed))


_STATES = (
    _state([0.09, 0.03], -0.01, 900.0, [0.05, -0.02], [800.0, 500.0], seed=0),
    _state([-0.04, 0.01, 0.06], 0.02, 2500.0, [-0.11, 0.0, 0.04], [1600.0, 900.0, 700.0], seed=1),
)


def _draws_the_same_again(sweep: Callable) -> bool:
    """Tell whether a sweep moves, and to the same place whatever the generator."""
    one, two = (sweep(*_STATES[0][:5], np.random.default_rng(seed)) for seed in (2, 3))
    return np.mean(one[0]) == np.mean(two[0]) != np.mean(_STATES[0][0])


exercise = partial(exercise, given=GIVEN)

EXERCISES = (
    exercise(
        "5.1 How much of the winners' lift is left?",
        paper="The five lifts in the first run: {', '.join(f'{x:.1%}' for x in estimate[won])}. In the rerun: {', '.join(f'{x:.1%}' for x in rerun[won])}.",
        purpose="See the winner's curse in data, before it has a name.",
        solution="kept = rerun[won].mean() / estimate[won].mean()",
        check=Number(rel_tol=0.008),
        mistakes={
            "rerun.mean() / estimate.mean()": "This compares all forty tests. Select the winners on both sides with `[won]`.",
            "1 - rerun[won].mean() / estimate[won].mean()": "This is the part that was lost. The question is what is left.",
            "(rerun[won] / estimate[won]).mean()": "This averages five ratios. Divide the mean of the rerun by the mean of the "
            "first run instead: the mean of ratios gives small denominators too much say.",
            "truth.lift[won].mean() / estimate[won].mean()": "This takes the true lifts, which only a simulation knows. The rerun is asked for.",
            "rerun[won].mean()": "This is the winners' average lift in the rerun. Divide it by their average in the first run.",
            "rerun[won].mean() - estimate[won].mean()": "This is by how much the average fell, as a difference. "
            "Which *part* of the first average is left? Divide.",
            "rerun[rerun > 1.96 * error].mean() / estimate[won].mean()": "The winners are those of the *first* run, in the rerun too: `rerun[won]`.",
            "rerun[won].mean() / estimate[won].sum()": "A mean is divided by a sum. Take the mean, or the sum, of both.",
            "rerun[won].mean() / estimate.mean()": "The first average is over all forty tests. Select the winners there, too: `estimate[won]`.",
            "rerun.mean() / estimate[won].mean()": "The rerun's average is over all forty tests. Select the winners there, too: `rerun[won]`.",
            "estimate[won].mean() - rerun[won].mean()": "This is the fall, in points. What is *left*, as a part? Divide, do not subtract.",
            "(estimate[won].mean() - rerun[won].mean()) / rerun[won].mean()": "This is the fall as a part of the *rerun*. What is left, as a part of the first run?",
        },
        neighbours={
            "the answer for the losers": "rerun[~won].mean() / estimate[~won].mean()",
            "a ratio of medians, and means are asked for": "np.median(rerun[won]) / np.median(estimate[won])",
            "the true lift over the rerun": "truth.lift[won].mean() / rerun[won].mean()",
            "the winners' average in the first run": "estimate[won].mean()",
            "the median of the five ratios": "np.median(rerun[won] / estimate[won])",
            "the winners' average true lift": "truth.lift[won].mean()",
            "what the first run's ten best kept": "rerun[estimate.argsort()[-10:]].mean() / estimate[estimate.argsort()[-10:]].mean()",
            "what T25 alone kept": "rerun[24] / estimate[24]",
            "the share of the five that win again": "(rerun > 1.96 * error)[won].mean()",
            "a weighted average over the same": "(rerun / error**2)[won].sum() / (estimate / error**2)[won].sum()",
            "the largest of the rerun over the largest of the first run": "rerun.max() / estimate.max()",
            "a ratio of rates, with the one in them: leave it out": "(1 + rerun[won].mean()) / (1 + estimate[won].mean())",
            "what the five largest estimates kept; the winner T02 is not among them": "rerun[estimate.argsort()[-5:]].mean() / estimate[estimate.argsort()[-5:]].mean()",
            "what one of the two averages has above that of all tests": "rerun[won].mean() / rerun.mean()",
        },
        hints=[
            "`estimate[won]` holds the five lifts of the first run, `rerun[won]` the same five tests in the second.",
            "Take the mean of each, and divide the second by the first.",
        ],
        why="A little more than half is left, and the five are the ones you would have shipped. Nothing changed between the "
        "two runs except luck. The rerun has luck too: its average of five is uncertain by about two points. "
        "In real life there is no second run: section D estimates the fall from the first one.",
    ),
    exercise(
        "5.2 Why did they fall?",
        paper="Five of forty tests won, with lifts of {estimate[won].mean():.0%} on average. In a rerun the five had {rerun[won].mean():.1%}.",
        purpose="Tell selection from a change in the world.",
        answer="cause",
        check=Choice(
            options={
                "a": "visitors got used to the changes, and their novelty wore off",
                "b": "the tests were small, so each estimate is biased upwards",
                "c": "they were chosen for high estimates, and part of these was luck",
                "d": "the level was too lax: tests that win at 1% would not have fallen",
            },
            right="c",
            wrong={
                "a": "Novelty effects exist, but not here: both runs were simulated with the same true rates.",
                "b": "A single test of this size, chosen beforehand, has next to no bias. It is the choosing that makes one. "
                "Small tests make the fall larger; they do not cause it by themselves.",
                "d": "A stricter level picks the more extreme estimates, and with them their luck. "
                "The true lifts of what it picks may be larger, but the estimates still fall.",
            },
        ),
        hints=[
            "The rerun is a simulation: the same true rates, the same number of visitors.",
            "Look at the worst ten tests of the first run: as a group they rise in the rerun. What would do both?",
        ],
        why="Every estimate is a true lift plus luck. The selected tests usually had some of both, so among them the luck is "
        "positive on average, and a rerun draws it anew. The name for this is the winner's curse, or regression to the mean.",
    ),
    exercise(
        "5.3 The standard error of a lift",
        paper="For small errors, the lift p_t / p_c − 1 has the variance var_t / p_c² + p_t² var_c / p_c⁴.",
        purpose="Complete a formula that has just been derived.",
        solution="""
            def standard_error(y_c, n_c, y_t, n_t):
                p_c, p_t = y_c / n_c, y_t / n_t
                var_c = p_c * (1 - p_c) / n_c
                var_t = p_t * (1 - p_t) / n_t
                return np.sqrt(var_c * p_t**2 / p_c**4 + var_t / p_c**2)
        """,
        gaps={"(1 - p_t) / n_t": "...", "p_t**2 / p_c**4": "...", "var_t / p_c**2": "var_t * ..."},
        check=Function(cases=[(100, 1000, 130, 1100), (4145, 34900, 4040, 34900), (30, 400, 90, 1600)], rel_tol=1e-6),
        mistakes={
            "var_c * p_t**2 / p_c**4 + var_t / p_c**2": "This is the variance. The standard error is its square root.",
            "np.sqrt(var_t / p_c**2)": "This treats the control's rate as known. Its uncertainty is the second term, `p_t**2 * var_c / p_c**4`.",
            "np.sqrt(var_c + var_t)": "This is the standard error of the difference p_t - p_c. The lift is that difference "
            "divided by p_c, which is uncertain too.",
            "np.sqrt(var_c + var_t) / p_c": "A common formula: it divides by the control's rate as if that were known. "
            "The factor of `var_c` is `p_t**2 / p_c**4`.",
            "np.sqrt(var_c * p_t / p_c**4 + var_t / p_c**2)": "Nearly: the factor of `var_c` is a square, so `p_t` is squared too.",
            "np.sqrt(var_c * p_t / p_c**2 + var_t / p_c)": "These are the slopes. Variances take their *squares* as factors: "
            "`p_t**2 / p_c**4` and `1 / p_c**2`.",
            "np.sqrt(var_c) * p_t / p_c**2 + np.sqrt(var_t) / p_c": "Independent errors do not add; their squares do. "
            "Add the two variances, then take the root.",
            "np.sqrt(var_c * p_c**2 / p_t**4 + var_t / p_t**2)": "Control and treatment are exchanged: the lift divides by the *control's* rate.",
            "var_t = p_t * (1 - p_t)": "`var_t` is the variance of one visitor. Divide it by the number of visitors, as in `var_c`.",
            "var_t = p_t * (1 - p_t) / n_c": "`var_t` divides by the control's visitors. The treatment has its own, `n_t`.",
            "var_t = p_t * (1 - p_c) / n_t": "`var_t` mixes the two rates: it is `p_t * (1 - p_t) / n_t`.",
            "var_t = p_c * (1 - p_c) / n_t": "`var_t` is the treatment's: it has `p_t`, not `p_c`.",
            "var_t = p_t * (1 - p_t) * n_t": "That is the variance of a count. A rate's is `p_t * (1 - p_t) / n_t`.",
            "np.sqrt(var_c * p_t**2 / p_c**4) + var_t / p_c**2": "Mind the brackets: the root is taken of the whole sum.",
            "np.sqrt(var_c * p_t**2 / p_c**4 + var_t / p_c**4)": "The slope for the treatment is 1 / p_c: the factor of `var_t` is its square, `1 / p_c**2`.",
            "var_t = p_t * (1 - p_t) / y_t": "`var_t` divides by the conversions. A rate's variance has the visitors below it: `n_t`.",
            "var_t = p_t * (1 - p_t) / (n_t - 1)": "The 1 is taken off where measurements are squared about their own mean. A rate's variance is `p_t * (1 - p_t) / n_t`.",
            "var_t = p_t / n_t": "`var_t` is for a count that may be any number. A rate has `p_t * (1 - p_t) / n_t`.",
            "np.sqrt(var_c * p_t**2 / p_c**2 + var_t / p_c**2)": "Nearly: the slope for the control is p_t / p_c**2, and its square `p_t**2 / p_c**4`.",
            "np.sqrt(var_c / p_c**4 + var_t / p_c**2)": "Nearly: the slope for the control has `p_t` in it: its square is `p_t**2 / p_c**4`.",
            "np.sqrt(var_c * p_t**2 / p_c**3 + var_t / p_c**2)": "Nearly: the square of p_t / p_c**2 is `p_t**2 / p_c**4`.",
            "np.sqrt(var_c * p_t / p_c**2 + var_t / p_c**2)": "The factor of `var_c` is the slope p_t / p_c**2. Variances take its *square*.",
            "np.sqrt(var_c * p_t**2 / p_c**4 + var_t / p_c)": "The factor of `var_t` is the slope 1 / p_c. Variances take its *square*.",
            "np.sqrt(var_c * p_t**2 / p_c**4 + var_t / p_t**2)": "The lift divides by the *control's* rate, and so does the factor of `var_t`: `1 / p_c**2`.",
            "np.sqrt(var_c * p_t**2 / p_c**4 + var_t * p_c**2)": "The factor of `var_t` is upside down: the treatment's rate is *divided* by p_c.",
            "np.sqrt(var_c * p_t**2 / p_c**4 + var_t)": "`var_t` has a factor, too: the treatment's rate is divided by p_c, so its variance by `p_c**2`.",
            "np.sqrt(var_c + var_t / p_c**2)": "`var_c` has a factor, too: `p_t**2 / p_c**4`.",
            "np.sqrt(var_c / p_c**2 + var_t / p_t**2)": "This is the standard error of the *logarithm* of the ratio p_t / p_c. That of the ratio itself is asked for.",
            "np.sqrt(var_c / p_c**2 + var_t * p_t**2 / p_c**4)": "The two factors are exchanged: `p_t**2 / p_c**4` belongs to `var_c`.",
            "np.sqrt(var_c * p_t**2 / p_c**4 - var_t / p_c**2)": When(
                lambda answer: np.isnan([answer(100, 1000, 130, 1100), answer(4145, 34900, 4040, 34900)]).any(),
                "Your variance came out negative. Variances of independent parts *add*, also where the parts are "
                "subtracted: squared slopes are positive.",
            ),
            "np.sqrt(var_c * p_t**2 / p_c**4)": "This treats the treatment's rate as known. Its uncertainty is the other term, `var_t / p_c**2`.",
            "1.96 * np.sqrt(var_c * p_t**2 / p_c**4 + var_t / p_c**2)": "This is half the width of the 95% interval. The standard error has no 1.96.",
            "np.sqrt((y_c + y_t) / (n_c + n_t) * (1 - (y_c + y_t) / (n_c + n_t)) * (1 / n_c + 1 / n_t)) / p_c": "This pools the two rates, as a test of *no lift* does. Each arm keeps its own rate.",
            "np.sqrt(var_c * p_t**2 + var_t / p_c**2)": "`p_t**2` is one part of the factor of `var_c`; it is divided by `p_c**4`.",
            "np.sqrt((var_c + var_t) * p_t**2 / p_c**4)": "The two variances have factors of their own: `p_t**2 / p_c**4` belongs to `var_c`, `1 / p_c**2` to `var_t`.",
            "var_t = p_t * p_t / n_t": "The second factor is those who did not convert, `1 - p_t`.",
            "var_t = p_t * (1 + p_t) / n_t": "It is a minus: those who did not convert are `1 - p_t`.",
            "var_t = p_t * (1 - p_t) / n_t**0.5": "`var_t` is a variance: divide by `n_t`. The root comes last.",
        },
        neighbours={"the lift itself": "p_t / p_c - 1"},
        hints=[
            "`var_t` is built like `var_c`, from the treatment's rate and number of visitors.",
            "The variance is `var_t / p_c**2 + p_t**2 * var_c / p_c**4`. The standard error is its root: `np.sqrt(...)`.",
        ],
        why="With equal arms the control counts about as much as the treatment, although its rate is only the yardstick. "
        "An experiment that gives the control 10% of the visitors has an imprecise yardstick, and so an imprecise lift.",
    ),
    exercise(
        "5.4 What lies between",
        paper="A spread of at most 10% has the prior probability {published.cdf(0.1):.2f}, of at most 100% {published.cdf(1):.2f}.",
        purpose="Read a prior on a standard deviation as probabilities of ranges.",
        solution="between = published.cdf(1) - published.cdf(0.1)",
        check=Number(rel_tol=0.005),
        mistakes={
            "published.cdf(1)": "This is everything below 100%. Take away what lies below 10%.",
            "1 - published.cdf(0.1)": "This is everything above 10%. Take away what lies above 100%.",
            "published.cdf(0.1)": "This is the probability below 10%. Which part lies above it, and below 100%?",
            "published.cdf(100) - published.cdf(10)": "These are the fractions 10 and 100, that is 1,000% and 10,000%. 10% is `0.1` and 100% is `1`.",
            "1 - published.cdf(1)": "This is everything *above* 100%. The question is what lies between 10% and 100%.",
            "half_normal.cdf(1) - half_normal.cdf(0.1)": "This is the answer for the other prior, `half_normal`. The published one is asked for.",
            "published.cdf(1 - 0.1)": "`cdf` of the difference is not the difference of the two `cdf`.",
            "published.cdf(1) - published.cdf(0.01)": "10% is the fraction `0.1`; `0.01` is 1%.",
            "published.cdf(0.1) - published.cdf(0.01)": "This is from 1% to 10%. 100% is the fraction `1`.",
            "published.cdf(1) + published.cdf(0.1)": "What lies between is a difference: take away what lies below 10%.",
            "published.cdf(10) - published.cdf(1)": "This is from 100% to 1,000%. 10% is `0.1` and 100% is `1`.",
            "published.cdf(10) - published.cdf(0.1)": "The fraction 10 is 1,000%. 100% is `1`.",
            "published.cdf(1) * (1 - published.cdf(0.1))": "Below 100% and above 10% are not independent: do not multiply, subtract.",
            "(published.cdf(1) - published.cdf(0.1)) / published.cdf(1)": "This is the share of what lies below 100%. Asked is the share of everything: do not divide.",
            "(published.cdf(1) - published.cdf(0.1)) / (1 - published.cdf(0.1))": "This is the share of what lies above 10%. Asked is the share of everything: do not divide.",
            "published.cdf(1) - half_normal.cdf(0.1)": "The second `cdf` is of the other prior. Take `published` both times.",
            "published.cdf(0.1) / published.cdf(1)": "Of what lies below 100%, this share lies below 10%. Asked is a difference: do not divide.",
            "published.cdf(1) - (1 - published.cdf(0.1))": "Below 10% is `published.cdf(0.1)` itself, not 1 minus it.",
            "(published.cdf(1) + published.cdf(0.1)) / 2": "What lies between is a difference, not the average of the two.",
        },
        hints=[
            "`published.cdf(x)` is the prior probability that the standard deviation is at most x; 10% is `0.1`, 100% is `1`.",
            "What lies between is the probability below 1, less the probability below 0.1.",
        ],
        why="One fifth, and a third lies beyond. So half of this prior is on companies whose lifts differ by more than 10 "
        "points from test to test. Data overrule that half, even few. What they do not overrule as easily is the other end: "
        "this prior finds very small spreads likely, too. A prior that was chosen for its formula can say odd things about "
        "the world: always ask it for ranges.",
    ),
    exercise(
        "5.12 How many of the five really help?",
        paper="For the five winners, the probability of a lift of at most 0 is {', '.join(f'{p:.3f}' for p in post.cdf(0)[won])}.",
        purpose="Turn posterior probabilities into an expected count.",
        solution="helping = (1 - post.cdf(0))[won].sum()",
        check=Number(rel_tol=0.001),
        mistakes={
            "(post.mean > 0)[won].sum()": "This counts each of the five in full, as if it were certain. Add up the probabilities.",
            """
            from scipy.stats import norm

            helping = norm.cdf(estimate / error)[won].sum()
            """: "These probabilities come from the raw estimates, which were chosen for being high. Use `post`.",
            """
            from scipy.stats import norm

            helping = norm.cdf(post.mean / post.sd)[won].sum()
            """: "Nearly: the posterior of a lift is not exactly normal. Take its own `cdf`.",
            "(1 - post.cdf(0))[won].mean()": "This is the average probability of the five. The expected number is their sum.",
            "(1 - post.cdf(0))[won].prod()": "This multiplies the five: about the probability that *all* of them help. "
            "The expected number is their sum.",
            "post.cdf(0)[won].sum()": "This counts those that do *not* help. `cdf(0)` is the probability of a lift of at most 0.",
            "1 - post.cdf(0)[won].sum()": "Mind the brackets: take 1 minus *each* probability, then add up the five.",
            "(1 - post.cdf(0)).sum()": "This is the expected number among all forty. Select the winners with `[won]`.",
            "(post.cdf(0) < 0.05)[won].sum()": "This counts those that are nearly certain, in full. Add up the probabilities.",
            "0.95 * 5": "95% was the level of the intervals, not the probability that a winner helps. The posterior has a probability for each test.",
            "0.975 * 5": "97.5% belongs to the level of the tests, not to these five. The posterior has a probability for each.",
            "(1 - post.cdf(0))[:5].sum()": "These are the first five tests of the table. The winners are `[won]`.",
            "(1 - post.cdf(0)).mean() * 5": "This takes five tests like the average of all forty. The winners have probabilities of their own: `[won]`.",
            "(1 - post.new_group().cdf(0)) * 5": "`post.new_group()` is a test without data. The winners have data of their own: `post`.",
            "(1 - post.mu.cdf(0)) * 5": "`post.mu` is the average of all changes. Each winner has a probability of its own.",
            "(1 - post.cdf(0.01))[won].sum()": "`cdf(0.01)` draws the line at a lift of 1%. The question is about any lift above zero.",
            "(post.interval()[won, 0] > 0).sum()": "This counts intervals above zero, in full. Add up the probabilities.",
            "1 - post.cdf(0)[won].prod()": "This is about the probability that *at least one* helps. The expected number is the sum of the five.",
            "1 - post.average(won).cdf(0)": "This is the probability that the *average* of the five is above zero. The expected number is the sum of five probabilities.",
            "5 * (1 - post.average(won).cdf(0))": "Five times the probability of their *average* is not the sum of the five probabilities.",
            "(1 - bs.meta_analysis.fit(estimate, error, prior=bs.meta_analysis.Prior()).cdf(0))[won].sum()": "This is under the published prior. `post` has one that we can defend.",
            "(1 - bs.meta_analysis.fit(estimate, error).cdf(0))[won].sum()": "This is under the prior that `fit` takes by itself. `post` has one that we can defend.",
            "(1 - post.cdf(0))[estimate.argsort()[-5:]].sum()": "The five largest estimates are not the five winners: one has a large error. Select with `[won]`.",
            "40 - post.cdf(0)[won].sum()": "This starts from forty. There are five winners: take 1 minus *each* probability, then add up.",
            "(1 - 2 * post.cdf(0))[won].sum()": "The probability of a lift of at most 0 is taken off once.",
            "1 - (1 - post.cdf(0))[won].prod()": "This is about the probability that *at least one* does not help. The expected number is the sum of the five.",
            "post.prob_best()[won].sum()": "This is the probability that the best of all forty is among the winners. The question is which lifts are above zero.",
        },
        neighbours={
            "the sum of the five expected lifts": "post.mean[won].sum()",
            "the number of the forty that do not help": "post.cdf(0).sum()",
            "the expected number among the other thirty-five": "(1 - post.cdf(0))[~won].sum()",
            "the expected number above the average effect": "(1 - post.cdf(post.mu.mean))[won].sum()",
            "the average probability of the five, in percent": "100 * (1 - post.cdf(0))[won].mean()",
        },
        hints=[
            "`post.cdf(0)` holds for every test the probability of a lift of at most 0. What is left is the probability that it helps.",
            "The expected number is the sum of the five probabilities: select them with `[won]`.",
        ],
        why="Nearly all five are expected to help (in truth all five do), and at the same time their lifts are expected to be "
        "about half of what was measured. Whether a change works and how much it brings are two questions.",
    ),
    exercise(
        "5.13 What will the next test show?",
        paper="The true lift of a new test has the mean {post.new_group().mean:.3f} and the standard deviation {post.new_group().sd:.3f}.",
        purpose="Keep three uncertainties apart: of the average, of a new effect, of a new estimate.",
        solution="estimate_sd = post.new_group().predict(0.03).sd",
        check=Number(rel_tol=0.003),
        mistakes={
            "post.new_group().sd": "This is the uncertainty of the true lift. The estimate has the luck of the test on top.",
            "post.mu.sd": "This is how well you know the *average* lift. A single new test lies far from the average.",
            "post.mu.predict(0.03).sd": "This leaves out how much tests differ: it is for a test whose true lift is exactly the average.",
            "post.new_group().sd + 0.03": "Standard deviations of independent parts do not add. Their squares do.",
            "post.new_group().sd**2 + 0.03**2": "This is the variance of the estimate. Its root is asked for.",
            "(post.new_group().sd**2 + 0.03) ** 0.5": "0.03 is a standard error: square it before you add.",
            "(post.new_group().sd**2 + 0.3**2) ** 0.5": "3% is `0.03`, not `0.3`.",
            "(post.new_group().sd**2 - 0.03**2) ** 0.5": "The luck of the test comes on top: add the squares.",
            "(1 / post.new_group().sd**2 + 1 / 0.03**2) ** -0.5": "Adding precisions combines two sources about *one* effect, "
            "after the test. Before the test the two uncertainties add up, as variances.",
            "(post.effect_sd.mean**2 + 0.03**2) ** 0.5": "Nearly: the average is uncertain as well, and so is the spread. "
            "`post.new_group()` has all of that.",
            "post.effect_sd.mean + post.mu.sd + 0.03": "Standard deviations of independent parts do not add. Their squares do. `post.new_group()` has the first two together.",
            "post.effect_sd.mean + 0.03": "Standard deviations of independent parts do not add. Their squares do. And the average is uncertain too.",
            "(post.sd.mean() ** 2 + 0.03**2) ** 0.5": "`post.sd` is of the forty tests, which have data. The 41st has none yet: `post.new_group()`.",
            "bs.meta_analysis.fit(estimate, error, prior=bs.meta_analysis.Prior()).new_group().predict(0.03).sd": "This is under the published prior. `post` has one that we can defend.",
            "0.03": "This is the luck of the test alone. Its true lift is unknown too.",
            "post.new_group().predict(0.03).mean": "This is the mean of the estimate. Its standard deviation is asked for.",
            "(post.effect_sd.mean**2 + post.mu.sd**2) ** 0.5": "This is about the true lift's uncertainty. The estimate has the luck of the test on top: 0.03.",
            "(post.effect_sd.mean**2 + post.mu.sd**2 + 0.03**2) ** 0.5": "Nearly: the spread is uncertain as well, so its mean squared is too little. `post.new_group()` has all of that.",
            "post.effect_sd.mean": "This is how far true lifts lie apart. The average is uncertain too, and the test has luck of its own.",
            "post.predict(0.03).sd.mean()": "This is for reruns of the forty tests. The 41st has no first run: `post.new_group()`.",
            "post.new_group().predict(error.mean()).sd": "The standard error of the 41st test is given: 0.03.",
            "post.new_group().predict(3).sd": "3% is `0.03`, not `3`.",
            "post.mu.sd + 0.03": "Standard deviations do not add. And besides the average, the next lift's distance from it is unknown.",
            "post.new_group().sd - 0.03": "The luck of the test comes on top: add, and add the squares.",
            "post.new_group().sd**2 + 0.03": "0.03 is a standard error: square it before you add. And take the root of the sum.",
            "np.sqrt(post.new_group().sd + 0.03)": "These are standard deviations: square both before you add and take the root.",
            "np.hypot(0.05, 0.03)": "0.05 is the scale of the prior. What the forty tests say is in `post.new_group()`.",
            "(0.05**2 + 0.05**2 + 0.03**2) ** 0.5": "These are the scales of the prior. What the forty tests say is in `post.new_group()`.",
            "(1 / post.effect_sd.mean**2 + 1 / 0.03**2) ** -0.5": "Adding precisions is for *after* the test. Before it the uncertainties add up, as variances: `post.new_group()` and 0.03.",
            "(post.new_group().sd**2 + post.mu.sd**2 + 0.03**2) ** 0.5": "`post.new_group()` has the uncertainty of the average in it already.",
            "(post.new_group().sd**2 + 2 * 0.03**2) ** 0.5": "0.03 is the standard error of the *lift*, with both arms in it: it counts once.",
            "np.hypot(post.mean.std(), 0.03)": "The forty *shrunken* lifts lie closer together than true lifts do. Use `post.new_group()`.",
            "np.hypot(post.new_group().mean, 0.03)": "Combine `.sd` with the luck of the test, not `.mean`: where it lies is not how uncertain it is.",
        },
        neighbours={
            "the standard deviation of the forty estimates, whose errors are not those of the 41st": "estimate.std()",
            "the width of a 95% interval": "np.diff(post.new_group().predict(0.03).interval())[0]",
            "half the width of a 95% interval": "1.96 * post.new_group().predict(0.03).sd",
            "the average of the two standard deviations": "(post.new_group().sd + 0.03) / 2",
        },
        hints=[
            "The question is about an *estimate*: `post.new_group()` is the true lift, without the luck of the test. Variances add up.",
            "`post.new_group().predict(standard_error)` is the distribution of the estimate; it has `.mean` and `.sd`.",
        ],
        why="Three uncertainties, one inside the other: where the average is, how far the next effect lies from it, and how "
        "far its estimate lies from the effect. More tests shrink the first. They measure the second, but do not make it "
        "smaller; and the third comes with every test.",
    ),
    exercise(
        "5.5 The first conditional: an effect",
        purpose="Combine an estimate and a population, weighted by their precisions.",
        solution="""
            def effect_given(estimate, omega, mu, kappa):
                precision = omega + kappa
                mean = (omega * estimate + kappa * mu) / precision
                return mean, precision
        """,
        gaps={"omega + kappa": "...", "(omega * estimate + kappa * mu) / precision": "..."},
        check=Function(
            cases=[(0.1, 400.0, 0.03, 1600.0), (-0.05, 900.0, 0.02, 300.0)], parts=("mean", "precision"), rel_tol=1e-9
        ),
        mistakes={
            "mean = (kappa * estimate + omega * mu) / precision": "The weights are swapped: "
            "a precise test (large `omega`) should stay near its own estimate.",
            "mean = (estimate + mu) / 2": "This is the plain average. Weigh each by its precision.",
            "mean = omega * estimate + kappa * mu": "The weighted sum is right. Divide it by the sum of the weights, the precision.",
            """
            precision = omega**-2 + kappa
            mean = (omega**-2 * estimate + kappa * mu) / precision
            """: "`omega` is the estimate's precision already, not its standard error.",
            "precision = 1 / omega + 1 / kappa": "These are variances. Precisions add as they are: `omega + kappa`.",
            "precision = 1 / omega + 1 / kappa\nmean = (estimate / omega + mu / kappa) / precision": "`omega` and `kappa` are precisions already: no inverses.",
            "precision = omega**-2 + kappa**-2\nmean = (omega**-2 * estimate + kappa**-2 * mu) / precision": "`omega` and `kappa` are precisions already, not standard errors.",
            "precision = 1 / (1 / omega + 1 / kappa)": "This is the precision of a *sum* of two errors. Here two sources speak of "
            "one effect, and their precisions add.",
            "mean, 1 / (1 / omega + 1 / kappa)": "The mean is right. This precision is that of a *sum* of two errors. Precisions about one effect add: `omega + kappa`.",
            "precision = omega * kappa": "Densities are multiplied, and so their exponents add: `omega + kappa`.",
            "precision = omega\nmean = estimate": "This is the estimate alone, without the population: no pooling.",
            "precision = kappa\nmean = mu": "This is the population alone, without the estimate: complete pooling.",
            "mean = omega * estimate + kappa * mu / precision": "Brackets are missing: the whole sum is divided by the precision.",
            "mean = (omega * estimate - kappa * mu) / precision": "The weighted values are *added*, then divided by the precision.",
            "mean = estimate + kappa / precision * (estimate - mu)": "The direction is wrong: the effect is pulled *towards* mu, so `mu - estimate`.",
            "mean = estimate + mu": "A mean lies between the two. Weigh each by its precision, and divide by the sum of the weights.",
            "mean = omega / precision * estimate + mu": "`mu` has a weight too: `kappa / precision`.",
            "mean = (estimate + mu) / precision": "Weigh each before you add: `omega * estimate`, `kappa * mu`.",
            "mean, precision ** -0.5": "This is the standard deviation. The precision, 1 / variance, is asked for.",
            "mean, omega - kappa": "Precisions add up: a second source never makes an answer less precise.",
            "mean, omega": "The mean is right. The population knows something too: its precision `kappa` is added.",
            "mean, (omega**2 + kappa**2) ** 0.5": "Precisions add as they are, without squares: `omega + kappa`.",
            "precision = (omega**2 + kappa**2) ** 0.5": "Precisions add as they are; squares and roots are for standard deviations.",
            "precision = omega**2 + kappa**2\nmean = (omega**2 * estimate + kappa**2 * mu) / precision": "`omega` and `kappa` are precisions already: no squares.",
            "mean = (omega**2 * estimate + kappa**2 * mu) / (omega**2 + kappa**2)": "The precision is right. The weights are the precisions as they are, without squares.",
            "mean = (omega**0.5 * estimate + kappa**0.5 * mu) / (omega**0.5 + kappa**0.5)": "The precision is right. The weights are the precisions as they are, without roots.",
            "mean = omega / precision * (estimate - mu)": "The precision is right. This is how far the effect lies from `mu`: add `mu`.",
            "mean, omega * kappa": "The mean is right. Densities are multiplied, and so their exponents add: `omega + kappa`.",
        },
        hints=[
            "Precisions add: what the test knows is `omega`, what the population knows is `kappa`.",
            "The mean weighs the estimate with `omega` and `mu` with `kappa`, and divides by the sum of the weights.",
        ],
        why="This is the shrinkage of lesson 1 again. The weight on the population is kappa / (omega + kappa): large for a "
        "small test, and large when the effects are alike.",
    ),
    exercise(
        "5.6 The second conditional: the average",
        purpose="Use the same rule once more, with k measurements and a prior.",
        solution="""
            def mu_given(effects, kappa, epsilon):
                precision = len(effects) * kappa + epsilon
                mean = kappa * np.sum(effects) / precision
                return mean, precision
        """,
        gaps={"len(effects) * kappa + epsilon": "...", "kappa * np.sum(effects) / precision": "..."},
        check=Function(
            cases=[(np.array([0.05, -0.02, 0.01]), 900.0, 1600.0), (np.array([0.1, 0.2]), 100.0, 400.0)],
            parts=("mean", "precision"),
            rel_tol=1e-9,
        ),
        mistakes={
            "mean = np.mean(effects)": "The precision is right. This mean ignores the prior, which pulls towards 0 with weight `epsilon`.",
            "precision = len(effects) * kappa": "The prior of mu is missing: its precision `epsilon` counts too.",
            "precision = kappa + epsilon": "This counts one effect only. There are k of them, each with precision `kappa`.",
            "mean = kappa * np.mean(effects) / precision": "Sum the effects instead of averaging them: each one has the weight `kappa`.",
            "mean = np.sum(effects) / precision": "Each effect has the weight `kappa`: it is missing in the mean.",
            "mean = kappa * np.sum(effects)": "The weighted sum is right. Divide it by the precision.",
            "precision = 40 * kappa + epsilon": "The function should work for any number of effects: `len(effects)`, not 40.",
            "precision = np.sum(effects) * kappa + epsilon": "Each effect brings the precision `kappa`, however large it is: `len(effects) * kappa`.",
            "precision = kappa / len(effects) + epsilon": "Precisions of many effects add up: `len(effects) * kappa`.",
            """
            precision = len(effects) * epsilon + kappa
            mean = epsilon * np.sum(effects) / precision
            """: "`kappa` and `epsilon` are exchanged: `kappa` belongs to each effect, `epsilon` to the prior of mu.",
            """
            precision = len(effects) / kappa + epsilon
            mean = np.sum(effects) / kappa / precision
            """: "`kappa` is a precision, not a variance: multiply by it.",
            "mean = (kappa * np.sum(effects) + epsilon) / precision": "The prior's mean is 0, so it adds `epsilon * 0` to the sum, which is nothing.",
            "mean = kappa * effects / precision": When(
                lambda answer: np.size(answer(np.array([0.1, 0.2]), 100.0, 400.0)[0]) > 1,
                "The mean is one number: *sum* the effects.",
            ),
            "mean = epsilon * np.mean(effects) / precision": "`epsilon` is the weight of the prior, whose mean is 0. Each effect has the weight `kappa`.",
            "mean = epsilon * np.sum(effects) / precision": "`epsilon` is the weight of the prior. Each effect has the weight `kappa`.",
            "mean = kappa * np.sum(effects) / len(effects) * kappa + epsilon": "Brackets are missing below the line: the sum is divided by the whole precision.",
            "mean = kappa * np.sum(effects) * precision": "The weighted sum is *divided* by the precision.",
            "precision = len(effects) + kappa + epsilon": "Each of the k effects brings the precision `kappa`: multiply, `len(effects) * kappa`.",
            "mean = kappa * np.sum(effects, keepdims=True) / precision": When(
                lambda answer: np.shape(answer(np.array([0.1, 0.2]), 100.0, 400.0)[0]) == (1,),
                "`keepdims` makes the mean an array. Leave it out: here is one chain, and its mean is one number.",
            ),
            "precision = len(effects) * (kappa + epsilon)": "The prior counts once, not once for each effect: `len(effects) * kappa + epsilon`.",
            "precision = len(effects) * kappa - epsilon": "Precisions add up, the prior's too.",
            "precision = (len(effects) - 1) * kappa + epsilon": "Each effect counts in full: `len(effects) * kappa`, without the 1.",
            "mean = kappa / (kappa + epsilon) * np.mean(effects)": "The weight is that of *all* effects: `len(effects) * kappa` of `len(effects) * kappa + epsilon`.",
            "precision = len(effects) * kappa * epsilon": "Precisions are added: `len(effects) * kappa + epsilon`.",
            "precision = len(effects) * kappa + 1 / epsilon": "`epsilon` is a precision already: add it as it is.",
            "precision = len(effects) ** 0.5 * kappa + epsilon": "Each effect brings the whole precision `kappa`. The root belongs to standard deviations.",
            "mean, precision ** -0.5": "This is the standard deviation. The precision, 1 / variance, is asked for.",
            "precision = (kappa + epsilon) / len(effects)": "More effects know more: `len(effects) * kappa`, and the prior's `epsilon` once.",
            "precision = kappa / len(effects) + epsilon\nmean = kappa * np.mean(effects) / len(effects) / precision": "An average of many is *more* precise: `kappa * len(effects)`.",
            """
            precision = kappa + epsilon
            mean = kappa * np.mean(effects) / precision
            """: "This takes the mean of the effects for one effect. There are k of them, each with precision `kappa`.",
        },
        hints=[
            "Each of the k effects measures mu with precision `kappa`; the prior has precision `epsilon` and mean 0.",
            "The precision is `k * kappa + epsilon`. In the mean, each effect has weight `kappa`, and the prior's mean adds nothing.",
        ],
        why="The data do not appear: once the effects are known, the estimates have nothing more to say about their average. "
        "That is what makes Gibbs sampling easy, and as section H shows also what makes it slow.",
    ),
    exercise(
        "5.7 The third conditional: the spread",
        purpose="Read a Gamma distribution off a product of densities.",
        solution="""
            def kappa_given(effects, mu, alpha, beta):
                shape = alpha + len(effects) / 2
                rate = beta + np.sum((effects - mu) ** 2) / 2
                return shape, rate
        """,
        gaps={"alpha + len(effects) / 2": "...", "beta + np.sum((effects - mu) ** 2) / 2": "..."},
        check=Function(
            cases=[(np.array([0.05, -0.02, 0.01]), 0.01, 0.1, 1e-5), (np.array([0.1, 0.2]), 0.3, 2.0, 0.5)],
            parts=("shape", "rate"),
            rel_tol=1e-9,
        ),
        mistakes={
            """
            shape = alpha + len(effects)
            rate = beta + np.sum((effects - mu) ** 2)
            """: "Each effect brings the power 1/2 of kappa, and the exponent has half of its square: both need the factor 1/2.",
            "rate = beta + np.sum((effects - np.mean(effects)) ** 2) / 2": "Measure the effects from `mu`, where the sampler is, "
            "and not from their own mean.",
            "rate = 1 / (beta + np.sum((effects - mu) ** 2) / 2)": "The second number is the scale, which NumPy's `gamma` wants. "
            "The rate, its inverse, is asked for.",
            "shape = alpha + len(effects)": "The rate is right. Each effect brings the power 1/2 of kappa, so the shape gains half of their number.",
            "rate = beta + np.sum((effects - mu) ** 2)": "The shape is right. The exponent has half of each square: "
            "the factor 1/2 is missing in the rate.",
            "rate = beta + np.mean((effects - mu) ** 2) / 2": "The shape is right. The rate has the *sum* of the squares, not their mean.",
            "rate = np.sum((effects - mu) ** 2) / 2": "The shape is right. The prior's `beta` is missing in the rate.",
            "shape = len(effects) / 2": "The rate is right. The prior's `alpha` is missing in the shape.",
            "shape = alpha - 1 + len(effects) / 2": "The rate is right. The first number is the exponent of kappa, which is the shape less 1.",
            "shape = alpha + (len(effects) - 1) / 2": "The rate is right. mu is given here, not estimated: no degree of freedom is lost.",
            "shape = alpha + 20": "The function should work for any number of effects: `len(effects) / 2`, not 20.",
            "rate = beta - np.sum((effects - mu) ** 2) / 2": "The shape is right. Both exponents carry a minus, so the rate is their sum.",
            "shape = alpha + 1 / 2": "The rate is right. The shape gains 1/2 from *each* effect.",
            "rate = beta + np.sum(effects - mu) / 2": "The distances from mu have to be squared before they are summed.",
            "rate = beta + (effects - mu) ** 2 / 2": When(
                lambda answer: np.size(answer(np.array([0.1, 0.2]), 0.3, 2.0, 0.5)[1]) > 1,
                "The rate is one number: *sum* the squares.",
            ),
            "rate = beta + np.sum(effects - mu) ** 2 / 2": "Square each distance from mu first, then sum the squares: mind the brackets.",
            "rate = beta + (np.sum(effects) - mu) ** 2 / 2": "Square each distance from mu first, then sum them.",
            "rate = beta + (np.mean(effects) - mu) ** 2 / 2": "Square each effect's distance from mu, then sum. The distance of their mean says nothing of their spread.",
            "rate = beta + np.sum(np.abs(effects - mu)) / 2": "The exponent has squares: `(effects - mu) ** 2`.",
            "rate = beta * np.sum((effects - mu) ** 2) / 2": "The shape is right. The exponents of a product *add*: `beta` plus half of the sum of squares.",
            "rate = 1 / beta + np.sum((effects - mu) ** 2) / 2": "The shape is right. `beta` is a rate already: add it as it is.",
            "rate = (beta + np.sum((effects - mu) ** 2)) / 2": "The shape is right. The 1/2 belongs to the squares only, not to `beta`.",
            "rate = beta + len(effects) * np.sum((effects - mu) ** 2) / 2": "The shape is right. The sum has all effects in it already: no further factor.",
            "rate = beta + np.sum((effects - mu) ** 2) / len(effects)": "The shape is right. The exponent has half of each square: divide by 2, not by the number of effects.",
            "rate = beta + np.sum(effects**2 - mu**2) / 2": "The shape is right. Square the distance, `(effects - mu) ** 2`: a difference of squares is another number.",
            "rate = len(effects) * beta + np.sum((effects - mu) ** 2) / 2": "The shape is right. The prior's `beta` counts once, not once for each effect.",
            "shape = len(effects) * (alpha + 1 / 2)": "The rate is right. The prior's `alpha` counts once, not once for each effect.",
            "shape = alpha - len(effects) / 2": "The rate is right. The powers of kappa are positive: they add up.",
            "rate = beta + np.sqrt(np.sum((effects - mu) ** 2)) / 2": "The shape is right. The exponent has the squares themselves: no root.",
            "shape = alpha + 2 * len(effects)\nrate = beta + 2 * np.sum((effects - mu) ** 2)": "Each effect brings *half* a power and *half* its square: divide by 2.",
            "rate = beta + np.sum((effects - mu) ** 2, keepdims=True) / 2": When(
                lambda answer: np.shape(answer(np.array([0.1, 0.2]), 0.3, 2.0, 0.5)[1]) == (1,),
                "`keepdims` makes the rate an array. Leave it out: here is one chain, and its rate is one number.",
            ),
            "shape = alpha * len(effects) / 2": "The rate is right. The powers of kappa *add*: `alpha` plus half of the number of effects.",
            "shape = alpha * len(effects) / 2\nrate = beta * np.sum((effects - mu) ** 2) / 2": "In a product the powers *add*, and so do the exponents: `alpha +`, `beta +`.",
            "shape / rate, shape**0.5 / rate": "These are the mean and the standard deviation of the Gamma. Its shape and its rate are asked for.",
            "shape = alpha + len(effects) // 2": "The rate is right. `//` rounds down: half of three effects is 1.5.",
            "rate = beta + np.var(effects - mu) / 2": "`np.var` measures from the effects' own mean, and divides by their number. Sum the squared distances from `mu`.",
            "shape = alpha + np.sum(effects) / 2": "The rate is right. The shape counts the effects, whatever their size: `len(effects)`.",
            """
            shape = (alpha + len(effects)) / 2
            rate = (beta + np.sum((effects - mu) ** 2)) / 2
            """: "The factor 1/2 belongs to the effects only, not to `alpha` and `beta`.",
            """
            shape = (alpha + len(effects)) / 2
            rate = beta + np.sum((effects - mu) ** 2) / 2
            """: "The rate is right. The 1/2 belongs to the number of effects only, not to `alpha`.",
            """
            shape = beta + len(effects) / 2
            rate = alpha + np.sum((effects - mu) ** 2) / 2
            """: "`alpha` and `beta` are exchanged: `alpha` is the prior's shape, `beta` its rate.",
        },
        hints=[
            "Multiply: the powers of kappa add up, and so do the exponents.",
            "The shape gains 1/2 from each of the k effects. The rate gains half of the sum of `(effects - mu) ** 2`.",
        ],
        why="The prior counts as 2 alpha effects that were seen already, with a sum of squares of 2 beta. Now all three "
        "conditionals are distributions that NumPy can draw from, and the sampler is only a loop.",
    ),
    exercise(
        "5.8 Put the sampler in order",
        purpose="Know which value every line of a sweep needs.",
        answer="order",
        stub='order = ...  # such as "abcdef"',
        check=Order(
            "efcadb",
            also=["efcdab"],
            wrong={
                "f before e": "With the start inside the loop, every sweep begins at the start again: the chain never moves on.",
                "f last": "A loop without lines in it does nothing: the draws belong inside.",
                "b before f": "`b` records before the loop has begun. It belongs inside, at the end of each sweep.",
                "b before c": "`b` records before anything is drawn, so the start would be the first draw. Record the finished sweep.",
                "a or d before c": "`a` and `d` need `effects`, and in the first sweep there are none before `c`.",
                "b before d": "`b` records before `kappa` is drawn: the new mu beside the old kappa. Record the finished sweep.",
                "b before a": "`b` records before `mu` is drawn: the new kappa beside the old mu. Record the finished sweep.",
                "e not first": "Every other line needs what `e` provides, the start: it comes first.",
                "c before f": "The draw of the effects belongs inside the loop: every sweep makes new ones.",
            },
        ),
        hints=[
            "The start comes first, then the loop. Inside it, which of the three draws can be made with what the start provides?",
            "The start has `mu` and `kappa`, so the effects are drawn first. The finished sweep is recorded last.",
        ],
        why="Every line needs only names that exist by then, and always their newest values. After `c`, lines `a` and `d` may "
        "change places: any order of the conditionals will do, as long as each starts from where the others are now.",
    ),
    exercise(
        "5.9 What do the checks say?",
        paper="The checks pass: no divergences, every R-hat below 1.01, every effective sample size above 400.",
        purpose="Know what R-hat and effective sample size can see, and what they cannot.",
        answer="they_say",
        check=Choice(
            options={
                "a": "the draws come from the posterior",
                "b": "the chains agree, and are worth more than 400 draws",
                "c": "the model describes the forty tests well",
                "d": "every posterior mean that is printed above is right to within 1%",
            },
            right="b",
            wrong={
                "a": "From *a* distribution on which the chains agree. Whether it is the posterior, R-hat cannot know: it never sees the model.",
                "c": "The checks see draws only. A model that fits badly can be sampled perfectly.",
                "d": "The 1.01 is a ratio of standard deviations, not an error of the mean. "
                "The Monte Carlo error is the posterior sd over the root of the effective sample size.",
            },
        ),
        hints=[
            "What are R-hat and ESS computed from? Do they ever see the model, or the data?",
            "Imagine four chains that all draw from a standard normal, whatever the data. What would R-hat be?",
        ],
        why="R-hat compares chains with chains, and the effective sample size compares a chain with itself. No posterior "
        "appears in either formula. Keep this answer in mind through section G.",
    ),
    exercise(
        "5.10 Find the bug",
        purpose="Repair a sampler that runs, converges and is wrong.",
        solution="""
            def repaired(effects, mu, kappa, y, omega, rng):
                new_effects = draw_effects(mu, kappa, y, omega, rng)
                new_mu = draw_mu(new_effects, kappa, rng)
                new_kappa = draw_kappa(new_effects, new_mu, rng)
                return new_effects, new_mu, new_kappa
        """,
        gaps={
            "draw_mu(new_effects, kappa, rng)": "draw_mu(effects, kappa, rng)",
            "draw_kappa(new_effects, new_mu, rng)": "draw_kappa(effects, mu, rng)",
            "return new_effects, new_mu, new_kappa": "return new_effects, new_mu, new_kappa, ...",
        },
        check=Function(
            cases=_STATES, parts=("draw of the effects", "draw of mu", "draw of kappa"), means=True, rel_tol=1e-9
        ),
        mistakes={
            """
            new_mu = draw_mu(effects, kappa, rng)
            new_kappa = draw_kappa(effects, mu, rng)
            """: "This is still the version that failed: mu and kappa are drawn from the values of the sweep before.",
            "new_kappa = draw_kappa(effects, mu, rng)": "mu is repaired. `draw_kappa` still measures old effects from the old mu.",
            "new_kappa = draw_kappa(new_effects, mu, rng)": "Nearly: kappa still measures the new effects from the old mu.",
            "new_mu = draw_mu(effects, kappa, rng)": "kappa is repaired. mu is still drawn from the old effects.",
            """
            new_mu = draw_mu(effects, kappa, rng)
            new_kappa = draw_kappa(new_effects, mu, rng)
            """: "kappa sees the new effects, but still the old mu; and mu is still drawn from the old effects.",
            "new_kappa = draw_kappa(effects, new_mu, rng)": "kappa still measures the old effects, now from a mu that belongs to the new ones.",
            "new_kappa = draw_kappa(y, new_mu, rng)": "`draw_kappa` wants the effects. `y` are the estimates, which have the tests' luck in them.",
            "return effects, mu, kappa": "The draws are right, but the sweep returns the values it began with: it never moves.",
            "return new_effects, new_mu, kappa": "The draws are right, but the sweep returns the old kappa.",
            "new_kappa = draw_kappa(new_mu, new_effects, rng)": "`draw_kappa` takes the effects first: it counts them.",
            "new_mu = draw_mu(y, kappa, rng)": "`draw_mu` wants the effects. `y` are the estimates, which have the tests' luck in them.",
            "return new_effects, mu, new_kappa": "The draws are right, but the sweep returns the old mu.",
            "return effects, new_mu, new_kappa": "The draws are right, but the sweep returns the old effects.",
            "return new_effects, new_mu, new_kappa ** -0.5": "This returns the spread. The next sweep expects `kappa`, a precision.",
            """
            new_mu = draw_mu(effects, kappa, rng)
            new_kappa = draw_kappa(effects, new_mu, rng)
            """: "The draws of mu and kappa still see the old effects.",
            """
            rng = np.random.default_rng(7)
            new_effects = draw_effects(mu, kappa, y, omega, rng)
            """: When(
                _draws_the_same_again,
                "A generator that is made in every sweep draws the same numbers again. Use the `rng` that is passed.",
            ),
            """
            def repaired(effects, mu, kappa, y, omega, rng):
                effects = draw_effects(mu, kappa, y, omega, rng)
                kappa = draw_kappa(effects, mu, rng)
                mu = draw_mu(effects, kappa, rng)
                return effects, mu, kappa
            """: "This is a right sampler too, with kappa drawn before mu. To be compared, keep the order of the lines.",
            """
            def repaired(effects, mu, kappa, y, omega, rng):
                mu = draw_mu(effects, kappa, rng)
                kappa = draw_kappa(effects, mu, rng)
                effects = draw_effects(mu, kappa, y, omega, rng)
                return effects, mu, kappa
            """: "This is a right sampler too, with the effects drawn last. To be compared, keep the order of the lines.",
            """
            new_mu = draw_mu(y, kappa, rng)
            new_kappa = draw_kappa(y, new_mu, rng)
            """: "mu and kappa are drawn from the effects. `y` are the estimates, which have the tests' luck in them.",
        },
        hints=[
            "Compare with `sweep` of section E, line by line: which *values* does each line receive there?",
            "`draw_mu` must see the effects that were drawn one line above, and `draw_kappa` both of the new values.",
        ],
        why="Three names changed. R-hat and ESS had nothing to say against the old version: it took "
        "a test of the whole sampler against something known.",
    ),
    exercise(
        "5.11 In one sentence",
        purpose="Say why updating everything at once is wrong.",
        answer="sentence",
        check=Choice(
            options={
                "a": "the chains move faster, so they would need a longer warm-up before their draws count",
                "b": "every value is drawn from old values, so the record lags one sweep behind the posterior",
                "c": "the conditional distributions are no longer right when the three are computed at once",
                "d": "every value is drawn to stand beside values that the same sweep replaces",
            },
            right="d",
            wrong={
                "a": "The chains forget their starts quickly, and that is the trouble: they settle on another distribution.",
                "b": "A lag alone would be harmless: the posterior does not move. What matters is which values stand beside each other.",
                "c": "Both samplers call the same three functions, and one of them passes. Each draw is right for the values it was given.",
            },
        ),
        hints=[
            "Take one sweep of the second sampler. Do the new mu and the new effects know of each other?",
            "A full conditional says where mu may be *beside these effects*. Which effects stand beside it after the sweep?",
        ],
        why="Each of the three draws is a right one, for the values that it was given. After the sweep it stands beside "
        "others. Three draws that do not know of each other are each plausible, and do not fit together.",
    ),
    exercise(
        "5.14 A vaccine in a new place",
        paper="The log risk ratio in a new place has the mean {vaccine.new_group().mean:.2f} and the standard deviation {vaccine.new_group().sd:.2f}; below 0 the vaccine helps. Sketch its curve, roughly normal.",
        purpose="Tell the average effect from the effect in the next place.",
        solution="prob_helps = vaccine.new_group().cdf(0)",
        check=Number(abs_tol=0.003),
        mistakes={
            "vaccine.mu.cdf(0)": "This is the probability that the *average* effect is protective. Places differ.",
            "1 - vaccine.new_group().cdf(0)": "This is the probability of *more* cases among the vaccinated. Protection is a log risk ratio below 0.",
            "vaccine.new_group().cdf(1)": "A risk ratio of 1 is a *log* risk ratio of 0.",
            "(ratio.estimate < 0).mean()": "This is the share of trials whose estimate was protective. It takes every estimate for the truth.",
            """
            from scipy.stats import norm

            prob_helps = norm.cdf(0, vaccine.mu.mean, vaccine.effect_sd.mean)
            """: "This takes average and spread as known. `vaccine.new_group()` has their uncertainty in it.",
            "vaccine.cdf(0).mean()": "This averages the thirteen places that had a trial. The next place has none.",
            "1 - np.exp(vaccine.mu.mean)": "This is by how much the vaccine cuts the risk in a typical place. Asked is a probability.",
            "vaccine.new_group().cdf(-0.7)": "This is about the probability that it halves the risk. Protection is any log ratio below 0.",
            "vaccine.new_group().cdf(np.log(0.5))": "This is the probability that it halves the risk. Protection is any log ratio below 0.",
            "(vaccine.mean < 0).mean()": "This is the share of the thirteen places with an expected protection. The next place has no data: `vaccine.new_group()`.",
            "(vaccine.interval()[:, 1] < 0).mean()": "This is the share of places (or of trials) whose whole interval shows protection. The next place has no data: `vaccine.new_group()`.",
            "vaccine.new_group().cdf(np.log(0.49))": "This is the probability of a ratio below the typical one. Protection is any log ratio below 0.",
            "1 - vaccine.new_group().cdf(1)": "Two slips: a ratio of 1 is a *log* ratio of 0, and protection lies below it.",
            """
            from scipy.stats import norm

            prob_helps = norm.cdf(0, vaccine.new_group().mean, vaccine.new_group().sd)
            """: "Nearly: the effect in a new place has heavier tails than a normal one. Take its own `cdf`.",
            "0.95": "95% is the level of the intervals. The probability comes from `vaccine.new_group()`.",
            "vaccine.mu.cdf(1)": "Two slips: a ratio of 1 is a *log* ratio of 0, and `mu` is the average, not the next place.",
            "1 - vaccine.mu.cdf(0)": "This is the probability that the *average* effect does harm.",
            "vaccine.cdf(0).prod()": "This is about the probability that it protects in all thirteen places. The next one is asked for.",
            "vaccine.cdf(0).max()": "This is the surest, or the average, of the thirteen places. The next one has no trial: `vaccine.new_group()`.",
            """
            from scipy.stats import norm

            prob_helps = norm.cdf(0, vaccine.mu.mean, vaccine.mu.sd)
            """: "This is about the probability that the *average* effect is protective. Places differ.",
            """
            from scipy.stats import norm

            prob_helps = norm.cdf(0, vaccine.mu.mean, 0.56)
            """: "This takes average and spread as known, the spread by DerSimonian and Laird. `vaccine.new_group()` has their uncertainty in it.",
            "bs.meta_analysis.fit(ratio.estimate, ratio.standard_error).new_group().cdf(0)": "This is under the prior that `fit` takes by itself. `vaccine` has `wide`, which suits log ratios.",
            "vaccine.new_group().predict(ratio.standard_error.mean()).cdf(0)": "`predict` adds the luck of a trial as large as these. Asked is the true effect in the new place.",
            "np.average(ratio.estimate < 0, weights=ratio.standard_error**-2.0)": "This is a weighted share of the trials that were done. The next place has no trial: `vaccine.new_group()`.",
            "np.exp(vaccine.new_group().mean)": "This is a risk ratio. Asked is the probability that it lies below 1.",
            "vaccine.predict(1).cdf(0).mean()": "`predict` is for the estimate of another trial. Asked is the true effect in a new place.",
            "vaccine.new_group().predict(0.1).cdf(0)": "`predict` adds the luck of a trial. Asked is the true effect in the new place.",
            "bs.meta_analysis.fit(ratio.estimate, ratio.standard_error, prior=bs.meta_analysis.Prior()).new_group().cdf(0)": "The published prior is for lifts of a few percent. Use `vaccine`, whose prior suits log ratios.",
        },
        neighbours={
            "the mean log risk ratio in a new place": "vaccine.new_group().mean",
            "the answer for the shop's next test": "post.new_group().cdf(0)",
        },
        hints=[
            "A log risk ratio below 0 means fewer cases among the vaccinated. Which quantity describes a place that has no trial yet?",
            "`vaccine.new_group()` is that quantity; `.cdf(0)` is the probability that it lies below 0.",
        ],
        why="The average effect is almost certainly protective, and yet in the next place it may fail. A summary that stops at the "
        "average hides this, and it is the question that a health minister has.",
    ),
)
