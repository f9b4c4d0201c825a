"""Exercises of lesson 00, Start here."""

from functools import partial

from scipy.stats import beta

from borrowing_strength.exercises.records import Choice, Given, Number, exercise

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
        purpose="Carry the conjugate update to new numbers, and read a tail probability.",
        solution="prob_above_10 = beta(2 + 24, 18 + 136).sf(0.10)",
        check=Number(abs_tol=0.0005),
        mistakes={
            "beta(2 + 24, 18 + 136).cdf(0.10)": "This is the probability *below* 10%. `.sf` gives the other side.",
            "beta(24, 136).sf(0.10)": "The prior is missing: past forms count as 2 conversions and 18 visitors without one.",
            "posterior.sf(0.10)": "This is the answer for the first 40 visitors. Use the 24 conversions of 160 instead.",
            "beta(2 + 24, 18 + 160).sf(0.10)": "The second number counts the visitors who did *not* convert: 136, not 160.",
            "beta(8 + 24, 52 + 136).sf(0.10)": "The first 40 visitors are among the 160: this counts them twice. Start from the prior, Beta(2, 18).",
        },
        neighbours={
            "the raw rate of the 160 visitors": "24 / 160",
            "the answer under a flat prior, Beta(1, 1)": "beta(1 + 24, 1 + 136).sf(0.10)",
            "the posterior mean of the rate": "beta(2 + 24, 18 + 136).mean()",
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
