"""Limits the calls of one process: so many run at one time, and so many wait for their turn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio

from ..functions import failures
from .limits import Limits, option


class CallQueue:
    """Where calls wait for their turn."""

    def __init__(self, limits: Limits) -> None:
        self._turn = anyio.Semaphore(limits.calls)
        self._most = limits.waiting
        self._waiting = 0

    def busy(self) -> dict[str, Any] | None:
        """The error of a call for which there is no place; None where there is one."""
        return failures.busy(self._waiting, option("waiting")) if self._waiting >= self._most else None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """The time of a call, once it has its turn."""
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turn.release()
