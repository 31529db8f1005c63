"""Files that an API returns as URLs, fetched on reading by the client that returned them."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING

from .. import files
from ..downloads import Progress, Transfer, needed
from ..outputs import Ahead, most, whole
from . import downloads
from .notebooks import Shown

if TYPE_CHECKING:
    from .core import AsyncCore


class AsyncFileOutput(Shown):
    """A file at a URL. `str()` gives the URL; iterating gives the content in pieces. Nothing is fetched before it is
    read, and nothing is cached: each read fetches it again. The token goes with the request only where the URL has the
    API's own origin.
    """

    __slots__ = ("_client", "_open")

    def __init__(self, url: str, client: AsyncCore | None = None) -> None:
        super().__init__(url)
        self._client = client
        self._open: tuple[AsyncGenerator[bytes], Ahead] | None = None

    async def read(self, size: int | None = -1) -> bytes:
        """The whole content, within `max_response_bytes`; with a size, the next bytes, at most so many.

        At the end `read(size)` returns b"", as every file does, and the next call starts over.
        Raises ApiError, ApiConnectionError or ResponseError.
        """
        if size is not None and size >= 0:
            pieces, ahead = self._open = self._open or (self.iter(), Ahead())
            while ahead.lacks(size) and (piece := await anext(pieces, None)) is not None:
                ahead.add(piece)
            content = ahead.take(size)
            if size and not content:
                self._open = None
            return content
        if self._open is not None:
            (pieces, ahead), self._open = self._open, None
            async for piece in pieces:
                ahead.add(piece, most(self._client))
            return ahead.take()
        if self.url.startswith("data:"):
            return files.decoded(self.url).read()
        client = needed(self._client)
        ahead = Ahead()
        async for piece in downloads.pieces(client, whole(client, self.url)):
            ahead.add(piece)
        return ahead.take()

    async def iter(self) -> AsyncGenerator[bytes]:
        """The content in pieces; a broken connection is resumed where it broke."""
        if self.url.startswith("data:"):
            yield files.decoded(self.url).read()
            return
        async for piece in downloads.pieces(needed(self._client), Transfer(self.url)):
            yield piece

    async def save(
        self, path: str | os.PathLike[str], *, overwrite: bool = True, on_progress: Progress | None = None
    ) -> Path:
        """Saves it to a file, which appears once it is complete, and returns the path.

        path: of the file, or of a folder; a missing extension is added by media type.
        overwrite: whether to replace a file at that exact path. In a folder, and where an extension was added, a taken
        name becomes `name-2.png`.
        on_progress: called with the bytes so far and the total (None where it is not known). With the asynchronous
        client it may be a coroutine function.
        Raises as `read`, and OSError where the file cannot be written.
        """
        return await downloads.save(self._client, self.url, path, on_progress, overwrite)

    def __aiter__(self) -> AsyncGenerator[bytes]:
        return self.iter()
