"""Your own archive: what can be used of a table of arms, and what is set aside and why."""

from typing import TYPE_CHECKING

from borrowing_strength.core.options import a_kind_of
from borrowing_strength.headlines.reading import RARE

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("test", "arm", "trials", "successes")


def tidy(table: "pd.DataFrame") -> "tuple[pd.DataFrame, pd.DataFrame]":
    """What of a table can be fitted, and the rows that are set aside, so that one bad test never spoils the others.

    Parameters
    ----------
    table : pandas.DataFrame
        One row an arm, with the columns `test`, `arm`, `trials` and `successes`; others are left alone.

    Returns
    -------
    usable : pandas.DataFrame
        Whole tests only; rows keep their index.
    set_aside : pandas.DataFrame
        The other rows, with a column `reason`. A test with a bad row is set aside whole.

    Raises
    ------
    ValueError
        If a column is missing, or nothing is left.

    Examples
    --------
    >>> import pandas as pd, borrowing_strength as bs
    >>> columns = {"test": list("AABB"), "arm": [1, 2, 1, 2], "trials": [900] * 4, "successes": [9, 7, 0, 0]}
    >>> table = pd.DataFrame(columns)
    >>> usable, set_aside = bs.headlines.tidy(table)
    >>> print(len(usable), set_aside["reason"].unique())
    2 ['no success in the whole test']
    """
    import pandas as pd

    a_kind_of(pd.DataFrame, "table", table)
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        there = ", ".join(map(repr, table.columns))
        raise ValueError(f"table has no column {missing[0]!r}: it has {there}; rename(columns=...) gives it the name")
    # 1. What is wrong with a row by itself.
    n, y = (pd.to_numeric(table[name], errors="coerce") for name in ("trials", "successes"))
    reason = pd.Series("", index=table.index)
    checks = [
        (table["test"].isna() | table["arm"].isna(), "no name of test or arm"),
        (n.isna() | y.isna(), "trials or successes missing or no number"),
        ((n % 1 != 0) | (y % 1 != 0) | (n < 0) | (y < 0) | (n > 1e12), "trials or successes no count"),
        (n == 0, "no trials"),
        (y > n, "more successes than trials"),
        (table.duplicated(["test", "arm"], keep=False), "another row has the same test and arm"),
    ]
    for bad, text in checks:
        reason = reason.mask(bad & (reason == ""), text)
    # 2. What is wrong with its test.
    tests = table["test"].astype(str)
    whole = reason.ne("").groupby(tests).transform("any")
    reason = reason.mask(whole & (reason == ""), "another row of this test is bad")
    clicks, seen = (x.groupby(tests).transform("sum") for x in (y, n))
    for bad, text in [
        (tests.groupby(tests).transform("size") == 1, "one arm, and nothing to compare it with"),
        (clicks == 0, "no success in the whole test"),
        (clicks > RARE * seen, f"successes in more than {RARE:.0%} of the trials: not rare"),
    ]:
        reason = reason.mask(bad & (reason == ""), text)
    usable = table[reason == ""]
    if usable.empty:
        raise ValueError(
            f"table has no test that can be used; the first row: {reason.iloc[0] if len(reason) else 'none'}"
        )
    usable = usable.assign(**{name: usable[name].astype(int) for name in ("trials", "successes")})
    return usable, table[reason != ""].assign(reason=reason[reason != ""])
