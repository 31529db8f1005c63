"""Placeholders of a path: OpenAPI's `{name}`, and what comes nearest where a document writes RFC 6570's expressions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator import link
from generator.ir import Api
from generator.read import documents


def api(folder: Path, path: str, *declared: str) -> Api:
    params = []
    for each in declared:
        place, _, name = each.rpartition(":")
        params.append({"name": name, "in": place or "path", "required": not place, "schema": {"type": "integer"}})
    operation = {"operationId": "get", "parameters": params, "responses": {}}
    document = {"openapi": "3.1.1", "info": {"title": "Zoo", "version": "1"}, "paths": {path: {"get": operation}}}
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    return link.load(documents.read(folder / "api.json"))


# (path, declared) -> path, and of each parameter: name, place, style, explode, required and type.
ROWS: list[tuple[str, list[str], str, list[str]]] = [
    ("/a/{x}", ["x"], "/a/{x}", ["x path simple - ! integer"]),
    ("/a/{x}/{y}", ["y", "x"], "/a/{x}/{y}", ["y path simple - ! integer", "x path simple - ! integer"]),
    ("/a/{x}", [], "/a/{x}", ["x path simple - ! string"]),
    ("/a/{x}/{x}", ["x"], "/a/{x}/{x}", ["x path simple - ! integer"]),
    ("/a/{x}/{x}", [], "/a/{x}/{x}", ["x path simple - ! string"]),
    ("/a", ["x"], "/a", []),
    ("/a/{petId}", ["pet_id"], "/a/{petId}", ["petId path simple - ! integer"]),
    ("/a/{petId}", ["pet_id", "pet-id"], "/a/{petId}", ["petId path simple - ! string"]),
    (
        "/a/{petId}/{pet_id}",
        ["pet_id"],
        "/a/{petId}/{pet_id}",
        ["pet_id path simple - ! integer", "petId path simple - ! string"],
    ),
    ("/a/{+x}", ["x"], "/a/{x}", ["x path simple - ! integer"]),
    ("/a{/x}", ["x"], "/a/{x}", ["x path simple - ! integer"]),
    ("/a{/x,y}", [], "/a/{x}/{y}", ["x path simple - ! string", "y path simple - ! string"]),
    ("/a{.x}", ["x"], "/a{x}", ["x path label - ! integer"]),
    ("/a{;x}", ["x"], "/a{x}", ["x path matrix - ! integer"]),
    ("/a{;x*}", [], "/a{x}", ["x path matrix * ! string"]),
    ("/a/{x*}", ["x"], "/a/{x}", ["x path simple * ! integer"]),
    ("/a/{x:3}", ["x"], "/a/{x}", ["x path simple - ! integer"]),
    ("/a/{x,y}", ["x"], "/a/{x},{y}", ["x path simple - ! integer", "y path simple - ! string"]),
    ("/a{?q}", [], "/a", ["q query form - ? string"]),
    ("/a{?q,r*}", [], "/a", ["q query form - ? string", "r query form * ? array"]),
    ("/a{&q}", ["query:q"], "/a", ["q query form * ? integer"]),
    ("/a{#x}", [], "/a", []),
    ("/a/{}", [], "/a/{value}", ["value path simple - ! string"]),
    # RFC 3986, 3.5: a fragment is for whoever has the answer.
    ("/a/{x}#rename", ["x"], "/a/{x}", ["x path simple - ! integer"]),
    ("/a#{x}", ["x"], "/a", []),
    ("/a{#x}/b", [], "/a/b", []),
]


@pytest.mark.parametrize(
    ("path", "declared", "expected", "params"), ROWS, ids=[f"{path} {said}" for path, said, *_ in ROWS]
)
def test_placeholders(tmp_path: Path, path: str, declared: list[str], expected: str, params: list[str]) -> None:
    found = api(tmp_path, path, *declared)
    (function,) = found.functions
    assert function.path == expected
    told: list[Any] = []
    for p in function.params:
        told.append(
            f"{p.wire_name} {p.location} {p.style} {'*' if p.explode else '-'} {'!' if p.required else '?'} {p.type.kind}"
        )
    assert sorted(told) == sorted(params)
    plain = (
        path == expected
        and sorted(declared) == sorted(p.wire_name for p in function.params)
        and path.count("{") == len(declared)
    )
    assert bool(found.losses) is not plain, "what is not as it is written stands in the ledger"


@pytest.mark.parametrize(
    ("path", "declared", "kind", "reason"),
    [
        ("/a/{x}", [], "degraded", "`{x}` of the path has no parameter; it is read as a string"),
        ("/a", ["x"], "dropped", "the parameter 'x' has no placeholder in /a; it is not sent"),
        ("/a/{petId}", ["pet_id"], "kept", "the parameter 'pet_id' fills `{petId}` of the path"),
        ("/a/{x}/{x}", ["x"], "kept", "`{x}` is more than once in the path: one argument fills in all of them"),
        ("/a/{+x}", ["x"], "degraded", "`{+x}` in the path is filled as `{x}`: every reserved character is escaped"),
        ("/a{/x,y}", ["x", "y"], "degraded", "`{/x,y}` in the path is filled as `{x}` and `{y}`"),
        ("/a{#x}", [], "degraded", "`{#x}` in the path is a fragment, which is never sent"),
        ("/a{?q}", [], "degraded", "`{?q}` in the path is read as parameters of the query"),
        ("/a/{x", [], "degraded", "a brace in the path that is not part of a placeholder is sent unchanged"),
        ("/a/x}", [], "degraded", "a brace in the path that is not part of a placeholder is sent unchanged"),
        ("/a#b", [], "degraded", "the part of the path after `#` is a fragment, which is never sent"),
    ],
)
def test_the_ledger(tmp_path: Path, path: str, declared: list[str], kind: str, reason: str) -> None:
    assert (kind, reason) in [(loss.kind, loss.reason) for loss in api(tmp_path, path, *declared).losses]
