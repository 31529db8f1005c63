"""What a notebook shows of a file: a picture, or what plays a film or a sound. Whatever else it shows as text."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from . import downloads, files
from .errors import Error

if TYPE_CHECKING:
    from .client import SyncClient

LARGEST = 8 * 1024 * 1024
"""Bytes of a picture: a notebook keeps what it shows in its own file."""
_TAGS = {
    "image": '<img src="{}">',
    "video": '<video controls src="{}"></video>',
    "audio": '<audio controls src="{}"></audio>',
}


def content(url: str, client: SyncClient | None, media_type: str) -> bytes | None:
    """The content of a file of this type; None of another, of one that is too large, and where it cannot be had."""
    if files.media_type(url) != media_type:
        return None
    try:
        if url.startswith("data:"):
            found = files.decoded(url).read() if len(url) < 2 * LARGEST else b""
            return found if 0 < len(found) <= LARGEST else None
        transfer = downloads.Transfer(url, most=LARGEST, bound="a notebook takes no more")
        return b"".join(downloads.pieces(downloads.needed(client), transfer))
    except Error:
        return None  # what cannot be shown is still there to be read, which tells why


def html(url: str) -> str | None:
    """The element that shows a file by its URL; None where its type has none."""
    tag = _TAGS.get(files.media_type(url).partition("/")[0])
    if tag is None or not files.is_url(url) or len(url) > 2 * LARGEST:
        return None
    return tag.format(escape(url, quote=True))
