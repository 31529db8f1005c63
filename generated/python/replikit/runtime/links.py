"""Requests for URLs that came in an answer: streams and files, read piece by piece.

The token goes with them to the API's own origin only, and so do the headers of the client and of its user: any
other server gets what is needed to answer and nothing else, redirects included.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from .calls import Options
from .client import STREAM
from .errors import Error, ResponseError
from .exchange import Steps, translated
from .logs import place
from .operation import Operation
from .requests import Prepared
from .retries import RetryPolicy

if TYPE_CHECKING:
    from .client import AsyncClient, SyncClient

Headers = list[tuple[str, Any]]

_LINK = Operation("link", "link", "GET", "", result="binary")
_ONCE = RetryPolicy(max_retries=0)
"""Who reads a stream or a file goes on where it broke off, and decides that himself."""


@contextmanager
def opened(client: SyncClient, url: str, headers: Headers, seconds: float | None = None) -> Iterator[Any]:
    """The successful response, its body still to be read. Raises ApiError, ApiConnectionError or ResponseError.

    seconds: the time until the end of the body; without it the client's deadline holds until its beginning.
    """
    response = client._run(_steps(client, url, headers, seconds), STREAM)
    try:
        yield response
    except Error:
        raise
    except Exception as error:
        raise translated(error, "GET", url) from error
    finally:
        response.close()


@asynccontextmanager
async def aopened(client: AsyncClient, url: str, headers: Headers, seconds: float | None = None) -> AsyncIterator[Any]:
    """As `opened`, with an asynchronous client."""
    response = await client._run(_steps(client, url, headers, seconds), STREAM)
    try:
        yield response
    except Error:
        raise
    except Exception as error:
        raise translated(error, "GET", url) from error
    finally:
        await response.aclose()


def _steps(client: SyncClient | AsyncClient, url: str, headers: Headers, seconds: float | None) -> Steps:
    if not url.startswith(("https://", "http://")):
        raise ResponseError(f"{place(url)[:200]} is no URL that can be fetched")
    return client._steps(_LINK, Prepared("GET", url, headers), Options(deadline=seconds), _ONCE)
