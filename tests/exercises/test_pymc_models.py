"""PyMC models, judged by what they compute."""

from collections.abc import Callable

import numpy as np
import pymc as pm
import pytest

from borrowing_strength.exercises import time_limit
from borrowing_strength.exercises.judge import Mistake, Verdict
from borrowing_strength.exercises.records import Model

SUCCESSES, TRIALS = np.array([19, 3]), np.array([200, 10])


def hierarchical(shape: float = 16, data: np.ndarray = SUCCESSES, power: int = 1) -> pm.Model:
    with pm.Model() as model:
        alpha, beta = pm.Gamma("alpha", shape, 9), pm.Gamma("beta", 40, 8)
        rate = pm.Beta("rate", alpha, beta, shape=2)
        pm.Binomial("y", TRIALS, rate**power, observed=data)
    return model


def integrated() -> pm.Model:
    with pm.Model() as model:
        pm.BetaBinomial("y", pm.Gamma("alpha", 16, 9), pm.Gamma("beta", 40, 8), TRIALS, observed=SUCCESSES)
    return model


def separate() -> pm.Model:
    with pm.Model() as model:
        pm.Binomial("y", TRIALS, pm.Beta("rate", 2, 5, shape=2), observed=SUCCESSES)
    return model


def other_names_and_single_flips() -> pm.Model:
    flips = np.repeat([1, 0, 1, 0], [19, 181, 3, 7])
    with pm.Model() as model:
        theta = pm.Beta("theta", pm.Gamma("beta_", 16, 9), pm.Gamma("alpha_", 40, 8), shape=2)
        pm.Bernoulli("flip", theta[np.repeat([0, 1], TRIALS)], observed=flips)
    return model


def one_by_one() -> pm.Model:
    with pm.Model() as model:
        alpha, beta = pm.Gamma("alpha", 16, 9), pm.Gamma("beta", 40, 8)
        for i in range(2):
            pm.Binomial(f"y{i}", TRIALS[i], pm.Beta(f"rate{i}", alpha, beta), observed=SUCCESSES[i])
    return model


def without_data() -> pm.Model:
    with pm.Model() as model:
        pm.Beta("rate", pm.Gamma("alpha", 16, 9), pm.Gamma("beta", 40, 8), shape=2)
    return model


def labelled(dim: str) -> pm.Model:
    with pm.Model(coords={"arm": ["control", "treatment"], "market": ["Canada", "China"]}) as model:
        rate = pm.Beta("rate", pm.Gamma("alpha", 16, 9), pm.Gamma("beta", 40, 8), dims=dim)
        pm.Binomial("y", TRIALS, rate, observed=SUCCESSES)
    return model


def other_shape() -> pm.Model:
    with pm.Model() as model:
        rate = pm.Beta("rate", pm.Gamma("alpha", 16, 9), pm.Gamma("beta", 40, 8), shape=3)
        pm.Binomial("y", TRIALS, rate[:2], observed=SUCCESSES)
    return model


def without_free_variable() -> pm.Model:
    with pm.Model() as model:
        pm.Binomial("y", TRIALS, 0.1, observed=SUCCESSES)
    return model


MODEL = Model(hierarchical, also=(integrated,))


@pytest.mark.parametrize("make", [hierarchical, integrated, other_names_and_single_flips])
def test_an_equivalent_model_is_right(make: Callable) -> None:
    assert MODEL.judge(make()) == Verdict("right")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (separate, "no unknown `alpha` and `beta`"),
        (one_by_one, "That is too many"),
        (without_data, "`observed=...` is missing"),
        (lambda: hierarchical(data=None), "`observed=...` is missing"),
        (without_free_variable, "no free random variable"),
        (other_shape, "their shapes are not."),
        (lambda: hierarchical(shape=10), "distribution of `alpha` is not"),
        (lambda: hierarchical(data=np.array([18, 3])), "observed data are not"),
        (lambda: hierarchical(data=np.array([3, 10])), "observed data are not"),
        (lambda: hierarchical(power=2), "look at how the likelihood"),
        (lambda: pm.Normal.dist(), "A PyMC model is asked for"),
    ],
)
def test_another_model_is_told_where_it_departs(make: Callable, says: str) -> None:
    verdict = MODEL.judge(make())
    assert verdict.kind == "not yet"
    assert says in verdict.says


def test_a_known_wrong_model_gets_its_sentence_and_an_empty_one_is_not_tried() -> None:
    known = Mistake("model = ...", "Nothing is shared.", value=separate)
    assert MODEL.judge(separate(), [known]).says == "Nothing is shared."
    assert MODEL.judge(pm.Model()) == Verdict("not tried")


def test_labels_need_not_be_given_but_may_not_be_those_of_something_else() -> None:
    checker = Model(lambda: labelled("market"))
    assert checker.judge(hierarchical()).kind == checker.judge(labelled("market")).kind == "right"
    assert checker.judge(labelled("arm")).says.startswith("`rate` has one value for each entry of `arm`")


def test_the_time_that_our_own_models_take_to_compile_is_given_to_the_learner(monkeypatch: pytest.MonkeyPatch) -> None:
    limits, run = [], time_limit.run
    monkeypatch.setattr(
        time_limit, "run", lambda step, seconds, screen: limits.append(seconds) or run(step, seconds, screen)
    )
    MODEL.judge(hierarchical(), seconds=10)
    assert limits == [10, 40]  # for reading the answer, and for comparing it
