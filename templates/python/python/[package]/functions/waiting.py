"""Calls that wait for the job they start, and take it back when they are taken back themselves.

What was started costs money while it runs: who no longer waits for it does not want it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

GRACE = 10.0
"""Seconds that taking a job back may take."""


def followed(
    client: Any, operation: Any, data: Any, seconds: float | None, on_update: Callable[[Any], object] | None
) -> Any:
    """A job that was started, after it has ended; its last known state where the time is up, as the API answers too.

    seconds: that it is waited for; None: until it ends.
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
    """As `followed`, with an asynchronous client; a job whose call is cancelled is canceled."""
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
    """A job that somebody else started, after it has ended or when the time is up. It goes on where this is cancelled."""
    from ..runtime.errors import JobTimeoutError

    try:
        return await client.follow(operation.job, data, timeout=seconds, on_update=on_update)
    except JobTimeoutError as late:
        return late.data


async def aheld(client: Any, operation: Any, arguments: Mapping[str, Any]) -> Any:
    """The whole answer of what starts a job, held back by the API until the job has ended where that was asked for.

    Before it the job has no name: a call that is cancelled still waits for the answer, to cancel the job. Between two
    tries nothing is under way, and a call may end.
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
    """The policy of a call that is shielded from being cancelled but for its pauses."""

    def __init__(self, policy: Any, scope: Any) -> None:
        self._policy, self._scope = policy, scope

    def __getattr__(self, name: str) -> Any:
        return getattr(self._policy, name)

    @contextmanager
    def pausing(self, seconds: float) -> Iterator[float]:
        """As of the policy."""
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
