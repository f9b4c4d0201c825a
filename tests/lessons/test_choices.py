"""The right option is not known by its length: over the course it is the longest no more often than chance has it.

`pytest -rP` shows the ranks: how often the right option is the longest, the second, and so on.
"""

from collections import Counter

import quiz

import notebooks
from borrowing_strength import predictions
from borrowing_strength.exercises.records import Choice, load_exercises


def hold(what: str, questions: list[tuple[list[str], str]]) -> None:
    """Print and judge the ranks; each question is its options and the right one."""
    ranks = Counter(sum(len(other) > len(right) for other in options) + 1 for options, right in questions)
    chance = sum(1 / len(options) for options, _ in questions)
    print(f"{what}: rank of the right one by length, longest first (by chance each {chance:.1f} of {len(questions)}):")
    print(", ".join(f"{rank}: {ranks[rank]}" for rank in range(1, max(ranks) + 1)))
    shortest = sum(all(len(right) < len(other) for other in options if other != right) for options, right in questions)
    assert ranks[1] <= chance
    assert shortest <= 1.5 * chance  # nor is it the shortest by rule


def test_in_the_exercises():
    checks = [exercise.check for exercise in load_exercises().values() if isinstance(exercise.check, Choice)]
    hold("exercises", [(list(check.options.values()), check.options[check.right]) for check in checks])


def test_in_the_quizzes():
    questions = [question for path in notebooks.lessons() for question in quiz.of_lesson(path.stem)]
    assert len(questions) > 20
    hold("quizzes", [([o.text for o in q.options], next(o.text for o in q.options if o.right)) for q in questions])


def test_in_the_predictions():
    asked = [record for record in predictions.load_predictions().values() if hasattr(record, "options")]
    hold("predictions", [(list(record.options.values()), record.options[record.answer]) for record in asked])
