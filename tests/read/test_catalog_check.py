"""What a catalog's schema refuses: each keyword that it uses, with the place, what is said, and how it is mended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.read.catalog import check, nearest
from generator.read.source import Node, parse

ROOT = {
    "$defs": {
        "word": {"type": "string", "pattern": "^[a-z]+$", "description": "letters alone"},
        "list": {"type": "array", "items": {"$ref": "#/$defs/word"}, "minItems": 1},
        "any": {"anyOf": [{"$ref": "#/$defs/word"}, {"$ref": "#/$defs/list"}, {"type": "integer", "minimum": 2}]},
    }
}
WORD, LIST, ANY = ({"$ref": f"#/$defs/{name}"} for name in ("word", "list", "any"))
OBJECT = {
    "type": "object",
    "properties": {"name": {"type": "string", "description": "How it is called."}, "size": {"type": "integer"}},
    "required": ["name", "other"],
    "additionalProperties": False,
}
MAP = {"type": "object", "additionalProperties": WORD, "propertyNames": {"pattern": "^[a-z_]+$"}}


@pytest.mark.parametrize(
    ("schema", "written", "told"),
    [
        ({"type": "string"}, "a", []),
        ({"type": "string"}, 5, ["1:2: 5 is not a string | write it in quotes: \"5\""]),
        ({"type": "string"}, True, ["1:2: true is not a string | write it in quotes: \"True\""]),
        ({"type": "integer"}, True, ["1:2: true is not an integer | give an integer"]),
        ({"type": "integer"}, 1.5, ["1:2: 1.5 is not an integer | give an integer"]),
        ({"type": "number"}, 1, []),
        ({"type": "boolean"}, False, []),
        ({"type": "boolean"}, 0, ["1:2: 0 is not a boolean | give a boolean"]),
        ({"type": "array"}, {"a": "ä" * 60}, ["1:2: {\"a\": \"" + "ä" * 53 + " is not an array | give an array"]),
        ({"type": "object"}, [], ["1:2: [] is not an object | give an object"]),
        ({}, None, []),
        ({"enum": ["red", "green"]}, "green", []),
        ({"enum": ["red", "green"]}, "gren", ["1:2: 'gren' is not one of its values | did you mean 'green'?"]),
        ({"enum": ["red", 1]}, "xyz", ["1:2: 'xyz' is not one of its values | it is one of: 1, red"]),
        ({"const": 1}, 1, []),
        ({"const": 1}, 2, ["1:2: 2 is not 1 | write 1"]),
        (WORD, "ab", []),
        (WORD, "a1", ["1:2: 'a1' does not match ^[a-z]+$ | letters alone"]),
        (WORD, "a\n", ["1:2: 'a\\n' does not match ^[a-z]+$ | letters alone"]),
        ({"pattern": "^a$"}, "b", ["1:2: 'b' does not match ^a$ | use what the pattern allows, and nothing else"]),
        ({"pattern": "^a$"}, 3, []),
        ({"type": "integer", "minimum": 1, "maximum": 3}, 1, []),
        ({"type": "integer", "minimum": 1, "maximum": 3}, 3, []),
        ({"type": "integer", "minimum": 1, "maximum": 3}, 0, ["1:2: 0 is out of its bounds | give 1 to 3"]),
        ({"type": "number", "minimum": 1, "maximum": 3}, 3.5, ["1:2: 3.5 is out of its bounds | give 1 to 3"]),
        ({"type": "integer", "minimum": 1}, 0, ["1:2: 0 is out of its bounds | give 1 to inf"]),
        ({"type": "integer", "maximum": 1}, 2, ["1:2: 2 is out of its bounds | give -inf to 1"]),
        ({"minimum": 1}, "a", []),
        (LIST, ["a"], []),
        (LIST, [], ["1:2: is an empty list | give at least one"]),
        (LIST, ["a", 2, "B"], [
            "1:11: 2 is not a string | write it in quotes: \"2\"", "1:14: 'B' does not match ^[a-z]+$ | letters alone"]),
        ({"type": "array"}, [1, None], []),
        (ANY, "a", []), (ANY, ["a"], []), (ANY, 2, []),
        (ANY, 1, ["1:2: 1 is out of its bounds | give 2 to inf"]),
        (ANY, "A", ["1:2: 'A' does not match ^[a-z]+$ | letters alone"]),
        (ANY, {"a": "ä" * 60}, [
            "1:2: {\"a\": \"" + "ä" * 53 + " is not a string or an array or an integer | give a string or an array or an integer"]),
        (OBJECT, {"name": "a", "other": 1}, ["1:19: 'other' is not a key here | it is one of: name, size"]),
        (OBJECT, {"size": "a"}, [
            "1:2: the key 'name' is missing | add 'name': How it is called.", "1:2: the key 'other' is missing | add 'other'",
            "1:6: \"a\" is not an integer | give an integer"]),
        ({"type": "object", "required": ["a"]}, {"b": 1, "a": 2}, []),
        (MAP, {"a_b": "c"}, []),
        (MAP, {"aB": "c", "d": "D"}, [
            "1:6: the name 'aB' does not match ^[a-z_]+$ | use lower case, digits and _",
            "1:17: 'D' does not match ^[a-z]+$ | letters alone"]),
        ({"type": "object", "additionalProperties": WORD}, {"aB": "c"}, []),
    ],
)  # fmt: skip
def test_each_keyword(schema: dict[str, Any], written: Any, told: list[str]) -> None:
    source = parse(f'{{"":{json.dumps(written, ensure_ascii=False)}}}', "c.json", Path("c.json"))
    node = Node(source, "/", source.value[""])
    found = [
        f"{str(each.where).removeprefix('c.json:')}: {each.what} | {each.hint}" for each in check(node, schema, ROOT)
    ]
    assert found == told  # a member stands where its key begins


def test_the_nearest_name() -> None:
    names = [f"name_{number:02}" for number in range(40)]
    assert nearest("nane_01", names) == "did you mean 'name_01'?"
    assert nearest("x", []) == "there is none to name: remove it"
    assert nearest("zzz", reversed(names)).startswith("it is one of: name_00, name_01, ")
    shown = nearest("zzz", names)
    listed = shown.removeprefix("it is one of: ").partition(" and ")[0].split(", ")
    assert shown.endswith(f" and {40 - len(listed)} more") and nearest("zzz", names[: len(listed)]).endswith(listed[-1])
