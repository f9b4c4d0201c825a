"""Judge an answer: the order of the questions, the same for every kind of answer."""

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np

from borrowing_strength.exercises import read_answer, time_limit
from borrowing_strength.exercises.read_answer import Unreadable, describe

EXACT = 1e-9  # so near (relatively) to a wrong answer it is that one, even inside the tolerance of the right one
NEAR = 0.005  # so near a known mistake is named, whatever the tolerance of the exercise
ENDLESS = "Does a loop not end, or does it use far more data than it was given?"
once = functools.cache(lambda thunk: thunk())  # calls a record's function once, and remembers what it returned


@dataclass(frozen=True)
class Verdict:
    """What a check found: what it says (nothing that the learner passed), what it received, and what was printed."""

    kind: Literal["not tried", "right", "not yet"]
    says: str = ""
    received: str = ""
    printed: str = ""


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that many people give, what to tell them, and how to know it: by its value, or by a test `when`.

    The code makes the mistake if it stands in the place of the stub; what a check finds by a rule has none.
    """

    code: str
    says: str
    value: Callable[[], Any] | None = None
    when: Callable[[Any], bool] | None = None


class NotTried(Exception):
    """Found only while reading: the answer still has a gap; the message says where."""


class Checker:
    """What all kinds of answer share: the order of judgement, the time limit, the refusal to raise."""

    slack: ClassVar[int] = 1  # times the usual limit for comparing, where that takes us longer than reading the answer

    def expecting(self, solution: Callable[[], Any]) -> "Checker":
        """Take the solution's value as the right one, unless the check has its own."""
        taken = {"expected": solution, "numbers": getattr(solution, "numbers", {})}
        return replace(self, **{name: value for name, value in taken.items() if not getattr(self, name, True)})

    def sentences(self) -> Iterator[str]:
        """List all diagnoses that the check gives by rules of its own."""
        return iter(())

    def prepare(self) -> None:
        """Compute what the answer is compared with, so that it does not count as the learner's time."""
        if hasattr(self, "expected"):
            once(self.expected)

    def read(self, answer: Any) -> Any:
        """Turn the answer into what the other questions need, or raise `Unreadable` or `NotTried`."""
        raise NotImplementedError

    def accepts(self, read: Any, exactly: bool = False) -> bool:
        """Tell whether the answer is right, as nearly as the exercise asks, or to the last digits."""
        raise NotImplementedError

    def distance(self, read: Any, wrong: Any) -> float:
        """Tell how far the answer is from a wrong one, relatively."""
        return 0.0 if read == wrong else float("inf")

    def slips(self, read: Any) -> Iterator[tuple[float, str]]:
        """List slips that fit, found by a rule: how nearly, and what to say."""
        return iter(())

    def received(self, read: Any) -> str:
        """Say what was received."""
        return ""

    def remark(self, read: Any) -> str:
        """Say what can be said of an answer that is neither right nor known."""
        raise NotImplementedError

    def judge(self, answer: Any, mistakes: Sequence[Mistake] = (), seconds: float = time_limit.SECONDS) -> Verdict:
        """Judge an answer, given the exercise's mistakes. Never raises, never takes much longer than `seconds`."""
        try:
            self.prepare()
            values = [(once(mistake.value), mistake.says) for mistake in mistakes if mistake.value is not None]
        except Exception as error:
            reason = f"The check could not work out the answer itself ({type(error).__name__}: {error})."
            return Verdict("not yet", f"{reason} That is a fault of the course, not yours: please report it.")
        # A test in NumPy cannot be stopped: it gets no array that could take it for ever.
        small = not issubclass(type(answer), np.ndarray) or answer.size <= read_answer.MAX_ITEMS
        tests = [(mistake.when, mistake.says) for mistake in mistakes if mistake.when is not None and small]
        screen = time_limit.Printed()
        try:
            verdict = read = time_limit.run(lambda: self._read(answer, tests), seconds, screen)
            if not isinstance(read, Verdict):
                seconds *= self.slack
                verdict = time_limit.run(lambda: self._verdict(read, answer, values, tests), seconds, screen)
        except time_limit.TimeExpired:
            verdict = Verdict("not yet", f"Stopped: it takes more than {seconds:g} seconds. {ENDLESS}")
        except BaseException as error:
            verdict = Verdict("not yet", f"Reading your answer, {describe(answer)}, ended in `{type(error).__name__}`.")
        return replace(verdict, printed=screen.text + ("..." if screen.lost else ""))

    def _read(self, answer: Any, tests: list[tuple[Callable, str]]) -> Any:
        # 1. Is it an answer?
        if read_answer.has_gap(answer):
            return Verdict("not tried")
        try:
            return self.read(answer)
        except NotTried as gaps:
            return Verdict("not tried", str(gaps))
        except Unreadable as reason:
            return Verdict("not yet", _first_that_holds(tests, answer) or reason.says, reason.received)

    def _verdict(self, read: Any, answer: Any, values: list[tuple], tests: list[tuple[Callable, str]]) -> Verdict:
        # 2. Is it right? Not if it is exactly a wrong one. Of those equally near a listed one counts before a general.
        if self.accepts(read, exactly=True):
            return Verdict("right")
        found = [(max(self._distance(read, wrong), EXACT), 0, says) for wrong, says in values]
        found += [(max(off, EXACT), 1, says) for off, says in self.slips(read)]
        off, general, named = min(found, key=lambda item: item[:2], default=(float("inf"), 1, ""))
        if self.accepts(read) and off > EXACT:
            return Verdict("right")
        # 3. Which of the wrong ones is it? One with a test of its own comes before those that are only near.
        if off > EXACT or general:
            named = _first_that_holds(tests, answer) or (named if off <= NEAR else self.remark(read))
        return Verdict("not yet", named, self.received(read))

    def _distance(self, read: Any, wrong: Any) -> float:
        with contextlib.suppress(Exception):  # a strange answer that cannot be compared is not this mistake
            return self.distance(read, wrong)
        return float("inf")


def _first_that_holds(tests: list[tuple[Callable[[Any], bool], str]], answer: Any) -> str:
    for test, says in tests:
        with contextlib.suppress(Exception):  # a test that fails on a strange answer has not recognised it
            if test(answer):
                return says
    return ""
