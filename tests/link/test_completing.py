"""Values that are made to meet their rules: each keyword of JSON Schema 2020-12 that is read for it, and each bound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema

from generator.link.completing import completed, mended, plain

Json = Any
NAMED = {
    "N/": {"type": "integer"},
    "Nest": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Nest"}},
    "A": {"required": ["a"]},
    "Seven": {"contains": {"const": 7}},
}


def nested(levels: int, inner: Json, keyword: str = "allOf") -> Json:
    return {keyword: [nested(levels - 1, inner, keyword)]} if levels else inner


def lists(levels: int) -> Json:
    return {"type": "array", "minItems": 1, "items": lists(levels - 1)} if levels else {}


def deep(levels: int) -> Json:
    return [deep(levels - 1)] if levels else None


PLAIN: list[tuple[Json, Json]] = [
    (True, None),
    ({}, "text"),
    ({"const": 5, "default": 6}, 5),
    ({"default": 6, "enum": [7]}, 6),
    ({"enum": [7, 8], "anyOf": [{"const": 9}]}, 7),
    ({"anyOf": [{"const": 1}, {"const": 2}], "oneOf": [{"const": 3}]}, 1),
    ({"oneOf": [{"const": 2}]}, 2),
    ({"type": "object"}, {}),
    ({"properties": {"a": {}}}, {}),
    ({"required": ["a"]}, {"a": "text"}),
    ({"properties": {"a": {"type": "integer"}, "b": {}}, "required": ["a"]}, {"a": 1}),
    ({"type": "array"}, []),
    ({"type": "array", "minItems": 1}, [None]),
    ({"type": "array", "minItems": 2, "items": {"type": "integer"}}, [1, 1]),
    ({"type": "integer"}, 1),
    ({"type": "number", "minimum": 5, "exclusiveMinimum": 6}, 5),
    ({"type": "integer", "exclusiveMinimum": 5}, 6),
    ({"type": "boolean"}, True),
    ({"type": "null"}, None),
    ({"type": ["integer", "null"]}, 1),
    ({"type": "string", "minLength": 6}, "textxx"),
    ({"minLength": 4}, "text"),
    ({"pattern": "^a+$"}, "a"),
    ({"pattern": "^a+$", "minLength": 3}, "aaa"),
    ({"pattern": "^(aa|b)$", "maxLength": 1}, "b"),
    ({"pattern": "["}, "text"),
    ({"$ref": "#/$defs/N~1"}, 1),
    ({"$ref": "#/$defs/N%7E1"}, 1),
    ({"$ref": "#/$defs/None", "type": "integer"}, 1),
    ({"$ref": "#/$defs/Nest"}, deep(6)),  # each is a reference and what it leads to
    (lists(20), deep(13)),
    (nested(12, {"const": 1}, "anyOf"), 1),
    (nested(13, {"const": 1}, "anyOf"), None),
]  # fmt: skip


def test_the_plainest_value_of_a_schema() -> None:
    wrong = [(rule, found) for rule, expected in PLAIN if repr(found := plain(rule, NAMED)) != repr(expected)]
    assert not wrong


def one_of(*names: str) -> Json:
    return {"anyOf": [{"required": [name]} for name in names]}


def impossible(count: int) -> list[str]:
    return [f"no{n}" for n in range(count)]


OBJECTS: list[tuple[Json, list[Json], Json]] = [
    ({"a": 1}, [], {"a": 1}),
    ({"a": 1}, [{"required": ["a"]}], {"a": 1}),
    ({}, [{"required": ["a", "b"]}], {"a": "A", "b": "B"}),
    ({"a": 1}, [{"required": ["a", "b"]}], {"a": 1, "b": "B"}),
    ({}, [{"required": ["a"]}, {"required": ["b"]}], {"a": "A", "b": "B"}),
    ({}, [{"required": ["a"], "properties": {"a": {"const": 3}}}], {"a": 3}),
    ({}, [{"required": ["a"], "properties": {"a": {"enum": [4, 5]}, "b": True, "c": {}}}], {"a": 4}),
    ({"a": 1}, [{"properties": {"a": {"const": 3}}}], {"a": 3}),
    ({}, [one_of("a", "b")], {"a": "A"}),
    ({}, [one_of("no", "b")], {"b": "B"}),
    ({"b": 1}, [one_of("a", "c"), {"not": {"required": ["a", "b"]}}], {"b": 1, "c": "C"}),
    ({}, [{"oneOf": [{"required": ["a"]}, {"required": ["no"]}]}], {"a": "A"}),
    ({}, [{"allOf": [{"required": ["a"]}, {"required": ["b"]}]}], {"a": "A", "b": "B"}),
    ({}, [{"$ref": "#/$defs/A"}], {"a": "A"}),
    ({}, [{"allOf": [{"$ref": "#/$defs/A"}]}], {"a": "A"}),
    ({"a": 1}, [{"if": {"required": ["a"]}, "then": {"required": ["b"]}}], {"a": 1, "b": "B"}),
    ({}, [{"if": {"required": ["a"]}, "else": {"required": ["c"]}}], {"c": "C"}),
    ({}, [{"required": ["a"], "dependentRequired": {"a": ["b"]}}], {"a": "A", "b": "B"}),
    ({}, [{"required": ["a"], "dependentSchemas": {"a": {"required": ["b"]}}}], {"a": "A", "b": "B"}),
    ({}, [one_of("b", "c"), {"dependentSchemas": {"b": {"required": ["no"]}}}], {"c": "C"}),
    ({"a": 1}, [True, {"required": ["b"]}], {"a": 1, "b": "B"}),
    ({"a": 1}, [False], {"a": 1}),
    ({"a": 1}, [{"required": ["no"]}], {"a": 1}),
    # the bounds: 12 ways of one rule, and 60 of all
    ({}, [one_of(*impossible(11), "a")], {"a": "A"}),
    ({}, [one_of(*impossible(12), "a")], {}),
    ({}, [one_of(*impossible(4), "a", "b"), one_of(*impossible(11), "c")], {"a": "A", "c": "C"}),
    ({}, [one_of(*impossible(5), "a"), one_of("c", *impossible(11))], {}),
    ({}, [{"oneOf": [{"required": [name]} for name in (*impossible(12), "a")]}], {}),
    ({}, [{"allOf": [one_of(*impossible(12), "a")]}], {}),
    ({}, [{"dependentSchemas": {"b": one_of(*impossible(12), "a")}, "required": ["b"]}], {}),
    ({}, [{"if": {}, "then": one_of(*impossible(11), "a")}], {"a": "A"}),
    ({}, [{"if": {}, "then": one_of(*impossible(12), "a")}], {}),
    ({}, [nested(12, {"required": ["a"]})], {"a": "A"}),
    ({}, [nested(13, {"required": ["a"]})], {}),
    ({}, [nested(12, {"required": ["a"]}, "anyOf")], {"a": "A"}),
    ({}, [nested(13, {"required": ["a"]}, "oneOf")], {}),
    ({}, [{"required": ["a"], "properties": {"a": {"const": None}}}], {"a": None}),
]  # fmt: skip


def test_an_object_gets_the_properties_that_its_rules_ask_for() -> None:
    def value(name: str) -> Iterator[Json]:
        yield from () if name.startswith("no") else (name.upper(), "other")

    for made, rules, expected in OBJECTS:
        before = dict(made)
        found = completed(made, rules, NAMED, value)
        assert (found, made) == (expected, before), rules
        judge = jsonschema.Draft202012Validator({"allOf": rules, "$defs": NAMED})
        assert judge.is_valid(found) or found == made, rules


OTHERS: list[tuple[Json, list[Json], list[Json], Json]] = [
    (1, [{"enum": [1, 3]}], [3], 1),
    (1, [{"enum": [3]}], [2, 3], 3),
    (1, [{"enum": [3]}], [2], 1),
    ("a", [{"pattern": "^b"}], ["b"], "b"),
    ([5, 6], [{"prefixItems": [{"const": 1}]}], [], [1, 6]),
    ([], [{"contains": {"const": 7}}], [], [7]),
    ([5], [{"contains": {"const": 7}, "minContains": 2}], [], [5, 7, 7]),
    ([5], [{"$ref": "#/$defs/Seven"}], [], [5, 7]),
    ([5], [{"allOf": [{"$ref": "#/$defs/Seven"}, {"contains": {"const": 8}}]}], [], [5, 7, 8]),
    ([], [nested(11, {"contains": {"const": 7}})], [], [7]),
    ([], [nested(12, {"contains": {"const": 7}})], [], []),
    ("x", [{"pattern": "(?=b)a"}], ["ba"], "x"),  # which is not checked
    ({"a": 1}, [{"propertyNames": False}, {"minProperties": 0}], [{}], {}),
    ([1, 2, 1], [{"not": {"const": [1, 2, 1]}}], [], [1, 2]),
    ([5], [{"contains": {"const": 7}, "maxItems": 1}], [[7]], [7]),
    ({"a": 1}, [{"propertyNames": {"pattern": "^x-$"}}], [], {"x-": 1}),
    ({"a": 1, "b": 2}, [{"propertyNames": {"pattern": "^x+$"}}], [], {"x": 1, "xx": 2}),
    ({"a": 1}, [{"propertyNames": {"enum": ["k"]}}], [], {"k": 1}),
    ({"a": 1}, [{"propertyNames": {"minLength": 5}}], [], {"textx": 1}),
    ({"a": 1}, [{"minProperties": 2}], [{"a": 1, "b": 1}], {"a": 1, "b": 1}),
]  # fmt: skip


def test_a_list_a_mapping_or_a_plain_value_is_made_to_meet_its_rules() -> None:
    wrong = [
        (made, rules, found)
        for made, rules, others, expected in OTHERS
        if (found := mended(made, rules, NAMED, others)) != expected
    ]
    assert not wrong
