"""What 3.0's `nullable` allows by its text, which is less than authors mean by it."""

from __future__ import annotations

from typing import Any

from . import allof
from .openapi import Document
from .source import Node

_DEEPEST = 16
"""References and schemas within one another that are looked into."""


def says(node: Node) -> bool:
    """Whether a schema is declared nullable, by itself or by an inline part of its `allOf`."""
    parts = node.get("allOf")
    written = [node, *(parts.elements() if parts is not None and isinstance(parts.value, list) else ())]
    return any(isinstance(each.value, dict) and each.value.get("nullable") is True for each in written)


def strictly(document: Document, node: Node, depth: int = 0) -> bool:
    """Whether null is a value of a schema by OpenAPI 3.0.3, 4.7.24.1: `nullable` "adds "null" to the allowed type specified
    by the `type` keyword, only if `type` is explicitly defined within the same Schema Object". All else that the schema
    demands is still demanded: an `enum` lists null, and each part of `allOf` takes it.
    """
    if depth > _DEEPEST:
        return True
    if allof.refers(node):
        return strictly(document, document.follow(node), depth + 1)
    value: Any = node.value
    if not isinstance(value, dict):
        return value is True
    if "type" in value and value.get("nullable") is not True:
        return False
    if isinstance(listed := value.get("enum"), list) and None not in listed:
        return False
    for keyword, enough in (("allOf", all), ("oneOf", any), ("anyOf", any)):
        parts = node.get(keyword) if isinstance(value.get(keyword), list) else None
        if parts is not None and not enough(strictly(document, each, depth + 1) for each in parts.elements()):
            return False
    return True
