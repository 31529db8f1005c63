"""A document at a URL, with the files it refers to, as files: fetched once, side by side as they stand there.

Referenced files are fetched only from below the folder of the document, so that no document reaches anything else, and
from no other server. A file that cannot be fetched is missing where it is needed, and reported there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from ..errors import SpecError
from . import bounds, fetch, source

_SUFFIXES = (".json", ".yaml", ".yml")
_NAME = "openapi.yaml"
"""What a document is called whose URL names no file: JSON is read as YAML is."""


@dataclass(frozen=True)
class Remote:
    """A document that was fetched."""

    path: Path
    url: str
    """Where it came from, after any redirect."""


def fetched(url: str, folder: Path, seconds: float = fetch.MAX_SECONDS) -> Remote:
    """The document at a URL and all it refers to, in a folder. SpecError where the document cannot be had.

    seconds: for all of them together.
    """
    deadline = time.monotonic() + seconds
    result = fetch.fetch(url, seconds=seconds, say=lambda _: None)
    home = urljoin(result.url, ".")
    name = PurePosixPath(unquote(urlsplit(result.url).path)).name
    named = name if name.endswith(_SUFFIXES) and not name.startswith(".") else _NAME
    document = folder / named
    document.write_bytes(result.content)
    todo, known, size = [(result.url, result.content, document)], {result.url}, len(result.content)
    while todo:
        for other in _referred(*todo.pop()):
            place = _place(other, home, folder)
            if other in known or place is None:
                continue
            known.add(other)
            if len(known) > bounds.FILES.value:
                what = f"refers to more than the {bounds.FILES.value:,} files that are read"
                raise SpecError(url, what, bounds.FILES.hint("combine some of them"))
            left = bounds.BYTES.value - size
            try:
                part = fetch.fetch(other, seconds=max(deadline - time.monotonic(), 0.001), most=max(left, 1))
            except SpecError as error:
                if error.findings[0].what.startswith("answers "):
                    continue
                raise
            if _place(part.url, home, folder) is None:  # redirected elsewhere
                continue
            size += len(part.content)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(part.content)
            todo.append((other, part.content, place))
    return Remote(document, result.url)


def _place(url: str, home: str, folder: Path) -> Path | None:
    """Where the file of a URL is kept; None where it does not stand below the document's folder."""
    if not url.startswith(home) or "?" in url:
        return None
    steps = unquote(url[len(home) :]).split("/")
    if any(step in ("", ".", "..") or step.startswith(".") or "\\" in step or "\0" in step for step in steps):
        return None
    return folder.joinpath(*steps)


def _referred(url: str, content: bytes, path: Path) -> Iterator[str]:
    """The URLs of the files that a file refers to; none if it cannot be read, which is reported when it is needed."""
    try:
        value = source.parse(content.decode("utf-8-sig"), path.name, path).value
    except (SpecError, UnicodeDecodeError):
        return
    todo: list[Any] = [value]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            todo += part.values()
            ref = part.get("$ref")
            if isinstance(ref, str) and (file := ref.partition("#")[0]) and "://" not in file:
                try:
                    yield urljoin(url, file)
                except ValueError:
                    continue
        elif isinstance(part, list):
            todo += part
