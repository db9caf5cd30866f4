"""The server and the cache that the tests of downloads share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from course_utils.data import network
from tests.data.faulty_server import FaultyServer, faulty_server
from tests.data.tiny_set import CONTENT, tiny, use


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyServer]:
    for name in ("COURSE_DATA_MIRROR", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(network, "READ_SECONDS", 0.3)
    with faulty_server() as server:
        server.pages = {f"/origin/{name}": content for name, content in CONTENT.items()}
        yield server


@pytest.fixture
def cache(server: FaultyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The set's folder in the cache; the catalogue holds the tiny set and one that comes with a package."""
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "cache"))
    use(monkeypatch, tiny(server.address))
    return tmp_path / "cache" / "tiny"
