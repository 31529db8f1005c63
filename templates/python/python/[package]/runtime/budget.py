"""What a batch may cost: whether another job may be started beside what was spent and what those that run may come to.

What the next job costs is told by those before it: by the dearest of them, so that the amount is not gone beyond where
jobs are alike. Until one has ended nobody knows, and so no second one is started.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

from .. import about
from .errors import ArgumentError, Error
from .prices import Prices, plain


class BudgetError(Error):
    """Another job would go beyond what a batch may cost."""


def budget(prices: Prices, most: Decimal | float | str, model: str) -> Budget:
    """The budget of a batch. model: what its price is known by. ArgumentError where that cannot be held."""
    try:
        amount = Decimal(str(most))
    except ArithmeticError:
        amount = Decimal("NaN")
    if isinstance(most, bool) or not amount.is_finite() or amount < 0:
        raise ArgumentError("max_cost", f"must be an amount, not {most!r}")
    if not model:
        raise ArgumentError("max_cost", "cannot be held where the model, and so its price, is not known")
    price = prices.price(model)
    if price is None:
        raise ArgumentError(
            "max_cost", f"cannot be held: no price is known for {model}; {about.COMMAND} prices set {model} …"
        )
    return Budget(amount, price)


class Answer(Enum):
    """Whether a job may be started."""

    YES = "yes"
    LATER = "later"
    """Once one of those that run has ended, and has told what it cost."""
    NO = "no"


class Budget:
    """An amount, and what has gone of it. Its methods may be called from several threads."""

    def __init__(self, most: Decimal, price: Decimal) -> None:
        """most: what all jobs may cost together. price: of a second of each."""
        self.most, self.price = most, price
        self.spent = Decimal()
        self._dearest: Decimal | None = None
        self._untold = 0
        self._running: set[int] = set()
        self._lock = threading.Lock()

    def resume(self, records: Iterable[Mapping[str, Any]]) -> None:
        """What an earlier run of the batch has spent, by all of its result lines."""
        for record in records:
            self._add(_number(record.get("seconds")), record.get("id") is not None)

    def under_way(self, lines: Iterable[int]) -> None:
        """The lines that were started, or perhaps were, and have no result."""
        with self._lock:
            self._running = set(lines)

    def admit(self, line: int) -> Answer:
        """Whether this line may be started now; if so, it counts as running."""
        with self._lock:
            if line in self._running:
                return Answer.YES
            if self._dearest is None:
                fits = not self._running and self.spent < self.most
            else:
                fits = self.spent + self._dearest * (len(self._running) + self._untold + 1) <= self.most
            if fits:
                self._running.add(line)
                return Answer.YES
            return Answer.LATER if self._running else Answer.NO

    def forget(self, line: int) -> None:
        """The line was not started after all."""
        with self._lock:
            self._running.discard(line)

    def end(self, line: int, taken: Any, started: bool) -> None:
        """A line has its result. taken: the seconds of its job, None where it does not tell. started: it has a job."""
        with self._lock:
            self._running.discard(line)
            self._add(_number(taken), started)

    def _add(self, taken: Decimal | None, started: bool) -> None:
        if taken is None:
            self._untold += started
            return
        cost = taken * self.price
        self.spent += cost
        self._dearest = cost if self._dearest is None else max(self._dearest, cost)

    def reached(self) -> BudgetError:
        """Why nothing more is started."""
        about = "" if self._dearest is None else f", and another run may cost {plain(self._dearest)}"
        untold = f"; {self._untold} did not tell how long they took" if self._untold else ""
        return BudgetError(f"{plain(self.spent)} of {plain(self.most)} was spent{about}{untold}")


def _number(seconds: Any) -> Decimal | None:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < float("inf"):
        return None
    return Decimal(str(seconds))
