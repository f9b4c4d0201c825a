"""Answers that are letters: one option out of several, or things in an order."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from borrowing_strength.exercises.judge import Checker
from borrowing_strength.exercises.read_answer import Unreadable, describe


@dataclass(frozen=True)
class Choice(Checker):
    """One option out of several; `wrong` says for every other letter what choosing it reveals."""

    options: Mapping[str, str]
    right: str
    wrong: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if any(letter != letter.casefold() for letter in self.options):
            raise ValueError(f"Choice needs its letters in lower case, got {sorted(self.options)}")
        others = set(self.options) - {self.right}
        if self.right not in self.options or others != set(self.wrong):
            wanted = f"Choice needs a sentence for each wrong option: {sorted(others)}"
            raise ValueError(f"{wanted}, got {sorted(self.wrong)}")

    def examples(self) -> dict[str, str]:
        """Return wrong answers and what is said of them."""
        return {letter: self.wrong[letter] for letter in sorted(self.wrong)}

    def read(self, answer: Any) -> str:
        if not isinstance(answer, str):
            raise Unreadable(f"Choose {self.letters()}, in quotes.", f"You passed {describe(answer)}.")
        letter = re.sub(r"[\s().:]", "", answer[:40]).casefold()
        if letter in self.options:
            return letter
        raise Unreadable(f"Choose {self.letters()}.", f"You passed {describe(answer)}.")

    def letters(self) -> str:
        """Name the options."""
        *most, last = (f'`"{letter}"`' for letter in self.options)
        return f"{', '.join(most)} or {last}"

    def accepts(self, read: str, exactly: bool = False) -> bool:
        return read == self.right

    def remark(self, read: str) -> str:
        return self.wrong[read]


@dataclass(frozen=True)
class Order(Checker):
    """Things in the right order, such as ``"cabd"``; there may be others as good.

    `wrong` says what an order reveals: one in full, or a relation such as ``"f before e"``, ``"a or d first"``,
    ``"b not last"``. The first that fits is told.
    """

    right: str
    also: Sequence[str] = ()
    wrong: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not re.fullmatch("[a-z0-9]+", self.right):
            raise ValueError(f"Order needs small letters or digits, got {self.right!r}")
        for order in (*self.also, *(text for text in self.wrong if " " not in text)):
            if sorted(order) != sorted(self.right):
                raise ValueError(f"Order {order!r} does not hold the same items as {self.right!r}")
        for text in self.wrong:
            if any(holds_in(text, order) for order in (self.right, *self.also)):
                raise ValueError(f"Order needs wrong relations, and {text!r} holds in a right order")

    def examples(self) -> dict[str, str]:
        """Return a wrong order for each sentence, as near to the right one as can be."""
        orders = sorted(map("".join, itertools.permutations(self.right)), key=lambda order: -_common(order, self.right))
        return {next(order for order in orders if self._told(order) == text): says for text, says in self.wrong.items()}

    def _told(self, order: str) -> str | None:
        return next((text for text in self.wrong if holds_in(text, order)), None)

    def sentences(self) -> Iterator[str]:
        yield f"Each of {', '.join(sorted(self.right))} is needed exactly once."

    def read(self, answer: Any) -> str:
        if isinstance(answer, np.ndarray):
            answer = answer.ravel()[:100].tolist()
        if isinstance(answer, list | tuple):
            answer = "".join(str(item) for item in answer[:100] if isinstance(item, str | int))
        if not isinstance(answer, str):
            such_as = f'Write the order as text, such as `"{min(self.right)}..."`.'
            raise Unreadable(such_as, f"You passed {describe(answer)}.")
        return re.sub(r"[^a-z0-9]", "", answer[:200].casefold())

    def accepts(self, read: str, exactly: bool = False) -> bool:
        return read == self.right or read in self.also

    def remark(self, read: str) -> str:
        if sorted(read) != sorted(self.right):
            return next(self.sentences())
        if told := self._told(read):
            return self.wrong[told]
        good = max(_common(read, order) for order in (self.right, *self.also))
        if good == 0:
            return f"`{read[0]}` cannot come first."
        return f"Right up to `{read[good - 1]}`; `{read[good]}` cannot come next."


def holds_in(relation: str, order: str) -> bool:
    """Tell whether an order is the one named, or has a relation such as ``"a or d before c"`` or ``"b not last"``."""
    if " " not in relation:
        return order == relation
    found = re.fullmatch(r"(\w(?: or \w)*) (?:(not )?(first|last)|(before|after) (\w))", relation)
    if found is None:
        raise ValueError(f"Order needs relations such as 'f before e' or 'b not last', got {relation!r}")
    items, negated, end, side, other = found[1].split(" or "), found[2], found[3], found[4], found[5]
    if end:
        return (order[0 if end == "first" else -1] in items) != bool(negated)
    return any((order.index(item) < order.index(other)) == (side == "before") for item in items)


def _common(first: str, second: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b), len(first))
