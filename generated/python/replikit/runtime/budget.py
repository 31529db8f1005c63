"""The budget of a batch: whether another job may start, by what was spent and by what running jobs may cost.

The next job is assumed to cost as much as the dearest so far, so that a batch of similar jobs stays within the budget.
Until the first has ended its cost is not known, so no second one is started.
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
    """Another job would exceed the budget of a batch."""


def budget(prices: Prices, most: Decimal | float | str, model: str) -> Budget:
    """The budget of a batch. model: the name to look its price up by. Raises ArgumentError where no price is known."""
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
    """Once a running job has ended, and its cost is known."""
    NO = "no"


class Budget:
    """An amount, and how much of it is spent. Thread-safe."""

    def __init__(self, most: Decimal, price: Decimal) -> None:
        """most: what all jobs may cost together. price: of a second of each."""
        self.most, self.price = most, price
        self.spent = Decimal()
        self._dearest: Decimal | None = None
        self._untold = 0
        self._running: set[int] = set()
        self._lock = threading.Lock()

    def resume(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Counts what an earlier run of the batch has spent, by its result lines."""
        for record in records:
            self._add(_number(record.get("seconds")), record.get("id") is not None)

    def under_way(self, lines: Iterable[int]) -> None:
        """Counts lines that were, or may have been, started, and have no result."""
        with self._lock:
            self._running = set(lines)

    def admit(self, line: int) -> Answer:
        """Whether this line may start now; if so, it counts as running."""
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
        """Removes a line that was not started after all."""
        with self._lock:
            self._running.discard(line)

    def end(self, line: int, taken: Any, started: bool) -> None:
        """Counts the result of a line. taken: the seconds of its job, None where unknown. started: it has a job."""
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
        """The message on why the batch starts no more."""
        about = "" if self._dearest is None else f", and another run may cost {plain(self._dearest)}"
        untold = f"; {self._untold} did not tell how long they took" if self._untold else ""
        return BudgetError(f"{plain(self.spent)} of {plain(self.most)} was spent{about}{untold}")


def _number(seconds: Any) -> Decimal | None:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < float("inf"):
        return None
    return Decimal(str(seconds))
