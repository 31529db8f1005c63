"""Several processes for one task: one that dies is replaced, all of them end with the one that started them."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from types import FrameType
from typing import Any

TOO_SHORT = 2.0
"""Seconds: a process that lives no longer than this did not come up."""


def supervise(task: Callable[..., None], arguments: tuple[Any, ...], count: int) -> None:
    """Runs the task in so many processes until interrupted or terminated. SystemExit where they do not come up."""
    context = multiprocessing.get_context("spawn")

    def started() -> tuple[Any, float]:
        process = context.Process(target=task, args=arguments, daemon=True)
        process.start()
        return process, time.monotonic()

    def end(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)
    running = [started() for _ in range(count)]
    try:
        while True:
            wait([process.sentinel for process, _ in running])
            for index, (process, since) in enumerate(running):
                if process.is_alive():
                    continue
                if time.monotonic() - since < TOO_SHORT:
                    raise SystemExit(1)
                running[index] = started()
    except KeyboardInterrupt:
        return
    finally:
        for process, _ in running:
            process.terminate()
        for process, _ in running:
            process.join()
