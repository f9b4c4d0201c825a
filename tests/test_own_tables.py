"""A learner's own table, as people have them, and the cells of lessons 1 to 3 that rest on it."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest

import borrowing_strength as bs

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
ROWS = [("North 1", 3, 140), ("North 2", 10, 1520), ("South", 0, 96), ("East", 4, 118), ("West", 2, 75)]
HEADER = ("depot", "late", "parcels")


def table(rows=ROWS, separator=",", header=HEADER, cell=str):
    return "\n".join(separator.join(map(cell, row)) for row in (header, *rows)) + "\n"


def grouped(mark):
    return lambda cell: f'"{cell:,}"'.replace(",", mark) if isinstance(cell, int) else cell


# ----------------------------------------------------------------------------------------------- what is read


READ = {
    "commas": table(),
    "semicolons": table(separator=";"),
    "tabs": table(separator="\t"),
    "other names": table(header=("Lager", "spät", "Pakete")),
    "spaces around": table(separator=" , ", cell=lambda cell: f" {cell}  "),
    "quotes": table(cell=lambda cell: f'"{cell}"'),
    "empty lines": "\n" + table() + ",,\n\n,,\n",
    "empty cells at the end": table([(*row, "", "") for row in ROWS], header=(*HEADER, "", "")),
    "empty cells at the end of rows": table([(*row, "") for row in ROWS]),
    "a mark of the encoding": "\ufeff" + table(),
    "decimals that are none": table([(name, y, f"{n}.0") for name, y, n in ROWS]),
}


NAMED = dict(zip(("name", "successes", "trials"), HEADER, strict=True))


def holds_the_rows(read):
    pd.testing.assert_frame_equal(read, pd.DataFrame(ROWS, columns=list(NAMED)), check_dtype=False)


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_a_table_is_read(text: str, tmp_path: Path) -> None:
    holds_the_rows(bs.own_table(text))
    for encoding, line_end in (("utf-8", "\n"), ("utf-16", "\r\n"), ("utf-8-sig", "\r\n")):
        file = tmp_path / f"{encoding}.csv"
        file.write_bytes(text.replace("\n", line_end).encode(encoding))
        holds_the_rows(bs.own_table(file))
        holds_the_rows(bs.own_table(str(file)))


def test_a_file_in_western_europes_old_encoding_keeps_its_letters(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_bytes(table([("Zürich", 1, 20), ("Malmö", 2, 30)]).encode("cp1252"))
    assert bs.own_table(tmp_path / "old.csv")["name"].tolist() == ["Zürich", "Malmö"]


def test_a_data_frame_is_a_table() -> None:
    frame = pd.DataFrame(ROWS, columns=HEADER)
    holds_the_rows(bs.own_table(frame))
    holds_the_rows(bs.own_table(frame.set_index(pd.Index(list("vwxyz")))))
    holds_the_rows(bs.own_table(frame.assign(rate=frame["late"] / frame["parcels"]), **NAMED))
    days = frame.assign(parcels=[1.234, 0.5, 2, 3, 94.32])
    hours = bs.own_table(days, "name failures exposure", exposure="parcels")["exposure"]
    assert hours.tolist() == [1.234, 0.5, 2, 3, 94.32]


def test_columns_are_chosen_by_name_in_any_order() -> None:
    rows = [(n, f"{y / n:.0%}", name, y) for name, y, n in ROWS]
    holds_the_rows(bs.own_table(table(rows, header=("parcels", "rate", "depot", "late")), **NAMED))


# -------------------------------------------------------------------------------------------- what is refused


TOTAL = ("Total", sum(row[1] for row in ROWS), sum(row[2] for row in ROWS))
REFUSED = {
    r"row 6 of the table, 'Total', is the sum of the others": table([*ROWS, TOTAL]),
    r"row 1 of the table, 'All', is the sum of the others": table([("All", *TOTAL[1:]), *ROWS]),
    r"4 columns, 'depot', .*, 'rate': .* such as .*name='depot', successes='late', trials='parcels'\)": table(
        [(*row, f"{row[1] / row[2]:.0%}") for row in ROWS], header=(*HEADER, "rate")
    ),
    r"4 columns, '', 'depot', .*name='depot', successes='late', trials='parcels'\)": table(
        [(k, *row) for k, row in enumerate(ROWS)], header=("", *HEADER)
    ),
    r"6 columns, .* if its groups stand side by side, turn it": (
        "metric,A,B,C,D,E\nlate,3,10,0,4,2\nparcels,140,1520,96,118,75\n"
    ),
    r"late of 'North 1' is '2%': a percentage does not say of how many": table(
        [(name, f"{y / n:.0%}", n) for name, y, n in ROWS]
    ),
    r"parcels of 'North 2' is '1,520': write numbers without separators, 1520": table(cell=grouped(",")),
    r"parcels of 'North 2' is '1\.520': write numbers": table(separator=";", cell=grouped(".")),
    r"parcels of 'North 2' is '1 520': write numbers": table(cell=grouped(" ")),
    r"parcels of 'B' is '12,5': it must be a number, with a point": "a;late;parcels\nA;1;10\nB;1;12,5\n",
    r"parcels of 'B' is 'nan': it must be a finite number": "a,late,parcels\nA,1,10\nB,1,nan\n",
    r"late of 'B' is missing": "a,late,parcels\nA,1,10\nB,,12\n",
    r"row 2 of the table has no name": "a,late,parcels\nA,1,10\n,1,12\n",
    r"'A' stands in rows 1 and 3 of the table": "a,late,parcels\nA,1,10\nB,2,30\nA,1,12\n",
    r"row 1 of the table has 3 cells where its first line has 1": "My depots\n" + table(),
    r"1 row\(s\): .* at least two": table(ROWS[:1]),
    r"0 row\(s\)": table([]),
    r"source holds no table": "\n\n",
    r"there is no such file": "gone.csv",
}


@pytest.mark.parametrize(("sentence", "text"), REFUSED.items(), ids=REFUSED)
def test_a_table_is_refused_with_a_sentence(sentence: str, text: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        bs.own_table(text)


def test_a_workbook_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "counts.xlsx").write_bytes(b"PK\x03\x04" + bytes(50))
    with pytest.raises(ValueError, match=r"counts.xlsx', which is no text: save the table as CSV"):
        bs.own_table(tmp_path / "counts.xlsx")


@pytest.mark.parametrize(
    "columns", [{"trials": "gone"}, {"visits": "parcels"}, {"successes": "late", "trials": "late", "name": "depot"}]
)
def test_columns_that_are_not_there_or_are_taken_twice_are_refused(columns: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"needed are name, successes, trials, each one|taken for two things"):
        bs.own_table(table(), **columns)


# ------------------------------------------------------------------------------------- which column is what


def test_what_was_taken_for_what_is_said_unless_the_names_say_it(capsys: pytest.CaptureFixture[str]) -> None:
    bs.own_table(table())
    assert capsys.readouterr().out == "name from 'depot', successes from 'late', trials from 'parcels'\n"
    bs.own_table(table(header=tuple(NAMED)))
    assert not capsys.readouterr().out


SWAPPED = [(name, n, y) for name, y, n in ROWS]
CITIES = """city,version,visits,signups
Lyon,old,812,41
Lyon,new,798,55
Porto,old,120,3
Porto,new,131,9
"""


@pytest.mark.parametrize("wanted", ["name successes trials", "name failures exposure"])
def test_two_columns_in_the_other_order_are_refused_with_a_call_that_works(wanted: str) -> None:
    text = table(SWAPPED, header=("depot", "parcels", "late"))
    few, many = wanted.split()[1:]
    with pytest.raises(ValueError, match=f"'parcels' stands where {few} should") as refusal:
        bs.own_table(text, wanted)
    call = re.search(r"bs\.own_table\(.*\)", str(refusal.value)).group().replace("...", "text, wanted")
    found = eval(call, {"bs": bs, "text": text, "wanted": wanted})
    assert found[few].tolist() == [row[1] for row in ROWS]
    assert found[many].tolist() == [row[2] for row in ROWS]


def test_names_decide_before_places() -> None:
    holds_the_rows(bs.own_table(table(SWAPPED, header=("name", "trials", "successes"))))
    hours = bs.own_table("unit,hours,failures\nA,800,0\nB,900,2\n", "name failures exposure")
    assert hours["failures"].tolist() == [0, 2]
    assert hours["exposure"].tolist() == [800, 900]
    more = bs.own_table("unit,failures,years\nA,3,2\nB,4,1\n", "name failures exposure", exposure="years")
    assert more["failures"].tolist() == [3, 4]  # failures may exceed years; a share may not


def test_a_table_of_arms_leaves_bad_cells_to_the_model() -> None:
    wanted = "market arm successes trials"
    with pytest.raises(ValueError, match=r"market='city', arm='version', successes='signups', trials='visits'"):
        bs.own_table(CITIES, wanted)
    names = {"market": "city", "arm": "version", "successes": "signups", "trials": "visits"}
    found = bs.own_table(CITIES.replace("55", "many"), wanted, **names)
    assert found["successes"].tolist() == [41, "many", 3, 9]
    with pytest.raises(ValueError, match=r"treatment_successes\[0\] is 'many'"):
        bs.multilevel.fit(*bs.multilevel.columns_of(found, control="old", treatment="new"))
    with pytest.raises(ValueError, match="a percentage does not say of how many"):
        bs.own_table(CITIES.replace("55", "7%"), wanted, **names)


LIFTS = "name,lift_pct,se_pct\nbutton,4.1,1.9\nform,9.8,3.2\nchat,-0.4,0.7\n"


@pytest.mark.parametrize(
    "text", [LIFTS, LIFTS.replace("_pct", ""), "name,lift,se\na,0.4%,0.1%\nb,0.2%,0.1%\n", LIFTS.replace("4.1", "0.4")]
)
def test_percentages_are_asked_for(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = "test estimate standard_error"
    with pytest.raises(ValueError, match="is this in percent"):
        bs.own_table(text, wanted)
    found = bs.own_table(text, wanted, percent=True)
    assert capsys.readouterr().out.endswith("(percent)\n")
    if "%" not in text:
        pd.testing.assert_frame_equal(
            bs.own_table(text, wanted, percent=False).iloc[:, 1:] / 100, found.iloc[:, 1:], check_dtype=False
        )
    assert found["standard_error"].max() < 0.1


def test_counts_are_no_percentages() -> None:
    with pytest.raises(ValueError, match="'lift_pct' has the name of percentages, and successes must be counts"):
        bs.own_table(LIFTS)


# ------------------------------------------------------------------------------- the last cells of the lessons


def run_lesson(number: str, text: str, capsys: pytest.CaptureFixture[str], cells: int = 2) -> str:
    """The cells that begin with the learner's own table, with another table in its place."""
    (lesson,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
    code = [c.source for c in nbformat.read(lesson, as_version=4).cells if c.cell_type == "code"]
    start = next(i for i, source in enumerate(code) if "bs.own_table(" in source)
    words = {"np": np, "bs": bs, "plt": plt, "theirs": text}
    for source in code[start : start + cells]:
        exec(re.sub(r"(?<=bs\.own_table\()(pasted|table)\b", "theirs", source), words)
    plt.close("all")
    return capsys.readouterr().out


def test_lesson_1_on_another_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    said = run_lesson("01", table([("blue", 30, 100), ("red", 60, 100)], separator=";"), capsys)
    assert said.splitlines()[1] == "red is the one to ship: best with probability 100%."
    post = bs.beta_binomial.fit([30, 60], [100, 100])
    assert f"costs {1000 * post.expected_loss().min():.0f} clicks per 1,000 visitors" in said


def test_lesson_1_on_variants_of_which_one_was_never_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert "is the one to ship" in run_lesson("01", table([*ROWS, ("new", 0, 0)]), capsys)


def test_lesson_2_on_groups_that_do_not_differ(capsys: pytest.CaptureFixture[str]) -> None:
    said = run_lesson("02", table([(f"depot {k}", 20 + k % 3, 400) for k in range(8)]), capsys)
    assert "The 8 depots differ no more than luck would make them: one share of late parcels of 5.2%" in said


@pytest.mark.parametrize(
    ("rows", "words"), [(ROWS[:4], "at least five"), ([(f"d{k}", 0, 50) for k in range(6)], "no success")]
)
def test_lesson_2_says_what_it_needs(rows: list, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match=words):
        run_lesson("02", table(rows), capsys)


def test_lesson_3_on_other_records(capsys: pytest.CaptureFixture[str]) -> None:
    said = run_lesson("03", table(separator="\t"), capsys, cells=3)
    post = bs.redundancy.fit(*(np.array([row[k] for row in ROWS]) for k in (1, 2)))
    risk = bs.redundancy.k_of_n(1, 3, bs.redundancy.CommonCause(post.mission(1), 0.1))
    assert f"Of 3 installed at least 1 must work. The system fails once in {1 / risk:,.0f} missions" in said
