"""The record of hashes: what is other is refused, what is unchanged is not read again, and nobody waits for ever."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data import downloads, hashes
from tests.data.faulty_server import FaultyServer
from tests.data.tiny_set import CONTENT, FILES, contents, digest, failure, folder_as_mirror, recorded, tiny, use
from tests.strategies import examples


def test_a_file_that_changed_upstream_is_refused_until_it_is_asked_for(cache: Path, server: FaultyServer) -> None:
    downloads.fetch("tiny")
    (cache / "table.json").unlink()
    server.pages["/origin/table.json"] = b'{"train": "changed"}'
    message = failure()
    assert "not the file that the record of the first download names" in message
    assert "`course data clear tiny`" in message
    assert "table.json" not in contents(cache)
    downloads.clear("tiny")
    downloads.fetch("tiny")
    assert (cache / "table.json").read_bytes() == b'{"train": "changed"}'


@pytest.mark.parametrize("record", [b"", b"{", b"[]", b'{"table.json": 3}', b'{"table.json": "zz"}', b"\xff\xfe"])
def test_a_broken_record_stops_nobody_and_is_written_anew(cache: Path, record: bytes) -> None:
    downloads.fetch("tiny")
    (cache / hashes.RECORD).write_bytes(record)
    downloads.fetch("tiny")
    assert recorded(cache) == {name: digest(content) for name, content in CONTENT.items()}


def test_a_file_put_there_by_hand_counts_if_it_is_right(
    cache: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tiny(server.address, pinned=True))
    cache.mkdir(parents=True)
    (cache / "notes.txt").write_bytes(CONTENT["notes.txt"])
    (cache / "table.json").write_bytes(b"{}")
    downloads.fetch("tiny")
    assert contents(cache) == CONTENT
    assert "/origin/notes.txt" not in server.asked


def test_a_pinned_hash_wins_over_the_record(cache: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.pages["/origin/notes.txt"] = b"an older version"
    downloads.fetch("tiny")
    server.pages["/origin/notes.txt"] = CONTENT["notes.txt"]
    use(monkeypatch, tiny(server.address, pinned=True))  # a release of the course that knows the hashes
    downloads.fetch("tiny")
    assert contents(cache) == CONTENT
    assert recorded(cache)["notes.txt"] == digest(CONTENT["notes.txt"])


@examples(25)
@given(present=st.sets(st.sampled_from(FILES)), damaged=st.sets(st.sampled_from(FILES)), pinned=st.booleans())
def test_whatever_is_already_there_a_fetch_ends_with_the_right_files(
    present: set[str], damaged: set[str], pinned: bool
) -> None:
    with folder_as_mirror(pinned) as (source, cache):
        downloads.fetch("tiny")  # so that hashes are recorded
        for name in FILES:
            if name in damaged:
                (cache / name).write_bytes(CONTENT[name][:-1])
            elif name not in present:
                (cache / name).unlink()
        for name in present - damaged:
            (source / name).unlink()  # what is here is not asked for
        assert [path.read_bytes() for path in downloads.fetch("tiny")] == list(CONTENT.values())
        assert contents(cache) == CONTENT


@examples(40)
@given(content=st.binary(max_size=300), name=st.sampled_from(FILES), in_cache=st.booleans())
def test_bytes_with_another_hash_are_never_taken(content: bytes, name: str, in_cache: bool) -> None:
    with folder_as_mirror(pinned=True) as (source, cache):
        (source / name).write_bytes(content)
        if in_cache:
            (cache / name).write_bytes(content)
        assert "not the file that the catalogue names" in failure()
        assert all(verdict.state != "whole" for verdict in downloads.verify("tiny") if verdict.file == name)
        assert contents(cache).get(name) == (content if in_cache else None)


@examples(60)
@given(content=st.binary(max_size=200) | st.text(max_size=80).map(str.encode))
def test_any_bytes_for_a_record_are_read_without_harm(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / hashes.RECORD).write_bytes(content)
        assert all(hashes.SHA256.fullmatch(said) for said in recorded(Path(folder)).values())


@pytest.mark.repeat
def test_many_who_record_at_once_lose_nothing(tmp_path: Path) -> None:
    def write(number: int) -> None:
        with hashes.locked(tmp_path):
            hashes.record(tmp_path / f"file{number}", hashes.Known(f"{number:064x}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recorded(tmp_path) == {f"file{number}": f"{number:064x}" for number in range(24)}


def test_what_is_unchanged_is_not_read_again_what_was_touched_is_read_once_and_verify_reads_all(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloads.fetch("tiny")
    was_read: list[str] = []
    read = hashes.read

    def spy(path: Path) -> hashes.Known:
        was_read.append(path.name)
        return read(path)

    monkeypatch.setattr(hashes, "read", spy)
    downloads.fetch("tiny")
    assert was_read == []
    os.utime(cache / "table.json", ns=(0, 1_000_000_007))
    downloads.fetch("tiny")
    downloads.fetch("tiny")
    assert was_read == ["table.json"]
    assert [verdict.state for verdict in downloads.verify("tiny")] == ["whole"] * 3
    assert was_read == ["table.json", *FILES]


@pytest.mark.parametrize("same_size", [True, False])
def test_other_bytes_with_a_new_time_or_size_are_noticed_at_the_next_use(cache: Path, same_size: bool) -> None:
    downloads.fetch("tiny")
    path = cache / "table.json"
    state = path.stat()
    path.write_bytes(CONTENT["table.json"][::-1][: None if same_size else -1])
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + same_size))
    downloads.fetch("tiny")
    assert contents(cache) == CONTENT


def test_bytes_that_changed_in_secret_are_found_by_verify(cache: Path) -> None:
    downloads.fetch("tiny")
    path = cache / "table.json"
    state = path.stat()
    path.write_bytes(CONTENT["table.json"][::-1])
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert [verdict.state for verdict in downloads.verify("tiny")] == ["whole", "damaged", "whole"]


def test_a_record_of_bare_hashes_is_read_and_a_file_is_then_remembered(cache: Path) -> None:
    downloads.fetch("tiny")
    first = hashes.recorded(cache)
    (cache / hashes.RECORD).write_text(json.dumps({name: known.sha256 for name, known in first.items()}))
    assert hashes.recorded(cache)["notes.txt"] == hashes.Known(digest(CONTENT["notes.txt"]))
    downloads.fetch("tiny")
    assert hashes.recorded(cache) == first


@pytest.mark.repeat
def test_a_lock_that_another_keeps_is_named_after_a_while_and_stops_nobody_who_only_reads(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashes, "LOCK_SECONDS", 0.1)
    cache.mkdir(parents=True)
    with hashes.locked(cache):
        message = failure()
        assert f"another process has kept {cache / hashes.LOCK} for 0.1 seconds" in message
        assert contents(cache) == {}
    downloads.fetch("tiny")
    (cache / hashes.RECORD).unlink()  # so that fetch would like to write it anew
    with hashes.locked(cache):
        assert len(downloads.fetch("tiny")) == 3


@pytest.mark.parametrize("number", hashes.NO_LOCKS)
def test_a_file_system_without_locks_is_used_without(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def acquire(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("filelock.FileLock.acquire", acquire)
    with hashes.locked(tmp_path):
        hashes.record(tmp_path / "notes.txt", hashes.Known("0" * 64))
    assert recorded(tmp_path) == {"notes.txt": "0" * 64}
