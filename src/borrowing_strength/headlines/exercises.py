"""Exercises of lesson 06, Headlines."""

from functools import partial

import numpy as np
import pandas as pd
from scipy.stats import gamma

from borrowing_strength import datasets, headlines
from borrowing_strength.exercises.records import Choice, Draws, Function, Given, Model, Number, Order, When, exercise


def first_halves() -> pd.DataFrame:
    """The arms as the notebook has them."""
    first = datasets.headlines().rename(columns={"first_clicks": "successes", "first_impressions": "trials"})
    arms = headlines.tidy(first)[0]
    return arms.assign(rate=arms.successes / arms.trials).reset_index(drop=True)


def _instead(scaled: bool) -> object:
    """The model of 6.12 with each arm's rate, or its quality in squared spreads, as the variable: as good answers."""
    import pymc as pm

    few, number = GIVEN["few"], GIVEN["number"]
    with pm.Model() as model:
        spread, log_level = pm.HalfNormal("spread", 0.5), pm.Flat("log_level", shape=3)
        c, level = spread**-2, pm.math.exp(log_level[number])
        if scaled:
            rate = pm.Gamma("scaled", c, 1, shape=len(few)) / c * level
        else:
            rate = pm.Gamma("rate", c, c / level, shape=len(few))
        pm.Poisson("clicks", few.trials.to_numpy() * rate, observed=few.successes.to_numpy())
    return model


def _takes_the_level_as_it_stands(model: object) -> bool:
    """Whether clicks are as many as `log_level` itself says: where it is below 0 such a model has no density."""
    start, density = model.initial_point(), model.compile_logp(mode="FAST_COMPILE")
    if np.shape(start.get("log_level")) != (3,):
        return False
    low, high = (density(start | {"log_level": np.full(3, level)}) for level in (1.0, 2.0))
    few = GIVEN["few"]
    return bool(np.isclose(high - low, few.successes.sum() * np.log(2) - few.trials.sum()))


GIVEN = Given(
    arms=lambda: first_halves(),
    few=lambda arms: arms[arms.test <= 3],
    number=lambda few: few.test.to_numpy() - 1,
    tail=headlines.TwoSpreads(0.34, 4.1),
    c=20,
    level=0.013,
    rng=lambda: np.random.default_rng(6),
)

# Slices on which the learners' functions are tried: of arms, and of winners.
ARMS = [
    pd.DataFrame({"test": [1, 1, 1, 2, 2], "successes": [30, 45, 22, 12, 19], "trials": [1500, 1600, 1400, 900, 1000]}),
    pd.DataFrame(
        {
            "test": [4, 4, 4, 4, 6, 6],
            "successes": [9, 31, 14, 11, 24, 17],
            "trials": [800, 1000, 700, 900, 1300, 1200],
        },
        index=[7, 8, 9, 12, 13, 15],
    ),
]
ARMS = [
    some.assign(
        rate=some.successes / some.trials,
        arm=some.groupby("test").cumcount(),
        second_clicks=some.successes[::-1].to_numpy() + 2,
        second_impressions=some.trials[::-1].to_numpy() + 150,
    )
    for some in ARMS
]
WINNERS = [
    pd.DataFrame(
        {
            "promised": [0.2, 0.9, np.inf, 0.4, 0.7],
            "forecast": [0.05, 0.3, 0.8, 0.11, 0.45],
            "clicks": [30, 52, 9, 21, 80],
            "expected": [33.0, 41.0, 14.0, 20.0, 71.0],
            "as_the_rest": [25.0, 38.0, 8.0, 19.0, 50.0],
            "inside": [True, True, True, False, True],
        }
    ),
    pd.DataFrame(
        {
            "promised": [0.5, 1.3, 0.35],
            "forecast": [0.2, 0.5, 0.15],
            "clicks": [41, 17, 26],
            "expected": [38.0, 22.0, 31.0],
            "as_the_rest": [30.0, 12.0, 28.0],
            "inside": [True, False, True],
        },
        index=[3, 5, 6],
    ),
]
exercise = partial(exercise, given=GIVEN)

EXERCISES = (
    exercise(
        "6.1 How much was kept",
        paper="The winners' lift was 47% in the first half, and 23% in the second.",
        purpose="See the winner's curse as a number before it is explained.",
        solution="kept = 0.23 / 0.47",
        check=Number(abs_tol=0.008),
        mistakes={
            "0.47 / 0.23": "This is how many times too high the promise was. The part that was kept is below one.",
            "1 / 2": "About half, yes. Divide the two lifts that were printed, 0.23 and 0.47, and pass the expression.",
            "1.23 / 1.47": "These are ratios of rates, with the one in them. A lift is what lies above one: 0.23 and 0.47.",
        },
        neighbours={
            "the part that was lost": "1 - 0.23 / 0.47",
            "the difference of the lifts": "0.47 - 0.23",
            "the lift of the first half": "0.47",
            "the lift of the second half": "0.23",
            "the product of the two lifts": "0.23 * 0.47",
            "the sum of the two lifts": "0.23 + 0.47",
            "the part that the significant winners kept": "0.41 / 0.73",
            "what was lost, over what was kept": "(0.47 - 0.23) / 0.23",
            "the second lift over both": "0.23 / (0.23 + 0.47)",
            "how far the winners' rate fell against the rest": "1 - 1.23 / 1.47",
        },
        hints=["What was there, over what was promised.", "The two printed lifts, the second half's on top."],
        why="About half of what the winners promised was luck. With fewer impressions an arm it would be more.",
    ),
    exercise(
        "6.2 Why did they fall?",
        paper="Headlines that won their test in one half of its impressions were looked at in the other half, and had lost much of their lead.",
        purpose="Tell selection from fatigue and from bias.",
        answer="cause",
        check=Choice(
            {
                "a": "readers got tired of the winning headlines",
                "b": "the first half overstates every arm, because it is small",
                "c": "an arm wins by quality and by luck, and luck is dealt anew",
                "d": "the deal gave the winners worse impressions in the second half",
            },
            "c",
            wrong={
                "a": "The halves were dealt from the same days at random: no reader saw the second half later than the first.",
                "b": "A small half makes an arm uncertain in both directions. An arm picked beforehand is right on average.",
                "d": "Each impression of an arm was as likely to be in one half as in the other.",
            },
        ),
        hints=[
            "What would an arm have done that was chosen by lot?",
            "Its rate is right on average. What is special about winners?",
        ],
        why="Chosen for a high rate means chosen for quality and for luck. Only the quality comes back.",
    ),
    exercise(
        "6.3 One arm by hand",
        paper="The posterior mean of a rate is (c + clicks) / (c / level + impressions).",
        purpose="Use the formula for shrinkage once with numbers.",
        solution="rate = (c + 30) / (c / level + 1200)",
        check=Number(rel_tol=0.002),
        mistakes={
            "(c + 30) / (c * level + 1200)": "c clicks came from c / level impressions: these belong below. (c * level is a fraction of one.)",
            "(c * level + 30) / (c + 1200)": "c counts clicks, not impressions: it goes with the 30, and c / level with the 1,200.",
            "30 / (c / level + 1200)": "The population brings impressions here, and none of their clicks: c goes above.",
            "c / (c / level + 1200)": "The arm's own 30 clicks are missing above.",
            "(c + 30) / (c / level)": "The arm's own 1,200 impressions are missing below.",
            "(c + 30) / (c / level + 1200 + 30)": "The impressions hold the clicks already: do not add them below.",
            "c + 30 / c / level + 1200": When(
                lambda rate: rate > 60 or 20 < rate < 21,
                "Python divides before it adds: (20 + 30) / (20 / 0.013 + 1200), with both parentheses.",
            ),
            "(c / level + 30) / (c / level + 1200)": "c / level counts impressions: it belongs below, with the 1,200, and c above, "
            "with the 30.",
            "(c + 30) / (c + 1200) * level": "The level makes impressions of the clicks c: it stands below c, not beside the whole.",
            "(1200 * level + c / level * 30 / 1200) / (1200 + c / level)": "The weights have changed places: the arm's own rate "
            "weighs 1,200 impressions, the level c / level.",
            "(c * level + 30 * 30 / 1200) / (c + 30)": "Here clicks weigh against clicks. A rate weighs by its impressions: 1,200 "
            "against c / level.",
            "(c + 30) / (c + 1200)": "c counts clicks. The impressions that would bring them are c / level.",
        },
        neighbours={
            "the raw rate": "30 / 1200",
            "the level": "level",
            "the posterior mean of the quality": "(c + 30) / (c / level + 1200) / level",
            "halfway between the raw rate and the level": "(30 / 1200 + level) / 2",
            "the mode of the posterior": "(c + 29) / (c / level + 1200)",
        },
        hints=["Put the numbers into the formula above.", "20 + 30 clicks, from 20 / 0.013 + 1,200 impressions."],
        why="The population's 1,538 impressions weigh somewhat more than the arm's own 1,200, so the mean is a little nearer to the level.",
    ),
    exercise(
        "6.4 Any arm",
        paper="c is one over the squared spread. The posterior mean of a rate is (c + clicks) / (c / level + impressions).",
        purpose="Write shrinkage as a function, from the spread.",
        solution="""
            def quality(clicks, impressions, level, spread):
                c = 1 / spread**2
                return (c + clicks) / (c + level * impressions)
        """,
        gaps={"1 / spread**2": "...", "(c + level * impressions)": "..."},
        check=Function(
            cases=[(30, 1500, 0.013, 0.22), (4, 800, 0.02, 0.5), (0, 1200, 0.01, 0.1), (90, 2500, 0.03, 0.35)],
            rel_tol=1e-6,
        ),
        mistakes={
            "c = 1 / spread": "c is one over the *squared* spread: the standard deviation of Gamma(c, c) is 1 / sqrt(c).",
            "c = 1 / spread**0.5": "c is one over the *squared* spread, `spread**2`. This is its root.",
            "clicks / (c + level * impressions)": "c is missing above: the population brings clicks as well as expected clicks.",
            "(c + clicks) / (level * impressions)": "c is missing below: the population brings expected clicks as well as clicks.",
            "c = spread**2": "A small spread means much borrowing, so c is large: one over the squared spread.",
            "c = spread**0.5": "This takes the root of the spread. c is one over its square.",
            "(c + clicks) / c + level * impressions": "Python divides before it adds: put parentheses around what belongs below.",
            "(c + clicks) / (c * level + level * impressions)": "c counts clicks, as expected clicks do: add it to level * "
            "impressions as it stands.",
            "(c * level + clicks) / (c + level * impressions)": "c counts clicks already: above, too, it stands by itself.",
            "(c * level + clicks) / (c + impressions) / level": "Here c counts impressions. It counts clicks: c above, and c below, "
            "where expected clicks are.",
            "(c + clicks) / (c + clicks + level * impressions)": "The clicks belong above only. Below stand c and the expected clicks.",
            "(1 + clicks) / (1 + level * impressions)": "Here the population brings one click. It brings c, above and below.",
            "c = spread": "This takes the spread itself for c. c is one over its square.",
            "c = 1 / spread * 2": "Python writes a square as `spread**2`.",
            "(c + clicks) / (c / level + impressions)": "This is the rate. The quality is the rate over the level.",
            "clicks / (level * impressions)": "This is the raw quality, without what the population adds: c above and c below.",
            "(c + clicks) / (c + impressions)": "Expected clicks belong below, level * impressions, not impressions.",
            "(c + clicks) / (c + impressions / level)": "Expected clicks belong below, level * impressions, not impressions / level.",
            "(c + clicks) / (c / level + level * impressions)": "c / level counts impressions, and level * impressions clicks. "
            "Add clicks to clicks: c + level * impressions.",
            "(c + clicks) / (c * level + impressions)": "c counts clicks already. The impressions are to be made clicks: level * "
            "impressions.",
            "(c + clicks) / (c / level + impressions) * level": "The quality is the rate *over* the level.",
        },
        neighbours={"the mode of the quality": "(c + clicks - 1) / (c + level * impressions)"},
        hints=["c is 1 / spread**2.", "Divide the formula of section C by the level: c / level becomes c."],
        why="Clicks over expected clicks, each with c added: with no data it is one, with many it is what was seen.",
    ),
    exercise(
        "6.5 Draw from it",
        paper="With shape s and rate r, a Gamma has the mean s / r; the scale is 1 / r. Here s is c + clicks, and r is c / level + impressions.",
        purpose="Know the parameters of the posterior, and NumPy's convention for the Gamma distribution.",
        solution="""
            rng, c, level = np.random.default_rng(6), 20, 0.013
            rates = rng.gamma(c + 30, 1 / (c / level + 1200), size=20_000)
        """,
        gaps={"rng.gamma(c + 30, 1 / (c / level + 1200), size=20_000)": "..."},
        check=Draws(
            mean=lambda: 50 / (20 / 0.013 + 1200),
            sd=lambda: 50**0.5 / (20 / 0.013 + 1200),
            cdf=lambda x: float(gamma(50, scale=1 / (20 / 0.013 + 1200)).cdf(x)),
        ),
        mistakes={
            "rng.gamma(c + 30, 1 / (c / level + 1200))": When(
                lambda draws: isinstance(draws, float), "This is one draw. `size=20_000` makes twenty thousand."
            ),
            "rng.gamma(c + 30, c / level + 1200, size=20_000)": When(
                lambda draws: np.mean(draws) > 1000 and np.ndim(draws) == 1,
                "NumPy wants a scale: one over c / level + impressions.",
            ),
            "rng.gamma(30, 1 / 1200, size=20_000)": "This is the arm by itself. The population adds c clicks and c / level impressions.",
            "rng.gamma(c, level / c, size=20_000)": "This is the population, before the arm's clicks are known.",
            "rng.gamma(c, 1 / (c / level + 1200), size=20_000)": "The arm's own 30 clicks are missing: the shape is c + 30.",
            "rng.gamma(30, 1 / (c / level + 1200), size=20_000)": "The population's c clicks are missing: the shape is c + 30.",
            "rng.beta(31, 1171, size=20_000)": "This is the arm by itself, under a flat prior. The population adds c and c / level.",
            "rng.gamma(1 / (c / level + 1200), c + 30, size=20_000)": "The shape comes first, c + 30, and then the scale.",
            "rng.exponential((c + 30) / (c / level + 1200), size=20_000)": "An exponential is a Gamma of shape one. The shape is c + 30.",
            "rng.gamma(c + 30, 1 / (c / level), size=20_000)": "The arm's own 1,200 impressions are missing in the scale.",
            "rng.gamma(c + 30, size=20_000)": "The scale is missing, or was not taken for one: SciPy wants it as `scale=`.",
            "rng.gamma(c + 31, 1 / (c / level + 1200), size=20_000)": "The shape is c + 30, and nothing more.",
            "1200 * rng.gamma(c + 30, 1 / (c / level + 1200), size=20_000)": "These are the clicks expected in 1,200 impressions. The "
            "rate is asked for.",
            "100 * rng.gamma(c + 30, 1 / (c / level + 1200), size=20_000)": "This is in percent.",
            "rng.gamma(c + 30, 1 / (c + level * 1200), size=20_000)": "These are qualities. A rate is the level times a quality.",
            "rng.gamma(c + 30, 1 / (c + 1200), size=20_000)": "c counts clicks. The impressions that would bring them are c / level.",
            "rng.poisson(30, size=20_000) / 1200": When(
                lambda draws: np.diff(np.unique(draws)).min() > np.std(draws) / 10,
                "These are counts, or counts over impressions, with a luck of their own. The rate itself is a Gamma.",
            ),
        },
        hints=[
            "The shape is c + clicks. What is the scale?",
            "The posterior is Gamma(c + clicks, c / level + impressions); the scale is one over the second.",
        ],
        why="Draws from the posterior are all that Thompson sampling needs: read on.",
    ),
    exercise(
        "6.6 From deal to verdict",
        purpose="Keep the data that judge out of the fit.",
        answer="order",
        stub='order = ...  # such as "abcd"',
        check=Order(
            "badc",
            wrong={
                "a before b": "Without the deal there is no first half yet. Fitted to everything, the model has seen its own exam.",
                "d before a": "A forecast needs the fit.",
                "c before d": "A forecast that is written down after the clicks were seen is none.",
            },
        ),
        hints=["What must be there before anything is fitted?", "Deal, fit, forecast, compare."],
        why="The second half may be opened once. A model that is mended after that needs a third part to be judged fairly.",
    ),
    exercise(
        "6.7 Mend the tail",
        purpose="Choose a population oneself, and have it judged by data that it has not seen.",
        solution="""
            def log_score(some, population):
                fitted = bs.headlines.fit(some.test, some.successes, some.trials, population=population)
                return fitted.replay(some.second_clicks, some.second_impressions).log_score.sum()
        """,
        stub="""
            def log_score(some, population):
                fitted = bs.headlines.fit(some.test, some.successes, some.trials, population=population)
                return fitted.replay(...)  # and of this table what is asked for
        """,
        check=Function(
            cases=[(ARMS[1], headlines.TwoSpreads(0.5, 2)), (ARMS[0], None)],
            rel_tol=1e-5,
        ),
        mistakes={
            "fitted.log_evidence": "This is how well the population explains the first half, which it was fitted to. The second half "
            "is to judge.",
            "fitted.replay(some.second_clicks, some.second_impressions).log_score": "This is one log score for each test. Add them up.",
            "fitted.replay(some.second_clicks, some.second_impressions).log_score.mean()": "This is the average of a test. Their sum is "
            "asked for.",
            "fitted.replay(some.successes, some.trials).log_score.sum()": "These are the clicks that the fit has seen. Replay the second "
            "half.",
            "fitted.replay(some.second_clicks, some.trials).log_score.sum()": "These are the impressions of the first half. The clicks "
            "came from those of the second.",
            "fitted.replay(some.successes + some.second_clicks, some.trials + some.second_impressions).log_score.sum()": "These are both "
            "halves together, and the fit has seen one of them.",
            "bs.headlines.fit(some.test, some.second_clicks, some.second_impressions, population=population)"
            ".replay(some.second_clicks, some.second_impressions).log_score.sum()": "Here the second half is fitted, and then forecast. "
            "Fit the first.",
            "bs.headlines.fit(some.test, some.second_clicks, some.second_impressions, population=population)"
            ".replay(some.successes, some.trials).log_score.sum()": "The halves have changed places: fit the first, replay the second.",
            "fitted.replay(some.second_clicks, some.second_impressions).log_score.sum() - bs.headlines.fit(some.test, some.successes, "
            "some.trials).replay(some.second_clicks, some.second_impressions).log_score.sum()": "This is the gain over one spread. Return "
            "the score itself; the difference is taken outside.",
            "fitted.replay(some.second_clicks, some.second_impressions).inside.mean()": "This is how often the intervals hold. The log "
            "score asks for the whole distribution: its column is `log_score`.",
            "bs.headlines.fit(some.test, some.successes, some.trials).replay(some.second_clicks, some.second_impressions).log_score.sum()": "Here every "
            "population gets the score of one spread: pass `population` to `fit`, and replay what you fitted.",
            "bs.headlines.fit(some.test, some.second_clicks, some.second_impressions, population=population).log_evidence": "This fits "
            "the second half. It is to judge forecasts that were made without it.",
        },
        neighbours={
            "the score with its sign turned": "-fitted.replay(some.second_clicks, some.second_impressions).log_score.sum()",
            "the probability itself, not its log": "np.exp(fitted.replay(some.second_clicks, some.second_impressions).log_score.sum())",
            "the sum of the probabilities, not of their logs": "np.exp(fitted.replay(some.second_clicks, "
            "some.second_impressions).log_score).sum()",
            "the largest score of a test": "fitted.replay(some.second_clicks, some.second_impressions).log_score.max()",
            "the number of tests": "len(fitted.replay(some.second_clicks, some.second_impressions))",
            "the smallest score of a test": "fitted.replay(some.second_clicks, some.second_impressions).log_score.min()",
        },
        hints=[
            "`fitted.replay(...)` takes clicks and impressions of the second half, those of `some`: its columns are `second_clicks` "
            "and `second_impressions`.",
            "Its column `log_score` has one row a test: add up.",
        ],
        why="Half of the arms twice as variable gains about 30 over one spread, a third of them four times as variable about 65. A "
        "difference of 10 or so is within its standard error.",
    ),
    exercise(
        "6.8 The spread of any slice",
        purpose="Carry the fit to a slice of one's own.",
        solution="""
            def spread_of(some):
                return bs.headlines.fit(some.test, some.successes, some.trials).spread.mean
        """,
        stub="""
            def spread_of(some):
                return ...
        """,
        check=Function(cases=[(some,) for some in ARMS], rel_tol=0.003),
        mistakes={
            "some.rate.std()": "This is how rates differ over all stories. The spread is how arms differ about the level of "
            "their own test: fit `some`.",
            "some.rate.std() / some.rate.mean()": "This is how rates differ over all stories, over their mean. The spread is how "
            "arms differ about the level of their own test: fit `some`.",
            "(some.rate / some.groupby('test').rate.transform('mean')).std()": "This is the scatter of the raw rates, and holds "
            "the luck of the clicks too. The fit takes that out.",
            """
            total = some.groupby("test")[["successes", "trials"]].transform("sum")
            return (some.rate * total.trials / total.successes).std()
            """: "This is the scatter of the raw rates about their tests, and holds the luck of the clicks too. The fit takes that out.",
            "np.mean([bs.headlines.fit(x.test, x.successes, x.trials).spread.mean for _, x in some.groupby('test')])": "This fits every "
            "test by itself, and one test can hardly tell its spread. Fit them together.",
            "bs.headlines.fit(some.test, some.successes, some.trials, population=tail).spread.mean": "This is the spread of the "
            "narrow part alone. For one spread leave out the population.",
            "bs.headlines.fit(some.test, some.successes, some.trials).spread.mean**-2": "This is c, what the population is worth "
            "in clicks. Its spread is asked for.",
            "bs.headlines.fit(some.test, some.successes, some.trials).spread.interval()": "This is an interval. Its middle is no "
            "bad summary, but one number is asked for: the mean.",
            "bs.headlines.fit(some.test, some.second_clicks, some.second_impressions).spread.mean": "This is the second half. It has "
            "to stay closed until there are forecasts.",
            "bs.headlines.fit(some.test, some.successes + some.second_clicks, some.trials + some.second_impressions).spread.mean": "These "
            "are both halves together. The second has to stay closed until there are forecasts.",
            "(some.groupby('test').rate.std() / some.groupby('test').rate.mean()).mean()": "This is the raw scatter within each test, "
            "averaged: it holds the luck of the clicks. Fit `some`.",
            "some.groupby('test').rate.std().mean()": "This is the raw scatter of the rates themselves, luck included. The spread is "
            "relative to the level of the test, and comes from a fit.",
            "bs.headlines.fit(some.test, some.successes, some.trials).sd.mean()": "This is how well the rates are known, one by one. The "
            "fit has a `spread`.",
            "bs.headlines.fit([1] * len(some), some.successes, some.trials).spread.mean": "Here all arms are in one test, so the "
            "differences of stories are taken for those of headlines.",
        },
        neighbours={
            "how posterior mean rates differ, over all stories": "bs.headlines.fit(some.test, some.successes, some.trials).mean.std()",
            "the uncertainty of the spread, its posterior sd": "bs.headlines.fit(some.test, some.successes, some.trials).spread.sd",
            "the sd of a new arm, the uncertainty of the spread included": "bs.headlines.fit(some.test, some.successes, "
            "some.trials).new_group().sd",
            "the lower end of its interval": "bs.headlines.fit(some.test, some.successes, some.trials).spread.interval()[0]",
            "the upper end of its interval": "bs.headlines.fit(some.test, some.successes, some.trials).spread.interval()[1]",
            "the middle of its interval": "np.mean(bs.headlines.fit(some.test, some.successes, some.trials).spread.interval())",
            "the median of the spread": "bs.headlines.fit(some.test, some.successes, some.trials).spread.quantile(0.5)",
            "the mean of the arms' rates": "bs.headlines.fit(some.test, some.successes, some.trials).mean.mean()",
        },
        hints=["Fit `some` as the whole archive was fitted.", "`bs.headlines.fit(some.test, ...).spread` has a mean."],
        why="Most months give 0.20 to 0.25, with a posterior sd of 0.01 to 0.02. But from fifth to fifth it falls, from 0.28 to 0.17: "
        "one spread is not fair to stories that few click on.",
    ),
    exercise(
        "6.9 How much to believe",
        purpose="Compare forecasts with promises in a slice of one's own, by a summary that an infinite promise cannot spoil.",
        solution="""
            def believe(rows):
                return np.median(rows.forecast) / np.median(rows.promised)
        """,
        stub="""
            def believe(rows):
                return ...
        """,
        check=Function(cases=[(rows,) for rows in WINNERS], rel_tol=1e-6),
        mistakes={
            "rows.forecast.mean() / rows.promised.mean()": "A promise is without bound where the rest had no click, and then the "
            "mean is infinite. Use the medians.",
            "np.median(rows.promised) / np.median(rows.forecast)": "This is how many times too high the promises are. The part "
            "to believe is below one.",
            "np.median(rows.forecast / rows.promised)": "This is the median of the ratios, one for each test. Asked for is the "
            "ratio of the two medians.",
            "rows.forecast / rows.promised": "This is one ratio for each test. Take the two medians first.",
            "[np.median(rows.forecast), np.median(rows.promised)]": "These are the two medians. Divide the first by the second.",
            "rows.forecast.mean() / rows.promised[np.isfinite(rows.promised)].mean()": "These are means, and where there was no bound "
            "something was left out. Medians leave out nothing.",
            "rows.forecast.median() / rows.promised.mean()": "Take medians above and below.",
            "rows.clicks.median() / rows.promised.median()": "`clicks` counts what came. The forecast lift is in `forecast`.",
            "np.median(rows.forecast) / rows.promised": "Take the median of the promises, too.",
            "np.median(rows.expected) / np.median(rows.promised)": "`expected` counts clicks. The forecast lift is in `forecast`.",
            "rows.clicks.sum() / rows.expected.sum()": "This compares clicks with their forecast. Compare the forecast lift with the "
            "promised one.",
            "rows.clicks.median() / rows.expected.median()": "Here medians of clicks are compared. Take those of the two lifts, "
            "`forecast` and `promised`.",
            "np.median(rows.clicks / rows.as_the_rest - 1) / np.median(rows.promised)": "This is the median lift that came, over the "
            "median promise. What to believe has to be said before that: use the forecast.",
            "np.mean(rows.forecast / rows.promised)": "This averages a ratio for each test, and small promises count as much as "
            "large ones. Asked for is the ratio of the two medians.",
            "(1 + np.median(rows.forecast)) / (1 + np.median(rows.promised))": "These are ratios of rates, with the one in them. "
            "A lift is what lies above one.",
            "(rows.clicks.sum() / rows.as_the_rest.sum() - 1) / np.median(rows.promised)": "This is what came, over what was "
            "promised. What to believe has to be said before that: use the forecast.",
        },
        neighbours={
            "the part not to believe": "1 - np.median(rows.forecast) / np.median(rows.promised)",
            "the difference of the two medians": "np.median(rows.promised) - np.median(rows.forecast)",
            "the ratio of the largest lifts": "rows.forecast.max() / rows.promised.max()",
            "the median forecast": "np.median(rows.forecast)",
            "the median promise": "np.median(rows.promised)",
        },
        hints=[
            "One median for the forecasts, one for the promises.",
            "`np.median(rows.forecast)` over that of `rows.promised`.",
        ],
        why="About a third, whatever the number of headlines: the best of many promises more and is better, too. It is clicks that "
        "make promises good: from fifth to fifth the part to believe rises from about 0.2 to 0.5.",
    ),
    exercise(
        "6.10 Do forecasts hold in your slice?",
        purpose="Judge forecasts on a slice that nobody fitted for, and know by how much chance moves the verdict.",
        solution="""
            def kept_word(rows):
                return rows.clicks.sum() / rows.expected.sum()
        """,
        stub="""
            def kept_word(rows):
                return ...
        """,
        check=Function(cases=[(rows,) for rows in WINNERS], rel_tol=1e-6),
        mistakes={
            "(rows.clicks / rows.expected).mean()": "This averages a ratio for each test, and tests with three clicks count as "
            "much as those with three hundred. Add up first, then divide.",
            "(rows.clicks / rows.expected).sum()": "This adds up ratios. Add up clicks and forecasts first, then divide.",
            "np.exp(np.mean(np.log(rows.clicks / rows.expected)))": "This is the geometric mean of one ratio a test, and all tests weigh "
            "alike. Add up first, then divide.",
            "rows[['clicks', 'expected']].sum()": "These are the two sums. Divide the first by the second.",
            "rows.clicks.sum() / rows.expected": "Take the sum of the forecasts, too.",
            "rows.clicks.sum() / (rows.as_the_rest * (1 + rows.forecast)).sum()": "This applies the forecast lift to what the rest did in "
            "the second half. What was forecast is in `expected`.",
            "rows.clicks / rows.expected": "This is one ratio for each test. Add up first, then divide.",
            "rows.expected.sum() / rows.as_the_rest.sum()": "This is what was forecast, over the rest. What came is in `clicks`.",
            "rows.clicks.median() / rows.expected.median()": "All rows together are their sums, not their medians.",
            "rows.clicks.sum() / rows.forecast.sum()": "`forecast` is a lift. The clicks that were forecast are in `expected`.",
            "rows.clicks.sum() / rows.promised.sum()": "`promised` is a lift. The clicks that were forecast are in `expected`.",
            "rows.clicks.sum() / (rows.expected * (1 + rows.forecast)).sum()": "`expected` has the forecast lift in it already: divide "
            "by its sum alone.",
            "100 * rows.clicks.sum() / rows.expected.sum()": "This is in percent: leave out the 100.",
            "rows.expected.sum() / rows.clicks.sum()": "This is upside down: above one it would say that too little came.",
            "rows.clicks.sum() / rows.as_the_rest.sum()": "This compares the winners with the rest of their tests. Compare them "
            "with their forecast, `expected`.",
            "(rows.clicks.sum() / rows.as_the_rest.sum() - 1) / rows.forecast.mean()": "Here lifts are compared, and the average "
            "forecast weighs small tests like large ones. Compare clicks with expected clicks.",
            "rows.clicks.sum() / rows.as_the_rest.sum() - 1": "This is the lift that came. Compare the clicks with their forecast, "
            "`expected`.",
            "(rows.clicks > rows.expected).sum()": "This is how many winners did better than forecast. Add up their clicks.",
            "(rows.clicks > rows.expected).mean()": "This counts how many winners did better than forecast. A count has no size: "
            "add up the clicks.",
        },
        neighbours={
            "the difference, in clicks": "rows.clicks.sum() - rows.expected.sum()",
            "what the difference is over the forecast": "rows.clicks.sum() / rows.expected.sum() - 1",
            "the median of the ratios": "(rows.clicks / rows.expected).median()",
            "the average number of clicks": "rows.clicks.mean()",
            "the average difference of a test": "(rows.clicks - rows.expected).mean()",
            "the correlation of clicks and forecasts": "np.corrcoef(rows.clicks, rows.expected)[0, 1]",
            "the part of the forecast lift that came": "(rows.clicks.sum() / rows.as_the_rest.sum() - 1) / (rows.expected.sum() "
            "/ (rows.expected / (1 + rows.forecast)).sum() - 1)",
            "the number of clicks": "rows.clicks.sum()",
            "the share that came inside its interval": "rows.inside.mean()",
            "the difference in standard errors": "(rows.clicks.sum() - rows.expected.sum()) / rows.expected.sum() ** 0.5",
        },
        hints=[
            "Two sums: clicks that came, clicks that were forecast.",
            "`rows.clicks.sum()` over `rows.expected.sum()`.",
        ],
        why="Chance alone moves it by at least one over the square root of the clicks, so a month says little, and the most striking "
        "of many slices is a winner, too. The fifths are off by more: read on.",
    ),
    exercise(
        "6.11 What to tell the editor",
        purpose="Separate the choice from the promise.",
        answer="advice",
        check=Choice(
            {
                "a": "ship another arm: this one is overrated",
                "b": "ship it, and expect about 20%",
                "c": "ship it, and expect 60%: the data are what they are",
                "d": "do not ship: 20% is not significant",
            },
            "b",
            wrong={
                "a": "Every other arm of the test is forecast lower still. Overrated is not the same as not the best.",
                "c": "The data are what they are, and so is the way this arm was chosen. On average such promises came to less than half.",
                "d": "One of the arms will be shown whatever you do. The best forecast is the best choice, significant or not.",
            },
        ),
        hints=["Which arm has the largest forecast?", "Two questions: which one to ship, and what to promise."],
        why="Partial pooling seldom changes the pick where traffic is equal. It changes what you promise.",
    ),
    exercise(
        "6.12 Write it for PyMC",
        purpose="Write arms within tests as a generative model, each arm's quality included.",
        solution="""
            with pm.Model() as written:
                spread = pm.HalfNormal("spread", 0.5)
                log_level = pm.Flat("log_level", shape=3)
                quality = pm.Gamma("quality", spread**-2, spread**-2, shape=len(few))
                mean = few.trials.to_numpy() * pm.math.exp(log_level[number]) * quality
                pm.Poisson("clicks", mean, observed=few.successes.to_numpy())
        """,
        stub="""
            with pm.Model() as written:
                spread = pm.HalfNormal("spread", 0.5)
                log_level = pm.Flat("log_level", shape=3)
                quality = np.ones(len(few))  # ... every arm's own, from the population
                mean = few.trials.to_numpy()  # ... times its test's level, times its quality
                pm.Poisson("clicks", mean, observed=few.successes.to_numpy())
        """,
        check=Model(
            also=(
                lambda: headlines.pymc_model(*(GIVEN["few"][x] for x in ("test", "successes", "trials"))),
                partial(_instead, scaled=False),
                partial(_instead, scaled=True),
            ),
        ),
        mistakes={
            'quality = pm.Gamma("quality", spread**-2, spread**-2)': "This is one quality for all arms. `shape=len(few)` gives "
            "each its own.",
            """
            quality = pm.Gamma("quality", spread**-2, spread**-2, shape=3)
            mean = few.trials.to_numpy() * pm.math.exp(log_level[number]) * quality[number]
            """: "This is one quality for each test, and all of its arms are alike. Arms differ: `shape=len(few)`.",
            'quality = pm.Gamma("quality", 1 / spread, 1 / spread, shape=len(few))': "c is one over the *squared* spread.",
            'quality = pm.Gamma("quality", spread**2, spread**2, shape=len(few))': "A small spread means a large c: one over the "
            "squared spread.",
            'quality = pm.Gamma("quality", spread, spread, shape=len(few))': "Shape and rate are both c, one over the squared spread. "
            "With the spread itself a small one would make the arms differ most.",
            'quality = pm.Gamma("quality", spread**-2, spread**2, shape=len(few))': "This takes the second for a scale, as NumPy "
            "does. In PyMC it is a rate: c again.",
            'quality = pm.Gamma("quality", mu=1, sigma=spread**2, shape=len(few))': "The spread is the standard deviation of the "
            "qualities, not its root: `sigma=spread`.",
            'quality = pm.Gamma("quality", mu=1, sigma=spread**-2, shape=len(few))': "`sigma` is the spread itself. c is the shape and "
            "the rate.",
            'quality = pm.Gamma("quality", spread**-2, 1, shape=len(few))': "These qualities average c. With shape and rate both "
            "c they average one.",
            'quality = pm.Gamma("quality", 20, 20, shape=len(few))': "Here c is known to be 20, so `spread` learns nothing. "
            "Make c of it: `spread**-2`.",
            'quality = pm.Normal("quality", 1, spread, shape=len(few))': "A Normal quality can be negative, and no rate is. "
            "The lesson's population is a Gamma with shape and rate c.",
            'quality = pm.TruncatedNormal("quality", 1, spread, lower=0, shape=len(few))': "This is another population: a Normal cut "
            "at zero. The lesson's is a Gamma with shape and rate c.",
            'quality = pm.LogNormal("quality", 0, spread, shape=len(few))': "This is another population: a lognormal. "
            "The lesson's is a Gamma with shape and rate c.",
            "mean = few.trials.to_numpy() * pm.math.exp(log_level[number])": "The qualities never reach the clicks: multiply the "
            "mean by `quality`.",
            "mean = few.trials.to_numpy() * quality": "The levels never reach the clicks: multiply the mean by "
            "`pm.math.exp(log_level[number])`.",
            "mean = few.trials.to_numpy() * pm.math.exp(log_level[number]) / quality": "A better arm gets more clicks: multiply.",
            'quality = pm.Gamma("quality", mu=pm.math.exp(log_level[number]), sigma=spread, shape=len(few))': "Qualities average one. "
            "The level comes in once, in the mean of the clicks.",
            "mean = pm.math.exp(log_level[number]) * quality": "This is a rate. An arm's clicks also grow with its impressions.",
            "mean = few.trials.to_numpy() * pm.math.exp(log_level[number] + quality)": "The level is multiplied by the quality. "
            "Inside the exponential that would be the log of the quality.",
            "mean = few.trials.to_numpy() * pm.math.exp(log_level[number] * quality)": "The quality multiplies the level, not its "
            "logarithm: it goes outside the exponential.",
            "mean = few.trials.to_numpy() * pm.math.exp(log_level[number]) * quality[number]": "`number` is the place of a test. Every "
            "arm has a quality of its own: `quality` as it stands.",
            "mean = few.trials.to_numpy() * log_level[number] * quality": When(
                _takes_the_level_as_it_stands,
                "With levels of nought no clicks are possible here. `log_level` is a logarithm: `pm.math.exp(log_level[number])`.",
            ),
            "mean = few.successes.to_numpy() * pm.math.exp(log_level[number]) * quality": "The mean of the clicks is made of "
            "impressions, `trials`, not of the clicks themselves.",
            'quality = pm.Gamma("quality", 1, spread, shape=len(few))': "Shape and rate are both c: the first is not 1, the second not "
            "the spread.",
            "mean = few.trials.to_numpy() * pm.math.exp(log_level[0]) * quality": "All arms get the level of the first test. "
            "`log_level[number]` gives each arm its own test's.",
        },
        hints=[
            "`pm.Gamma` takes shape and rate; both are c, one over the squared spread. One quality for each arm: `shape=len(few)`.",
            '`quality = pm.Gamma("quality", spread**-2, spread**-2, shape=len(few))`, and the mean is impressions times '
            "`pm.math.exp(log_level[number])` times `quality`.",
        ],
        why="One line for each arrow of the story: spread to quality, level and quality to clicks. `pymc_model` says the same "
        "with the qualities integrated out, which leaves the sampler 4 variables instead of 15.",
    ),
)
