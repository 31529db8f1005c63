"""How fast a batch sends: as fast as the API lets it, which is learned from what the API refuses."""

from __future__ import annotations

import threading
import time

from ..runtime.errors import ApiError, Error
from ..runtime.operation import Operation
from ..runtime.retries import RetryPolicy

_FIRST_GAP, _LONGEST_GAP = 0.02, 30.0
_WIDER, _NARROWER = 1.5, 0.97
_LONGEST_HOLD = 120.0


class Pace:
    """Turns, one after the other: the gap between two grows with a refusal and shrinks while all goes well."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gap = 0.0
        self._next = self._held = self._widened = 0.0

    def wait(self) -> float:
        """Sleep until it is one's turn. Gives when that was."""
        while True:
            with self._lock:
                turn = max(self._next, time.monotonic())
                self._next = turn + self._gap
            time.sleep(max(0.0, turn - time.monotonic()))
            if turn >= self._held:  # else all were held meanwhile, and line up again
                return turn

    def hold(self, seconds: float) -> None:
        """Nobody's turn comes before so many seconds have passed."""
        with self._lock:
            self._held = max(self._held, time.monotonic() + min(max(seconds, 0.1), _LONGEST_HOLD))
            self._next = max(self._next, self._held)

    def accepted(self) -> None:
        """What was sent was not too much."""
        with self._lock:
            self._gap *= _NARROWER

    def refused(self, turn: float, seconds: float) -> None:
        """What was sent in that turn was too much, and the next may be sent after so many seconds."""
        with self._lock:
            # What was under way when another was refused tells nothing new.
            if turn > self._widened:
                self._gap = min(max(self._gap * _WIDER, _FIRST_GAP), _LONGEST_GAP)
                self._widened = time.monotonic()
        self.hold(seconds)


class Unhurried(RetryPolicy):
    """The client's own policy, but for what is refused because it is too much: the pace of all is to change then."""

    def delay(self, operation: Operation, failure: Error, attempt: int, elapsed: float) -> float | None:
        """As of the policy; None for a refusal."""
        if isinstance(failure, ApiError) and failure.status == 429:
            return None
        return super().delay(operation, failure, attempt, elapsed)
