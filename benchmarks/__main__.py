"""Measure every model and write the table into docs/bench.md: ``make bench``, or ``make bench ARGS=multilevel``.

Rows that are not measured keep what the table says about them, with its date.
"""

import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import beta_binomial, headlines, meta_analysis, multilevel, redundancy
from benchmarks.measure import Case, apart

PAGE = Path(__file__).parents[1] / "docs" / "bench.md"
MODELS = {
    part.__name__.split(".")[1]: part.CASES
    for part in (beta_binomial, redundancy, multilevel, meta_analysis, headlines)
}
COLUMNS = (
    "Model",
    "Question",
    "Size",
    "Seconds",
    "Peak, MB",
    "Error",
    "measured against",
    "Limit, s",
    "Limit ÷ seconds",
    "Peer",
    "Peer, s",
    "Peer ÷ seconds",
    "Effective draws",
    "Peer's",
    "Effective draws a second ÷ peer's",
    "Date",
)
TEXT = """# Speed, size and error

`make bench` measures all rows and writes this page; `make bench ARGS=multilevel` measures one model again.

- *Seconds* are those of the quickest of several runs after a first one, or of the first if it takes more than ten.
  *Peak* is the memory of a fresh process for this row, with Python and what the error is measured against.
- *Error* is the largest over all groups, or over those that the reference covers.
- *Limit* is the time of the plain arithmetic: one evaluation of each group's likelihood at each node of the
  quadrature, or one normal random number for each effect and draw. A ratio above 1 says that the answer takes less
  than that, because few nodes stand for many, or few groups.
- *Peer* is another tool on the same data in the same run, without its compilation. NUTS has a Monte Carlo error of
  some percent of an sd; REML gives the average effect and no answer for single tests. Until a mean is known to 1% of
  an sd it needs 10,000 effective draws; those seconds are extrapolated from its effective draws a second, warm-up
  included. A ratio below 1 says that the peer is quicker.
- *Effective draws* are what 10,000 draws are worth in independent ones, by ArviZ, for the hyperparameter that they know
  least about. The last ratio compares how many of them a second gives. metabayes draws from another distribution
  than the posterior (lesson 05), which effective draws do not show.

"""


def rows() -> dict[tuple[str, ...], list[str]]:
    """What the page says now, by the names of the rows."""
    if not PAGE.exists():
        return {}
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith("| ")
    ]
    return {(*row[:3], row[9]): row for row in cells[1:]}


def measured(case: Case) -> list[str]:
    found, peak = apart(case.task, *case.arguments)
    peer = apart(case.peer, *(case.arguments[:1] if case.peer.__code__.co_argcount else ()))[0] if case.peer else None
    peer, worth = peer if isinstance(peer, tuple) else (peer, 0.0)
    draws = (
        [short(found.effective), short(worth), short(found.effective / found.seconds * peer / worth)] if worth else []
    )
    return [
        *case.name[:3],
        short(found.seconds),
        f"{peak:,.0f}",
        f"{found.error:.0e}",
        found.reference,
        short(found.limit),
        short(found.limit / found.seconds),
        case.peer_name,
        short(peer) if peer else "",
        short(peer / found.seconds) if peer else "",
        *(draws or [""] * 3),
        f"{datetime.now(UTC):%Y-%m-%d}",
    ]


def not_yet(case: Case) -> list[str]:
    return [*case.name[:3], "not yet", *[""] * 5, case.peer_name, *[""] * 6]


def short(value: float) -> str:
    return f"{value:.2g}" if value < 10 else f"{value:,.0f}"


def as_line(cells: list[str] | tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |"


def write(known: dict[tuple[str, ...], list[str]]) -> None:
    cases = [case for model in MODELS.values() for case in model]
    table = [as_line(COLUMNS), "|" + "---|" * len(COLUMNS)]
    table += [as_line(known.get(case.name, not_yet(case))) for case in cases]
    machine = f"Last run: {datetime.now(UTC):%Y-%m-%d}, {platform.system()}, {platform.machine()}, "
    machine += (
        f"{os.cpu_count()} processors with a load of {os.getloadavg()[0]:.1f}, Python {platform.python_version()}.\n"
    )
    PAGE.write_text(TEXT + machine + "\n" + "\n".join(table) + "\n", "utf-8")


def main() -> None:
    wanted = sys.argv[1:] or list(MODELS)
    if unknown := [name for name in wanted if name not in MODELS]:
        sys.exit(f"{unknown[0]} is no model of the bench: {', '.join(MODELS)}")
    print(as_line(COLUMNS))
    for name in wanted:
        for case in MODELS[name]:
            row = measured(case)
            print(as_line(row), flush=True)
            write(rows() | {case.name: row})  # row by row: an interruption loses nothing


if __name__ == "__main__":
    main()
