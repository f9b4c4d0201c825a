"""Exercises of lesson 06, Headlines."""

from functools import partial

import numpy as np
import pandas as pd
from scipy.stats import gamma

from borrowing_strength import datasets, headlines
from borrowing_strength.exercises.records import Choice, Draws, Function, Given, Number, Order, When, exercise


def first_halves() -> pd.DataFrame:
    """The arms as the notebook has them."""
    first = datasets.headlines().rename(columns={"first_clicks": "successes", "first_impressions": "trials"})
    arms = headlines.tidy(first)[0]
    return arms.assign(rate=arms.successes / arms.trials).reset_index(drop=True)


GIVEN = Given(
    arms=lambda: first_halves(),
    post=lambda arms: headlines.fit(arms.test, arms.successes, arms.trials),
    c=20,
    level=0.013,
    rng=lambda: np.random.default_rng(6),
)
exercise = partial(exercise, given=GIVEN)

EXERCISES = (
    exercise(
        "6.1 How much was kept",
        purpose="See the winner's curse as a number before it is explained.",
        solution="kept = 0.23 / 0.47",
        check=Number(abs_tol=0.03),
        mistakes={
            "0.47 / 0.23": "This is how many times too high the promise was. The part that was kept is below one.",
            "1.23 / 1.47": "These are ratios of rates, with the one in them. A lift is what lies above one: 0.23 and 0.47.",
        },
        neighbours={"the part that was lost": "1 - 0.23 / 0.47", "the difference of the lifts": "0.47 - 0.23"},
        hints=["What was there, over what was promised.", "The two printed lifts, the second half's on top."],
        why="About half of what the winners promised was luck. With fewer impressions an arm it would be more.",
    ),
    exercise(
        "6.2 Why did they fall?",
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
        purpose="Use the formula for shrinkage once with numbers.",
        solution="rate = (c + 30) / (c / level + 1500)",
        check=Number(rel_tol=0.002),
        mistakes={
            "(c + 30) / (c * level + 1500)": "c clicks came from c / level impressions, not from c * level: that is a fraction of one.",
            "(c * level + 30) / (c + 1500)": "c counts clicks, not impressions: it goes with the 30, and c / level with the 1,500.",
            "(c + 30) / (c + 1500)": "c counts clicks. The impressions that would bring them are c / level.",
        },
        neighbours={
            "the raw rate": "30 / 1500",
            "the level": "level",
            "the posterior mean of the quality": "(c + 30) / (c / level + 1500) / level",
            "halfway between the raw rate and the level": "(30 / 1500 + level) / 2",
        },
        hints=["Put the numbers into the formula above.", "20 + 30 clicks, from 20 / 0.013 + 1,500 impressions."],
        why="The population's 1,538 impressions weigh as much as the arm's own 1,500, so the mean is about halfway.",
    ),
    exercise(
        "6.4 Any arm",
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
            "c = spread**2": "A small spread means much borrowing, so c is large: one over the squared spread.",
            "(c + clicks) / (c / level + impressions)": "This is the rate. The quality is the rate over the level.",
            "clicks / (level * impressions)": "This is the raw quality, without what the population adds: c above and c below.",
            "(c + clicks) / (c + impressions)": "Expected clicks belong below, level * impressions, not impressions.",
        },
        hints=["c is 1 / spread**2.", "Divide the formula of section C by the level: c / level becomes c."],
        why="Clicks over expected clicks, each with c added: with no data it is one, with many it is what was seen.",
    ),
    exercise(
        "6.5 Draw from it",
        purpose="Know the parameters of the posterior, and NumPy's convention for the Gamma distribution.",
        solution="""
            rng = np.random.default_rng(6)
            rates = rng.gamma(c + 30, 1 / (c / level + 1500), size=4000)
        """,
        stub="""
            rng = np.random.default_rng(6)
            rates = ...
        """,
        check=Draws(
            mean=lambda: 50 / (20 / 0.013 + 1500),
            sd=lambda: 50**0.5 / (20 / 0.013 + 1500),
            cdf=lambda x: float(gamma(50, scale=1 / (20 / 0.013 + 1500)).cdf(x)),
        ),
        mistakes={
            "rng.gamma(c + 30, 1 / (c / level + 1500))": When(
                lambda draws: np.ndim(draws) == 0, "This is one draw. `size=4000` makes four thousand."
            ),
            "rng.gamma(c + 30, c / level + 1500, size=4000)": When(
                lambda draws: np.mean(draws) > 1000, "NumPy wants a scale: one over c / level + impressions."
            ),
            "rng.poisson(30, size=4000) / 1500": When(
                lambda draws: 1 < np.unique(draws).size < np.size(draws) / 10,
                "These are counts over impressions, with the luck of new clicks in them. The rate itself is a Gamma.",
            ),
        },
        hints=[
            "The shape is c + clicks. What is the scale?",
            "The posterior is Gamma(c + clicks, c / level + impressions); the scale is one over the second.",
        ],
        why="Draws from the posterior are all that Thompson sampling needs: section F.",
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
        "6.7 A month of your choice",
        purpose="Carry the fit to a slice of one's own.",
        solution="""
            month = "2014-05"
            some = arms[arms.month == month]
            spread = bs.headlines.fit(some.test, some.successes, some.trials).spread.mean
        """,
        stub="""
            month = "2014-05"
            some = arms[arms.month == month]
            spread = ...
        """,
        check=Number(abs_tol=0.07),
        mistakes={
            "some.rate.std()": "This is how rates differ over all stories. The spread is how arms differ about the level of "
            "their own test: fit `some`.",
            "(some.rate / some.groupby('test').rate.transform('mean')).std()": "This is the scatter of the raw rates, and holds "
            "the luck of the clicks too. The fit takes that out.",
        },
        neighbours={
            "the uncertainty of the spread, its posterior sd": "bs.headlines.fit(some.test, some.successes, some.trials).spread.sd",
        },
        hints=["Fit `some` as the whole archive was fitted.", "`bs.headlines.fit(some.test, ...).spread` has a mean."],
        why="Most months give 0.20 to 0.25. So one spread for all months was no bad start.",
    ),
    exercise(
        "6.8 Tests with many arms",
        purpose="Read forecasts for a slice, and keep them apart from promises.",
        solution="""
            size = arms.groupby("test").arm.transform("size").to_numpy()
            many = post.winners[size[post.winners] >= 6]
            forecast = post.lift[many].mean()
        """,
        stub="""
            size = arms.groupby("test").arm.transform("size").to_numpy()
            many = post.winners[size[post.winners] >= 6]
            forecast = ...
        """,
        check=Number(rel_tol=0.005),
        mistakes={
            "post.mean[many].mean()": "These are click rates. A lift compares them with the rest of their test: `post.lift`.",
            "post.lift[many].sum()": "This is their sum. An average divides it by how many there are.",
        },
        neighbours={
            "what these winners promised": "post.promised_lift[many].mean()",
            "the forecast of all winners": "post.lift[post.winners].mean()",
            "the average over all arms of these tests": "post.lift[size >= 6].mean()",
        },
        hints=[
            "`post.lift` has one value an arm; `many` has the positions you need.",
            "The mean of `post.lift[many]`.",
        ],
        why="The best of six or more lies a little further out than the best of four. Its promise grows much faster.",
    ),
    exercise(
        "6.9 What to tell the editor",
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
)
