"""The events of a job while it works: from its stream, or by polling where it has none."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from ..errors import ApiConnectionError, ApiError, JobTimeoutError
from ..jobs import Watch, carrying, ended
from ..jobstreams import GONE, Changes, JobEvent, Stream
from ..operation import JobInfo
from ..views import at
from .core import AsyncCore
from .jobs import next_state, taken_back
from .streams import events


async def stream(
    client: AsyncCore, job: JobInfo, data: Any, *, last_event_id: str, timeout: float | None, cancel: bool
) -> AsyncGenerator[JobEvent]:
    """See the client's method `follow_events`."""
    watch = Watch(job, timeout, cancel)
    streamed = _streamed(client, watch, data, last_event_id) if at(data, job.stream) else _polled(client, watch, data)
    with carrying(job, lambda: data):
        try:
            async for event in streamed:
                yield event
        except JobTimeoutError as late:
            if not cancel:
                raise
            data = late.data
        else:
            return
        finally:
            await streamed.aclose()
        raise watch.late(await taken_back(client, watch, data))


async def _streamed(client: AsyncCore, watch: Watch, data: Any, last_event_id: str) -> AsyncGenerator[JobEvent]:
    job, stream, url = watch.job, Stream(watch.job, last_event_id), ""
    while True:
        final, url = ended(job, data), at(data, job.stream) or url
        source = events(client, url, last_event_id=stream.last, until=stream.until, deadline=watch.deadline, failures=0)
        try:
            async for event in source:
                yield stream.received_event(event)
            if stream.over:
                return
        except ApiError as error:
            if error.status in GONE and not stream.received:
                # The stream of a job that ended long ago may be gone while its result is still there.
                async for event in _polled(client, watch, data):
                    yield event
                return
            if final and stream.received:
                raise
            watch.failed(error, client.retries)
        except ApiConnectionError:
            if final and stream.received:
                raise
        finally:
            await source.aclose()
        if final:
            # It ended before the stream was opened for this last time: there is no more to come.
            for event in Changes(job).end(data) if stream.received else Changes(job).news(data):
                yield event
            return
        data = await next_state(client, watch, data)


async def _polled(client: AsyncCore, watch: Watch, data: Any) -> AsyncGenerator[JobEvent]:
    changes = Changes(watch.job)
    while True:
        for event in changes.news(data):
            yield event
        if ended(watch.job, data):
            return
        data = await next_state(client, watch, data)
