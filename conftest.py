"""Lessons and tests start from nothing: no answers given before, no settings of the person who runs them.

And what an exercise promises (the solution is right, each mistake is told so) is tried where nbval runs its cell.
"""

import os
import tempfile
from collections.abc import Generator

import pytest
from nbval.plugin import IPyNbCell


def pytest_configure(config: pytest.Config) -> None:
    scratch = tempfile.TemporaryDirectory()
    config.add_cleanup(scratch.cleanup)
    os.environ["BORROWING_STRENGTH_STATE"] = scratch.name
    os.environ["BORROWING_STRENGTH_QUIET"] = "1"
    os.environ["IPYTHONDIR"] = scratch.name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """After the stub of an exercise, everything that may stand in its place (see `tests/shared/promises.py`)."""
    if not (isinstance(item, IPyNbCell) and "exercise" in item.cell.metadata):
        return (yield)
    import promises

    from borrowing_strength.exercises.records import load_exercises

    kernel, record = item.parent.kernel.kc, load_exercises()[item.cell.metadata["exercise"]]
    promises.prepare(kernel)
    result = yield
    cells = item.parent.nb.cells
    above = cells[: next(i for i, cell in enumerate(cells) if cell is item.cell)]
    code = [cell.source for cell in above if cell.cell_type == "code" and "exercise" not in cell.metadata]
    trial = promises.attempt(kernel, record, item.test_outputs, code)
    if complaints := promises.broken(record, trial):
        item.raise_cell_error("\n".join(complaints))
    return result
