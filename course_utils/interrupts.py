"""■ and Ctrl-C: they wait while a library is half imported or weights are copied, and a training remembers them."""

from __future__ import annotations

import _thread
import signal
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from course_utils.errors import CourseError

PAUSE = 0.02  # seconds until a press that came in the midst of an import is tried again
SLOW = ("numpy", "torch", "torch._dynamo", "sympy", "pandas", "matplotlib", "scipy", "sklearn")  # slow to import
TORCHS = ("torch", "torch._dynamo", "sympy")  # imported a second time they fail, or come without some of their parts
HERE = Path(__file__).parent
STANDARD_LIBRARY = Path(sysconfig.get_path("stdlib"))

Handler = Callable[[int, FrameType | None], Any]


def protect_imports() -> None:
    """From now on ■ waits while a library is being imported, and counts as soon as it is there.

    An import that is stopped leaves parts of the library behind. Many libraries (torch, numpy, pandas, sympy) cannot be
    imported again in that process, and say so in words that nobody understands. Where SIGINT is ignored or somebody
    else's, and in threads, nothing is changed.
    """
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, after_imports(handler))


def after_imports(handler: Handler) -> Handler:
    """A handler that calls another one, when no library is half imported."""

    def handle(number: int, frame: FrameType | None) -> None:
        if is_importing(frame):
            _again.soon(number)
        else:
            handler(number, frame)

    return handle


def is_importing(frame: FrameType | None) -> bool:
    """Is a library being imported? A file of the learner's own may be stopped while it is imported."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        if frame.f_code.co_name == "<module>" and not _is_library(frame):
            return False
        frame = frame.f_back
    return False


def _is_library(frame: FrameType) -> bool:
    return frame.f_globals.get("__name__") != "__main__" and is_library(frame.f_code.co_filename)


def is_library(file: str) -> bool:
    """Does code belong to Python, to an installed package or to the course? So does what they make of strings."""
    if file.startswith("<"):
        return not file.startswith("<ipython")  # a cell, in older versions
    path = Path(file)
    installed = not {"site-packages", "dist-packages"}.isdisjoint(path.parts)
    return installed or not {HERE, STANDARD_LIBRARY}.isdisjoint(path.parents)


class _Again:
    """Sends a signal to the main thread once more, after a pause; many presses become one."""

    def __init__(self) -> None:
        self.waiting = False

    def soon(self, number: int) -> None:
        if not self.waiting:
            self.waiting = True
            _thread.start_new_thread(self._send, (number,))  # `threading` takes locks, which a handler must not

    def _send(self, number: int) -> None:
        time.sleep(PAUSE)
        self.waiting = False
        if sys.platform == "win32":
            _thread.interrupt_main(number)
        else:  # this one also wakes a main thread that sleeps
            signal.pthread_kill(threading.main_thread().ident or 0, number)


_again = _Again()


def half_imported() -> list[str]:
    """The libraries of which there are parts, and that are not there themselves: their import was stopped."""
    missing = [name for name in SLOW if name not in sys.modules]
    return [name for name in missing if any(part.startswith(f"{name}.") for part in sys.modules)]


def restart(libraries: list[str]) -> str:
    """What is said where a kernel cannot go on."""
    are = "are" if len(libraries) > 1 else "is"
    return (
        f"{' and '.join(libraries)} {are} only half imported, because a cell was stopped (■) in that moment. In this "
        "kernel Python cannot repair that. Restart the kernel (Kernel → Restart Kernel), or start this program again, "
        "and run the cells again; nothing else is wrong."
    )


@contextmanager
def whole_imports() -> Iterator[None]:
    """Imports of slow libraries: ■ waits until they are done.

    Raises:
        CourseError: torch is half imported, or the imports fail and some of these libraries were half imported before:
            the kernel must be restarted.
    """
    before = half_imported()
    if not set(before).isdisjoint(TORCHS):
        raise CourseError(restart(before))
    with uninterrupted():
        try:
            yield
        except Exception as error:
            if not before:
                raise
            raise CourseError(f"{restart(before)} ({type(error).__name__}: {str(error)[:200]})") from error


class StopButton:
    """■ during a training: remembered, and raised at once only while `at_once` is True.

    Python drops a KeyboardInterrupt that falls into a finaliser; `pressed` stays.

    Attributes:
        pressed: was it pressed?
        at_once: does a press raise a KeyboardInterrupt at once? Else the one who uses this class looks at `pressed`.
    """

    def __init__(self) -> None:
        self.pressed = self.at_once = False
        self.before: Any = None

    def __enter__(self) -> StopButton:
        before = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is threading.main_thread() and callable(before):
            self.before = before
            signal.signal(signal.SIGINT, self)
        return self

    def __exit__(self, *_: object) -> None:
        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """The handler of SIGINT: a training inside another one stops both."""
        self.pressed = True
        if isinstance(self.before, StopButton):
            self.before.pressed = True
        if self.at_once:
            after_imports(self.before)(number, frame)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Delays ■ until the end, so that nothing is left half done; then it counts."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before if before is not None else signal.SIG_DFL)
    if pressed:
        signal.raise_signal(signal.SIGINT)
