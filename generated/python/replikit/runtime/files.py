"""What may be given as a file, and what becomes of it."""

from __future__ import annotations

import mimetypes
import os
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import unquote_to_bytes

from .errors import ArgumentError

FileInput = str | bytes | Path | IO[bytes] | tuple[str, bytes, str]
"""Text or a `data:` URL, bytes, a path, an open file, or (name, content, content type). A str is never a path."""

_UNKNOWN = "application/octet-stream"


class File(NamedTuple):
    """A file read: its name (may be empty), its content and its content type."""

    name: str
    content: bytes
    content_type: str


def is_file(value: Any) -> bool:
    """Whether a value, other than a str, stands for a file."""
    if isinstance(value, tuple):
        return len(value) == 3 and isinstance(value[1], (bytes, bytearray))
    return isinstance(value, (bytes, bytearray, Path)) or hasattr(value, "read")


def read(parameter: str, value: Any) -> File:
    """The file that an argument stands for."""
    if isinstance(value, str):
        return _from_data_url(parameter, value) if value.startswith("data:") else File("", value.encode(), "")
    if isinstance(value, (bytes, bytearray)):
        return File("", bytes(value), "")
    if isinstance(value, Path):
        try:
            return File(value.name, value.read_bytes(), _guess(value.name))
        except OSError as error:
            raise ArgumentError(parameter, f"cannot read {value}: {error.strerror}") from error
    if isinstance(value, tuple) and is_file(value):
        return File(str(value[0]), bytes(value[1]), str(value[2]) or _guess(str(value[0])))
    if hasattr(value, "read"):
        opened: Any = value
        content = opened.read()
        name = getattr(opened, "name", "")
        name = os.path.basename(name) if isinstance(name, str) else ""
        return File(name, content.encode() if isinstance(content, str) else content, _guess(name) if name else "")
    raise ArgumentError(parameter, f"expected text, bytes, a path or an open file, not {type(value).__name__}")


def data_url(parameter: str, value: Any) -> str:
    """A file as a `data:` URL, for a JSON body."""
    file = read(parameter, value)
    return f"data:{file.content_type or _UNKNOWN};base64,{b64encode(file.content).decode()}"


def _from_data_url(parameter: str, url: str) -> File:
    head, comma, data = url[len("data:") :].partition(",")
    if not comma:
        raise ArgumentError(parameter, "a data: URL needs a comma before its content")
    if not head.endswith(";base64"):
        return File("", unquote_to_bytes(data), head or "text/plain")
    try:
        return File("", b64decode(data, validate=True), head.removesuffix(";base64") or "text/plain")
    except Base64Error as error:
        raise ArgumentError(parameter, f"the data: URL is not base64: {error}") from error


def _guess(name: str) -> str:
    return mimetypes.guess_type(name)[0] or _UNKNOWN
