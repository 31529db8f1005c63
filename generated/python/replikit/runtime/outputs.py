"""Files that an API answers with as URLs: fetched when they are read, by the client that they came from."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import downloads, files
from .bounds import option
from .decoding import SHOWN_DEPTH, deeper
from .errors import ResponseError

if TYPE_CHECKING:
    from .client import AsyncClient, SyncClient


class _Output(files.Link):
    __slots__ = ("_client",)

    def _repr_html_(self) -> str | None:
        from . import notebooks

        return notebooks.html(self.url)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _Output):
            return other.url == self.url
        return self.url == other if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.url)

    def __repr__(self) -> str:
        shown = self.url if len(self.url) <= 80 else self.url[:77] + "..."
        return f"{type(self).__name__}({shown!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.url,)


class FileOutput(_Output):
    """A file at a URL. As text it is the URL; iterating it gives its content in pieces.

    Nothing is fetched before it is read, and nothing is kept: each way of reading fetches it again. The token goes
    with the request only where the URL has the API's own origin.
    """

    __slots__ = ("_open",)

    def __init__(self, url: str, client: SyncClient | None = None) -> None:
        super().__init__(url)
        self._client = client
        self._open: _Reading | None = None

    def read(self, size: int | None = -1) -> bytes:
        """Its whole content, as far as `max_response_bytes` allows; with a size, the next bytes, at most so many.

        At the end `read(size)` gives b"", as every file does, and the next one begins again.
        Raises ApiError, ApiConnectionError or ResponseError.
        """
        if size is not None and size >= 0:
            self._open = self._open or _Reading(self.iter())
            found = self._open.read(size)
            if size and not found:
                self._open = None
            return found
        if self._open is not None:
            reading, self._open = self._open, None
            return reading.read(None, _most(self._client))
        if self.url.startswith("data:"):
            return files.decoded(self.url).read()
        client = downloads.needed(self._client)
        return b"".join(downloads.pieces(client, _whole(client, self.url)))

    def iter(self) -> Iterator[bytes]:
        """Its content in pieces; a connection that breaks is opened again where it broke."""
        if self.url.startswith("data:"):
            return iter([files.decoded(self.url).read()])
        return downloads.pieces(downloads.needed(self._client), downloads.Transfer(self.url))

    def save(
        self, path: str | os.PathLike[str], *, overwrite: bool = True, on_progress: downloads.Progress | None = None
    ) -> Path:
        """Writes it to a file, which appears when it is whole, and gives its path.

        path: of the file, or of a folder; without an extension it gets that of the content.
        overwrite: whether a file of that very path is replaced. Another never is: in a folder, and where the extension
            was added, a name that is taken becomes `name-2.png`.
        on_progress: called with the bytes that are there and those of the whole (None where they are not known).
        Raises as `read`, and OSError where the file cannot be written.
        """
        return downloads.save(self._client, self.url, path, on_progress, overwrite)

    def __iter__(self) -> Iterator[bytes]:
        return self.iter()

    def _repr_png_(self) -> bytes | None:
        from . import notebooks

        return notebooks.content(self.url, self._client, "image/png")

    def _repr_jpeg_(self) -> bytes | None:
        from . import notebooks

        return notebooks.content(self.url, self._client, "image/jpeg")

    def _repr_html_(self) -> str | None:
        # Of what is shown as a picture there is no second form: a notebook would keep both.
        return None if files.media_type(self.url) in ("image/png", "image/jpeg") else super()._repr_html_()


class AsyncFileOutput(_Output):
    """A file at a URL; see FileOutput. Reading and saving are awaited."""

    __slots__ = ("_open",)

    def __init__(self, url: str, client: AsyncClient | None = None) -> None:
        super().__init__(url)
        self._client = client
        self._open: _Reading | None = None

    async def read(self, size: int | None = -1) -> bytes:
        """Its whole content, or the next bytes of it; see FileOutput."""
        if size is not None and size >= 0:
            self._open = self._open or _Reading(self.iter())
            found = await self._open.aread(size)
            if size and not found:
                self._open = None
            return found
        if self._open is not None:
            reading, self._open = self._open, None
            return await reading.aread(None, _most(self._client))
        if self.url.startswith("data:"):
            return files.decoded(self.url).read()
        client = downloads.needed(self._client)
        return b"".join([piece async for piece in downloads.apieces(client, _whole(client, self.url))])

    async def iter(self) -> AsyncGenerator[bytes, None]:
        """Its content in pieces; a connection that breaks is opened again where it broke."""
        if self.url.startswith("data:"):
            yield files.decoded(self.url).read()
            return
        async for piece in downloads.apieces(downloads.needed(self._client), downloads.Transfer(self.url)):
            yield piece

    async def save(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = True,
        on_progress: downloads.AsyncProgress | None = None,
    ) -> Path:
        """Writes it to a file, as of FileOutput; `on_progress` may be a function or a coroutine function."""
        return await downloads.asave(self._client, self.url, path, on_progress, overwrite)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.iter()


class _Reading:
    """A file that is read in parts of a size that the reader chooses."""

    def __init__(self, pieces: Any) -> None:
        self._pieces = pieces
        self._ahead = b""

    def read(self, size: int | None, most: int | None = None) -> bytes:
        """The next bytes, fewer than asked for only at the end; None for all that was not read yet.

        ResponseError where that is more than `most`.
        """
        steps = self._steps(size, most)
        try:
            next(steps)
            while True:
                steps.send(next(self._pieces, None))
        except StopIteration as end:
            found: bytes = end.value
            return found

    async def aread(self, size: int | None, most: int | None = None) -> bytes:
        """As `read`, of pieces that are awaited."""
        steps = self._steps(size, most)
        try:
            next(steps)
            while True:
                steps.send(await anext(self._pieces, None))
        except StopIteration as end:
            found: bytes = end.value
            return found

    def _steps(self, size: int | None, most: int | None) -> Generator[None, bytes | None, bytes]:
        """Asks for the next piece with each step; None is the end."""
        parts, have = [self._ahead], len(self._ahead)
        while (size is None or have < size) and (piece := (yield)) is not None:
            have += len(piece)
            if size is None and most is not None and have > most:
                raise ResponseError(
                    f"the file has more than {most:,} bytes, and {option('max_response_bytes')} bounds it"
                )
            parts.append(piece)
        whole = b"".join(parts)
        self._ahead = b"" if size is None else whole[size:]
        return whole if size is None else whole[:size]


def _most(client: SyncClient | AsyncClient | None) -> int | None:
    """Bytes of a file that are kept in memory; a file that no client fetches is there already."""
    return client._bounds.response_bytes("binary") if client else None


def _whole(client: SyncClient | AsyncClient, url: str) -> downloads.Transfer:
    """The fetching of a file that is kept in memory."""
    return downloads.Transfer(url, most=_most(client), bound=option("max_response_bytes"))


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
