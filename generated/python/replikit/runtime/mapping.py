"""What both clients share of batches: how they begin, and the order of their results."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .batches import Batch, Result, head
from .errors import ArgumentError, Error
from .journal import Journal, Memory
from .operation import Operation
from .retries import RetryPolicy, refused

if TYPE_CHECKING:
    from .client import AnyClient


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paced(RetryPolicy):
    """A retry policy for a batch, which waits for its turns itself, as it records each call right before sending
    it."""

    stopping: threading.Event
    """Set when the batch is stopped, which ends all waits."""

    def paces(self, operation: Operation) -> bool:
        """Never: the batch handles refusals."""
        return False

    def delay(self, operation: Operation, failure: Error, attempt: int, elapsed: float) -> float | None:
        """As the policy does; None for a refused start."""
        return None if refused(operation, failure) else RetryPolicy.delay(self, operation, failure, attempt, elapsed)

    def reconnects(self, failure: Error, tries: int, since: float) -> float | None:
        """As the policy does, until the batch is stopped."""
        return None if self.stopping.is_set() else RetryPolicy.reconnects(self, failure, tries, since)


def paced(client: AnyClient, batch: Batch) -> RetryPolicy:
    """The client's retry policy, adapted to the calls of a batch."""
    settings = {each.name: getattr(client.retries, each.name) for each in fields(RetryPolicy)}
    # What writes is looked for before it is sent again, whatever the policy says.
    return _Paced(**{**settings, "methods": frozenset()}, stopping=batch.stopping)


def planned(
    client: AnyClient,
    operation: Operation,
    calls: Iterable[Mapping[str, Any]],
    concurrency: int,
    journal: str | os.PathLike[str] | None,
    retry_failed: bool,
    max_failures: int | None,
    max_cost: Decimal | float | str | None = None,
    model: str = "",
) -> Batch:
    """The batch of these calls. Raises ConfigError where the operation starts no job, JournalError, ArgumentError where
    `max_cost` cannot be held."""
    if concurrency < 1:
        raise ArgumentError("concurrency", f"must be at least 1, not {concurrency}")
    known = limit = None
    if max_cost is not None:
        from . import prices
        from .budget import budget

        known = prices.read()
        limit = budget(known, max_cost, model)
    listed = [dict(call) for call in calls]
    about = head(operation, listed)
    memory = Memory(about) if journal is None else Journal(Path(journal), about)
    return Batch(
        operation, listed, memory,
        concurrency=concurrency, retries=client.retries, pace=client._pace(), max_failures=max_failures, retry_failed=retry_failed,
        prices=known, budget=limit,
    )  # fmt: skip


class Order:
    """Puts results in the order of the calls, if wanted: early ones wait for those before them."""

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._early: dict[int, Result] = {}
        self._next = 0

    def ready(self, results: Iterable[Result]) -> Generator[Result, None, None]:
        """The results whose turn has come, with those that waited for them."""
        for result in results:
            if not self._wanted:
                yield result
                continue
            self._early[result.index] = result
            while self._next in self._early:
                yield self._early.pop(self._next)
                self._next += 1

    def rest(self) -> Iterator[Result]:
        """The results still waiting for others that never came."""
        return iter([self._early[index] for index in sorted(self._early)])
