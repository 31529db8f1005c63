"""What a notebook shows of a file by its URL: a picture, or what plays a film or a sound. Whatever else is text."""

from __future__ import annotations

from html import escape

from . import files

LARGEST = 8 * 1024 * 1024
"""Bytes of a picture: a notebook keeps what it shows in its own file."""
_TAGS = {
    "image": '<img src="{}">',
    "video": '<video controls src="{}"></video>',
    "audio": '<audio controls src="{}"></audio>',
}


def html(url: str) -> str | None:
    """The element that shows a file by its URL; None where its type has none."""
    tag = _TAGS.get(files.media_type(url).partition("/")[0])
    if tag is None or not files.is_url(url) or len(url) > 2 * LARGEST:
        return None
    return tag.format(escape(url, quote=True))
