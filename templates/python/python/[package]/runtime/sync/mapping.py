"""A batch driven by threads."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator

from ..batches import Batch, Result, rounds
from ..mapping import Order, paced
from .core import Core
from .driving import drive, quietly

_TICK = 0.1
"""Seconds after which a Ctrl-C is heard."""


def mapped(client: Core, batch: Batch, *, ordered: bool = False, cancel: bool = True) -> Generator[Result]:
    """The result of each call of a batch, as it is there or in the order of the calls.

    cancel: where the caller takes no more of them, what runs is canceled. Raises what ends the whole batch.
    """
    client = client.with_options(retries=paced(client, batch))
    order = Order(ordered)
    threads: list[threading.Thread] = []
    yield from order.ready(batch.resumed())
    try:
        drive(client, batch.stopping.wait, batch.begin())
        yield from order.ready(drive(client, batch.stopping.wait, batch.settle()))
        for left in rounds(batch):
            yield from order.ready(_round(client, batch, left, threads))
            yield from order.ready(drive(client, batch.stopping.wait, batch.settle()))
        yield from order.rest()
    finally:
        # A call that is under way is waited for: only its answer tells what it has started.
        batch.stopping.set()
        for thread in threads:
            thread.join()
        if cancel and batch.job.cancel:
            for id_ in batch.unfinished():
                quietly(client, batch, id_)
        batch.memory.close()


def _round(client: Core, batch: Batch, left: list[int], threads: list[threading.Thread]) -> Iterator[Result]:
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[Result | BaseException | None] = queue.SimpleQueue()
    for line in left:
        waiting.put(line)

    def work() -> None:
        try:
            while not batch.enough:
                result = drive(client, batch.stopping.wait, batch.one(waiting.get_nowait()))
                if result is not None:
                    done.put(result)
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
            finished = done.get(timeout=_TICK)
        except queue.Empty:
            continue
        if isinstance(finished, BaseException):
            raise finished
        if finished is None:
            working -= 1
        else:
            yield finished
