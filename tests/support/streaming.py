"""Streams by their specifications, and servers that send them piece by piece."""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from misbehaving import Misbehaving, head

SSE = "text/event-stream"


LONG = 600.0
"""Seconds that an event is waited for which comes at once."""


# The examples of WHATWG HTML, 9.2.6 and 9.2.2, and each of its rules: bytes, and (type, data, id) of the events.
EVENTS: list[tuple[bytes, list[tuple[str, str, str]]]] = [
    (b"data: This is the first message.\n\ndata: This is the second message, it\ndata: has two lines.\n\ndata: This is the third message.\n\n",
     [("message", "This is the first message.", ""), ("message", "This is the second message, it\nhas two lines.", ""), ("message", "This is the third message.", "")]),
    (b"event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n",
     [("add", "73857293", ""), ("remove", "2153", ""), ("add", "113411", "")]),
    (b"data: YHOO\ndata: +2\ndata: 10\n\n", [("message", "YHOO\n+2\n10", "")]),
    # "The first block has just a comment, and will fire nothing. … The fourth: a space at its beginning is dropped once."
    (b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
     [("message", "first event", "1"), ("message", "second event", ""), ("message", " third event", "")]),
    # "Fires two events: both with the empty string, then one newline. The last block is discarded."
    (b"data\n\ndata\ndata\n\ndata:", [("message", "", ""), ("message", "\n", "")]),
    # "Fires two identical events."
    (b"data:test\n\ndata: test\n\n", [("message", "test", ""), ("message", "test", "")]),
    # One leading byte order mark is stripped; lines end with CR LF, LF or CR.
    (b"\xef\xbb\xbfdata: a\r\rdata: b\r\n\r\ndata: c\n\n", [("message", "a", ""), ("message", "b", ""), ("message", "c", "")]),
    # Bytes that are not UTF-8 become U+FFFD.
    (b"data: \xff\xc3\xa9\n\n", [("message", "\ufffdé", "")]),
    # An id with a NULL is ignored; fields of other names, in another case, or with a space before are none.
    (b"id: 1\ndata: a\n\nid: 2\0\ndata: b\n\nDATA: c\n data: d\nretry: soon\ndata: e\n\n",
     [("message", "a", "1"), ("message", "b", "1"), ("message", "e", "1")]),
    # A type without data fires nothing, and is not kept for the next one.
    (b"event: lone\n\ndata: x\n\n", [("message", "x", "")]),
    (b"data: whole\n\ndata: cut off\n", [("message", "whole", "")]),
]  # fmt: skip


RS = b"\x1e"


SEQUENCES: list[tuple[bytes, list[Any]]] = [
    (RS + b'{"n": 1}\n' + RS + b'{"n":\n 2}\n', [{"n": 1}, {"n": 2}]),
    # 2.1: separators in a row have nothing between them.
    (RS + RS + b'{"n": 1}\n' + RS, [{"n": 1}]),
    # 2.3: what is cut off or no JSON is passed over, and the next one is read.
    (RS + b'{"n": 1' + RS + b"no\n" + RS + b'{"n": 2}\n', [{"n": 2}]),
    # 2.4: a number at the end may be the beginning of another; an object cannot.
    (RS + b"12\n" + RS + b"34", [12]),
    (RS + b'{"n": 3}', [{"n": 3}]),
    (b"", []),
]


LINES: list[tuple[bytes, list[Any]]] = [
    (b'{"n": 1}\n{"n": 2}\n', [{"n": 1}, {"n": 2}]),
    (b'{"n": 1}\r\n\r\n  \n{"n": 2}', [{"n": 1}, {"n": 2}]),
    ('{"n": "\u2028é"}\n[1]\n'.encode(), [{"n": "\u2028é"}, [1]]),  # which ends a line elsewhere
    (b"", []),
]


CHUNKS = b'data: {"id": "1", "delta": {"content": "a"}}\n\n: still there\n\ndata: {"id": "2", "delta": {"content": null}}\n\ndata: [DONE]\n\ndata: {"id": "3"}\n\n'


def chunkings(body: bytes, number: int) -> Iterator[list[bytes]]:
    """The body whole, byte by byte, and cut at places that are the same on every run."""
    yield [body] if body else []
    yield [bytes([byte]) for byte in body]
    chance = random.Random(number)
    for _ in range(6):
        cuts = sorted(chance.sample(range(len(body) + 1), min(len(body), 4)))
        yield [piece for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True) if (piece := body[a:b])]


def sync(server: Misbehaving, work: Callable[[Any], Any], **options: Any) -> Any:
    import told_kit as told

    with told.Told("t", **{"base_url": server.base_url, "max_retries": 0, **options}) as client:
        return work(client)


def both(server: Misbehaving, name: str, **arguments: Any) -> tuple[list[Any], list[Any]]:
    """All items of a stream, by either client."""
    import told_kit as told

    async def collected() -> list[Any]:
        async with told.AsyncTold("t", base_url=server.base_url, max_retries=0) as client:
            return [item async for item in await getattr(client.things, name)(**arguments)]

    return sync(server, lambda client: list(getattr(client.things, name)(**arguments))), asyncio.run(collected())


class Held:
    """An endless answer: each piece is sent when the test says so, and what hangs up is noticed."""

    def __init__(self, *pieces: bytes, media: str = SSE) -> None:
        self.pieces = pieces
        self.media = media
        self.go = threading.Semaphore(0)
        self.left = threading.Event()
        """The client has hung up."""

    def __call__(self, _: str) -> Iterable[bytes]:
        try:
            yield head(Content_Type=self.media, Transfer_Encoding="chunked")
            for piece in self.pieces:
                if not self.go.acquire(timeout=LONG):
                    raise TimeoutError("the test has ended without a word")  # hangs up
                yield b"%x\r\n%s\r\n" % (len(piece), piece)
            until = time.monotonic() + LONG
            while time.monotonic() < until:  # what is sent to nobody fails as soon as that is known
                yield b"1\r\n\n\r\n"
                time.sleep(0.005)
        finally:
            self.left.set()


def cut(*pieces: bytes) -> Iterator[bytes]:
    """A stream whose connection breaks in the middle."""
    yield head(Content_Type=SSE, Transfer_Encoding="chunked")
    for piece in pieces:
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    raise ConnectionError


def environment(made: Path, server: Misbehaving) -> dict[str, str]:
    shown = {"PATH": os.environ["PATH"], "PYTHONPATH": str(made / "python"), "TOLD_KIT_CONFIG": os.devnull + ".none"}
    return {**shown, "TOLD_API_TOKEN": "t", "TOLD_BASE_URL": server.base_url}
