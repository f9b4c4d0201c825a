"""Predictions of lesson 04, Multilevel regression."""

from borrowing_strength.predictions import choice, numbers

PREDICTIONS = [
    choice(
        "4.a",
        {"a": "all three", "b": "together and in Canada", "c": "in Canada alone, not together", "d": "together alone"},
        answer="b",
        why="A gain of five points is too small for 100 visitors an arm to tell from chance. Thrown together, the"
        " two markets hide that only one measured gain was large.",
    ),
    choice(
        "4.b",
        {"a": "2%", "b": "30%", "c": "90%"},
        answer="b",
        why="The curve from log odds to rates is steepest in the middle and flat at both ends, so one step in log"
        " odds is worth least near 0% and 100%.",
    ),
    choice(
        "4.c",
        {"a": "take away a third or more", "b": "take away less than a third", "c": "leave them, or make them wider"},
        answer="b",
        why="Two markets say little about a population of effects, so there is little to borrow. Where two "
        "markets contradict each other there may be nothing.",
    ),
    choice(
        "4.d",
        {"a": "0.895 again", "b": "below 0.8", "c": "above 0.95"},
        answer="b",
        why="In control coding only the other arm gets the slope, so rates vary more between markets there. Which arm"
        " that is depends on a name, and with two markets the answer does too.",
    ),
    choice(
        "4.e",
        {
            "a": "Bonferroni makes the fewest, and pooling errs least",
            "b": "pooling does both",
            "c": "Bonferroni does both",
        },
        answer="a",
        why="A correction for many tests changes which claims are made, and leaves every estimate where it was. "
        "Pooling changes the estimates.",
    ),
    numbers(
        "4.f",
        "%",
        why="A step that fits the wide part of the funnel is too long for its neck, so the sampler is turned back"
        " before it gets in. The divergences were its complaint.",
    ),
]
