"""What several schemas come to as a type, what stays a rule beside it, and what a host, a caller and a diff see of it.

By JSON Schema 2020-12 (Core 10.2 and 10.3, Validation 6) and, for `nullable` and `readOnly`, OpenAPI 3.0.4, 4.7.24.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from generator import link
from generator.evolve.diff import diff
from generator.ir import Api, Type
from generator.read import documents
from generator.surfaces.mcp import tools
from generator.surfaces.shared.jsonschema import hosted
from generator.surfaces.shared.metadata import metadata

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
EITHER = {"oneOf": [{"required": ["a"]}, {"required": ["b-b"]}]}
PAIR: Json = {"type": "object", "properties": {"a": TEXT, "b-b": TEXT, "c": TEXT}}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Api]:
    def read(schema: Json, version: str = "3.1.0", required: bool = True, **schemas: Json) -> Api:
        operation = {
            "operationId": "op",
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": TEXT}],
            "requestBody": {"required": required, "content": {"application/json": {"schema": schema}}},
            "responses": {"204": {"description": ""}},
        }
        document = {
            "openapi": version,
            "info": {"title": "Pairs", "version": "1"},
            "paths": {"/p/{id}": {"post": operation}},
        }
        (tmp_path / "api.json").write_text(json.dumps({**document, "components": {"schemas": schemas}}), "utf-8")
        return link.load(documents.read(tmp_path / "api.json"))

    return read


@pytest.fixture(scope="module")
def check() -> Iterator[Any]:
    sys.path.insert(0, str(ROOT / "generated/python"))
    yield importlib.import_module("replikit.functions").check
    sys.path.remove(str(ROOT / "generated/python"))


def value(api: Api) -> Type:
    """The type of the property `v` of the body."""
    return next(param.type for param in api.functions[0].params if param.wire_name == "v")


def of(schema: Json) -> Json:
    return {"type": "object", "properties": {"v": schema}}


def taken(api: Api) -> Json:
    made = metadata(api)
    return made.closed(made.entries[0]["input_schema"])


MET: list[tuple[list[Json], dict[str, Any]]] = [
    ([{**WHOLE, "maximum": 5}, {**WHOLE, "minimum": 1}], {"kind": "integer", "minimum": 1, "maximum": 5}),
    ([{**WHOLE, "maximum": 5}, {"maximum": 3}, {"maximum": 4}], {"maximum": 3}),
    ([{"type": "number", "minimum": 1}, WHOLE], {"kind": "integer", "minimum": 1}),
    ([{"enum": ["a", "b"]}, {**TEXT, "enum": ["b", "c"]}], {"values": ("b",)}),
    ([{**TEXT, "enum": ["a", "b"]}, {"const": "b"}], {"values": ("b",)}),
    ([{**TEXT, "pattern": "^a"}, {"pattern": "b$"}], {"pattern": "^a", "rules": ({"pattern": "b$"},)}),
    ([{**TEXT, "minLength": 1}, {"minLength": 2, "maxLength": 9}], {"min_length": 2, "max_length": 9}),
    ([{"type": ["string", "null"]}, {"maxLength": 2}], {"kind": "string", "nullable": True}),
    ([{"type": ["string", "null"]}, TEXT], {"kind": "string", "nullable": False}),
    ([{"type": "array", "items": WHOLE}, {"minItems": 1, "uniqueItems": True}], {"min_items": 1, "unique_items": True}),
]


@pytest.mark.parametrize(("parts", "expected"), MET)
@pytest.mark.parametrize("nested", [False, True])
def test_allof_is_an_intersection(read: Any, parts: list[Json], expected: Json, nested: bool) -> None:
    schema = {"allOf": parts} if not nested else {"allOf": [parts[0], {"allOf": parts[1:]}]}
    found = value(read(of(schema)))
    assert {name: getattr(found, name) for name in expected} == expected


def test_siblings_of_a_reference_meet_it(read: Any) -> None:
    found = value(read(of({**ref("Small"), "maximum": 3}), Small={**WHOLE, "minimum": 1, "maximum": 9}))
    assert (found.minimum, found.maximum) == (1, 3)


def test_nullable_where_every_part_allows_it(read: Any) -> None:
    parts = {"Maybe": {**TEXT, "nullable": True}, "Sure": {**TEXT, "maxLength": 3}}
    maybe = {"allOf": [ref("Maybe"), {"minLength": 1}]}
    assert value(read(of(maybe), "3.0.3", **parts)).nullable
    assert not value(read(of({"allOf": [ref("Maybe"), ref("Sure")]}), "3.0.3", **parts)).nullable
    assert value(read(of({"allOf": [ref("Sure")], "nullable": True}), "3.0.3", **parts)).nullable


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([TEXT, WHOLE], "no value is string and integer too"),
        ([{"enum": ["a"]}, {"enum": ["b"]}], "no value is in every `enum`"),
        ([{**WHOLE, "minimum": 5}, {"maximum": 1}], "`minimum` is 5 and `maximum` 1"),
    ],
)
def test_nothing_that_fits_is_never_and_in_the_ledger(read: Any, parts: list[Json], reason: str) -> None:
    found = read(of({"allOf": parts}))
    assert value(found).kind == "never"
    assert [loss.reason for loss in found.losses] == [f"`allOf` allows no value: {reason}"]


def test_properties_beside_a_union_that_only_limits_them_are_arguments(read: Any, check: Any) -> None:
    found = read({**PAIR, **EITHER})
    assert [param.wire_name for param in found.functions[0].params] == ["id", "a", "b-b", "c"]
    schema = taken(found)
    verdicts = [
        check({"id": "1", **given}, schema) is None for given in ({}, {"a": ""}, {"b_b": ""}, {"a": "", "b_b": ""})
    ]
    assert verdicts == [False, True, True, False]


def test_a_body_that_may_be_left_out_need_not_fit(read: Any, check: Any) -> None:
    schema = taken(read({**PAIR, **EITHER}, required=False))
    given: list[Json] = [{}, {"c": ""}, {"a": ""}]
    assert [check({"id": "1", **each}, schema) is None for each in given] == [True, False, True]


def test_properties_beside_a_union_with_fields_of_its_own_are_in_each_member(read: Any) -> None:
    cat, dog = ({"type": "object", "properties": {name: TEXT}, "required": [name]} for name in ("claws", "bark"))
    union = {"oneOf": [ref("Cat"), ref("Dog")]}
    found = read({**PAIR, "required": ["a"], **union}, Cat=cat, Dog=dog)
    members = [found.models[member.model] for member in found.functions[0].body.type.members]
    assert [{f.wire_name: f.required for f in model.fields} for model in members] == [
        {"claws": True, "a": True, "b-b": False, "c": False},
        {"bark": True, "a": True, "b-b": False, "c": False},
    ]


def test_several_unions_are_every_pair_of_their_members(read: Any) -> None:
    a, b, c, d = ({"type": "object", "properties": {name: TEXT}, "required": [name]} for name in "abcd")
    found = read({"allOf": [{"oneOf": [a, b]}, {"oneOf": [c, d]}]})
    members = [found.models[member.model] for member in found.functions[0].body.type.members]
    assert [sorted(f.wire_name for f in model.fields) for model in members] == [[*"ac"], [*"ad"], [*"bc"], [*"bd"]]


def test_rules_about_a_whole_body_are_said_of_its_fields_or_told(read: Any, check: Any) -> None:
    schema = taken(read({**PAIR, "minProperties": 1}))
    assert [check({"id": "1", **given}, schema) is None for given in ({}, {"c": ""})] == [False, True]
    conditional = {"if": {"required": ["a"]}, "then": {"properties": {"b-b": {"minLength": 2}}}}
    schema = taken(read({**PAIR, **conditional}))
    given: list[Json] = [{"b_b": ""}, {"a": "", "b_b": ""}, {"a": "", "b_b": "xx"}]
    assert [check({"id": "1", **each}, schema) is None for each in given] == [True, False, True]
    many = {"type": "object", "properties": {f"p{n}": TEXT for n in range(40)}, "minProperties": 9}
    [loss] = read(many).losses
    reason = "the number of its properties is not checked: it applies to the whole body"
    assert (loss.kind, loss.reason) == ("degraded", reason)


OPEN = {"additionalProperties": TEXT}
ABOUT_ALL: list[Json] = [
    *({"minProperties": count, **more} for count in (0, 1, 2, 3, 4, 5) for more in ({}, OPEN)),
    *({"maxProperties": count, **more} for count in (0, 1, 2, 3, 4) for more in ({}, OPEN)),
    {"minProperties": 2, "maxProperties": 3, **OPEN},
    {"propertyNames": {"pattern": "^[ab]"}},
    {"propertyNames": {"pattern": "^[abx]", "maxLength": 2}, **OPEN},
    {"propertyNames": {"enum": ["a", "c", "x0"]}, **OPEN},
    {"propertyNames": {"not": {"const": "c"}, "anyOf": [{"minLength": 3}, {"maxLength": 1}]}, **OPEN},
    {"propertyNames": False},
    {"oneOf": [{"minProperties": 2}, {"propertyNames": {"const": "a"}}]},
]


@pytest.mark.parametrize("about", ABOUT_ALL, ids=json.dumps)
def test_what_is_said_of_all_properties_is_checked(read: Any, check: Any, about: Json) -> None:
    """Every choice of three fields and up to two others: what is taken is what jsonschema takes as the body."""
    whole = {**PAIR, **about}
    schema = taken(read(whole))
    for chosen in product((False, True), repeat=3):
        for others in range(3 if "additionalProperties" in about else 1):
            body = {name: "v" for name, there in zip(PAIR["properties"], chosen, strict=True) if there}
            given: Json = {"id": "1", **{name.replace("-", "_"): text for name, text in body.items()}}
            if others:
                given["extra_body"] = {f"x{number}": "v" for number in range(others)}
                body |= given["extra_body"]
            expected = jsonschema.Draft202012Validator(whole).is_valid(body)
            assert (check(given, schema) is None) == expected, body


def test_hosts_are_given_neither_rules_nor_unions_at_the_root(read: Any) -> None:
    made = metadata(read({**PAIR, **EITHER, "not": {"required": ["c"]}}))
    definitions = {key: hosted(schema) for key, schema in made.definitions.items()}
    function, _ = tools.alone(made.entries[0], definitions)
    assert function["input_schema"].keys() == {"type", "properties", "required", "additionalProperties"}


def test_what_must_be_there_and_is_not_described_is_a_field(read: Any) -> None:
    found = read({**PAIR, "required": ["a", "z"]})
    assert {p.wire_name: (p.type.kind, p.required) for p in found.functions[0].params}["z"] == ("any", True)


def test_read_only_beside_a_reference_is_no_argument(read: Any) -> None:
    fields = {"a": {**ref("Word"), "readOnly": True}, "b": {"allOf": [ref("Word")], "readOnly": True}, "c": ref("Word")}
    found = read({"type": "object", "properties": fields, "required": ["a", "b", "c"]}, Word=TEXT)
    assert [param.wire_name for param in found.functions[0].params] == ["id", "c"]


def test_a_diff_sees_a_rule_that_came(read: Any) -> None:
    changes = diff(read(PAIR), read({**PAIR, **EITHER})).changes
    assert [(change.kind, change.before, change.breaking) for change in changes] == [("body narrowed", "none", True)]
    changes = diff(read(of({**WHOLE, "not": {"const": 1}})), read(of(WHOLE))).changes
    assert [(change.kind, change.facet, change.after) for change in changes] == [("parameter widened", "rules", "none")]
