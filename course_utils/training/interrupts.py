"""■ and Ctrl-C while a network trains: remembered, and delayed while weights are copied."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def stop_button() -> Iterator[list[int]]:
    """Remembers that ■ was pressed. Python drops a KeyboardInterrupt that falls into a finaliser; the list does not."""
    pressed: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield pressed
        return

    def note(number: int, frame: Any) -> None:
        pressed.append(number)
        before(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def uninterrupted(then: bool = True) -> Iterator[None]:
    """Delays ■ while weights are copied, so that no copy is left half done; `then`: does it count afterwards?"""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before if before is not None else signal.SIG_DFL)
    if pressed and then:
        raise KeyboardInterrupt
