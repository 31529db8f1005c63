"""Swagger 2.0 by the tables of its specification: each row is a fragment of 2.0 and what it means, worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from generator import link
from generator.errors import SpecError
from generator.ir import Api, Function
from generator.read import documents, source
from generator.read.swagger import Rewriting
from generator.surfaces.shared import styles

HEAD: dict[str, Any] = {"swagger": "2.0", "info": {"title": "Pets", "version": "1"}, "host": "pets.example"}


def api(folder: Path, **parts: Any) -> Api:
    (folder / "api.json").write_text(json.dumps({**HEAD, "paths": {}, **parts}), "utf-8")
    return link.load(documents.read(folder / "api.json"))


def function(
    folder: Path, operation: dict[str, Any], *, method: str = "post", path: str = "/a", **parts: Any
) -> Function:
    written = {"operationId": "doIt", "responses": {"204": {"description": "done"}}, **operation}
    return api(folder, paths={path: {method: written}}, **parts).functions[0]


def query(kind: str | None, location: str = "query") -> dict[str, Any]:
    said = {} if kind is None else {"collectionFormat": kind}
    return {"name": "ids", "in": location, "type": "array", "items": {"type": "integer"}, "required": True, **said}


@pytest.mark.parametrize(
    ("parts", "urls"),
    [
        # Swagger Object: host, basePath, schemes; a path is appended to basePath.
        ({"schemes": ["http"], "basePath": "/v1"}, ["http://pets.example/v1"]),
        ({"schemes": ["http", "https"]}, ["https://pets.example", "http://pets.example"]),
        ({"host": "pets.example:8443", "basePath": "/v1/", "schemes": ["https"]}, ["https://pets.example:8443/v1"]),
        ({}, ["https://pets.example"]),
        ({"basePath": "/v1/X//"}, ["https://pets.example/v1/X"]),
        ({"basePath": "v1"}, ["https://pets.example/v1"]),
        ({"basePath": "/"}, ["https://pets.example"]),
    ],
)
def test_servers(parts: dict[str, Any], urls: list[str], tmp_path: Path) -> None:
    assert [server.url for server in api(tmp_path, **parts).servers] == urls


def test_schemes_of_an_operation_override_and_those_of_no_web_are_told(tmp_path: Path) -> None:
    found = api(
        tmp_path,
        schemes=["https", "ws"],
        basePath="/v1",
        paths={"/a": {"get": {"operationId": "a", "schemes": ["http"], "responses": {"204": {"description": "."}}}}},
    )
    assert found.functions[0].server == "http://pets.example/v1"
    assert [(loss.pointer, loss.reason) for loss in found.losses] == [
        ("/schemes/1", "the scheme 'ws' is not supported: only http and https are")
    ]


@pytest.mark.parametrize(
    ("kind", "style", "explode"),
    [  # Parameter Object, collectionFormat; csv is the default
        (None, "form", False),
        ("csv", "form", False),
        ("ssv", "spaceDelimited", False),
        ("tsv", "tabDelimited", False),
        ("pipes", "pipeDelimited", False),
        ("multi", "form", True),
    ],
)
def test_collection_formats(kind: str | None, style: str, explode: bool, tmp_path: Path) -> None:
    found = function(tmp_path, {"parameters": [query(kind)]}).params[0]
    assert (found.style, found.explode, found.type.kind) == (style, explode, "array")


def test_a_list_in_a_path_has_commas_and_what_has_other_signs_is_one_text(tmp_path: Path) -> None:
    listed = function(tmp_path, {"parameters": [query("csv", "path")]}, path="/a/{ids}").params[0]
    assert (listed.style, listed.explode, listed.type.kind) == ("simple", False, "array")
    found = api(tmp_path, paths={"/a/{ids}": {"get": {"parameters": [query("pipes", "path")], "responses": {}}}})
    assert found.functions[0].params[0].type.kind == "string"
    assert any("has no style in a path or a header" in loss.reason for loss in found.losses)


def test_a_parameter_describes_its_value_itself(tmp_path: Path) -> None:
    said = {"name": "n", "in": "query", "type": "integer", "format": "int32", "minimum": 1, "maximum": 9, "default": 3}
    found = function(tmp_path, {"parameters": [said]}, method="get").params[0]
    assert (found.type.kind, found.type.format, found.type.minimum, found.type.maximum) == ("integer", "int32", 1, 9)
    assert found.type.default == 3


BODY = {
    "name": "pet",
    "in": "body",
    "required": True,
    "schema": {"type": "object", "properties": {"a": {"type": "string"}}},
}


@pytest.mark.parametrize(
    ("whole", "own", "media"),
    [  # consumes: global, overridden by the operation's; an empty value clears it
        (["application/vnd.a+json"], None, "application/vnd.a+json"),
        (["application/xml"], ["application/json"], "application/json"),
        (["application/xml"], [], "application/json"),
        (None, None, "application/json"),
    ],
)
def test_consumes(whole: Any, own: Any, media: str, tmp_path: Path) -> None:
    parts = {} if whole is None else {"consumes": whole}
    found = function(tmp_path, {"parameters": [BODY], **({} if own is None else {"consumes": own})}, **parts)
    assert found.body is not None and (found.body.media_type, found.body.required) == (media, True)


def test_produces_and_the_examples_of_a_response(tmp_path: Path) -> None:
    answer = {
        "description": "ok",
        "schema": {"type": "object", "properties": {"a": {"type": "string"}}},
        "headers": {"X-Left": {"type": "integer", "description": "calls"}},
        "examples": {"application/json": {"a": "x"}, "text/csv": "a"},
    }
    found = api(
        tmp_path,
        produces=["application/xml"],
        paths={"/a": {"get": {"operationId": "a", "produces": ["application/json"], "responses": {"200": answer}}}},
    )
    response = found.functions[0].responses[0]
    assert [(c.media_type, c.examples) for c in response.contents] == [("application/json", ({"a": "x"},))]
    assert [(one.name, one.type.kind, one.type.description) for one in response.headers] == [
        ("X-Left", "integer", "calls")
    ]
    assert [loss.pointer for loss in found.losses] == ["/paths/~1a/get/responses/200/examples/text~1csv"]


def test_an_answer_that_is_a_file(tmp_path: Path) -> None:
    answer = {"responses": {"200": {"description": "ok", "schema": {"type": "file"}}}}
    assert function(tmp_path, {**answer, "produces": ["image/png"]}, method="get").result.kind == "binary"
    assert function(tmp_path, answer, method="get").result.media_type == "application/octet-stream"


FIELD = {"name": "title", "in": "formData", "type": "string", "required": True, "description": "What it is called."}
FILE = {"name": "data", "in": "formData", "type": "file"}


@pytest.mark.parametrize(
    ("consumes", "fields", "media", "kind"),
    [
        (None, [FIELD], "application/x-www-form-urlencoded", "form"),
        (["multipart/form-data"], [FIELD], "multipart/form-data", "multipart"),
        (
            ["multipart/form-data", "application/x-www-form-urlencoded"],
            [FIELD, FILE],
            "multipart/form-data",
            "multipart",
        ),
        (["application/x-www-form-urlencoded"], [FIELD, FILE], "multipart/form-data", "multipart"),
    ],
)
def test_forms(consumes: Any, fields: list[Any], media: str, kind: str, tmp_path: Path) -> None:
    found = function(tmp_path, {"parameters": fields, **({"consumes": consumes} if consumes else {})})
    assert found.body is not None and (found.body.media_type, found.body.kind) == (media, kind)
    assert [(p.wire_name, p.required) for p in found.params] == [
        (each["name"], each.get("required", False)) for each in fields
    ]
    assert found.params[0].description == "What it is called."
    assert [p.type.kind for p in found.params] == ["binary" if p["type"] == "file" else "string" for p in fields]


@pytest.mark.parametrize(
    ("kind", "style", "explode"), [("multi", "form", True), (None, "form", False), ("ssv", "spaceDelimited", False)]
)
def test_lists_of_a_form(kind: str | None, style: str, explode: bool, tmp_path: Path) -> None:
    found = function(tmp_path, {"parameters": [query(kind, "formData")]}).params[0]
    assert (found.style, found.explode) == (style, explode)


def test_bodies_and_fields_of_the_path_and_by_reference(tmp_path: Path) -> None:
    found = api(
        tmp_path,
        definitions={"Pet": {"type": "object", "properties": {"a": {"type": "string"}}}},
        parameters={
            "Pet": {"name": "pet", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Pet"}},
            "Limit": {"name": "limit", "in": "query", "type": "integer"},
            "Title": FIELD,
        },
        responses={"Gone": {"description": "gone", "schema": {"$ref": "#/definitions/Pet"}}},
        paths={
            "/a": {
                "parameters": [{"$ref": "#/parameters/Pet"}, {"$ref": "#/parameters/Limit"}],
                "put": {"operationId": "put", "responses": {"404": {"$ref": "#/responses/Gone"}}},
                "post": {"operationId": "post", "parameters": [{**BODY, "required": False}], "responses": {}},
            },
            "/b": {"post": {"operationId": "form", "parameters": [{"$ref": "#/parameters/Title"}], "responses": {}}},
        },
    )
    by_id = {each.operation_id: each for each in found.functions}
    assert by_id["put"].body is not None and by_id["put"].body.type.model == "Pet"
    assert [p.wire_name for p in by_id["put"].params] == ["a", "limit"]
    assert by_id["put"].responses[0].contents[0].type.model == "Pet"
    assert by_id["post"].body is not None and by_id["post"].body.required is False
    assert [p.wire_name for p in by_id["form"].params] == ["title"]


@pytest.mark.parametrize(
    ("scheme", "kind", "location", "name"),
    [  # Security Scheme Object: type basic, apiKey, oauth2 with its four flows
        ({"type": "basic"}, "basic", "header", "Authorization"),
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, "apiKey", "header", "X-Key"),
        ({"type": "apiKey", "in": "query", "name": "key"}, "apiKey", "query", "key"),
        (
            {"type": "oauth2", "flow": "implicit", "authorizationUrl": "https://a/", "scopes": {}},
            "oauth2",
            "header",
            "Authorization",
        ),
    ],
)
def test_security(scheme: dict[str, Any], kind: str, location: str, name: str, tmp_path: Path) -> None:
    paths = {"/a": {"get": {"responses": {"204": {"description": "done"}}}}}
    (found,) = api(tmp_path, paths=paths, securityDefinitions={"s": scheme}, security=[{"s": []}]).schemes
    assert (found.kind, found.location, found.name) == (kind, location, name)


@pytest.mark.parametrize(
    ("flow", "called"),
    [
        ("implicit", "implicit"),
        ("password", "password"),
        ("application", "clientCredentials"),
        ("accessCode", "authorizationCode"),
    ],
)
def test_flows_of_oauth(flow: str, called: str, tmp_path: Path) -> None:
    scheme = {
        "type": "oauth2",
        "flow": flow,
        "tokenUrl": "https://a/t",
        "authorizationUrl": "https://a/a",
        "scopes": {"r": "read"},
    }
    (tmp_path / "api.json").write_text(json.dumps({**HEAD, "paths": {}, "securityDefinitions": {"s": scheme}}), "utf-8")
    read = documents.read(tmp_path / "api.json").document.root.value["components"]["securitySchemes"]["s"]
    urls = {"tokenUrl": "https://a/t", "authorizationUrl": "https://a/a", "scopes": {"r": "read"}}
    assert read == {"type": "oauth2", "flows": {called: urls}}


def test_what_schemas_say_in_words_of_their_own(tmp_path: Path) -> None:
    pet = {
        "type": "object",
        "discriminator": "kind",
        "required": ["kind"],
        "properties": {
            "kind": {"type": "string"},
            "a": {"type": "string", "x-nullable": True},
            "b": {"$ref": "#/definitions/Name", "x-nullable": True},
        },
    }
    found = api(
        tmp_path,
        definitions={"Pet": pet, "Name": {"type": "object", "properties": {"n": {"type": "string"}}}},
        paths={
            "/a": {
                "get": {
                    "operationId": "a",
                    "responses": {"200": {"description": ".", "schema": {"$ref": "#/definitions/Pet"}}},
                }
            }
        },
    )
    fields = {field.wire_name: field for field in found.models["Pet"].fields}
    assert (fields["a"].type.nullable, fields["b"].type.nullable, fields["kind"].type.nullable) == (True, True, False)


def test_a_reference_into_a_part_that_moved(tmp_path: Path) -> None:
    def answers(schema: Any) -> dict[str, Any]:
        return {"200": {"description": ".", "schema": schema}}

    found = api(
        tmp_path,
        produces=["application/vnd.a+json"],
        definitions={"Pet": {"type": "object", "properties": {"kind": {"type": "string", "enum": ["cat"]}}}},
        paths={
            "/a": {
                "post": {
                    "operationId": "a",
                    "parameters": [query("csv"), BODY],
                    "responses": answers({"type": "integer"}),
                }
            },
            "/b": {
                "get": {"operationId": "b", "responses": answers({"$ref": "#/paths/~1a/post/responses/200/schema"})}
            },
            "/c": {"get": {"operationId": "c", "responses": answers({"$ref": "#/paths/~1a/post/parameters/1/schema"})}},
            "/d": {"get": {"operationId": "d", "responses": answers({"$ref": "#/definitions/Pet/properties/kind"})}},
        },
    )
    kinds = {each.operation_id: each.result.type for each in found.functions}
    assert kinds["b"] is not None and kinds["b"].kind == "integer"
    assert kinds["c"] is not None and kinds["c"].kind == "model"
    assert kinds["d"] is not None and kinds["d"].kind == "string"


def test_files_beside_the_document(tmp_path: Path) -> None:
    """A file of definitions, one of objects by name, and one that is a single path item; all of 2.0."""
    parts = {
        "defs.json": {
            "definitions": {"Pet": {"type": "object", "properties": {"a": {"type": "string", "x-nullable": True}}}}
        },
        "params.json": {
            "limit": {
                "name": "limit",
                "in": "query",
                "type": "array",
                "items": {"type": "string"},
                "collectionFormat": "multi",
            },
            "pet": {"name": "pet", "in": "body", "required": True, "schema": {"$ref": "defs.json#/definitions/Pet"}},
            "title": FIELD,
            "all": {"description": ".", "schema": {"$ref": "defs.json#/definitions/Pet"}},
        },
        "item.json": {
            "get": {
                "operationId": "listed",
                "parameters": [{"$ref": "params.json#/limit"}],
                "responses": {"200": {"$ref": "params.json#/all"}},
            },
            "post": {"operationId": "back", "parameters": [{"$ref": "api.json#/parameters/Back"}], "responses": {}},
        },
    }
    parts["common.json"] = {
        "parameters": {
            "Size": {**FIELD, "name": "size"},
            "Names": {"name": "n", "in": "body", "schema": {"type": "array", "items": {"type": "string"}}},
        }
    }
    for name, held in parts.items():
        (tmp_path / name).write_text(json.dumps(held), "utf-8")
    found = api(
        tmp_path,
        parameters={"Back": {**FIELD, "name": "back"}},
        paths={
            "/a": {"$ref": "item.json"},
            "/b": {"post": {"operationId": "made", "parameters": [{"$ref": "params.json#/pet"}], "responses": {}}},
            "/c": {"post": {"operationId": "formed", "parameters": [{"$ref": "params.json#/title"}], "responses": {}}},
            **{
                f"/{name}": {
                    "put": {
                        "operationId": name,
                        "parameters": [{"$ref": f"common.json#/parameters/{one}"}],
                        "responses": {},
                    }
                }
                for name, one in (("sized", "Size"), ("named", "Names"))
            },
        },
    )
    by_id = {each.operation_id: each for each in found.functions}
    assert (by_id["listed"].params[0].style, by_id["listed"].params[0].explode) == ("form", True)
    assert by_id["listed"].result.type is not None and by_id["listed"].result.type.model == "Pet"
    assert found.models["Pet"].fields[0].type.nullable
    made, formed = by_id["made"], by_id["formed"]
    assert made.body is not None and made.body.type.model == "Pet" and made.body.required
    assert [(p.wire_name, p.type.kind, p.required) for p in formed.params] == [("title", "string", True)]
    # Bodies and fields among the parameters of the document itself, and of a file of parameters.
    assert [(p.wire_name, p.location) for p in by_id["back"].params] == [("back", "field")]
    assert [(p.wire_name, p.type.kind) for p in by_id["sized"].params] == [("size", "string")]
    named = by_id["named"].body
    assert named is not None and (named.type.kind, named.type.items and named.type.items.kind) == ("array", "string")


YAML = """swagger: '2.0'
info: {title: Pets, version: '1'}
host: pets.example
definitions:
  Pet: {type: object, properties: {owner: {$ref: '#/definitions/Owner'}}}
paths:
  /a:
    post:
      operationId: a
      parameters:
        - {name: pet, in: body, schema: {$ref: '#/definitions/Pet'}}
      responses: {204: {description: done}}
"""


def test_a_mistake_is_told_where_it_stands_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "api.yaml").write_text(YAML, "utf-8")
    with pytest.raises(SpecError) as caught:
        link.load(documents.read(Path("api.yaml")))
    assert "api.yaml:5:44: $ref '#/definitions/Owner' points to nothing: there is no 'Owner' in /definitions" in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("swagger: '1.2'", "api.yaml:1:1: Swagger '1.2' is not supported"),
        ("swaggerVersion: '1.2'", "api.yaml:1:1: Swagger '1.2' is not supported"),
    ],
)
def test_older_versions(head: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "api.yaml").write_text(f"{head}\npaths: {{}}\n", "utf-8")
    with pytest.raises(SpecError) as caught:
        documents.read(Path("api.yaml"))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "bad", [{"paths": []}, {"definitions": []}, {"paths": {"/a": {"get": []}}}, {"parameters": [1]}]
)
def test_what_is_of_another_kind_is_a_mistake_and_no_crash(bad: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(SpecError):
        api(tmp_path, **bad)


@pytest.mark.parametrize(
    ("kind", "written"),
    [  # Swagger 2.0, Parameter Object: foo,bar · foo bar · foo\tbar · foo|bar · foo=bar&foo=baz
        ("csv", ["ids=1,2"]),
        ("ssv", ["ids=1%202"]),
        ("tsv", ["ids=1%092"]),
        ("pipes", ["ids=1%7C2"]),
        ("multi", ["ids=1", "ids=2"]),
    ],
)
def test_what_stands_in_the_query(kind: str, written: list[str], tmp_path: Path) -> None:
    found = function(tmp_path, {"parameters": [query(kind)]}).params[0]
    spelled = SimpleNamespace(
        wire=found.wire_name,
        location=found.location,
        style=found.style,
        explode=found.explode,
        allow_reserved=found.allow_reserved,
        media=found.media_type,
    )
    assert styles.pieces(spelled, [1, 2], styles.Texts(str, json.dumps)) == written


def test_three_has_no_style_for_tabs(tmp_path: Path) -> None:
    """The style of `tsv` is Swagger's alone: OpenAPI 3 does not know it."""
    parameter = {"name": "ids", "in": "query", "style": "tabDelimited", "schema": {"type": "array", "items": {}}}
    document = {"openapi": "3.1.0", "info": {}, "paths": {"/a": {"get": {"parameters": [parameter], "responses": {}}}}}
    (tmp_path / "api.json").write_text(json.dumps(document), "utf-8")
    assert link.load(documents.read(tmp_path / "api.json")).functions[0].params[0].style == "form"


REWRITTEN = Path(__file__).parent / "rewritten"


def test_a_whole_document_as_3_0_writes_it() -> None:
    """`swagger.yaml` holds each construct of 2.0, and `openapi.yaml` the same as the specification of 3.0 has it."""
    rewriting = Rewriting(lambda node, _: pytest.fail(f"{node.pointer} leads to no other file"))
    written = source.load(REWRITTEN / "swagger.yaml")
    found = rewriting.document(written)
    expected = yaml.safe_load((REWRITTEN / "openapi.yaml").read_text("utf-8"))
    for path, item in expected["paths"].items():
        for method, operation in item.items():
            assert found.value["paths"][path][method] == operation, (path, method)
    assert found.value == expected
    goods = "/paths/~1goods~1{id}"
    ledger = [
        ("/paths/~1goods~1{id}/parameters/0", "a list with | between its members has no style in a path or a header"),
        (f"{goods}/parameters/1/items", "nested lists have no style"),
        (f"{goods}/get/parameters/6/collectionFormat", "'other' is not a collection format; csv is used"),
        (f"{goods}/get/responses/200/examples/application~1pdf", "the example has the media type 'application/pdf', which the operation"),
        (f"{goods}/put/parameters/0", "the form's field 'n' is combined with a body; only the body is sent"),
        ("/paths/~1forms/post/responses/201/examples/note", "the example has the media type 'note'"),
        ("/paths/~1bare/post/responses/200/headers/X", "a list with tabs between its members"),
        ("/paths/~1bare/head/parameters/3", "a list with blanks between its members"),
        ("/paths/~1bare/post/responses/200/headers/Y", "'multi' is not a collection format for a path or a header"),
        ("/responses/Gone/examples/application~1json", "which the operation does not produce"),  # of 404 above
        ("/schemes/0", "the scheme 'ws' is not supported"),
    ]  # fmt: skip
    assert sorted(pointer for pointer, _ in found.reading.degraded) == sorted(pointer for pointer, _ in ledger)
    for pointer, reason in ledger:
        assert any(reason in told for at, told in found.reading.degraded if at == pointer), (pointer, reason)
    places = {
        "/openapi": (1, "swagger"),
        "/servers/0/url": (3, "host"),
        "/components/securitySchemes/code/flows/authorizationCode/tokenUrl": (14, "tokenUrl"),
        "/components/schemas/Good/properties/other/allOf/0/$ref": (31, "$ref"),
        f"{goods}/get/parameters/3/style": (51, "collectionFormat"),
        f"{goods}/get/responses/200/content/text~1csv/schema": (57, "schema"),
        f"{goods}/delete/requestBody": (43, "{$ref"),
        "/paths/~1forms/post/requestBody/content/application~1x-www-form-urlencoded/schema/properties/list": (71, "{name: list"),
    }  # fmt: skip
    lines = written.text.splitlines()
    for pointer, (line, start) in places.items():
        place = found.place(pointer)
        assert place.line == line and lines[line - 1][place.column - 1 :].startswith(start), (pointer, place)
    moved = {
        "/definitions/Good/properties/kind": "/components/schemas/Good/properties/kind",
        "/parameters/Page": "/components/parameters/Page",
        "/responses/Gone/schema/properties": "/components/responses/Gone/content/application~1json/schema/properties",
        "/securityDefinitions/user": "/components/securitySchemes/user",
        f"{goods}/get/responses/200/schema/items": f"{goods}/get/responses/200/content/text~1csv/schema/items",
        f"{goods}/parameters/1": f"{goods}/parameters/1",
        f"{goods}/get/parameters/7/name": f"{goods}/get/parameters/7/name",
        "/info": "/info",
    }
    assert {pointer: rewriting.moved(written, pointer) for pointer in moved} == moved
