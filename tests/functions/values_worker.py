"""Checks values that are large, deep or strange, as the clients and as the mock check them. Run by test_values in a process
whose processor time is limited: what is not linear does not end in it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "generated/python"))

from replikit.functions import check, nearest  # type: ignore[import-not-found]
from replikit.mock.schema import Schemas  # type: ignore[import-not-found]

MANY = 50_000
ONE_HASH = [number * (2**61 - 1) for number in range(MANY)]
"""Numbers that a set of numbers would have to compare with one another: Python gives all of them one hash."""
STRING, INTEGER = {"type": "string"}, {"type": "integer"}


def deep(levels: int, leaf: Any = None, key: str = "") -> Any:
    for _ in range(levels):
        leaf = {key: leaf} if key else [leaf]
    return leaf


def nullable(schema: Any, levels: int) -> Any:
    for _ in range(levels):
        schema = {"anyOf": [{"type": "object", "properties": {"next": schema}}, {"type": "null"}]}
    return schema


ROWS: dict[str, tuple[Any, Any, bool]] = {
    "unique": (list(range(MANY)), {"type": "array", "uniqueItems": True}, True),
    "unique_of_one_hash": (ONE_HASH, {"type": "array", "uniqueItems": True}, True),
    "unique_objects": ([{"a": [n]} for n in range(MANY)], {"type": "array", "uniqueItems": True}, True),
    "twice_as_float": ([*range(MANY), 7.0], {"type": "array", "uniqueItems": True}, False),
    "long_enum": (list(map(str, range(MANY))), {"items": {"enum": list(map(str, range(MANY)))}}, True),
    "enum_with_nothing_near": ("z" * MANY, {"enum": [f"{n:0100}" for n in range(MANY)]}, False),
    "long_name": ({"k" * MANY: 1}, {"type": "object", "properties": {"k": {}}, "additionalProperties": False}, False),
    "many_names": (dict.fromkeys(map(str, range(MANY)), 1), {"type": "object", "additionalProperties": INTEGER}, True),
    "items_below_a_long_name": ({"k" * 1_000_000: [1] * MANY}, {"additionalProperties": {"items": INTEGER}}, True),
    "wrong_below_a_long_name": ({"k" * 1_000_000: ["x"] * MANY}, {"additionalProperties": {"items": INTEGER}}, False),
    "nulls": ([None] * MANY, {"items": {"anyOf": [STRING, INTEGER, {"type": "null"}]}}, True),
    "nullable_within_nullable": (deep(60, 1, "next"), nullable(INTEGER, 60), True),
    "wrong_within_nullable": (deep(60, "x", "next"), nullable(INTEGER, 60), False),
    "multiple_of_a_float": (1e308, {"type": "number", "multipleOf": 0.123456789}, False),
    "multiple_of_a_tenth": (0.3, {"type": "number", "multipleOf": 0.1}, True),
    "huge_multiple": (10**5000, {"type": "integer", "multipleOf": 7}, False),
    "huge_and_small": (10**5000, {"type": "integer", "maximum": 1}, False),
    "huge_and_float": (10**5000, {"type": "integer", "minimum": 0.5}, True),
    "true_is_not_one": (True, {"enum": [1, 0]}, False),
    "one_is_one": (1.0, {"type": "integer", "enum": [1]}, True),
    "astral": ("💩" * 3, {"type": "string", "maxLength": 3}, True),
}
"""A value, a schema, and whether it fits by JSON Schema."""
ONLY_CLIENTS: dict[str, tuple[Any, Any, bool]] = {
    "too_deep": (deep(201), {}, False),
    "far_too_deep": (deep(MANY), {"type": "array", "uniqueItems": True}, False),
    "deep_enough": (deep(200), {"type": "array"}, True),
    "not_finite": (float("nan"), {"type": "number", "multipleOf": 2}, False),
    "infinite": (float("inf"), {"multipleOf": 2}, True),
    "multiple_of_nothing": (3, {"multipleOf": 0}, True),
    "half_of_a_pair": ("\ud800", {"type": "integer"}, False),
    "of_a_strange_server": ({"a": 1}, {"properties": 5, "required": "a", "enum": 3, "minProperties": "x"}, True),
}


def main() -> None:
    mock = Schemas({})
    found = {}
    for name, (value, schema, _) in {**ROWS, **ONLY_CLIENTS}.items():
        problem = check(value, schema)
        if problem is not None:
            assert len(json.dumps([problem.parameter, problem.message]).encode()) < 1000, name
        found[name] = [problem is None]
    for name, (value, schema, _) in ROWS.items():
        found[name].append(mock.valid(value, schema))
    names = [f"zoo_{a}_{b}_{c}" for a in "abcdefghijkl" for b in range(60) for c in range(60)]
    assert nearest("zoo_a_1_11", names)[0] == "zoo_a_1_11"
    assert nearest("z" * MANY, names) == ()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
