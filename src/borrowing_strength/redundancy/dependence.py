"""How components fail together: every model of lesson 03 as a distribution of the number of failures.

`log_tail(least, n)` is the log probability that at least `least` of `n` components fail; `draw` simulates the
components one by one and shares nothing with it but the assumptions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import betainccinv, betaincinv, betaln, log_ndtr, logsumexp, ndtr, ndtri

from borrowing_strength.core.inputs import fits, fraction, positive, probability
from borrowing_strength.core.special import log_beta_binomial, log_binomial, log_of

if TYPE_CHECKING:
    from scipy.stats._distn_infrastructure import rv_continuous_frozen as FrozenBeta


class Dependence(Protocol):
    """A model of components that fail together."""

    def log_tail(self, least: int, n: int) -> float:
        """Log probability that at least `least` of `n` components fail."""

    def draw(self, n: int, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Failure probability of every component given all that was drawn, shape (draws, n)."""


class Given:
    """Components that fail independently of each other, given what is not known of them."""

    def log_tail(self, least: int, n: int) -> float:
        return float(logsumexp(self.log_pmf(n)[least:]))


@dataclass(frozen=True)
class Known(Given):
    """Independent components that all fail with probability `p`."""

    p: float

    @property
    def mean(self) -> float:
        return self.p

    def after(self, failures: int, successes: int) -> "Known":
        return self  # what is known is not learnt

    def log_pmf(self, n: int) -> np.ndarray:
        return log_binomial(np.arange(n + 1), n, np.log(self.p), np.log1p(-self.p))

    def draw(self, n: int, draws: int, rng: np.random.Generator) -> np.ndarray:
        return np.full((draws, n), self.p)


@dataclass(frozen=True)
class Shared(Given):
    """Components with one and the same unknown failure probability, p ~ Beta(a, b)."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        return self.a / (self.a + self.b)

    def after(self, failures: int, successes: int) -> "Shared":
        return Shared(self.a + failures, self.b + successes)

    def log_pmf(self, n: int) -> np.ndarray:
        return log_beta_binomial(n, np.array([self.a]), np.array([self.b]))[0]

    def draw(self, n: int, draws: int, rng: np.random.Generator) -> np.ndarray:
        return np.broadcast_to(rng.beta(self.a, self.b, size=(draws, 1)), (draws, n))


@dataclass(frozen=True)
class CommonCause:
    """A share of each component's failures has a cause that strikes several components at once.

    A component fails with probability p. With probability ``share * p / reach`` there is a shock, which fails each
    component with probability `reach`; with or without it, each fails on its own with probability ``(1 - share) * p``.
    With a reach of 1 a shock fails them all: the beta-factor model. Less is the binomial failure rate model. The two
    parts add up to p for rare failures; for large p a component fails a little less often.

    Parameters
    ----------
    belief : float, frozen scipy.stats.beta or a posterior's mission
        The failure probability of one component, known, uncertain or learnt from records.
    share : float
        Fraction of failures with a common cause, from 0 to 1: the "beta factor".
    reach : float
        Probability that a shock fails a component, from `share` to 1.

    Notes
    -----
    Fleming (1975), A reliability model for common mode failures in redundant safety systems, report GA-A13284. For
    shocks of less reach: Atwood (1986), The binomial failure rate common cause model, Technometrics 28:139.
    """

    belief: "float | FrozenBeta | Given"
    share: float
    reach: float = 1.0

    def __post_init__(self) -> None:
        _base(self.belief)
        fraction("share", self.share)
        if fraction("reach", self.reach) < self.share or not self.reach:
            raise ValueError(f"reach is {self.reach}: it must be above 0, and at least the share, {self.share}")

    def log_tail(self, least: int, n: int) -> float:
        fits("components", np.array(n), 10_000)  # the sums below hold n * n / 2 numbers
        base, k = _base(self.belief), np.arange(n + 1)
        # 1. How many of m would-be failures are a component's own; and how many fail when a shock comes on top.
        own = [log_binomial(k[: m + 1], m, log_of(1 - self.share), log_of(self.share)) for m in k]
        more = [Known(self.reach).log_tail(max(least - j, 0), n - j) if self.reach < 1 else 0.0 for j in k]
        calm = np.array([logsumexp(own[m][least:]) if m >= least else -np.inf for m in k])
        struck = np.array([logsumexp(own[m] + more[: m + 1]) for m in k])
        # 2. With c = share / reach, 1 - c p = (1 - p) + (1 - c) p; a factor p or 1 - p is one failure or success more.
        chance = self.share / self.reach
        after_success, after_failure = base.after(0, 1).log_pmf(n), base.after(1, 0).log_pmf(n)
        log_p, log_rest = np.log(base.mean), np.log1p(-base.mean)
        parts = [
            log_of(chance) + log_p + logsumexp(after_failure + struck),
            log_of(1 - chance) + log_p + logsumexp(after_failure + calm),
            log_rest + logsumexp(after_success + calm),
        ]
        return float(logsumexp(parts))

    def draw(self, n: int, draws: int, rng: np.random.Generator) -> np.ndarray:
        p = _base(self.belief).draw(n + 1, draws, rng)  # the last one's share is the shock
        struck = rng.random((draws, 1)) < self.share / self.reach * p[:, n:]
        own = (1 - self.share) * p[:, :n]
        return np.where(struck, self.reach + (1 - self.reach) * own, own)


@dataclass(frozen=True)
class CorrelatedFailures:
    """Components with known failure probability whose failures are correlated, by a Gaussian copula.

    Component i fails when z_i is below the normal quantile of p; the z_i are standard normal with correlation
    `rho` between any two.

    Parameters
    ----------
    p : float
        Failure probability of every component.
    rho : float
        Correlation of the normal variables behind the failures (not of the failures themselves), from 0 to 1.

    Notes
    -----
    Given the common factor the failures are independent: one integral, whatever n (Vasicek, 1987, Probability
    of loss on loan portfolio).
    """

    p: float
    rho: float

    def __post_init__(self) -> None:
        probability("p", self.p)
        fraction("rho", self.rho)

    def log_tail(self, least: int, n: int) -> float:
        rho = self.rho
        if rho in (0, 1):
            return Known(self.p).log_tail(least, n) if rho == 0 else float(np.log(self.p))
        threshold, root, rest = ndtri(self.p), np.sqrt(rho), np.sqrt(1 - rho)

        def given(z: np.ndarray) -> np.ndarray:
            x = (threshold - root * z) / rest
            return _log_at_least(least, n, log_ndtr(x), log_ndtr(-x))

        if rho < 0.5:
            return _log_average(given, rho)
        # beyond 1/2 the integrand is a smoothed step at `centre`; nodes crowd there
        return _log_average(given, rho, centre=threshold / root, scale=rest / root)

    def draw(self, n: int, draws: int, rng: np.random.Generator) -> np.ndarray:
        return (_equicorrelated(self.rho, n, draws, rng) < ndtri(self.p)).astype(float)


@dataclass(frozen=True)
class CorrelatedBeliefs:
    """Components whose unknown failure probabilities differ and are correlated, by a Gaussian copula.

    Every p_i has the distribution `belief`; given all p_i the failures are independent. At ``rho = 1`` all p_i
    are equal, at ``rho = 0`` they are independent and only their mean matters.

    Parameters
    ----------
    belief : frozen scipy.stats.beta
        Distribution of each failure probability.
    rho : float
        Correlation of the normal scores of the p_i, from 0 to 1.
    """

    belief: "FrozenBeta"
    rho: float

    def __post_init__(self) -> None:
        base = _base(self.belief)
        if not isinstance(base, Shared):
            raise ValueError(f"belief is {self.belief}: a probability that is known has no correlation with others")
        if base.a + base.b < 0.05:
            raise ValueError(
                f"the belief's a + b is {base.a + base.b:.3g}: below 0.05 it says that p is 0 or 1, hardly anything "
                "between, and then the failures themselves are what is correlated: use CorrelatedFailures"
            )
        fraction("rho", self.rho)

    def log_tail(self, least: int, n: int) -> float:
        rho, base = self.rho, _base(self.belief)
        if rho in (0, 1):
            return (base if rho == 1 else Known(base.mean)).log_tail(least, n)
        log_p, log_rest, step = self._log_scores
        x = np.arange(-10, 10 + step / 2, step)
        log_weight = np.log((x[1] - x[0]) / np.sqrt(2 * np.pi)) - x**2 / 2

        def given(z: np.ndarray) -> np.ndarray:
            score = np.sqrt(rho) * z[:, None] + np.sqrt(1 - rho) * x
            score = np.clip(score, -37, 37)  # beyond, a float holds no normal probability
            mean = logsumexp(log_weight + log_p(score), axis=1)
            if least == n:
                return n * mean
            return _log_at_least(least, n, mean, logsumexp(log_weight + log_rest(score), axis=1))

        return _log_average(given, rho)

    def draw(self, n: int, draws: int, rng: np.random.Generator) -> np.ndarray:
        base = _base(self.belief)
        return betaincinv(base.a, base.b, ndtr(_equicorrelated(self.rho, n, draws, rng)))

    @cached_property
    def _log_scores(self) -> tuple[CubicSpline, CubicSpline, float]:
        """Log p and log(1 - p) as functions of the normal score of p, and a step that resolves the first."""
        base = _base(self.belief)
        u = np.linspace(-37, 37, 7401)
        log_p, log_rest = _log_quantile(base.a, base.b, u), _log_quantile(base.b, base.a, -u)
        steepest = np.diff(np.exp(log_p)).max() / (u[1] - u[0])
        return CubicSpline(u, log_p), CubicSpline(u, log_rest), min(0.1, 0.3 / steepest)


def as_dependence(model: object) -> Dependence:
    """The model itself, or what a number or a frozen Beta stands for."""
    return model if hasattr(model, "log_tail") else _base(model, "model")


def _base(belief: object, name: str = "belief") -> Given:
    if isinstance(belief, Given):
        return belief
    if getattr(getattr(belief, "dist", None), "name", None) == "beta":
        given = dict(zip(("a", "b", "loc", "scale"), belief.args, strict=False)) | belief.kwds
        if given.pop("loc", 0) != 0 or given.pop("scale", 1) != 1:
            raise ValueError(f"{name} is a shifted or scaled Beta: a probability needs a Beta on (0, 1)")
        return Shared(*(positive(f"the {name}'s {part}", given[part]) for part in ("a", "b")))
    return Known(probability(name, belief, "a number between 0 and 1, both excluded, or a frozen scipy.stats.beta"))


def _equicorrelated(rho: float, n: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Standard normals, any two of a row with correlation `rho`."""
    common, own = rng.standard_normal((draws, 1)), rng.standard_normal((draws, n))
    return np.sqrt(rho) * common + np.sqrt(1 - rho) * own


def _log_at_least(least: int, n: int, log_q: np.ndarray, log_rest: np.ndarray) -> np.ndarray:
    """Log probability of at least `least` failures among `n` independent ones, elementwise."""
    return logsumexp(log_binomial(np.arange(least, n + 1)[:, None], n, log_q, log_rest), axis=0)


def _log_average(
    log_f: Callable[[np.ndarray], np.ndarray], rho: float, centre: float = 0.0, scale: float = 1.0
) -> float:
    """Log of E[f(z)] for a standard normal z.

    Trapezoidal rule in t, with z = centre + scale sinh(t), on the window where the integrand is above e^-40 of its
    peak; the nodes are doubled until the sum stands still.
    """

    def log_integrand(t: np.ndarray) -> np.ndarray:
        z = centre + scale * np.sinh(t)
        return log_f(z) - z**2 / 2 + np.log(scale * np.cosh(t))

    reach = np.arcsinh((abs(centre) + 1000) / scale)
    t = np.linspace(-reach, reach, 129)
    height = log_integrand(t)
    kept = np.flatnonzero(height > height.max() - 40)
    t = np.linspace(t[max(kept[0] - 1, 0)], t[min(kept[-1] + 1, 128)], 65)
    values = log_integrand(t)
    while len(t) < 20_000:
        total, half = logsumexp(values), logsumexp(values[::2]) + np.log(2)
        if abs(np.expm1(half - total)) < 1e-11:
            return float(total + np.log(t[1] - t[0]) - np.log(2 * np.pi) / 2)
        between = (t[1:] + t[:-1]) / 2
        values = np.insert(values, np.arange(1, len(t)), log_integrand(between))
        t = np.insert(t, np.arange(1, len(t)), between)
    raise ValueError(f"rho is {rho:g}: too close to 0 or 1 for the little probability left")


def _log_quantile(a: float, b: float, u: np.ndarray) -> np.ndarray:
    """Log of the Beta(a, b) quantile at the normal score `u`."""
    # far down F(p) = p^a / (a B(a, b)), as exact as p is small, also where a float could not hold p; far up p is 1
    tail = (log_ndtr(u) + np.log(a) + betaln(a, b)) / a
    upper_tail = (log_ndtr(-u) + np.log(b) + betaln(a, b)) / b
    tiny = -36 - np.log(max(a, b, 1))
    out = np.where(tail < tiny, tail, 0.0)
    lower, upper = (tail >= tiny) & (u <= 0), (upper_tail >= tiny) & (u > 0)
    out[lower] = np.log(betaincinv(a, b, ndtr(u[lower])))
    out[upper] = np.log(betainccinv(a, b, ndtr(-u[upper])))
    return out
