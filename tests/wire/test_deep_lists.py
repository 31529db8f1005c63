"""Lists inside deepObject, which OpenAPI leaves undefined (3.1.2, Style Examples: n/a), as the catalog chooses to write
them: over every writer, and back through the mock. The names are those that the qs library of Node gives the formats.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hanging import HANGS
from lua_programs import interpreter
from programs import needs
from recorder import Recorder, recorder

from generator import pipeline
from generator.errors import SpecError
from generator.surfaces.shared import calls

PLAIN = Path(__file__).parents[1] / "lua/plain.lua"
FORM = "application/x-www-form-urlencoded"
STRINGS = {"type": "array", "items": {"type": "string"}}
ROW = {"type": "object", "properties": {"a": {"type": "integer"}}}
# The format, the schema, a value, and what is sent, its brackets unescaped: the table of qs.stringify's arrayFormat.
ROWS: list[tuple[str, dict[str, Any], Any, str]] = [
    ("", STRINGS, ["x", "y"], "expand=x&expand=y"),
    ("repeat", STRINGS, ["x", "y"], "expand=x&expand=y"),
    ("brackets", STRINGS, ["x", "y"], "expand[]=x&expand[]=y"),
    ("indices", STRINGS, ["x", "y"], "expand[0]=x&expand[1]=y"),
    ("brackets", {"type": "array", "items": ROW}, [{"a": 1}, {"a": 2}], "expand[][a]=1&expand[][a]=2"),
    ("indices", {"type": "array", "items": ROW}, [{"a": 1}, {"a": 2}], "expand[0][a]=1&expand[1][a]=2"),
    ("brackets", {"type": "object", "properties": {"of": STRINGS}}, {"of": ["x", "y"]}, "expand[of][]=x&expand[of][]=y"),
    ("indices", {"type": "object", "properties": {"of": STRINGS}}, {"of": ["x", "y"]}, "expand[of][0]=x&expand[of][1]=y"),
]  # fmt: skip


def documents() -> tuple[dict[str, Any], dict[str, Any]]:
    """The document, and the catalog with the choice of each row: once in a query, once in a form."""
    paths: dict[str, Any] = {}
    functions: dict[str, Any] = {}
    for number, (chosen, schema, *_) in enumerate(ROWS):
        param = {"name": "expand", "in": "query", "style": "deepObject", "explode": True, "schema": schema}
        fields = {"schema": {"type": "object", "properties": {"expand": schema}}}
        body = {"content": {FORM: fields | {"encoding": {"expand": {"style": "deepObject", "explode": True}}}}}
        for kind, method, more in (("query", "get", {"parameters": [param]}), ("form", "post", {"requestBody": body})):
            name = f"{kind}{number}"
            answers = {"responses": {"204": {"description": "ok"}}}
            paths[f"/{name}"] = {method: {"operationId": name, "tags": ["rows"], **more, **answers}}
            called: dict[str, Any] = {"operation": name, "type": "read" if kind == "query" else "write", "title": name}
            called |= {"summary": "Sends a list."}
            called |= {"parameters": {"expand": {"array_format": chosen}}} if chosen else {}
            functions[f"deep_{name}"] = called
    catalog: dict[str, Any] = {"catalog": 1}
    catalog |= {"api": {"name": "deep", "title": "Deep", "package": "deep", "client": "Deep", "version": "1.0.0"}}
    return {"openapi": "3.1.1", "info": {"title": "Deep", "version": "1"}, "paths": paths}, catalog | {
        "functions": functions
    }


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with recorder() as running:
        running.status, running.content = 204, b""
        yield running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Any]]:
    folder = tmp_path_factory.mktemp("deep")
    for name, value in zip(("openapi", "catalog"), documents(), strict=True):
        (folder / f"{name}.json").write_text(json.dumps(value), "utf-8")
    inputs = pipeline.Inputs(folder / "openapi.json", folder / "catalog.json")
    pipeline.generate(inputs, folder / "out", ("python", "lua", "mock"))
    sys.path.insert(0, str(folder / "out/python"))
    yield folder / "out", pipeline.load(inputs)
    sys.path.remove(str(folder / "out/python"))


def check(server: Recorder, call: Callable[[str, Any], Any]) -> None:
    wrong: list[Any] = []
    for number, (chosen, _, value, expected) in enumerate(ROWS):
        call(f"query{number}", value)
        query = server.one().target.partition("?")[2]
        call(f"form{number}", value)
        form = server.one().raw.decode()
        if not unquote(query) == unquote(form) == expected or "[" in query + form:
            wrong.append((chosen, value, query, form))
    assert not wrong


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_python(server: Recorder, made: tuple[Path, Any], kind: str) -> None:
    import deep

    async def awaited(name: str, value: Any) -> None:
        async with deep.AsyncDeep(base_url=server.base_url) as client:
            await getattr(client.rows, name)(expand=value)

    def call(name: str, value: Any) -> None:
        if kind == "async":
            return asyncio.run(awaited(name, value))
        with deep.Deep(base_url=server.base_url) as client:
            getattr(client.rows, name)(expand=value)

    check(server, call)


@pytest.mark.parametrize("lua", ["lua5.1", "lua5.4", "luajit"])
def test_plain_lua(server: Recorder, made: tuple[Path, Any], lua: str) -> None:
    needs(lua)
    with ExitStack() as stack:
        ask = stack.enter_context(interpreter(lua, str(PLAIN), str(made[0] / "lua"), server.base_url, "token", "deep"))

        def call(name: str, value: Any) -> None:
            answered = json.loads(ask(json.dumps([f"deep_{name}", {"expand": value}]) + "\n"))
            assert "error" not in answered, answered

        check(server, call)


def test_curl(server: Recorder, made: tuple[Path, Any]) -> None:
    needs("curl")
    api = made[1]

    def call(name: str, value: Any) -> None:
        line = calls.curl(api, api.function(f"deep_{name}"), {"expand": value})
        line = line.replace(api.servers[0].url, server.base_url)
        done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=HANGS, check=False)
        assert done.returncode == 0, (line, done.stderr)

    check(server, call)


def test_mock(made: tuple[Path, Any]) -> None:
    from deep.mock import requests
    from deep.mock.routes import load

    routes = load()
    wrong: list[Any] = []
    for number, (*_, value, text) in enumerate(ROWS):
        for method, path, query, body in (
            ("GET", f"/query{number}", text, b""),
            ("POST", f"/form{number}", "", text.encode()),
        ):
            headers = Message()
            if body:
                headers["Content-Type"] = FORM
            request = requests.Request(method, path, query, headers, body)
            route, found = routes.find(method, path)
            requests.read(request, route, found, routes.schemas)
            if request.arguments != {"expand": value}:
                wrong.append((path, text, request.arguments))
    assert not wrong


def test_it_is_about_one_style_alone(tmp_path: Path) -> None:
    document, catalog = documents()
    document["paths"]["/query2"]["get"]["parameters"][0]["style"] = "form"
    (tmp_path / "openapi.json").write_text(json.dumps(document), "utf-8")
    (tmp_path / "catalog.json").write_text(json.dumps(catalog), "utf-8")
    with pytest.raises(SpecError, match="array_format") as caught:
        pipeline.load(pipeline.Inputs(tmp_path / "openapi.json", tmp_path / "catalog.json"))
    assert "'expand' does not have the style deepObject" in str(caught.value)
