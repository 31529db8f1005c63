"""What a server counts, in Prometheus's text form: calls by tool and outcome, how long they took, who was refused.

Each process counts in a place of its own, in one file that all of them map: whichever is asked adds all places up. No
name comes from a caller, so there are as many numbers as there were when the server started.
"""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
import time
from collections.abc import Awaitable, Iterator, Sequence
from typing import Any, TypeVar

from .. import about
from ..runtime import logs
from .text import visible

Answer = TypeVar("Answer")
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OUTCOMES = ("ok", "error", "failed")
"""A result; a result that says what went wrong; an error of the protocol, or a call that was taken back."""
OTHER = "other"
"""Tools that are called and are not listed."""
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Buckets of the duration of calls, in seconds."""
REFUSED = (401, 403, 405, 408, 413, 415, 421, 431, 500, 503)
_NUMBER = struct.Struct("d")
_PREFIX = f"{about.PACKAGE}_mcp"


def place() -> str:
    """A file for the numbers of several processes."""
    descriptor, path = tempfile.mkstemp(prefix=f"{about.PACKAGE}-metrics-")
    os.close(descriptor)
    return path


class Metrics:
    """The numbers of one server, of which this process adds to its own."""

    def __init__(self, tools: Sequence[str], path: str = "", processes: int = 1) -> None:
        """path: the file that all processes share; empty for one that is alone."""
        self._tools = (*tools, OTHER)
        self._index = {name: index for index, name in enumerate(self._tools)}
        self._calls = len(self._tools) * len(OUTCOMES)
        # Calls, then how long they took (by bound, beyond all, their sum), then refusals, and what else there is of those.
        self._count = self._calls + len(BOUNDS) + 2 + len(REFUSED) + 1
        self._own, self._places = 0, processes
        size = self._count * processes * _NUMBER.size
        if path:
            self._file = open(path, "r+b")  # noqa: SIM115 - as long as the process lives, for it holds the lock
            self._own = _claimed(self._file.fileno(), processes)
            if os.fstat(self._file.fileno()).st_size < size:
                os.ftruncate(self._file.fileno(), size)
            self._map = mmap.mmap(self._file.fileno(), size)
        else:
            self._map = mmap.mmap(-1, size)

    def called(self, tool: str, outcome: str, seconds: float) -> None:
        """Counts one call."""
        self._add(self._index.get(tool, self._index[OTHER]) * len(OUTCOMES) + OUTCOMES.index(outcome), 1.0)
        bound = next((index for index, most in enumerate(BOUNDS) if seconds <= most), len(BOUNDS))
        self._add(self._calls + bound, 1.0)
        self._add(self._calls + len(BOUNDS) + 1, seconds)

    def refused(self, status: int) -> None:
        """Counts one request that was not let in."""
        index = REFUSED.index(status) if status in REFUSED else len(REFUSED)
        self._add(self._calls + len(BOUNDS) + 2 + index, 1.0)

    def text(self) -> str:
        """All of it, as Prometheus reads it."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        numbers = [self._sum(index) for index in range(self._count)]
        yield f"# HELP {_PREFIX}_calls_total Calls of tools."
        yield f"# TYPE {_PREFIX}_calls_total counter"
        for tool, index in self._index.items():
            for number, outcome in enumerate(OUTCOMES):
                if count := numbers[index * len(OUTCOMES) + number]:
                    yield f'{_PREFIX}_calls_total{{tool="{tool}",outcome="{outcome}"}} {count:.0f}'
        yield f"# HELP {_PREFIX}_call_seconds How long calls took."
        yield f"# TYPE {_PREFIX}_call_seconds histogram"
        total = 0.0
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), numbers[self._calls :], strict=False):
            total += count
            yield f'{_PREFIX}_call_seconds_bucket{{le="{bound}"}} {total:.0f}'
        yield f"{_PREFIX}_call_seconds_sum {numbers[self._calls + len(BOUNDS) + 1]:.6f}"
        yield f"{_PREFIX}_call_seconds_count {total:.0f}"
        yield f"# HELP {_PREFIX}_refused_total Refused requests, by the status of the response."
        yield f"# TYPE {_PREFIX}_refused_total counter"
        for status, count in zip((*REFUSED, OTHER), numbers[self._calls + len(BOUNDS) + 2 :], strict=True):
            if count:
                yield f'{_PREFIX}_refused_total{{status="{status}"}} {count:.0f}'

    def _add(self, index: int, more: float) -> None:
        at = (self._own * self._count + index) * _NUMBER.size
        _NUMBER.pack_into(self._map, at, _NUMBER.unpack_from(self._map, at)[0] + more)

    def _sum(self, index: int) -> float:
        places = range(index, self._count * self._places, self._count)
        numbers: list[Any] = [_NUMBER.unpack_from(self._map, at * _NUMBER.size)[0] for at in places]
        return float(sum(numbers))


async def observed(
    tool: str, answered: Awaitable[Answer], metrics: Metrics | None, *, structured: bool, counted_as: str = ""
) -> Answer:
    """The answer to a call of a tool, which is counted and, where logs are structured, told.

    counted_as: the name of its number, where that is not the tool's.
    """
    began, outcome = time.monotonic(), "failed"
    try:
        answer = await answered
        outcome = "error" if getattr(answer, "is_error", False) else "ok"
        return answer
    finally:
        seconds = time.monotonic() - began
        if metrics is not None:
            metrics.called(counted_as or tool, outcome, seconds)
        if structured:
            event = {"tool": visible(tool)[:80], "outcome": outcome, "ms": round(seconds * 1000, 1)}
            logs.logger.info("call", extra={"fields": event})
        else:
            logs.logger.info("%s: %s in %.0f ms", visible(tool)[:80], outcome, seconds * 1000)


def _claimed(descriptor: int, places: int) -> int:
    """The first slot without a living process; its former counts are kept."""
    import fcntl

    for number in range(places):
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except OSError:
            continue
        return number
    return 0
