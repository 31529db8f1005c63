"""What a request is answered with, before it is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    content: bytes = b""
    media_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    pieces: Iterator[bytes] | None = None
    """What comes after the content, piece by piece, as it is made."""
    fault: str = ""
    """How its delivery fails: one of `faults.FAULTS`."""
    seconds: float = 0.0
    """How long its content drips."""
