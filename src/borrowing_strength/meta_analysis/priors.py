"""Priors of lesson 05: a normal one on the average effect, and one on the effects' standard deviation."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import erf, gammaincc, gammaln, stdtr

from borrowing_strength.core.inputs import positive

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pytensor.tensor import TensorVariable


class SdPrior:
    """A prior on the effects' standard deviation, written over a coordinate that runs along the whole real line.

    The coordinate is log(sd) unless a subclass says otherwise. `tail` is the power with which P(sd > x) falls:
    infinite where it falls faster than any.
    """

    tail = np.inf

    def sd(self, v: np.ndarray) -> np.ndarray:
        """The standard deviation at coordinate `v`."""
        return np.exp(v)

    def coordinate(self, sd: np.ndarray) -> np.ndarray:
        """The coordinate of a standard deviation."""
        return np.log(sd)

    def log_slope(self, v: np.ndarray) -> np.ndarray:
        """Log of d sd / d v."""
        return v

    def log_density(self, v: np.ndarray) -> np.ndarray:
        """Log prior density over the coordinate."""
        raise NotImplementedError

    def cdf(self, sd: np.ndarray) -> np.ndarray:
        """Prior probability that the standard deviation is at most `sd`."""
        raise NotImplementedError

    def draw(self, size: int, rng: np.random.Generator) -> np.ndarray:
        """Draws of the standard deviation, shape (size,)."""
        raise NotImplementedError

    def pymc_variable(self) -> "TensorVariable":
        """Inside a PyMC model: create `effect_sd`."""
        raise NotImplementedError


@dataclass(frozen=True)
class GammaPrecision(SdPrior):
    """``1 / sd**2 ~ Gamma(alpha, rate beta)``: the prior that makes Gibbs sampling easy."""

    alpha: float = 0.1
    beta: float = 1e-5

    def __post_init__(self) -> None:
        if positive("alpha", self.alpha) > 1e8:
            raise ValueError(f"alpha is {self.alpha:g}: beyond 1e8 the standard deviation is as good as known")
        _size("beta", self.beta)

    @property
    def tail(self) -> float:
        return 2 * self.alpha

    def log_density(self, v: np.ndarray) -> np.ndarray:
        constant = np.log(2) + self.alpha * np.log(self.beta) - gammaln(self.alpha)
        return constant - 2 * self.alpha * v - self.beta * np.exp(-2 * v)

    def cdf(self, sd: np.ndarray) -> np.ndarray:
        return gammaincc(self.alpha, self.beta / np.square(sd))

    def draw(self, size: int, rng: np.random.Generator) -> np.ndarray:
        # Gamma(a) = Gamma(a + 1) * U**(1/a), here in logs: a small `alpha` would give precisions that round to 0
        log_gamma = np.log(rng.gamma(self.alpha + 1, size=size)) + np.log(rng.random(size)) / self.alpha
        return np.exp(np.clip((np.log(self.beta) - log_gamma) / 2, None, 700))

    def pymc_variable(self) -> "TensorVariable":
        import pymc as pm

        return pm.Deterministic("effect_sd", pm.Gamma("precision", alpha=self.alpha, beta=self.beta) ** -0.5)


@dataclass(frozen=True)
class HalfNormal(SdPrior):
    """The positive half of a normal distribution with standard deviation `scale`."""

    scale: float

    def __post_init__(self) -> None:
        _size("scale", self.scale)

    def log_density(self, v: np.ndarray) -> np.ndarray:
        return v + np.log(np.sqrt(2 / np.pi) / self.scale) - 0.5 * (np.exp(v) / self.scale) ** 2

    def cdf(self, sd: np.ndarray) -> np.ndarray:
        return erf(np.asarray(sd) / (np.sqrt(2) * self.scale))

    def draw(self, size: int, rng: np.random.Generator) -> np.ndarray:
        return self.scale * np.abs(rng.standard_normal(size))

    def pymc_variable(self) -> "TensorVariable":
        import pymc as pm

        return pm.HalfNormal("effect_sd", sigma=self.scale)


@dataclass(frozen=True)
class HalfStudentT(SdPrior):
    """The positive half of a Student t distribution with `df` degrees of freedom, times `scale`."""

    df: float
    scale: float

    def __post_init__(self) -> None:
        positive("df", self.df)
        _size("scale", self.scale)

    @property
    def tail(self) -> float:
        return self.df

    def log_density(self, v: np.ndarray) -> np.ndarray:
        constant = np.log(2) + gammaln((self.df + 1) / 2) - gammaln(self.df / 2) - 0.5 * np.log(np.pi * self.df)
        w = v - np.log(self.scale)
        return constant + w - (self.df + 1) / 2 * np.logaddexp(0, 2 * w - np.log(self.df))

    def cdf(self, sd: np.ndarray) -> np.ndarray:
        return 1 - 2 * stdtr(self.df, -np.asarray(sd) / self.scale)

    def draw(self, size: int, rng: np.random.Generator) -> np.ndarray:
        return self.scale * np.abs(rng.standard_t(self.df, size))

    def pymc_variable(self) -> "TensorVariable":
        import pymc as pm

        return pm.HalfStudentT("effect_sd", nu=self.df, sigma=self.scale)


def HalfCauchy(scale: float) -> HalfStudentT:
    """The positive half of a Cauchy distribution times `scale`: `HalfStudentT` with one degree of freedom."""
    return HalfStudentT(1.0, scale)


@dataclass(frozen=True)
class Uniform(SdPrior):
    """Every standard deviation from 0 to `upper` equally likely."""

    upper: float

    def __post_init__(self) -> None:
        _size("upper", self.upper)

    # The logit of sd / upper: over it the density is smooth, where over log(sd) it would end in a cliff.
    def sd(self, v: np.ndarray) -> np.ndarray:
        return self.upper / (1 + np.exp(-v))

    def coordinate(self, sd: np.ndarray) -> np.ndarray:
        share = np.minimum(np.asarray(sd) / self.upper, 1 - 1e-16)
        return np.log(share) - np.log1p(-share)

    def log_slope(self, v: np.ndarray) -> np.ndarray:
        return np.log(self.upper) + self.log_density(v)

    def log_density(self, v: np.ndarray) -> np.ndarray:
        return -np.logaddexp(0, v) - np.logaddexp(0, -v)

    def cdf(self, sd: np.ndarray) -> np.ndarray:
        return np.clip(np.asarray(sd) / self.upper, 0, 1)

    def draw(self, size: int, rng: np.random.Generator) -> np.ndarray:
        return self.upper * (1 - rng.random(size))

    def pymc_variable(self) -> "TensorVariable":
        import pymc as pm

        return pm.Uniform("effect_sd", lower=0, upper=self.upper)


class Prior:
    """What is believed about the average effect and about the effects' standard deviation.

    There are two ways to write it. `Prior(alpha, beta, epsilon)`: the precision (1 / variance) of the effects is
    Gamma(alpha, rate beta), and the average effect is normal around 0 with precision epsilon; the
    defaults are those of the package metabayes. `Prior(mu_mean=..., mu_sd=..., effect_sd=...)`: any normal
    distribution, and any of `GammaPrecision`, `HalfNormal`, `HalfCauchy`, `HalfStudentT` and `Uniform`.

    Parameters
    ----------
    alpha, beta : float, optional
        Shape and rate of the Gamma on the effects' precision; 0.1 and 1e-5. Not together with `effect_sd`.
    epsilon : float, optional
        Prior precision of the average effect; 1600. Not together with `mu_sd`.
    mu_mean, mu_sd : float, optional
        Prior mean and standard deviation of the average effect; 0 and 1/40.
    effect_sd : SdPrior, optional
        Prior on the effects' standard deviation.

    Raises
    ------
    ValueError
        If a number is not finite, one that must be positive is not, or one thing is said twice.
    """

    def __init__(
        self,
        alpha: float | None = None,
        beta: float | None = None,
        epsilon: float | None = None,
        *,
        mu_mean: float = 0.0,
        mu_sd: float | None = None,
        effect_sd: SdPrior | None = None,
    ):
        if effect_sd is not None and not (alpha is None and beta is None):
            raise ValueError("alpha and beta describe the effects' standard deviation, and so does effect_sd: give one")
        if mu_sd is not None and epsilon is not None:
            raise ValueError("epsilon is 1 / mu_sd**2: give one of them")
        if isinstance(mu_mean, bool) or not isinstance(mu_mean, int | float | np.number) or not abs(mu_mean) < 1e50:
            raise ValueError(f"mu_mean is {mu_mean!r}: it must be a finite number")
        if effect_sd is None:
            effect_sd = GammaPrecision(0.1 if alpha is None else alpha, 1e-5 if beta is None else beta)
        if not isinstance(effect_sd, SdPrior):
            raise ValueError(f"effect_sd is {effect_sd!r}: it must be a prior such as HalfNormal(0.1)")
        if mu_sd is None:
            mu_sd = _size("epsilon", 1600.0 if epsilon is None else epsilon) ** -0.5
        self.mu_mean, self.mu_sd, self.effect_sd = float(mu_mean), _size("mu_sd", mu_sd), effect_sd

    def __repr__(self) -> str:
        return f"Prior(mu_mean={self.mu_mean:g}, mu_sd={self.mu_sd:g}, effect_sd={self.effect_sd!r})"

    @property
    def epsilon(self) -> float:
        """Prior precision of the average effect."""
        return self.mu_sd**-2

    @property
    def alpha(self) -> float:
        """Shape of the Gamma on the effects' precision."""
        return self._conjugate().alpha

    @property
    def beta(self) -> float:
        """Rate of the Gamma on the effects' precision."""
        return self._conjugate().beta

    def _conjugate(self) -> GammaPrecision:
        if not isinstance(self.effect_sd, GammaPrecision):
            raise ValueError(
                f"prior is {self!r}: alpha and beta, and with them Gibbs sampling, need GammaPrecision(...) "
                "on the effects' standard deviation; fit(...) takes every prior"
            )
        return self.effect_sd

    def plot_meta_effect_prior(
        self,
        num_draws: int = 10**5,
        lower: float = -0.1,
        upper: float = 0.1,
        num_bins: int = 100,
        **plot_params: object,
    ) -> None:
        """Histogram of the average effect's prior between `lower` and `upper`, in the current axes."""
        draws = np.random.default_rng(0).normal(self.mu_mean, self.mu_sd, num_draws)
        _histogram(draws, lower, upper, num_bins, "Meta Relative Lift %", plot_params)

    def plot_effect_sd_prior(
        self, num_draws: int = 10**5, lower: float = 0, upper: float = 0.1, num_bins: int = 100, **plot_params: object
    ) -> None:
        """Histogram of the effects' standard deviation's prior between `lower` and `upper`, in the current axes.

        Beware of what it leaves out: under the default prior 53% of the probability lies above 0.1.
        """
        draws = self.effect_sd.draw(num_draws, np.random.default_rng(0))
        ax = _histogram(draws, lower, upper, num_bins, "Effect standard deviation", plot_params)
        ax.set_xlim(lower, upper)


def _histogram(
    draws: np.ndarray, lower: float, upper: float, bins: int, label: str, options: dict[str, object]
) -> "Axes":
    import matplotlib.pyplot as plt
    from matplotlib.ticker import PercentFormatter

    ax = plt.gca()
    # Heights are a density over all draws, those outside the window included.
    width = (upper - lower) / (bins - 1)
    weights = np.full(len(draws), 1 / (len(draws) * width))
    ax.hist(draws, bins=np.linspace(lower, upper, bins), **{"weights": weights} | options)
    ax.set(xlabel=label, ylabel="Probability Density")
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return ax


def _size(name: str, value: object) -> float:
    """A number whose square and inverse square a float can hold with room to spare."""
    number = positive(name, value)
    if not 1e-50 <= number <= 1e50:
        raise ValueError(f"{name} is {number:g}: it must lie between 1e-50 and 1e50; change the unit")
    return number
