"""What an exercise is. Each lesson's folder holds its own in `exercises.py`."""

import ast
import functools
import importlib
import importlib.util
import itertools
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from borrowing_strength.exercises.choices import Choice, Order
from borrowing_strength.exercises.draws import Draws as Draws
from borrowing_strength.exercises.functions import Function as Function
from borrowing_strength.exercises.judge import Checker, Mistake
from borrowing_strength.exercises.numbers import Number as Number
from borrowing_strength.exercises.pymc_models import Model as Model
from borrowing_strength.exercises.record_code import Code, Given, clean, variant


@dataclass(frozen=True)
class Exercise:
    """One exercise, from the stub in the notebook to the reason behind the answer; `exercise` makes it.

    The stub stands in the notebook's cell, above the line with the check. It runs; ``...`` marks the gaps. The
    solution, and the code of each mistake, could stand in its place.
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
    paper: Callable[[], str] = str

    def __post_init__(self) -> None:
        complaints = {
            "id must look like '1.2'": not re.fullmatch(r"\d+\.\d+", self.id),
            "stub needs a gap (...)": "..." not in self.stub,
            "stub must define the answer": not re.search(rf"\b{re.escape(self.answer)}\b", self.stub),
            "at least two hints are needed": len(self.hints) < 2,
            "at least two mistakes are needed": len(self.listed_mistakes) < 2,
            "no part may be empty": "" in (self.title, self.purpose, self.solution, self.why),
        }
        if found := [complaint for complaint, applies in complaints.items() if applies]:
            raise ValueError(f"exercise {self.id!r}: {found[0]}")

    @property
    def lesson(self) -> str:
        """The number of the lesson in two digits, as its file names have it."""
        return self.id.split(".")[0].zfill(2)

    @property
    def about(self) -> str:
        """What a message is about."""
        return f"Exercise {self.id}, {self.title}"

    @property
    def listed_mistakes(self) -> tuple[Mistake, ...]:
        """The mistakes, the neighbours and those that belong to the check, such as the wrong options of a choice."""
        letters = self.check.examples() if isinstance(self.check, Choice | Order) else {}
        own = (Mistake(f'{self.answer} = "{letter}"', says) for letter, says in letters.items())
        return (*self.mistakes, *self.neighbours, *own)

    @property
    def all_mistakes(self) -> tuple[Mistake, ...]:
        """All that has a name: the listed mistakes and those that the check finds by rules of its own."""
        return (*self.listed_mistakes, *(Mistake("", says) for says in self.check.sentences()))

    def cell(self, body: str) -> str:
        """Write the source of the exercise's cell: the stub, the solution or a mistake, and the line that checks it."""
        last = [line for line in body.splitlines() if line[:1].strip()][-1]
        gap = "\n\n\n" if last.startswith(("def ", "class ")) else "\n"  # as the formatter wants it
        return f'{body}{gap}bs.check("{self.id}", {self.answer})'


class When(NamedTuple):
    """A mistake that is known by a test of the answer instead of by its value."""

    test: Callable[[Any], bool]
    says: str


def exercise(
    heading: str,
    *,
    paper: str = "",
    purpose: str,
    check: Checker,
    hints: Sequence[str],
    why: str,
    answer: str = "",
    solution: str = "",
    gaps: Mapping[str, str] | None = None,
    stub: str = "",
    mistakes: Mapping[str, str | When] | None = None,
    neighbours: Mapping[str, str] | None = None,
    given: Given | None = None,
) -> Exercise:
    """Write an exercise down: each value, right or wrong, is what its code gives over the given names.

    The heading is id and title; `paper`, an f-string over the given names, is what one needs to work on it without a
    computer; the purpose is for teachers. The answer is the name that is checked: by default what the solution defines
    last, whose value is the right one unless the check has its own. The stub is the solution with gaps (parts of it,
    and what stands in their place), or `stub`, or ``answer = ...``. Mistakes go from the lines that differ from the
    solution (see `variant`) to the diagnosis, neighbours from another quantity, ``"the raw rate of B"``, to its code.
    """
    given = given or Given()
    if isinstance(check, Choice | Order):
        solution = f'{answer} = "{check.right}"'
    id, _, title = heading.partition(" ")
    solution, comment = clean(solution), f"  # {check.letters().replace('`', '')}" if isinstance(check, Choice) else ""
    answer = answer or re.findall(r"^(?:def |with .* as )?(\w+)(?: =|:|\()", solution, re.MULTILINE)[-1]
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
        stub=clean(stub) or (_stub(id, solution, gaps) if gaps else f"{answer} = ...{comment}"),
        answer=answer,
        solution=solution,
        why=why,
        hints=tuple(hints),
        check=check.expecting(Code(solution, answer, given)),
        mistakes=tuple(mistaken(lines, says) for lines, says in (mistakes or {}).items()),
        neighbours=tuple(mistaken(lines, f"This is {name}.") for name, lines in (neighbours or {}).items()),
        paper=Code(f"paper = f{paper!r}", "paper", given),
    )


def _stub(id: str, solution: str, gaps: Mapping[str, str]) -> str:
    for part, gap in gaps.items():
        if solution.count(part) != 1:
            raise ValueError(f"exercise {id!r}: {part!r} is {solution.count(part)} times in the solution, not once")
        solution = solution.replace(part, gap)
    return solution


def lesson_records(file: str, name: str) -> list[Any]:
    """Collect what the file of that name in every lesson's folder lists under that name."""
    package = importlib.import_module(__package__.rpartition(".")[0])
    folders = [part.name for part in pkgutil.iter_modules(package.__path__) if part.ispkg]
    modules = [f"{package.__name__}.{folder}.{file}" for folder in folders]
    found = map(importlib.import_module, filter(importlib.util.find_spec, modules))
    return [record for module in found for record in getattr(module, name)]


@functools.cache
def load_exercises() -> dict[str, Exercise]:
    """Collect the exercises of every lesson's folder, by id, in the order of the course."""
    found = sorted(lesson_records("exercises", "EXERCISES"), key=lambda each: tuple(map(int, each.id.split("."))))
    if twice := [each.id for before, each in itertools.pairwise(found) if before.id == each.id]:
        raise ValueError(f"exercise {twice[0]} exists already")
    return {each.id: each for each in found}
