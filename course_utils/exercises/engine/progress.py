"""The learner's progress: a private file on this machine, which can be exported and imported. Nothing is sent anywhere.

Every check adds one line of JSON to the file, and nothing rewrites it: a line that a power cut or a full disk has
broken stays where it is and is passed over, so it never costs a good one. Who writes holds a lock, for as long as the
file system grants one in time; two notebooks without it still append whole lines.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import re
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import IO, NamedTuple

from course_utils import paths
from course_utils.errors import CourseError

VARIABLE = "COURSE_PROGRESS"
OUTCOMES = ("SOLVED", "NOT_YET", "ERROR")
FIELDS = {"lesson", "exercise", "outcome", "at"}
LONGEST = 10_000  # bytes of a line; an entry has about 100
MOST = 20_000_000  # bytes of a file to import: some 200,000 checks
LOCK_SECONDS = 5.0
MARKS = re.compile(b"^(?:" + b"|".join((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) + b")")


@dataclass(frozen=True)
class Entry:
    """One check: which exercise of which lesson, what came out, and when (ISO 8601, UTC)."""

    lesson: str
    exercise: str
    outcome: str
    at: str

    @classmethod
    def read(cls, line: str) -> Entry:
        """An entry from its line.

        Raises:
            ValueError: the line is no entry.
        """
        values = json.loads(line)
        if not isinstance(values, dict) or set(values) != FIELDS:
            raise ValueError("not an entry")
        if not all(isinstance(value, str) for value in values.values()) or values["outcome"] not in OUTCOMES:
            raise ValueError("not an entry")
        datetime.fromisoformat(values["at"])
        return cls(**values)

    @property
    def line(self) -> str:
        """The entry as a line of JSON in ASCII: no character in it can end the line or fail to be written."""
        return json.dumps(vars(self)) + "\n"


class Content(NamedTuple):
    """What a progress file holds: its entries, and how many lines are none."""

    entries: list[Entry]
    broken: int


def progress_file() -> Path:
    """Where progress is kept: the environment variable COURSE_PROGRESS, else `.rnn-vs-lstm` in the home folder.

    Raises:
        CourseError: there is no home folder, and the variable names no other place.
    """
    return paths.named(VARIABLE) or paths.home(VARIABLE) / ".rnn-vs-lstm" / "progress.jsonl"


def record(lesson: str, exercise: str, outcome: str) -> str:
    """Add one check to the file.

    Returns:
        An empty string, or a sentence where the file could not be written (a check never fails for that).
    """
    entry = Entry(lesson, exercise, outcome, datetime.now(UTC).isoformat(timespec="seconds"))
    try:
        path = progress_file()
    except CourseError as error:
        return f"(Your progress could not be saved. {error} The check itself is not affected.)"
    try:
        try:
            with locked(path):
                append(path, entry.line)
        except TimeoutError:  # somebody keeps the lock for long: a whole line can be added without it
            append(path, entry.line)
    except OSError as error:
        why = error.strerror or error
        return f"(Your progress could not be saved in {path}: {why}. The check itself is not affected.)"
    return ""


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a progress file, whose folder is made. Where no lock can be had at all, go without.

    Raises:
        TimeoutError: another process has held it for `LOCK_SECONDS`.
        OSError: the folder cannot be made.
    """
    from filelock import FileLock

    make_private_folder(path.parent)
    lock = FileLock(path.with_name(f".{path.name}.lock"), mode=0o600)
    try:
        if path.is_file() or not path.exists():  # and not /dev/null
            lock.acquire(LOCK_SECONDS, poll_interval=0.01)
    except TimeoutError:
        raise
    except (OSError, RuntimeError):  # a folder that cannot be written, a file system without locks
        pass
    try:
        yield
    finally:
        lock.release()


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for this user only."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(mode=0o700, exist_ok=True)


def append(path: Path, text: str) -> None:
    """Add lines to a file that only this user may read, beginning on a line of one's own.

    All is written or nothing: what a full disk has taken in part is taken back.
    (While another notebook writes, its last byte may not be there yet. Then an empty line comes between: no harm.)
    """
    content = text.encode()
    with FileIO(path, "ab+", opener=_opener) as file:
        state = os.fstat(file.fileno())
        if stat.S_ISREG(state.st_mode) and state.st_mode & 0o077 and hasattr(os, "fchmod"):
            with contextlib.suppress(OSError):  # somebody else's file, or a file system without rights
                os.fchmod(file.fileno(), 0o600)
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            content = content if file.read(1) == b"\n" else b"\n" + content
        _write_whole(file, content)


def _opener(name: str, flags: int) -> int:
    """What is made is private; a pipe that nobody else has open is an error, and no wait."""
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0), 0o600)


def _write_whole(file: FileIO, content: bytes) -> None:
    done = 0
    try:
        while done < len(content):
            done += file.write(content[done:])
    except OSError:
        end = file.tell()
        if done and os.fstat(file.fileno()).st_size == end:
            file.truncate(end - done)
        raise


def parse(file: IO[bytes]) -> Content:
    """The entries of an open file, and how many lines are none; no more than a line is held in memory."""
    entries, broken = [], 0
    for line in _lines(file):
        # Without its zeros a file that Windows saved as UTF-16 can be read, and a line behind what a power cut left.
        text = MARKS.sub(b"", line).replace(b"\0", b"").strip()
        if not text:
            continue
        try:
            entries.append(Entry.read(text.decode()))
        except (ValueError, RecursionError):
            broken += 1
    return Content(entries, broken)


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """The lines of a file; of one that is too long only the beginning, which is no entry."""
    while line := file.readline(LONGEST):
        yield line
        while len(line) == LONGEST and not line.endswith(b"\n"):
            line = file.readline(LONGEST)


def read_own() -> Content:
    """What this learner's file holds; nothing where there is none.

    Raises:
        CourseError: the file cannot be read.
    """
    path = progress_file()
    try:
        with open(path, "rb", opener=_opener) as file:
            return parse(file)
    except FileNotFoundError:
        return Content([], 0)
    except OSError as error:
        raise CourseError(
            f"Your progress in {path} cannot be read: {error.strerror}. See to the file's rights."
        ) from None


def load() -> list[Entry]:
    """All checks, oldest first. Lines that are broken are passed over.

    Raises:
        CourseError: the file cannot be read.
    """
    return read_own().entries


def solved(content: Content | None = None) -> dict[str, set[str]]:
    """The exercises solved at least once, by lesson number: {"05": {"rnn_step"}}.

    Args:
        content: of a progress file; default: this learner's.

    Raises:
        CourseError: the file cannot be read.
    """
    found: dict[str, set[str]] = {}
    for entry in (content or read_own()).entries:
        if entry.outcome == "SOLVED":
            found.setdefault(entry.lesson, set()).add(entry.exercise)
    return found


def export(path: str | Path = "my-progress.jsonl") -> Path:
    """Write all progress to a file, to keep or to carry to another machine (from Binder: download it before you leave).

    The file is as private as your progress: only you may read it.

    Raises:
        CourseError: there is a file of that name already, or it cannot be written.
    """
    return write_new(path, "".join(entry.line for entry in load()))


def write_new(path: str | Path, text: str) -> Path:
    """Write a private file that is not there yet, whole or not at all.

    Raises:
        CourseError: there is a file of that name already, or it cannot be written.
    """
    target = paths.expanded(path)
    try:
        with FileIO(target, "x", opener=_opener) as file:
            try:
                _write_whole(file, text.encode())
            except BaseException:
                target.unlink()
                raise
    except FileExistsError:
        other = f"{target.stem}-2{target.suffix}"
        raise CourseError(f"{target} exists already. Give another name, such as {other}.") from None
    except OSError as error:
        raise CourseError(f"{target} cannot be written: {error.strerror}. Give another place.") from None
    return target


def import_from(path: str | Path) -> int:
    """Add the progress of an exported file to yours; what you have already is not doubled.

    Lines of it that are broken are left out, and their number is printed.

    Returns:
        How many checks were new.

    Raises:
        CourseError: the file is missing, too large, or holds no progress, or yours cannot be written; then yours is
            left as it was.
    """
    entries, broken = _read_exported(paths.expanded(path))
    target = progress_file()
    try:
        with locked(target):
            there = set(load())
            new = [entry for entry in dict.fromkeys(entries) if entry not in there]
            if new:
                append(target, "".join(entry.line for entry in new))
    except OSError as error:
        raise CourseError(_not_saved(target, error)) from None
    if broken:
        print(f"Lines of {path} that are broken, and were left out: {broken}.")
    return len(new)


def _read_exported(source: Path) -> Content:
    """What an exported file holds.

    Raises:
        CourseError: it cannot be read, is too large, or is something else.
    """
    try:
        if not source.is_file():
            raise OSError
        size = source.stat().st_size
        with source.open("rb") as file:
            content = Content([], 0) if size > MOST else parse(file)
    except OSError:
        raise CourseError(f"{source} cannot be read. It should be a file that progress.export() wrote.") from None
    if size > MOST:
        raise CourseError(
            f"{source} has {size / 1e6:,.0f} MB, and exported progress has at most {MOST / 1e6:.0f} MB. "
            "Give a file that progress.export() wrote."
        )
    if content.broken and not content.entries:
        raise CourseError(f"{source} is not a file that progress.export() wrote, or it was damaged on its way.")
    return content


def _not_saved(path: Path, error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return f"Your progress in {path} is being written by another notebook or command. Try again in a moment."
    return f"Your progress could not be saved in {path}: {error.strerror or error}."


def reset() -> Path | None:
    """Begin anew: the file is set aside under another name beside it. `import_from` brings it back.

    Returns:
        Where it is now; None where there was no progress.

    Raises:
        CourseError: it cannot be set aside; then it is left as it was.
    """
    path = Path(os.path.realpath(progress_file()))  # a link stays a link
    if not path.is_file():
        return None
    try:
        with locked(path):
            aside = _free_name(path)
            path.rename(aside)
    except FileNotFoundError:  # somebody else was faster
        return None
    except OSError as error:
        raise CourseError(_not_saved(path, error)) from None
    return aside


def _free_name(path: Path) -> Path:
    """A name with the time in it that no file has yet."""
    when = time.strftime("%Y-%m-%d-%H%M%S")
    names = (f"{path.stem}-until-{when}{more}{path.suffix}" for more in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(aside for name in names if not (aside := path.with_name(name)).exists())
