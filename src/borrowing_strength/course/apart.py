"""Run a notebook that somebody else wrote, apart from this user's files and from the network, within limits."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from borrowing_strength.course.notebooks import CourseError, as_text, first_line, read_notebook

CELL_SECONDS = 300
MEMORY = 8 * 2**30  # bytes of address space, for the kernel and for what collects its output
OUTPUT = 50 * 2**20  # bytes that a notebook may have in the end
_MAC_PROFILE = "(version 1)(allow default)(deny network*)(allow network* (local unix))"


def execute_apart(notebook: Any, folder: Path, seconds: int) -> Any:
    """Run a notebook in a process of its own, with a home of its own, in a copy of its folder's data, without network.

    CourseError if this system cannot shut the network out, or the notebook takes too long or too much.
    """
    fence = _fence()
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        for data in folder.glob("*.csv"):
            shutil.copy(data, home)
        source, target = home / "given.ipynb", home / "run.ipynb"
        source.write_bytes(as_text(notebook))
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT", "VIRTUAL_ENV") if name in os.environ}
        own = dict.fromkeys(
            ("HOME", "USERPROFILE", "TMPDIR", "JUPYTER_RUNTIME_DIR", "BORROWING_STRENGTH_STATE"), scratch
        )
        command = [*fence, sys.executable, "-m", __name__, str(source), str(target)]
        try:
            subprocess.run(command, cwd=home, env=kept | own, timeout=seconds, capture_output=True, check=False)
        except subprocess.TimeoutExpired:
            raise CourseError(f"stopped after {seconds} seconds") from None
        if not target.exists():
            raise CourseError("stopped: it took more memory than it may, or ended its kernel")
        if target.stat().st_size > OUTPUT:
            raise CourseError(f"its output is larger than {OUTPUT // 2**20} MB")
        return read_notebook(target)


def _fence() -> list[str]:
    """The command that shuts the network out, or a CourseError that says why there is none."""
    for command in (["unshare", "--user", "--map-root-user", "--net"], ["sandbox-exec", "-p", _MAC_PROFILE]):
        if (
            shutil.which(command[0])
            and not subprocess.run([*command, "true"], capture_output=True, check=False).returncode
        ):
            return command
    raise CourseError(
        "this system cannot shut the network out (it has neither unshare with user namespaces nor sandbox-exec): "
        "leave --run away, or use a virtual machine"
    )


def _run(source: str, target: str) -> None:
    """What the process apart does. The kernel is reached through a file of the folder: there is no network."""
    import nbformat
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    notebook = nbformat.read(source, as_version=4)
    manager = AsyncKernelManager(kernel_name="python3", transport="ipc")
    client = NotebookClient(notebook, km=manager, timeout=CELL_SECONDS, allow_errors=True)
    try:
        client.execute()
    except (CellTimeoutError, DeadKernelError) as error:
        print(first_line(type(error).__name__, str(error)), file=sys.stderr)
    Path(target).write_bytes(as_text(notebook))


if __name__ == "__main__":
    _run(*sys.argv[1:])
