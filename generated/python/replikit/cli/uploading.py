"""Uploads of large files, with progress shown on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from .progress import Line

_LARGE = 1_000_000
"""Bytes that take long enough to be worth a word."""


@contextmanager
def shown(arguments: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The arguments with each large file, at any depth, wrapped so that it reports how much of it was read."""
    if not sys.stderr.isatty():
        yield dict(arguments)
        return
    from ..runtime import files

    line = Line("uploading")
    shown_ = {
        name: files.replaced(value, name, lambda place, file: _counted(place, file, line))
        for name, value in arguments.items()
    }
    if all(shown_[name] is value for name, value in arguments.items()):
        yield shown_
        return
    with line:
        yield shown_


def _counted(place: str, file: Any, line: Line) -> Any:
    from ..runtime import files

    try:
        size = file.stat().st_size if isinstance(file, Path) else 0
    except OSError:
        return file  # the client says what is wrong with it
    if size < _LARGE:
        return file

    def read_at(offset: int, count: int) -> bytes:
        with file.open("rb") as opened:
            opened.seek(offset)
            chunk: bytes = opened.read(count)
        line.set(f"uploading {file.name}")
        line.transfer(offset + len(chunk), size)
        return chunk

    return replace(files.read(place, file), content=files.Source(size, read_at))
