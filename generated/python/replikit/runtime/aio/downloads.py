"""Files fetched from a URL, piece by piece."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from pathlib import Path

from .. import disk
from ..downloads import Progress, Target, Transfer, decoded, needed
from ..errors import ApiConnectionError
from . import bodies, links
from .core import AsyncCore
from .primitives import called, sleep


async def pieces(client: AsyncCore, transfer: Transfer) -> AsyncGenerator[bytes]:
    """The content of a file. Raises ApiError, ApiConnectionError or ResponseError."""
    while True:
        try:
            async with links.opened(client, transfer.url, transfer.headers()) as response:
                transfer.begin(response)
                async for chunk in bodies.pieces(response):
                    if piece := transfer.take(chunk):
                        yield piece
            return
        except ApiConnectionError as failure:
            wait = transfer.again(failure)
        await sleep(wait)


async def save(
    client: AsyncCore | None,
    url: str,
    path: str | os.PathLike[str],
    on_progress: Progress | None,
    overwrite: bool,
    max_bytes: int | None = None,
) -> Path:
    """See the client's method `download`."""
    target = Target(url, path, overwrite)
    if url.startswith("data:"):
        content, size = decoded(target, url)
        if on_progress is not None:
            await called(on_progress, size, size)
        return content
    transfer = Transfer(url, restart=True, most=max_bytes)
    with disk.Part(target.folder) as part:
        async for piece in pieces(needed(client), transfer):
            part.file.seek(transfer.position - len(piece))
            part.file.write(piece)
            if on_progress is not None:
                await called(on_progress, transfer.position, transfer.total)
        part.file.truncate(transfer.position)
        return target.placed(part, transfer.content_type)
