"""Requests for URLs that came in an answer: streams and files, read piece by piece.

The token goes with them to the API's own origin only, and so do the headers of the client and of its user: any
other server gets what is needed to answer and nothing else, redirects included.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from .calls import Options
from .errors import Error, ResponseError
from .exchange import Steps, translated
from .logs import place
from .operation import Operation
from .requests import Prepared
from .retries import RetryPolicy

if TYPE_CHECKING:
    from .client import AsyncClient, SyncClient

Headers = list[tuple[str, str]]

_LINK = Operation("link", "link", "GET", "", result="binary")
_ONCE = RetryPolicy(max_retries=0)
"""Who reads a stream or a file goes on where it broke off, and decides that himself."""


@contextmanager
def opened(client: SyncClient, url: str, headers: Headers, seconds: float | None = None) -> Iterator[Any]:
    """The successful response, its body still to be read. Raises ApiError, ApiConnectionError or ResponseError.

    seconds: the longest that one step (connecting, or waiting for more of the body) may take, where that is less
    than the client's own time-outs.
    """
    response = client._run(_steps(client, url, headers, seconds), stream=True)
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
    response = await client._run(_steps(client, url, headers, seconds), stream=True)
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
    limits = client._builder.limits()
    if seconds is not None:
        limits = {step: seconds if limit is None else min(seconds, limit) for step, limit in limits.items()}
    return client._steps(_LINK, Prepared("GET", url, headers), Options(limits), _ONCE)
