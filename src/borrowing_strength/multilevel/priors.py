"""Priors of lesson 04: one on the mean and one on the standard deviation of each of two populations."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.special import gammaln

from borrowing_strength.core.inputs import positive

if TYPE_CHECKING:
    from pytensor.tensor import TensorVariable


class Prior(Protocol):
    """A prior on one number, for the exact engine and for PyMC."""

    scale: float

    def log_density(self, value: np.ndarray) -> np.ndarray:
        """Log density at `value`."""

    def draw(self, rng: np.random.Generator, size: int | None = None) -> np.ndarray | float:
        """Draws from the prior."""

    def pymc_variable(self, name: str) -> "TensorVariable":
        """Inside a PyMC model: create the variable."""


@dataclass(frozen=True)
class Normal:
    """A normal distribution; `scale` is its standard deviation."""

    mean: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        _finite("mean", self.mean)
        _size("scale", self.scale)

    def log_density(self, value: np.ndarray) -> np.ndarray:
        return -0.5 * ((value - self.mean) / self.scale) ** 2 - np.log(self.scale * np.sqrt(2 * np.pi))

    def draw(self, rng: np.random.Generator, size: int | None = None) -> np.ndarray | float:
        return rng.normal(self.mean, self.scale, size)

    def pymc_variable(self, name: str) -> "TensorVariable":
        import pymc as pm

        return pm.Normal(name, mu=self.mean, sigma=self.scale)


@dataclass(frozen=True)
class StudentT:
    """A Student t distribution with `df` degrees of freedom, shifted by `mean` and stretched by `scale`."""

    df: float = 3.0
    mean: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        positive("df", self.df)
        _finite("mean", self.mean)
        _size("scale", self.scale)

    def log_density(self, value: np.ndarray) -> np.ndarray:
        z = (value - self.mean) / self.scale
        constant = (
            gammaln((self.df + 1) / 2) - gammaln(self.df / 2) - 0.5 * np.log(np.pi * self.df) - np.log(self.scale)
        )
        return constant - (self.df + 1) / 2 * np.log1p(z**2 / self.df)

    def draw(self, rng: np.random.Generator, size: int | None = None) -> np.ndarray | float:
        return self.mean + self.scale * rng.standard_t(self.df, size)

    def pymc_variable(self, name: str) -> "TensorVariable":
        import pymc as pm

        return pm.StudentT(name, nu=self.df, mu=self.mean, sigma=self.scale)


@dataclass(frozen=True)
class HalfNormal:
    """The positive half of a normal distribution with standard deviation `scale`."""

    scale: float = 1.0

    def __post_init__(self) -> None:
        _size("scale", self.scale)

    def log_density(self, value: np.ndarray) -> np.ndarray:
        return -0.5 * (value / self.scale) ** 2 + 0.5 * np.log(2 / np.pi) - np.log(self.scale)

    def draw(self, rng: np.random.Generator, size: int | None = None) -> np.ndarray | float:
        return self.scale * np.abs(rng.standard_normal(size))

    def pymc_variable(self, name: str) -> "TensorVariable":
        import pymc as pm

        return pm.HalfNormal(name, sigma=self.scale)


@dataclass(frozen=True)
class HalfCauchy:
    """The positive half of a Cauchy distribution times `scale`. Its tail is so heavy that it has no mean."""

    scale: float = 1.0

    def __post_init__(self) -> None:
        _size("scale", self.scale)

    def log_density(self, value: np.ndarray) -> np.ndarray:
        return np.log(2 / (np.pi * self.scale)) - np.log1p((value / self.scale) ** 2)

    def draw(self, rng: np.random.Generator, size: int | None = None) -> np.ndarray | float:
        return self.scale * np.abs(rng.standard_cauchy(size))

    def pymc_variable(self, name: str) -> "TensorVariable":
        import pymc as pm

        return pm.HalfCauchy(name, beta=self.scale)


@dataclass(frozen=True)
class Exponential:
    """An exponential distribution; `scale` is its mean."""

    scale: float = 1.0

    def __post_init__(self) -> None:
        _size("scale", self.scale)

    def log_density(self, value: np.ndarray) -> np.ndarray:
        return -value / self.scale - np.log(self.scale)

    def draw(self, rng: np.random.Generator, size: int | None = None) -> np.ndarray | float:
        return rng.exponential(self.scale, size)

    def pymc_variable(self, name: str) -> "TensorVariable":
        import pymc as pm

        return pm.Exponential(name, scale=self.scale)


@dataclass(frozen=True)
class Known:
    """No doubt at all: the standard deviation is `scale`. It shows what every amount of pooling does."""

    scale: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < positive("scale", self.scale) <= 1e6:
            raise ValueError(f"scale is {self.scale:g}: on the scale of log odds it must be at most 1e6")

    def log_density(self, value: np.ndarray) -> np.ndarray:
        return np.zeros_like(value)

    def draw(self, rng: np.random.Generator, size: int | None = None) -> np.ndarray | float:
        return self.scale if size is None else np.full(size, self.scale)

    def pymc_variable(self, name: str) -> "TensorVariable":
        import pymc as pm
        import pytensor.tensor as pt

        return pm.Deterministic(name, pt.constant(float(self.scale)))


@dataclass(frozen=True)
class Priors:
    """What is believed about the two populations, of intercepts and of slopes, in log odds.

    Parameters
    ----------
    intercept_mean, slope_mean : StudentT or Normal
        Prior on the population's mean.
    intercept_sd, slope_sd : HalfNormal, HalfCauchy, Exponential or Known
        Prior on the population's standard deviation.
    """

    intercept_mean: StudentT | Normal = field(default_factory=StudentT)
    intercept_sd: HalfNormal | HalfCauchy | Exponential | Known = field(default_factory=HalfNormal)
    slope_mean: StudentT | Normal = field(default_factory=StudentT)
    slope_sd: HalfNormal | HalfCauchy | Exponential | Known = field(default_factory=HalfNormal)

    def __post_init__(self) -> None:
        for name in ("intercept_mean", "slope_mean"):
            if not isinstance(getattr(self, name), StudentT | Normal):
                raise ValueError(f"{name} is {getattr(self, name)!r}: it must be StudentT(...) or Normal(...)")
        for name in ("intercept_sd", "slope_sd"):
            if not isinstance(getattr(self, name), HalfNormal | HalfCauchy | Exponential | Known):
                allowed = "HalfNormal(...), HalfCauchy(...), Exponential(...) or Known(...)"
                raise ValueError(f"{name} is {getattr(self, name)!r}: it must be {allowed}")


def as_priors(prior: object) -> Priors:
    """The default for None; otherwise what is given, if it is Priors."""
    if prior is None:
        return Priors()
    if not isinstance(prior, Priors):
        raise ValueError(f"prior is {prior!r}: it must be Priors(...)")
    return prior


def _finite(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not np.isfinite(value):
        raise ValueError(f"{name} is {value!r}: it must be a finite number")


def _size(name: str, value: object) -> None:
    if not 1e-6 <= positive(name, value) <= 1e6:
        raise ValueError(f"{name} is {value:g}: on the scale of log odds it must lie between 1e-6 and 1e6")
