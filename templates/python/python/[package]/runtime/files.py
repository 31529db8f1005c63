"""File arguments: the values that stand for a file, and how it is sent. Large files are read while they are sent."""

from __future__ import annotations

import io
import os
import sys
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from .errors import ArgumentError
from .objects import as_mapping

FileInput = str | bytes | Path | IO[bytes] | tuple[str, bytes, str]
"""Text or a `data:` URL, bytes, a path, an open file, or (name, content, content type). A str is never a path.

An image of Pillow is taken as well, as PNG: inside an input, whose type is not known here."""

UNKNOWN = "application/octet-stream"
_PACKED = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}


def is_url(text: str) -> bool:
    """Whether the whole text is one URL that a file can stand at: http, https or data, and no blanks in it."""
    scheme, colon, rest = text.partition(":")
    if not colon or any(char.isspace() or not char.isprintable() for char in text):
        return False
    if scheme == "data":
        return "," in rest
    return scheme in ("https", "http") and rest.startswith("//") and rest[2:3] not in ("", "/", "?", "#")


def media_type(url: str) -> str:
    """The media type of the file at a URL, by its `data:` head or its extension; empty where unknown."""
    if url.startswith("data:"):
        return url[len("data:") :].partition(",")[0].partition(";")[0].strip().lower()
    return _type_of(urlsplit(url).path) if is_url(url) else ""


class Link:
    """A file at a URL: as an argument, the URL is sent."""

    __slots__ = ("url",)

    def __init__(self, url: str) -> None:
        self.url = url

    def __str__(self) -> str:
        return self.url


class Source:
    """Content that is read on sending. It keeps no file open, and can be sent again."""

    def __init__(self, size: int, read_at: Callable[[int, int], bytes]) -> None:
        self.size: int | None = size
        self._length = size
        self._read_at = read_at
        self._position = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most so many."""
        chunk = self._read_at(self._position, self._length - self._position if size < 0 else size)
        self._position += len(chunk)
        return chunk

    def tell(self) -> int:
        """The position."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Sets the position."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._length}[whence]
        self._position = base + offset
        return self._position


class Once:
    """Content of a file that can be read only once, such as a pipe: its size is not known."""

    size: int | None = None

    def __init__(self, parameter: str, file: IO[bytes]) -> None:
        self._parameter = parameter
        self._file = file
        self._ahead = b""
        self._begun = False

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most so many."""
        self._begun = True
        if self._ahead:
            cut = len(self._ahead) if size < 0 else size
            chunk, self._ahead = self._ahead[:cut], self._ahead[cut:]
            return chunk + self._file.read() if size < 0 else chunk
        return self._file.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Goes to the beginning, if nothing has been sent yet."""
        if self._begun:
            raise ArgumentError(self._parameter, "was read while it was sent and cannot be sent again; give a path")
        raise io.UnsupportedOperation("seek")

    def peek(self, size: int) -> bytes:
        """The first bytes, without consuming them: fewer than `size` only at the end."""
        while len(self._ahead) < size and (chunk := self._file.read(size - len(self._ahead))):
            self._ahead += chunk
        return self._ahead


@dataclass(frozen=True, slots=True)
class File:
    """A file to send: its name (may be empty), its content and its content type (may be empty)."""

    name: str
    content: bytes | Source | Once
    content_type: str

    @property
    def size(self) -> int | None:
        """Its size in bytes; None where it is not known before reading."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.size

    def read(self) -> bytes:
        """Its whole content."""
        if isinstance(self.content, bytes):
            return self.content
        if isinstance(self.content, Source):
            self.content.seek(0)
        return self.content.read()


def is_file(value: Any) -> bool:
    """Whether a value, other than a str, stands for a file."""
    if isinstance(value, tuple):
        return len(value) == 3 and isinstance(value[1], (bytes, bytearray))
    return isinstance(value, (bytes, bytearray, memoryview, Path)) or hasattr(value, "read") or _is_picture(value)


def read(parameter: str, value: Any) -> File:
    """The file that an argument stands for; nothing large is read yet."""
    if isinstance(value, File):
        return value
    if isinstance(value, str):
        return _from_data_url(parameter, value) if value.startswith("data:") else File("", value.encode(), "")
    if isinstance(value, (bytes, bytearray, memoryview)):
        return File("", bytes(value), "")
    if isinstance(value, Path):
        return _from_path(parameter, value)
    if isinstance(value, tuple) and is_file(value):
        return File(str(value[0]), bytes(value[1]), str(value[2]) or _guess(str(value[0])))
    if hasattr(value, "read"):
        return _from_open(parameter, value)
    if _is_picture(value):
        return _from_picture(parameter, value)
    raise ArgumentError(parameter, f"expected text, bytes, a path or an open file, not {type(value).__name__}")


def data_url(parameter: str, value: Any) -> str:
    """A file as a `data:` URL, for a JSON body; the URL of one that has one."""
    if isinstance(value, Link):
        return value.url
    file = read(parameter, value)
    return f"data:{file.content_type or UNKNOWN};base64,{b64encode(file.read()).decode()}"


def holds(value: Any) -> bool:
    """Whether a value holds a file. Every call checks this, and most have none, so it has to be fast."""
    if isinstance(value, (str, int, float)) or value is None:
        return False
    if is_file(value):
        return True
    if not isinstance(value, (dict, list)):
        value = as_mapping(value)
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return False
    return any(map(holds, value))


def replaced(value: Any, path: str, change: Callable[[str, Any], Any]) -> Any:
    """The value with `change(path, file)` in place of every file inside it; itself where it holds none."""
    if isinstance(value, (str, int, float)) or value is None:
        return value
    if is_file(value):
        return change(path, value)
    value = as_mapping(value)
    if isinstance(value, Mapping):
        made = {key: replaced(item, f"{path}.{key}", change) for key, item in value.items()}
        return made if any(made[key] is not value[key] for key in made) else value
    if isinstance(value, (list, tuple)):
        items = [replaced(item, f"{path}[{index}]", change) for index, item in enumerate(value)]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def decoded(url: str) -> File:
    """The file that a `data:` URL holds. ValueError where it is none."""
    return _from_data_url("url", url)


def _from_path(parameter: str, path: Path) -> File:
    def read_at(offset: int, size: int) -> bytes:
        # Opened anew for each piece: nothing stays open, whatever becomes of the request.
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(size)

    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise ArgumentError(parameter, f"cannot read {path}: {error.strerror}") from error
    return File(path.name, Source(size, read_at), _guess(path.name))


def _from_open(parameter: str, value: Any) -> File:
    if getattr(value, "closed", False) is True:
        raise ArgumentError(parameter, "the file is closed: give it while it is open, or its path")
    name = getattr(value, "name", "")
    name = os.path.basename(name) if isinstance(name, str) else ""
    kind = _guess(name) if name else ""
    if isinstance(value, io.TextIOBase):
        raw = getattr(value, "buffer", None)
        if raw is None:
            return File(name, value.read().encode(), kind)
        value = raw
    try:
        start = value.tell()
        size = value.seek(0, os.SEEK_END) - start
        value.seek(start)
    except (AttributeError, OSError):
        return File(name, Once(parameter, value), kind)

    def read_at(offset: int, size: int) -> bytes:
        value.seek(start + offset)
        chunk = value.read(size)
        return chunk.encode() if isinstance(chunk, str) else bytes(chunk)

    return File(name, Source(max(size, 0), read_at), kind)


def _is_picture(value: Any) -> bool:
    """Whether a value is an image of Pillow. Who has one has imported Pillow; here nobody does."""
    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(value, pillow.Image)


def _from_picture(parameter: str, picture: Any) -> File:
    content = io.BytesIO()
    try:
        # PNG loses nothing, and takes no other modes than these.
        plain = picture if picture.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16") else picture.convert("RGB")
        plain.save(content, "PNG")
    except (OSError, ValueError) as error:
        raise ArgumentError(parameter, f"the picture cannot be written as PNG: {error}") from error
    return File("image.png", content.getvalue(), "image/png")


def plain(value: Any) -> Any:
    """An array of numpy as lists and a number of it as a number of Python's; whatever else, itself."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic)):
        return value.tolist()
    return value


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
    return _type_of(name) or UNKNOWN


def _type_of(name: str) -> str:
    """The media type by file extension; empty where unknown. `a.tar.gz` is gzip: it is a tar archive only after
    decompression."""
    import mimetypes  # its tables are long to read

    kind, packed = mimetypes.guess_type(name)
    return (_PACKED.get(packed, UNKNOWN) if packed else kind) or ""


class Part(NamedTuple):
    """One part of a multipart body."""

    name: str
    filename: str | None
    content: bytes | Source | Once
    content_type: str | None
    headers: tuple[tuple[str, str], ...] = ()
