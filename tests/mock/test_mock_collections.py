"""Collections of each kind that documents of others have: what is made is read, listed, changed and deleted alike.

Judged by the oracle, which finds collections by their paths and holds answers against the document with `jsonschema`.
"""

from __future__ import annotations

import http.client
import importlib
import json
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

import oracle_collections
import pytest
from hanging import HANGS

from generator import pipeline

TEXT = {"type": "string", "minLength": 1, "maxLength": 20}
DONE = {"204": {"description": "Done"}}


def answer(schema: Any, status: str = "200", **more: Any) -> dict[str, Any]:
    return {status: {"description": "OK", "content": {"application/json": {"schema": schema, **more}}}}


def body(schema: Any) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def thing(id_schema: Any, name: str = "id", **more: Any) -> dict[str, Any]:
    properties = {name: {**id_schema, "readOnly": True}, "name": TEXT, "size": {"type": "integer"}, **more}
    return {"type": "object", "required": [name, "name"], "properties": properties}


def wrapped(schema: Any, under: str) -> dict[str, Any]:
    return {"type": "object", "required": [under], "properties": {under: schema, "took": {"type": "integer"}}}


def several(schema: Any) -> dict[str, Any]:
    return {"type": "array", "items": schema}


def collection(path: str, param: str, param_schema: Any, schema: Any, **more: Any) -> dict[str, Any]:
    """The paths of one. more: the schemas of what POST takes, and of what POST, GET and the list answer."""
    one, made = more.get("one", schema), more.get("made", more.get("one", schema))
    asked = more.get("asked", schema)
    at = {"name": param, "in": "path", "required": True, "schema": param_schema}
    item = path.rstrip("/") + "/{" + param + "}" + more.get("end", "")
    return {
        path: {
            "get": {"responses": answer(more.get("all", several(schema)))},
            "post": {"requestBody": body(asked), "responses": answer(made, "201")},
        },
        item: {
            "parameters": [at],
            "get": {"responses": {**answer(one), "404": {"description": "None"}}},
            "patch": {"requestBody": body(asked), "responses": answer(one)},
            "delete": {"responses": DONE},
        },
    }


INTEGER, STRING = {"type": "integer"}, {"type": "string"}
CODE = {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$"}
SHORT = {"type": "string", "maxLength": 6}
GIVEN = {"type": "object", "required": ["name"], "properties": {"name": TEXT, "size": {"type": "integer"}}}
ROOM, LOCK = thing(STRING), thing(STRING, secret={**TEXT, "writeOnly": True})
NOTE = {"id": 4, "name": "A", "size": 1}
LINK = {"type": "object", "required": ["id", "href"], "properties": {"id": STRING, "href": STRING}}
KINDS: dict[str, dict[str, Any]] = {
    "/integers": collection("/integers", "id", {**INTEGER, "minimum": 1, "maximum": 500}, thing(INTEGER)),
    "/uuids": collection("/uuids", "uuidId", {**STRING, "format": "uuid"}, thing({**STRING, "format": "uuid"})),
    "/codes": collection("/codes", "code", CODE, thing(CODE, "code")),
    "/asked": collection("/asked", "asked_id", CODE, thing(STRING)),
    "/shorts": collection("/shorts", "shortId", SHORT, thing(SHORT)),
    "/numbers": collection("/numbers", "number", INTEGER, thing(STRING)),
    "/tailed/": collection("/tailed/", "id", STRING, thing(STRING), end="/"),
    "/dated": collection(
        "/dated", "id", STRING, thing(STRING, created_at={"type": "string", "format": "date-time"})
    ),
    "/slashed/": collection("/slashed/", "slashed", STRING, thing(STRING)),
    "/rooms": collection(
        "/rooms", "room_id", STRING, ROOM, one=wrapped(ROOM, "data"), all=wrapped(several(ROOM), "data")
    ),
    "/users": collection(
        "/users", "user", STRING, ROOM, asked=wrapped(GIVEN, "user"), one=wrapped(ROOM, "user"),
        all=wrapped(wrapped(several(ROOM), "items"), "result"),
    ),
    "/links": collection("/links", "id", STRING, ROOM, made=LINK),
    "/locks": collection("/locks", "lockId", STRING, {**LOCK, "additionalProperties": False}),
}  # fmt: skip
NOTES = {
    "/notes": {
        "get": {"responses": answer({}, example=[NOTE])},
        "post": {"requestBody": body(GIVEN), "responses": answer({}, "201", example={**NOTE, "id": 9})},
    },
    "/notes/{note}": {
        "parameters": [{"name": "note", "in": "path", "required": True, "schema": STRING}],
        "get": {"responses": {**answer({}, example=NOTE), "404": {"description": "None"}}},
        "delete": {"responses": DONE},
    },
}
"""What documents have that were written down from examples: no schema at all."""
PAGE = {"type": "object", "properties": {"name": TEXT, "size": {"type": "integer"}}}
PAGES = {
    "/pages": {"post": {"requestBody": body(GIVEN), "responses": answer({}, "201", example={**NOTE, "id": 12})}},
    "/pages/{id}": {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": INTEGER}],
        "get": {"responses": {**answer(PAGE, example={**NOTE, "name": "B"}), "404": {"description": "None"}}},
        "delete": {"responses": DONE},
    },
}
"""And those whose schema does not know what an example shows."""
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Shelves", "version": "1"},
    "paths": {**{path: item for kind in KINDS.values() for path, item in kind.items()}, **NOTES, **PAGES},
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder: Path = tmp_path_factory.mktemp("shelves")
    (folder / "api.json").write_text(json.dumps(DOCUMENT), "utf-8")
    pipeline.generate(pipeline.Inputs(folder / "api.json"), folder / "out", ("python", "mock"))
    sys.path.insert(0, str(folder / "out/python"))
    try:
        with importlib.import_module("shelves_kit.mock.server").serve(token="") as mock:
            yield mock
    finally:
        sys.path.remove(str(folder / "out/python"))


def ask(mock: Any, method: str, path: str, value: Any = None) -> tuple[int, Any]:
    url = urlsplit(mock.base_url)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=HANGS)
    try:
        sent = None if value is None else json.dumps(value)
        connection.request(method, path, sent, {"Content-Type": "application/json"} if sent else {})
        reply = connection.getresponse()
        content = reply.read()
        return reply.status, json.loads(content) if content else None
    finally:
        connection.close()


@pytest.mark.parametrize("path", [*KINDS, "/notes", "/pages"])
@pytest.mark.parametrize("seed", [1, 2])
def test_it_agrees_with_itself_and_the_document(running: Any, path: str, seed: int) -> None:
    running.reset()
    found = next(each for each in oracle_collections.collections(DOCUMENT) if each.path == path)
    steps = oracle_collections.round_trip(oracle_collections.Mock(DOCUMENT, running.base_url, seed), found)
    listed = ["list"] if path != "/pages" else []  # which nothing lists
    assert steps == ["create", "get", *listed, *(["patch"] if path in KINDS else []), "delete"]


@pytest.mark.parametrize(
    ("path", "name", "takes"),
    [
        ("/integers", "id", lambda each: type(each) is int and 1 <= each <= 500),
        ("/uuids", "id", lambda each: str(UUID(each)) == each),
        ("/codes", "code", lambda each: re.fullmatch("[A-Z]{2}-[0-9]{4}", each)),
        ("/asked", "id", lambda each: re.fullmatch("[A-Z]{2}-[0-9]{4}", each)),
        ("/shorts", "id", lambda each: 0 < len(each) <= 6),
        ("/numbers", "id", lambda each: each.isdecimal()),
    ],
)
def test_ids_are_those_of_their_schemas_and_each_its_own(running: Any, path: str, name: str, takes: Any) -> None:
    running.reset()
    made = [ask(running, "POST", path, {"name": f"n{turn}"})[1][name] for turn in range(8)]
    assert all(takes(each) for each in made) and len(set(made)) == 8
    for turn, each in enumerate(made):
        assert ask(running, "GET", f"{path}/{quote(str(each), safe='')}")[1]["name"] == f"n{turn}"


def test_a_change_leaves_a_thing_where_it_is(running: Any) -> None:
    running.reset()
    made = ask(running, "POST", "/slashed/", {"name": "a"})[1]
    changed = ask(running, "PATCH", f"/slashed/{made['id']}", {"id": "elsewhere", "name": "b"})[1]
    assert changed == {**made, "name": "b"} == ask(running, "GET", f"/slashed/{made['id']}")[1]


def test_two_hundred_callers_at_once_have_a_thing_each(running: Any) -> None:
    running.reset()
    with ThreadPoolExecutor(200) as pool:
        made = [*pool.map(lambda turn: ask(running, "POST", "/rooms", {"name": f"n{turn}"}), range(200))]
    assert {status for status, _ in made} == {201}
    assert len({each["data"]["id"] for _, each in made}) == 200
    listed = {each["name"] for each in ask(running, "GET", "/rooms")[1]["data"]}
    assert listed >= {f"n{turn}" for turn in range(200)}
