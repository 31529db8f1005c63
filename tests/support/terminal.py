"""A program on a pseudo-terminal: what is typed, and what a person would see."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli_harness import COMMAND, forks
from forking import Forked

# Its own session with this terminal, so that Ctrl-C reaches it as it would a person's.
_OWN_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


class Terminal:
    """One program on a terminal of 100 columns and 30 lines."""

    def __init__(self, command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        environment = {"TERM": "xterm-256color", **environment}
        options: Any = {"cwd": folder, "env": environment, "start_new_session": True}
        ends = dict.fromkeys(("stdin", "stdout", "stderr"), theirs)
        words = command[len(COMMAND) :]
        server = forks(words, environment) if command[: len(COMMAND)] == COMMAND else None
        self._process: subprocess.Popen[bytes] = (
            Forked(server, words, terminal=True, **ends, **options)
            if server
            else subprocess.Popen([sys.executable, "-c", _OWN_TERMINAL, *command], **ends, **options)
        )
        os.close(theirs)
        self.content = b""
        self.raw = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def until(self, pattern: str, seconds: float = 600) -> str:
        """All that was shown, once the pattern is in it."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.raw):
            if not self._more(max(0.0, deadline - time.monotonic())):
                raise AssertionError(f"{pattern!r} was not shown:\n{self.raw}")
        return self.raw

    def type(self, text: str) -> None:
        """Type; \x03 is Ctrl-C."""
        os.write(self._ours, text.encode())

    def press(self, key: str, pattern: str, seconds: float = 600) -> None:
        """Press a key, and again where nothing came of it: a line editor can miss one while it begins to wait."""
        deadline = time.monotonic() + seconds
        seen = len(self.raw)
        while not re.search(pattern, self.raw[seen:]):
            assert time.monotonic() < deadline, f"{pattern!r} was not shown:\n{self.raw}"
            self.type(key)
            again = time.monotonic() + 3
            while not re.search(pattern, self.raw[seen:]) and time.monotonic() < again:
                self._more(0.2)

    def end(self, seconds: float = 600) -> tuple[int, str]:
        """The exit code, and all that was shown."""
        deadline = time.monotonic() + seconds
        while self._more(max(0.0, deadline - time.monotonic())):
            pass
        try:
            return self._process.wait(max(1.0, deadline - time.monotonic())), self.raw
        finally:
            self._process.kill()
            self._process.wait()
            os.close(self._ours)

    def interrupt(self, seconds: float = 600) -> None:
        """Press Ctrl-C, and again where nothing came of it: a line editor can miss one while it begins to wait."""
        deadline = time.monotonic() + seconds
        while self._process.poll() is None and time.monotonic() < deadline:
            self.type("\x03")
            again = time.monotonic() + 5
            while self._process.poll() is None and time.monotonic() < again:
                self._more(0.2)

    def _more(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._ours], [], [], seconds)
        if not ready:
            return False
        try:
            part = os.read(self._ours, 65536)
        except OSError:  # Linux tells the end of a terminal's other side this way
            return False
        self.content += part
        self.raw += self._decoder.decode(part)
        return bool(part)
