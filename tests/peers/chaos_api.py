"""The mock behind a line that fails as it is told to.

    python tests/peers/chaos_api.py SECONDS_OF_A_JOB RATE FAULT AFTER LASTS SEED

Prints its port, and serves until its stdin ends. The fault begins some seconds after the first call that starts a job:
`outage` closes the line and refuses connections, `cut` breaks some of the answers off, `storm` and `storm-untold` answer
every start with 429, with and without `Retry-After`; `none` does nothing. `GET /chaos` tells what was started, and when.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "generated/python"))

CUT = 0.1
"""The share of answers that are broken off."""


class Line:
    """What stands between the callers and the mock."""

    def __init__(self, mock: int, fault: str, after: float, seconds: float, seed: str) -> None:
        self.mock, self.fault, self.after, self.seconds = mock, fault, after, seconds
        self.chance = random.Random(seed)
        self.first = 0.0
        self.started: list[tuple[Any, str, float]] = []
        """The input, the id and the time of each job."""
        self.refusals = 0
        self.open: set[asyncio.StreamWriter] = set()
        self.server: asyncio.Server | None = None
        self.port = 0

    async def listen(self) -> None:
        self.server = await asyncio.start_server(self.speak, "127.0.0.1", self.port, backlog=256)
        self.port = self.server.sockets[0].getsockname()[1]

    @property
    def failing(self) -> bool:
        """Whether the fault is there now."""
        return bool(self.first) and self.after <= time.monotonic() - self.first < self.after + self.seconds

    async def begin(self) -> None:
        """The first job is started: the clock runs."""
        self.first = time.monotonic()
        if self.fault != "outage":
            return
        await asyncio.sleep(self.after)
        assert self.server is not None
        self.server.close()
        for writer in list(self.open):
            writer.transport.abort()
        await asyncio.sleep(self.seconds)
        await self.listen()

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(writer)
        try:
            while await self.answer(reader, writer):
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the caller has hung up, or was made to
        finally:
            self.open.discard(writer)
            writer.close()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answers one request; whether the connection goes on."""
        head = await reader.readuntil(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
        body = await reader.readexactly(int(fields.get(b"content-length", 0)))
        method, path = head.split(b" ", 2)[:2]
        if path == b"/chaos":
            writer.write(reply(200, {"first": self.first, "started": self.started, "refusals": self.refusals}))
            return True
        starts = method == b"POST" and path.endswith(b"/predictions")
        if starts and not self.first:
            self.first = time.monotonic()
            self.task = asyncio.create_task(self.begin())
        if starts and self.fault.startswith("storm") and self.failing:
            self.refusals += 1
            more = "" if self.fault.endswith("untold") else "Retry-After: 1\r\n"
            writer.write(reply(429, {"detail": "slow down"}, more))
            return True
        answer = await self.forwarded(head, body)
        if starts and b" 201 " in answer[:20]:
            made = json.loads(answer.partition(b"\r\n\r\n")[2])
            self.started.append((json.loads(body)["input"]["text"], made["id"], time.monotonic()))
        elif starts and b" 429 " in answer[:20]:
            self.refusals += 1
        if self.fault == "cut" and self.failing and self.chance.random() < CUT:
            writer.write(answer[: len(answer) - self.chance.randrange(1, len(answer))])
            return False
        writer.write(answer)
        return True

    async def forwarded(self, head: bytes, body: bytes) -> bytes:
        """The mock's answer, as bytes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.mock)
        try:
            writer.write(head + body)
            found = await reader.readuntil(b"\r\n\r\n")
            fields = dict(line.lower().split(b": ", 1) for line in found.split(b"\r\n")[1:-2])
            return found + await reader.readexactly(int(fields.get(b"content-length", 0)))
        finally:
            writer.close()


def reply(status: int, value: object, more: str = "") -> bytes:
    body = json.dumps(value).encode()
    head = f"HTTP/1.1 {status} S\r\n{more}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def main(seconds: float, rate: int, fault: str, after: float, lasts: float, seed: str) -> None:
    from replikit.mock.server import serve

    with serve(0, token="", seconds=seconds, rate=rate, page_size=100_000) as mock:
        line = Line(int(mock.base_url.split(":")[2].split("/")[0]), fault, after, lasts, seed)
        await line.listen()
        print(line.port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    job, rate, fault, after, lasts, seed = sys.argv[1:]
    asyncio.run(main(float(job), int(rate), fault, float(after), float(lasts), seed))
