"""What a client does with an answer: follow a job, read a stream, fetch a file. The work is done in modules that are
imported when it is first asked for."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..calls import Options
from ..operation import Answer, JobInfo, Operation
from .core import AsyncCore

if TYPE_CHECKING:
    from decimal import Decimal

    from ..batches import Result
    from ..jobstreams import JobEvent
    from ..sse import Event

DONE = ("done",)
"""Types of events that nothing comes after."""


class AsyncClient(AsyncCore):
    """What the client of an API extends."""

    async def follow(
        self,
        job: JobInfo,
        data: Any,
        *,
        timeout: float | None = None,
        on_update: Callable[[Any], object] | None = None,
        cancel: bool = False,
    ) -> Any:
        """The last state of a job, as the API answers it, once the job has ended; with success or without.

        job: how jobs of its kind are followed: `operation.job` of the call that started it.
        data: a state of it, such as that call's result.
        timeout: seconds to wait at most; without it, until the job ends.
        on_update: called with each state that differs from the one before, this one first. Of the asynchronous client
          it may be a coroutine function.
        cancel: cancel the job when the time is up.
        Raises JobTimeoutError, which holds the last known state, when the time is up.
        """
        from . import jobs

        return await jobs.follow(self, job, data, timeout=timeout, on_update=on_update, cancel=cancel)

    def follow_events(
        self, job: JobInfo, data: Any, *, last_event_id: str = "", timeout: float | None = None, cancel: bool = False
    ) -> AsyncGenerator[JobEvent]:
        """What a job puts out while it works, until it has ended: from its stream, or by looking at it where it has
        none. The last event is of the kind `done`.

        last_event_id: go on after the event of this id.
        timeout, cancel: as of `follow`.
        """
        from . import jobstreams

        return jobstreams.stream(self, job, data, last_event_id=last_event_id, timeout=timeout, cancel=cancel)

    def batch(
        self,
        operation: Operation,
        calls: Iterable[Mapping[str, Any]],
        *,
        concurrency: int = 8,
        journal: str | os.PathLike[str] | None = None,
        ordered: bool = False,
        retry_failed: bool = False,
        max_failures: int | None = None,
        max_cost: Decimal | float | str | None = None,
        model: str = "",
        cancel: bool = True,
    ) -> AsyncGenerator[Result]:
        """A job for each of these calls, several at a time and at the pace that the API allows; none is started twice.

        operation: what starts a job. calls: its arguments, all of them read before the first is sent.
        concurrency: jobs at one time.
        journal: a file for a result line of each call; beside it lies what a killed batch is resumed from, by the same
          call again.
        ordered: give the results in the order of the calls, instead of as they are there.
        retry_failed: of a resumed batch, run what failed once more.
        max_failures: how many may fail before nothing more is started; then Error is raised.
        max_cost: nothing more is started where it would go beyond this amount; then BudgetError is raised.
        model: what the price of these calls is known by, for `max_cost`; see `runtime.prices`.
        cancel: where no more results are taken, such as after Ctrl-C, cancel what runs.
        A call that fails has a result with `error`. Raises AuthenticationError and the like, which would fail them all,
        JournalError where the file is of another batch, ApiConnectionError where the API stays away. The asynchronous
        client has batches on asyncio's loop only.
        """
        from ..mapping import planned
        from . import mapping

        batch = planned(self, operation, calls, concurrency, journal, retry_failed, max_failures, max_cost, model)
        return mapping.mapped(self, batch, ordered=ordered, cancel=cancel)

    def events(self, url: str, *, last_event_id: str = "", until: Collection[str] = DONE) -> AsyncGenerator[Event]:
        """The server-sent events of a URL, over as many connections as it takes; none is lost and none comes twice.

        url: such as a job's stream. The token goes with the request only where it is the API's own origin.
        last_event_id: go on after the event of this id.
        until: types of events after which the stream has ended.
        Raises ApiError, ApiConnectionError where connections fail again and again, ResponseError where the answer
        is no stream of events.
        """
        from . import streams

        return streams.events(self, url, last_event_id=last_event_id, until=until)

    def _items(self, operation: Operation, answer: Answer, response: Any, options: Options, raw: bool) -> Any:
        from . import items

        return items.stream(self, operation, answer, response, options, raw)

    async def download(
        self,
        url: str,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = True,
        on_progress: Callable[[int, int | None], object] | None = None,
        max_bytes: int | None = None,
    ) -> Path:
        """Fetches the file at a URL (`data:` ones too), going on where a connection breaks, and gives its path.

        path: of the file, which appears when it is whole, or of a folder; without an extension it gets that of the
          content.
        overwrite: whether a file of that very path is replaced. Another never is: in a folder, and where the extension
          was added, a name that is taken becomes `name-2.png`.
        on_progress: called with the bytes that are there and those of the whole (None where they are not known). Of the
          asynchronous client it may be a coroutine function.
        max_bytes: the largest file that is taken; without it, any.
        The token goes with the request only where the URL has the API's own origin. Raises ApiError,
        ApiConnectionError, ResponseError, and OSError where the file cannot be written.
        """
        from . import downloads

        return await downloads.save(self, url, path, on_progress, overwrite, max_bytes)
