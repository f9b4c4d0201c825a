"""Every refusal names the argument, the row and the reason; everything that is a count is accepted."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from borrowing_strength import beta_binomial, headlines, meta_analysis, mixtures, multilevel, redundancy
from borrowing_strength.core.inputs import counts, numbers, positive, probability, whole_number, whole_numbers
from borrowing_strength.core.rows import labels_of, same_length
from borrowing_strength.sampling import compare_means

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize(
    "values",
    [
        [3, 0, 7],
        (3.0, 0.0, 7.0),
        np.array([3, 0, 7], dtype=np.uint8),
        np.array([3, 0, 7], dtype=object),
        pd.Series([3, 0, 7], index=["x", "y", "z"]),
        pd.Series([3, 0, 7], dtype="Int64"),
        [Decimal(3), Decimal(0), Decimal(7)],
        (value for value in (3, 0, 7)),
        range(0, 9, 3),
    ],
    ids=lambda v: type(v).__name__,
)
def test_counts_in_any_container(values):
    expected = [0, 3, 6] if isinstance(values, range) else [3, 0, 7]
    result = whole_numbers("x", values)
    assert result.dtype == np.int64
    assert result.tolist() == expected


REFUSED = {
    "text": ("abc", "x is the text 'abc'"),
    "bytes": (b"abc", "x is the text b'abc'"),
    "dictionary": ({1: 2}, "x is a dict"),
    "set": ({1, 2}, "x is a set"),
    "None": (None, "x has 0 dimensions"),
    "number": (4, "x has 0 dimensions"),
    "matrix": ([[1, 2], [3, 4]], "x has 2 dimensions"),
    "frame": (pd.DataFrame({"a": [1, 2]}), "x has 2 dimensions"),
    "ragged": ([[1, 2], [3]], "x is ragged"),
    "empty": ([], "x is empty: at least one group is needed"),
    "text inside": ([1, "two"], r"x\[1\] is 'two': it must be a number, not text"),
    "strings": (pd.Series(["a", "b"]), "x holds|is 'a'"),
    "dates": (np.array(["2020-01-01"], dtype="datetime64[D]"), "x holds datetime64"),
    "objects": ([object()], r"x\[0\] is <object object.*: it must be a number"),
    "complex": ([1 + 2j], r"x\[0\] is \(1\+2j\): it must be a real number"),
    "missing": ([1, np.nan], r"x\[1\] is nan: a missing value cannot be used"),
    "pandas missing": (pd.Series([1, None], dtype="Int64"), r"x(\[1\]|.*)(missing|NA)"),
    "complex array": (np.array([1 + 2j]), "x holds complex128 values"),
    "truth value": ([1, True], r"x\[1\] is True: it must be a number, not a truth value"),
    "truth values": (np.array([True, False]), "x holds bool values"),
    "text in a Series": (pd.Series(["3", "50"]), r"x\[0\] is '3': it must be a number, not text"),
    "text among objects": (np.array(["3"], dtype=object), r"x\[0\] is '3': it must be a number, not text"),
    "missing in a list": ([1, pd.NA], r"x\[1\] is <NA>: a missing value cannot be used"),
    "nothing": ([1, None, 2], r"x\[1\] is None: a missing value cannot be used"),
    "masked": (np.ma.array([3, 50, 55], mask=[0, 1, 0]), r"x\[1\] is 50: it is masked"),
    "too large": ([10**400], "x holds object values"),
    "infinite": ([1, -np.inf], r"x\[1\] is -inf: it must be finite"),
}


@pytest.mark.parametrize(("values", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_list_of_numbers_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        numbers("x", values)


def test_counts_are_whole_and_not_negative():
    for values, message in {
        (1, -1): r"x\[1\] is -1: a count cannot be negative",
        (1, 0.5): r"x\[1\] is 0.5: a count must be a whole number",
        (1, 2e12): r"x\[1\] is 2e\+12: counts beyond 1e12",
    }.items():
        with pytest.raises(ValueError, match=message):
            whole_numbers("x", values)


def test_further_rows_are_listed_but_not_all():
    with pytest.raises(ValueError, match=r"x\[0\] is -1: a count cannot be negative \(also row 2\)"):
        whole_numbers("x", [-1, 0, -1])
    with pytest.raises(ValueError, match=r"\(also rows 1, 2, 3, 4, 5 and 14 more\)"):
        whole_numbers("x", [-1] * 20)


def test_successes_cannot_exceed_trials():
    message = r"^trials\[3\] is 10 but successes\[3\] is 12: successes cannot exceed trials$"
    with pytest.raises(ValueError, match=message):
        counts([1, 2, 3, 12], [10, 10, 10, 10])
    with pytest.raises(ValueError, match=r"^n\[0\] is 1 but y\[0\] is 2: y cannot exceed n \(also row 1\)$"):
        counts([2, 2], [1, 1], names=("y", "n"))
    with pytest.raises(ValueError, match="successes has 1 rows but trials has 2"):
        counts([1], [2, 2])
    with pytest.raises(ValueError, match="a has 3 rows but b has 2"):
        same_length("a", [1, 2, 3], "b", [1, 2])


def test_single_numbers():
    assert positive("x", np.float32(2)) == 2.0
    assert whole_number("x", np.int16(3)) == 3
    assert whole_number("x", 0, least=0) == 0
    assert whole_number("x", 3.0) == 3
    assert redundancy.upper_limit(0.0, 100.0) == redundancy.upper_limit(0, 100)
    assert repr(redundancy.belief_from_trials(pd.Series([0.0, 1.0]).sum(), 10)) == "Beta(2, 10)"
    assert probability("x", 0.95) == 0.95
    refused = {
        positive: [0, -1, np.inf, np.nan, "1", None, True, [1]],
        whole_number: [0, -1, 2.5, "1", None, True, np.nan],
        probability: [0, 1, 95, -0.1, np.nan, "0.5", None, True],
    }
    for check, values in refused.items():
        for value in values:
            with pytest.raises(ValueError, match="x is "):
                check("x", value)


def test_labels_come_from_the_first_source_that_has_some():
    series = pd.Series([1, 2], index=["b", "a"])
    assert labels_of(None, 2, [1, 2], [1, 2]) == ("0", "1")
    assert labels_of(None, 2, [1, 2], series) == ("b", "a")
    assert labels_of(("x", 7), 2, series) == ("x", "7")
    with pytest.raises(ValueError, match=r"labels is \{'"):
        labels_of({"a", "b"}, 2)
    with pytest.raises(ValueError, match=r"the index\[1\] is '0', which .* \(reset_index"):
        labels_of(None, 2, pd.Series([1, 2], index=[0, 0]))
    for labels, message in {
        "ab": "labels is 'ab': it must be a list with one name a group",
        5: "labels is 5",
        ("a",): "labels has 1 names but there are 2 groups",
        ("a", "a"): r"labels\[1\] is 'a', which another group has already",
    }.items():
        with pytest.raises(ValueError, match=message):
            labels_of(labels, 2)


def test_a_label_that_exists_wins_over_a_position():
    named, numbered = labels_of(["B", "A"], 2), labels_of(None, 3, pd.Series([5, 6, 7], index=[1, 2, 3]))
    assert named.position("i", "A") == named.position("i", 1) == 1
    assert labels_of(None, 2).position("i", 1) == 1
    assert [numbered.position("i", label) for label in (1, 2, 3, "3")] == [0, 1, 2, 2]
    for labels, group, message in (
        (numbered, 0, "i is 0: it must be a label$"),
        (named, 2, "i is 2: it must be a label or a position from 0 to 1"),
        (named, True, "i is True"),
        (named, "C", "i is 'C'"),
    ):
        with pytest.raises(ValueError, match=message):
            labels.position("i", group)
    with pytest.raises(ValueError, match="i and j both name variant 'A': compare two different variants"):
        named.two("A", 1, "variant")


def test_rows_are_never_matched_by_position_where_their_labels_differ():
    y = pd.Series([3, 5], index=["a", "b"])
    assert counts(y, pd.Series([10, 11], index=["a", "b"]))[1].tolist() == [10, 11]
    for other in (["b", "a"], ["a", "c"]):
        with pytest.raises(ValueError, match=r"trials and successes have different row labels \(row"):
            counts(y, pd.Series([10, 10], index=other))


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.binary(max_size=3)
    | st.complex_numbers(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(successes=ANYTHING, trials=ANYTHING)
def test_anything_gives_counts_or_a_value_error(successes, trials):
    refusal = None
    try:
        y, n = counts(successes, trials)
    except ValueError as error:
        refusal = str(error)
    if refusal is None:
        assert y.dtype == n.dtype == np.int64
        assert np.all((y >= 0) & (y <= n))
    else:
        assert refusal.startswith(("successes", "trials"))


@pytest.mark.parametrize("what", ["predict", "markets", "average", "forecast", "replay", "arm", "labels", "exact"])
def test_rows_in_another_order_than_the_groups_are_refused(what: str) -> None:
    def column(values: list, rows: str = "ab") -> pd.Series:
        return pd.Series(values, list(rows))

    pair = column([3, 50]), column([1000, 9000])
    archive, draws = headlines.fit([1, 1], *pair), beta_binomial.fit(*pair).sample(draws=20)["posterior"]["rate"]
    calls = {
        "predict": lambda rows: beta_binomial.fit(*pair).predict(column([10, 400], rows)),
        "markets": lambda rows: multilevel.fit(*pair, *pair).predict(column([10, 400], rows)),
        "labels": lambda rows: beta_binomial.fit(*pair, labels=column(["one", "two"], rows)),
        "exact": lambda rows: compare_means(draws, column([0.3, 0.5], rows)),
        "average": lambda rows: meta_analysis.fit(*pair).average(column([True, False], rows)),
        "forecast": lambda rows: archive.forecast(column([2000, 9000], rows)),
        "replay": lambda rows: archive.replay(column([5, 40], rows), column([2000, 9000], rows)),
        "arm": lambda rows: headlines.fit(column([1, 1]), *pair, arm=column(["x", "y"], rows)),
    }
    calls[what]("ab")
    with pytest.raises(ValueError, match=r"have different row labels \(row 0 is 'b' and 'a'\)"):
        calls[what]("ba")


def test_labels_beside_the_data_do_not_make_their_rows_forgotten() -> None:
    y, n = pd.Series([3, 50], ["a", "b"]), pd.Series([10, 100], ["a", "b"])
    post = beta_binomial.fit(y, n, labels=["one", "two"])
    expected = post.predict([10, 400]).mean
    for rows in (["a", "b"], ["one", "two"], [0, 1]):
        assert post.predict(pd.Series([10, 400], rows)).mean.tolist() == expected.tolist()
    for rows in (["b", "a"], ["two", "one"], ["x", "y"]):
        with pytest.raises(ValueError, match="trials and the groups have different row labels"):
            post.predict(pd.Series([10, 400], rows))


def test_coordinates_of_xarray_are_row_labels() -> None:
    def column(values: list, rows: str) -> xr.DataArray:
        return xr.DataArray(values, {"shop": list(rows)}, ["shop"])

    assert beta_binomial.fit(column([3, 50], "ab"), column([10, 100], "ab")).labels == ("a", "b")
    with pytest.raises(ValueError, match="different row labels"):
        beta_binomial.fit(column([3, 50], "ab"), column([10, 100], "ba"))


def test_a_missing_name_of_a_row_is_said() -> None:
    y = pd.Series([3, 50], ["a", None])
    with pytest.raises(ValueError, match=r"the index of successes\[1\] is nan: a missing value names nothing"):
        beta_binomial.fit(y, y + 1)
    with pytest.raises(ValueError, match=r"labels\[1\] is None"):
        beta_binomial.fit([3, 50], [10, 100], labels=pa.array(["a", None]))


def test_a_count_that_is_whole_but_for_rounding_is_told_how() -> None:
    said = r"\[0\] is 29 only to rounding: 28.999999999999996; use round\(\)"
    with pytest.raises(ValueError, match=f"successes{said}"):
        beta_binomial.fit([0.29 * 100, 50], [100, 100])
    with pytest.raises(ValueError, match=r"failures is 28.999999999999996: .* at least 0; use round"):
        redundancy.upper_limit(0.29 * 100, 100)
    with pytest.raises(ValueError, match=r"failures is 28\.9: it must be a whole number of at least 0$"):
        redundancy.upper_limit(28.9, 100)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (
            lambda: beta_binomial.fit([3, 50], [10, 100]).predict(3 * 10**8),
            r"trials\[0\] is 3e\+08: it must be at most",
        ),
        (lambda: beta_binomial.fit([3, 50], [10, 100]).sample(draws=10**9), "draws is 1000000000: it must be"),
        (lambda: mixtures.BinomialMixture(10**10, [0.3, 0.7]), "n is 10000000000: it must be"),
        (lambda: redundancy.prob_all_fail(10**12, 0.1), "components is 1000000000000: it must be"),
        (lambda: redundancy.prob_all_fail(10**5, redundancy.CommonCause(0.1, 0.1)), "components is 100000: it must be"),
        (lambda: beta_binomial.false_alarms(10**9, 1), "variants is 1000000000: it must be"),
        (lambda: beta_binomial.false_alarms(2, 2, trials=1), "trials is 1 and variants is 2"),
        (lambda: redundancy.beta_from_mean_sd(0.5, 1e-170), "sd is 1e-170: it must lie between"),
        (lambda: mixtures.m_step(np.full((2, 2), 0.9), [3, 5], [10, 10]), r"the sum of share\[0\] is 1.8"),
        (lambda: beta_binomial.fit([3, 50], [10, 100]).interval(np.nextafter(1, 0)), "prob is"),
    ],
)
def test_sizes_that_no_memory_holds_and_numbers_that_no_float_holds_are_refused(call, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        call()


def test_arrow_columns_are_columns() -> None:
    post = beta_binomial.fit(pa.array([3, 50]), pa.array([10, 100]))
    np.testing.assert_array_equal(post.mean, beta_binomial.fit([3, 50], [10, 100]).mean)


@pytest.mark.parametrize("labels", [[1, 2, 3], [1.0, 2.0, 3.0], ["1", "2", "3"]])
def test_a_number_is_no_position_where_labels_are_numbers(labels: list) -> None:
    post = beta_binomial.fit([3, 50, 55], [10, 100, 100], labels=labels)
    assert post.prob_greater(labels[0], labels[1]) == beta_binomial.fit([3, 50, 55], [10, 100, 100]).prob_greater(0, 1)
    with pytest.raises(ValueError, match="i is 0: it must be a label"):
        post.prob_greater(0, labels[1])
