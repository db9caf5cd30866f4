"""The record of hashes: what is other is refused, what is unchanged is not read again, and nobody waits for ever."""

from __future__ import annotations

import hashlib
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
from course_utils.data.catalogue import data_set
from course_utils.data.data_set import DataSet, RemoteFile
from course_utils.errors import CourseError
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


# --- a cache into which others may write ----------------------------------------------------------------------------

SHARED = pytest.mark.skipif(not hasattr(os, "getuid"), reason="this system has no users' numbers")


def foreign_link(path: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link that another user has made."""
    path.symlink_to(target)
    if os.getuid() == 0:
        os.lchown(path, 12345, 12345)
    else:
        monkeypatch.setattr(os, "getuid", lambda: path.lstat().st_uid + 1)


@SHARED
def test_what_others_may_write_is_read_again_whatever_their_record_says(
    cache: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tiny(server.address, pinned=True))
    downloads.fetch("tiny")
    assert hashes.only_ours(cache / "table.json")
    cache.chmod(0o777)
    assert not hashes.only_ours(cache / "table.json")
    path = cache / "table.json"
    state = path.stat()
    path.write_bytes(CONTENT["table.json"].replace(b"64", b"63"))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))  # size and time are those of the record
    assert {verdict.file: verdict.state for verdict in downloads.verify()}["table.json"] == "damaged"
    downloads.fetch("tiny")
    assert contents(cache) == CONTENT


@SHARED
@pytest.mark.parametrize("pinned", [True, False])
def test_files_without_a_known_hash_that_others_may_write_are_told(
    cache: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder, pinned: bool
) -> None:
    use(monkeypatch, tiny(server.address, pinned=pinned))
    downloads.fetch("tiny")
    assert not recwarn
    cache.chmod(0o777)
    downloads.fetch("tiny")
    told = [str(warning.message) for warning in recwarn]
    assert len(told) == (not pinned)
    assert all("other users can change the files" in text for text in told)
    notes = {verdict.note for verdict in downloads.verify()}
    assert notes == ({""} if pinned else {downloads.FIRST})


@SHARED
def test_a_folder_that_is_a_link_of_another_user_is_refused(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / hashes.RECORD).write_text("my own")
    (mine / ".notes.txt.0123456789ab.part").write_text("my own")
    cache.parent.mkdir()
    foreign_link(cache, mine, monkeypatch)
    for act in (downloads.fetch, downloads.clear, downloads.verify, downloads.status):
        with pytest.raises(CourseError, match="is a link that another user has made"):
            act("tiny")
    assert sorted(path.read_text() for path in mine.iterdir()) == ["my own", "my own"]


@SHARED
def test_a_file_that_is_a_link_of_another_user_or_a_pipe_is_not_read(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").write_bytes(CONTENT["table.json"])
    downloads.fetch("tiny")
    for name in ("notes.txt", hashes.RECORD):
        (cache / name).unlink()
        os.mkfifo(cache / name)  # to open it would wait for ever
    (cache / "table.json").unlink()
    foreign_link(cache / "table.json", tmp_path / "elsewhere", monkeypatch)
    with pytest.raises(OSError, match="another user has made"):
        hashes.read(cache / "table.json")
    with pytest.raises(OSError, match="no ordinary file"):
        hashes.read(cache / "notes.txt")
    assert hashes.recorded(cache) == {}
    downloads.fetch("tiny")
    assert contents(cache) == CONTENT
    assert not (cache / "table.json").is_symlink()


@SHARED
def test_only_own_parts_are_swept_away_and_cleared(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    downloads.fetch("tiny")
    for name in (".notes.txt.0123456789ab.part", ".film.mkv.0123456789ab.part", ".notes.txt.mine.part"):
        (cache / name).write_text("x")
        os.utime(cache / name, (0, 0))
    assert [path.name for path in hashes.own_parts(cache, FILES)] == [".notes.txt.0123456789ab.part"]
    monkeypatch.setattr(hashes, "_ours", lambda state: False)
    assert hashes.own_parts(cache, FILES) == []


def test_the_md5_that_a_publisher_states_is_compared(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = data_set("tiny")
    md5 = {name: hashlib.md5(content).hexdigest() for name, content in CONTENT.items()}
    files = tuple(RemoteFile(file.name, file.url, md5=md5[file.name]) for file in row.files)
    use(monkeypatch, DataSet(**{**vars(row), "files": files}))
    downloads.fetch("tiny")
    assert {verdict.note for verdict in downloads.verify()} == {""}
    (cache / "table.json").write_bytes(b"[]")
    (cache / hashes.RECORD).write_text(json.dumps({"table.json": digest(b"[]")}))
    assert "MD5" in next(verdict.note for verdict in downloads.verify() if verdict.state == "damaged")
    downloads.fetch("tiny")
    assert contents(cache) == CONTENT
