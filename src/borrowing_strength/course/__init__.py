"""The command ``borrowing-strength``, and what it is made of."""

from borrowing_strength.course.command import main, ready

__all__ = ["main", "ready"]
