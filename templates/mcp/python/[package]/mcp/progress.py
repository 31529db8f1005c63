"""Progress as a host is told it: it rises with every notice, comes not too often, and never holds a call up.

Hosts give a call up that says nothing for a minute; a run may take longer, and an API may be slow. So there is a sign
of life where nothing else is known. A script may print a thousand lines a second: of these only the latest is told.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol, runtime_checkable

import anyio

from ..runtime.logs import logger
from .text import visible

BEAT = 5.0
"""Seconds between two signs of life."""
GAP = 0.12
"""Seconds between two notices: with the last one, which does not wait, they are ten in any second at most."""
PATIENCE = 1.0
"""Seconds that the last notice may take: the result comes after it."""
_SLOWNESS = 1_000
_NEARLY = 0.99
"""Highest fraction shown of a call that reports its end and continues."""
_LONGEST = 200
"""Longest message, in characters."""

Tell = Callable[[float, float | None, str | None], Awaitable[None]]
"""Sends progress to the host: how far, of how much, in words."""
Sleep = Callable[[float], Awaitable[None]]


@runtime_checkable
class Begins(Protocol):
    """What is told of progress and wants to know from when on there is any."""

    def begin(self) -> None:
        """The call is on its way: whatever was asked of the user is answered."""


class Progress:
    """The progress of one call: a task of its own sends the latest state."""

    def __init__(self, tell: Tell, hide: Callable[[str], str], sleep: Sleep = anyio.sleep) -> None:
        self._tell: Tell | None = tell
        self._hide = hide
        self._sleep = sleep
        self._state = (0.0, "waiting")
        self._delivered = self._state
        self._reported = 0.0
        self._count = 0
        self._news = anyio.Event()

    async def at(self, share: float | None, message: str) -> None:
        """Sets the progress, from 0 to 1 if known, and in words. It is sent as soon as the rate allows."""
        self._state = (max(self._state[0], min(share or 0.0, 1.0)), self._hide(visible(message))[:_LONGEST])
        self._news.set()

    async def run(self) -> None:
        """Send new states, and signs of life, until cancelled."""
        while True:
            with anyio.move_on_after(BEAT):
                await self._news.wait()
            self._news = anyio.Event()
            await self._send(_NEARLY)
            await self._sleep(GAP)

    async def end(self) -> None:
        """Send the last state if it was not sent."""
        if self._delivered != self._state:
            with anyio.move_on_after(PATIENCE):
                await self._send(1.0)

    async def _send(self, most: float) -> None:
        if self._tell is None:
            return
        share, message = min(self._state[0], most), self._state[1]
        # Where nothing is known it rises by ever less, and never comes to the end.
        self._count += 1
        self._reported = max(share, self._reported + (1.0 - self._reported) / (self._count + _SLOWNESS))
        try:
            await self._tell(self._reported, 1.0, message)
            self._delivered = (share, message)
        except Exception as error:  # noqa: BLE001
            # Mostly nobody listens any more. Whatever it is, the call goes on and its result is given.
            logger.debug("progress is no longer told: %s", type(error).__name__)
            self._tell = None


@asynccontextmanager
async def told(tell: Tell | None, hide: Callable[[str], str]) -> AsyncIterator[Progress | None]:
    """Progress for the time of a call; nothing where the host did not ask for it.

    hide: takes tokens out of what is told.
    """
    if tell is None:
        yield None
        return
    progress = Progress(tell, hide)
    if isinstance(tell, Begins):
        tell.begin()
    failure: Exception | None = None
    async with anyio.create_task_group() as group:
        group.start_soon(progress.run)
        try:
            yield progress
        except Exception as error:  # noqa: BLE001 - raised below, not as one of a group
            failure = error
        group.cancel_scope.cancel()
    if failure is not None:
        raise failure
    await progress.end()


def updates(job: Any, progress: Progress) -> Callable[[Any], Awaitable[None]]:
    """A callback for each state of a job."""

    async def update(data: Any) -> None:
        from ..runtime import jobs
        from ..runtime.views import at

        status = str(at(data, job["status"]))
        share = 1.0 if status in job["terminal"] else jobs.progress(at(data, job["logs"]))
        await progress.at(share, status)

    return update


def counted(progress: Progress, most: int) -> Callable[[int], Awaitable[None]]:
    """A callback for the number of items received of a stream, of those requested."""

    async def update(count: int) -> None:
        await progress.at(count / most, f"{count} items")

    return update
