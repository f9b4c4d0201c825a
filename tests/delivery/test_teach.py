"""The instructor's pages: complete for every lesson, and no quiz with two right answers."""

import math
import re
from pathlib import Path

import pytest
import timetables

import notebooks
import rules
import teach

ROOT = notebooks.ROOT

HEADINGS = [
    "Aim",
    "Before the lesson",
    "Open with",
    "On the board",
    "Where people get stuck",
    "What wrong answers mean",
    "To discuss",
    "Exit quiz",
]
LESSONS = [path.stem for path in notebooks.lessons()]
OPTION = re.compile(r"^- \[([ x])\] (.+)\n  \*(.+)\*$", re.MULTILINE)


def page(lesson: str) -> str:
    return (ROOT / "docs" / "teach" / f"{lesson}.md").read_text("utf-8")


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_lesson_has_a_page_with_all_its_parts(lesson: str) -> None:
    text = page(lesson)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    assert f"<!-- wrong answers of lesson {lesson[:2]} -->\n" in text
    assert f"{notebooks.site(notebooks.repository())}/teach/{lesson}.html#what-wrong-answers-mean" in text
    assert all(part.strip() for part in re.split(r"^## .+$", text, flags=re.MULTILINE)[1:])


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_quiz_has_five_questions_with_one_right_option_and_a_reason_for_each(lesson: str) -> None:
    quiz = page(lesson).split("## Exit quiz")[1]
    questions = re.split(r"^### ", quiz, flags=re.MULTILINE)[1:]
    assert [question.split(".")[0] for question in questions] == list("12345")
    for question in questions:
        options = OPTION.findall(question)
        assert len(options) == question.count("- [") >= 3, question
        assert [mark for mark, _, _ in options].count("x") == 1, question


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_right_option_is_not_always_in_the_same_place(lesson: str) -> None:
    quiz = page(lesson).split("## Exit quiz")[1]
    places = [re.findall(r"^- \[([ x])\]", part, re.MULTILINE).index("x") for part in quiz.split("### ")[1:]]
    assert len(set(places)) > 1


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_page_names_only_sections_and_exercises_that_exist(lesson: str) -> None:
    text, known = page(lesson), notebooks.load(ROOT / "notebooks" / f"{lesson}.ipynb")
    exercises = {cell.metadata.exercise for _, cell in known.code if "exercise" in cell.metadata}
    own = f"{int(lesson[:2])}."
    named = {name for name in re.findall(r"[Ee]xercise (\d\.\d+)", text) if name.startswith(own)}
    assert named <= exercises
    letters = {letter for cell in known.nb.cells for letter in re.findall(r"^## ([A-Z])\. ", cell.source, re.MULTILINE)}
    assert set(re.findall(r"[Ss]ection ([A-Z])\b", text.split("## Exit quiz")[0])) - letters <= set("")


def test_a_timetable_adds_up_the_minutes_of_the_lessons() -> None:
    due = timetables.sections("01_beta_binomial_shrinkage")
    rows = timetables.timetable("9:50", ["10 | Welcome | hands up", "lesson 1 A-B | skip 1.2"])
    assert rows[2] == "| 9:50 | 10 | Welcome | hands up |"
    both = 5 * math.ceil((due["A"] + due["B"]) * 60 / 50 / 5)  # ten minutes of slack an hour, in fives
    assert rows[3] == f"| 10:00 | {both} | [Lesson 1](01_beta_binomial_shrinkage.md), sections A to B | skip 1.2 |"
    assert rows[4].startswith(f"| 10:{both:02} |")


def test_a_timetable_leaves_time_for_data_of_their_own() -> None:
    (reading, *_), (theirs, *_) = (
        [row.split(" | ")[1] for row in timetables.timetable("9:00", [f"lesson 1 K-K{more} |"])[2:]]
        for more in ("", " +5")
    )
    assert int(theirs) == int(reading) + 5


def test_the_timetables_are_those_that_the_lessons_make() -> None:
    """`make notebooks` writes them."""
    text = timetables.PAGE.read_text("utf-8")
    assert timetables.written(text) == text
    assert text.count("| Time | Minutes |") == text.count("<!-- timetable") == 5


def test_three_days_have_room_for_every_section_and_for_the_end_of_the_course() -> None:
    days = timetables.PAGE.read_text("utf-8").partition("## Two days")[2]
    planned = re.findall(r"^lesson (\d)(?: ([A-Z])-([A-Z]))?", days, re.MULTILINE)
    for lesson in LESSONS:
        held = {
            letter
            for number, first, last in planned
            for letter in timetables.sections(lesson)
            if number == lesson[1] and (not first or first <= letter <= last)
        }
        assert held == set(timetables.sections(lesson)), lesson
    assert ("0", "", "") in planned
    last = notebooks.load(ROOT / "notebooks" / f"{LESSONS[5]}.ipynb").nb.cells[0].source
    assert "the course in seven questions" in last
    assert "The course in seven questions" in days


def test_an_old_table_is_replaced() -> None:
    old = "A\n\n<!-- timetable 9:00\n10 | Hello |\n-->\n| old |\n\nB\n"
    new = timetables.written(old)
    assert "| 9:00 | 10 | Hello |  |\n| 9:10 | | End | |\n\nB\n" in new
    assert "old" not in new
    assert timetables.written(new) == new


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "teach").glob("*.md")), ids=lambda path: path.stem)
def test_a_page_reads_well_on_github(path: Path) -> None:
    """It has no directive, which GitHub shows as code, and its links lead somewhere there."""
    text = path.read_text("utf-8")
    assert not re.findall(r"^(?:```|:::+) *\{.*", text, re.MULTILINE)
    assert not re.findall(r"\{[a-z-]+\}`", text)
    assert list(rules.broken_links(text, path.parent)) == []


def test_the_contents_list_every_page() -> None:
    listed = re.findall(r"^- \[[^]]+\]\((\w+)\.md\)", page("index"), re.MULTILINE)
    assert sorted(listed) == sorted(
        path.stem for path in (ROOT / "docs" / "teach").glob("*.md") if path.stem != "index"
    )


def test_a_timetable_refuses_a_section_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="lesson 1 has no section Z"):
        timetables.timetable("9:00", ["lesson 1 A-Z | all"])


def test_wrong_answers_of_a_choice_show_the_options_words() -> None:
    exercise = next(e for e in teach.load_exercises().values() if isinstance(e.check, teach.Choice))
    written = "\n".join(teach.wrong_answers(exercise))
    assert all(exercise.check.options[letter] in written for letter in exercise.check.wrong)


def test_no_page_speaks_of_this_machine() -> None:
    pages = sorted(Path(ROOT / "docs" / "teach").glob("*.md"))
    assert len(pages) > len(LESSONS)
    assert not [path.name for path in pages if "/tmp" in path.read_text("utf-8")]
