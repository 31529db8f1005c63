"""Server-sent events, read as the HTML standard has it: bytes in, in pieces of any size; events out.

Lines end with CR, LF or CRLF, which may come in different pieces, as may the bytes of one character. An event
that the end of the stream cuts off is dropped: what asks again after the last whole one gets it anew.
"""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .errors import ResponseError

LARGEST = 64 * 1024 * 1024
"""Characters of one event; a file in an event is a `data:` URL of some megabytes."""

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
            return json.loads(self.data)
        except ValueError:
            return self.data

    def __str__(self) -> str:
        return self.data


class Decoder:
    """The state of one stream. `last_id` is that of the last whole event, `retry` the seconds the server asks for."""

    def __init__(self, last_id: str = "", largest: int = LARGEST) -> None:
        self.last_id = last_id
        self.retry: float | None = None
        self._largest = largest
        self._text = getincrementaldecoder("utf-8-sig")("replace")
        self._line: list[str] = []
        self._size = 0
        self._cr = False
        self._id = last_id
        self._event = ""
        self._data: list[str] = []
        self._told_id = False
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
            self._line.append(line)
            whole = "".join(self._line)
            self._line.clear()
            if whole:
                self._grow(len(line))
                self._field(whole)
            elif (event := self._dispatch()) is not None:
                yield event
        if rest:
            self._line.append(rest)
            self._grow(len(rest))

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > self._largest:
            raise ResponseError(f"the stream holds an event of more than {self._largest} characters")

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id, self._told_id = value, True
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry = int(value[:9]) / 1000
        # Everything else is a comment, or a field of some later version.

    def _dispatch(self) -> Event | None:
        event, data = self._event, self._data
        self._event, self._data, self._size = "", [], 0
        self.identified, self._told_id = self._told_id, False
        self.last_id = self._id
        return Event(event or "message", "\n".join(data), self._id) if data else None
