"""Server-sent events, read as the HTML standard has it: bytes in, in pieces of any size; events out.

Lines end with CR, LF or CRLF, which may come in different pieces, as may the bytes of one character. An event
that the end of the stream cuts off is dropped: what asks again after the last whole one gets it anew.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from .bounds import MAX_RESPONSE_BYTES, option
from .decoding import json_of
from .errors import ResponseError

LONGEST_ID = 1024
"""Characters of an event's id: thousands of them are remembered, and one is sent back."""

_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its type, its data, and the id to go on after (empty where the server gives none)."""

    event: str
    data: str
    id: str = ""

    def json(self) -> Any:
        """The data decoded, where it is JSON; the text itself where it is not."""
        try:
            return json_of(self.data)
        except ValueError:
            return self.data

    def __str__(self) -> str:
        return self.data


class Decoder:
    """The state of one stream. `last_id` is that of the last whole event, `retry` the seconds the server asks for."""

    def __init__(self, last_id: str = "", largest: int = MAX_RESPONSE_BYTES) -> None:
        self.last_id = last_id
        self.retry: float | None = None
        self._largest = largest
        self._text = getincrementaldecoder("utf-8-sig")("replace")
        self._line = StringIO()
        self._size = 0
        self._cr = False
        self._id = last_id
        self._event = ""
        self._data: list[str] = []
        self._has_id = False
        self.identified = False
        """Whether the last event brought an id of its own; without one it has that of an event before it."""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """The events that this piece brings to their end. ResponseError where one is too large to be meant."""
        text = self._text.decode(chunk)
        if not text:
            return
        if self._cr and text[0] == "\n":
            text = text[1:]
        self._cr = text.endswith("\r") if text else False
        *lines, rest = _END.split(text)
        for line in lines:
            if self._line.tell():
                self._line.write(line)
                line = self._line.getvalue()
                self._line = StringIO()
            if line:
                self._grow(len(line))
                self._field(line)
            elif (event := self._dispatch()) is not None:
                yield event
        if rest:
            self._line.write(rest)
            self._grow(0)

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size + self._line.tell() > self._largest:
            bound = f"{self._largest:,} characters, the bound of {option('max_response_bytes')}"
            raise ResponseError(f"the stream holds an event of more than {bound}")

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            if len(value) > LONGEST_ID:
                raise ResponseError(f"the stream holds an event id of more than {LONGEST_ID:,} characters")
            self._id, self._has_id = value, True
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry = int(value[:9]) / 1000
        # Everything else is a comment, or a field of some later version.

    def _dispatch(self) -> Event | None:
        event, data = self._event, self._data
        self._event, self._data, self._size = "", [], 0
        self.identified, self._has_id = self._has_id, False
        self.last_id = self._id
        return Event(event or "message", "\n".join(data), self._id) if data else None
