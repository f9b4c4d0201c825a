"""Independent draws from the exact posterior of lesson 04."""

import numpy as np

from borrowing_strength.core.threads import one_thread
from borrowing_strength.multilevel.engine import ROUGH, Solution, View
from borrowing_strength.multilevel.market import Markets
from borrowing_strength.multilevel.modes import Standardised
from borrowing_strength.multilevel.nodes import Nodes

_BOUND = 2.0
_STEPS = 8, 40  # at least and at most
_FREEDOM = 4  # degrees of freedom of proposals: tails that are heavy enough for any market
_CELLS = 40_000  # draws times markets at once: what fits the cache is quick


def draw_populations(solution: Solution, size: int, rng: np.random.Generator) -> tuple[Nodes, Nodes]:
    """Independent draws of both populations' mean and sd, by rejection.

    Proposals fill the cells of the quadrature, each with an exponential function that follows the density's slope at
    the node. What curvature adds inside a cell is below a factor of 2, but for about a ten-thousandth of the mass.
    """
    view, boxes = solution.view, solution.boxes
    if solution.mass.size == 1:
        nothing = np.zeros(size, dtype=int)
        return view.of_a.take(nothing), view.of_b.take(nothing)
    # 1. The density's slopes along the four coordinates: u and x of both populations.
    axes = [axis for nodes in (view.of_a, view.of_b) for axis in nodes.axes]
    mass = solution.mass.reshape([len(points) for points, _ in axes])
    height = np.log(mass + 1e-30) - np.add.outer(view.of_a.log_size, view.of_b.log_size).reshape(mass.shape)
    slopes = [np.gradient(height, p, axis=k) if len(p) > 1 else np.zeros_like(mass) for k, (p, _) in enumerate(axes)]
    old = view.markets
    markets = Markets(old.control, old.treatment, old.below, view.of_a, view.of_b, ROUGH)
    kept = np.empty((4, 0))
    while missing := size - kept.shape[1]:
        # 2. A cell, a place in it, and the proposal's density there.
        tries = 2 * missing + 20 * (missing < size)
        cell = np.unravel_index(rng.choice(mass.size, tries, p=mass.ravel()), mass.shape)
        log_proposal, places = np.log(mass[cell]), []
        for (_, edges), slope, index in zip(axes, slopes, cell, strict=True):
            low, width = edges[index], edges[index + 1] - edges[index]
            rise = np.clip(slope[cell] * width, -30, 30)
            rise = np.where(np.abs(rise) < 1e-6, 1e-6, rise)
            share = np.log1p(rng.random(tries) * np.expm1(rise)) / rise
            places.append(low + width * share)
            log_proposal += rise * share + np.log(rise / np.expm1(rise) / np.where(width > 0, width, 1))
        # 3. Accept in proportion to the posterior.
        pairs = [box.fill(places[k + 1], places[k], 0.0) for box, k in zip(boxes, (0, 2), strict=True)]
        with one_thread():
            log_ratio = View(markets, *pairs).log_density() - solution.log_total - log_proposal
        accepted = np.log(_BOUND * rng.random(tries)) < log_ratio
        kept = np.append(kept, np.array(places)[:, accepted][:, :missing], axis=1)
    return tuple(box.fill(kept[k + 1], kept[k], 0.0) for box, k in zip(boxes, (0, 2), strict=True))


def draw_markets(of_a: Nodes, of_b: Nodes, counts: np.ndarray, below: float, rng: np.random.Generator) -> np.ndarray:
    """Intercepts and slopes given each draw of the populations, shape (2, draws, markets).

    Each draw starts from Student's t around its mode and is corrected by Metropolis steps that propose from the same
    distribution again, until all have moved: an error that shrinks geometrically with the steps. The draws never meet,
    so they stay independent.

    Parameters
    ----------
    counts : ndarray, shape (4, markets)
        Successes and trials under control, successes and trials under treatment.
    below : float
        The coding.
    """
    size = max(1, _CELLS // len(of_a))
    parts = [counts[:, g : g + size] for g in range(0, counts.shape[1], size)]
    return np.concatenate([_draw(Standardised(of_a, of_b, part, below), rng) for part in parts], axis=2)


def _draw(model: Standardised, rng: np.random.Generator) -> np.ndarray:
    z = height = None
    mode, triangle = model.laplace()
    for step in range(1 + _STEPS[1]):
        # A draw from the t distribution, and the log of the ratio that it should and does occur with.
        normal = rng.standard_normal(mode.shape)
        stretch = np.sqrt(_FREEDOM / rng.chisquare(_FREEDOM, mode.shape[1:]))
        down = stretch * normal[1] / triangle[2]
        new = mode + np.stack([(stretch * normal[0] - triangle[1] * down) / triangle[0], down])
        square = (normal**2).sum(axis=0) * stretch**2
        new_height = model.log_density(new) + (_FREEDOM / 2 + 1) * np.log1p(square / _FREEDOM)
        if z is None:
            z, height, moved = new, new_height, np.zeros(new_height.shape, dtype=bool)
            continue
        accepted = np.log(rng.random(height.shape)) < new_height - height
        z, height, moved = np.where(accepted, new, z), np.where(accepted, new_height, height), moved | accepted
        if step >= _STEPS[0] and moved.all():
            break
    return model.effects(z)
