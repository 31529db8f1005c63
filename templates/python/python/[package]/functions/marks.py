"""Annotations of a schema beside the type: secrets, files, and texts in pieces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .validate import Problem

DISPLAY = "x-cog-array-display"
"""The keyword of an output whose pieces are one text: its value is then CONCATENATE."""
CONCATENATE = "concatenate"


def secrets_of(schema: Mapping[str, Any]) -> frozenset[str]:
    """The properties whose values are never shown: passwords, and objects that hold one."""
    return frozenset(name for name, part in schema.get("properties", {}).items() if _is_secret(part))


def _is_secret(schema: Any) -> bool:
    if not isinstance(schema, Mapping):
        return False
    parts = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
    parts += [part for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key, ())]
    return schema.get("format") == "password" or any(map(_is_secret, parts))


def unsaid(problem: Problem | None, schema: Mapping[str, Any]) -> Problem | None:
    """A problem without the value, where the schema says that the value is a secret."""
    if problem is None or problem.parameter.partition(".")[0].partition("[")[0] not in secrets_of(schema):
        return problem
    return replace(problem, message="does not fit", expected=None)


def holds_file(schema: Any) -> bool:
    """Whether a value of this schema may be a file, or hold one."""
    if not isinstance(schema, Mapping):
        return False
    parts = [*schema.get("properties", {}).values(), schema.get("items")]
    parts += [part for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key, ())]
    return schema.get("format") in ("uri", "binary") or any(map(holds_file, parts))


def is_joined(schema: Mapping[str, Any]) -> bool:
    """Whether an output of this schema is a list of texts which are one."""
    items = schema.get("items")
    texts = schema.get("type") == "array" and isinstance(items, Mapping) and items.get("type") == "string"
    return texts and schema.get(DISPLAY) == CONCATENATE
