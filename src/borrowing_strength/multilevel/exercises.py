"""Exercises of lesson 04, Multilevel regression."""

from functools import partial

import numpy as np

from borrowing_strength import datasets, multilevel
from borrowing_strength.exercises.record_code import Code, clean
from borrowing_strength.exercises.records import Choice, Draws, Given, Model, Number, Order, When, exercise

_COLUMNS = ["control_successes", "control_trials", "treatment_successes", "treatment_trials"]


GIVEN = Given(
    data=([30, 55], [100, 100], [50, 60], [100, 100]),
    coords={"market": ["Canada", "China"], "arm": ["control", "treatment"]},
    side=np.array([-0.5, 0.5]),
    successes=np.array([[30, 50], [55, 60]]),
    trials=100,
    post=lambda data: multilevel.fit(*data, labels=["Canada", "China"]),
    separate=lambda data: multilevel.fit_separate(*data),
    pooled=lambda data: multilevel.fit_pooled(*data),
    draws=lambda post: post.sample(draws=2000, seed=1),
    twenty=lambda: datasets.twenty_markets().set_index("market").sort_values("control_trials"),
    counts=lambda twenty: [twenty[column] for column in _COLUMNS],
    separate20=lambda counts: multilevel.fit_separate(*counts),
    partial20=lambda counts: multilevel.fit(*counts),
    pooled20=lambda counts: multilevel.fit_pooled(*counts),
)


_CENTRED = clean("""
    with pm.Model(coords=coords) as market_model:
        intercept_mean = pm.StudentT("intercept_mean", nu=3, mu=0, sigma=1)
        intercept_sd = pm.HalfNormal("intercept_sd", sigma=1)
        intercept = pm.Normal("intercept", intercept_mean, intercept_sd, dims="market")
        slope_mean = pm.StudentT("slope_mean", nu=3, mu=0, sigma=1)
        slope_sd = pm.HalfNormal("slope_sd", sigma=1)
        slope = pm.Normal("slope", slope_mean, slope_sd, dims="market")
        log_odds = intercept[:, None] + slope[:, None] * side
        pm.Binomial("successes", n=trials, logit_p=log_odds, observed=successes)
""")
_NON_CENTRED = clean("""
    with pm.Model(coords=coords) as repaired:
        intercept_mean = pm.StudentT("intercept_mean", nu=3, mu=0, sigma=1)
        intercept_sd = pm.HalfNormal("intercept_sd", sigma=1)
        intercept_z = pm.Normal("intercept_z", 0, 1, dims="market")
        intercept = intercept_mean + intercept_sd * intercept_z
        slope_mean = pm.StudentT("slope_mean", nu=3, mu=0, sigma=1)
        slope_sd = pm.HalfNormal("slope_sd", sigma=1)
        slope_z = pm.Normal("slope_z", 0, 1, dims="market")
        slope = slope_mean + slope_sd * slope_z
        log_odds = intercept[:, None] + slope[:, None] * side
        pm.Binomial("successes", n=trials, logit_p=log_odds, observed=successes)
""")
_THREE_LINES = "\n".join(_CENTRED.splitlines()[4:7]).strip()
_TWO_LINES = "\n".join(_NON_CENTRED.splitlines()[7:9]).strip()
_SLOPES_ONLY = _CENTRED.replace(_THREE_LINES.splitlines()[2].strip(), _TWO_LINES)
_OFFSETS = _CENTRED.replace('pm.Normal("slope", slope_mean, slope_sd', 'slope_mean + pm.Normal("offset", 0, slope_sd')
_MIRRORED = _NON_CENTRED.replace("+ slope_sd *", "- slope_sd *")
_FOR_ALL = 'is one number for all markets: `dims="market"` belongs to `slope` alone.'
_STILL_A_FUNNEL = "The slopes are still drawn with `slope_sd` as their sd: the funnel is there as before."
_A_THIRD_MARKET = "A third market has no data of its own: it comes from the population."


exercise = partial(exercise, given=GIVEN)

EXERCISES = (
    exercise(
        "4.1 Not significant in China",
        purpose="Read a p-value that is not small for what it says.",
        answer="follows",
        check=Choice(
            options={
                "a": "the feature does not work in China",
                "b": "China's data alone allow a loss as well as a large gain",
                "c": "the probability that the feature does nothing in China is 47%",
                "d": "the feature works better in Canada than in China: one p-value is small, the other is not",
            },
            right="b",
            wrong={
                "a": "No evidence of an effect is no evidence that there is none. China gained 5 points in the data.",
                "c": "A p-value assumes that there is no effect, and speaks about data. It is not a probability of no effect.",
                "d": "To compare two effects, test their difference: 0.15, with a standard error near 0.10. "
                "That is not significant at the 5% level either.",
            },
        ),
        hints=[
            "What would China's interval look like? It is about two standard errors of 0.07 to each side of 0.05.",
            "That interval reaches from about -0.09 to 0.19. What does it hold?",
        ],
        why="Not significant means undecided. The two teams also cannot conclude that their markets differ: the difference "
        "between significant and not significant is not itself significant here (Gelman and Stern, 2006).",
    ),
    exercise(
        "4.2 China's slope, by hand",
        purpose="Compute a coefficient on the scale on which the model adds.",
        solution="slope_of_china = np.log(60 / 40) - np.log(55 / 45)",
        check=Number(abs_tol=0.0009, also=(0.2, 0.21)),
        mistakes={
            "60 / 100 - 55 / 100": "This is the difference of the rates. The slope is a difference of log odds.",
            "60 / 40 - 55 / 45": "This is the difference of the odds. The slope is the difference of their logarithms.",
            "(60 / 40) / (55 / 45)": "This is the odds ratio. The slope is its logarithm.",
            "np.log(60 / 40) / np.log(55 / 45)": "This divides the two log odds. The slope is their difference.",
            "np.log(60 / 55)": "This is the log of a ratio of rates. Odds compare successes with failures: 60 to 40.",
            "np.log(60 / 40)": "This is the log odds under treatment. Take the control's log odds away.",
            "np.log(55 / 45)": "This is the log odds under control. The slope is the step from there to treatment.",
            "np.log10(60 / 40) - np.log10(55 / 45)": "The logit uses the natural logarithm, `np.log`.",
            "np.log2(60 / 40) - np.log2(55 / 45)": "This is the logarithm to base 2. The logit uses the natural one, `np.log`.",
            "np.log(50 / 50) - np.log(30 / 70)": "This is Canada's slope. China went from 55 to 60 of 100.",
            "np.log(5 / 95)": "This is the logit of the difference. Take the logit of each rate first, then their difference.",
            "np.log(60 / 40 - 55 / 45)": "This is the log of a difference of odds. Take each logarithm first, then their difference.",
            "1 / (1 + np.exp(-0.60)) - 1 / (1 + np.exp(-0.55))": "`expit` takes log odds to a rate. From a rate to log odds it is `logit`.",
            "np.log(40 / 45)": "This compares failures with failures. Odds compare successes with failures: 60 to 40.",
        },
        neighbours={
            "China's intercept, halfway between its arms": "(np.log(60 / 40) + np.log(55 / 45)) / 2",
            "the sum of the two log odds": "np.log(60 / 40) + np.log(55 / 45)",
            "the slope of both markets in one table": "np.log(110 / 90) - np.log(85 / 115)",
            "the gain in points": "60 - 55",
            "the relative gain of the rate": "60 / 55 - 1",
            "the relative gain of the odds": "(60 / 40) / (55 / 45) - 1",
        },
        hints=[
            "The odds of a success are successes to failures. Treatment in China: 60 to 40.",
            "The slope is the log odds under treatment less the log odds under control: `np.log(60 / 40) - ...`",
        ],
        why="This is the log of the odds ratio. Canada's raw slope is about four times as large: on this scale, "
        "as on that of rates, the two markets look very different.",
    ),
    exercise(
        "4.3 Give every market its own slope",
        purpose="Complete a multilevel model after a worked example with the same form.",
        solution=_CENTRED,
        gaps={
            _THREE_LINES: "slope = np.zeros(2)  # ... replace this by three lines like those above",
        },
        check=Model(
            also=(
                lambda: multilevel.pymc_model(*GIVEN["data"]),
                *(Code(text, "market_model", GIVEN) for text in (_SLOPES_ONLY, _OFFSETS)),
            ),
        ),
        mistakes={
            """
            slope = pm.Normal("slope", slope_mean, slope_sd)
            log_odds = intercept[:, None] + slope * side
            """: "There is one slope for both markets here: complete pooling of the effect. "
            '`dims="market"` gives each market its own.',
            """
            slope_mean = 0
            slope_sd = 1
            """: "These slopes have a fixed prior, N(0, 1), so neither market can teach the model about the other. "
            "Let the mean and the standard deviation be unknown.",
            'slope = pm.Normal("slope", 0, 1, dims="market")': "`slope_mean` and `slope_sd` are there, and the slopes do not use them: "
            "neither market can teach the model about the other.",
            'slope_mean = pm.StudentT("slope_mean", nu=3, mu=0, sigma=1, dims="market")': f"`slope_mean` {_FOR_ALL}",
            'slope_sd = pm.HalfNormal("slope_sd", sigma=1, dims="market")': f"`slope_sd` {_FOR_ALL}",
            'slope = pm.Normal("slope", slope_sd, slope_mean, dims="market")': "`pm.Normal` takes the mean first, then the standard deviation.",
            'slope = pm.Normal("slope", slope_mean, slope_sd**2, dims="market")': "`pm.Normal` takes the standard deviation, not the variance.",
            'slope = pm.Normal("slope", slope_mean, tau=slope_sd, dims="market")': "`tau` is a precision, one over a variance. "
            "A standard deviation is `sigma`.",
            'slope = pm.StudentT("slope", nu=3, mu=slope_mean, sigma=slope_sd, dims="market")': "The StudentT prior is the mean's. "
            "The slopes themselves are normal around it, like the intercepts.",
            'slope = pm.Normal("slope", intercept_mean, intercept_sd, dims="market")': "The slopes come from the population "
            "of the intercepts. They need a mean and a spread of their own.",
            'slope = pm.Normal("slope", slope_mean, intercept_sd, dims="market")': "The slopes use `intercept_sd`. "
            "They have a spread of their own, `slope_sd`.",
            'slope = pm.Normal("slope", intercept_mean, slope_sd, dims="market")': "The slopes use `intercept_mean`. "
            "They have a mean of their own, `slope_mean`.",
            "log_odds = intercept[:, None] + 0 * side": "The slopes are not in the log odds: is a line `slope = np.zeros(2)` left?",
            "log_odds = intercept[:, None] + slope[:, None]": "`side` is gone, so both arms get the whole slope. Multiply by it.",
            "log_odds = intercept[:, None] - slope[:, None] * side": "Control lies above treatment here: the slope has the wrong sign.",
            "log_odds = intercept[:, None] + slope[:, None] * np.array([0, 1])": "Here the intercept is the control arm. "
            "In this model both arms lie half a slope from it: multiply by `side`.",
            "log_odds = intercept[:, None] + intercept[:, None] * side": "The intercept stands in the place of the slope.",
            "log_odds = intercept + slope * side": "Without `[:, None]` the first market is paired with control and the second with "
            "treatment, in every row.",
            'pm.Binomial("successes", n=trials, p=log_odds, observed=successes)': When(
                lambda model: np.isneginf(
                    model.compile_logp(vars=model["successes"], mode="FAST_COMPILE")(model.initial_point())
                ),
                "At its start the model finds your counts impossible. Log odds are no probabilities: they go in as `logit_p`.",
            ),
        },
        hints=[
            "A mean with a StudentT(3, 0, 1) prior, a standard deviation with a HalfNormal(1) prior, then the slopes.",
            '`slope = pm.Normal("slope", slope_mean, slope_sd, dims="market")` uses the other two. Write them first.',
        ],
        why="`slope_sd` is the line that pools. As a fixed number it would decide how far the markets may differ; "
        "as an unknown, it is learned with the rest.",
    ),
    exercise(
        "4.4 What does a wide prior expect?",
        purpose="Meet the misconception that a wide hyperprior is a neutral one.",
        answer="expects",
        check=Choice(
            options={
                "a": "nothing in particular: being wide, it leaves everything to the data",
                "b": "that all rates between 0 and 1 are about equally likely",
                "c": "that the rate stays near one half in most markets",
                "d": "that in most markets nearly everybody converts, or nearly nobody",
            },
            right="d",
            wrong={
                "a": "It expects something quite definite of the rates. Wide in log odds is not wide in rates.",
                "b": "A prior that is flat in rates keeps the log odds between -5 and 5 nearly always. This one does not.",
                "c": "Large slopes are what this prior expects, in both directions. They take the rate far from one half.",
            },
        ),
        hints=[
            "Half of its mass lies above 25. With a standard deviation of 25, where would a typical slope lie?",
            "A slope of 10 takes the rate from one half to `expit(10)`, a slope of -10 to `expit(-10)`. Compute both.",
        ],
        why="They all convert, or none does: about three markets in four have a rate within a hundredth of 0 or 1. Judge "
        "a prior by the data it would produce, on the scale that you know.",
    ),
    exercise(
        "4.7 Worth its cost in China?",
        paper="Per 1,000 visitors, the gain in China has the posterior mean {1000 * post.difference.mean[1]:.0f} and the 95% interval {1000 * post.difference.interval()[1][0]:.0f} to {1000 * post.difference.interval()[1][1]:.0f}. Sketch a normal curve, and mark the 50.",
        purpose="Keep 'better' apart from 'better by enough'.",
        solution="worth_it = 1 - post.difference.cdf(0.05)[1]",
        check=Number(rel_tol=0.005),
        mistakes={
            "post.prob_better[1]": "This is the probability of any gain. The gain has to exceed 50 per 1,000.",
            "post.difference.cdf(0.05)[1]": "This is the probability that the gain stays *below* 50 per 1,000.",
            "1 - post.difference.cdf(0.05)[0]": "This is Canada's. China is at position 1.",
            "1 - post.slope.cdf(0.05)[1]": "The slope is in log odds. A cost per visitor is compared with the difference of the rates.",
            "1 - post.rate_treatment.cdf(0.05)[1]": "A probability of 1 answers another question: compare the `difference` of the "
            "rates, not a rate, and with 0.05, not with 50.",
            "1 - post.difference.cdf(50)[1]": "No gain of a rate reaches 50, so this is 0. 50 per 1,000 are 0.05.",
            "1 - post.difference.cdf(0.005)[1]": "50 per 1,000 are 0.05, not 0.005.",
            "1 - post.difference.cdf(0.5)[1]": "50 per 1,000 are 0.05, not 0.5.",
            "1 - post.difference.cdf(0.05 * 0.55)[1]": "50 per 1,000 visitors are a difference of rates of 0.05, not 5% of control's rate.",
            "(1 - post.difference.cdf(0.05)).mean()": "This averages both markets. China is at position 1.",
            "1 - pooled.difference.cdf(0.05)[1]": "This is complete pooling's answer. The model with partial pooling is `post`.",
            "1 - post.new_group().difference.cdf(0.05)[0]": "This is for a market that has not been observed. China has data.",
            "post.difference.mean[1]": "This is the expected difference itself. The question is how probably it exceeds 0.05.",
            "np.prod(1 - post.difference.cdf(0.05))": "This multiplies both markets' probabilities. China is at position 1.",
        },
        neighbours={
            "the probability of a loss": "post.difference.cdf(0)[1]",
            "the probability that the treated rate exceeds 60%": "1 - post.rate_treatment.cdf(0.60)[1]",
            "the probability that at least one market gains as much": "1 - np.prod(post.difference.cdf(0.05))",
            "the answer without pooling": "1 - separate.difference.cdf(0.05)[1]",
            "the expected gain, as a multiple of the cost": "post.difference.mean[1] / 0.05",
            "the expected gain per 1,000": "1000 * post.difference.mean[1]",
            "the probability of a loss of more than 50 per 1,000": "post.difference.cdf(-0.05)[1]",
            "the probability of a gain between 0 and 50 per 1,000": "post.difference.cdf(0.05)[1] - post.difference.cdf(0)[1]",
            "the probability among gains only: a loss counts too": "(1 - post.difference.cdf(0.05)[1]) / post.prob_better[1]",
        },
        hints=[
            "50 conversions per 1,000 visitors are a difference of rates of 0.05.",
            "`post.difference.cdf(0.05)` is the probability of *at most* 0.05, one value a market; China is at position 1.",
        ],
        why="P(better) says that the effect has the right sign. A cost asks for a size, and here that turns a "
        "comfortable probability into a debatable one.",
    ),
    exercise(
        "4.8 China under a very wide prior",
        purpose="Say in advance what a change of the hyperprior will move, and how far.",
        answer="with_half_cauchy",
        check=Choice(
            options={
                "a": "below 0.76: a wide prior adds doubt to what China's own data say",
                "b": "0.76: so wide a prior is the same as no pooling",
                "c": "about 0.82: some pooling remains, though less than with HalfNormal(1)",
                "d": "above 0.86: the prior allows large effects, and Canada's is large",
            },
            right="c",
            wrong={
                "a": "This prior decides how much China learns from Canada. With less to learn, China's own data remain, and these give 0.76.",
                "b": "The data still find small spreads plausible, and at those the model pools. A prior that allows "
                "a large spread does not demand one.",
                "d": "A prior on the spread lets the effects differ more, so Canada's success says less about China than it does with HalfNormal(1).",
            },
        ),
        hints=[
            "What do two markets say about `slope_sd`? Can their data rule out a small one?",
            "Wherever `slope_sd` is small the model pools. How much of that does so wide a prior take away?",
        ],
        why="The prior allows large spreads, but the data of two markets find small ones plausible as well, and there "
        "Canada's evidence reaches China. So about half of Canada's help is left.",
    ),
    exercise(
        "4.9 I chose these markets",
        purpose="Know what exchangeability asks for, and what it does not.",
        answer="objection",
        check=Choice(
            options={
                "a": "yes, unless you can argue that they are like a random draw from all markets",
                "b": "not for these two, if you had no idea which would gain more; for a forecast of another market it may",
                "c": "no, for neither use, if the model fits: its population is only a mathematical device",
                "d": "it would matter with many groups, but two are too few for partial pooling in any case",
            },
            right="b",
            wrong={
                "a": "No sampling appears in the model. It says that you would bet on either market alike before the data.",
                "c": "A forecast for a new market takes the population at its word: there, how you chose is essential.",
                "d": "Two groups can be pooled: section D did it. They say little about the spread, so the prior counts for more.",
            },
        ),
        hints=[
            "Lesson 1 asked: before the data, would you bet differently on one of the groups?",
            "Two uses of the model are at stake: the estimates for these markets, and the forecast for another one.",
        ],
        why="Exchangeability is a statement about your knowledge before the data, not about how the groups were drawn. "
        "How they were chosen matters when you speak about markets that are not in the data.",
    ),
    exercise(
        "4.10 Who moves furthest?",
        paper="Without pooling: {'; '.join(f'{m} {x:.2f} (sd {s:.2f})' for m, x, s in zip(twenty.index, separate20.mean, separate20.sd) if m in ('Chile', 'Germany', 'Norway', 'Vietnam'))}. The slopes average {partial20.mean.mean():.2f}.",
        purpose="Predict shrinkage from two things: how uncertain a market is, and how far from the others.",
        answer="furthest_first",
        stub='furthest_first = ...  # four letters, such as "abcd"',
        check=Order(
            "cbda",
            wrong={
                "adbc": "This is the order reversed: the furthest comes first.",
                "cdba": "This is the order of the sds. Vietnam is less certain than Germany, but it starts close to 0.2 and has "
                "little way to go. Germany is 0.5 away.",
                "a first": "Chile knows its own slope best of all: its sd is a tenth of Vietnam's. It hardly moves.",
                "d before c": "Vietnam and Norway are about as uncertain. Which of the two is further from the others?",
                "b before c": "Norway is further from the others than Germany, and it has the larger sd.",
                "d before b": "Vietnam is less certain than Germany, but it starts close to 0.2 and has little way to go. Germany is 0.5 away.",
                "a before d": "This is the order of the distances, and of the slopes. Chile is further out than Vietnam, but its sd "
                "is a tenth of Vietnam's: its own data hold it.",
            },
        ),
        hints=[
            "Two things decide: how little a market's own data say (`sd`), and how far its slope is from the others'.",
            "The slopes average about 0.2. For each market, look at its distance from that and at its `sd`.",
        ],
        why="A slope moves far if it is both uncertain and far away, like Norway's. Vietnam's is as uncertain, but it "
        "starts close to the others; Germany's is known better and has further to go. Chile's is as far out as Vietnam's, and has the data to stay.",
    ),
    exercise(
        "4.11 How much less wrong?",
        paper="On paper, for four markets (truth; no pooling; partial pooling): {', '.join(f'{m} ({t:.2f}; {x:.2f}; {p:.2f})' for m, t, x, p in zip(twenty.index, twenty.true_slope, separate20.mean, partial20.mean) if m in ('Brazil', 'Italy', 'Japan', 'Kenya'))}.",
        purpose="Measure an estimator by its distance from a known truth.",
        solution="""
            def rmse(fitted):
                return np.sqrt(np.mean((fitted.mean - twenty.true_slope) ** 2))


            ratio = rmse(partial20) / rmse(separate20)
        """,
        stub="ratio = ...",
        check=Number(rel_tol=0.0001),
        mistakes={
            "ratio = 1 - rmse(partial20) / rmse(separate20)": "This is how much smaller the error became, one minus the ratio. "
            "The ratio itself is asked for.",
            "ratio = rmse(separate20) / rmse(partial20)": "This is the ratio the other way round: no pooling over partial pooling.",
            "ratio = rmse(pooled20) / rmse(separate20)": "This compares complete pooling with no pooling. Use `partial20`.",
            "ratio = rmse(partial20) / rmse(pooled20)": "This compares partial with complete pooling. No pooling is `separate20`.",
            "return np.mean((fitted.mean - twenty.true_slope) ** 2)": "These are mean *squared* errors. Take the square root of each first.",
            "return np.mean(np.abs(fitted.mean - twenty.true_slope))": "These are mean absolute errors. "
            "The root mean square error squares first, so that large errors count more.",
            "return np.median(np.abs(fitted.mean - twenty.true_slope))": "These are median errors. The root mean square error "
            "averages squares, so that large errors count more.",
            "return np.sqrt(np.mean(fitted.sd**2))": "These are posterior standard deviations, what the model *says* of its errors. "
            "Here the truth is known: use `twenty.true_slope`.",
            "return np.std(fitted.mean - twenty.true_slope)": "`np.std` takes the mean error away first. "
            "Square the errors themselves, average, take the root.",
            "return np.sqrt(np.mean(fitted.mean**2))": "The truth is missing: an error is the estimate less `twenty.true_slope`.",
            "return np.abs(np.mean(fitted.mean - twenty.true_slope))": "Square first, then average: here the errors cancel.",
            "return np.mean(fitted.mean - twenty.true_slope)": "Errors of both signs cancel here. Square them first, then average.",
            "return np.sqrt(np.mean(((fitted.mean - twenty.true_slope) / twenty.true_slope) ** 2))": "Each error is divided by its truth here. "
            "Square the errors themselves.",
            "return np.sqrt(np.mean((fitted.mean - bs.datasets.twenty_markets().true_slope) ** 2))": "The truths are in another order "
            "than the estimates. Use `twenty.true_slope`.",
            "ratio = rmse(partial20) / rmse(separate20) ** 2": "Only partial pooling's error has its root. Take the other's too.",
            "ratio = np.sqrt(np.mean(((partial20.mean - twenty.true_slope) / (separate20.mean - twenty.true_slope)) ** 2))": "This averages the "
            "squares of twenty ratios. Average first within each method, then divide.",
            "ratio = np.mean(np.abs(partial20.mean - twenty.true_slope) / np.abs(separate20.mean - twenty.true_slope))": "This averages "
            "twenty ratios. Average first within each method, then divide.",
        },
        neighbours={
            "the root mean square error without pooling, alone": "ratio = rmse(separate20)",
            "the root mean square error with partial pooling, alone": "ratio = rmse(partial20)",
            "the ratio of the posterior standard deviations": "ratio = partial20.sd.mean() / separate20.sd.mean()",
            "the share of markets that come closer": "ratio = 13 / 20",
            "the difference of the two errors": "ratio = rmse(separate20) - rmse(partial20)",
            "the change, the ratio minus one": "ratio = rmse(partial20) / rmse(separate20) - 1",
            "the ratio of the largest errors": "return np.max(np.abs(fitted.mean - twenty.true_slope))",
            "the ratio without Norway": "return np.sqrt(np.mean((fitted.mean - twenty.true_slope)[1:] ** 2))",
            "how far pooling moved the slopes": "ratio = np.sqrt(np.mean((partial20.mean - separate20.mean) ** 2))",
            "the ratio of the spreads of the estimates": "ratio = np.std(partial20.mean) / np.std(separate20.mean)",
        },
        hints=[
            "The errors of one method are `partial20.mean - twenty.true_slope`. Square, average, take the root.",
            "Do the same with `separate20`, and divide the first result by the second.",
        ],
        why="Most of that is Norway's: without it the ratio is 0.75. How much pooling gains depends on how little data "
        "the small groups have. Shrinkage trades a little bias for less variance.",
    ),
    exercise(
        "4.5 Repair the model",
        purpose="Turn a centred into a non-centred form, after a worked example.",
        solution=_NON_CENTRED,
        gaps={
            _TWO_LINES: 'slope = pm.Normal("slope", slope_mean, slope_sd, dims="market")  # ... repair',
        },
        check=Model(also=(Code(_MIRRORED, "repaired", GIVEN),)),
        mistakes={
            """
            slope_z = pm.Normal("slope", slope_mean, slope_sd, dims="market")
            slope = slope_z
            """: _STILL_A_FUNNEL,
            'slope = pm.Normal("slope", slope_mean, slope_sd, dims="market")': _STILL_A_FUNNEL
            + " `slope_z` is not used.",
            """
            slope_z = pm.Normal("slope_z", 0, slope_sd, dims="market")
            slope = slope_mean + slope_z
            """: "You moved the mean out, but `slope_z` still has the standard deviation `slope_sd`: "
            "the funnel is there as before. Give it sd 1 and multiply afterwards.",
            """
            slope_z = pm.Normal("slope_z", slope_mean, 1, dims="market")
            slope = slope_sd * slope_z
            """: "The mean is inside `slope_z`, so `slope_sd` multiplies it too. Take it out: `slope_z` has mean 0.",
            'slope_z = pm.Normal("slope_z", 0, slope_sd, dims="market")': "`slope_sd` is used twice: `slope_z` must have the standard deviation 1.",
            'slope_z = pm.Normal("slope_z", slope_mean, slope_sd, dims="market")': "Mean and sd are used twice: `slope_z` must have mean 0 "
            "and standard deviation 1.",
            """
            slope_z = pm.Normal("slope_z", 0, 1)
            log_odds = intercept[:, None] + slope * side
            """: 'One `slope_z` serves both markets here. Give each its own with `dims="market"`.',
            "slope_z = intercept_z": "`intercept_z` is used twice, so a market's slope follows its intercept. Slopes need a `slope_z`.",
            "slope = slope_z": "Neither `slope_mean` nor `slope_sd` is used. Multiply by the one and add the other.",
            "slope = slope_mean + slope_z": "`slope_sd` is no longer used: all slopes lie within about 2 of their mean. Multiply by it.",
            "slope = slope_sd * slope_z": "`slope_mean` is no longer used: the slopes vary around zero. Add it.",
            "slope = slope_sd * (slope_mean + slope_z)": "The brackets let `slope_sd` multiply the mean too. Take the mean out of them.",
            "slope = (slope_mean + slope_sd) * slope_z": "The brackets let `slope_z` multiply the mean too. Take the mean out of them.",
            "slope = slope_mean + slope_z / slope_sd": "`slope_z` is divided by `slope_sd`. Multiply by it.",
            "slope = slope_mean + slope_sd + slope_z": "`slope_z` is to be multiplied by `slope_sd`, not added to it.",
            "slope = slope_mean + slope_sd**0.5 * slope_z": "`slope_sd` is a standard deviation already: no root.",
            "slope = slope_sd + slope_mean * slope_z": "Mean and sd are swapped: add the mean, multiply by the sd.",
            "slope = intercept_mean + slope_sd * slope_z": "The slopes lie around `intercept_mean`. They have a mean of their own, `slope_mean`.",
            "slope = slope_mean + intercept_sd * slope_z": "`slope_z` is multiplied by `intercept_sd`. "
            "The slopes have a spread of their own, `slope_sd`.",
            "slope = slope_mean + slope_sd**2 * slope_z": "`slope_z` is multiplied by a variance. Multiply by the standard deviation, `slope_sd`.",
        },
        hints=[
            "Follow the two lines of the intercept: first a standard normal variable for each market, then mean plus sd times it.",
            '`slope_z = pm.Normal("slope_z", 0, 1, dims="market")` is the first of the two lines.',
        ],
        why="A normal variable is its mean plus its standard deviation times a standard normal one. The model is "
        "the same; the sampler now moves in `slope_z`, whose prior has the same width whatever `slope_sd` is.",
    ),
    exercise(
        "4.6 How far off can 2,000 draws be?",
        paper="The exact probability is {post.prob_better[1]:.3f}.",
        purpose="Put an error on a probability that was counted from draws.",
        solution="""
            p = post.prob_better[1]
            standard_error = np.sqrt(p * (1 - p) / 2000)
        """,
        stub="standard_error = ...",
        check=Number(rel_tol=0.0002),
        mistakes={
            "np.sqrt(p * (1 - p))": "This is the standard deviation of one draw. An average of 2,000 draws varies less.",
            "p * (1 - p) / 2000": "This is the variance of the share. The standard error is its square root.",
            "np.sqrt(p * (1 - p)) / 2000": "The number of draws belongs under the root.",
            "p * (1 - p) / np.sqrt(2000)": "p (1 - p) is a variance: it belongs under the root too.",
            "np.sqrt((1 - p) / 2000)": "The factor p is missing: the variance of one draw is p (1 - p).",
            "np.sqrt(p / 2000)": "The factor 1 - p is missing: the variance of one draw is p (1 - p).",
            "post.sd[1] / np.sqrt(2000)": "This is the error of the mean slope. The question is about the share of draws above zero.",
            "p = post.prob_better[0]": "This is Canada's. China is at position 1.",
            "np.sqrt(p * (1 - p) / 1999)": "Divide by 2,000: p is known here, so no draw is used up by estimating it.",
            "p = separate.prob_better[1]": "This is for no pooling. Take `post.prob_better[1]`.",
            "p = 0.9": "This is for 0.9, a share rounded to one digit. Take `post.prob_better[1]`.",
            "p = 0.8947": "This is for control and treatment coded as 0 and 1. Take `post.prob_better[1]`.",
            "p = 0.873": "This is for 0.873, the share that the post of 2016 printed. Take `post.prob_better[1]`.",
            "np.sqrt(p * (1 - p) / 1000)": "This is the error of 1,000 draws, and of the difference of two shares of 2,000. One share of 2,000 is asked for.",
            **{
                f"np.sqrt(p * (1 - p) / {n})": f"This is the error of {n:,} draws. Count 2,000."
                for n in (100, 200, 2001, 4000)
            },
            "p / np.sqrt(2000)": "p is not the standard deviation of one draw: that is the root of p (1 - p).",
            "np.sqrt((1 - p**2) / 2000)": "The variance of one draw is p (1 - p), not 1 - p squared.",
            "post.sd[1]": "This is the sd of the slope. The question is about a share of draws.",
            "3.92 * np.sqrt(p * (1 - p) / 2000)": "This is the width of a 95% interval. The standard error itself is asked for.",
            "0.01": When(
                lambda answer: 0.0095 <= answer <= 0.0101,
                "Rounded to two decimals little is left of it. Keep three digits.",
            ),
            "np.sqrt(p * (1 - p) / 8000)": "This is the error of 8,000 draws, all chains of the notebook. The question has 2,000.",
            "1.96 * np.sqrt(p * (1 - p) / 2000)": "This is half the width of a 95% interval. The standard error itself is asked for.",
            "0.5 / np.sqrt(2000)": "This is the error for a probability of one half, the largest there is. Here p is `post.prob_better[1]`.",
            "np.sqrt(0.87 * 0.13 / 2000)": When(
                lambda answer: 0.0075 <= answer <= 0.0079,
                "Nearly: p is a little off. Take the exact one, `post.prob_better[1]`, not a share of draws.",
            ),
        },
        neighbours={
            "the probability itself": "p",
            "one over the root of 2,000": "1 / np.sqrt(2000)",
            "the variance of one draw": "p * (1 - p)",
            "the standard error of the count": "np.sqrt(2000 * p * (1 - p))",
        },
        hints=[
            "Each draw is a coin: above zero with probability p. What is the standard error of a share of 2,000 coins?",
            "The variance of one coin is p (1 - p). Divide by the number of draws and take the square root.",
        ],
        why="Two correct runs of 2,000 independent draws can easily differ by a unit in the second decimal, so the third "
        "of a published probability carries no information without its error.",
    ),
    exercise(
        "4.12 Find the bug: a third market",
        purpose="Keep the average of a population apart from a member of it.",
        solution="""
            population = draws.posterior
            rng = np.random.default_rng(1)
            new_slope = rng.normal(population.slope_mean, population.slope_sd)
        """,
        gaps={
            "rng = np.random.default_rng(1)\n": "",
            "rng.normal(population.slope_mean, population.slope_sd)": "population.slope_mean  # ... what is missing?",
        },
        check=Draws(
            mean=lambda: float(GIVEN["post"].new_group().mean[0]),
            sd=lambda: float(GIVEN["post"].new_group().sd[0]),
            cdf=lambda x: float(GIVEN["post"].new_group().slope.cdf(x)[0]),
        ),
        mistakes={
            "population.slope_mean": "This is the average of the population. A new market differs from it by `slope_sd` or so.",
            "rng.normal(population.slope_mean.mean(), population.slope_sd.mean(), 8000)": "You put in the posterior *means* of "
            "`slope_mean` and `slope_sd`, as if they were known. Use every draw of the two.",
            "rng.normal(population.slope_mean, population.slope_sd.mean())": "You put in the posterior *mean* of `slope_sd`, "
            "as if it were known. Use every draw of it.",
            "rng.normal(population.slope_mean.mean(), population.slope_sd)": "You put in the posterior *mean* of `slope_mean`, "
            "as if it were known. Use every draw of it.",
            "rng.normal(population.slope_mean, population.slope_sd**0.5)": "`slope_sd` is a standard deviation already: "
            "`rng.normal` takes it as it is, without a root.",
            "rng.normal(population.slope_mean, population.slope_sd**2)": "`rng.normal` takes the standard deviation, "
            "not the variance: `slope_sd` as it is.",
            "rng.normal(0, population.slope_sd)": "The mean of the population is missing: the new market lies around `slope_mean`.",
            "rng.normal(population.slope_mean, 1)": "The slopes vary around the mean with a standard deviation of 1 here. "
            "Use the draws of `slope_sd`.",
            "rng.normal(population.slope_mean.mean(), population.slope_mean.std(), 8000)": "This is the uncertainty of the "
            "*average* once more. A new market differs from the average by `slope_sd` or so.",
            "population.slope_mean - population.slope_sd": "Each draw is the mean less one sd: that is one place in the population, "
            "not a market drawn from it.",
            "population.slope_mean + population.slope_sd": "Each draw is the mean plus one sd: that is one place in the population, "
            "not a market drawn from it.",
            "np.exp(rng.normal(population.slope_mean, population.slope_sd))": "These are odds ratios. The slope is in log odds.",
            'population["slope"].sel(market="China")': f"These are draws of China's own slope. {_A_THIRD_MARKET}",
            'population["slope"].sel(market="Canada")': f"These are draws of Canada's own slope. {_A_THIRD_MARKET}",
            'population["slope"].mean("market")': f"These are averages of Canada's and China's slopes. {_A_THIRD_MARKET}",
            'population["slope"].values.ravel()': f"These are the slopes of Canada and China, mixed. {_A_THIRD_MARKET}",
            'population["slope"]': When(
                lambda answer: "market" in answer.dims, f"These are the slopes of Canada and China. {_A_THIRD_MARKET}"
            ),
            "rng.normal(population.intercept_mean, population.intercept_sd)": "This is a new market's level. Its slope comes from the other population.",
            "rng.normal(population.slope_mean, population.intercept_sd)": "`intercept_sd` is the spread of the levels. Slopes have `slope_sd`.",
            "population.intercept_mean + rng.normal(population.slope_mean, population.slope_sd)": "A level is added. The slope alone is asked for.",
            "rng.normal(population.slope_mean, population.slope_sd / np.sqrt(2))": "This is how an average of two markets varies. One new market is asked for.",
            "rng.normal(population.slope_mean, population.slope_sd / 2)": "Half the spread is lost: `rng.normal` takes `slope_sd` as it is.",
            "rng.normal(population.slope_mean, np.hypot(population.slope_sd, population.slope_mean.std()))": "The doubt about the mean "
            "counts twice: it is in the draws of `slope_mean` already.",
            **{
                f"rng.normal(population['slope'].sel(market='{market}'), population.slope_sd)": f"This is centred on {market}. "
                "The population lies around `slope_mean`."
                for market in ("Canada", "China")
            },
            "rng.normal(population['slope'].mean('market'), population.slope_sd)": "This is centred on the average of Canada and China. "
            "The population lies around `slope_mean`.",
            "population.slope_mean + np.abs(rng.normal(0, population.slope_sd))": "A new market may lie below the mean as well as above.",
            "rng.uniform(population.slope_mean, population.slope_mean + population.slope_sd)": "The population is normal, to both sides of its mean.",
            "rng.uniform(population.slope_mean - population.slope_sd, population.slope_mean + population.slope_sd)": "The population is normal, "
            "and its tails reach beyond one sd.",
            "1 / (1 + np.exp(-rng.normal(population.slope_mean, population.slope_sd)))": "These are rates. The slope is in log odds.",
            "population.slope_sd": "These are draws of the population's spread. A new market's slope is drawn with it, around the mean.",
        },
        hints=[
            "The colleague's draws say where the *average* market is. A new market lies somewhere around the average.",
            "`rng.normal(mean, sd)` takes arrays too: one number for each pair of a mean and an sd. You have draws of both.",
        ],
        why="Two uncertainties meet: where the population's mean is, and where in the population the new market lies. "
        "More data from Canada and China never remove the second.",
    ),
)
