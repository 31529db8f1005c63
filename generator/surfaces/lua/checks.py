"""The JSON Schema of an argument as checks.lua reads it: the words that it knows, and no references."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..shared.subschemas import referred

_DEEPEST, _MOST = 12, 2_000
"""Levels of a schema, and schemas within one: what stands further in is left to the API."""
_PLAIN = frozenset(
    ["type", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"]
    + ["minItems", "maxItems", "minProperties", "maxProperties", "required"]
)


def of(schema: Any, definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an argument; empty if it accepts any value."""
    return _Reduced(definitions).of(schema, 0)


class _Reduced:
    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._left = _MOST

    def of(self, schema: Any, depth: int) -> dict[str, Any]:
        self._left -= 1
        if isinstance(schema, Mapping) and (name := referred(schema)):
            schema = self._definitions.get(name, {})
        if not isinstance(schema, Mapping) or depth > _DEEPEST or self._left < 0:
            return {}
        made = {key: value for key, value in schema.items() if key in _PLAIN and value != []}
        values = schema.get("enum")
        if values and all(isinstance(value, (str, int, float)) for value in values):
            made["enum"] = list(values)
        for key in ("anyOf", "oneOf", "allOf"):
            if schema.get(key):
                made[key] = [self.of(option, depth + 1) for option in schema[key]]
        if isinstance(schema.get("items"), Mapping):
            made["items"] = self.of(schema["items"], depth + 1)
        if "not" in schema and self.of(schema["not"], depth + 1) == schema["not"]:
            made["not"] = schema["not"]  # with a word less it would refuse more
        if schema.get("properties"):
            made["properties"] = {name: self.of(part, depth + 1) for name, part in schema["properties"].items()}
        rest = schema.get("additionalProperties")
        if rest is False:
            made["additionalProperties"] = False
        elif isinstance(rest, Mapping) and rest:
            made["additionalProperties"] = self.of(rest, depth + 1)
        return made
