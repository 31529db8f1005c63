"""Files that an API returns as URLs: where they are in an answer, and their content as it is fetched."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import downloads, files
from .bounds import option
from .decoding import SHOWN_DEPTH, deeper
from .errors import ResponseError

if TYPE_CHECKING:
    from .client import AnyClient


class AnyOutput(files.Link):
    """A file at a URL: its comparison and its `repr`."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        from . import notebooks

        return notebooks.html(self.url)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, AnyOutput):
            return other.url == self.url
        return self.url == other if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.url)

    def __repr__(self) -> str:
        shown = self.url if len(self.url) <= 80 else self.url[:77] + "..."
        return f"{type(self).__name__}({shown!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.url,)


class Ahead:
    """Content of a file that was fetched and not read yet."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def lacks(self, size: int) -> bool:
        """Whether there are fewer bytes than `size`."""
        return self._size < size

    def add(self, piece: bytes, most: int | None = None) -> None:
        """Keeps another piece. ResponseError where that makes more than `most`."""
        self._size += len(piece)
        if most is not None and self._size > most:
            raise ResponseError(f"the file has more than {most:,} bytes, and {option('max_response_bytes')} bounds it")
        self._parts.append(piece)

    def take(self, size: int | None = None) -> bytes:
        """The next bytes, at most so many; without a size, all."""
        whole = b"".join(self._parts)
        taken, rest = (whole, b"") if size is None else (whole[:size], whole[size:])
        self._parts, self._size = [rest], len(rest)
        return taken


def most(client: AnyClient | None) -> int | None:
    """Bytes of a file that are kept in memory; a file without a client is there already."""
    return client._bounds.response_bytes("binary") if client else None


def whole(client: AnyClient, url: str) -> downloads.Transfer:
    """The download of a whole file into memory."""
    return downloads.Transfer(url, most=most(client), bound=option("max_response_bytes"))


def anywhere(value: Any, made: Callable[[str], Any]) -> Any:
    """The value with `made(url)` in place of each string inside it that can stand for a file.

    A list of strings is the pieces of a text as soon as one of them is no URL. ResponseError where it is nested too
    deeply to be looked through.
    """
    if deeper(value, SHOWN_DEPTH):
        raise ResponseError(f"the output is nested more than {SHOWN_DEPTH} levels deep")
    return _anywhere(value, made)


def _anywhere(value: Any, made: Callable[[str], Any]) -> Any:
    if isinstance(value, str):
        return made(value) if files.is_url(value) else value
    if isinstance(value, list):
        if all(isinstance(item, str) for item in value) and not all(map(files.is_url, value)):
            return value
        return [_anywhere(item, made) for item in value]
    return {key: _anywhere(item, made) for key, item in value.items()} if isinstance(value, dict) else value
