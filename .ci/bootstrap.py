"""Run a command in the project's environment, setting up first whatever is missing.

    python .ci/bootstrap.py                  set up and stop
    python .ci/bootstrap.py jupyter lab      set up, then run the command in the project's folder
    python .ci/bootstrap.py --group site sphinx-build ...
                                             the same, with one more dependency group of pyproject.toml

uv does the work. It is taken from the PATH, or else installed into the project's own folder `.uv`, together
with its cache and any Python that it fetches, so that deleting the clone deletes everything.

This file has to run on any Python, 2.7 included, if only to say in one sentence which versions serve.
"""

from __future__ import print_function

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PRIVATE = os.path.join(ROOT, ".uv")
SUPPORTED = ">=3.12,<3.15"
PREFERRED = "3.13"
# Where every locked package is a wheel; the README and `borrowing-strength doctor` say the same.
MACHINES = ("linux-x86_64", "linux-aarch64", "darwin-arm64", "darwin-x86_64", "windows-amd64")
ELSEWHERE = (
    "some packages of the course have no ready-made file for this machine (%s). Open the course in the browser: "
    "https://mybinder.org/v2/gh/borrowing-strength/borrowing-strength/main, Google Colab, or the hub of your course; "
    "README.md says which machines serve."
)
BIN, EXE = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")


def stop(sentence):
    sys.exit("Borrowing Strength: " + sentence)


def no_python():
    stop(
        "needs Python 3.12, 3.13 or 3.14 and found none here (this is Python %d.%d); install one from "
        "https://www.python.org/downloads/ and run the command again." % tuple(sys.version_info[:2])
    )


def run(command, env):
    """Run quietly; return (succeeded, everything printed on stdout, on stderr)."""
    try:
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as error:
        return False, "", str(error)
    out, err = process.communicate()
    return process.returncode == 0, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")


def uv_on_path(env):
    for folder in env.get("PATH", "").split(os.pathsep):
        uv = os.path.join(folder, "uv" + EXE)
        # A shim can exist without a uv behind it, so being there is not enough: it has to run.
        if os.path.isfile(uv) and run([uv, "--version"], env)[0]:
            return uv
    return None


def private_uv(env):
    env.setdefault("UV_CACHE_DIR", os.path.join(PRIVATE, "cache"))
    env.setdefault("UV_PYTHON_INSTALL_DIR", os.path.join(PRIVATE, "python"))
    venv = os.path.join(PRIVATE, "venv")
    uv = os.path.join(venv, BIN, "uv" + EXE)
    if run([uv, "--version"], env)[0]:
        return uv
    if sys.version_info < (3, 8):
        no_python()
    print("Installing uv into %s ..." % os.path.relpath(PRIVATE, ROOT), file=sys.stderr)
    made, out, err = run([sys.executable, "-m", "venv", "--clear", venv], env)
    if not made:
        print(out + err, file=sys.stderr)
        stop("this Python makes no virtual environment: install uv (on Debian, python3-venv) and try again.")
    pip = [os.path.join(venv, BIN, "python" + EXE), "-m", "pip", "--disable-pip-version-check"]
    # By hash: what is downloaded is what was looked at, or it is not installed.
    pinned = ["--require-hashes", "--only-binary", ":all:", "--requirement", os.path.join(ROOT, ".ci", "uv.txt")]
    installed, out, err = run(pip + ["install", "--quiet"] + pinned, env)
    if not installed:
        print(out + err, file=sys.stderr)
        stop("uv could not be installed (pip's reason stands above): is there a network?")
    return uv


def choose_python(uv, env):
    """Prefer the environment that exists, then a Python that is here, and fetch one only if there is none."""
    if env.get("UV_PYTHON"):
        return env["UV_PYTHON"]
    environment = os.path.join(ROOT, ".venv", BIN, "python" + EXE)
    for request in (environment, PREFERRED, SUPPORTED):
        found, path, _ = run([uv, "python", "find", "--no-project", "--no-python-downloads", request], env)
        if found and suitable(path.strip(), env):
            return path.strip()
    print("No Python 3.12, 3.13 or 3.14 here; asking uv to fetch Python %s ..." % PREFERRED, file=sys.stderr)
    if run([uv, "python", "install", "--no-bin", PREFERRED], env)[0]:
        return PREFERRED
    return no_python()


def suitable(python, env):
    last = (3, 14) if machine(python, env) == "darwin-x86_64" else (3, 15)
    return run([python, "-c", "import sys; sys.exit(not (3, 12) <= sys.version_info < %r)" % (last,)], env)[0]


def machine(python, env):
    """Return what wheels know the machine by; on Windows the Python counts, not the processor."""
    ask = (
        "import platform as p, sysconfig; system = p.system().lower(); print(system + '-' + ("
        "sysconfig.get_platform()[4:] if system == 'windows' else p.machine()))"
    )
    return run([python, "-c", ask], env)[1].strip()


def prepare(uv, env, groups):
    """Bring .venv to what uv.lock says; where it is there already this takes well under a second."""
    # Inexact: what one target added for itself may stay, so that targets do not undo each other's set-up.
    sync = [uv, "sync", "--locked", "--inexact"] + groups
    if run(sync + ["--check"], env)[0]:
        return
    # Imports dominate the time of every lesson and test: compile them here, once, and not in the first run.
    env = dict(env, UV_COMPILE_BYTECODE="1")
    print("Setting up the environment in .venv (a few minutes the first time) ...", file=sys.stderr)
    if subprocess.call(sync, env=env) != 0:
        stop("the environment could not be set up; uv's reason stands above.")


def main(command):
    os.chdir(ROOT)
    env = dict(os.environ)
    env.pop("VIRTUAL_ENV", None)  # an environment that happens to be active is not this project's
    uv = uv_on_path(env) or private_uv(env)
    env["UV_PYTHON"] = choose_python(uv, env)
    here = machine(env["UV_PYTHON"], env)
    if here and here not in MACHINES:
        stop(ELSEWHERE % here)
    groups = []
    while command[:1] == ["--group"]:
        groups, command = groups + command[:2], command[2:]
    prepare(uv, env, groups)
    if not command:
        return 0
    command = [uv, "run", "--no-sync"] + command
    if os.name == "nt":
        return subprocess.call(command, env=env)
    sys.stdout.flush()
    return os.execve(uv, command, env)  # replaced, not waited for: Ctrl-C then reaches JupyterLab alone


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
