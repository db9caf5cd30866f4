"""The surroundings of a check: what a learner has set is put aside while an answer is tried, and put back afterwards.

An answer is judged by the same rules whatever stands around it (inference mode, autocast, another default device or
dtype, warnings as errors), and whatever it sets itself reaches neither the reference nor the learner's next cell.
"""

from __future__ import annotations

import contextlib
import decimal
import gc
import locale
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import torch

from course_utils.runtime import Setting, default_device, random_state_kept, settings_kept, torch_settings_kept

_CHECKING = threading.local()


@contextlib.contextmanager
def surroundings_kept() -> Iterator[None]:
    """Put aside what would change a verdict, and put everything back at the end; gradients are on."""
    before, _CHECKING.inside = checking(), True
    try:
        with (
            timer_kept(stopped=True),
            settings_kept(process_settings()),
            settings_put_back(),
            random_state_kept(settings=True),
            usual_settings(),
        ):
            yield
    finally:
        _CHECKING.inside = before


def checking() -> bool:
    """Is an answer being checked just now, in this thread?"""
    return getattr(_CHECKING, "inside", False)


@contextlib.contextmanager
def usual_settings() -> Iterator[None]:
    """Torch, numpy and warnings as they are when Python starts; call it where they are put back afterwards."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        stack.enter_context(torch.autocast("cpu", enabled=False))
        if default_device().type != "cpu":
            stack.enter_context(torch.device("cpu"))
        torch.set_default_dtype(torch.float32)
        stack.enter_context(np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"))
        warnings.filters[:] = [entry for entry in warnings.filters if entry[0] != "error"]  # type: ignore[index]
        yield


@contextlib.contextmanager
def settings_put_back() -> Iterator[None]:
    """What happens inside leaves Python, its streams, its signals and numpy as they were."""
    with (
        warnings.catch_warnings(),
        decimal.localcontext(),
        settings_kept(python_settings()),
        torch_settings_kept(),
        torch.inference_mode(torch.is_inference_mode_enabled()),  # it has no setting; it is as it was on leaving
        streams_kept_open(),
        timer_kept(),
    ):
        yield


def python_settings() -> list[Setting]:
    """What an answer can set in Python and numpy that reaches the reference, which runs after it."""
    settings = [
        Setting(sys.gettrace, sys.settrace),
        Setting(sys.getprofile, sys.setprofile),
        Setting(np.geterr, lambda modes: np.seterr(**modes)),
        Setting(_folder, _put_folder),
        *(Setting(partial(getattr, sys, name), partial(setattr, sys, name)) for name in ("stdin", "stdout", "stderr")),
    ]
    if hasattr(signal, "pthread_sigmask"):
        mask = signal.pthread_sigmask
        settings.append(Setting(lambda: mask(signal.SIG_BLOCK, ()), lambda signals: mask(signal.SIG_SETMASK, signals)))
    return settings


def process_settings() -> list[Setting]:
    """What an answer can set in Python, numpy or the process that a later cell would notice."""
    settings = [
        Setting(sys.getrecursionlimit, sys.setrecursionlimit),
        Setting(threading.gettrace, threading.settrace),
        Setting(threading.getprofile, threading.setprofile),
        Setting(sys.getswitchinterval, sys.setswitchinterval),
        Setting(sys.get_int_max_str_digits, sys.set_int_max_str_digits),
        Setting(gc.isenabled, lambda on: gc.enable() if on else gc.disable()),
        Setting(np.geterrcall, np.seterrcall),
        Setting(np.get_printoptions, lambda options: np.set_printoptions(**options)),
        Setting(lambda: locale.setlocale(locale.LC_ALL), lambda name: locale.setlocale(locale.LC_ALL, name)),
        Setting(lambda: dict(os.environ), _put_environment),
        Setting(lambda: list(sys.path), lambda entries: sys.path.__setitem__(slice(None), entries)),
    ]
    hooks = ("displayhook", "excepthook", "unraisablehook")
    settings += [Setting(partial(getattr, sys, name), partial(setattr, sys, name)) for name in hooks]
    if threading.current_thread() is threading.main_thread():
        settings.append(Setting(_signals, _put_signals))
    return settings


def _put_environment(variables: dict[str, str]) -> None:
    for name in os.environ.keys() - variables.keys():
        del os.environ[name]
    os.environ.update(variables)


def _folder() -> str | None:
    """The working directory; None where it has been removed."""
    try:
        return os.getcwd()
    except OSError:
        return None


def _put_folder(folder: str | None) -> None:
    if folder is not None:
        with contextlib.suppress(OSError):  # it was removed meanwhile
            os.chdir(folder)


def _signals() -> dict[int, Any]:
    """What Python does on each signal."""
    return {number: signal.getsignal(number) for number in signal.valid_signals()}


def _put_signals(handlers: dict[int, Any]) -> None:
    for number, handler in handlers.items():
        if handler is not None and signal.getsignal(number) != handler:
            signal.signal(number, handler)


class Unclosable:
    """A stream that an answer can write to and cannot close."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __enter__(self) -> Unclosable:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[str]:
        return iter(self._stream)

    def close(self) -> None:
        """Only write what is not written yet."""
        self._stream.flush()

    def detach(self) -> Any:
        """Leave it as it is, since it is used again."""
        return self.buffer


@contextlib.contextmanager
def streams_kept_open() -> Iterator[None]:
    """An answer that closes a standard stream closes it for nobody else. (`settings_kept` puts the streams back.)"""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and not isinstance(stream, Unclosable):
            setattr(sys, name, Unclosable(stream))
    yield


@contextlib.contextmanager
def timer_kept(*, stopped: bool = False) -> Iterator[None]:
    """An alarm that was set before (by a grader, or as a time limit of one's own) rings in time or at the end.

    Args:
        stopped: it does not ring inside, if Python code answers it: what that raises would be taken for the answer's.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    left, every = signal.getitimer(signal.ITIMER_REAL)
    due = time.monotonic() + left
    if stopped and callable(signal.getsignal(signal.SIGALRM)):
        signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        yield
    finally:  # a timer that was set inside is stopped
        signal.setitimer(signal.ITIMER_REAL, max(due - time.monotonic(), 1e-6) if left else 0, every)
