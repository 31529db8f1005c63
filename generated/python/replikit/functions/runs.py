"""What an extension says of a thing that describes its own inputs: the call that runs it, and what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Run:
    """What a reference such as `owner/name` comes to."""

    function: str
    """The name of the function that runs it."""
    arguments: Mapping[str, Any]
    """Those that name the thing."""
    schema: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema of its inputs, without references; empty where it does not say."""
    input: str = "input"
    """The argument that takes the inputs."""


def inlined(schema: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    """An input schema of a foreign OpenAPI document as `check` reads it: references written out, `nullable` said as a
    form of its own, nothing allowed that it does not name."""
    written = _written(schema, document, 0)
    found: dict[str, Any] = written if isinstance(written, dict) else {}
    return {"additionalProperties": False, **found} if found.get("properties") else {}


def _written(node: Any, document: Mapping[str, Any], depth: int) -> Any:
    if depth > _DEPTH:
        return {}
    if isinstance(node, list):
        return [_written(item, document, depth + 1) for item in node]
    if not isinstance(node, Mapping):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str):
        return _written(_at(document, reference), document, depth + 1)
    found = {
        # The names of properties are no keywords.
        key: (
            {name: _written(inner, document, depth + 1) for name, inner in value.items()}
            if key == "properties" and isinstance(value, Mapping)
            else value if key in ("default", "enum", "example") else _written(value, document, depth + 1)
        )
        for key, value in node.items()
    }
    kinds = found.get("type")
    if isinstance(kinds, list):
        found.pop("type")
        found["anyOf"] = [{"type": kind} for kind in kinds]
    if found.pop("nullable", False) is True:
        told = {key: found.pop(key) for key in ("description", "default", "title", "x-order") if key in found}
        found = {**told, "anyOf": [found, {"type": "null"}]}
    return found


def _at(document: Mapping[str, Any], reference: str) -> Any:
    node: Any = document
    for step in reference.removeprefix("#/").split("/"):
        node = node.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(node, Mapping) else None
    return node if node is not None else {}
