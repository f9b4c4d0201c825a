"""Predictions of lesson 02, Mixtures of binomials."""

from borrowing_strength.predictions import choice, numbers

PREDICTIONS = [
    numbers(
        "2.a",
        {"1 flip": "%", "100 flips": "%", "1,000 flips": "%"},
        why="Luck grows with the number of flips, not knowing the coin with its square. So one flip is mostly "
        "luck, and a long run is mostly the coin.",
    ),
    numbers(
        "2.b",
        {"two kinds": "flips", "with fair coins": "flips"},
        why="What speaks for a fair coin is that no lead comes, and it takes long to see that something does not come.",
    ),
    numbers(
        "2.c",
        {"aleatoric": "", "epistemic": ""},
        why="Watching tells you which coin it is: that removes the epistemic part. It does not tell you how the "
        "coin will fall.",
    ),
    choice(
        "2.d",
        {"a": "neither", "b": "the variance alone", "c": "the probability of ten heads alone", "d": "both"},
        answer="c",
        why="The variance of the count needs only the mean and the sd of p, and both stay. Ten heads in ten flips"
        " need more of the distribution: beliefs that agree on mean and variance can differ on rare events.",
    ),
    numbers(
        "2.e",
        {"one rate for all": "of 40,000", "a population of rates": "of 40,000"},
        why="If there were one rate, chance would hardly ever spread 71 experiments so far. The population was "
        "fitted to this spread, so that it passes says little.",
    ),
    choice(
        "2.f",
        {"a": "both", "b": "the number of experiments without a tumour", "c": "the largest raw rate", "d": "neither"},
        answer="b",
        why="The largest of 71 raw rates often comes out as large by luck alone. A check sees what its statistic "
        "sees, and a wrong model can pass one.",
    ),
    numbers(
        "2.g",
        {"over one kind": "", "over three kinds": ""},
        why="One kind cannot spread the campaigns so far. A third kind has nothing to add here: its lead or lag "
        "is about as large as what another deal into tenths makes of it.",
    ),
]
