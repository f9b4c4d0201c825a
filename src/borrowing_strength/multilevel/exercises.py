"""Exercises of lesson 04, Multilevel regression."""

from functools import cache

import numpy as np

from borrowing_strength import datasets, multilevel
from borrowing_strength.exercises.records import Choice, Draws, Exercise, Mistake, Model, Number, Order

_COUNTS = ([30, 55], [100, 100], [50, 60], [100, 100])


@cache
def _post() -> multilevel.Posterior:
    return multilevel.fit(*_COUNTS)


@cache
def _errors() -> dict[str, np.ndarray]:
    """Errors of the twenty slopes under no, partial and complete pooling."""
    table = datasets.twenty_markets()
    counts = [
        table[name] for name in ("control_successes", "control_trials", "treatment_successes", "treatment_trials")
    ]
    fits = {"none": multilevel.fit_separate, "partial": multilevel.fit, "complete": multilevel.fit_pooled}
    return {name: fit(*counts).slope.mean - table.true_slope.to_numpy() for name, fit in fits.items()}


def _rmse(name: str) -> float:
    return float(np.sqrt(np.mean(_errors()[name] ** 2)))


def _market_model(effect: str, z: str = "normal", dims: str | None = "market"):
    """The model of exercise 4.3 or 4.5, with one of several forms of the slope."""
    import pymc as pm

    with pm.Model(coords={"market": ["Canada", "China"]}) as model:
        intercept_mean = pm.StudentT("intercept_mean", nu=3, mu=0, sigma=1)
        intercept_sd = pm.HalfNormal("intercept_sd", sigma=1)
        if effect in ("one", "fixed", "borrowed", "borrowed mean", "half centred"):
            intercept = pm.Normal("intercept", mu=intercept_mean, sigma=intercept_sd, dims="market")
        else:
            intercept = intercept_mean + intercept_sd * pm.Normal("intercept_z", dims="market")
        population = (intercept_mean, intercept_sd)
        slope = _slope(effect, z, dims, *population)
        per_market = slope if slope.ndim == 0 else slope[[0, 0, 1, 1]]
        log_odds = intercept[[0, 0, 1, 1]] + per_market * np.array([0, 1, 0, 1])
        pm.Binomial("successes", n=[100] * 4, logit_p=log_odds, observed=[30, 50, 55, 60])
    return model


def _slope(effect: str, z: str, dims: str | None, intercept_mean: object, intercept_sd: object):
    import pymc as pm

    if effect == "fixed":
        return pm.Normal("slope", mu=0, sigma=1, dims="market")
    slope_mean = pm.StudentT("slope_mean", nu=3, mu=0, sigma=1)
    slope_sd = pm.HalfNormal("slope_sd", sigma=1)
    if effect in ("one", "still centred"):
        return pm.Normal("slope", mu=slope_mean, sigma=slope_sd, dims=dims)
    if effect == "borrowed":
        return pm.Normal("slope", mu=slope_mean, sigma=intercept_sd, dims=dims)
    if effect == "borrowed mean":
        return pm.Normal("slope", mu=intercept_mean, sigma=slope_sd, dims=dims)
    if effect == "shared":
        return slope_mean + slope_sd * pm.modelcontext(None)["intercept_z"]
    standard = pm.Normal("slope_z", sigma=slope_sd if z == "stretched" else 1, dims=dims)
    spread = {"shifted": 1, "intercept's spread": intercept_sd, "squared": slope_sd**2}.get(effect, slope_sd)
    return (0 if effect == "no mean" else slope_mean) + spread * standard


_PRIORS_OF_SLOPE = (
    '    slope_mean = pm.StudentT("slope_mean", nu=3, mu=0, sigma=1)\n'
    '    slope_sd = pm.HalfNormal("slope_sd", sigma=1)\n'
)
_CENTRED = (
    "with pm.Model(coords=coords) as market_model:\n"
    '    intercept_mean = pm.StudentT("intercept_mean", nu=3, mu=0, sigma=1)\n'
    '    intercept_sd = pm.HalfNormal("intercept_sd", sigma=1)\n'
    '    intercept = pm.Normal("intercept", intercept_mean, intercept_sd, dims="market")\n'
)
_NON_CENTRED = (
    "with pm.Model(coords=coords) as repaired:\n"
    '    intercept_mean = pm.StudentT("intercept_mean", nu=3, mu=0, sigma=1)\n'
    '    intercept_sd = pm.HalfNormal("intercept_sd", sigma=1)\n'
    '    intercept_z = pm.Normal("intercept_z", 0, 1, dims="market")\n'
    "    intercept = intercept_mean + intercept_sd * intercept_z\n"
)
_LIKELIHOOD = (
    "    log_odds = intercept[place] + slope[place] * treated\n"
    '    pm.Binomial("successes", n=trials, logit_p=log_odds, observed=successes)'
)


def _one_number_for_all(draws: object) -> bool:
    """Whether these look like slope_mean + c * slope_sd with one number c."""
    if not 400 <= getattr(draws, "size", 0) <= 10**6:
        return False
    values = np.asarray(draws, dtype=float)
    mean, spread = _post().hyper.slope_mean, _post().hyper.slope_sd
    number = (values.mean() - mean.mean) / spread.mean
    return bool(np.isclose(values.std(), np.hypot(mean.sd, number * spread.sd), rtol=0.1))


_RMSE = "def rmse(fitted):\n    return np.sqrt(np.mean((fitted.mean - twenty.true_slope) ** 2))\n\n\n"


def _of(head: str, slope: str, priors: str = _PRIORS_OF_SLOPE) -> str:
    return head + priors + slope + "\n" + _LIKELIHOOD


EXERCISES = (
    Exercise(
        id="4.1",
        title="Not significant in China",
        purpose="Read a p-value that is not small for what it says.",
        stub='follows = ...  # "a", "b", "c" or "d"',
        answer="follows",
        solution='follows = "b"',
        why=(
            "Not significant means undecided. The two teams also cannot conclude that their markets "
            "differ: the difference "
            "between significant and not significant is not itself significant here (Gelman and Stern, 2006)."
        ),
        hints=(
            "What would China's interval look like? It is about two standard errors of 0.07 to each side of 0.05.",
            "That interval reaches from about -0.09 to 0.19. What does it hold?",
        ),
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
                "c": (
                    "A p-value assumes that there is no effect, and speaks about data. It is not a "
                    "probability of no effect."
                ),
                "d": (
                    "To compare two effects, test their difference: 0.15, with a standard error near 0.10. "
                    "That is not significant at the 5% level either."
                ),
            },
        ),
    ),
    Exercise(
        id="4.2",
        title="China's slope, by hand",
        purpose="Compute a coefficient on the scale on which the model adds.",
        stub="slope_of_china = ...",
        answer="slope_of_china",
        solution="slope_of_china = np.log(60 / 40) - np.log(55 / 45)",
        why=(
            "This is the log of the odds ratio. Canada's raw slope is about four times as large: on this scale, "
            "as on that of rates, the two markets look very different."
        ),
        hints=(
            "The odds of a success are successes to failures. Treatment in China: 60 to 40.",
            "The slope is the log odds under treatment less the log odds under control: `np.log(60 / 40) - ...`",
        ),
        check=Number(lambda: float(np.log(60 / 40) - np.log(55 / 45)), abs_tol=0.0009, also=(0.2, 0.21)),
        mistakes=(
            Mistake(
                "slope_of_china = 60 / 100 - 55 / 100",
                "This is the difference of the rates. The slope is a difference of log odds.",
                value=lambda: 0.05,
            ),
            Mistake(
                "slope_of_china = (60 / 40) / (55 / 45)",
                "This is the odds ratio. The slope is its logarithm.",
                value=lambda: (60 / 40) / (55 / 45),
            ),
            Mistake(
                "slope_of_china = np.log(60 / 55)",
                "This is the log of a ratio of rates. Odds compare successes with failures: 60 to 40.",
                value=lambda: float(np.log(60 / 55)),
            ),
            Mistake(
                "slope_of_china = np.log(60 / 40)",
                "This is the log odds under treatment: intercept plus slope. Take the control's log odds away.",
                value=lambda: float(np.log(60 / 40)),
            ),
            Mistake(
                "slope_of_china = np.log(55 / 45)",
                "This is the log odds under control, the intercept. The slope is what treatment adds to it.",
                value=lambda: float(np.log(55 / 45)),
            ),
            Mistake(
                "slope_of_china = np.log10(60 / 40) - np.log10(55 / 45)",
                "The logit uses the natural logarithm, `np.log`.",
                value=lambda: float(np.log10((60 / 40) / (55 / 45))),
            ),
            Mistake(
                "slope_of_china = np.log(50 / 50) - np.log(30 / 70)",
                "This is Canada's slope. China went from 55 to 60 of 100.",
                value=lambda: float(np.log(70 / 30)),
            ),
        ),
    ),
    Exercise(
        id="4.3",
        title="Give every market its own slope",
        purpose="Complete a multilevel model after a worked example with the same form.",
        stub=(_CENTRED + "    slope = np.zeros(2)  # ... replace this by three lines like those above\n" + _LIKELIHOOD),
        answer="market_model",
        solution=_of(_CENTRED, '    slope = pm.Normal("slope", slope_mean, slope_sd, dims="market")'),
        why=(
            "`slope_sd` is the line that pools. As a fixed number it would decide how far the markets may differ; "
            "as an unknown, it is learned with the rest."
        ),
        hints=(
            "A mean with a StudentT(3, 0, 1) prior, a standard deviation with a HalfNormal(1) prior, then the slopes.",
            '`slope = pm.Normal("slope", slope_mean, slope_sd, dims="market")` uses the other two. Write them first.',
        ),
        check=Model(
            lambda: multilevel.pymc_model(multilevel.experiment(*_COUNTS), centred=True),
            also=(
                lambda: multilevel.pymc_model(multilevel.experiment(*_COUNTS)),
                lambda: _market_model("half centred"),
            ),
        ),
        mistakes=(
            Mistake(
                _of(_CENTRED, '    slope = pm.Normal("slope", slope_mean, slope_sd)').replace("slope[place]", "slope"),
                "There is one slope for both markets here: complete pooling of the effect. "
                '`dims="market"` gives each market its own.',
                value=lambda: _market_model("one", dims=None),
            ),
            Mistake(
                _of(_CENTRED, '    slope = pm.Normal("slope", 0, 1, dims="market")', priors=""),
                "These slopes have a fixed prior, N(0, 1), so neither market can teach the model about the other. "
                "Let the mean and the standard deviation be unknown.",
                value=lambda: _market_model("fixed"),
            ),
            Mistake(
                _of(_CENTRED, '    slope = pm.Normal("slope", slope_mean, intercept_sd, dims="market")'),
                "The slopes use `intercept_sd`. They have a spread of their own, `slope_sd`.",
                value=lambda: _market_model("borrowed"),
            ),
            Mistake(
                _of(_CENTRED, '    slope = pm.Normal("slope", intercept_mean, slope_sd, dims="market")'),
                "The slopes use `intercept_mean`. They have a mean of their own, `slope_mean`.",
                value=lambda: _market_model("borrowed mean"),
            ),
        ),
    ),
    Exercise(
        id="4.4",
        title="What does a wide prior expect?",
        purpose="Meet the misconception that a wide hyperprior is a neutral one.",
        stub='expects = ...  # "a", "b", "c" or "d"',
        answer="expects",
        solution='expects = "d"',
        why=(
            "They all convert, or none does: about three markets in four have a rate within a hundredth of 0 or 1. Judge "
            "a prior by the data it would produce, on the scale that you know."
        ),
        hints=(
            "Half of its mass lies above 25. With a standard deviation of 25, where would a typical slope lie?",
            "A slope of 10 takes the rate from one half to `expit(10)`, a slope of -10 to `expit(-10)`. Compute both.",
        ),
        check=Choice(
            options={
                "a": "nothing in particular: being wide, it leaves everything to the data",
                "b": "that all rates between 0 and 1 are about equally likely",
                "c": "that the rate stays near one half in most markets",
                "d": "that in most markets nearly all visitors do the same",
            },
            right="d",
            wrong={
                "a": "It expects something quite definite of the rates. Wide in log odds is not wide in rates.",
                "b": "A prior that is flat in rates keeps the log odds between -5 and 5 nearly always. This one does not.",
                "c": "Large slopes are what this prior expects, in both directions. They take the rate far from one half.",
            },
        ),
    ),
    Exercise(
        id="4.5",
        title="Repair the model",
        purpose="Turn a centred into a non-centred form, after a worked example.",
        stub=_of(_NON_CENTRED, '    slope = pm.Normal("slope", slope_mean, slope_sd, dims="market")  # ... repair'),
        answer="repaired",
        solution=_of(
            _NON_CENTRED,
            '    slope_z = pm.Normal("slope_z", 0, 1, dims="market")\n    slope = slope_mean + slope_sd * slope_z',
        ),
        why=(
            "A normal variable is its mean plus its standard deviation times a standard normal one. The model is "
            "the same; the sampler now moves in `slope_z`, whose prior has the same width whatever `slope_sd` is."
        ),
        hints=(
            (
                "Follow the two lines of the intercept: first a standard normal variable for each "
                "market, then mean plus sd times it."
            ),
            '`slope_z = pm.Normal("slope_z", 0, 1, dims="market")` is the first of the two lines.',
        ),
        check=Model(lambda: multilevel.pymc_model(multilevel.experiment(*_COUNTS))),
        mistakes=(
            Mistake(
                _of(_NON_CENTRED, '    slope = pm.Normal("slope", slope_mean, slope_sd, dims="market")'),
                (
                    "The slopes are still drawn with `slope_sd` as their standard deviation: the funnel "
                    "is there as before."
                ),
                value=lambda: _market_model("still centred"),
            ),
            Mistake(
                _of(
                    _NON_CENTRED,
                    '    slope_z = pm.Normal("slope_z", 0, slope_sd, dims="market")\n    slope = slope_mean + slope_z',
                ),
                "You moved the mean out, but `slope_z` still has the standard deviation `slope_sd`: "
                "the funnel is still "
                "there. Take the standard deviation out as well.",
                value=lambda: _market_model("shifted", z="stretched"),
            ),
            Mistake(
                _of(
                    _NON_CENTRED,
                    '    slope_z = pm.Normal("slope_z", 0, 1, dims="market")\n    slope = slope_mean + slope_z',
                ),
                "`slope_sd` is no longer used: the slopes have a spread of 1 whatever the data say. Multiply by it.",
                value=lambda: _market_model("shifted"),
            ),
            Mistake(
                _of(
                    _NON_CENTRED,
                    '    slope_z = pm.Normal("slope_z", 0, slope_sd, dims="market")\n'
                    "    slope = slope_mean + slope_sd * slope_z",
                ),
                "The spread is in there twice. `slope_z` is a standard normal variable, with standard deviation 1.",
                value=lambda: _market_model("non-centred", z="stretched"),
            ),
            Mistake(
                _of(
                    _NON_CENTRED,
                    '    slope_z = pm.Normal("slope_z", 0, 1)\n    slope = slope_mean + slope_sd * slope_z',
                ).replace("slope[place]", "slope"),
                'One `slope_z` serves both markets here. Give each its own with `dims="market"`.',
                value=lambda: _market_model("non-centred", dims=None),
            ),
            Mistake(
                _of(
                    _NON_CENTRED,
                    '    slope_z = pm.Normal("slope_z", 0, 1, dims="market")\n    slope = slope_sd * slope_z',
                ),
                "`slope_mean` is no longer used: the slopes vary around zero. Add it.",
                value=lambda: _market_model("no mean"),
            ),
            Mistake(
                _of(
                    _NON_CENTRED,
                    '    slope_z = pm.Normal("slope_z", 0, 1, dims="market")\n'
                    "    slope = slope_mean + intercept_sd * slope_z",
                ),
                "`slope_z` is multiplied by `intercept_sd`. The slopes have a spread of their own, `slope_sd`.",
                value=lambda: _market_model("intercept's spread"),
            ),
            Mistake(
                _of(
                    _NON_CENTRED,
                    '    slope_z = pm.Normal("slope_z", 0, 1, dims="market")\n'
                    "    slope = slope_mean + slope_sd**2 * slope_z",
                ),
                "`slope_z` is multiplied by a variance. Multiply by the standard deviation, `slope_sd`.",
                value=lambda: _market_model("squared"),
            ),
            Mistake(
                _of(_NON_CENTRED, "    slope = slope_mean + slope_sd * intercept_z"),
                "`intercept_z` is used twice, so a market's slope follows its intercept. Slopes need a `slope_z`.",
                value=lambda: _market_model("shared"),
            ),
        ),
    ),
    Exercise(
        id="4.6",
        title="How far off can 2,000 draws be?",
        purpose="Put an error on a probability that was counted from draws.",
        stub="standard_error = ...",
        answer="standard_error",
        solution=("p = post.prob_better[1]\nstandard_error = np.sqrt(p * (1 - p) / 2000)"),
        why=(
            "Two correct runs of 2,000 independent draws can easily differ by a unit in the second "
            "decimal, so the third "
            "of a published probability carries no information without its error."
        ),
        hints=(
            "Each draw is a coin: above zero with probability p. What is the standard error of a share of 2,000 coins?",
            "The variance of one coin is p (1 - p). Divide by the number of draws and take the square root.",
        ),
        check=Number(
            lambda: float(np.sqrt(_post().prob_better[1] * (1 - _post().prob_better[1]) / 2000)), abs_tol=0.0006
        ),
        mistakes=(
            Mistake(
                "p = post.prob_better[1]\nstandard_error = np.sqrt(p * (1 - p))",
                "This is the standard deviation of one draw. An average of 2,000 draws varies less.",
                value=lambda: float(np.sqrt(_post().prob_better[1] * (1 - _post().prob_better[1]))),
            ),
            Mistake(
                "p = post.prob_better[1]\nstandard_error = p * (1 - p) / 2000",
                "This is the variance of the share. The standard error is its square root.",
                value=lambda: float(_post().prob_better[1] * (1 - _post().prob_better[1]) / 2000),
            ),
            Mistake(
                "standard_error = post.sd[1] / np.sqrt(2000)",
                "This is the error of the mean slope. The question is about the share of draws above zero.",
                value=lambda: float(_post().sd[1] / np.sqrt(2000)),
            ),
            Mistake(
                "p = post.prob_better[0]\nstandard_error = np.sqrt(p * (1 - p) / 2000)",
                "This is Canada's. China is at position 1.",
                value=lambda: float(np.sqrt(_post().prob_better[0] * (1 - _post().prob_better[0]) / 2000)),
            ),
            Mistake(
                "p = post.prob_better[1]\nstandard_error = np.sqrt(p * (1 - p) / 1000)",
                "This is the error of 1,000 draws, or a rounded one. Count 2,000 draws, and keep three decimals.",
                when=lambda answer: 0.0095 <= float(answer) <= 0.0101,
            ),
            Mistake(
                "standard_error = 0.5 / np.sqrt(2000)",
                (
                    "This is the error for a probability of one half, the largest there is. Here p is "
                    "`post.prob_better[1]`."
                ),
                value=lambda: float(0.5 / np.sqrt(2000)),
            ),
        ),
    ),
    Exercise(
        id="4.7",
        title="Worth its cost in China?",
        purpose="Keep 'better' apart from 'better by enough'.",
        stub="worth_it = ...",
        answer="worth_it",
        solution="worth_it = 1 - post.difference.cdf(0.05)[1]",
        why=(
            "P(better) says that the effect has the right sign. A cost asks for a size, and here that turns a "
            "comfortable probability into a debatable one."
        ),
        hints=(
            "50 conversions per 1,000 visitors are a difference of rates of 0.05.",
            (
                "`post.difference.cdf(0.05)` is the probability of *at most* 0.05, one value a market; "
                "China is at position 1."
            ),
        ),
        check=Number(lambda: float(1 - _post().difference.cdf(0.05)[1]), abs_tol=0.015),
        mistakes=(
            Mistake(
                "worth_it = post.prob_better[1]",
                "This is the probability of any gain. The gain has to exceed 50 per 1,000.",
                value=lambda: float(_post().prob_better[1]),
            ),
            Mistake(
                "worth_it = post.difference.cdf(0.05)[1]",
                "This is the probability that the gain stays *below* 50 per 1,000.",
                value=lambda: float(_post().difference.cdf(0.05)[1]),
            ),
            Mistake(
                "worth_it = 1 - post.difference.cdf(0.05)[0]",
                "This is Canada's. China is at position 1.",
                value=lambda: float(1 - _post().difference.cdf(0.05)[0]),
            ),
            Mistake(
                "worth_it = 1 - post.slope.cdf(0.05)[1]",
                "The slope is in log odds. A cost per visitor is compared with the difference of the rates.",
                value=lambda: float(1 - _post().slope.cdf(0.05)[1]),
            ),
            Mistake(
                "worth_it = post.difference.mean[1]",
                "This is the expected difference itself. The question is how probably it exceeds 0.05.",
                value=lambda: float(_post().difference.mean[1]),
            ),
        ),
    ),
    Exercise(
        id="4.8",
        title="What does a very wide prior lend?",
        purpose="Say in advance what a change of the hyperprior will move, and how far.",
        stub='with_half_cauchy = ...  # "a", "b", "c" or "d"',
        answer="with_half_cauchy",
        solution='with_half_cauchy = "c"',
        why=(
            "The prior allows large spreads, but the data of two markets find small ones plausible as well, and there "
            "Canada's evidence reaches China. About half of what is left of the help comes from the baselines, which "
            "are pooled as before."
        ),
        hints=(
            "What do two markets say about `slope_sd`? Can their data rule out a small one?",
            "Wherever `slope_sd` is small the model pools. And the baselines keep their prior, whatever that of "
            "`slope_sd` is.",
        ),
        check=Choice(
            options={
                "a": "below 0.76: a wide prior adds doubt to what China's own data say",
                "b": "0.76: so wide a prior is the same as no pooling",
                "c": "about 0.86: some pooling remains, though less than with HalfNormal(1)",
                "d": "above 0.89: the prior allows large effects, and Canada's is large",
            },
            right="c",
            wrong={
                "a": (
                    "This prior decides how much China learns from Canada. With less to learn, China's own data remain, "
                    "and these give 0.76."
                ),
                "b": (
                    "The data still find small spreads plausible, and at those the model pools. A prior that allows "
                    "a large spread does not demand one."
                ),
                "d": (
                    "A prior on the spread lets the effects differ more, so Canada's success says less about China "
                    "than it does with HalfNormal(1)."
                ),
            },
        ),
    ),
    Exercise(
        id="4.9",
        title="I chose these markets",
        purpose="Know what exchangeability asks for, and what it does not.",
        stub='objection = ...  # "a", "b", "c" or "d"',
        answer="objection",
        solution='objection = "b"',
        why=(
            "Exchangeability is a statement about your knowledge before the data, not about how the "
            "groups were drawn. How they were "
            "chosen matters when you speak about markets that are not in the data."
        ),
        hints=(
            "Lesson 1 asked: before the data, would you bet differently on one of the groups?",
            "Two uses of the model are at stake: the estimates for these markets, and the forecast for another one.",
        ),
        check=Choice(
            options={
                "a": "yes: a multilevel model needs groups that were drawn at random from a population",
                "b": (
                    "not for Canada and China, if you had no idea which would gain more; "
                    "a forecast for another market needs an argument"
                ),
                "c": (
                    "no, for no use of the model: the population is a mathematical device, "
                    "and forecasts for other markets are as good"
                ),
                "d": "it does not matter, because two groups are too few for partial pooling in any case",
            },
            right="b",
            wrong={
                "a": (
                    "No sampling appears in the model. It says that you would bet on either market alike "
                    "before the data."
                ),
                "c": "A forecast for a new market takes the population at its word: there, how you chose is essential.",
                "d": (
                    "Two groups can be pooled: section F did it. They say little about the spread, so "
                    "the prior counts for more."
                ),
            },
        ),
    ),
    Exercise(
        id="4.10",
        title="Who moves furthest?",
        purpose="Predict shrinkage from two things: how uncertain a market is, and how far from the others.",
        stub='furthest_first = ...  # four letters, such as "abcd"',
        answer="furthest_first",
        solution='furthest_first = "cbda"',
        why=(
            "A slope moves far if it is both uncertain and far away, like Norway's. Vietnam's is as uncertain, but it "
            "starts close to the others; Germany's is known better and has further to go. Argentina's is far out, and "
            "has the data to stay there."
        ),
        hints=(
            "Two things decide: how little a market's own data say (`sd`), and how far its slope is from the others'.",
            "The slopes average about 0.2. For each market, look at its distance from that and at its `sd`.",
        ),
        check=Order(
            "cbda",
            wrong={
                "cdba": (
                    "Vietnam is less certain than Germany, but it starts close to 0.2 and has little way to go. "
                    "Germany is 0.5 away."
                ),
                "cbad": (
                    "This is the order of the distances. Argentina is further out than Vietnam, but its sd is a tenth "
                    "of Vietnam's: its own data hold it."
                ),
                "dcba": "Vietnam and Norway are about as uncertain. Which of the two is further from the others?",
                "adbc": "This is the order reversed: the furthest comes first.",
            },
        ),
    ),
    Exercise(
        id="4.11",
        title="How much less wrong?",
        purpose="Measure an estimator by its distance from a known truth.",
        stub="ratio = ...",
        answer="ratio",
        solution=_RMSE + "ratio = rmse(partial20) / rmse(separate20)",
        why=(
            "Most of that is Norway's: without it the ratio is 0.68. How much pooling gains depends on how little data "
            "the small groups have. Shrinkage trades a little bias for less variance."
        ),
        hints=(
            "The errors of one method are `partial20.mean - twenty.true_slope`. Square, average, take the root.",
            "Do the same with `separate20`, and divide the first result by the second.",
        ),
        check=Number(lambda: _rmse("partial") / _rmse("none"), abs_tol=0.006),
        mistakes=(
            Mistake(
                _RMSE + "ratio = 1 - rmse(partial20) / rmse(separate20)",
                "This is how much smaller the error became, one minus the ratio. The ratio itself is asked for.",
                value=lambda: 1 - _rmse("partial") / _rmse("none"),
            ),
            Mistake(
                "errors = [np.mean((f.slope.mean - twenty.true_slope) ** 2) ** 0.5 for f in (separate20, partial20)]\n"
                "ratio = errors[0] / errors[1]",
                "This is the ratio the other way round: no pooling over partial pooling.",
                value=lambda: _rmse("none") / _rmse("partial"),
            ),
            Mistake(
                "errors = [np.mean((f.slope.mean - twenty.true_slope) ** 2) for f in (partial20, separate20)]\n"
                "ratio = errors[0] / errors[1]",
                "These are mean *squared* errors. Take the square root of each first.",
                value=lambda: (_rmse("partial") / _rmse("none")) ** 2,
            ),
            Mistake(
                "errors = [np.mean(abs(f.slope.mean - twenty.true_slope)) for f in (partial20, separate20)]\n"
                "ratio = errors[0] / errors[1]",
                (
                    "These are mean absolute errors. The root mean square error squares first, so that "
                    "large errors count more."
                ),
                value=lambda: float(np.abs(_errors()["partial"]).mean() / np.abs(_errors()["none"]).mean()),
            ),
            Mistake(
                "errors = [np.mean((f.slope.mean - twenty.true_slope) ** 2) ** 0.5 for f in (pooled20, separate20)]\n"
                "ratio = errors[0] / errors[1]",
                "This compares complete pooling with no pooling. Use `partial20`.",
                value=lambda: _rmse("complete") / _rmse("none"),
            ),
        ),
    ),
    Exercise(
        id="4.12",
        title="Find the bug: a third market",
        purpose="Keep the average of a population apart from a member of it.",
        stub=("population = draws.posterior\nnew_slope = population.slope_mean  # ... what is missing?"),
        answer="new_slope",
        solution=(
            "population = draws.posterior\n"
            "rng = np.random.default_rng(1)\n"
            "new_slope = rng.normal(population.slope_mean, population.slope_sd)"
        ),
        why=(
            "Two uncertainties meet: where the population's mean is, and where in the population the new market lies. "
            "More data from Canada and China never remove the second."
        ),
        hints=(
            "The colleague's draws say where the *average* market is. A new market lies somewhere around the average.",
            "`rng.normal(mean, sd)` takes arrays too: one number for each pair of a mean and an sd. You have draws of both.",
        ),
        check=Draws(mean=lambda: float(_post().new_group().mean[0]), sd=lambda: float(_post().new_group().sd[0])),
        mistakes=(
            Mistake(
                "new_slope = draws.posterior.slope_mean",
                "This is the average of the population. A new market differs from it by `slope_sd` or so.",
                value=lambda: (_post().hyper.slope_mean.mean, _post().hyper.slope_mean.sd),
            ),
            Mistake(
                "population = draws.posterior\n"
                "rng = np.random.default_rng(1)\n"
                "new_slope = rng.normal(population.slope_mean.mean(), population.slope_sd.mean(), 1000)",
                "You put in the posterior *means* of `slope_mean` and `slope_sd`, as if they were known. "
                "Use every draw of the two.",
                value=lambda: (_post().hyper.slope_mean.mean, _post().hyper.slope_sd.mean),
            ),
            Mistake(
                "population = draws.posterior\n"
                "rng = np.random.default_rng(1)\n"
                "new_slope = population.slope_mean + rng.normal(size=population.slope_mean.shape)",
                "The slopes vary around the mean with a standard deviation of 1 here. Use the draws of `slope_sd`.",
                value=lambda: (_post().hyper.slope_mean.mean, float(np.hypot(_post().hyper.slope_mean.sd, 1))),
            ),
            Mistake(
                "population = draws.posterior\n"
                "rng = np.random.default_rng(1)\n"
                "new_slope = population.slope_mean + population.slope_sd * rng.normal()",
                "It looks as if one random number served all the draws. Each draw needs a number of its own.",
                when=_one_number_for_all,
            ),
            Mistake(
                'new_slope = draws.posterior["slope"].sel(market="China")',
                "These are draws of China's own slope. A third market has no data of its own.",
                value=lambda: (_post().slope.mean[1], _post().slope.sd[1]),
            ),
        ),
    ),
)
