"""How the mock reads nested forms and mends answers: by hand from the conventions and JSON Schema, and within bounds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jsonschema
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "generated/python"))

COUNT = {"type": "integer"}
POINT = {"type": "object", "properties": {"x": COUNT, "y": COUNT}, "required": ["x", "y"]}
ITEMS = {"type": "array", "items": {"type": "object", "properties": {"n": COUNT, "m": {"type": "string"}}}}


def shaped(text: str, schema: dict[str, Any]) -> Any:
    from replikit.mock import brackets
    from replikit.mock.schema import Schemas

    found = brackets.tree((brackets.steps(name), value) for name, value in parse_qsl(text, keep_blank_values=True))
    return brackets.Shaping(Schemas({})).shaped(found, {"type": "object", "properties": {"a": schema}})["a"]


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        ("a[x]=1&a[y]=2", POINT, {"x": 1, "y": 2}),
        ("a[]=1&a[]=2", {"type": "array", "items": COUNT}, [1, 2]),
        ("a=1&a=2", {"type": "array", "items": COUNT}, [1, 2]),
        ("a[1]=5&a[0]=4", {"type": "array", "items": COUNT}, [4, 5]),
        ("a[0][n]=1&a[0][m]=2&a[1][n]=3", ITEMS, [{"n": 1, "m": "2"}, {"n": 3}]),
        ("a[][n]=1&a[][m]=2&a[][n]=3", ITEMS, [{"n": 1, "m": "2"}, {"n": 3}]),
        (
            "a[][p][x]=1&a[][p][y]=2&a[][p][x]=3",
            {"type": "array", "items": {"properties": {"p": POINT}}},
            [{"p": {"x": 1, "y": 2}}, {"p": {"x": 3}}],
        ),
        (
            "a[n]=1",
            {
                **ITEMS["items"],
                "required": ["n", "l"],
                "properties": {**ITEMS["items"]["properties"], "l": ITEMS, "o": POINT},
            },
            {"n": 1, "l": []},
        ),
        ("a=", {"anyOf": [POINT, {"type": "string", "enum": [""]}]}, ""),
        ("a[x]=1&a[y]=2", {"anyOf": [{"type": "string"}, POINT]}, {"x": 1, "y": 2}),
        ("a[b", {"type": "string"}, None),
    ],
)
def test_nested_forms(text: str, schema: dict[str, Any], value: Any) -> None:
    if value is None:
        with pytest.raises(KeyError):
            shaped(text, schema)
    else:
        assert shaped(text, schema) == value


ANSWER = {
    "type": "object",
    "required": ["id", "long", "mail", "bytes"],
    "properties": {
        "id": COUNT,
        "long": {"type": "string", "format": "date-time", "minLength": 25},
        "mail": {"type": "string", "format": "email", "minLength": 25},
        "bytes": {
            "type": "string",
            "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==)?$",
            "format": "byte",
            "minLength": 9,
        },
        "uid": {"type": "string", "format": "uuid"},
        "at": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": True},
        "share": {"type": "number", "minimum": 0.5, "multipleOf": 0.25},
        "next": {"type": "string"},
        "kind": {"type": "string", "enum": [1, 2]},
    },
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"id": "7", "more": 1}, {"id": 7}),
        ({"id": 1, "uid": "none", "at": "yesterday", "tags": ["a", "a"], "share": 0.3}, {"id": 1}),
        ({"id": 1, "next": None}, {"id": 1}),
        ({"id": 1, "kind": 1}, {"id": 1}),
        ({}, {}),
        ("text", {}),
        ([], {}),
    ],
)
def test_an_answer_is_mended(value: Any, kept: dict[str, Any]) -> None:
    from replikit.mock.schema import Schemas

    found = Schemas({}).fitted(value, ANSWER)
    jsonschema.Draft202012Validator(ANSWER, format_checker=jsonschema.FormatChecker()).validate(found)
    assert {name: found[name] for name in kept} == kept


def test_what_is_nested_in_unions_of_itself_is_read_and_mended_within_bounds() -> None:
    from replikit.mock import brackets
    from replikit.mock.schema import Schemas

    member = {"type": "object", "required": ["n"]}
    definitions: dict[str, Any] = {"N": {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in "ABC"]}}
    for least, name in enumerate("ABC", 1):
        definitions[name] = {**member, "properties": {"b": {"$ref": "#/$defs/N"}, "n": {**COUNT, "minimum": least}}}
    schemas, union = Schemas(definitions), {"$ref": "#/$defs/N"}
    tree = brackets.tree([(brackets.steps("a" + "[b]" * 40), "x")])
    assert brackets.Shaping(schemas).shaped(tree["a"], union) == tree["a"]
    value: dict[str, Any] = {"n": 0}
    for _ in range(60):
        value = {"b": value, "n": 0}
    assert schemas.valid(schemas.fitted(value, union), union)


FORMS: dict[str, Any] = {
    "track": {"type": "object", "properties": {"name": {"type": "string"}, "album": {"type": "string"}}},
    "episode": {"type": "object", "properties": {"name": {"type": "string"}, "show": {"type": "object"}}},
    "item": {"type": "object", "properties": {"name": {"type": "string"}}},
    "whole": COUNT,
    "share": {"type": "number"},
}


@pytest.mark.parametrize("members", [("track", "episode"), ("item", "track"), ("track", "item"), ("whole", "share")])
@pytest.mark.parametrize("value", [{"name": "x"}, {"name": "x", "album": "y"}, 3, None])
def test_an_answer_fits_one_form_of_one_of(members: tuple[str, ...], value: Any) -> None:
    """JSON Schema 2020-12, Core, 10.2.1.3: exactly one. Open objects fit several where nothing says otherwise."""
    from replikit.mock.schema import Schemas

    forms = [FORMS[name] for name in members]
    schemas = Schemas({})
    union = {"anyOf": forms, "exclusive": True}
    for made in (schemas.sample(union), schemas.fitted(value, union)):
        jsonschema.Draft202012Validator({"oneOf": forms}).validate(made)


def test_a_property_that_no_value_is_found_for_is_left_out() -> None:
    """As above: any text is of both, for JSON Schema asserts no such format; null is of neither."""
    from replikit.mock.schema import Schemas

    union = {"anyOf": [{"format": "binary"}, {"type": "string", "format": "uri"}], "exclusive": True}
    answer = {"type": "object", "properties": {"id": COUNT, "image": union, "file": {"format": "binary"}}}
    made = Schemas({}).sample(answer)
    assert {*made} == {"id", "file"} and isinstance(made["file"], str)


def test_an_answer_that_could_fit_no_form_alone_is_kept() -> None:
    from replikit.mock.schema import Schemas

    union = {"anyOf": [{"type": "boolean"}, {"enum": [True, False], "type": "boolean"}], "exclusive": True}
    answer = {"type": "object", "properties": {"id": COUNT, "on": union}}
    assert Schemas({}).fitted({"id": 7, "on": True}, answer) == {"id": 7, "on": True}


@pytest.mark.parametrize(
    "rule",
    [
        {"additionalProperties": {"type": "object"}, "properties": {"id": True}},
        {"required": ["who"]},
        {"dependentRequired": {"id": ["who"]}},
        {"not": {"required": ["name"]}, "minProperties": 1},
        {"maxProperties": 1},
        {"properties": {"name": {"type": "integer"}}},
        {"$ref": "#/$defs/rule.Named"},
    ],
)
@pytest.mark.parametrize("value", [{"id": 7, "name": "x", "more": 1}, {"id": 7}, None])
def test_an_answer_keeps_the_rules_beside_its_properties(rule: dict[str, Any], value: Any) -> None:
    """JSON Schema 2020-12, Core, 10.2.1.1: every member of `allOf`, whatever another one says of a property."""
    from replikit.mock.schema import Schemas

    properties = {"id": COUNT, "name": {"type": "string"}, "tag": {"type": "object"}}
    base = {"type": "object", "required": ["id"], "properties": properties}
    definitions = {"rule.Named": {"required": ["name", "who"]}}
    schemas = Schemas(definitions)
    judge = jsonschema.Draft202012Validator({"allOf": [base, rule], "$defs": definitions})
    judge.validate(schemas.sample({**base, "rules": [rule]}))
    fitted = schemas.fitted(value, {**base, "rules": [rule]})
    judge.validate(fitted)
    assert value is None or fitted["id"] == value["id"]
