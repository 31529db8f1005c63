"""Views of jobs, which can be followed with the client that returned them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..jobviews import AnyJob
from .primitives import called

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from typing import Self

    from ..jobstreams import JobEvent


class AsyncJob(AnyJob):
    """A job that a client returned."""

    __slots__ = ()

    async def wait(
        self,
        timeout: float | None = None,
        *,
        on_update: Callable[[Self], object] | None = None,
        cancel: bool = False,
    ) -> Self:
        """Waits until the job has ended, with success or without, and updates this view to its last state.

        timeout: seconds to wait at most. on_update: called with this view after each change; with the asynchronous
        client it may be a coroutine function.
        cancel: cancel the job when the time is up. Raises JobTimeoutError when it is.
        """

        async def update(data: Any) -> None:
            self._renew(data)
            if on_update is not None:
                await called(on_update, self)

        client = self._bound()
        with self._carried():
            latest = await client.follow(self._info(), self._data, timeout=timeout, on_update=update, cancel=cancel)
            self._renew(latest)
        return self

    async def reload(self) -> Self:
        """Updates this view to the current state of the job."""
        self._renew(await self._bound().call(*self._call_of(self._info().poll)))
        return self

    async def cancel(self) -> Self:
        """Cancels the job, and updates this view to its state."""
        self._renew(await self._bound().call(*self._call_of(self._info().cancel)))
        return self

    def stream(
        self, *, last_event_id: str = "", timeout: float | None = None, cancel: bool = False
    ) -> AsyncGenerator[JobEvent]:
        """The events of the job until it has ended: its output (an event as text), its logs, its error, and last that
        it is done.

        last_event_id: continue after the event with this id. timeout: seconds until the end at most.
        cancel: cancel the job when the time is up. Raises JobTimeoutError when it is. The view stays as it is.
        """
        events: AsyncGenerator[JobEvent] = self._bound().follow_events(
            self._info(), self._data, last_event_id=last_event_id, timeout=timeout, cancel=cancel
        )
        return events
