"""Files on a person's disk: written beside the place where they will stand, and put there whole, in one step.

A name is taken when the bytes are complete and on the disk. Where nothing may be replaced, it is taken by a link, which
fails where the name exists: a file, a folder, or a symbolic link that somebody planted. Nothing is written through one.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from .visible import visible

_LONGEST, _LONGEST_ENDING = 150, 20
"""Bytes of a name, and of its extension: most file systems take 255."""
_UNSAFE = re.compile(r"[^\w.\- +]")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|(com|lpt)[0-9\xb9\xb2\xb3])\Z")
"""Names that are devices on Windows, whatever extension follows; those with a `$` are none without it."""


def read(path: Path, most: int) -> tuple[bytes, os.stat_result]:
    """The content and the status of a plain file of at most so many bytes. Raises OSError with the reason."""
    # Opening a FIFO would wait for somebody to write into it, for ever.
    opened = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(opened)
        plain(status)
        with os.fdopen(opened, "rb", closefd=False) as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise OSError(errno.EFBIG, f"it has more than {most:,} bytes, the most that are read of it: move it away")
        return content, status
    finally:
        os.close(opened)


def plain(status: os.stat_result) -> None:
    """Raises OSError for what is no plain file."""
    if stat.S_ISREG(status.st_mode):
        return
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
    kind = kinds.get(stat.S_IFMT(status.st_mode), "a device")
    raise OSError(errno.EINVAL, f"it is {kind} and no file: move it away, or name another one")


class Part:
    """A temporary file in the destination folder; deleted unless the block places it."""

    def __init__(self, folder: str | os.PathLike[str], *, private: bool = False) -> None:
        """private: only its owner may read it. Raises OSError where it cannot be created."""
        self.path = Path(folder) / f".{os.urandom(8).hex()}.part"
        self._placed = False
        self._private = private
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self.file: IO[bytes] = os.fdopen(os.open(self.path, flags, 0o600 if private else 0o666), "w+b")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()
        if not self._placed:
            self.path.unlink(missing_ok=True)

    def place(self, path: Path, *, replace: bool) -> Path:
        """Gives the file its name, and returns its path.

        replace: instead of a file of that name, whose permissions it takes over unless it is private. Else the first
        name that is free: `name.png`, `name-2.png`, ….
        """
        self.file.flush()
        os.fsync(self.file.fileno())
        if replace:
            if path.is_file() and not path.is_symlink() and not self._private:
                os.chmod(self.path, path.stat().st_mode & 0o777)
            self.file.close()
            os.replace(self.path, path)
        else:
            self.file.close()
            path = self._named(path)
        self._placed = True
        synced(path.parent)
        return path

    def _named(self, path: Path) -> Path:
        begin, dot, ending = path.name.rpartition(".")
        stem, suffix = (begin, dot + ending) if begin else (path.name, "")
        # Elsewhere two names that differ in case, or in how an accent is written, are one.
        taken = {_folded(name) for name in os.listdir(path.parent)}
        number = 0
        while True:
            number += 1
            candidate = path.with_name(path.name if number == 1 else f"{stem}-{number}{suffix}")
            if _folded(candidate.name) in taken:
                continue
            try:
                _claimed(self.path, candidate)
            except FileExistsError:  # somebody else was quicker
                continue
            return candidate


def _claimed(part: Path, path: Path) -> None:
    """Moves the file to a free name. Raises FileExistsError where the name is taken."""
    if os.name == "nt":
        os.rename(part, path)
        return
    try:
        os.link(part, path, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        # A file system without links: the name is taken first, and empty for as long as a rename takes.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        try:
            os.replace(part, path)
        except BaseException:
            os.unlink(path)
            raise
        return
    os.unlink(part)


def _folded(name: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFC", name).casefold()


def synced(folder: Path) -> None:
    """Flushes a folder's entries to the disk, where the system can."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def safe_name(text: str, otherwise: str = "output") -> str:
    """A safe file name for any text: it stays in its folder on every system, holds no invisible characters, and is not
    a device.

    Letters and digits of any script, `.`, `-`, `+`, `_` and spaces stay; `_` stands for everything else. `otherwise` is
    the name where nothing is left.
    """
    import unicodedata  # here, as most programs save nothing

    plain = _UNSAFE.sub("_", unicodedata.normalize("NFC", visible(text, lambda _: "_")))
    plain = plain.strip(". -") or otherwise
    begin, dot, ending = plain.rpartition(".")
    if dot and begin and len(ending.encode()) <= _LONGEST_ENDING:
        plain = _cut(begin, _LONGEST) + dot + ending
    else:
        plain = _cut(plain, _LONGEST).rstrip(". ")
    if _RESERVED.match(plain.partition(".")[0].rstrip(" ")):
        return "_" + plain
    return plain


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode("utf-8", "ignore")
