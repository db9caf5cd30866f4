"""Is a file what it should be? Its SHA-256, and the record of it that stands beside the files of a set."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from course_utils.data.catalogue import RemoteFile
from course_utils.data.kinds import wrong_kind

RECORD = "hashes.json"
LOCK = ".lock"
LOCK_SECONDS = 30.0
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
SHA256 = re.compile(r"[0-9a-f]{64}")


class Known(NamedTuple):
    """A file as it was when it was last read to its end: its SHA-256, its size and when it was changed, where known."""

    sha256: str
    size: int = -1
    mtime_ns: int = -1


def read(path: Path) -> Known:
    """Read a file to its end."""
    with path.open("rb") as file:
        state = os.fstat(file.fileno())
        return Known(hashlib.file_digest(file, "sha256").hexdigest(), state.st_size, state.st_mtime_ns)


def known(path: Path) -> Known:
    """A file as the record beside it knows it; it is read where its size or its time of change is another."""
    said, state = recorded(path.parent).get(path.name), path.stat()
    return said if said and said[1:] == (state.st_size, state.st_mtime_ns) else read(path)


def parse(text: str | bytes) -> dict[str, Known]:
    """What the text of a `hashes.json` says of each file; a bare hash is taken too.

    Raises:
        ValueError: the text is not such a record.
    """
    table = json.loads(text)
    if not isinstance(table, dict):
        raise ValueError("not a table")
    entries = {name: entry if isinstance(entry, dict) else {"sha256": entry} for name, entry in table.items()}
    for name, entry in entries.items():
        if not (isinstance(entry.get("sha256"), str) and SHA256.fullmatch(entry["sha256"])):
            raise ValueError(f"{name}: not a SHA-256")
    return {name: Known(*(entry.get(field, -1) for field in Known._fields)) for name, entry in entries.items()}


def recorded(folder: Path) -> dict[str, Known]:
    """What the record in a set's folder says; nothing where it is absent or unreadable."""
    try:
        return parse((folder / RECORD).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}


def record(path: Path, file: Known) -> None:
    """Write down what is known of a file, beside it. Call it within `locked(path.parent)`."""
    table = recorded(path.parent)
    if table.get(path.name) != file:
        entries = {name: known._asdict() for name, known in {**table, path.name: file}.items()}
        with part(path.parent, RECORD) as new:
            new.write_text(json.dumps(entries, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            os.replace(new, path.parent / RECORD)


def part_name(folder: Path, name: str) -> Path:
    """Where a file is written before it is known to be whole: a name nobody else uses, in the same folder."""
    return folder / f".{name}.{secrets.token_hex(6)}.part"


@contextlib.contextmanager
def part(folder: Path, name: str) -> Iterator[Path]:
    """A path to write to; what is still there afterwards is removed."""
    path = part_name(folder, name)
    try:
        yield path
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(folder: Path, seconds: float | None = None) -> Iterator[None]:
    """Keep other processes from recording in the same folder meanwhile. A process that dies lets go of it.

    Raises:
        TimeoutError: another process has kept it for so many seconds; default: `LOCK_SECONDS`.
        OSError: the folder cannot be written.
    """
    from filelock import FileLock

    lock = FileLock(folder / LOCK, timeout=LOCK_SECONDS if seconds is None else seconds)
    try:
        lock.acquire()
    except (OSError, NotImplementedError) as error:
        if isinstance(error, OSError) and error.errno not in NO_LOCKS:
            raise
    try:  # without a lock too, on a file system that has none: two processes at once remain a small risk
        yield
    finally:
        lock.release()


def fault(path: Path, found: Known, file: RemoteFile, expected: Mapping[str, str | None]) -> str:
    """What is wrong with a file, in words that follow "but"; empty where nothing is.

    Args:
        path: the file.
        found: what is known of it.
        file: what the catalogue knows of it.
        expected: its hash according to whom, such as {"the catalogue": "9f86…"}; None where they do not say.
            Without any hash the file must at least be of the kind that its name promises.
    """
    if file.size not in (None, found.size):
        return f"what came has {found.size:,} bytes and not {file.size:,}"
    for who, said in expected.items():
        if said is not None and said != found.sha256:
            return f"what came is not the file that {who} names (SHA-256 {found.sha256[:12]}… and not {said[:12]}…)"
    return "" if any(expected.values()) else wrong_kind(path, file.name)
