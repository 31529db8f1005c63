"""Examples that are made of types: what `jsonschema` says of each, by the schema as it was written."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from generator import link, patterns
from generator.read import documents

Json = dict[str, Any]
TEXT: Json = {"type": "string"}
SCHEMAS: dict[str, Json] = {
    "pattern": {**TEXT, "pattern": "^(0|[1-9][0-9]*)$"},
    "pattern with a length": {**TEXT, "pattern": "^[a-z]+$", "minLength": 7, "maxLength": 9},
    "pattern with one length": {**TEXT, "pattern": "^[0-9a-zA-Z]+$", "minLength": 10, "maxLength": 10},
    "pattern of two parts with one length": {**TEXT, "pattern": "^[a-z]+-[0-9]+$", "minLength": 12, "maxLength": 12},
    "pattern and format": {**TEXT, "pattern": "^https://", "format": "uri"},
    "pattern that repeats a group": {**TEXT, "pattern": "^([ab])-\\1$"},
    "length": {**TEXT, "minLength": 30, "maxLength": 30},
    "uuid": {**TEXT, "format": "uuid"},
    "date-time": {**TEXT, "format": "date-time"},
    "enum beside a default": {**TEXT, "enum": ["x", "y"], "default": "z"},
    "default that is refused": {"type": "integer", "minimum": 5, "default": 1},
    "between": {"type": "number", "exclusiveMinimum": 1, "exclusiveMaximum": 2},
    "multiple": {"type": "integer", "minimum": 10, "maximum": 20, "multipleOf": 7},
    "small multiple": {"type": "number", "minimum": 0.3, "multipleOf": 0.25},
    "below zero": {"type": "integer", "maximum": -3},
    "set": {"type": "array", "items": TEXT, "minItems": 3, "uniqueItems": True},
    "set of patterns": {"type": "array", "items": {**TEXT, "pattern": "^[a-f]{4}$"}, "minItems": 4, "uniqueItems": True},
    "set of values": {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
    "set of objects": {
        "type": "array", "minItems": 2, "uniqueItems": True,
        "items": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}},
    },
    "nested": {
        "type": "object", "required": ["a"],
        "properties": {"a": {"type": "object", "required": ["b"], "properties": {"b": {**TEXT, "pattern": "^x{3}$"}}}},
    },
    "map": {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}},
    "second of a union": {"anyOf": [{**TEXT, "enum": ["a"], "minLength": 2}, {"type": "integer", "minimum": 3}]},
    "one of two open objects": {"oneOf": [
        {"type": "object", "properties": {"a": TEXT}}, {"type": "object", "properties": {"b": TEXT}},
    ]},
    "one of three open objects, of which one is a choice": {"oneOf": [
        {"type": "object", "properties": {"a": {"type": "object"}}},
        {"type": "object", "oneOf": [{"properties": {"c": TEXT}}, {"properties": {"d": TEXT}}]},
        {"type": "object", "properties": {"b": {"type": "object"}}},
    ]},
    "one of two closed objects": {"oneOf": [
        {"type": "object", "additionalProperties": False, "properties": {"a": TEXT}},
        {"type": "object", "additionalProperties": False, "properties": {"b": TEXT}},
    ]},
    "one of two that share a property": {"oneOf": [
        {"type": "object", "properties": {"a": TEXT, "k": {"const": "x"}}},
        {"type": "object", "properties": {"a": TEXT, "k": {"const": "y"}}},
    ]},
    "one of two lists of open objects": {"oneOf": [
        {"type": "array", "minItems": 1, "items": {"type": "object", "properties": {"a": TEXT}}},
        {"type": "array", "minItems": 1, "items": {"type": "object", "properties": {"b": TEXT}}},
    ]},
    "one of two numbers": {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    "either of two properties": {
        "type": "object", "properties": {"a": TEXT, "b": TEXT}, "oneOf": [{"required": ["b"]}, {"required": ["a"]}],
    },
    "two choices of properties": {
        "type": "object", "properties": dict.fromkeys("abcd", TEXT), "not": {"required": ["a", "c"]},
        "allOf": [{"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"anyOf": [{"required": ["c"]}, {"required": ["d"]}]}],
    },
    "asked for where another is": {
        "type": "object", "required": ["a"], "properties": {"a": TEXT, "b": {"type": "integer"}}, "dependentRequired": {"a": ["b"]},
    },
    "asked for where another is so": {
        "type": "object", "required": ["kind"], "properties": {"kind": {"enum": ["x", "y"]}, "n": {"type": "integer"}},
        "if": {"properties": {"kind": {"const": "x"}}}, "then": {"required": ["n"]},
    },
    "a list that holds a value": {"type": "array", "items": {"type": "integer"}, "contains": {"const": 7}},
    "a list with a beginning": {"type": "array", "prefixItems": [TEXT, {"type": "integer"}], "minItems": 2},
    "no such text": {**TEXT, "not": {"enum": ["value"]}},
    "named by a pattern": {"type": "object", "minProperties": 1, "additionalProperties": TEXT, "propertyNames": {"pattern": "^x-"}},
    "deep lists": {"type": "array", "minItems": 1, "items": {"type": "array", "minItems": 2, "items": {"type": "boolean"}}},
}  # fmt: skip


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Of each schema the value that is made for a required property of it."""
    paths = {}
    for number, schema in enumerate(SCHEMAS.values()):
        body = {"type": "object", "required": ["value"], "properties": {"value": schema}}
        request = {"content": {"application/json": {"schema": body}}}
        paths[f"/p{number}"] = {"post": {"operationId": f"p{number}", "requestBody": request, "responses": {}}}
    path = tmp_path_factory.mktemp("made") / "api.json"
    path.write_text(json.dumps({"openapi": "3.1.1", "info": {"title": "T", "version": "1"}, "paths": paths}), "utf-8")
    functions = {function.path: function for function in link.load(documents.read(path)).functions}
    return {name: functions[f"/p{number}"].examples[0].arguments["value"] for number, name in enumerate(SCHEMAS)}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_made_value_is_valid(shown: dict[str, Any], name: str) -> None:
    jsonschema.Draft202012Validator(SCHEMAS[name], format_checker=jsonschema.FormatChecker()).validate(shown[name])


def test_what_the_document_shows_against_its_schema_is_not_shown(tmp_path: Path) -> None:
    params = [
        {"name": "n", "in": "query", "required": True, "schema": {"type": "integer"}, "example": "321"},
        {"name": "o", "in": "query", "schema": {"type": "integer"}, "example": "many"},
        {"name": "p", "in": "query", "required": True, "schema": {"enum": ["a", "b"]}, "example": "c"},
    ]
    document = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"get": {"parameters": params, "responses": {}}}}}  # fmt: skip
    (tmp_path / "api.json").write_text(json.dumps(document), "utf-8")
    [function] = link.load(documents.read(tmp_path / "api.json")).functions
    assert function.examples[0].arguments == {"n": 321, "p": "a"}


# ECMA-262, 22.2.1: the grammar of patterns, construct by construct; what Python's `re` reads alike is the judge.
PATTERNS = [
    "abc", "a|b", "^a*b+c?$", "a{2,3}?", "[^a-y]", "[\\d_-]{3}", "\\w\\W\\s\\S\\D", "(?:x|y)z", "(a)(b)\\2\\1", "\\/\\.\\-",
    "\\x41\\u0042", "[\\]\\\\]", "^$", "[a\\-z]", "x{0}y", ".{5}", "(?P<n>q)", "^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$", "\\bword\\b",
    "^(?:[01]\\d|2[0-3]):[0-5]\\d$", "^[\\w.-]+(\\/[\\w.-]+)*$", "[é]", "a{", "^arn:aws:[a-z]+:\\d{12}$",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize(("least", "most"), [(0, None), (0, 64)])
def test_a_text_is_what_its_pattern_describes(pattern: str, least: int, most: int | None) -> None:
    made = patterns.some(pattern, 3, least, most)
    assert made and len(set(made)) == len(made)
    assert all(re.search(pattern, text) and least <= len(text) <= (most or len(text)) for text in made)


@pytest.mark.parametrize(
    "pattern", ["((a{1000}){1000}){1000}", "(" * 5000, "[", "a**", "(?<=", "\\u{110000}x", "x" * 5000, "a{1001}"]
)
def test_what_is_too_large_or_no_pattern_has_no_text(pattern: str) -> None:
    assert patterns.text(pattern) is None


def test_lengths_are_kept_or_nothing_is_made() -> None:
    assert patterns.text("^[a-z]*$", 20, 20) == "a" * 20
    assert patterns.text("^ab$", 3) is None
    assert patterns.text("^abc", 5, 5) == "abcxx"
