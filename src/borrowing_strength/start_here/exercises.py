"""Exercises of lesson 00, Start here."""

from functools import partial

from scipy.stats import beta

from borrowing_strength.exercises.records import Choice, Given, Number, When, exercise

GIVEN = Given(beta=beta, posterior=beta(2 + 6, 18 + 34))

exercise = partial(exercise, given=GIVEN)

EXERCISES = (
    exercise(
        "0.1 Where will it land?",
        purpose="Predict before running: a posterior mean lies between the prior's mean and the data's rate.",
        answer="where",
        check=Choice(
            options={
                "a": "at 10%, where past forms were",
                "b": "between 10% and 15%",
                "c": "at 15%, what the 40 visitors did",
                "d": "above 15%, because the data confirm that the form is better",
            },
            right="b",
            wrong={
                "a": "At 10% the 40 visitors would have taught you nothing. The data move the estimate.",
                "c": "At 15% the past forms would have taught you nothing. The prior holds the estimate back.",
                "d": "Two sources that say 10% and 15% cannot agree on more than 15%. An average stays between.",
            },
        ),
        hints=[
            "Two numbers pull at the answer: what past forms did, and what this form did.",
            "The data carry 40 visitors, the prior is worth 20. Neither of them wins outright.",
        ],
        why="A posterior mean is a compromise: it lies between the prior mean (10%) and the raw rate (15%), "
        "nearer to the one that carries more data. All of this course rests on that compromise.",
    ),
    exercise(
        "0.2 Four times the data",
        paper="The prior is Beta(2, 18). Which Beta is the posterior? Sketch it, and mark the 10%.",
        purpose="Carry the conjugate update to new numbers, and read a tail probability.",
        solution="prob_above_10 = beta(2 + 24, 18 + 136).sf(0.10)",
        check=Number(abs_tol=0.0005),
        mistakes={
            "beta(2 + 24, 18 + 136).cdf(0.10)": "This is the probability *below* 10%. `.sf` gives the other side.",
            "beta(24, 136).sf(0.10)": "The prior is missing: past forms count as 2 conversions and 18 visitors without one.",
            "posterior.sf(0.10)": When(
                lambda answer: abs(answer - 0.766) < 0.006,
                "This is the answer for the first 40 visitors. Use the 24 conversions of 160 instead.",
            ),
            "beta(2 + 24, 18 + 160).sf(0.10)": "The second number counts the visitors who did *not* convert: 136, not 160.",
            "beta(8 + 24, 52 + 136).sf(0.10)": "The first 40 visitors are among the 160: this counts them twice. Start from the prior, Beta(2, 18).",
            "beta(2 + 18, 18 + 102).sf(0.10)": "The first 40 visitors are missing: 24 of all 160 signed up, and all 160 count once.",
            "beta(8 + 24, 52 + 160).sf(0.10)": "Two things: the first 40 visitors are among the 160, so the prior is Beta(2, 18); and "
            "the second number counts those who did *not* convert, 136.",
            "beta(8 + 24, 52 + 96).sf(0.10)": "24 is the number of all who signed up. Of the 120 later visitors it was 18.",
            "beta(2 + 24, 18 + 120).sf(0.10)": "120 is the number of later visitors. Of all 160 visitors 136 did *not* convert.",
            "beta(2 + 24, 136).sf(0.10)": "The prior's 18 visitors who left are missing from the second number.",
            "beta(24, 18 + 136).sf(0.10)": "The prior's 2 sign-ups are missing from the first number.",
            "beta(2 + 24, 20 + 136).sf(0.10)": "20 is the number of the prior's visitors in all. 18 of them left.",
            "beta(2 + 24, 20 + 160).sf(0.10)": "The second number counts those who left: 18 of the prior's 20 visitors, and 136 of the 160.",
            "beta(24, 160).sf(0.10)": "The prior is missing, and the second number counts those who left: 136, not 160.",
            "beta(10 + 24, 90 + 136).sf(0.10)": "This prior is worth 100 visitors. The one to start from is worth 20, 2 of whom signed up.",
            "beta(4 * 8, 4 * 52).sf(0.10)": "This makes the prior four times as strong as well. Only the data are four times as many.",
            "beta(2 + 24, 18 + 136).sf(0.15)": "This is the probability above 15%. Asked is the one above 10%.",
            "beta(2 + 24, 18 + 136).sf(26 / 180)": "This is the probability above the posterior mean. Asked is the one above 10%.",
            "beta(2 + 24, 18 + 136).ppf(0.10)": "`.ppf` goes from a probability to a rate. You have the rate, 10%: `.sf` gives the probability above it.",
            "beta(2 + 24, 18 + 136).isf(0.10)": "`.isf` goes from a probability to a rate. You have the rate, 10%: `.sf` gives the probability above it.",
            "beta(2 + 24, 18 + 136).sf(10)": "Write 10% as 0.10: no rate is above 10.",
            "beta(18 + 136, 2 + 24).sf(0.10)": When(
                lambda answer: 0.9995 < answer <= 1,
                "This comes out as certain. In a Beta those who signed up come first, those who left second.",
            ),
            "1 - (1 - posterior.sf(0.10)) ** 4": When(
                lambda answer: 0.9965 < answer < 0.9975,
                "The four times 40 visitors all speak of one rate. They are no four chances: add their counts.",
            ),
            "beta(2 + 24, 18 + 96).sf(0.10)": "96 is 24 less than the 120 later visitors. Of all 160 visitors 136 did *not* convert.",
            "beta(2 + 6, 18 + 154).sf(0.10)": "Six signed up of the first 40. Of all 160 visitors 24 did.",
            """
            from scipy.stats import binom
            prob_above_10 = binom.sf(23, 160, 0.10)
            """: "This is a p-value: how often a rate of 10% gives 24 or more. Asked is how probable a rate above 10% is, given the 24.",
            """
            from scipy.stats import binom
            prob_above_10 = binom.sf(24, 160, 0.10)
            """: "This is near a p-value: how often a rate of 10% gives more than 24. Asked is how probable a rate above 10% is, given the 24.",
            """
            from scipy.stats import binom
            prob_above_10 = 1 - binom.sf(23, 160, 0.10)
            """: "One minus a p-value is no probability of a rate: it knows no prior. Ask the posterior.",
            """
            from scipy.stats import norm
            prob_above_10 = norm.cdf((0.15 - 0.10) / (0.15 * 0.85 / 160) ** 0.5)
            """: "A normal distribution round the raw rate leaves out the prior. The exact posterior is a Beta: add the counts.",
        },
        neighbours={
            "the raw rate of the 160 visitors": "24 / 160",
            "the answer under a flat prior, Beta(1, 1)": "beta(1 + 24, 1 + 136).sf(0.10)",
            "the answer under the prior Beta(1/2, 1/2)": "beta(24.5, 136.5).sf(0.10)",
            "the difference between the raw rate and 10%": "24 / 160 - 0.10",
            "the posterior mean of the rate": "beta(2 + 24, 18 + 136).mean()",
            "the answer of the prior alone, before any visitor": "beta(2, 18).sf(0.10)",
            "the posterior median of the rate": "beta(2 + 24, 18 + 136).median()",
            "the posterior standard deviation of the rate": "beta(2 + 24, 18 + 136).std()",
            "the lower end of the 95% interval": "beta(2 + 24, 18 + 136).ppf(0.025)",
            "the upper end of the 95% interval": "beta(2 + 24, 18 + 136).ppf(0.975)",
            "the probability below 15%": "beta(2 + 24, 18 + 136).cdf(0.15)",
            "the density at 10%": "beta(2 + 24, 18 + 136).pdf(0.10)",
        },
        hints=[
            "The posterior is `beta(2 + conversions, 18 + visitors without one)`.",
            "24 of 160 converted, so 136 did not. `.sf(0.10)` is the probability above 10%.",
        ],
        why="The rate is the same 15%, but four times the visitors turn a bet of three to one into one of nearly thirty to one. "
        "Every further visitor counts, and none has to be counted twice.",
    ),
)
