"""Every function x every surface sends the same request for the same arguments and gives the same result.

The catalog's examples are the table: a function that is added adds its rows.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import nginx
import pytest
from anyio.from_thread import start_blocking_portal
from cli_harness import program
from hanging import HANGS
from lua_programs import interpreter
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from real_api import API
from recorder import TOKEN, Recorder, Seen, recorder

from generator.ir import Example, Function
from generator.surfaces.shared import calls

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated/python"

ROWS = [(f, e) for f in API.functions for e in f.examples]


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with recorder() as running:
        yield running


@pytest.fixture(scope="module")
def package() -> Any:
    sys.path.insert(0, str(GENERATED))
    import replikit

    return replikit


def answer(server: Recorder, function: Function, example: Example) -> Any:
    """Has the server answer the example's result; gives it as a JSON surface shows it."""
    good = next(r for r in function.responses if r.status.startswith("2"))
    server.status = int(good.status)
    server.content_type = function.result.media_type or "text/plain"
    server.seen = []
    if function.result.kind == "json":
        server.content = json.dumps(example.result).encode()
        return example.result
    server.content = b"" if function.result.kind == "empty" else str(example.result).encode()
    if function.result.kind == "binary":
        content = base64.b64encode(server.content).decode()
        return {"content_type": server.content_type, "size": len(server.content), "data": content}
    return None if function.result.kind == "empty" else example.result


def plain(value: Any, content_type: str) -> Any:
    """What Python gives, as JSON: a view is what came, a page its first response."""
    if isinstance(value, bytes):
        return {"content_type": content_type, "size": len(value), "data": base64.b64encode(value).decode()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(v, content_type) for v in value]
    return value.to_dict() if hasattr(value, "to_dict") else value


def arguments(function: Function, example: Example) -> dict[str, Any]:
    return {str(calls.names.PYTHON.spell(p.words)): v for p, v in calls.assigned(function, example.arguments)}


def method(client: Any, function: Function) -> Callable[..., Any]:
    for step in calls.python_method(API, function).split("."):
        client = getattr(client, step)
    found: Callable[..., Any] = client
    return found


def environment(server: Recorder) -> dict[str, str]:
    kept = {k: os.environ[k] for k in ("PATH", "HOME") if k in os.environ}
    return {**kept, API.token_env: TOKEN, API.base_url_env: server.base_url, "PYTHONPATH": str(GENERATED)}


def by_sync(package: Any, server: Recorder, function: Function, example: Example) -> Any:
    with package.Replicate(TOKEN, base_url=server.base_url) as client:
        return plain(method(client, function)(**arguments(function, example)), server.content_type)


def by_async(package: Any, server: Recorder, function: Function, example: Example) -> Any:
    async def call() -> Any:
        async with package.AsyncReplicate(TOKEN, base_url=server.base_url) as client:
            found = method(client, function)(**arguments(function, example))
            return plain(await found, server.content_type)

    return asyncio.run(call())


def by_cli(package: Any, server: Recorder, function: Function, example: Example) -> Any:
    command = calls.cli(API, function, example.arguments).replace(
        f"{API.command} ", shlex.join(program([], environment(server))) + " ", 1
    )
    done = subprocess.run(
        ["bash", "-c", command + " --yes" * function.destructive],
        env=environment(server),
        capture_output=True,
        timeout=HANGS,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    if function.result.kind == "json":
        return json.loads(done.stdout)
    if function.result.kind == "empty":
        return None if not done.stdout.strip() else done.stdout
    if function.result.kind == "binary":
        return plain(done.stdout, server.content_type)
    shown = done.stdout.decode()
    return shown if shown == example.result else shown.removesuffix("\n")  # a line end is added where none was


def by_lua(package: Any, server: Recorder, function: Function, example: Example) -> Any:
    from replikit import functions, lua

    classes = frozenset({"read", "write", "billed", "destructive", "secret"})
    with package.Replicate(TOKEN, base_url=server.base_url) as client:
        script = calls.lua(API, function, example.arguments)
        envelope = lua.run(script, client=client, policy=functions.Policy(classes))
    assert envelope["success"], envelope
    return envelope["result"]


@pytest.fixture(scope="module")
def mcp(server: Recorder) -> Iterator[Callable[..., Any]]:
    """Calls a tool of one MCP server that lives as long as the tests of this module."""
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", API.package, "mcp", "serve", "--write=allow", "--allow=all"],
        env=environment(server),
    )
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(command)) as client:
        yield partial(portal.call, client.call_tool)


def by_mcp(call: Callable[..., Any], package: Any, server: Recorder, function: Function, example: Example) -> Any:
    answer = call(function.name, dict(example.arguments))
    assert not answer.is_error, answer
    structured = answer.structured_content
    assert json.loads(answer.content[0].text) == structured
    # Structured content is an object; whatever is none stands in one.
    return structured["result"] if structured.keys() == {"result"} else structured


@pytest.fixture(scope="module")
def plain_lua(server: Recorder) -> Iterator[dict[str, Callable[..., Any]]]:
    """The plain Lua module in real interpreters, each one process that lives as long as the tests of this module."""
    found = [name for name in ("lua5.1", "lua5.4", "luajit") if shutil.which(name)]
    assert len(found) == 3 or not os.environ.get("CI"), f"only {found} of lua5.1, lua5.4 and luajit are installed"
    file, arguments = ROOT / "tests/lua/plain.lua", (str(ROOT / "generated/lua"), server.base_url, TOKEN)
    with ExitStack() as stack:
        asked = {name: stack.enter_context(interpreter(name, str(file), *arguments)) for name in found}
        if nginx.installed():
            asked["nginx"] = stack.enter_context(nginx.nginx(file, *arguments))
        yield {f"plain {name}": partial(by_plain_lua, ask) for name, ask in asked.items()}


def by_plain_lua(
    ask: Callable[[str], str], package: Any, server: Recorder, function: Function, example: Example
) -> Any:
    answered = json.loads(ask(json.dumps([function.name, example.arguments]) + "\n"))
    assert "error" not in answered, answered
    if "hex" in answered:
        content = bytes.fromhex(answered["hex"])
        return plain(content, server.content_type) if function.result.kind == "binary" else content.decode()
    return None if function.result.kind == "empty" else answered["value"]


SURFACES = {"sync": by_sync, "async": by_async, "cli": by_cli, "lua": by_lua}


@pytest.mark.parametrize(("function", "example"), ROWS, ids=[f"{f.name}-{e.title}" for f, e in ROWS])
def test_same_request_and_result(
    package: Any,
    server: Recorder,
    mcp: Callable[..., Any],
    plain_lua: dict[str, Callable[..., Any]],
    function: Function,
    example: Example,
) -> None:
    requests: dict[str, Seen] = {}
    results: dict[str, Any] = {}
    expected = answer(server, function, example)
    surfaces = {**SURFACES, **plain_lua, "mcp": partial(by_mcp, mcp)}
    for name, call in surfaces.items():
        results[name] = call(package, server, function, example)
        requests[name] = server.one()
    assert requests["sync"].method == function.method
    assert requests["sync"].headers.get("authorization") == (f"Bearer {TOKEN}" if function.authenticated else None)
    for name in surfaces:
        assert requests[name] == requests["sync"], name
        assert results[name] == expected, name
