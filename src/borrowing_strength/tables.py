"""A table of a learner's own: one row a group, a name and two numbers. What has two readings or none is refused."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from borrowing_strength.core.rows import names_in

if TYPE_CHECKING:
    import pandas as pd

_THOUSANDS = re.compile(r"[1-9]\d{0,2}([, '\u2019\u00a0\u202f]\d{3})+|[1-9]\d{0,2}(\.\d{3}){2,}")
_IN_EUROPE = re.compile(r"[1-9]\d{0,2}\.\d{3}")  # where semicolons part the cells


def own_table(
    source: "str | Path | pd.DataFrame", columns: Sequence[str] | None = None
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names and two columns of numbers, from a table with one row a group.

    Parameters
    ----------
    source : str, Path or pandas.DataFrame
        The name of a CSV file, its text with a line a row, or a data frame. Commas, semicolons and tabs are understood.
    columns : sequence of three str, optional
        The columns of the names and of the two numbers, where the table has more than these or another order.

    Returns
    -------
    names : list of str
    first, second : ndarray, shape (groups,)

    Raises
    ------
    ValueError
        Naming row and reason: a number has two readings or none, a row is the sum of the others, a name stands twice,
        or the table has fewer than two rows.
    """
    header, rows, separator = _cells(source)
    # 1. Which columns.
    known = [name for name in header if name]
    chosen = header if columns is None else names_in("columns", columns)
    if columns is not None and (len(chosen) != 3 or not set(chosen) <= set(known)):
        raise ValueError(f"columns is {chosen}: it must name three of source's columns, {known}")
    if len(chosen) != 3:
        raise ValueError(
            f"the table has {len(header)} columns, {', '.join(map(repr, header))}: three are needed, a name and two "
            f"numbers, with one row a group. If it has more, say which, such as columns={known[:3]}; if its groups "
            "stand side by side, turn it"
        )
    names, *numbers = ([row[header.index(name)] for row in rows] for name in chosen)
    # 2. Which rows.
    if len(rows) < 2:
        raise ValueError(f"the table has {len(rows)} row(s): groups learn from each other, and at least two are needed")
    for row, name in enumerate(names, start=1):
        if not name:
            raise ValueError(f"row {row} of the table has no name")
        if (first := names.index(name) + 1) < row:
            raise ValueError(f"{name!r} stands in rows {first} and {row} of the table: add them up, or rename one")
    # 3. Numbers, and no row that counts the others again.
    y, n = (
        np.array(
            [_number(f"{chosen[k]} of {name!r}", cell, separator) for name, cell in zip(names, column, strict=True)]
        )
        for k, column in enumerate(numbers, start=1)
    )
    for row, name in enumerate(names):
        if len(names) > 2 and all(2 * x[row] == x.sum() > 0 for x in (y, n)):
            raise ValueError(f"row {row + 1} of the table, {name!r}, is the sum of the others: leave it out")
    return names, y, n


def _cells(source: object) -> tuple[list[str], list[list[str]], str]:
    """Header, rows and separator, without spaces at the ends of cells, and without empty rows and columns."""
    if hasattr(source, "columns") and hasattr(source, "itertuples"):
        separator = ","
        cells = [source.columns, *source.astype(object).where(source.notna(), "").itertuples(index=False)]
    else:
        text = (source if isinstance(source, str) and "\n" in source else _text(source)).lstrip("\ufeff").strip("\r\n")
        separator = max(",;\t", key=text.partition("\n")[0].count)
        cells = csv.reader(text.splitlines(), delimiter=separator, skipinitialspace=True)
    rows = [row for row in ([str(cell).strip() for cell in row] for row in cells) if any(row)]
    if not rows:
        raise ValueError("source holds no table: it is empty")
    # Programs for spreadsheets leave empty cells at the end.
    width = max(k for row in rows for k, cell in enumerate(row, start=1) if cell)
    rows = [(row + [""] * width)[:width] if len(row) > width else row for row in rows]
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(rows[0]):
            raise ValueError(
                f"row {number} of the table has {len(row)} cells where its first line has {len(rows[0])}: the first "
                "line must hold the columns' names, and every row a cell for each"
            )
    return rows[0], rows[1:], separator


def _text(source: object) -> str:
    if not isinstance(source, str | Path):
        raise ValueError(f"source is {source!r}: it must be a file's name, a table's text or a data frame")
    path = Path(source)
    try:
        there = path.is_file()
    except (OSError, ValueError):  # no name that a file can have
        there = False
    if not there:
        raise ValueError(
            f"source is {str(source)!r}: there is no such file beside this notebook, in {Path.cwd().name!r}"
        )
    content = path.read_bytes()
    if content.startswith(b"\xff\xfe"):
        return content.decode("utf-16")
    if b"\0" in content:
        raise ValueError(f"source is {str(source)!r}, which is no text: save the table as CSV")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")  # what Excel writes in western Europe


def _number(where: str, cell: str, separator: str) -> float:
    if not cell:
        raise ValueError(f"{where} is missing: fill it in, or leave the row out")
    if cell.endswith("%"):
        raise ValueError(f"{where} is {cell!r}: a percentage does not say of how many; counts are needed")
    if _THOUSANDS.fullmatch(cell) or (separator == ";" and _IN_EUROPE.fullmatch(cell)):
        plain = re.sub(r"\D", "", cell)
        raise ValueError(f"{where} is {cell!r}: write numbers without separators, {plain} if that is what it means")
    try:
        number = float(cell)
    except ValueError:
        raise ValueError(f"{where} is {cell!r}: it must be a number, with a point before its decimals") from None
    if not np.isfinite(number):
        raise ValueError(f"{where} is {cell!r}: it must be a finite number")
    return number
