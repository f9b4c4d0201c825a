"""What lesson 05 believes before the data: `Prior`, of the average effect and of the effects' sd, and `GammaPrecision`.

The other priors on a standard deviation are in `core/priors.py`.
"""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaincc, gammaln, stdtrit

from borrowing_strength.core.inputs import number, positive, whole_number
from borrowing_strength.core.priors import Known, SdPrior, UniformShrinkage, of_any_sign

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pytensor.tensor import TensorVariable


@dataclass(frozen=True)
class GammaPrecision(SdPrior):
    """``1 / sd**2 ~ Gamma(alpha, rate beta)``: the prior that makes Gibbs sampling easy."""

    alpha: float = 0.1
    beta: float = 1e-5

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.alpha > 1e8:
            raise ValueError(f"alpha is {self.alpha:g}: beyond 1e8 the standard deviation is as good as known")

    @property
    def tail(self) -> float:
        return 2 * self.alpha

    def log_density(self, value: np.ndarray) -> np.ndarray:
        constant = np.log(2) + self.alpha * np.log(self.beta) - gammaln(self.alpha)
        return constant - (2 * self.alpha + 1) * np.log(value) - self.beta / np.square(value)

    def _cdf(self, value: np.ndarray) -> np.ndarray:
        return gammaincc(self.alpha, self.beta / np.square(value))

    def draw(self, size: int | None, rng: np.random.Generator) -> np.ndarray:
        # Gamma(a) = Gamma(a + 1) * U**(1/a), here in logs: a small `alpha` would give precisions that round to 0
        log_gamma = np.log(rng.gamma(self.alpha + 1, size=size)) + np.log(rng.random(size)) / self.alpha
        return np.exp(np.clip((np.log(self.beta) - log_gamma) / 2, None, 700))

    def pymc_variable(self, name: str) -> "TensorVariable":
        import pymc as pm

        return pm.Deterministic(name, pm.Gamma("precision", alpha=self.alpha, beta=self.beta) ** -0.5)


class Prior:
    """What is believed about the average effect and about the effects' standard deviation.

    Written without arguments it is the one that the package metabayes publishes, for relative lifts of a few percent.
    There are two ways to write another. `Prior(alpha, beta, epsilon)`: the precision (1 / variance) of the effects is
    Gamma(alpha, rate beta), and the average effect is normal around 0 with precision epsilon.
    `Prior(mu_mean=..., mu_sd=..., effect_sd=...)`: any normal distribution, and any of `GammaPrecision`, `HalfNormal`,
    `HalfCauchy`, `HalfStudentT`, `Uniform` and `UniformShrinkage`.

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
        if effect_sd is None:
            effect_sd = GammaPrecision(0.1 if alpha is None else alpha, 1e-5 if beta is None else beta)
        if not isinstance(effect_sd, SdPrior) or isinstance(effect_sd, Known):
            raise ValueError(f"effect_sd is {effect_sd!r}: it must be a prior such as HalfNormal(0.1)")
        if mu_sd is None:
            mu_sd = positive("epsilon", 1600.0 if epsilon is None else epsilon) ** -0.5
        self.mu_mean, self.mu_sd, self.effect_sd = of_any_sign("mu_mean", mu_mean), positive("mu_sd", mu_sd), effect_sd

    def __repr__(self) -> str:
        return f"Prior(mu_mean={self.mu_mean:g}, mu_sd={self.mu_sd:g}, effect_sd={self.effect_sd!r})"

    @property
    def epsilon(self) -> float:
        """Prior precision of the average effect."""
        return self.mu_sd**-2

    @epsilon.setter
    def epsilon(self, value: float) -> None:
        self.mu_sd = positive("epsilon", value) ** -0.5

    @property
    def alpha(self) -> float:
        """Shape of the Gamma on the effects' precision."""
        return self._conjugate().alpha

    @alpha.setter
    def alpha(self, value: float) -> None:
        self.effect_sd = GammaPrecision(value, self.beta)

    @property
    def beta(self) -> float:
        """Rate of the Gamma on the effects' precision."""
        return self._conjugate().beta

    @beta.setter
    def beta(self, value: float) -> None:
        self.effect_sd = GammaPrecision(self.alpha, value)

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
        draws = np.random.default_rng(0).normal(self.mu_mean, self.mu_sd, whole_number("num_draws", num_draws, each=3))
        _histogram(draws, lower, upper, num_bins, "Meta Relative Lift %", plot_params)

    def plot_effect_sd_prior(
        self, num_draws: int = 10**5, lower: float = 0, upper: float = 0.1, num_bins: int = 100, **plot_params: object
    ) -> None:
        """Histogram of the effects' standard deviation's prior between `lower` and `upper`, in the current axes.

        Beware of what it leaves out: under the published prior 53% of the probability lies above 0.1.
        """
        draws = self.effect_sd.draw(whole_number("num_draws", num_draws, each=3), np.random.default_rng(0))
        ax = _histogram(draws, lower, upper, num_bins, "Effect standard deviation", plot_params)
        ax.set_xlim(lower, upper)


def as_prior(prior: object, default: Prior | None = None) -> Prior:
    """The prior given, or the default, or the published one; ValueError for anything else."""
    if prior is not None and not isinstance(prior, Prior):
        raise ValueError(f"prior is {prior!r}: it must be Prior(...)")
    return prior or default or Prior()


def believable(prior: Prior, estimate: np.ndarray, error: np.ndarray) -> Prior:
    """The prior, with a warning where it overrules the data: their mean, weighted, is not one that it expects."""
    mean, num_tests = np.average(estimate, weights=error**-2.0), estimate.size
    error_of_mean = np.sum(error**-2.0) ** -0.5
    away = abs(mean - prior.mu_mean)
    on_another_scale = away > max(25 * prior.mu_sd, 3 * np.hypot(prior.mu_sd, error_of_mean))
    if num_tests > 1:  # many tests tell of a prior that is nearer to their scale, too, that it expects another mean
        error_of_mean = max(error_of_mean, float(np.std(estimate, ddof=1)) / num_tests**0.5)
    expected = max(5 * prior.mu_sd, stdtrit(max(num_tests - 1, 1), 0.995) * np.hypot(prior.mu_sd, error_of_mean))
    if on_another_scale or away > expected:
        expects = f"the prior expects of their mean {prior.mu_mean:g}, give or take {prior.mu_sd:.3g}"
        cure = "Prior(mu_sd=...) sets how far the average effect may be from mu_mean, on the scale of the estimates"
        warnings.warn(f"the mean of the estimates is {mean:.3g}, but {expects}: {cure}", stacklevel=3)
    return prior


def weak_prior(estimate: np.ndarray, error: np.ndarray) -> Prior:
    """A prior for estimates on any scale: uniform shrinkage for the effects' sd, nearly flat for the average.

    The median of the sd is the standard error of a typical test, the root of the harmonic mean of the variances
    (DuMouchel, 1994); the average is normal around zero with an sd a hundred times as large as all that was seen.
    """
    typical = np.mean(error**-2.0) ** -0.5
    return Prior(mu_sd=100 * float(np.max(np.abs(estimate) + error)), effect_sd=UniformShrinkage(float(typical)))


def _histogram(
    draws: np.ndarray, lower: float, upper: float, bins: int, label: str, options: dict[str, object]
) -> "Axes":
    import matplotlib.pyplot as plt
    from matplotlib.ticker import PercentFormatter

    if not number("lower", lower) < number("upper", upper):
        raise ValueError(f"upper is {upper:g}: it must lie above lower, {lower:g}")
    whole_number("num_bins", bins, least=2, each=1000)
    ax = plt.gca()
    # Heights are a density over all draws, those outside the window included.
    width = (upper - lower) / (bins - 1)
    weights = np.full(len(draws), 1 / (len(draws) * width))
    ax.hist(draws, bins=np.linspace(lower, upper, bins), **{"weights": weights} | options)
    ax.set(xlabel=label, ylabel="Probability Density")
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return ax
