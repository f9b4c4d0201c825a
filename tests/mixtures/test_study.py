"""The study of one table: what it concludes where the truth is known, and its 95% line against theory."""

import numpy as np
import pytest
from scipy import stats

import borrowing_strength as bs
from borrowing_strength.mixtures import overdispersion, study

pytestmark = pytest.mark.filterwarnings("error")


def test_campaigns_of_two_kinds_are_called_two_kinds():
    data = bs.datasets.campaigns()
    found = study(data["conversions"], data["visitors"], seed=1)
    assert found.differ
    assert found.has_kinds
    low, high = (f"{rate:.1%}" for rate in found.kinds.probs)
    assert found.sentence("campaigns", "conversion rate") == (
        f"The campaigns differ by more than luck, as if of two kinds: a conversion rate of {low}, and one of {high}."
    )


def test_rats_are_a_population_and_its_middle_holds_what_it_says():
    data = bs.datasets.rat_tumors()
    found = study(data["tumors"], data["rats"], seed=1)
    assert found.differ
    assert not found.has_kinds
    low, high = found.middle()
    assert np.diff(stats.beta.cdf([low, high], found.fitted.a, found.fitted.b)) == pytest.approx(0.8)
    assert f"lies between {low:.1%} and {high:.1%}." in found.sentence()
    assert found.scores["a population"].sum() > found.scores["one rate"].sum() + 10
    assert 0.05 < found.extremes.p_value < 0.99


@pytest.mark.parametrize("groups", [5, 14, 71])
def test_the_line_is_that_of_chi_square_where_counts_are_large(groups):
    y, n = np.arange(groups) % 5 + 298, np.full(groups, 1000)
    found = study(y, n, seed=1)
    assert found.one_rate.observed == overdispersion(y, n)
    assert found.line == pytest.approx(stats.chi2.ppf(0.95, groups - 1) / (groups - 1), rel=0.03)
    assert not found.differ
    assert f"one rate of {y.sum() / n.sum():.1%} may serve all" in found.sentence()


def test_it_prints_its_numbers():
    found = study([1, 30, 2, 40, 3], [100] * 5, seed=1)
    for number in (found.one_rate.observed, found.line, *(score.sum() for score in found.scores.values())):
        assert f"{number:.1f}" in str(found)
    assert f"{found.extremes.p_value:.0%}" in str(found)


REFUSED = {
    r"successes has 4 rows: at least five groups": lambda: study([1, 2, 3, 4], [9] * 4, seed=1),
    r"successes holds no success": lambda: study([0] * 5, [9] * 5, seed=1),
    r"successes holds no failure": lambda: study([9] * 5, [9] * 5, seed=1),
    r"trials\[1\] is 9 but successes\[1\] is 10": lambda: study([1, 10, 1, 1, 1], [9] * 5, seed=1),
    r"seed is 1\.5": lambda: study([1, 2, 3, 4, 5], [9] * 5, seed=1.5),
}


@pytest.mark.parametrize(("message", "call"), REFUSED.items(), ids=REFUSED)
def test_bad_input_is_refused_with_the_reason(message, call):
    with pytest.raises(ValueError, match=message):
        call()
