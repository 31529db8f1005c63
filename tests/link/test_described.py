"""What an operation says of itself is what becomes of it: by OpenAPI 3.1.1 and 3.2.0, RFC 9110 and RFC 3986."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator import link
from generator.ir import Api, Function
from generator.read import documents

Json = dict[str, Any]
OK = {"description": "OK"}
TEXT = {"type": "string"}


def api(folder: Path, paths: Json, version: str = "3.1.1", **more: Any) -> Api:
    document = {"openapi": version, "info": {"title": "Pets", "version": "1"}, "paths": paths, **more}
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    return link.load(documents.read(folder / "api.json"))


def one(folder: Path, operation: Json, method: str = "post", **more: Any) -> Function:
    (function,) = api(folder, {"/pets": {method: {"responses": {"204": OK}, **operation}}}, **more).functions
    return function


@pytest.mark.parametrize(
    ("method", "access", "idempotent", "destructive"),
    [
        # RFC 9110, 9.2.1 and 9.2.2; QUERY is safe by its own specification.
        ("get", "read", True, False),
        ("head", "read", True, False),
        ("options", "read", True, False),
        ("trace", "read", True, False),
        ("query", "read", True, False),
        ("put", "write", True, False),
        ("delete", "write", True, True),
        ("post", "write", False, False),
        ("patch", "write", False, False),
    ],
)
def test_methods(tmp_path: Path, method: str, access: str, idempotent: bool, destructive: bool) -> None:
    content = {"application/json": {"schema": {"type": "object", "properties": {"id": TEXT}}}}
    operation = {"responses": {"200": {**OK, "content": content}}}
    found = one(tmp_path, operation, method, version="3.2.0")
    assert (found.method, found.path) == (method.upper(), "/pets")
    assert (found.access, found.idempotent, found.destructive) == (access, idempotent, destructive)
    # RFC 9110, 9.3.2: what describes the answer to GET describes no body of the answer to HEAD.
    assert found.result.kind == ("empty" if method == "head" else "json")
    assert found.result.may_be_empty is (method == "head")


OBJECT, BYTES = {"type": "object"}, {"type": "string", "format": "binary"}


@pytest.mark.parametrize(
    ("media", "schema", "kind"),
    [
        ("application/json", OBJECT, "json"),
        ("application/json; charset=utf-8", OBJECT, "json"),
        ("Application/JSON", OBJECT, "json"),
        ("application/problem+json", OBJECT, "json"),
        ("*/*", OBJECT, "json"),
        # OpenAPI 3.2.0, 4.14.2: sequential media types.
        ("text/event-stream", OBJECT, "events"),
        ("text/event-stream;charset=utf-8", OBJECT, "events"),
        ("application/jsonl", OBJECT, "events"),
        ("application/x-ndjson", OBJECT, "events"),
        # The same under the names that servers give it: Elasticsearch, jsonlines.org, Vector, Spring, Docker.
        ("application/ndjson", OBJECT, "events"),
        ("application/x-jsonl", OBJECT, "events"),
        ("application/jsonlines", OBJECT, "events"),
        ("application/x-jsonlines", OBJECT, "events"),
        ("application/json-lines", OBJECT, "events"),
        ("application/x-json-lines", OBJECT, "events"),
        ("application/stream+json", OBJECT, "events"),
        ("text/jsonl", OBJECT, "events"),
        ("application/json-seq", OBJECT, "events"),
        ("application/geo+json-seq", OBJECT, "events"),  # RFC 8091 and RFC 8142
        ("text/plain", TEXT, "text"),
        ("text/csv", TEXT, "text"),
        ("application/xml", OBJECT, "text"),
        ("image/svg+xml", TEXT, "text"),
        ("application/yaml", TEXT, "text"),
        ("text/plain", BYTES, "binary"),
        ("application/octet-stream", BYTES, "binary"),
        ("image/png", BYTES, "binary"),
        ("image/png", TEXT, "binary"),
        ("application/pdf", OBJECT, "binary"),
    ],
)
def test_answers_by_media_type(tmp_path: Path, media: str, schema: Json, kind: str) -> None:
    found = one(tmp_path, {"responses": {"200": {**OK, "content": {media: {"schema": schema}}}}}, "get")
    assert (found.result.kind, found.result.media_type) == (kind, media)


FIELDS = {"type": "object", "properties": {"a": TEXT, "b": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("offered", "media", "kind", "arguments"),
    [
        (["application/json"], "application/json", "json", ["a", "b"]),
        (["application/merge-patch+json"], "application/merge-patch+json", "json", ["a", "b"]),
        (["multipart/form-data"], "multipart/form-data", "multipart", ["a", "b"]),
        (["application/x-www-form-urlencoded"], "application/x-www-form-urlencoded", "form", ["a", "b"]),
        (["text/plain"], "text/plain", "text", ["body"]),
        (["application/xml"], "application/xml", "text", ["body"]),
        (["application/zip"], "application/zip", "binary", ["body"]),
        (["application/xml", "application/json"], "application/json", "json", ["a", "b"]),
        (["text/plain", "application/x-www-form-urlencoded"], "application/x-www-form-urlencoded", "form", ["a", "b"]),
        (["application/x-www-form-urlencoded", "multipart/form-data"], "multipart/form-data", "multipart", ["a", "b"]),
    ],
)
def test_bodies_by_media_type(tmp_path: Path, offered: list[str], media: str, kind: str, arguments: list[str]) -> None:
    found = one(tmp_path, {"requestBody": {"content": {each: {"schema": FIELDS} for each in offered}}})
    assert found.body is not None and (found.body.media_type, found.body.kind) == (media, kind)
    assert sorted(param.wire_name for param in found.params) == arguments
    assert not found.body.required, "OpenAPI 3.1.1, 4.8.13.1: `required` is false where it is not said"
    assert sorted(found.body.also) == sorted({*offered} - {media})


@pytest.mark.parametrize(
    ("given", "schema", "kind", "media"),
    [
        # OpenAPI 3.1.1, 4.8.13.1: a key may be a range; RFC 9110, 8.3: what is sent has a type, and no range.
        ("text/*", TEXT, "text", "text/plain"),
        ("*/*", TEXT, "text", "text/plain"),
        ("*/*", FIELDS, "json", "application/json"),
        ("application/*", FIELDS, "json", "application/json"),
        ("application/*", TEXT, "json", "application/json"),
        # A file's own type takes the place of the range.
        ("image/*", {}, "binary", "image/*"),
        ("*/*", {**TEXT, "format": "binary"}, "binary", "*/*"),
    ],
)
def test_a_range_of_media_types(given: str, schema: Json, kind: str, media: str, tmp_path: Path) -> None:
    found = one(tmp_path, {"requestBody": {"content": {given: {"schema": schema}}}})
    assert found.body is not None and (found.body.kind, found.body.media_type) == (kind, media)


# OpenAPI 3.1.1, 4.8.5, 4.8.9.1 and 4.8.10.1: a path's servers go before the document's, an operation's before both.
ROOT, PATH, OWN = ([{"url": f"https://{host}.test/v1"}] for host in ("root", "path", "own"))


@pytest.mark.parametrize(
    ("root", "path", "own", "expected"),
    [
        (ROOT, None, None, "https://root.test/v1"),
        (ROOT, PATH, None, "https://path.test/v1"),
        (ROOT, PATH, OWN, "https://own.test/v1"),
        (ROOT, None, OWN, "https://own.test/v1"),
        (None, PATH, None, "https://path.test/v1"),
        ([*ROOT, *PATH], None, None, "https://root.test/v1"),
        (ROOT, [*OWN, *PATH], None, "https://own.test/v1"),
        ([{"url": "https://{at}.test/{v}/", "variables": {"at": {"default": "eu", "enum": ["eu", "us"]}, "v": {"default": "v2"}}}], None, None, "https://eu.test/v2"),
        ([{"url": "/v3"}], None, None, "/v3"),
    ],
)  # fmt: skip
def test_servers(tmp_path: Path, root: Any, path: Any, own: Any, expected: str) -> None:
    operation = {"responses": {"204": OK}} | ({"servers": own} if own else {})
    item = {"get": operation} | ({"servers": path} if path else {})
    made = api(tmp_path, {"/a": item, "/b": {"get": {"responses": {}}}}, **({"servers": root} if root else {}))
    first, other = made.functions
    assert (first.server or made.servers[0].url) == expected
    assert not other.server


JSON, EVENTS = ({media: {"schema": OBJECT}} for media in ("application/json", "text/event-stream"))


@pytest.mark.parametrize(
    ("responses", "kind", "may_be_empty"),
    [
        ({"200": {**OK, "content": JSON}}, "json", False),
        ({"2XX": {**OK, "content": JSON}}, "json", False),
        ({"201": {**OK, "content": JSON}, "204": OK}, "json", True),
        ({"200": {**OK, "content": {**EVENTS, **JSON}}}, "json", False),
        ({"200": {**OK, "content": EVENTS}}, "events", False),
        ({"default": {**OK, "content": JSON}}, "json", False),
        ({"204": OK, "default": {**OK, "content": JSON}}, "empty", True),
        ({"404": {**OK, "content": JSON}}, "empty", True),
        # RFC 9110, 15.4.4: after POST it is 303 that leads to a result.
        ({"302": {**OK, "content": JSON}}, "empty", True),
        ({"303": OK, "404": {**OK, "content": JSON}}, "binary", False),
        ({"200": {**OK, "content": JSON}, "304": OK}, "json", True),
        ({}, "empty", True),
    ],
)
def test_which_answer_is_the_result(tmp_path: Path, responses: Json, kind: str, may_be_empty: bool) -> None:
    found = one(tmp_path, {"responses": responses})
    assert (found.result.kind, found.result.may_be_empty) == (kind, may_be_empty)
    assert [response.status for response in found.responses] == [*responses]


def test_a_parameter_of_the_operation_goes_before_that_of_its_path(tmp_path: Path) -> None:
    """OpenAPI 3.1.1, 4.8.9.1: one is known by its name and its place together."""
    shared = [{"name": "a", "in": "query", "schema": TEXT}, {"name": "b", "in": "query", "schema": TEXT}]
    own = [{"name": "a", "in": "query", "required": True, "schema": {"type": "integer"}}, {"name": "b", "in": "header", "schema": TEXT}]  # fmt: skip
    (found,) = api(tmp_path, {"/a": {"parameters": shared, "get": {"parameters": own, "responses": {}}}}).functions
    told = {(p.wire_name, p.location): (p.type.kind, p.required) for p in found.params}
    assert told == {("a", "query"): ("integer", True), ("b", "query"): ("string", False), ("b", "header"): ("string", False)}  # fmt: skip


@pytest.mark.parametrize(
    ("location", "said", "style", "explode"),
    [
        # OpenAPI 3.1.1, 4.8.12.2.2: the style by the place, and `explode` where it is `form`.
        ("path", {}, "simple", False),
        ("query", {}, "form", True),
        ("header", {}, "simple", False),
        ("cookie", {}, "form", True),
        ("path", {"style": "matrix"}, "matrix", False),
        ("path", {"style": "label", "explode": True}, "label", True),
        ("query", {"style": "form"}, "form", True),
        ("query", {"style": "form", "explode": False}, "form", False),
        ("query", {"style": "spaceDelimited"}, "spaceDelimited", False),
        ("query", {"style": "deepObject", "explode": True}, "deepObject", True),
        ("header", {"explode": True}, "simple", True),
    ],
)
def test_styles_of_a_parameter(tmp_path: Path, location: str, said: Json, style: str, explode: bool) -> None:
    given = {"name": "a", "in": location, "required": location == "path", "schema": {}, **said}
    path = "/a/{a}" if location == "path" else "/a"
    (found,) = api(tmp_path, {path: {"get": {"parameters": [given], "responses": {}}}}).functions
    (param,) = found.params
    assert (param.style, param.explode, param.required) == (style, explode, location == "path")


@pytest.mark.parametrize(
    ("said", "style", "explode"),
    [
        # OpenAPI 3.1.2, 4.15.2: as those of a query where one of them is there, else the media type says how.
        (None, "", True),
        ({}, "", True),
        ({"explode": False}, "form", False),
        ({"style": "form"}, "form", True),
        ({"style": "spaceDelimited"}, "spaceDelimited", False),
        ({"style": "pipeDelimited", "explode": True}, "pipeDelimited", True),
        ({"style": "deepObject", "explode": True}, "deepObject", True),
    ],
)
def test_styles_of_a_field(tmp_path: Path, said: Json | None, style: str, explode: bool) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": TEXT}}}
    content = {"schema": schema} | ({"encoding": {"a": said}} if said is not None else {})
    (param,) = one(tmp_path, {"requestBody": {"content": {"application/x-www-form-urlencoded": content}}}).params
    assert (param.style, param.explode) == (style, explode)


@pytest.mark.parametrize(
    ("root", "own", "authenticated"),
    [
        # OpenAPI 3.1.1, 4.8.10.1: an operation's own goes before the document's; an empty list removes it.
        ([{"key": []}], None, True),
        ([{"key": []}], [], False),
        (None, [{"key": []}], True),
    ],
)
def test_security(tmp_path: Path, root: Any, own: Any, authenticated: bool) -> None:
    more: Json = {"components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}}
    more |= {"security": root} if root is not None else {}
    assert one(tmp_path, {"security": own} if own is not None else {}, **more).authenticated is authenticated


def test_what_is_read_only_is_not_sent_and_what_the_body_needs_is_required(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"id": {**TEXT, "readOnly": True}, "key": {**TEXT, "writeOnly": True}, "old": {**TEXT, "deprecated": True}},
        "required": ["id", "key"],
    }  # fmt: skip
    found = one(tmp_path, {"deprecated": True, "requestBody": {"content": {"application/json": {"schema": schema}}}})
    assert [(p.wire_name, p.required, p.deprecated) for p in found.params] == [
        ("key", True, False),
        ("old", False, True),
    ]
    assert found.deprecated and found.body is not None and found.body.required


def test_methods_beside_a_reference(tmp_path: Path) -> None:
    """OpenAPI 3.1.1, 4.8.9.1, leaves open what goes first: what stands beside the reference does, and the ledger says so."""
    there = {"get": {"operationId": "far", "responses": {}}, "post": {"operationId": "add", "responses": {}}}
    here = {"$ref": "#/components/pathItems/a", "get": {"operationId": "near", "responses": {}}, "put": {"operationId": "set", "responses": {}}}  # fmt: skip
    made = api(tmp_path, {"/a": here}, components={"pathItems": {"a": there}})
    assert sorted(function.operation_id for function in made.functions) == ["add", "near", "set"]
    told = [(loss.pointer, loss.reason) for loss in made.losses if "next to the `$ref`" in loss.reason]
    assert told == [("/components/pathItems/a/get", "GET /a is also next to the `$ref` to it; that one is used")]


def test_a_document_may_have_no_paths(tmp_path: Path) -> None:
    """OpenAPI 3.1.1, 4.8.1: components or webhooks are enough."""
    document = {"openapi": "3.1.1", "info": {"title": "Pets", "version": "1"}, "components": {}}
    (tmp_path / "api.json").write_text(json.dumps(document), "utf-8")
    assert link.load(documents.read(tmp_path / "api.json")).functions == ()
    extension = api(tmp_path, {"x-note": {"get": {"responses": {}}}, "/a": {"x-get": {}, "get": {"responses": {}}}})
    assert [function.path for function in extension.functions] == ["/a"]


@pytest.mark.parametrize(
    ("version", "name", "where", "required"),
    [
        # OAS 3.1.1, Parameter Object, `name`: in headers, `Authorization` SHALL be ignored. In 2.0 it is as any other.
        ("3.0.4", "Authorization", "header", False),
        ("3.1.1", "authorization", "header", False),
        ("3.1.1", "authorization", "query", True),
        ("3.1.1", "X-Authorization", "header", True),
        ("2.0", "Authorization", "header", True),
    ],
)
def test_a_credential_need_not_be_an_argument(
    tmp_path: Path, version: str, name: str, where: str, required: bool
) -> None:
    old = version == "2.0"
    param = {"name": name, "in": where, "required": True, **(TEXT if old else {"schema": TEXT})}
    operation = {"parameters": [param], "responses": {"204": OK}}
    document = {"swagger" if old else "openapi": version, "info": {"title": "Pets", "version": "1"}}
    (tmp_path / "api.json").write_text(json.dumps({**document, "paths": {"/pets": {"get": operation}}}), "utf-8")
    (function,) = link.load(documents.read(tmp_path / "api.json")).functions
    assert [(p.wire_name, p.required) for p in function.params] == [(name, required)]


KIND = {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]}


@pytest.mark.parametrize(
    ("said", "mapping", "first"),
    [
        # OAS 3.1.1, Discriminator Object: the name of the component, unless it is mapped. A component whose property
        # can be something else only is meant by that: the other value would not be valid.
        (TEXT, {}, "Cat"),
        ({"type": "string", "enum": ["Cat", "Tom"]}, {}, "Cat"),
        ({"type": "string", "enum": ["cat"]}, {}, "cat"),
        ({"const": "cat"}, {}, "cat"),
        (TEXT, {"tom": "#/components/schemas/Cat"}, "tom"),
        (TEXT, {"tom": "Cat"}, "tom"),
    ],
)
def test_what_a_discriminator_says_of_a_member(tmp_path: Path, said: Json, mapping: Json, first: str) -> None:
    pet: Json = {"type": "object", "required": ["kind"]}
    schemas = {"Cat": {**pet, "properties": {"kind": said}}, "Dog": {**pet, "properties": {"kind": TEXT}}}
    union = {**KIND, "discriminator": {"propertyName": "kind", **({"mapping": mapping} if mapping else {})}}
    content = {"application/json": {"schema": union}}
    found = one(tmp_path, {"responses": {"200": {**OK, "content": content}}}, components={"schemas": schemas})
    kind = found.result.type
    assert kind is not None and kind.discriminator is not None
    assert next(value for value, key in kind.discriminator.mapping if key == "Cat") == first


def test_what_an_answer_shows(tmp_path: Path) -> None:
    """The media type's own example, else those of its schema (3.1.1, 4.8.14: `example` overrides the schema's)."""
    media = "application/json"
    pet = {"Pet": {"type": "object", "example": {"id": "1"}}}
    rows: list[tuple[Json, list[Any]]] = [
        ({"schema": {"$ref": "#/components/schemas/Pet"}}, [{"id": "1"}]),
        ({"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}}, [[{"id": "1"}]]),
        ({"schema": {"type": "integer", "examples": [4, 5], "default": 6}}, [4, 5]),
        ({"schema": {"type": "integer", "default": 6}}, [6]),
        ({"schema": {"type": "integer", "example": 4}, "example": 7}, [7]),
        ({"schema": {"type": "integer"}}, []),
    ]
    paths = {
        f"/{n}": {"get": {"responses": {"200": {**OK, "content": {media: row}}}}} for n, (row, _) in enumerate(rows)
    }
    found = api(tmp_path, paths, components={"schemas": pet}).functions
    shown = [list(function.responses[0].contents[0].examples) for function in sorted(found, key=lambda f: f.path)]
    assert shown == [expected for _, expected in rows]
