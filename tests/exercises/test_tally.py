"""What a learner has tried is kept, whatever happens to the files."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from borrowing_strength import exercises as bs
from borrowing_strength.exercises import tally
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
    tally._session.clear()
    assert "1 of 2" in repr(bs.progress())
    assert bs.check("97.1", 0.77).kind == "right"
    assert "2 of 2" in repr(bs.progress())


def test_without_a_folder_only_progress_notices(
    example: Exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("a file where the folder should be", encoding="utf-8")
    monkeypatch.setenv(tally.FOLDER_VARIABLE, str(tmp_path / "file"))
    assert bs.check("97.1", 0.77).kind == "right"
    assert [example.hints[i] in repr(bs.hint("97.1")) for i in range(2)] == [True, True]
    assert "1 of 2" in repr(bs.progress())
    assert "for this session only" in repr(bs.progress())


def test_nothing_is_written_but_one_file_an_exercise(example: Exercise, fresh_tally: Path) -> None:
    for answer in (0.5, 0.77):
        bs.check("97.1", answer)
    bs.progress()
    assert [path.name for path in fresh_tally.iterdir()] == ["exercise-97.1.json"]
    assert json.loads((fresh_tally / "exercise-97.1.json").read_text()) == {
        "tries": 2,
        "hints": 0,
        "right": 1,
    }


def test_two_notebooks_at_work_do_not_lose_each_others_exercises(fresh_tally: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: tally.add(f"97.{i % 8}", tries=1), range(80)))
    tally._session.clear()
    assert all(tally.read(f"97.{i}").tries > 0 for i in range(8))
