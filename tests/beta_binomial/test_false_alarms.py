"""The study of lesson 01: where all rates are equal, a learned population announces next to nothing."""

import pytest
from scipy import stats

import borrowing_strength as bs
from borrowing_strength.beta_binomial import false_alarms
from borrowing_strength.beta_binomial.study import _greater_alone


def test_the_stored_table_is_what_the_study_gives():
    stored = bs.datasets.false_alarms()
    assert stored.groupby("variants").method.apply(list).map(len).to_dict() == {4: 4, 15: 4}
    again = false_alarms(15, 40, seed=2).set_index("method").false_alarms
    expected = stored[stored.variants == 15].set_index("method").false_alarms
    # forty experiments: four standard errors, and one experiment more for shares near zero
    assert all(abs(again - expected) <= 4 * (expected * (1 - expected) / 40) ** 0.5 + 1 / 40)


def test_the_same_seed_gives_the_same_table():
    assert false_alarms(3, 5, seed=1).equals(false_alarms(3, 5, seed=1))


@pytest.mark.parametrize(("more", "less"), [(60, 40), (55, 50), (100, 0)])
def test_without_pooling_by_simulation(more, less):
    draws = [stats.beta(1 + y, 101 - y).rvs(200_000, random_state=y) for y in (more, less)]
    assert _greater_alone(more, less, 100) == pytest.approx((draws[0] > draws[1]).mean(), abs=0.005)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"variants": 1}, "variants is 1"),
        ({"replications": 0}, "replications is 0"),
        ({"trials": 0}, "trials is 0"),
        ({"rate": 1.0}, r"rate is 1\.0"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_bad_input_is_named(words, sentence):
    with pytest.raises(ValueError, match=sentence):
        false_alarms(**words)
