"""A whole document, and all that the IR says of its operations, written down by hand from the specification."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from plain_ir import plain

from generator import link
from generator.ir import Api
from generator.read import documents

ZOO = Path(__file__).parent / "whole/zoo.yaml"
MILL = ZOO.with_name("mill.yaml")
Json = Any


@cache
def api(path: Path) -> Api:
    return link.load(documents.read(path))


def of(function: str, path: Path = ZOO) -> Json:
    return plain(next(each for each in api(path).functions if each.operation_id == function))


def string(**more: Json) -> Json:
    return {"kind": "string", **more}


def integer(**more: Json) -> Json:
    return {"kind": "integer", **more}


def model(key: str, **more: Json) -> Json:
    return {"kind": "model", "model": key, **more}


def array(items: Json, **more: Json) -> Json:
    return {"kind": "array", "items": items, **more}


ANY = {"kind": "any"}
NOT_FOUND = {
    "status": "4XX",
    "description": "No such thing.",
    "contents": [
        {"media_type": "application/problem+json", "kind": "json", "type": model("Problem")},
        {"media_type": "text/plain", "kind": "text", "type": string()},
    ],
    "place": "/components/responses/Gone",
}
ANIMAL = "/paths/~1animals~1{animal_id}"
NEEDS = [[{"scheme": "key"}], [{"scheme": "oauth", "scopes": ["read", "write"]}], [{"scheme": "user"}], []]
"""One of the two that travel in one header is sent: the document asks for both."""
LISTS = {"kind": "array", "items": string()}


def parameter(name: str, place: str, location: str, type_: Json, style: str, **more: Json) -> Json:
    own = {"words": name.split("_"), "wire_name": name, "location": location, "type": type_, "style": style}
    return {**own, **more, "place": place}


ANIMAL_ID = parameter(
    "animal_id", f"{ANIMAL}/parameters/0", "path", integer(minimum=1), "simple", required=True, description="Which one.", examples=[7]
)  # fmt: skip


def test_an_operation_with_parameters_in_every_place() -> None:
    at = f"{ANIMAL}/get/parameters"
    found = of("getAnimal")
    assert found.pop("params") == [
        ANIMAL_ID,
        parameter("fields", f"{at}/2", "query", LISTS, "pipeDelimited", examples=[["name"], ["name", "age"]]),
        parameter("filter", f"{at}/3", "query", model("Filter"), "deepObject", explode=True),
        parameter("near", f"{at}/4", "query", array({"kind": "number"}), "form", allow_reserved=True, examples=[[1.5, 2]]),
        parameter("where", f"{at}/5", "query", {"kind": "map", "items": string()}, "form", explode=True, media_type="application/json"),
        parameter("matrix", f"{at}/8", "query", string(), "form", explode=True),
        parameter("X-Trace", f"{at}/0", "header", string(), "simple", deprecated=True, deprecation={"removed": "2027-05-01"})
        | {"words": ["x", "trace"]},
        parameter("session", f"{at}/1", "cookie", LISTS, "form", explode=True),
    ]  # fmt: skip
    contents = [
        {"media_type": "text/csv", "kind": "text", "type": string()},
        {
            "media_type": "application/json",
            "kind": "json",
            "type": model("Animal", description="A guest."),
            "examples": [{"name": "Tom"}, {"name": "Rex"}],
            "example_titles": ["A cat", "rex"],
            "example_names": ["tom", "rex"],
        },
        {
            "media_type": "application/vnd.zoo+json",
            "kind": "json",
            "type": model("get_animal.result_vnd_zoo_json"),
            "examples": [{"data": {}}],
        },
    ]
    assert found.pop("responses") == [
        {
            "status": "200",
            "description": "The animal.",
            "contents": contents,
            "headers": [
                {"name": "X-Rate", "type": integer(description="Calls left"), "required": True},
                {"name": "X-Page", "type": string(description="of the schema")},
                {"name": "X-None", "type": ANY, "media_type": "text/plain"},
            ],
            "place": f"{ANIMAL}/get/responses/200",
        },
        {"status": "304", "description": "As it was.", "place": f"{ANIMAL}/get/responses/304"},
        NOT_FOUND,
    ]
    assert found.pop("result") == {
        "kind": "json",
        "type": {"kind": "union", "members": [contents[1]["type"], contents[2]["type"]]},
        "media_type": "application/json",
        "may_be_empty": True,
        "contents": [
            ["200", {key: each[key] for key in ("media_type", "kind", "type")}] for each in contents
        ],
    }  # fmt: skip
    assert found == {
        "name": "zoo_get_animal",
        "words": ["get", "animal"],
        "group": "animals",
        "verb": ["get"],
        "operation_id": "getAnimal",
        "method": "GET",
        "path": "/animals/{animal_id}",
        "access": "read",
        "idempotent": True,
        "title": "One animal",
        "summary": "One animal",
        "description": "Gives the animal. With all that is known.",
        "links": [
            {
                "name": "keeper",
                "status": "200",
                "function": "zoo_get_keeper",
                "parameters": [["id", "$response.body#/keeper"]],
                "description": "Who feeds it",
            },
            {
                "name": "again",
                "status": "200",
                "function": "zoo_get_animal",
                "parameters": [["animal_id", "9"]],
                "body": '{"a": "ü"}',
            },
            {
                "name": "coded",
                "status": "200",
                "function": "zoo_get_animal",
                "body": ("$request.body#/" + "x" * 250)[:200],
            },
            {
                "name": "text",
                "status": "200",
                "function": "zoo_get_keeper",
                "parameters": [["id", "a-{$url}"], ["no", '"a-$url"'], ["yes", "true"]],
            },
            {"name": "served", "status": "200", "function": "zoo_get_keeper"},
        ],
        "security": NEEDS,
        "examples": [{"title": "As the document shows it", "arguments": {"animal_id": 7, "fields": ["name"], "near": [1.5, 2]}, "has_result": True, "result": {"name": "Tom"}}],
        "external_docs": {"url": "https://zoo.example/get", "description": "More"},
        "place": f"{ANIMAL}/get",
    }  # fmt: skip


def test_an_operation_with_a_body_whose_fields_are_arguments() -> None:
    found = of("replaceAnimal")
    at = "/components/schemas/Animal/properties"

    def field(name: str, type_: Json, **more: Json) -> Json:
        own = {"words": [name], "wire_name": name, "location": "field", "type": type_, "explode": True}
        return {**own, **more, "place": f"{at}/{name}"}

    assert found == {
        "name": "zoo_replace_animal",
        "words": ["replace", "animal"],
        "group": "animals",
        "verb": ["replace"],
        "operation_id": "replaceAnimal",
        "method": "PUT",
        "path": "/animals/{animal_id}",
        "access": "write",
        "idempotent": True,
        "title": "Replace",
        "summary": "Replace",
        "params": [
            ANIMAL_ID,
            field("name", string(min_length=1, description="What it is called."), required=True, description="What it is called."),
            field("pin", string(), deprecated=True),
            field("born", string(nullable=True, format="date", has_default=True, default="2020-01-01")),
            field("size", string(values=["s", "l"], name="Animal.size")),
        ],
        "body": {
            "media_type": "application/json",
            "kind": "json",
            "type": model("Animal", description="A guest."),
            "required": True,
            "flattened": True,
            "also": ["application/xml"],
            "description": "The new one.",
            "examples": [{"name": "Tom"}],
        },
        "responses": [
            {"status": "204", "description": "done", "place": f"{ANIMAL}/put/responses/204"},
            {**NOT_FOUND, "status": "default"},
        ],
        "result": {"kind": "empty", "may_be_empty": True},
        "security": [[{"scheme": "key"}, {"scheme": "oauth", "scopes": ["write"]}]],
        "examples": [{"title": "As the document shows it", "arguments": {"animal_id": 7, "name": "Tom"}}],
        "deprecated": True,
        "deprecation": {"removed": "2027-01-31"},
        "place": f"{ANIMAL}/put",
    }  # fmt: skip


def test_an_operation_that_sends_and_gets_a_sequence() -> None:
    found = of("addAnimals")
    numbers, at = array(integer()), "/paths/~1animals/post"
    whole = array(model("Animal", description="A guest."))
    contents = [
        {"media_type": "text/event-stream", "kind": "events", "type": numbers, "item": integer()},
        {"media_type": "application/json", "kind": "json", "type": numbers},
    ]
    (example,) = found.pop("examples")
    assert example["arguments"] == {}, "nothing has to be given"
    assert found == {
        "name": "zoo_add_animals",
        "words": ["add", "animals"],
        "group": "animals",
        "verb": ["add"],
        "operation_id": "addAnimals",
        "method": "POST",
        "path": "/animals",
        "access": "write",
        "title": "Add animals",
        "summary": "POST /animals",
        "params": [
            {
                "words": ["body"],
                "wire_name": "body",
                "location": "body",
                "type": whole,
                "media_type": "application/x-ndjson",
                "place": f"{at}/requestBody",
            }
        ],
        "body": {
            "media_type": "application/x-ndjson",
            "kind": "json",
            "type": whole,
            "required": False,
            "flattened": False,
        },
        "responses": [
            {"status": "200", "description": "One by one.", "contents": contents[:1], "place": f"{at}/responses/200"},
            {"status": "201", "description": "At once.", "contents": contents[1:], "place": f"{at}/responses/201"},
        ],
        "result": {
            "kind": "json",
            "type": numbers,
            "media_type": "application/json",
            "contents": [["200", contents[0]], ["201", contents[1]]],
        },
        "security": [[{"scheme": "oauth"}]],
        "server": "https://upload.zoo.example",
        "place": at,
    }


def test_parts_of_a_form() -> None:
    """OpenAPI 3.1.1, Encoding Object: raw bytes have no type; a style makes a part text; defaults by type."""
    found = of("updateKeeper")
    at = "/paths/~1keepers~1{id}/patch/requestBody/content/multipart~1form-data/schema"
    assert found["body"] == {
        "media_type": "multipart/form-data",
        "kind": "multipart",
        "type": model("update_keeper.request"),
        "required": True,
        "flattened": True,
    }
    listed, *params = found["params"]
    assert listed == parameter(
        "id", "/paths/~1keepers~1{id}/patch/parameters/0", "path", LISTS, "matrix", required=True, explode=True
    )

    def part(name: str, type_: Json, media: str = "", **more: Json) -> Json:
        own = {"words": [name], "wire_name": name, "location": "field", "type": type_, "explode": True}
        return {**own, **({"media_type": media} if media else {}), **more, "place": f"{at}/properties/{name}"}

    binary = {"kind": "binary", "format": "binary"}
    badge = {**binary, "content_media_type": "image/png"}
    assert params == [
        part("photo", binary, "image/png, image/jpeg", required=True, headers=[["X-A", "5"]]),
        part(
            "badge",
            badge,
            "application/octet-stream",
            headers=[
                ["X-Two", "a,1"],
                ["X-Shown", "yes"],
                ["X-Ex", "z"],
                ["X-Ser", "s"],
                ["X-Data", "3"],
                ["X-Value", "true,v"],
                ["X-Own", "o"],
            ],
        ),
        part("papers", array(binary), "application/octet-stream"),
        part("card", model("update_keeper.request.card"), "application/json"),
        {k: v for k, v in part("tags", {**LISTS, "description": "Words for it."}).items() if k != "explode"}
        | {"style": "spaceDelimited", "description": "Words for it.", "deprecated": True},
        {
            "words": ["extra", "body"],
            "location": "field",
            "type": {"kind": "map", "items": integer()},
            "explode": True,
            "media_type": "text/plain",
            "rest": True,
            "description": "Properties of the body beyond the other arguments.",
            "place": at.partition("/content")[0],
        },
    ]
    assert found["result"] == {
        "kind": "json",
        "type": ANY,
        "media_type": "application/json",
        "contents": [["200", {"media_type": "application/json", "kind": "json", "type": ANY}]],
    }


def test_fields_of_a_form_and_the_answer_of_another_place() -> None:
    found, at = of("addKeeper"), "/paths/~1keepers/post"
    assert (found["body"]["kind"], found["body"]["media_type"]) == ("form", "application/x-www-form-urlencoded")
    assert found["body"]["required"] is True, "a field of it is"
    fields = f"{at}/requestBody/content/application~1x-www-form-urlencoded/schema/properties"
    usual = {"location": "field", "explode": True}
    assert found["params"] == [
        {"words": ["name"], "wire_name": "name", "type": string(), "required": True, "media_type": "text/x-name", **usual, "place": f"{fields}/name"},
        {"words": ["langs"], "wire_name": "langs", "type": LISTS, "location": "field", "style": "pipeDelimited", "allow_reserved": True, "place": f"{fields}/langs"},
        {"words": ["ok"], "wire_name": "ok", "type": {"kind": "boolean"}, **usual, "place": f"{fields}/ok"},
    ]  # fmt: skip
    assert found["result"] == {
        "kind": "binary",
        "type": ANY,
        "media_type": "application/octet-stream",
        "contents": [["200", {"media_type": "application/octet-stream", "kind": "binary", "type": ANY}]],
    }
    got = of("getKeeper")
    assert got["params"] == [
        parameter(
            "id",
            "/paths/~1keepers~1{id}/get/parameters/0",
            "path",
            string(values=["ann", "bob"], name="get_keeper.id"),
            "label",
            required=True,
        )
    ]
    led = {"media_type": "*/*", "kind": "binary", "type": ANY}
    assert got["result"] == {"kind": "binary", "media_type": "*/*", "contents": [["2XX", led]], "follows": True}


def test_the_document_as_a_whole() -> None:
    found = plain(api(ZOO))
    at = "/components/schemas/Animal"

    def property_(name: str, type_: Json, **more: Json) -> Json:
        return {"words": [name], "wire_name": name, "type": type_, **more, "place": f"{at}/properties/{name}"}

    assert found["models"]["Animal"] == {
        "key": "Animal",
        "words": ["animal"],
        "fields": [
            property_("id", integer(), read_only=True),
            property_("name", string(min_length=1, description="What it is called."), required=True, description="What it is called."),
            property_("pin", string(), write_only=True, deprecated=True),
            property_("born", string(nullable=True, format="date", has_default=True, default="2020-01-01")),
            property_("size", string(values=["s", "l"], name="Animal.size")),
        ],
        "closed": True,
        "description": "A guest.",
        "place": at,
    }  # fmt: skip
    assert found["types"]["Animal.size"] == {
        "key": "Animal.size",
        "words": ["animal", "size"],
        "type": string(values=["s", "l"]),
        "place": f"{at}/properties/size",
    }
    assert {key: found[key] for key in ("name", "title", "package", "command", "client", "version", "summary", "description")} == {
        "name": "zoo", "title": "Zoo", "package": "zoo_kit", "command": "zoo-kit", "client": "Zoo", "version": "0.1.0",
        "summary": "Client for Zoo.", "description": "Animals and their keepers.",
    }  # fmt: skip
    assert (found["document_title"], found["document_version"]) == ("Zoo", "7")
    assert (found["base_url_env"], found["token_env"]) == ("ZOO_BASE_URL", "ZOO_API_TOKEN")
    assert found["external_docs"] == {"url": "https://zoo.example/guide", "description": "The guide"}
    assert found["about"] == [
        ["terms of service", {"url": "https://zoo.example/terms"}],
        ["contact", {"description": "Desk, desk@zoo.example"}],
        ["licence", {"url": "https://zoo.example/licence", "description": "MIT"}],
    ]
    assert found["servers"] == [
        {
            "url": "https://eu.zoo.example/v2",
            "description": "By region",
            "template": "https://{region}.zoo.example/v{major}",
            "variables": [["region", "eu", ["eu", "us"]], ["major", "2", []]],
        },
        {"url": "http://localhost:8080"},
    ]
    assert found["groups"] == [
        {
            "key": "animals",
            "path": [["animals"]],
            "title": "Animals",
            "summary": "What lives here.",
            "description": "What lives here. And more.",
            "external_docs": {"url": "https://zoo.example/animals"},
        },
        {"key": "keepers", "path": [["keepers"]], "title": "The people"},
    ]
    password = {
        "kind": "password",
        "refresh_url": "https://zoo.example/again",
    }
    implicit = {
        "kind": "implicit",
        "authorization_url": "https://zoo.example/auth",
        "scopes": [["read", "See"], ["write", "Change"]],
    }
    assert found["schemes"] == [
        {
            "key": "key",
            "words": ["key"],
            "kind": "apiKey",
            "location": "query",
            "name": "k",
            "description": "The key",
            "parts": [["token", "ZOO_API_TOKEN"]],
        },
        {
            "key": "oauth",
            "words": ["oauth"],
            "kind": "oauth2",
            "prefix": "Bearer",
            "description": "By login",
            "flows": [password, implicit],
            "parts": [["token", "ZOO_OAUTH"]],
        },
        {
            "key": "user",
            "words": ["user"],
            "kind": "basic",
            "prefix": "Basic",
            "parts": [["token", "ZOO_USER"], ["username", "ZOO_USER_USERNAME"], ["password", "ZOO_USER_PASSWORD"]],
        },
    ]
    assert found["security"] == NEEDS
    assert found["events"] == [
        {
            "name": "hired",
            "words": ["hired"],
            "key": "hired",
            "method": "POST",
            "type": integer(),
            "description": "Somebody came.",
            "answers": ["200"],
            "place": "/webhooks/hired/post",
        },
        {
            "name": "add_keeper_hired",
            "words": ["add", "keeper", "hired"],
            "key": "hired",
            "method": "POST",
            "function": "zoo_add_keeper",
            "type": model("Animal", description="A guest."),
            "url": "{$request.query.url}",
            "headers": ["webhook-id", "webhook-signature", "webhook-timestamp"],
            "answers": ["200"],
            "summary": "Hired",
            "signed": True,
            "place": "/paths/~1keepers/post/callbacks/hired/{$request.query.url}/post",
        },
    ]


def test_all_that_is_lost_is_in_the_ledger() -> None:
    """Each entry with its place, its kind and what it is about."""
    get, patch = f"{ANIMAL}/get", "/paths/~1keepers~1{id}/patch"
    parts = f"{patch}/requestBody/content/multipart~1form-data/encoding"
    expected = {
        (f"{get}/parameters/6", "dropped", "Accept is no parameter"),
        (f"{get}/parameters/7", "dropped", "'a b' can be no header's name"),
        (f"{get}/parameters/8", "degraded", "the style 'matrix' is none of a query parameter; 'form' is taken"),
        (f"{get}/responses/200/links/lost", "dropped", "the link 'lost' leads to no function"),
        (f"{get}/responses/200/links/filed", "dropped", "the link 'filed' leads to no function"),
        (f"{get}/responses/200/links/served", "degraded", "the server of the link 'served' is not told"),
        (f"{ANIMAL}/put/requestBody", "degraded", "sent as application/json; also offered: application/xml"),
        (f"{parts}/photo/headers/X-B", "dropped", "'X-B' of a part is not sent: the document tells no value"),
        (f"{parts}/photo/headers/Content-Disposition", "dropped", "the name of the part stands there"),
        (f"{parts}/photo/headers/X C", "dropped", "'X C' of a part is not sent: it can be no header's name"),
        (f"{parts}/badge/headers/X-Many", "dropped", "the document tells no value"),
        ("/webhooks/closed/post", "dropped", "POST of the webhook 'closed' is not rendered: it has no body of JSON"),
        ("/webhooks/open", "dropped", "the webhook 'open' is not rendered"),
        ("/tags/2", "dropped", "the tag 'unused' is no group"),
        ("/components/securitySchemes/unused", "dropped", "no operation requires the security scheme 'unused'"),
        ("/components/securitySchemes/oauth/flows/implicit", "kept", "at https://zoo.example/auth and pasted"),
        ("/components/securitySchemes/oauth/flows/password", "dropped", "its token url is not https"),
        ("/security/1", "degraded", "both travel in Authorization: one of them is sent"),
    }
    found = [loss for loss in api(ZOO).losses]
    for pointer, kind, reason in expected:
        assert any((e.pointer, e.kind) == (pointer, kind) and reason in e.reason for e in found), (pointer, found)
    assert {e.pointer for e in found} == {pointer for pointer, _, _ in expected}, found
    assert {e.surface for e in found} == {"*"}


def test_arguments_and_bodies_of_each_kind() -> None:
    """Each argument whole, each body, and each entry of the ledger."""
    expected = yaml.safe_load(MILL.with_suffix(".expected.yaml").read_text("utf-8"))
    found = {}
    for function in api(MILL).functions:
        params = [
            {**plain(each), "words": " ".join(each.words), "place": "/".join(each.place.pointer.split("/")[-2:])}
            for each in function.params
        ]
        body = {"body": plain(function.body)} if function.body else {}
        found[function.operation_id] = {"params": params, **body}
    for name, each in expected["functions"].items():
        assert found.pop(name) == each, name
    assert not found
    assert [[each.pointer, each.kind, each.reason] for each in api(MILL).losses] == expected["losses"]
