"""Is a file what it should be? Its SHA-256, and the record of it that stands beside the files of a set."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, NamedTuple

from course_utils.data.data_set import RemoteFile
from course_utils.data.kinds import wrong_kind

CHUNK = 1 << 20
RECORD = "hashes.json"
MOST_OF_RECORD = 1_000_000  # bytes
LOCK = ".lock"
LOCK_SECONDS = 30.0
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
PART = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{12}\.part")
SHA256 = re.compile(r"[0-9a-f]{64}")


class Known(NamedTuple):
    """A file as it was when it was last read to its end: its hashes, its size and when it was changed, where known."""

    sha256: str
    size: int = -1
    mtime_ns: int = -1
    md5: str = ""


_read_here: dict[Path, tuple[tuple[int, ...], Known]] = {}  # of folders into which others may write


def read(path: Path) -> Known:
    """Read a file to its end.

    Raises:
        OSError: it cannot be read, or it is not to be trusted, as `opened` says.
    """
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with opened(path) as file:
        state = os.fstat(file.fileno())
        while chunk := file.read(CHUNK):
            sha256.update(chunk)
            md5.update(chunk)
    found = Known(sha256.hexdigest(), state.st_size, state.st_mtime_ns, md5.hexdigest())
    _read_here[path] = _state(state), found
    return found


def known(path: Path) -> Known:
    """A file as the record beside it knows it; it is read where its size or its time of change is another.

    In a folder into which others may write, the record may be theirs: there a file is read once in each process.
    """
    said, state = recorded(path.parent).get(path.name), path.stat()
    if said and said.md5 and said[1:3] == (state.st_size, state.st_mtime_ns) and only_ours(path):
        return said
    before = _read_here.get(path)
    return before[1] if before and before[0] == _state(state) else read(path)


def _state(state: os.stat_result) -> tuple[int, ...]:
    """What nobody can set back: a file's number, its size and the times of its last changes."""
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns


def only_ours(path: Path) -> bool:
    """Can nobody but this user, and the administrator, change a file, its record and their folder?

    A group that has its user's own number is taken for that user's own.
    """
    if not hasattr(os, "getuid"):
        return True
    places = [
        place for place in (path, path.parent / RECORD, path.parent, path.parent.parent) if os.path.lexists(place)
    ]
    for place in places:
        state = place.stat()
        others = stat.S_IWOTH | (stat.S_IWGRP if state.st_gid not in (0, state.st_uid) else 0)
        theirs = not _ours(state) or state.st_mode & others
        sticky = place == path.parent.parent and state.st_mode & stat.S_ISVTX  # there nobody can rename our folder
        if not _ours(place.lstat()) or (theirs and not sticky):
            return False
    return True


def _ours(state: os.stat_result) -> bool:
    return not hasattr(os, "getuid") or state.st_uid in (0, os.getuid())


def is_foreign_link(path: Path) -> bool:
    """Is it a link that another user has made? It may lead anywhere."""
    return path.is_symlink() and not _ours(path.lstat())


def opened(path: Path) -> IO[bytes]:
    """Open an ordinary file for reading, and never wait.

    Raises:
        OSError: it cannot be read, it is a link that another user has made, or it is a pipe or a device.
    """
    if is_foreign_link(path):
        raise OSError(errno.ELOOP, "it is a link that another user has made", str(path))
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(errno.EINVAL, "it is no ordinary file", str(path))
    return os.fdopen(number, "rb")


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
    return {
        name: Known(entry["sha256"], entry.get("size", -1), entry.get("mtime_ns", -1), entry.get("md5", ""))
        for name, entry in entries.items()
    }


def recorded(folder: Path) -> dict[str, Known]:
    """What the record in a set's folder says; nothing where it is absent or unreadable."""
    try:
        with opened(folder / RECORD) as file:
            return parse(file.read(MOST_OF_RECORD))
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


def own_parts(folder: Path, names: Collection[str]) -> list[Path]:
    """What this user's own downloads of these files have not put into place."""
    found = []
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            match = PART.fullmatch(path.name)
            if match and match["name"] in names and _ours(path.lstat()):
                found.append(path)
    return found


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

    if is_foreign_link(folder) or is_foreign_link(folder / LOCK):
        raise OSError(errno.ELOOP, "a link that another user has made")
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
    if file.md5 is not None:
        wrong = f"what came is not the file that its publisher names (MD5 {found.md5[:12]}… and not {file.md5[:12]}…)"
        return "" if file.md5 == found.md5 else wrong
    return "" if any(expected.values()) else wrong_kind(path, file.name)
