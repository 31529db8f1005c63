"""Streamable HTTP: stateless, so that any number of processes can stand behind one port or one load balancer.

    Guard            whose request is it? Bodies, hosts and origins are looked at by the SDK behind it
      └─ the SDK     one exchange a request, in the current and in the handshake era
           └─ server

Beyond loopback nobody is served without authentication, and nobody's token is used for another.
"""

from __future__ import annotations

import hmac
import os
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings

from .. import about
from .clients import Caller
from .options import Options
from .server import make

PATH = "/mcp"
SECRET_ENV = f"{about.PACKAGE.upper()}_MCP_SECRET"
LARGEST_BODY = 4 * 1024 * 1024
"""Bytes of a request."""
CONNECTIONS = 2_000
"""Of one process; beyond them a caller is answered 503."""
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


class RefusedError(Exception):
    """The server will not listen like this; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Binding:
    """Where a server listens, and to whom."""

    host: str
    port: int
    auth: str = "none"
    workers: int = 1
    hosts: tuple[str, ...] = ()
    """Names of hosts that requests may be for, beside its own address."""
    origins: tuple[str, ...] = ()
    """Origins of pages that may ask."""
    secret: str = field(default="", repr=False)

    @classmethod
    def of(
        cls, address: str, auth: str, workers: int, hosts: tuple[str, ...] = (), origins: tuple[str, ...] = ()
    ) -> Binding:
        """The binding of `HOST:PORT`. RefusedError where it is no address, or one that would be open to anybody."""
        host, colon, port = address.rpartition(":")
        host = host.strip("[]") or "127.0.0.1"
        if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise RefusedError(f"{address!r} is no HOST:PORT, such as 127.0.0.1:8000")
        secret = os.environ.get(SECRET_ENV, "")
        if auth == "none" and not _is_loopback(host):
            raise RefusedError(
                f"{host} can be reached by others: say --auth caller, or --auth shared with {SECRET_ENV}"
            )
        if auth == "shared" and len(secret) < 16:
            raise RefusedError(f"--auth shared needs a secret of 16 characters or more in {SECRET_ENV}")
        return cls(host=host, port=int(port), auth=auth, workers=workers, hosts=hosts, origins=origins, secret=secret)

    def security(self) -> TransportSecuritySettings:
        """Which Host and Origin headers are answered: a page of another site may not use what it finds here."""
        bracketed = f"[{self.host}]" if ":" in self.host else self.host
        names = (*_LOOPBACK, *self.hosts) if _is_loopback(self.host) else (bracketed, *self.hosts)
        own = [f"http://{name}" for name in _LOOPBACK] if _is_loopback(self.host) else []
        return TransportSecuritySettings(
            allowed_hosts=[*names, *(f"{name}:*" for name in names)],
            allowed_origins=[*own, *(f"{origin}:*" for origin in own), *self.origins],
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def application(options: Options, binding: Binding) -> Application:
    """The server as an ASGI application."""
    app = make(options).streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        max_request_body_size=LARGEST_BODY,
        transport_security=binding.security(),
    )
    return Guard(app, binding)


class Guard:
    """Finds out whose token a request is to be served with; refuses those who have to bring one and do not."""

    def __init__(self, app: Any, binding: Binding) -> None:
        self._app = app
        self._auth = binding.auth
        self._secret = binding.secret.encode()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            caller = self._caller(scope)
            if caller is None:
                await _refuse(send)
                return
            scope = {**scope, "state": {**scope.get("state", {}), "caller": caller}}
        await self._app(scope, receive, send)

    def _caller(self, scope: Message) -> Caller | None:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        scheme, _, token = (given[0] if len(given) == 1 else b"").partition(b" ")
        token = token.strip() if scheme.lower() == b"bearer" else b""
        if self._auth == "shared":
            return Caller() if hmac.compare_digest(token, self._secret) else None
        if not token and (given or self._auth == "caller"):
            return None
        return Caller(token.decode("latin-1"))


async def _refuse(send: Send) -> None:
    body = b'{"error":"unauthorized","error_description":"send Authorization: Bearer TOKEN"}'
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"www-authenticate", b'Bearer realm="mcp"'),
    ]
    await send({"type": "http.response.start", "status": 401, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def run(options: Options, binding: Binding) -> None:
    """Listen until interrupted. RefusedError where the address cannot be had."""
    with _listening(binding) as listener:
        host, port = listener.getsockname()[:2]
        print(f"http://{f'[{host}]' if ':' in host else host}:{port}{PATH}", file=sys.stderr, flush=True)
        if binding.workers == 1:
            work(options, binding, listener)
        else:
            from .workers import supervise

            supervise(work, (options, binding, listener), binding.workers)


def work(options: Options, binding: Binding, listener: socket.socket) -> None:
    """Serve what comes to this socket until told to end. Several processes may do so at one socket."""
    config = uvicorn.Config(
        application(options, binding),
        limit_concurrency=CONNECTIONS,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _listening(binding: Binding) -> socket.socket:
    try:
        family = socket.getaddrinfo(binding.host, binding.port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((binding.host, binding.port))
        listener.listen(CONNECTIONS)
    except OSError as error:
        raise RefusedError(f"cannot listen on {binding.host}:{binding.port}: {error.strerror or error}") from None
    listener.set_inheritable(True)
    return listener
