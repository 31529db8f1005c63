"""Output pictures, fetched to be shown: whole and small, or not at all."""

from __future__ import annotations

import base64
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio

from ..runtime import errors
from .results import Image, picture_type


class _TooLargeError(Exception):
    """The picture is larger than may be shown."""


async def picture(client: Any, url: str, largest: int) -> Image | None:
    """The picture at a URL; None if it is too large, no picture, or missing: the result has its link as well."""

    def watch(done: int, total: int | None) -> None:
        if max(done, total or 0) > largest:
            raise _TooLargeError

    with TemporaryDirectory() as folder:
        try:
            path = await client.download(url, Path(folder) / "picture", on_progress=watch)
            content = await anyio.Path(path).read_bytes()
        except (_TooLargeError, OSError, errors.Error):
            return None
    data = base64.b64encode(content).decode()
    kind = picture_type(data)
    return Image(data=data, media_type=kind) if kind else None
