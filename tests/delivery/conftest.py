import shutil
import subprocess
from pathlib import Path

import pytest

import notebooks
from notebooks import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a copy of the project's own files, as git would clone them."""
    for path in notebooks.project_files():
        copy = tmp_path / "clone" / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    subprocess.run(["git", "init", "--quiet", tmp_path / "clone"], check=True)
    return tmp_path / "clone"
