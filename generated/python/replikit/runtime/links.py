"""Requests for URLs that came in an answer: streams and files, read piece by piece.

The token goes with them to the API's own origin only, and so do the headers of the client and of its user: any
other server gets what is needed to answer and nothing else, redirects included.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .. import about
from . import transport as _transport
from .config import origin
from .errors import ApiError, ResponseError, api_error
from .operation import Operation
from .requests import Prepared

if TYPE_CHECKING:
    from .client import AsyncClient, SyncClient

Headers = list[tuple[str, str]]

_LINK = Operation("link", "link", "GET", "", result="binary")
_ANYWHERE = frozenset(
    (
        "host",
        "user-agent",
        "accept",
        "accept-encoding",
        "connection",
        "cache-control",
        "range",
        "if-range",
        "last-event-id",
    )
)
"""Headers that any server may see."""
_LARGEST_ERROR = 64 * 1024


@contextmanager
def opened(client: SyncClient, url: str, headers: Headers, seconds: float | None = None) -> Iterator[Any]:
    """The successful response, its body still to be read. Raises ApiError, ApiConnectionError or ResponseError.

    seconds: the longest that one step (connecting, or waiting for more of the body) may take, where that is less
    than the client's own time-outs.
    """
    http = client._connected()
    with _translated():
        for _ in range(_transport.MOST_REDIRECTS + 1):
            request = _request(client, http, url, headers, seconds)
            response = http.send(request, stream=True, auth=None, follow_redirects=False)
            try:
                onward = _transport.redirect(_LINK, response)
                if onward is None:
                    if not 200 <= response.status_code < 300:
                        raise _failure(response, b"".join(_bounded(response.iter_bytes())))
                    yield response
                    return
                url = onward
            finally:
                response.close()
    raise ResponseError(f"{_shown(url)} is redirected again and again")


@asynccontextmanager
async def aopened(client: AsyncClient, url: str, headers: Headers, seconds: float | None = None) -> AsyncIterator[Any]:
    """As `opened`, with an asynchronous client."""
    http = client._connected()
    with _translated():
        for _ in range(_transport.MOST_REDIRECTS + 1):
            request = _request(client, http, url, headers, seconds)
            response = await http.send(request, stream=True, auth=None, follow_redirects=False)
            try:
                onward = _transport.redirect(_LINK, response)
                if onward is None:
                    if not 200 <= response.status_code < 300:
                        raise _failure(response, await _abounded(response.aiter_bytes()))
                    yield response
                    return
                url = onward
            finally:
                await response.aclose()
    raise ResponseError(f"{_shown(url)} is redirected again and again")


def _request(client: SyncClient | AsyncClient, http: Any, url: str, headers: Headers, seconds: float | None) -> Any:
    if urlsplit(url).scheme not in ("https", "http"):
        raise ResponseError(f"{_shown(url)} is no URL that can be fetched")
    if origin(url) == origin(client.base_url):
        arguments = _transport.request_arguments(
            Prepared("GET", url, headers), _LINK, client._config, client._headers, client.base_url
        )
        request = http.build_request(**arguments)
    else:
        agent = ("User-Agent", f"{about.PACKAGE}/{about.VERSION}")
        request = http.build_request("GET", url, headers=[agent, *headers])
        for name in list(request.headers):
            # A client that was passed in may add headers of its own: they are meant for the API.
            if name.lower() not in _ANYWHERE:
                del request.headers[name]
    if seconds is not None:
        limits = request.extensions.get("timeout", {})
        request.extensions["timeout"] = {
            step: seconds if limits.get(step) is None else min(seconds, limits[step])
            for step in ("connect", "read", "write", "pool")
        }
    return request


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        ours = _transport.translated(error)
        if ours is None:
            raise
        raise ours from error


def _bounded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        yield chunk
        size += len(chunk)
        if size > _LARGEST_ERROR:
            return


async def _abounded(chunks: AsyncIterator[bytes]) -> bytes:
    content = b""
    async for chunk in chunks:
        content += chunk
        if len(content) > _LARGEST_ERROR:
            break
    return content


def _failure(response: Any, content: bytes) -> ApiError:
    return api_error(response.status_code, response.headers, content, "GET", str(response.request.url))


def _shown(url: str) -> str:
    """A URL without its query, which may hold a signature."""
    return url.partition("?")[0][:200]
