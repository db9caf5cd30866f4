"""Is a file what it should be? Its SHA-256, and the record of it that stands beside the files of a set."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from course_utils.data.catalogue import RemoteFile

RECORD = "hashes.json"
LOCK = ".lock"
SHA256 = re.compile(r"[0-9a-f]{64}")


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parse(text: str | bytes) -> dict[str, str]:
    """The hashes in the text of a `hashes.json`, by file name.

    Raises:
        ValueError: the text is not such a record.
    """
    table = json.loads(text)
    if not isinstance(table, dict):
        raise ValueError("not a table")
    for name, digest in table.items():
        if not (isinstance(digest, str) and SHA256.fullmatch(digest)):
            raise ValueError(f"{name}: not a SHA-256")
    return table


def recorded(folder: Path) -> dict[str, str]:
    """The hashes recorded in a set's folder; none where the record is absent or unreadable."""
    try:
        return parse((folder / RECORD).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}


def record(folder: Path, name: str, digest: str) -> None:
    """Write down the hash of a file, beside it. Call it within `locked(folder)`."""
    table = recorded(folder)
    if table.get(name) == digest:
        return
    table[name] = digest
    part = part_name(folder, RECORD)
    try:
        part.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        os.replace(part, folder / RECORD)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def part_name(folder: Path, name: str) -> Path:
    """Where a file is written before it is known to be whole: a name nobody else uses, in the same folder."""
    return folder / f".{name}.{secrets.token_hex(6)}.part"


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from recording in the same folder meanwhile. A process that dies lets go of it."""
    with (folder / LOCK).open("a+b") as file:
        with contextlib.suppress(OSError):  # a file system without locks: two processes at once remain a small risk
            if sys.platform == "win32":
                import msvcrt

                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX)
        yield


def fault(path: Path, file: RemoteFile, expected: Mapping[str, str | None]) -> str:
    """What is wrong with a file, in words that follow "but"; empty where nothing is.

    Args:
        path: the file.
        file: what the catalogue knows of it.
        expected: its hash according to whom, such as {"the catalogue": "9f86…"}; None where they do not say.
            Without any hash the file must at least be of the kind that its name promises.
    """
    size = path.stat().st_size
    if file.size not in (None, size):
        return f"what came has {size:,} bytes and not {file.size:,}"
    digest = sha256(path)
    for who, said in expected.items():
        if said is not None and said != digest:
            return f"what came is not the file that {who} names (SHA-256 {digest[:12]}… and not {said[:12]}…)"
    return "" if any(expected.values()) else wrong_kind(path, file.name)


def wrong_kind(path: Path, name: str) -> str:
    """Why a file cannot be what its name promises; empty where it can. ZIP archives and JSON are read to their end."""
    try:
        if name.endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                broken = archive.testzip()
            return f"its member {broken} is damaged" if broken else ""
        if name.endswith(".json"):
            json.loads(path.read_bytes())
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        kind = "a ZIP archive" if name.endswith(".zip") else "JSON"
        return f"what came is not {kind}, or not all of it (a sign-in page of the network, perhaps)"
    return ""
