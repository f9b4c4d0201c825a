"""Make a folder from which the course installs without a network: `make offline` fills build/offline/.

    python .ci/offline.py                     for Linux, Apple Silicon and Windows, Python 3.12, 3.13 and 3.14
    python .ci/offline.py linux macos-intel   for these systems only

It holds the packages of uv.lock and uv itself for each system, the course, the lessons, the site, the slides and the
handouts. At the end it is installed once where there is no route to anywhere, into a folder that is thrown away.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import parse_wheel_filename

import bootstrap
from notebooks import ROOT, lessons

FOLDER = ROOT / "build" / "offline"
PYTHONS = ((3, 12), (3, 13), (3, 14))


@dataclass(frozen=True)
class System:
    """A kind of machine: its name, the tags of its wheels, what markers see there, and uv's name of its Python."""

    title: str
    platforms: tuple[str, ...]
    sys_platform: str
    machine: str
    python: str
    pythons: tuple[tuple[int, int], ...] = PYTHONS

    def tags(self, python: tuple[int, int]) -> list[Tag]:
        """Tags that fit, the best first."""
        interpreter = f"cp{python[0]}{python[1]}"
        own = cpython_tags(python, platforms=self.platforms)
        return [*own, *compatible_tags(python, interpreter, self.platforms)]

    def markers(self, python: tuple[int, int]) -> dict[str, str]:
        name = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[self.sys_platform]
        version = ".".join(map(str, python))
        return {
            "implementation_name": "cpython",
            "os_name": "nt" if self.sys_platform == "win32" else "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_system": name,
            "python_full_version": f"{version}.9",
            "python_version": version,
            "sys_platform": self.sys_platform,
        }


def _linux(machine: str) -> tuple[str, ...]:
    """What a system with glibc 2.28 (of 2018) takes, the newest first."""
    return (*(f"manylinux_2_{n}_{machine}" for n in range(28, 16, -1)), f"manylinux2014_{machine}", f"linux_{machine}")


_MAC_ARM, _MAC_INTEL = (tuple(mac_platforms((12, 0), processor)) for processor in ("arm64", "x86_64"))
_LINUX, _MAC = "Linux ({}, glibc 2.28 or newer)", "macOS 12 or newer on {}"
SYSTEMS = {
    "linux": System(_LINUX.format("x86-64"), _linux("x86_64"), "linux", "x86_64", "linux-x86_64-gnu"),
    "macos": System(_MAC.format("Apple Silicon"), _MAC_ARM, "darwin", "arm64", "macos-aarch64-none"),
    "windows": System("Windows (x64)", ("win_amd64",), "win32", "AMD64", "windows-x86_64-none"),
    "linux-arm": System(_LINUX.format("ARM64"), _linux("aarch64"), "linux", "aarch64", "linux-aarch64-gnu"),
    "macos-intel": System(_MAC.format("Intel"), _MAC_INTEL, "darwin", "x86_64", "macos-x86_64-none", PYTHONS[:2]),
}
USUAL = ("linux", "macos", "windows")

README = """\
Borrowing Strength, without a network

For {systems}.
It takes Python 3.12, 3.13 or 3.14 from the machine (on an Intel Mac 3.12 or 3.13). {python}

On Linux and macOS, in a terminal in this folder:

    sh install.sh

On Windows, in a command prompt in this folder (in PowerShell: .\\install.cmd):

    install.cmd

Copy this folder to the laptop first, if it is on a stick that others wait for. Each takes about four minutes and 1 GB,
makes the folder borrowing-strength in your home folder (a name after the command chooses another) and ends by saying
what is well, and the line that opens the course. Your lessons are in its folder my-course: take that one home. Deleting
borrowing-strength removes everything.

To see whether every file arrived as it was sent: sha256sum --check SHA256SUMS
(on a Mac: shasum -a 256 --check SHA256SUMS)

The folder teacher holds results and solutions: the site (teacher/site/index.html, the whole course to read, and what
wrong answers mean), slides, handouts and their key, the executed notebooks.
"""


# -------------------------------------------------------------------------------- what is needed


def export() -> str:
    """Return what the lock says for learners, with hashes and markers, as pip and uv read it."""
    env = dict(os.environ) | {"UV_PYTHON": sys.executable}
    command = [uv(env), "export", "--locked", "--quiet", "--no-default-groups", "--group", "lab", "--no-emit-project"]
    command += ["--no-header", "--no-annotate"]
    return subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout


def uv(env: dict[str, str]) -> str:
    return os.environ.get("UV") or bootstrap.uv_on_path(env) or bootstrap.private_uv(env)


def requirements(text: str) -> list[Requirement]:
    lines = text.replace("\\\n", " ").splitlines()
    return [Requirement(line.split(" --hash")[0].strip()) for line in lines if line and line[0] not in "# "]


def locked_wheels() -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return the wheels of each name and version in the lock: address, hash and size."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    return {(p["name"], p["version"]): p.get("wheels", []) for p in lock["package"] if "version" in p}


def wheels_for(wanted: list[Requirement], system: System, python: tuple[int, int]) -> dict[str, dict[str, Any] | None]:
    """Return the best wheel of each package that this machine and this Python need, None where there is none."""
    locked, markers = locked_wheels(), system.markers(python)
    rank = {tag: place for place, tag in enumerate(system.tags(python))}
    chosen: dict[str, dict[str, Any] | None] = {}
    for requirement in wanted:
        if requirement.marker is None or requirement.marker.evaluate(markers):
            (pin,) = requirement.specifier
            fitting = [
                (rank[tag], wheel)
                for wheel in locked[requirement.name, pin.version]
                for tag in _tags(wheel) & rank.keys()
            ]
            chosen[requirement.name] = min(fitting, key=lambda pair: pair[0])[1] if fitting else None
    return chosen


def file_name(wheel: dict[str, Any]) -> str:
    return wheel["url"].rsplit("/", 1)[1].replace("%2B", "+")


def _tags(wheel: dict[str, Any]) -> frozenset[Tag]:
    return parse_wheel_filename(file_name(wheel))[3]


# -------------------------------------------------------------------------------- what is put in


def download(system: System, python: tuple[int, int], wheels: Iterator[dict[str, Any]], folder: Path) -> None:
    """Download with pip, which compares each file with the lock's hash, and its tags with the machine."""
    missing = [wheel for wheel in wheels if not (folder / file_name(wheel)).exists()]
    if not missing:
        return
    with tempfile.TemporaryDirectory() as name:
        wanted = Path(name) / "wanted.txt"
        lines = [f"{wheel['url']} --hash={wheel['hash']}\n" for wheel in missing]
        wanted.write_text("".join(lines), encoding="utf-8")
        pip(system, python, folder, "--require-hashes", "--requirement", str(wanted))


def pip(system: System, python: tuple[int, int], folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--python-version", ".".join(map(str, python)), "--implementation", "cp", "--dest", str(folder)]
    for platform in system.platforms:
        command += ["--platform", platform]
    subprocess.run([*command, *arguments], check=True)


def add_uv(name: str, system: System) -> None:
    """Put uv, of the version and the hashes in .ci/uv.txt, into uv/SYSTEM/."""
    with tempfile.TemporaryDirectory() as folder:
        pip(system, (3, 13), Path(folder), "--require-hashes", "--requirement", str(ROOT / ".ci" / "uv.txt"))
        (wheel,) = Path(folder).iterdir()
        with zipfile.ZipFile(wheel) as archive:
            (program,) = (each for each in archive.namelist() if each.endswith(("/scripts/uv", "/scripts/uv.exe")))
            place = FOLDER / "uv" / name / program.rsplit("/", 1)[1]
            place.parent.mkdir(parents=True)
            place.write_bytes(archive.read(program))
            place.chmod(0o755)


def add_pythons(names: list[str]) -> list[str]:
    """Put Python 3.13 into python/, for machines that have none; return the systems whose Python could not be had."""
    find = ["python", "list", "--all-platforms", "--all-arches", "--only-downloads", "--output-format", "json"]
    listed = subprocess.run([uv(dict(os.environ)), *find, "3.13"], check=True, capture_output=True, text=True).stdout
    ours = (each for each in json.loads(listed) if (each["implementation"], each["variant"]) == ("cpython", "default"))
    addresses = {each["key"].split("-", 2)[2]: each["url"] for each in ours}
    without = []
    for name in names:
        address = addresses[SYSTEMS[name].python]
        date, file = address.rsplit("/", 2)[1:]  # as uv looks for it; uv knows the hash, and compares when it installs
        place = FOLDER / "python" / date / file.replace("%2B", "+")
        try:
            with urllib.request.urlopen(address, timeout=60) as archive:
                content = archive.read()
        except OSError as error:
            print(f"{SYSTEMS[name].title}: no Python could be downloaded ({error})", flush=True)
            without.append(name)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    return without


def add_course(text: str) -> None:
    """Build the course, and write requirements.txt: the lock's lines and the course, each with its hash."""
    with tempfile.TemporaryDirectory() as folder:
        hatch = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
        subprocess.run(hatch, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        (wheel,) = Path(folder).iterdir()
        for old in (FOLDER / "wheels").glob("borrowing_strength-*"):
            old.unlink()
        shutil.copy2(wheel, FOLDER / "wheels")
        name, version, *_ = parse_wheel_filename(wheel.name)
        line = f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
    (FOLDER / "requirements.txt").write_text(text + line, encoding="utf-8")


def add_pages() -> None:
    """Make the site, the slides and the handouts, and put them with the executed lessons into the teacher's folder."""
    site = ROOT / "docs" / "_build"
    sphinx = ["-m", "sphinx", "-W", "--keep-going", "-q", "-d", str(site / "doctrees"), "docs", str(site / "html")]
    for command in (sphinx, [".ci/slides.py"], [".ci/handout.py"]):
        subprocess.run([sys.executable, *command], cwd=ROOT, check=True)
    pages = {"site": site / "html"} | {name: ROOT / "build" / name for name in ("slides", "handout", "key")}
    for name, folder in pages.items():
        shutil.copytree(folder, FOLDER / "teacher" / name)
    (FOLDER / "teacher" / "notebooks").mkdir()
    for path in lessons():
        shutil.copy2(path, FOLDER / "teacher" / "notebooks")


def write_instructions(names: list[str], without: list[str]) -> None:
    """Write README.txt and the two programs that it names."""
    systems = ", ".join(SYSTEMS[name].title for name in names)
    python = "Where a machine has none, Python 3.13 comes from this folder."
    if without:
        lacking = ", ".join(SYSTEMS[name].title for name in without)
        python = f"None is in this folder for {lacking}:\nthere the teacher may bring an installer from www.python.org."
    (FOLDER / "README.txt").write_text(README.format(systems=systems, python=python), encoding="utf-8")
    for name, ending in (("install.sh", "\n"), ("install.cmd", "\r\n")):
        program = (ROOT / ".ci" / name).read_text("utf-8")
        (FOLDER / name).write_text(program, encoding="utf-8", newline=ending)


def write_checksums() -> None:
    """SHA256SUMS, as `sha256sum --check SHA256SUMS` reads it, of every file of the folder."""
    files = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(FOLDER).as_posix()}\n" for path in files
    ]
    (FOLDER / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


# -------------------------------------------------------------------------------- whether it works


def without_route() -> list[str] | None:
    """Return the words that run a command in a network namespace without a route, None where there are none."""
    words = ["unshare", "--user", "--map-root-user", "--net"]
    try:
        works = subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return None
    return words if works else None


def install(folder: Path) -> subprocess.CompletedProcess[str]:
    """Do what README.txt says, for this machine and this Python, without a route where the system can do that."""
    env = {
        key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PYTHON", "UV", "VIRTUAL_ENV"))
    }
    env |= {"UV_PYTHON": sys.executable}
    script = ["cmd", "/c", str(FOLDER / "install.cmd")] if os.name == "nt" else ["sh", str(FOLDER / "install.sh")]
    command = [*(without_route() or ()), *script, str(folder)]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("systems", nargs="*", choices=[*SYSTEMS, []], help=f"default: {' '.join(USUAL)}")
    names = parser.parse_args().systems or list(USUAL)
    kept = FOLDER / "wheels"  # downloads of an earlier run serve again
    for path in FOLDER.glob("*"):
        if path != kept:
            path.unlink() if path.is_file() else shutil.rmtree(path)
    kept.mkdir(parents=True, exist_ok=True)

    # 1. Every wheel of every system and Python, and nothing that an earlier run left.
    text, needed = export(), set()
    for name in names:
        for python in SYSTEMS[name].pythons:
            chosen = wheels_for(requirements(text), SYSTEMS[name], python)
            without = sorted(package for package, wheel in chosen.items() if wheel is None)
            if without:
                sys.exit(f"{name}, Python {python[0]}.{python[1]}: the lock has no wheel of {', '.join(without)}")
            download(SYSTEMS[name], python, (wheel for wheel in chosen.values() if wheel), kept)
            needed |= {file_name(wheel) for wheel in chosen.values() if wheel}
        add_uv(name, SYSTEMS[name])
        print(f"{SYSTEMS[name].title}: {len(needed)} wheels so far", flush=True)
    for path in kept.iterdir():
        if path.name not in needed:
            path.unlink()
    # 2. The course and its pages.
    add_course(text)
    add_pages()
    write_instructions(names, add_pythons(names))
    write_checksums()
    # 3. The proof.
    how = "without a route to any network" if without_route() else "(no unshare here, so the network was not cut off)"
    with tempfile.TemporaryDirectory() as place:
        proof = install(Path(place))
    print(proof.stdout)
    if proof.returncode:
        sys.exit(proof.stderr)
    size = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file())
    print(f"{FOLDER.relative_to(ROOT)}: {len(needed)} packages, {size / 1e6:.0f} MB, installed {how}")


if __name__ == "__main__":
    main()
