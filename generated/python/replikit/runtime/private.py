"""Files that are their owner's alone: read and written so that nobody but their owner can read, change or exchange them.

As ssh has it: the file is a plain one, its owner's (or root's) and nobody else's to read or write, and so is its folder
to write into. A symbolic link stays one, and what it leads to is what is read and written.
"""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from . import disk
from .errors import ConfigError

LARGEST = 1 << 20
"""Bytes of a file."""
LONGEST_WAIT = 30.0
"""Seconds that a command waits for another one to be done with a file."""
_LOOK = 0.02


def read(path: Path) -> bytes | None:
    """What the file holds; None where there is none. ConfigError where it cannot be trusted, or is no plain file."""
    try:
        content, status = disk.read(path, LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise _unusable(path, "read", error) from error
    _trusted(path, status)
    return content


def read_json(path: Path, what: str) -> Any:
    """What the JSON file says; {} where there is none. ConfigError where it cannot be trusted or is no JSON.

    what: its content, as messages have it.
    """
    text = read(path)
    if text is None:
        return {}
    try:
        return json.loads(text)
    except RecursionError:
        raise ConfigError(f"{path} is nested too deeply to be {what}: put it right, or move it away") from None
    except ValueError as error:
        raise ConfigError(f"{path} is not JSON: {error}: put it right, or move it away") from error


def write(path: Path, content: bytes) -> None:
    """Replaces the content of the file in one step, with mode 0600. ConfigError where that cannot be."""
    place = Path(os.path.realpath(path))
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if place.exists():
            disk.plain(place.stat())
        _closed(place.parent)
        with disk.Part(place.parent, private=True) as part:
            part.file.write(content)
            part.place(place, replace=True)
    except (OSError, ValueError) as error:
        raise _unusable(path, "write", error) from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Only one command at a time is in here for a file; a command that is killed lets the next one in.

    Raises ConfigError after LONGEST_WAIT seconds.
    """
    place = Path(os.path.realpath(path))
    lock = place.with_name(f".{place.name}.lock")
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = os.open(lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except (OSError, ValueError) as error:
        raise _unusable(lock, "write", error) from error
    try:
        begun = time.monotonic()
        while not _taken(opened):
            if time.monotonic() - begun > LONGEST_WAIT:
                raise ConfigError(
                    f"another command has held {lock} for {LONGEST_WAIT:g} seconds: end it, or wait for it"
                )
            time.sleep(_LOOK)
        yield
    finally:
        os.close(opened)  # which lets go of it, too


def _taken(opened: int) -> bool:
    """Whether the lock is ours now."""
    if os.name == "nt":
        msvcrt: Any = import_module("msvcrt")
        try:
            msvcrt.locking(opened, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    fcntl: Any = import_module("fcntl")
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _trusted(path: Path, status: os.stat_result) -> None:
    """Raises ConfigError where another user could have written the file, or can read it."""
    if os.name != "posix":
        return
    mode = stat.S_IMODE(status.st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(
            f"{path} is yours alone, and others may read or change it (mode {mode:04o}): chmod 600 {path}"
        )
    if status.st_uid not in (0, os.geteuid()):
        raise ConfigError(f"{path} belongs to user {status.st_uid}: chown it to yourself, or move it away")
    for folder in (path.parent, Path(os.path.realpath(path)).parent):
        _closed(folder)


def _closed(folder: Path) -> None:
    """Raises ConfigError where another user could put a file of theirs in the place of ours."""
    if os.name != "posix":
        return
    status = folder.stat()
    mode = stat.S_IMODE(status.st_mode)
    if mode & (stat.S_IWGRP | stat.S_IWOTH) and not mode & stat.S_ISVTX:
        raise ConfigError(f"others may exchange the files in {folder} (mode {mode:04o}): chmod go-w {folder}")
    if status.st_uid not in (0, os.geteuid()):
        raise ConfigError(f"the folder {folder} belongs to user {status.st_uid}: chown it to yourself, or use another")


def _unusable(path: Path, what: str, error: Exception) -> ConfigError:
    return ConfigError(f"cannot {what} {path}: {getattr(error, 'strerror', None) or error}")
