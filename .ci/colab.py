"""Try the lessons where Google Colab's versions are, as far as that can be done without Colab.

    make colab                      every lesson
    make colab ARGS="00 01"         some of them

Builds an environment with the versions that Colab ships (August 2026) and a stand-in for the module
`google.colab`, runs the lessons' set-up cell in it with this clone in place of the public archive, and then
every lesson in a fresh kernel.
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from notebooks import ROOT, lessons, project_files, repository, setup_cell

PYTHON = "3.13"
QUIET = ["--log-level=ERROR"]
VERSIONS = {
    "numpy": "2.1.*",
    "scipy": "1.16.*",
    "numba": "0.61.*",
    "pymc": "5.28.*",
    "arviz": "0.22.*",
    "ipywidgets": "7.7.*",
    "matplotlib": "3.10.*",
    "pandas": "2.2.*",
    "ipykernel": "6.17.*",
}


def uv(*arguments: str) -> None:
    # `uv run` names itself in UV; its own choice of Python must not leak into the environment built here.
    env = {k: v for k, v in os.environ.items() if k != "UV_PYTHON"}
    subprocess.run([os.environ["UV"], *arguments], check=True, env=env)


def build(folder: Path) -> None:
    uv("venv", "--quiet", "--seed", "--python", PYTHON, str(folder / "venv"))
    wanted = [f"{name}=={version}" for name, version in VERSIONS.items()]
    python = str(folder / "venv/bin/python")
    uv("pip", "install", "--quiet", "--python", python, *wanted)
    (site,) = (folder / "venv/lib").glob("python*/site-packages")
    package = site / "google" / "colab"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    # Colab's kernel has imported google.colab before the first cell runs.
    (site / "colab.pth").write_text("import google.colab\n")
    spec = folder / "jupyter/kernels/colab"
    spec.mkdir(parents=True)
    argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel = {"argv": argv, "display_name": "Colab", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(kernel))


def archive(path: Path) -> None:
    """Write this clone as GitHub's archive would hold it: one folder, no history."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for source in project_files():
            file.write(source, Path("main") / source.relative_to(ROOT))


def run(cells: list[nbformat.NotebookNode], folder: Path) -> list[nbformat.NotebookNode]:
    nb = nbformat.v4.new_notebook(cells=cells)
    place = {"metadata": {"path": str(folder)}}
    NotebookClient(nb, timeout=900, kernel_name="colab", resources=place, extra_arguments=QUIET).execute()
    return nb.cells


def printed(cell: nbformat.NotebookNode) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


def setup_source(folder: Path) -> str:
    public = f"{repository()}/archive/refs/heads/learner.zip"
    source = setup_cell(repository())
    assert public in source
    return source.replace(public, str(folder / "learner.zip"))


def main(wanted: list[str]) -> None:
    cell = nbformat.v4.new_code_cell
    names = ["numpy", "scipy", "numba", "pymc", "arviz", "ipywidgets"]
    ask = f"from importlib.metadata import version\nprint(*(n + ' ' + version(n) for n in {names}), sep=', ')"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Colab has a uv of its own.
        os.environ["PATH"] = f"{Path(os.environ['UV']).parent}{os.pathsep}{os.environ['PATH']}"
        os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
        os.environ.update(JUPYTER_PATH=f"{name}/jupyter", BORROWING_STRENGTH_STATE=name, IPYTHONDIR=name)
        build(folder)
        archive(folder / "learner.zip")
        setup = setup_source(folder)
        before, _, install, after = run([cell(ask), cell("import scipy"), cell(setup), cell(ask)], folder)
        print("before:  ", printed(before).strip())
        print("set-up:  ", printed(install).strip() or "(silent)")
        print("after:   ", printed(after).strip())
        failed = "Restart session" not in printed(install)
        (again,) = run([cell(setup)], folder)
        print("restart: ", printed(again).strip() or "the set-up cell is silent")
        failed |= bool(printed(again))
        for path in lessons():
            if wanted and path.name[:2] not in wanted:
                continue
            nb = nbformat.read(path, as_version=4)
            for lesson_cell in nb.cells:
                if "setup" in lesson_cell.metadata.get("tags", ()):
                    lesson_cell.source = setup
            try:
                run(nb.cells, folder)
                print(f"{path.name}: runs")
            except CellExecutionError as error:
                failed = True
                print(f"{path.name}: FAILS\n{error}")
    sys.exit(failed)


if __name__ == "__main__":
    main(sys.argv[1:])
