"""What an exercise is. Each lesson's folder holds its own in `exercises.py`."""

import functools
import importlib
import importlib.util
import pkgutil
import re
from dataclasses import dataclass

from borrowing_strength.exercises.checkers import (
    Array,
    Checker,
    Choice,
    Draws,
    Function,
    Mistake,
    Number,
    Order,
)
from borrowing_strength.exercises.models import Model

__all__ = [
    "Array",
    "Choice",
    "Draws",
    "Exercise",
    "Function",
    "Mistake",
    "Model",
    "Number",
    "Order",
    "load_exercises",
]


@dataclass(frozen=True)
class Exercise:
    """One exercise, from the stub in the notebook to the reason behind the answer.

    Attributes
    ----------
    id : str
        Lesson and place in it, such as ``"1.2"``.
    title : str
        A few words.
    purpose : str
        What this exercise trains, in one sentence; for authors and teachers.
    stub : str
        What the learner finds in the cell, above the line with the check. It runs; ``...`` marks the gaps.
    answer : str
        The name that is passed to the check.
    solution : str
        What could stand in the place of the stub.
    why : str
        Shown with a right answer: why it matters.
    hints : tuple of str
        At least two, each one step further.
    check : Checker
        Judges the answer.
    mistakes : tuple of Mistake
        Known wrong answers, the most specific first. With those that the check diagnoses by itself
        (the wrong options of a choice) there are at least two.

    Raises
    ------
    ValueError
        If a part is missing or does not fit.
    """

    id: str
    title: str
    purpose: str
    stub: str
    answer: str
    solution: str
    why: str
    hints: tuple[str, ...]
    check: Checker
    mistakes: tuple[Mistake, ...] = ()

    def __post_init__(self) -> None:
        complaints = {
            "id must look like '1.2'": not re.fullmatch(r"\d+\.\d+", self.id),
            "stub needs a gap (...)": "..." not in self.stub,
            "stub must define the answer": not re.search(rf"\b{re.escape(self.answer)}\b", self.stub),
            "at least two hints are needed": len(self.hints) < 2,
            "at least two mistakes are needed": len(self.all_mistakes) < 2,
            "title, purpose, solution and why must not be empty": not all(
                (self.title, self.purpose, self.solution, self.why)
            ),
        }
        for complaint, applies in complaints.items():
            if applies:
                raise ValueError(f"exercise {self.id!r}: {complaint}")

    @property
    def lesson(self) -> str:
        """The number of the lesson in two digits, as its file names have it."""
        return self.id.split(".")[0].zfill(2)

    @property
    def all_mistakes(self) -> tuple[Mistake, ...]:
        """The listed mistakes and those that the check diagnoses by itself."""
        return (*self.mistakes, *self.check.known_mistakes(self.answer))

    def cell(self, body: str) -> str:
        """Write the source of the exercise's cell.

        Parameters
        ----------
        body : str
            The stub, the solution or the code of a mistake.

        Returns
        -------
        str
            The body and the line that checks it.
        """
        last = [line for line in body.splitlines() if line[:1].strip()][-1]
        gap = "\n\n\n" if last.startswith(("def ", "class ")) else "\n"  # as the formatter wants it
        return f'{body}{gap}bs.check("{self.id}", {self.answer})'


@functools.cache
def load_exercises() -> dict[str, Exercise]:
    """Collect the exercises of every lesson's folder.

    Returns
    -------
    dict
        From id to exercise, in the order of the course.

    Raises
    ------
    ValueError
        If two exercises have the same id.
    """
    package = importlib.import_module(__package__.rpartition(".")[0])
    folders = [part.name for part in pkgutil.iter_modules(package.__path__) if part.ispkg]
    exercises: dict[str, Exercise] = {}
    for name in (f"{package.__name__}.{folder}.exercises" for folder in folders):
        found = importlib.import_module(name).EXERCISES if importlib.util.find_spec(name) else ()
        for exercise in found:
            if exercise.id in exercises:
                raise ValueError(f"{name}: exercise {exercise.id} exists already")
            exercises[exercise.id] = exercise
    return dict(sorted(exercises.items(), key=lambda item: tuple(map(int, item[0].split(".")))))
