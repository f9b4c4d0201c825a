"""Progress survives many notebooks at once, a kill at any moment, and a disk that is full."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from borrowing_strength.core import state
from borrowing_strength.exercises import tally

ADD = "from borrowing_strength.exercises import tally\nfor _ in range({times}): tally.add('97.1', tries=1)"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(state.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setattr(state, "_session", {})
    monkeypatch.setattr(state, "_notices", [])
    return tmp_path


def start(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def test_eight_processes_of_two_hundred_checks_keep_all() -> None:
    for process in [start(ADD.format(times=200)) for _ in range(8)]:
        assert process.wait() == 0
    assert tally.read("97.1").tries == 1600


def test_threads_of_one_kernel_keep_all() -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: tally.add(f"97.{i % 2}", tries=1), range(80)))
    state._session.clear()
    assert [tally.read(f"97.{i}").tries for i in range(2)] == [40, 40]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_kill_at_any_moment_leaves_the_last_good_state(own_folder: Path) -> None:
    kept = 0
    for moment in (0.0, 0.003, 0.01, 0.02, 0.03):
        process = start(ADD.format(times=10**6))
        while tally.read("97.1").tries <= kept:
            time.sleep(0.002)
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
        kept, before = tally.read("97.1").tries, kept
        assert kept > before
    assert state.writable()  # the lock of the dead is free
    assert not list(own_folder.glob("*damaged*"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of files")
def test_a_full_disk_is_said_and_counted_in_the_session() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "import borrowing_strength as bs\n"
        "print(bs.check('0.1', 99)); print(bs.predict('1.a', 3)); print(bs.progress())"
    )
    said = start(code).communicate()[0]
    assert said.count("could not be kept on disk (") == 2
    assert "Progress is kept for this session only" in said
    assert "↻ 0.1" in said


def test_an_exception_while_writing_leaves_the_old_file(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tally.add("97.1", tries=1)
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        tally.add("97.1", tries=1)
    assert json.loads((own_folder / "exercise-97.1.json").read_text())["tries"] == 1
    assert {path.name for path in own_folder.iterdir()} == {"exercise-97.1.json", ".lock"}


def test_what_version_0_1_0_wrote_is_read(own_folder: Path) -> None:
    (own_folder / "exercise-1.2.json").write_text('{"tries": 3, "hints": 1, "right": 1}')
    assert tally.read("1.2") == (3, 1, 1)
