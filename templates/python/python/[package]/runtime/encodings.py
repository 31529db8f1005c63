"""Content codings undone in pieces of bounded size: a kilobyte may hold gigabytes.

httpx gives all that comes of the bytes it has read at once, and that may be more than the memory there is.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Any, Protocol

PIECE = 1 << 20
"""Bytes that are undone at once."""
_MOST_CODINGS = 5
_WINDOW_LOG = 23
"""RFC 9659: a window of zstd has 8 MB at most."""
_SLICE = 32
"""Bytes that are given at once to a library which cannot be told how much to give back. A block of zstd has four bytes
at least and becomes 128 KiB at most."""


class Decoder(Protocol):
    """Undoes one coding."""

    ended: bool
    """Whether all of what was encoded has come; what follows is not looked at."""

    def decode(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes become. ValueError where they are not what they should be."""
        ...


class _Zlib:
    def __init__(self, bits: int | None) -> None:
        self.ended = False
        self._first = b""
        self._decoder = None if bits is None else zlib.decompressobj(bits)

    def decode(self, data: bytes) -> Iterator[bytes]:
        if self._decoder is None:
            # What is called deflate is zlib's format, or the bare one without its head: two bytes tell.
            data = self._first + data
            if len(data) < 2:
                self._first = data
                return
            headed = data[0] & 15 == 8 and (data[0] << 8 | data[1]) % 31 == 0
            self._decoder = zlib.decompressobj(zlib.MAX_WBITS if headed else -zlib.MAX_WBITS)
        decoder = self._decoder
        try:
            while not decoder.eof:
                piece = decoder.decompress(data, PIECE)
                data = decoder.unconsumed_tail
                if piece:
                    yield piece
                elif not data:
                    break
        except zlib.error as error:
            raise ValueError(str(error)) from error
        self.ended = decoder.eof


class _Brotli:
    def __init__(self) -> None:
        self.ended = False
        self._module = _brotli()
        self._decoder: Any = self._module.Decompressor()
        self._process: Any = getattr(self._decoder, "process", None) or self._decoder.decompress
        try:
            self._process(b"", output_buffer_limit=PIECE)
            self._bounded = True
        except TypeError:  # before 1.2: a block has more than one byte and becomes 16 MiB at most
            self._bounded = False

    def decode(self, data: bytes) -> Iterator[bytes]:
        try:
            if not self._bounded:
                for index in range(len(data)):
                    yield self._process(data[index : index + 1])
            elif data:
                piece = self._process(data, output_buffer_limit=PIECE // 2)
                while piece:
                    yield piece
                    piece = self._process(b"", output_buffer_limit=PIECE // 2)
        except self._module.error as error:
            raise ValueError(str(error)) from error
        self.ended = bool(self._decoder.is_finished())


class _Zstd:
    """Of Python 3.14, or the same for earlier ones."""

    def __init__(self) -> None:
        self.ended = False
        self._module = _zstd()
        self._decoder: Any = None

    def _make(self) -> Any:
        return self._module.ZstdDecompressor(options={self._module.DecompressionParameter.window_log_max: _WINDOW_LOG})

    def decode(self, data: bytes) -> Iterator[bytes]:
        try:
            while data or (self._decoder is not None and not self._decoder.eof and not self._decoder.needs_input):
                if self._decoder is None or self._decoder.eof:
                    self._decoder = self._make()
                piece = self._decoder.decompress(data, PIECE)
                data = self._decoder.unused_data if self._decoder.eof else b""
                if piece:
                    yield piece
        except self._module.ZstdError as error:
            raise ValueError(str(error)) from error
        self.ended = self._decoder is None or self._decoder.eof


class _Zstandard:
    """Of the package that httpx takes."""

    def __init__(self) -> None:
        self.ended = False
        self._module: Any = import_module("zstandard")
        self._decoder = self._make()

    def _make(self) -> Any:
        return self._module.ZstdDecompressor(max_window_size=1 << _WINDOW_LOG).decompressobj()

    def decode(self, data: bytes) -> Iterator[bytes]:
        try:
            for start in range(0, len(data), _SLICE):
                part = data[start : start + _SLICE]
                while part:
                    if self._decoder.eof:
                        self._decoder = self._make()
                    yield self._decoder.decompress(part)
                    part = self._decoder.unused_data if self._decoder.eof else b""
        except self._module.ZstdError as error:
            raise ValueError(str(error)) from error
        self.ended = self._decoder.eof


def _module(*names: str) -> Any:
    for name in names:
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


@cache
def _brotli() -> Any:
    return _module("brotli", "brotlicffi")


@cache
def _zstd() -> Any:
    return _module("compression.zstd", "backports.zstd")


@cache
def _known() -> dict[str, Callable[[], Decoder]]:
    makers: dict[str, Callable[[], Decoder]] = {
        "gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
        "x-gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
        "deflate": lambda: _Zlib(None),
    }
    if _brotli() is not None:
        makers["br"] = _Brotli
    if _zstd() is not None:
        makers["zstd"] = _Zstd
    elif _module("zstandard") is not None:
        makers["zstd"] = _Zstandard
    return makers


def decoders(codings: str) -> list[Decoder]:
    """What undoes the codings of a header, the last one first. ValueError where there are too many."""
    names = [name for part in codings.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if len(names) > _MOST_CODINGS:
        raise ValueError(f"is encoded {len(names)} times over, and {_MOST_CODINGS} is the most")
    # What no one here knows is left as it is: storage services keep names there that were never codings.
    known = _known()
    return [known[name]() for name in reversed(names) if name in known]


def accepted() -> str:
    """The codings that can be undone here, for the header Accept-Encoding."""
    return ", ".join(name for name in _known() if name != "x-gzip")
