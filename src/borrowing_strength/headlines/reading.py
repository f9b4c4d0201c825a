"""What is asked of an archive: `read` refuses what fails, and `tidy` sets it aside."""

from collections.abc import Iterator, Sequence
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from borrowing_strength.core.inputs import counts, refuse
from borrowing_strength.core.options import a_frame_with
from borrowing_strength.core.rows import Labels, labels_of, names_in, row_names, same_rows

if TYPE_CHECKING:
    import pandas as pd

RARE = 0.2  # rates up to which a count of clicks is taken to be Poisson
COLUMNS = ("test", "arm", "trials", "successes")

Read = tuple[np.ndarray, tuple[str, ...], np.ndarray, np.ndarray, Labels]


def demands(
    number_of: np.ndarray, arm: Sequence | None, successes: np.ndarray, trials: np.ndarray
) -> Iterator[tuple[str, np.ndarray, str]]:
    """Each demand on rows of names and counts: the column, which rows fail it, and why that will not do."""
    import pandas as pd

    if arm is not None:
        again = pd.DataFrame({"test": number_of, "arm": list(map(str, arm))}).duplicated().to_numpy()
        yield "arm", again, "its test has an arm of this name already; add up the rows of one arm, or rename one"
    yield "trials", trials == 0, "an arm that nobody saw says nothing; drop the row"
    size, clicks, seen = (np.bincount(number_of, x)[number_of] for x in (np.ones(len(trials)), successes, trials))
    yield "test", size == 1, "this test has one arm, and nothing to compare it with"
    yield "successes", clicks == 0, "its test has no success in any arm, and says nothing"
    rare = (
        "its test has successes in more than a fifth of its trials, and this model is for rare ones; see beta_binomial"
    )
    yield "successes", clicks > RARE * seen, rare


def numbered(test: Sequence) -> tuple[np.ndarray, Sequence[str]]:
    """Number of each arm's test, and the names of the tests."""
    import pandas as pd

    return pd.factorize(pd.Series([str(name) for name in test]))


def read(test: object, successes: object, trials: object, arm: object) -> Read:
    """Number of each arm's test, its name, counts and labels; or a refusal."""
    y, n = counts(successes, trials)
    of, arms = names_in("test", test), None if arm is None else names_in("arm", arm)
    given = {"test": (test, of), "successes": (successes, y), "trials": (trials, n)}
    given |= {} if arms is None else {"arm": (arm, arms)}
    same_rows({name: column for name, (column, _) in given.items()}, [rows for _, rows in given.values()])
    number_of, tests = numbered(of)
    for column, bad, reason in demands(number_of, arms, y, n):
        refuse(column, {"test": of, "arm": arms, "successes": y, "trials": n}[column], bad, reason)
    names = tuple(tests[number_of])
    if arms is None:
        return number_of, names, y, n, labels_of(None, len(y), test, successes, trials)
    labels = Labels(arms, rows := row_names("the data", test, successes, trials))
    if len(set(labels)) < len(labels):  # the same arms in every test: the test's name goes before
        labels = Labels([f"{name}: {label}" for name, label in zip(names, labels, strict=True)], rows)
    return number_of, names, y, n, labels


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
    >>> print(len(usable), "usable;", *set_aside["reason"].unique())
    2 usable; its test has no success in any arm, and says nothing
    """
    a_frame_with(COLUMNS, "table", table)
    # 1. Rows that are no names and counts, in the words in which `fit` refuses them.
    number_of, reason = numbered(list(table["test"]))[0], np.full(len(table), "", dtype=object)
    y, n = (_measured(table[name]) for name in ("successes", "trials"))
    named = table[["test", "arm"]].notna().all(axis=1).to_numpy()
    for row in np.flatnonzero(~(named & (y >= 0) & (y <= n) & (n <= 1e12) & (y % 1 == 0) & (n % 1 == 0))):
        test, arm, *given = (table[name].iloc[[row]].tolist() for name in ("test", "arm", "successes", "trials"))
        try:
            names_in("test", test), names_in("arm", arm)
            counts(*given)
        except ValueError as refusal:
            reason[row] = str(refusal).replace("[0]", "")
    # 2. What is asked of the others, test by test.
    _whole(reason, number_of)
    kept = np.flatnonzero(reason == "")
    for _, bad, why in demands(number_of[kept], list(table["arm"].iloc[kept]), y[kept], n[kept]):
        reason[kept[bad & (reason[kept] == "")]] = why
    _whole(reason, number_of)
    if not np.any(reason == ""):
        raise ValueError(f"table has no test that can be used; the first row: {reason[0] if len(reason) else 'none'}")
    usable = table[reason == ""]
    usable = usable.assign(**{name: x[reason == ""].astype(int) for name, x in (("trials", n), ("successes", y))})
    return usable, table[reason != ""].assign(reason=reason[reason != ""])


def _measured(column: "pd.Series") -> np.ndarray:
    """The numbers of a column, and NaN for what is none."""
    import pandas as pd

    plain = column.map(lambda value: isinstance(value, Real) and not isinstance(value, bool | np.bool))
    return pd.to_numeric(column.where(plain.astype(bool)), errors="coerce").to_numpy(float, na_value=np.nan)


def _whole(reason: np.ndarray, number_of: np.ndarray) -> None:
    """A test with a bad row is set aside whole."""
    spoiled = np.isin(number_of, number_of[reason != ""])
    reason[spoiled & (reason == "")] = "another row of its test cannot be used"
