"""Answers with status and headers, whole or streamed, and the decoding of their bodies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from . import bodies
from .bounds import Bounds
from .deadlines import Deadline
from .decoding import json_of, text_of
from .errors import Error
from .exchange import translated
from .logs import place
from .media import EITHER, answer_of, streaming
from .mediatypes import media_of, sequence_of
from .operation import Answer, Operation
from .secrets import hidden
from .visible import line

T = TypeVar("T")
Parse = Callable[[Any], T]


def answered(operation: Operation, response: Any) -> Answer:
    """Which of the operation's answers a response is."""
    media = response.headers.get("content-type", "")
    answer = answer_of(operation, response.status_code, media)
    if answer.kind == "json" and operation.stream:
        prepared = response.request.extensions.get("prepared")
        if prepared is not None and prepared.events:
            return streaming(operation, media) or answer
    return answer


def decoded(operation: Operation, response: Any, max_depth: int | None = None) -> Any:
    """The result: decoded JSON, str, bytes or None. ResponseError where it is not what the operation gives."""
    return read(answered(operation, response), response, max_depth)


def read(answer: Answer, response: Any, max_depth: int | None = None) -> Any:
    """The body of a response as what this answer is."""
    content: bytes = response.content
    kind, _, other = answer.kind.partition(EITHER)
    if kind == "json":
        if not content:
            return None
        try:
            return json_of(content, max_depth)
        except ValueError as error:
            if not other:
                named = response.headers.get("content-type", "nothing")[:200]
                what = f"is {named} that cannot be read as JSON: {error}"
                problem = bodies.problem(response, f"{what}; it begins with {_start(content)}")
                problem.passing = "json" not in named.lower()
                raise problem from error
            kind = other
    if kind == "binary":
        return content
    return None if kind == "empty" else text_of(content, response.charset_encoding or _within(content))


_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?\sencoding=["']([A-Za-z][A-Za-z0-9._-]{0,40})["']""")


def _within(content: bytes) -> str | None:
    """The charset that a text names itself where its header does not: by its first bytes, and as XML (RFC 7303, 3)."""
    for mark, charset in _MARKS:
        if content.startswith(mark):
            return charset
    match = _DECLARED.match(content)
    return match[1].decode() if match else None


_START = 120
"""Characters of a body that an error shows: enough to tell the page of a proxy from an answer."""
_LOOKED_AT = 8192
"""Bytes that they are taken from: a secret is found where it is whole."""


def _start(content: bytes) -> str:
    text = hidden(" ".join(text_of(content[:_LOOKED_AT], None).split()))
    return line(repr(text[:_START])) + "…" * (len(text) > _START)


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
        """The headers; names are case-insensitive."""
        headers: Mapping[str, str] = self.http.headers
        return headers

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
        """The server's id of the request; empty where it sends none."""
        return str(self.http.headers.get("x-request-id", ""))

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except Error:
            raise
        except Exception as error:
            raise translated(error, self.method, self.url) from error

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status} {self.method} {place(self.url)}>"


class RawResponse(_Response[T]):
    """A whole answer."""

    @property
    def content(self) -> bytes:
        """The body. Error where it is a stream, which `parse()` gives."""
        if not self.http.is_closed and not hasattr(self.http, "_content"):
            raise Error("the body of a stream is read as it comes: parse() gives its items")
        return bytes(self.http.content)

    @property
    def text(self) -> str:
        """The body as text."""
        return text_of(self.content, self.http.charset_encoding)

    def json(self) -> Any:
        """The body, decoded. ResponseError where it is not JSON."""
        self.content  # noqa: B018 - says why where there is none
        return read(_JSON, self.http)

    def parse(self) -> T:
        """What the method would have returned."""
        return self._parse(self.http)


class Streamed(_Response[T]):
    """An answer whose body is read as it arrives."""

    def __init__(self, response: Any, parse: Parse[T], bounds: Bounds, result: str) -> None:
        super().__init__(response, parse)
        self._bounds = bounds
        self._result = result

    def _lines(self) -> bodies.Lines:
        return bodies.Lines(self.http, self._bounds.response_bytes())

    def _holds_items(self) -> bool:
        media = media_of(self.headers.get("content-type", ""))
        return media is not None and bool(sequence_of(media.name)) and not self.http.is_stream_consumed

    def _whole(self) -> tuple[int, Deadline]:
        """The bytes of a whole body and the time to read it in."""
        deadline: Deadline = self.http.request.extensions["deadline"]
        deadline.begin()
        return self._bounds.response_bytes(self._result), deadline


_JSON = Answer("2XX", "application/json", "json")
