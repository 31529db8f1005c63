"""An answer whose body is read as it arrives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypeVar

from .. import response
from ..bodies import Chunks
from . import bodies

T = TypeVar("T")


class AsyncStreamedResponse(response.Streamed[T]):
    """An answer whose body is read as it arrives."""

    async def iter_bytes(self, size: int | None = None) -> AsyncIterator[bytes]:
        """The decompressed body in pieces, of `size` bytes where that is set."""
        chunks = Chunks(size) if size else None
        with self._guarded():
            async for piece in bodies.pieces(self.http):
                for each in chunks.feed(piece) if chunks else (piece,):
                    yield each
            for each in chunks.rest() if chunks else ():
                yield each

    async def iter_lines(self) -> AsyncIterator[str]:
        """The body line by line, without line ends. ResponseError for one that exceeds `max_response_bytes`."""
        lines = self._lines()
        with self._guarded():
            async for piece in bodies.pieces(self.http):
                for line in lines.feed(piece):
                    yield line
            for line in lines.feed(b"", final=True):
                yield line

    async def read(self) -> bytes:
        """The whole body. ResponseError where it exceeds `max_response_bytes`."""
        with self._guarded():
            await bodies.read(self.http, *self._whole())
        return bytes(self.http.content)

    async def parse(self) -> T:
        """What the method would have returned: reads the whole body, unless it is a stream of items."""
        if not self._holds_items():
            await self.read()
        return self._parse(self.http)

    async def close(self) -> None:
        """Releases the connection."""
        await self.http.aclose()
