"""Priors on one number: on a population's mean, and on its standard deviation."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, gammaln, ndtr, stdtr

from borrowing_strength.core.inputs import number, positive, real_array
from borrowing_strength.core.posterior import LOG, Scale

if TYPE_CHECKING:
    from pytensor.tensor import TensorVariable


def of_any_sign(name: str, value: object) -> float:
    """A number of either sign whose square a float can hold."""
    converted = number(name, value)
    if abs(converted) > 1e50:
        raise ValueError(f"{name} is {converted:g}: it must lie between -1e50 and 1e50; change the unit")
    return converted


class Prior(ABC):
    """A distribution of one number, for the exact engines and for PyMC.

    Its parameters are floats from the start: PyMC keeps small whole numbers in eight bits, and computes in them.
    """

    tail = np.inf
    """The power with which the probability of more than x falls; infinite where it falls faster than any."""

    def __post_init__(self) -> None:
        for field in fields(self):
            read = of_any_sign if field.name == "mean" else positive
            object.__setattr__(self, field.name, read(field.name, getattr(self, field.name)))

    @abstractmethod
    def log_density(self, value: np.ndarray) -> np.ndarray:
        """Log density at `value`."""

    def cdf(self, value: float | np.ndarray) -> np.ndarray:
        """Probability of at most `value`, in its shape."""
        with np.errstate(over="ignore", divide="ignore"):  # near zero, or far away, where it is 0 or 1
            return self._cdf(real_array("value", value))

    @abstractmethod
    def _cdf(self, value: np.ndarray) -> np.ndarray:
        """The same of what has been read."""

    @abstractmethod
    def draw(self, size: int | None, rng: np.random.Generator) -> np.ndarray:
        """Draws, shape (size,); one number for None."""

    @abstractmethod
    def pymc_variable(self, name: str) -> "TensorVariable":
        """Inside a PyMC model: create the variable."""


@dataclass(frozen=True)
class Normal(Prior):
    """A normal distribution; `scale` is its standard deviation."""

    mean: float = 0.0
    scale: float = 1.0

    def log_density(self, value: np.ndarray) -> np.ndarray:
        z = (value - self.mean) / self.scale
        return -0.5 * z**2 - np.log(self.scale) - 0.5 * np.log(2 * np.pi)

    def _cdf(self, value: np.ndarray) -> np.ndarray:
        return ndtr((np.asarray(value) - self.mean) / self.scale)

    def draw(self, size: int | None, rng: np.random.Generator) -> np.ndarray:
        return rng.normal(self.mean, self.scale, size)

    def pymc_variable(self, name: str) -> "TensorVariable":
        import pymc as pm

        return pm.Normal(name, mu=self.mean, sigma=self.scale)


@dataclass(frozen=True)
class StudentT(Prior):
    """A Student t distribution with `df` degrees of freedom, shifted by `mean` and stretched by `scale`."""

    df: float = 3.0
    mean: float = 0.0
    scale: float = 1.0

    @property
    def tail(self) -> float:
        return self.df

    def log_density(self, value: np.ndarray) -> np.ndarray:
        z = (value - self.mean) / self.scale
        constant = gammaln((self.df + 1) / 2) - gammaln(self.df / 2) - 0.5 * np.log(np.pi * self.df)
        # log(1 + z^2 / df), also where the square would overflow
        growth = np.logaddexp(0, 2 * np.log(np.maximum(np.abs(z), 1e-300)) - np.log(self.df))
        return constant - np.log(self.scale) - (self.df + 1) / 2 * growth

    def _cdf(self, value: np.ndarray) -> np.ndarray:
        return stdtr(self.df, (np.asarray(value) - self.mean) / self.scale)

    def draw(self, size: int | None, rng: np.random.Generator) -> np.ndarray:
        return self.mean + self.scale * rng.standard_t(self.df, size)

    def pymc_variable(self, name: str) -> "TensorVariable":
        import pymc as pm

        return pm.StudentT(name, nu=self.df, mu=self.mean, sigma=self.scale)


class SdPrior(Prior):
    """A prior on a standard deviation.

    It supplies `log_density` (normalised), `_cdf`, `draw` and `pymc_variable`; a `tail` where moments may be infinite;
    and a `coordinate`, which runs along the whole real line where the sd is above zero, if its support ends.
    """

    coordinate: Scale = LOG


class _Half(SdPrior):
    """The positive half of a distribution that is symmetric about zero."""

    def _whole(self) -> Prior:
        raise NotImplementedError

    @property
    def tail(self) -> float:
        return self._whole().tail

    def log_density(self, value: np.ndarray) -> np.ndarray:
        return np.where(np.asarray(value) < 0, -np.inf, np.log(2) + self._whole().log_density(value))

    def _cdf(self, value: np.ndarray) -> np.ndarray:
        return np.maximum(1 - 2 * self._whole()._cdf(-np.asarray(value)), 0)

    def draw(self, size: int | None, rng: np.random.Generator) -> np.ndarray:
        return np.abs(self._whole().draw(size, rng))


@dataclass(frozen=True)
class HalfNormal(_Half):
    """The positive half of a normal distribution with standard deviation `scale`."""

    scale: float = 1.0

    def _whole(self) -> Prior:
        return Normal(0.0, self.scale)

    def draw(self, size: int | None, rng: np.random.Generator) -> np.ndarray:
        return self.scale * np.abs(rng.standard_normal(size))

    def pymc_variable(self, name: str) -> "TensorVariable":
        import pymc as pm

        return pm.HalfNormal(name, sigma=self.scale)


@dataclass(frozen=True)
class HalfStudentT(_Half):
    """The positive half of a Student t distribution with `df` degrees of freedom, times `scale`."""

    df: float
    scale: float

    def _whole(self) -> Prior:
        return StudentT(self.df, 0.0, self.scale)

    def pymc_variable(self, name: str) -> "TensorVariable":
        import pymc as pm

        return pm.HalfStudentT(name, nu=self.df, sigma=self.scale)


@dataclass(frozen=True)
class HalfCauchy(_Half):
    """The positive half of a Cauchy distribution times `scale`. Its tail is so heavy that it has no mean."""

    scale: float = 1.0

    def _whole(self) -> Prior:
        return StudentT(1.0, 0.0, self.scale)

    def draw(self, size: int | None, rng: np.random.Generator) -> np.ndarray:
        return self.scale * np.abs(rng.standard_cauchy(size))

    def pymc_variable(self, name: str) -> "TensorVariable":
        import pymc as pm

        return pm.HalfCauchy(name, beta=self.scale)


@dataclass(frozen=True)
class Exponential(SdPrior):
    """An exponential distribution; `scale` is its mean."""

    scale: float = 1.0

    def log_density(self, value: np.ndarray) -> np.ndarray:
        return np.where(np.asarray(value) < 0, -np.inf, -value / self.scale - np.log(self.scale))

    def _cdf(self, value: np.ndarray) -> np.ndarray:
        return -np.expm1(-np.maximum(value, 0) / self.scale)

    def draw(self, size: int | None, rng: np.random.Generator) -> np.ndarray:
        return rng.exponential(self.scale, size)

    def pymc_variable(self, name: str) -> "TensorVariable":
        import pymc as pm

        return pm.Exponential(name, scale=self.scale)


@dataclass(frozen=True)
class Uniform(SdPrior):
    """Every standard deviation from 0 to `upper` equally likely."""

    upper: float

    @property
    def coordinate(self) -> Scale:
        # The logit of sd / upper: over it the density is smooth, where over log(sd) it would end in a cliff.
        def to_coordinate(sd: np.ndarray) -> np.ndarray:
            share = np.minimum(np.asarray(sd) / self.upper, 1 - 1e-16)
            return np.log(share) - np.log1p(-share)

        return Scale(
            lambda v: self.upper * expit(v), to_coordinate, lambda v: self.upper * expit(v) * expit(-v), low=0.0
        )

    def log_density(self, value: np.ndarray) -> np.ndarray:
        return np.where((np.asarray(value) >= 0) & (np.asarray(value) <= self.upper), -np.log(self.upper), -np.inf)

    def _cdf(self, value: np.ndarray) -> np.ndarray:
        return np.clip(np.asarray(value) / self.upper, 0, 1)

    def draw(self, size: int | None, rng: np.random.Generator) -> np.ndarray:
        return self.upper * (1 - rng.random(size))

    def pymc_variable(self, name: str) -> "TensorVariable":
        import pymc as pm

        return pm.Uniform(name, lower=0.0, upper=self.upper)


@dataclass(frozen=True)
class UniformShrinkage(SdPrior):
    """The weight ``scale / (scale + sd)`` is uniform from 0 to 1, so `scale` is the median (DuMouchel, 1994).

    Proper, positive at zero, and with a tail so heavy that it has no mean.
    """

    scale: float = 1.0
    tail = 1.0

    def log_density(self, value: np.ndarray) -> np.ndarray:
        size = np.maximum(value, 0)
        return np.where(np.asarray(value) < 0, -np.inf, np.log(self.scale) - 2 * np.log(self.scale + size))

    def _cdf(self, value: np.ndarray) -> np.ndarray:
        size = np.maximum(value, 0)
        return size / (self.scale + size)

    def draw(self, size: int | None, rng: np.random.Generator) -> np.ndarray:
        weight = 1 - rng.random(size)
        return self.scale * (1 - weight) / weight

    def pymc_variable(self, name: str) -> "TensorVariable":
        import pymc as pm

        weight = pm.Uniform(f"{name}_weight")
        return pm.Deterministic(name, self.scale * (1 - weight) / weight)


@dataclass(frozen=True)
class Known(SdPrior):
    """No doubt at all: the standard deviation is `scale`. It shows what every amount of pooling does."""

    scale: float = 1.0

    def log_density(self, value: np.ndarray) -> np.ndarray:
        return np.zeros_like(value)

    def _cdf(self, value: np.ndarray) -> np.ndarray:
        return np.where(np.asarray(value) >= self.scale, 1.0, 0.0)

    def draw(self, size: int | None, rng: np.random.Generator) -> np.ndarray:
        return np.full(() if size is None else size, self.scale)

    def pymc_variable(self, name: str) -> "TensorVariable":
        import pymc as pm
        import pytensor.tensor as pt

        return pm.Deterministic(name, pt.constant(self.scale))
