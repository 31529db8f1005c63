"""The rules of OpenAPI beside its schema, with openapi-spec-validator as the peer that shares no code with ours.

Its own validator is run as it is published; ours must find the same, in documents that keep the rules and in ones that
do not.
"""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import openapi_spec_validator as peer
import pytest

from generator.check.defaults import plainly
from generator.check.openapi_rules import broken
from generator.check.referred import Files
from generator.read.source import parse

STRINGS = {"type": "string", "enum": ["a", "b"], "default": "a"}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Zoo", "version": "1"},
    "tags": [{"name": "a"}, {"name": "b"}],
    "paths": {
        "/a/{id}": {
            "get": {
                "operationId": "one",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "n", "in": "query", "schema": {"type": "integer", "format": "int32", "default": 3}},
                    {"$ref": "#/components/parameters/Kind"},
                ],
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}}},
            }
        },
        "/b": {
            "parameters": [{"$ref": "#/components/parameters/Kind"}],
            "get": {"operationId": "two", "responses": {"200": {"description": ""}}},
        },
    },
    "components": {
        "parameters": {"Kind": {"name": "kind", "in": "query", "schema": {"$ref": "#/components/schemas/Kind"}}},
        "schemas": {
            "Kind": STRINGS,
            "Base": {"type": "object", "properties": {"x": {"type": "number", "default": 1.5}}},
            "More": {
                "allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"y": {"$ref": "#/components/schemas/More"}}}],
                "required": ["x", "y"],
            },
        },
    },
}  # fmt: skip
VALUES: list[Any] = [None, True, 3, -1, 3.5, 2**40, "a", "", "2020-01-01", [], ["a"], [1], {}, {"x": 1}]
SCHEMAS: list[dict[str, Any]] = [
    *({"type": kind} for kind in ("string", "integer", "number", "boolean", "array", "object")),
    *({"type": "string", "nullable": nullable} for nullable in (True, False)),
    *({"type": "integer", "format": each} for each in ("int32", "int64")),
    *({"format": each} for each in ("date", "float", "double", "byte", "password", "int32")),
    *({key: 3} for key in ("minimum", "maximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems")),
    *({"enum": each} for each in (["a"], [1], [True], [None], [3.5], [[]])),
    *({"type": "array", "items": {"type": kind}} for kind in ("string", "integer")),
    {"pattern": "^a"}, {"required": ["x"]}, {"properties": {"x": {"type": "string"}}}, {"additionalProperties": False},
    {"allOf": [{"type": "string"}]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}, {"not": {"type": "string"}},
]  # fmt: skip
VALIDATORS = {"3.0": "OpenAPIV30", "3.1": "OpenAPIV31", "3.2": "OpenAPIV32"}


def of_the_peer(document: dict[str, Any]) -> set[tuple[str, str]]:
    """The kind and the message of all that the library's own rules find."""
    validator: Any = getattr(peer, f"{VALIDATORS[document['openapi'][:3]]}SpecValidator")(document)
    return {(type(error).__name__, error.message) for error in validator.root_validator(validator.schema_path)}


def of_ours(document: dict[str, Any], folder: Path) -> set[tuple[str, str]]:
    path = folder / "d.json"
    return {
        (each.kind, each.what)
        for each in broken(Files(parse(json.dumps(document), "d.json", path), []), document["openapi"][:3])
    }


def below(value: Any) -> list[dict[str, Any]]:
    """Every object of a document."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [*([value] if isinstance(value, dict) else []), *(found for each in inner for found in below(each))]


def spoilt(seed: int) -> dict[str, Any]:
    """The document with a few mistakes."""
    chance, document = random.Random(seed), copy.deepcopy(DOCUMENT)
    document["openapi"] = chance.choice(["3.0.3", "3.1.0", "3.2.0"])
    for _ in range(3):
        every = below(document)
        what = chance.randrange(7)
        if what == 0:
            chance.choice([each for each in every if "operationId" in each])["operationId"] = "one"
        elif what == 1:
            parameters = chance.choice([each for each in every if isinstance(each.get("parameters"), list)])[
                "parameters"
            ]
            parameters.append(chance.choice(parameters))
        elif what == 2:
            url = chance.choice([*document["paths"]])
            document["paths"][url + "/{more}"] = document["paths"][url]
        elif what == 3:
            document["tags"].append({"name": chance.choice("abc"), "parent": chance.choice("abcd")})
        elif what == 4:
            document["components"]["schemas"]["More"]["required"] = [chance.choice("xyz")]
        else:
            schemas = [each for each in every if isinstance(each.get("type"), str)]
            chance.choice(schemas)["default"] = chance.choice(VALUES)
    return document


def test_a_document_that_keeps_the_rules(tmp_path: Path) -> None:
    assert of_ours(DOCUMENT, tmp_path) == of_the_peer(DOCUMENT) == set()


def test_the_peer_finds_the_same(tmp_path: Path) -> None:
    kinds: set[str] = set()
    for seed in range(120):
        document = spoilt(seed)
        expected = of_the_peer(document)
        assert of_ours(document, tmp_path) == expected, json.dumps(document)
        kinds |= {kind for kind, _ in expected}
    assert kinds == {
        *("OpenAPIValidationError", "ValidationError", "DuplicateOperationIDError", "ExtraParametersError"),
        *("ParameterDuplicateError", "UnresolvableParameterError"),
    }


def test_an_operation_whose_path_has_parameters_is_told_where_it_stands(tmp_path: Path) -> None:
    """OpenAPI 3.0.4, 4.7.12.1: each path parameter corresponds to a template expression of the path."""
    document = {
        "openapi": "3.0.3",
        "paths": {"/a": {"parameters": [{"name": "id", "in": "path"}], "get": {"responses": {}}}},
    }
    source = parse(json.dumps(document, indent=1), "d.json", tmp_path / "d.json")
    [found] = broken(Files(source, []), "3.0")
    assert (found.kind, found.place.line) == ("UnresolvableParameterError", 11)


@pytest.mark.parametrize("name", ["OAS30", "OAS31", "OAS32"])
def test_what_is_plainly_a_value_is_one(name: str) -> None:
    """A glance is never wrong: what it lets through, openapi-schema-validator lets through."""
    import openapi_schema_validator as library

    validator: Any = getattr(library, f"{name}Validator")
    checker = getattr(library, f"{name.lower()}_format_checker")
    let_through = 0
    for schema in [{**one, **other} for one in SCHEMAS for other in SCHEMAS]:
        asked = validator(schema, format_checker=checker)
        for value in VALUES:
            if plainly(schema, value):
                let_through += 1
                assert asked.is_valid(value), (schema, value)
    assert let_through > 500
