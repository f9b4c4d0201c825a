"""The four columns of experiments with a control and a treatment, one row an experiment: read and checked once."""

from collections.abc import Sequence

import numpy as np

from borrowing_strength.core.inputs import counts, refuse
from borrowing_strength.core.rows import labels_of, same_rows

ARMS = ("control", "treatment")
COLUMNS = ("control_successes", "control_trials", "treatment_successes", "treatment_trials")


def two_arms(
    columns: Sequence[object], labels: object = None, *, names: Sequence[str] = COLUMNS, empty: bool = True
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Checked counts, an int array of shape (4, rows) in the order of `COLUMNS`, and the rows' names.

    `names` are the caller's words for the columns, used in messages. ``empty=False`` refuses arms without trials.
    """
    control, treatment = (counts(*columns[k : k + 2], tuple(names[k : k + 2])) for k in (0, 2))
    same_rows(dict(zip(names, columns, strict=True)), (*control, *treatment))
    found = np.stack([*control, *treatment])
    for name, trials in zip(names[1::2], found[1::2], strict=True):
        refuse(name, trials, (trials == 0) & (not empty), "an arm without trials has no rate; drop the row")
    return found, labels_of(labels, found.shape[1], *columns)
