"""Multipart bodies whose parts have no names: multipart/mixed, multipart/related and the like (RFC 2046, 5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .files import Part


def written(parts: Sequence[Part], media: str) -> tuple[bytes, str]:
    """The body and its media type. A part has a Content-Disposition only where its description gives it one."""
    pieces = []
    for part in parts:
        content = part.content if isinstance(part.content, bytes) else part.content.read()
        headers = [*([("Content-Type", part.content_type)] if part.content_type else []), *part.headers]
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        pieces.append(head.encode() + b"\r\n" + content + b"\r\n")
    boundary = _boundary(pieces)
    mark = f"--{boundary}".encode()
    body = b"".join(mark + b"\r\n" + piece for piece in pieces) + mark + b"--\r\n"
    return body, f"{media}; boundary={boundary}"


def _boundary(pieces: Sequence[bytes]) -> str:
    # Not random: any line that stands in no part will do, and the same request has the same bytes.
    number = 1
    while any(f"part-boundary-{number}".encode() in piece for piece in pieces):
        number += 1
    return f"part-boundary-{number}"
