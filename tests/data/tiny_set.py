"""A set of three small files for the tests of downloads, as the catalogue has it, the server and a mirror."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from course_utils.data import catalogue, downloads, hashes
from course_utils.data.data_set import DataSet, RemoteFile
from course_utils.errors import CourseError
from tests.data.made_files import zip_of

if TYPE_CHECKING:
    import pytest


CONTENT = {
    "notes.txt": b"do re mi\n" * 40_000,  # several chunks
    "table.json": json.dumps({"train": [[60, 64, 67]] * 2_000}).encode(),
    "clips.zip": zip_of({"one": "1" * 500, "two": "2" * 500}),
}
FILES = list(CONTENT)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def tiny(address: str, pinned: bool = False) -> DataSet:
    """A set of three files; without pinned hashes, as most publishers state none."""
    return DataSet(
        name="tiny",
        title="A tiny set",
        read_by="",
        licence="CC0",
        origin="these tests",
        url="https://example.org/tiny",
        files=tuple(
            RemoteFile(name, f"{address}/origin/{name}", digest(content) if pinned else None)
            for name, content in CONTENT.items()
        ),
    )


def use(monkeypatch: pytest.MonkeyPatch, row: DataSet) -> None:
    monkeypatch.setattr(catalogue, "CATALOGUE", {"tiny": row, "co2": catalogue.CATALOGUE["co2"]})


def contents(folder: Path) -> dict[str, bytes]:
    """What a person finds in a folder, our record and lock aside."""
    own = (hashes.RECORD, hashes.LOCK)
    return {path.name: path.read_bytes() for path in folder.glob("*") if path.name not in own}


def recorded(folder: Path) -> dict[str, str]:
    """The hashes in a folder's record."""
    return {name: known.sha256 for name, known in hashes.recorded(folder).items()}


def failure(name: str = "tiny") -> str:
    import pytest

    with pytest.raises(CourseError) as caught:
        downloads.fetch(name)
    return str(caught.value)


@contextlib.contextmanager
def folder_as_mirror(pinned: bool) -> Iterator[tuple[Path, Path]]:
    """The set's folders in a mirror, filled and without hashes, and in an empty cache."""
    with tempfile.TemporaryDirectory() as name:
        source, cache = Path(name) / "mirror" / "tiny", Path(name) / "cache" / "tiny"
        source.mkdir(parents=True)
        cache.mkdir(parents=True)
        for file, content in CONTENT.items():
            (source / file).write_bytes(content)
        environment = {"COURSE_DATA": str(cache.parent), "COURSE_DATA_MIRROR": str(source.parent)}
        rows = {"tiny": tiny("http://127.0.0.1:9", pinned)}
        with mock.patch.dict(os.environ, environment), mock.patch.object(catalogue, "CATALOGUE", rows):
            yield source, cache
