"""Every figure in a lesson's text is printed just above it, or recomputed here, or given with a reason."""

import html
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

import borrowing_strength as bs
import notebooks
import rules

BOOK = tomllib.loads((Path(__file__).parent / "claims.toml").read_text("utf-8"))
CLAIMS: list[dict[str, str]] = BOOK.get("claim", [])
GIVEN: list[dict[str, str]] = BOOK.get("given", [])
LESSONS = {path.stem: path for path in notebooks.lessons()}
REACH = 3  # a figure counts as printed just above when one of this many code cells before it prints it

NUMBER = re.compile(r"(?<![\w.,])(-?(?:\d+(?:,\d{3})*)?\.?\d+)(?![.,]?\d)(\s?(?:%|per ?cent))?")
NOT_PROSE = re.compile(
    r"```.*?```|\$\$.*?\$\$|`[^`\n]*`|\$[^$\n]+\$|\]\([^)]*\)|<[^>\n]+>|^#+ [\d.]+|[Ee]xercises? [\d.]+\d",
    re.DOTALL | re.MULTILINE,
)


def numbers(text: str) -> list[str]:
    """Return the decimal fractions and percentages that a text states outside mathematics, code and links.

    Whole numbers are left alone, for they are mostly data; so are versions such as 6.4.1.
    """
    found = NUMBER.findall(NOT_PROSE.sub(" ", text.replace("−", "-")))
    return [number + "%" * bool(percent) for number, percent in found if "." in number or percent]


def pattern(fragment: str) -> str:
    """Return a pattern for the fragment, however its words are broken into lines."""
    return r"\s+".join(map(re.escape, fragment.split()))


def markdown(path: Path) -> str:
    return "\n\n".join(cell.source for _, cell in notebooks.load(path).markdown)


# ---------------------------------------------------------------------------------- claims hold


@cache
def namespace(notebook: str) -> dict[str, Any]:
    names: dict[str, Any] = {"bs": bs, "np": np}
    exec(BOOK.get("setup", {}).get(notebook, ""), names)
    return names


def recompute(claim: dict[str, str]) -> str:
    value = eval(claim["expression"], namespace(claim["notebook"]))
    return claim["format"].format(*value) if isinstance(value, tuple) else claim["format"].format(value)


def failings(claim: dict[str, str], text: str, computed: str) -> Iterator[str]:
    """Say why a claim does not stand: it is gone, its number is not the computed one, or it claims more."""
    if not re.search(pattern(claim["fragment"]), text):
        yield f"the notebook no longer says {claim['fragment']!r}"
    whole = rf"(?<![\w.]){pattern(computed)}(?!\w|\.?\d)"
    if not re.search(whole, claim["fragment"]):
        yield f"{claim['fragment']!r} should say {computed}"
    unheld = [number for number in numbers(claim["fragment"]) if number not in numbers(computed)]
    if unheld:
        yield f"{claim['fragment']!r} also states {', '.join(unheld)}, which nothing recomputes"


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim["fragment"])
def test_claim_holds(claim: dict[str, str]) -> None:
    text = markdown(LESSONS[claim["notebook"]])
    assert list(failings(claim, text, recompute(claim))) == []


@pytest.mark.parametrize("given", GIVEN, ids=lambda given: given["fragment"])
def test_what_is_given_is_still_said_and_has_a_reason(given: dict[str, str]) -> None:
    assert given["reason"].strip()
    assert re.search(pattern(given["fragment"]), markdown(LESSONS[given["notebook"]]))


def test_set_up_code_belongs_to_a_lesson() -> None:
    assert set(BOOK.get("setup", {})) <= set(LESSONS)


# ---------------------------------------------------------------------------------- nothing is left out


def uncovered(cells: list[NotebookNode], fragments: list[str]) -> Iterator[str]:
    """Yield every figure in the text that no claim covers, no code near it prints and no list gives."""
    for i, cell in enumerate(cells):
        if cell.cell_type != "markdown":
            continue
        text = cell.source
        for fragment in fragments:
            text = re.sub(pattern(fragment), " ", text)
        said, written = near(cells, i)
        for number in numbers(text):
            if number not in written and not printed(number, said):
                yield f"cell {i}: {number}"


def near(cells: list[NotebookNode], i: int) -> tuple[list[str], list[str]]:
    """Return the figures that code cells above print, and those that the code around the text spells out."""
    code = [
        [c for c in part if c.cell_type == "code" and "prediction" not in c.metadata] for part in (cells[:i], cells[i:])
    ]
    above, below = code[0][-REACH:], code[1][:1]
    outputs = " ".join(rules.text_of(output) for cell in above for output in cell.outputs)
    outputs = html.unescape(re.sub(r"<[^>]+>", " ", outputs)).replace("−", "-")
    said = re.findall(r"(?<![\w.])-?\d*\.?\d+(?:e-?\d+)?%?", outputs.replace(",", ""))
    written = re.findall(r"(?<![\w.])-?\d*\.\d+", " ".join(cell.source for cell in above + below))
    return said, written


def printed(number: str, said: list[str]) -> bool:
    """Tell whether a printed figure is this number, or rounds to it (from two significant digits on)."""
    if number.replace(",", "") in said:
        return True
    digits = number.strip("-%").replace(",", "")
    if len(digits.replace(".", "").lstrip("0")) < 2:
        return False
    last_place = (0.01 if number.endswith("%") else 1) * 10 ** -len(digits.partition(".")[2])
    return any(abs(fraction(other) - fraction(number)) <= 0.5001 * last_place for other in said)


def fraction(number: str) -> float:
    return float(number.rstrip("%").replace(",", "")) * (0.01 if number.endswith("%") else 1)


@pytest.mark.parametrize("name", LESSONS)
def test_every_figure_in_the_text_is_printed_recomputed_or_given(name: str) -> None:
    fragments = [entry["fragment"] for entry in CLAIMS + GIVEN if entry["notebook"] == name]
    assert list(uncovered(notebooks.load(LESSONS[name]).nb.cells, fragments)) == []


# ---------------------------------------------------------------------------------- the net has no holes


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is 0.47, or 47%, or 12.5 %.", ["0.47", "47%", "12.5%"]),
        ("About .4731 and −0.2; 5 per cent, then 20 percent.", [".4731", "-0.2", "5%", "20%"]),
        ("Of 1,234.5 and 2.5 times, 3.5x, 10-12%.", ["1,234.5", "2.5", "3.5", "12%"]),
        ("Whole numbers such as 30 of 100 in 2016 are data. So is PyMC 6.4.1.", []),
        ("Mathematics $p = 0.5$, code `0.5`, <b style='x: 0.5'> and [links](0.5.html) are not prose.", []),
        ("## 1.2 A heading\n\nExercise 1.2 asks.", []),
        ("(0.1, 0.2) ends at 0.3.", ["0.1", "0.2", "0.3"]),
    ],
)
def test_numbers_of_a_text(text: str, found: list[str]) -> None:
    assert numbers(text) == found


def claim(fragment: str) -> dict[str, str]:
    return {"notebook": "made_up", "fragment": fragment, "expression": "2 / 3", "format": "{:.2f}"}


@pytest.mark.parametrize(
    ("fragment", "text", "reason"),
    [
        ("it is 0.67", "Here\nit  is\n0.67.", None),
        ("it is 0.67", "Here it was 0.67.", "no longer says"),
        ("it is 0.66", "Here it is 0.66.", "should say 0.67"),
        ("it is 0.671", "it is 0.671", "should say 0.67"),
        ("it is 0.67 of 0.9", "it is 0.67 of 0.9", "also states 0.9"),
    ],
)
def test_a_false_claim_fails(fragment: str, text: str, reason: str | None) -> None:
    found = list(failings(claim(fragment), text, recompute(claim(fragment))))
    assert found == [] if reason is None else any(reason in sentence for sentence in found)


@pytest.mark.parametrize(
    ("text", "missed"),
    [
        ("The mean is 0.4731.", []),
        ("The mean is 0.47, or 47%, or 47.3%.", []),
        ("The mean is 0.48.", ["cell 1: 0.48"]),
        ("The mean is 4.7%.", ["cell 1: 4.7%"]),
        ("Too vague to be a match: 0.5.", ["cell 1: 0.5"]),
        ("The prior's sd of 0.9 stands in the code below.", []),
        ("Covered by a claim: 0.99.", []),
    ],
)
def test_a_figure_from_nowhere_is_caught(text: str, missed: list[str]) -> None:
    output = new_output("execute_result", data={"text/plain": "mean 0.4731"}, execution_count=1)
    cells = [new_code_cell("mean", outputs=[output]), new_markdown_cell(text), new_code_cell("sd = 0.9")]
    assert list(uncovered(cells, ["by a claim: 0.99"])) == missed
