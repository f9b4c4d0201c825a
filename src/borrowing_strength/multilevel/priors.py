"""Priors of lesson 04: one on the mean and one on the standard deviation of each of two populations."""

from dataclasses import dataclass, field

from borrowing_strength.core.options import one_of
from borrowing_strength.core.priors import Exponential, HalfCauchy, HalfNormal, HalfStudentT, Known, Normal, StudentT

_MEANS = StudentT | Normal
_SDS = HalfNormal | HalfStudentT | HalfCauchy | Exponential | Known


@dataclass(frozen=True)
class Priors:
    """What is believed about the two populations, of intercepts and of slopes, in log odds.

    Parameters
    ----------
    intercept_mean, slope_mean : StudentT or Normal
        Prior on the population's mean.
    intercept_sd, slope_sd : HalfNormal, HalfStudentT, HalfCauchy, Exponential or Known
        Prior on the population's standard deviation.
    """

    intercept_mean: _MEANS = field(default_factory=StudentT)
    intercept_sd: _SDS = field(default_factory=HalfNormal)
    slope_mean: _MEANS = field(default_factory=StudentT)
    slope_sd: _SDS = field(default_factory=HalfNormal)

    def __post_init__(self) -> None:
        for name in ("intercept_mean", "slope_mean", "intercept_sd", "slope_sd"):
            prior, allowed = getattr(self, name), _MEANS if name.endswith("mean") else _SDS
            if not isinstance(prior, allowed):
                *others, last = (f"{kind.__name__}(...)" for kind in allowed.__args__)
                raise ValueError(f"{name} is {prior!r}: it must be {', '.join(others)} or {last}")
            if not 1e-9 <= prior.scale <= 1e6:
                raise ValueError(f"{name} is {prior!r}: in log odds its scale must lie between 1e-9 and 1e6")


CODINGS = {"symmetric": 0.5, "control": 0.0}  # by how much of the slope the control arm lies below the intercept


def as_coding(coding: object) -> float:
    """How much of the slope the log odds under control lie below the intercept."""
    return CODINGS[one_of("coding", coding, *CODINGS)]


def as_priors(prior: object) -> Priors:
    """The default for None; otherwise what is given, if it is Priors."""
    if prior is None:
        return Priors()
    if not isinstance(prior, Priors):
        raise ValueError(f"prior is {prior!r}: it must be Priors(...)")
    return prior
