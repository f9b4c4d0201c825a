"""The house: what may import what, and how long a file may be."""

import ast
from pathlib import Path

import borrowing_strength

HOUSE = Path(borrowing_strength.__file__).parent
TOPICS = {path.parent.name for path in HOUSE.glob("*/exercises.py")}
BESIDE = {"sampling", "calibration", "datasets"}  # what a topic may use when a function is called
MAY_IMPORT = {
    **dict.fromkeys(TOPICS, {"core"} | BESIDE),
    "core": {"sampling"},
    "exercises": {"core", "sampling"},
    "predictions": {"core", "exercises"},
    "course": {"core", "exercises"},
    "sampling": {"core"},
    "calibration": {"core", "sampling"},
    "datasets": set(),
}
FILES = {path.relative_to(HOUSE): ast.parse(path.read_text("utf-8")) for path in HOUSE.rglob("*.py")}


def imported(tree: ast.Module) -> set[str]:
    """Every module that is imported, at the top or inside a function."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return {name.removeprefix("borrowing_strength.") for name in found if name.startswith("borrowing_strength.")}


def test_a_lesson_imports_the_core_and_no_other_lesson():
    strange = {}
    for path, tree in FILES.items():
        part = path.parts[0].removesuffix(".py")
        allowed = MAY_IMPORT.get(part, set(MAY_IMPORT)) | {part}
        if path.name in ("exercises.py", "predictions.py"):
            allowed = allowed | {path.stem}
        arrows = {name for name in imported(tree) if name.split(".")[0] not in allowed}
        strange |= {str(path): arrows} if arrows else {}
    assert strange == {}


def test_no_file_is_longer_than_a_reader_can_hold():
    lengths = {str(path): len((HOUSE / path).read_text("utf-8").splitlines()) for path in FILES}
    assert {name: n for name, n in lengths.items() if n > 350 and not name.endswith("exercises.py")} == {}


def test_the_arrows_are_seen():
    tree = ast.parse("def f():\n    from borrowing_strength.core.inputs import numbers\n    import scipy.stats")
    assert imported(tree) == {"core.inputs.numbers"}
