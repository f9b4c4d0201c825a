"""Counts of an experiment in several markets, as arrays and as tidy tables."""

from typing import TYPE_CHECKING

import numpy as np

from borrowing_strength.core.inputs import counts
from borrowing_strength.core.two_arms import ARMS, two_arms

if TYPE_CHECKING:
    import pandas as pd


def experiment(
    control_successes: object,
    control_trials: object,
    treatment_successes: object,
    treatment_trials: object,
    labels: object = None,
    *,
    rows: bool = False,
) -> "pd.DataFrame":
    """Tidy data of an experiment that ran in several markets.

    Parameters
    ----------
    control_successes, control_trials, treatment_successes, treatment_trials : array_like of int, shape (markets,)
        Counts of every market.
    labels : sequence of str, optional
        Names of the markets; a pandas Series brings its index.
    rows : bool
        One row a trial instead of one row a market and arm.

    Returns
    -------
    pandas.DataFrame
        Columns `market`, `arm` ("control" or "treatment"), `treated` (0 or 1), and `successes` and `trials`, or with
        ``rows=True`` a column `success` (0 or 1).

    Raises
    ------
    ValueError
        For counts that are not counts; argument, row and reason are named.

    Examples
    --------
    >>> import borrowing_strength as bs
    >>> print(bs.multilevel.experiment([30, 55], [100, 100], [50, 60], [100, 100], ["Canada", "China"]))
       market        arm  treated  successes  trials
    0  Canada    control        0         30     100
    1  Canada  treatment        1         50     100
    2   China    control        0         55     100
    3   China  treatment        1         60     100
    """
    import pandas as pd

    found, names = two_arms((control_successes, control_trials, treatment_successes, treatment_trials), labels)
    cells = {
        "market": np.repeat(names, 2),
        "arm": np.tile(ARMS, len(names)),
        "treated": np.tile([0, 1], len(names)),
        "successes": found[[0, 2]].T.ravel(),
        "trials": found[[1, 3]].T.ravel(),
    }
    table = pd.DataFrame(cells)
    return as_rows(table) if rows else table


def as_rows(table: "pd.DataFrame") -> "pd.DataFrame":
    """One row a trial."""
    out = table.loc[table.index.repeat(table["trials"]), ["market", "arm", "treated"]].reset_index(drop=True)
    cells = zip(table["successes"], table["trials"], strict=True)
    out["success"] = np.concatenate([np.arange(n) < y for y, n in cells]).astype(int)
    return out


def counts_of(data: "pd.DataFrame") -> "pd.DataFrame":
    """Counts per market and arm of a table in either form, as `experiment` gives them. Rows of a cell are added up."""
    import pandas as pd

    if not isinstance(data, pd.DataFrame):
        raise ValueError(f"data is a {type(data).__name__}: it must be a data frame such as experiment(...) returns")
    single = "success" in data.columns
    for column in ("market", "arm", *(["success"] if single else ["successes", "trials"])):
        if column not in data.columns:
            raise ValueError(f"data has no column {column!r}: its columns are {', '.join(map(repr, data.columns))}")
    for column in ("market", "arm"):
        missing = np.flatnonzero(data[column].isna())
        if missing.size:
            raise ValueError(f"{column}[{missing[0]}] is missing: every row needs a market and an arm")
    unknown = np.flatnonzero(~data["arm"].isin(ARMS))
    if unknown.size:
        j = unknown[0]
        raise ValueError(f'arm[{j}] is {data["arm"].iloc[j]!r}: it must be "control" or "treatment"')
    trials = [1] * len(data) if single else data["trials"].to_numpy()
    names = ("success", "trials") if single else ("successes", "trials")
    y, n = counts(data[names[0]].to_numpy(), trials, names)
    cells = pd.DataFrame(
        {"market": data["market"].astype(str).to_numpy(), "arm": data["arm"].to_numpy(), "y": y, "n": n}
    )
    table = cells.pivot_table(index="market", columns="arm", values=["y", "n"], aggfunc="sum", sort=False, fill_value=0)
    columns = [(what, arm) for arm in ARMS for what in ("y", "n")]
    table = table.reindex(columns=columns, fill_value=0).reindex(pd.unique(cells["market"]))
    return experiment(*table.astype(int).to_numpy().T, labels=table.index)
