"""Retries: what is sent again and when, but never twice what may have been billed."""

from __future__ import annotations

import random
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from .errors import ApiConnectionError, ApiError, ApiTimeoutError, Error
from .operation import Operation

_LONGEST_RECONNECT = 2.0
"""Seconds between two tries to connect at most: so soon is it noticed that a server is back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """The policy on when a call is retried. All times are in seconds.

    Reads, calls refused with 429, and calls that never reached the server are safe to send again. Any other call may
    have been carried out although no answer came, and is not sent again unless `methods` allows it.

    What starts a job, or costs, and is refused with 429 waits for its turn for as long as the call has time, however
    often that takes; see `pace`. Where a server that has answered before in this process cannot be connected to, nothing
    was sent, and the connection is tried again for `reconnect` seconds, however often that takes.
    """

    max_retries: int = 2
    """Tries after the first one; those after a refusal of a start, and those to reconnect, are not counted. 0: nothing is
    sent again, alone or in a batch: no start waits for its turn, and none for a server to be back."""
    first_delay: float = 0.5
    """Before the first retry; each further one waits twice as long."""
    max_delay: float = 8.0
    jitter: float = 0.25
    """The random share of a delay, so that many clients do not come back at once."""
    max_retry_after: float = 60.0
    """The longest `Retry-After` that is obeyed; beyond it there is no retry."""
    deadline: float | None = None
    """No retry begins later than this after the first try began."""
    reconnect: float = 90.0
    """For how long the connection to a server is tried again that has answered before and is not there now. One that
    never answered, such as that of a wrong base URL, is tried `max_retries` times. 0: that one as well."""
    statuses: frozenset[int] = frozenset({408, 500, 502, 503, 504, 520, 521, 522, 523, 524})
    """Statuses after which a request that only reads is retried."""
    methods: frozenset[str] = frozenset()
    """HTTP methods, in upper case, that are sent again although they write: only if repeating them does no harm."""
    as_described: bool = False
    """Whether the number of tries that a function is described with goes before `max_retries`: so it is of a client that
    is told nothing of retries."""

    def most(self, operation: Operation) -> int:
        """Tries of an operation after the first one."""
        return operation.retries if self.as_described and operation.retries is not None else self.max_retries

    def delay(self, operation: Operation, failure: Error, attempt: int, elapsed: float) -> float | None:
        """Seconds to wait before the next try; None where there is to be none.

        attempt: tries made after the first one. elapsed: seconds since the first try began.
        """
        if self.paces(operation) and refused(operation, failure):
            attempt = 0  # how often does not count: the pace says when
        if attempt >= self.most(operation) or not self.mends(operation, failure):
            return None
        wait = min(self.first_delay * 2.0**attempt, self.max_delay) * (1.0 - self.jitter * random.random())
        wished = failure.retry_after if isinstance(failure, ApiError) else None
        if wished is not None:
            if wished > self.max_retry_after:
                return None
            wait = wished
        return None if self.deadline is not None and elapsed + wait > self.deadline else wait

    def reconnects(self, failure: Error, tries: int, since: float) -> float | None:
        """Seconds until the next try to connect to a server that has answered before; None where there is to be none.

        tries: those since the first that failed. since: seconds since then.
        """
        if self.max_retries < 1 or not isinstance(failure, ApiConnectionError) or isinstance(failure, ApiTimeoutError):
            return None
        if failure.sent or not failure.passing:
            return None
        wait = min(self.first_delay * 2.0 ** min(tries, 16), self.max_delay, _LONGEST_RECONNECT)
        wait *= 1.0 - self.jitter * random.random()
        return wait if since + wait <= self.reconnect else None

    def mends(self, operation: Operation, failure: Error) -> bool:
        """Whether a retry may succeed and does no harm."""
        repeatable = operation.access == "read" or operation.method in self.methods
        if isinstance(failure, ApiError):
            return failure.status == 429 or (repeatable and failure.status in self.statuses)
        if isinstance(failure, ApiConnectionError):
            return failure.passing and (repeatable or not failure.sent)
        return False

    def paces(self, operation: Operation) -> bool:
        """Whether calls of an operation wait for their turn, and for another one after a refusal."""
        return self.most(operation) > 0 and operation.starts

    def pausing(self, seconds: float) -> AbstractContextManager[float]:
        """Around each pause of a call, in which nothing of it is under way: gives the seconds that it is to last."""
        return nullcontext(seconds)


def refused(operation: Operation, failure: Error) -> bool:
    """Whether this is a start that was refused because it was too much: it was not carried out, and costs nothing."""
    return isinstance(failure, ApiError) and failure.status == 429 and operation.starts
