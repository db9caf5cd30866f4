"""Runs a learner's function so that, whatever it does, the notebook is as it was."""

from __future__ import annotations

import _thread
import contextlib
import contextvars
import ctypes
import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from course_utils.exercises.engine.feedback import Note
from course_utils.exercises.engine.surroundings import settings_put_back

SECONDS_ALLOWED = 10.0
AGAIN = 1.0  # seconds after which an answer that catches everything is stopped again
WORDS_AFTER = 5.0  # seconds after which a learner is told of an answer that cannot be stopped
STOP: int = getattr(signal, "SIGURG", 0)  # nobody uses it, and not caught it ends no program; Windows has none
CANNOT_STOP = (
    "Neither the time limit nor ■ reaches the answer that is being checked: it is inside one long operation, or it "
    "catches every error. If it goes on, restart the kernel (Kernel → Restart), and look for a loop without end, or "
    "for something far too large."
)


class TooLongError(BaseException):
    """The answer did not end in time. A BaseException, so that an answer's own `except Exception` lets it through."""


def call(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Call a function for a limited time. Settings are put back; random states and what it does to the arguments stay.

    Raises:
        TooLongError: it had not ended after SECONDS_ALLOWED.
        BaseException: whatever the function raises.
    """
    depth = sys.getrecursionlimit()
    with settings_put_back(), time_limit(SECONDS_ALLOWED), one_process():
        try:
            return function(*arguments)
        finally:
            sys.setrecursionlimit(depth)  # first of all: what puts the rest back needs some depth


@contextlib.contextmanager
def one_process() -> Iterator[None]:
    """A copy of this process that an answer makes (os.fork) ends with the answer: it is neither judged nor recorded."""
    process = os.getpid()
    try:
        yield
    finally:
        if os.getpid() != process:
            os._exit(0)


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TooLongError in this thread after that many seconds, where Python can be interrupted.

    It is raised again every second, for an answer that catches everything. Where that does not help either, the
    learner is told.
    """
    watch = Watch(seconds)
    try:
        watch.begin()
        yield
        if watch.interrupted:  # and it was caught
            raise TooLongError
    finally:
        try:
            watch.end()
        except BaseException:  # the last interruption, or ■, fell just there
            watch.end()
            raise


class Watch:
    """A thread that interrupts the one that made it, by a signal or, where that cannot be, from within Python.

    The watched thread waits for it only where an interruption may be on its way: an exercise calls an answer hundreds
    of times.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.watched = threading.get_ident()
        self.on = True
        self.interrupted = self._sent = False  # in any way; from within Python
        self._over, self._gone = _thread.allocate_lock(), _thread.allocate_lock()
        self._before: Any = None
        self._by_signal = STOP > 0 and threading.current_thread() is threading.main_thread()

    def begin(self) -> None:
        """Begin to count the seconds."""
        if self._by_signal:
            self._before = signal.signal(STOP, self._stop)
        put_off_last_words(self.seconds + WORDS_AFTER + AGAIN)
        self._over.acquire()
        self._gone.acquire()
        inside = contextvars.copy_context()  # a notebook shows what is said in the cell that runs the check
        _thread.start_new_thread(inside.run, (self._watch,))

    def end(self) -> None:
        """Interrupt no more, whatever arrives meanwhile."""
        waits = True
        while waits:
            try:
                self.on = False
                with contextlib.suppress(RuntimeError):  # it is released already
                    self._over.release()
                if (self.interrupted or not self._by_signal) and self._gone.acquire(timeout=AGAIN):
                    self._gone.release()
                waits = False
            except TooLongError:
                continue
        if self._sent:
            with contextlib.suppress(TooLongError):  # one that is on its way arrives here
                for _ in range(10):
                    pass
        if self._by_signal:
            signal.signal(STOP, self._before if self._before is not None else signal.SIG_DFL)

    def _stop(self, number: int, frame: Any) -> None:
        if self.on:
            raise TooLongError

    def _watch(self) -> None:
        try:
            late = 0.0
            while not self._over.acquire(timeout=AGAIN if late else self.seconds):
                if WORDS_AFTER <= late < WORDS_AFTER + AGAIN:
                    faulthandler.cancel_dump_traceback_later()
                    tell(CANNOT_STOP)
                self._interrupt(late > AGAIN)
                late += AGAIN
        finally:
            self._gone.release()

    def _interrupt(self, all_ways: bool) -> None:
        self.interrupted = True  # before it looks whether the other has ended, which looks at this afterwards
        caught = self._by_signal and signal.getsignal(STOP) == self._stop
        if caught and self.on:
            signal.pthread_kill(self.watched, STOP)
        if (all_ways or not caught) and self.on:
            self._sent = True
            error = ctypes.py_object(TooLongError)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.watched), error)


_last_words_due = 0.0


@contextlib.contextmanager
def last_words() -> Iterator[None]:
    """Where an operation lets no other thread of Python run, the lines that run are printed after the longest time."""
    global _last_words_due
    _last_words_due = 0.0
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def put_off_last_words(seconds: float) -> None:
    """They come after so many seconds at the earliest, or up to WORDS_AFTER later (setting them takes some time)."""
    global _last_words_due
    now = time.monotonic()
    if now + seconds > _last_words_due and sys.__stderr__ is not None:
        _last_words_due = now + seconds + WORDS_AFTER
        with contextlib.suppress(OSError, ValueError):  # the stream is closed, or no file
            faulthandler.dump_traceback_later(seconds + WORDS_AFTER, file=sys.__stderr__)


def tell(words: str) -> None:
    """Say something at once from another thread: in the notebook, else on the error stream."""
    from IPython import get_ipython

    if get_ipython() is None:
        print(words, file=sys.stderr, flush=True)
    else:
        Note(words).say()
