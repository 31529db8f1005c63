"""Servers whose URL has a query, and one chosen by name, number or variable (OpenAPI 3.2.0, 4.5 and 4.6; RFC 3986, 3.4):
the path goes before the `?`, the server's query before the operation's own. What a real server is asked for.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS
from lua_programs import interpreter
from programs import needs
from recorder import Recorder, recorder

from generator import pipeline
from generator.surfaces.shared import calls

PLAIN = Path(__file__).parents[1] / "lua/plain.lua"
# The server that is chosen, the operation, its arguments, and the target of the request.
ROWS: list[tuple[str, str, dict[str, Any], str]] = [
    ("", "plain", {}, "/v1/a?code=a%20b&k="),
    ("", "plain", {"q": "x&y"}, "/v1/a?code=a%20b&k=&q=x%26y"),
    ("main", "plain", {"q": "x"}, "/v1/a?code=a%20b&k=&q=x"),
    ("2", "plain", {"q": "x"}, "/v1/eu/a?stage=beta&q=x"),
    ("other", "plain", {}, "/v1/eu/a?stage=beta"),
    ("other?region=us", "plain", {}, "/v1/us/a?stage=beta"),
    ("3", "plain", {"q": "x"}, "/v1/third/a?q=x"),
    ("", "own", {"q": "x"}, "/v1/own/b?slash=a/&q=x"),
    ("main", "own", {"q": "x"}, "/v1/own/b?slash=a/&q=x"),
]
WRONG = [
    ("mian", "no server is called 'mian'"),
    ("other?region=mars", "not one of eu, us"),
    ("2?x=1", "has no variable 'x'"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with recorder() as running:
        running.status, running.content = 204, b""
        yield running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, server: Recorder) -> Iterator[tuple[Path, Any]]:
    folder, base = tmp_path_factory.mktemp("queried"), server.base_url
    region = {"region": {"default": "eu", "enum": ["eu", "us"]}}
    servers = [
        {"url": f"{base}/?code=a%20b&k=", "name": "main"},
        {"url": base + "/{region}?stage=beta", "name": "other", "variables": region},
        {"url": f"{base}/third/"},
    ]
    query = {"name": "q", "in": "query", "schema": {"type": "string"}}
    common = {"parameters": [query], "responses": {"204": {"description": "ok"}}, "tags": ["rows"]}
    own = {"operationId": "own", "servers": [{"url": f"{base}/own/?slash=a/"}], **common}
    paths = {"/a": {"get": {"operationId": "plain", **common}}, "/b": {"get": own}}
    document = {"openapi": "3.2.0", "info": {"title": "Queried", "version": "1"}, "servers": servers, "paths": paths}
    (folder / "openapi.json").write_text(json.dumps(document), "utf-8")
    inputs = pipeline.Inputs(folder / "openapi.json")
    report = pipeline.generate(inputs, folder / "out", ("python", "cli", "lua"))
    assert not report.losses
    sys.path.insert(0, str(folder / "out/python"))
    yield folder / "out", pipeline.load(inputs)
    sys.path.remove(str(folder / "out/python"))


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_python(server: Recorder, made: tuple[Path, Any], kind: str) -> None:
    import queried_kit as queried

    async def awaited(chosen: str, name: str, given: dict[str, Any]) -> None:
        async with queried.AsyncQueried(base_url=chosen or None) as client:
            await getattr(client.rows, name)(**given)

    for chosen, name, given, expected in ROWS:
        if kind == "async":
            asyncio.run(awaited(chosen, name, given))
        else:
            with queried.Queried(base_url=chosen or None) as client:
                getattr(client.rows, name)(**given)
        assert server.one().target == expected


def test_a_request_that_no_description_has(server: Recorder, made: tuple[Path, Any]) -> None:
    import queried_kit as queried

    with queried.Queried() as client:
        client.request("GET", "/c?d=1", query={"e": 2})
    assert server.one().target == "/v1/c?code=a%20b&k=&d=1&e=2"


def test_command_line(server: Recorder, made: tuple[Path, Any], tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(made[0] / "python")}
    for chosen, name, given, expected in (ROWS[1], ROWS[5]):
        words = ["call", f"queried_{name}", json.dumps(given), *(["--base-url", chosen] if chosen else [])]
        done = subprocess.run(
            [sys.executable, "-m", "queried_kit", *words], env=env, capture_output=True, timeout=HANGS, check=False
        )
        assert done.returncode == 0, done.stderr
        assert server.one().target == expected


@pytest.mark.parametrize("lua", ["lua5.1", "lua5.4", "luajit"])
def test_plain_lua(server: Recorder, made: tuple[Path, Any], lua: str) -> None:
    needs(lua)
    for chosen, name, given, expected in ROWS:
        with ExitStack() as stack:
            words = (lua, str(PLAIN), str(made[0] / "lua"), chosen or "1", "token", "queried_kit")
            ask = stack.enter_context(interpreter(*words))
            answered = json.loads(ask(json.dumps([f"queried_{name}", given]) + "\n"))
            assert "error" not in answered, answered
        assert server.one().target == expected
    for chosen, told in WRONG:
        words = (lua, str(PLAIN), str(made[0] / "lua"), chosen, "token", "queried_kit")
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=HANGS, check=False, stdin=subprocess.DEVNULL
        )
        assert done.returncode and told in done.stderr, done.stderr


def test_curl(server: Recorder, made: tuple[Path, Any]) -> None:
    needs("curl")
    for chosen, name, given, expected in ROWS:
        if chosen:
            continue
        line = calls.curl(made[1], made[1].function(f"queried_{name}"), given)
        done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=HANGS, check=False)
        assert done.returncode == 0, (line, done.stderr)
        assert server.one().target == expected


def test_what_people_give_has_no_query(made: tuple[Path, Any]) -> None:
    """It may be a secret, and base URLs are shown."""
    import queried_kit as queried

    with pytest.raises(queried.ConfigError, match="leave out what follows the"):
        queried.Queried(base_url="https://a.example/?code=x")
