"""Predictions of lesson 02, Mixtures of binomials."""

from borrowing_strength.predictions import choice, numbers

PREDICTIONS = [
    choice(
        "2.a",
        {"a": "game one, with the fair coin", "b": "game two, with the bent coins", "c": "both the same"},
        answer="a",
        why="If you knew the coin, ten flips would have the variance 10 p (1 − p), which is largest for a fair coin. "
        "What is larger in game two is the other part.",
    ),
    numbers(
        "2.b",
        {"1 flip": "%", "100 flips": "%", "1,000 flips": "%"},
        why="Luck grows with the number of flips, not knowing the coin with its square. So one flip is mostly "
        "luck, and a long run is mostly the coin.",
    ),
    numbers(
        "2.c",
        {"two kinds": "flips", "with fair coins": "flips"},
        why="What speaks for a fair coin is that no lead comes, and it takes long to see that something does not come.",
    ),
    numbers(
        "2.d",
        {"aleatoric": "", "epistemic": ""},
        why="Watching tells you which coin it is: that removes the epistemic part. It does not tell you how the "
        "coin will fall.",
    ),
    choice(
        "2.e",
        {
            "a": "neither",
            "b": "the variance alone",
            "c": "the probability of ten heads alone",
            "d": "both the variance and that probability",
        },
        answer="c",
        why="The variance of the count needs only the mean and the sd of p, and both stay. Ten heads in ten flips"
        " need more of the distribution: beliefs that agree on mean and variance can differ on rare events.",
    ),
    numbers(
        "2.f",
        {"one rate for all": "of 40,000", "a population of rates": "of 40,000"},
        why="If there were one rate, chance would hardly ever spread 71 experiments so far. The population was "
        "fitted to this spread, so that it passes says little.",
    ),
    choice(
        "2.g",
        {
            "a": "both",
            "b": "the number of experiments without a tumour",
            "c": "the largest raw rate of the 71 experiments",
            "d": "neither",
        },
        answer="b",
        why="The largest of 71 raw rates often comes out as large by luck alone. A check sees what its statistic "
        "sees, and a wrong model can pass one.",
    ),
    numbers(
        "2.h",
        "of 120",
        why="A few hundred visitors tell 4% from 9% nearly always; those that go wrong are mostly small. "
        "With rates nearer to each other fewer would be told apart.",
    ),
    numbers(
        "2.i",
        "%",
        why="Whichever coin it is, its flips agree with probability 0.7² + 0.3². One number for the next flip, 0.5, "
        "does not say so.",
    ),
    choice(
        "2.j",
        {
            "a": "far above that of one kind, and far above that of three",
            "b": "far above that of one kind, level with that of three",
            "c": "far above that of one kind, far below that of three",
            "d": "level with both",
        },
        answer="b",
        why="One kind cannot spread the campaigns so far. A third kind has nothing to add here: its lead or lag "
        "is about as large as what another deal into tenths makes of it.",
    ),
]
