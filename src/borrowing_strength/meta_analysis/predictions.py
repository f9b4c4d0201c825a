"""Predictions of lesson 05, Gibbs-sampled meta-analysis."""

from borrowing_strength.predictions import choice, numbers

PREDICTIONS = [
    numbers(
        "5.a",
        "%",
        why="Nothing was changed: the rerun has the same tests and the same true rates. "
        "Why the five fell all the same is exercise 5.2.",
    ),
    numbers(
        "5.b",
        "%",
        why="Not far from 95%. But look at the other columns: the estimate is biased, its sd is nearly twice the "
        "stated one, and all the intervals that miss lie on one side.",
    ),
    numbers(
        "5.c",
        "%",
        why="The window shows a pile of small spreads, and leaves out most of the prior. An area is a "
        "probability: add the bars up before you believe the picture.",
    ),
    numbers(
        "5.d",
        {"expected average": "%", "nearer to the truth": "tests"},
        why="Shrinking is a bet on the many, not on the one: it helps most tests, and it does not help all.",
    ),
    numbers(
        "5.e",
        "%",
        why="The largest of forty estimates is the best candidate, and it has thirty-nine rivals.",
    ),
    choice(
        "5.f",
        {"a": "fewer than the five winners", "b": "the five winners", "c": "more than the five winners"},
        answer="c",
        why="A test guards against false alarms at any price. A decision weighs what a false alarm costs against "
        "what a missed chance costs.",
    ),
    numbers(
        "5.g",
        {"forty tests": "points", "five tests": "points"},
        why="Forty tests say themselves how far lifts spread. Five leave much of that to the prior.",
    ),
    choice(
        "5.h",
        {"a": "4", "b": "40", "c": "400"},
        answer="b",
        why="From a bad start a chain needs its time. So the first sweeps are thrown away, and one looks how many.",
    ),
    choice(
        "5.i",
        {"a": "at large spreads", "b": "at small ones"},
        answer="a",
        why="Where the effects differ a lot, they leave their average much room. Where they are close together, "
        "they hold it.",
    ),
    choice(
        "5.j",
        {"a": "in turns", "b": "at once", "c": "neither"},
        answer="b",
        why="These numbers say how well a chain moves. Whether it moves in the right place, they cannot say.",
    ),
    choice(
        "5.k",
        {
            "a": "in turns: the spread alone",
            "b": "in turns: all three",
            "c": "at once: the spread alone",
            "d": "at once: all three",
        },
        answer="c",
        why="A fault can sit in one quantity and leave the ranks of the others nearly flat. So calibrate every "
        "quantity that you report.",
    ),
    choice(
        "5.l",
        {"a": "both", "b": "the average", "c": "the spread", "d": "neither"},
        answer="b",
        why="The average no longer has to wait for the effects. The spread still sees the world through them: to "
        "help it, they have to go as well.",
    ),
    choice(
        "5.m",
        {"a": "about as many", "b": "up to twenty times", "c": "more than twenty times"},
        answer="c",
        why="Each of these draws is independent, for only one dimension had to be added up. And they need no loop "
        "over sweeps.",
    ),
    choice(
        "5.n",
        {
            "a": "the most extreme, away from the average",
            "b": "the most extreme, towards the average",
            "c": "those in the middle, and the extreme ones least",
        },
        answer="a",
        why="A population with heavy tails expects a few large effects, so it takes an extreme estimate less for "
        "luck. What lies near the average hardly notices.",
    ),
]
