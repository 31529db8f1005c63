"""The server: HTTP on one side, the API on the other."""

from __future__ import annotations

import contextlib
import http
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from .application import Answer, Application
from .grants import Grants
from .limits import Limit
from .problems import Problem
from .requests import Request
from .routes import load
from .seeds import Seeds
from .state import State

_EVERYWHERE = ("0.0.0.0", "::")
_GIVEN = ("token",)
"""Parts of credentials that a client of the mock is given: one is enough of each."""
"""Addresses to listen on that nobody can be called at."""
MAX_BODY = 100 * 1024 * 1024
"""Bytes of a request body, unless told otherwise; more is answered with 413."""


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
            content = json.dumps(problem.document()).encode()
            self._write(Answer(problem.status, content, "application/problem+json"))
            return
        self._write(self.house.application.answer(Request(self.command, path, query, self.headers, body)))

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
                self.wfile.write(answer.content)
            self.wfile.flush()
            for piece in answer.pieces or ():
                self.wfile.write(piece)
                self.wfile.flush()
        except OSError:
            # The caller is gone; there is nobody to tell.
            self.close_connection = True

    def version_string(self) -> str:
        """What the header `Server` says."""
        return "mock"

    def log_message(self, format: str, *args: Any) -> None:
        """One line a request, where it was asked for."""
        if self.house.verbose:
            shown = (format % args).encode("unicode_escape").decode()  # a request line steers no terminal
            sys.stderr.write(f"{shown}\n")


class Server(ThreadingHTTPServer):
    """The listening socket and its open connections."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], application: Application, max_body: int, verbose: bool) -> None:
        self.application = application
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


@dataclass(frozen=True)
class Mock:
    """A server that runs."""

    base_url: str
    token: str
    state: State
    grants: Grants

    def reset(self) -> None:
        """Back to how it started."""
        self.state.reset()
        self.grants.clear()

    def environment(self) -> dict[str, str]:
        """The variables that make a client call this server."""
        document = self.state.routes.document
        tokens = {name: self.token for name, part in document["variables"].items() if part in _GIVEN}
        found = {**tokens, document["base_url_env"]: self.base_url}
        if any(each["elsewhere"] for each in document.get("logins", ())):
            from ..runtime.oauth import AUTH_URL_ENV

            found[AUTH_URL_ENV] = self.base_url
        return found


@contextlib.contextmanager
def serve(
    port: int = 0,
    host: str = "127.0.0.1",
    token: str = "mock-token",
    *,
    seconds: float = 1.0,
    outcome: str = "",
    page_size: int = 100,
    rate: int = 0,
    max_body: int = MAX_BODY,
    verbose: bool = False,
    seeds: Sequence[Seeds] = (),
    bare: bool = False,
    now: Callable[[], float] = time.time,
) -> Iterator[Mock]:
    """A server in a thread of its own, until the block ends.

    `port` 0 takes a free one. `seconds` is how long a job takes, `outcome` the state it ends in where that is
    not success, `now` the clock that it goes by. `rate` is how many jobs may be started in a minute; 0: any number. An
    empty `token` lets everyone in. `max_body` bounds the bytes of a request's body. `seeds` are records that are there at the start: by their path, or an OpenAPI
    document in place of one; `bare` leaves out those that the package brings.
    Raises OSError where the port is taken, SeedError for a seed at a path that the API does not have.
    """
    routes = load()
    state = State(routes, seconds=seconds, outcome=outcome, seeds=seeds, bare=bare, now=now)
    application = Application(routes, state, token, page_size, Limit(rate), host in _EVERYWHERE)
    server = Server((host, port), application, max_body, verbose)
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    shown = f"[{host}]" if ":" in host else host
    application.base_url = f"http://{shown}:{server.server_address[1]}{routes.document['base_path']}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Mock(application.base_url, token, application.state, application.grants)
    finally:
        application.close()
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()
