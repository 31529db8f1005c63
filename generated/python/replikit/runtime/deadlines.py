"""The deadline of a call, and the limits of its steps that end with it.

httpx knows how long one step may take: to connect, to wait for the next bytes. A server that sends a byte in each of
those seconds is never late. So each limit carries the deadline of its call down to the network, which asks it before
each step how much time is left: see `network`.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic

from .bounds import DEADLINE, option
from .errors import ResponseError

LONGEST_HEAD = 1 << 20
"""Bytes before the body of an answer: its head, and the interim answers (1xx) before it."""


class Deadline:
    """The time by which a call must have ended. An explicit deadline counts from the start of the call. The default
    one counts from the first step on the network: waiting for a connection of the client's own pool is not the
    server's fault."""

    __slots__ = ("_head", "_until", "seconds", "watched", "whole")

    def __init__(self, seconds: float | None, wait: float = 0.0, *, whole: bool = False) -> None:
        """seconds: None for the default. wait: seconds that the server was asked to hold its answer back.

        whole: the deadline is that of all that is read, not only of the head where the body is a stream.
        """
        self.seconds = max(DEADLINE if seconds is None else seconds, wait)
        self.whole = whole
        self.watched = False
        """Whether the network layer checks the time that is left."""
        self._until = None if seconds is None else monotonic() + self.seconds
        self._head = 0

    def left(self) -> float:
        """Seconds that are left; 0 or less when the time is up."""
        return self.seconds if self._until is None else self._until - monotonic()

    def allowed(self, limit: float | None) -> float | None:
        """Seconds that the next step may take. TimeoutError when the time is up."""
        self.watched = True
        if self._until is None:
            self._until = monotonic() + self.seconds
        left = self._until - monotonic()
        if left <= 0:
            raise TimeoutError
        if limit is not None and limit < left:
            return limit
        # No socket takes infinity for a number of seconds.
        return left if left < 1e9 else None

    def check(self) -> None:
        """Raises TimeoutError when the time is up."""
        if self.left() <= 0:
            raise TimeoutError

    def took(self, size: int) -> None:
        """Counts bytes of the head. ResponseError where there are too many."""
        self._head -= size
        if self._head < 0:
            raise ResponseError(f"the head of the answer has more than {LONGEST_HEAD:,} bytes")

    def answered(self, stream: bool) -> None:
        """The head is complete. A stream may then take as long as its reader likes."""
        self._head = 1 << 62
        if stream and not self.whole:
            self._until = float("inf")

    def begin(self) -> None:
        """Restarts the clock, for a body that is read as a whole after all."""
        self._until = monotonic() + self.seconds

    def limits(self, limits: Mapping[str, float | None]) -> dict[str, float | None]:
        """The limits of a request's steps, none of them beyond the deadline."""
        self._head = LONGEST_HEAD
        left = self.left()
        bounded: dict[str, float | None] = {}
        for name, limit in limits.items():
            if name == "pool" and self._until is None:
                bounded[name] = limit
            else:
                bounded[name] = made = Limit(left if limit is None or left < limit else limit)
                made.own, made.deadline = limit, self
        return bounded

    def reason(self) -> str:
        """The error message for a call that took too long."""
        return f"no whole answer within {self.seconds:g} s, the bound of {option('deadline')}"


class Limit(float):
    """Seconds for one step of a call; `own` are those without the deadline, None for no limit."""

    __slots__ = ("deadline", "own")

    own: float | None
    deadline: Deadline
