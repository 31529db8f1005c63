"""The one door by which a file is read: a regular file, no larger than it may be, and inside its folder where it has one.

What is opened is never waited for: a FIFO, a device or a kernel's log is refused, not read.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ..errors import SpecError
from ..places import Place
from . import bounds

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_FLAGS |= getattr(os, "O_NOCTTY", 0)
SCHEMAS = "models"
"""The folder beside a catalog that holds the schemas of derived functions."""


class Refused(OSError):
    """A file that exists and is not read; `strerror` is the reason, `hint` the remedy."""

    def __init__(self, path: Path | str, why: str, hint: str) -> None:
        super().__init__(0, why, str(path))
        self.hint = hint


def read(path: Path | str, most: int | None = None) -> bytes:
    """The bytes of a regular file. OSError where there is none, Refused where it is another thing or too large.

    most: bytes; the bound of the run where none is given.
    """
    limit = bounds.BYTES.value if most is None else most
    try:
        descriptor = os.open(path, _FLAGS)
    except ValueError:  # a NUL in its name
        raise FileNotFoundError(2, os.strerror(2), str(path)) from None
    with open(descriptor, "rb", buffering=0) as file:
        # Looked at through the descriptor: between a look at the path and opening it, it may become another file.
        result = os.fstat(descriptor)
        if not stat.S_ISREG(result.st_mode):
            raise Refused(path, "is not a regular file", "name a file")
        parts, size = [], 0
        # Some regular files, those of /proc, say that they are empty; a small one needs no large buffer.
        room = min(max(result.st_size + 1, 4 * 1024), 1024 * 1024)
        while part := file.read(room):
            size += len(part)
            if size > limit:
                hint = bounds.BYTES.hint("split it, remove unneeded parts")
                raise Refused(path, f"is larger than {limit:,} bytes", hint)
            parts.append(part)
            if size == result.st_size < room:
                break  # it was read in one piece, with room for more
    return b"".join(parts)


def content(path: Path | str, shown: str = "", most: int | None = None) -> bytes:
    """The bytes of an input. SpecError, which calls it `shown`, where they cannot be read."""
    try:
        return read(path, most)
    except Refused as error:
        raise SpecError(shown or str(path), error.strerror or "", error.hint) from None
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        raise SpecError(shown or str(path), what, "use a file that exists and is readable") from None


def text(path: Path, shown: str = "") -> str:
    """The text of an input, without a byte order mark. SpecError where it cannot be read or is not UTF-8."""
    return decoded(content(path, shown), shown or str(path))


def decoded(data: bytes, shown: str) -> str:
    """The text of bytes in UTF-8. SpecError, with the line, where they are not."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:2].count(0) == 1:
        raise SpecError(Place(shown, 1, 1, ""), "is UTF-16 or UTF-32, not UTF-8", "save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SpecError(Place(shown, line, 1, ""), "is not UTF-8", "save it as UTF-8") from None


def below(folder: Path, path: Path) -> Path | None:
    """Where a path leads, every link followed, if that is inside the folder; None for anything else."""
    try:
        place = path.resolve()
    except (OSError, RuntimeError, ValueError):  # a name too long, a link that leads to itself, a NUL
        return None
    return place if place.is_relative_to(folder.resolve()) else None


def plain_below(folder: Path, path: Path) -> Path | None:
    """As `below`; None also for what is hidden in the folder, such as the files of a version control or an `.env`."""
    place = below(folder, path)
    hidden = place is not None and any(step.startswith(".") for step in place.relative_to(folder.resolve()).parts)
    return None if hidden else place


def relative(folder: Path, path: Path) -> str:
    """The way from a folder to a path, `..` included."""
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
