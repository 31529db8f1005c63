"""Many callers at one server over HTTP, before an API that is slow and fails: one API's server, a gateway, a bare one.

    python tests/bench/bench_mcp_callers.py [CALLERS] [CALLS] [WORKERS] [SERVER ...]

500 callers, 20 calls and 2 workers unless told otherwise; SERVER is `one`, `gateway` or `bare`, or several, `one` and
`gateway` unless told otherwise. `bare` is the SDK with a tool that asks the API and nothing else, in one process.

Every caller has a token of its own, and sends its calls one after the other over one connection, by a client that does
no more than it must: the machine's time is the server's. The API answers with the name of the token's owner: after 50
ms, every twentieth time after 500 ms, every twentieth time with 503, every twentieth time not at all, in an order that is
drawn from a seed. Prints the median and the 99th percentile of a call, Jain's index of the callers' rates, the CPU time of a call, the memory of the server's processes, and how many answers were
another caller's. Ends with 1 where one was, where a call was never answered, or where the index is below the goal.

Jain's index: (Σ x)² / (n · Σ x²) of the rates x of n callers (RFC 5166, section 2.3); 1 where all are served alike.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any
from urllib.parse import urlsplit

sys.path[:0] = [str(Path(__file__).parents[1] / "support"), str(Path(__file__).parents[2])]

from mcp_harness import API, served

GOAL = 0.9
LONGEST = 600.0
UPSTREAM = """
import asyncio, json, random

draw = random.Random(20)

async def answer(reader, writer):
    try:
        while head := await reader.readuntil(b"\\r\\n\\r\\n"):
            number = draw.randrange(20)
            token = head.partition(b"Bearer ")[2].partition(b"\\r")[0].decode()
            if number == 7:
                break
            await asyncio.sleep(0.5 if number == 3 else 0.05)
            status = b"503 Service Unavailable" if number == 11 else b"200 OK"
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
BARE = """
import contextlib, os, socket
import httpx2, mcp_types as types, uvicorn
from mcp.server.lowlevel import Server

listed = [types.Tool(name="replicate_get_account", input_schema={"type": "object"})]

async def tools(context, params):
    return types.ListToolsResult(tools=listed)

async def call(context, params):
    headers = {"authorization": context.request.headers["authorization"]}
    try:
        found = (await http.get(os.environ["BARE_API"] + "/account", headers=headers)).json()
    except httpx2.TransportError:
        found = {"error": {"type": "network"}}
    return types.CallToolResult(content=[], structured_content=found)

@contextlib.asynccontextmanager
async def lifespan(server):
    global http
    async with httpx2.AsyncClient(limits=httpx2.Limits(max_connections=None)) as http:
        yield None

app = Server("bare", lifespan=lifespan, on_list_tools=tools, on_call_tool=call).streamable_http_app(stateless_http=True)
listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
print(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp", flush=True)
uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="error")).run(sockets=[listener])
"""
REVISION = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": REVISION,
    "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "one": ("replicate_get_account", {}),
    "bare": ("replicate_get_account", {}),
    "gateway": ("call_read", {"function": "replicate.get_account"}),
}


@contextmanager
def upstream() -> Iterator[str]:
    """The API, in a process of its own."""
    with started(["-c", UPSTREAM]) as (line, _):
        yield f"http://127.0.0.1:{line}/v1"


@contextmanager
def started(words: list[str], **environment: str) -> Iterator[tuple[str, Popen[str]]]:
    """A Python of its own, and the first line that it prints."""
    with Popen([sys.executable, *words], stdout=PIPE, text=True, env={**os.environ, **environment}) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


@contextmanager
def serving(kind: str, api: str, workers: int) -> Iterator[tuple[str, Popen[Any]]]:
    """The server of a kind, and its URL."""
    if kind == "bare":
        with started(["-c", BARE], BARE_API=api) as found:
            yield found
        return
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "gateway.json"
        config.write_text("{}")
        flags = ["--mode=meta", f"--config={config}"] if kind == "gateway" else []
        with served({API.base_url_env: api}, "--auth=caller", f"--workers={workers}", *flags) as found:
            yield found


def family(pid: int) -> list[dict[str, str]]:
    """What the system says of a process and of all that it started."""
    known: dict[str, dict[str, str]] = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            told = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        known[told["Pid"].strip()] = told
    of = {str(pid)}
    while more := {name for name, told in known.items() if told["PPid"].strip() in of} - of:
        of |= more
    return [known[name] for name in of if name in known]


def memory(pid: int) -> int:
    """The bytes that a process and all that it started hold."""
    return sum(int(told.get("VmRSS", "0 kB").split()[0]) * 1024 for told in family(pid))


def cpu(pid: int) -> float:
    """The seconds that they have computed."""
    ticks = 0
    for told in family(pid):
        with suppress(OSError):
            fields = Path(f"/proc/{told['Pid'].strip()}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Connection:
    """One connection that is kept: a request and its answer, by hand."""

    def __init__(self, url: str, head: str) -> None:
        parts = urlsplit(url)
        self._place = parts.hostname or "", parts.port or 0
        self._head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{head}"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, body: bytes) -> tuple[int, str]:
        """The status and the body of the answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._place)
        reader, writer = self._streams
        writer.write(f"{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = head.partition("content-length: ")[2].partition("\r")[0]
        found = await reader.readexactly(int(length)) if length else b""
        while "transfer-encoding: chunked" in head:
            size = int(await reader.readline(), 16)
            found += (await reader.readexactly(size + 2))[:-2]
            if not size:
                break
        if "connection: close" in head:
            self.close()
        return int(head.split()[1]), found.decode()

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


async def caller(
    kind: str, url: str, number: int, calls: int, tally: Counter[str], times: list[float], seconds: float
) -> float:
    """Makes its calls; gives how many it made in a second."""
    token, (tool, arguments) = f"r8_caller_{number:06}", CALLS[kind]
    head = {
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
        "Mcp-Protocol-Version": REVISION,
        "Mcp-Method": "tools/call",
        "Mcp-Name": tool,
        "Authorization": f"Bearer {token}",
    }
    connection = Connection(url, "".join(f"{name}: {text}\r\n" for name, text in head.items()))
    params = {"name": tool, "arguments": arguments, "_meta": META}
    began = time.monotonic()
    for each in range(calls):
        sent = time.monotonic()
        body = json.dumps({"jsonrpc": "2.0", "id": each, "method": "tools/call", "params": params}).encode()
        try:
            async with asyncio.timeout(seconds):
                status, text = await connection.post(body)
            tally[outcome(status, text, token)] += 1
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            connection.close()
            tally[f"unanswered: {type(error).__name__}"] += 1
        times.append(time.monotonic() - sent)
    connection.close()
    return calls / (time.monotonic() - began)


def outcome(status: int, text: str, token: str) -> str:
    if status != 200:
        return f"status {status}"
    if "data:" in text:
        text = next(line.removeprefix("data:") for line in text.splitlines() if line.startswith("data: {"))
    found: dict[str, Any] = json.loads(text)["result"]["structuredContent"]
    if "error" in found:
        return str(found["error"]["type"])
    if "username" not in found:
        return "another's"
    return "right" if found["username"] == f"owner of {token[::-1]}" else "another's"


async def measured(kind: str, url: str, callers: int, calls: int) -> tuple[list[float], list[float], Counter[str]]:
    tally, times = Counter[str](), list[float]()

    async def progress() -> None:
        while True:
            await asyncio.sleep(10)
            print(f"{kind}: {len(times):,} of {callers * calls:,}", file=sys.stderr, flush=True)

    telling = asyncio.create_task(progress())
    made = (caller(kind, url, number, calls, tally, times, LONGEST) for number in range(callers))
    rates = await asyncio.gather(*made)
    telling.cancel()
    return list(rates), times, tally


def shown(kind: str, callers: int, calls: int, workers: int) -> bool:
    """Whether a server of this kind serves all, and each its own."""
    with upstream() as api, serving(kind, api, workers) as (url, server):
        # A worker that has not yet answered is about to start, which is nobody's call.
        asyncio.run(measured(kind, url, 8 * workers, 1))
        before, computed = memory(server.pid), cpu(server.pid)
        began = time.monotonic()
        rates, times, tally = asyncio.run(measured(kind, url, callers, calls))
        seconds, after, computed = time.monotonic() - began, memory(server.pid), cpu(server.pid) - computed
    jain = sum(rates) ** 2 / (len(rates) * sum(rate**2 for rate in rates))
    print(f"{kind}: {callers} callers × {calls} calls, {1 if kind == 'bare' else workers} workers, ", end="")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}: {seconds:.1f} s")
    print(f"  a call: median {statistics.median(times):.2f} s, p99 {statistics.quantiles(times, n=100)[98]:.2f} s")
    print(f"  CPU of a call: {computed / len(times) * 1000:.1f} ms")
    print(f"  Jain's index of the callers' rates: {jain:.3f}")
    print(f"  memory: {before / 2**20:.0f} MB before, {after / 2**20:.0f} MB after")
    print("  answers: " + ", ".join(f"{count:,} {name}" for name, count in tally.most_common()), flush=True)
    lost = sum(count for name, count in tally.items() if name.startswith("unanswered"))
    return not (tally["another's"] or lost or jain < GOAL)


def main(words: list[str]) -> int:
    numbers = [int(word) for word in words if word.isdigit()]
    kinds = [word for word in words if not word.isdigit()] or ["one", "gateway"]
    callers, calls, workers = (*numbers, *(500, 20, 2)[len(numbers) :])
    fine = [shown(kind, callers, calls, workers) for kind in kinds]
    return int(not all(fine))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
