"""Answers that do not arrive as they should: what a network, a proxy or a server in trouble does to them."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from dataclasses import replace

from .answers import Answer

FAULTS = ("reset", "half", "bad-json", "drip")
"""The connection is reset, or ends amid the body; the JSON does not parse; the body comes a little at a time."""
DRIP_SECONDS = 5.0
"""How long an answer drips, unless its delay says so."""
_DROPS = 20
_NO_LINGER = struct.pack("ii", 1, 0)


def spoilt(answer: Answer) -> Answer:
    """The answer with a body that is no JSON; as it is where it has no body."""
    content = answer.content.rstrip()
    if not content:
        return answer
    # Without its last byte no object, list, text or word of JSON is whole; a number would be.
    cut = content[:-1] if content[-1:] in (b"}", b"]", b'"', b"e", b"l") else b"-"
    return replace(answer, content=cut)


def drops(content: bytes) -> Iterator[bytes]:
    """The content in at most twenty pieces."""
    size = -(-len(content) // _DROPS) or 1
    yield from (content[start : start + size] for start in range(0, len(content), size))


def reset(connection: socket.socket) -> None:
    """Ends a connection with RST in place of FIN: sent bytes may be lost, and the caller's next read fails."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    # Files that were made of the socket would keep it open.
    socket.close(connection.detach())
