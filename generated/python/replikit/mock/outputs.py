"""The files that outputs name: their URLs lead here, and behind each is some content of the right type."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from . import media

ASIDE = "/_mock/"
"""Below the API's base path: what the mock serves beside the API, such as the files that outputs name."""
SIZE = 96 * 1024
"""Bytes of a file, or about so many: enough to be fetched in parts."""
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True)
class Part:
    """A file, or the requested part of it."""

    status: int
    content: bytes
    media_type: str
    headers: tuple[tuple[str, str], ...]


def localized(value: Any, server: str) -> Any:
    """The value with every URL that leads elsewhere as one of a file of this server, below the API's own.

    server: the base URL that the API's document has. `Application` puts this server's own in its place.
    """
    if isinstance(value, list):
        return [localized(item, server) for item in value]
    if isinstance(value, dict):
        return {name: localized(item, server) for name, item in value.items()}
    if not isinstance(value, str) or not value.startswith(("https://", "http://")) or " " in value:
        return value
    place = value.partition("://")[2]
    return value if not place or value.startswith(server + "/") else f"{server}{ASIDE}files/{place}"


def serve(path: str, range_: str, unless: str) -> Part:
    """The file at a path; `asked` is the header `Range`, `unless` is `If-Range`."""
    name = unquote(urlsplit(path).path)
    content = media.made(name, SIZE)
    if content is None:
        content = ((name + "\n") * (SIZE // (len(name) + 1) + 1)).encode("utf-8", "replace")[:SIZE]
    size = len(content)
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    mark = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers: tuple[tuple[str, str], ...] = (("ETag", mark), ("Accept-Ranges", "bytes"))
    match = _RANGE.fullmatch(range_.strip())
    if match is None or not any(match.groups()) or (unless and unless != mark):
        return Part(200, content, media_type, headers)
    if match[1]:
        first, last = int(match[1]), min(int(match[2] or size), size - 1)
    else:
        first, last = max(0, size - int(match[2])), size - 1
    if first > last:
        return Part(416, b"", "", (*headers, ("Content-Range", f"bytes */{size}")))
    range_header = ("Content-Range", f"bytes {first}-{last}/{size}")
    return Part(206, content[first : last + 1], media_type, (*headers, range_header))
