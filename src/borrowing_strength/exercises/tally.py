"""Remember what a learner has tried: how often, how many hints were shown, and how many of the tries were right."""

from typing import NamedTuple

from borrowing_strength.core import state


class Tally(NamedTuple):
    """What has happened with one exercise: honest tries, hints shown, and how many of the tries were right."""

    tries: int = 0
    hints: int = 0
    right: int = 0


def read(exercise_id: str) -> Tally:
    """Read what has happened: the larger of what the file says (none if damaged) and of what this session has seen."""
    return Tally(**(state.read(f"exercise-{exercise_id}", _sound, _larger) or {}))


def add(exercise_id: str, **counts: int) -> None:
    """Count something that happened; this session remembers it even if no file can be written."""

    def update(before: dict[str, int] | None) -> dict[str, int]:
        return {name: count + counts.get(name, 0) for name, count in (before or Tally()._asdict()).items()}

    state.change(f"exercise-{exercise_id}", update, _sound, _larger)


def _sound(stored: dict[str, int]) -> dict[str, int] | None:
    counts = {name: stored[name] for name in Tally._fields}
    return counts if all(type(count) is int and 0 <= count < 1_000_000 for count in counts.values()) else None


def _larger(stored: dict[str, int], seen: dict[str, int]) -> dict[str, int]:
    return {name: max(stored[name], seen[name]) for name in Tally._fields}
