"""Exercises of lesson 6, Headlines."""

from borrowing_strength.exercises.records import Number, exercise

EXERCISES = (
    exercise(
        "6.1 Name what is asked",
        purpose="Say which idea the exercise trains.",
        solution="share = 3 / 12",
        check=Number(abs_tol=0.005),
        mistakes={"12 / 3": "Turned over: the part comes first, then the whole."},
        neighbours={"the number of those that failed": "3"},
        hints=["What is the part, and what is the whole?", "Divide the failures by all that were tried."],
        why="A share is a part of a whole.",
    ),
)
