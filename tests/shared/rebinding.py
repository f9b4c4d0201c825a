"""Which variables of a lesson an answer may change, and which cells below would notice.

Read, not run. That is sound for re-binding: in a notebook run from top to bottom a cell's outcome depends on the
variables that it (or a function that it calls) reads before it gives them a value, so a name that no cell below reads
in this way may hold anything. Two things a reading of names cannot see: that an answer changes an object in place
(`.sort()`, `.append`, `frame["x"] = ...`) which the lesson knows by another name too; and names that are
reached by no name (`globals()`, attributes set on a module). `SPOIL` is for these: it is run in the kernel behind each
exercise of a whole lesson (see `promises.py`), and the lesson's remaining cells must still give what is stored.
"""

import ast
import symtable
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from nbformat import NotebookNode

from borrowing_strength.exercises.records import Exercise, load_exercises

BOOK = tomllib.loads((Path(__file__).parents[1] / "exercises" / "wrong_answers.toml").read_text("utf-8"))


def answers(exercise: Exercise) -> list[str]:
    """Right answers: the solution, and those that readers gave."""
    return [exercise.solution, *BOOK.get(exercise.id, {}).get("right", ())]


def needed(code: list[str] | list[ast.stmt]) -> set[str]:
    """The variables that these pieces of code (or statements) read before they give them a value."""
    found, known = set(), set()
    for statement in _statements(code):
        read, assigned = _names(statement)
        found |= read - known
        if not isinstance(statement, ast.If | ast.While | ast.Try):  # these may not come to it
            known |= assigned
    return found


def made(sources: list[str]) -> tuple[set[str], set[str]]:
    """The variables that these pieces of code give a value; and their functions and imports."""
    values, others = set(), set()
    for statement in _statements(sources):
        is_other = isinstance(statement, ast.FunctionDef | ast.Import | ast.ImportFrom)
        (others if is_other else values).update(_names(statement)[1])
    return values - others, others


def touched(answers: list[str], above: list[str]) -> set[str]:
    """The lesson's variables that an answer may change: what a right one reads or assigns to.

    A function of the lesson counts if an answer defines one of its name: to read `prob_all_fail` is no reason to
    write `prob_all_fail = ...`.
    """
    values, others = made(above)
    assigned = set().union(*made(answers))
    read = set().union(*(needed([answer]) for answer in answers))
    return (read & values) | (assigned & (values | others))


def fragile(cells: list[NotebookNode], answers: Callable[[Exercise], list[str]] = answers) -> dict[str, set[str]]:
    """By exercise: the lesson's variables that an answer may change and that later cells, exercises too, rely on."""
    code = [cell for cell in cells if cell.cell_type == "code"]
    found = {}
    for k, cell in enumerate(code):
        if exercise := load_exercises().get(cell.metadata.get("exercise")):
            above = [each.source for each in code[:k] if "exercise" not in each.metadata]
            below = set(needed([each.source for each in code[k + 1 :] if "exercise" not in each.metadata]))
            for j, later in enumerate(code[k + 1 :], k + 1):
                if "exercise" in later.metadata:
                    between = [each.source for each in code[k + 1 : j] if "exercise" not in each.metadata]
                    texts = [later.source, load_exercises()[later.metadata["exercise"]].solution]
                    below |= set().union(*(needed([*between, text]) for text in texts))
            found[exercise.id] = touched(answers(exercise), above) & below
    return {exercise: risky for exercise, risky in found.items() if risky}


def _statements(code: list[str] | list[ast.stmt]) -> list[ast.stmt]:
    parts = (ast.parse(part.strip()).body if isinstance(part, str) else [part] for part in code)
    return [statement for part in parts for statement in part]


def _names(statement: ast.stmt) -> tuple[frozenset[str], frozenset[str]]:
    return _names_in(ast.unparse(statement))


@cache
def _names_in(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """What a statement reads from the notebook's variables before it gives them a value, and what it gives a value."""
    (statement,) = ast.parse(source).body
    # 1. Statements inside a statement come one after another, and after its head: `for name in ...`.
    if isinstance(statement, ast.For | ast.While | ast.If | ast.With | ast.Try):
        bodies = [getattr(statement, part, []) for part in ("body", "orelse", "finalbody")]
        bodies += [handler.body for handler in getattr(statement, "handlers", [])]
        head = [each for each in ast.iter_child_nodes(statement) if isinstance(each, ast.expr | ast.withitem)]
        used = [each for part in head for each in ast.walk(part) if isinstance(each, ast.Name)]
        bound = {each.id for each in used if isinstance(each.ctx, ast.Store)}
        read = {each.id for each in used if isinstance(each.ctx, ast.Load)} - bound
        read |= set().union(*(needed(body) for body in bodies)) - bound
        return frozenset(read), frozenset(bound.union(*(_names(each)[1] for body in bodies for each in body)))
    # 2. Python itself tells the notebook's variables from those of comprehensions and functions.
    module = symtable.symtable(source, "<cell>", "exec")
    assigned = {s.get_name() for s in module.get_symbols() if s.is_assigned() or s.is_imported()}
    read = {s.get_name() for s in module.get_symbols() if s.is_referenced()}
    if isinstance(statement, ast.AugAssign):
        read |= {each.id for each in ast.walk(statement.target) if isinstance(each, ast.Name)}
    inner = (s for table in _tables(module) if table is not module for s in table.get_symbols())
    read |= {s.get_name() for s in inner if s.is_referenced() and s.is_global()}
    return frozenset(read), frozenset(assigned)


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


SPOIL = '''
class Spoilt:
    """What an answer left in the place of a variable: whoever uses it fails."""

    def fail(self, *arguments, **named):
        raise RuntimeError("this variable was changed by the answer to an exercise")

    def __getattr__(self, name):
        self.fail()

    __call__ = __iter__ = __len__ = __getitem__ = __setitem__ = __bool__ = __float__ = __index__ = fail
    __repr__ = __format__ = __array__ = __contains__ = __eq__ = __lt__ = __gt__ = __add__ = __radd__ = fail


def spoil(names, notebook, kept):
    """Change lists, dicts and frames in place, and give the names of all to something useless.

    Arrays stay: those that the lesson's posteriors have read share their memory with them.
    """
    import numpy, pandas

    for name in names:
        value = notebook[name]
        if isinstance(value, Spoilt):
            continue
        kept[name] = value.copy() if isinstance(value, (numpy.ndarray, list, dict, pandas.DataFrame)) else value
        if isinstance(value, (list, dict)):
            value.clear()
        elif isinstance(value, pandas.DataFrame):
            for column in list(value):
                del value[column]
        notebook[name] = Spoilt()


def restore(notebook, kept):
    """Give back what no cell has made anew, for each exercise is tried on what the lesson meant; tell what that was."""
    back = {name: value for name, value in kept.items() if isinstance(notebook[name], Spoilt)}
    notebook.update(back)
    kept.clear()
    return set(back)
'''
