"""An exercise answered by giving a variable of the lesson a new value leaves the cells below as they were.

`post = bs.redundancy.fit(...)` or `coin = coin.update(6, 10)` is a fair way to answer. So no cell below an exercise may
read a variable that a right answer uses, unless a cell in between has given it its value again.
"""

import tomllib
from pathlib import Path

import pytest
import rebinding
from nbformat.v4 import new_code_cell

import notebooks

LESSONS = notebooks.lessons()
BROKE = tomllib.loads((Path(__file__).parent / "rebound_in_0_1_0.toml").read_text("utf-8"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_no_later_cell_relies_on_what_an_answer_may_change(path):
    assert rebinding.fragile(notebooks.load(path).nb.cells) == {}


@pytest.mark.parametrize("exercise", BROKE)
def test_what_broke_version_0_1_0_is_found(exercise):
    page = BROKE[exercise]
    above, asked = new_code_cell(page["above"]), new_code_cell(page["cell"], metadata={"exercise": exercise})
    below = [new_code_cell(source, metadata={"exercise": each} if each else {}) for each, source in page["below"]]

    def found(*cells):
        return rebinding.fragile(cells, lambda each: [page["answer"]] if each.id == exercise else ["..."])

    assert found(above, asked, *below) == {exercise: set(page["changed"])}
    assert found(above, asked, above, *below) == {}


@pytest.mark.parametrize(
    ("answer", "below"),
    [
        ("a = f(a)", "print([a + k for k in range(3)])"),
        ("x = a + 1", "def risk(n):\n    return n * a\n\n\nrisk(1)"),
        ("def f(x):\n    return x", "for i in range(3):\n    print(f(i))"),
        ("x = [f(a) for _ in range(3)]", "for b in (1, 2):\n    a = a + b"),
        ("a += 1\nx = a", "with open(a) as b:\n    pass"),
    ],
)
def test_every_way_to_rely_on_a_variable_is_found(answer, below):
    cells = [new_code_cell("a = 1\ndef f(x):\n    return x + 1"), new_code_cell("...", metadata={"exercise": "2.4"})]
    assert set(rebinding.fragile([*cells, new_code_cell(below)], lambda exercise: [answer])) == {"2.4"}
    assert rebinding.fragile([*cells, cells[0], new_code_cell(below)], lambda exercise: [answer]) == {}
