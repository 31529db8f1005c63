"""One prediction through every surface, against the mock: prints what is run and what it answers.

python tests/demo.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

GENERATED = Path(__file__).parents[1] / "generated"

SYNC = """
import replikit

with replikit.Replicate() as client:
    prediction = client.predictions.create(version="replicate/hello-world", input={"text": "Ada"}, wait=5)
    print(prediction.status, prediction.output)
"""
ASYNC = """
import asyncio, replikit

async def main():
    async with replikit.AsyncReplicate() as client:
        print(await client.run("replicate/hello-world", input={"text": "Ada"}))

asyncio.run(main())
"""
MCP = """
import anyio
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

server = StdioServerParameters(command=PYTHON, args=["-m", "replikit", "mcp", "serve", "--write=allow", "--allow=billed"], env=ENV)

async def main():
    async with Client(server) as client:
        arguments = {"version": "replicate/hello-world", "input": {"text": "Ada"}, "wait": 5}
        result = await client.call_tool("replicate_create_prediction", arguments)
        print(result.structured_content["status"], result.structured_content["output"])

anyio.run(main)
"""
CODE_MODE = """
local made = app.integrations.replicate.create_prediction{version = "replicate/hello-world", input = {text = "Ada"}, wait = 5}
print(made.status, made.output)
"""
PLAIN_LUA = """
local replicate = require("replikit")
local client = replicate.new{
  token = os.getenv("REPLICATE_API_TOKEN"), base_url = os.getenv("REPLICATE_BASE_URL"),
  http = require("replikit.luasocket").new(), json = require("replikit.dkjson"),
}
local made, err = client.create_prediction{version = "replicate/hello-world", input = {text = "Ada"}, wait = 5}
print(made and made.status or err, made and made.output)
"""


@contextmanager
def mock() -> Iterator[dict[str, str]]:
    """The environment in which everything calls a mock of its own."""
    path = {"PYTHONPATH": str(GENERATED / "python"), "LUA_PATH": f"{GENERATED}/lua/?.lua;{GENERATED}/lua/?/init.lua;;"}
    environment = {**os.environ, **path}
    command = [sys.executable, "-m", "replikit", "mock", "--seconds", "0.3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            for _ in range(2):
                name, _, value = process.stdout.readline().removeprefix("export ").strip().partition("=")
                environment[name] = value
            yield environment
        finally:
            process.terminate()


def show(title: str, text: str, command: list[str], environment: dict[str, str]) -> int:
    """Prints a piece of code, runs it, prints what it says. The exit code."""
    print(f"\n── {title} {'─' * (76 - len(title))}\n{text.strip()}\n")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1800, check=False)
    print("".join(f"  > {line}\n" for line in (done.stdout + done.stderr).splitlines()), end="", flush=True)
    return done.returncode


def usable(lua: str) -> bool:
    """Whether this interpreter is installed and has what the module's adapters stand on."""
    command = [lua, "-e", 'require("socket"); require("dkjson")']
    return bool(shutil.which(lua)) and subprocess.run(command, capture_output=True, check=False).returncode == 0


def main() -> int:
    """Runs them all; 1 where one failed."""
    python = sys.executable
    with mock() as environment:
        print(f"the mock listens on {environment['REPLICATE_BASE_URL']}")
        given = {k: v for k, v in environment.items() if k.startswith(("REPLICATE_", "PYTHONPATH"))}
        mcp = f"PYTHON, ENV = {python!r}, {given!r}\n{MCP}"
        cli = ["predictions", "create", "--version", "replicate/hello-world", "--input", "text=Ada", "--wait", "5"]
        call = ["call", "replicate_get_account", "{}"]
        codes = [
            show("Python", SYNC, [python, "-c", SYNC], environment),
            show("async Python", ASYNC, [python, "-c", ASYNC], environment),
            show("CLI", "replikit " + " ".join(cli), [python, "-m", "replikit", *cli], environment),
            show(
                "CLI, by a function's name",
                f"replikit {' '.join(call)}",
                [python, "-m", "replikit", *call],
                environment,
            ),
            show("MCP over stdio", MCP, [python, "-c", mcp], environment),
            show(
                "Lua in the sandbox: replikit lua run --write=allow --allow=billed",
                CODE_MODE,
                [python, "-m", "replikit", "lua", "run", "--write=allow", "--allow=billed", "-e", CODE_MODE],
                environment,
            ),
        ]
        lua = next((name for name in ("lua5.4", "luajit", "lua5.1") if usable(name)), None)
        if lua is not None:
            codes.append(show(f"plain Lua ({lua})", PLAIN_LUA, [lua, "-e", PLAIN_LUA], environment))
        else:
            print("\nplain Lua: left out, there is no interpreter with luasocket and dkjson here")
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
