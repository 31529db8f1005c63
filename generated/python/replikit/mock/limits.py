"""How many jobs may be started in a minute: a bucket that fills as time passes."""

from __future__ import annotations

import math
import threading
import time

from .problems import Problem

_BURST = 1.0
"""Seconds' worth of jobs that may be started at once."""


class Limit:
    """A rate limit; with `rate` 0 there is none."""

    def __init__(self, rate: int) -> None:
        self.each = 60 / rate if rate else 0.0
        self._burst = max(_BURST, self.each)  # of less than one a second, one is there at the start
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """As many as there are at the start."""
        self._free = time.monotonic() - self._burst

    def take(self) -> None:
        """Let one more start; 429 with the seconds to wait where it is one too many."""
        if not self.each:
            return
        with self._lock:
            now = time.monotonic()
            free = max(self._free, now - self._burst) + self.each
            if free > now:
                seconds = math.ceil(free - now)
                detail = f"Too many jobs were started; retry in {seconds} s."
                raise Problem(429, detail, headers=(("Retry-After", str(seconds)),))
            self._free = free
