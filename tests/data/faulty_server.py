"""A real HTTP server on this machine whose pages can be made to fail in the ways of the real world."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PATIENCE = 20  # seconds after which a test that went wrong ends
ENOUGH = 500  # blocks after which an answer without end ends


class FaultyServer(ThreadingHTTPServer):
    """Serves `pages`; a path in `faults` fails in the way named there.

    Faults: "cut" (the connection ends before the announced length), "cut chunks" (the same without a length),
    "stall" (half, then nothing), "silent" (not even a status), "garbage" (no HTTP at all), "endless redirect",
    "drip" (a byte now and then), "endless" (more and more, of no length announced), "spell" (a status whose words steer
    a terminal), "falters" (98,304 bytes over each connection), "meet" (answers only when two requests wait), or a
    status such as 404.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, bytes] = {}
        self.faults: dict[str, str | int] = {}
        self.asked: list[str] = []
        self.version = ""  # ETag of an answer that falters
        self.shift = 0  # bytes by which it sends another part than was asked for
        self.sent = 0  # bytes of an answer without end
        self.released = threading.Event()
        self.meeting = threading.Barrier(2, timeout=PATIENCE)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def serve_folder(self, folder: Path) -> None:
        for path in folder.rglob("*"):
            if path.is_file():
                self.pages["/" + path.relative_to(folder).as_posix()] = path.read_bytes()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: FaultyServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        fault = self.server.faults.get(self.path)
        body = self.server.pages.get(self.path)
        if isinstance(fault, int) or body is None:
            self.send_error(fault if isinstance(fault, int) else 404)
        elif fault == "silent":
            self.server.released.wait(PATIENCE)
        elif fault == "garbage":
            self.wfile.write(b"\x00\x01 this is no HTTP\r\n\r\n")
        elif fault == "spell":
            self.wfile.write(b"HTTP/1.1 500 \x1b[2J\x1b]0;owned\x07All is well\r\nContent-Length: 0\r\n\r\n")
        elif fault == "endless":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            for _ in range(ENOUGH):
                self.wfile.write(b"x" * 65_536)
                self.server.sent += 65_536
        elif fault == "drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not self.server.released.wait(0.05):
                self.wfile.write(b"x")
        elif fault == "falters":
            self.send_the_rest(body)
        elif fault == "endless redirect":
            self.send_response(302)
            self.send_header("Location", self.path)
            self.end_headers()
        elif fault == "cut chunks":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n" % len(body) + body[: len(body) // 2])
        else:
            self.send_whole_or_half(body, fault)

    protocol_version = "HTTP/1.1"

    def send_whole_or_half(self, body: bytes, fault: str | None) -> None:
        if fault == "meet":
            self.server.meeting.wait()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault in ("cut", "stall") else body)
        self.wfile.flush()
        if fault == "stall":
            self.server.released.wait(PATIENCE)

    def send_the_rest(self, body: bytes) -> None:
        """From the byte that was asked for on, 98,304 bytes over each connection."""
        begin = int(self.headers.get("Range", "bytes=0-")[6:-1])
        if self.headers.get("If-Range", self.server.version) != self.server.version:
            begin = 0
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin + self.server.shift}-{len(body) - 1}/{len(body)}")
        if self.server.version:
            self.send_header("ETag", self.server.version)
        self.send_header("Content-Length", str(len(body) - begin))
        self.end_headers()
        self.wfile.write(body[begin : begin + 98_304])

    def end_headers(self) -> None:
        self.send_header("Connection", "close")
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing on stderr."""


@contextmanager
def faulty_server() -> Iterator[FaultyServer]:
    """A running server."""
    server = FaultyServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
