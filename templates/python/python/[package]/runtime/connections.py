"""The one place that names httpx: its clients, made when they are first needed, and the TLS context they share.

httpx2, its successor, has the same interface. A client or transport of either may be passed in; `<PACKAGE>_HTTP`
chooses which of the two makes our own; httpx is the default.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from functools import cached_property, lru_cache
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, finalize

from .. import about
from . import surroundings
from .errors import ConfigError
from .network import watch

if TYPE_CHECKING:
    import ssl

    from .pace import Pace

Certificate = tuple[str, str | None, str | None]
"""A client certificate: its path, the path of its key, and the password of the key."""
Made = dict[bool | Certificate, Any]
"""httpx clients, by whether the URL is secure, or by client certificate."""
LIBRARIES = ("httpx", "httpx2")
LIBRARY_ENV = f"{about.PACKAGE.upper()}_HTTP"
# As many connections as httpx allows, but kept: httpx would close all but 20 after each burst.
_MOST = 100


def library(*objects: object) -> Any:
    """The module that one of these clients or transports is from, else the one that the environment names."""
    for kind in (kind for each in objects for kind in type(each).__mro__):
        if (root := kind.__module__.partition(".")[0]) in LIBRARIES:
            return import_module(root)
    name = os.environ.get(LIBRARY_ENV) or LIBRARIES[0]
    if name not in LIBRARIES:
        raise ConfigError(f"{LIBRARY_ENV} must be one of {', '.join(LIBRARIES)}, not {name!r}")
    try:
        return import_module(name)
    except ImportError:
        raise ConfigError(f"{name} is not installed: pip install '{about.PACKAGE}[{name}]'") from None


@lru_cache(maxsize=2)
def tls(module: Any) -> ssl.SSLContext:
    """The TLS context that all clients share: building one takes longer than a request."""
    with surroundings.tls():
        made: ssl.SSLContext = module.create_ssl_context()
        return made


@lru_cache(maxsize=8)
def certified(module: Any, certificate: Certificate) -> ssl.SSLContext:
    """As `tls`, with a client certificate. It is shown to any server that asks, so it is used for the API only."""
    with surroundings.tls():
        made: ssl.SSLContext = module.create_ssl_context()
    try:
        made.load_cert_chain(certificate[0], certificate[1], certificate[2])
    except OSError as error:  # an ssl.SSLError is one
        raise ConfigError(f"the client certificate {certificate[0]} cannot be used: {error}") from None
    return made


@lru_cache(maxsize=1)
def _nobody() -> ssl.SSLContext:
    """A context that trusts no certificate, for plain http; shared as well. It would refuse any https server. A
    context holds nothing of a caller: tokens travel in headers, and each client has its own cookies.
    """
    with surroundings.tls(certificates=False):
        import ssl

        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _no_cookies() -> Any:
    """A cookie jar that stays empty: cookies that servers set are ignored."""
    from http.cookiejar import CookieJar

    class NoCookies(CookieJar):
        def extract_cookies(self, response: Any, request: Any) -> None:
            """Ignores the cookies of a response."""

    return NoCookies()


class Connections:
    """The httpx clients behind one of ours; one that was passed in is the only one, and is never closed here."""

    kind = "Client"

    def __init__(self, given: Any, transport: Any, proxy: Any) -> None:
        if given is not None and self.kind not in (kind.__name__ for kind in type(given).__mro__):
            raise ConfigError(f"http_client must be an httpx.{self.kind}, not {type(given).__name__}")
        self.http_client = given if given is None else watch(given)
        self.transport = transport
        self.proxy = proxy
        self.pace: Pace | None = None
        """The pace of starts; created with the first one."""
        self._made: Made = {}
        self._lock = Lock()

    @cached_property
    def library(self) -> Any:
        """httpx or httpx2."""
        return library(self.http_client, self.transport, self.proxy)

    def client(self, url: str, certificate: Certificate | None = None) -> Any:
        """The httpx client for a URL, with this client certificate."""
        if self.http_client is not None:
            return self.http_client
        secure: bool | Certificate = self.transport is None and not url.startswith("http:")
        if secure and certificate is not None:
            secure = certificate
        slot = self._slot()
        http = slot.get(secure)
        if http is None:
            with self._lock:
                http = slot.get(secure)
                if http is None:
                    http = slot[secure] = self._make(secure)
                    if self.kind == "Client" and len(slot) == 1:
                        # A client that is never closed leaks no socket. (An asynchronous one cannot be closed here.)
                        finalize(self, _close, slot)
        return http

    def _make(self, secure: bool | Certificate) -> Any:
        options: dict[str, Any] = {"cookies": _no_cookies()}
        if self.transport is not None:
            options["transport"] = self.transport
        else:
            if isinstance(secure, tuple):
                options["verify"] = certified(self.library, secure)
            else:
                options["verify"] = tls(self.library) if secure else _nobody()
            options["limits"] = self.library.Limits(max_connections=_MOST, max_keepalive_connections=_MOST)
            if self.proxy is not None:
                options["proxy"] = self.proxy
            else:
                surroundings.proxies()
        try:
            return watch(getattr(self.library, self.kind)(**options))
        except Exception as error:  # of a proxy, its own or the environment's, that cannot be one
            named = "proxy=…" if self.proxy is not None else surroundings.exceptions()
            where = f"{named}: " if named else ""
            raise ConfigError(f"{where}{self.library.__name__} cannot be set up with it: {error}") from error

    def _slot(self) -> Made:
        return self._made

    def taken(self) -> list[Any]:
        """Removes and returns the clients, for the caller to close; the next call makes new ones."""
        with self._lock:
            slot = self._slot()
            clients = list(slot.values())
            slot.clear()
        return clients


def _close(slot: Made) -> None:
    for http in slot.values():
        http.close()


class AsyncConnections(Connections):
    """The same, separate for each event loop: a connection cannot outlive its loop."""

    kind = "AsyncClient"

    def __init__(self, given: Any, transport: Any, proxy: Any) -> None:
        super().__init__(given, transport, proxy)
        self._loops: MutableMapping[Any, Made] = WeakKeyDictionary()

    def _slot(self) -> Made:
        import asyncio

        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # trio has no loop of asyncio, and one run at a time
            return self._made
        slot = self._loops.get(loop)
        if slot is None:
            slot = self._loops.setdefault(loop, {})
        return slot
