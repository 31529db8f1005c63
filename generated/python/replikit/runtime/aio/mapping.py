"""Runs a batch with asyncio tasks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress

from ..batches import Batch, Result, rounds
from ..mapping import Order, paced
from .core import AsyncCore
from .driving import drive, quietly
from .primitives import Pause


async def mapped(
    client: AsyncCore, batch: Batch, *, ordered: bool = False, cancel: bool = True
) -> AsyncGenerator[Result]:
    """The result of each call of a batch, as it comes or in the order of the calls. Needs asyncio's event loop.

    cancel: cancel running jobs when the caller stops taking results. Raises what ends the whole batch.
    """
    client = client.with_options(retries=paced(client, batch))
    order, stop = Order(ordered), asyncio.Event()
    tasks: list[asyncio.Task[None]] = []

    async def pause(seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)

    for result in order.ready(batch.resumed()):
        yield result
    try:
        await drive(client, pause, batch.begin())
        for result in order.ready(await drive(client, pause, batch.settle())):
            yield result
        for left in rounds(batch):
            waiting, done = iter(left), asyncio.Queue[Result | None]()
            count = min(batch.concurrency, len(left))
            tasks = [asyncio.create_task(_work(client, batch, pause, waiting, done)) for _ in range(count)]
            while count:
                finished = await done.get()
                count -= finished is None
                for result in order.ready([finished] if finished is not None else []):
                    yield result
            await asyncio.gather(*tasks)
            for result in order.ready(await drive(client, pause, batch.settle())):
                yield result
        for result in order.rest():
            yield result
    finally:
        batch.stopping.set()
        stop.set()
        await asyncio.shield(_end(client, batch, tasks, cancel))


async def _end(client: AsyncCore, batch: Batch, tasks: list[asyncio.Task[None]], cancel: bool) -> None:
    """Waits for calls in flight, whose answers name the jobs that they started, and cancels running jobs."""
    await asyncio.gather(*tasks, return_exceptions=True)
    if cancel and batch.job.cancel:
        await asyncio.gather(*(quietly(client, batch, id_) for id_ in batch.unfinished()))
    batch.memory.close()


async def _work(
    client: AsyncCore,
    batch: Batch,
    pause: Pause,
    waiting: Iterator[int],
    done: asyncio.Queue[Result | None],
) -> None:
    try:
        for line in waiting:
            if batch.enough:
                return
            result = await drive(client, pause, batch.one(line))
            if result is not None:
                done.put_nowait(result)
    finally:
        done.put_nowait(None)
