"""Downloads: read piece by piece, resumed after a broken connection, and put in place when complete."""

from __future__ import annotations

import mimetypes
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from . import disk, files, links
from .errors import ApiConnectionError, ResponseError

Client = TypeVar("Client")
Progress = Callable[[int, int | None], object]
"""Called with the bytes so far, and the total where it is known."""

_MOST_FAILURES = 5
"""Connections in a row that brought nothing new."""
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class Transfer:
    """The state of one download."""

    def __init__(self, url: str, *, restart: bool = False, most: int | None = None, bound: str = "max_bytes") -> None:
        """restart: the download may begin again from the first byte. most: the largest size, with the name of its
        bound."""
        self.url = url
        self._most = most
        self._bound = bound
        self.position = 0
        """Bytes that were passed on so far."""
        self.total: int | None = None
        self.content_type = ""
        self._restart = restart
        self._mark = ""
        self._skip = 0
        self._before = 0
        self._failures = 0

    def headers(self) -> links.Headers:
        """The headers of the next request, which resumes where the last one broke off."""
        # A compressed answer could not be resumed in the middle.
        headers: links.Headers = [("Accept", "*/*"), ("Accept-Encoding", "identity")]
        if self.position:
            headers += [("Range", f"bytes={self.position}-"), ("If-Range", self._mark)]
        return headers

    def begin(self, response: Any) -> None:
        """Reads the head of an answer: the size of its content, and the byte that it begins at."""
        headers = response.headers
        coded = headers.get("content-encoding", "identity") != "identity"
        self._before = self.position
        if response.status_code == 206:
            match = _RANGE.fullmatch(headers.get("content-range", ""))
            if match is None or int(match[1][:20]) != self.position:
                raise ResponseError(f"{_shown(self.url)}: another part of the file came than was asked for")
            return
        mark = "" if coded else _mark(headers)
        if self.position and (not mark or mark != self._mark):
            raise ResponseError(f"{_shown(self.url)} changed while it was being read")
        length = headers.get("content-length", "")
        self.total = int(length[:20]) if length.isascii() and length.isdigit() and not coded else None
        if self._most is not None and (self.total or 0) > self._most:
            raise self._too_large()
        self.content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        self._mark, self._skip = mark, self.position

    def take(self, chunk: bytes) -> bytes:
        """The part of a piece that was not passed on yet."""
        if self._skip:
            cut = min(self._skip, len(chunk))
            self._skip, chunk = self._skip - cut, chunk[cut:]
        self.position += len(chunk)
        if self._most is not None and self.position > self._most:
            raise self._too_large()
        return chunk

    def _too_large(self) -> ResponseError:
        return ResponseError(f"{_shown(self.url)} has more than {self._most:,} bytes, the bound of {self._bound}")

    def again(self, failure: ApiConnectionError) -> float:
        """Seconds until the next try; raises the error where there is none."""
        # Where it has to begin anew nothing was won.
        self._failures = 0 if self._mark and self.position > self._before else self._failures + 1
        if self._failures > _MOST_FAILURES or (self.position and not self._mark and not self._restart):
            raise failure
        if not self._mark:
            self.position = 0
        return min(0.25 * 2.0**self._failures, 8.0)


def _mark(headers: Any) -> str:
    """The validator for `If-Range`: a strong ETag, or the time of the last change."""
    etag = str(headers.get("etag", ""))
    return etag if etag and not etag.startswith("W/") else str(headers.get("last-modified", ""))


# ── into a file ────────────────────────────────────────────────────────────────────────────────────────


class Target:
    """The destination of a file: a path, or a name from the URL in a folder."""

    def __init__(self, url: str, path: str | os.PathLike[str], overwrite: bool) -> None:
        self._url = url
        self._path = Path(path)
        self._overwrite = overwrite
        if self._path.is_dir():
            self._path /= _name(url)
            self._overwrite = False
        self.folder = self._path.parent

    def placed(self, part: disk.Part, content_type: str) -> Path:
        """Puts the complete file in place and returns its path. A missing extension is added by media type; a file of
        that name is then never replaced."""
        if self._path.suffix:
            return part.place(self._path, replace=self._overwrite)
        whole = self._path.with_name(self._path.name + _extension(self._url, content_type))
        return part.place(whole, replace=self._overwrite and whole == self._path)


def decoded(target: Target, url: str) -> tuple[Path, int]:
    """Saves the file of a `data:` URL; returns its path and its size in bytes."""
    file = files.decoded(url)
    content = file.read()
    with disk.Part(target.folder) as part:
        part.file.write(content)
        return target.placed(part, file.content_type.partition(";")[0]), len(content)


def needed(client: Client | None) -> Client:
    """The client that a file belongs to; raises ResponseError without one."""
    if client is None:
        raise ResponseError("this file has no client to fetch it with: it was made by hand, or unpickled")
    return client


def _name(url: str) -> str:
    """A name to save a URL's file under: the last part of its path, free of what a path could hide in it."""
    return disk.safe_name("" if url.startswith("data:") else unquote(urlsplit(url).path.rpartition("/")[2]))


def _extension(url: str, content_type: str) -> str:
    suffix = Path(_name(url)).suffix
    return suffix or mimetypes.guess_extension(content_type) or ""


def _shown(url: str) -> str:
    return url.partition("?")[0][:200]
