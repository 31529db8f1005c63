"""Batches driven: by threads for the synchronous client, by tasks of asyncio for the asynchronous one."""

from __future__ import annotations

import asyncio
import os
import queue
import threading
from collections.abc import AsyncGenerator, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .batches import Batch, Call, Result, Steps, Wait, head, rounds
from .errors import ArgumentError, Error
from .jobs import operation_of
from .journal import Journal, Memory
from .operation import Operation
from .retries import RetryPolicy, refused

if TYPE_CHECKING:
    from .client import AsyncClient, SyncClient

_TICK = 0.1
"""Seconds after which a Ctrl-C is heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paced(RetryPolicy):
    """The usual policy, but that the batch takes its turns itself: it notes what it sends right before."""

    stopping: threading.Event
    """Set when nothing more is to be waited for."""

    def paces(self, operation: Operation) -> bool:
        """None: what is refused is the batch's."""
        return False

    def delay(self, operation: Operation, failure: Error, attempt: int, elapsed: float) -> float | None:
        """As of the policy; None for a start that was refused."""
        return None if refused(operation, failure) else RetryPolicy.delay(self, operation, failure, attempt, elapsed)

    def reconnects(self, failure: Error, tries: int, since: float) -> float | None:
        """As of the policy, until the batch is stopped."""
        return None if self.stopping.is_set() else RetryPolicy.reconnects(self, failure, tries, since)


def planned(
    client: SyncClient | AsyncClient,
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


def mapped(client: SyncClient, batch: Batch, *, ordered: bool = False, cancel: bool = True) -> Iterator[Result]:
    """The result of each call of a batch, as it is there or in the order of the calls.

    cancel: where the caller takes no more of them, what runs is canceled. Raises what ends the whole batch.
    """
    client = client.with_options(retries=_Paced(stopping=batch.stopping, reconnect=client.retries.reconnect))
    order = _Order(ordered)
    threads: list[threading.Thread] = []
    yield from order.given(batch.resumed())
    try:
        _drive(client, batch, batch.begin())
        yield from order.given(_drive(client, batch, batch.settle()))
        for left in rounds(batch):
            yield from order.given(_round(client, batch, left, threads))
            yield from order.given(_drive(client, batch, batch.settle()))
        yield from order.rest()
    finally:
        # A call that is under way is waited for: only its answer tells what it has started.
        batch.stopping.set()
        for thread in threads:
            thread.join()
        if cancel and batch.job.cancel:
            for id_ in batch.unfinished():
                _quietly(client, batch, id_)
        batch.memory.close()


def _round(client: SyncClient, batch: Batch, left: list[int], threads: list[threading.Thread]) -> Iterator[Result]:
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[Result | BaseException | None] = queue.SimpleQueue()
    for line in left:
        waiting.put(line)

    def work() -> None:
        try:
            while not batch.enough:
                found = _drive(client, batch, batch.one(waiting.get_nowait()))
                if found is not None:
                    done.put(found)
        except queue.Empty:
            pass
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the caller
            done.put(error)
        finally:
            done.put(None)

    threads[:] = [threading.Thread(target=work, daemon=True) for _ in range(min(batch.concurrency, len(left)))]
    for thread in threads:
        thread.start()
    working = len(threads)
    while working:
        try:
            found = done.get(timeout=_TICK)
        except queue.Empty:
            continue
        if isinstance(found, BaseException):
            raise found
        if found is None:
            working -= 1
        else:
            yield found


def _drive(client: SyncClient, batch: Batch, steps: Steps) -> Any:
    """Does what the steps ask for, to their end."""
    try:
        step = next(steps)
        while True:
            try:
                found = None
                if isinstance(step, Wait):
                    batch.stopping.wait(step.seconds)
                else:
                    found = _called(client, step)
            except Error as error:
                step = steps.throw(error)
            else:
                step = steps.send(found)
    except StopIteration as end:
        return end.value


def _called(client: SyncClient, step: Call) -> Any:
    if step.cursor:
        return client.answer(step.operation, step.arguments, cursor=step.cursor).parse()
    return client.call(step.operation, step.arguments)


def _quietly(client: SyncClient, batch: Batch, id_: str) -> None:
    try:
        client.call(operation_of(batch.job.cancel), {batch.job.argument: id_})
    except Error:
        return  # it has ended, or the API does not answer: there is nobody left to tell


async def amapped(
    client: AsyncClient, batch: Batch, *, ordered: bool = False, cancel: bool = True
) -> AsyncGenerator[Result, None]:
    """As `mapped`, with an asynchronous client, on asyncio's loop."""
    client = client.with_options(retries=_Paced(stopping=batch.stopping, reconnect=client.retries.reconnect))
    order, stop = _Order(ordered), asyncio.Event()
    tasks: list[asyncio.Task[None]] = []
    for result in order.given(batch.resumed()):
        yield result
    try:
        await _adrive(client, stop, batch.begin())
        for result in order.given(await _adrive(client, stop, batch.settle())):
            yield result
        for left in rounds(batch):
            waiting, done = iter(left), asyncio.Queue[Result | None]()
            count = min(batch.concurrency, len(left))
            tasks = [asyncio.create_task(_work(client, batch, stop, waiting, done)) for _ in range(count)]
            while count:
                found = await done.get()
                count -= found is None
                for result in order.given([found] if found is not None else []):
                    yield result
            await asyncio.gather(*tasks)
            for result in order.given(await _adrive(client, stop, batch.settle())):
                yield result
        for result in order.rest():
            yield result
    finally:
        batch.stopping.set()
        stop.set()
        await asyncio.shield(_end(client, batch, tasks, cancel))


async def _end(client: AsyncClient, batch: Batch, tasks: list[asyncio.Task[None]], cancel: bool) -> None:
    """Waits for the calls that are under way, whose answers tell what they have started, and cancels what runs."""
    await asyncio.gather(*tasks, return_exceptions=True)
    if cancel and batch.job.cancel:
        await asyncio.gather(*(_aquietly(client, batch, id_) for id_ in batch.unfinished()))
    batch.memory.close()


async def _work(
    client: AsyncClient,
    batch: Batch,
    stop: asyncio.Event,
    waiting: Iterator[int],
    done: asyncio.Queue[Result | None],
) -> None:
    try:
        for line in waiting:
            if batch.enough:
                return
            found = await _adrive(client, stop, batch.one(line))
            if found is not None:
                done.put_nowait(found)
    finally:
        done.put_nowait(None)


async def _adrive(client: AsyncClient, stop: asyncio.Event, steps: Steps) -> Any:
    try:
        step = next(steps)
        while True:
            try:
                found = None
                if isinstance(step, Wait):
                    with suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), step.seconds)
                else:
                    found = await _acalled(client, step)
            except Error as error:
                step = steps.throw(error)
            else:
                step = steps.send(found)
    except StopIteration as end:
        return end.value


async def _acalled(client: AsyncClient, step: Call) -> Any:
    if step.cursor:
        return (await client.answer(step.operation, step.arguments, cursor=step.cursor)).parse()
    return await client.call(step.operation, step.arguments)


async def _aquietly(client: AsyncClient, batch: Batch, id_: str) -> None:
    try:
        await client.call(operation_of(batch.job.cancel), {batch.job.argument: id_})
    except Error:
        return


class _Order:
    """Results in the order of the calls, where that is wanted: what comes early waits for what stands before it."""

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._early: dict[int, Result] = {}
        self._next = 0

    def given(self, results: Iterable[Result]) -> Generator[Result, None, None]:
        """Those that may be told now."""
        for result in results:
            if not self._wanted:
                yield result
                continue
            self._early[result.index] = result
            while self._next in self._early:
                yield self._early.pop(self._next)
                self._next += 1

    def rest(self) -> Iterator[Result]:
        """What has waited for what never came."""
        return iter([self._early[index] for index in sorted(self._early)])
