"""Several processes for one task: one that dies is replaced, all of them end with the one that started them."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import wait
from types import FrameType
from typing import Any

TOO_SHORT = 2.0
"""Seconds: a process that lives no longer than this did not come up."""


def supervise(task: Callable[..., None], arguments: Sequence[tuple[Any, ...]]) -> None:
    """Runs the task in a process for each of the arguments until interrupted or terminated. SystemExit where they do not
    come up."""
    context = multiprocessing.get_context("spawn")

    def started(own: tuple[Any, ...]) -> tuple[Any, float]:
        process = context.Process(target=task, args=own, daemon=True)
        process.start()
        return process, time.monotonic()

    def end(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)
    running = [started(own) for own in arguments]
    try:
        while True:
            wait([process.sentinel for process, _ in running])
            for index, (process, since) in enumerate(running):
                if process.is_alive():
                    continue
                if time.monotonic() - since < TOO_SHORT:
                    raise SystemExit(1)
                running[index] = started(arguments[index])
    except KeyboardInterrupt:
        return
    finally:
        for process, _ in running:
            process.terminate()
        for process, _ in running:
            process.join()
