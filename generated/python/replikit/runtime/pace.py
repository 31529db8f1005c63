"""How fast jobs are started: as fast as the API lets them, which is learned from what it refuses.

All clients with one token share one pace, and a batch takes its turns from it like any other call. Before the first
refusal nothing waits. What was refused was not carried out: it goes back to its place in the line.

Two things are refused with the same answer: what comes faster than the limit, and everything while the API is in
trouble. At the limit something is accepted whenever one has waited, and what was accepted between two refusals tells the
limit, which is kept. Where nothing was, it is trouble: the gap widens while that lasts, and is back at the limit a few
calls after it is over.
"""

from __future__ import annotations

import math
import threading
import time
from bisect import bisect_left, insort
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from .config import Config

_FIRST_GAP, _LONGEST_GAP = 0.02, 2.0
"""Seconds between two calls: after the first refusal, and while the API is in trouble."""
_WIDER, _BACK = 1.5, 0.5
"""What a refusal in trouble makes of the gap, and each call that is accepted after it."""
_ABOVE, _NARROWER, _OFTEN = 1.05, 0.002, 0.1
"""What a refusal at the limit makes of the gap at least, and the share that each accepted call takes from it: a smaller
one where they come more often than once in so many seconds."""
_CALM, _NEAR = 5, 0.5
"""Calls accepted in a row after which trouble is over, and the least that a gap may be of the one that fits the limit."""
_LONGEST_HOLD = 120.0
_UNTOLD = 1.0
"""Seconds that nothing is sent for after a refusal which does not say how long."""
_HEARD = 1.0
"""Seconds without an answer after which a call counts as accepted: a refusal comes at once, and a job may take long."""
_LOOK = 0.5
"""Seconds that are waited at least before another look."""


class Turn:
    """A call that may be sent, at this time on the clock of its pace."""

    __slots__ = ("time",)

    def __init__(self, time: float) -> None:
        self.time = time


class Pace:
    """Turns, in the order in which they were first asked for.

    clock: seconds, as of `time.monotonic`.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tickets = 0
        self._waiting: list[int] = []
        """Tickets of those who wait for a turn, the lowest first."""
        self._sent: dict[Turn, None] = {}
        """Turns whose calls have no answer yet, the oldest first."""
        self._gap = self._limit = 0.0
        self._next = self._until = self._refused = self._since = -math.inf
        self._trouble = self._known = False
        self._accepted = 0

    def ticket(self) -> int:
        """A place in the line, which a call keeps until it is accepted."""
        with self._lock:
            self._tickets += 1
            return self._tickets

    def turn(self, ticket: int) -> Generator[float, None, Turn]:
        """Yields seconds to wait, until there is a turn."""
        if self._refused == -math.inf:
            return Turn(self._clock())
        try:
            while True:
                with self._lock:
                    now = self._clock()
                    self._hear(now)
                    place = bisect_left(self._waiting, ticket)
                    # A place that does not go when it could keeps nobody behind it waiting for more than its gap.
                    wait = self._next + place * self._gap - now
                    if wait <= 0:
                        self._next = max(self._next, now - self._gap) + self._gap
                        self._sent[turn := Turn(now)] = None
                        return turn
                    if self._waiting[place : place + 1] != [ticket]:
                        insort(self._waiting, ticket)
                # Trouble may be over sooner, and then the gap is that of the limit.
                yield min(wait, max(_LOOK, self._until - now + place * max(self._limit, _FIRST_GAP) / 3))
        finally:
            with self._lock:
                place = bisect_left(self._waiting, ticket)
                if self._waiting[place : place + 1] == [ticket]:
                    del self._waiting[place]

    def remaining(self) -> float:
        """Seconds in which certainly nothing is sent."""
        return self._until - self._clock()

    def hold(self, seconds: float) -> None:
        """Nobody's turn comes before so many seconds have passed."""
        with self._lock:
            self._until = max(self._until, self._clock() + min(max(seconds, 0.1), _LONGEST_HOLD))
            self._next = max(self._next, self._until)

    def accepted(self, turn: Turn) -> None:
        """What was sent in that turn was not too much."""
        if self._refused == -math.inf:
            return
        with self._lock:
            if turn in self._sent:
                self._count(turn)

    def lost(self, turn: Turn) -> None:
        """What was sent in that turn had no answer that says anything about the pace."""
        with self._lock:
            self._sent.pop(turn, None)

    def refused(self, turn: Turn, seconds: float | None) -> None:
        """What was sent in that turn was too much, and the next may be sent after so many seconds; None: not known."""
        with self._lock:
            self._sent.pop(turn, None)
            # What was under way when another was refused tells nothing new.
            if turn.time > self._refused:
                # What was sent before it would have been refused before it, too.
                for other in [other for other in self._sent if other.time < turn.time]:
                    self._count(other)
                now = self._clock()
                first = self._refused == -math.inf
                # A few tell nothing in trouble, and nothing against a limit that many have told.
                few = self._accepted < _CALM
                self._trouble = not first and few and (self._trouble or self._known or not self._accepted)
                if first or self._trouble:
                    widened = min(max(self._gap * _WIDER, _FIRST_GAP), _LONGEST_GAP)
                    self._gap = max(self._gap, widened)
                else:
                    # The limit lies between the gap that was refused and the one that the accepted calls came at.
                    average = (now - self._since) / self._accepted
                    least = 0.0 if few else average * _NEAR
                    between = math.sqrt(max(self._gap, least) * average)
                    self._gap = self._limit = max(between, self._gap * _ABOVE)
                    self._known = not few
                self._accepted, self._refused, self._since = 0, now, now
        self.hold(_UNTOLD if seconds is None else seconds)

    def _hear(self, now: float) -> None:
        while self._sent and now - (turn := next(iter(self._sent))).time >= _HEARD:
            self._count(turn)

    def _count(self, turn: Turn) -> None:
        del self._sent[turn]
        self._accepted += 1
        if self._gap > self._limit:
            self._gap = max(self._gap * _BACK, self._limit)
            if self._gap == self._limit and self._accepted >= _CALM:
                # Trouble is over, and what was accepted meanwhile says nothing of the limit.
                self._accepted, self._since, self._trouble = 0, self._clock(), False
        else:
            self._gap = self._limit = self._gap * (1 - _NARROWER * min(1.0, self._gap / _OFTEN))


_paces: WeakValueDictionary[tuple[str, tuple[str, ...]], Pace] = WeakValueDictionary()
_lock = threading.Lock()


def shared(config: Config) -> Pace:
    """The pace of whoever calls this server with this token; it is there for as long as one of its clients is."""
    key = config.base_url, config.credentials.secrets
    with _lock:
        pace = _paces.get(key)
        if pace is None:
            pace = _paces[key] = Pace()
        return pace
