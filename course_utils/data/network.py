"""One file over HTTP, through pooch: nothing hangs, and every failure has its reason and its advice in words."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, as_completed, wait
from http.client import responses
from pathlib import Path
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

from course_utils.runtime import bars_are_seen

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0  # of silence; in twice as many a chunk must have come
MOST_SECONDS = 12 * 3600.0
MOST_BYTES = 4_000_000_000  # of a file whose size the catalogue does not know
CONNECTIONS = 5  # for one file: where one breaks off, the next goes on from there, if the server can
CHUNK = 1 << 14
PORTS = {"http": 80, "https": 443}
AGAIN = "Check the network, then try again."
LATER = "Try again later."
PASSWORD = "Check the network, and the proxy's user name and password in HTTPS_PROXY, then try again."
SIGN_IN = "Check whether the network asks you to sign in, then try again."
PROXY = "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY: a proxy is named as http://user:password@host:port."
SOCKS = "Name an http proxy, or install what is missing: pip install pysocks."


class TransferError(Exception):
    """Why a file did not come, and what a person can do about it.

    Attributes:
        reason: words that follow "but".
        advice: a sentence.
        absent: the place was reached, and has no such file.
        broken: the connection broke off, and may be taken up where it did.
    """

    def __init__(self, reason: str, advice: str, *, absent: bool = False, broken: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.advice, self.absent, self.broken = reason, advice, absent, broken


class Transfer:
    """A file on its way. pooch writes to it, and tells it, as if it were a progress bar, the size announced."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self.file, self.most = file, most
        self.size = self.total = 0
        self.kept = 0  # bytes of earlier connections, which this one goes on from
        self.version = ""  # what the server calls this state of the file
        self.given_up = False
        self.begun = time.monotonic()

    def write(self, chunk: bytes) -> None:
        """Take the next bytes, unless they are too many, or nobody waits for them any more."""
        self.size += len(chunk)
        if self.given_up or max(self.size, self.kept + self.total) > self.most:
            raise TransferError(f"what came is larger than the {self.most:,} bytes that it may have", LATER)
        self.file.write(chunk)

    def update(self, *_: int) -> None:
        """Whatever else pooch does to a file or a bar."""

    flush = reset = close = update

    def headers(self) -> dict[str, str]:
        """What to ask for: the whole file, or what is still missing of the same state of it."""
        whole = {"Accept-Encoding": "identity"}  # so that Content-Length counts the bytes we write
        return whole | {"Range": f"bytes={self.size}-", "If-Range": self.version} if self.size else whole

    def begin(self, response: Any, **_: Any) -> None:
        """See from which byte on the server sends."""
        if response.is_redirect or not response.ok:
            return
        self.kept = self.size if response.status_code == 206 else 0
        if self.kept and not response.headers.get("content-range", "").startswith(f"bytes {self.kept}-"):
            raise TransferError("the server sends another part of the file than was asked for", LATER)
        if self.size != self.kept:
            self.file.seek(self.kept)
            self.file.truncate()
        self.size = self.kept
        tag = response.headers.get("etag", "")
        self.version = "" if tag.startswith("W/") else tag or response.headers.get("last-modified", "")


def download(url: str, target: Path, label: str = "", most: int = MOST_BYTES) -> None:
    """Write what stands at an address to a file.

    A progress bar shows in notebooks and terminals; none with TQDM_DISABLE=1, or where stdout is a file or a pipe.

    Args:
        url: http or https.
        target: overwritten; it may be left incomplete when this fails.
        label: stands before the progress bar.
        most: bytes that are taken.

    Raises:
        TransferError: it did not come whole.
        OSError: the target cannot be written.
    """
    with target.open("wb") as file:
        transfer = Transfer(file, most)
        for left in reversed(range(CONNECTIONS)):
            try:
                connect(url, transfer, label)
                return
            except TransferError as error:
                if not (left and error.broken and transfer.version and transfer.size > transfer.kept):
                    raise


def connect(url: str, transfer: Transfer, label: str) -> None:
    """Take over one connection what is missing of a file.

    Raises:
        TransferError: not all of it came.
        OSError: the file cannot be written.
    """
    import pooch

    check_reachable(url)
    transfer.given_up = False
    get = pooch.HTTPDownloader(
        progressbar=transfer,
        chunk_size=CHUNK,
        timeout=(CONNECT_SECONDS, READ_SECONDS),
        headers=transfer.headers(),
        hooks={"response": [stay_encrypted, transfer.begin]},
        verify=certificates(),
    )
    try:
        watch(in_thread(get, url, transfer, None), transfer, label)
    except Exception as error:
        raise explain(error) from error
    finally:
        transfer.given_up = True
    expected = transfer.kept + transfer.total
    if transfer.size < expected:  # older urllib3 takes a cut connection for the end of the file
        reason = f"the connection broke off after {transfer.size:,} of {expected:,} bytes"
        raise TransferError(reason, AGAIN, broken=True)


def watch(ending: Future[Any], transfer: Transfer, label: str) -> None:
    """Show how far a transfer is until it ends; give it up where it takes too long."""
    from tqdm.auto import tqdm

    size, bar, last = transfer.size, None, time.monotonic()
    with contextlib.ExitStack() as bars:
        while True:
            over = bool(wait([ending], timeout=0.1).done)
            if bar is None and transfer.size:
                kind = {"unit": "B", "unit_scale": True, "file": sys.stdout, "disable": not bars_are_seen()}
                whole = transfer.kept + transfer.total
                bar = bars.enter_context(tqdm(desc=label, total=whole or None, initial=transfer.kept, **kind))
            if bar is not None:
                bar.update(transfer.size - bar.n)
            if over:
                ending.result()
                return
            if transfer.size >= size + CHUNK:
                size, last = transfer.size, time.monotonic()
            if time.monotonic() > min(last + 2 * READ_SECONDS, transfer.begun + MOST_SECONDS):
                raise TransferError("the server sends too slowly", LATER)


def stay_encrypted(response: Any, **_: Any) -> None:
    """Refuse to be sent from https to http."""
    onward = urljoin(response.url, response.headers["location"]) if response.is_redirect else response.url
    if response.url.startswith("https:") and not onward.startswith("https:"):
        raise TransferError("the server sends to an address without encryption", LATER)


def certificates() -> str | bool:
    """The file of certificates that SSL_CERT_FILE names, as for other programs; True: those of requests.

    REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE, which requests reads itself, come first.
    """
    named = os.environ.get("SSL_CERT_FILE", "")
    others = any(os.environ.get(name) for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"))
    return named if os.path.isfile(named) and not others else True


def in_thread(work: Callable[..., Any], *arguments: Any) -> Future[Any]:
    """Do something in a thread that nobody has to wait for."""
    ending: Future[Any] = Future()

    def do() -> None:
        try:
            ending.set_result(work(*arguments))
        except Exception as error:
            ending.set_exception(error)

    threading.Thread(target=do, daemon=True).start()
    return ending


def check_reachable(url: str) -> None:
    """Fail soon where there is no network.

    The time-out of a request does not hold for looking up a name, and counts anew for each of a host's addresses.

    Raises:
        TransferError: the host's name is not known, or none of its addresses answers in time.
    """
    host, port = peer(url)
    who, advice = (f"the proxy {host}:{port}", PROXY) if proxy_of(url) else (f"{host}:{port}", AGAIN)
    addresses: list[tuple[Any, ...]] = []
    with contextlib.suppress(OSError, UnicodeError):  # not known, or not known in time
        addresses = in_thread(socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM).result(CONNECT_SECONDS)
    if not addresses:
        raise TransferError(f"the name {host} cannot be looked up (is there a network?)", advice)
    error: BaseException | None = TimeoutError()
    with contextlib.suppress(TimeoutError):
        for ending in as_completed([in_thread(knock, address) for address in addresses], CONNECT_SECONDS):
            error = ending.exception()
            if error is None:
                return
    if isinstance(error, ConnectionRefusedError):
        running = "Check the address and that the server runs."
        raise TransferError(f"{who} refused the connection", advice if advice == PROXY else running)
    if isinstance(error, TimeoutError):
        raise TransferError(f"{who} did not answer within {CONNECT_SECONDS:g} seconds", advice)
    raise TransferError(f"{who} cannot be reached ({getattr(error, 'strerror', error)})", advice)


def knock(address: tuple[Any, ...]) -> None:
    """Connect to one of a host's addresses, and hang up."""
    family, kind, protocol, _, where = address
    with socket.socket(family, kind, protocol) as sock:
        sock.settimeout(CONNECT_SECONDS)
        sock.connect(where)


def peer(url: str) -> tuple[str, int]:
    """Host and port that a request to an address connects to: the proxy's, where the environment names one."""
    proxy = proxy_of(url)
    parts = urlsplit(proxy or url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:  # a port that is none
        host, port = None, None
    if not host and proxy:
        raise TransferError("the proxy that this machine names has no address", PROXY)
    if not host:
        raise TransferError("that is not an address", "An address looks like http://192.168.1.10:8000.")
    return host, port or PORTS.get(parts.scheme, 1080)


def proxy_of(url: str) -> str:
    """The address of the proxy through which a request goes; empty where it goes through none."""
    from requests.utils import get_environ_proxies, select_proxy

    proxy = select_proxy(url, get_environ_proxies(url, no_proxy=None)) or ""
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def explain(error: Exception) -> Exception:
    """The error of a request, in words; one of the disk, as it is."""
    from requests import ConnectTimeout, HTTPError, ReadTimeout, RequestException, exceptions
    from urllib3.exceptions import HTTPError as LowerError
    from urllib3.exceptions import ProxySchemeUnknown, ReadTimeoutError

    if isinstance(error, HTTPError) and error.response is not None:
        status = error.response.status_code  # in our words, because the server's own may steer a terminal
        answer = f"the server answered {status} {responses.get(status, '')}".strip()
        absent = status in (404, 410)
        advices = {404: "It may have been moved or renamed.", 407: PASSWORD, 511: SIGN_IN}
        return TransferError(answer, advices.get(404 if absent else status, LATER), absent=absent)
    if not isinstance(error, RequestException | LowerError | ValueError):
        if isinstance(error, OSError) and error.errno is None:  # not the disk's: certificates that are not there
            return TransferError(str(error), "Check REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE.")
        return error
    if "SOCKS" in str(error):
        return TransferError("a SOCKS proxy cannot be used", SOCKS)
    sign_in = "Check the clock of this machine, and whether the network asks you to sign in."
    company = f"A company's own certificate is to be named in REQUESTS_CA_BUNDLE{lost_certificate()}."
    for kind, reason, advice in (
        (exceptions.SSLError, "the secure connection could not be made", f"{sign_in} {company}"),
        (ConnectTimeout, f"the server did not answer within {CONNECT_SECONDS:g} seconds", AGAIN),
        (ReadTimeout, f"the server sent nothing for {READ_SECONDS:g} seconds", LATER),
        (ReadTimeoutError, f"the server sent nothing for {READ_SECONDS:g} seconds", LATER),
        (exceptions.InvalidProxyURL, "the proxy that this machine names cannot be used", PROXY),
        (ProxySchemeUnknown, "the proxy that this machine names cannot be used", PROXY),
        (exceptions.ProxyError, "the proxy of this network did not let it through", PASSWORD),
        (exceptions.ChunkedEncodingError, "the connection broke off", AGAIN),
        (exceptions.ConnectionError, "the connection broke off", AGAIN),
    ):
        if any(isinstance(cause, kind) for cause in (error, *error.args)):
            return TransferError(reason, advice, broken=True)
    return TransferError(f"the server's answer cannot be used ({type(error).__name__})", LATER)


def lost_certificate() -> str:
    """Words that follow a sentence on certificates where SSL_CERT_FILE names a file that is not there."""
    named = os.environ.get("SSL_CERT_FILE", "")
    return f" (SSL_CERT_FILE names {named}, which is not there)" if named and not os.path.isfile(named) else ""
