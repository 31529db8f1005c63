"""Who goes first: so many at one time, and the rest in a queue that is fair by caller.

A caller is given less than what would be left, so that there is always room for another one: with four places a single
caller has two. What comes free goes to the caller who has least, among equals to who was served longest ago; a caller's
own wait in their order. Where the queue is full, it is the caller with most in it who is told to come back.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque

_SHORTEST, _LONGEST = 1, 60
"""Fewest and most seconds after which a refused caller is asked to try again."""


class BusyError(Exception):
    """Too many wait already."""

    def __init__(self, waiting: int, retry_after: int) -> None:
        super().__init__(f"{waiting} are waiting")
        self.waiting = waiting
        self.retry_after = retry_after
        """Seconds until it may be worth another try."""


class Turn:
    """A claim to run: waiting, then granted, then over."""

    def __init__(self, turns: Turns, caller: str) -> None:
        self.caller = caller
        self.had = False
        self.refused: BusyError | None = None
        self.since = 0.0
        self._turns = turns
        self._settled = threading.Event()

    def settle(self, refused: BusyError | None = None) -> None:
        """Wakes the waiting caller: the claim is granted, refused, or over."""
        self.refused = refused
        self._settled.set()

    def wait(self) -> bool:
        """Waits for it; whether it was had, rather than given back meanwhile. BusyError where it was refused."""
        self._settled.wait()
        if self.refused is not None:
            raise self.refused
        return self.had

    def give_back(self) -> None:
        """Lets the next one run; from any thread, any number of times."""
        self._turns.take_back(self)


class Turns:
    """So many turns at one time."""

    def __init__(self, most: int, waiting: int | None = None) -> None:
        """most: turns at one time. waiting: how many may wait for one; without it, any number."""
        self._most = most
        self._waiting = waiting
        self._lock = threading.Lock()
        self._queues: dict[str, deque[Turn]] = {}
        self._had: dict[str, int] = {}
        self._served: dict[str, float] = {}
        """When each caller who has or wants a turn was last given one, as a number that grows."""
        self._count = 0
        self._took = 0.0
        """Seconds that a turn takes, the last ones counting most."""

    def ask(self, caller: str) -> Turn:
        """A turn for a caller, to be waited for."""
        turn = Turn(self, caller)
        with self._lock:
            # Before whoever was served now, and after all who have waited since before.
            self._served.setdefault(caller, self._count - 0.5)
            self._queues.setdefault(caller, deque()).append(turn)
            self._grant()
            if not turn.had and self._waiting is not None and self._length() > self._waiting:
                self._refuse(turn)
        return turn

    def take_back(self, turn: Turn) -> None:
        """Ends a turn, or the wait for one."""
        with self._lock:
            queue = self._queues.get(turn.caller)
            if turn.had:
                turn.had = False
                self._took += (time.monotonic() - turn.since - self._took) / 4
                self._had[turn.caller] -= 1
            elif queue is not None and turn in queue:
                queue.remove(turn)
                turn.settle()
            self._forget(turn.caller)
            self._grant()

    def _length(self) -> int:
        return sum(map(len, self._queues.values()))

    def _grant(self) -> None:
        while True:
            free = self._most - sum(self._had.values())
            ready = [name for name, queue in self._queues.items() if queue and self._had.get(name, 0) < free]
            if not ready:
                return
            caller = min(ready, key=lambda name: (self._had.get(name, 0), self._served[name]))
            turn = self._queues[caller].popleft()
            self._count += 1
            self._served[caller] = self._count
            self._had[caller] = self._had.get(caller, 0) + 1
            turn.had, turn.since = True, time.monotonic()
            turn.settle()

    def _refuse(self, newest: Turn) -> None:
        """Refuses the last of whoever has most in the queue: it is only the newest where no other has more."""
        most = max(self._queues, key=lambda name: (len(self._queues[name]), name == newest.caller))
        waiting = self._length() - 1
        after = math.ceil(self._took * waiting / self._most)
        self._queues[most].pop().settle(BusyError(waiting, min(max(after, _SHORTEST), _LONGEST)))
        self._forget(most)

    def _forget(self, caller: str) -> None:
        if not self._queues.get(caller) and not self._had.get(caller):
            for known in (self._queues, self._had, self._served):
                known.pop(caller, None)
