"""Simulation-based calibration: whether a sampler draws from the posterior that it claims.

Draw parameters from the prior, data from the parameters, and a posterior from the data. Over many
replications the true parameter must then behave like one more posterior draw: among `draws` of them its
rank is uniform on 0, 1, ..., draws (Talts et al., 2018, arXiv:1804.06788).
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from borrowing_strength.core.inputs import number, numbers, whole_number
from borrowing_strength.core.options import function
from borrowing_strength.core.replicate import replicate

if TYPE_CHECKING:
    import pandas as pd

_COMPONENTS = 4


@dataclass(frozen=True)
class Calibration:
    """Ranks of true parameters among posterior draws.

    Attributes
    ----------
    ranks : dict of str to ndarray of int, shape (replications,)
        For every quantity, how many draws lie below the truth: from 0 to `draws`.
    draws : int
        Posterior draws a replication.
    """

    ranks: dict[str, np.ndarray]
    draws: int

    def components(self, name: str) -> np.ndarray:
        """How far the ranks are from uniform, in standard normal units, shape (4,).

        The first is their shift (positive: the truth lies above the draws too often), the second their spread
        (positive: the draws are too narrow; negative: too wide), the others catch finer shapes.
        """
        if not isinstance(name, str) or name not in self.ranks:
            raise ValueError(f"name is {name!r}: the ranks are those of {', '.join(map(repr, self.ranks))}")
        ranks = self.ranks[name]
        grid = np.linspace(-1, 1, self.draws + 1)
        basis, scale = np.linalg.qr(np.polynomial.legendre.legvander(grid, _COMPONENTS))
        basis = basis * np.sign(np.diag(scale)) * np.sqrt(self.draws + 1)
        return basis[ranks, 1:].sum(axis=0) / np.sqrt(len(ranks))

    def p_value(self, name: str) -> float:
        """Probability of ranks at least as uneven, if the sampler is right.

        Neyman's smooth test of uniformity: the sum of the squared components is chi-square with 4 degrees of
        freedom (Neyman, 1937, Skandinavisk Aktuarietidskrift 20:149). A shift, or draws too narrow or too wide,
        load on one component each, so they show in fewer replications than in a chi-square over many bins.
        """
        from scipy.special import chdtrc

        return float(chdtrc(_COMPONENTS, np.sum(self.components(name) ** 2)))

    def summary(self) -> "pd.DataFrame":
        """One row a quantity: p-value, shift and spread of its ranks."""
        import pandas as pd

        rows = {name: [self.p_value(name), *self.components(name)[:2]] for name in self.ranks}
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=["p_value", "shift", "spread"])
        return frame.rename_axis("quantity")


def calibrate(
    draw_prior: Callable[[np.random.Generator], Mapping[str, Any]],
    simulate: Callable[[Mapping[str, Any], np.random.Generator], Any],
    posterior_draws: Callable[[Any, np.random.Generator], Mapping[str, np.ndarray]],
    *,
    replications: int = 1000,
    seed: int = 0,
    executor: Executor | None = None,
) -> Calibration:
    """Rank true parameters among the draws of any sampler.

    For a whole PyMC, Bambi or NumPyro model sampled by NUTS, `simuk.SBC` does this with less writing, and
    `Calibration(ranks, draws)` judges its ranks.

    Parameters
    ----------
    draw_prior : callable
        ``draw_prior(rng)`` returns one draw of the parameters, by name.
    simulate : callable
        ``simulate(parameters, rng)`` returns data.
    posterior_draws : callable
        ``posterior_draws(data, rng)`` returns the draws of the parameters to rank, by name, each of shape
        (draws,). They must be independent: thin a Markov chain to its effective sample size, or its ranks are
        not uniform even if it is right.
    replications : int
        With 1,000 a shift of 0.1 posterior sds shows in most runs.
    seed : int
        Every replication has a seed of its own, made from this one: the ranks are the same with any executor.
    executor : concurrent.futures.Executor, optional
        Where to run the replications, such as a `ProcessPoolExecutor` or Dask's ``Client.get_executor()``; here if not
        given. The three functions must then be such as it can send: for processes those of a module.

    Raises
    ------
    ValueError
        For bad settings, and for functions that return other things than they should.
    RuntimeError
        If a worker dies.

    Examples
    --------
    A normal mean with known sd 1 and a standard normal prior:

    >>> from borrowing_strength.calibration import calibrate
    >>> result = calibrate(
    ...     draw_prior=lambda rng: {"mu": rng.normal()},
    ...     simulate=lambda truth, rng: rng.normal(truth["mu"], 1, size=3).mean(),
    ...     posterior_draws=lambda mean, rng: {"mu": rng.normal(3 * mean / 4, 0.5, size=99)},
    ... )
    >>> result.p_value("mu") > 0.001
    True
    """
    replications = whole_number("replications", replications, each=500)
    for name, part in (("draw_prior", draw_prior), ("simulate", simulate), ("posterior_draws", posterior_draws)):
        function(name, part)
    # 1. The rank of every truth among the draws of its posterior; each replication has a seed of its own.
    seeds = np.random.SeedSequence(whole_number("seed", seed, least=0)).spawn(replications)
    one = partial(_replication, draw_prior, simulate, posterior_draws)
    found = replicate(one, list(enumerate(seeds)), executor)
    ranks = {name: [part[name] for part, _ in found if name in part] for part, _ in found for name in part}
    sizes = {size for _, each in found for size in each}
    # 2. Every replication must have given the same.
    if len(sizes) != 1 or any(len(of_all) != replications for of_all in ranks.values()):
        raise ValueError("posterior_draws must return the same quantities and number of draws every time, and not none")
    draws = sizes.pop()
    if draws < _COMPONENTS:
        raise ValueError(f"posterior_draws returned {draws} draws: at least {_COMPONENTS} are needed to rank among")
    return Calibration({name: np.array(of_all) for name, of_all in ranks.items()}, draws)


def _replication(
    draw_prior: Callable, simulate: Callable, posterior_draws: Callable, of: tuple[int, np.random.SeedSequence]
) -> tuple[dict[str, int], set[int]]:
    """Ranks by name, and how many draws they are among."""
    replication, seed = of
    rng = np.random.default_rng(seed)
    truth = _by_name("draw_prior", draw_prior(rng))
    ranks, sizes = {}, set()
    for name, values in _by_name("posterior_draws", posterior_draws(simulate(truth, rng), rng)).items():
        if name not in truth:
            raise ValueError(f"posterior_draws returned {name!r}: draw_prior must return one number under that name")
        drawn = numbers(f"replication {replication}: posterior_draws[{name!r}]", values)
        true = number(f"replication {replication}: draw_prior[{name!r}]", truth[name])
        sizes.add(len(drawn))
        below, equal = np.sum(drawn < true), np.sum(drawn == true)
        ranks[name] = int(below + rng.integers(0, equal + 1))  # ties are broken at random
    return ranks, sizes


def _by_name(name: str, returned: object) -> Mapping[str, Any]:
    if not isinstance(returned, Mapping):
        raise ValueError(f"{name} returned {returned!r}: it must be a dict of quantities by name")
    return returned
