"""Requests for URLs that came in an answer, sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ..client import STREAM
from ..errors import Error
from ..exchange import translated
from ..links import Headers, steps
from .core import AsyncCore


@asynccontextmanager
async def opened(client: AsyncCore, url: str, headers: Headers, seconds: float | None = None) -> AsyncIterator[Any]:
    """The successful response, its body still to be read. Raises ApiError, ApiConnectionError or ResponseError.

    seconds: the time until the end of the body; without it the client's deadline holds until its beginning.
    """
    response = await client._run(steps(client, url, headers, seconds), STREAM)
    try:
        yield response
    except Error:
        raise
    except Exception as error:
        raise translated(error, "GET", url) from error
    finally:
        await response.aclose()
