"""Lesson 04: one experiment in several markets. Exact posterior of a logistic regression with varying effects.

    successes ~ Binomial(trials, expit(intercept_g - slope_g / 2)) under control in market g
    successes ~ Binomial(trials, expit(intercept_g + slope_g / 2)) under treatment
    intercept_g ~ N(intercept_mean, intercept_sd**2),   slope_g ~ N(slope_mean, slope_sd**2)

`fit` integrates over all of it by quadrature: no simulation, no seed, the same digits everywhere.
`fit_separate` and `fit_pooled` are the two extremes it lies between; `pymc_model` hands the model to PyMC.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from borrowing_strength.core import posterior
from borrowing_strength.core.counts import Counts
from borrowing_strength.core.inputs import positive
from borrowing_strength.core.options import one_of
from borrowing_strength.core.rows import Labels
from borrowing_strength.core.two_arms import ARMS
from borrowing_strength.multilevel.draws import draw_markets, draw_populations
from borrowing_strength.multilevel.engine import Solution, solve, solve_pooled, solve_separate
from borrowing_strength.multilevel.joint import QUANTITIES, Effect, Joints
from borrowing_strength.multilevel.largest import largest_slope
from borrowing_strength.multilevel.marginals import Hyper
from borrowing_strength.multilevel.priors import Priors, as_coding, as_priors
from borrowing_strength.multilevel.table import market_counts

if TYPE_CHECKING:
    import pandas as pd


class Effects(Effect):
    """Exact posterior of a treatment's effect in one or more markets.

    `mean`, `sd`, `cdf`, `density`, `quantile` and `interval` speak of the slopes, in log odds.

    Attributes
    ----------
    labels : tuple of str
        Names of the markets.
    """

    group = "market"

    def __init__(self, joints: Joints, which: np.ndarray, labels: Labels):
        super().__init__("slope", joints, which, labels)
        self._effects: dict[str, Effect] = {}

    def _effect(self, name: str) -> Effect:
        return self._effects.setdefault(name, Effect(name, self._joints, self._which, self.labels))

    @property
    def intercept(self) -> Effect:
        """The market's level, midway between its arms' log odds; with ``coding="control"`` those under control."""
        return self._effect("intercept")

    @property
    def slope(self) -> Effect:
        """Log odds under treatment less log odds under control."""
        return self._effect("slope")

    @property
    def rate_control(self) -> Effect:
        """Probability of success under control."""
        return self._effect("rate_control")

    @property
    def rate_treatment(self) -> Effect:
        """Probability of success under treatment."""
        return self._effect("rate_treatment")

    @property
    def difference(self) -> Effect:
        """Rate under treatment less rate under control."""
        return self._effect("difference")

    @cached_property
    def prob_better(self) -> np.ndarray:
        """Posterior probability that treatment beats control, shape (markets,)."""
        return 1 - self.cdf(0.0)

    def predict(self, trials: object, arm: str = "treatment") -> Counts:
        """Distribution of the number of successes in future trials of every market.

        Parameters
        ----------
        trials : int or array_like of int, shape (markets,)
            Future trials: one number for all markets, or one for each.
        arm : {"treatment", "control"}
            What they are given.
        """
        return self._effect(f"rate_{one_of('arm', arm, *ARMS)}").predict(trials)

    def summary(self, prob: float = 0.95) -> "pd.DataFrame":
        """One row a market: rates, slope and difference with its interval, probability that treatment is better."""
        import pandas as pd

        return pd.DataFrame(self._columns(prob), index=pd.Index(self.labels, name=self.group))

    def _columns(self, prob: float) -> dict[str, np.ndarray]:
        ends = self.difference.interval(prob)
        return {
            "rate_control": self.rate_control.mean,
            "rate_treatment": self.rate_treatment.mean,
            "slope": self.mean,
            "slope_error": self.sd,
            "difference": self.difference.mean,
            "difference_lower": ends[:, 0],
            "difference_upper": ends[:, 1],
            "prob_better": self.prob_better,
        }


class Posterior(Effects, posterior.Posterior):
    """Exact posterior of every market and of the populations; made by `fit`, `fit_separate` or `fit_pooled`.

    Attributes
    ----------
    labels : tuple of str
        Names of the markets, in the order of the data.
    control_successes, control_trials, treatment_successes, treatment_trials : ndarray of int, shape (markets,)
        The data.
    """

    def __init__(self, solution: Solution, counts: np.ndarray, labels: Labels, learned: bool):
        joints = Joints(solution.market_joints())
        which = np.arange(len(labels)) % len(joints.count)  # with complete pooling all markets are one
        super().__init__(joints, which, labels)
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
        return Hyper.of(self._solution)

    def new_group(self) -> Effects:
        """A market from the same populations that has not been observed: one row."""
        return Effects(Joints([self._solution.population_joint()]), np.array([0]), Labels(["new"]))

    def _compete(self, chosen: Sequence[int]) -> tuple[np.ndarray, float]:
        return largest_slope(self._solution, self._counts, chosen)

    def _draw(self, size: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
        of_a, of_b = draw_populations(self._solution, size, rng)
        intercept, slope = draw_markets(of_a, of_b, self._counts, self._joints.below, rng)
        at = intercept, slope, self._joints.below
        found = {name: kind.scale.to_value(kind.coordinate(*at)) for name, kind in QUANTITIES.items()}
        if self._learned:
            found |= {
                "intercept_mean": of_a.mean,
                "intercept_sd": of_a.sd,
                "slope_mean": of_b.mean,
                "slope_sd": of_b.sd,
            }
        return found


def fit(
    control_successes: object,
    control_trials: object,
    treatment_successes: object,
    treatment_trials: object,
    *,
    prior: Priors | None = None,
    coding: str = "symmetric",
    labels: object = None,
) -> Posterior:
    """Exact posterior with partial pooling.

    Parameters
    ----------
    control_successes, control_trials, treatment_successes, treatment_trials : array_like of int, shape (markets,)
        Counts. An arm with no trials is allowed and gets what the populations and the other arm say.
    prior : Priors, optional
        On the populations' means and sds; StudentT(3, 0, 1) and HalfNormal(1) if not given.
    coding : {"symmetric", "control"}
        What the intercept is. Symmetric: the market's level, its arms half a slope below and above it; while the
        prior of `slope_mean` is symmetric around zero, the answer does not depend on which arm is called control.
        Control: the log odds under control, as in many textbooks; intercepts and slopes being independent, rates then
        differ more between markets under treatment.
    labels : sequence of str, optional
        Names of the markets; a pandas Series brings its index.

    Returns
    -------
    Posterior

    Raises
    ------
    ValueError
        For counts that are not counts, and counts that the prior cannot explain; argument, row and reason are named.

    Notes
    -----
    Intercepts and slopes are independent given their populations; `pymc_model` can correlate them. More arms,
    covariates and other outcomes are for Bambi: see section L of lesson 04. Model: Gelman and Hill (2007), Data
    Analysis Using Regression and Multilevel/Hierarchical Models, chapter 14.

    Examples
    --------
    >>> import borrowing_strength as bs
    >>> post = bs.multilevel.fit([30, 55], [100, 100], [50, 60], [100, 100], labels=["Canada", "China"])
    >>> print(post.prob_better.round(4))
    [0.9963 0.8610]
    """
    counts, names = market_counts((control_successes, control_trials, treatment_successes, treatment_trials), labels)
    return Posterior(solve(counts, as_priors(prior), as_coding(coding)), counts, names, learned=True)


def fit_separate(
    control_successes: object,
    control_trials: object,
    treatment_successes: object,
    treatment_trials: object,
    *,
    sd: float = 10.0,
    coding: str = "symmetric",
    labels: object = None,
) -> Posterior:
    """Exact posterior without pooling: every market alone, intercept and slope with the prior N(0, sd**2).

    Parameters
    ----------
    control_successes, control_trials, treatment_successes, treatment_trials, coding, labels
        As in `fit`.
    sd : float
        Prior standard deviation in log odds, at most 100; the default is nearly flat over any rate that occurs.
    """
    counts, names = market_counts((control_successes, control_trials, treatment_successes, treatment_trials), labels)
    if not 1e-9 <= positive("sd", sd) <= 100:
        why = "a market without successes has no practical bounds" if sd > 1 else "no slope differs from zero"
        raise ValueError(f"sd is {sd:g}: it must be from 1e-9 to 100, or {why}")
    return Posterior(solve_separate(counts, float(sd), as_coding(coding)), counts, names, learned=False)


def fit_pooled(
    control_successes: object,
    control_trials: object,
    treatment_successes: object,
    treatment_trials: object,
    *,
    prior: Priors | None = None,
    coding: str = "symmetric",
    labels: object = None,
) -> Posterior:
    """Exact posterior with complete pooling: one intercept and one slope for all markets.

    Parameters
    ----------
    control_successes, control_trials, treatment_successes, treatment_trials, coding, labels
        As in `fit`.
    prior : Priors, optional
        As in `fit`; the populations' sds are zero, so only the priors on their means are used.
    """
    counts, names = market_counts((control_successes, control_trials, treatment_successes, treatment_trials), labels)
    return Posterior(solve_pooled(counts, as_priors(prior), as_coding(coding)), counts, names, learned=False)
