"""The oracle of `make oracle` on two small documents in the manner of others, and the faults that it must see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from oracle import BASE, judge
from oracle_answers import judged
from oracle_documents import cut, operations
from oracle_requests import Call, differences
from oracle_schemas import Schemas

Json = dict[str, Any]
TEXT: Json = {"type": "string"}
COUNT: Json = {"type": "integer"}
THING: Json = {
    "type": "object",
    "required": ["id", "created_at", "code"],
    "properties": {
        "id": {**COUNT, "readOnly": True},
        "created_at": COUNT,
        "uid": {"type": "string", "format": "uuid"},
        "code": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{2,4}$"},
        "day": {"type": "string", "format": "date"},
        "tags": {"type": "array", "items": TEXT, "minItems": 2, "uniqueItems": True},
        "share": {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "multipleOf": 0.25},
        "parent": {"$ref": "#/components/schemas/Thing"},
    },
}


def content(media: str, schema: Json, **more: Any) -> Json:
    return {"content": {media: {"schema": schema, **more}}}


def answer(status: str = "200", media: str = "application/json", **schema: Any) -> Json:
    return {status: {"description": "OK", **content(media, schema)}}


def param(name: str, where: str, schema: Json, **more: Any) -> Json:
    return {"name": name, "in": where, "schema": schema, "required": where == "path", **more}


LIST: Json = {"type": "array", "items": TEXT, "minItems": 1}
POINT: Json = {
    "type": "object",
    "required": ["x", "y"],
    "properties": {"x": COUNT, "y": COUNT},
    "additionalProperties": False,
}
DEEP: Json = {
    "type": "object",
    "required": ["name", "rows"],
    "properties": {
        "name": TEXT,
        "at": POINT,
        "rows": {"type": "array", "minItems": 1, "items": POINT},
        "labels": {"type": "object", "additionalProperties": TEXT},
    },
    "additionalProperties": False,
}
GAP = param("id", "path", COUNT)
REF: Json = {"$ref": "#/components/schemas/Thing"}
GONE: Json = {
    "type": "object",
    "required": ["deleted"],
    "properties": {"deleted": {"type": "boolean"}, "id": COUNT},
    "additionalProperties": False,
}
PROBLEM: Json = {"type": "object", "required": ["error"], "properties": {"error": TEXT}, "additionalProperties": False}


def nullable(old: bool, schema: Json) -> Json:
    """OAS 3.0.4, Schema Object: `nullable`; OAS 3.1.1: a type of JSON Schema 2020-12."""
    return {**schema, "nullable": True} if old else {**schema, "type": [schema["type"], "null"]}


def nulls(old: bool) -> Json:
    """An operation whose parameters, properties and items may be null."""
    text, point = nullable(old, TEXT), nullable(old, POINT)
    items: Json = {"type": "array", "items": text, "minItems": 2}
    either: Json = point if old else {"anyOf": [POINT, {"type": "null"}]}
    body = {
        "type": "object",
        "required": ["name", "list"],
        "properties": {"name": text, "list": items, "at": either, "rows": {"type": "array", "items": point}},
        "additionalProperties": False,
    }
    params = [param("q", "query", text), param("X-H", "header", text), param("c", "cookie", text)]
    params += [param("ids", "query", items), param("X-List", "header", items)]
    return {
        "parameters": params,
        "requestBody": {"required": True, **content("application/json", body)},
        "responses": answer(**POINT),
    }


OLD: Json = {
    "openapi": "3.0.3",
    "info": {"title": "Old", "version": "1"},
    "servers": [{"url": "https://old.example/v1"}],
    "paths": {
        "/nulls": {"post": nulls(True)},
        "/things": {
            "get": {
                "parameters": [
                    param("q", "query", TEXT), param("ids", "query", LIST, explode=False),
                    param("near", "query", POINT, style="deepObject", explode=True),
                    param("bar", "query", LIST, style="pipeDelimited", explode=False),
                    param("X-List", "header", LIST), param("Content-Type", "header", TEXT, example="text/plain"),
                    param("mood", "cookie", TEXT), param("where", "query", POINT),
                ],
                "responses": answer(type="array", items=REF) | answer("400", **PROBLEM),
            },
            "post": {"requestBody": content("application/json", REF), "responses": answer("201", **REF)},
        },
        "/things/{id}": {
            "parameters": [GAP],
            "get": {"responses": answer(**REF)},
            "delete": {"responses": answer(**GONE)},
        },
        "/kinds/{id}": {
            "parameters": [GAP],
            "get": {"responses": {"default": answer(**REF)["200"]}},
            "patch": {"requestBody": content("application/json", REF), "responses": answer(**REF)},
            "put": {"requestBody": {"required": True, **content("application/json", REF)}, "responses": answer(**REF)},
        },
        "/shapes/{simple}/{label}/{matrix}": {
            "get": {
                "parameters": [
                    param("simple", "path", LIST), param("label", "path", POINT, style="label", explode=True),
                    param("matrix", "path", LIST, style="matrix", explode=True),
                ],
                "responses": answer(media="text/event-stream", **REF),
            }
        },
        "/names": {"get": {"responses": answer(media="application/json", type="array", items=TEXT) | {}}},
        "/forms": {
            "post": {
                "requestBody": {
                    "required": True,
                    **content("application/x-www-form-urlencoded", DEEP, encoding={
                        name: {"style": "deepObject", "explode": True} for name in ("at", "rows", "labels")
                    }),
                },
                "responses": answer(media="application/xml", **POINT),
            }
        },
        "/moved": {"get": {"responses": {"302": {"description": "Found"}}}},
    },
    "components": {"schemas": {"Thing": THING}},
}  # fmt: skip
OLD["paths"]["/names"]["get"]["responses"]["200"]["content"]["application/json"]["example"] = ["one", 2]
FILE: Json = {"type": "string", "format": "binary"}
NEW: Json = {
    "openapi": "3.1.0",
    "info": {"title": "New", "version": "1"},
    "paths": {
        "/nulls": {"post": nulls(False)},
        "/uploads": {
            "post": {
                "requestBody": {
                    "required": True,
                    **content("multipart/form-data", {
                        "type": "object", "required": ["file"],
                        "properties": {"file": FILE, "about": POINT, "words": LIST, "n": COUNT},
                    }, encoding={"about": {"contentType": "application/vnd.point+json"}}),
                },
                "responses": answer(**REF),
            }
        },
        "/empty": {
            "post": {
                "requestBody": {
                    "required": True,
                    **content("multipart/form-data", {"type": "object", "properties": {"a": {**TEXT, "maxLength": 0}}}),
                },
                "responses": answer("204", type="null"),
            }
        },
        "/either": {
            "post": {
                "requestBody": {"content": {
                    media: {"schema": {"type": "object", "properties": {"name": TEXT}}}
                    for media in ("multipart/form-data", "application/json")
                }},
                "responses": answer(oneOf=[POINT, GONE]),
            }
        },
    },
    "components": {"schemas": {"Thing": THING}},
}  # fmt: skip


@pytest.mark.parametrize("document", [OLD, NEW], ids=["3.0", "3.1"])
def test_what_is_sent_and_answered_is_what_the_document_says(document: Json, tmp_path: Path) -> None:
    report = judge(document, tmp_path, 3, types=False)
    counts = report.counts
    assert report.shown == []
    assert counts["right"] == counts["operations"] == len(list(operations(document)))
    assert counts["with null right"] > 0 and counts["by MCP"] > 0
    assert counts["mock right"] + counts["mock absent"] == counts["operations"] + counts["with null right"]


def test_a_cut_document_holds_what_it_refers_to() -> None:
    kept = cut(OLD, 2)
    assert len(list(operations(kept))) == 2
    assert set(kept["components"].get("schemas", ())) == (
        {"Thing"} if "schemas/Thing" in json.dumps(kept["paths"]) else set()
    )


FAULTS: list[tuple[Json, str]] = [
    ({"method": "PUT"}, "method: "),
    ({"target": "/base/a%2Fb?q=1"}, "path: "),
    ({"target": "/base/a%20b?q=1&q=2"}, "query: "),
    ({"target": "/base/a%20b"}, "query: "),
    ({"headers": [("Content-Type", "application/json"), ("x-h", "2")]}, "header: "),
    ({"headers": [("Content-Type", "text/plain"), ("X-H", "1")]}, "body: "),
    ({"body": b'{"a": true}'}, "body: "),
    ({"body": b""}, "body: "),
]


@pytest.mark.parametrize(("fault", "told"), FAULTS)
def test_faults_of_a_request_are_seen(fault: Json, told: str) -> None:
    operation = {"requestBody": content("application/json", {})}
    call = Call("/{p}", "post", operation, body={"a": 1}, media="application/json", target="/a%20b")
    call.query, call.headers = [("q", "1")], {"x-h": "1"}
    good = {
        "method": "POST", "target": "/base/a%20b?q=1", "body": b'{"a":1}',
        "headers": [("Content-Type", "application/json"), ("X-H", "1")],
    }  # fmt: skip
    schemas = Schemas({"openapi": "3.1.0"}, "request")
    assert list(differences(call, good, BASE, {}, schemas)) == []
    assert any(each.startswith(told) for each in differences(call, {**good, **fault}, BASE, {}, schemas))


@pytest.mark.parametrize(
    ("status", "media", "body", "verdict"),
    [
        (200, "application/json; charset=utf-8", b'{"x":1,"y":2}', "right"),
        (200, "application/json", b'{"x":1}', "schema: required"),
        (200, "application/json", b"{", "no JSON"),
        (200, "text/plain", b"x", "the type 'text/plain' is not declared"),
        (201, "application/json", b"{}", "status 201 is not declared"),
        (422, "application/json", b'{"error":"x"}', "status 422 is not declared"),
        (400, "application/json", b'{"error":"x"}', "refused with 400"),
    ],
)
def test_faults_of_an_answer_are_seen(status: int, media: str, body: bytes, verdict: str) -> None:
    operation = {"responses": answer(**POINT) | answer("400", **PROBLEM)}
    found = judged({}, Schemas({"openapi": "3.0.0"}, "response"), Call("/p", "get", operation), status, media, body)
    assert found[0] == verdict


def test_values_are_judged_by_format_pattern_and_direction() -> None:
    for way, lacks in (("request", "created_at"), ("response", "id")):
        schemas = Schemas(OLD, way)  # type: ignore[arg-type]
        whole = {"id": 1, "created_at": 1, "code": "ABC-12"}
        schema = schemas.read(REF)
        assert schemas.wrong(whole, schema) == ""
        assert "required" in schemas.wrong({key: item for key, item in whole.items() if key != lacks}, schema)
        for name, value in (
            ("code", "abc"),
            ("uid", "no"),
            ("day", "2026-02-30"),
            ("tags", ["a", "a"]),
            ("share", 0.3),
        ):
            assert schemas.wrong({**whole, name: value}, schema), name
