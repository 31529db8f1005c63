"""Calls that wait for the job they start, and cancel it when they are cancelled themselves.

A job costs money while it runs: a caller that no longer waits does not want it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

GRACE = 10.0
"""Seconds that cancelling a job may take."""


def followed(
    client: Any, operation: Any, data: Any, seconds: float | None, on_update: Callable[[Any], object] | None
) -> Any:
    """Waits for a job to end; returns its last known state, also where the time is up.

    seconds: how long to wait; None: until it ends.
    """
    from ..runtime.errors import JobTimeoutError

    try:
        return client.follow(operation.job, data, timeout=seconds, on_update=on_update)
    except JobTimeoutError as late:
        return late.data


async def afollowed(
    client: Any,
    operation: Any,
    data: Any,
    seconds: float | None,
    on_update: Callable[[Any], Awaitable[object] | object] | None,
) -> Any:
    """As `followed`, with an asynchronous client; cancelling the call cancels the job."""
    import anyio

    from ..runtime.errors import JobTimeoutError

    try:
        return await client.follow(operation.job, data, timeout=seconds, on_update=on_update)
    except JobTimeoutError as late:
        return late.data
    except anyio.get_cancelled_exc_class():
        await _take_back(client, operation, data)
        raise


async def ended(
    client: Any,
    operation: Any,
    data: Any,
    seconds: float,
    on_update: Callable[[Any], Awaitable[object] | object] | None,
) -> Any:
    """Waits for a job that was started elsewhere, to its end or until the time is up. Cancelling the wait leaves it
    running."""
    from ..runtime.errors import JobTimeoutError

    try:
        return await client.follow(operation.job, data, timeout=seconds, on_update=on_update)
    except JobTimeoutError as late:
        return late.data


async def aheld(client: Any, operation: Any, arguments: Mapping[str, Any]) -> Any:
    """The answer to a call that starts a job; the API may hold it back until the job has ended.

    Before it the job has no name: a call that is cancelled still waits for the answer, to cancel the job. Between two
    tries no request is under way, and the call may end.
    """
    import anyio.lowlevel

    answer: Any = None
    with anyio.CancelScope(shield=True) as scope:
        calling = client.with_options(retries=_Open(client.retries, scope))
        answer = await calling.answer(operation, arguments)
    try:
        await anyio.lowlevel.checkpoint_if_cancelled()
    except anyio.get_cancelled_exc_class():
        await _take_back(client, operation, answer.parse())
        raise
    return answer


class _Open:
    """The retry policy of a call that is shielded from cancellation except in its pauses."""

    def __init__(self, policy: Any, scope: Any) -> None:
        self._policy, self._scope = policy, scope

    def __getattr__(self, name: str) -> Any:
        return getattr(self._policy, name)

    @contextmanager
    def pausing(self, seconds: float) -> Iterator[float]:
        """As the wrapped policy does."""
        with self._policy.pausing(seconds) as pause:
            self._scope.shield = False
            try:
                yield pause
            finally:
                self._scope.shield = True


async def _take_back(client: Any, operation: Any, data: Any) -> None:
    import anyio

    from ..runtime import errors, jobs
    from ..runtime.views import at

    job = operation.job
    if not job.cancel or jobs.ended(job, data):
        return
    with anyio.CancelScope(shield=True), anyio.move_on_after(GRACE):
        try:
            cancel = jobs.operation_of(job.cancel)
            await client.call(cancel, {job.argument: at(data, job.id)}, raw=True)
        except errors.Error:
            # It has ended, or the API does not answer: there is nobody left to tell.
            return
