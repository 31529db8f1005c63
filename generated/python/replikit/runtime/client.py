"""The two clients that the generated ones extend, and the resources that hang on them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin, urlsplit

from . import config as _config
from . import transport as _transport
from .config import origin
from .errors import ArgumentError, ConfigError, ResponseError
from .followup import AsyncFollowUp, FollowUp
from .operation import Operation, PageInfo
from .pages import AsyncPage, Page
from .requests import Prepared, prepare
from .views import Items, view_of

if TYPE_CHECKING:
    from typing import Self

T = TypeVar("T")
Arguments = Mapping[str, Any]
_CONNECTING = Lock()


class _Base:
    def __init__(
        self,
        token: str | None = None,
        *,
        account: str | None = None,
        base_url: str | None = None,
        http_client: Any = None,
        transport: Any = None,
        timeout: Any = None,
        headers: Mapping[str, str] | None = None,
        max_retries: int = 2,
    ) -> None:
        """A client. Nothing is connected, and no TLS context built, before the first call.

        token: the API token; without it, the account's or the environment's.
        account: the name of an account in the file of accounts; see `runtime.accounts`.
        base_url: another server than the API's own, such as a mock.
        http_client: an httpx (or httpx2) client to use; it stays yours to close.
        transport: an httpx transport for the client that is made here.
        timeout: seconds, or an httpx.Timeout.
        headers: sent with every request.
        max_retries: how often a request that is safe to repeat is repeated.
        """
        if http_client is not None and transport is not None:
            raise ConfigError("http_client brings its own transport: pass one of the two")
        self._config = _config.load(token, base_url, account)
        self._http: Any = http_client
        self._owned = http_client is None
        self._transport = transport
        self._timeout = timeout
        self._headers = dict(headers or {})
        self._max_retries = max_retries

    @property
    def base_url(self) -> str:
        """The URL that the paths of the API are put after."""
        return self._config.base_url

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.base_url}>"

    def _server(self, operation: Operation) -> str:
        if operation.server and not self._config.given:
            return urljoin(self._config.base_url + "/", operation.server)
        return self._config.base_url

    def prepare(self, operation: Operation, arguments: Arguments) -> Prepared:
        """The request that a call would send, without its token."""
        return prepare(operation, arguments, self._server(operation))

    def _build(self, operation: Operation, prepared: Prepared) -> Any:
        arguments = _transport.request_arguments(
            prepared, operation, self._config, self._headers, self._server(operation)
        )
        if self._timeout is not None and not self._owned:
            arguments["timeout"] = self._timeout
        return self._http.build_request(**arguments)

    def hide(self, text: str) -> str:
        """The text without the token, for logs and for whoever must not see it."""
        token = self._config.token
        return text.replace(token, "***") if len(token) >= _SHORTEST_SECRET else text

    def _page(self, operation: Operation, arguments: Arguments, cursor: str) -> Prepared:
        own = self.prepare(operation, arguments).url
        url = urljoin(own, cursor)
        if urlsplit(url).path != urlsplit(own).path:
            raise ArgumentError("cursor", f"is no page of {operation.name}")
        return self._onward(url)

    def _onward(self, url: str) -> Prepared:
        if origin(url) != origin(self.base_url):
            raise ResponseError(f"{url.partition('?')[0]} is on another server and was not asked for")
        return Prepared("GET", url, [("Accept", "application/json")])


def _view(operation: Operation) -> Any:
    if not operation.view:
        return None
    return getattr(import_module("..types", __package__), operation.view)


_NO_PAGE = PageInfo("", "")
_SHORTEST_SECRET = 4
"""Characters: what is shorter would be found in every text."""


class Calls:
    """What generated methods call: one method a shape of result."""

    def _call(self, operation: Operation, arguments: Arguments) -> Any:
        raise NotImplementedError

    def _paged(self, view: type[T] | None, operation: Operation, arguments: Arguments) -> Page[T]:
        raise NotImplementedError

    def _one(self, view: type[T], operation: Operation, arguments: Arguments) -> T:
        return view_of(view, self._call(operation, arguments))

    def _object(self, operation: Operation, arguments: Arguments) -> Arguments:
        found: Arguments = self._call(operation, arguments)
        return found

    def _text(self, operation: Operation, arguments: Arguments) -> str:
        return str(self._call(operation, arguments))

    def _bytes(self, operation: Operation, arguments: Arguments) -> bytes:
        return bytes(self._call(operation, arguments))

    def _none(self, operation: Operation, arguments: Arguments) -> None:
        self._call(operation, arguments)

    def _many(self, view: type[T], operation: Operation, arguments: Arguments) -> Items[T]:
        return Items(view, self._call(operation, arguments) or [])


class AsyncCalls:
    """What generated asynchronous methods call: one method a shape of result."""

    async def _call(self, operation: Operation, arguments: Arguments) -> Any:
        raise NotImplementedError

    async def _paged(self, view: type[T] | None, operation: Operation, arguments: Arguments) -> AsyncPage[T]:
        raise NotImplementedError

    async def _one(self, view: type[T], operation: Operation, arguments: Arguments) -> T:
        return view_of(view, await self._call(operation, arguments))

    async def _object(self, operation: Operation, arguments: Arguments) -> Arguments:
        found: Arguments = await self._call(operation, arguments)
        return found

    async def _text(self, operation: Operation, arguments: Arguments) -> str:
        return str(await self._call(operation, arguments))

    async def _bytes(self, operation: Operation, arguments: Arguments) -> bytes:
        return bytes(await self._call(operation, arguments))

    async def _none(self, operation: Operation, arguments: Arguments) -> None:
        await self._call(operation, arguments)

    async def _many(self, view: type[T], operation: Operation, arguments: Arguments) -> Items[T]:
        return Items(view, await self._call(operation, arguments) or [])


class SyncClient(_Base, FollowUp, Calls):
    """A client whose calls wait for the answer."""

    def call(self, operation: Operation, arguments: Arguments, *, raw: bool = True) -> Any:
        """The result of an operation: decoded JSON, str, bytes or None; with raw=False the typed view of it."""
        if raw:
            return self._call(operation, arguments)
        if operation.page:
            return self._paged(_view(operation), operation, arguments)
        found = self._call(operation, arguments)
        return Items(_view(operation), found or []) if operation.array else view_of(_view(operation), found)

    def page(self, operation: Operation, arguments: Arguments, cursor: str) -> Any:
        """A further page of a list, as decoded JSON. cursor: `next` or `previous` of a page; ArgumentError for another."""
        return _transport.decoded(operation, self._send(operation, self._page(operation, arguments, cursor)))

    def close(self) -> None:
        """Closes the connections; a client that was passed in stays open."""
        if self._owned and self._http is not None:
            self._http.close()
            self._http = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(self, operation: Operation, arguments: Arguments) -> Any:
        if operation.files:
            from .uploads import placed

            arguments = placed(self, operation, arguments)
        return _transport.decoded(operation, self._send(operation, self.prepare(operation, arguments)))

    def _paged(self, view: type[T] | None, operation: Operation, arguments: Arguments) -> Page[T]:
        response = self._send(operation, self.prepare(operation, arguments))

        def fetch(url: str) -> tuple[Any, str]:
            answer = self._send(operation, self._onward(url))
            return _transport.decoded(operation, answer), url

        data = _transport.decoded(operation, response)
        return Page(data, operation.page or _NO_PAGE, view, str(response.request.url), fetch)

    def _connected(self) -> Any:
        if self._http is None:
            with _CONNECTING:  # threads that begin at once share one
                if self._http is None:
                    self._http = _transport.sync_client(self._config, self._timeout, self._transport)
        return self._http

    def _send(self, operation: Operation, prepared: Prepared) -> Any:
        http = self._connected()
        attempt = 0
        while True:
            cause: Exception | None = None
            try:
                response = http.send(self._build(operation, prepared), auth=None, follow_redirects=False)
                for _ in range(_transport.MOST_REDIRECTS):
                    url = _transport.redirect(operation, response)
                    if url is None:
                        break
                    request = http.build_request("GET", url, headers={"Accept": "*/*"})
                    request.headers.pop("Authorization", None)
                    response = http.send(request, auth=None, follow_redirects=False)
                failed: Exception | None = _transport.failure(operation, response)
                if failed is None:
                    return response
                wait = _transport.delay(operation, failed, attempt)
            except Exception as error:
                failed, cause = _transport.translated(error), error
                if failed is None:
                    raise
                wait = _transport.delay(operation, error, attempt)
            if wait is None or attempt >= self._max_retries:
                raise failed from cause
            time.sleep(wait)
            attempt += 1


class AsyncClient(_Base, AsyncFollowUp, AsyncCalls):
    """A client whose calls are awaited."""

    async def call(self, operation: Operation, arguments: Arguments, *, raw: bool = True) -> Any:
        """The result of an operation: decoded JSON, str, bytes or None; with raw=False the typed view of it."""
        if raw:
            return await self._call(operation, arguments)
        if operation.page:
            return await self._paged(_view(operation), operation, arguments)
        found = await self._call(operation, arguments)
        return Items(_view(operation), found or []) if operation.array else view_of(_view(operation), found)

    async def page(self, operation: Operation, arguments: Arguments, cursor: str) -> Any:
        """A further page of a list, as decoded JSON. cursor: `next` or `previous` of a page; ArgumentError for another."""
        return _transport.decoded(operation, await self._send(operation, self._page(operation, arguments, cursor)))

    async def close(self) -> None:
        """Closes the connections; a client that was passed in stays open."""
        if self._owned and self._http is not None:
            await self._http.aclose()
            self._http = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _call(self, operation: Operation, arguments: Arguments) -> Any:
        if operation.files:
            from .uploads import aplaced

            arguments = await aplaced(self, operation, arguments)
        return _transport.decoded(operation, await self._send(operation, self.prepare(operation, arguments)))

    async def _paged(self, view: type[T] | None, operation: Operation, arguments: Arguments) -> AsyncPage[T]:
        response = await self._send(operation, self.prepare(operation, arguments))

        async def fetch(url: str) -> tuple[Any, str]:
            answer = await self._send(operation, self._onward(url))
            return _transport.decoded(operation, answer), url

        data = _transport.decoded(operation, response)
        return AsyncPage(data, operation.page or _NO_PAGE, view, str(response.request.url), fetch)

    def _connected(self) -> Any:
        if self._http is None:
            self._http = _transport.async_client(self._config, self._timeout, self._transport)
        return self._http

    async def _send(self, operation: Operation, prepared: Prepared) -> Any:
        http = self._connected()
        attempt = 0
        while True:
            cause: Exception | None = None
            try:
                response = await http.send(self._build(operation, prepared), auth=None, follow_redirects=False)
                for _ in range(_transport.MOST_REDIRECTS):
                    url = _transport.redirect(operation, response)
                    if url is None:
                        break
                    request = http.build_request("GET", url, headers={"Accept": "*/*"})
                    request.headers.pop("Authorization", None)
                    response = await http.send(request, auth=None, follow_redirects=False)
                failed: Exception | None = _transport.failure(operation, response)
                if failed is None:
                    return response
                wait = _transport.delay(operation, failed, attempt)
            except Exception as error:
                failed, cause = _transport.translated(error), error
                if failed is None:
                    raise
                wait = _transport.delay(operation, error, attempt)
            if wait is None or attempt >= self._max_retries:
                raise failed from cause
            await sleep(wait)
            attempt += 1


async def sleep(seconds: float) -> None:
    """Sleeps on whichever event loop runs: anyio comes with httpx."""
    import anyio

    await anyio.sleep(seconds)


class Resource(Calls):
    """A noun of the API."""

    def __init__(self, client: SyncClient) -> None:
        self._client = client

    def _call(self, operation: Operation, arguments: Arguments) -> Any:
        return self._client._call(operation, arguments)

    def _paged(self, view: type[T] | None, operation: Operation, arguments: Arguments) -> Page[T]:
        return self._client._paged(view, operation, arguments)


class AsyncResource(AsyncCalls):
    """A noun of the API, awaited."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def _call(self, operation: Operation, arguments: Arguments) -> Any:
        return await self._client._call(operation, arguments)

    async def _paged(self, view: type[T] | None, operation: Operation, arguments: Arguments) -> AsyncPage[T]:
        return await self._client._paged(view, operation, arguments)
