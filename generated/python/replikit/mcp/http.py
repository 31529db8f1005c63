"""Streamable HTTP: stateless, so that any number of processes can stand behind one port or one load balancer.

Beyond loopback nobody is served without authentication, and nobody's token is used for another.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings

from .. import about
from ..runtime import logs
from ..runtime.listening import refused
from ..runtime.secrets import Secret
from .connection import connection
from .guard import PATH, Application, Guard
from .issuer import Trust, Verifier
from .metrics import Metrics, place
from .options import Options
from .server import counted, make

SECRET_ENV = f"{about.PACKAGE.upper()}_MCP_SECRET"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[^\s/?#@:\[\]*]+)(:\d{1,5})?")
_FILES = 256
"""Descriptors beside those of connections."""


class RefusedError(Exception):
    """The server will not listen like this; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Binding:
    """The address that a server listens on, and the hosts and origins it accepts."""

    host: str
    port: int
    auth: str = "none"
    workers: int = 1
    hosts: tuple[str, ...] = ()
    """Names of hosts that requests may be for, beside its own address."""
    origins: tuple[str, ...] = ()
    """Origins of pages that may ask."""
    secret: str = field(default="", repr=False)
    metrics: bool = False
    """Whether it publishes metrics."""
    numbers: str = ""
    """The file in which several processes count."""
    trust: Trust | None = None
    """The trusted issuer of tokens, with the authentication `issuer`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "secret", Secret(self.secret))

    @classmethod
    def of(
        cls,
        address: str,
        auth: str,
        workers: int,
        hosts: tuple[str, ...] = (),
        origins: tuple[str, ...] = (),
        trust: Trust | None = None,
    ) -> Binding:
        """The binding of `HOST:PORT`. RefusedError where it is no address, or one that would be open to anybody."""
        host, colon, port = address.rpartition(":")
        host = host.strip("[]") or "127.0.0.1"
        if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise RefusedError(f"{address!r} is not HOST:PORT, such as 127.0.0.1:8000")
        secret = os.environ.get(SECRET_ENV, "")
        if auth == "none" and not _is_loopback(host):
            raise RefusedError(
                f"{host} is reachable by others: use --auth caller, --auth shared with {SECRET_ENV}, or --auth issuer"
            )
        if auth == "shared" and len(secret) < 16:
            raise RefusedError(f"--auth shared needs a secret of 16 characters or more in {SECRET_ENV}")
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise RefusedError(f"--allowed-origin {origin!r} is not an origin, such as https://app.example")
        return cls(
            host=host,
            port=int(port),
            auth=auth,
            workers=workers,
            hosts=hosts,
            origins=origins,
            secret=secret,
            trust=trust,
        )

    def names(self) -> frozenset[str]:
        """The names of hosts that requests may be for."""
        bracketed = f"[{self.host}]" if ":" in self.host else self.host
        own = _LOOPBACK if _is_loopback(self.host) else (bracketed,)
        return frozenset(name.lower() for name in (*own, *self.hosts))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def application(options: Options, binding: Binding) -> Application:
    """The server as an ASGI application."""
    metrics = Metrics(counted(options), binding.numbers, binding.workers) if binding.metrics else None
    alone, apart = binding.workers == 1, binding.auth in ("caller", "issuer")
    options = replace(options, piped=False, tasks=alone, apart=apart)
    app = make(options, metrics).streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        max_request_body_size=options.limits.body,
        # The guard has looked at hosts and origins before.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    several = options.gateway is not None
    verifier = Verifier(binding.trust) if binding.trust is not None else None
    hosts, origins = binding.names(), frozenset(binding.origins)
    return Guard(app, binding.auth, binding.secret, hosts, origins, options.limits, verifier, metrics, several=several)


def run(options: Options, binding: Binding) -> None:
    """Listen until interrupted. RefusedError where the address cannot be had."""
    with ExitStack() as stack:
        listeners = [stack.enter_context(each) for each in _listening(binding)]
        host, port = listeners[0].getsockname()[:2]
        print(f"http://{f'[{host}]' if ':' in host else host}:{port}{PATH}", file=sys.stderr, flush=True)
        if binding.workers == 1:
            work(options, binding, listeners[0])
        else:
            from .workers import supervise

            numbers = place() if binding.metrics else ""
            try:
                counting = replace(binding, numbers=numbers)
                of_each = [listeners[number % len(listeners)] for number in range(binding.workers)]
                supervise(work, [(options, counting, listener) for listener in of_each])
            finally:
                if numbers:
                    os.unlink(numbers)


def work(options: Options, binding: Binding, listener: socket.socket) -> None:
    """Serve the connections of this socket until stopped. Several processes may share one socket."""
    logs.show(options.structured)
    limits = options.limits
    _open_files(limits.connections + limits.idle + _FILES)
    config = uvicorn.Config(
        application(options, binding),
        http=connection(limits),
        ws="none",
        h11_max_incomplete_event_size=limits.headers,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _open_files(most: int) -> None:
    """Allows the process as many descriptors as it may need, as far as it may allow itself that."""
    try:
        import resource
    except ImportError:  # no such bound on this platform
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < most:
        top = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (top, hard))


def _listening(binding: Binding) -> list[socket.socket]:
    """The sockets to listen at: one for each process where the system shares connections out among them.

    At one socket for all the process that is quickest takes whatever waits, and the callers of the others are served
    sooner than its own.
    """
    shared = binding.workers > 1 and sys.platform == "linux"
    sockets: list[socket.socket] = []
    port = binding.port
    try:
        family = socket.getaddrinfo(binding.host, port, type=socket.SOCK_STREAM)[0][0]
        for _ in range(binding.workers if shared else 1):
            listener = socket.socket(family)
            sockets.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind((binding.host, port))
            listener.listen(socket.SOMAXCONN)
            listener.set_inheritable(True)
            port = listener.getsockname()[1]
    except OSError as error:
        for each in sockets:
            each.close()
        raise RefusedError(refused(binding.host, binding.port, error)) from None
    return sockets
