"""Run a record's code: solutions and mistakes over the names that the lesson has defined before an exercise."""

import ast
import importlib
import re
from textwrap import dedent
from types import LambdaType
from typing import Any

IMPORTS = {"np": "numpy", "pm": "pymc", "bs": "borrowing_strength"}


class Given:
    """The names that a lesson's notebook has defined, each computed when code first needs it.

    Such as ``Given(beta=beta, posterior=lambda beta: beta(8, 52))``: a lambda is called with the given names that its
    parameters are called; anything else is the value itself. `np`, `pm` and `bs` are always there.
    """

    def __init__(self, **names: Any) -> None:
        self._names, self._values = names, {}

    def __contains__(self, name: str) -> bool:
        return name in self._names or name in IMPORTS

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            value = self._names[name] if name in self._names else importlib.import_module(IMPORTS[name])
            if isinstance(value, LambdaType) and value.__name__ == "<lambda>":
                parameters = value.__code__.co_varnames[: value.__code__.co_argcount]
                value = value(*(self[parameter] for parameter in parameters))
            self._values[name] = value
        return self._values[name]


class Code:
    """Lines of code that define an answer; calling it gives the answer's value."""

    def __init__(self, source: str, answer: str, given: Given) -> None:
        self.source, self.answer, self.given = source, answer, given

    def __call__(self) -> Any:
        tree = ast.parse(self.source)
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names = {name: self.given[name] for name in used if name in self.given}
        exec(compile(tree, "<exercise>", "exec"), names)
        return names[self.answer]

    @property
    def numbers(self) -> dict[str, float]:
        """The numbers in the code that are no positions, and 2, by how they are written out."""
        tree = ast.parse(self.source)
        slices = [node.slice for node in ast.walk(tree) if isinstance(node, ast.Subscript)]
        places = {id(part) for place in slices for part in ast.walk(place)}
        found = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in places]
        values = [float(value) for value in (2, *found) if type(value) in (int, float)]
        return {f"{value:,.10g}": value for value in values}


def clean(code: str) -> str:
    """Take away the common indentation and the blank lines around."""
    return dedent(code).strip("\n").rstrip()


def variant(solution: str, lines: str, answer: str) -> str:
    """Put the lines that differ into the solution.

    A line takes the place of the solution's line that begins alike: assigns to the same names, returns, or calls the
    same function. Lines that begin like none go before the next that does. An expression stands for the answer itself,
    and lines that begin with the first line of a solution of several lines are the whole code.
    """
    lines, whole = clean(lines), solution.splitlines()
    if len(whole) > 1 and lines.splitlines()[0] == whole[0]:
        return lines
    if _is_expression(lines):
        lines = f"return {lines}" if any(_head(line) == "return" for line in whole) else f"{answer} = {lines}"
    # 1. Find for every differing line its place; what has none waits for the next that has one.
    placed: dict[int, list[str]] = {}
    waiting: list[str] = []
    for line in lines.splitlines():
        waiting.append(line)
        place = next((i for i, old in enumerate(whole) if i not in placed and _head(old) == _head(line)), None)
        if place is not None:
            placed[place], waiting = _moved(waiting, whole[place], line), []
    if not placed:
        raise ValueError(f"no line of the solution begins like {lines!r}")
    # 2. Lines after the last place follow it.
    last = max(placed)
    placed[last] += _moved(waiting, whole[last], lines.splitlines()[-len(waiting) - 1])
    return "\n".join(line for i, old in enumerate(whole) for line in placed.get(i, [old]))


def _is_expression(code: str) -> bool:
    try:
        ast.parse(code, mode="eval")
    except SyntaxError:
        return False
    # A line such as `pm.Normal("y", ...)` is an expression too, but one that stands for itself.
    return not re.match(r"pm\.\w+\(\"", code)


def _head(line: str) -> str:
    """What a line begins with: the names that it assigns to, its keyword, or the function that it calls."""
    line = line.strip()
    assigned = re.match(r"([\w.,\[\] ]+?)\s*[-+*/]?=(?!=)", line)
    return assigned[1] if assigned else re.split(r"[ ,:]", line, maxsplit=1)[0]


def _moved(lines: list[str], to: str, at: str) -> list[str]:
    """Indent lines so that the line `at` comes to stand where the line `to` does."""
    by = len(to) - len(to.lstrip()) - len(at) + len(at.lstrip())
    return [" " * by + line for line in lines]
