"""Bad rows of an archive: `fit` names column, row and reason; `tidy` sets their test aside, and no other."""

import functools

import numpy as np
import pandas as pd
import pytest

from borrowing_strength import headlines

GOOD = [("A", 0, 900, 9), ("A", 1, 950, 14), ("B", 0, 1000, 11), ("B", 1, 990, 8)]  # rows 0 to 3
# Rows that follow the good ones; what `fit` says of all; what `tidy` says of them; and of the other rows of their test.
BAD = {
    "a test with one arm": ([("C", 0, 900, 9)], r"test\[4\] is 'C': this test has one arm", "this test has one arm"),
    "no clicks at all": (
        [("C", 0, 900, 0), ("C", 1, 900, 0)],
        r"successes\[4\] is 0: its test has no success in any arm.*also row 5",
        "its test has no success in any arm",
    ),
    "the same arm twice": (
        [("C", 0, 900, 7), ("C", 1, 900, 8), ("C", 1, 900, 8)],
        r"arm\[6\] is 1: its test has an arm of this name already",
        "its test has an arm of this name already",
    ),
    "successes above trials": (
        [("C", 0, 10, 11), ("C", 1, 900, 8)],
        r"trials\[4\] is 10 but successes\[4\] is 11",
        "trials is 10 but successes is 11: successes cannot exceed trials",
    ),
    "successes missing": (
        [("C", 0, 900, np.nan), ("C", 1, 900, 8)], r"successes\[4\] is nan: a missing value",
        "successes is nan: a missing value",
    ),
    "trials missing": (
        [("C", 0, None, 8), ("C", 1, 900, 8)], r"trials\[4\] is nan: a missing value", "trials is nan: a missing value"
    ),
    "the test's name missing": (
        [(None, 0, 900, 8), ("C", 1, 900, 8), ("C", 2, 900, 8)], r"test\[4\] is nan: a missing value names nothing",
        "test is nan: a missing value names nothing",
    ),
    "the arm's name missing": (
        [("C", None, 900, 8), ("C", 1, 900, 8)], r"arm\[4\] is nan: a missing value names nothing",
        "arm is nan: a missing value names nothing",
    ),
    "nobody saw it": ([("C", 0, 0, 0), ("C", 1, 900, 8)], r"trials\[4\] is 0: an arm that nobody saw", "an arm that"),
    "not rare": (
        [("C", 0, 900, 400), ("C", 1, 900, 380)], r"successes\[4\] is 400: its test has successes in more than a fifth",
        "its test has successes in more than a fifth",
    ),
    "a part of a click": (
        [("C", 0, 900, 8.5), ("C", 1, 900, 8)], r"successes\[4\] is 8.5: a count must be a whole number",
        "successes is 8.5: a count must be a whole number",
    ),
    "fewer than none": (
        [("C", 0, 900, -8), ("C", 1, 900, 8)], r"successes\[4\] is -8: a count cannot be negative",
        "successes is -8: a count cannot be negative",
    ),
    "text": (
        [("C", 0, "9,000", 80), ("C", 1, 900, 8)], r"trials\[4\] is '9,000': it must be a number, not text",
        "trials is '9,000': it must be a number, not text",
    ),
}  # fmt: skip


def table_of(rows):
    return pd.DataFrame(rows, columns=["test", "arm", "trials", "successes"])


@functools.cache
def means_of_the_good():
    return fit(table_of(GOOD)).mean


def fit(table):
    return headlines.fit(table["test"], table["successes"], table["trials"], arm=table["arm"])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("rows", "refusal", "reason"), BAD.values(), ids=BAD)
def test_a_bad_test_is_named_and_spoils_no_other(rows, refusal, reason):
    table = table_of(GOOD + rows)
    with pytest.raises(ValueError, match=refusal):
        fit(table)
    usable, set_aside = headlines.tidy(table)
    assert list(set_aside.index) == list(range(4, len(table))) or rows[0][0] is None
    assert set_aside["reason"].str.startswith(reason).any()
    others = set_aside["reason"][~set_aside["reason"].str.startswith(reason)]
    assert set(others) <= {"another row of its test cannot be used"}
    good = usable[usable["test"].isin(["A", "B"])]
    assert np.array_equal(fit(good).mean, means_of_the_good())


@pytest.mark.filterwarnings("error")
def test_all_kinds_at_once_leave_the_good_tests():
    rows = [
        (f"{test}{k}" if test else test, *rest) for k, (rows, *_) in enumerate(BAD.values()) for test, *rest in rows
    ]
    usable, set_aside = headlines.tidy(table_of(rows + GOOD))
    extra = usable[~usable["test"].isin(["A", "B"])]
    assert set(extra["trials"]) <= {900}  # those of the test that lost a row without a name
    assert len(usable) + len(set_aside) == len(rows) + 4
    assert set(usable["test"]) >= {"A", "B"}


@pytest.mark.parametrize("name", ["test", "arm", "trials", "successes"])
def test_a_column_of_another_name_is_named(name):
    table = table_of(GOOD).rename(columns={name: "visitors"})
    with pytest.raises(ValueError, match=rf"table has no column '{name}': it has .*'visitors'.*rename\(columns"):
        headlines.tidy(table)


@pytest.mark.parametrize(("value", "reason"), [(True, "a truth value"), ("3", "text"), ("2e2", "text")])
def test_what_is_no_number_is_none_to_tidy_either(value: object, reason: str) -> None:
    table = table_of(GOOD).astype({"successes": object})
    table.loc[0, "successes"] = value
    with pytest.raises(ValueError, match=f"successes is {value!r}: it must be a number, not {reason}"):
        headlines.tidy(table.iloc[:2])


def test_a_column_that_stands_twice_is_named() -> None:
    table = table_of(GOOD)
    with pytest.raises(ValueError, match="table has two columns 'trials': drop or rename one"):
        headlines.tidy(pd.concat([table, table[["trials"]]], axis=1))


def test_nothing_that_can_be_used_is_said():
    with pytest.raises(ValueError, match="no test that can be used; the first row: this test has one arm"):
        headlines.tidy(table_of(GOOD[:1]))
    with pytest.raises(ValueError, match="no test that can be used; the first row: none"):
        headlines.tidy(table_of([]))


@pytest.mark.filterwarnings("error")
def test_a_population_that_is_none_is_named():
    with pytest.raises(ValueError, match="population is 3"):
        headlines.fit(list("AA"), [3, 4], [100] * 2, population=3)
    with pytest.raises(ValueError, match=r"ratio is 0\.5"):
        headlines.TwoSpreads(0.1, 0.5)


@pytest.mark.filterwarnings("error")
def test_ten_million_impressions_in_one_arm():
    """What it has is what its test has: the others are pulled to a level that is known."""
    n = [10_000_000, 1_000, 1_000]
    post = headlines.fit(["A"] * 3, [130_000, 14, 11], n)
    assert post.mean[0] == pytest.approx(0.013, rel=1e-5)
    assert post.sd[0] == pytest.approx(130_000**0.5 / 1e7, rel=0.01)
    assert np.all(np.isfinite(post.interval()))
    assert 0.011 < post.mean[2] < post.mean[1] < 0.014
