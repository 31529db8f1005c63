"""Values that a schema takes, for an example that nobody wrote: the smallest, and the same every time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from .validate import check

TITLE = "With values generated from the types"
_FORMATS = {
    "date": "2030-01-31",
    "date-time": "2030-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_LONGEST = 1_000
_NEVER: Mapping[str, Any] = {"not": {}}


def arguments(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that must be given, or the first one where none must, each with a value as far as its schema tells."""
    properties = schema.get("properties", {})
    wanted = [name for name in properties if name in schema.get("required", ())] or [*properties][:1]
    return {name: _value(properties[name], name) for name in wanted}


def _value(schema: Any, name: str) -> Any:
    if not isinstance(schema, Mapping):
        return name
    if schema.get("default") is not None and _fits(schema["default"], schema):
        return schema["default"]
    if schema.get("enum"):
        return next((each for each in schema["enum"] if _fits(each, schema)), schema["enum"][0])
    for key in ("anyOf", "oneOf"):
        if schema.get(key):
            samples = [_value(option, name) for option in schema[key]]
            return next((each for each in samples if _fits(each, schema)), samples[0])
    match schema.get("type"):
        case "integer" | "number" as kind:
            return _number(schema, kind)
        case "boolean":
            return True
        case "array":
            return _items(schema, name)
        case "object":
            properties, required = schema.get("properties", {}), schema.get("required", ())
            return {key: _value(part, key) for key, part in properties.items() if key in required and part != _NEVER}
        case "null":
            return None
        case "string":
            text = _FORMATS.get(str(schema.get("format")), name)
            text += "x" * (min(schema.get("minLength", 0), _LONGEST) - len(text))
            return text[: schema.get("maxLength")]
    return None if schema == _NEVER else name


def _items(schema: Mapping[str, Any], name: str) -> list[Any]:
    items = schema.get("items", {})
    if schema.get("maxItems") == 0 or items == _NEVER:
        return []
    return [_value(items, name)] * min(max(1, schema.get("minItems", 0)), _LONGEST)


def _number(schema: Mapping[str, Any], kind: str) -> int | float:
    for value in _numbers(schema):
        if (kind == "number" or value == math.floor(value)) and _fits(value, schema):
            return int(value) if value == math.floor(value) else value
    return next((schema[key] for key in ("minimum", "exclusiveMinimum") if key in schema), 1)


def _numbers(schema: Mapping[str, Any]) -> Iterator[int | float]:
    """The numbers that it may take, the plain ones first."""
    lows = [schema[key] for key in ("minimum", "exclusiveMinimum") if key in schema]
    highs = [schema[key] for key in ("maximum", "exclusiveMaximum") if key in schema]
    low, high = max(lows, default=None), min(highs, default=None)
    step = schema.get("multipleOf")
    if step:
        least = math.ceil(low / step) if low is not None else 1
        yield from (each * step for each in (max(1, least), least, least + 1))
    if low is None:
        yield from (1, 0)
        if high is not None:
            yield from (math.floor(high), math.floor(high) - 1, high - 1, high)
    else:
        yield from (low, math.ceil(low), math.floor(low) + 1)
        if high is not None:
            yield low + (high - low) / 2


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    return check(value, {key: part for key, part in schema.items() if key != "default"}) is None
