"""Our MCP server beside a bare one on the same SDK, Replicate's own from npm, and FastMCP's `from_openapi`.

    python tests/bench/bench_mcp.py FASTMCP_PYTHON [ROUNDS]      FASTMCP_PYTHON: the interpreter of a venv with fastmcp

For each: bytes of `tools/list`, seconds from the spawn of the process to that list, milliseconds of a call that reads
the account, and the MB that the process holds after it. All over stdio in the handshake era, with one small client;
rounds are interleaved and medians shown. What is not installed is left out of the table.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from mcp_harness import API, ROOT, command, environment, mocked

GOAL = 1.1
"""How much longer than the bare server ours may take to start."""
CALLS = 30
NPM = ROOT / "tests/npm/node_modules"
BARE = """
import anyio
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
import mcp_types as types

async def tools(context, params):
    return types.ListToolsResult(tools=[types.Tool(name="get_account", input_schema={"type": "object"})])

async def call(context, params):
    return types.CallToolResult(content=[types.TextContent(type="text", text="{}")])

async def main():
    server = Server("bare", on_list_tools=tools, on_call_tool=call)
    async with stdio_server() as streams:
        await server.run(*streams, server.create_initialization_options())

anyio.run(main)
"""
FASTMCP = """
import json, os, sys
import httpx2 as httpx
from fastmcp import FastMCP

client = httpx.AsyncClient(
    base_url=os.environ["REPLICATE_BASE_URL"],
    headers={"Authorization": "Bearer " + os.environ["REPLICATE_API_TOKEN"]},
)
FastMCP.from_openapi(json.load(open(sys.argv[1])), client, name="peer").run(show_banner=False, log_level="ERROR")
"""


@dataclass
class Server:
    """One server and what was measured of it."""

    name: str
    start: list[str]
    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)
    size: int = 0
    tools: int = 0
    spawn: list[float] = field(default_factory=list)
    call: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def servers(fastmcp: Path, scratch: Path) -> list[Server]:
    """Those that are installed."""
    (scratch / "bare.py").write_text(BARE)
    (scratch / "fastmcp_peer.py").write_text(FASTMCP)
    (scratch / "openapi.json").write_text(json.dumps(yaml.safe_load((ROOT / "spec/openapi.yaml").read_text("utf-8"))))
    account = f"{API.name}_get_account"
    call = {"function": account}
    found = [
        Server("bare server, same SDK", [sys.executable, str(scratch / "bare.py")], "get_account"),
        Server("ours, read only", command(), account),
        Server("ours, all tools", command("--write=allow"), account),
        Server("ours, --mode meta", command("--write=allow", "--mode=meta"), "call_read", call),
        Server("ours, --mode code", command("--write=allow", "--mode=code"), "call_read", call),
    ]
    peer = NPM / "replicate-mcp/index.js"
    if peer.is_file():
        found.append(Server("replicate-mcp 0.9.0", ["node", str(peer)], "get_account"))
        found.append(Server("replicate-mcp, dynamic", ["node", str(peer), "--tools=dynamic"], ""))
    if fastmcp.is_file():
        start = [str(fastmcp), str(scratch / "fastmcp_peer.py"), str(scratch / "openapi.json")]
        found.append(Server("FastMCP from_openapi", start, "account_get"))
    return found


def measure(server: Server, env: dict[str, str]) -> None:
    """One round."""
    started = time.perf_counter()
    with subprocess.Popen(
        server.start, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:

        def ask(number: int, method: str, params: Any) -> Any:
            assert process.stdin is not None and process.stdout is not None
            message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            process.stdin.write(json.dumps(message).encode() + b"\n")
            process.stdin.flush()
            for line in process.stdout:
                answer = json.loads(line)
                if answer.get("id") == number:
                    return answer
            sys.exit(f"{server.name} ended without an answer to {method}")

        client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
        ask(1, "initialize", client)
        process.stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')  # type: ignore[union-attr]
        listed = ask(2, "tools/list", {})["result"]
        server.spawn.append(time.perf_counter() - started)
        listed = {"tools": listed["tools"]}
        server.size = len(json.dumps(listed, separators=(",", ":"), ensure_ascii=False).encode())
        server.tools = len(listed["tools"])
        took = []
        for number in range(CALLS if server.tool else 0):
            begun = time.perf_counter()
            answer = ask(10 + number, "tools/call", {"name": server.tool, "arguments": server.arguments})
            took.append(time.perf_counter() - begun)
            if answer.get("error") or answer["result"].get("isError"):
                sys.exit(f"{server.name}: the call failed: {json.dumps(answer)[:300]}")
        if took:
            server.call.append(statistics.median(took) * 1000)
        status = Path(f"/proc/{process.pid}/status").read_text()
        server.memory.append(int(status.partition("VmRSS:")[2].split()[0]) / 1024)
        process.stdin.close()  # type: ignore[union-attr]
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def main() -> int:
    """Prints the table; 1 when the goal was missed."""
    fastmcp = Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else Path()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    middle = statistics.median
    with tempfile.TemporaryDirectory() as scratch, mocked() as mock:
        env = {**environment(mock), "PATH": os.environ["PATH"]}
        rivals = servers(fastmcp, Path(scratch))
        for number in range(rounds + 1):
            for rival in rivals:
                measure(rival, env)
                if not number:  # the first round fills the caches of Python and of the disk
                    rival.spawn.clear()
                    rival.call.clear()
    print(f"MCP over stdio, medians of {rounds} interleaved rounds\n")
    print(f"{'':24} {'tools':>5} {'bytes':>7} {'to list s':>9} {'call ms':>8} {'MB':>5}")
    for rival in rivals:
        call = f"{middle(rival.call):8.1f}" if rival.call else f"{'-':>8}"
        print(
            f"{rival.name:24} {rival.tools:5} {rival.size:7} {middle(rival.spawn):9.2f} {call} {middle(rival.memory):5.0f}"
        )
    bare, ours = middle(rivals[0].spawn), middle(rivals[1].spawn)
    verdict = "met" if ours <= GOAL * bare else "missed"
    print(f"\nstart: {ours / bare:.2f} x the bare server; goal of {GOAL} x {verdict}")
    for rival in rivals:
        if rival.name.startswith("replicate-mcp 0"):
            print(f"start: {ours / middle(rival.spawn):.2f} x {rival.name}")
    return 0 if verdict == "met" else 1


if __name__ == "__main__":
    sys.exit(main())
