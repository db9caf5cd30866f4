"""Is a file of the kind that its name promises? A sign-in page is no archive, and half an archive is none."""

from __future__ import annotations

import bz2
import errno
import gzip
import json
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

CHUNK = 1 << 20
MOST_UNPACKED = 100  # times the size of the file; what is packed more densely is taken to be made to do harm
TOO_LARGE = "what came would unpack to more than a hundred times its size"


def wrong_kind(path: Path, name: str) -> str:
    """Why a file cannot be what its name promises, in words that follow "but"; empty where it can.

    Packed files and JSON are read to their end, nothing is written; a TAR archive is looked at from both ends.

    Raises:
        OSError: the file cannot be read.
    """
    for ending, (kind, check) in KINDS.items():
        if name.endswith(ending):
            try:
                return check(path)
            except FAULTS as error:
                if getattr(error, "errno", None) not in (None, errno.EINVAL):  # the disk's; EINVAL: a place before 0
                    raise
                return f"what came is not {kind}, or not all of it (a sign-in page of the network, perhaps)"
    return ""


def _zip(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > _most(path):
            return TOO_LARGE
        broken = archive.testzip()
    return f"its member {ascii(broken)[1:-1]} is damaged" if broken else ""


def _json(path: Path) -> str:
    json.loads(path.read_bytes())
    return ""


def _packed(opened: Callable[[Path], Any], path: Path) -> str:
    size = 0
    if not path.stat().st_size:
        raise EOFError
    with opened(path) as content:
        while chunk := content.read(CHUNK):
            size += len(chunk)
            if size > _most(path):
                return TOO_LARGE
    return ""


def _tar(path: Path) -> str:
    with tarfile.open(path, "r:"), path.open("rb") as file:
        file.seek(-1024, os.SEEK_END)
        if file.read() != bytes(1024):  # the mark of its end
            raise tarfile.ReadError
    return ""


def _most(path: Path) -> int:
    return MOST_UNPACKED * (path.stat().st_size + CHUNK)


KINDS: dict[str, tuple[str, Callable[[Path], str]]] = {
    ".zip": ("a ZIP archive", _zip),
    ".json": ("JSON", _json),
    ".gz": ("a file packed by gzip", partial(_packed, gzip.GzipFile)),
    ".bz2": ("a file packed by bzip2", partial(_packed, bz2.BZ2File)),
    ".tar": ("a TAR archive", _tar),
}
FAULTS = (zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, RuntimeError, ValueError, OSError)
