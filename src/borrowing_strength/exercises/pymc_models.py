"""Answers that are PyMC models, judged by what they compute, not by how they are written."""

import functools
import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from borrowing_strength.exercises.judge import Checker, NotTried, once
from borrowing_strength.exercises.read_answer import Unreadable, describe

POINTS, MAX_PAIRINGS = 8, 120
NO_MODEL = "A PyMC model is asked for: what stands after `as` in `with pm.Model() as ...`."
NO_UNKNOWN = "Your model has no free random variable: nothing in it is left to learn."
NO_DATA = "No variable of your model has seen the data: `observed=...` is missing."
OTHER_DATA = "The priors are right, but the observed data are not the ones asked for."
SHAPES = "The number of free variables is right, their shapes are not."
DISTRIBUTION = "The distribution of `{}` is not the one asked for."
LABELLED = "`{}` has one value for each entry of `{}`: give it other `dims`."
LIKELIHOOD = "The priors and the data are right; look at how the likelihood (or a potential) uses them."


@dataclass(frozen=True)
class Model(Checker):
    """A PyMC model with the same posterior as the right one, or as one that is as good.

    Then their log densities differ by a constant, wherever that is tried in the unbounded space that PyMC samples in.
    Free variables are paired by name, others by shape.
    """

    slack = 4  # each mistake that it is compared with is compiled once
    expected: Callable[[], Any] | None = None
    also: Sequence[Callable[[], Any]] = ()

    def prepare(self) -> None:
        for thunk in (self.expected, *self.also):
            _kept(once(thunk))

    def sentences(self) -> Iterator[str]:
        right = _kept(once(self.expected))
        yield from (NO_MODEL, NO_UNKNOWN, NO_DATA, OTHER_DATA)
        yield from map(DISTRIBUTION.format, right.names)
        yield from (_missing(few) for n in range(1, len(right.names)) for few in itertools.combinations(right.names, n))
        pairs = itertools.product(right.model.named_vars_to_dims, right.model.coords)
        yield from (LABELLED.format(*pair) for pair in pairs)

    def read(self, answer: Any) -> "_Density":
        if (pymc := sys.modules.get("pymc")) is None or not isinstance(answer, pymc.Model):
            raise Unreadable(NO_MODEL, f"You passed {describe(answer)}.")
        if not answer.basic_RVs and not answer.potentials:
            raise NotTried
        if not answer.free_RVs:
            raise Unreadable(NO_UNKNOWN)
        return _Density(answer).computable()

    def accepts(self, read: "_Density", exactly: bool = False) -> bool:
        good = any(self.distance(read, once(thunk)) == 0 for thunk in (self.expected, *self.also))
        return good and not self._other_labels(read)

    def _other_labels(self, read: "_Density") -> str:
        """Say which variable bears labels that belong to another: two markets are no two arms."""
        right, mine = _kept(once(self.expected)).model, read.model.named_vars_to_dims
        wanted = right.named_vars_to_dims
        pairs = ((name, dim) for name in mine for dim in set(mine[name]) - set(wanted.get(name, mine[name])))
        return next((LABELLED.format(name, dim) for name, dim in pairs if dim in right.coords), "")

    def distance(self, read: "_Density", wrong: Any) -> float:
        other = _kept(wrong)
        return 0.0 if any(read.equals(other, pairing) for pairing in read.pairings(other)) else float("inf")

    def received(self, read: "_Density") -> str:
        shapes = [str(value.shape or "") for value in read.start]
        shown = ", ".join(f"`{name}` {shape}".strip() for name, shape in zip(read.names, shapes, strict=True))
        return f"Your model has {len(read.names)} free variable{'s'[: len(read.names) - 1]}: {shown}."

    def remark(self, read: "_Density") -> str:
        """Say where the model departs from the right one, as far as that can be told."""
        right = _kept(once(self.expected))
        if not read.model.observed_RVs and right.model.observed_RVs:
            return NO_DATA
        if set(read.names) < set(right.names):
            return _missing([name for name in right.names if name not in read.names])
        if len(read.names) != len(right.names):
            return f"That is too {'few' if len(read.names) < len(right.names) else 'many'}."
        pairing = next(read.pairings(right), None)
        return self._other_labels(read) or (SHAPES if pairing is None else read.wrong_part(right, pairing))


def _missing(names: Sequence[str]) -> str:
    shown = " and ".join(f"`{name}`" for name in names)
    return f"What is to be learned is taken as known: your model has no unknown {shown}."


class _Density:
    """The log density of a model and of its parts, as functions of a list of arrays."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.names = [variable.name for variable in model.free_RVs]
        self.value_names = [model.rvs_to_values[variable].name for variable in model.free_RVs]
        self.start = list(map(np.asarray, map(model.initial_point().get, self.value_names)))
        self._compiled: dict[Any, Callable[[dict[str, Any]], Any]] = {}
        self.tried: dict[Any, list[float]] = {}  # the log density at the points of `equals`

    def computable(self) -> "_Density":
        """Refuse a model whose density cannot be computed; say which variable's arguments do not go together."""
        try:
            self.at(self.start)
        except Exception as error:
            words = f"`{type(error).__name__}: {str(error).strip().splitlines()[0][:200]}`"
            culprit = next(filter(None, map(self._tell_shapes, self.model.basic_RVs)), "Your model cannot be computed.")
            raise Unreadable(f"{culprit} PyMC's words: {words}.") from error
        return self

    def _tell_shapes(self, variable: Any) -> str:
        node, shape = variable.owner, self.model.rvs_to_values[variable].type.shape
        shapes = [argument.type.shape for argument in getattr(node.op, "dist_params", lambda node: [])(node)]
        try:
            np.broadcast_shapes(shape, *shapes)
        except (ValueError, TypeError):
            return f"`{variable.name}` cannot be computed: it has shape {shape}, its arguments {str(shapes)[1:-1]}."
        return ""

    def at(self, point: list[np.ndarray], part: Any = None) -> float:
        """Evaluate the log density, or the term of one variable, at a point."""
        from pymc.logprob.utils import ParameterValueError
        from pytensor.compile.mode import Mode

        if part not in self._compiled:  # computed as it is written: a few values do not repay rewriting
            self._compiled[part] = self.model.compile_logp(vars=part, mode=Mode(linker="py", optimizer=None))
        try:
            return float(self._compiled[part](dict(zip(self.value_names, point, strict=True))))
        except ParameterValueError:
            return -np.inf

    def pairings(self, other: "_Density") -> Iterator[list[int]]:
        """List for each variable of this model which variable of the other it may stand for."""
        if len(self.names) != len(other.names):
            return iter(())
        fixed = {i: other.names.index(name) for i, name in enumerate(self.names) if name in other.names}
        free = [i for i in range(len(self.names)) if i not in fixed]
        rest = [j for j in range(len(other.names)) if j not in fixed.values()]
        complete = (fixed | dict(zip(free, order, strict=True)) for order in itertools.permutations(rest))
        lists = ([pairs[i] for i in range(len(self.names))] for pairs in complete)
        shapes, others = ([value.shape for value in density.start] for density in (self, other))
        return itertools.islice((pairing for pairing in lists if shapes == [others[j] for j in pairing]), MAX_PAIRINGS)

    def equals(self, other: "_Density", pairing: list[int], part: Any = None, other_part: Any = None) -> bool:
        """Tell whether the two log densities (or the two parts) differ by a constant."""
        rng = np.random.default_rng(20160101)
        points = [[_near(value, rng) for value in other.start] for _ in range(POINTS)]
        if other_part not in other.tried:
            other.tried[other_part] = [other.at(point, other_part) for point in points]
        apart, theirs = [], other.tried[other_part]
        most = 1e-6 * (1 + max((abs(known) for known in theirs if np.isfinite(known)), default=0))
        for point, known in zip(points, theirs, strict=True):  # most wrong answers differ at once
            value = self.at([point[j] for j in pairing], part)
            apart += [value - known] if np.isfinite(known) else []
            if np.isfinite(value) != np.isfinite(known) or np.ptp(apart or [0]) > most:
                return False
        return len(apart) >= 2

    def wrong_part(self, other: "_Density", pairing: list[int]) -> str:
        """Say which variable's distribution is wrong, or the data, or the likelihood."""
        for mine, j in zip(self.model.free_RVs, pairing, strict=True):
            if not self.equals(other, pairing, (mine,), (other.model.free_RVs[j],)):
                return DISTRIBUTION.format(other.names[j])
        mine, theirs = _observations(self.model), _observations(other.model)
        # Data of another size may be the same data in another form: 400 zeros and ones, or 4 counts.
        return OTHER_DATA if mine.size == theirs.size and not np.allclose(mine, theirs) else LIKELIHOOD


_kept = functools.cache(_Density)  # of our own models: compiling takes a while


def _near(value: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    step = rng.integers(0, 2, value.shape) if value.dtype.kind in "iu" else rng.normal(0, 0.7, value.shape)
    return (value + step).astype(value.dtype)


def _observations(model: Any) -> np.ndarray:
    values = [model.rvs_to_values[variable].eval(mode="FAST_COMPILE") for variable in model.observed_RVs]
    return np.concatenate([np.ravel(value).astype(float) for value in values] or [np.zeros(0)])
