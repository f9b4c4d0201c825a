"""The configuration that docs/teach/hub.md offers; `make hub` runs it on a JupyterHub with simulated learners."""

import os
from pathlib import Path

import nbformat
import pytest
from traitlets.config import Config, PyFileConfigLoader

from notebooks import ROOT, lessons

HUB = ROOT / "docs" / "teach" / "hub"
PAGE = (ROOT / "docs" / "teach" / "hub.md").read_text("utf-8")


def load(name: str) -> Config:
    return PyFileConfigLoader(name, path=str(HUB)).load_config()


def test_the_plain_hub_has_what_the_course_asks_for() -> None:
    course, plain = load("course.py"), load("jupyterhub_config.py")
    assert course.Spawner.default_url == "/lab/tree/my-course/00_start_here.ipynb"
    assert course.Spawner.mem_limit == "1G"
    assert plain.Spawner == course.Spawner


@pytest.mark.skipif(os.name == "nt", reason="a hub runs on Linux")
def test_a_learners_server_brings_the_lessons_and_keeps_the_learners_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    assert load("jupyter_server_config.py") == Config()
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    settings = load("jupyter_server_config.py")
    assert settings.ServerApp.root_dir == str(tmp_path)
    assert settings.MappingKernelManager.cull_connected
    opened = tmp_path / "my-course" / Path(load("course.py").Spawner.default_url).name
    own = nbformat.read(opened, as_version=4)
    assert not any(cell.get("outputs") for cell in own.cells)
    own.cells[1].source = "mine"
    nbformat.write(own, opened)
    load("jupyter_server_config.py")
    assert nbformat.read(opened, as_version=4).cells[1].source == "mine"
    assert {path.name for path in opened.parent.glob("*.ipynb")} == {path.name for path in lessons()}


def test_the_page_names_every_file_and_the_load_test_uses_them() -> None:
    script = (ROOT / ".ci" / "hub.py").read_text("utf-8")
    for path in HUB.glob("*.py"):
        assert f"(hub/{path.name})" in PAGE
    assert "course.py" in script
    assert "jupyter_server_config.py" in script
