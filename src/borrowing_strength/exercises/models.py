"""Judge a PyMC model by what it computes, not by how it is written."""

import functools
import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, override

import numpy as np

from borrowing_strength.exercises.checkers import Checker, NotTried, evaluate
from borrowing_strength.exercises.reading import Unreadable, describe

POINTS = 8
MAX_PAIRINGS = 120


@dataclass(frozen=True)
class Model(Checker):
    """A PyMC model with the same posterior as the right one.

    Two models have the same posterior if their log densities differ by a constant. That is tried at
    several points of the space PyMC samples in, where every variable is unbounded. Free variables are
    paired by name, the others by shape.

    Attributes
    ----------
    expected : callable, optional
        Returns the right model.
    also : sequence of callables
        Return other models that are as good, such as the same one with variables integrated out.
    """

    expected: Callable[[], Any] | None = None
    also: Sequence[Callable[[], Any]] = ()

    @override
    def prepare(self) -> None:
        for thunk in (self.expected, *self.also):
            _kept(evaluate(thunk))

    @override
    def read(self, answer: Any) -> "_Density":
        pymc = sys.modules.get("pymc")
        if pymc is None or not isinstance(answer, pymc.Model):
            raise Unreadable(f"You passed {describe(answer)}; a PyMC model is asked for.")
        if not answer.basic_RVs and not answer.potentials:
            raise NotTried
        if not answer.free_RVs:
            raise Unreadable("Your model has no free random variable: nothing in it is left to learn.")
        return _Density(answer)

    @override
    def same(self, read: "_Density", wrong: Any) -> bool:
        return any(read.equals(_kept(wrong), pairing) for pairing in read.pairings(_kept(wrong)))

    @override
    def problem(self, read: "_Density") -> str | None:
        if any(self.same(read, evaluate(thunk)) for thunk in (self.expected, *self.also)):
            return None
        return read.difference(_kept(evaluate(self.expected)))


@functools.cache
def _kept(model: Any) -> "_Density":
    """Keep the density of one of our own models: compiling takes a while."""
    return _Density(model)


class _Density:
    """The log density of a model and of its parts, as functions of a list of arrays."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.names = [variable.name for variable in model.free_RVs]
        start = model.initial_point()
        self.value_names = [model.rvs_to_values[variable].name for variable in model.free_RVs]
        self.start = [np.asarray(start[name]) for name in self.value_names]
        self._compiled: dict[Any, Callable[[dict[str, Any]], Any]] = {}

    def points(self) -> list[list[np.ndarray]]:
        rng = np.random.default_rng(20160101)
        return [[_near(value, rng) for value in self.start] for _ in range(POINTS)]

    def at(self, points: list[list[np.ndarray]], part: Any = None) -> np.ndarray:
        """Evaluate the log density, or the term of one variable or list of variables, at every point."""
        key = None if part is None else tuple(variable.name for variable in part)
        if key not in self._compiled:
            # FAST_COMPILE: a few evaluations do not repay two seconds of compilation.
            self._compiled[key] = self.model.compile_logp(vars=part, mode="FAST_COMPILE")
        return np.array([self._compiled[key](dict(zip(self.value_names, point, strict=True))) for point in points])

    def pairings(self, other: "_Density") -> Iterator[list[int]]:
        """List for each variable of this model which variable of the other it may stand for."""
        if len(self.names) != len(other.names):
            return iter(())
        fixed = {i: other.names.index(name) for i, name in enumerate(self.names) if name in other.names}
        free = [i for i in range(len(self.names)) if i not in fixed]
        rest = [j for j in range(len(other.names)) if j not in fixed.values()]
        complete = (fixed | dict(zip(free, order, strict=True)) for order in itertools.permutations(rest))
        fitting = ([pairs[i] for i in range(len(self.names))] for pairs in complete if self._shapes_fit(other, pairs))
        return itertools.islice(fitting, MAX_PAIRINGS)

    def _shapes_fit(self, other: "_Density", pairs: dict[int, int]) -> bool:
        return all(self.start[i].shape == other.start[j].shape for i, j in pairs.items())

    def equals(self, other: "_Density", pairing: list[int], part: Any = None, other_part: Any = None) -> bool:
        """Tell whether the two log densities (or the two parts) differ by a constant."""
        points = other.points()
        return _constant_apart(
            self.at([[point[j] for j in pairing] for point in points], part), other.at(points, other_part)
        )

    def difference(self, other: "_Density") -> str:
        """Say where this model departs from the reference, as far as that can be told."""
        if len(self.names) != len(other.names):
            few = "few" if len(self.names) < len(other.names) else "many"
            return f"Your model has {_count(self.names)}: that is too {few}."
        if not self.model.observed_RVs and other.model.observed_RVs:
            return "No variable of your model has seen the data: `observed=...` is missing."
        pairing = next(self.pairings(other), None)
        if pairing is None:
            shapes = ", ".join(f"`{name}` {value.shape}" for name, value in zip(self.names, self.start, strict=True))
            return f"The number of free variables is right, their shapes are not. Yours: {shapes}."
        return self._wrong_part(other, pairing)

    def _wrong_part(self, other: "_Density", pairing: list[int]) -> str:
        priors = [
            name
            for name, mine, j in zip(self.names, self.model.free_RVs, pairing, strict=True)
            if not self.equals(other, pairing, [mine], [other.model.free_RVs[j]])
        ]
        if priors:
            names = " and of ".join(f"`{name}`" for name in priors)
            return f"The distribution of {names} is not the one asked for."
        if _same_size_other_data(_observations(self.model), _observations(other.model)):
            return "The priors are right, but the observed data are not the ones asked for."
        return "The priors and the data are right; look at how the likelihood (or a potential) uses them."


def _count(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:6]) + (", ..." if len(names) > 6 else "")
    return f"{len(names)} free variable{'' if len(names) == 1 else 's'} ({shown})"


def _near(value: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if value.dtype.kind in "iu":
        return (value + rng.integers(0, 2, value.shape)).astype(value.dtype)
    return (value + rng.normal(0, 0.7, value.shape)).astype(value.dtype)


def _constant_apart(mine: np.ndarray, theirs: np.ndarray) -> bool:
    finite = np.isfinite(theirs)
    if finite.sum() < 2 or not np.array_equal(finite, np.isfinite(mine)):
        return False
    gaps = mine[finite] - theirs[finite]
    return bool(np.ptp(gaps) <= 1e-6 * (1 + np.abs(theirs[finite]).max()))


def _observations(model: Any) -> np.ndarray:
    values = [model.rvs_to_values[variable].eval(mode="FAST_COMPILE") for variable in model.observed_RVs]
    return np.concatenate([np.ravel(value).astype(float) for value in values] or [np.zeros(0)])


def _same_size_other_data(mine: np.ndarray, theirs: np.ndarray) -> bool:
    # Data of another size may be the same data in another form: 400 zeros and ones, or 4 counts.
    return mine.size == theirs.size and not np.allclose(mine, theirs)
