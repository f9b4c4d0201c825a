"""The integration tools, on densities whose integrals are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats
from scipy.special import expit, gammaln

from borrowing_strength.beta_binomial.sums import exceedances
from borrowing_strength.core.fourier import Waves
from borrowing_strength.core.marginal import Marginal
from borrowing_strength.core.posterior import LOGIT
from borrowing_strength.core.quadrature import gauss_rule, integrate_plane

pytestmark = pytest.mark.filterwarnings("error")
QUICK = settings(max_examples=25, deadline=None, derandomize=True)


def normal(mean_u, sd_u, mean_v, sd_v, slope=0.0):
    """Unnormalised; its integral is 2 pi sd_u sd_v."""
    return lambda u, v: -(((u - mean_u - slope * v) / sd_u) ** 2) / 2 - ((v - mean_v) / sd_v) ** 2 / 2


# --- Nodes where the mass is


@QUICK
@given(
    mean_u=st.floats(-20, 20),
    log_sd_u=st.floats(-12, 1.0),
    mean_v=st.floats(-30, 80),
    log_sd_v=st.floats(-6, 2),
    slope=st.floats(-0.2, 0.2),
)
def test_integral_and_moments_of_a_normal(mean_u, log_sd_u, mean_v, log_sd_v, slope):
    sd_u, sd_v = np.exp(log_sd_u), np.exp(log_sd_v)
    plane = integrate_plane(normal(mean_u - slope * mean_v, sd_u, mean_v, sd_v, slope))
    assert plane.log_evidence == pytest.approx(np.log(2 * np.pi * sd_u * sd_v), abs=1e-5)
    assert plane.weight.sum() == pytest.approx(1, abs=1e-12)
    v = np.broadcast_to(plane.v[:, None], plane.u.shape)
    for value, mean, sd in [(v, mean_v, sd_v), (plane.u - slope * (v - mean_v), mean_u, sd_u)]:
        assert np.sum(plane.weight * value) == pytest.approx(mean, abs=1e-4 * sd)
        assert np.sqrt(np.sum(plane.weight * (value - mean) ** 2)) == pytest.approx(sd, rel=1e-4)


@pytest.mark.parametrize("tail", [0.5, 0.2])
def test_heavy_tail_is_followed_to_its_end(tail):
    # in v: e^v rising to 1, then falling like e^(-tail v); logistic in u
    def log_density(u, v):
        return -np.logaddexp(0, u) - np.logaddexp(0, -u) - np.logaddexp(-v, tail * v)

    plane = integrate_plane(log_density)
    assert plane.v[-1] > 22 / tail - 5
    exact = np.pi / (1 + tail) / np.sin(np.pi / (1 + tail))  # int dv / (e^-v + e^(tail v))
    assert plane.log_evidence == pytest.approx(np.log(exact), abs=1e-5)


def test_search_widens_where_the_first_range_holds_nothing():
    plane = integrate_plane(normal(0, 1, 200, 3), v_range=(-5, 5))
    assert plane.log_evidence == pytest.approx(np.log(6 * np.pi), abs=1e-5)


def test_draws_follow_the_density():
    plane = integrate_plane(normal(2, 0.5, -1, 2, 0.2))
    u, v = plane.draw(20_000, np.random.default_rng(4))
    assert u.shape == v.shape == (20_000,)
    assert stats.kstest(v, stats.norm(-1, 2).cdf).pvalue > 1e-4
    assert stats.kstest(u - 0.2 * v, stats.norm(2, 0.5).cdf).pvalue > 1e-4
    assert abs(np.corrcoef(v, u - 0.2 * v)[0, 1]) < 0.03


# --- Sums over counts


@pytest.mark.parametrize("scale", [1e-3, 0.7, 30.0, 1e5, 1e12])
@pytest.mark.parametrize("top", [0, 1, 2, 15, 16, 17, 40, 300, 70_000])
def test_exceedances_replace_the_sum(scale, top):
    values = np.unique(np.array([top, top // 2, top // 3, min(top, 5)]))
    multiplicity = np.arange(1, len(values) + 1)
    nodes, weights = exceedances(values, multiplicity)
    pairs = zip(values, multiplicity, strict=True)
    exact = sum(m * np.log1p(np.arange(1, value) / scale).sum() for value, m in pairs)
    assert weights @ np.log1p(nodes / scale) == pytest.approx(exact, rel=1e-11, abs=1e-12)
    assert np.all(nodes >= 1)


def test_exceedances_do_not_grow_with_the_counts():
    # log G(a + n) - log G(a) - n log a, where lgamma has the digits: a is small against n
    for top, scale in [(10**9, 2.0), (10**12, 5.0)]:
        nodes, weights = exceedances(np.array([top]), np.array([1]))
        assert len(nodes) < 600
        exact = gammaln(scale + top) - gammaln(scale) - top * np.log(scale)
        assert weights @ np.log1p(nodes / scale) == pytest.approx(exact, rel=1e-10)


@QUICK
@given(values=st.lists(st.integers(0, 3000), min_size=1, max_size=20))
def test_exceedances_count_groups_once(values):
    unique, multiplicity = np.unique(values, return_counts=True)
    nodes, weights = exceedances(unique, multiplicity)
    assert weights.sum() == pytest.approx(sum(max(v - 1, 0) for v in values), rel=1e-9, abs=1e-9)
    assert len(nodes) <= 15 + 14 * 8


# --- A distribution from its transform


def waves(transform, mass, low, high, highest=np.inf):
    """One row, and its density and distribution function at any points."""
    one = Waves(lambda row, t: transform(t), mass, np.array([[low, high]]), np.array([highest]))
    return (lambda z: one.pdf(z, np.zeros(len(z), int))), (lambda z: one.cdf(z, np.zeros(len(z), int)))


def test_normal_from_its_characteristic_function():
    pdf, cdf = waves(lambda t: np.exp(0.5j * t - t**2 / 2), 1.0, -7.5, 8.5)
    z = np.linspace(-5, 6, 45)
    assert_allclose(cdf(z), stats.norm(0.5).cdf(z), atol=1e-8)
    assert_allclose(pdf(z), stats.norm(0.5).pdf(z), atol=1e-8)
    assert_allclose(pdf(np.array([-8.0, 9.0])), 0)
    assert_allclose(cdf(np.array([-100.0, 100.0])), [0, 1], atol=1e-8)


def test_comb_of_narrow_components_comes_out_smooth():
    # 65 spikes that stand for a standard normal: their naive sum is a staircase with steps of 0.1
    places = np.linspace(-8, 8, 65)
    weight = stats.norm.pdf(places) / stats.norm.pdf(places).sum()
    _, cdf = waves(lambda t: np.exp(1j * np.outer(t, places)) @ weight, 1.0, -8, 8, highest=np.pi / 0.25)
    z = np.linspace(-3, 3, 61)
    assert_allclose(cdf(z), stats.norm.cdf(z), atol=1e-6)


def test_mass_below_one_is_kept():
    _, cdf = waves(lambda t: 0.3 * np.exp(-(t**2) / 2), 0.3, -8, 8)
    assert_allclose(cdf(np.array([0.0, 8.0])), [0.15, 0.3], atol=1e-9)


def test_a_gauss_rule_has_the_moments_of_its_measure():
    x = np.linspace(2, 5, 60)
    weight = np.exp(-2 * (x - 3) ** 2) * (x - 2)
    nodes, of_nodes = gauss_rule(x, weight, 6)
    for power in range(12):
        exact = np.sum(weight * x**power) / weight.sum()
        assert np.sum(of_nodes * nodes**power) == pytest.approx(exact, rel=1e-12)
    assert abs(np.sum(of_nodes * nodes**12) / (np.sum(weight * x**12) / weight.sum()) - 1) > 1e-12


# --- One hyperparameter


def test_marginal_interpolates_its_density():
    grid = np.linspace(-9, 9, 81)
    marginal = Marginal(0.0, 1.0, lambda: (grid, stats.norm.pdf(grid)))
    q = np.array([0.01, 0.5, 0.9])
    assert_allclose(marginal.quantile(q), stats.norm.ppf(q), atol=1e-4)
    assert_allclose(marginal.interval(0.9), stats.norm.ppf([0.05, 0.95]), atol=1e-4)
    assert_allclose(marginal.cdf(marginal.quantile(q)), q, atol=1e-9)
    logistic = Marginal(0.5, 0.2, lambda: (grid, stats.norm.pdf(grid)), LOGIT)
    assert_allclose(logistic.quantile(q), expit(stats.norm.ppf(q)), atol=1e-4)
    assert logistic.cdf(0.5) == pytest.approx(0.5, abs=1e-9)
    with pytest.raises(ValueError, match="prob is 2"):
        marginal.interval(2)
