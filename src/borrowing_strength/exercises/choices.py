"""Answers that are letters: one option out of several, or things in an order."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np

from borrowing_strength.exercises.judge import Checker
from borrowing_strength.exercises.read_answer import Unreadable, describe, show_number

IS_IN = 'That is in option {0}: if you mean this one, answer `"{0}"`.'


@dataclass(frozen=True)
class Choice(Checker):
    """One option out of several; `wrong` says for every other letter what choosing it reveals."""

    options: Mapping[str, str]
    right: str
    wrong: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if any(letter != letter.casefold() for letter in self.options):
            raise ValueError(f"Choice needs its letters in lower case, got {sorted(self.options)}")
        others = sorted(set(self.options) - {self.right})
        if self.right not in self.options or others != sorted(self.wrong):
            raise ValueError(f"Choice needs a sentence for each wrong option: {others}, got {sorted(self.wrong)}")

    def examples(self) -> dict[str, str]:
        """Return wrong answers and what is said of them."""
        return {letter: self.wrong[letter] for letter in sorted(self.wrong)}

    def read(self, answer: Any) -> str:
        said = _joined(answer)
        meant = letters_meant(self.options, said[:300]) if isinstance(said, str) else []
        if len(meant) == 1:
            return meant[0]
        says = next(self.sentences()) if meant else self._told(said)
        raise Unreadable(says or f"Choose {self.letters()}, in quotes.", f"You passed {describe(answer)}.")

    def sentences(self) -> Iterator[str]:
        yield f"One option is asked for: choose {self.letters()}."
        yield from map(IS_IN.format, self.options)

    def _told(self, said: Any) -> str:
        """Name the only option that speaks of a number, a few words or a kind of object."""
        texts = [said[:300] if isinstance(said, str) else type(said).__name__]
        if isinstance(said, Real) and not isinstance(said, bool):
            texts = [show_number(said), f"{show_number(100 * said)}%", f"{show_number(said)}%"]
        found = {letter for text in texts for letter in letters_meant(self.options, text, words=1)}
        return IS_IN.format(found.pop()) if len(found) == 1 else ""

    def letters(self) -> str:
        """Name the options."""
        *most, last = (f'`"{letter}"`' for letter in self.options)
        return f"{', '.join(most)} or {last}"

    def accepts(self, read: str, exactly: bool = False) -> bool:
        return read == self.right

    def remark(self, read: str) -> str:
        return self.wrong[read]


def _joined(answer: Any) -> Any:
    """Letters (or digits) in a list, a tuple or an array as one text; anything else as it is."""
    items = answer.ravel()[:100].tolist() if isinstance(answer, np.ndarray) else answer
    good = isinstance(items, list | tuple) and all(isinstance(item, str | int) for item in items[:100])
    return " ".join(map(str, items[:100])) if good else answer


def letters_meant(options: Mapping[str, str], text: str, words: int = 3) -> list[str]:
    """List the options that a text stands for: by letter, by letter and reason, or by so many words of their own."""
    # 1. "b", "(B)", "option b"; "b and d", "bd"
    said = [word for word in _words(text).split() if word not in ("option", "answer", "and", "or")]
    if set("".join(said)) <= set(options):
        return sorted(set("".join(said)))
    # 2. "b) because ...", "b: ..."
    begun = re.match(r"\W*(?:option |answer )?(\w)\s*(?:[^\w\s']|because|since)", text.casefold())
    if begun and begun[1] in options:
        return [begun[1]]
    # 3. what an option says, to its end or its first pause; or some words of it in a row
    phrase, texts = _words(text), options.items()
    whole = [letter for letter, says in texts if phrase in (_words(says), _words(re.split(r"[,:;] ", says)[0]))]
    return whole or [letter for letter, says in texts if phrase in _words(says) and len(said) >= words]


def _words(text: str) -> str:
    return f" {' '.join(re.findall(r"\w+(?:[.']\w+)*%?", text.casefold()))} "


@dataclass(frozen=True)
class Order(Checker):
    """Things in the right order, such as ``"cabd"``; there may be others as good.

    `wrong` says what an order reveals: one in full, or a relation: ``"f before e"``, ``"a or d not last"``.
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
        if not isinstance(said := _joined(answer), str):
            such_as = f'Write the order as text, such as `"{min(self.right)}..."`.'
            raise Unreadable(such_as, f"You passed {describe(answer)}.")
        return re.sub(r"[^a-z0-9]", "", said[:200].casefold())

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
    if not (found := re.fullmatch(r"(\w(?: or \w)*) (?:(not )?(first|last)|(before|after) (\w))", relation)):
        raise ValueError(f"Order needs relations such as 'f before e' or 'b not last', got {relation!r}")
    items, negated, end, side, other = found[1].split(" or "), found[2], found[3], found[4], found[5]
    if end:
        return (order[0 if end == "first" else -1] in items) != bool(negated)
    return any((order.index(item) < order.index(other)) == (side == "before") for item in items)


def _common(first: str, second: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b), len(first))
