"""Links of responses, by the examples of OpenAPI 3.1.1, 4.8.20.2: in the docs of the function whose answer has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from generator import pipeline
from generator.ir import Api, Link

ID = [{"name": "userid", "in": "path", "required": True, "schema": {"type": "string"}}]
OK: dict[str, Any] = {"200": {"description": "ok"}}


def document(**links: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.1",
        "info": {"title": "Users", "version": "1"},
        "paths": {
            "/users/{userid}": {
                "parameters": ID,
                "get": {"operationId": "getUser", "responses": {"200": {"description": "ok", "links": links}}},
            },
            "/users/{userid}/address": {
                "parameters": ID,
                "get": {"operationId": "getUserAddress", "responses": OK},
                "put": {"operationId": "putUserAddress", "responses": OK},
            },
        },
        "components": {"links": {"put": {"operationId": "putUserAddress", "requestBody": "$response.body#/address"}}},
    }


LINKS = {
    "address": {
        "operationId": "getUserAddress",
        "parameters": {"userid": "$request.path.id"},
        "description": "Where *they* live.",
    },
    "UserRepositories": {
        "operationRef": "#/paths/~1users~1%7Buserid%7D~1address/get",
        "parameters": {"userid": "$response.body#/uuid", "size": 3},
    },
    "changed": {"$ref": "#/components/links/put"},
    "lost": {"operationId": "nobody"},
    "elsewhere": {"operationRef": "https://na2.gigantic-server.com/#/paths/~12.0~1repositories~1%7Busername%7D/get"},
}


def api(folder: Path) -> Api:
    (folder / "api.json").write_text(json.dumps(document(**LINKS)), "utf-8")
    return pipeline.load(pipeline.Inputs(folder / "api.json"))


def test_links_lead_to_functions(tmp_path: Path) -> None:
    found = api(tmp_path)
    by_id = {function.operation_id: function for function in found.functions}
    address = by_id["getUserAddress"].name
    assert by_id["getUser"].links == (
        Link(name="address", status="200", function=address, parameters=(("userid", "$request.path.id"),), description="Where *they* live."),
        Link(name="UserRepositories", status="200", function=address, parameters=(("userid", "$response.body#/uuid"), ("size", "3"))),
        Link(name="changed", status="200", function=by_id["putUserAddress"].name, body="$response.body#/address"),
    )  # fmt: skip
    assert [(loss.kind, loss.reason) for loss in found.losses] == [
        ("dropped", "the link 'elsewhere' does not lead to a function"),
        ("dropped", "the link 'lost' does not lead to a function"),
    ]


def test_the_docs_tell_them(tmp_path: Path) -> None:
    api(tmp_path)
    pipeline.generate(pipeline.Inputs(tmp_path / "api.json"), tmp_path / "out", ("docs",))
    page = next(path for path in (tmp_path / "out").rglob("functions/*.md") if "**Link" in path.read_text("utf-8"))
    told = [line for line in page.read_text("utf-8").splitlines() if "**Link" in line]
    assert len(told) == 3
    assert "`userid` from `$request.path.id`" in told[0] and "Where \\*they\\* live." in told[0]
    assert "with `userid` from `$response.body#/uuid` and `size` from `3`" in told[1]
    assert "with the body from `$response.body#/address`" in told[2]
