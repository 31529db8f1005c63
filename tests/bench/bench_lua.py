"""Code mode measured: how soon a script calls, what a call costs, what a process holds, and what a job of many calls costs
a model, as tools one by one and as one script.

    python tests/bench/bench_lua.py [ROUNDS]

Everything talks to one server on the loopback. The rounds are interleaved, medians are shown.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

GENERATED = Path(__file__).parents[2] / "generated/python"
sys.path.insert(0, str(GENERATED))

from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from replikit import Replicate, functions, lua

CALLS = 40
STEPS = 20
EXAMPLE = functions.find("get_prediction").examples[0]["result"]
CHAIN = f"""
local id = "p0"
for step = 1, {STEPS} do
  id = replicate.get_prediction{{prediction_id = id}}.input.next
end
return id
"""


class Chain(BaseHTTPRequestHandler):
    """Predictions that each name the next one."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # one packet an answer
    asked_at = 0.0

    def do_GET(self) -> None:
        type(self).asked_at = time.perf_counter()
        number = int(self.path.rpartition("p")[2] or 0) if "/predictions/" in self.path else 0
        content = json.dumps({**EXAMPLE, "id": f"p{number}", "input": {"next": f"p{number + 1}"}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def served() -> Iterator[str]:
    """The server, on a free port; its base URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Chain) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()


def to_first_call(run: Callable[[str], dict[str, Any]]) -> float:
    """Milliseconds from handing over a script until its first request arrives."""
    started = time.perf_counter()
    envelope = run("replicate.get_prediction{prediction_id = 'p1'}")
    assert envelope["success"], envelope
    return (Chain.asked_at - started) * 1000


def starts(client: Replicate, rounds: int) -> dict[str, float]:
    """To the first call: in a process that was ready, and in one that has to be started."""
    found: dict[str, list[float]] = {"ready": [], "cold": []}
    with lua.Sandbox() as sandbox:
        for _ in range(rounds):
            time.sleep(0.1)  # the next process is ready again
            found["ready"].append(to_first_call(lambda code: sandbox.run(code, client=client)))
            found["cold"].append(to_first_call(lambda code: lua.run(code, client=client)))
    return {name: statistics.median(times) for name, times in found.items()}


def a_call(client: Replicate, rounds: int) -> dict[str, float]:
    """Microseconds of one call: by the client, by the functions layer, by a script."""
    limits = lua.Limits(calls=10_000)
    script = f"local c, f = os.clock(), replicate.get_prediction for i = 1, {CALLS} do f{{prediction_id = 'p1'}} end"
    ways: dict[str, Callable[[], Any]] = {
        "client": lambda: [client.predictions.get(prediction_id="p1").to_dict() for _ in range(CALLS)],
        "functions": lambda: [functions.call(client, "get_prediction", {"prediction_id": "p1"}) for _ in range(CALLS)],
    }
    found: dict[str, list[float]] = {name: [] for name in (*ways, "script")}
    with lua.Sandbox(ready=0) as sandbox:
        session = sandbox.session(client=client, limits=limits)
        session.execute("return 1")
        for _ in range(5 * rounds):  # short turns: what else the machine does falls on all alike
            for name, way in ways.items():
                started = time.perf_counter()
                way()
                found[name].append((time.perf_counter() - started) / CALLS * 1e6)
            started = time.perf_counter()
            envelope = session.execute(script)
            assert envelope["success"], envelope
            found["script"].append((time.perf_counter() - started) / CALLS * 1e6)
        session.close()
    return {name: statistics.median(times) for name, times in found.items()}


def memory(client: Replicate) -> tuple[float, float]:
    """MB (proportional set size) of a process that waits, and of one that has run a script."""
    with lua.Sandbox() as sandbox:
        time.sleep(0.5)
        waiting = _held(sandbox._children[0].pid)
        session = sandbox.session(client=client)
        session.execute("return 1")
        running = _held(session._child.pid)
        session.close()
    return waiting, running


def _held(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return float("nan")
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


async def by_tools(client: Client) -> tuple[int, float]:
    """The job as tools: bytes that pass through a model (arguments and results), and seconds."""
    passed, number = 0, "p0"
    started = time.perf_counter()
    for _ in range(STEPS):
        arguments = {"prediction_id": number}
        answer = await client.call_tool("replicate_get_prediction", arguments)
        text = answer.content[0].text  # type: ignore[union-attr]
        passed += len(json.dumps(arguments)) + len(text.encode())
        number = json.loads(text)["input"]["next"]
    assert number == f"p{STEPS}"
    return passed, time.perf_counter() - started


async def by_script(client: Client) -> tuple[int, float]:
    """The same job as one script."""
    started = time.perf_counter()
    answer = await client.call_tool("execute_lua", {"code": CHAIN})
    took = time.perf_counter() - started
    text = answer.content[0].text  # type: ignore[union-attr]
    assert json.loads(text)["result"] == f"p{STEPS}", text
    return len(json.dumps({"code": CHAIN})) + len(text.encode()), took


async def a_job(base_url: str, rounds: int) -> dict[str, tuple[int, float, int]]:
    """Of both ways: bytes through a model, seconds, and the bytes of the list of tools that comes before."""
    environment = {"PYTHONPATH": str(GENERATED), "REPLICATE_API_TOKEN": "t", "REPLICATE_BASE_URL": base_url}
    start = ["-m", "replikit", "mcp", "serve", "--mode"]

    def server(mode: str) -> StdioServerParameters:
        return StdioServerParameters(command=sys.executable, args=[*start, mode], env=environment)

    found: dict[str, list[tuple[int, float]]] = {"tools": [], "script": []}
    listed = {}
    async with Client(server("tools")) as tools, Client(server("code")) as code:
        for name, client in (("tools", tools), ("script", code)):
            listed[name] = len((await client.list_tools()).model_dump_json(by_alias=True, exclude_none=True))
        for number in range(rounds + 1):
            each = {"tools": await by_tools(tools), "script": await by_script(code)}
            for name, outcome in each.items():
                if number:  # the first round imports, connects and starts the first process
                    found[name].append(outcome)
    middle = statistics.median
    return {name: (each[0][0], middle(took for _, took in each), listed[name]) for name, each in found.items()}


def main() -> int:
    """Prints the tables."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with served() as base_url, Replicate("t", base_url=base_url) as client:
        client.predictions.get(prediction_id="p1")
        print(f"Lua code mode, medians of {rounds} interleaved rounds, server on the loopback\n")
        for name, took in starts(client, rounds).items():
            print(f"script to its first request, process {name:12} {took:8.1f} ms")
        calls = a_call(client, rounds)
        for name, took in calls.items():
            print(f"one call by the {name:24} {took:10.0f} µs   {took / calls['client']:.2f} x")
        waiting, running = memory(client)
        print(f"a process that waits {waiting:24.1f} MB   that has run a script {running:.1f} MB\n")
        print(f"{STEPS} dependent calls over MCP {'through the model':>18} {'wall':>9} {'list of tools':>17}")
        for name, (passed, seconds, listed) in asyncio.run(a_job(base_url, rounds)).items():
            print(
                f"{'one by one' if name == 'tools' else 'one script':26} {passed:14,} B {seconds * 1000:8.1f} ms {listed:13,} B"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
