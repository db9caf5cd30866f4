"""Runs a learner's function so that, whatever it does, the notebook is as it was."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from course_utils.runtime import random_state_kept, torch_settings_kept

SECONDS_ALLOWED = 10.0
_CHECKING = threading.local()


class TooLongError(BaseException):
    """The answer did not end in time. A BaseException, so that an answer's own `except Exception` lets it through."""


def call(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Call a function for a limited time. Settings are put back; random states and what it does to the arguments stay.

    Raises:
        TooLongError: it had not ended after SECONDS_ALLOWED.
        BaseException: whatever the function raises.
    """
    with torch_settings_kept(), time_limit(SECONDS_ALLOWED):
        return function(*arguments)


@contextmanager
def surroundings_kept() -> Iterator[None]:
    """Put back random states and torch's settings, whatever happens inside; gradients are on."""
    before, _CHECKING.inside = checking(), True
    try:
        with random_state_kept(settings=True), torch.enable_grad():
            yield
    finally:
        _CHECKING.inside = before


def checking() -> bool:
    """Is an answer being checked just now, in this thread?"""
    return getattr(_CHECKING, "inside", False)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TooLongError after that many seconds, where Python can be interrupted (main thread; not on Windows).

    It is raised again every second, for an answer that catches everything.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, frame: Any) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
