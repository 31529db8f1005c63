"""An HTTP server that sends whatever bytes a test writes down, at its own pace and for as long as anybody listens.

Each answer is an iterable of bytes, sent one after the other over a bare socket. One without an end goes on until the
client hangs up; should it never do so, the server gives up after `PATIENCE`, and what the client then sees is no longer
what the test waits for.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE = 300.0
"""Seconds that an answer may take: far more than any bound of a test."""
PACE = 0.05
"""Seconds between the bytes of an answer that trickles."""

Answer = Callable[[str], Iterable[bytes]]


def head(status: str = "200 OK", **fields: Any) -> bytes:
    """The head of an answer."""
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(body: bytes, status: str = "200 OK", **fields: Any) -> list[bytes]:
    """An answer that tells its length."""
    return [head(status, **{"X_Request_Id": "rid", "Content_Length": len(body), **fields}) + body]


def of_json(value: Any, status: str = "200 OK", **fields: Any) -> list[bytes]:
    """An answer of JSON."""
    return whole(json.dumps(value).encode(), status, Content_Type="application/json", **fields)


def chunked(pieces: Iterable[bytes], status: str = "200 OK", **fields: Any) -> Iterator[bytes]:
    """An answer whose length nobody knows before its end."""
    yield head(status, **{"X_Request_Id": "rid", "Transfer_Encoding": "chunked", **fields})
    for piece in pieces:
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def endless(piece: bytes) -> Iterator[bytes]:
    """The same again and again."""
    while True:
        yield piece


def slowly(content: Iterable[bytes]) -> Iterator[bytes]:
    """Byte by byte, with a pause before each."""
    for piece in content:
        for byte in piece:
            time.sleep(PACE)
            yield bytes([byte])


class Misbehaving:
    """The server. `answers` are found by the path that is asked for."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        """Method and path of each request."""
        self.headers: list[dict[str, str]] = []
        """Its headers, by their names in lower case."""
        self.outlasted = False
        """Whether a client was still listening when the server gave up."""
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.origin = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.base_url = self.origin + "/v1"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while self._answer(connection):
                    pass
            except OSError:
                return  # the client has hung up

    def _answer(self, connection: socket.socket) -> bool:
        request = b""
        while b"\r\n\r\n" not in request:
            if not (more := connection.recv(65536)):
                return False
            request += more
        fields, _, body = request.partition(b"\r\n\r\n")
        first, *lines = fields.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        length = next((int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:")), 0)
        path = target.removeprefix("/v1")
        self.headers.append({name.lower(): value for name, _, value in (line.partition(": ") for line in lines)})
        self.asked.append(f"{method} {path}")
        if path.partition("?")[0] != "/never-read":
            while len(body) < length:
                body += connection.recv(65536)
        begun = time.monotonic()
        connection.settimeout(PATIENCE)
        for piece in self.answers[path.partition("?")[0]](path):
            connection.sendall(piece)
            if time.monotonic() - begun > PATIENCE:
                self.outlasted = True
                return False
        return True

    def close(self) -> None:
        # Closing alone does not wake a thread that waits in accept().
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@contextmanager
def misbehaving() -> Iterator[Misbehaving]:
    """A server that runs until the block ends."""
    server = Misbehaving()
    try:
        yield server
    finally:
        server.close()


@contextmanager
def deaf() -> Iterator[str]:
    """The origin of a server that takes no connection: its queue is full, and what asks to come in is not heard."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        address = listening.getsockname()
        waiting = []
        for _ in range(4):
            made = socket.socket()
            made.setblocking(False)
            made.connect_ex(address)
            waiting.append(made)
        try:
            yield f"http://127.0.0.1:{address[1]}"
        finally:
            for made in waiting:
                made.close()
