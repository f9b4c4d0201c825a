"""Which machines the course serves, and the bundle that installs without a network."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import bootstrap
import offline
from borrowing_strength import course
from borrowing_strength.course import doctor
from notebooks import ROOT

SYSTEMS = [(name, python) for name, system in offline.SYSTEMS.items() for python in system.pythons]
for_shells = pytest.mark.skipif(os.name == "nt", reason="install.sh is for Linux and macOS")


@pytest.fixture(scope="module")
def locked() -> list:
    return offline.requirements(offline.export())


# ---------------------------------------------------------------------------------------------- any laptop


@pytest.mark.parametrize(("name", "python"), SYSTEMS)
def test_every_locked_package_has_a_wheel_where_the_course_is_said_to_run(
    locked: list, name: str, python: tuple[int, int]
) -> None:
    wheels = offline.wheels_for(locked, offline.SYSTEMS[name], python)
    assert len(wheels) > 100
    assert [package for package, wheel in wheels.items() if wheel is None] == []
    assert not [
        wheel for wheel in wheels.values() if re.search(r"\d(a|b|rc)\d", offline.file_name(wheel).split("-")[1])
    ]


def test_a_machine_without_wheels_is_seen_in_the_lock(locked: list) -> None:
    """As Windows on ARM is: should it be served one day, README, e-mail and doctor have to say so."""
    arm = offline.System("Windows (ARM64)", ("win_arm64",), "win32", "ARM64", "windows-aarch64-none")
    assert "nutpie" in [package for package, wheel in offline.wheels_for(locked, arm, (3, 13)).items() if not wheel]


def test_the_set_up_the_doctor_and_the_bundle_serve_the_same_machines() -> None:
    systems = {"win32": "windows"}
    bundle = {f"{systems.get(s.sys_platform, s.sys_platform)}-{s.machine.lower()}" for s in offline.SYSTEMS.values()}
    assert set(bootstrap.MACHINES) == set(doctor.MACHINES) == bundle


@pytest.mark.parametrize("file", ["README.md", "docs/teach/setup_email.md"])
def test_readme_and_e_mail_say_which_machines_serve(file: str) -> None:
    said = (ROOT / file).read_text("utf-8").replace("\n", " ")
    for words in ("Linux", "Apple Silicon", "Intel", "Windows on ARM", "Binder", "Colab", "hub"):
        assert words in said, words


@pytest.mark.parametrize(
    ("system", "kind", "version", "says"),
    [
        ("Windows", "win-arm64", (3, 13), "https://mybinder.org/v2/gh/"),
        ("Windows", "win-amd64", (3, 14), None),
        ("Darwin", "x86_64", (3, 14), "take one of these"),
        ("Darwin", "x86_64", (3, 13), None),
        ("Linux", "riscv64", (3, 13), "https://mybinder.org/v2/gh/"),
    ],
)
def test_the_doctor_says_what_a_machine_without_wheels_does(
    monkeypatch: pytest.MonkeyPatch, system: str, kind: str, version: tuple, says: str | None
) -> None:
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.machine", lambda: "ARM64" if system == "Windows" else kind)
    monkeypatch.setattr("sysconfig.get_platform", lambda: kind)
    monkeypatch.setattr("sys.version_info", version)
    monkeypatch.setattr(doctor, "_EXAMINATIONS", {"Machine": doctor._examine_machine})
    _, cure = doctor._examine_machine()
    assert says in cure if says else cure == ""
    assert course.main(["doctor"]) == int(bool(says))


@for_shells
@pytest.mark.parametrize(
    ("machine", "code", "says"),
    [("windows-arm64", 1, "https://mybinder.org/v2/gh/"), ("linux-x86_64", 0, ""), ("", 0, "")],
)
def test_the_set_up_stops_where_packages_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: str, code: int, says: str
) -> None:
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\necho " + sys.executable)
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(bootstrap, "machine", lambda python, env: machine)
    if code:
        with pytest.raises(SystemExit, match=says):
            bootstrap.main([])
    else:
        assert bootstrap.main([]) == 0


def test_an_intel_mac_is_not_given_a_python_without_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "machine", lambda python, env: "darwin-x86_64")
    assert bootstrap.suitable(sys.executable, dict(os.environ)) == (sys.version_info < (3, 14))


def test_the_bootstrap_knows_this_machine() -> None:
    assert bootstrap.machine(sys.executable, dict(os.environ)) in bootstrap.MACHINES


# ---------------------------------------------------------------------------------------------- the bundle

SYSTEM_OF = {
    "linux-x86_64": "linux",
    "linux-aarch64": "linux-arm",
    "darwin-arm64": "macos",
    "darwin-x86_64": "macos-intel",
}
FAKE_COURSE = """\
import pathlib, socket, sys

def main():
    if sys.argv[1] == "start":
        pathlib.Path(sys.argv[2]).mkdir()
    else:
        socket.create_connection(("192.0.2.1", 9), timeout=1)
"""


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle for this machine with a stand-in for the course, whose doctor calls an address outside."""
    folder = tmp_path / "bundle"
    monkeypatch.setattr(offline, "FOLDER", folder)
    (folder / "wheels").mkdir(parents=True)
    name = SYSTEM_OF[bootstrap.machine(sys.executable, dict(os.environ))]
    place = folder / "uv" / name / "uv"
    place.parent.mkdir(parents=True)
    shutil.copy2(offline.uv(dict(os.environ)), place)
    wheel = folder / "wheels" / "borrowing_strength-9-py3-none-any.whl"
    info = "borrowing_strength-9.dist-info"
    files = {
        "fake_course.py": FAKE_COURSE,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: borrowing-strength\nVersion: 9\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\nborrowing-strength = fake_course:main\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(wheel, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
    digest = offline.hashlib.sha256(wheel.read_bytes()).hexdigest()
    (folder / "requirements.txt").write_text(f"borrowing-strength==9 --hash=sha256:{digest}\n")
    offline.write_instructions([name], [])
    return folder


@for_shells
def test_the_bundle_installs_where_there_is_no_route(bundle: Path, tmp_path: Path) -> None:
    """What `make offline` does with the real packages; the stand-in's doctor proves that nothing can be reached."""
    if offline.without_route() is None:
        pytest.skip("unshare makes no network namespace here, so there is no place without a route")
    run = offline.install(tmp_path / "place")
    assert (tmp_path / "place" / "my-course").is_dir(), run.stderr
    assert run.returncode == 1
    assert "jupyter lab my-course/00_start_here.ipynb" in (tmp_path / "place" / "open.sh").read_text()
    assert "open.sh" in run.stdout  # also where the doctor finds fault
    assert "Network is unreachable" in run.stderr


@for_shells
def test_a_file_that_was_changed_is_not_installed(bundle: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle / "wheels" / "borrowing_strength-9-py3-none-any.whl", "a") as archive:
        archive.writestr("more.py", "")
    run = offline.install(tmp_path / "place")
    assert run.returncode != 0
    assert "Hash mismatch" in run.stderr
    assert not (tmp_path / "place" / "my-course").exists()


@for_shells
def test_install_sh_says_what_is_missing(bundle: Path, tmp_path: Path) -> None:
    def run(**env: str) -> subprocess.CompletedProcess[str]:
        command = ["sh", bundle / "install.sh", tmp_path / "place"]
        return subprocess.run(command, env=os.environ | env, capture_output=True, text=True, check=False)

    without = run(UV_PYTHON="3.6")
    assert (without.returncode, "No Python 3.12, 3.13 or 3.14 here" in without.stderr) == (1, True)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uname").write_text("#!/bin/sh\necho Plan9")
    (tmp_path / "bin" / "uname").chmod(0o755)
    other = run(PATH=f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    assert (other.returncode, "no packages for Plan9" in other.stderr) == (1, True)


def test_the_bundle_says_how_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offline, "FOLDER", tmp_path)
    offline.write_instructions(["linux", "windows"], ["windows"])
    said = (tmp_path / "README.txt").read_text("utf-8")
    commands = {line.split()[-1] for line in said.splitlines() if line.startswith("    ")}
    assert commands == {"install.sh", "install.cmd"}
    assert all((tmp_path / command).read_bytes() for command in commands)
    assert (tmp_path / "install.cmd").read_bytes().count(b"\r\n") > 10
    assert "None is in this folder for Windows (x64)" in said
    assert "macOS 12" not in said


def test_a_python_for_machines_without_one_comes_along_where_it_can_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(address: str, timeout: float) -> io.BytesIO:
        if "apple" in address:
            raise OSError("no such host")
        return io.BytesIO(address.encode())

    monkeypatch.setattr(offline, "FOLDER", tmp_path)
    monkeypatch.setattr("urllib.request.urlopen", answer)
    assert offline.add_pythons(list(offline.SYSTEMS)) == ["macos", "macos-intel"]
    brought = {path.name for path in (tmp_path / "python").glob("*/*")}
    assert len(brought) == 3
    assert all(re.match(r"cpython-3\.13\.\d+\+\d+-(x86_64|aarch64)-.*-install_only", name) for name in brought)


@for_shells
def test_a_machine_without_python_takes_the_one_that_came_along(bundle: Path, tmp_path: Path) -> None:
    """As far as uv's own look at the file: this one is damaged, so that the test needs no real one."""
    place = SYSTEM_OF[bootstrap.machine(sys.executable, dict(os.environ))]
    found = subprocess.run(
        [bundle / "uv" / place / "uv", "python", "list", "--only-downloads", "--output-format", "json", "3.13"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    date, file = json.loads(found.stdout)[0]["url"].rsplit("/", 2)[1:]
    (bundle / "python" / date).mkdir(parents=True)
    (bundle / "python" / date / file.replace("%2B", "+")).write_bytes(b"damaged")
    env = {"PATH": f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin", "UV_PYTHON": "3.13", "HOME": str(tmp_path)}
    run = subprocess.run(
        ["sh", bundle / "install.sh", tmp_path / "place"], env=env, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "Failed to extract archive" in run.stderr
    assert "No Python 3.12, 3.13 or 3.14 here" in run.stderr


def test_both_programs_install_by_hash_and_from_nothing_else() -> None:
    for name in ("install.sh", "install.cmd"):
        program = (ROOT / ".ci" / name).read_text("utf-8")
        for words in ("--no-index", "--require-hashes", "UV_OFFLINE=1", "UV_PYTHON_DOWNLOADS=manual"):
            assert words in program, (name, words)


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, locked: list) -> None:
    monkeypatch.setattr(offline, "FOLDER", tmp_path)
    monkeypatch.setattr(offline, "locked_wheels", lambda: {key: [] for key in locked_versions(locked)})
    monkeypatch.setattr(sys, "argv", ["offline.py", "linux"])
    with pytest.raises(SystemExit, match=r"linux, Python 3\.12: the lock has no wheel of .*pymc"):
        offline.main()


def locked_versions(locked: list) -> list[tuple[str, str]]:
    return [(requirement.name, next(iter(requirement.specifier)).version) for requirement in locked]
