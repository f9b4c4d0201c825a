"""One table of counts, from the first look to a sentence: one rate for all, a population of rates, or kinds."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.stats import beta

from borrowing_strength.core.inputs import counts as checked_counts
from borrowing_strength.core.inputs import generator, tails
from borrowing_strength.core.options import word
from borrowing_strength.mixtures.estimation import EMFit, Population, em, population, predictive_score
from borrowing_strength.mixtures.predictive import PredictiveCheck, overdispersion, predictive_check

DRAWS = 20_000


@dataclass(frozen=True)
class Study:
    """What several groups' counts say about their rates.

    Attributes
    ----------
    one_rate : PredictiveCheck
        The overdispersion, among tables that one rate for all groups generates.
    extremes : PredictiveCheck
        The largest raw rate, among tables that the fitted population generates.
    scores : dict of str to ndarray, shape (groups,)
        Log probability of each group when it was left out, by model.
    fitted, kinds : Population, EMFit
        The population of rates, and two kinds.
    """

    successes: np.ndarray
    trials: np.ndarray
    one_rate: PredictiveCheck
    extremes: PredictiveCheck
    scores: dict[str, np.ndarray]
    fitted: Population
    kinds: EMFit

    @property
    def pooled(self) -> float:
        """Rate of all groups together."""
        return float(self.successes.sum() / self.trials.sum())

    @cached_property
    def line(self) -> float:
        """Where 95% of tables of this size have less overdispersion, if one rate serves all groups."""
        return float(np.quantile(self.one_rate.replicated, 0.95))

    @property
    def differ(self) -> bool:
        """Whether the groups spread more than the line."""
        return self.one_rate.observed > self.line

    @property
    def has_kinds(self) -> bool:
        """Whether two kinds predict left-out groups better than a population does, by two standard errors."""
        lead = self.scores["two kinds"] - self.scores["a population"]
        return bool(lead.sum() > 2 * np.sqrt(len(lead)) * lead.std(ddof=1))

    def middle(self, prob: float = 0.8) -> tuple[float, float]:
        """Rates between which this share of the fitted population lies."""
        return tuple(float(x) for x in beta.ppf(tails(prob), self.fitted.a, self.fitted.b))

    def sentence(self, groups: str = "groups", rate: str = "rate") -> str:
        """One sentence for someone who will not read the table; it speaks of what was counted, not of causes."""
        groups, rate = word("groups", groups), word("rate", rate)
        low, high = (f"{x:.1%}" for x in (self.kinds.probs if self.has_kinds else self.middle()))
        if not self.differ:
            return (
                f"The {len(self.trials)} {groups} differ no more than luck would make them: one {rate} of "
                f"{self.pooled:.1%} may serve all, though small differences can hide in tables of this size."
            )
        if self.has_kinds:
            return f"The {groups} differ by more than luck, as if of two kinds: a {rate} of {low}, and one of {high}."
        return f"The {groups} differ by more than luck: in about eight of ten the {rate} lies between {low} and {high}."

    def __str__(self) -> str:
        scores = ", ".join(f"{name} {score.sum():.1f}" for name, score in self.scores.items())
        spread, largest = self.one_rate.observed, self.extremes
        return (
            f"overdispersion {spread:.1f}; with one rate for all {len(self.trials)} groups, 95% of tables stay below "
            f"{self.line:.1f}\nlog probability of left-out groups: {scores}\nlargest raw rate {largest.observed:.3g}; "
            f"a population gives one as large in {largest.p_value:.0%} of tables"
        )


def study(successes: object, trials: object, *, seed: int) -> Study:
    """Whether several groups share one rate; if not, whether a population of rates or two kinds predict better.

    Parameters
    ----------
    successes, trials : array_like of int, shape (groups,)
        One row a group, at least five.
    seed : int
    """
    y, n = checked_counts(successes, trials)
    if len(y) < 5:
        raise ValueError(f"successes has {len(y)} rows: at least five groups are needed to tell luck from differences")
    overdispersion(y, n)  # refuses a table without a success or without a failure
    rng = generator(seed)
    # 1. Could one rate make such a table? Its posterior under a flat prior is a Beta.
    one = predictive_check(y, n, rng.beta(1 + y.sum(), 1 + (n - y).sum(), size=DRAWS), seed=seed + 1)
    # 2. A population of rates, and whether it makes a largest raw rate as large, to which it was not fitted.
    fitted = population(y, n)
    rates = rng.beta(fitted.a, fitted.b, size=(DRAWS, len(y)))
    extremes = predictive_check(y, n, rates, seed=seed + 2, statistic=lambda y, n: (y / np.maximum(n, 1)).max(axis=-1))
    # 3. What predicts groups that were left out.
    models = {"one rate": 1, "a population": "population", "two kinds": 2}
    folds = min(10, len(y))
    scores = {name: predictive_score(y, n, model, seed=seed, folds=folds) for name, model in models.items()}
    return Study(y, n, one, extremes, scores, fitted, em(y, n, 2, seed=seed))
