"""Lesson 04: one experiment in several markets. Exact posterior of a logistic regression with varying effects.

    successes ~ Binomial(trials, expit(intercept_g)) under control in market g
    successes ~ Binomial(trials, expit(intercept_g + slope_g)) under treatment
    intercept_g ~ N(intercept_mean, intercept_sd**2),   slope_g ~ N(slope_mean, slope_sd**2)

`fit` integrates over all of it by quadrature: no simulation, no seed, the same digits everywhere.
`fit_separate` and `fit_pooled` are the two extremes it lies between; `pymc_model` hands the model to PyMC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from borrowing_strength.core.counts import Counts
from borrowing_strength.core.inputs import generator, positive, whole_number
from borrowing_strength.core.marginal import Marginal
from borrowing_strength.core.two_arms import ARMS, two_arms
from borrowing_strength.multilevel import joint
from borrowing_strength.multilevel.draws import draw_markets, draw_populations, largest_slope
from borrowing_strength.multilevel.engine import Arm, Solution, solve, solve_pooled, solve_separate
from borrowing_strength.multilevel.joint import market_joints, population_joint
from borrowing_strength.multilevel.marginals import mean_marginal, sd_marginal
from borrowing_strength.multilevel.priors import (
    Priors,
    as_priors,
)

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True)
class Hyper:
    """Exact posterior of the two populations, in log odds.

    Attributes
    ----------
    intercept_mean, intercept_sd, slope_mean, slope_sd : Marginal
        Each with `mean`, `sd`, `interval`, `quantile` and `cdf`.
    """

    intercept_mean: Marginal
    intercept_sd: Marginal
    slope_mean: Marginal
    slope_sd: Marginal


class Effects:
    """Exact posterior of a treatment's effect in one or more markets.

    `mean`, `sd` and `interval` speak of the slopes, in log odds.

    Attributes
    ----------
    labels : tuple of str
        Names of the markets.
    """

    def __init__(self, joints: Sequence[joint.Joint], labels: tuple[str, ...]):
        self._joints, self.labels = joints, labels

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def intercept(self) -> joint.Quantity:
        """Log odds of success under control."""
        return joint.intercept(self._joints)

    @cached_property
    def slope(self) -> joint.Quantity:
        """What the treatment adds to the log odds."""
        return joint.slope(self._joints)

    @cached_property
    def rate_control(self) -> joint.Quantity:
        """Probability of success under control."""
        return joint.rate_control(self._joints)

    @cached_property
    def rate_treatment(self) -> joint.Quantity:
        """Probability of success under treatment."""
        return joint.rate_treatment(self._joints)

    @cached_property
    def difference(self) -> joint.Quantity:
        """Rate under treatment less rate under control."""
        return joint.difference(self._joints)

    @property
    def mean(self) -> np.ndarray:
        """Posterior mean of every slope, shape (markets,)."""
        return self.slope.mean

    @property
    def sd(self) -> np.ndarray:
        """Posterior standard deviation of every slope, shape (markets,)."""
        return self.slope.sd

    @cached_property
    def prob_better(self) -> np.ndarray:
        """Posterior probability that treatment beats control, shape (markets,)."""
        return 1 - self.slope.cdf(0.0)

    def interval(self, prob: float = 0.95) -> np.ndarray:
        """Equal-tailed interval that holds each slope with probability `prob`, shape (markets, 2)."""
        return self.slope.interval(prob)

    def predict(self, trials: object, arm: str = "treatment") -> Counts:
        """Distribution of the number of successes in future trials of every market.

        Parameters
        ----------
        trials : int or array_like of int, shape (markets,)
            Future trials: one number for all markets, or one for each.
        arm : {"treatment", "control"}
            What they are given.
        """
        if arm not in ARMS:
            raise ValueError(f'arm is {arm!r}: it must be "control" or "treatment"')
        return joint.predict(self.rate_control if arm == "control" else self.rate_treatment, trials)

    def summary(self, prob: float = 0.95) -> "pd.DataFrame":
        """One row a market: rates, slope and difference with its interval, probability that treatment is better."""
        import pandas as pd

        ends = self.difference.interval(prob)
        columns = {
            "rate_control": self.rate_control.mean,
            "rate_treatment": self.rate_treatment.mean,
            "slope": self.slope.mean,
            "slope_sd": self.slope.sd,
            "difference": self.difference.mean,
            "lower": ends[:, 0],
            "upper": ends[:, 1],
            "prob_better": self.prob_better,
        }
        return pd.DataFrame(columns, index=pd.Index(self.labels, name="market"))


class Posterior(Effects):
    """Exact posterior of every market and of the populations; made by `fit`, `fit_separate` or `fit_pooled`.

    Attributes
    ----------
    labels : tuple of str
        Names of the markets, in the order of the data.
    control_successes, control_trials, treatment_successes, treatment_trials : ndarray of int, shape (markets,)
        The data.
    """

    def __init__(self, solution: Solution, counts: np.ndarray, labels: tuple[str, ...], learned: bool):
        joints = market_joints(solution)
        super().__init__(joints * (len(labels) // len(joints)), labels)
        self.control_successes, self.control_trials, self.treatment_successes, self.treatment_trials = counts
        self._solution, self._counts, self._learned = solution, counts, learned

    @cached_property
    def hyper(self) -> Hyper:
        """The populations' means and standard deviations. Only `fit` learns them."""
        if not self._learned:
            raise ValueError(
                "only fit(...) learns about the populations: without pooling and with complete pooling "
                "their standard deviations are fixed in advance"
            )
        mass_a, mass_b = self._solution.mass.sum(axis=1), self._solution.mass.sum(axis=0)
        of_a, of_b = self._solution.of_a, self._solution.of_b
        return Hyper(
            mean_marginal(of_a, mass_a),
            sd_marginal(of_a, mass_a),
            mean_marginal(of_b, mass_b),
            sd_marginal(of_b, mass_b),
        )

    def prob_greater(self, i: int | str, j: int | str) -> float:
        """Posterior probability that market `i` has a larger slope than market `j` (positions or labels)."""
        first, second = self.labels.two(i, j, "market")
        return float(largest_slope(self._solution, [first, second])[0])

    def prob_best(self) -> np.ndarray:
        """Posterior probability that each market has the largest slope of all, shape (markets,)."""
        return largest_slope(self._solution, range(len(self)))

    def new_group(self) -> Effects:
        """A market from the same populations that has not been observed: one row."""
        return Effects([population_joint(self._solution)], ("new",))

    def sample(self, draws: int = 1000, seed: int = 0, chains: int = 4) -> "xr.DataTree":
        """Independent draws from the exact posterior, for ArviZ's plots and summaries.

        Parameters
        ----------
        draws : int
            Draws a chain.
        seed : int
            Seed of `numpy.random.default_rng`.
        chains : int
            The draws are independent; chains only give them the shape that ArviZ expects.

        Returns
        -------
        xarray.DataTree
            Group `posterior` with the variables of `pymc_model`.
        """
        import arviz as az

        shape = whole_number("chains", chains), whole_number("draws", draws)
        rng = generator(seed)
        of_a, of_b = draw_populations(self._solution, shape[0] * shape[1], rng)
        intercept, slope = draw_markets(of_a, of_b, self._counts, rng)
        control, treatment = expit(intercept), expit(intercept + slope)
        of_markets = {"intercept": intercept, "slope": slope, "rate_control": control, "rate_treatment": treatment}
        of_markets["difference"] = treatment - control
        variables = {name: values.reshape(*shape, -1) for name, values in of_markets.items()}
        if self._learned:
            hyper = {"intercept_mean": of_a.mean, "intercept_sd": of_a.sd, "slope_mean": of_b.mean, "slope_sd": of_b.sd}
            variables |= {name: values.reshape(shape) for name, values in hyper.items()}
        dims = {name: ["market"] for name in of_markets}
        return az.from_dict({"posterior": variables}, coords={"market": list(self.labels)}, dims=dims)


def fit(
    control_successes: object,
    control_trials: object,
    treatment_successes: object,
    treatment_trials: object,
    labels: object = None,
    priors: Priors | None = None,
) -> Posterior:
    """Exact posterior with partial pooling.

    Parameters
    ----------
    control_successes, control_trials, treatment_successes, treatment_trials : array_like of int, shape (markets,)
        Counts. An arm with no trials is allowed and gets what the populations and the other arm say.
    labels : sequence of str, optional
        Names of the markets; a pandas Series brings its index.
    priors : Priors, optional
        On the populations' means and sds; StudentT(3, 0, 1) and HalfNormal(1) if not given.

    Returns
    -------
    Posterior

    Raises
    ------
    ValueError
        For counts that are not counts (argument, row and reason are named), and where priors with heavy tails
        leave a market's log odds without practical bounds.

    Notes
    -----
    Intercepts and slopes are independent given their populations; `pymc_model` can correlate them. Model: Gelman and
    Hill (2007), Data Analysis Using Regression and Multilevel/Hierarchical Models, chapter 14.

    Examples
    --------
    >>> import borrowing_strength as bs
    >>> post = bs.multilevel.fit([30, 55], [100, 100], [50, 60], [100, 100], labels=["Canada", "China"])
    >>> print(post.prob_better.round(4))
    [0.9946 0.8947]
    """
    values = (control_successes, control_trials, treatment_successes, treatment_trials)
    counts, names = two_arms(values, labels)
    return Posterior(solve(_arms(counts), as_priors(priors)), counts, names, learned=True)


def fit_separate(
    control_successes: object,
    control_trials: object,
    treatment_successes: object,
    treatment_trials: object,
    labels: object = None,
    sd: float = 10.0,
) -> Posterior:
    """Exact posterior without pooling: every market alone, intercept and slope with the prior N(0, sd**2).

    Parameters
    ----------
    control_successes, control_trials, treatment_successes, treatment_trials, labels
        As in `fit`.
    sd : float
        Prior standard deviation in log odds, at most 100; the default is nearly flat over any rate that occurs.
    """
    values = (control_successes, control_trials, treatment_successes, treatment_trials)
    counts, names = two_arms(values, labels)
    if positive("sd", sd) > 100:
        raise ValueError(f"sd is {sd:g}: it must be at most 100, or a market without successes has no practical bounds")
    return Posterior(solve_separate(_arms(counts), sd), counts, names, learned=False)


def fit_pooled(
    control_successes: object,
    control_trials: object,
    treatment_successes: object,
    treatment_trials: object,
    labels: object = None,
    priors: Priors | None = None,
) -> Posterior:
    """Exact posterior with complete pooling: one intercept and one slope for all markets.

    Parameters
    ----------
    control_successes, control_trials, treatment_successes, treatment_trials, labels
        As in `fit`.
    priors : Priors, optional
        As in `fit`; the populations' sds are zero, so only the priors on their means are used.
    """
    values = (control_successes, control_trials, treatment_successes, treatment_trials)
    counts, names = two_arms(values, labels)
    together = _arms(counts.sum(axis=1, keepdims=True))[0]
    return Posterior(solve_pooled(together, as_priors(priors)), counts, names, learned=False)


def _arms(counts: np.ndarray) -> list[tuple[Arm, Arm]]:
    return [(Arm(y, n), Arm(y_t, n_t)) for y, n, y_t, n_t in counts.T.tolist()]
