"""The words that every posterior answers to, tried on mixtures of normals whose answers SciPy knows."""

import numpy as np
import pytest
from scipy import integrate, stats

from borrowing_strength.core.marginal import Marginal
from borrowing_strength.core.posterior import LOG, Posterior
from borrowing_strength.core.ranking import compete
from borrowing_strength.core.rows import Labels

MEANS, SDS = np.array([[-1.0, 0.5, 2.0], [0.0, 0.7, 1.0]]), np.array([[1.0, 0.1, 2.0], [0.5, 0.1, 3.0]])
WEIGHT = np.array([0.3, 0.7])


class Mixtures(Posterior):
    """The logarithms of the values are normal given one of two nodes."""

    _scale, _nodes = LOG, 2

    def __init__(self, which=(0, 1, 2), labels="ABC"):
        self._which, self.labels = np.array(which), Labels(labels)

    def _moments(self):
        given = np.exp(MEANS + SDS**2 / 2)
        mean = WEIGHT @ given
        return mean, np.sqrt(WEIGHT @ (given**2 * np.exp(SDS**2)) - mean**2)

    def _cdf(self, z, row):
        return WEIGHT @ stats.norm.cdf(z, MEANS[:, row], SDS[:, row])

    def _pdf(self, z, row):
        return WEIGHT @ stats.norm.pdf(z, MEANS[:, row], SDS[:, row])

    def _bracket(self, row):
        return np.full(row.shape, -40.0), np.full(row.shape, 40.0)

    def _draw(self, size, rng):
        node = rng.choice(2, size, p=WEIGHT)
        return {"size": np.exp(rng.normal(MEANS[node], SDS[node]))[:, self._which], "node": node}

    def _compete(self, chosen):
        mean, sd = MEANS[:, list(chosen)], SDS[:, list(chosen)]

        def density(node, x, groups):
            return stats.norm.pdf(x[..., None], mean[node][:, None, groups], sd[node][:, None, groups])

        def below(node, x, groups):
            return stats.norm.cdf(x[:, None], mean[node][:, groups], sd[node][:, groups])

        return compete(WEIGHT, mean - 12 * sd, mean + 12 * sd, sd, density, below, np.exp)

    def _columns(self, prob):
        return self._mean_sd_interval(prob)


def test_quantiles_invert_the_distribution_function_far_into_both_tails():
    post = Mixtures()
    q = np.array([[1e-9, 0.025, 0.5], [0.975, 1 - 1e-6, 1 - 1e-9]])
    found = post.quantile(q)
    assert found.shape == (3, 2, 3)
    for group in range(3):
        z = np.log(found[group])
        assert np.allclose(
            WEIGHT @ [stats.norm.cdf(z, m, s).ravel() for m, s in zip(MEANS[:, group], SDS[:, group], strict=True)],
            q.ravel(),
            rtol=1e-9,
            atol=1e-13,
        )
    assert np.allclose(post.cdf(found[0, 0, 1])[0], 0.025)
    assert np.allclose(post.interval(0.95)[:, 0], found[:, 0, 1])


def test_the_density_integrates_to_the_distribution_function():
    post = Mixtures()
    mass = integrate.quad_vec(post.density, 0.5, 3.0)[0]
    assert np.allclose(mass, post.cdf(3.0) - post.cdf(0.5), atol=1e-10)


def test_groups_with_equal_data_have_equal_answers():
    post = Mixtures(which=(2, 0, 2, 1), labels="WXYZ")
    plain = Mixtures()
    assert post.mean.tolist() == plain.mean[[2, 0, 2, 1]].tolist()
    assert post.interval().tolist() == plain.interval()[[2, 0, 2, 1]].tolist()
    assert len(post) == 4


def test_competition_against_direct_integration():
    post = Mixtures()
    z = np.linspace(-30, 30, 600_001)
    density, below = (
        np.array([[f(z, m, s) for m, s in zip(*row, strict=True)] for row in zip(MEANS, SDS, strict=True)])
        for f in (stats.norm.pdf, stats.norm.cdf)
    )
    others = below.prod(axis=1, keepdims=True) / np.maximum(below, 1e-300)
    wins = density * others * (z[1] - z[0])
    assert np.allclose(post.prob_best(), WEIGHT @ wins.sum(axis=2), atol=1e-9)
    best = WEIGHT @ (wins * np.exp(z)).sum(axis=(1, 2))
    assert np.allclose(post.expected_loss(), best - post.mean, rtol=1e-7)
    gap = (MEANS[:, 0] - MEANS[:, 2]) / np.hypot(SDS[:, 0], SDS[:, 2])
    assert post.prob_greater("A", "C") == pytest.approx(WEIGHT @ stats.norm.cdf(gap), abs=1e-9)
    assert post.prob_greater("A", "C") + post.prob_greater(2, 0) == pytest.approx(1)


def test_draws_and_tables_carry_the_labels():
    post = Mixtures()
    tree = post.sample(draws=20_000, seed=3, chains=2)["posterior"]
    assert tree["size"].dims == ("chain", "draw", "group")
    assert tree["node"].dims == ("chain", "draw")
    assert tree["group"].values.tolist() == ["A", "B", "C"]
    error = post.sd / 200
    assert np.all(np.abs(tree["size"].mean(("chain", "draw")).values - post.mean) < 5 * error)
    table = post.summary(0.5)
    assert table.index.tolist() == ["A", "B", "C"]
    assert np.allclose(post.cdf(table.lower["B"])[1], 0.25)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda post: post.quantile(95), "q is 95: it must lie between 0 and 1"),
        (lambda post: post.quantile([0.5, -1]), r"q\[1\] is -1"),
        (lambda post: post.quantile(np.nan), "q is nan: a missing value"),
        (lambda post: post.quantile("0.5"), "q is the text '0.5'"),
        (lambda post: post.interval(1), "prob is 1"),
        (lambda post: post.cdf(-0.1), "value is -0.1: it must be at least 0"),
        (lambda post: post.density(0), "value must lie above 0"),
        (lambda post: post.prob_greater("A", "A"), "i and j both name group 'A'"),
        (lambda post: post.prob_greater("A", 3), "j is 3: it must be a label or a position from 0 to 2"),
        (lambda post: post.sample(draws=0), "draws is 0"),
        (lambda post: post.sample(seed=-1), "seed is -1"),
    ],
)
def test_arguments_are_checked_once_for_all(call, message):
    with pytest.raises(ValueError, match=message):
        call(Mixtures())


def test_a_marginal_is_told_its_scale():
    grid = np.linspace(-3, 4, 400)
    marginal = Marginal(1.0, 0.5, lambda: (grid, 3 * stats.norm.pdf(grid, 0.2, 0.4)), LOG)
    exact = stats.lognorm(0.4, scale=np.exp(0.2))
    assert np.allclose(marginal.quantile([0.01, 0.5, 0.99]), exact.ppf([0.01, 0.5, 0.99]), rtol=1e-7)
    assert marginal.cdf(1.3) == pytest.approx(exact.cdf(1.3), abs=1e-9)
    assert marginal.density(1.3) == pytest.approx(exact.pdf(1.3), abs=1e-8)
    assert marginal.interval(0.9).shape == (2,)
    assert (marginal.mean, marginal.sd) == (1.0, 0.5)
