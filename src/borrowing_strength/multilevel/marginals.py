"""Posteriors of the hyperparameters of lesson 04, one at a time."""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import make_interp_spline

from borrowing_strength.core.marginal import Marginal
from borrowing_strength.core.posterior import Scale
from borrowing_strength.multilevel.engine import Solution
from borrowing_strength.multilevel.lattice import Lattice
from borrowing_strength.multilevel.nodes import Nodes


@dataclass(frozen=True)
class Hyper:
    """Exact posterior of the two populations, in log odds.

    Attributes
    ----------
    intercept_mean, intercept_sd, slope_mean, slope_sd : Marginal
        Each with `mean`, `sd`, `interval`, `quantile` and `cdf`.
    """

    intercept_mean: Marginal
    intercept_sd: Marginal
    slope_mean: Marginal
    slope_sd: Marginal

    @classmethod
    def of(cls, solution: Solution) -> "Hyper":
        """From the masses of all pairs of nodes."""
        parts = []
        for k, nodes in enumerate((solution.view.of_a, solution.view.of_b)):
            mass, scale = solution.mass.sum(axis=1 - k), solution.boxes[k].scale
            parts += [_of_mean(nodes, mass, solution.view.markets.lattices[k]), _of_sd(nodes, mass, scale)]
        return cls(*parts)


def _moments(values: np.ndarray, mass: np.ndarray) -> tuple[float, float]:
    mean = mass @ values
    return float(mean), float(np.sqrt(mass @ (values - mean) ** 2))


def _of_mean(nodes: Nodes, mass: np.ndarray, lattice: Lattice) -> Marginal:
    def density() -> tuple[np.ndarray, np.ndarray]:
        # Between nodes: the same smoothing that the quadrature uses, around populations without spread.
        first, last = lattice.place(np.array([nodes.mean.min(), nodes.mean.max()]))
        grid = lattice.at(np.linspace(first, last, 4 * int(last - first)))
        return grid, np.maximum(mass @ nodes.without_spread().weights(grid)[0], 0)

    return Marginal(*_moments(nodes.mean, mass), density)


def _of_sd(nodes: Nodes, mass: np.ndarray, scale: float) -> Marginal:
    """The coordinate is x = arcsinh(sd / scale); the log of its density is a spline through the nodes."""
    (x, edges), _ = nodes.axes

    def density() -> tuple[np.ndarray, np.ndarray]:
        if len(x) == 1:  # an sd that is known: a box around it
            return x + np.linspace(-1e-9, 1e-9, 801), np.ones(801)
        height = mass.reshape(len(x), -1).sum(axis=1) / np.diff(edges)
        grid = np.linspace(edges[0], edges[-1], 801)
        return grid, np.exp(make_interp_spline(x, np.log(np.maximum(height, 1e-15 * height.max())), k=5)(grid))

    coordinate = Scale(
        lambda x: scale * np.sinh(x), lambda sd: np.arcsinh(sd / scale), lambda x: scale * np.cosh(x), low=0.0
    )
    return Marginal(*_moments(nodes.sd, mass), density, coordinate)
