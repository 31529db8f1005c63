"""Progress as a host is told it: never backwards, and a sign of life where nothing else is known.

Hosts give a call up that says nothing for a minute; a run may take longer, and an API may be slow.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio

from .text import visible

BEAT = 5.0
"""Seconds between two signs of life."""
_STEP = 0.001
"""What is told as progress where none is known: it has to grow."""

_LONGEST = 200
"""Characters of what is told."""

Tell = Callable[[float, float | None, str | None], Awaitable[None]]
"""Sends progress to the host: how far, of how much, in words."""


class Progress:
    """The progress of one call."""

    def __init__(self, tell: Tell, hide: Callable[[str], str]) -> None:
        self._tell = tell
        self._hide = hide
        self._share = 0.0
        self._message = "waiting"

    async def at(self, share: float | None, message: str) -> None:
        """Tell how far it is, from 0 to 1 where that is known, and in words."""
        self._message = self._hide(visible(message))[:_LONGEST]
        self._share = min(max(self._share + _STEP, share or 0.0), 1.0)
        await self._tell(self._share, 1.0, self._message)

    async def _beat(self) -> None:
        while True:
            await anyio.sleep(BEAT)
            try:
                await self.at(None, self._message)
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                return  # nobody listens any more


@asynccontextmanager
async def told(tell: Tell | None, hide: Callable[[str], str]) -> AsyncIterator[Progress | None]:
    """Signs of life for the time of a call; nothing where the host did not ask for progress.

    hide: takes tokens out of what is told.
    """
    if tell is None:
        yield None
        return
    progress = Progress(tell, hide)
    async with anyio.create_task_group() as group:
        group.start_soon(progress._beat)
        yield progress
        group.cancel_scope.cancel()


def updates(job: Any, progress: Progress) -> Callable[[Any], Awaitable[None]]:
    """What tells of each state of a job."""

    async def update(data: Any) -> None:
        from ..runtime import jobs
        from ..runtime.views import at

        status = str(at(data, job["status"]))
        share = 1.0 if status in job["terminal"] else jobs.progress(at(data, job["logs"]))
        await progress.at(share, status)

    return update
