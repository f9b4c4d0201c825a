"""What a learner has tried is kept, whatever happens to the files."""

import json
from pathlib import Path

import pytest

from borrowing_strength import exercises as bs
from borrowing_strength.core import state
from borrowing_strength.exercises.records import Exercise


@pytest.mark.parametrize(
    "damage",
    [
        *("", "{", "null", "[]", '"x"', "[" * 100_000, "\ud800", '{"tries": 1}'),
        '{"tries": -1, "hints": 0, "right": 0}',
        '{"tries": "1", "hints": 0, "right": true}',
    ],
    ids=range(10),
)
def test_damage_to_a_file_costs_one_exercise(example: Exercise, fresh_tally: Path, damage: str) -> None:
    bs.check("97.1", 0.77)
    bs.check("97.2", 0.77)
    (fresh_tally / "exercise-97.1.json").write_text(damage, encoding="utf-8", errors="surrogatepass")
    state._session.clear()
    said = repr(bs.progress())
    (aside,) = fresh_tally.glob("exercise-97.1.json.damaged-*")
    assert "1 of 2" in said
    assert f"It is set aside as `{aside}`." in said
    assert aside.read_text(encoding="utf-8", errors="surrogatepass") == damage
    assert bs.check("97.1", 0.77).kind == "right"
    assert "2 of 2" in repr(bs.progress())


def test_without_a_folder_only_progress_notices(
    example: Exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("a file where the folder should be", encoding="utf-8")
    monkeypatch.setenv(state.FOLDER_VARIABLE, str(tmp_path / "file"))
    said = bs.check("97.1", 0.77)
    assert said.kind == "right"
    assert "could not be kept on disk (" in repr(said)
    assert [example.hints[i] in repr(bs.hint("97.1")) for i in range(2)] == [True, True]
    assert "1 of 2" in repr(bs.progress())
    assert "for this session only" in repr(bs.progress())


def test_nothing_is_written_but_one_file_an_exercise(example: Exercise, fresh_tally: Path) -> None:
    for answer in (0.5, 0.77):
        bs.check("97.1", answer)
    bs.progress()
    assert {path.name for path in fresh_tally.iterdir()} == {"exercise-97.1.json", ".lock"}
    assert json.loads((fresh_tally / "exercise-97.1.json").read_text()) == {
        "tries": 2,
        "hints": 0,
        "right": 1,
    }
