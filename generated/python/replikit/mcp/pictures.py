"""Output pictures, fetched to be shown: whole and small, or not at all."""

from __future__ import annotations

import base64
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio

from ..runtime import errors
from .results import Image, media_type


class _TooLargeError(Exception):
    """The picture is larger than may be shown."""


async def picture(client: Any, url: str, largest: int) -> Image | None:
    """The picture at an URL; None where it is too large or cannot be had: its link stands beside it."""

    def watch(done: int, total: int | None) -> None:
        if max(done, total or 0) > largest:
            raise _TooLargeError

    with TemporaryDirectory() as folder:
        path = Path(folder) / "picture"
        try:
            await client.download(url, path, on_progress=watch)
        except (_TooLargeError, OSError, errors.Error):
            return None
        content = await anyio.Path(path).read_bytes()
    return Image(data=base64.b64encode(content).decode(), media_type=media_type(url) or "image/png")
