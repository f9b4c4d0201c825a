"""``borrowing-strength doctor``: examine the installation, a line for each requirement."""

import argparse
import os
import platform
import re
import sys
import sysconfig
from importlib import metadata
from pathlib import Path
from typing import Any

from borrowing_strength.core import state
from borrowing_strength.course.folder import count, lesson_files
from borrowing_strength.course.listing import notebooks_folder
from borrowing_strength.course.notebooks import KERNEL

MACHINES = ("linux-x86_64", "linux-aarch64", "darwin-arm64", "darwin-x86_64", "windows-amd64")
Finding = tuple[str, str]
"""What was found, and what to do about it (nothing, if it is well)."""


def run(options: argparse.Namespace) -> int:
    """``borrowing-strength doctor``."""
    findings = {name: examine() for name, examine in _EXAMINATIONS.items()}
    for name, (finding, cure) in findings.items():
        print(f"{'FAIL' if cure else 'OK  '}  {name}: {finding}{'. ' + cure if cure else ''}")
    return int(any(cure for _, cure in findings.values()))


def ready() -> None:
    """Print one line: whether this Python has what the lessons need, or what to do about it."""
    findings = {name: _EXAMINATIONS[name]() for name in ("Python", "Machine", "Packages", "PyMC", "Widgets")}
    problems = [f"{name}: {finding}. {cure}" for name, (finding, cure) in findings.items() if cure]
    print("\n".join(problems) or "Everything that the lessons need is here.")
    if where := ends_with_session():
        print(f"This is {where}: your answers and your progress end with the session. Section B says how to keep them.")


def _examine_python() -> Finding:
    from packaging.specifiers import SpecifierSet

    wanted = metadata.metadata("borrowing-strength")["Requires-Python"]
    version = ".".join(map(str, sys.version_info[:3]))
    fits = SpecifierSet(wanted).contains(version, prereleases=True)
    return version, "" if fits else f"This course needs Python {wanted}"


def _examine_machine() -> Finding:
    """Say whether every package of the course is published for this machine, or where else the course runs."""
    # On Windows the Python counts: wheels for x64 run under emulation too.
    windows = platform.system() == "Windows"
    processor = sysconfig.get_platform().removeprefix("win-") if windows else platform.machine()
    kind = f"{platform.system()}-{processor}".lower()
    if kind not in MACHINES:
        return kind, f"Not all packages are made for it: open the course in the browser, {_binder()}, or on a hub"
    intel_mac = kind == "darwin-x86_64" and sys.version_info >= (3, 14)
    return kind, "On an Intel Mac the packages serve Python 3.12 and 3.13: take one of these" if intel_mac else ""


def _binder() -> str:
    urls = dict(line.split(", ") for line in metadata.metadata("borrowing-strength").get_all("Project-URL"))
    return urls["Repository"].replace("https://github.com", "https://mybinder.org/v2/gh") + "/main"


def _examine_packages() -> Finding:
    from packaging.requirements import Requirement

    problems = [_package_problem(Requirement(text)) for text in metadata.requires("borrowing-strength") or ()]
    return f"{problems.count('')} as required", "; ".join(filter(None, problems))


def _package_problem(requirement: Any) -> str:
    """Say what is wrong with an installed package, nothing if it serves."""
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return f"Install {requirement}"
    fits = requirement.specifier.contains(version, prereleases=True)
    return "" if fits else f"{requirement.name} {version} is installed: install {requirement}"


def _examine_imports() -> Finding:
    try:
        import arviz  # noqa: F401
        import pymc
    except Exception as error:
        return f"{type(error).__name__}: {error}", "Set the environment up again, with `make setup` or `uv sync`"
    return f"PyMC {pymc.__version__} starts", ""


def _examine_kernel() -> Finding:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    cure = "Run `python -m ipykernel install --sys-prefix` with the Python of this course"
    try:
        command = Path(KernelSpecManager().get_kernel_spec(KERNEL).argv[0])
    except NoSuchKernel:
        return f"Jupyter knows no kernel {KERNEL}", cure
    # A kernel of the same name left by another installation would not find this package.
    foreign = command.is_absolute() and command.parent != Path(sys.executable).parent
    return (f"{KERNEL} runs {command}, another Python", cure) if foreign else (f"{KERNEL} runs this Python", "")


def _examine_widgets() -> Finding:
    try:
        from ipywidgets import IntSlider

        IntSlider(10).close()
    except Exception as error:
        return f"{type(error).__name__}: {error}", "Install ipywidgets again"
    return "sliders can be made", ""


def _examine_state() -> Finding:
    cure = "Progress lasts one session only: set BORROWING_STRENGTH_STATE to a folder you can write to"
    where = ends_with_session()
    return (
        f"{state.folder()}{f', until this session on {where} ends' if where else ''}",
        "" if state.writable() else cure,
    )


def ends_with_session() -> str:
    """Name the service that forgets a learner's progress when the session ends, if this is one."""
    if "google.colab" in sys.modules and not state.folder().is_relative_to("/content/drive"):
        return "Google Colab"
    return "Binder" if "BINDER_LAUNCH_HOST" in os.environ else ""


def _examine_memory() -> Finding:
    free = _free_memory()
    if free is None:
        return "not known on this system", ""
    # One PyMC kernel with four chains peaks at about 415 MB.
    return f"{free / 2**30:.1f} GB free", "" if free > 600 * 2**20 else "Close other programs: a lesson needs 0.6 GB"


def _free_memory() -> int | None:
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
        return int(re.search(r"MemAvailable:\s+(\d+) kB", text)[1]) * 1024  # type: ignore[index]
    except (OSError, TypeError):
        return None


def _examine_notebooks() -> Finding:
    folder = notebooks_folder()
    if folder is None:
        return "none found", "Run this inside a clone of the repository, or install the package again"
    return f"{count(len(lesson_files(folder)), 'lesson')} in {folder}", ""


_EXAMINATIONS = {
    "Python": _examine_python,
    "Machine": _examine_machine,
    "Packages": _examine_packages,
    "PyMC": _examine_imports,
    "Kernel": _examine_kernel,
    "Widgets": _examine_widgets,
    "Progress": _examine_state,
    "Memory": _examine_memory,
    "Notebooks": _examine_notebooks,
}
