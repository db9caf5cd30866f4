"""Data sets that come over the network: fetched once, kept in a cache folder, never half-written.

The cache folder is COURSE_DATA, else the usual place for caches of the operating system. It holds one folder a set,
with the files and a record of their hashes. A mirror is laid out in the same way; COURSE_DATA_MIRROR, an http address
or a folder, is asked instead of the original hosts. `mirror(folder)` fills one.
"""

from __future__ import annotations

import contextlib
import errno
import importlib.metadata
import os
import re
import shutil
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from course_utils import paths
from course_utils.data import hashes, network
from course_utils.data.catalogue import data_set, download_sets
from course_utils.data.data_set import DataSet, RemoteFile
from course_utils.data.network import TransferError
from course_utils.errors import CourseError

FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
DAY = 24 * 3600
FIRST = "the publisher states no hash; it is the file of the first download"
ADDRESS = re.compile(r"https?://[^/]", re.IGNORECASE)


@dataclass(frozen=True)
class Status:
    """Is a set here? A quick look, without reading the files; `verify` reads them.

    Attributes:
        data_set: its row of the catalogue.
        state: "with package", "package missing", "here", "partly here" or "not here".
        size: bytes here, or else what the catalogue knows; None where it is not known.
    """

    data_set: DataSet
    state: Literal["with package", "package missing", "here", "partly here", "not here"]
    size: int | None


@dataclass(frozen=True)
class Verdict:
    """What `verify` found of one file.

    Attributes:
        data_set: its row of the catalogue.
        file: its name.
        state: "whole", "absent" or "damaged".
        note: what is wrong, or how far it could be told.
    """

    data_set: DataSet
    file: str
    state: Literal["whole", "absent", "damaged"]
    note: str = ""


def cache_folder() -> Path:
    """Where downloads are kept: COURSE_DATA, else the cache folder of the operating system.

    Raises:
        CourseError: there is no home folder, and COURSE_DATA names no other place.
    """
    if folder := paths.named("COURSE_DATA"):
        return folder
    paths.home("COURSE_DATA")  # the operating system's folder is below it
    import pooch

    return Path(pooch.os_cache("rnn-vs-lstm"))


def fetch(name: str) -> list[Path]:
    """The files of a data set; those that are not here are downloaded.

    Files that are here and whole are kept, so a second call goes on with the rest, and asks no network when all are
    here. A file put into the folder by hand counts too. One that was found whole is not read again until its size or
    its time of change is another.

    Args:
        name: of the set, such as "fsdd".

    Returns:
        The paths, in the order of the catalogue; none for a set that comes with a package.

    Raises:
        CourseError: no such set, or a file did not come; what was here before is left as it was.
    """
    row = data_set(name)
    found = [_file_here(row, file) or _obtain(row, file) for file in row.files]
    unsure = [path for path, file in zip(found, row.files, strict=True) if not (file.sha256 or file.md5)]
    if not all(hashes.only_ours(path) for path in unsure):
        warnings.warn(
            f"{row.name}: other users can change the files in {_folder(row)}, and the publisher states no hash to "
            "compare them with. Set COURSE_DATA to a folder of your own if you do not trust them.",
            stacklevel=2,
        )
    return found


def status(name: str) -> Status:
    """Whether a set is here, and how large it is.

    Raises:
        CourseError: no such set.
    """
    row = data_set(name)
    if not row.is_download:
        try:
            importlib.metadata.distribution(row.package)
        except importlib.metadata.PackageNotFoundError:
            return Status(row, "package missing", row.size)
        return Status(row, "with package", row.size)
    wanted = [_path(row, file) for file in row.files]
    there = [path for path in wanted if os.path.isfile(path)]
    if len(there) == len(wanted):
        return Status(row, "here", sum(path.stat().st_size for path in there))
    return Status(row, "partly here" if there else "not here", row.size)


def verify(name: str | None = None) -> list[Verdict]:
    """Read downloaded files to their end and compare them with their hashes. Nothing is changed.

    Args:
        name: of one set; default: all.

    Raises:
        CourseError: no such set.
    """
    rows = [data_set(name)] if name is not None else download_sets()
    return [_verdict(row, file) for row in rows for file in row.files]


def clear(name: str | None = None) -> int:
    """Remove a set's downloaded files, and the record of their hashes, from the cache.

    Nothing else in the folder is touched. A later fetch takes what the publisher then has.

    Args:
        name: of one set; default: all.

    Returns:
        How many bytes were freed.

    Raises:
        CourseError: no such set, or the files cannot be removed.
    """
    rows = [data_set(name)] if name is not None else download_sets()
    freed = 0
    for row in rows:
        folder = _folder(row)
        if not (row.is_download and os.path.isdir(folder)):
            continue
        own = [_path(row, file) for file in row.files]
        try:
            for path in [*own, folder / hashes.RECORD, folder / hashes.LOCK, *_parts(row)]:
                if os.path.isfile(path):
                    freed += path.stat().st_size
                    path.unlink()
        except OSError as error:
            raise CourseError(
                f"{row.name} cannot be removed from {folder} ({error.strerror}): "
                f"close what uses it, or remove the folder by hand."
            ) from None
        with contextlib.suppress(OSError):  # something of somebody else's is in it
            folder.rmdir()
    return freed


def mirror(folder: str | Path) -> list[Path]:
    """Fill a folder that serves as COURSE_DATA_MIRROR, with every set that is downloaded and the hashes.

    A set that cannot be had does not keep the others from being mirrored; running it again goes on with the rest.

    Args:
        folder: made if need be. `python -m http.server --directory FOLDER` serves it.

    Returns:
        The files of the mirror.

    Raises:
        CourseError: some files could not be had or written; one line for each set concerned.
    """
    target = paths.expanded(folder)
    written: list[Path] = []
    troubles: list[str] = []
    for row in download_sets():
        try:
            written += [_mirror_file(path, target / row.name) for path in fetch(row.name)]
        except OSError as error:
            troubles.append(f"{row.name} cannot be mirrored: {_disk_trouble(error, target, 'name another folder')}.")
        except CourseError as error:
            troubles.append(str(error))
    if troubles:
        raise CourseError("\n".join(troubles))
    return written


def _folder(row: DataSet) -> Path:
    """A set's folder in the cache.

    Raises:
        CourseError: it is a link that another user of the cache has made.
    """
    folder = cache_folder() / row.name
    if hashes.is_foreign_link(folder):
        raise CourseError(
            f"{folder} is a link that another user has made, and may lead anywhere. Remove it, or set COURSE_DATA to "
            "another folder."
        )
    return folder


def _path(row: DataSet, file: RemoteFile) -> Path:
    return _folder(row) / file.name


def _expected(row: DataSet, file: RemoteFile) -> dict[str, str | None]:
    """A file's hash according to the catalogue; where that does not say, according to the first download."""
    if file.sha256 is not None:
        return {"the catalogue": file.sha256}
    if file.md5 is not None:  # which `hashes.fault` compares
        return {}
    return {"the record of the first download": _hash_in(hashes.recorded(_folder(row)), file)}


def _hash_in(record: dict[str, hashes.Known], file: RemoteFile) -> str | None:
    return record[file.name].sha256 if file.name in record else None


def _file_here(row: DataSet, file: RemoteFile) -> Path | None:
    """A file's path where it is here and whole, else None."""
    path = _path(row, file)
    try:
        found = hashes.known(path)
        if hashes.fault(path, found, file, _expected(row, file)):
            return None
    except OSError:
        return None
    if hashes.recorded(path.parent).get(file.name) != found:  # put there by hand, touched, or its record was lost
        with contextlib.suppress(OSError), hashes.locked(path.parent, seconds=0):
            hashes.record(path, found)
    return path


def _verdict(row: DataSet, file: RemoteFile) -> Verdict:
    path, expected = _path(row, file), _expected(row, file)
    if not os.path.isfile(path):
        return Verdict(row, file.name, "absent")
    try:
        reason = hashes.fault(path, hashes.read(path), file, expected)
    except OSError as error:
        reason = f"it cannot be read ({error.strerror})"
    if reason:
        return Verdict(row, file.name, "damaged", reason.replace("what came", "what is here"))
    if file.sha256 or file.md5:
        return Verdict(row, file.name, "whole")
    return Verdict(row, file.name, "whole", FIRST if any(expected.values()) else "no hash is known yet")


def _obtain(row: DataSet, file: RemoteFile) -> Path:
    """Download a file that is not here, or not whole."""
    place = _place(row, file.name) or file.url
    folder = _folder(row)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in _parts(row):  # what killed downloads left behind
            with contextlib.suppress(OSError):
                if time.time() - old.lstat().st_mtime > DAY:
                    old.unlink()
        with hashes.part(folder, file.name) as part:
            said_by_mirror = None if file.sha256 else _mirror_hash(row, file, part)
            _copy(place, part, file.name, network.MOST_BYTES if file.size is None else file.size)
            return _keep(row, file, part, said_by_mirror)
    except TransferError as error:
        raise _missing(row, file, place, error.reason, error.advice) from None
    except OSError as error:
        trouble = _disk_trouble(error, folder, "set COURSE_DATA to another folder")
        raise _missing(row, file, place, trouble, "") from None


def _keep(row: DataSet, file: RemoteFile, part: Path, said_by_mirror: str | None) -> Path:
    """Put a downloaded file in its place, if it is the right one."""
    path, found = _path(row, file), hashes.read(part)
    with hashes.locked(path.parent):
        expected = {"the mirror": said_by_mirror, **_expected(row, file)}
        reason = hashes.fault(part, found, file, expected)
        if reason:
            raise TransferError(reason, _advice_on_wrong_bytes(row, expected))
        with contextlib.suppress(OSError):  # what cannot be read is replaced
            if hashes.read(path).sha256 == found.sha256:  # another process was first
                return path
        os.replace(part, path)
        hashes.record(path, found)
    return path


def _parts(row: DataSet) -> list[Path]:
    """What our own downloads of a set have not put into place."""
    return hashes.own_parts(_folder(row), [hashes.RECORD, *(file.name for file in row.files)])


def _advice_on_wrong_bytes(row: DataSet, expected: dict[str, str | None]) -> str:
    if expected.get("the record of the first download") and not expected["the mirror"]:
        return (
            "Try again; if the publisher has changed the file and you want the new one, "
            f"run `course data clear {row.name}` first."
        )
    return "Try again."


def _place(row: DataSet, name: str) -> str:
    """Where the mirror keeps a file of a set: an address or a path; empty where no mirror is set.

    Raises:
        CourseError: COURSE_DATA_MIRROR is neither an http address nor a folder.
    """
    named = paths.said("COURSE_DATA_MIRROR")
    if not named:
        return ""
    if "://" not in named:
        folder = paths.named("COURSE_DATA_MIRROR")
        return str(folder / row.name / name) if folder else ""
    if not ADDRESS.match(named):
        raise CourseError(
            f"COURSE_DATA_MIRROR is {named!r}: give an address such as http://192.168.1.10:8000, or a folder."
        )
    return f"{named.rstrip('/')}/{quote(row.name)}/{quote(name)}"


def _copy(place: str, target: Path, label: str, most: int) -> None:
    """Write what stands at an address, or in a folder, to a file."""
    if ADDRESS.match(place):
        network.download(place, target, label, most)
        return
    try:
        source = hashes.opened(Path(place))
    except FileNotFoundError:
        raise TransferError("there is no such file", "Is the folder connected and complete?", absent=True) from None
    except OSError as error:
        raise TransferError(f"it cannot be read ({error.strerror})", "Check who may read it.") from None
    with source, target.open("wb") as copy:
        transfer = network.Transfer(copy, most)
        while chunk := source.read(network.CHUNK):
            transfer.write(chunk)


def _mirror_hash(row: DataSet, file: RemoteFile, part: Path) -> str | None:
    """A file's hash according to the mirror, where there is a mirror that says so."""
    place = _place(row, hashes.RECORD)
    if not place:
        return None
    try:
        _copy(place, part, hashes.RECORD, hashes.MOST_OF_RECORD)
        return _hash_in(hashes.parse(part.read_bytes()), file)
    except (ValueError, RecursionError):
        raise TransferError(f"{hashes.RECORD} beside it is no list of hashes", "Fill the mirror again.") from None
    except TransferError as error:
        if error.absent:
            return None
        raise


def _mirror_file(path: Path, folder: Path) -> Path:
    """Copy a file of the cache, and its hash, into a folder of the mirror."""
    target = folder / path.name
    folder.mkdir(parents=True, exist_ok=True)
    if not (os.path.isfile(target) and hashes.known(target).sha256 == hashes.known(path).sha256):
        with hashes.part(folder, path.name) as part:
            shutil.copyfile(path, part)
            os.replace(part, target)
    with hashes.locked(folder):
        hashes.record(target, hashes.known(target))
    return target


def _disk_trouble(error: OSError, folder: Path, instead: str) -> str:
    if error.errno in FULL:
        return f"the disk that holds {folder} is full; free some space there, or {instead}"
    if isinstance(error, TimeoutError) and error.errno is None:  # the lock's, and not that of a drive
        kept = f"another process has kept {folder / hashes.LOCK} for {hashes.LOCK_SECONDS:g} seconds"
        return f"{kept}; wait for it or end it, or {instead}"
    return f"the folder {folder} cannot be written ({error.strerror or error}); make it writable, or {instead}"


def _missing(row: DataSet, file: RemoteFile, place: str, reason: str, advice: str) -> CourseError:
    """What is missing, where it was looked for, what to do, and what works without it."""
    state = "damaged" if os.path.isfile(_path(row, file)) else "not here"
    if place == file.url:
        more = f"You can also name a mirror in COURSE_DATA_MIRROR, or put the file into {_path(row, file).parent}."
    else:
        more = "The mirror is the one that COURSE_DATA_MIRROR names; without it the original host is asked."
    sentences = f"{row.title} ({row.name}): {file.name} is {state}; it was looked for at {place}, but {reason}."
    return CourseError(" ".join(part for part in (sentences, advice, more, row.without) if part))
