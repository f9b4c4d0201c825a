"""The page of the bench holds the rows that the bench measures. What it says about times is nobody's test."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks import __main__ as bench

    return bench


def test_the_page_has_the_rows_that_the_bench_measures(bench):
    names = [case.name for cases in bench.MODELS.values() for case in cases]
    assert len(set(names)) == len(names)
    assert list(bench.rows()) == names


def test_every_row_is_complete(bench):
    for name, row in bench.rows().items():
        assert len(row) == len(bench.COLUMNS), name
        empty = {column for column, cell in zip(bench.COLUMNS, row, strict=True) if not cell}
        peer, draws = set(bench.COLUMNS[9:12]), set(bench.COLUMNS[12:15])
        assert row[3] == "not yet" or empty in (set(), draws, peer | draws), name


def test_the_page_is_what_the_bench_would_write(bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """But for the line that names the machine."""
    page = bench.PAGE.read_text("utf-8").splitlines()
    known = bench.rows()
    monkeypatch.setattr(bench, "PAGE", tmp_path / "bench.md")
    bench.write(known)
    written = bench.PAGE.read_text("utf-8").splitlines()
    assert [line for line in written if not line.startswith("Last run:")] == [
        line for line in page if not line.startswith("Last run:")
    ]


def test_a_measured_row_replaces_its_own_and_no_other(bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys):
    known = bench.rows()
    monkeypatch.setattr(bench, "PAGE", tmp_path / "bench.md")
    bench.write(known)
    case = bench.MODELS["redundancy"][-1]
    new = [*case.name[:3], "1.23", "4", "5e-06", "a test", "7.00", "5.7", *[""] * 6, "2026-01-01"]
    monkeypatch.setattr(
        bench, "measured", lambda case: new if case.name == tuple(new[:3]) + ("",) else known[case.name]
    )
    monkeypatch.setattr(bench.sys, "argv", ["benchmarks", "redundancy"])
    bench.main()
    assert bench.rows() == known | {case.name: new}
    assert "5e-06" in capsys.readouterr().out


def test_a_model_that_the_bench_does_not_know_is_named(bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bench.sys, "argv", ["benchmarks", "weather"])
    with pytest.raises(SystemExit, match="weather is no model of the bench: beta_binomial"):
        bench.main()
