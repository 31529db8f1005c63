"""Bodies read from the network: whole ones, and those of streams."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from io import BytesIO
from typing import Any

from ..bodies import Body, cut, fill, plain
from ..deadlines import Deadline
from ..errors import ResponseError


async def read(response: Any, most: int, deadline: Deadline) -> str:
    """Reads a whole body of at most so many bytes, as sent and as decompressed.

    Raises ResponseError where there are more, or where they cannot be decompressed. The body of a failure is cut there
    instead, and the reason is returned: its status says enough.
    """
    if plain(response, most, deadline):
        await response.aread()
        return ""
    kept = BytesIO()
    try:
        body = Body(response, most)
        async for raw in response.aiter_raw():
            deadline.check()
            for piece in body.feed(raw):
                kept.write(piece)
        body.end()
    except ResponseError as error:
        return cut(response, error, kept)
    finally:
        await response.aclose()
    fill(response, kept)
    return ""


async def pieces(response: Any) -> AsyncGenerator[bytes]:
    """A body in pieces of bounded size, as they arrive. ResponseError where they cannot be decompressed."""
    if response.is_stream_consumed:
        async for piece in response.aiter_bytes():
            yield piece
        return
    body = Body(response, None)
    async for raw in response.aiter_raw():
        for piece in body.feed(raw):
            yield piece
    body.end()
