"""What is tried in the place of every exercise while nbval runs a lesson (see the `conftest.py` of the project).

nbval runs the stub. Then, in the same kernel: the solution, every listed mistake, the solution again. The first
solution meets only what an honest reader has run before it. Then all that the answers made is taken away, and every
variable of the lesson that a right answer may change is spoilt, before nbval goes on: the lesson's own cells must give
what is stored.
"""

from dataclasses import dataclass

import rebinding
from jupyter_client import BlockingKernelClient
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

from borrowing_strength.course.check import read_kind
from borrowing_strength.exercises.records import Exercise

SHOWN = ("stream", "display_data", "execute_result", "error")
SECONDS = 300
APART = """import os as _os

_os.environ["BORROWING_STRENGTH_STATE"] = _os.path.join(_os.environ["BORROWING_STRENGTH_STATE"], str(_os.getpid()))
"""


@dataclass(frozen=True)
class Outcome:
    """What a cell said: the kind of feedback (or "error", "silent") and the text."""

    kind: str
    text: str


@dataclass(frozen=True)
class Trial:
    """Everything that was tried in the place of one exercise."""

    stub: Outcome
    solution: Outcome
    mistakes: tuple[Outcome, ...]


def run(kernel: BlockingKernelClient, source: str) -> list[NotebookNode]:
    """Run code in a kernel, and return what it shows."""
    shown = []

    def keep(message: dict) -> None:
        if message["msg_type"] in SHOWN:
            shown.append(output_from_msg(message))

    kernel.execute_interactive(
        source, store_history=False, allow_stdin=False, stop_on_error=False, output_hook=keep, timeout=SECONDS
    )
    return shown


def prepare(kernel: BlockingKernelClient) -> None:
    """Teach a kernel to spoil variables, and let it keep its progress apart: before the first exercise."""
    _quietly(kernel, f"if '_kept' not in globals():\n    _kept = {{}}\n{_indented(APART + rebinding.SPOIL)}")
    _quietly(kernel, "_back = restore(globals(), _kept)")


def attempt(kernel: BlockingKernelClient, record: Exercise, stub: list[NotebookNode], above: list[str]) -> Trial:
    """Try everything in the place of an exercise whose stub has just run, and leave the kernel as the stub did."""

    def tried(answer: str) -> Outcome:
        return outcome(run(kernel, record.cell(answer)), record.id)

    _quietly(kernel, "_names = set(globals())")
    solution = tried(record.solution)
    mistakes = tuple(tried(mistake.code) for mistake in record.listed_mistakes)
    again = tried(record.solution)
    names = sorted(rebinding.touched(rebinding.answers(record), above))
    _quietly(kernel, "for _name in set(globals()) - _names - {'_names'}:\n    del globals()[_name]")
    run(kernel, record.stub)
    _quietly(kernel, f"spoil(_back.union({names}), globals(), _kept)")
    return Trial(outcome(stub, record.id), again if solution.kind == "right" else solution, mistakes)


def outcome(shown: list[NotebookNode], exercise_id: str) -> Outcome:
    """What a cell said of an exercise."""
    for output in shown:
        if output.output_type == "error":
            return Outcome("error", f"{output.ename}: {output.evalue}")
    for output in shown:
        text = output.get("data", {}).get("text/plain", "")
        found = read_kind(text)
        if found is not None and found[0] == exercise_id:
            return Outcome(found[1], text)
    return Outcome("silent", str(shown))


def broken(record: Exercise, trial: Trial) -> list[str]:
    """What an exercise promises and does not keep."""
    complaints = []
    if trial.stub.kind != "not tried" or "\n" in trial.stub.text:
        complaints.append(f"the untouched stub is {trial.stub}")
    if trial.solution.kind != "right":
        complaints.append(f"the solution is {trial.solution}")
    for mistake, said in zip(record.listed_mistakes, trial.mistakes, strict=True):
        if said.kind != "not yet" or mistake.says not in said.text:
            complaints.append(f"the mistake {mistake.code!r} is {said}")
    if len({mistake.says for mistake in record.listed_mistakes}) < len(record.listed_mistakes):
        complaints.append("two mistakes share a diagnosis")
    return complaints


def _quietly(kernel: BlockingKernelClient, source: str) -> None:
    if shown := run(kernel, source):
        raise RuntimeError(f"{source.splitlines()[-1]!r} showed {shown}")


def _indented(source: str) -> str:
    return "".join(f"    {line}" for line in source.splitlines(keepends=True))
