"""Answers as they came: whole, or while they come; and what a whole one decodes to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from .errors import ResponseError
from .exchange import translated
from .logs import place
from .operation import Operation

T = TypeVar("T")
Parse = Callable[[Any], T]


def decoded(operation: Operation, response: Any) -> Any:
    """The result: decoded JSON, str, bytes or None."""
    content: bytes = response.content
    if operation.result == "json":
        if not content:
            return None
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            kind = response.headers.get("content-type", "nothing")
            where = f"{response.request.method} {place(str(response.url))}"
            raise ResponseError(f"{where} answered {kind} that is not JSON: {error}") from error
    if operation.result == "binary":
        return content
    return None if operation.result == "empty" else str(response.text)


class _Response(Generic[T]):
    def __init__(self, response: Any, parse: Parse[T]) -> None:
        self.http = response
        """The httpx (or httpx2) response."""
        self._parse = parse

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.http.status_code)

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; their names may be asked for in any case."""
        found: Mapping[str, str] = self.http.headers
        return found

    @property
    def method(self) -> str:
        """The method of the request."""
        return str(self.http.request.method)

    @property
    def url(self) -> str:
        """The URL that answered, after any redirect."""
        return str(self.http.url)

    @property
    def request_id(self) -> str:
        """What the server calls this request; empty where it does not say."""
        return str(self.http.headers.get("x-request-id", ""))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status} {self.method} {place(self.url)}>"


class RawResponse(_Response[T]):
    """A whole answer."""

    @property
    def content(self) -> bytes:
        """The body."""
        return bytes(self.http.content)

    @property
    def text(self) -> str:
        """The body as text."""
        return str(self.http.text)

    def json(self) -> Any:
        """The body, decoded. ResponseError where it is not JSON."""
        return decoded(_JSON, self.http)

    def parse(self) -> T:
        """What the method would have given."""
        return self._parse(self.http)


class StreamedResponse(_Response[T]):
    """An answer that is read as it comes."""

    def iter_bytes(self, size: int | None = None) -> Iterator[bytes]:
        """The body in pieces, of `size` bytes where that is given; compression is undone."""
        return self._guarded(self.http.iter_bytes(size))

    def iter_lines(self) -> Iterator[str]:
        """The body line by line, without line ends."""
        return self._guarded(self.http.iter_lines())

    def read(self) -> bytes:
        """The whole body."""
        try:
            return bytes(self.http.read())
        except Exception as error:
            raise translated(error, self.method, self.url) from error

    def parse(self) -> T:
        """What the method would have given: reads the whole body."""
        self.read()
        return self._parse(self.http)

    def close(self) -> None:
        """Lets go of the connection."""
        self.http.close()

    def _guarded(self, pieces: Iterator[Any]) -> Iterator[Any]:
        try:
            yield from pieces
        except Exception as error:
            raise translated(error, self.method, self.url) from error


class AsyncStreamedResponse(_Response[T]):
    """An answer that is read as it comes."""

    def iter_bytes(self, size: int | None = None) -> AsyncIterator[bytes]:
        """The body in pieces, of `size` bytes where that is given; compression is undone."""
        return self._guarded(self.http.aiter_bytes(size))

    def iter_lines(self) -> AsyncIterator[str]:
        """The body line by line, without line ends."""
        return self._guarded(self.http.aiter_lines())

    async def read(self) -> bytes:
        """The whole body."""
        try:
            return bytes(await self.http.aread())
        except Exception as error:
            raise translated(error, self.method, self.url) from error

    async def parse(self) -> T:
        """What the method would have given: reads the whole body."""
        await self.read()
        return self._parse(self.http)

    async def close(self) -> None:
        """Lets go of the connection."""
        await self.http.aclose()

    async def _guarded(self, pieces: AsyncIterator[Any]) -> AsyncIterator[Any]:
        try:
            async for piece in pieces:
                yield piece
        except Exception as error:
            raise translated(error, self.method, self.url) from error


_JSON = Operation("json", "", "GET", "")
