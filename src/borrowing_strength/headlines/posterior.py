"""Arms within tests: the exact posterior of every click rate, when all tests share one spread of arms.

    clicks_i ~ Poisson(trials_i level_t quality_i),   quality_i ~ Gamma(c, c),   c = 1 / spread**2,   log level_t flat

Qualities integrate out in closed form and each test's level by a quadrature of its own, which leaves a density over the
one spread. The cost grows with the number of arms.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from borrowing_strength.core.gammas import PoissonMixture
from borrowing_strength.core.inputs import counts, one_each, positives, refuse, whole_numbers
from borrowing_strength.core.marginal import Marginal
from borrowing_strength.core.options import a_kind_of
from borrowing_strength.core.posterior import CELLS, Scale
from borrowing_strength.core.posterior import Posterior as CorePosterior
from borrowing_strength.core.priors import HalfNormal, Known, SdPrior, Uniform
from borrowing_strength.core.quadrature import Line
from borrowing_strength.core.rows import Labels, same_length, same_rows
from borrowing_strength.headlines.archive import Batch, TwoSpreads, batches, log_parts, log_sum, shapes
from borrowing_strength.headlines.nodes import Nodes
from borrowing_strength.headlines.rates import SMALL, ArmRates, NewArm, best_of
from borrowing_strength.headlines.reading import read
from borrowing_strength.headlines.spread import finely, integrate, log_density

if TYPE_CHECKING:
    import pandas as pd

PRIOR = HalfNormal(0.5)
_WIDEST = 4.5  # the prior ends here, for the widest part of the population


class Posterior(ArmRates, CorePosterior):
    """Exact posterior of the rate of every arm and of the spread of arms within tests; made by `fit`.

    The best arm is the one with the largest rate *of its test*: `prob_best` sums to one within each test, and
    `expected_loss` is the distance from the best of the same test.

    Attributes
    ----------
    labels : tuple of str
        Names of the arms, in the order of the data.
    test : tuple of str
        Name of each arm's test.
    successes, trials : ndarray of int, shape (arms,)
        The data.
    spread : Marginal
        Standard deviation of an arm's rate relative to its test's level; with `TwoSpreads` that of the narrow part.
    log_evidence : float
        Log of the probability of the data, up to a constant that is the same for every population.
    mean, sd : ndarray, shape (arms,)
        Posterior mean and standard deviation of every rate.
    """

    group = "arm"

    def __init__(
        self, line: Line, scale: Scale, log_evidence: float, parts: list[Batch], number_of: np.ndarray,
        successes: np.ndarray, trials: np.ndarray, test: tuple[str, ...], labels: Labels,
    ):  # fmt: skip
        super().__init__(line, scale, parts, number_of, successes, trials)
        self.log_evidence, self.test, self.labels = log_evidence, test, labels
        self.successes, self.trials = successes, trials

    @cached_property
    def spread(self) -> Marginal:
        v, weight = self._line.v, self._line.weight
        value = self._of_spread.to_value(v)
        mean = weight @ value
        sd = np.sqrt(weight @ (value - mean) ** 2)
        return Marginal(mean, sd, lambda: finely(v, self._line.log_density), self._of_spread)

    def new_group(self) -> NewArm:
        """The rate of an arm that nobody has tried, as a multiple of its test's level."""
        return NewArm(self._line.weight, self._of_spread.to_value(self._line.v), self._population)

    @property
    def promised_lift(self) -> np.ndarray:
        """What the raw counts promise: an arm's rate over that of the rest of its test, less one, shape (arms,)."""
        return self._over_the_rest(self.successes / self.trials)

    @property
    def lift(self) -> np.ndarray:
        """The same of expected rates: the posterior mean over that of the rest of its test, less one, shape (arms,)."""
        return self._over_the_rest(self.mean)

    def _over_the_rest(self, rate: np.ndarray) -> np.ndarray:
        clicks, trials = rate * self.trials, self.trials
        rest = [np.bincount(self._test, x)[self._test] - x for x in (clicks, trials)]
        with np.errstate(divide="ignore", invalid="ignore"):
            return rate * rest[1] / rest[0] - 1

    @property
    def winners(self) -> np.ndarray:
        """Position of the arm with the largest posterior mean of each test, shape (tests,)."""
        order = np.lexsort((-self.mean, self._test))
        return order[np.flatnonzero(np.diff(self._test[order], prepend=-1))]

    def forecast(self, trials: object, arms: Sequence[int] | np.ndarray | None = None) -> PoissonMixture:
        """Distribution of the clicks in future trials.

        Parameters
        ----------
        trials : float or array_like, shape (arms,)
            Future trials: one number for all arms, or one for each.
        arms : array_like of int, optional
            Positions of the arms to forecast, such as `winners`; all if not given.
        """
        labels = self.labels
        if arms is None:
            arms = np.arange(len(self))
        else:
            arms = whole_numbers("arms", arms)
            refuse("arms", arms, arms >= len(self), f"positions run from 0 to {len(self) - 1}")
            labels = labels.some(arms)
        trials = one_each("trials", trials, positives, len(arms), labels, "arms")
        rows = []
        for arm in arms:
            weight, a, b = (x[0] for x in self._components(np.array([arm])))
            rows.append([x[weight > 1e-9] for x in (weight, a, b)])  # what weighs nothing would take most of the time
        return PoissonMixture(self.mean[arms], self.sd[arms], rows, trials)

    def replay(self, successes: object, trials: object) -> "pd.DataFrame":
        """What the winners did next, beside what was said of them; averages of these columns speak for many tests.

        Parameters
        ----------
        successes, trials : array_like of int, shape (arms,)
            New data of every arm.

        Returns
        -------
        pandas.DataFrame
            One row a test, with its winner: `test`, `arm` (position), `promised` and `forecast` lift; of the new data
            `clicks`, `expected` clicks, and `as_the_rest`, the clicks that the rate of the rest would have given;
            `log_score`, the log of the probability that the forecast gave to the clicks; and `inside`, whether they lie
            in its 90% interval.
        """
        import pandas as pd

        y, n = counts(successes, trials)
        same_length("successes", y, "the posterior", self.trials)
        same_rows({"successes": successes, "trials": trials}, groups=self.labels)
        arms = self.winners
        rest = [np.bincount(self._test, x)[self._test[arms]] - x[arms] for x in (y, n)]
        future = self.forecast(n[arms], arms)
        at_most, exactly = future.cdf_at(y[arms]), np.maximum(future.pmf_at(y[arms]), 1e-300)
        return pd.DataFrame(
            {
                "test": [self.test[arm] for arm in arms],
                "arm": arms,
                "promised": self.promised_lift[arms],
                "forecast": self.lift[arms],
                "clicks": y[arms],
                "expected": future.mean,
                "as_the_rest": n[arms] * rest[0] / np.where(rest[1] > 0, rest[1], np.nan),
                "log_score": np.log(exactly),
                "inside": (at_most >= 0.05) & (at_most - exactly < 0.95),
            }
        )

    # ----------------------------------------------------------------------------------- what `Posterior` asks for

    @cached_property
    def _competition(self) -> tuple[np.ndarray, np.ndarray]:
        """Within each test: the probability that an arm is the best, and the expected rate of the test's best."""
        prob, best = np.empty(len(self)), np.empty(len(self))
        for group, (_, nodes) in zip(self._groups, self._runs(), strict=True):
            for batch in group:
                for arms in np.array_split(batch.arms, 1 + batch.arms.size * nodes // CELLS):
                    prob[arms], largest = self._contests(arms)
                    best[arms] = largest[:, None]
        return prob, best

    def _compete(self, chosen: Sequence[int]) -> tuple[np.ndarray, float]:
        chosen = np.asarray(chosen)
        tests = self._test[chosen]
        if len(set(tests)) > 1:
            raise ValueError(
                f"arms {self.labels[chosen[0]]!r} and {self.labels[chosen[1]]!r} are of different tests: "
                "who is ahead is a question within a test"
            )
        prob, best = self._contests(chosen[None])
        return prob[0], float(best[0])

    def _contests(self, arms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Tests of one group, shape (tests, arms): the probability that each arm is its test's best, and the best."""
        nodes, place = self._at_nodes(arms[:, 0])
        if len(self) > SMALL:
            nodes, place = nodes.for_ranking(place), np.arange(len(arms))
        of_node, parts = nodes.weight[place], self._components(arms.ravel(), (nodes, np.repeat(place, arms.shape[1])))
        weight, a, b = (x.reshape(*arms.shape, -1, len(nodes.spread)).transpose(0, 3, 1, 2) for x in parts)
        kept = (of_node > 1e-10).any(axis=0)
        of_node = of_node[:, kept]
        shares = weight[:, kept] / np.maximum(of_node, 1e-300)[..., None, None]
        return best_of(of_node / of_node.sum(axis=1, keepdims=True), shares, a[:, kept], b[:, kept])

    def _draw(self, size: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
        parts = [batch for group in self._groups for batch in group]
        at = Nodes.of(self._line, self._of_spread, parts, self._order, 3 if self._order else 16)
        place = np.argsort(np.concatenate([batch.tests for batch in parts]))
        spreads, group = np.unique(at.spread, return_inverse=True)
        by_spread = np.bincount(group, at.weight[0])
        chosen, rate = rng.choice(len(spreads), size, p=by_spread / by_spread.sum()), np.empty((size, len(self)))
        for k in np.unique(chosen):
            draws, columns = np.flatnonzero(chosen == k), np.flatnonzero(group == k)
            # 1. A level for every test: one of the nodes, and a place between its neighbours.
            upto = np.cumsum(at.weight[:, columns], axis=1)
            below = rng.random((len(upto), len(draws))) * upto[:, -1:]
            node = np.array([np.searchsorted(u, x) for u, x in zip(upto, below, strict=True)])
            node = columns[np.minimum(node, len(columns) - 1)]
            step = np.take_along_axis(at.step, node, axis=1)
            level = np.take_along_axis(at.log_level, node, axis=1) + step * (rng.random(node.shape) - 0.5)
            # 2. Rates given the level.
            rate[draws] = self._draw_rates(level[place[self._test]], spreads[k], rng).T
        return {"rate": rate, "spread": spreads[chosen]}

    def _draw_rates(self, log_level: np.ndarray, spread: float, rng: np.random.Generator) -> np.ndarray:
        """Rates given the log level of every arm's test, shape (arms, draws)."""
        y, n = self.successes[:, None], self.trials[:, None]
        of = shapes(spread, self._population)
        parts = log_parts(y, n, log_level, of)
        c = np.full(log_level.shape, of[0][1])
        if len(parts) > 1:
            c[rng.random(c.shape) < np.exp(parts[1] - log_sum(parts))] = of[1][1]
        return rng.gamma(c + y) / (c * np.exp(-log_level) + n)

    def _columns(self, prob: float) -> dict[str, np.ndarray]:
        data = {"test": list(self.test), "successes": self.successes, "trials": self.trials}
        return data | self._mean_sd_interval(prob) | {"promised_lift": self.promised_lift, "lift": self.lift}


def fit(
    test: object,
    successes: object,
    trials: object,
    *,
    arm: object = None,
    prior: SdPrior | None = None,
    population: TwoSpreads | None = None,
) -> Posterior:
    """Fit all tests of an archive at once: arms within tests, with one spread for all.

    Parameters
    ----------
    test : array_like, shape (arms,)
        Which test each arm belongs to. Every test needs two arms or more, and at least one success.
    successes, trials : array_like of int, shape (arms,)
        Data of each arm, such as clicks and impressions. Successes must be rare: at most a fifth of a test's trials.
    arm : array_like, optional
        Names of the arms. They may repeat from test to test, and then the test's name is put before.
    prior : SdPrior, optional
        Prior on the spread; `HalfNormal(0.5)` if not given.
    population : TwoSpreads, optional
        A heavier tail: some arms vary more. One spread for all arms if not given.

    Returns
    -------
    Posterior

    Raises
    ------
    ValueError
        For data that are not counts and for tests that say nothing (column, row and reason are named). `tidy` sets
        such rows aside.

    Examples
    --------
    >>> import borrowing_strength as bs
    >>> post = bs.headlines.fit(["T", "T", "T"], [30, 45, 33], [3000, 3000, 3000], arm=["A", "B", "C"])
    >>> print(post.promised_lift[post.winners].round(2), post.lift[post.winners].round(2))
    [0.43] [0.16]
    """
    number_of, names, y, n, labels = read(test, successes, trials, arm)
    prior = settled(prior, population)
    parts = batches(number_of, y, n, population)
    widest = _WIDEST / (1 if population is None else population.ratio)
    scale = Uniform(widest).coordinate  # over it the density is smooth, where over log(spread) it would end in a cliff
    line = integrate(parts, prior, scale)
    top = np.argmax(line.weight)
    log_evidence = log_density(parts, prior, scale, 1e-5)(line.v[top : top + 1])[0] - line.log_density[top]
    log_evidence -= np.log(prior.cdf(widest))
    return Posterior(line, scale, float(log_evidence), parts, number_of, y, n, names, labels)


def settled(prior: SdPrior | None, population: TwoSpreads | None) -> SdPrior:
    """The prior on the spread, or the default; a refusal of what is none, and of a population that is none."""
    if population is not None:
        a_kind_of(TwoSpreads, "population", population)
    if not isinstance(prior, SdPrior | None) or isinstance(prior, Known):
        raise ValueError(f"prior is {prior!r}: it must be a prior on a spread, such as HalfNormal(0.5)")
    return PRIOR if prior is None else prior
