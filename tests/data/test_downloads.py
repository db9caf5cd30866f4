"""Downloads against a real server that fails in every way we could think of: nothing is lost, nothing hangs."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from course_utils.cli import main
from course_utils.data import catalogue, downloads, hashes, network
from course_utils.data.data_set import WITHOUT, DataSet, RemoteFile
from course_utils.errors import CourseError
from tests.data.faulty_server import FaultyServer
from tests.data.tiny_set import CONTENT, FILES, contents, digest, failure, recorded, tiny, use


def test_fetch_gives_the_files_in_order_and_asks_only_once(cache: Path, server: FaultyServer) -> None:
    paths = downloads.fetch("tiny")
    assert [path.name for path in paths] == FILES
    assert contents(cache) == CONTENT
    assert recorded(cache) == {name: digest(content) for name, content in CONTENT.items()}
    assert downloads.fetch("tiny") == paths
    assert server.asked == [f"/origin/{name}" for name in FILES]


def test_a_set_that_comes_with_a_package_has_nothing_to_fetch(cache: Path, server: FaultyServer) -> None:
    assert downloads.fetch("co2") == []
    assert server.asked == []


# --- faults ---------------------------------------------------------------------------------------------------------

Arrange = Callable[[FaultyServer, Path, pytest.MonkeyPatch], None]


def server_fault(fault: str | int) -> Arrange:
    """The middle file of the set fails so."""

    def arrange(server: FaultyServer, cache: Path, patch: pytest.MonkeyPatch) -> None:
        server.faults = {"/origin/table.json": fault}

    return arrange


def page(content: bytes) -> Arrange:
    def arrange(server: FaultyServer, cache: Path, patch: pytest.MonkeyPatch) -> None:
        patch.setitem(server.pages, "/origin/table.json", content)

    return arrange


def pinned_but_other_bytes(server: FaultyServer, cache: Path, patch: pytest.MonkeyPatch) -> None:
    use(patch, tiny(server.address, pinned=True))
    patch.setitem(server.pages, "/origin/table.json", b'{"train": []}')


def other_size(server: FaultyServer, cache: Path, patch: pytest.MonkeyPatch) -> None:
    row = tiny(server.address)
    files = tuple(RemoteFile(file.name, file.url, size=len(CONTENT[file.name])) for file in row.files)
    use(patch, DataSet(**{**vars(row), "files": files}))
    patch.setitem(server.pages, "/origin/table.json", b"[]")


def nobody_listens(server: FaultyServer, cache: Path, patch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        use(patch, tiny(f"http://127.0.0.1:{free.getsockname()[1]}"))


def unknown_host(server: FaultyServer, cache: Path, patch: pytest.MonkeyPatch) -> None:
    use(patch, tiny("http://no-such-host.invalid"))


def names_never_answered(server: FaultyServer, cache: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(network, "CONNECT_SECONDS", 0.2)
    patch.setattr(socket, "getaddrinfo", lambda *_, **__: threading.Event().wait(5) or [])


def packets_swallowed(server: FaultyServer, cache: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(network, "CONNECT_SECONDS", 0.2)
    patch.setattr(network, "knock", lambda address: threading.Event().wait(5))


def no_route(server: FaultyServer, cache: Path, patch: pytest.MonkeyPatch) -> None:
    def knock(address: Any) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    patch.setattr(network, "knock", knock)


def mirror_folder_lacks_it(server: FaultyServer, cache: Path, patch: pytest.MonkeyPatch) -> None:
    (cache.parent.parent / "mirror").mkdir()
    patch.setenv("COURSE_DATA_MIRROR", str(cache.parent.parent / "mirror"))


def mirror_address_lacks_it(server: FaultyServer, cache: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("COURSE_DATA_MIRROR", f"{server.address}/lent")


def mirror_is_no_address(server: FaultyServer, cache: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("COURSE_DATA_MIRROR", "http://:80")


def mirror_with_a_sign_in_page(server: FaultyServer, cache: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("COURSE_DATA_MIRROR", f"{server.address}/lent")
    for name in ("table.json", hashes.RECORD):
        patch.setitem(server.pages, f"/lent/tiny/{name}", b"<html>Please sign in</html>")


def failing_replace(number: int) -> Arrange:
    """Nothing can be put into place: a disk that filled up, or that turned read-only."""

    def replace(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    return lambda server, cache, patch: patch.setattr(os, "replace", replace)


def full_while_writing(server: FaultyServer, cache: Path, patch: pytest.MonkeyPatch) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")

    def part_name(folder: Path, name: str) -> Path:
        path = folder / f".{name}.on-a-full-disk.part"
        path.symlink_to("/dev/full")
        return path

    patch.setattr(hashes, "part_name", part_name)


FAULTS: dict[str, tuple[Arrange, str]] = {
    "cut in the middle": (server_fault("cut"), "the connection broke off"),
    "cut in the middle, length unknown": (server_fault("cut chunks"), "the connection broke off"),
    "404": (server_fault(404), "the server answered 404"),
    "403": (server_fault(403), "the server answered 403"),
    "500": (server_fault(500), "the server answered 500"),
    "stalls half-way": (server_fault("stall"), "the server sent nothing for 0.3 seconds"),
    "never answers": (server_fault("silent"), "the server sent nothing for 0.3 seconds"),
    "a byte now and then": (server_fault("drip"), "the server sends too slowly"),
    "without end": (server_fault("endless"), "what came is larger than the 500,000 bytes that it may have"),
    "words that steer a terminal": (server_fault("spell"), "the server answered 500 Internal Server Error. Try"),
    "not HTTP": (server_fault("garbage"), "the connection broke off"),
    "endless redirect": (server_fault("endless redirect"), "cannot be used (TooManyRedirects)"),
    "wrong bytes, hash pinned": (pinned_but_other_bytes, "not the file that the catalogue names"),
    "wrong bytes, size known": (other_size, "what came has 2 bytes and not"),
    "sign-in page": (page(b"<html>Please sign in</html>"), "not JSON, or not all of it"),
    "half a file sent as a whole": (page(CONTENT["table.json"][:1000]), "not JSON, or not all of it"),
    "empty": (page(b""), "not JSON, or not all of it"),
    "refused": (nobody_listens, "refused the connection"),
    "no such host": (unknown_host, "no-such-host.invalid cannot be looked up"),
    "names are never answered": (names_never_answered, "cannot be looked up"),
    "packets are swallowed": (packets_swallowed, "did not answer within 0.2 seconds"),
    "no route": (no_route, "cannot be reached (Network is unreachable)"),
    "mirror folder lacks it": (mirror_folder_lacks_it, "there is no such file"),
    "mirror address lacks it": (mirror_address_lacks_it, "the server answered 404"),
    "mirror address is no address": (mirror_is_no_address, "that is not an address"),
    "mirror answers with a sign-in page": (mirror_with_a_sign_in_page, "hashes.json beside it is no list of hashes"),
    "disk full while writing": (full_while_writing, "is full; free some space"),
    "disk full at the end": (failing_replace(errno.ENOSPC), "is full; free some space"),
    "disk read-only": (failing_replace(errno.EROFS), "cannot be written"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_after_every_fault_nothing_is_lost_and_a_later_fetch_goes_on(
    fault: str, cache: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrange, reason = FAULTS[fault]
    server.faults = {"/origin/table.json": 500}
    failure()  # the first file comes, the second does not
    assert contents(cache) == {"notes.txt": CONTENT["notes.txt"]}
    server.faults = {}

    with monkeypatch.context() as patch:
        arrange(server, cache, patch)
        patch.setattr(network, "MOST_BYTES", 500_000)
        message = failure()
        assert "A tiny set (tiny): table.json is not here; it was looked for at " in message
        assert reason in message
        assert message.endswith(WITHOUT)
        assert "\n" not in message
        assert contents(cache) == {"notes.txt": CONTENT["notes.txt"]}  # and no half file either
    server.faults = {}
    server.asked.clear()

    downloads.fetch("tiny")
    assert contents(cache) == CONTENT
    assert server.asked == ["/origin/table.json", "/origin/clips.zip"]


@pytest.mark.parametrize("fault", ["cut", "stall", 404, 500])
def test_a_failed_download_leaves_a_damaged_file_as_it_was_and_a_good_one_mends_it(
    fault: str | int, cache: Path, server: FaultyServer
) -> None:
    downloads.fetch("tiny")
    (cache / "table.json").write_bytes(b"[1, 2")
    server.faults = {"/origin/table.json": fault}
    assert "table.json is damaged; it was looked for at" in failure()
    assert contents(cache) == {**CONTENT, "table.json": b"[1, 2"}
    server.faults = {}
    downloads.fetch("tiny")
    assert contents(cache) == CONTENT


def test_a_cache_that_is_a_file_is_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.parent.write_text("not a folder")
    message = failure()
    assert f"the folder {cache} cannot be written" in message
    assert "set COURSE_DATA to another folder" in message
    assert cache.parent.read_text() == "not a folder"


def test_what_is_here_is_read_from_a_disk_that_is_read_only_and_without_network(
    cache: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = downloads.fetch("tiny")
    (cache / hashes.RECORD).unlink()  # so that fetch would like to write it anew

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    for name in ("replace", "mkdir", "unlink"):
        monkeypatch.setattr(os, name, refuse)
    monkeypatch.setattr(hashes, "locked", refuse)
    monkeypatch.setattr(network, "download", refuse)
    assert downloads.fetch("tiny") == paths


@pytest.mark.repeat
def test_an_interrupted_download_leaves_no_half_file(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(url: str, target: Path, *_: Any) -> None:
        target.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(network, "download", interrupted)
    assert main.main(["data", "fetch", "tiny"]) == 130
    assert "again to go on" in capsys.readouterr().err
    assert contents(cache) == {}


def test_what_a_killed_download_left_is_swept_away_a_day_later(cache: Path) -> None:
    cache.mkdir(parents=True)
    old, young, foreign = (
        cache / f".{name}.part" for name in ("notes.txt." + 12 * "a", "notes.txt." + 12 * "b", "film.mkv")
    )
    for path in (old, young, foreign):
        path.write_bytes(b"half")
    for path in (old, foreign):
        os.utime(path, (time.time() - 2 * downloads.DAY,) * 2)
    downloads.fetch("tiny")
    assert not old.exists()
    assert young.exists()  # another process may be writing it
    downloads.clear("tiny")
    assert not young.exists()
    assert foreign.read_bytes() == b"half"  # somebody's own


# --- mirrors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["folder", "address"])
def test_a_mirror_serves_the_set_without_the_original_host(
    by: str, cache: Path, server: FaultyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = downloads.mirror(tmp_path / "mirror")
    assert sorted(path.name for path in paths) == sorted(FILES)
    assert contents(tmp_path / "mirror" / "tiny") == CONTENT
    downloads.clear()
    server.pages = {}
    server.asked.clear()
    server.serve_folder(tmp_path / "mirror")
    place = str(tmp_path / "mirror") if by == "folder" else f"{server.address}/"
    monkeypatch.setenv("COURSE_DATA_MIRROR", place)
    downloads.fetch("tiny")
    assert contents(cache) == CONTENT
    assert not any(path.startswith("/origin") for path in server.asked)


@pytest.mark.parametrize("by", ["folder", "address"])
def test_a_file_changed_on_the_mirror_is_refused(
    by: str, cache: Path, server: FaultyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloads.mirror(tmp_path / "mirror")
    downloads.clear()
    (tmp_path / "mirror" / "tiny" / "table.json").write_bytes(b'{"train": "changed"}')
    server.serve_folder(tmp_path / "mirror")
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "mirror") if by == "folder" else server.address)
    message = failure()
    assert "not the file that the mirror names" in message
    assert "The mirror is the one that COURSE_DATA_MIRROR names" in message
    assert contents(cache) == {"notes.txt": CONTENT["notes.txt"]}


def test_filling_a_mirror_again_mends_it_and_goes_on_after_a_fault(
    cache: Path, server: FaultyServer, tmp_path: Path
) -> None:
    server.faults = {"/origin/clips.zip": 500}
    with pytest.raises(CourseError, match=r"clips\.zip is not here.*500"):
        downloads.mirror(tmp_path / "mirror")
    server.faults = {}
    downloads.mirror(tmp_path / "mirror")
    (tmp_path / "mirror" / "tiny" / "notes.txt").write_bytes(b"damaged")
    downloads.mirror(tmp_path / "mirror")
    assert contents(tmp_path / "mirror" / "tiny") == CONTENT


def test_one_set_that_cannot_be_had_does_not_keep_the_others_from_the_mirror(
    cache: Path, server: FaultyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = DataSet(**{**vars(tiny(f"{server.address}/gone")), "name": "gone"})
    monkeypatch.setattr(catalogue, "CATALOGUE", {"gone": gone, "tiny": tiny(server.address)})
    with pytest.raises(CourseError, match=r"\(gone\).*404"):
        downloads.mirror(tmp_path / "mirror")
    assert contents(tmp_path / "mirror" / "tiny") == CONTENT


def test_a_mirror_that_cannot_be_written_is_named_and_the_cache_is_unharmed(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "mirror").write_text("a file")
    with pytest.raises(CourseError, match=r"tiny cannot be mirrored: the folder .* cannot be written"):
        downloads.mirror(tmp_path / "mirror")
    assert contents(cache) == CONTENT


@pytest.mark.parametrize("named", ["ftp://example.org/data", "file:///data", "http://", "https:///data"])
def test_a_mirror_of_another_kind_is_refused_in_words(named: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_DATA_MIRROR", named)
    message = failure()
    assert f"COURSE_DATA_MIRROR is {named!r}" in message
    assert "such as http://192.168.1.10:8000, or a folder" in message


def test_the_cache_itself_can_serve_as_mirror(cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    downloads.fetch("tiny")
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(cache.parent))
    downloads.mirror(cache.parent)
    assert contents(cache) == CONTENT
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "other"))
    downloads.fetch("tiny")
    assert contents(tmp_path / "other" / "tiny") == CONTENT


# --- two at once ----------------------------------------------------------------------------------------------------

PROCESS = """
import sys
sys.path.insert(0, {root!r})
from course_utils.data import catalogue, downloads
files = tuple(catalogue.RemoteFile(name, {address!r} + "/origin/" + name) for name in {names!r})
catalogue.CATALOGUE["tiny"] = catalogue.DataSet("tiny", "", "", "", "", "", files=files)
print(*(path.stat().st_size for path in downloads.fetch("tiny")))
"""


@pytest.mark.repeat
def test_two_processes_at_once_both_succeed(cache: Path, server: FaultyServer) -> None:
    server.faults = {f"/origin/{name}": "meet" for name in FILES}  # each file is sent when both have asked for it
    script = PROCESS.format(root=str(Path(__file__).parents[2]), address=server.address, names=FILES)
    both = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    sizes = " ".join(str(len(content)) for content in CONTENT.values())
    for process in both:
        out, err = process.communicate(timeout=60)
        assert (out.strip(), err, process.returncode) == (sizes, "", 0)
    assert contents(cache) == CONTENT
    assert sorted(server.asked) == sorted(2 * [f"/origin/{name}" for name in FILES])
    assert recorded(cache) == {name: digest(content) for name, content in CONTENT.items()}


# --- status, verify, clear --------------------------------------------------------------------------------------------


def test_status_follows_what_is_here(cache: Path, server: FaultyServer) -> None:
    assert downloads.status("tiny").state == "not here"
    server.faults = {"/origin/table.json": 500}
    failure()
    assert downloads.status("tiny").state == "partly here"
    server.faults = {}
    downloads.fetch("tiny")
    assert downloads.status("tiny") == downloads.Status(
        tiny(server.address), "here", sum(len(content) for content in CONTENT.values())
    )
    assert downloads.status("co2").state == "with package"


def test_a_package_that_is_not_installed_shows(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = DataSet(**{**vars(catalogue.CATALOGUE["co2"]), "package": "a-package-that-is-not-there"})
    monkeypatch.setattr(catalogue, "CATALOGUE", {"co2": row})
    assert downloads.status("co2").state == "package missing"


def test_verify_tells_whole_absent_and_damaged_and_changes_nothing(cache: Path) -> None:
    downloads.fetch("tiny")
    (cache / "table.json").unlink()
    (cache / "clips.zip").write_bytes(CONTENT["clips.zip"][:-3])
    before = contents(cache)
    states = {verdict.file: verdict.state for verdict in downloads.verify()}
    assert states == {"notes.txt": "whole", "table.json": "absent", "clips.zip": "damaged"}
    assert contents(cache) == before


def test_clear_removes_our_files_and_nobody_elses(cache: Path) -> None:
    downloads.fetch("tiny")
    stranger = cache / "thesis.txt"
    stranger.write_text("mine")
    freed = downloads.clear("tiny")
    assert freed >= sum(len(content) for content in CONTENT.values())
    assert contents(cache) == {"thesis.txt": b"mine"}
    stranger.unlink()
    downloads.fetch("tiny")
    downloads.clear()
    assert not cache.exists()
    assert downloads.clear() == 0


def test_what_cannot_be_removed_is_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    downloads.fetch("tiny")

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", refuse)
        patch.setattr(Path, "unlink", refuse)
        with pytest.raises(CourseError, match=r"tiny cannot be removed from .*Permission denied"):
            downloads.clear("tiny")
    assert contents(cache) == CONTENT


def test_the_default_cache_is_that_of_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("COURSE_DATA", raising=False)
    assert downloads.cache_folder().is_absolute()
    assert "rnn-vs-lstm" in str(downloads.cache_folder())
    monkeypatch.setenv("COURSE_DATA", "~/data")
    assert downloads.cache_folder() == Path.home() / "data"


def test_without_a_home_folder_the_list_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, homeless: None, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COURSE_DATA", raising=False)
    assert main.main(["data", "list"]) == 1
    assert capsys.readouterr() == (
        "",
        "No home folder is known here. Set the environment variable COURSE_DATA to a path that you may write to.\n",
    )


# --- the command ------------------------------------------------------------------------------------------------------


def test_list_shows_every_set_in_lines_of_at_most_100_characters(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert main.main(["data", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    table = lines[1 : lines.index("")]
    assert [line.split()[0] for line in table] == list(catalogue.CATALOGUE)
    assert max(map(len, table)) <= 100
    for line, row in zip(table, catalogue.CATALOGUE.values(), strict=True):
        assert row.licence in line
        assert ("not here" if row.is_download else "with package") in line
    assert str(tmp_path) in lines[-1]


def test_the_command_fetches_verifies_mirrors_and_clears(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main(["data", "fetch", "tiny", "co2"]) == 0
    assert "co2 comes with statsmodels" in capsys.readouterr().out
    assert main.main(["data", "verify"]) == 0
    assert capsys.readouterr().out.count("whole") == 3
    (cache / "notes.txt").write_bytes(b"damaged")
    assert main.main(["data", "verify"]) == 1
    told = capsys.readouterr()
    assert "damaged  tiny" in told.out
    assert "course data fetch tiny" in told.err
    assert main.main(["data", "mirror", str(tmp_path / "mirror")]) == 0
    assert "3 files" in capsys.readouterr().out
    assert contents(tmp_path / "mirror" / "tiny") == CONTENT
    assert main.main(["data", "clear", "tiny"]) == 0
    assert "Freed" in capsys.readouterr().out
    assert main.main(["data", "clear"]) == 0
    assert "nothing to remove" in capsys.readouterr().out


def test_the_command_goes_on_after_a_set_that_failed_and_ends_with_1(
    cache: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = DataSet(**{**vars(tiny(f"{server.address}/gone")), "name": "gone"})
    monkeypatch.setitem(catalogue.CATALOGUE, "gone", gone)
    assert main.main(["data", "fetch", "gone", "tiny"]) == 1
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert "(gone)" in told.err
    assert contents(cache) == CONTENT


@pytest.mark.parametrize("arguments", [["fetch", "tiny", "tinny"], ["clear", "tinny"]])
def test_a_wrong_name_lists_the_choices_and_does_nothing(
    arguments: list[str], cache: Path, server: FaultyServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main(["data", *arguments]) == 1
    assert capsys.readouterr().err == ("There is no data set 'tinny'. Did you mean 'tiny'? Choose one of: tiny, co2.\n")
    assert server.asked == []


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (None, "unknown"),
        (0, "0 B"),
        (999, "999 B"),
        (2_944, "2.9 kB"),
        (1_106_785, "1.1 MB"),
        (3_000_000_000, "3.0 GB"),
    ],
)
def test_sizes_are_told_for_people(size: int | None, text: str) -> None:
    assert main.size_text(size) == text
