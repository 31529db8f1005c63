"""Properties beyond those that a body names, where its schema takes them (JSON Schema 2020-12 core, 10.3.2.3; OpenAPI
3.1.2, 4.24.5, Model with Map/Dictionary Properties): in the body beside the others, by every writer; checked by their
schema; and none that is an argument of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.message import Message
from functools import partial
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
from recorder import Recorder, recorder

from generator import pipeline
from generator.surfaces.shared import calls

PLAIN = Path(__file__).parents[1] / "lua/plain.lua"
JSON, FORM, DATA = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
NUMBERS, ANYTHING = {"type": "integer"}, True
# The media type, what `additionalProperties` is, the arguments, and the body that is sent.
ROWS: list[tuple[str, Any, dict[str, Any], Any]] = [
    (JSON, NUMBERS, {"name": "n", "extra_body": {"b c": 1, "d": 2}}, {"name": "n", "b c": 1, "d": 2}),
    (JSON, ANYTHING, {"name": "n", "extra_body": {"b": {"c": [1, None]}}}, {"name": "n", "b": {"c": [1, None]}}),
    (JSON, {}, {"name": "n", "extra_body": {"extra_body": "x"}}, {"name": "n", "extra_body": "x"}),
    (JSON, NUMBERS, {"name": "n"}, {"name": "n"}),
    (FORM, NUMBERS, {"name": "n", "extra_body": {"b c": 1}}, b"name=n&b%20c=1"),
    (DATA, NUMBERS, {"name": "n", "extra_body": {"b c": 1}}, [("b c", None, "text/plain", b"1"), ("name", None, "text/plain", b"n")]),
]  # fmt: skip
REFUSED: list[tuple[int, dict[str, Any]]] = [
    (0, {"name": "n", "extra_body": {"name": 1}}),
    (0, {"name": "n", "extra_body": [1]}),
    (1, {"name": "n", "extra_body": {"b": 1, "name": "other"}}),
]
OF_ANOTHER_TYPE = {"name": "n", "extra_body": {"b": "no integer"}}


def document() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for number, (media, more, *_) in enumerate(ROWS):
        schema = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
        body = {"content": {media: {"schema": schema | {"additionalProperties": more}}}, "required": True}
        operation = {"operationId": f"row{number}", "tags": ["rows"], "requestBody": body}
        paths[f"/row{number}"] = {"post": operation | {"responses": {"204": {"description": "ok"}}}}
    silent = {"type": "object", "properties": {"name": {"type": "string"}}}
    for name, schema in (("silent", silent), ("closed", silent | {"additionalProperties": False})):
        operation = {"operationId": name, "tags": ["rows"], "requestBody": {"content": {JSON: {"schema": schema}}}}
        paths[f"/{name}"] = {"post": operation | {"responses": {"204": {"description": "ok"}}}}
    return {"openapi": "3.1.1", "info": {"title": "Further", "version": "1"}, "paths": paths}


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with recorder() as running:
        running.status, running.content = 204, b""
        yield running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Any]]:
    folder = tmp_path_factory.mktemp("further")
    (folder / "openapi.json").write_text(json.dumps(document()), "utf-8")
    inputs = pipeline.Inputs(folder / "openapi.json")
    report = pipeline.generate(inputs, folder / "out")
    assert not [loss for loss in report.losses if loss.surface == "*"]
    sys.path.insert(0, str(folder / "out/python"))
    yield folder / "out", pipeline.load(inputs)
    sys.path.remove(str(folder / "out/python"))


def check(
    server: Recorder, call: Callable[[str, dict[str, Any]], bool], *, typed: bool = False, refuses: bool = True
) -> None:
    """call: whether it was made and not refused. typed: values are checked by their schema before they are sent."""
    wrong: list[Any] = []
    for number, (*_, given, expected) in enumerate(ROWS):
        assert call(f"further_row{number}", given), given
        if (sent := server.one().body) != expected:
            wrong.append((number, given, sent))
    for number, given in REFUSED if refuses else ():
        if call(f"further_row{number}", given) or server.seen:
            wrong.append((number, given, "sent"))
            server.seen = []
    if typed and (call("further_row0", OF_ANOTHER_TYPE) or server.seen):
        wrong.append("of another type")
    assert not wrong


def environment(made: tuple[Path, Any], server: Recorder) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "FURTHER_BASE_URL": server.base_url, "PYTHONPATH": str(made[0] / "python")}


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_python(server: Recorder, made: tuple[Path, Any], kind: str) -> None:
    import further_kit as further

    async def awaited(method: str, given: dict[str, Any]) -> None:
        async with further.AsyncFurther(base_url=server.base_url) as client:
            await getattr(client.rows, method)(**given)

    def call(name: str, given: dict[str, Any]) -> bool:
        method = name.removeprefix("further_")
        try:
            if kind == "async":
                asyncio.run(awaited(method, given))
            else:
                with further.Further(base_url=server.base_url) as client:
                    getattr(client.rows, method)(**given)
        except further.ArgumentError as error:
            assert str(error).startswith("extra_body: ")
            return False
        return True

    check(server, call)


def test_command_line(server: Recorder, made: tuple[Path, Any]) -> None:
    forking = Forking("further_kit", str(made[0] / "python"))
    pipe = subprocess.PIPE

    def call(name: str, given: dict[str, Any]) -> bool:
        words = ["call", name, json.dumps(given)]
        done = Forked(forking, words, env=environment(made, server), stdout=pipe, stderr=pipe)
        _, told = done.communicate(timeout=HANGS)
        assert done.returncode in (0, 2), told
        return done.returncode == 0

    try:
        check(server, call, typed=True)
        words = ["rows", "row0", "--name=n", '--extra-body={"b": 1}']
        done = Forked(forking, words, env=environment(made, server), stdout=pipe, stderr=pipe)
        _, told = done.communicate(timeout=HANGS)
        assert (done.returncode, server.one().body) == (0, {"name": "n", "b": 1}), told
    finally:
        forking.close()


def test_tool(server: Recorder, made: tuple[Path, Any]) -> None:
    words = ["-m", "further_kit", "mcp", "serve", "--allow=all", "--write=allow"]
    started = StdioServerParameters(command=sys.executable, args=words, env=environment(made, server))
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(started)) as client:
        tool = partial(portal.call, client.call_tool)
        check(server, lambda name, given: not tool(name, given).is_error, typed=True)


def test_script(server: Recorder, made: tuple[Path, Any]) -> None:
    import further_kit as further
    from further_kit import functions, lua

    def call(name: str, given: dict[str, Any]) -> bool:
        with further.Further(base_url=server.base_url) as client:
            script = calls.lua(made[1], made[1].function(name), given)
            done = lua.run(script, client=client, policy=functions.Policy(frozenset({"read", "write"})))
        return bool(done["success"])

    check(server, call, typed=True)


@pytest.mark.parametrize("lua", ["lua5.1", "lua5.4", "luajit"])
def test_plain_lua(server: Recorder, made: tuple[Path, Any], lua: str) -> None:
    needs(lua)
    with ExitStack() as stack:
        words = (lua, str(PLAIN), str(made[0] / "lua"), server.base_url, "token", "further_kit")
        ask = stack.enter_context(interpreter(*words))

        def call(name: str, given: dict[str, Any]) -> bool:
            answered = json.loads(ask(json.dumps([name, given]) + "\n"))
            assert answered.get("error", {}).get("type", "arguments") == "arguments", answered
            return "error" not in answered

        check(server, call)


def test_curl(server: Recorder, made: tuple[Path, Any]) -> None:
    needs("curl")
    api = made[1]

    def call(name: str, given: dict[str, Any]) -> bool:
        line = calls.curl(api, api.function(name), given).replace(api.servers[0].url, server.base_url)
        done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=HANGS, check=False)
        return done.returncode == 0

    check(server, call, refuses=False)


def test_mock(made: tuple[Path, Any]) -> None:
    from further_kit.mock import requests
    from further_kit.mock.problems import Problem
    from further_kit.mock.routes import load

    routes = load()

    def read(number: int, media: str, body: bytes) -> dict[str, Any]:
        headers = Message()
        headers["Content-Type"] = media
        request = requests.Request("POST", f"/row{number}", "", headers, body)
        route, found = routes.find("POST", request.path)
        requests.read(request, route, found, routes.schemas)
        return request.arguments

    assert read(0, JSON, b'{"name":"n","b c":1}') == {"name": "n", "b c": 1}
    assert read(4, FORM, b"name=n&b%20c=1") == {"name": "n", "b c": 1}
    with pytest.raises(Problem):
        read(0, JSON, b'{"name":"n","b":"no integer"}')


def test_it_is_there_where_the_document_says_so(made: tuple[Path, Any]) -> None:
    api = made[1]
    taking = {function.name for function in api.functions if any(param.rest for param in function.params)}
    assert taking == {f"further_row{number}" for number in range(len(ROWS))}
