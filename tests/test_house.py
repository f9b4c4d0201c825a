"""The house: what may import what, and how long a file may be."""

import ast
from pathlib import Path

import pytest

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


EVERYTHING = "borrowing_strength"  # `import borrowing_strength as bs`: from there, bs.mixtures is one dot away


def imported(tree: ast.Module, path: Path = Path("core/inputs.py")) -> set[str]:
    """Every module of the package that is imported, at the top or inside a function, in whatever way."""
    found = set()
    package = (EVERYTHING, *path.parent.parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            found |= {f"{module}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            found |= {name.value for name in node.args if isinstance(name, ast.Constant)}
    inside = {name for name in found if name.split(".")[0] == EVERYTHING}
    return {name.removeprefix(f"{EVERYTHING}.") for name in inside}


def test_a_lesson_imports_the_core_and_no_other_lesson():
    strange = {}
    for path, tree in FILES.items():
        part = path.parts[0].removesuffix(".py")
        allowed = MAY_IMPORT.get(part, set(MAY_IMPORT)) | {part}
        if path.name in ("exercises.py", "predictions.py"):
            allowed = allowed | {path.stem}
        arrows = {name for name in imported(tree, path) if name.split(".")[0] not in allowed}
        strange |= {str(path): arrows} if arrows else {}
    assert strange == {}


def test_no_file_is_longer_than_a_reader_can_hold():
    lengths = {str(path): len((HOUSE / path).read_text("utf-8").splitlines()) for path in FILES}
    assert {name: n for name, n in lengths.items() if n > 350 and not name.endswith("exercises.py")} == {}


def test_the_arrows_are_seen():
    tree = ast.parse("def f():\n    from borrowing_strength.core.inputs import numbers\n    import scipy.stats")
    assert imported(tree) == {"core.inputs.numbers"}


@pytest.mark.parametrize(
    "line",
    [
        "import borrowing_strength.mixtures",
        "from borrowing_strength import mixtures",
        "from ..mixtures import em",
        "from .. import mixtures",
        "from ..mixtures.em import fit",
        "import borrowing_strength as bs",
        "import_module('borrowing_strength.mixtures')",
    ],
)
def test_another_lesson_is_seen_however_it_is_imported(line):
    (name,) = imported(ast.parse(line), Path("redundancy/rates.py"))
    assert name.split(".")[0] in ("mixtures", EVERYTHING)
    assert name.split(".")[0] not in MAY_IMPORT["redundancy"] | {"redundancy"}


def test_a_relative_import_of_one_s_own_is_one_s_own():
    tree = ast.parse("from .rates import fit\nfrom . import model\nfrom ..core import inputs")
    assert imported(tree, Path("redundancy/rates.py")) == {"redundancy.rates.fit", "redundancy.model", "core.inputs"}
