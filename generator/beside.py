"""Work that a second process does while this one goes on: what it needs is there already, and what it came to is read back.

The process is doubled, which is safe where it has one thread alone; elsewhere, and with one processor, there is no second
one, and the work is done in its turn.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from types import TracebackType
from typing import IO, Generic, TypeVar

T = TypeVar("T")
Watch = Callable[[], None]
"""What the work calls again and again: it ends the second process where the first one is gone."""


class Beside(Generic[T]):
    """Work that is going on. Whoever leaves the context has it ended."""

    def __init__(self, process: int, answer: IO[bytes]) -> None:
        self._process, self._answer = process, answer

    def result(self) -> T | None:
        """The result of the work. None if it failed: repeated in this process, it reports why."""
        process, self._process = self._process, 0
        _, status = os.waitpid(process, 0)
        if status:
            return None
        self._answer.seek(0)
        value: T = pickle.load(self._answer)
        return value

    def __enter__(self) -> Beside[T]:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process:
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
        self._answer.close()


def is_possible() -> bool:
    """Whether there is a second processor, and the process may be doubled."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1


def start(work: Callable[[Watch], T]) -> Beside[T]:
    """Begins the work in a second process. What it gives must be what `pickle` takes."""
    answer = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the context of the result
    first = os.getpid()

    def watch() -> None:
        if os.getppid() != first:
            os._exit(1)

    if process := os.fork():
        return Beside(process, answer)
    status = 1
    try:
        pickle.dump(work(watch), answer)
        answer.flush()
        status = 0
    finally:
        os._exit(status)  # nothing of the first process is closed, flushed or reported twice
