"""Exercises that check themselves: `check`, `hint`, `solution` and `progress`."""

from borrowing_strength.exercises.engine import check, hint, progress, solution

__all__ = ["check", "hint", "progress", "solution"]
