"""Counts of an experiment in several markets, as arrays and as tidy tables."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from borrowing_strength.core.inputs import real_array, refuse
from borrowing_strength.core.options import a_frame_with, word
from borrowing_strength.core.rows import Labels, names_in
from borrowing_strength.core.two_arms import ARMS, two_arms

if TYPE_CHECKING:
    import pandas as pd


_OTHERS = (
    "This model is for successes and trials of two arms, one row a market. For more arms, covariates or measurements "
    'use Bambi: bambi.Model("y ~ 1 + treated + (1 + treated | market)", data), with a row an observation'
)


def market_counts(columns: Sequence[object], labels: object) -> tuple[np.ndarray, Labels]:
    """Counts of shape (4, markets) and the markets' names. Who has other data is told what fits them."""
    try:
        return two_arms(columns, labels)
    except ValueError as error:
        if any(map(_is_something_else, columns)):
            raise ValueError(f"{error}. {_OTHERS}") from None
        raise


def _is_something_else(column: object) -> bool:
    """A formula, a table, or measurements."""
    if isinstance(column, str):
        return True
    try:
        values = real_array("column", column)
    except ValueError:
        return False
    return values.ndim > 1 or bool(np.any((values % 1 > 0) | (values < 0)))


def experiment(
    control_successes: object,
    control_trials: object,
    treatment_successes: object,
    treatment_trials: object,
    *,
    labels: object = None,
) -> "pd.DataFrame":
    """Tidy data of an experiment that ran in several markets.

    Parameters
    ----------
    control_successes, control_trials, treatment_successes, treatment_trials : array_like of int, shape (markets,)
        Counts of every market.
    labels : sequence of str, optional
        Names of the markets; a pandas Series brings its index.

    Returns
    -------
    pandas.DataFrame
        Columns `market`, `arm` ("control" or "treatment"), `treated` (0 or 1), `successes` and `trials`; one row a
        market and arm.

    Raises
    ------
    ValueError
        For counts that are not counts; argument, row and reason are named.

    Examples
    --------
    >>> import borrowing_strength as bs
    >>> print(bs.multilevel.experiment([30, 55], [100, 100], [50, 60], [100, 100], labels=["Canada", "China"]))
       market        arm  treated  successes  trials
    0  Canada    control        0         30     100
    1  Canada  treatment        1         50     100
    2   China    control        0         55     100
    3   China  treatment        1         60     100
    """
    import pandas as pd

    found, names = market_counts((control_successes, control_trials, treatment_successes, treatment_trials), labels)
    cells = {
        "market": np.repeat(names, 2),
        "arm": np.tile(ARMS, len(names)),
        "treated": np.tile([0, 1], len(names)),
        "successes": found[[0, 2]].T.ravel(),
        "trials": found[[1, 3]].T.ravel(),
    }
    return pd.DataFrame(cells)


def columns_of(
    table: "pd.DataFrame", *, control: str = ARMS[0], treatment: str = ARMS[1]
) -> "tuple[pd.Series, pd.Series, pd.Series, pd.Series]":
    """The four columns that `fit` takes, from a table with one row a market and arm, such as `experiment` makes.

    Parameters
    ----------
    table : pandas.DataFrame
        With the columns `market`, `arm`, `successes` and `trials`; others are left alone.
    control, treatment : str
        What the table calls the two arms.

    Returns
    -------
    tuple of four pandas.Series
        Successes and trials under control, then under treatment; their index holds the markets.

    Raises
    ------
    ValueError
        For a column that is missing, an arm of another name, and a market without one row for each arm.

    Examples
    --------
    >>> import pandas as pd, borrowing_strength as bs
    >>> rows = {"market": ["Canada"] * 2, "arm": ["old", "new"], "successes": [30, 50], "trials": [100, 100]}
    >>> columns = bs.multilevel.columns_of(pd.DataFrame(rows), control="old", treatment="new")
    >>> print(bs.multilevel.fit(*columns).prob_better.round(3))
    [0.998]
    """
    import pandas as pd

    # 1. Names that are there, and arms that are known.
    a_frame_with(("market", "arm", "successes", "trials"), "table", table)
    arms = word("control", control), word("treatment", treatment)
    if control == treatment:
        raise ValueError(f"treatment is {treatment!r}, and so is control: the two arms need two names")
    market, arm = names_in("market", table["market"]), names_in("arm", table["arm"])
    others = f"the arms are called {control!r} and {treatment!r}; control=... and treatment=... change that"
    refuse("arm", arm, [name not in arms for name in arm], others)
    # 2. Each market once in each arm.
    rows = pd.MultiIndex.from_arrays([market, arm])
    refuse("market", market, rows.duplicated(), "it has two rows for one arm; add them up")
    alone = ~pd.Index(market).duplicated(keep=False)
    refuse("market", market, alone, "it has one arm only; drop the row, or add the other arm")
    halves = [table[[x == name for x in arm]].set_index("market") for name in arms]
    first = halves[0].index
    return tuple(half.loc[first, what] for half in halves for what in ("successes", "trials"))
