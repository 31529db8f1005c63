"""How fast a batch sends: as fast as the API lets it, which is learned from what the API refuses.

Two things are refused with the same answer: what comes faster than the limit, and everything while the API is in
trouble. What was accepted between two refusals tells the limit, which is kept. Where nothing was, it is trouble: the gap
widens while that lasts, and is back at the limit a few calls after it is over.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from .errors import ApiError, Error
from .operation import Operation
from .retries import RetryPolicy

_FIRST_GAP, _LONGEST_GAP = 0.02, 2.0
"""Seconds between two calls: after the first refusal, and while the API is in trouble."""
_WIDER, _BACK = 1.5, 0.5
"""What a refusal in trouble makes of the gap, and each call that is accepted after it."""
_ABOVE, _NARROWER = 1.05, 0.998
"""What a refusal at the limit makes of the gap at least, and what each accepted call makes of it."""
_LONGEST_HOLD = 120.0


class Pace:
    """Turns, one after the other: the gap between two grows with a refusal and shrinks while all goes well.

    clock: seconds, as of `time.monotonic`.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._gap = self._limit = 0.0
        self._next = self._held = self._refused = float("-inf")
        self._accepted = 0

    def turn(self) -> float:
        """The time of a turn, on the clock: not before now."""
        with self._lock:
            turn = max(self._next, self._clock())
            self._next = turn + self._gap
            return turn

    def left(self, turn: float) -> float:
        """Seconds until a turn."""
        return turn - self._clock()

    def holds(self, turn: float) -> bool:
        """Whether a turn that has come may be used: if not, all were held meanwhile and line up again."""
        return turn >= self._held

    def hold(self, seconds: float) -> None:
        """Nobody's turn comes before so many seconds have passed."""
        with self._lock:
            self._held = max(self._held, self._clock() + min(max(seconds, 0.1), _LONGEST_HOLD))
            self._next = max(self._next, self._held)

    def accepted(self) -> None:
        """What was sent was not too much."""
        with self._lock:
            self._accepted += 1
            if self._gap > self._limit:
                self._gap = max(self._gap * _BACK, self._limit)
            else:
                self._gap = self._limit = self._gap * _NARROWER

    def refused(self, turn: float, seconds: float) -> None:
        """What was sent in that turn was too much, and the next may be sent after so many seconds."""
        with self._lock:
            # What was under way when another was refused tells nothing new.
            if turn > self._refused:
                now = self._clock()
                if self._accepted and self._refused > float("-inf"):
                    # The limit lies between the gap that was refused and the one that the accepted calls came at.
                    average = (now - self._refused) / self._accepted
                    self._limit = max(math.sqrt(self._gap * average), self._gap * _ABOVE)
                    self._gap = self._limit
                else:
                    widened = min(max(self._gap * _WIDER, _FIRST_GAP), _LONGEST_GAP)
                    self._gap = max(self._gap, widened)
                self._accepted, self._refused = 0, now
        self.hold(seconds)


class Unhurried(RetryPolicy):
    """The client's own policy, but for what is refused because it is too much: the pace of all is to change then."""

    def delay(self, operation: Operation, failure: Error, attempt: int, elapsed: float) -> float | None:
        """As of the policy; None for a refusal."""
        if isinstance(failure, ApiError) and failure.status == 429:
            return None
        return super().delay(operation, failure, attempt, elapsed)
