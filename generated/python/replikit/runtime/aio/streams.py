"""Server-sent events from a URL, reconnecting as needed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection

from ..errors import ApiConnectionError, ApiError
from ..sse import Event
from ..streams import MOST_FAILURES, Reading
from . import bodies, links
from .core import AsyncCore
from .primitives import sleep


async def events(
    client: AsyncCore,
    url: str,
    *,
    last_event_id: str = "",
    until: Collection[str],
    deadline: float | None = None,
    failures: int = MOST_FAILURES,
) -> AsyncGenerator[Event]:
    """The events of a stream; see the client's method. deadline: on the clock of `time.monotonic`."""
    reading = Reading(last_event_id, until, deadline, failures, client._bounds.response_bytes())
    while True:
        failure: ApiError | ApiConnectionError | None = None
        seconds = reading.seconds()
        try:
            async with links.opened(client, url, reading.headers(), seconds) as response:
                reading.begin(response)
                async for chunk in bodies.pieces(response):
                    for event in reading.events(chunk):
                        yield event
                    if reading.over:
                        return
        except (ApiError, ApiConnectionError) as error:
            failure = error
        wait = reading.again(failure)
        if wait is None:
            return
        await sleep(wait)
