"""An output folder: the files to write, the files already in it, and those that cannot be written."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..errors import Finding, listed
from ..read import files


class OutputError(Exception):
    """The output folder cannot take the files. Nothing was changed; exit code 1."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(findings, key=lambda finding: finding.order))
        super().__init__(listed(self.findings))


@dataclass(frozen=True, slots=True)
class File:
    """One file to be written."""

    path: str
    """Relative to the output folder, with `/`."""
    content: bytes
    surface: str
    origin: str
    """The template it came from, for messages."""
    made_of: tuple[str, ...] = ()
    """For a page: digests of its template and its view, with which the next run recognises it."""
    stands: str = ""
    """The SHA-256 of a page that the folder holds as it would be made; `content` is empty then."""


def inside(path: str) -> str:
    """The path, if it stays inside the folder: what names it is a file that anyone may have edited."""
    parts = path.split("/")
    if "" in parts or "." in parts or ".." in parts or "\\" in path or "\0" in path:
        raise ValueError(path)
    return path


def linked(out: Path, path: str) -> bool:
    """Whether a path, or a folder on its way, is a symbolic link."""
    return any((out / part).is_symlink() for part in (PurePosixPath(path), *PurePosixPath(path).parents[:-1]))


def contents_of(path: Path) -> bytes | None:
    """What stands in a place; None where no file does. OutputError where it cannot be read."""
    try:
        return files.read(path, sys.maxsize)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise OutputError([Finding(str(path), what, "move it, or choose another folder with --out")]) from error
