"""Predictions of lesson 06, Headlines."""

from borrowing_strength.predictions import choice, numbers

PREDICTIONS = [
    numbers(
        "6.a",
        "%",
        why="About half is gone, though nothing was changed but the deal. Exercise 6.2 asks why.",
    ),
    numbers(
        "6.b",
        "%",
        why="A small p-value says that luck alone would seldom do this to one arm, chosen beforehand. It does "
        "not say that you will see it again: "
        "the best of several was looked at, and the second half has luck of its own.",
    ),
    choice(
        "6.c",
        {"a": "too low", "b": "about right", "c": "too high"},
        answer="a",
        why="One spread has to serve the many headlines that are alike and the few that are not. It is too small "
        "for the few, and their winners are pulled back too far.",
    ),
    numbers(
        "6.d",
        "%",
        why="With equal traffic an arm with more clicks has the higher posterior mean, however far arms are "
        "pulled: their order stays. What changes is what you promise. Impressions were only nearly equal, and "
        "that leaves a few.",
    ),
    numbers(
        "6.e",
        "headlines",
        why="A headline more is a draw more from the population, and the best of many draws lies far out. In this "
        "population that is worth more than knowing each of them well.",
    ),
]
