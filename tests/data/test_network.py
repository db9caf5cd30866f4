"""One file over HTTP: what a server, a proxy or a network may do, and what a person sees."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3

from course_utils.data import downloads, hashes, network
from course_utils.data.data_set import DataSet, RemoteFile
from tests.data.faulty_server import FaultyServer
from tests.data.tiny_set import CONTENT, contents, failure, tiny, use


def test_a_short_file_is_noticed_also_where_the_http_library_does_not(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pooch

    class Careless:
        def __init__(self, progressbar: network.Transfer, **_: Any) -> None:
            self.progress = progressbar

        def __call__(self, url: str, output_file: network.Transfer, pooch: None) -> None:
            self.progress.total = 10
            output_file.write(b"{}")

    monkeypatch.setattr(pooch, "HTTPDownloader", Careless)
    assert "the connection broke off after 2 of 10 bytes" in failure()
    assert contents(cache) == {}


def test_downloads_say_nothing_where_nobody_watches(cache: Path, capfd: pytest.CaptureFixture[str]) -> None:
    downloads.fetch("tiny")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("disabled", [True, False])
def test_before_a_terminal_there_is_a_progress_bar_unless_it_is_switched_off(
    disabled: bool, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    if disabled:
        monkeypatch.setenv("TQDM_DISABLE", "1")
    else:
        monkeypatch.delenv("TQDM_DISABLE", raising=False)
    downloads.fetch("tiny")
    told = capsys.readouterr()
    assert told.err == ""
    assert ("notes.txt: 100%" in told.out) is not disabled


def test_where_there_is_a_proxy_it_is_the_proxy_that_must_answer(
    cache: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("http_proxy", server.address)
    use(monkeypatch, tiny("http://only-the-proxy-knows-me.invalid"))
    server.pages = {
        f"http://only-the-proxy-knows-me.invalid/origin/{name}": content for name, content in CONTENT.items()
    }
    downloads.fetch("tiny")
    assert contents(cache) == CONTENT


@pytest.mark.parametrize(
    ("proxy", "expected"),
    [
        ("http://proxy.example:3128", ("proxy.example", 3128)),
        ("proxy.example:3128", ("proxy.example", 3128)),
        ("https://proxy.example", ("proxy.example", 443)),
        ("", ("data.example", 80)),
    ],
)
def test_peer_is_the_proxy_or_the_host(
    proxy: str, expected: tuple[str, int], monkeypatch: pytest.MonkeyPatch, server: FaultyServer
) -> None:
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("http_proxy", proxy)
    assert network.peer("http://data.example/file") == expected


# --- what a server may not do -----------------------------------------------------------------------------------------


def test_nothing_is_taken_beyond_the_size_that_the_catalogue_knows(
    cache: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = tiny(server.address)
    files = tuple(RemoteFile(file.name, file.url, size=len(CONTENT[file.name])) for file in row.files)
    use(monkeypatch, DataSet(**{**vars(row), "files": files}))
    server.faults = {"/origin/notes.txt": "endless"}
    assert "larger than the 360,000 bytes" in failure()
    assert server.sent < 20_000_000
    assert contents(cache) == {}


def test_nothing_without_end_is_taken_for_a_mirror_s_record(
    cache: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_DATA_MIRROR", server.address)
    server.pages[f"/tiny/{hashes.RECORD}"] = b""
    server.faults = {f"/tiny/{hashes.RECORD}": "endless"}
    assert "larger than the 1,000,000 bytes" in failure()


def answer(url: str, location: str = "") -> requests.Response:
    response = requests.Response()
    response.url, response.status_code = url, 302 if location else 200
    if location:
        response.headers["location"] = location
    return response


def test_from_https_nobody_is_sent_to_http() -> None:
    for location in ("http://example.org/file", "//example.org/file", "/file", "https://example.org/file", ""):
        with contextlib.nullcontext() if not location.startswith("http:") else pytest.raises(network.TransferError):
            network.stay_encrypted(answer("https://example.org/", location))
    network.stay_encrypted(answer("http://example.org/", "http://example.org/file"))


def test_the_redirect_to_http_is_seen_before_it_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def send(self: Any, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        asked.append(request.url)
        response = answer(str(request.url), "http://127.0.0.1:9/plain")
        response.request = request
        return response

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    monkeypatch.setattr(network, "check_reachable", lambda url: None)
    with pytest.raises(network.TransferError, match="an address without encryption"):
        network.download("https://127.0.0.1:9/file", tmp_path / "file")
    assert asked == ["https://127.0.0.1:9/file"]


def test_certificates_that_are_not_there_and_passwords_that_lack_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))
    monkeypatch.setattr(network, "check_reachable", lambda url: None)
    with pytest.raises(network.TransferError, match=r"certificate.*gone\.pem") as caught:
        network.download("https://127.0.0.1:9/file", tmp_path / "file")
    assert "REQUESTS_CA_BUNDLE" in caught.value.advice
    for error, word in (
        (requests.exceptions.SSLError("x"), "certificate"),
        (requests.exceptions.ProxyError(), "password"),
    ):
        told = network.explain(error)
        assert isinstance(told, network.TransferError)
        assert word in told.advice


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support."), "SOCKS proxy cannot be used"),
        (requests.exceptions.InvalidProxyURL("Please check proxy URL."), "HTTPS_PROXY"),
        (urllib3.exceptions.ProxySchemeUnknown("htps"), "HTTPS_PROXY"),
        (urllib3.exceptions.MaxRetryError(None, "/", urllib3.exceptions.ProxySchemeUnknown("x")), "answer"),  # type: ignore[arg-type]
    ],
)
def test_a_proxy_that_cannot_be_used_is_named(error: Exception, words: str) -> None:
    told = network.explain(error)
    assert isinstance(told, network.TransferError)
    assert words in f"{told.reason}. {told.advice}"


@pytest.mark.parametrize(("status", "words"), [(407, "password"), (511, "sign in"), (503, "later")])
def test_a_proxy_that_answers_itself_is_understood(
    cache: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch, status: int, words: str
) -> None:
    response = requests.Response()
    response.status_code = status
    told = network.explain(requests.HTTPError(response=response))
    assert isinstance(told, network.TransferError)
    assert words in told.advice


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "127.0.0.1:9", "http://:3128", "http://proxy:port"])
def test_a_proxy_that_is_not_there_is_called_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("https_proxy", proxy)
    with pytest.raises(network.TransferError, match="the proxy") as caught:
        network.download("https://data.example/file", tmp_path / "file")
    assert "HTTPS_PROXY" in caught.value.advice


def test_certificates_named_for_other_programs_are_used_where_none_are_named_for_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "company.pem"))
    assert network.certificates() is True
    told = network.explain(requests.exceptions.SSLError("x"))
    assert isinstance(told, network.TransferError)
    assert "company.pem, which is not there" in told.advice
    (tmp_path / "company.pem").touch()
    assert network.certificates() == str(tmp_path / "company.pem")
    monkeypatch.setenv("CURL_CA_BUNDLE", "other.pem")
    assert network.certificates() is True


# --- a connection that breaks off -----------------------------------------------------------------------------------


def test_a_download_goes_on_where_the_connection_broke_off(cache: Path, server: FaultyServer) -> None:
    server.faults, server.version = {"/origin/notes.txt": "falters"}, '"one"'
    downloads.fetch("tiny")
    assert (cache / "notes.txt").read_bytes() == CONTENT["notes.txt"]
    assert server.asked.count("/origin/notes.txt") == 4


def test_a_file_that_changes_on_the_way_is_taken_from_its_beginning(cache: Path, server: FaultyServer) -> None:
    server.faults, server.version = {"/origin/notes.txt": "falters"}, '"one"'
    target = cache.parent / "notes"
    target.parent.mkdir()
    asked = server.pages["/origin/notes.txt"]

    class Changing(dict[str, bytes]):
        def get(self, path: str, default: Any = None) -> Any:
            if len(server.asked) == 3:
                server.version = '"two"'
            return asked if server.version == '"one"' else b"fa so la\n"

    server.pages = Changing(server.pages)
    network.download(f"{server.address}/origin/notes.txt", target)
    assert target.read_bytes() == b"fa so la\n"


@pytest.mark.parametrize(("version", "shift"), [("", 0), ('W/"one"', 0), ('"one"', 7)])
def test_what_cannot_be_joined_safely_is_not_joined(
    cache: Path, server: FaultyServer, version: str, shift: int
) -> None:
    server.faults, server.version, server.shift = {"/origin/notes.txt": "falters"}, version, shift
    message = failure()
    assert ("sends another part of the file" if shift else "the connection broke off") in message
    assert contents(cache) == {}
    assert server.asked.count("/origin/notes.txt") == (2 if shift else 1)
