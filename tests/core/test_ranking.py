"""Of very many groups only those are compared that have a chance to be the best: the answers are the same."""

import numpy as np
import pytest

from borrowing_strength import meta_analysis, redundancy
from borrowing_strength.core import ranking
from borrowing_strength.core.posterior import Posterior
from borrowing_strength.meta_analysis import posterior as of_meta_analysis
from borrowing_strength.redundancy import posterior as of_redundancy


def effects_that_share(size: int) -> Posterior:
    rng = np.random.default_rng(3)
    error = rng.uniform(0.05, 2, size)
    return meta_analysis.fit(rng.normal(0, np.hypot(0.3, error)), error, prior=meta_analysis.Prior(mu_sd=1))


def components_that_share(size: int) -> Posterior:
    rng = np.random.default_rng(3)
    hours = rng.uniform(0.5, 300, size)
    return redundancy.fit(rng.poisson(hours * rng.gamma(2, 0.3, size)), hours)


@pytest.mark.parametrize("make", [effects_that_share, components_that_share])
def test_those_without_a_chance_are_left_out(make, monkeypatch: pytest.MonkeyPatch) -> None:
    compared, whole = [], ranking.compete_at_nodes

    def counted(low: np.ndarray, *others: object) -> tuple[np.ndarray, np.ndarray]:
        compared.append(low.shape)
        return whole(low, *others)

    monkeypatch.setattr(ranking, "compete_at_nodes", counted)
    every = make(2_500)
    monkeypatch.setattr(ranking, "_MANY", 10_000)
    for module in (of_meta_analysis, of_redundancy):
        monkeypatch.setattr(module, "_FEW", ())
    prob, loss = every.prob_best(), every.expected_loss()
    monkeypatch.undo()
    monkeypatch.setattr(ranking, "compete_at_nodes", counted)
    some = make(2_500)
    assert np.max(np.abs(some.prob_best() - prob)) < 1e-6
    assert np.max(np.abs(some.expected_loss() - loss) / some.sd) < 1e-6
    (nodes, groups), (fewer_nodes, fewer) = compared
    assert fewer < groups == 2_500
    assert fewer_nodes < nodes
