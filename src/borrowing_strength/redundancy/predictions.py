"""Predictions of lesson 03, Redundancy and failure risk."""

from borrowing_strength.predictions import choice, numbers, order

PREDICTIONS = [
    numbers(
        "3.a",
        {"sd 0.03": "times", "sd 0.05": "times"},
        why="The curve of p^5 bends upward. So the large p that you cannot rule out make most of the risk, though"
        " the mean stays where it is.",
    ),
    numbers(
        "3.b",
        {"above the interval": "%", "below it": "%"},
        why="About 2% on each side would be right. The average rests on rare draws with a large p, and a run with"
        " too few of them is too low and looks too precise at once.",
    ),
    numbers(
        "3.c",
        "times",
        why="The average of a product of independent numbers is the product of their averages. What does harm is "
        "uncertainty that the pumps share.",
    ),
    numbers(
        "3.d",
        "times",
        why="Here the pumps' fates are correlated, not the beliefs about them: a shared push takes each pump from"
        " *works* to *fails*. A rho means nothing until you know what it correlates.",
    ),
    choice(
        "3.e",
        {
            "a": "correlated failures, far above the two others",
            "b": "correlated beliefs, by far",
            "c": "none by far: the three lie close together",
        },
        answer="c",
        why="Over what can be seen, the correlation between two failures, the recipes nearly agree for these "
        "pumps. The large gap came from the two meanings of rho.",
    ),
    choice(
        "3.f",
        {"a": "the sixth pump of the same make", "b": "the test", "c": "the pump of another make"},
        answer="c",
        why="In this model a common cause takes every pump that shares it. More of the same buys nothing against "
        "it, and the pump of another make stands alone. With a share of 0 (and an sd of 0.03) it is the least "
        "of the three: what to buy depends on why pumps fail together.",
    ),
    choice(
        "3.g",
        {"a": "pump 2", "b": "pump 4", "c": "pump 7", "d": "pump 10"},
        answer="c",
        why="What counts is how long a pump ran: pump 7 ran 1,050 hours. On the log scale of the figure pump 2 "
        "moves further, because the others' level is many times its own.",
    ),
    numbers(
        "3.h",
        "times",
        why="Nobody knows the population, so the five pumps share what is unknown about it, and Jensen's "
        "inequality is back. How much it does depends on the prior: ten pumps do not settle it.",
    ),
    numbers(
        "3.i",
        "times",
        why="After tests without failure the belief lies close to zero, with a long tail to the right. The mean "
        "hardly sees that tail; the fifth power lives on it.",
    ),
    choice(
        "3.j",
        {"a": "more pumps", "b": "as many", "c": "fewer"},
        answer="b",
        why="In this model a common cause takes the spare pump as well, so one more buys nothing against it. It still "
        "costs what it costs. Nearly all of the loss is now the cause's, and pumps do not lower it.",
    ),
    order(
        "3.k",
        ["lognormal", "two batches", "a lump at 1", "Beta"],
        answer=["two batches", "Beta", "lognormal", "a lump at 1"],
        why="Mean and sd are the same in all four. What counts for the fifth power is how far p can go, and how "
        "often: the batches end at 8%, the lump goes all the way.",
    ),
]
