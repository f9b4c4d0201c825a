"""What users pass as an archive, read once."""

from collections.abc import Sequence

import numpy as np

from borrowing_strength.core.inputs import Labels, counts, labels_of, names_in, refuse, same_length, same_rows

RARE = 0.2  # rates up to which a count of clicks is taken to be Poisson

Read = tuple[np.ndarray, tuple[str, ...], np.ndarray, np.ndarray, Labels]


def read(test: object, successes: object, trials: object, arm: object) -> Read:
    """Number of each arm's test, its name, counts and labels; or a refusal."""
    import pandas as pd

    y, n = counts(successes, trials)
    names = names_in("test", test)
    same_rows({"test": test, "successes": successes, "trials": trials}, (names, y, n))
    refuse("trials", n, n == 0, "an arm that nobody saw says nothing; drop the row")
    number_of, tests = pd.factorize(pd.Series([str(name) for name in names]))
    size, clicks, seen = np.bincount(number_of), np.bincount(number_of, y), np.bincount(number_of, n)
    refuse("test", names, size[number_of] == 1, "this test has one arm, and nothing to compare it with")
    refuse("successes", y, clicks[number_of] == 0, "so is every count of its test, which therefore says nothing")
    refuse(
        "successes", y, (clicks > RARE * seen)[number_of],
        "its test has a success in more than a fifth of its trials, and this model is for rare ones; see beta_binomial",
    )  # fmt: skip
    labels = labels_of(None, len(y), test, successes, trials) if arm is None else _names_of(arm, number_of, tests)
    return number_of, tuple(tests[number_of]), y, n, labels


def _names_of(arm: object, number_of: np.ndarray, tests: Sequence[str]) -> Labels:
    """The names of the arms, with the test's before them if they repeat from test to test."""
    given = Labels(names_in("arm", arm))
    same_length("arm", given, "test", number_of)
    if len(set(given)) == len(given):
        return given
    seen: dict[tuple[int, str], int] = {}
    for row, key in enumerate(zip(number_of.tolist(), given, strict=True)):
        if key in seen:
            raise ValueError(
                f"arm[{row}] is {given[row]!r}, which test {tests[key[0]]!r} has already in row {seen[key]}: "
                "add up the rows of one arm, or give them different names"
            )
        seen[key] = row
    return Labels([f"{tests[k]}: {name}" for k, name in zip(number_of, given, strict=True)])
