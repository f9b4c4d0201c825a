"""The command ``borrowing-strength``: start, list, solve and check lessons, and examine the installation."""

import argparse
import glob
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

from borrowing_strength.course import check, doctor, folder, listing, solve
from borrowing_strength.course.notebooks import CourseError


def main(arguments: list[str] | None = None) -> int:
    """Run the command with the words after its name, by default those of the command line; return the exit code."""
    options = _parser().parse_args(arguments)
    if "notebooks" in options:
        options.notebooks = [path for word in options.notebooks for path in _paths(word)]
    for stream in (sys.stdout, sys.stderr):
        # A Windows console with an old code page must not stop at a tick.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = options.run(options)
        sys.stdout.flush()
        return code
    except CourseError as error:
        print(f"borrowing-strength: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Nobody reads on, as in `borrowing-strength list | head -1`; Python would try to write once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _paths(word: str) -> list[Path]:
    """What a word with stars stands for: the shells of Windows leave that to the program."""
    found = [] if Path(word).exists() else sorted(glob.glob(word))  # a name may hold brackets
    return [Path(name) for name in found or [word]]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="borrowing-strength",
        description="Hierarchical Bayes for experiments, in notebooks that check your work.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")

    def add(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    words = add("start", folder.run, "Copy the lessons into a folder of your own; later, bring what is new.")
    words.add_argument("folder", metavar="FOLDER")
    add("list", listing.run, "Show the lessons, their minutes, their exercises and your progress.")
    words = add("solve", solve.run, "Write the instructor's copy of a lesson: every exercise solved, and executed.")
    words.add_argument("notebooks", nargs="+", metavar="NOTEBOOK")
    words.add_argument("--output-dir", type=Path, help="where to write NAME_solved.ipynb (default: beside NAME)")
    words.add_argument("--no-execute", action="store_true", help="fill in the solutions without running them")
    words = add("check", check.run, "Report every exercise of a learner's notebook, or of a class's. Runs nothing.")
    words.add_argument("notebooks", nargs="+", metavar="NOTEBOOK")
    words.add_argument("--csv", type=Path, help="write a table with a row a learner and a column an exercise")
    words.add_argument(
        "--run", action="store_true", dest="execute", help="run a copy of each, apart from your files and the network"
    )
    words.add_argument("--seconds", type=int, default=900, help="how long one notebook may run (default: 900)")
    add("doctor", doctor.run, "Examine the installation: a line for each requirement.")
    return parser
