"""In a kernel: feedback appears where it is asked for, once, and a cell that stops before its check is helped."""

import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

CELLS = {
    "set-up": """
import borrowing_strength as bs, numpy as np, pymc as pm
from borrowing_strength.exercises import engine
from borrowing_strength.exercises.records import Choice, Function, Model, Number, exercise

usual = dict(purpose="P", hints=["1", "2"], why="W")
known = [
    exercise(
        "97.1 One", solution="x = 0.3", check=Number(rel_tol=0.01), mistakes={"3": "a", "4": "b"},
        **usual
    ),
    exercise(
        "97.2 Two", solution="def f(a, b):\\n    c = a + b\\n    return c / b",
        gaps={"a + b": "...", "c / b": "..."}, check=Function(cases=[(1.0, 2.0)], rel_tol=0.01),
        mistakes={"c = a": "a", "c": "b"}, **usual
    ),
    exercise(
        "97.3 Three", gaps={"pm.Normal('mu', 0, 5)": "..."}, check=Model(),
        solution="with pm.Model() as m:\\n    mu = pm.Normal('mu', 0, 5)\\n    pm.Normal('y', mu, 1, observed=2)",
        mistakes={"mu = pm.Normal('mu', 1, 5)": "a", "mu = pm.Normal('mu', 0, 9)": "b"}, **usual
    ),
    exercise(
        "97.4 Four", answer="x", check=Choice({"p": "P", "q": "Q", "r": "R"}, "q", {"p": "a", "r": "b"}), **usual
    ),
]
engine.load_exercises = lambda: {record.id: record for record in known}
""",
    "in the middle": 'bs.check("97.1", 0.3)\nz = 1',
    "as the last line": 'bs.check("97.1", 0.3)',
    "twice": 'bs.check("97.1", 0.3)\nbs.check("97.1", 0.5)',
    "kept and shown later": 'kept = bs.check("97.1", 0.3)',
    "later": "kept",
    "untouched": 'def f(a, b):\n    c = ...\n    return ...\n\n\nbs.check("97.2", f)',
    "half filled": 'def f(a, b):\n    c = a + b\n    return ...\n\n\nbs.check("97.2", f)',
    "prints": 'def f(a, b):\n    print("looking at", a)\n    return 1\n\n\nbs.check("97.2", f)',
    "a gap that PyMC meets": 'with pm.Model() as m:\n    mu = pm.Normal("mu", 0, sigma=...)\nbs.check("97.3", m)',
    "no name": 'with pm.Model() as m:\n    mu = pm.Normal(0, 5)\nbs.check("97.3", m)',
    "no such argument": 'with pm.Model() as m:\n    mu = pm.Gamma("mu", alpha=1, rate=5)\nbs.check("97.3", m)',
    "shapes": """
with pm.Model() as m:
    pm.Normal("y", pm.Normal("mu", 0, 5, shape=3), 1, observed=[1, 2])
bs.check("97.3", m)
""",
    "no quotes": 'x = q\nbs.check("97.4", x)',
    "not an exercise": "1 / 0",
}


@pytest.fixture(scope="module")
def outputs() -> dict[str, list[NotebookNode]]:
    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS.values()])
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True)
    with client.setup_kernel():
        for i, cell in enumerate(notebook.cells):
            client.execute_cell(cell, i)
    return {name: cell.outputs for name, cell in zip(CELLS, notebook.cells, strict=True)}


def shown(outputs: list[NotebookNode]) -> list[str]:
    return [output.data["text/plain"] for output in outputs if "data" in output]


def test_the_set_up_is_silent(outputs: dict[str, list[NotebookNode]]) -> None:
    assert outputs["set-up"] == []


@pytest.mark.parametrize(
    ("cell", "kinds"),
    [
        ("in the middle", ["Right"]),
        ("as the last line", ["Right"]),
        ("twice", ["Right", "Not yet"]),
        ("kept and shown later", ["Right"]),
        ("later", ["Right"]),
    ],
)
def test_feedback_is_shown_wherever_it_stands(
    outputs: dict[str, list[NotebookNode]], cell: str, kinds: list[str]
) -> None:
    assert [text.split(" · ")[0][2:] for text in shown(outputs[cell])] == kinds
    assert all(set(output.data) == {"text/html", "text/plain"} for output in outputs[cell])


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("untouched", "Exercise 97.2, Two · replace each `...` and run the cell again"),
        ("half filled", "Exercise 97.2, Two · One gap is left: `return ...`."),
        ("a gap that PyMC meets", 'One gap is left: `mu = pm.Normal("mu", 0, sigma=...)`.'),
        (
            "no name",
            "stopped: its first argument is the name of the variable, in quotes.\nPyMC's words: `TypeError",
        ),
        ("no quotes", 'A letter goes in quotes: `"q"`.'),
        ("no such argument", "stopped: it has no argument `rate`.\nPyMC's words: `ValueError"),
        ("shapes", "`y` cannot be computed: it has shape (2,), its arguments (3,), (1,)."),
    ],
)
def test_a_cell_that_is_not_finished_is_told_what_is_missing(
    outputs: dict[str, list[NotebookNode]], cell: str, says: str
) -> None:
    assert says in shown(outputs[cell])[-1]


def test_what_a_function_prints_stands_above_the_feedback(outputs: dict[str, list[NotebookNode]]) -> None:
    assert outputs["prints"][0].text == "looking at 1.0\n"
    assert "Not yet" in shown(outputs["prints"])[0]


def test_other_errors_are_left_alone(outputs: dict[str, list[NotebookNode]]) -> None:
    assert [output.output_type for output in outputs["not an exercise"]] == ["error"]
