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
from generator.link.rules import Untold, of_fields, unless_given, unless_left_out
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


def test_each_keyword_as_a_rule_of_the_fields() -> None:
    """JSON Schema 2020-12, Core 10 and Validation 6.5: what is said of an object, as it is said of arguments `a` and `b`,
    the only properties that it can have, and with `rest` of one more argument that holds the others.
    """
    of_b = lambda inner: {"allOf": [{"properties": {"b": inner}}]}
    definitions = {"N/": {"required": ["a"]}, "Loop": {"allOf": [{"$ref": "#/$defs/Loop"}]}, "S": {"minLength": 2}}
    definitions["Names"] = {"propertyNames": {"$ref": "#/$defs/NameLoop"}}
    definitions["NameLoop"] = {"$ref": "#/$defs/NameLoop"}
    some = {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}
    both = {"anyOf": [{"required": ["a", "b"]}]}
    none_of = lambda *names: {"allOf": [{"properties": dict.fromkeys(names, False)}]}
    other = lambda count, *names: {"required": [*names, ""], "properties": {"": {"minProperties": count}}}
    told: list[tuple[Any, Any]] = [
        ({}, None), (True, True), (False, None), ({"required": ["a"]}, {"required": ["a"]}),
        ({"dependentRequired": {"a": ["b"]}}, {"dependentRequired": {"a": ["b"]}}),
        ({"properties": {"a": {"const": 1}, "z": {"const": 2}}}, {"properties": {"a": {"const": 1}}}),
        ({"dependentSchemas": {"a": {"minProperties": 1}}}, {"dependentSchemas": {"a": {"allOf": [some]}}}),
        *(({keyword: [{"minProperties": 1}]}, {keyword: [{"allOf": [some]}]}) for keyword in ("anyOf", "oneOf", "allOf")),
        *(({keyword: {"minProperties": 1}}, {keyword: {"allOf": [some]}}) for keyword in ("not", "if", "then", "else")),
        ({"$ref": "#/$defs/N~1"}, {"allOf": [{"required": ["a"]}]}),
        ({"$ref": "#/$defs/N%7E1", "allOf": [True]}, {"allOf": [True, {"required": ["a"]}]}),
        ({"type": "object"}, None), ({"type": ["null", "object"]}, None), ({"type": "string"}, {"allOf": [False]}),
        ({"minProperties": 0}, None), ({"minProperties": 1}, {"allOf": [some]}), ({"minProperties": 2}, {"allOf": [both]}),
        ({"minProperties": 3}, {"allOf": [False]}),
        ({"maxProperties": 2}, None), ({"maxProperties": 1}, {"allOf": [{"not": both}]}),
        ({"maxProperties": 0}, {"allOf": [{"not": some}]}),
        ({"propertyNames": {"const": "a"}}, none_of("b")), ({"propertyNames": {"enum": ["a", "b"]}}, None),
        ({"propertyNames": False}, none_of("a", "b")), ({"propertyNames": True}, None),
        ({"propertyNames": {"type": "string"}}, None), ({"propertyNames": {"type": ["null"]}}, none_of("a", "b")),
        ({"propertyNames": {"maxLength": 1}}, None), ({"propertyNames": {"maxLength": 0}}, none_of("a", "b")),
        ({"propertyNames": {"minLength": 1}}, None), ({"propertyNames": {"$ref": "#/$defs/S"}}, none_of("a", "b")),
        ({"propertyNames": {"pattern": "^a"}}, none_of("b")), ({"propertyNames": {"not": {"const": "a"}}}, none_of("a")),
        ({"propertyNames": {"anyOf": [{"const": "a"}, {"const": "c"}]}}, none_of("b")),
        ({"propertyNames": {"oneOf": [{"const": "a"}, {"enum": ["a", "b"]}]}}, none_of("a")),
        ({"propertyNames": {"allOf": [{"const": "a"}, {"minLength": 1}]}}, none_of("b")),
        ({"propertyNames": {"const": "a", "minLength": 2}}, none_of("a", "b")),
        ({"additionalProperties": {"const": 1}, "properties": {"a": {}}}, {"properties": {"a": {}}, **of_b({"const": 1})}),
        ({"patternProperties": {"^b": {"const": 1}}}, of_b({"const": 1})),
        ({"patternProperties": {"^b": {}, "b$": False}, "additionalProperties": False, "properties": {"a": True}},
         {"properties": {"a": True}, "allOf": [{"properties": {"b": {}}}, {"properties": {"b": False}}]}),
        ({"unevaluatedProperties": False, "properties": {"a": True}}, {"properties": {"a": True}}),
        *(({keyword: 1}, None) for keyword in (
            "minLength", "maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems", "items", "prefixItems",
            "contains", "minContains", "maxContains", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
            "multipleOf", "unevaluatedItems")),
    ]  # fmt: skip
    for rule, expected in told:
        assert [*of_fields([rule], ["a", "b"], definitions)] == ([] if expected is None else [expected]), rule
    with_rest: list[tuple[Any, Any]] = [
        ({"minProperties": 1}, {"allOf": [{"anyOf": [*some["anyOf"], other(1)]}]}),
        ({"minProperties": 3}, {"allOf": [{"anyOf": [other(1, "a", "b"), other(2, "a"), other(2, "b"), other(3)]}]}),
        ({"maxProperties": 0}, {"allOf": [{"not": {"anyOf": [*some["anyOf"], other(1)]}}]}),
        ({"maxProperties": 2}, {"allOf": [{"not": {"anyOf": [other(1, "a", "b"), other(2, "a"), other(2, "b"), other(3)]}}]}),
        ({"propertyNames": {"const": "a"}}, {"allOf": [*none_of("b")["allOf"], {"properties": {"": {"propertyNames": {"const": "a"}}}}]}),
    ]  # fmt: skip
    for rule, expected in with_rest:
        assert [*of_fields([rule], ["a", "b"], definitions, True)] == [expected], rule
    untold = [
        ({"x-own": 1}, "`x-own`"), ({"unevaluatedProperties": {}}, "`unevaluatedProperties`"),
        *(({"unevaluatedProperties": False, keyword: value}, "`unevaluatedProperties`") for keyword, value in (
            ("if", {}), ("dependentSchemas", {}), ("anyOf", []), ("oneOf", []), ("$ref", "#/$defs/N~1"))),
        ({"propertyNames": {"format": "uri"}}, "`format` of `propertyNames`"),
        ({"propertyNames": {"pattern": "(?=a)"}}, "a `pattern` of `propertyNames`"),
        ({"$ref": "#/$defs/Loop"}, "the schema that it references"), ({"$ref": "#/$defs/Names"}, "the schema that it references"),
    ]  # fmt: skip
    for rule, reason in untold:
        [found] = of_fields([rule], ["a", "b"], definitions)
        assert isinstance(found, Untold) and str(found) == reason, rule

    def deep(keyword: str, levels: int) -> Any:
        return (
            {keyword: [deep(keyword, levels - 1)]}
            if levels
            else {"const": "a"} if keyword == "anyOf" else {"required": ["a"]}
        )

    for levels, bad in ((12, False), (13, True)):
        assert isinstance(next(of_fields([deep("allOf", levels)], ["a"], {})), Untold) is bad
    for levels, bad in ((11, False), (12, True)):  # the rule itself is one of them
        assert isinstance(next(of_fields([{"propertyNames": deep("anyOf", levels)}], ["a", "b"], {})), Untold) is bad
    names = [f"n{number}" for number in range(29)]
    for count, bad in ((28, True), (27, False)):  # pairs: 406 of 29, 378 of 28
        assert isinstance(next(of_fields([{"minProperties": 2}], names[: count + 1], {})), Untold) is bad
    assert [*of_fields([{"x-own": 1}, {"required": ["a"]}], ["a"], {})][1:] == [{"required": ["a"]}]
    exact = [f"n{number}" for number in range(400)]
    assert len(next(of_fields([{"minProperties": 1}], exact, {}))["allOf"][0]["anyOf"]) == 400  # type: ignore[index]
    assert isinstance(next(of_fields([{"minProperties": 1}], [*exact, "more"], {})), Untold)
    assert unless_left_out({"required": ["a"]}, ["a", "b"]) == {
        "anyOf": [{"properties": {"a": False, "b": False}}, {"required": ["a"]}]
    }
    assert unless_given({"required": ["a"]}, ["f"]) == {"anyOf": [{"required": ["a"]}, {"required": ["f"]}]}
