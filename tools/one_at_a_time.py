"""Two set-ups of one folder at the same time: the second waits, and does not take the first for an interrupted one.

Standard library only.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path

LOCK_FILE = ".venv-set-up.lock"


@contextlib.contextmanager
def one_at_a_time(root: Path) -> Iterator[None]:
    """Wait until no other process sets this folder up. The lock of a process that ends, however it ends, is gone."""
    with (root / LOCK_FILE).open("a") as file:
        if not locked(file.fileno()):
            print("Another set-up of .venv is under way: waiting until it ends.", flush=True)
            while not locked(file.fileno()):
                time.sleep(0.2)
        yield


def locked(file: int) -> bool:
    """Lock an open file, if no other process has it locked."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system that knows no locks
        return True
    return True
