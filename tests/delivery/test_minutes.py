"""The formula for a lesson's minutes, on small notebooks whose time can be added up by hand."""

import minutes
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

OPENING = """# 97. Adding

**In about 1 minutes you will be able to**

- add.

| Section | Minutes |
|---|---|
| A. One | 1 |
| *Can wait:* B. Two | 1 |
| The end | 1 |"""
PICTURE = new_output("display_data", data={"image/png": "AAAA"})
PRINTED = new_output("stream", name="stdout", text="1")


def lesson(*cells: nbformat.NotebookNode) -> nbformat.NotebookNode:
    return new_notebook(cells=[new_markdown_cell(OPENING), *cells], metadata={"borrowing_strength": {"minutes": 1}})


@pytest.mark.parametrize(
    ("cell", "low", "high"),
    [
        (new_markdown_cell("word " * 180), 1, 1),
        (new_markdown_cell("[word](https://example.org/a/b) " * 180), 1, 1),
        (new_markdown_cell("$$x = 1$$\n\n$$y = 2$$"), 1, 1),
        (new_markdown_cell("### Exercise 97.1: Add (4 min)"), 4 + 5 / 180, 6 + 5 / 180),
        (new_code_cell("1\n" * 11 + "1"), 1, 1),
        (new_code_cell("x", outputs=[PICTURE, PICTURE]), 55 / 60, 55 / 60),
        (new_code_cell("x", outputs=[PRINTED]), 15 / 60, 15 / 60),
        (new_code_cell('bs.predict("97.a", ...)', metadata={"prediction": "97.a"}, outputs=[PRINTED]), 0.5, 0.5),
        (new_code_cell("x = ...", metadata={"tags": ["exercise"]}, outputs=[PRINTED]), 0, 0),
        (new_code_cell("import x", metadata={"tags": ["setup"]}), 0, 0),
    ],
)
def test_each_kind_takes_its_time(cell: nbformat.NotebookNode, low: float, high: float) -> None:
    heading = new_markdown_cell("## A.")
    alone = minutes.sections(new_notebook(cells=[heading])).get("", minutes.Minutes(0, 0))
    found = minutes.add(minutes.sections(new_notebook(cells=[heading, cell])).values())
    assert found.low - alone.low == pytest.approx(low)
    assert found.high - alone.high == pytest.approx(high)


def test_sections_are_told_apart_within_a_cell() -> None:
    found = minutes.sections(new_notebook(cells=[new_markdown_cell("x\n\n## A. One\n\ny\n\n## The end\n\nz")]))
    assert list(found) == ["", "A"]


def test_the_opening_is_written_and_what_can_wait_is_not_counted() -> None:
    exercise = "### Exercise 97.1: Add (10 min)"
    nb = lesson(new_markdown_cell(f"## A. One\n\n{exercise}"), new_markdown_cell(f"## B. Two\n\n{exercise}"))
    opening, total = minutes.written(nb)
    assert "**In about 15 minutes you will be able to**" in opening
    assert "| A. One | 11 to 13 |" in opening
    assert "| *Can wait:* B. Two | 11 to 13 |" in opening
    assert total == 15
    nb.cells[0].source = opening
    assert minutes.written(nb) == (opening, total)
