"""Gibbs sampling for lesson 05, in plain NumPy: every chain is a row, so they all move in one operation."""

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from borrowing_strength.core.inputs import generator, positive, whole_number
from borrowing_strength.core.options import one_of
from borrowing_strength.core.posterior import draws_tree
from borrowing_strength.meta_analysis.effects import estimates
from borrowing_strength.meta_analysis.prior import Prior, as_prior, believable

if TYPE_CHECKING:
    import xarray as xr


class State(NamedTuple):
    """Where the chains are: `mu` and `precision` (1 / sd**2 of the effects) (chains, 1), `effect` (chains, tests).

    `weight` is what heavy tails multiply the precision of each effect by; 1 where the effects are normal.
    """

    mu: np.ndarray
    precision: np.ndarray
    effect: np.ndarray
    weight: np.ndarray | float = 1.0


class Noise(NamedTuple):
    """Standard normal and gamma variates for one sweep, in the shapes of `State`."""

    mu: np.ndarray
    gamma: np.ndarray
    effect: np.ndarray
    weight: np.ndarray | None = None


class Gibbs:
    """The full conditionals of the model, and the orders in which they can be drawn.

    Parameters
    ----------
    estimate, standard_error : ndarray, shape (tests,) or (chains, tests)
        With two dimensions every chain has its own data: how the samplers are calibrated.
    prior : Prior
    """

    def __init__(self, estimate: np.ndarray, standard_error: np.ndarray, prior: Prior, df: float | None = None):
        self.estimate, self.variance = np.atleast_2d(estimate), np.atleast_2d(standard_error) ** 2
        self.omega, self.tests, self.df = 1 / self.variance, self.estimate.shape[1], df
        self.weighted = self.omega * self.estimate
        self.alpha, self.beta = prior.alpha + self.tests / 2, prior.beta
        self.epsilon, self.pull = prior.epsilon, prior.epsilon * prior.mu_mean

    def effect(self, now: State, noise: Noise) -> State:
        """Effects given mu and their precision: the estimate and mu, weighted by their precisions."""
        kappa = now.precision * now.weight
        total = self.omega + kappa
        return now._replace(effect=(self.weighted + kappa * now.mu) / total + noise.effect / np.sqrt(total))

    def mu(self, now: State, noise: Noise) -> State:
        """The average effect given the effects."""
        kappa = now.precision * now.weight
        size = self.tests if self.df is None else now.weight.sum(axis=1, keepdims=True)
        total = self.epsilon + now.precision * size
        mean = (self.pull + (kappa * now.effect).sum(axis=1, keepdims=True)) / total
        return now._replace(mu=mean + noise.mu / np.sqrt(total))

    def mu_without_effects(self, now: State, noise: Noise) -> State:
        """The average effect given the precision alone, the effects integrated out."""
        omega = 1 / (self.variance + 1 / now.precision)
        total = self.epsilon + omega.sum(axis=1, keepdims=True)
        mean = (self.pull + (omega * self.estimate).sum(axis=1, keepdims=True)) / total
        return now._replace(mu=mean + noise.mu / np.sqrt(total))

    def precision(self, now: State, noise: Noise) -> State:
        """The effects' precision given the effects and mu: a Gamma."""
        squares = (now.weight * (now.effect - now.mu) ** 2).sum(axis=1, keepdims=True)
        return now._replace(precision=noise.gamma / (self.beta + squares / 2))

    def weight(self, now: State, noise: Noise) -> State:
        """What turns normal effects into Student t effects: each precision times its own Gamma(df/2, df/2)."""
        return now._replace(weight=2 * noise.weight / (self.df + now.precision * (now.effect - now.mu) ** 2))

    def systematic(self, now: State, noise: Noise) -> State:
        """One after the other, each from the newest values of the others."""
        return self.precision(self.mu(self.effect(now, noise), noise), noise)

    def blocked(self, now: State, noise: Noise) -> State:
        """Mu and the effects in one move, then the precision."""
        return self.precision(self.effect(self.mu_without_effects(now, noise), noise), noise)

    def synchronous(self, now: State, noise: Noise) -> State:
        """All from the values of the sweep before. This is wrong: it does not leave the posterior in place."""
        effect, mu, precision = (draw(now, noise) for draw in (self.effect, self.mu, self.precision))
        return State(mu.mu, precision.precision, effect.effect)

    def heavy_tailed(self, now: State, noise: Noise) -> State:
        """A systematic scan that ends with the weights."""
        return self.weight(self.systematic(now, noise), noise)

    def start(self, chains: int, rng: np.random.Generator) -> State:
        """Chains far apart: their effects' sd spread over two powers of ten around the estimates' scatter."""
        scatter = np.sqrt(self.estimate.var(axis=1, keepdims=True) + self.variance.mean(axis=1, keepdims=True))
        sd = scatter * 100 ** (((rng.permutation(chains) + rng.random(chains)) / chains)[:, None] - 0.5)
        mu = self.estimate.mean(axis=1, keepdims=True) + scatter * rng.standard_normal((chains, 1))
        weight = 1.0 if self.df is None else np.ones((chains, self.tests))
        now = State(mu, sd**-2, np.zeros((chains, self.tests)), weight)
        return self.effect(now, self.noise(1, chains, rng)[0])

    def noise(self, sweeps: int, chains: int, rng: np.random.Generator) -> list[Noise]:
        """The random numbers of many sweeps at once: which distributions they come from never changes."""
        one, many = (sweeps, chains, 1), (sweeps, chains, self.tests)
        drawn = [rng.standard_normal(one), rng.standard_gamma(self.alpha, one), rng.standard_normal(many)]
        if self.df is not None:
            drawn.append(rng.standard_gamma((self.df + 1) / 2, many))
        return [Noise(*parts) for parts in zip(*drawn, strict=True)]


def gibbs(
    estimate: object,
    standard_error: object,
    *,
    prior: Prior | None = None,
    labels: object = None,
    draws: int = 2000,
    tune: int = 500,
    chains: int = 4,
    seed: int = 0,
    scan: str = "systematic",
) -> "xr.DataTree":
    """Sample the hierarchical model by Gibbs sampling, from over-dispersed starts.

    Parameters
    ----------
    estimate, standard_error, labels
        As for `fit`.
    prior : Prior, optional
        With a Gamma on the effects' precision, whose full conditional is then a Gamma too; `Prior()` if not given.
    draws, tune, chains : int
        Sweeps kept and discarded a chain, and number of chains.
    seed : int
        Seed of `numpy.random.default_rng`.
    scan : {"systematic", "blocked", "synchronous"}
        `systematic` draws effects, mu and precision in turn, each given the newest values. `blocked` draws mu with
        the effects integrated out, which mixes better where the effects are nearly equal. `synchronous` draws all
        three from the values of the sweep before. It is WRONG, and here to be found out: its draws are not
        from the posterior, although R-hat and effective sample size look fine.

    Returns
    -------
    xarray.DataTree
        Group `posterior` with `mu` and `effect_sd` (chain, draw) and `effect` (chain, draw, test).
    """
    one_of("scan", scan, "systematic", "blocked", "synchronous")
    y, se, names = estimates(estimate, standard_error, labels)
    model = Gibbs(y, se, believable(as_prior(prior), y, se))
    return _run(model, getattr(model, scan), names, draws, tune, chains, seed)


def gibbs_t(
    estimate: object,
    standard_error: object,
    *,
    prior: Prior | None = None,
    labels: object = None,
    df: float = 4.0,
    draws: int = 2000,
    tune: int = 500,
    chains: int = 4,
    seed: int = 0,
) -> "xr.DataTree":
    """Sample the model with Student t effects: most ideas do little, a few do much.

    A t distribution is a normal one whose precision is multiplied by a Gamma(df/2, df/2), so one more
    full conditional does it (Gelman et al., Bayesian Data Analysis, 3rd ed., 2013, section 17.2).

    Parameters
    ----------
    estimate, standard_error, prior, draws, tune, chains, seed, labels
        As for `gibbs`; `effect_sd` is the scale of the t distribution.
    df : float
        Degrees of freedom; the smaller, the heavier the tails.

    Returns
    -------
    xarray.DataTree
        As `gibbs`.
    """
    y, se, names = estimates(estimate, standard_error, labels)
    model = Gibbs(y, se, believable(as_prior(prior), y, se), positive("df", df))
    return _run(model, model.heavy_tailed, names, draws, tune, chains, seed)


def _run(
    model: Gibbs,
    sweep: Callable[[State, Noise], State],
    labels: Sequence[str],
    draws: int,
    tune: int,
    chains: int,
    seed: int,
) -> "xr.DataTree":
    from tqdm.auto import tqdm

    tune, chains = whole_number("tune", tune, 0, each=1), whole_number("chains", chains, each=model.tests + 2)
    draws = whole_number("draws", draws, each=2 * chains * (model.tests + 2))
    rng = generator(seed)
    kept = [np.empty((draws, chains, size)) for size in (1, 1, model.tests)]
    now = model.start(chains, rng)
    block = max(1, min(256, 2_000_000 // (chains * model.tests)))
    # The bar shows up for those who wait, after three seconds.
    with tqdm(total=tune + draws, delay=3, disable="BORROWING_STRENGTH_QUIET" in os.environ) as bar:
        for first in range(-tune, draws, block):
            noise = model.noise(min(block, draws - first), chains, rng)
            for i, variates in enumerate(noise, first):
                now = sweep(now, variates)
                if i >= 0:
                    kept[0][i], kept[1][i], kept[2][i] = now[:3]
            bar.update(len(noise))
    mu, precision, effect = (np.swapaxes(values, 0, 1).reshape(chains * draws, -1) for values in kept)
    variables = {"mu": mu[:, 0], "effect_sd": precision[:, 0] ** -0.5, "effect": effect}
    return draws_tree(variables, (chains, draws), labels, "test")
