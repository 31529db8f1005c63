"""Rules for schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ...read.source import Node, steps
from ..advised import Advice
from .operations import shown
from .parts import Parts, advice

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "number": (int, float), "object": (dict,), "array": (list,), "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
_LISTED = ("allOf", "anyOf", "oneOf")
_SINGLE = ("if", "then", "else", "not")
_PARTS = frozenset({*_LISTED, *_SINGLE, "dependentSchemas"})
"""Under which the schemas of the same value stand."""


def rules(parts: Parts) -> Iterator[Advice]:
    """What there is to say of them."""
    for node in parts.of.get("schema", ()):
        if "$ref" in node.value:
            continue
        written = node.value.get("type")
        types = [written] if isinstance(written, str) else written if isinstance(written, list) else []
        yield from _enum(parts, node, types)
        if parts.document.is_3_0 and "array" in types and "items" not in node.value:
            yield advice(
                "array-items", node, "an array has no `items`", "add the schema of its items, or `{}` for any value"
            )
        if "nullable" in node.value and not types and parts.document.is_3_0:
            what = "`nullable` has no effect without a `type`"
            yield advice("nullable-type-sibling", node.get("nullable") or node, what, "add a type")
        if types and "object" not in types and node.value.get("properties"):
            what = f"`properties` has no effect in a schema of type {' or '.join(map(str, types))}"
            yield advice("no-schema-type-mismatch", node, what, "write `type: object`")
        if types and "array" not in types and "items" in node.value:
            what = f"`items` has no effect in a schema of type {' or '.join(map(str, types))}"
            yield advice("no-schema-type-mismatch", node, what, "write `type: array`")
        yield from _required(parts, node)


def _enum(parts: Parts, node: Node, types: list[Any]) -> Iterator[Advice]:
    values = node.get("enum")
    if values is None or not isinstance(values.value, list):
        return
    seen: set[str] = set()
    nullable = node.value.get("nullable") is True
    for each in values.elements():
        key = json.dumps(each.value, sort_keys=True)
        if key in seen:
            what = f"{shown(each.value)} is in the `enum` more than once"
            yield advice("duplicated-entry-in-enum", each, what, "keep one", parts.fixed(each, remove=True))
        seen.add(key)
        if types and not any(_is(each.value, one) for one in types) and not (nullable and each.value is None):
            what = f"{shown(each.value)} in the `enum` is not of type {' or '.join(map(str, types))}"
            yield advice("typed-enum", each, what, "use a value of that type, or correct the type")


def _is(value: Any, type_: Any) -> bool:
    if isinstance(value, bool):
        return bool(type_ == "boolean")
    if type_ == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, _TYPES.get(type_, (object,)))


def _required(parts: Parts, node: Node) -> Iterator[Advice]:
    """Properties that are required and that no part of the schema declares, where all of its parts can be looked at.

    A part itself may require what another one declares.
    """
    listed = node.value.get("required")
    if not isinstance(listed, list) or not _PARTS.isdisjoint(steps(node.pointer)):
        return
    known: set[str] = set()
    todo, seen = [node], set()
    while todo:
        each = todo.pop()
        followed = parts.followed(each)
        if followed is None or not isinstance(followed.value, dict):
            return
        here = (followed.source.file, followed.pointer)
        if here in seen:
            continue
        seen.add(here)
        properties = followed.get("properties")
        known |= {name for name, _ in properties.items()} if properties else set()
        for key in _LISTED:
            inner = followed.get(key)
            todo += inner.elements() if inner else ()
        for key in _SINGLE:
            inner = followed.get(key)
            todo += [inner] if inner else []
    missing = [str(name) for name in listed if name not in known]
    if missing:
        what = f"{', '.join(map(repr, missing[:5]))} is required but not declared"
        at = node.get("required") or node
        yield advice("no-required-schema-properties-undefined", at, what, "declare it in `properties`")
