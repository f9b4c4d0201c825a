"""Posteriors of the hyperparameters of lesson 04, one at a time."""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre

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
    """The coordinate is x = arcsinh(sd / scale); its density is the polynomial through the Gauss-Legendre nodes."""
    (x, edges), _ = nodes.axes

    def density() -> tuple[np.ndarray, np.ndarray]:
        grid = np.linspace(-1, 1, 801)
        half = max((edges[-1] - edges[0]) / 2, 1e-9)  # of a known sd: a box around it
        basis = legendre.legvander((x - (edges[0] + edges[-1]) / 2) / half, len(x) - 1)
        coefficients = (np.arange(len(x)) + 0.5) * (mass.reshape(len(x), -1).sum(axis=1) @ basis)
        return (edges[0] + edges[-1]) / 2 + half * grid, np.maximum(legendre.legval(grid, coefficients), 0)

    coordinate = Scale(
        lambda x: scale * np.sinh(x), lambda sd: np.arcsinh(sd / scale), lambda x: scale * np.cosh(x), low=0.0
    )
    return Marginal(*_moments(nodes.sd, mass), density, coordinate)
