"""Time and cost of the jobs of an account: listed page by page, newest first, and summed up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .jobs import ended, operation_of
from .operation import JobInfo
from .prices import Prices, plain, seconds, text_at

if TYPE_CHECKING:
    from .sync.core import Core

_LONGEST_TIME = 64
"""Characters of a time: one has about thirty."""


@dataclass(slots=True)
class Spending:
    """The total time and cost of some jobs."""

    jobs: int = 0
    seconds: Decimal = field(default_factory=Decimal)
    cost: Decimal | None = None
    """None where none of them has a price."""
    unpriced_jobs: int = 0
    """Jobs with a time and no price, which the cost leaves out."""
    unpriced_seconds: Decimal = field(default_factory=Decimal)
    untimed_jobs: int = 0
    """Jobs without a time, such as those that have not ended."""

    def add(self, taken: Decimal | None, price: Decimal | None) -> None:
        """One more job: its seconds and the price of each, None for what is not known."""
        self.jobs += 1
        if taken is None:
            self.untimed_jobs += 1
            return
        self.seconds += taken
        if price is not None:
            self.cost = (self.cost or Decimal()) + taken * price
        else:
            self.unpriced_jobs += 1
            self.unpriced_seconds += taken

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it: money as text, so that no digit of it is lost."""
        return {
            "jobs": self.jobs,
            "seconds": float(self.seconds),
            "cost": None if self.cost is None else plain(self.cost),
            "unpriced_jobs": self.unpriced_jobs,
            "unpriced_seconds": float(self.unpriced_seconds),
            "untimed_jobs": self.untimed_jobs,
        }


def moment(data: Any, path: str) -> datetime | None:
    """The time at a dotted path, in UTC; None where there is none."""
    text = text_at(data, path)
    with suppress(ValueError, OverflowError):
        if text and len(text) <= _LONGEST_TIME:
            time = datetime.fromisoformat(text)
            return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return None


def group(job: JobInfo, data: Any, by: str) -> str:
    """What a job is summed up under: `model`, or `day`, which is the one in UTC that it was created on."""
    if by == "model":
        return text_at(data, job.model) or "(unknown)"
    created = moment(data, job.created)
    return created.date().isoformat() if created else "(unknown)"


def newest(client: Core, job: JobInfo, since: datetime | None, most: int) -> Iterator[Any]:
    """The jobs of a kind, the newest first: those created since then, and at most so many."""
    answer = client.call(operation_of(job.list), {}, raw=False)
    pages = answer.pages() if hasattr(answer, "pages") else [answer]
    count = 0
    for page in pages:
        for data in getattr(page, "results", page).to_list():
            created = moment(data, job.created)
            if since is not None and created is not None and created < since:
                return
            yield data
            count += 1
            if count == most:
                return


def metered(prices: Prices, job: JobInfo, data: Any) -> dict[str, Any]:
    """What a result says of the time and the cost of a job that has ended; nothing where it does not tell its time."""
    taken = seconds(job, data)
    if taken is None or not ended(job, data):
        return {}
    cost = prices.cost(job, data)
    return {"seconds": float(taken), "cost": None if cost is None else plain(cost)}
