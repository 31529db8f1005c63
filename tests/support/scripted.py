"""A real HTTP server whose answers a test writes as functions: what is sent, in which pieces, where the line breaks.

And both clients behind one face, so that a test says once what must hold for the two of them, on httpx and on httpx2.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import Any

import pytest


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    """One answer. `pieces` are written one by one; `cut` breaks the line after them, in the middle of the body."""

    pieces: Iterable[bytes] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    """Sent as Content-Length; without it the body is chunked."""
    cut: bool = False
    pause: float = 0.0
    """Seconds before each piece."""


Answer = Callable[[Asked], Reply]


def of(value: Any, status: int = 200, **headers: str) -> Reply:
    """A reply of JSON."""
    body = json.dumps(value).encode()
    extra = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply([body], status, {"content-type": "application/json", **extra}, len(body))


def events(*pieces: bytes | str, **more: Any) -> Reply:
    """A reply that is a stream of events."""
    sent = [piece.encode() if isinstance(piece, str) else piece for piece in pieces]
    return Reply(sent, headers={"content-type": "text/event-stream"}, **more)


class Scripted:
    """The server: answers by path, each a list whose last one stays, or a function of the request."""

    def __init__(self) -> None:
        self.seen: list[Asked] = []
        self.answers: dict[str, Answer | list[Reply]] = {}
        self.lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return self.answer
                raise AttributeError(name)

            def answer(self) -> None:
                try:
                    request = Asked(self.command, self.path, self.headers, self.content())
                    self.write(outer.reply(request))
                except OSError:
                    self.close_connection = True  # the client has seen enough

            def content(self) -> bytes:
                if "chunked" not in self.headers.get("transfer-encoding", ""):
                    return self.rfile.read(int(self.headers.get("content-length", 0)))
                data = b""
                while line := self.rfile.readline():
                    if (size := int(line, 16)) == 0:
                        break
                    data += self.rfile.read(size)
                    self.rfile.readline()
                if not line:
                    raise ConnectionError("the client broke off")
                self.rfile.readline()
                return data

            def write(self, reply: Reply) -> None:
                self.send_response(reply.status)
                for name, text in reply.headers.items():
                    self.send_header(name, text)
                chunked = reply.length is None and reply.status != 204
                self.send_header(
                    *(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(reply.length or 0)))
                )
                self.end_headers()
                for piece in reply.pieces:
                    time.sleep(reply.pause)
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
                    self.wfile.flush()
                if reply.cut:
                    self.close_connection = True
                elif chunked:
                    self.wfile.write(b"0\r\n\r\n")

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.http.server_address[1]}"
        self.base_url = self.origin + "/v1"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def reply(self, request: Asked) -> Reply:
        with self.lock:
            self.seen.append(request)
            answer = self.answers.get(request.path.partition("?")[0])
            if isinstance(answer, list):
                return answer.pop(0) if len(answer) > 1 else answer[0]
        return answer(request) if answer else of({"detail": f"nothing at {request.path}"}, 404)

    def to(self, path: str) -> list[Asked]:
        """The requests that came for a path."""
        return [request for request in self.seen if request.path.partition("?")[0] == path]

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@contextmanager
def scripted() -> Iterator[Scripted]:
    """A server that runs until the block ends."""
    server = Scripted()
    try:
        yield server
    finally:
        server.close()


@dataclass(frozen=True)
class Kind:
    """One of the clients, with one of the libraries below it."""

    asynchronous: bool
    library: ModuleType

    def run(self, make: Callable[..., Any], work: Callable[[Any], Any], **options: Any) -> Any:
        """What `work(client)` gives: awaited, iterated and collected as the client has it."""
        if not self.asynchronous:
            with self.library.Client(verify=False) as http, make(http_client=http, **options) as client:
                result = work(client)
                return list(result) if isinstance(result, Iterator) else result
        return asyncio.run(self._arun(make, work, options))

    async def _arun(self, make: Callable[..., Any], work: Callable[[Any], Any], options: dict[str, Any]) -> Any:
        async with self.library.AsyncClient(verify=False) as http, make(http_client=http, **options) as client:
            result = work(client)
            if hasattr(result, "__aiter__"):
                return [item async for item in result]
            return await result if hasattr(result, "__await__") else result


KINDS = [
    pytest.param(
        Kind(asynchronous, importlib.import_module(library)), id=f"{'async' if asynchronous else 'sync'}-{library}"
    )
    for asynchronous in (False, True)
    for library in ("httpx", "httpx2")
]
