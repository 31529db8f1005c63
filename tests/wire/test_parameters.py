"""Every row of the table x every writer: what a real server gets is what the specifications say, to the byte."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from forking import Forked, Forking
from hanging import HANGS
from lua_programs import interpreter
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from programs import needs
from recorder import Recorder, Seen, recorder
from rows import KEYS, ROWS, Row, document

from generator import pipeline
from generator.surfaces.shared import calls

pytestmark = pytest.mark.long

PLAIN = Path(__file__).parents[1] / "lua/plain.lua"
ALL = range(len(ROWS))


def kind(row: Row) -> tuple[Any, ...]:
    """Whatever decides how a value is written, but for the value itself."""
    what = (row.location, row.style, row.explode, row.reserved, row.content)
    return *what, type(row.value), row.wire is None


KINDS = sorted({kind(ROWS[number]): number for number in reversed(ALL)}.values())
"""The first row of each kind: for callers that start a process for each, and hand it the value as JSON."""


@dataclass(frozen=True)
class Made:
    """The package of the table, imported, its folder, and the server that its calls go to."""

    folder: Path
    server: Recorder
    api: Any
    forking: Forking

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {**kept, "WIRE_BASE_URL": self.server.base_url, "PYTHONPATH": str(self.folder / "python")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("wire")
    described = folder / "openapi.json"
    described.write_text(json.dumps(document()), "utf-8")
    inputs = pipeline.Inputs(described)
    report = pipeline.generate(inputs, folder / "out")
    assert not [loss for loss in report.losses if loss.surface == "*"], report.losses
    sys.path.insert(0, str(folder / "out/python"))
    forking = Forking("wire_kit", str(folder / "out/python"))
    with recorder() as server:
        yield Made(folder / "out", server, pipeline.load(inputs), forking)
    forking.close()
    sys.path.remove(str(folder / "out/python"))


def sent(seen: Seen, row: Row, number: int) -> str | None:
    """What the server saw in the place of the parameter; None for nothing."""
    path, _, query = seen.target.removeprefix(f"/v1/row{number}").partition("?")
    found = {
        "path": path.removeprefix("/"),
        "query": query,
        "querystring": query,
        "header": seen.headers.get(row.name.lower()),
        "cookie": seen.headers.get("cookie"),
    }
    if row.location not in ("query", "querystring"):
        assert not query, seen.target
    return found[row.location] or None


Call = Callable[[str, dict[str, Any]], bool]
"""Whether the call was made, and not refused."""


def check(call: Call, server: Recorder, numbers: Iterable[int] = ALL, *, unordered: bool = False) -> None:
    """unordered: objects come in the order of their keys."""
    wrong = []
    for number in numbers:
        row = ROWS[number]
        server.seen = []
        done = call(f"wire_row{number}", {_argument(row.name): row.value})
        found = (done, [sent(each, row, number) for each in server.seen])
        refused = row.location == "path" and row.wire is None
        expected = (False, []) if refused else (True, [row.by_key() if unordered else row.wire])
        if found != expected:
            wrong.append((number, row.source, found, expected))
    assert not wrong


def readable(row: Row) -> bool:
    """Whether what is written can be read but in one way: a delimiter that stands for itself as well cannot."""
    if row.wire is None and row.location == "path":
        return False
    ambiguous = (
        row.reserved
        and row.value in (KEYS, "a%20b%zz", "#[]&")
        or (row.style == "label" and row.value == KEYS and row.explode)
    )
    return not ambiguous


def _argument(name: str) -> str:
    return {"X-Token": "x_token", "freeForm": "free_form", "user [id]": "user_id"}.get(name, name)


def test_python(made: Made) -> None:
    import wire_kit as wire

    with wire.Wire(base_url=made.server.base_url) as client:

        def call(name: str, arguments: dict[str, Any]) -> bool:
            try:
                getattr(client.rows, name.removeprefix("wire_"))(**arguments)
            except wire.ArgumentError:
                return False
            return True

        check(call, made.server)


def test_asynchronous_python(made: Made) -> None:
    import wire_kit as wire

    async def awaited(client: Any, name: str, arguments: dict[str, Any]) -> bool:
        try:
            await getattr(client.rows, name.removeprefix("wire_"))(**arguments)
        except wire.ArgumentError:
            return False
        return True

    with asyncio.Runner() as runner:
        client = wire.AsyncWire(base_url=made.server.base_url)
        try:
            check(lambda name, arguments: runner.run(awaited(client, name, arguments)), made.server)
        finally:
            runner.run(client.close())


def test_command_line(made: Made) -> None:
    def call(name: str, arguments: dict[str, Any]) -> bool:
        words = ["call", name, json.dumps(arguments)]
        done = Forked(made.forking, words, env=made.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        _, told = done.communicate(timeout=HANGS)
        assert done.returncode in (0, 2), told
        return done.returncode == 0

    check(call, made.server, KINDS)


def test_tool(made: Made) -> None:
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "wire_kit", "mcp", "serve", "--allow=all"], env=made.environment()
    )
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(command)) as client:
        check(lambda name, arguments: not portal.call(client.call_tool, name, arguments).is_error, made.server)


def test_script(made: Made) -> None:
    """Code mode: a script in the sandbox."""
    import wire_kit as wire
    from wire_kit import functions, lua

    with wire.Wire(base_url=made.server.base_url) as client:

        def call(name: str, arguments: dict[str, Any]) -> bool:
            script = calls.lua(made.api, made.api.function(name), arguments)
            return bool(lua.run(script, client=client, policy=functions.Policy(frozenset({"read"})))["success"])

        check(call, made.server, KINDS, unordered=True)


@pytest.mark.parametrize("lua", ["lua5.1", "lua5.4", "luajit"])
def test_plain_lua(made: Made, lua: str) -> None:
    needs(lua)

    def call(name: str, arguments: dict[str, Any]) -> bool:
        answered = json.loads(ask(json.dumps([name, arguments]) + "\n"))
        assert answered.get("error", {}).get("type", "arguments") == "arguments", answered
        return "error" not in answered

    with interpreter(lua, str(PLAIN), str(made.folder / "lua"), made.server.base_url, "token", "wire_kit") as ask:
        check(call, made.server, unordered=True)


def test_curl(made: Made) -> None:
    """The line of the docs, in a shell."""
    needs("curl")

    def call(name: str, arguments: dict[str, Any]) -> bool:
        line = calls.curl(made.api, made.api.function(name), arguments)
        line = line.replace(made.api.servers[0].url, made.server.base_url)
        done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=HANGS, check=False)
        assert done.returncode == 0, (line, done.stderr)
        return True

    check(call, made.server, [number for number in ALL if ROWS[number].wire is not None])


def test_mock(made: Made) -> None:
    """The mock reads what the specifications write."""
    from wire_kit.mock import requests
    from wire_kit.mock.routes import load

    routes, wrong = load(), []
    for number, row in enumerate(ROWS):
        if not readable(row):
            continue
        headers = Message()
        if row.location in ("header", "cookie"):
            headers[row.name if row.location == "header" else "Cookie"] = row.wire
        path = f"/row{number}" + (f"/{row.wire}" if row.location == "path" else "")
        query = row.wire or "" if row.location.startswith("query") else ""
        request = requests.Request("GET", path, query, headers, b"")
        route, found = routes.find("GET", path)
        requests.read(request, route, found, routes.schemas)
        expected = {} if row.wire is None else {_argument(row.name): defined(row.value, row)}
        if request.arguments != expected:
            wrong.append((number, row.source, request.arguments, expected))
    assert not wrong


def defined(value: Any, row: Row) -> Any:
    """The value without what has no place on the wire."""
    if row.content:
        return value
    if isinstance(value, list):
        return [item for item in value if item is not None]
    return {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else value
