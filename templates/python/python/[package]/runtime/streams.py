"""Server-sent events from a URL, reconnecting as needed: none is lost and none is repeated.

A connection that breaks, or that ends before its time, is opened again with the id of the last event, and what a
server then repeats is left out. Where the server gives no ids a stream cannot be resumed: its end is its end.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from typing import Any

from . import links
from .errors import ApiConnectionError, ApiError, ApiTimeoutError, ResponseError
from .sse import Decoder, Event

MOST_FAILURES = 5
"""Connections in a row that brought nothing new; what follows a job itself looks at the job after the first."""
_LONGEST_DELAY = 60.0
_PASSING = (408, 429, 500, 502, 503, 504)
_REMEMBERED = 10_000
"""Ids of events to remember: those that a server repeats after a break are among the last."""


class Reading:
    """The state of reading one stream: the events so far, and whether and when to reconnect."""

    def __init__(
        self, last_id: str, until: Collection[str], deadline: float | None, failures: int, largest: int
    ) -> None:
        self.over = False
        self._most_failures = failures
        self._largest = largest
        self._until = until
        self._deadline = deadline
        self._decoder = Decoder(last_id, largest)
        self._seen: dict[str, None] = {last_id: None} if last_id else {}
        self._before: frozenset[str] = frozenset(self._seen)
        self._new = 0
        self._any = False
        self._failures = 0

    def headers(self) -> links.Headers:
        """The headers of the next connection."""
        headers: links.Headers = [("Accept", "text/event-stream"), ("Cache-Control", "no-store")]
        if self._decoder.last_id:
            headers.append(("Last-Event-ID", self._decoder.last_id.encode()))
        return headers

    def seconds(self) -> float | None:
        """Seconds that are left; raises ApiTimeoutError where none are."""
        if self._deadline is None:
            return None
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise ApiTimeoutError("the stream had not ended when the time was up")
        return left

    def begin(self, response: Any) -> None:
        """Reads the head of an answer. ResponseError where it is no stream of events."""
        kind = str(response.headers.get("content-type", ""))
        if response.status_code == 204:
            self.over = True
        elif kind.partition(";")[0].strip().lower() != "text/event-stream":
            raise ResponseError(f"a stream of events was expected, not {kind[:200] or 'something without a type'}")
        retry = self._decoder.retry
        self._decoder = Decoder(self._decoder.last_id, self._largest)
        self._decoder.retry = retry
        self._before = frozenset(self._seen)
        self._new = 0

    def events(self, chunk: bytes) -> Iterator[Event]:
        """The events that these bytes complete, except those that came before."""
        for event in self._decoder.feed(chunk):
            if self._decoder.identified:
                if event.id in self._before:
                    continue
                self._seen[event.id] = None
                if len(self._seen) > _REMEMBERED:
                    del self._seen[next(iter(self._seen))]
            self._new += 1
            self._any = True
            self.over = event.event in self._until
            yield event
            if self.over:
                return
        self.seconds()

    def _mendable(self, failure: ApiError | ApiConnectionError) -> bool:
        if isinstance(failure, ApiError):
            return failure.status in _PASSING
        # Without an id it is not known which events came before.
        return not self._any or bool(self._decoder.last_id)

    def again(self, failure: ApiError | ApiConnectionError | None) -> float | None:
        """Seconds until the next connection; None where the stream has ended. Raises what cannot be mended."""
        if self.over:
            return None
        self._failures = 0 if self._new else self._failures + 1
        if failure is None:
            if not self._new or not self._decoder.last_id:
                return None
        elif self._failures > self._most_failures or not self._mendable(failure):
            raise failure
        wait = self._decoder.retry
        if isinstance(failure, ApiError) and failure.retry_after is not None:
            wait = failure.retry_after
        if wait is None:
            wait = min(0.25 * 2.0**self._failures, 8.0)
        left = self.seconds()
        return min(wait, _LONGEST_DELAY if left is None else left)
