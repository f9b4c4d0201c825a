"""Predictions of lesson 01, Beta-binomial shrinkage."""

from borrowing_strength.predictions import choice, numbers, order

PREDICTIONS = [
    numbers(
        "1.a",
        "of six",
        why="They are the pairs with A, whose raw rate lies 0.2 to 0.3 below the others. Among B, C and D the "
        "gaps are of a size that chance alone often makes with 100 visitors each.",
    ),
    choice(
        "1.b",
        {"a": "Gammas", "b": "MeanConcentration", "c": "PowerLaw"},
        answer="a",
        why="It holds a and b each near one value, so the weight of the population is nearly settled before the "
        "first click. A hyperprior can decide without saying so: look at it on the scale of what it does.",
    ),
    numbers(
        "1.c",
        "",
        why="Further than it may seem. Ten trials say little, and the model takes the four variants for "
        "relatives, so A borrows most of its estimate from the other three.",
    ),
    choice(
        "1.d",
        {"a": "wider", "b": "narrower", "c": "as wide as here"},
        answer="a",
        why="More data on A, and less certainty about the others. With 100 trials A's low rate is hardly to be "
        "doubted. So variants can differ a lot, the population is wide, and a wide population lends less.",
    ),
    choice(
        "1.e",
        {"a": "next to nothing", "b": "A's estimate, hardly D's", "c": "both estimates alike"},
        answer="b",
        why="D has 100 trials of its own to stand on. A stands on the population, and four groups leave much of "
        "what is known about a population to the hyperprior.",
    ),
    numbers(
        "1.f",
        "trials",
        why="Half of the way is where a group's own trials weigh as much as the population. So the population "
        "counts as about that many trials here (about: it is uncertain itself, and A's trials change it).",
    ),
    order(
        "1.g",
        ["no pooling", "partial pooling", "complete pooling"],
        answer=["partial pooling", "no pooling", "complete pooling"],
        why="No pooling takes luck for truth, complete pooling takes truth for luck. Which of the two does more "
        "harm depends on the data; here they are nearly level.",
    ),
]
