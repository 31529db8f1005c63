"""Streams where one whole result is wanted: as much of one as its bounds allow, and whether there is more.

A stream may go on for ever, or be silent for a long time. So a thread reads it, and waiting for an item has a limit.
"""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from threading import Thread
from typing import Any

_END = object()
_AHEAD = 64
"""Items to read ahead."""


@dataclass(frozen=True, slots=True)
class Part:
    """How much of a stream is taken."""

    items: int = 100
    bytes: int = 200_000
    """Of its items as JSON."""
    seconds: float = 20.0


class Reader:
    """Reads a synchronous stream ahead of its consumer."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._queue: queue.Queue[Any] = queue.Queue(_AHEAD)
        self._closed = False
        self.problem = ""
        """What went wrong after the items that were taken."""
        Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            for item in self._stream:
                if not self._put((item, None)):
                    return
            self._put((_END, None))
        except BaseException as error:  # noqa: BLE001 - raised where the items are taken
            self._put((_END, error))

    def _put(self, entry: tuple[Any, BaseException | None]) -> bool:
        while not self._closed:
            try:
                self._queue.put(entry, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False

    def take(self, part: Part, *, ready: bool = False) -> tuple[list[Any], bool]:
        """The next items, and whether there may be more. Raises the stream's error once the items before it are taken.

        ready: wait for the first item only, and take the others that are there.
        """
        items: list[Any] = []
        until, room = time.monotonic() + part.seconds, part.bytes
        while len(items) < part.items and room > 0:
            left = until - time.monotonic()
            try:
                item, error = (
                    self._queue.get(timeout=max(left, 0)) if not (ready and items) else self._queue.get_nowait()
                )
            except queue.Empty:
                return items, True
            if error is not None:
                if not items:
                    raise error
                self._queue.put((_END, error))
                self.problem = str(error)
                return items, True
            if item is _END:
                return items, False
            items.append(item)
            room -= _size(item)
        return items, True

    def close(self) -> None:
        """Ends the stream, whatever it waits for."""
        self._closed = True
        self._stream.close()


def taken(stream: Any, part: Part | None = None) -> dict[str, Any]:
    """The beginning of a stream: its `items`, whether there is `more`, and the `problem` that ended it. Items that
    came before an error are kept: they may have been paid for."""
    reader = Reader(stream)
    try:
        items, more = reader.take(part or Part())
    finally:
        reader.close()
    return _page(items, more, reader.problem)


async def ataken(
    stream: Any, part: Part | None = None, on_item: Callable[[int], Awaitable[object]] | None = None
) -> dict[str, Any]:
    """As `taken`, of an asynchronous stream. on_item: called with the number of items so far."""
    import anyio

    from ..runtime.errors import Error

    items: list[Any] = []
    part = part or Part()
    more, room, problem = True, part.bytes, ""
    try:
        with anyio.move_on_after(part.seconds):
            while len(items) < part.items and room > 0:
                try:
                    items.append(await anext(stream))
                except StopAsyncIteration:
                    more = False
                    break
                except Error as error:
                    if not items:
                        raise
                    problem = str(error)
                    break
                room -= _size(items[-1])
                if on_item is not None:
                    await on_item(len(items))
    finally:
        with anyio.CancelScope(shield=True):
            await stream.close()
    return _page(items, more, problem)


def _page(items: list[Any], more: bool, problem: str) -> dict[str, Any]:
    return {"items": items, "more": more, **({"problem": problem} if problem else {})}


def _size(item: Any) -> int:
    return len(json.dumps(item, separators=(",", ":"), ensure_ascii=False))
