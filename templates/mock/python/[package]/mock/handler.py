"""HTTP on a socket: requests are read, answers written, as they are or as their fault has it."""

from __future__ import annotations

import contextlib
import http
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from . import faults
from .answers import Answer
from .instead import refusal
from .problems import Problem
from .requests import Request
from .service import Service

MAX_BODY = 100 * 1024 * 1024
"""Default limit of a request body, in bytes; a longer one is answered with 413."""


class Handler(BaseHTTPRequestHandler):
    """One connection: reads requests, writes answers, keeps the line open."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120

    def __getattr__(self, name: str) -> Any:
        # The base class looks for do_GET and the like; every method is answered alike.
        if name.startswith("do_"):
            return self.respond
        raise AttributeError(name)

    @property
    def house(self) -> Server:
        """The server, by its own type."""
        return cast("Server", self.server)

    def setup(self) -> None:
        """Remember the connection, so that it can be closed with the server."""
        super().setup()
        self.house.connections.add(self.connection)

    def finish(self) -> None:
        """Forget the connection."""
        self.house.connections.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def respond(self) -> None:
        """Answer one request."""
        path, _, query = self.path.partition("?")
        try:
            body = self._body()
        except Problem as problem:
            self.close_connection = True
            self._write(refusal(problem))
            return
        self._write(self.house.service.answer(Request(self.command, path, query, self.headers, body)))

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal():
            raise Problem(400, "Content-Length is not a number.")
        if len(length) > 18 or int(length) > self.house.max_body:
            raise self._too_large()
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise Problem(400, "The body ended early.")
        return body

    def _chunks(self) -> bytes:
        body = bytearray()
        while True:
            line = self.rfile.readline(1024).split(b";")[0].strip()
            try:
                size = int(line, 16)
            except ValueError:
                raise Problem(400, "A chunk has no size.") from None
            if size == 0:
                break
            if len(body) + size > self.house.max_body:
                raise self._too_large()
            body += self.rfile.read(size)
            self.rfile.readline(1024)
        while self.rfile.readline(65536).strip():
            pass
        return bytes(body)

    def _too_large(self) -> Problem:
        return Problem(413, f"The body must have at most {self.house.max_body} bytes: --max-body of the mock sets it.")

    def _write(self, answer: Answer) -> None:
        try:
            if answer.fault == "reset":
                self.close_connection = True
                faults.reset(self.connection)
                return
            if answer.fault == "half" and not answer.content and answer.pieces is None:
                self.close_connection = True
                self.wfile.write(b"HTTP/1.1 ")  # without a body to cut it is the head
                return
            self.send_response(answer.status)
            if answer.content or answer.media_type:
                self.send_header("Content-Type", answer.media_type)
            if answer.pieces is not None:
                # Its end is the end of the connection, as of streams whose length nobody knows.
                self.close_connection = True
            elif answer.status != http.HTTPStatus.NO_CONTENT:
                self.send_header("Content-Length", str(len(answer.content)))
            for name, value in answer.headers:
                self.send_header(name, value)
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self._write_content(answer)
        except OSError:
            # The caller is gone; there is nobody to tell.
            self.close_connection = True

    def _write_content(self, answer: Answer) -> None:
        if answer.fault == "half":
            self.close_connection = True
            self.wfile.write(answer.content[: len(answer.content) // 2])
            if answer.pieces is not None:
                self.wfile.write(next(answer.pieces, b"")[:-1])
            self.wfile.flush()
        elif answer.fault == "drip" and answer.content:
            pieces = list(faults.drops(answer.content))
            for piece in pieces:
                self.wfile.write(piece)
                self.wfile.flush()
                self.house.service.pause(answer.seconds / len(pieces))
        else:
            self.wfile.write(answer.content)
            self.wfile.flush()
            for piece in answer.pieces or ():
                self.wfile.write(piece)
                self.wfile.flush()

    def version_string(self) -> str:
        """What the header `Server` says."""
        return "mock"

    def log_message(self, format: str, *args: Any) -> None:
        """Writes one line per request, if requested."""
        if self.house.verbose:
            shown = (format % args).encode("unicode_escape").decode()  # a request line steers no terminal
            sys.stderr.write(f"{shown}\n")


class Server(ThreadingHTTPServer):
    """The listening socket and its open connections."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int], service: Service, max_body: int, verbose: bool) -> None:
        self.service = service
        self.max_body = max_body
        self.verbose = verbose
        self.connections: set[socket.socket] = set()
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that breaks is its caller's affair."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """Close the connections that callers keep open."""
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
