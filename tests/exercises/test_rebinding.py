"""An exercise answered by giving a variable of the lesson a new value leaves the cells below as they were.

`post = bs.redundancy.fit(...)` or `coin = coin.update(6, 10)` is a fair way to answer. So no cell below an exercise may
read a variable that the exercise's answer uses, unless a cell in between has given it its value again.
"""

import ast
import symtable
from collections.abc import Iterator

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

import notebooks
from borrowing_strength.exercises.records import load_exercises

LESSONS = notebooks.lessons()


def tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from tables(child)


def names(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """What a statement reads from the notebook's variables, and what it gives a value."""
    module = symtable.symtable(ast.unparse(statement), "<cell>", "exec")
    assigned = {s.get_name() for s in module.get_symbols() if s.is_assigned() or s.is_imported()}
    read = {s.get_name() for s in module.get_symbols() if s.is_referenced()}
    if isinstance(statement, ast.For | ast.With):  # `for name in ...` gives the name its value before the body reads it
        read -= assigned
    inner = (s for table in tables(module) if table is not module for s in table.get_symbols())
    return read | {s.get_name() for s in inner if s.is_referenced() and s.is_global()}, assigned


def values(source: str) -> set[str]:
    """The variables that a cell makes, functions and modules left out."""
    kept = [s for s in ast.parse(source).body if not isinstance(s, ast.FunctionDef | ast.Import | ast.ImportFrom)]
    return set().union(*(names(statement)[1] for statement in kept))


def needed(sources: list[str]) -> set[str]:
    """The variables that these cells read before they give them a value."""
    found, known = set(), set()
    for source in sources:
        for statement in ast.parse(source).body:
            read, assigned = names(statement)
            found |= read - known
            known |= assigned
    return found


def fragile(cells: list[NotebookNode]) -> dict[str, set[str]]:
    """By exercise: the lesson's variables that an answer may re-bind and that later cells rely on."""
    code = [cell for cell in cells if cell.cell_type == "code"]
    plain = [[] if "exercise" in cell.metadata else [cell.source] for cell in code]
    found = {}
    for k, cell in enumerate(code):
        if "exercise" not in cell.metadata:
            continue
        made = set().union(*(values(source) for part in plain[:k] for source in part))
        below = needed([source for part in plain[k + 1 :] for source in part])
        solution = load_exercises()[cell.metadata["exercise"]].solution
        touched = needed([solution]) | values(solution)
        found[cell.metadata["exercise"]] = touched & made & below
    return {exercise: risky for exercise, risky in found.items() if risky}


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_no_later_cell_relies_on_what_an_answer_may_change(path):
    assert fragile(notebooks.load(path).nb.cells) == {}


@pytest.mark.parametrize(
    ("exercise", "above", "below"),
    [
        ("2.4", "coin = 1", "print(coin)"),
        ("3.2", "a, b = 1, 2", "chances = [(a + k) for k in range(3)]"),
        ("3.7", "model = 1", "def risk(n):\n    return n * model"),
        ("3.9", "post = 1", "for i in range(3):\n    print(post)"),
        ("5.12", "for post in (1, 2):\n    pass", "print(post)"),
    ],
)
def test_a_cell_that_relies_on_it_is_found(exercise, above, below):
    cells = [new_code_cell(above), new_code_cell("...", metadata={"exercise": exercise}), new_code_cell(below)]
    assert set(fragile(cells)) == {exercise}
    cells.insert(2, new_code_cell(above))
    assert fragile(cells) == {}
