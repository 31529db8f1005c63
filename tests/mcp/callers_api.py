"""An API whose answers tell whose token asked for them, and half of which go wrong: always the same ones.

What becomes of a request is drawn from a seed, its token and its text, not from the order of arrival. Slow ones are
held until enough others have come, so that answers overtake each other; nothing waits for a fixed time.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import socket
import struct
import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager

MOODS = {"well": 50, "refuse": 10, "fail late": 10, "hang up": 10, "reset": 10, "cut": 10}
MADE = {"well", "fail late", "reset", "cut"}
"""Moods in which the prediction is made before anything goes wrong, and is billed."""
_HELD = 8


def identity(token: str, text: str) -> str:
    """The id of the prediction that a token and a text make."""
    return hashlib.sha256(f"{token} {text}".encode()).hexdigest()[:26]


class CallersApi:
    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.base_url = ""
        self.made = Counter[str]()
        """How often each prediction was made, by its id."""
        self._held: deque[asyncio.Event] = deque()
        self._hold = True
        self._loop = asyncio.new_event_loop()

    def mood(self, token: str, text: str) -> str:
        """What becomes of a request."""
        return random.Random(f"{self.seed} {token} {text}").choices(list(MOODS), list(MOODS.values()))[0]

    def let_go(self) -> None:
        """From now on nothing is held."""

        def free() -> None:
            self._hold = False
            while self._held:
                self._held.popleft().set()

        self._loop.call_soon_threadsafe(free)

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._answer(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        asked = json.loads(await reader.readexactly(int(headers["content-length"])))
        token, text = headers["authorization"].removeprefix("bearer "), asked["input"]["text"]
        mood = self.mood(token, text)
        if random.Random(f"{token} slow {text}").random() < 0.5:
            await self._wait()
        if mood in MADE:
            self.made[identity(token, text)] += 1
        if mood == "hang up":
            return False
        if mood == "reset":
            line: socket.socket = writer.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        failed = mood in ("refuse", "fail late")
        answer = {"detail": f"no place for {token}"} if failed else self._prediction(token, text)
        body = json.dumps(answer).encode()
        status = "500 Internal Server Error" if failed else "201 Created"
        length = f"content-type: application/json\r\ncontent-length: {len(body)}"
        writer.write(f"HTTP/1.1 {status}\r\nset-cookie: owner={token}\r\n{length}\r\n\r\n".encode())
        writer.write(body[: len(body) // 2] if mood == "cut" else body)
        await writer.drain()
        return mood != "cut"

    def _prediction(self, token: str, text: str) -> dict[str, object]:
        return {
            "id": identity(token, text),
            "model": "replicate/hello-world",
            "version": "1",
            "input": {"text": text},
            "logs": f"asked with {token}",
            "status": "starting",
            "created_at": "2026-01-01T00:00:00Z",
            "urls": {},
        }

    async def _wait(self) -> None:
        if not self._hold:
            return
        mine = asyncio.Event()
        self._held.append(mine)
        if len(self._held) > _HELD:
            self._held.popleft().set()
        await mine.wait()

    def _run(self, ready: threading.Event) -> None:
        async def serve() -> None:
            server = await asyncio.start_server(self.speak, "127.0.0.1", 0, backlog=512)
            self.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            ready.set()
            await self._end.wait()
            server.close()

        self._end = asyncio.Event()
        self._loop.run_until_complete(serve())
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    @contextmanager
    def serving(self) -> Iterator[None]:
        ready = threading.Event()
        thread = threading.Thread(target=self._run, args=(ready,))
        thread.start()
        assert ready.wait(1800)
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._end.set)
            thread.join()
