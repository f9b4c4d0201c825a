"""Make a folder from which the course installs without a network: `make offline` fills build/offline/.

It holds the packages of uv.lock for this kind of machine and this Python, the course itself, the lessons, the site, the
slides and the handouts. At the end it is installed once, from nothing else, into an environment that is thrown away.
"""

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from notebooks import ROOT, lessons

FOLDER = ROOT / "build" / "offline"
WHEELS = FOLDER / "wheels"
VERSION = "{}.{}".format(*sys.version_info)
WINDOWS = os.name == "nt"
PROGRAMS = "Scripts" if WINDOWS else "bin"
COMMANDS = (
    ["py", f"-{VERSION}", "-m", "venv", "course"] if WINDOWS else [f"python{VERSION}", "-m", "venv", "course"],
    [
        str(Path("course", PROGRAMS, "python")),
        *("-m", "pip", "install", "--no-index", "--find-links", "wheels", "borrowing-strength", "jupyterlab"),
    ],
)
README = """\
Borrowing Strength, without a network

For {machine}, with Python {version}. In this folder, run

    {make}
    {install}

and then

    {programs} start my-lessons
    {lab} my-lessons

The first line of these copies the lessons into a folder of your own, the second opens them.
To see whether all is well: {programs} doctor
To see whether every file arrived as it was sent: sha256sum --check SHA256SUMS

Without installing anything: site/index.html is the whole course to read. slides/ and handout/ are for the teacher.
"""


def collect_wheels() -> None:
    """Download what the lock names, each file checked against the lock's hash, and build the course itself."""
    with tempfile.TemporaryDirectory() as name:
        wanted = Path(name) / "requirements.txt"
        groups = ["--no-default-groups", "--group", "lab", "--no-emit-project"]
        uv = [os.environ["UV"], "export", "--locked", "--quiet", *groups, "--output-file", str(wanted)]
        subprocess.run(uv, cwd=ROOT, check=True)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*pip, "--requirement", str(wanted), "--dest", str(WHEELS)], check=True)
    hatch = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(WHEELS)]
    subprocess.run(hatch, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def collect_pages() -> None:
    (FOLDER / "notebooks").mkdir()
    for path in lessons():
        shutil.copy2(path, FOLDER / "notebooks")
    pages = {
        "site": ROOT / "docs" / "_build" / "html",
        "slides": ROOT / "build/slides",
        "handout": ROOT / "build/handout",
    }
    for name, folder in pages.items():
        shutil.copytree(folder, FOLDER / name)


def write_readme() -> None:
    make, install = (" ".join(command) for command in COMMANDS)
    programs, lab = (str(Path("course", PROGRAMS, name)) for name in ("borrowing-strength", "jupyter lab"))
    machine = f"{platform.system()} on {platform.machine()}"
    text = README.format(machine=machine, version=VERSION, make=make, install=install, programs=programs, lab=lab)
    (FOLDER / "README.txt").write_text(text, encoding="utf-8")


def write_checksums() -> None:
    """SHA256SUMS, as `sha256sum --check SHA256SUMS` reads it, of every file of the folder."""
    files = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(FOLDER).as_posix()}\n" for path in files
    ]
    (FOLDER / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def prove() -> None:
    """Do what the README says, in an empty environment, and ask the doctor."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        make, (_, *install) = COMMANDS
        subprocess.run([sys.executable, *make[make.index("-m") : -1], str(place / "course")], check=True)
        env = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PYTHON", "VIRTUAL_ENV"))}
        env |= {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        run = [str(place / "course" / PROGRAMS / "python"), *install, "--quiet"]
        subprocess.run(run, cwd=FOLDER, env=env, check=True)
        for words in (["start", "my-lessons"], ["doctor"]):
            subprocess.run([place / "course" / PROGRAMS / "borrowing-strength", *words], cwd=place, env=env, check=True)
        subprocess.run([place / "course" / PROGRAMS / "jupyter", "lab", "--version"], cwd=place, env=env, check=True)


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    WHEELS.mkdir(parents=True)
    collect_wheels()
    collect_pages()
    write_readme()
    write_checksums()
    prove()
    size = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file())
    packages = len(list(WHEELS.iterdir()))
    print(f"{FOLDER.relative_to(ROOT)}: {packages} packages, {size / 1e6:.0f} MB, installed and examined")


if __name__ == "__main__":
    main()
