"""A learner's code runs for a bounded time, whatever it does, and what it prints is cut."""

import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from strange import endless, endless_and_deaf

from borrowing_strength.exercises import time_limit
from borrowing_strength.exercises.records import Function

FUNCTION = Function(lambda: lambda a, b: a / b, cases=((1.0, 2.0), (3.0, 4.0)), abs_tol=1e-9)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux refuses memory beyond a limit")


def endless_retry(*_: Any) -> None:
    while True:
        try:
            raise ValueError
        except Exception:
            continue


@pytest.mark.parametrize("function", [endless, endless_and_deaf, endless_retry])
def test_a_loop_without_an_end_is_stopped(function: Callable) -> None:
    assert "Stopped: it takes more than 0.1 seconds" in FUNCTION.judge(function, seconds=0.1).says


@pytest.mark.parametrize("function", [endless, endless_and_deaf])
def test_outside_the_main_thread_the_limit_holds_too(function: Callable) -> None:
    verdicts = []
    thread = threading.Thread(target=lambda: verdicts.append(FUNCTION.judge(function, seconds=0.1)))
    thread.start()
    thread.join()
    assert "Stopped: it takes more than 0.1 seconds" in verdicts[0].says


def endless_print(*_: Any) -> None:
    while True:
        print("again and again")


def interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


def leaves_a_thread(*_: Any) -> float:
    threading.Thread(target=time.sleep, args=(0.2,), daemon=True).start()
    return 3.0


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (endless_print, "Stopped: it takes more than 0.1 seconds"),
        (lambda *_: time.sleep(60), "Stopped: it takes more than 0.1 seconds"),
        pytest.param(lambda *_: [0] * 10**9, "your function stopped with `MemoryError`", marks=LINUX),
        pytest.param(lambda *_: np.ones(10**9), "your function stopped with `MemoryError: ", marks=LINUX),
        (lambda *_: sys.exit(1), "ended in `SystemExit`"),
        (interrupted, "ended in `KeyboardInterrupt`"),
        (leaves_a_thread, "It is not right yet."),
    ],
    ids=["print", "sleep", "list", "array", "exit", "interrupt", "thread"],
)
def test_what_would_end_or_fill_the_kernel_is_an_answer_like_another(function: Callable, says: str) -> None:
    verdict = FUNCTION.judge(function, seconds=0.1)
    assert says in f"{verdict.received} {verdict.says}"
    assert len(verdict.printed) <= time_limit.Printed.KEPT + 3


@LINUX
def test_the_limit_of_memory_leaves_none_behind() -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(MemoryError):
        time_limit.run(lambda: bytearray(8 * 10**9))
    assert resource.getrlimit(resource.RLIMIT_AS) == before


@pytest.mark.parametrize("limited", [time_limit._run_with_signal, time_limit._run_in_thread])
def test_a_busy_machine_fails_no_answer(limited: Callable) -> None:
    # What waits for its turn uses no processor: twice the limit by the clock on the wall is not too long.
    assert limited(lambda: time.sleep(0.2) or 42, 0.1) == 42
    with pytest.raises(time_limit.TimeExpired):
        limited(lambda: time.sleep(0.6), 0.1)


@pytest.mark.parametrize("limited", [time_limit._run_with_signal, time_limit._run_in_thread])
def test_what_computes_is_stopped_when_its_time_is_used_up(limited: Callable) -> None:
    def compute() -> None:
        while True:
            pass

    began = time.process_time()
    with pytest.raises(time_limit.TimeExpired):
        limited(compute, 0.1)
    assert time.process_time() - began < 1


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="the limit of a thread is another")
def test_a_module_that_is_being_imported_is_imported_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off half-way, it would stay half made, and fail in everything that comes after."""
    busy = "import time\nstart = time.thread_time()\nwhile time.thread_time() < start + 0.6:\n    pass\nwhole = True\n"
    (tmp_path / "slow_to_import.py").write_text(busy, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    def function() -> None:
        import slow_to_import

        while slow_to_import.whole:
            pass

    with pytest.raises(time_limit.TimeExpired):
        time_limit._run_with_signal(function, 0.1)
    assert sys.modules.pop("slow_to_import").whole


def test_what_numba_compiles_is_compiled_whole() -> None:
    """Its tables of types are filled as they are needed: cut off, they fail everything that is compiled later."""
    busy = (
        "import time\nstart = time.thread_time()\nwhile time.thread_time() < start + 0.6:\n    pass\nwhole.append(1)\n"
    )
    compiler, whole = compile(busy, str(Path("packages", "numba", "core", "typing.py")), "exec"), []

    def function() -> None:
        exec(compiler, {"whole": whole})
        while True:
            pass

    with pytest.raises(time_limit.TimeExpired):
        time_limit._run_with_signal(function, 0.1)
    assert whole


def test_results_and_errors_come_back_from_the_second_thread() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(time_limit.run, lambda: 42).result() == 42
        with pytest.raises(ZeroDivisionError):
            pool.submit(time_limit.run, lambda: 1 / 0).result()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no interval timer")
def test_the_limit_leaves_no_alarm_behind() -> None:
    before = signal.getsignal(signal.SIGALRM)
    time_limit.run(lambda: 1, seconds=0.05)
    time.sleep(0.1)
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
