"""Posteriors of the hyperparameters of lesson 04, one at a time."""

import numpy as np
from numpy.polynomial import legendre

from borrowing_strength.core.marginal import Marginal
from borrowing_strength.core.posterior import Scale
from borrowing_strength.multilevel.nodes import Nodes


def sd_marginal(nodes: Nodes, mass: np.ndarray) -> Marginal:
    """Exact posterior of a population's standard deviation."""
    mean, scale = mass @ nodes.sd, nodes.scale
    sd = np.sqrt(mass @ (nodes.sd - mean) ** 2)
    stretched = Scale(
        lambda x: scale * np.sinh(x), lambda value: np.arcsinh(value / scale), lambda x: scale * np.cosh(x), low=0.0
    )
    return Marginal(mean, sd, lambda: _density_of_x(nodes, mass), stretched)


def _density_of_x(nodes: Nodes, mass: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Density over x = arcsinh(sd / scale): the polynomial through the Gauss-Legendre nodes."""
    x, first, row = np.unique(nodes.x, return_index=True, return_inverse=True)
    width = nodes.width[first]
    centre, half = (x[0] + x[-1]) / 2, width.sum() / 2
    basis = legendre.legvander((x - centre) / half, len(x) - 1)
    coefficients = (np.arange(len(x)) + 0.5) * (np.bincount(row, mass) @ basis)
    grid = np.linspace(-1, 1, 801)
    return centre + half * grid, np.maximum(legendre.legval(grid, coefficients), 0)


def mean_marginal(nodes: Nodes, mass: np.ndarray) -> Marginal:
    """Exact posterior of a population's mean."""
    mean = mass @ nodes.mean
    sd = np.sqrt(mass @ (nodes.mean - mean) ** 2)

    def density() -> tuple[np.ndarray, np.ndarray]:
        # Between nodes: the same smoothing that the quadrature uses, around populations without spread.
        grid = np.linspace(nodes.mean.min(), nodes.mean.max(), 801)
        still = Nodes(nodes.mean, nodes.step, np.zeros_like(nodes.x), nodes.width, nodes.scale, nodes.priors)
        return grid, np.maximum(mass @ still.weights(grid), 0)

    return Marginal(mean, sd, density)
