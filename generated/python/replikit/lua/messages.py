"""What a child writes, a line a message, bounded before it is read as JSON: a list of empty lists takes a hundred times
the memory of its text, and nesting takes the stack.

    {"op": "call", "id": 7, "line": 3, "payload": {…}}
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from .limits import Limits

DEEPEST = 128
"""Lists and objects in one another; Lua's side writes no more than 100."""
_HEAD = re.compile(rb'\{"op":"([a-z]{1,20})"(?:,"id":(\d{1,9}))?(?:,"line":(?:(\d{1,9})|null))?,"payload":')
# It always matches where a text begins, and never goes back: linear in whatever a child writes.
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+["\\]?', re.DOTALL)
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class ProtocolError(Exception):
    """A line that no script can have written: somebody else speaks for the child."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message, its payload not read yet."""

    op: str
    id: int | None
    line: int | None
    """Where in the script it was sent."""
    text: bytes

    @classmethod
    def of(cls, line: bytes) -> Message:
        """Parse the message of a line. Raises ProtocolError if it is not one."""
        head = _HEAD.match(line)
        if head is None or not line.endswith(b"}\n"):
            raise ProtocolError
        op, number, place = head.groups()
        at = int(place) if place else None
        return cls(op.decode(), int(number) if number else None, at, line[head.end() : -2])

    def payload(self) -> dict[str, Any]:
        """The payload. Raises ProtocolError if it is not an object, or is nested too deeply."""
        brackets = _TEXT.sub(b"", self.text).translate(_BRACKETS, _NO_BRACKETS)
        for _ in range(DEEPEST):
            if not brackets:
                break
            brackets = brackets.replace(b"[]", b"")  # the innermost
        try:
            value = json.loads(self.text) if not brackets else None
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise ProtocolError
        return value

    def values(self) -> int:
        """How many values it carries: one, and those after each comma and each bracket that something follows."""
        bare = _TEXT.sub(b'"', self.text)
        return 1 + sum(map(bare.count, (b",", b"[", b"{"))) - sum(map(bare.count, (b"[]", b"{}")))

    def exceeded(self, limits: Limits) -> str:
        """The limit that a question does not keep; empty where it keeps all."""
        if len(self.text) > limits.call_bytes:
            return "call_bytes"
        return "values" if self.values() > limits.values else ""
