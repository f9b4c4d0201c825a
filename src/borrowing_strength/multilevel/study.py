"""A simulation study of lesson 04: what is claimed about many experiments whose truth is known."""

from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, ndtri

from borrowing_strength.core.inputs import generator, number, positive, probability, whole_number
from borrowing_strength.core.options import pair
from borrowing_strength.core.replicate import replicate
from borrowing_strength.multilevel.engine import solve
from borrowing_strength.multilevel.joint import Effect, Joints
from borrowing_strength.multilevel.priors import as_priors

if TYPE_CHECKING:
    import pandas as pd

    from borrowing_strength.multilevel.priors import Priors


def false_claims(
    markets: int = 10,
    replications: int = 200,
    *,
    trials: tuple[int, int] = (50, 2000),
    intercept: tuple[float, float] = (-2.0, 0.5),
    slope: tuple[float, float] = (0.0, 0.1),
    level: float = 0.05,
    prior: "Priors | None" = None,
    seed: int = 0,
    executor: Executor | None = None,
) -> "pd.DataFrame":
    """Simulate experiments and count what three ways of judging them claim.

    Every replication draws its markets from the populations given, sizes from `trials` (evenly on the log
    scale, the same in both arms), and counts from the rates. A claim is a statement that a market's slope is
    positive, or that it is negative. Separate tests make it where the log odds ratio is significant (Wald's test,
    half a count added to every cell), with and without Bonferroni's correction for the number of markets;
    partial pooling makes it where the posterior probability of one sign is above ``1 - level / 2``.

    Parameters
    ----------
    markets, replications : int
        Markets an experiment, and experiments.
    trials : tuple of int
        Smallest and largest number of trials an arm.
    intercept, slope : tuple of float
        True mean and sd of the two populations, in log odds.
    level : float
        Two-sided level of the tests.
    prior : Priors, optional
        For partial pooling, as in `fit`.
    seed : int
        Seed of `numpy.random.default_rng`.
    executor : concurrent.futures.Executor, optional
        Where to fit the experiments; here if not given. The answer is the same.

    Returns
    -------
    pandas.DataFrame
        One row a method: `claims` an experiment, `wrong_sign` (share of claims with the wrong sign: type S),
        `exaggeration` (mean size of the claimed estimates over mean size of the true slopes there: type M), `error`
        (root mean square error of all slopes, claimed or not). Without any claim the two ratios are missing.

    Raises
    ------
    ValueError
        For numbers that make no study; the argument is named.

    Notes
    -----
    Type S and type M errors: Gelman and Carlin (2014), Perspectives on Psychological Science 9:641.
    """
    import pandas as pd

    replications = whole_number("replications", replications, each=500)
    shape = replications, whole_number("markets", markets, each=500 * replications)
    level, beliefs = probability("level", level), as_priors(prior)
    truth, counts = _simulate(shape, trials, intercept, slope, generator(seed))
    y, n, y_t, n_t = counts
    cells = np.stack([y, n - y, y_t, n_t - y_t]) + 0.5
    raw = np.log(cells[2] / cells[3] * cells[1] / cells[0])
    z = np.abs(raw) / np.sqrt(np.sum(1 / cells, axis=0))
    one = partial(_partial_pooling, beliefs)
    pooled, better = np.swapaxes(replicate(one, np.moveaxis(counts, 1, 0), executor), 0, 1)
    methods = {
        "separate tests": (raw, z > -ndtri(level / 2)),
        "separate tests, Bonferroni": (raw, z > -ndtri(level / 2 / markets)),
        "partial pooling": (pooled, np.abs(better - 0.5) > 0.5 - level / 2),
    }
    table = {name: _judge(estimate, claimed, truth) for name, (estimate, claimed) in methods.items()}
    frame = pd.DataFrame.from_dict(table, orient="index", columns=["claims", "wrong_sign", "exaggeration", "error"])
    return frame.rename_axis("method")


def _simulate(
    shape: tuple[int, int],
    trials: tuple[int, int],
    intercept: tuple[float, float],
    slope: tuple[float, float],
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """True slopes, and counts of shape (4, replications, markets)."""
    wanted = "the smallest and the largest number of trials"
    trials = pair("trials", trials, whole_number, whole_number, wanted)
    if trials[0] > trials[1]:
        raise ValueError(f"trials is {trials!r}: it must be {wanted}")
    wanted = "a mean and a standard deviation"
    intercept = pair("intercept", intercept, number, positive, wanted)
    slope = pair("slope", slope, number, positive, wanted)
    a, b = rng.normal(*intercept, shape), rng.normal(*slope, shape)
    size = np.exp(rng.uniform(*np.log(trials), shape)).round().astype(np.int64)
    return b, np.stack([rng.binomial(size, expit(a)), size, rng.binomial(size, expit(a + b)), size])


def _partial_pooling(priors: "Priors", counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Posterior means of one experiment's slopes and probabilities that they are positive, shape (markets,) each."""
    slopes = Effect("slope", Joints(solve(counts, priors).market_joints()), np.arange(counts.shape[1]))
    return slopes.mean, 1 - slopes.cdf(0.0)


def _judge(estimate: np.ndarray, claimed: np.ndarray, truth: np.ndarray) -> list[float]:
    error = float(np.sqrt(np.mean((estimate - truth) ** 2)))
    per_experiment = float(claimed.sum(axis=1).mean())
    if not claimed.any():
        return [per_experiment, np.nan, np.nan, error]
    wrong = float(np.mean(np.sign(estimate[claimed]) != np.sign(truth[claimed])))
    return [per_experiment, wrong, float(np.abs(estimate[claimed]).mean() / np.abs(truth[claimed]).mean()), error]
