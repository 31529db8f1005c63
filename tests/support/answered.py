"""Calls of a client whose server answers whatever a test writes down, and answers that take their time."""

from __future__ import annotations

import itertools
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from conftest import Face, op
from misbehaving import PACE, Misbehaving, chunked, endless, head, slowly

MOST = 1000


def once(face: Face, bad: Misbehaving, answer: Iterable[bytes], operation: Any = None, **options: Any) -> Any:
    """The result of one call that is answered so, and not made again."""
    bad.answers["/things"] = lambda _: answer
    options = {"max_retries": 0, "base_url": bad.base_url, **options}
    return face.run(lambda client: client.call(operation or op(face.demo), {}), **options)


def coded(data: bytes, *codings: str) -> bytes:
    """The data with these codings done to it, one after the other."""
    for coding in codings:
        bits = {"gzip": 31, "deflate": 15, "raw": -15}[coding]
        packer = zlib.compressobj(9, zlib.DEFLATED, bits)
        data = packer.compress(data) + packer.flush()
    return data


ZEROS = bytes(20_000_000)


EMPTY_BLOCK = b"\0\0\0\xff\xff"
"""Of deflate: five bytes that become none."""


RAW_START = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


EVENTS = {"Content_Type": "text/event-stream"}


def collected(face: Face, bad: Misbehaving, work: Callable[[Any], Any], answer: Iterable[bytes], **options: Any) -> Any:
    """What `work(client)` iterates over, to its end."""
    bad.answers["/things"] = lambda _: answer

    async def all_of(client: Any) -> list[Any]:
        return [item async for item in work(client)]

    gather = all_of if face.asynchronous else lambda client: list(work(client))
    return face.run(gather, base_url=bad.base_url, **options)


def streamed(method: str, *arguments: Any) -> Callable[[Any], Any]:
    """A method of the answer that is read as it comes."""

    def work(client: Any) -> Any:
        if hasattr(client, "__aenter__"):

            async def found() -> Any:
                async with client.open("GET", "/things") as answer:
                    async for item in getattr(answer, method)(*arguments):
                        yield item

            return found()

        def plain() -> Any:
            with client.open("GET", "/things") as answer:
                yield from getattr(answer, method)(*arguments)

        return plain()

    return work


def quiet() -> Iterator[bytes]:
    """Sends nothing, for as long as anybody listens."""
    while True:
        time.sleep(PACE)
        yield b""


SLOW: dict[str, Callable[[], Iterable[bytes]]] = {
    "silence": quiet,
    "a head": lambda: slowly(itertools.chain([b"HTTP/1.1 200 OK\r\nA: "], endless(b"b"))),
    "interim answers": lambda: slowly(endless(head("103 Early Hints"))),
    "a body": lambda: itertools.chain([head(Content_Length=10**6)], slowly(endless(b" "))),
    "chunks": lambda: slowly(chunked(endless(b" "))),
    "a body without a length": lambda: itertools.chain([head()], slowly(endless(b" "))),
    "a failure": lambda: itertools.chain([head("500 No", Content_Length=10**6)], slowly(endless(b" "))),
    "what becomes nothing": lambda: itertools.chain(
        [head(Content_Encoding="gzip"), RAW_START], slowly(endless(EMPTY_BLOCK))
    ),
}
