"""The bodies of answers: read as far as the client's bounds allow, decompressed piece by piece.

A whole body is kept in memory, and so is bounded; a stream is given on in pieces that are.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO, StringIO
from typing import Any

from . import encodings
from .bounds import option
from .deadlines import Deadline
from .errors import ResponseError
from .logs import place


def plain(response: Any, most: int, deadline: Deadline) -> bool:
    """Whether httpx can be left to read it: most answers tell their length, and are not compressed."""
    if response.is_stream_consumed:
        if len(response.content) > most:
            raise too_large(response, most)
        return True
    length = coded = None
    for name, value in response.headers.raw:
        match name.lower():
            case b"content-length":
                length = value
            case b"content-encoding":
                coded = value
    return coded is None and length is not None and deadline.watched and length.isdigit() and int(length[:20]) <= most


def cut(response: Any, error: ResponseError, kept: BytesIO) -> str:
    """The reason for which a failure's body is not whole; raises it for what should be a result."""
    if 200 <= response.status_code < 300:
        raise error
    fill(response, kept)
    return str(error)


def fill(response: Any, kept: BytesIO) -> None:
    """Tells httpx what the body is."""
    # httpx has no other way to be told what the body is, and goes on to decode and show it.
    response._content = kept.getvalue()


class Body:
    """A body on its way: what its bytes become, and how many there may be."""

    def __init__(self, response: Any, most: int | None) -> None:
        self._response = response
        self._most = most
        self._begun = False
        try:
            self._decoders = encodings.decoders(response.headers.get("content-encoding", ""))
        except ValueError as error:
            raise problem(response, str(error)) from error
        # Before the first decoder and after each: what comes to nothing in the end costs time, too.
        self._sizes = [0] * (len(self._decoders) + 1)
        length = response.headers.get("content-length", "")[:20]
        if most is not None and length.isascii() and length.isdigit() and int(length) > most:
            raise too_large(response, most)

    def feed(self, raw: bytes) -> Iterator[bytes]:
        """What the next bytes become. ResponseError where they are too many, or not what they should be."""
        self._begun = self._begun or bool(raw)
        try:
            yield from self._through(raw, 0)
        except ValueError as error:
            raise problem(self._response, f"cannot be decompressed: {error}") from error

    def end(self) -> None:
        """All bytes are there. ResponseError where more should have come."""
        if self._begun and not all(decoder.ended for decoder in self._decoders):
            raise problem(self._response, "ends in the middle of what was compressed")

    def _through(self, data: bytes, step: int) -> Iterator[bytes]:
        self._sizes[step] += len(data)
        if self._most is not None and self._sizes[step] > self._most:
            raise too_large(self._response, self._most)
        if step == len(self._decoders):
            if data:
                yield data
            return
        for piece in self._decoders[step].decode(data):
            yield from self._through(piece, step + 1)


class Lines:
    """The lines of a text that comes in pieces, without their ends."""

    def __init__(self, response: Any, most: int) -> None:
        from .decoding import Text

        self._response = response
        self._most = most
        self._text = Text(response.charset_encoding)
        self._open = StringIO()
        self._cr = False

    def feed(self, piece: bytes, final: bool = False) -> Iterator[str]:
        """The lines that this piece brings to their end. ResponseError where one is too long to be meant."""
        text = self._text.decode(piece, final)
        if self._cr:
            text, self._cr = "\r" + text, False
        if text.endswith("\r") and not final:
            # Its other half may be in the next piece.
            text, self._cr = text[:-1], True
        for line in text.splitlines(keepends=True):
            whole = line.splitlines()[0]
            self._open.write(whole)
            if self._open.tell() > self._most:
                raise problem(
                    self._response,
                    f"has a line of more than {self._most:,}, the bound of {option('max_response_bytes')}",
                )
            if whole != line:
                yield self._taken()
        if final and self._open.tell():
            yield self._taken()

    def _taken(self) -> str:
        line = self._open.getvalue()
        self._open = StringIO()
        return line


class Chunks:
    """Bytes that come in pieces of any size, given on in pieces of one."""

    def __init__(self, size: int) -> None:
        self._size = max(size, 1)
        self._open = bytearray()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The pieces that are full now."""
        self._open += piece
        full = len(self._open) - len(self._open) % self._size
        for start in range(0, full, self._size):
            yield bytes(self._open[start : start + self._size])
        del self._open[:full]

    def rest(self) -> Iterator[bytes]:
        """The last one, which may be shorter."""
        if self._open:
            yield bytes(self._open)


def too_large(response: Any, most: int) -> ResponseError:
    """The error for a body of more bytes than are allowed."""
    return problem(response, f"has more than {most:,} bytes, the bound of {option('max_response_bytes')}")


def problem(response: Any, what: str) -> ResponseError:
    """The error for an answer that cannot be used. What was asked for may have been done all the same."""
    request = response.request
    identity = str(response.headers.get("x-request-id", ""))
    named = f", request {identity[:200]}" if identity else ""
    return ResponseError(
        f"the answer to {request.method} {place(str(response.url))[:500]} (status {response.status_code}{named}) {what}",
        status=int(response.status_code),
        request_id=identity,
    )
