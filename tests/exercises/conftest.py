"""An exercise made up for the purpose, and a progress folder of one's own."""

from dataclasses import replace
from pathlib import Path

import pytest

from borrowing_strength.core import state
from borrowing_strength.exercises import engine
from borrowing_strength.exercises.records import Exercise, Mistake, Number


@pytest.fixture(autouse=True)
def fresh_tally(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(state.FOLDER_VARIABLE, str(tmp_path / "tally"))
    return tmp_path / "tally"


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Exercise:
    made_up = Exercise(
        id="97.1",
        title="How far is A pulled?",
        purpose="Read shrinkage as a share of a distance.",
        stub="pulled = ...",
        answer="pulled",
        solution="pulled = 0.77",
        why="The other rates supply <three quarters> of the estimate.",
        hints=("Between which two points?", "Divide by `grand_mean - rate`."),
        check=Number(lambda: 0.77, abs_tol=0.005),
        mistakes=(
            Mistake("pulled = 0.23", "That is the share A keeps.", value=lambda: 0.23),
            Mistake("pulled = 77", "A percentage: write 0.77-like fractions.", value=lambda: 77),
        ),
    )
    known = {"97.1": made_up, "97.2": replace(made_up, id="97.2", title="The second")}
    monkeypatch.setattr(engine, "load_exercises", lambda: known)
    return made_up
