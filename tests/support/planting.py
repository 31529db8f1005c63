"""One change planted in a small document: a fragment of OpenAPI at a place, and another one at the same place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from generator import link
from generator.evolve.diff import Change, Diff, diff
from generator.ir import Api
from generator.read import documents

Json = Any


def base() -> dict[str, Json]:
    """Two functions, one that gives and one that takes."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Zoo", "version": "1"},
        "servers": [{"url": "https://zoo.example/v1"}],
        "paths": {
            "/pets": {
                "get": {"operationId": "listPets", "tags": ["pets"], "responses": {"200": _answer({"type": "object"})}},
                "post": {"operationId": "addPet", "tags": ["pets"], "responses": {"204": {"description": "ok"}}},
            }
        },
    }


def _answer(schema: Json) -> dict[str, Json]:
    return {"description": "ok", "content": {"application/json": {"schema": schema}}}


def _holding(schema: Json, required: bool = False) -> dict[str, Json]:
    """An object with the field `a`, and one beside it that makes it an object of its own."""
    holder: dict[str, Json] = {"type": "object", "properties": {"a": schema, "z": {"type": "string"}}}
    return {**holder, "required": ["a"]} if required else holder


def _parameter(where: str, name: str = "q") -> Callable[[dict[str, Json], Json], None]:
    def plant(document: dict[str, Json], schema: Json) -> None:
        parameter = {"name": name, "in": where, "schema": schema, "required": where == "path"}
        if where == "path":
            document["paths"] = {"/pets/{q}": {"get": document["paths"]["/pets"]["get"]}}
        _get(document)["parameters"] = [parameter]

    return plant


def _get(document: dict[str, Json]) -> dict[str, Json]:
    operation: dict[str, Json] = next(iter(document["paths"].values()))["get"]
    return operation


def _post(document: dict[str, Json]) -> dict[str, Json]:
    operation: dict[str, Json] = document["paths"]["/pets"]["post"]
    return operation


def _request(document: dict[str, Json], schema: Json) -> None:
    _post(document)["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}


def _result(document: dict[str, Json], schema: Json) -> None:
    _get(document)["responses"] = {"200": _answer(schema)}


def _merged(document: dict[str, Json], part: Mapping[str, Json]) -> None:
    document.update(part)


_SCHEMES = {
    "securitySchemes": {
        "s": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "o": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://zoo.example/t", "scopes": {}}}},
    }
}
PLACES: Mapping[str, Callable[[dict[str, Json], Json], None]] = {
    "query": _parameter("query"),
    "header": _parameter("header"),
    "cookie": _parameter("cookie"),
    "path": _parameter("path"),
    "property of a query parameter": lambda d, x: _parameter("query")(d, _holding(x)),
    "property of a header": lambda d, x: _parameter("header")(d, _holding(x)),
    "parameters": lambda d, x: _get(d).update(parameters=x),
    "body": _request,
    "property": lambda d, x: _request(d, _holding(x)),
    "required property": lambda d, x: _request(d, _holding(x, True)),
    "nested property": lambda d, x: _request(d, {"type": "object", "properties": {"o": _holding(x)}}),
    "required nested property": lambda d, x: _request(d, {"type": "object", "properties": {"o": _holding(x, True)}}),
    "request": lambda d, x: _post(d).update(requestBody=x) if x is not None else None,
    "form": lambda d, x: _post(d).update(requestBody={"content": {"multipart/form-data": x}}),
    "result": _result,
    "field": lambda d, x: _result(d, _holding(x)),
    "required field": lambda d, x: _result(d, _holding(x, True)),
    "responses": lambda d, x: _get(d).update(responses=x),
    "response headers": lambda d, x: _get(d)["responses"]["200"].update(headers=x),
    "error": lambda d, x: _get(d)["responses"].update({"404": _answer(x)}),
    "operation": lambda d, x: _get(d).update(x),
    "secured operation": lambda d, x: (d.update(components=_SCHEMES), _get(d).update(x))[0],
    "operations": lambda d, x: d.update(paths={"/pets": x}),
    "paths": lambda d, x: d.update(paths=x),
    "document": _merged,
    "whole": lambda d, x: (d.clear(), d.update(x))[0],
}
"""Where a fragment goes: the schema of a part, or the part itself."""


def document(place: str, fragment: Json) -> dict[str, Json]:
    """The small document with a fragment at a place."""
    planted = base()
    PLACES[place](planted, fragment)
    return planted


def read(folder: Path, written: Json) -> Api:
    """The API that a document describes."""
    path = folder / "openapi.json"
    path.write_text(json.dumps(written))
    return link.load(documents.read(path))


def planted(folder: Path, place: str, old: Json, new: Json) -> Diff:
    """What the diff finds between both fragments at a place."""
    return diff(read(folder, document(place, old)), read(folder, document(place, new)))


ALONE = ("document", "whole", "operations", "paths", "secured operation")
"""Places whose change is of the whole document; all others can stand side by side in one, which is read faster."""


def side_by_side(folder: Path, rows: Mapping[str, tuple[str, Json, Json]]) -> dict[str, Diff]:
    """What the diff finds between both fragments of each row, each on a path and under a tag of its own."""
    keys = {f"c{number}": name for number, name in enumerate(rows)}
    old, new = (
        read(folder, _together({key: (rows[name][0], rows[name][side]) for key, name in keys.items()}))
        for side in (1, 2)
    )
    groups = {function.name: function.group for function in old.functions}
    changes_of: dict[str, list[Change]] = {name: [] for name in rows}
    for change in diff(old, new).changes:
        for key in {change.subject.partition(".")[0], *(groups.get(name, "") for name in change.used_by)}:
            if key in keys:
                changes_of[keys[key]].append(change)
    return {name: Diff(tuple(changes)) for name, changes in changes_of.items()}


def _together(rows: Mapping[str, tuple[str, Json]]) -> dict[str, Json]:
    whole, paths = base(), {}
    for key, (place, fragment) in rows.items():
        (path, item), *_ = document(place, fragment)["paths"].items()
        for method in ("get", "post"):
            if method in item:
                item[method] = {**item[method], "operationId": f"{method}_{key}", "tags": [key]}
        paths[f"/{key}{path}"] = item
    return {**whole, "paths": paths}
