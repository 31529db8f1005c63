"""Answers that hold items one after the other: server-sent events, lines of JSON, JSON text sequences.

Bytes in, in pieces of any size; items out, each as soon as it is whole, and none larger than the bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from socket import SHUT_RDWR
from typing import Any, Protocol

from .bounds import option
from .decoding import json_of
from .errors import ApiConnectionError, ApiError, ResponseError
from .links import Headers
from .logs import logger
from .mediatypes import EVENT_STREAM, kind_of, media_of, sequence_of
from .operation import Answer, Operation
from .sse import Event
from .streams import MOST_FAILURES, Reading

DONE = "[DONE]"
"""What APIs of language models send in place of JSON when there is no more to come."""
_SAFE = ("GET", "HEAD", "QUERY")
_SEPARATOR = b"\x1e"
_WHITESPACE = b" \t\r\n"


class Items(Protocol):
    """What makes items of bytes."""

    over: bool
    """There are no more, whatever may still come."""

    def begin(self, response: Any) -> None:
        """Reads the head of an answer."""

    def feed(self, piece: bytes) -> Iterator[Any]:
        """The items that this piece brings to their end. ResponseError for one that is too large or cannot be read."""
        ...

    def end(self) -> Iterator[Any]:
        """The last one, where nothing ends it but the end of the answer."""
        ...

    def again(self, failure: ApiError | ApiConnectionError | None) -> float | None:
        """Seconds until the answer is asked for again; None where it has ended. Raises what cannot be mended."""

    def headers(self) -> Headers:
        """What is asked for it then."""
        ...


def items(operation: Operation, answer: Answer, content_type: str, largest: int, max_depth: int | None) -> Items:
    """What reads this answer."""
    media = media_of(content_type) or media_of(answer.media)
    name = media.name if media else EVENT_STREAM
    match "lines" if kind_of(name) == "json" else sequence_of(name):
        case "lines":
            return Lines(largest, max_depth)
        case "sequence":
            return Sequence(largest, max_depth)
    return Events(answer.form, largest, max_depth, resumed=operation.method in _SAFE)


def interrupt(response: Any) -> None:
    """Ends the connection of a response that something waits for: it finds that there is no more to come."""
    stream = response.extensions.get("network_stream")
    connection = stream.get_extra_info("socket") if stream is not None else None
    if connection is not None and hasattr(connection, "shutdown"):
        with suppress(OSError):
            connection.shutdown(SHUT_RDWR)


class Events:
    """Of a stream of server-sent events. Where it is safe to ask again, and the server gives ids, a connection that
    ends is opened again after the last event that came; what is billed is never sent again."""

    def __init__(self, form: str, largest: int, max_depth: int | None, *, resumed: bool) -> None:
        self.over = False
        self._form = form
        self._max_depth = max_depth
        self._resumed = resumed
        self._reading = Reading("", (), None, MOST_FAILURES, largest)

    def begin(self, response: Any) -> None:
        """A new connection begins with the next whole event."""
        self._reading.begin(response)
        self.over = self._reading.over

    def feed(self, piece: bytes) -> Iterator[Any]:
        """The events that this piece brings to their end, each as its description has it."""
        for event in self._reading.events(piece):
            if self._form and event.data == DONE:
                self.over = True
                return
            yield self._item(event)

    def _item(self, event: Event) -> Any:
        match self._form:
            case "data":
                return self._json(event.data)
            case "event":
                item: dict[str, Any] = {"event": event.event, "data": event.data}
                return {**item, "id": event.id} if event.id else item
            case "event of json":
                item = {"event": event.event, "data": self._json(event.data)}
                return {**item, "id": event.id} if event.id else item
        return event

    def _json(self, data: str) -> Any:
        try:
            return json_of(data, self._max_depth)
        except ValueError as error:
            raise ResponseError(f"an event of the stream cannot be read as JSON: {error}") from error

    def end(self) -> Iterator[Any]:
        """An event that the end cuts off is dropped (WHATWG HTML, 9.2.6)."""
        return iter(())

    def again(self, failure: ApiError | ApiConnectionError | None) -> float | None:
        """As the server said by `retry`, where it is to be asked again at all."""
        if self.over:
            return None
        if not self._resumed:
            if failure is not None:
                raise failure
            return None
        return self._reading.again(failure)

    def headers(self) -> Headers:
        """After the last event."""
        return self._reading.headers()


class _Once:
    """What cannot be gone on with where it broke off."""

    over = False

    def begin(self, response: Any) -> None:
        """Nothing is said there."""

    def again(self, failure: ApiError | ApiConnectionError | None) -> float | None:
        """Never."""
        if failure is not None:
            raise failure
        return None

    def headers(self) -> Headers:
        """None."""
        return []


class Lines(_Once):
    """Of JSON texts that each stand on a line of their own; lines without any are passed over."""

    def __init__(self, largest: int, max_depth: int | None) -> None:
        self._open = bytearray()
        self._largest = largest
        self._max_depth = max_depth
        self._count = 0

    def feed(self, piece: bytes) -> Iterator[Any]:
        """The lines that this piece brings to their end."""
        *whole, rest = piece.split(b"\n")
        for line in whole:
            self._grow(line)
            yield from self.end()
        self._grow(rest)

    def _grow(self, part: bytes) -> None:
        self._open += part
        if len(self._open) > self._largest:
            raise _too_large(self._largest)

    def end(self) -> Iterator[Any]:
        """The last line, which need not be ended."""
        self._count += 1
        text = bytes(self._open).strip(_WHITESPACE)
        self._open.clear()
        if text:
            try:
                value = json_of(text, self._max_depth)
            except ValueError as error:
                raise ResponseError(f"line {self._count} of the stream cannot be read as JSON: {error}") from error
            yield value


class Sequence(_Once):
    """Of a JSON text sequence (RFC 7464): each text follows a record separator and is ended by a line feed.

    What cannot be read was cut off while it was written: it is passed over, and the next text is read (2.1, 2.3). A
    text is given when its line feed is there; line feeds within one are looked at ever more seldom, for it is read anew
    at each.
    """

    def __init__(self, largest: int, max_depth: int | None) -> None:
        self._open = bytearray()
        self._largest = largest
        self._max_depth = max_depth
        self._inside = False
        """A separator has come, and no text since that was given."""
        self._tried = 0

    def feed(self, piece: bytes) -> Iterator[Any]:
        """The texts that this piece brings to their end."""
        first, *more = piece.split(_SEPARATOR)
        yield from self._lines(first)
        for part in more:
            yield from self.end()
            self._inside = True
            yield from self._lines(part)

    def _lines(self, part: bytes) -> Iterator[Any]:
        for line in part.splitlines(keepends=True) if b"\n" in part else (part,):
            self._open += line
            if len(self._open) > self._largest:
                raise _too_large(self._largest)
            if self._inside and line.endswith(b"\n") and len(self._open) >= 2 * self._tried:
                self._tried = len(self._open)
                try:
                    value = json_of(bytes(self._open), self._max_depth)
                except ValueError:
                    continue
                self._inside = False
                self._open.clear()
                yield value

    def end(self) -> Iterator[Any]:
        """The last one."""
        text, inside = bytes(self._open), self._inside
        self._open.clear()
        self._inside, self._tried = False, 0
        bare = text.strip(_WHITESPACE)
        if not bare:
            return
        # A number, true, false or null may be the beginning of a longer one, where nothing follows it (2.4).
        if inside and (bare[-1] in b'}]"' or text[-1] in _WHITESPACE):
            try:
                value = json_of(bare, self._max_depth)
            except ValueError:
                pass
            else:
                yield value
                return
        logger.warning("%d bytes of a sequence of JSON texts were passed over: they are no whole text", len(text))


def _too_large(largest: int) -> ResponseError:
    bound = f"{largest:,} bytes, the bound of {option('max_response_bytes')}"
    return ResponseError(f"the stream holds an item of more than {bound}")
