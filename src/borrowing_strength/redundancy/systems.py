"""The risk of a system of components that may fail together, exactly and by simulation; beliefs about one component."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from borrowing_strength.core.inputs import generator, positive, probability, whole_number
from borrowing_strength.core.options import flag, pair
from borrowing_strength.redundancy.dependence import Dependence, as_dependence

if TYPE_CHECKING:
    from scipy.stats._distn_infrastructure import rv_continuous_frozen as FrozenBeta

    Model = float | FrozenBeta | Dependence


def beta_from_mean_sd(mean: float, sd: float) -> "FrozenBeta":
    """The Beta distribution with this mean and standard deviation.

    Parameters
    ----------
    mean : float
        Between 0 and 1.
    sd : float
        Above 0 and below ``sqrt(mean * (1 - mean))``, which only a coin that is always 0 or always 1 reaches.

    Returns
    -------
    frozen scipy.stats.beta
        Printed as ``Beta(a, b)``, with a + b = mean (1 - mean) / sd^2 - 1.

    Raises
    ------
    ValueError
        Outside these ranges. Beyond the limit the formula would give negative shapes without complaint.
    """
    from borrowing_strength.redundancy.beliefs import Belief

    mean, sd = probability("mean", mean), positive("sd", sd)
    limit = np.sqrt(mean * (1 - mean))
    if sd >= limit:
        raise ValueError(
            f"sd is {sd:g}: a probability with mean {mean:g} has an sd below sqrt(mean (1 - mean)) = {limit:.5f}"
        )
    total = (limit - sd) * (limit + sd) / sd**2
    return Belief(mean * total, (1 - mean) * total)


def belief_from_trials(failures: int, trials: int, prior: tuple[float, float] = (1.0, 1.0)) -> "FrozenBeta":
    """Belief about a failure probability after a test: Beta(prior[0] + failures, prior[1] + trials - failures)."""
    from borrowing_strength.redundancy.beliefs import Belief

    y, n = _test_result(failures, trials)
    a, b = pair("prior", prior, positive, positive)
    return Belief(a + y, b + n - y)


def upper_limit(failures: int, trials: int, prob: float = 0.95) -> float:
    """Exact upper confidence limit for a failure probability, 1 if every trial failed.

    It is the probability at which so few failures have chance ``1 - prob``. For zero failures it is
    1 - (1 - prob)^(1 / trials), close to 3 / trials for 95%: the rule of three.

    Notes
    -----
    Clopper and Pearson (1934), Biometrika 26:404; Hanley and Lippman-Hand (1983), JAMA 249:1743.
    """
    from scipy.special import betaincinv

    y, n = _test_result(failures, trials)
    return 1.0 if y == n else float(betaincinv(y + 1, n - y, probability("prob", prob)))


def prob_all_fail(components: int, model: "Model", *, log: bool = False) -> float:
    """Probability that all components fail.

    Parameters
    ----------
    components : int
        Number of components, one or more.
    model : float, frozen scipy.stats.beta, CorrelatedBeliefs, CorrelatedFailures, CommonCause or a posterior's mission
        How they fail: a number is a known probability and independent failures, a Beta is one uncertain
        probability shared by all, a mission has components from a population that `fit` has learnt.
    log : bool
        Return the natural logarithm, which serves far below the smallest float.

    Notes
    -----
    For a Beta, E[p^n] is the product over i < n of (a + i) / (a + b + i).

    Examples
    --------
    >>> import borrowing_strength as bs
    >>> belief = bs.redundancy.beta_from_mean_sd(0.05, 0.03)
    >>> print(f"{bs.redundancy.prob_all_fail(5, belief):.3g}, not {0.05**5:.3g}")
    3.5e-06, not 3.12e-07
    """
    return k_of_n(1, components, model, log=log)


def k_of_n(k: int, components: int, model: "Model", *, log: bool = False) -> float:
    """Probability that a system fails which needs at least `k` of its components to work.

    Parameters
    ----------
    k : int
        From 1 (all components must fail before the system does) to `components` (one failure is enough).
    components, model, log
        As in `prob_all_fail`.
    """
    least, n = _system(k, components)
    log_prob = min(as_dependence(model).log_tail(least, n), 0.0)
    return log_prob if flag("log", log) else float(np.exp(log_prob))


@dataclass(frozen=True)
class Estimate:
    """A simulated probability.

    Attributes
    ----------
    value, standard_error : float
        Average over the draws, and its standard error as the draws themselves suggest it. When the event that
        matters was never drawn, both are far too small: a rare event hides from the simulation and from its error.
    draws : int
        Number of draws.
    """

    value: float
    standard_error: float
    draws: int


def monte_carlo(components: int, model: "Model", *, k: int = 1, draws: int = 1000, seed: int) -> Estimate:
    """Simulate what `k_of_n` computes (with ``k = 1``: what `prob_all_fail` computes).

    Every draw is one system with its own failure probabilities; correlated failures are drawn outright.

    Parameters
    ----------
    components, model, k
        As in `k_of_n`.
    draws : int
        Two or more.
    seed : int
        Seed of `numpy.random.default_rng`.
    """
    least, n = _system(k, components)
    draws = whole_number("draws", draws, least=2, each=1)
    rng = generator(seed)
    dependence, block = as_dependence(model), max(1, 1_000_000 // n)
    sizes = [min(block, draws - start) for start in range(0, draws, block)]
    given = np.concatenate([_prob_at_least(least, dependence.draw(n, size, rng)) for size in sizes])
    return Estimate(float(given.mean()), float(given.std(ddof=1) / np.sqrt(draws)), draws)


def _test_result(failures: int, trials: int) -> tuple[int, int]:
    y, n = whole_number("failures", failures, least=0), whole_number("trials", trials)
    if y > n:
        raise ValueError(f"failures is {y} but trials is {n}: failures cannot exceed trials")
    return y, n


def _system(k: int, components: int) -> tuple[int, int]:
    """How many failures it takes at least, and the number of components."""
    n, k = whole_number("components", components, each=200), whole_number("k", k)
    if k > n:
        raise ValueError(f"k is {k} but components is {n}: a system cannot need more components than it has")
    return n - k + 1, n


def _prob_at_least(least: int, chance: np.ndarray) -> np.ndarray:
    """Probability of at least `least` failures with chances that differ, shape (draws,), one component at a time."""
    draws, n = chance.shape
    number = np.zeros((draws, n + 1))
    number[:, 0] = 1
    for p in chance.T[:, :, None]:
        number[:, 1:] = number[:, 1:] * (1 - p) + number[:, :-1] * p
        number[:, :1] *= 1 - p
    return number[:, least:].sum(axis=1)
