"""Priors on the population Beta(a, b) of lesson 01, as densities over u = logit(a/(a+b)) and v = log(a+b)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from borrowing_strength.core.inputs import positive
from borrowing_strength.core.options import pair
from borrowing_strength.core.special import log_expit

if TYPE_CHECKING:
    import pytensor.tensor as pt


@runtime_checkable
class Hyperprior(Protocol):
    """A prior on the population's Beta(a, b), as a density over u = logit(a/(a+b)) and v = log(a+b)."""

    def log_density(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Log density at (u, v), the Jacobian included, up to a constant."""

    def check(self, successes: np.ndarray, trials: np.ndarray) -> None:
        """Raise ValueError where the posterior would not be proper."""

    def pymc_variables(self) -> "tuple[pt.TensorVariable, pt.TensorVariable]":
        """Inside a PyMC model: create the hyperparameters, and return a and b."""


@dataclass(frozen=True)
class PowerLaw:
    """Hyperprior proportional to ``(a + b) ** -exponent``: flat on the mean, heavy-tailed on a + b.

    With exponent 5/2 it is the choice of Gelman et al., Bayesian Data Analysis (3rd ed., 2013, section 5.3).
    It has no finite integral, so the data must make the posterior proper.
    """

    exponent: float = 2.5

    def __post_init__(self) -> None:
        object.__setattr__(self, "exponent", positive("exponent", self.exponent))
        if self.exponent <= 2:
            raise ValueError(f"exponent is {self.exponent}: it must be above 2, or no data give a proper posterior")
        if self.exponent < 2.05:
            raise ValueError(
                f"exponent is {self.exponent}: below 2.05 the tail of a + b is too long for numbers of this size"
            )

    def log_density(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return (2 - self.exponent) * v + log_expit(u) + log_expit(-u)

    def check(self, successes: np.ndarray, trials: np.ndarray) -> None:
        inside = int(np.sum((successes > 0) & (successes < trials)))
        if inside <= self.exponent - 2:
            raise ValueError(
                f"{inside or 'no'} group{'s have' if inside != 1 else ' has'} both a success and a failure: under "
                f"PowerLaw({self.exponent:g}) the posterior is then improper (its integral is infinite, because "
                "nothing bounds a + b from below). Use a proper hyperprior such as MeanConcentration()"
            )

    def pymc_variables(self) -> "tuple[pt.TensorVariable, pt.TensorVariable]":
        import pymc as pm

        # Up to exp(30) the terms of the likelihood keep their digits; beyond it lies less than 1e-6 of the posterior.
        u, v = pm.Flat("logit_grand_mean"), pm.Uniform("log_concentration", lower=-30, upper=30)
        m = pm.Deterministic("grand_mean", pm.math.invlogit(u))
        a, b = m * pm.math.exp(v), (1 - m) * pm.math.exp(v)
        pm.Potential("hyperprior", pm.math.log(m) + pm.math.log1p(-m) + (2 - self.exponent) * v)
        return a, b


@dataclass(frozen=True)
class Gammas:
    """Independent Gamma(shape, rate) hyperpriors on a and on b."""

    a: tuple[float, float] = (16.0, 9.0)
    b: tuple[float, float] = (40.0, 8.0)

    def __post_init__(self) -> None:
        for name in ("a", "b"):
            object.__setattr__(self, name, pair(name, getattr(self, name), positive, positive))

    def log_density(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        log_a, log_b = v + log_expit(u), v + log_expit(-u)
        return self.a[0] * log_a - self.a[1] * np.exp(log_a) + self.b[0] * log_b - self.b[1] * np.exp(log_b)

    def check(self, successes: np.ndarray, trials: np.ndarray) -> None:
        """Always proper."""

    def pymc_variables(self) -> "tuple[pt.TensorVariable, pt.TensorVariable]":
        import pymc as pm

        a = pm.Gamma("a", alpha=self.a[0], beta=self.a[1])
        b = pm.Gamma("b", alpha=self.b[0], beta=self.b[1])
        pm.Deterministic("grand_mean", a / (a + b))
        pm.Deterministic("log_concentration", pm.math.log(a + b))
        return a, b


@dataclass(frozen=True)
class MeanConcentration:
    """A Beta on the population mean, and a heavy-tailed prior on the concentration s = a + b.

    s has density ``scale / (scale + s) ** 2``. The weight s / (s + n) that a group with n = scale trials
    gives to the population is then uniform on (0, 1): the uniform shrinkage prior (Daniels, 1999,
    Canadian Journal of Statistics 27:567). It is proper, whatever the data.
    """

    mean: tuple[float, float] = (1.0, 1.0)
    scale: float = 20.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", pair("mean", self.mean, positive, positive))
        object.__setattr__(self, "scale", positive("scale", self.scale))

    def log_density(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        w = v - np.log(self.scale)
        on_mean = self.mean[0] * log_expit(u) + self.mean[1] * log_expit(-u)
        return on_mean + log_expit(w) + log_expit(-w)

    def check(self, successes: np.ndarray, trials: np.ndarray) -> None:
        """Always proper."""

    def pymc_variables(self) -> "tuple[pt.TensorVariable, pt.TensorVariable]":
        import pymc as pm

        m = pm.Beta("grand_mean", alpha=self.mean[0], beta=self.mean[1])
        v = pm.Logistic("log_concentration", mu=np.log(self.scale), s=1)
        return m * pm.math.exp(v), (1 - m) * pm.math.exp(v)
