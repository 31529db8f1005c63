"""The terminal of whoever runs the generator, which no text of a document can steer."""

from __future__ import annotations

import io
from typing import TextIO


class _Terminal(io.TextIOBase):
    """A stream that writes invisible characters as JSON escapes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        from .text import spelled_out  # slow for a run that has nothing to do

        return self._stream.write(spelled_out(text))

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()


def guarded(stream: TextIO) -> TextIO:
    """The stream, guarded where it is a terminal; a closed one, which is None, stays what it is."""
    return _Terminal(stream) if stream is not None and stream.isatty() else stream  # type: ignore[return-value]
