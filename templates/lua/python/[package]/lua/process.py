"""One child process: its start, its lines, its end.

A child asks the system to end it with the thread that started it. So all are started by one thread, which lasts as long
as this process does: the threads that scripts are run by come and go.
"""

from __future__ import annotations

import importlib.util
import os
import queue
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from .. import about

COMMAND = (sys.executable, "-I", "-S", "-B", str(Path(__file__).resolve().parent / "child.py"))
_AHEAD = 16
"""Lines that are read before they are taken."""
_ENVIRONMENT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


class MissingError(Exception):
    """Lua cannot run here; the message says what to install."""


@cache
def library() -> str:
    """The folder that lupa is imported from. MissingError where it is not installed."""
    spec = importlib.util.find_spec("lupa")
    if spec is None or spec.origin is None:
        raise MissingError(f"Lua needs lupa: pip install '{about.PACKAGE}[lua]'")
    return str(Path(spec.origin).resolve().parent.parent)


class _Starter:
    """A thread that starts processes."""

    def __init__(self) -> None:
        self._requests: queue.SimpleQueue[tuple[list[str], queue.SimpleQueue[Any]]] = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="lua-starter", daemon=True).start()

    def start(self, command: list[str]) -> subprocess.Popen[bytes]:
        """The process of a command, as returned by Popen; or raises the error of Popen."""
        answer: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._requests.put((command, answer))
        started: subprocess.Popen[bytes] | OSError = answer.get()
        if isinstance(started, OSError):
            raise started
        return started

    def _serve(self) -> None:
        while True:
            command, answer = self._requests.get()
            try:
                answer.put(_started(command))
            except OSError as error:
                answer.put(error)


@cache
def _starter(_process: int) -> _Starter:
    """That of this process: a fork of it has none of its threads."""
    return _Starter()


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        cwd=os.path.abspath(os.sep),
        close_fds=True,
        start_new_session=os.name == "posix",
    )


class Child:
    """A process of its own group, with two pipes and next to no environment. It ends when it is closed, or we end."""

    def __init__(self, command: tuple[str, ...] = COMMAND) -> None:
        self._process = _starter(os.getpid()).start([*command, library()])
        self._lines: queue.Queue[bytes | None] = queue.Queue(maxsize=_AHEAD)
        self._writing = threading.Lock()
        self._longest = 0
        self._reader: threading.Thread | None = None
        self._closed = False

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def listen(self, longest: int) -> None:
        """Starts to read its output, in lines of at most this many bytes."""
        self._longest = longest
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with suppress(OSError, ValueError):  # closed while it was read
            while line := self._process.stdout.readline(self._longest):
                self._put(line)
        self._put(None)

    def _put(self, line: bytes | None) -> None:
        # A child that floods the pipe waits; once it is closed, nobody takes its lines any more.
        while not self._closed:
            with suppress(queue.Full):
                self._lines.put(line, timeout=0.1)
                return

    def line(self, timeout: float) -> bytes | None:
        """Its next line; None when it has ended. queue.Empty when the time is up."""
        return self._lines.get(timeout=timeout)

    def send(self, message: str) -> None:
        """Writes one line of JSON to the child; the reader notices if the child has ended."""
        line = message.encode() + b"\n"
        assert self._process.stdin is not None
        with self._writing, suppress(OSError, ValueError):
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def kill(self) -> None:
        """Ends the process and whatever it may have started, whatever it is doing."""
        if not self.alive:
            return
        with suppress(OSError):
            if os.name == "posix":
                os.killpg(self.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def close(self) -> int:
        """Ends the process, lets go of the pipes, gives the status it ended with."""
        self.kill()
        status = self._process.wait()
        self._closed = True
        if self._reader is not None:
            self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        return status
