"""Many callers at one server over HTTP, before an API that is slow and fails.

    python tests/bench/bench_mcp_callers.py [CALLERS] [CALLS] [WORKERS]      500, 20 and 2 unless told otherwise

Every caller has a token of its own, and sends its calls one after the other. The API answers with the name of the token's
owner: after 50 ms, every twentieth time after 500 ms, every twentieth time with 503, every twentieth time not at all.
Prints the median and the 99th percentile of a call, Jain's index of the callers' rates, the memory of the server's
processes, and how many answers were another caller's. Ends with 1 where one was, or where the index is below the goal.

Jain's index: (Σ x)² / (n · Σ x²) of the rates x of n callers (RFC 5166, section 2.3); 1 where all are served alike.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import httpx2

sys.path[:0] = [str(Path(__file__).parents[1] / "support"), str(Path(__file__).parents[2])]

from mcp_harness import API, served

GOAL = 0.9
LONGEST = 600.0
UPSTREAM = """
import asyncio, itertools, json

count = itertools.count(1)

async def answer(reader, writer):
    try:
        while head := await reader.readuntil(b"\\r\\n\\r\\n"):
            number = next(count)
            token = head.partition(b"Bearer ")[2].partition(b"\\r")[0].decode()
            if number % 20 == 7:
                break
            await asyncio.sleep(0.5 if number % 20 == 3 else 0.05)
            status = b"503 Service Unavailable" if number % 20 == 11 else b"200 OK"
            body = json.dumps({"type": "user", "username": f"owner of {token[::-1]}"}).encode()
            length = str(len(body)).encode()
            head = b"HTTP/1.1 " + status + b"\\r\\nContent-Type: application/json\\r\\nContent-Length: " + length
            writer.write(head + b"\\r\\n\\r\\n" + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()

async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""
HEADERS = {
    "accept": "application/json, text/event-stream",
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": "replicate_get_account",
}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


@contextmanager
def upstream() -> Iterator[str]:
    """The API, in a process of its own."""
    with Popen([sys.executable, "-c", UPSTREAM], stdout=PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
        finally:
            process.kill()


def memory(pid: int) -> int:
    """The bytes that a process and those that it started hold."""
    held = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            told = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if pid in (int(told["Pid"]), int(told["PPid"])):
            held += int(told.get("VmRSS", "0 kB").split()[0]) * 1024
    return held


async def caller(url: str, number: int, calls: int, tally: Counter[str], times: list[float]) -> float:
    """Makes its calls; gives how many it made in a second."""
    token = f"r8_caller_{number:06}"
    call = {"name": "replicate_get_account", "arguments": {}, "_meta": META}
    began = time.monotonic()
    async with httpx2.AsyncClient(headers={**HEADERS, "authorization": f"Bearer {token}"}, timeout=LONGEST) as http:
        for each in range(calls):
            sent = time.monotonic()
            answer = await http.post(url, json={"jsonrpc": "2.0", "id": each, "method": "tools/call", "params": call})
            times.append(time.monotonic() - sent)
            tally[outcome(answer, token)] += 1
    return calls / (time.monotonic() - began)


def outcome(answer: httpx2.Response, token: str) -> str:
    if answer.status_code != 200:
        return f"status {answer.status_code}"
    text = answer.text
    if "data:" in text:
        text = next(line.removeprefix("data:") for line in text.splitlines() if line.startswith("data:"))
    found: dict[str, Any] = json.loads(text)["result"]["structuredContent"]
    if "error" in found:
        return str(found["error"]["type"])
    return "right" if found["username"] == f"owner of {token[::-1]}" else "another's"


async def measured(url: str, callers: int, calls: int) -> tuple[list[float], list[float], Counter[str]]:
    tally, times = Counter[str](), list[float]()
    rates = await asyncio.gather(*(caller(url, number, calls, tally, times) for number in range(callers)))
    return list(rates), times, tally


def main(callers: int, calls: int, workers: int) -> int:
    with upstream() as api, served({API.base_url_env: api}, "--auth=caller", f"--workers={workers}") as (url, server):
        before = memory(server.pid)
        began = time.monotonic()
        rates, times, tally = asyncio.run(measured(url, callers, calls))
        seconds, after = time.monotonic() - began, memory(server.pid)
    jain = sum(rates) ** 2 / (len(rates) * sum(rate**2 for rate in rates))
    print(f"{callers} callers × {calls} calls, {workers} workers, {os.cpu_count()} cores: {seconds:.1f} s")
    print(f"a call: median {statistics.median(times):.2f} s, p99 {statistics.quantiles(times, n=100)[98]:.2f} s")
    print(f"Jain's index of the callers' rates: {jain:.3f}")
    print(f"memory: {before / 2**20:.0f} MB before, {after / 2**20:.0f} MB after")
    print("answers: " + ", ".join(f"{count:,} {name}" for name, count in tally.most_common()))
    return int(tally["another's"] > 0 or jain < GOAL)


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in (*sys.argv[1:], *("500", "20", "2")[len(sys.argv) - 1 :]))))
