"""Build what a release holds, and use it as a stranger would: `make release` fills dist/.

The source archive and the wheel are each installed into an empty environment, with the versions of uv.lock. There
`borrowing-strength start` brings the lessons, and lesson 00 is run with one exercise answered.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import borrowing_strength as bs
from notebooks import ROOT, lessons
from offline import export, uv

DIST = ROOT / "dist"
LEARN = """
import sys, nbformat
from nbclient import NotebookClient

lesson = nbformat.read(sys.argv[1], as_version=4)
(cell,) = (cell for cell in lesson.cells if cell.metadata.get("exercise") == "0.1")
cell.source = cell.source.replace("...", '"b"', 1)
NotebookClient(lesson, timeout=900, kernel_name="python3").execute()
sys.exit("Right" not in str(cell.outputs))
"""


def build() -> list[Path]:
    """Build the source archive, and the wheel from this archive alone."""
    shutil.rmtree(DIST, ignore_errors=True)
    command = [uv(dict(os.environ)), "build", "--quiet", "--no-build-isolation", "--python", sys.executable]
    subprocess.run([*command, "--out-dir", str(DIST)], cwd=ROOT, check=True)
    return sorted(path for path in DIST.iterdir() if path.name.startswith("borrowing_strength"))


def use(file: Path) -> None:
    """Install a file where nothing is, start the course and learn a little."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        program = place / "course" / ("Scripts" if os.name == "nt" else "bin")
        foreign = ("BORROWING", "JUPYTER", "PYTHON", "VIRTUAL_ENV", "UV_PROJECT")
        env = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
        env |= {"BORROWING_STRENGTH_STATE": str(place / "state"), "IPYTHONDIR": str(place / "ipython")}

        def run(*command: object) -> None:
            subprocess.run(list(map(str, command)), cwd=place, env=env, check=True, stdout=subprocess.DEVNULL)

        (place / "locked.txt").write_text(export(), encoding="utf-8")
        install = (uv(env), "pip", "install", "--quiet", "--python", place / "course")
        run(uv(env), "venv", "--quiet", "--python", sys.executable, place / "course")
        run(*install, "--require-hashes", "--requirement", place / "locked.txt")
        run(*install, "--no-deps", file)
        run(program / "borrowing-strength", "start", "my-course")
        run(program / "borrowing-strength", "doctor")
        run(program / "python", "-c", LEARN, Path("my-course", lessons()[0].name))
    print(f"{file.relative_to(ROOT)}: installed, started, lesson 00 run, an exercise answered", flush=True)


def main() -> None:
    tag = os.environ.get("GITHUB_REF_NAME", "")
    if os.environ.get("GITHUB_REF_TYPE") == "tag" and tag != f"v{bs.__version__}":
        sys.exit(f"the tag says {tag}, and the package {bs.__version__}")
    files = build()
    for file in files:
        use(file)


if __name__ == "__main__":
    main()
