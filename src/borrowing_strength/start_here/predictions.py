"""Predictions of lesson 00, Start here."""

from borrowing_strength.predictions import numbers

PREDICTIONS = [
    numbers(
        "0.a",
        "%",
        why="The prior counts as 20 conversions of 200, the data are 6 of 40: together 26 of 240. Forty visitors "
        "against two hundred move the belief by a sixth of the way to 15%.",
    ),
]
