"""A large file on its way up, with how much of it is sent shown on a terminal."""

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
    """The arguments, whose large file tells how far it is while it is read."""
    large = {name: path for name, path in arguments.items() if isinstance(path, Path) and _size(path) >= _LARGE}
    if not large or not sys.stderr.isatty():
        yield dict(arguments)
        return
    with Line(f"uploading {', '.join(path.name for path in large.values())}") as line:
        yield {**arguments, **{name: _counted(name, path, line) for name, path in large.items()}}


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # the client says what is wrong with it


def _counted(name: str, path: Path, line: Line) -> Any:
    from ..runtime import files

    size = _size(path)

    def read_at(offset: int, count: int) -> bytes:
        with path.open("rb") as file:
            file.seek(offset)
            found = file.read(count)
        line.transfer(offset + len(found), size)
        return found

    return replace(files.read(name, path), content=files.Source(size, read_at))
