"""Every surface offers every function: counted from the surface itself, not from what the generator meant to make."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lupa.lua54
import pytest
from hanging import HANGS

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated"
FUNCTIONS = 37


@pytest.fixture(scope="module")
def package() -> Any:
    sys.path.insert(0, str(GENERATED / "python"))
    import replikit

    return replikit


def resources(owner: Any) -> Iterator[tuple[Any, str]]:
    """The generated methods of a client, however deep they hang."""
    from replikit.runtime.aio.resources import AsyncResource
    from replikit.runtime.sync.resources import Resource

    for name in dir(type(owner)):
        if name.startswith("_"):
            continue
        member = inspect.getattr_static(type(owner), name)
        if inspect.isfunction(member):
            if ".resources." in member.__module__:
                yield owner, name
        elif isinstance(child := getattr(owner, name), (Resource, AsyncResource)):
            yield from resources(child)


def sync_methods(package: Any) -> int:
    return len(list(resources(package.Replicate("token"))))


def async_methods(package: Any) -> int:
    return len(list(resources(package.AsyncReplicate("token"))))


def cli_functions(package: Any) -> int:
    done = subprocess.run(
        [sys.executable, "-m", "replikit", "functions", "--json"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(GENERATED / "python")},
        capture_output=True,
        timeout=HANGS,
        check=True,
    )
    return len(json.loads(done.stdout)["functions"])


def cli_commands(package: Any) -> int:
    import click
    from replikit.cli.app import root
    from replikit.cli.commands import COMMANDS

    def leaf(words: tuple[str, ...]) -> bool:
        command: Any = root
        for word in words:
            command = command.get_command(click.Context(command), word)
        return isinstance(command, click.Command) and not isinstance(command, click.Group)

    return sum(leaf(command.words) for command in COMMANDS)


def mcp_tools(package: Any) -> int:
    import anyio
    from mcp.client import Client
    from replikit import functions
    from replikit.mcp import server
    from replikit.mcp.options import Options

    async def listed() -> int:
        async with Client(server.make(Options(allowed=functions.Policy.everything()))) as client:
            return len((await client.list_tools()).tools)

    return anyio.run(listed)


def lua_table(package: Any) -> int:
    lua = lupa.lua54.LuaRuntime()
    lua.execute("package.path = ...", f"{GENERATED}/lua/?.lua;{GENERATED}/lua/?/init.lua")
    return int(lua.execute("""
        local client = require("replikit").new{token = "t", http = function() end}
        local count = 0
        for _, name in ipairs(require("replikit").functions) do
          local short = name:gsub("^replicate_", "")
          if client[short] then count = count + 1 end
        end
        return count
        """))


def lua_code_mode(package: Any) -> int:
    from replikit import lua

    # Each stands there twice, with the prefix and without.
    script = """
    local count = 0
    for name, value in pairs(app.integrations.replicate) do
      local short = app.integrations.replicate[(name:gsub("^replicate_", ""))]
      if name:find("^replicate_") and short == value then count = count + 1 end
    end
    return count
    """
    envelope = lua.run(script, client=package.Replicate("token"))
    assert envelope["success"], envelope
    return int(envelope["result"])


def pages(package: Any) -> int:
    return len(list((GENERATED / "docs/pages/functions").glob("*.md")))


def mock_routes(package: Any) -> int:
    from replikit.mock.routes import load

    return len(load().routes)


COUNTS: tuple[Callable[[Any], int], ...] = (
    sync_methods,
    async_methods,
    cli_functions,
    cli_commands,
    mcp_tools,
    lua_table,
    lua_code_mode,
    pages,
    mock_routes,
)


@pytest.mark.parametrize("count", COUNTS, ids=lambda c: c.__name__)
def test_every_function_is_there(count: Callable[[Any], int], package: Any) -> None:
    assert count(package) == FUNCTIONS
