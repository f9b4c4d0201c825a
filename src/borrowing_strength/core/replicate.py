"""Do something many times, here or in the workers of an executor: where makes no difference to the answers."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, as_completed
from typing import Any

import numpy as np

_TASKS = 1000  # at most, into which the replications are divided: enough for many workers, few enough to send


def replicate(task: Callable[[Any], Any], inputs: Sequence[Any], executor: Executor | None = None) -> list[Any]:
    """``[task(x) for x in inputs]``, with a bar for those who wait longer than three seconds.

    An error of the task carries a note that says in which replication it arose. RuntimeError if a worker dies. What
    has not begun when this is interrupted never begins.
    """
    from tqdm.auto import tqdm

    if executor is not None and not isinstance(executor, Executor):
        raise ValueError(f"executor is {executor!r}: it must be a concurrent.futures.Executor")
    found: dict[int, Any] = {}
    parts = [part.tolist() for part in np.array_split(np.arange(len(inputs)), min(_TASKS, len(inputs)))]
    with tqdm(total=len(inputs), delay=3, disable="BORROWING_STRENGTH_QUIET" in os.environ) as bar:
        if executor is None:
            for part in parts:
                found |= _some(task, {r: inputs[r] for r in part})
                bar.update(len(part))
            return [found[r] for r in range(len(inputs))]
        futures = {executor.submit(_some, task, {r: inputs[r] for r in part}): part for part in parts}
        try:
            for future in as_completed(futures):
                found |= future.result()
                bar.update(len(futures[future]))
        except BrokenExecutor:
            left = [r for r in range(len(inputs)) if r not in found]
            without = f"some of the replications {left[0]} to {left[-1]} have no answer"
            raise RuntimeError(f"a worker died: {without}") from None
        finally:
            for future in futures:
                future.cancel()
    return [found[r] for r in range(len(inputs))]


def _some(task: Callable[[Any], Any], inputs: dict[int, Any]) -> dict[int, Any]:
    """What one worker is sent at a time."""
    found = {}
    for r, x in inputs.items():
        try:
            found[r] = task(x)
        except Exception as error:
            error.add_note(f"in replication {r}")
            raise
    return found
