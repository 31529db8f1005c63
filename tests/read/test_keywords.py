"""What a schema allows is what is allowed: by JSON Schema 2020-12 and OpenAPI 3.0.4, where a call is checked before it
is sent and where the mock takes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from replikit_package import imported

from generator import link
from generator.ir import Api
from generator.link.samples import sample
from generator.read import documents
from generator.surfaces.mock.schemas import model_of, schema_of
from generator.surfaces.shared.metadata import metadata

Json = dict[str, Any]
NUMBER, TEXT, LIST = {"type": "number"}, {"type": "string"}, {"type": "array", "items": {}}
FIELDS = {"type": "object", "properties": {"a": {"type": "integer"}}}

# (schema, what it allows, what it does not), alike in every version of OpenAPI.
EVERY: list[tuple[Json, list[Any], list[Any]]] = [
    ({**NUMBER, "minimum": 2}, [2, 3.5], [1.9, "2"]),
    ({**NUMBER, "maximum": 5}, [5, -1], [5.1]),
    ({**NUMBER, "minimum": 0, "maximum": 0}, [0], [-1, 1]),
    ({"type": "integer", "minimum": 1}, [1, 2.0], [0, 1.5, True]),
    ({**NUMBER, "multipleOf": 0.5}, [0, 1.5, -2], [0.4]),
    ({"type": "integer", "multipleOf": 3}, [9, 0], [10]),
    ({"type": "integer", "multipleOf": 5, "minimum": 5, "maximum": 5}, [5], [0, 10]),
    ({"type": "integer", "multipleOf": 3, "maximum": 2}, [0, -3], [2, 3]),
    ({"type": "integer", "multipleOf": 3, "minimum": 4}, [6], [3, 7]),
    ({**NUMBER, "minimum": 0.25, "maximum": 0.5}, [0.25, 0.5], [0, 1]),
    ({**NUMBER, "maximum": -7}, [-7, -8], [-6, 1]),
    ({"type": "boolean"}, [True, False], [0, "true", None]),
    ({**TEXT, "minLength": 2}, ["ab", "\U0001f600\U0001f600"], ["a", "\U0001f600", 12]),
    ({**TEXT, "maxLength": 2}, ["", "ab"], ["abc"]),
    ({**TEXT, "maxLength": 0}, [""], ["a"]),
    ({**TEXT, "pattern": "b+"}, ["abc", "b"], ["ac"]),
    # Literals of ECMAScript, which fit nothing as they stand; that case does not count, no pattern says.
    ({**TEXT, "pattern": "/^b+$/"}, ["b", "bb"], ["ab", "/b/"]),
    ({**TEXT, "pattern": "/^[0-9]{2}\\/1$/i"}, ["12/1"], ["1/1"]),
    ({**TEXT, "pattern": "/^ab$/i"}, ["ab", "AB"], []),
    ({**TEXT, "pattern": "/a/b"}, ["x/a/bc"], ["ab"]),
    ({**TEXT, "enum": ["a", "b"]}, ["a", "b"], ["c", "A", ""]),
    ({"enum": [1, "a"]}, [1, 1.0, "a"], [2, "1", True]),
    ({"enum": ["a", None], "nullable": True}, ["a", None], ["b"]),
    ({**LIST, "minItems": 1}, [[1], [None]], [[]]),
    ({**LIST, "maxItems": 2}, [[], [1, 2]], [[1, 2, 3]]),
    ({**LIST, "uniqueItems": True}, [[1, 2], [1, True], [{"a": 1}, {"a": 2}]], [[1, 1], [1, 1.0], [{"a": 1}, {"a": 1}]]),
    ({**LIST, "uniqueItems": False}, [[1, 1]], [1]),
    ({"type": "array", "items": {**TEXT, "maxLength": 1}}, [["a", "b"], []], [["a", "bb"], "a"]),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, [{}, {"x": 1}], [{"x": "1"}, []]),
    ({"type": "object", "minProperties": 1}, [{"a": 1}], [{}]),
    ({"type": "object", "maxProperties": 1}, [{}, {"a": 1}], [{"a": 1, "b": 2}]),
    ({"properties": {"a": {"type": "integer"}}, "required": ["a"]}, [{"a": 1}, {"a": 1, "b": 2}], [{}, {"a": "1"}]),
    ({**FIELDS, "additionalProperties": False}, [{}, {"a": 1}], [{"b": 1}]),
    ({**FIELDS, "additionalProperties": TEXT}, [{"a": 1, "b": "x"}], [{"b": 1}]),
    ({"type": "object", "additionalProperties": False}, [{}], [{"a": 1}]),
    ({"oneOf": [{"type": "integer"}, {**TEXT, "minLength": 2}]}, [1, "ab"], [1.5, "a"]),
    ({"anyOf": [{"type": "integer"}, LIST]}, [1, []], ["a", {}]),
    ({"allOf": [FIELDS, {"properties": {"b": TEXT}, "required": ["b"]}]}, [{"b": ""}, {"a": 1, "b": ""}], [{"a": 1}, {"a": "", "b": ""}]),
    ({"allOf": [{**TEXT, "minLength": 1}, {"maxLength": 2}]}, ["a", "ab"], ["", "abc"]),
    ({"items": TEXT}, [["a"]], [[1]]),
    ({"$ref": "#/components/schemas/Word"}, ["ab"], ["a", 1]),
    ({"allOf": [{"$ref": "#/components/schemas/Word"}]}, ["ab"], ["a", 1]),
    ({"allOf": [{"$ref": "#/components/schemas/Word"}, {"maxLength": 3}]}, ["ab", "abc"], ["a", "abcd"]),
    ({"allOf": [{"maxLength": 3}, {"$ref": "#/components/schemas/Word"}]}, ["ab", "abc"], ["a", "abcd"]),
    ({"allOf": [{"allOf": [{"$ref": "#/components/schemas/Word"}]}, {"description": "x"}]}, ["ab"], ["a"]),
    ({"allOf": [{"$ref": "#/components/schemas/Named"}, FIELDS]}, [{"name": ""}, {"name": "", "a": 1}], [{"a": 1}, {"name": "", "a": ""}]),
    ({"allOf": [FIELDS, {"required": ["a"]}]}, [{"a": 1}], [{}]),
    ({"allOf": [{"$ref": "#/components/schemas/Named"}], "required": ["age"], "properties": {"age": NUMBER}}, [{"name": "", "age": 1}], [{"name": ""}, {"age": 1}]),
    ({}, [1, "a", [], {}, True], []),
]  # fmt: skip
OLD: list[tuple[Json, list[Any], list[Any]]] = [
    ({**NUMBER, "minimum": 2, "exclusiveMinimum": True}, [2.1], [2, 1]),
    ({**NUMBER, "minimum": 2, "exclusiveMinimum": False}, [2], [1.9]),
    ({**NUMBER, "maximum": 5, "exclusiveMaximum": True}, [4.9, 0], [5, 6]),
    ({**NUMBER, "maximum": 5, "exclusiveMaximum": False}, [5], [5.1]),
    ({**NUMBER, "minimum": 1, "maximum": 5, "exclusiveMaximum": True}, [1, 4.9], [0.9, 5]),
    ({**NUMBER, "minimum": 1, "maximum": 5, "exclusiveMinimum": True}, [1.1, 5], [1, 5.1]),
    ({**NUMBER, "exclusiveMinimum": True}, [-9, 9], ["a"]),
    ({**TEXT, "nullable": True}, ["a", None], [1]),
    ({**TEXT, "nullable": False}, ["a"], [None]),
    ({**LIST, "nullable": True, "maxItems": 1}, [None, [1]], [[1, 2]]),
    ({"$ref": "#/components/schemas/Word", "maxLength": 3}, ["abcd"], ["a"]),
    ({"allOf": [{"$ref": "#/components/schemas/Word"}], "nullable": True}, ["ab", None], ["a"]),
    ({"oneOf": [TEXT, NUMBER], "nullable": True}, [None, 1, "a"], [True]),
]
"""3.0 alone."""
NEW: list[tuple[Json, list[Any], list[Any]]] = [
    ({**NUMBER, "exclusiveMinimum": 2}, [2.1], [2, 1]),
    ({**NUMBER, "exclusiveMaximum": 5}, [4.9], [5]),
    ({**NUMBER, "minimum": 1, "exclusiveMinimum": 2}, [2.1], [1.5, 2]),
    ({**NUMBER, "minimum": 3, "exclusiveMinimum": 2}, [3], [2.5]),
    ({**NUMBER, "maximum": -1, "exclusiveMaximum": -1}, [-2], [-1]),
    ({**NUMBER, "exclusiveMinimum": 0, "exclusiveMaximum": 1}, [0.5], [0, 1]),
    ({"type": "integer", "exclusiveMinimum": 3, "multipleOf": 3}, [6], [3, 4]),
    ({"type": ["string", "null"]}, ["a", None], [1]),
    ({"type": ["string", "integer"]}, ["a", 1], [1.5, None]),
    ({"type": ["array", "null"], "items": TEXT}, [None, ["a"]], [[1]]),
    ({"type": "null"}, [None], [0, ""]),
    ({"const": 3}, [3], [4, "3"]),
    ({"const": None}, [None], [0]),
    ({"anyOf": [TEXT, {"type": "null"}]}, ["a", None], [1]),
    ({"oneOf": [{"const": "a"}, {"const": "b"}]}, ["a", "b"], ["c"]),
    ({"type": "array", "items": False}, [[]], [[1]]),
    ({"$ref": "#/components/schemas/Word", "maxLength": 3}, ["ab"], ["a", "abcd"]),
    ({"$ref": "#/components/schemas/Any", "type": "string"}, ["a"], [1]),
    ({"$ref": "#/components/schemas/Any", "description": "x"}, ["a", 1], []),
    ({"allOf": [True, TEXT]}, ["a"], [1]),
    ({"type": "object", "properties": {"a": False}}, [{}, {"b": 1}], [{"a": 1}]),
]
"""3.1 alone."""


PARTS: Json = {
    "Word": {**TEXT, "minLength": 2},
    "Any": True,
    "Named": {"type": "object", "properties": {"name": TEXT}, "required": ["name"]},
}


def read(folder: Path, version: str, schemas: list[Json]) -> Api:
    paths = {}
    for number, schema in enumerate(schemas):
        body = {"type": "object", "properties": {"value": schema}, "required": ["value"]}
        content = {"application/json": {"schema": body}}
        operation = {"operationId": f"put_{number:03}", "requestBody": {"content": content, "required": True}, "responses": {"204": {"description": ""}}}  # fmt: skip
        paths[f"/{number}"] = {"put": operation}
    document = {"openapi": version, "info": {"title": "Rules", "version": "1"}, "paths": paths}
    document["components"] = {"schemas": {k: v for k, v in PARTS.items() if version > "3.1" or v is not True}}
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    return link.load(documents.read(folder / "api.json"))


@pytest.mark.parametrize(("version", "rows"), [("3.0.4", [*EVERY, *OLD]), ("3.1.1", [*EVERY, *NEW]), ("3.2.0", NEW)])
def test_what_is_allowed(tmp_path: Path, version: str, rows: list[tuple[Json, list[Any], list[Any]]]) -> None:
    api = read(tmp_path, version, [schema for schema, _, _ in rows])
    known = metadata(api)
    entries = {entry["name"]: known.closed(entry["input_schema"]) for entry in known.entries}
    definitions = {key: model_of(model) for key, model in api.models.items()} | {k: schema_of(t.type) for k, t in api.types.items()}  # fmt: skip
    wrong = []
    with imported() as package:
        from replikit.functions.validate import check  # type: ignore[import-not-found]
        from replikit.mock.checking import Checking  # type: ignore[import-not-found]
        from replikit.mock.schema import Schemas  # type: ignore[import-not-found]

        assert package
        schemas = Schemas(definitions)
        for function, (schema, allowed, refused) in zip(api.functions, rows, strict=True):
            (param,) = function.params
            mocked = schema_of(param.type)
            for value, expected in (*((each, True) for each in allowed), *((each, False) for each in refused)):
                entry = entries[function.name]
                found = {
                    "call": check({"value": value}, entry) is None,
                    "schema": jsonschema.Draft202012Validator(entry).is_valid({"value": value}),
                    "mock": not [*Checking(schemas).errors(value, mocked, ())],
                }
                wrong += [(who, schema, value, expected) for who, said in found.items() if said is not expected]
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize(("version", "rows"), [("3.0.4", [*EVERY, *OLD]), ("3.1.1", [*EVERY, *NEW])])
def test_a_sample_is_allowed(tmp_path: Path, version: str, rows: list[tuple[Json, list[Any], list[Any]]]) -> None:
    """What an example shows where nobody wrote one: a pattern cannot be met on purpose."""
    api = read(tmp_path, version, [schema for schema, _, _ in rows])
    known = metadata(api)
    entries = {entry["name"]: known.closed(entry["input_schema"]) for entry in known.entries}
    wrong = []
    for function, (schema, _, _) in zip(api.functions, rows, strict=True):
        value = sample(function.params[0].type, api.models, api.types, "ab", {})
        shown = function.examples[0].arguments
        for each in ({"value": value}, dict(shown)):
            if "pattern" not in schema and not jsonschema.Draft202012Validator(entries[function.name]).is_valid(each):
                wrong.append((schema, each))
    assert not wrong


NAMED = {"$ref": "#/components/schemas/Named"}


@pytest.mark.parametrize(
    ("schema", "same"),
    [
        (NAMED, True),
        ({"allOf": [NAMED]}, True),
        ({"allOf": [NAMED, {"description": "x"}]}, True),
        ({"allOf": [{"allOf": [NAMED]}], "title": "x"}, True),
        ({"allOf": [NAMED, NAMED]}, True),
        ({"allOf": [NAMED, {"type": "object"}]}, True),
        ({"allOf": [NAMED, FIELDS]}, False),
        ({"allOf": [NAMED, {"required": ["other"]}]}, False),
    ],
)
def test_what_says_no_more_than_a_reference_is_one(tmp_path: Path, schema: Json, same: bool) -> None:
    api = read(tmp_path, "3.1.1", [schema, NAMED])
    one, other = (function.params[0].type.model for function in api.functions)
    assert other == "Named" and (one == other) is same


def test_values_of_another_type_than_the_schema_says(tmp_path: Path) -> None:
    """They are taken, with an entry; 2.0 is an integer (JSON Schema 2020-12 validation, 6.1.1)."""
    rows: list[tuple[Json, str]] = [
        ({**TEXT, "enum": [2.0, 4.0]}, "number"),
        ({"type": "integer", "enum": ["a", "b"]}, "string"),
        ({"type": "integer", "enum": [2.0, 4.0]}, "integer"),
    ]
    api = read(tmp_path, "3.1.1", [schema for schema, _ in rows])
    assert [f.params[0].type.kind for f in api.functions] == [kind for _, kind in rows]
    assert sum("no value of `enum` is of the type" in loss.reason for loss in api.losses) == 2


def test_of_two_limits_the_tighter_one_holds(tmp_path: Path) -> None:
    """Whichever is written first (JSON Schema 2020-12 core, 10.2.1.1: `allOf` holds all of them)."""
    limits = [
        "minimum",
        "maximum",
        "min_length",
        "max_length",
        "min_items",
        "max_items",
        "min_properties",
        "max_properties",
    ]
    written = []
    for limit in limits:
        head, *more = limit.split("_")
        kind = {"length": "string", "items": "array", "properties": "object"}.get("".join(more), "number")
        for values in ((2, 5), (5, 2)):
            parts: list[Json] = [{head + "".join(more).capitalize(): value} for value in values]
            written.append({"type": kind, "allOf": parts})
    found = [function.params[0].type for function in read(tmp_path, "3.1.1", written).functions]
    assert [getattr(each, limits[n // 2]) for n, each in enumerate(found)] == [
        5 if limit.startswith("min") else 2 for limit in limits for _ in range(2)
    ]
    empty: list[Json] = [
        {"type": "number", "allOf": [{"minimum": 3}, {"maximum": 2}]},
        {"type": "integer", "allOf": [{"minimum": 3}, {"maximum": 2}]},
        {"type": "string", "allOf": [{"minLength": 3}, {"maxLength": 2}]},
        {"type": "array", "allOf": [{"minItems": 3}, {"maxItems": 2}]},
    ]
    none = read(tmp_path, "3.1.1", empty)
    assert [function.params[0].type.kind for function in none.functions] == ["never"] * 4
    assert sum("leaves nothing that fits" in loss.reason for loss in none.losses) == 4
