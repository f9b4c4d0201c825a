"""The command ``borrowing-strength``, and what it is made of."""

from borrowing_strength.course.command import main
from borrowing_strength.course.doctor import ready

__all__ = ["main", "ready"]
