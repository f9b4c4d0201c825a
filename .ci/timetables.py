"""The timetables of docs/teach: `make notebooks` adds the minutes of the lessons up, and writes the tables.

Above each table a comment holds its start and its rows. A row is `15 | Break` or `lesson 1 A-D | What to skip`:
minutes, or a lesson with or without its sections, whose minutes come from the lesson, with ten minutes of slack an hour
and rounded up to five. `lesson 1 K-K +5` adds five for what the lesson cannot know, such as people's own data.
"""

import math
import re

import minutes

import notebooks

PAGE = notebooks.ROOT / "docs" / "teach" / "timetables.md"
SLACK = 60 / 50  # ten minutes an hour for questions
_PLAN = re.compile(r"(<!-- timetable (\S+)\n(.+?)\n-->\n)\n?(?:\|[^\n]*\n)*\n*", re.DOTALL)


def written(page: str) -> str:
    """Return the page with its tables as the lessons make them."""
    return _PLAN.sub(lambda plan: "\n".join([plan[1], *timetable(plan[2], plan[3].splitlines()), "", ""]), page)


def write() -> None:
    PAGE.write_text(written(PAGE.read_text("utf-8")), encoding="utf-8", newline="\n")


def timetable(start: str, rows: list[str]) -> list[str]:
    """Write the table: time, minutes, what, remarks."""
    hour, minute = map(int, start.split(":"))
    now = 60 * hour + minute
    lines = ["| Time | Minutes | What | Remarks |", "|---|---|---|---|"]
    for row in rows:
        head, _, remark = (part.strip() for part in row.partition("|"))
        lesson = re.fullmatch(r"lesson (\d)(?: ([A-Z])-([A-Z]))?(?: \+(\d+))?", head)
        if lesson:
            due, what = chapter(*lesson.groups()[:3])
            length = 5 * math.ceil((due * SLACK + int(lesson[4] or 0)) / 5)
        else:
            length, (what, _, remark) = int(head), remark.partition("|")
        lines.append(f"| {now // 60}:{now % 60:02} | {length} | {what.strip()} | {remark.strip()} |")
        now += length
    return [*lines, f"| {now // 60}:{now % 60:02} | | End | |"]


def chapter(number: str, first: str | None, last: str | None) -> tuple[int, str]:
    """Return the minutes of a lesson or of a stretch of it, and a link to the page about it."""
    (path,) = [path for path in notebooks.lessons() if path.name.startswith(number.zfill(2))]
    link = f"[Lesson {number}]({path.stem}.md)"
    if first is None:
        return notebooks.load(path).nb.metadata.borrowing_strength.minutes, link
    due = sections(path.stem)
    missing = {first, last} - set(due)
    if missing:
        raise ValueError(f"lesson {number} has no section {', '.join(sorted(missing))}")
    chosen = [letter for letter in due if first <= letter <= last]
    name = f"section {first}" if first == last else f"sections {first} to {last}"
    return sum(due[letter] for letter in chosen), f"{link}, {name}"


def sections(lesson: str) -> dict[str, int]:
    """Return the minutes of each lettered section, the upper end of what the lesson's opening table states."""
    opening = notebooks.load(notebooks.ROOT / "notebooks" / f"{lesson}.ipynb").nb.cells[0].source
    return {row[3]: int(row[4].split()[-1]) for row in minutes.ROW.finditer(opening) if row[3]}
