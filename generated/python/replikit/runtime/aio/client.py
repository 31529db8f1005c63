"""What a client does beyond single calls: follow a job, read a stream, fetch a file. The modules that do the work are
imported on first use."""

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
    """The base class of the client of an API."""

    async def follow(
        self,
        job: JobInfo,
        data: Any,
        *,
        timeout: float | None = None,
        on_update: Callable[[Any], object] | None = None,
        cancel: bool = False,
    ) -> Any:
        """Waits until a job has ended, with success or without, and returns its last state as the API answered it.

        job: how jobs of its kind are followed: `operation.job` of the call that started it.
        data: a state of the job, such as the result of that call.
        timeout: seconds to wait at most; without it, until the job ends.
        on_update: called with each state that differs from the one before, this one first. With the asynchronous
        client it may be a coroutine function.
        cancel: cancel the job when the time is up.
        Raises JobTimeoutError, which holds the last known state, when the time is up.
        """
        from . import jobs

        return await jobs.follow(self, job, data, timeout=timeout, on_update=on_update, cancel=cancel)

    def follow_events(
        self, job: JobInfo, data: Any, *, last_event_id: str = "", timeout: float | None = None, cancel: bool = False
    ) -> AsyncGenerator[JobEvent]:
        """The events of a job until it has ended: from its stream, or by polling where it has none. The last event is
        of the kind `done`.

        last_event_id: continue after the event with this id. timeout, cancel: as in `follow`.
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
        """Runs a job for each of these calls, several at a time, as fast as the API allows; starts none twice.

        operation: the one that starts a job. calls: its arguments, all of them read before the first is sent.
        concurrency: jobs at one time.
        journal: a file that gets a result line per call; files beside it let the same call resume a killed batch.
        ordered: yield the results in the order of the calls, instead of as they come.
        retry_failed: in a resumed batch, run failed calls again.
        max_failures: calls that may fail before the batch starts no more and raises Error.
        max_cost: an amount; a batch that would exceed it starts no more and raises BudgetError.
        model: the name that `max_cost` looks the price of these calls up by; see `runtime.prices`.
        cancel: cancel running jobs when the caller stops taking results, such as after Ctrl-C.
        A call that fails has a result with `error`. Raises AuthenticationError and the like, which would fail all
        calls, JournalError where the file belongs to another batch, ApiConnectionError where the API stays
        unreachable. The asynchronous client has batches on asyncio's loop only.
        """
        from ..mapping import planned
        from . import mapping

        batch = planned(self, operation, calls, concurrency, journal, retry_failed, max_failures, max_cost, model)
        return mapping.mapped(self, batch, ordered=ordered, cancel=cancel)

    def events(self, url: str, *, last_event_id: str = "", until: Collection[str] = DONE) -> AsyncGenerator[Event]:
        """The server-sent events of a URL, reconnecting as needed; none is lost and none is repeated.

        url: such as a job's stream. The token goes with the request only where it is the API's own origin.
        last_event_id: continue after the event with this id. until: types of events that end the stream.
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
        """Downloads the file at a URL (`data:` ones too), resuming after a broken connection, and returns its path.

        path: of the file, which appears once it is complete, or of a folder; a missing extension is added by media
        type.
        overwrite: whether to replace a file at that exact path. In a folder, and where an extension was added, a taken
        name becomes `name-2.png`.
        on_progress: called with the bytes so far and the total (None where it is not known). With
        the asynchronous client it may be a coroutine function.
        max_bytes: the largest file to accept; no limit by default.
        The token goes with the request only where the URL has the API's own origin. Raises ApiError,
        ApiConnectionError, ResponseError, and OSError where the file cannot be written.
        """
        from . import downloads

        return await downloads.save(self, url, path, on_progress, overwrite, max_bytes)
