"""Polls jobs until they have ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import ApiConnectionError, ApiError, JobTimeoutError, ResponseError
from ..jobs import Watch, carrying, ended, succeeded
from ..operation import JobInfo
from .core import AsyncCore
from .primitives import called, sleep


async def next_state(client: AsyncCore, watch: Watch, data: Any) -> Any:
    """The state of a job after a pause, as soon as the API gives one. Raises as `Watch.pauses` and `Watch.failed`
    do."""
    while True:
        for pause in watch.pauses(data):
            await sleep(pause)
        try:
            return watch.seen(await client.call(*watch.look(data), timeout=watch.seconds(), deadline=watch.seconds()))
        except (ApiConnectionError, ApiError, ResponseError) as error:
            watch.failed(error, client.retries)


async def taken_back(client: AsyncCore, watch: Watch, data: Any) -> Any:
    """Cancels a job whose time is up, and returns its state. JobTimeoutError where it could not be canceled."""
    try:
        return await client.call(*watch.end(data))
    except (ApiConnectionError, ApiError, ResponseError) as error:
        raise watch.late(data, error) from error


async def follow(
    client: AsyncCore,
    job: JobInfo,
    data: Any,
    *,
    timeout: float | None = None,
    on_update: Callable[[Any], object] | None = None,
    cancel: bool = False,
) -> Any:
    """See the client's method."""
    watch = Watch(job, timeout, cancel)
    with carrying(job, lambda: data):
        try:
            while True:
                if on_update is not None and watch.differs(data):
                    await called(on_update, data)
                if ended(job, data):
                    return data
                data = await next_state(client, watch, data)
        except JobTimeoutError:
            if not cancel:
                raise
        data = await taken_back(client, watch, data)
        # The end may have come first: then what the API answers is a result after all.
        if succeeded(job, data):
            return data
        raise watch.late(data)
