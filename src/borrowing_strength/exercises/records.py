"""What an exercise is. Each lesson's folder holds its own in `exercises.py`."""

import ast
import functools
import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

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
from borrowing_strength.exercises.code import Code, Given, clean, variant
from borrowing_strength.exercises.models import Model

__all__ = [
    "Array",
    "Choice",
    "Draws",
    "Exercise",
    "Function",
    "Given",
    "Mistake",
    "Model",
    "Number",
    "Order",
    "When",
    "exercise",
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
        Known wrong answers, the most specific first. With the neighbours and with those that the check
        diagnoses by itself (the wrong options of a choice) there are at least two.
    neighbours : tuple of Mistake
        Other quantities of the problem, which an answer may hit by mistake.

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
    neighbours: tuple[Mistake, ...] = ()

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
        """The listed mistakes, the neighbours, and the mistakes that the check diagnoses by itself."""
        return (*self.mistakes, *self.neighbours, *self.check.known_mistakes(self.answer))

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


class When(NamedTuple):
    """A mistake that is known by a test of the answer instead of by its value."""

    test: Callable[[Any], bool]
    says: str


def exercise(
    id: str,
    title: str,
    *,
    purpose: str,
    answer: str,
    check: Checker,
    hints: Sequence[str],
    why: str,
    solution: str = "",
    gaps: Mapping[str, str] | None = None,
    stub: str = "",
    mistakes: Mapping[str, str | When] | None = None,
    neighbours: Mapping[str, str] | None = None,
    given: Given | None = None,
) -> Exercise:
    """Write an exercise down: each value, right or wrong, is what its code gives over the given names.

    Parameters
    ----------
    id, title, purpose, answer, check, hints, why
        As for `Exercise`. A check without a right value of its own takes that of the solution.
    solution : str
        Lines of code, indented as you like. A choice and an order have theirs from the check.
    gaps : mapping of str to str, optional
        Parts of the solution, each found in it once, and what the stub has in their place.
    stub : str
        The stub itself, where gaps do not say it. Without either it is ``answer = ...``.
    mistakes : mapping of str to str
        From the lines that differ from the solution (see `code.variant`) to the diagnosis.
    neighbours : mapping of str to str
        From the name of another quantity of the problem, such as ``"the raw rate of B"``, to its code. An answer that
        hits it is told "This is the raw rate of B."
    given : Given
        The names that the notebook has defined before this exercise.

    Returns
    -------
    Exercise
        With the code of each mistake whole.

    Raises
    ------
    ValueError
        If a gap is not found, or a mistake changes nothing or is listed twice.
    """
    given = given or Given()
    solution = clean(solution) or check.solution_of(answer)
    seen = {ast.dump(ast.parse(solution)): "the solution"}

    def mistaken(lines: str, says: str | When) -> Mistake:
        code = variant(solution, lines, answer)
        same = seen.setdefault(ast.dump(ast.parse(code)), lines)
        if same is not lines:
            raise ValueError(f"exercise {id!r}: the mistake {lines!r} is the same as {same}")
        if isinstance(says, When):
            return Mistake(code, says.says, when=says.test)
        return Mistake(code, says, value=Code(code, answer, given))

    return Exercise(
        id=id,
        title=title,
        purpose=purpose,
        stub=clean(stub) or _stub(id, solution, gaps, check.stub_of(answer)),
        answer=answer,
        solution=solution,
        why=why,
        hints=tuple(hints),
        check=check.expecting(Code(solution, answer, given)),
        mistakes=tuple(mistaken(lines, says) for lines, says in (mistakes or {}).items()),
        neighbours=tuple(mistaken(lines, f"This is {name}.") for name, lines in (neighbours or {}).items()),
    )


def _stub(id: str, solution: str, gaps: Mapping[str, str] | None, otherwise: str) -> str:
    for part, gap in (gaps or {}).items():
        if solution.count(part) != 1:
            raise ValueError(f"exercise {id!r}: {part!r} is {solution.count(part)} times in the solution, not once")
        solution = solution.replace(part, gap)
    return solution if gaps else otherwise


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
