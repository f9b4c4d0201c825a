"""Large archives are integrated over fewer nodes than small ones: the answers are the same."""

import numpy as np
import pytest

from borrowing_strength import headlines
from borrowing_strength.headlines import posterior, rates

SHAPES = {  # expected clicks of an arm, the spread of arms within a test, and the number of tests
    "as in the archive": (40, 0.2, 45),
    "few clicks": (6, 0.4, 10),
    "many clicks, nearly alike": (20_000, 0.02, 45),
}


def archive(clicks: float, spread: float, tests: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    test = np.repeat(np.arange(tests), rng.integers(2, 7, tests))
    trials = rng.integers(2_000, 6_000, len(test)) * max(1, int(clicks / 40))
    level = clicks / trials.mean() * np.exp(rng.normal(0, 0.5, tests))[test]
    shape = spread**-2
    return test, rng.poisson(trials * level * rng.gamma(shape, 1 / shape, len(test))), trials


@pytest.mark.parametrize("population", [None, headlines.TwoSpreads(0.2, 2.5)], ids=["one spread", "two spreads"])
@pytest.mark.parametrize("name", SHAPES)
def test_fewer_nodes_leave_every_answer_where_it_is(
    name: str, population: headlines.TwoSpreads | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = archive(*SHAPES[name])
    monkeypatch.setattr(posterior, "SMALL", 20)
    monkeypatch.setattr(rates, "SMALL", 20)
    few = headlines.fit(*data, population=population)
    ends, pairs = few.interval(), [(0, 1), (len(few) - 2, len(few) - 1)]
    ahead = [few.prob_greater(*pair) for pair in pairs]
    monkeypatch.setattr(posterior, "SMALL", len(few))
    monkeypatch.setattr(rates, "SMALL", len(few))
    every = headlines.fit(*data, population=population)
    assert len(few._groups) > len(every._groups) == 1
    assert np.max(np.abs(few.mean - every.mean) / every.sd) < 1e-6
    assert np.max(np.abs(few.sd / every.sd - 1)) < 1e-6
    for end, below in zip(ends.T, (0.025, 0.975), strict=True):
        density = every._pdf(np.log(end), np.arange(len(every))) / end
        assert np.max(np.abs(every._cdf(np.log(end), np.arange(len(every))) - below) / density / every.sd) < 1e-6
    assert ahead == pytest.approx([every.prob_greater(*pair) for pair in pairs], abs=1e-5)
