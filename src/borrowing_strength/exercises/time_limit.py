"""Run a learner's code for a bounded time, whatever it does, and cut what it prints."""

import contextlib
import ctypes
import io
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

import numpy as np

SECONDS = 10.0  # how long a check may take


class TimeExpired(BaseException):
    """The time is up. A ``BaseException``, so that a learner's ``except Exception`` does not swallow it."""


class Printed(io.TextIOBase):
    """Takes the place of the screen and keeps the beginning of what is printed."""

    KEPT = 1_000

    def __init__(self) -> None:
        self.text, self.lost = "", 0

    def write(self, text: str) -> int:
        kept = text[: self.KEPT - len(self.text)]
        self.text += kept
        self.lost += len(text) - len(kept)
        return len(text)


def run(function: Callable[[], Any], seconds: float = SECONDS, screen: Printed | None = None) -> Any:
    """Call a function, stop it with `TimeExpired` when its time is up, and catch what it prints.

    A loop inside a C function that never returns to Python cannot be stopped: Jupyter's button cannot do it either.
    """
    # Only a signal breaks into a call that blocks (`time.sleep`), it leaves no thread running, and PyMC keeps its model
    # stack per thread. But Python delivers signals to the main thread alone, and Windows has none: a thread must do.
    has_signals = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    screen = Printed() if screen is None else screen
    with contextlib.ExitStack() as quiet:
        quiet.enter_context(contextlib.redirect_stdout(screen))
        quiet.enter_context(contextlib.redirect_stderr(screen))
        quiet.enter_context(warnings.catch_warnings(action="ignore"))
        quiet.enter_context(np.errstate(all="ignore"))
        return (_run_with_signal if has_signals else _run_in_thread)(function, seconds)


def _run_with_signal(function: Callable[[], Any], seconds: float) -> Any:
    alarm = _Alarm()
    handler_before = signal.signal(signal.SIGALRM, alarm)
    timer_before = signal.setitimer(signal.ITIMER_REAL, seconds, 0.25)
    try:
        return function()
    finally:
        alarm.stop()
        signal.setitimer(signal.ITIMER_REAL, *timer_before)
        signal.signal(signal.SIGALRM, handler_before)


class _Alarm:
    """Signal handler that raises once, and from the second ring on at every line of Python."""

    def __init__(self) -> None:
        self.rings = 0
        self.tool: int | None = None
        self.stopped = False

    def __call__(self, signum: int, frame: FrameType | None) -> None:
        # A ring may come late, when the function has returned: its result is there, let it through.
        if self.stopped or frame is None or frame.f_code.co_filename == __file__:
            return
        self.rings += 1
        if self.rings > 1 and self.tool is None:
            self._insist()
        raise TimeExpired

    def _insist(self) -> None:
        """Outlast ``while True: try: ... except: ...``, which swallows any single exception."""
        monitoring = sys.monitoring
        self.tool = next((tool for tool in range(5, 2, -1) if monitoring.get_tool(tool) is None), None)
        if self.tool is not None:
            monitoring.use_tool_id(self.tool, "borrowing_strength")
            monitoring.register_callback(self.tool, monitoring.events.LINE, _raise_outside_this_file)
            monitoring.set_events(self.tool, monitoring.events.LINE)

    def stop(self) -> None:
        self.stopped = True
        if self.tool is not None:
            sys.monitoring.set_events(self.tool, 0)
            sys.monitoring.register_callback(self.tool, sys.monitoring.events.LINE, None)
            sys.monitoring.free_tool_id(self.tool)


def _raise_outside_this_file(code: CodeType, line: int) -> None:
    if code.co_filename != __file__ and threading.current_thread() is threading.main_thread():
        raise TimeExpired


def _run_in_thread(function: Callable[[], Any], seconds: float) -> Any:
    outcome: dict[str, Any] = {}

    def work() -> None:
        try:
            outcome["value"] = function()
        except BaseException as error:
            outcome["error"] = error

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        # Takes effect at the thread's next Python instruction; a blocked thread is left behind as a daemon.
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(TimeExpired))
        raise TimeExpired
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]
