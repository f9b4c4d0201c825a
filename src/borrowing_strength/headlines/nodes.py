"""Nodes over the spread and over every test's level, and how few of them do."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from borrowing_strength.core.posterior import Scale
from borrowing_strength.core.quadrature import Line, gauss_rule
from borrowing_strength.headlines.archive import Batch, Shapes, in_pieces, log_parts, log_sum, shapes

_FINER = 20  # so much closer the levels are put, where that makes the components of every arm overlap
_MOST = 45  # nodes of a Gauss rule of the level: finding one with more takes longer than it saves
_RANKING = 4, 8  # nodes of the level for who is ahead in a test; the second for few clicks, where no Gauss rule served

Rule = tuple[np.ndarray, np.ndarray, np.ndarray]  # nodes of the log level, their weights and steps


@dataclass(frozen=True)
class Nodes:
    """What is known of spread and levels: `spread` of every node, shape (nodes,); the rest has shape (tests, nodes).

    `step` is the distance to the neighbouring level. Nodes stand for a smooth density between them.
    """

    spread: np.ndarray
    log_level: np.ndarray
    weight: np.ndarray
    step: np.ndarray

    @classmethod
    def of(
        cls, line: Line, scale: Scale, parts: list[Batch], order: int = 0, finer: float = 1, *, few: bool = False
    ) -> "Nodes":
        """All nodes over the spread, or those of a Gauss rule, and those of the levels.

        `finer` divides the steps of the levels; `few` asks for as few of them as leave every rate where it is.
        """
        heavy = line.weight > 1e-9
        v, share = gauss_rule(line.v, line.weight, order) if order else (line.v[heavy], line.weight[heavy])
        columns = []
        every = scale.to_value(v)
        for spread, of_spread, found in zip(
            every, share / share.sum(), _of_spreads(parts, every, finer, few), strict=True
        ):
            nodes = max(weight.shape[1] for _, weight, _ in found)
            level, weight, step = (  # those with fewer nodes get some that weigh nothing
                np.concatenate([np.pad(x[i], ((0, 0), (0, nodes - x[i].shape[1])), how) for x in found])
                for i, how in enumerate(("edge", "constant", "edge"))
            )
            columns.append((np.full(nodes, spread), level, of_spread * weight, step))
        spread, level, weight, step = (np.concatenate(part, axis=-1) for part in zip(*columns, strict=True))
        kept = weight.max(axis=0) > 1e-11
        weight = weight[:, kept] / weight[:, kept].sum(axis=1, keepdims=True)
        return cls(spread[kept], level[:, kept], weight, step[:, kept])

    def for_ranking(self, tests: np.ndarray) -> "Nodes":
        """Of some tests: for every spread a Gauss rule over the levels, on which who is ahead hardly depends."""
        order = _RANKING[bool(self.step.any())]
        of = [np.ix_(tests, np.flatnonzero(self.spread == spread)) for spread in np.unique(self.spread)]
        share = [self.weight[at].sum(axis=1, keepdims=True) for at in of]
        rules = [gauss_rule(self.log_level[at], np.maximum(self.weight[at], 1e-99), order) for at in of]
        level = np.concatenate([nodes for nodes, _ in rules], axis=1)
        weight = np.concatenate([w * x for x, (_, w) in zip(share, rules, strict=True)], axis=1)
        return Nodes(np.repeat(np.unique(self.spread), order), level, weight, np.zeros_like(weight))


def _of_spreads(parts: list[Batch], spread: np.ndarray, finer: float, few: bool) -> Iterator[list[Rule]]:
    """`_levels` of all batches, for one spread after the other; a small archive's are worked out together."""
    for some in in_pieces(parts, spread):
        if few or finer > 1 or len(some) == 1:
            yield from ([_levels(batch, one, finer, few) for batch in parts] for one in some)
        else:
            found = [batch.at_spreads(some, 1e-7) for batch in parts]
            yield from ([_as_rule(x.log_level[k], x.weight[k]) for x in found] for k in range(len(some)))


def _as_rule(x: np.ndarray, weight: np.ndarray) -> Rule:
    return x, weight, np.broadcast_to(x[:, 1:2] - x[:, :1], x.shape)


def _levels(batch: Batch, spread: float, finer: float, few: bool) -> Rule:
    """Nodes of every test's log level, given the spread, their weights and their steps, shape (tests, nodes) each.

    Where a rate moves with the level by r widths of its own component, a Gauss rule of m nodes leaves its distribution
    function where it is to about ``(r**2 / 2)**m``: few do, if r is small. So many are taken that the probability that
    an arm comes from one part of the population stays where it is, too. Otherwise the components have to overlap.
    """
    levels, of = batch.levels(spread, 1e-5 if few else 1e-7), shapes(spread, batch.population)
    c = of[0][1]
    if few:
        x, weight = levels.log_level, levels.weight
        mean = np.sum(weight * x, axis=1, keepdims=True)
        sd = np.sqrt(np.sum(weight * (x - mean) ** 2, axis=1, keepdims=True))
        moved = np.sqrt(c + batch.y) * c / (c + batch.n * np.exp(mean))
        finer, r = 1.1 * (moved * (x[:, 1:2] - x[:, :1])).max(), (moved * sd).max()
        order = max(5, int(17 / np.log(2 / r**2)) + 1) if r < 1.2 else np.inf
        exactly = _first_parts(batch, x, weight, of)
        while order < min(_MOST, 0.8 * x.shape[1] * max(1, finer)):
            rule = gauss_rule(x, weight, order)
            if np.max(np.abs(_first_parts(batch, *rule, of) - exactly)) < 1e-8:
                return *rule, np.zeros((len(x), order))
            order += order // 2
        finer = finer if finer <= _FINER else 1
    if finer > 1:
        levels = batch.levels(spread, 1.0, (levels.log_level[:, 1] - levels.log_level[:, 0]).max() / finer)
    return _as_rule(levels.log_level, levels.weight)


def _first_parts(batch: Batch, log_level: np.ndarray, weight: np.ndarray, of: Shapes) -> np.ndarray:
    """The probability that each arm comes from the first part of the population, shape (tests, arms)."""
    parts = log_parts(batch.y[..., None], batch.n[..., None], log_level[:, None], of)
    return np.einsum("tn,tan->ta", weight, np.exp(parts[0] - log_sum(parts)))
