"""One file over HTTP, through pooch: nothing hangs, and every failure has its reason and its advice in words."""

from __future__ import annotations

import queue
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from course_utils.runtime import bars_are_seen

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
CHUNK = 1 << 16
PORTS = {"http": 80, "https": 443}
AGAIN = "Check the network, then try again."
LATER = "Try again later."


class TransferError(Exception):
    """Why a file did not come, and what a person can do about it.

    Attributes:
        reason: words that follow "but".
        advice: a sentence.
        absent: the place was reached, and has no such file.
    """

    def __init__(self, reason: str, advice: str, *, absent: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.advice, self.absent = reason, advice, absent


class Progress:
    """The progress bar that pooch moves; it also keeps the size that the server announced.

    Shown in notebooks and terminals; silent with TQDM_DISABLE=1, and where stdout is a file or a pipe.
    """

    def __init__(self, label: str) -> None:
        self.total = 0
        self.label = label
        self._bar: Any = None

    def update(self, count: int) -> None:
        """Move on by `count` bytes."""
        if self._bar is None:
            from tqdm.auto import tqdm

            self._bar = tqdm(
                desc=self.label,
                total=self.total or None,
                unit="B",
                unit_scale=True,
                file=sys.stdout,
                disable=not bars_are_seen(),
            )
        self._bar.update(count)

    def reset(self) -> None:
        """Back to the start; pooch does so before it sets the bar to its end, which it may not know."""
        if self._bar is not None and self.total:
            self._bar.reset()

    def close(self) -> None:
        """Finish the bar."""
        if self._bar is not None:
            self._bar.close()


def download(url: str, target: Path, label: str = "") -> None:
    """Write what stands at an address to a file.

    Args:
        url: http or https.
        target: overwritten; it may be left incomplete when this fails.
        label: stands before the progress bar.

    Raises:
        TransferError: it did not come whole.
        OSError: the target cannot be written.
    """
    import pooch
    import requests
    from urllib3.exceptions import HTTPError

    progress = Progress(label)
    get = pooch.HTTPDownloader(
        progressbar=progress,
        chunk_size=CHUNK,
        timeout=(CONNECT_SECONDS, READ_SECONDS),
        headers={"Accept-Encoding": "identity"},  # so that Content-Length counts the bytes we write
    )
    try:
        check_reachable(url)
        get(url, str(target), None)
    except (requests.RequestException, HTTPError, ValueError) as error:
        raise explain(error) from error
    finally:
        progress.close()
    size = target.stat().st_size
    if size < progress.total:  # older urllib3 takes a cut connection for the end of the file
        raise TransferError(f"the connection broke off after {size:,} of {progress.total:,} bytes", AGAIN)


def check_reachable(url: str) -> None:
    """Fail soon where there is no network.

    The time-out of a request does not hold for looking up a name, and counts anew for each of a host's addresses.

    Raises:
        TransferError: the host's name is not known, or none of its addresses answers in time.
    """
    host, port = peer(url)
    addresses = look_up(host, port)
    answers: queue.SimpleQueue[OSError | None] = queue.SimpleQueue()
    for address in addresses:
        threading.Thread(target=knock, args=(address, answers), daemon=True).start()
    deadline = time.monotonic() + CONNECT_SECONDS
    error: OSError | None = TimeoutError()
    for _ in addresses:
        try:
            error = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        if error is None:
            return
    if isinstance(error, ConnectionRefusedError):
        raise TransferError(f"{host}:{port} refused the connection", "Check the address and that the server runs.")
    if isinstance(error, TimeoutError):
        raise TransferError(f"{host}:{port} did not answer within {CONNECT_SECONDS:g} seconds", AGAIN)
    raise TransferError(f"{host}:{port} cannot be reached ({error and error.strerror})", AGAIN)


def peer(url: str) -> tuple[str, int]:
    """Host and port that a request to an address connects to: the proxy's, where the environment names one."""
    from requests.utils import get_environ_proxies, select_proxy

    proxy = select_proxy(url, get_environ_proxies(url, no_proxy=None))
    parts = urlsplit(proxy if proxy and "://" in proxy else f"http://{proxy}" if proxy else url)
    if not parts.hostname:
        raise TransferError("that is not an address", "An address looks like http://192.168.1.10:8000.")
    return parts.hostname, parts.port or PORTS.get(parts.scheme, 1080)


def look_up(host: str, port: int) -> list[tuple[Any, ...]]:
    """The addresses of a host.

    Raises:
        TransferError: the name is not known, or nobody says so in time.
    """
    found: queue.SimpleQueue[list[tuple[Any, ...]] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            found.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = found.get(timeout=CONNECT_SECONDS)
    except queue.Empty:
        answer = TimeoutError()
    if isinstance(answer, Exception) or not answer:
        raise TransferError(f"the name {host} cannot be looked up (is there a network?)", AGAIN)
    return answer


def knock(address: tuple[Any, ...], answers: queue.SimpleQueue[OSError | None]) -> None:
    """Try to connect to one address; say None where it answers, else the error."""
    family, kind, protocol, _, where = address
    try:
        with socket.socket(family, kind, protocol) as sock:
            sock.settimeout(CONNECT_SECONDS)
            sock.connect(where)
        answers.put(None)
    except OSError as error:
        answers.put(error)


def explain(error: Exception) -> TransferError:
    """The error of a request, in words."""
    import requests
    from urllib3.exceptions import ReadTimeoutError

    if isinstance(error, requests.HTTPError):
        return explain_status(error.response)
    chain = list(causes(error))

    def any_is(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in chain)

    if any_is(requests.exceptions.SSLError):
        mend = "Check the clock of this machine, and whether the network asks you to sign in."
        return TransferError("the secure connection could not be made", mend)
    if any_is(requests.ConnectTimeout):
        return TransferError(f"the server did not answer within {CONNECT_SECONDS:g} seconds", AGAIN)
    if any_is(requests.ReadTimeout, ReadTimeoutError):
        return TransferError(f"the server sent nothing for {READ_SECONDS:g} seconds", LATER)
    if any_is(requests.exceptions.ProxyError):
        return TransferError("the proxy of this network did not let it through", AGAIN)
    if any_is(requests.exceptions.ChunkedEncodingError, requests.ConnectionError):
        return TransferError("the connection broke off", AGAIN)
    return TransferError(f"the server's answer cannot be used ({type(error).__name__})", LATER)


def explain_status(response: Any) -> TransferError:
    """An HTTP status that is no success, in words."""
    status = response.status_code
    answer = f"the server answered {status} {response.reason or ''}".strip()
    if status in (404, 410):
        return TransferError(answer, "It may have been moved or renamed.", absent=True)
    return TransferError(answer, LATER)


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all that it was made from."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [*cause.args, cause.__cause__, cause.__context__, getattr(cause, "reason", None)]
