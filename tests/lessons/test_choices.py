"""The right option is not known by its length: over the course it is the longest no more often than chance has it."""

import re

import notebooks
from borrowing_strength.exercises.records import load_exercises

OPTION = re.compile(r"^- \[([ x])\] (.+)$", re.MULTILINE)


def test_in_the_exercises():
    choices = [e.check for e in load_exercises().values() if type(e.check).__name__ == "Choice"]
    longest = [max(check.options, key=lambda letter: len(check.options[letter])) == check.right for check in choices]
    assert sum(longest) <= sum(1 / len(check.options) for check in choices)


def test_in_the_quizzes():
    longest = chance = 0
    for path in sorted((notebooks.ROOT / "docs" / "teach").glob("[0-9]*.md")):
        for question in path.read_text("utf-8").split("## Exit quiz")[1].split("### ")[1:]:
            options = OPTION.findall(question)
            longest += max(options, key=lambda option: len(option[1]))[0] == "x"
            chance += 1 / len(options)
    assert chance > 5
    assert longest <= chance
