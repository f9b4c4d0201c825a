"""Quadrature over one hyperparameter, `integrate_line`, or two, `integrate_plane`. Nothing here knows a model.

Nodes are placed where a log density has its mass. Sums of many narrow distributions are for `core/fourier.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import map_coordinates

from borrowing_strength.core.threads import one_thread

WORTH_COMPRESSING = 200_000  # nodes times rows
ORDERS = (4, 6, 9, 13)  # of the rules to be tried in their place

LogDensity = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Plane:
    """Nodes of a two-dimensional quadrature and what each weighs.

    Attributes
    ----------
    u : ndarray, shape (rows, columns)
        First coordinate; every row has its own evenly spaced nodes.
    v : ndarray, shape (rows,)
        Second coordinate, evenly spaced.
    weight : ndarray, shape (rows, columns)
        Posterior probability of the node's cell; sums to one.
    log_evidence : float
        Log of the integral of the density handed in.
    log_density : callable
        The density itself.
    """

    u: np.ndarray
    v: np.ndarray
    weight: np.ndarray
    log_evidence: float
    log_density: LogDensity

    def heavy(self, left_out: float = 1e-8) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The nodes `u` and `v` without the lightest, which hold `left_out` of the mass; weights; spacing in `u`."""
        weight = self.weight.ravel()
        order = np.argsort(weight)
        kept = np.sort(order[np.cumsum(weight[order]) > left_out])
        v, spacing = (np.broadcast_to(x[:, None], self.u.shape).ravel() for x in (self.v, self.u[:, 1] - self.u[:, 0]))
        return self.u.ravel()[kept], v[kept], weight[kept] / weight[kept].sum(), spacing[kept]

    def compress(self, order: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Nodes `u` and `v` and weights of a Gauss rule with `order` rows of `order` nodes each.

        It is exact for polynomials of degree 2 order - 1 in v and in u, so it serves for functions that change little
        where the mass is. The rows of the rule need not be rows of the plane, so the density is worked out on them.
        """
        v, of_row = gauss_rule(self.v, self.weight.sum(axis=1), order)
        u, mass = self._rows(v)
        rows = [gauss_rule(*row, order) for row in zip(u, mass, strict=True)]
        weight = np.concatenate([w * of_one for (_, w), of_one in zip(rows, of_row, strict=True)])
        return np.concatenate([nodes for nodes, _ in rows]), np.repeat(v, order), weight

    def thin(self, order: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """As `heavy`, with `order` rows in place of all: for functions that change little along v, and much along u.

        A Gauss rule in exp(-v / 2): along it a long tail of v, where nothing changes any more, is short.
        """
        of_v = self.weight.sum(axis=1)[::-1]
        start = self.v[np.argmax(of_v[::-1])]
        x, of_row = gauss_rule(np.exp((start - self.v[::-1]) / 2), of_v, order)
        v = start - 2 * np.log(x)
        u, mass = self._rows(v)
        weight = (of_row[:, None] * mass / mass.sum(axis=1, keepdims=True)).ravel()
        kept = weight > 1e-13
        v, spacing = (np.repeat(x, u.shape[1])[kept] for x in (v, u[:, 1] - u[:, 0]))
        return u.ravel()[kept], v, weight[kept] / weight[kept].sum(), spacing

    def _rows(self, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A grid of u at each v, with the density there up to a factor."""
        left, right = (np.interp(v, self.v, self.u[:, end])[:, None] for end in (0, -1))
        u = left + (right - left) * np.linspace(0, 1, self.u.shape[1])
        mass = self.log_density(u, v[:, None])
        return u, np.exp(mass - mass.max(axis=1, keepdims=True))

    def density_of_u(self) -> tuple[np.ndarray, np.ndarray]:
        """Marginal density of `u`, up to a constant: grid and values, both of shape (801,)."""
        grid = np.linspace(self.u.min(), self.u.max(), 801)
        density = np.zeros(grid.shape)
        for u, weight in zip(self.u, self.weight, strict=True):
            density += np.nan_to_num(CubicSpline(u, weight / (u[1] - u[0]), extrapolate=False)(grid))
        return grid, density

    def density_of_v(self) -> tuple[np.ndarray, np.ndarray]:
        """Marginal density of `v`, up to a constant: grid and values, both of shape (rows,)."""
        return self.v, self.weight.sum(axis=1)

    def draw(self, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Independent draws of (u, v), by rejection; two arrays of shape (size,).

        Proposals come from the linear interpolation of the weights between nodes. The density rises above
        that interpolation only where it is concave, by about step**2/8 in units of its own width: 1.15 covers it.
        """
        rows, columns = self.weight.shape
        left, width = self.u[:, 0], self.u[:, -1] - self.u[:, 0]
        step = self.v[1] - self.v[0]
        u, v = np.empty(0), np.empty(0)
        while len(u) < size:
            node = rng.choice(self.weight.size, 2 * size, p=self.weight.ravel())
            place = np.stack(np.divmod(node, columns)) + rng.random((2, 2 * size)) - rng.random((2, 2 * size))
            place = place[:, np.all((place >= 0) & (place <= [[rows - 1], [columns - 1]]), axis=0)]
            new_v = self.v[0] + step * place[0]
            new_width = np.interp(new_v, self.v, width)
            new_u = np.interp(new_v, self.v, left) + new_width * place[1] / (columns - 1)
            target = self.log_density(new_u[:, None], new_v[:, None])[:, 0] - self.log_evidence
            target = np.exp(target + np.log(step * new_width / (columns - 1)))
            proposed = map_coordinates(self.weight, place, order=1)
            kept = 1.15 * proposed * rng.random(len(new_u)) < target
            u, v = np.append(u, new_u[kept]), np.append(v, new_v[kept])
        return u[:size], v[:size]


def integrate_plane(log_density: LogDensity, *, v_range: tuple[float, float] = (-40.0, 88.0)) -> Plane:
    """Integrate ``exp(log_density(u, v))`` over the plane by the trapezoidal rule.

    The density may have any tail in `v`; for every `v` it must have one mode in `u`. For smooth
    densities that vanish at both ends the trapezoidal rule converges geometrically (Trefethen and
    Weideman, 2014, SIAM Review 56:385). Its error is the density's Fourier transform at 2 pi / step (Poisson's
    summation formula), so the rule is refined until the transform at 0.9 pi / step is below 3e-3 of the
    integral; at more than twice that frequency it is then a few 1e-6.

    Parameters
    ----------
    log_density : callable
        Maps `u` of shape (rows, columns) and `v` of shape (rows, 1) to an array (rows, columns).
    v_range : tuple of float
        Where to look first; the search widens it while the density has not vanished at an end.

    Returns
    -------
    Plane
    """
    v, left, right = _find_mass(log_density, v_range)
    rows = columns = 33
    while True:
        grid_v = np.linspace(v[0], v[-1], rows)
        ends = [np.interp(grid_v, v, end)[:, None] for end in (left, right)]
        u = ends[0] + (ends[1] - ends[0]) * np.linspace(0, 1, columns)
        mass = log_density(u, grid_v[:, None]) + np.log(u[:, 1:2] - u[:, :1])
        top = mass.max()
        mass = np.exp(mass - top)
        total = mass.sum()
        wave = np.exp(0.9j * np.pi * np.arange(max(rows, columns)))
        uneven_rows = np.abs(wave[:rows] @ mass.sum(axis=1)) > 3e-3 * total
        uneven_columns = np.abs(mass @ wave[:columns]).sum() > 3e-3 * total
        if not (uneven_rows or uneven_columns) or max(rows, columns) > 2000:
            step = grid_v[1] - grid_v[0]
            return Plane(u, grid_v, mass / total, float(top + np.log(total * step)), log_density)
        rows = 2 * rows - 1 if uneven_rows else rows
        columns = 2 * columns - 1 if uneven_columns else columns


def middle(x: np.ndarray) -> int:
    """Where the median is."""
    return int(np.argsort(x)[len(x) // 2])


def sum_rule(x: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Few points and weights that sum functions such as log(1 + exp(x)) as all points do, to the last digits.

    Those have their nearest poles at i pi from the real line, which says how fast a Gauss rule converges.
    """
    points, row = np.unique(x[weight > 0], return_inverse=True)
    weight = np.bincount(row, weight[weight > 0])
    if len(points) < 2:
        return points, weight
    order = int(18 / np.arcsinh(2 * np.pi / (points[-1] - points[0]))) + 2
    if order >= len(points):
        return points, weight
    nodes, share = gauss_rule(points, weight, order)
    return nodes, weight.sum() * share


def gauss_rule(x: np.ndarray, weight: np.ndarray, order: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights, which sum to one, of the Gauss rule for a discrete measure (Golub and Welsch, 1969).

    `x` and `weight` have shape (..., nodes): one measure, or several at once.
    """
    centre, half = (x[..., :1] + x[..., -1:]) / 2, (x[..., -1:] - x[..., :1]) / 2
    x, weight = (x - centre) / half, weight / weight.sum(axis=-1, keepdims=True)
    # 1. Stieltjes: the recurrence of the polynomials that are orthonormal under the measure.
    before, now, beside = np.zeros_like(x), np.ones_like(x), 0.0
    matrix = np.zeros((*x.shape[:-1], order, order))
    for k in range(order):
        diagonal = np.sum(weight * x * now**2, axis=-1)
        matrix[..., k, k] = diagonal
        new = (x - diagonal[..., None]) * now - beside * before
        beside = np.sqrt(np.sum(weight * new**2, axis=-1, keepdims=True))
        if k + 1 < order:
            matrix[..., k + 1, k] = matrix[..., k, k + 1] = beside[..., 0]
        before, now = now, new / beside
    # 2. Nodes are the eigenvalues of its matrix, weights the squared first entries of the eigenvectors.
    with one_thread():
        nodes, vectors = np.linalg.eigh(matrix)
    return centre + half * nodes, vectors[..., 0, :] ** 2


def _find_mass(log_density: LogDensity, v_range: tuple[float, float], drop: float = 22.0):
    """Zoom in on the rows that hold the mass: `v` (33,), and the ends in `u` for each of them."""
    low, high = v_range
    while True:
        v = np.linspace(low, high, 33)
        left, right = _row_ends(log_density, v)
        u = left[:, None] + (right - left)[:, None] * np.linspace(0, 1, 25)
        rows = log_density(u, v[:, None]) + np.log(u[:, 1:2] - u[:, :1])
        marginal = np.logaddexp.reduce(rows, axis=1)
        kept = np.flatnonzero(marginal > marginal.max() - drop)
        if kept[0] == 0 and low > -600:
            low -= high - low
        elif kept[-1] == 32 and high < 600:
            high += high - low
        elif kept[-1] - kept[0] >= 16:
            first, last = max(kept[0] - 1, 0), min(kept[-1] + 1, 32)
            return v[first : last + 1], left[first : last + 1], right[first : last + 1]
        else:
            low, high = v[max(kept[0] - 1, 0)], v[min(kept[-1] + 1, 32)]


def _row_ends(log_density: LogDensity, v: np.ndarray, drop: float = 25.0, bound: float = 60.0):
    """For every row the points left and right of its mode where the density is down by exp(-drop)."""
    column = v[:, None]
    low, high = np.full_like(column, -bound), np.full_like(column, bound)
    for _ in range(12):
        grid = low + (high - low) * np.linspace(0, 1, 9)
        best = log_density(grid, column).argmax(axis=1)[:, None]
        low = np.take_along_axis(grid, np.maximum(best - 1, 0), axis=1)
        high = np.take_along_axis(grid, np.minimum(best + 1, 8), axis=1)
    mode = (low + high) / 2
    floor = log_density(mode, column) - drop
    ends = []
    for sign in (-1, 1):
        near, far = np.full_like(mode, -18.0), np.full_like(mode, np.log(bound))
        for _ in range(8):
            middle = (near + far) / 2
            inside = log_density(mode + sign * np.exp(middle), column) > floor
            near, far = np.where(inside, middle, near), np.where(inside, far, middle)
        ends.append((mode + sign * np.exp(far))[:, 0])
    return ends


@dataclass(frozen=True)
class Line:
    """Evenly spaced nodes `v`, their weights (which sum to one) and the log density there.

    Beyond the last node the density falls like exp(-decay * v).
    """

    v: np.ndarray
    weight: np.ndarray
    log_density: np.ndarray
    decay: float

    def beyond(self, last: float, power: int) -> float:
        """What the nodes miss of the mean of exp(power * v), where `last` is exp(v) at their end.

        The trapezoidal sum, continued as a geometric series.
        """
        if self.decay <= power:
            return np.inf
        ratio = np.exp((power - self.decay) * (self.v[1] - self.v[0]))
        return float(self.weight[-1] * last**power * ratio / (1 - ratio))


def integrate_line(log_density: Callable[[np.ndarray], np.ndarray], decay: float) -> Line:
    """Integrate over the real line by the trapezoidal rule.

    It converges geometrically for smooth densities that vanish at both ends, and its error is the density's Fourier
    transform at 2 pi / step, as in `integrate_plane`: the nodes are doubled until the transform at 0.9 pi / step is
    below 3e-6 of the integral; at 2 pi / step it is then about its square. Its size counts, not its real part, which
    also vanishes by chance, where the nodes happen to lie well.
    """
    low, high = _find_mass_on_line(log_density)
    v = np.linspace(low, high, 33)
    values = log_density(v)
    while True:
        top = values.max()
        mass = np.exp(values - top)
        total = mass.sum()
        if abs(np.exp(0.9j * np.pi * np.arange(len(v))) @ mass) < 3e-6 * total or len(v) > 5000:
            return Line(v, mass / total, values - top - np.log(total * (v[1] - v[0])), decay)
        middle = (v[1:] + v[:-1]) / 2
        values = np.insert(values, range(1, len(v)), log_density(middle))
        v = np.linspace(low, high, 2 * len(v) - 1)


def _find_mass_on_line(log_density: Callable[[np.ndarray], np.ndarray], drop: float = 32.0) -> tuple[float, float]:
    """Between which points the density is within exp(-drop) of its maximum, by zooming in or out."""
    low, high = -64.0, 64.0
    while True:
        v = np.linspace(low, high, 33)
        values = log_density(v)
        kept = np.flatnonzero(values > values.max() - drop)
        first, last = max(kept[0] - 1, 0), min(kept[-1] + 1, 32)
        if kept[0] == 0 and low > -300:
            low -= high - low
        elif kept[-1] == 32 and high < 300:
            high += high - low
        elif last - first >= 12 or high - low < 1e-9:
            return v[first], v[last]
        else:
            low, high = v[first], v[last]
