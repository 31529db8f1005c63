"""The schemas that the mock answers by and checks with."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ... import patterns
from ...ir import Json, Model, Type

_TEXTS = 3
"""For each pattern: so many that a list of them can have different ones."""
_LIMITS = (
    ("minimum", "minimum"),
    ("maximum", "maximum"),
    ("exclusive_minimum", "exclusiveMinimum"),
    ("exclusive_maximum", "exclusiveMaximum"),
    ("multiple_of", "multipleOf"),
    ("min_length", "minLength"),
    ("max_length", "maxLength"),
    ("min_items", "minItems"),
    ("max_items", "maxItems"),
    ("min_properties", "minProperties"),
    ("max_properties", "maxProperties"),
)


def schema_of(kind: Type) -> dict[str, Any]:
    """The type as JSON Schema, as far as the server's own validator reads it."""
    schema = _plain(kind)
    if kind.xml is not None:
        schema["xml"] = {key: value for key, value in asdict(kind.xml).items() if value}
    if not kind.nullable or kind.kind in ("any", "null"):
        return schema
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    return {"anyOf": [schema, {"type": "null"}]}


def _plain(kind: Type) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    if kind.kind == "model":
        return {"$ref": f"#/$defs/{kind.model}"}
    if kind.kind == "named":
        return {"$ref": f"#/$defs/{kind.name}"}
    if kind.kind == "union":
        union: dict[str, Any] = {"anyOf": [schema_of(member) for member in kind.members]}
        if kind.discriminator is not None:
            union["told"] = [kind.discriminator.wire_name, *map(list, kind.discriminator.mapping)]
        if kind.exclusive:
            union["exclusive"] = True
        return union
    if kind.kind == "never":
        return {"not": {}}
    if kind.kind == "map":
        schema["type"] = "object"
        if kind.items and kind.items.kind != "any":
            schema["additionalProperties"] = schema_of(kind.items)
    elif kind.kind == "array":
        schema["type"] = "array"
        schema["items"] = schema_of(kind.items) if kind.items else {}
    elif kind.kind == "binary":
        schema["format"] = "binary"
    elif kind.kind != "any":
        schema["type"] = kind.kind
    if kind.format:
        schema["format"] = kind.format
    if kind.pattern:
        schema["pattern"] = kind.pattern
        if made := patterns.some(kind.pattern, _TEXTS, kind.min_length or 0, kind.max_length):
            schema["examples"] = made  # the server has no maker of texts, only a check
    if kind.values:
        schema["enum"] = list(kind.values)
    if kind.unique_items:
        schema["uniqueItems"] = True
    for ours, theirs in _LIMITS:
        value = getattr(kind, ours)
        if value is not None:
            schema[theirs] = value
    if kind.has_default:
        schema["default"] = kind.default
    return schema


def model_of(model: Model) -> Json:
    properties = {}
    for field in model.fields:
        properties[field.wire_name] = schema_of(field.type)
        if field.read_only:
            properties[field.wire_name]["readOnly"] = True
        if field.write_only:
            properties[field.wire_name]["writeOnly"] = True
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    required = [
        field.wire_name for field in model.fields if field.required and not field.read_only and not field.write_only
    ]
    if required:
        schema["required"] = required
    # What a server fills in is required of its answers, and of no request.
    if answered := [field.wire_name for field in model.fields if field.required and field.read_only]:
        schema["answered"] = answered
    if model.closed:
        schema["additionalProperties"] = False
    elif model.additional and model.additional.kind != "any":
        schema["additionalProperties"] = schema_of(model.additional)
    if model.rules:
        schema["rules"] = list(model.rules)
    return schema
