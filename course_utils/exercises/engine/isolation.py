"""Runs a learner's function so that, whatever it does, the notebook is as it was."""

from __future__ import annotations

import copy
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

SECONDS_ALLOWED = 10.0


class TooLongError(BaseException):
    """The answer did not end in time. A BaseException, so that an answer's own `except Exception` lets it through."""


def call(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Call a function on copies of the arguments, for a limited time. Settings are put back, random states are not.

    Raises:
        TooLongError: it had not ended after SECONDS_ALLOWED.
        BaseException: whatever the function raises.
    """
    with settings_kept(), time_limit(SECONDS_ALLOWED):
        return function(*copy.deepcopy(arguments))


@contextmanager
def surroundings_kept() -> Iterator[None]:
    """Put back random states, grad mode, default dtype and threads, whatever happens inside."""
    python, numpy, generator = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        with settings_kept(), torch.enable_grad():
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        torch.set_rng_state(generator)


@contextmanager
def settings_kept() -> Iterator[None]:
    """Put back grad mode, default dtype and threads, so that what runs next is not changed by what ran inside."""
    grad, dtype, threads = torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_grad_enabled(grad)
        torch.set_default_dtype(dtype)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)


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
