"""Run a learner's code within limits of time, memory and printed text.

No limit in the same process stops three things: ``os._exit`` or a crash, a loop inside a C function, and a new thread.
"""

import contextlib
import ctypes
import io
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import numpy as np

SECONDS = 10.0  # of the processor, so that a busy machine fails no right answer
PATIENCE = 3  # times that, by the clock on the wall, for what waits or is kept waiting
MEMORY = 2**30  # bytes in addition to what the kernel holds, where the system can tell and refuse (Linux)


class TimeExpired(BaseException):
    """The time is up. A ``BaseException``, so that a learner's ``except Exception`` does not swallow it."""


class Printed(io.TextIOBase):
    """Takes the place of the screen and keeps the beginning of what is printed."""

    KEPT = 1_000
    text, lost = "", 0

    def write(self, text: str) -> int:
        kept = text[: self.KEPT - len(self.text)]
        self.text += kept
        self.lost += len(text) - len(kept)
        return len(text)


def run(function: Callable[[], Any], seconds: float = SECONDS, screen: Printed | None = None) -> Any:
    """Call a function, stop it with `TimeExpired` when its time is up, and catch what it prints."""
    # Only a signal breaks into a call that blocks (`time.sleep`), it leaves no thread running, and PyMC keeps its model
    # stack per thread. But Python delivers signals to the main thread alone, and Windows has none: a thread must do.
    has_signals = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    with contextlib.ExitStack() as quiet:
        quiet.enter_context(contextlib.redirect_stdout(screen or Printed()))
        quiet.enter_context(contextlib.redirect_stderr(screen or Printed()))
        quiet.enter_context(warnings.catch_warnings(action="ignore"))
        quiet.enter_context(np.errstate(all="ignore"))
        quiet.enter_context(_memory_limit())
        return (_run_with_signal if has_signals else _run_in_thread)(function, seconds)


@contextlib.contextmanager
def _memory_limit() -> Iterator[None]:
    try:
        import resource

        held = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    except (ImportError, OSError):  # Windows, macOS
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limits = [each for each in (soft, hard, held + MEMORY) if each != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _run_with_signal(function: Callable[[], Any], seconds: float) -> Any:
    alarm = _Alarm(_deadline(seconds, time.thread_time))
    handler, timer = signal.signal(signal.SIGALRM, alarm), signal.setitimer(signal.ITIMER_REAL, seconds, 0.25)
    try:
        return function()
    finally:
        alarm.stop()
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, handler)


def _deadline(seconds: float, clock: Callable[[], float]) -> Callable[[], bool]:
    computed, waited = clock() + seconds, time.monotonic() + PATIENCE * seconds
    return lambda: clock() >= computed or time.monotonic() >= waited


class _Alarm:
    """Signal handler that raises once the time is up, and from the next ring on at every line of Python."""

    def __init__(self, expired: Callable[[], bool]) -> None:
        self.expired, self.rings, self.stopped = expired, 0, False
        self.tool: int | None = None

    def __call__(self, signum: int, frame: FrameType | None) -> None:
        # A ring may come late, when the function has returned: its result is there, let it through.
        own = frame is None or frame.f_code.co_filename == __file__
        if self.stopped or own or not self.expired() or _must_finish(frame):
            return
        self.rings += 1
        if self.rings > 1 and self.tool is None:
            self._insist()
        raise TimeExpired

    def _insist(self) -> None:
        """Outlast ``while True: try: ... except: ...``, which swallows any single exception."""
        self.tool = next((tool for tool in range(5, 2, -1) if sys.monitoring.get_tool(tool) is None), None)
        if self.tool is not None:
            sys.monitoring.use_tool_id(self.tool, "borrowing_strength")
            sys.monitoring.register_callback(self.tool, sys.monitoring.events.LINE, _raise_outside_this_file)
            sys.monitoring.set_events(self.tool, sys.monitoring.events.LINE)

    def stop(self) -> None:
        self.stopped = True
        if self.tool is not None:
            sys.monitoring.set_events(self.tool, 0)
            sys.monitoring.register_callback(self.tool, sys.monitoring.events.LINE, None)
            sys.monitoring.free_tool_id(self.tool)


def _raise_outside_this_file(code: CodeType, line: int) -> None:
    own = code.co_filename == __file__ or threading.current_thread() is not threading.main_thread()
    if not own and not _must_finish(sys._getframe(1)):
        raise TimeExpired


def _must_finish(frame: FrameType | None) -> bool:
    """Tell whether a module is imported or numba compiles just now: cut off, they stay half made for the session."""
    while frame is not None and (file := frame.f_code.co_filename) != __file__:
        if file.startswith("<frozen importlib") or ("numba" in file and "numba" in Path(file).parts):
            return True
        frame = frame.f_back
    return False


def _run_in_thread(function: Callable[[], Any], seconds: float) -> Any:
    outcome: Future[Any] = Future()

    def work() -> None:
        try:
            outcome.set_result(function())
        except BaseException as error:
            outcome.set_exception(error)

    thread, expired = threading.Thread(target=work, daemon=True), _deadline(seconds, time.process_time)
    thread.start()
    thread.join(seconds)
    while thread.is_alive() and not expired():
        thread.join(seconds / 10)
    if thread.is_alive():
        # Takes effect at the thread's next Python instruction; a blocked thread is left behind as a daemon.
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(TimeExpired))
        raise TimeExpired
    return outcome.result()
