"""Logs of Gamma functions, binomials and beta-binomials that keep their digits where textbook formulas lose them."""

import numpy as np
from scipy.special import gammaln, loggamma


def log_odds_density(z: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Density of logit(X) at `z` for X ~ Beta(a, b), exact also for huge a and b: counted from its mode, log(a / b)."""
    from_mode = z - np.log(a / b)
    remainder = log_gamma_remainder(a + b) - log_gamma_remainder(a) - log_gamma_remainder(b)
    height = 0.5 * np.log(a / (a + b) * b / (2 * np.pi)) + remainder
    growth = a / (a + b) * np.expm1(np.minimum(from_mode, 700))
    far = np.log(a / (a + b)) + np.logaddexp(from_mode, np.log(b / a))
    growth = np.where(np.abs(growth) < 0.5, np.log1p(np.clip(growth, -0.5, 0.5)), far)
    return np.exp(height + a * from_mode - (a + b) * growth)


def log_gamma_ratio(a: np.ndarray, t: np.ndarray) -> np.ndarray:
    """``log G(a + it) - log G(a)``, shape (nodes, frequencies), without cancellation for huge `a`.

    From 16 on by Stirling's series (DLMF 5.11.1), in which the large terms have been cancelled by hand.
    """
    a = a[:, None]
    out = np.empty((len(a), len(t)), dtype=complex)
    small = a[:, 0] < 16
    out[small] = loggamma(a[small] + 1j * t) - gammaln(a[small])
    a = a[~small]
    z, ratio = a + 1j * t, t / a
    log1p = 0.5 * np.log1p(ratio * ratio) + 1j * np.arctan(ratio)  # of i t / a; NumPy's own takes three times as long
    out[~small] = (z - 0.5) * log1p + 1j * (t * (np.log(a) - 1)) + stirling(z) - stirling(a)
    return out


def log_gamma_remainder(x: np.ndarray) -> np.ndarray:
    """Log G(x) less the leading terms of Stirling's formula."""
    x = np.asarray(x)
    out, small = np.asarray(stirling(np.maximum(x, 16))), x < 16
    if small.any():
        few = x[small]
        out[small] = gammaln(few) - (few - 0.5) * np.log(few) + few - 0.5 * np.log(2 * np.pi)
    return out[()]  # a number for a number


def stirling(z: np.ndarray) -> np.ndarray:
    """Stirling's series beyond its leading terms, for z from 16 on, real or complex (DLMF 5.11.1)."""
    r = (1 / z) ** 2  # z * z may overflow
    return (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r / 1680))) / z


def log_binomial(k: np.ndarray, n: int | np.ndarray, log_p: np.ndarray, log_rest: np.ndarray) -> np.ndarray:
    """Log probability of `k` successes in `n` trials from log p and log(1 - p); broadcasts."""
    choose = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
    return choose + _times(k, log_p) + _times(n - k, log_rest)


def log_of(x: np.ndarray) -> np.ndarray:
    """Natural logarithm, minus infinity for zero: some chances are none."""
    with np.errstate(divide="ignore"):
        return np.log(x)


def _times(k: np.ndarray, log_p: np.ndarray) -> np.ndarray:
    k, log_p = np.broadcast_arrays(k, log_p)
    return np.multiply(k, log_p, where=k > 0, out=np.zeros(k.shape, dtype=log_p.dtype))  # p ** 0 is 1, also for p = 0


def log_beta_binomial(m: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Log probability of 0..m successes, shape (nodes, m + 1), as sums of logs that stay exact for huge a + b."""
    i = np.arange(m)
    concentration = (a + b)[:, None]
    rise = [
        np.concatenate([np.zeros((len(a), 1)), _running_sum(np.log(p + i / concentration))], axis=1)
        for p in (a[:, None] / concentration, b[:, None] / concentration)
    ]
    choose = gammaln(m + 1) - gammaln(np.arange(m + 1) + 1) - gammaln(np.arange(m, -1, -1) + 1)
    return choose + rise[0] + rise[1][:, ::-1] - np.log1p(i / concentration).sum(axis=1, keepdims=True)


def _running_sum(x: np.ndarray, block: int = 1024) -> np.ndarray:
    """`np.cumsum` along the second axis, in blocks: a million terms lose 100 times fewer digits."""
    rows, m = x.shape
    if m <= block:
        return np.cumsum(x, axis=1)
    padded = np.pad(x, ((0, 0), (0, -m % block))).reshape(rows, -1, block)
    within = np.cumsum(padded, axis=2)
    before = np.cumsum(within[:, :-1, -1], axis=1)
    within[:, 1:] += before[:, :, None]
    return within.reshape(rows, -1)[:, :m]


def log_expit(u: np.ndarray) -> np.ndarray:
    """Log of 1 / (1 + exp(-u)), without overflow."""
    return -np.logaddexp(0, -u)
