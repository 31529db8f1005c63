"""Streams on the command line, over MCP, in scripts and in plain Lua: item by item, or a part and whether there is more."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import answering
import anyio
import pytest
from hanging import HANGS
from lua_programs import interpreter
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from misbehaving import Misbehaving, chunked, misbehaving, of_json, whole
from programs import needs
from streaming import CHUNKS, EVENTS, LINES, LONG, SEQUENCES, SSE, Held, environment, sync

PLAIN = Path(__file__).parents[1] / "lua/plain.lua"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with answering.made(tmp_path_factory) as out:
        yield out


@pytest.fixture
def server(made: Path) -> Iterator[Misbehaving]:
    with misbehaving() as running:
        yield running


def test_a_command_prints_each_item_when_it_comes(made: Path, server: Misbehaving) -> None:
    held = server.answers["/chat"] = Held(b'data: {"id": "1"}\n\n', b'data: {"id": "2"}\n\n')
    words = ["call", "told_create_chat", '{"prompt": "x", "stream": true}']
    with subprocess.Popen(
        [sys.executable, "-m", "told_kit", *words], env=environment(made, server), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for number in ("1", "2"):
            held.go.release()
            assert json.loads(process.stdout.readline()) == {"id": number}
        process.terminate()
    assert held.left.wait(LONG)


def test_a_command_filters_items_and_refuses_an_envelope(made: Path, server: Misbehaving) -> None:
    server.answers["/events"] = lambda _: whole(EVENTS[1][0], Content_Type=SSE)
    run = lambda *words: subprocess.run(
        [sys.executable, "-m", "told_kit", "things", "list-events", *words],
        env=environment(made, server), capture_output=True, stdin=subprocess.DEVNULL, timeout=HANGS, check=False,
    )  # fmt: skip
    assert run("--fields", "data").stdout == b'{"data":"73857293"}\n{"data":"2153"}\n{"data":"113411"}\n'
    assert run("--json").returncode == 2


Rows = Callable[..., Awaitable[Any]]
NDJSON = {"Content_Type": "application/x-ndjson"}


@asynccontextmanager
async def serving(made: Path, server: Misbehaving, *flags: str) -> AsyncIterator[Rows]:
    """What the tool of rows gives of an answer, by a server with these flags."""
    words = ["-m", "told_kit", "mcp", "serve", *flags]
    start = StdioServerParameters(command=sys.executable, args=words, env=environment(made, server))
    async with Client(start) as client:

        async def rows(answer: Any, **more: Any) -> Any:
            server.answers["/rows"] = answer
            found = await client.call_tool("told_list_rows", {}, **more)
            assert not found.is_error, found
            return found.structured_content

        yield rows


def test_mcp_gives_a_part_and_says_that_there_is_more(made: Path, server: Misbehaving) -> None:
    """Bounded by count and bytes, each reached through its option; progress is told meanwhile."""
    told: list[Any] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        told.append(message)

    async def check() -> None:
        async with serving(made, server, "--max-items=3", "--max-item-bytes=1000", f"--stream-timeout={LONG}") as rows:
            numbers = lambda _: chunked((b'{"n": %d}\n' % n for n in range(10**9)), **NDJSON)
            given = await rows(numbers, progress_callback=progress)
            assert given == {"items": [{"n": 0}, {"n": 1}, {"n": 2}], "more": True}
            assert "3 items" in told
            large = {"n": 0, "text": "x" * 700}
            lines = lambda _: chunked((json.dumps(large).encode() + b"\n" for _ in range(10**9)), **NDJSON)
            assert await rows(lines) == {"items": [large] * 2, "more": True}
            assert await rows(lambda _: whole(b'{"n": 1}\n', **NDJSON)) == {"items": [{"n": 1}], "more": False}

    anyio.run(check)


def test_mcp_gives_what_came_in_time(made: Path, server: Misbehaving) -> None:
    """Long enough for what is sent at once to be read, however much else the machine does."""

    async def check() -> None:
        async with serving(made, server, "--stream-timeout=5") as rows:
            held = Held(b'{"n": 1}\n', media=NDJSON["Content_Type"])
            held.go.release()
            assert await rows(held) == {"items": [{"n": 1}], "more": True}
            assert held.left.wait(LONG)

    anyio.run(check)


def test_a_script_iterates_and_may_stop(server: Misbehaving) -> None:
    from told_kit import functions, lua

    held = server.answers["/rows"] = Held(*(b'{"n": %d}\n' % n for n in range(3)), media="application/x-ndjson")
    for _ in range(3):
        held.go.release()
    code = """
    local sum = 0
    for row in app.integrations.told.items("list_rows", {}) do
      sum = sum + row.n
      if row.n == 2 then break end
    end
    return sum"""

    def work(client: Any) -> Any:
        return lua.run(code, client=client, policy=functions.Policy.everything())

    assert sync(server, work)["result"] == 3
    assert held.left.wait(LONG)
    server.answers["/chat"] = lambda _: chunked([CHUNKS], Content_Type=SSE)
    code = """
    local ids = {}
    for chunk in app.integrations.told.items("create_chat", {prompt = "x"}) do ids[#ids + 1] = chunk.id end
    return ids"""
    assert sync(server, work)["result"] == ["1", "2"]


@pytest.mark.parametrize("lua", ["lua5.1", "lua5.4", "luajit"])
def test_plain_lua(made: Path, server: Misbehaving, lua: str) -> None:
    needs(lua)
    wrong = []
    with interpreter(lua, str(PLAIN), str(made / "lua"), server.base_url, "t", "told_kit") as ask:

        def check(path: str, media: str, body: bytes, wanted: Any, **given: Any) -> None:
            server.answers[path] = lambda _: whole(body, Content_Type=media)
            name = (
                "told_create_chat" if path == "/chat" else f"told_{'list' if path.endswith('s') else 'get'}_{path[1:]}"
            )
            found = json.loads(ask(json.dumps([name, given]) + "\n")).get("value")
            if (found or []) != wanted:
                wrong.append((body, found))

        for body, events in EVENTS:
            if b"\xff" in body:
                continue  # a text is the bytes that came
            wanted = [{"event": e, "data": d, **({"id": i} if i else {})} for e, d, i in events]
            check("/events", SSE, body, wanted)
        for body, values in SEQUENCES:
            check("/sequence", "application/json-seq", body, values)
        for body, values in LINES:
            check("/rows", "application/x-ndjson", body, values)
        chunks = [{"id": "1", "delta": {"content": "a"}}, {"id": "2", "delta": {"content": None}}]
        check("/chat", SSE, CHUNKS, chunks, prompt="x", stream=True)
    assert not wrong


ITERATING = """
local folder, base_url = ...
package.path = folder .. "/?.lua;" .. package.path
local api = require("told_kit")
local client = api.new({ base_url = base_url, token = "t", http = require("told_kit.luasocket").new({ timeout = 600 }) })
for item, problem in client:items("told_list_rows") do
  print(item and item.n or tostring(problem))
  io.stdout:flush()
  if item.n == 2 then break end
end
print(client:stream("told_list_rows", {}, function(item) return item.n < 1 end))
for item, problem in client:items("told_list_events") do print(item, problem.status) end
"""


@pytest.mark.parametrize("lua", ["lua5.1", "lua5.4", "luajit"])
def test_plain_lua_iterates_over_what_never_ends(made: Path, server: Misbehaving, lua: str, tmp_path: Path) -> None:
    needs(lua)
    (tmp_path / "iterating.lua").write_text(ITERATING)
    held = server.answers["/rows"] = Held(b'{"n": 1}\n', b'{"n": 2}\n', media="application/jsonl")
    server.answers["/events"] = lambda _: of_json({"detail": "no"}, "500 No")
    command = [lua, str(tmp_path / "iterating.lua"), str(made / "lua"), server.base_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        for number in ("1", "2"):
            held.go.release()
            assert process.stdout.readline().strip() == number
        held.go.release()
        assert process.stdout.readline().startswith("true")
        assert process.stdout.readline().split() == ["false", "500"]
        assert process.wait(LONG) == 0
    assert held.left.wait(LONG)
