"""Begin a new lesson: `make lesson NAME=hazards QUESTION="When will the next one fail?"`.

It writes the folder of the topic (an exercise, a prediction, a figure, a slider), the notebook (executed), the tests,
the answers that people give, the instructor's page, and the lesson's row in the tables, and enters figure and slider in
`plots` and `widgets`. All of it passes the checks as it is; every part is then replaced by the real one.
"""

import keyword
import os
import re
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import notebooks

TOPIC = '''"""Lesson {number}: {title}. Say here which model it is, in one formula."""
'''

EXERCISES = '''"""Exercises of lesson {number}, {title}."""

from borrowing_strength.exercises.records import Number, exercise

EXERCISES = (
    exercise(
        "{key}.1 Name what is asked",
        purpose="Say which idea the exercise trains.",
        solution="share = 3 / 12",
        check=Number(abs_tol=0.005),
        mistakes={{"12 / 3": "Turned over: the part comes first, then the whole."}},
        neighbours={{"the number of those that failed": "3"}},
        hints=["What is the part, and what is the whole?", "Divide the failures by all that were tried."],
        why="A share is a part of a whole.",
    ),
)
'''

PREDICTIONS = '''"""Predictions of lesson {number}, {title}."""

from borrowing_strength.predictions import numbers

PREDICTIONS = [
    numbers("{key}.a", "%", why="The most probable number of failures is still not a probable one."),
]
'''

FIGURES = '''"""The figures of lesson {number}."""

import numpy as np
from matplotlib.axes import Axes
from scipy.stats import binom

from borrowing_strength.core.figure import figure
from borrowing_strength.core.inputs import fraction, whole_number
from borrowing_strength.core.style import COMPLETE_POOLING


@figure(share=fraction, n=whole_number)
def {name}_counts(share: float, n: int, ax: Axes | None = None, title: str = "") -> None:
    """The probability of each number of failures among `n`, if each fails with probability `share`."""
    counts = np.arange(n + 1)
    ax.bar(counts, binom.pmf(counts, n, share), color=COMPLETE_POOLING)
    ax.set(xlabel="failures", ylabel="probability")
'''

SLIDER = '''"""The slider of lesson {number}."""

from matplotlib.axes import Axes
from scipy.stats import binom

from borrowing_strength.core.slider import Slider, whole_slider
from borrowing_strength.{name}.figures import {name}_counts


def {name}_slider() -> Slider:
    """Lesson {number}: how many of twelve fail; the probability of each under the slider."""

    def draw(percent: int, ax: Axes) -> str:
        three = binom.pmf(3, 12, percent / 100)
        {name}_counts(percent / 100, 12, ax, f"At {{percent}}% each, three fail with probability {{three:.0%}}")
        return f"If each fails with probability {{percent}}%, three of twelve have {{three:.0%}}."

    states = [{{"percent": percent}} for percent in (10, 25, 50)]
    return Slider(draw, states, percent=whole_slider("percent", 5, 95, 25, 5))
'''

TEST = '''"""{title}: the exact answers against an independent computation."""

import matplotlib.pyplot as plt
import pytest

from borrowing_strength import plots, widgets
from borrowing_strength.exercises.records import load_exercises


def test_the_exercises_are_found():
    assert "{key}.1" in load_exercises()


def test_the_figure_holds_all_the_probability():
    _, ax = plt.subplots()
    plots.{name}_counts(0.25, 12, ax)
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(1)


def test_the_slider_says_what_its_figure_shows():
    assert "three of twelve have 26%" in widgets.{name}_slider().picture(percent=25)[1]
'''

ANSWERS = """
["{key}.1"]
right = ['0.25', '1 / 4']
named = [['12 / 3', "Turned over"], ['3', "This is the number of those that failed"], ['25', "That is a percentage"]]
"""

OPENING = """# {number}. {title}

{badges}

**In about 10 minutes you will be able to**

- answer the question of this lesson: {question}

| Section | Minutes |
|---|---|
| A. The question | 8 |
| Where this breaks, and what you can do now | 2 |"""

QUESTION = """## A. The question

{question} Three of twelve failed.

**Predict:** if each fails with probability 25%, how probable is it that exactly three of twelve fail, in percent?"""

SEEN = """{alt}

Move the slider: which probabilities make three of twelve a surprise?"""

MOVED = """With 25% each, three of twelve is the most probable number.

### Exercise {key}.1: Name what is asked (3 min)

Which share failed?"""

CLOSING = """## Where this breaks

- **The data speak of twelve.** Say here when the model does not hold.

## What you can do now

- You can answer the question of this lesson."""

ALT = "Bars for 0 to 12 failures: the highest stands at three, and is just above a quarter."

SHOW = """from scipy.stats import binom

bs.plots.{name}_counts(0.25, 12, title="Three of twelve is the most probable, and not probable")
bs.reveal("{key}.a", 100 * binom.pmf(3, 12, 0.25))"""

QUIZ = """### {place}. Which share of twelve is three?

{options}"""

PAGE = """# Teaching lesson {number}

## Aim

What everyone can do at the end.

## Before the lesson

Lesson 1.

## Open with

> {question}

## On the board

1. The question, in words.

## Where people get stuck

- **The first thing.** What helps.

## What wrong answers mean

```{{wrong-answers}} {key:0>2}
```

## To discuss

- Where would you use it?

## Exit quiz

{quiz}
"""


class Refused(Exception):
    """What is wrong with the name or the question, in one sentence."""


def write_lesson(name: str, question: str, root: Path = notebooks.ROOT) -> list[Path]:
    """Write the files of a new lesson; return them."""
    # 1. What it is called.
    package = root / "src" / "borrowing_strength"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise Refused(f"NAME is {name!r}: it must be a Python name in small letters, such as hazards")
    if (package / name).exists() or (package / f"{name}.py").exists():
        raise Refused(f"NAME is {name!r}: src/borrowing_strength already has it; take another")
    if not question.strip().endswith("?"):
        raise Refused(f"QUESTION is {question!r}: it must be a question, and end with a question mark")
    if "|" in question:
        raise Refused(f"QUESTION is {question!r}: a | would divide the row of the table that it stands in")
    there = notebooks.lessons(root / "notebooks")
    stem = f"{len(there):02d}_{name}"
    words = {
        "number": len(there),
        "key": str(len(there)),
        "name": name,
        "title": name.replace("_", " ").capitalize(),
        "question": question.strip(),
        "badges": notebooks.badges(f"{stem}.ipynb", notebooks.repository(root)),
    }
    # 2. The topic, its tests, and what people answer.
    files = {
        package / name / "__init__.py": TOPIC,
        package / name / "exercises.py": EXERCISES,
        package / name / "predictions.py": PREDICTIONS,
        package / name / "figures.py": FIGURES,
        package / name / "slider.py": SLIDER,
        root / "tests" / name / f"test_{name}.py": TEST,
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(**words), encoding="utf-8")
    answers = root / "tests" / "exercises" / "wrong_answers.toml"
    answers.write_text(answers.read_text("utf-8").rstrip("\n") + "\n" + ANSWERS.format(**words), encoding="utf-8")
    enter(package / "plots.py", f'    "{name}.figures": ("{name}_counts",),\n')
    enter(package / "widgets.py", f'    "{name}_slider": "{name}",\n')
    # 3. The instructor's page and the notebook.
    page = root / "docs" / "teach" / f"{stem}.md"
    page.write_text(PAGE.format(**words, quiz="\n\n".join(map(quiz_question, range(1, 6)))), encoding="utf-8")
    notebook = root / "notebooks" / f"{stem}.ipynb"
    notebook.write_text(notebooks.to_text(notebooks.normalise(lesson_notebook(words, root))), encoding="utf-8")
    return [*files, answers, page, notebook]


def enter(face: Path, row: str) -> None:
    """Put a row at the end of the first table of a thin face."""
    before, brace, after = face.read_text("utf-8").partition("\n}\n")
    face.write_text(f"{before}\n{row.rstrip()}{brace}{after}", encoding="utf-8")


def quiz_question(place: int) -> str:
    """A question with three options; the right one is not always in the same place."""
    options = ["- [ ] A third.\n  *That would be four.*", "- [ ] A half.\n  *That would be six.*"]
    options.insert(place % 3, "- [x] A quarter.\n  *Three times four is twelve.*")
    return QUIZ.format(place=place, options="\n".join(options))


def shown(alt: str) -> dict[str, object]:
    """The metadata of a cell with a figure: its sentence for those who do not see it."""
    return {"mystnb": {"image": {"alt": alt}}}


def lesson_notebook(words: dict[str, object], root: Path) -> nbformat.NotebookNode:
    """The notebook, not yet executed."""
    slide = {"slideshow": {"slide_type": "slide", "notes": "What you say here, and what you ask."}}
    going_on = {"slideshow": {"slide_type": "-"}, "exercise": f"{words['key']}.1", "tags": ["exercise"]}
    setup = {"jupyter": {"source_hidden": True}, "tags": ["setup"]}
    cells = [
        new_markdown_cell(OPENING.format(**words)),
        new_code_cell(notebooks.setup_cell(notebooks.repository(root)), metadata=setup),
        new_code_cell("import borrowing_strength as bs\n\nbs.plots.use_style()"),
        new_markdown_cell(QUESTION.format(**words), metadata=slide),
        new_code_cell(f'bs.predict("{words["key"]}.a", ...)', metadata={"prediction": f"{words['key']}.a"}),
        new_code_cell(SHOW.format(**words), metadata=shown(ALT) | {"tags": ["hide-output"]}),
        new_markdown_cell(SEEN.format(alt=ALT)),
        new_code_cell(f"bs.widgets.{words['name']}_slider()", metadata=shown(MOVED.splitlines()[0])),
        new_markdown_cell(MOVED.format(**words)),
        new_code_cell(f'share = ...\nbs.check("{words["key"]}.1", share)', metadata=going_on),
        new_markdown_cell(CLOSING, metadata=slide),
    ]
    course = {"lesson": f"{words['number']:02d}", "minutes": 10, "question": words["question"]}
    return new_notebook(cells=cells, metadata={"borrowing_strength": course})


def main() -> None:
    try:  # make hands its NAME=... and QUESTION=... on in the environment, where no shell can misread them
        written = write_lesson(os.environ.get("NAME", ""), os.environ.get("QUESTION", ""))
    except Refused as refusal:
        sys.exit(f'{refusal}: make lesson NAME=hazards QUESTION="When will the next one fail?"')
    notebooks.execute(written[-1])
    notebooks.enter_in_tables()
    for path in written:
        print(path.relative_to(notebooks.ROOT))


if __name__ == "__main__":
    main()
