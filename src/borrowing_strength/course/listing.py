"""``borrowing-strength list``: the lessons, their minutes, their exercises and the learner's progress."""

import argparse
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from borrowing_strength.course.folder import count, lesson_files, published_folder
from borrowing_strength.exercises import engine
from borrowing_strength.exercises.feedback import TONES
from borrowing_strength.exercises.records import Exercise, load_exercises


@dataclass(frozen=True)
class Lesson:
    """What `list` shows of a lesson; without its notebook only the number and the exercises are known."""

    number: str
    exercises: list[Exercise]
    minutes: int | None = None
    question: str = ""
    title: str = ""


def notebooks_folder() -> Path | None:
    """Find the lessons: here, in a folder ``notebooks`` here or above, or those that came with the package."""
    here = Path.cwd()
    places = [here, *(folder / "notebooks" for folder in (here, *here.parents)), published_folder()]
    return next((place for place in places if lesson_files(place)), None)


def lessons() -> list[Lesson]:
    """Collect the lessons from their notebooks, and from the records where there is no notebook, by number."""
    found = {number: Lesson(number, _exercises_of(number)) for number in {e.lesson for e in load_exercises().values()}}
    folder = notebooks_folder()
    for path in lesson_files(folder) if folder else ():
        facts = _facts(path)
        if "lesson" in facts:
            number, said = str(facts["lesson"]), (facts.get("minutes"), facts.get("question", ""), facts["title"])
            found[number] = Lesson(number, _exercises_of(number), *said)
    return [found[number] for number in sorted(found)]


def _exercises_of(number: str) -> list[Exercise]:
    return [exercise for exercise in load_exercises().values() if exercise.lesson == number]


def _facts(path: Path) -> dict[str, Any]:
    # Plain JSON: a list should not wait for nbformat, nor stop at a notebook that is half saved.
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        heading = re.match(r"# (?:\d+\. )?(.+)", "".join(notebook["cells"][0]["source"]))
        return dict(notebook["metadata"]["borrowing_strength"]) | {"title": heading[1].strip() if heading else ""}
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def run(options: argparse.Namespace) -> int:
    """``borrowing-strength list``."""
    shown, right, minutes = lessons(), 0, 0
    for lesson in shown:
        kinds = [engine.status(exercise) for exercise in lesson.exercises]
        title = f" {lesson.title}" if lesson.title else ""
        time = f", {lesson.minutes} minutes" if lesson.minutes else ""
        print(f"Lesson {lesson.number}{title}{time}: {kinds.count('right')} of {len(kinds)} exercises right")
        if lesson.question:
            print(f"  {lesson.question}")
        for exercise, kind in zip(lesson.exercises, kinds, strict=True):
            print(f"  {TONES[kind].sign} {exercise.id:5} {exercise.title}")
        right, minutes = right + kinds.count("right"), minutes + (lesson.minutes or 0)
    exercises = sum(len(lesson.exercises) for lesson in shown)
    print(f"{count(len(shown), 'lesson')}, {minutes} minutes: {right} of {exercises} exercises right")
    return 0
