"""What every exact posterior answers, whatever the lesson.

A lesson's class supplies a distribution function and a density *over all its groups at once*, the moments, a draw and
its columns. Everything a user calls is written once, here, and checks its arguments once.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit, ndtri

from borrowing_strength.core.inputs import generator, levels, one_each, tails, whole_number, within
from borrowing_strength.core.rows import Labels

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

CELLS = 250_000  # largest (elements x nodes) array held at once: 2 MB, which a processor's cache can hold
_ITERATIONS = 100
_CLOSE = 3e-5  # relative error of a tail probability

Transform = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Scale:
    """A value, such as a rate between 0 and 1, and the coordinate along the whole real line that stands for it."""

    to_value: Transform
    to_coordinate: Transform
    slope: Transform  # of the value, at a coordinate
    low: float = -np.inf
    high: float = np.inf


IDENTITY = Scale(np.positive, np.positive, np.ones_like)
LOG = Scale(np.exp, np.log, np.exp, low=0.0)
LOGIT = Scale(expit, logit, lambda z: expit(z) * expit(-z), low=0.0, high=1.0)


class Quantity(ABC):
    """Exact distribution of one number in each of several groups.

    A subclass supplies `_moments`, `_cdf`, `_pdf` and `_bracket`. Groups with equal data have equal answers and are
    worked out once: `_which` holds the row of every group. Where it is None there is one number alone, and results
    have no dimension for the groups.
    """

    _scale: Scale = IDENTITY
    _which: np.ndarray | None = None
    labels: Labels = Labels(())  # names of the groups, where they have some
    _nodes: int = 1  # quadrature nodes that one element of `_cdf` costs

    @abstractmethod
    def _moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Means and standard deviations, shape (rows,)."""

    @abstractmethod
    def _cdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Probability of at most the coordinate `z`, element by element: all shapes are (elements,)."""

    @abstractmethod
    def _pdf(self, z: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Density over the coordinate at `z`, element by element."""

    def _cdf_and_pdf(self, z: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self._cdf(z, row), self._pdf(z, row)

    @abstractmethod
    def _bracket(self, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates between which practically all of each row's mass lies, shape of `row`."""

    def __len__(self) -> int:
        return 1 if self._which is None else len(self._which)

    def _one_each(self, name: str, value: object, read: Callable) -> np.ndarray:
        """One value a group, read by `read`, in the order of the groups."""
        return one_each(name, value, read, len(self), self.labels)

    @cached_property
    def _both(self) -> tuple[np.ndarray, np.ndarray]:
        return self._moments()

    @property
    def mean(self) -> np.ndarray:
        """Posterior mean of every group, shape (groups,)."""
        return self._for_groups(self._both[0])

    @property
    def sd(self) -> np.ndarray:
        """Posterior standard deviation of every group, shape (groups,)."""
        return self._for_groups(self._both[1])

    def cdf(self, value: float | np.ndarray) -> np.ndarray:
        """Posterior probability of at most `value`, shape `(groups, *value.shape)`."""
        value = within("value", value, self._scale.low, self._scale.high)
        with np.errstate(divide="ignore", over="ignore"):  # at an end, or far away, where it is 0 or 1
            return np.clip(self._at(self._cdf, self._scale.to_coordinate(value)), 0, 1)

    def density(self, value: float | np.ndarray) -> np.ndarray:
        """Posterior density at `value`, shape `(groups, *value.shape)`; at an end of the scale it may be infinite."""
        value = within("value", value, self._scale.low, self._scale.high)
        if np.any((value == self._scale.low) | (value == self._scale.high)):
            inside = f"between {self._scale.low:g} and {self._scale.high:g}, both excluded"
            inside = inside if np.isfinite(self._scale.high) else f"above {self._scale.low:g}"
            raise ValueError(f"value must lie {inside}: a density may be infinite at the end")
        z = self._scale.to_coordinate(value)
        with np.errstate(over="ignore"):
            return np.maximum(self._at(self._pdf, z), 0) / self._scale.slope(z)

    def quantile(self, q: float | np.ndarray) -> np.ndarray:
        """Posterior quantiles, shape `(groups, *q.shape)`."""
        q = levels(q)
        return self._for_groups(self._scale.to_value(self._quantiles(q.ravel())).reshape(-1, *q.shape))

    def interval(self, prob: float = 0.95) -> np.ndarray:
        """Equal-tailed interval that holds each group's value with probability `prob`, shape (groups, 2)."""
        return self.quantile(tails(prob))

    def _quantiles(self, q: np.ndarray) -> np.ndarray:
        """Coordinates of quantiles of every row, shape (rows * q.size,)."""
        return self._by_row(lambda row, q: self._solve(q, row), q)

    def _for_groups(self, rows: np.ndarray) -> np.ndarray:
        """One answer a row, given to every group that shares it."""
        if self._which is None:
            return rows[0] if rows.ndim > 1 else float(rows[0])
        return rows[self._which]

    @property
    def _rows(self) -> int:
        return 1 if self._which is None else int(self._which.max()) + 1

    def _at(self, function: Callable[[np.ndarray, np.ndarray], np.ndarray], z: np.ndarray) -> np.ndarray:
        found = self._by_row(lambda row, z: function(z, row), z.ravel())
        return self._for_groups(found.reshape(-1, *z.shape))

    def _by_row(self, function: Callable[[np.ndarray, np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
        """A function of elements, called for every row and every `x` in pieces; shape (rows * x.size,)."""
        found = np.empty((self._rows, x.size))
        for rows, nodes in self._runs():
            row, at, size = np.repeat(rows, x.size), np.tile(x, len(rows)), max(1, CELLS // nodes)
            pieces = [function(row[i : i + size], at[i : i + size]) for i in range(0, len(row), size)]
            found[rows] = np.concatenate(pieces).reshape(-1, x.size)
        return found.ravel()

    def _runs(self) -> list[tuple[np.ndarray, int]]:
        """Rows that are worked out together, and the nodes that one element of them costs."""
        return [(np.arange(self._rows), self._nodes)]

    def _solve(self, q: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Coordinates of quantiles: Newton's method, and bisection wherever it would leave the bracket."""
        low, high = (np.array(end, dtype=float) for end in self._bracket(row))
        z = np.clip(self._start(q, row), low, high)
        open_ = np.arange(len(z))  # the elements that have not settled
        close = _CLOSE * np.minimum(q, 1 - q)  # from there one more step is right to its square
        for _ in range(_ITERATIONS):
            below, slope = self._cdf_and_pdf(z[open_], row[open_])
            error, slope = below - q[open_], np.maximum(slope, 1e-300)
            low[open_] = np.where(error < 0, z[open_], low[open_])
            high[open_] = np.where(error < 0, high[open_], z[open_])
            new = z[open_] - np.clip(error / slope, -1e9, 1e9)
            inside = (new > low[open_]) & (new < high[open_])
            new = np.where(inside, new, (low[open_] + high[open_]) / 2)
            moved = np.abs(new - z[open_])
            z[open_] = new
            settled = inside & (np.abs(error) < close[open_])
            open_ = open_[~settled & (moved > 1e-10 * np.maximum(1e-3, np.abs(new)))]
            if not open_.size:
                break
        return z

    def _start(self, q: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Where to look for quantiles first: those of a normal distribution with the row's mean and sd."""
        mean, sd = (moment[row] for moment in self._both)
        low, high = (self._scale.to_value(end) for end in self._bracket(row))
        value = mean + np.where(np.isfinite(sd), sd, 0) * ndtri(q)
        outside = ~((value > low) & (value < high))
        with np.errstate(divide="ignore"):
            z = self._scale.to_coordinate(np.where(outside, np.clip(mean, low, high), value))
        return np.where(np.isfinite(z), z, 0.0)


class Posterior(Quantity):
    """Exact posterior of one number a group, with the comparisons, draws and tables that every lesson offers."""

    labels: Labels
    prior: object = None  # where one can be chosen, the one that was used
    group = "group"  # what a group is called: the dimension of draws, the index of tables
    best_is_largest = True

    def __repr__(self) -> str:
        prior = "" if self.prior is None else f", prior={self.prior!r}"
        return f"Posterior({len(self)} {self.group}s{prior})"

    @abstractmethod
    def _draw(self, size: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """Independent draws by name, shape (size,) or (size, groups)."""

    @abstractmethod
    def _compete(self, chosen: Sequence[int]) -> tuple[np.ndarray, float]:
        """Posterior probability that each of the chosen groups is the best of them, and the best one's mean."""

    @abstractmethod
    def _columns(self, prob: float) -> dict[str, np.ndarray]:
        """The columns of `summary`."""

    def prob_greater(self, i: int | str, j: int | str) -> float:
        """Posterior probability that group `i` lies above group `j` (labels or positions)."""
        first = float(self._compete(self.labels.two(i, j, self.group))[0][0])
        return first if self.best_is_largest else 1 - first

    def prob_best(self) -> np.ndarray:
        """Posterior probability that each group is the best of all, shape (groups,)."""
        return self._competition[0]

    def expected_loss(self) -> np.ndarray:
        """Expected distance of each group from the best one, if that group is chosen, shape (groups,)."""
        return np.abs(self._competition[1] - self.mean)

    @cached_property
    def _competition(self) -> tuple[np.ndarray, float]:
        return self._compete(range(len(self)))

    def sample(self, draws: int = 1000, seed: int = 0, chains: int = 4) -> "xr.DataTree":
        """Independent draws from the exact posterior, for ArviZ's plots and summaries.

        Parameters
        ----------
        draws : int
            Draws a chain.
        seed : int
            Seed of `numpy.random.default_rng`.
        chains : int
            The draws are independent; chains only give them the shape that ArviZ expects.

        Returns
        -------
        xarray.DataTree
            Group `posterior`, with dimensions (chain, draw) and, for what every group has, the groups' own.
        """
        shape = whole_number("chains", chains, each=len(self)), whole_number("draws", draws, each=chains * len(self))
        return draws_tree(self._draw(shape[0] * shape[1], generator(seed)), shape, self.labels, self.group)

    def summary(self, prob: float = 0.95) -> "pd.DataFrame":
        """One row a group: data, mean, sd, equal-tailed interval with probability `prob`, and more.

        Where a prior can be chosen, the table's `attrs["prior"]` says which one was used.
        """
        import pandas as pd

        table = pd.DataFrame(self._columns(prob), index=pd.Index(self.labels, name=self.group))
        if self.prior is not None:
            table.attrs["prior"] = repr(self.prior)
        return table

    def _mean_sd_interval(self, prob: float) -> dict[str, np.ndarray]:
        ends = self.interval(prob)
        return {"mean": self.mean, "sd": self.sd, "lower": ends[:, 0], "upper": ends[:, 1]}


def draws_tree(
    variables: dict[str, np.ndarray], shape: tuple[int, int], labels: Sequence[str], group: str
) -> "xr.DataTree":
    """Draws, shape (size,) or (size, groups), as ArviZ reads them, shape (chains, draws, ...)."""
    import xarray as xr

    dims = ("chain", "draw", group)
    data = {name: (dims[: x.ndim + 1], x.reshape(*shape, *x.shape[1:])) for name, x in variables.items()}
    coords = {"chain": np.arange(shape[0]), "draw": np.arange(shape[1]), group: list(labels)}
    return xr.DataTree.from_dict({"posterior": xr.Dataset(data, coords)})
