"""A table of a learner's own, for the last cells of every lesson. What has two readings or none is refused."""

import csv
import re
from contextlib import nullcontext, suppress
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from borrowing_strength.core.options import flag, text

if TYPE_CHECKING:
    import pandas as pd

_NAMES = ("name", "market", "arm", "test")  # all other words are for numbers
_FEWER = ("successes", "failures")  # the smaller one of two counts, which stands before the larger one
_PERCENT = re.compile(r"%|pct|per ?cent|prozent", re.IGNORECASE)
_MARKS = r"[, '\u2019\u00a0\u202f]"
_THOUSANDS = re.compile(rf"[1-9]\d{{0,2}}({_MARKS}\d{{3}})+|[1-9]\d{{0,2}}(\.\d{{3}}){{2,}}")
_IN_EUROPE = re.compile(r"[1-9]\d{0,2}\.\d{3}")  # where semicolons part the cells


def own_table(
    source: "str | Path | pd.DataFrame",
    wanted: str = "name successes trials",
    *,
    percent: bool | None = None,
    **columns: str,
) -> "pd.DataFrame":
    """A table with the columns that a lesson wants; a line is printed that says which of yours was taken for what.

    Parameters
    ----------
    source : str, Path or pandas.DataFrame
        The name of a CSV file, its text with a line a row, or a data frame. Commas, semicolons and tabs are understood.
    wanted : str
        The words for the columns. Those that the table does not have are its other columns, in this order, if it has as
        many. With two columns of names (an arm of a market or test) bad cells are left to the model, which names them.
    percent : bool, optional
        Whether estimates and their standard errors are in percent; asked for where they look like it.
    **columns : str
        The table's own names for what is wanted, such as ``successes="orders"``.

    Raises
    ------
    ValueError
        Naming row and reason: a column is not known, two seem to be exchanged, a number has two readings or none, a row
        is the sum of the others, a name stands twice, or the table has fewer than two rows.
    """
    import pandas as pd

    words, percent = text("wanted", wanted).split(), None if percent is None else flag("percent", percent)
    if len(words) < 2 or len(set(words)) < len(words) or not all(word.isidentifier() for word in words):
        raise ValueError(f"wanted is {wanted!r}: it must be different words, such as 'name successes trials'")
    header, rows, separator = _cells(source)
    taken = _taken(words, header, columns)
    # 1. As many columns as are wanted, and rows that differ.
    if not taken:
        raise ValueError(
            f"source has {len(header)} columns, {', '.join(map(repr, header))}: {len(words)} are wanted, "
            f"{', '.join(words)}. {_advice(words, header, rows)}; if its groups stand side by side, turn it"
        )
    if len(rows) < 2:
        raise ValueError(f"source has {len(rows)} row(s): groups learn from each other, and at least two are needed")
    by_column = dict(zip(header, zip(*rows, strict=True), strict=True))
    cells = {word: list(by_column[own]) for word, own in taken.items()}
    names, arms = cells[words[0]], words[1] in _NAMES
    for row, name in enumerate([] if arms else names, start=1):
        if not name:
            raise ValueError(f"row {row} of the table has no name")
        if (first := names.index(name) + 1) < row:
            raise ValueError(f"{name!r} stands in rows {first} and {row} of the table: add them up, or rename one")
    # 2. Numbers. Only estimates may be in percent, and only an archive of arms may have bad cells.
    for word, own in taken.items():
        if word in _NAMES:
            continue
        marked = word not in columns and bool(_PERCENT.search(own))
        if marked and "estimate" not in words:
            raise ValueError(
                f"{own!r} has the name of percentages, and {word} must be counts. {_advice(words, header, rows)}"
            )
        read = partial(_effect, percent, marked) if "estimate" in words else _number
        for row, (name, cell) in enumerate(zip(names, cells[word], strict=True)):
            where = f"{own} of {name!r}"
            with suppress(ValueError) if arms and not cell.endswith("%") else nullcontext():
                number = read(where, cell, separator)
                cells[word][row] = int(number) if number.is_integer() else number
    table = pd.DataFrame(cells).replace("", np.nan)
    # 3. No two columns that are exchanged, and no row that counts the others again.
    for few, many in pairwise(words):
        if not few.endswith(_FEWER) or {few, many} & {*columns, *header}:
            continue
        y, n = (pd.to_numeric(table[word], errors="coerce") for word in (few, many))
        if (y > n).mean() > 0.5:
            raise ValueError(
                f"{taken[few]!r} stands where {few} should, and mostly exceeds {taken[many]!r}, in the place of "
                f"{many}. {_advice(words, header, rows)}"
            )
    if len(names) > 2 and not arms:
        values = table[words[1:]].to_numpy()
        total = values.sum(axis=0)
        for row in np.flatnonzero(np.all((2 * values == total) & (total > 0), axis=1)):
            raise ValueError(f"row {row + 1} of the table, {names[row]!r}, is the sum of the others: leave it out")
    if words != [*taken.values()]:
        print(", ".join(f"{word} from {own!r}" for word, own in taken.items()) + " (percent)" * bool(percent))
    return table


def _taken(words: list[str], header: list[str], columns: dict[str, str]) -> dict[str, str]:
    """Which column is which word: as told, else by its name, else by its place among the others; or nothing."""
    for word, own in columns.items():
        if word not in words or header.count(own) != 1:
            raise ValueError(f"{word}={own!r}: needed are {', '.join(words)}, each one column of {header}")
    if len(set(columns.values())) < len(columns):
        raise ValueError(f"one column is taken for two things: {columns}")
    found = {word: word for word in words if word in header and word not in columns.values()} | columns
    others = [own for own in header if own not in found.values()]
    missing = [word for word in words if word not in found]
    if (missing and len(missing) != len(others)) or any(header.count(own) > 1 for own in [*found.values(), *others]):
        return {}
    found |= dict(zip(missing, others, strict=False))
    return {word: found[word] for word in words}


def _advice(words: list[str], header: list[str], rows: list[list[str]]) -> str:
    """A call that names columns, as far as the cells tell: names first, and of two counts the smaller one first."""
    size, texts = {}, []
    for own, *column in zip(header, *rows, strict=True):
        plain = [re.sub(_MARKS, "", cell).rstrip("%") for cell in column]
        if not all(re.fullmatch(r"-?\d+(\.\d+)?", cell) for cell in plain):
            texts += [own]
        elif own and ("estimate" in words or not any(_PERCENT.search(cell) for cell in (own, *column))):
            size[own] = sum(map(float, plain))
    numbers = list(size)
    for k in (k for k, word in enumerate(w for w in words if w not in _NAMES) if word.endswith(_FEWER)):
        numbers[k : k + 2] = sorted(numbers[k : k + 2], key=size.get)
    left = iter(texts), iter(numbers)
    named = ", ".join(f"{word}={next(left[word not in _NAMES], '...')!r}" for word in words)
    return f"Say which, such as bs.own_table(..., {named})"


def _cells(source: object) -> tuple[list[str], list[list[str]], str]:
    """Header, rows and separator, without spaces at the ends of cells, and without empty rows and columns."""
    if hasattr(source, "columns") and hasattr(source, "itertuples"):
        separator = ","
        cells = [source.columns, *source.astype(object).where(source.notna(), "").itertuples(index=False)]
    else:
        lines = (source if isinstance(source, str) and "\n" in source else _text(source)).lstrip("\ufeff").strip("\r\n")
        separator = max(",;\t", key=lines.partition("\n")[0].count)
        cells = csv.reader(lines.splitlines(), delimiter=separator, skipinitialspace=True)
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


def _effect(percent: bool | None, marked: bool, where: str, cell: str, separator: str) -> float:
    """An estimate or its error, of which nobody can see whether it is in percent."""
    number = _number(where, cell.rstrip("% "), separator)
    if percent is None and (marked or cell.endswith("%") or abs(number) > 1):
        raise ValueError(
            f"{where} is {cell}: is this in percent? percent=True divides estimates and errors by 100, and "
            "percent=False takes them as they stand"
        )
    return number / 100 if percent else number


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
