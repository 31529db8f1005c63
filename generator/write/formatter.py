"""Python laid out by black, in processes of its own."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from types import TracebackType
from typing import Self

from ..errors import GeneratorBug

LINE_LENGTH = 120


def _black(source: str) -> tuple[str, float]:
    """Formatted Python and the seconds it took."""
    import black
    from black.mode import Mode, TargetVersion

    start = time.perf_counter()
    mode = Mode(line_length=LINE_LENGTH, target_versions={TargetVersion.PY311})
    # format_str goes over its own output once more, for input with commas that change its mind. Templates have none
    # (tests hold that what we write is stable), and that second pass is half of the time of a whole run.
    return black._format_str_once(source, mode=mode), time.perf_counter() - start


def _worker(alive: int, parent: int) -> None:
    """Begins a worker. alive, parent: the ends of a pipe whose writing end only the parent keeps open."""
    os.close(parent)
    threading.Thread(target=_end_with_parent, args=(alive,), daemon=True).start()
    # Whoever reads what the parent prints waits for the last process that could print.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in {0, 1, 2} - {alive}:
        os.dup2(nowhere, stream)
    # The parent decides when to stop: Ctrl-C reaches the whole process group, and a worker has nothing to tidy up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.disable()  # as the parent does
    import black  # noqa: F401


def _end_with_parent(alive: int) -> None:
    """Ends this process when its parent has ended, whatever ended it: nothing but the end comes through the pipe."""
    os.read(alive, 1)
    os._exit(1)


class Formatter:
    """Lays out Python in worker processes while the caller goes on rendering.

    The workers are forked on entering, before there is anything to format: black takes longer to import
    than the spec to read, and both happen at once.
    """

    def __init__(self, workers: int | None = None) -> None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._workers = cores if workers is None else workers
        self._pool: Executor | None = None
        self._pipe: tuple[int, int] | None = None
        self._waiting: dict[str, tuple[str, Future[tuple[str, float]] | None, str]] = {}

    def __enter__(self) -> Self:
        if self._workers > 1 and sys.platform != "win32":
            import multiprocessing
            from concurrent.futures import ProcessPoolExecutor

            self._pipe = os.pipe()
            context = multiprocessing.get_context("fork")
            # Where nothing can be shared (no /dev/shm, or no room in it) there are no workers: it takes longer.
            with contextlib.suppress(OSError, NotImplementedError):
                pool = ProcessPoolExecutor(self._workers, context, initializer=_worker, initargs=self._pipe)
                pool.submit(int)  # the first task forks them all
                self._pool = pool
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=kind is None or issubclass(kind, Exception), cancel_futures=True)
        for end in self._pipe or ():
            os.close(end)

    def submit(self, path: str, source: str, origin: str) -> None:
        """Begins to format one file."""
        future = None
        if self._pool is not None:
            with contextlib.suppress(BrokenExecutor):
                future = self._pool.submit(_black, source)
        self._waiting[path] = (origin, future, source)

    def results(self) -> Iterator[tuple[str, str, float]]:
        """(path, formatted text, seconds) of each file submitted. GeneratorBug for what is not Python."""
        for path, (origin, future, source) in self._waiting.items():
            try:
                text, seconds = self._formatted(source, future)
            except Exception as error:
                raise GeneratorBug(f"templates/{origin} gives no valid Python for {path}: {error}") from error
            yield path, text, seconds
        self._waiting = {}

    @staticmethod
    def _formatted(source: str, future: Future[tuple[str, float]] | None) -> tuple[str, float]:
        if future is not None:
            with contextlib.suppress(BrokenExecutor):  # a worker was killed, by whoever needed its memory: do it here
                return future.result()
        return _black(source)
