"""A server that answers most requests and fails, stalls, cuts the line or floods at others: always the same ones.

    python tests/runtime/moody.py SEED

Prints its port, and serves until its stdin ends. `/v1/calls/N` has a mood for each of its first three tries and is well
behaved after them; `/stats` tells how often each write was carried out and how many connections are open.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys

MOODS = {
    "well": 880, "slow down": 30, "fail": 30, "unavailable": 20, "silent": 1, "hang up": 14, "half a head": 5,
    "half a body": 10, "flood": 5, "drizzle": 5,
}  # fmt: skip
FLOOD = b"x" * 500_000


class Moody:
    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.tries: dict[str, int] = {}
        self.carried_out: dict[str, int] = {}
        self.open = 0

    def mood(self, name: str) -> str:
        attempt = self.tries[name] = self.tries.get(name, 0) + 1
        if attempt > 3:
            return "well"
        chance = random.Random(f"{self.seed} {name} {attempt}")
        return chance.choices(list(MOODS), list(MOODS.values()))[0]

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            while await self.answer(reader, writer):
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has hung up
        finally:
            self.open -= 1
            writer.close()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answers one request; whether the connection goes on."""
        head = await reader.readuntil(b"\r\n\r\n")
        request, *fields = head.decode().split("\r\n")
        lengths = [int(line.split(":")[1]) for line in fields if line.lower().startswith("content-length:")]
        body = await reader.readexactly(lengths[0] if lengths else 0)
        method, path, _ = request.split(" ")
        if path == "/stats":
            writer.write(self.reply(200, {"carried_out": self.carried_out, "open": self.open}))
            return True
        name = path.rpartition("/")[2]
        mood = self.mood(f"{method} {name}")
        if mood == "slow down":
            writer.write(self.reply(429, {"detail": mood}, "Retry-After: 0\r\n"))
            return True
        if method == "POST":
            assert json.loads(body) == {"name": name}
            self.carried_out[name] = self.carried_out.get(name, 0) + 1
        good = self.reply(200, {"name": name, "pad": "y" * 100})
        if mood in ("fail", "unavailable"):
            writer.write(self.reply(500 if mood == "fail" else 503, {"detail": mood}))
        elif mood == "silent":
            await asyncio.sleep(30)
        elif mood == "half a head":
            writer.write(good[:20])
        elif mood == "half a body":
            writer.write(good[:-50])
        elif mood == "flood":
            writer.write(self.reply(200, {"name": name, "pad": FLOOD.decode()}))
        elif mood == "drizzle":
            for start in range(0, len(good), 20):
                writer.write(good[start : start + 20])
                await asyncio.sleep(0.001)
        elif mood == "well":
            writer.write(good)
        return mood not in ("silent", "hang up", "half a head", "half a body")

    @staticmethod
    def reply(status: int, value: object, more: str = "") -> bytes:
        body = json.dumps(value).encode()
        head = f"HTTP/1.1 {status} S\r\n{more}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body


async def main() -> None:
    moody = Moody(sys.argv[1])
    server = await asyncio.start_server(moody.speak, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
