"""Checks arguments by the JSON Schemas of functions.json, and says how to mend what is wrong.

It knows the keywords that those schemas use and no others: no references, no type arrays.
"""

from __future__ import annotations

import difflib
import json
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
_JSON = (str, int, float, type(None), list, dict)

_LIMITS: tuple[tuple[str, str, Callable[[float, float], bool]], ...] = (
    ("minimum", "at least", operator.ge),
    ("maximum", "at most", operator.le),
    ("exclusiveMinimum", "more than", operator.gt),
    ("exclusiveMaximum", "less than", operator.lt),
    ("multipleOf", "a multiple of", lambda value, step: abs(value / step - round(value / step)) < 1e-9),
)


@dataclass(frozen=True)
class Problem:
    """One argument that does not fit: where, why, and the schema it should have met."""

    parameter: str
    message: str
    expected: Any = None
    nearest: tuple[str, ...] = ()
    depth: int = 0


def nearest(name: str, known: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """The known names that look most like this one."""
    names = {known_name.lower(): known_name for known_name in known}
    return tuple(names[match] for match in difflib.get_close_matches(name.lower()[:200], names, count, 0.55))


def check(value: Any, schema: Schema, path: str = "") -> Problem | None:
    """The first thing that is wrong with the value, or None."""
    for examine in (_type, _values, _number, _text, _array, _object, _combined):
        problem = examine(value, schema, path)
        if problem is not None:
            return problem
    return None


def _problem(path: str, message: str, schema: Schema, **more: Any) -> Problem:
    return Problem(path, message, fragment(schema), depth=path.count(".") + path.count("["), **more)


def fragment(schema: Schema) -> Any:
    """The part of a schema that is worth showing in a message: two levels, without prose."""
    return _short(schema, 2)


def _short(node: Any, levels: int) -> Any:
    if isinstance(node, Mapping):
        kept = {key: value for key, value in node.items() if key != "description" or not isinstance(value, str)}
        if levels < 0:
            return {key: value for key, value in kept.items() if key in ("type", "enum")}
        return {
            key: (
                {name: _short(inner, levels - 1) for name, inner in value.items()}
                if key == "properties"
                else _short(value, levels)
            )
            for key, value in kept.items()
        }
    if isinstance(node, list):
        return [_short(item, levels - 1) for item in node[:20]]
    return node


def kind(value: Any) -> str:
    """The JSON type of a value, in words for people."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, (list, tuple)):
        return "array"
    if isinstance(value, Mapping):
        return "object"
    return type(value).__name__


def _shown(value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _type(value: Any, schema: Schema, path: str) -> Problem | None:
    expected = schema.get("type")
    if expected is None:
        return None
    if schema.get("format") == "binary" and not isinstance(value, _JSON):
        return None  # bytes, a path or an open file: the client reads them
    actual = kind(value)
    if actual == expected or (expected == "number" and actual == "integer"):
        if isinstance(value, float) and not math.isfinite(value):
            return _problem(path, f"{value} is not a JSON number", schema)
        return None
    article = "an" if expected[0] in "aeio" else "a"
    return _problem(path, f"expected {article} {expected}, got {actual} {_shown(value)}", schema)


def _values(value: Any, schema: Schema, path: str) -> Problem | None:
    allowed = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if allowed is None or any(_same(value, option) for option in allowed):
        return None
    near = nearest(value, [option for option in allowed if isinstance(option, str)]) if isinstance(value, str) else ()
    return _problem(path, f"{_shown(value)} is not one of {_shown_list(allowed)}", schema, nearest=near)


def _same(one: Any, other: Any) -> bool:
    # True == 1 in Python and nowhere in JSON.
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _shown_list(options: list[Any]) -> str:
    shown = ", ".join(_shown(option) for option in options[:12])
    return shown + (f" and {len(options) - 12} more" if len(options) > 12 else "")


def _number(value: Any, schema: Schema, path: str) -> Problem | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    for key, words, holds in _LIMITS:
        if key in schema and not holds(value, schema[key]):
            return _problem(path, f"{_shown(value)} must be {words} {schema[key]}", schema)
    return None


def _text(value: Any, schema: Schema, path: str) -> Problem | None:
    if not isinstance(value, str):
        return None
    if len(value) < schema.get("minLength", 0):
        return _problem(path, f"is {len(value)} characters long, must have at least {schema['minLength']}", schema)
    if len(value) > schema.get("maxLength", len(value)):
        return _problem(path, f"is {len(value)} characters long, may have at most {schema['maxLength']}", schema)
    if "pattern" in schema and not _matches(schema["pattern"], value):
        return _problem(path, f"{_shown(value)} does not match the pattern {schema['pattern']}", schema)
    return None


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        # Written for another dialect of regular expressions: the server decides.
        return True


def _array(value: Any, schema: Schema, path: str) -> Problem | None:
    if not isinstance(value, (list, tuple)):
        return None
    if len(value) < schema.get("minItems", 0):
        return _problem(path, f"has {len(value)} items, must have at least {schema['minItems']}", schema)
    if len(value) > schema.get("maxItems", len(value)):
        return _problem(path, f"has {len(value)} items, may have at most {schema['maxItems']}", schema)
    if schema.get("uniqueItems") and any(item in value[:i] for i, item in enumerate(value)):
        return _problem(path, "has the same item twice", schema)
    if schema.get("items"):
        for index, item in enumerate(value):
            problem = check(item, schema["items"], f"{path}[{index}]")
            if problem is not None:
                return problem
    return None


def _object(value: Any, schema: Schema, path: str) -> Problem | None:
    if not isinstance(value, Mapping):
        return None
    properties: Mapping[str, Schema] = schema.get("properties", {})
    rest = schema.get("additionalProperties", True)
    for name, item in value.items():
        below = f"{path}.{name}" if path else str(name)
        inner = properties.get(name)
        if inner is None:
            if rest is False:
                near = nearest(str(name), properties)
                return Problem(
                    below,
                    "unknown argument" + (f"; did you mean {near[0]}?" if near else ""),
                    {"properties": sorted(properties)},
                    near,
                    below.count("."),
                )
            inner = rest if isinstance(rest, Mapping) else {}
        problem = check(item, inner, below)
        if problem is not None:
            return problem
    for name in schema.get("required", ()):
        if name not in value:
            below = f"{path}.{name}" if path else str(name)
            return _problem(below, "is required and missing", properties.get(name, {}))
    if len(value) < schema.get("minProperties", 0):
        return _problem(path, f"must have at least {schema['minProperties']} properties", schema)
    if len(value) > schema.get("maxProperties", len(value)):
        return _problem(path, f"may have at most {schema['maxProperties']} properties", schema)
    return None


def _combined(value: Any, schema: Schema, path: str) -> Problem | None:
    if "not" in schema and check(value, schema["not"], path) is None:
        return _problem(path, "is not allowed", schema)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            problems = [check(value, option, path) for option in schema[key]]
            if any(problem is None for problem in problems):
                continue
            # The branch that got furthest is the one that was meant.
            deepest = max((p for p in problems if p is not None), key=lambda p: p.depth)
            if deepest.parameter != path:
                return deepest
            return _problem(path, f"{_shown(value)} fits none of the {len(problems)} allowed forms", schema)
    for option in schema.get("allOf", ()):
        problem = check(value, option, path)
        if problem is not None:
            return problem
    return None
