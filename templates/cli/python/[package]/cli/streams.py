"""The standard streams of a command: the only way to the terminal, which text from elsewhere cannot steer.

Whatever is written (by us, by click, logging, print or a traceback) goes through `Output`, which cleans all that is not
`Shown`. Text loses that class wherever it is cut or joined as plain text: what is forgotten shows its escapes, and does
nothing else. Where no terminal is, text and bytes pass as they are.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Iterable
from typing import Any

from ..runtime.visible import lines
from .failure import Failure


class Shown(str):
    """Text that a terminal may be given as it is: what came from elsewhere in it was cleaned."""

    __slots__ = ()


def shown(parts: Iterable[str]) -> Shown:
    """The parts as one text, each of them cleaned that was not."""
    return Shown("".join(part if isinstance(part, Shown) else lines(part) for part in parts))


class Output(io.TextIOBase):
    """Standard output or standard error."""

    def __init__(self, stream: Any, name: str, fd: int) -> None:
        """stream: what Python opened; None where whoever started the command closed it."""
        self.stream = stream
        self.terminal = stream is not None and bool(stream.isatty())
        self._name = name
        self._fd = fd

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """That of the terminal or the pipe."""
        return getattr(self.stream, "encoding", None) or "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        """What becomes of a character that the encoding lacks."""
        return "backslashreplace"

    @property
    def buffer(self) -> Any:
        """Where bytes go: those for a terminal are cleaned, too."""
        return _Bytes(self) if self.terminal or self.stream is None else self.stream.buffer

    def fileno(self) -> int:
        """That of the stream."""
        return self._fd if self.stream is None else int(self.stream.fileno())

    def isatty(self) -> bool:
        """Whether a person reads it."""
        return self.terminal

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, text: str) -> int:
        """Raises Failure where standard output cannot be written."""
        sent = lines(text) if self.terminal and not isinstance(text, Shown) else text
        try:
            if self.stream is None:
                raise OSError("it is closed")
            try:
                self.stream.write(sent)
            except UnicodeEncodeError:  # of a locale that lacks the character
                self.stream.write(sent.encode(self.encoding, self.errors).decode(self.encoding))
        except OSError as error:
            self._failed(error)
        return len(text)

    def flush(self) -> None:
        """As `write`."""
        try:
            if self.stream is not None:
                self.stream.flush()
        except OSError as error:
            self._failed(error)

    def send(self, content: bytes) -> None:
        """Bytes, at once and as they are."""
        self.flush()
        try:
            self.buffer.write(content)
            self.buffer.flush()
        except OSError as error:
            self._failed(error)

    def _failed(self, error: OSError) -> None:
        if self.stream is not None:
            # What is still in the buffer cannot be written either, and Python would try when it ends.
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self.fileno())
            os.close(null)
        if self._name == "stderr":
            return  # there is nobody to tell; the exit code does
        if isinstance(error, BrokenPipeError):
            raise SystemExit(0) from None  # whoever read it has seen enough
        raise unwritable(str(error.strerror or error)) from None


def unwritable(reason: str) -> Failure:
    """The failure of a result that has nowhere to go."""
    return Failure.of("error", f"cannot write the result to stdout: {reason}", f"--output FILE, or > {os.devnull}")


class _NoInput(io.TextIOBase):
    """Standard input that whoever started the command closed."""

    @property
    def buffer(self) -> Any:
        """Raises Failure."""
        raise Failure.of("usage", "stdin is closed", "pass a file, or pipe something in")

    def read(self, size: int | None = -1) -> str:
        """Raises Failure."""
        return str(self.buffer)

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        """Raises Failure."""
        return self.read()


class _Bytes(io.RawIOBase):
    """Writes bytes to a terminal as text."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, content: Any) -> int:
        """As of Output."""
        self._output.write(self._decoder.decode(bytes(content)))
        return len(content)

    def flush(self) -> None:
        """As of Output."""
        if not self.closed:
            self._output.flush()


def install() -> None:
    """Put `Output` in the place of both streams, and something in that of a closed one.

    The next file that is opened would take the number of a closed stream, and be written in its stead.
    """
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            null = os.open(os.devnull, os.O_RDWR)
            if null != fd:
                os.dup2(null, fd)
                os.close(null)
    for fd, name in ((1, "stdout"), (2, "stderr")):
        if not isinstance(getattr(sys, name), Output):
            setattr(sys, name, Output(getattr(sys, name), name, fd))
    if sys.stdin is None:
        sys.stdin = _NoInput()


def output() -> Output:
    """Standard output. Raises Failure if it is closed: before anything is sent, since nobody could see the result."""
    stream = sys.stdout
    if not isinstance(stream, Output):  # a command that was called as a function
        return Output(stream, "stdout", 1)
    if stream.stream is None:
        raise unwritable("it is closed")
    return stream
