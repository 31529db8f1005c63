"""The types of single values: scalars with their limits, enumerated values, and several types as one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..ir import Type, Xml
from . import enums
from .patterns import checked, literal
from .source import Node

ANY = Type(kind="any")
_ENCODINGS = {"base64": "byte", "base64url": "base64url"}
"""What 3.0 calls the encodings of 3.1 (OpenAPI Format Registry: byte, base64url)."""
Lose = Callable[[Node, Any, str], Any]
"""Enters a loss: its place, its kind, its reason."""
_LITERAL = ("it is not checked, since a pattern cannot be case-insensitive", "the part between its slashes is used")
_SCALARS = {"boolean": ("boolean",), "integer": ("integer",), "number": ("integer", "number"), "string": ("string",)}
"""Of each kind of scalar, the kinds of the values that it has."""


def scalar(node: Node, kind: Any, lose: Lose) -> Type:
    """The type of a schema of this kind, with its limits; any JSON value where there is no such kind."""
    value = node.value
    if kind == "string":
        if value.get("format") == "binary":
            return Type(kind="binary", format="binary", content_media_type=node.text("contentMediaType"))
        pattern = node.get("pattern")
        written = node.text("pattern")
        meant = literal(written)
        if pattern is not None and meant != written:
            lose(pattern, "degraded", "`pattern` is an ECMAScript literal; " + _LITERAL[bool(meant)])
        elif pattern is not None and not checked(written):
            lose(pattern, "degraded", "`pattern` is not checked: the non-backtracking engine does not support it")
        return Type(
            kind="string",
            format=node.text("format") or _ENCODINGS.get(node.text("contentEncoding").lower(), ""),
            min_length=count(value, "minLength"),
            max_length=count(value, "maxLength"),
            pattern=meant,
            content_media_type=node.text("contentMediaType"),
            content_encoding=node.text("contentEncoding"),
        )
    if kind in ("integer", "number"):
        low, high = number(value, "minimum"), number(value, "maximum")
        # 3.0 writes `exclusiveMinimum: true` beside `minimum`; 3.1 writes the number itself.
        low_open = low if value.get("exclusiveMinimum") is True else number(value, "exclusiveMinimum")
        high_open = high if value.get("exclusiveMaximum") is True else number(value, "exclusiveMaximum")
        return Type(
            kind="integer" if kind == "integer" else "number",
            format=node.text("format"),
            minimum=None if value.get("exclusiveMinimum") is True else low,
            maximum=None if value.get("exclusiveMaximum") is True else high,
            exclusive_minimum=low_open,
            exclusive_maximum=high_open,
            multiple_of=step(node, lose),
        )
    if kind == "boolean":
        return Type(kind="boolean")
    if kind:
        lose(node, "degraded", f"the type {kind!r} is not one of JSON Schema's; read as any JSON value")
    return ANY


def described(node: Node, type_: Type, nullable: bool, lose: Lose) -> Type:
    """The type with the keywords of every kind: enum, const, default, description."""
    value = node.value
    listed = [value["const"]] if "const" in value else value.get("enum")
    if listed == []:
        lose(node, "degraded", "`enum` is empty; any value of the type is allowed")
    elif isinstance(listed, list):
        unique = {json.dumps(v, sort_keys=True): v for v in listed}
        if len(unique) < len(listed):
            lose(node, "kept", "a value is twice in `enum`; it is read once")
        if None not in listed:
            type_, nullable = replace(type_, nullable=False), nullable and node.flag("nullable")
        nullable = nullable or (None in listed and type_.kind == "any")
        values = tuple(v for v in unique.values() if v is not None and (not type_.values or v in type_.values))
        if type_.kind == "any" and values:
            type_ = replace(type_, kind=_kind_of(values))
        elif values and type_.kind in _SCALARS and not any(_is_value_of(type_.kind, v) for v in values):
            lose(node, "degraded", f"no value of `enum` is of the type {type_.kind}; the values are used")
            type_ = replace(type_, kind=_kind_of(values))
        texts = enums.notes(node, lose)
        notes = tuple(texts.get(enums.key(each), "") for each in values) if texts else ()
        type_ = replace(type_, values=values, notes=notes) if values else Type(kind="null")
    if (xml := _xml(node.get("xml"))) is not None:
        type_ = replace(type_, xml=xml)
    nullable, has_default = type_.nullable or nullable, "default" in value
    description = node.text("description") or type_.description
    if not has_default and (type_.nullable, type_.has_default, type_.description) == (nullable, False, description):
        return type_
    return replace(
        type_, nullable=nullable, has_default=has_default, default=value.get("default"), description=description
    )


_NODES = {"element": "element", "attribute": "attribute", "text": "text", "cdata": "text"}
"""Of 3.2's `nodeType`, what there is; `none` is no node."""


def _xml(node: Node | None) -> Xml | None:
    """An XML Object (3.0.4, 4.7.26; 3.2.0, 4.26)."""
    if node is None or not isinstance(node.value, dict):
        return None
    kind: Any = _NODES.get(node.text("nodeType"), "")
    if not kind:
        kind = "attribute" if node.flag("attribute") else "element" if node.flag("wrapped") else ""
    xml = Xml(name=node.text("name"), prefix=node.text("prefix"), namespace=node.text("namespace"), node=kind)
    return xml if xml != Xml() else None


def joined(parts: list[Type], nullable: bool) -> Type:
    """One type for several: null becomes `nullable`, equal ones become one."""
    nullable = nullable or any(p.kind == "null" or p.nullable for p in parts)
    members: list[Type] = []
    for part in parts:
        part = replace(part, nullable=False)
        if part.kind not in ("null", "never") and part not in members:
            members.append(part)
    if not members and not nullable and parts:
        return Type(kind="never")
    if not members:
        return Type(kind="null", nullable=True) if nullable else ANY
    if len(members) == 1:
        return replace(members[0], nullable=nullable)
    return Type(kind="union", members=tuple(members), nullable=nullable)


def is_of(part: Type, kinds: list[str]) -> bool:
    """Whether all values of a type are of these kinds."""
    kind = {"model": "object", "map": "object", "binary": "string"}.get(part.kind, part.kind)
    fits = kind in kinds or (kind == "integer" and "number" in kinds) or kind == "never"
    return fits and (not part.nullable or "null" in kinds)


def _kind_of(values: tuple[Any, ...]) -> Any:
    kinds = {
        "boolean" if isinstance(v, bool) else "integer" if isinstance(v, int) else "number" if isinstance(v, float)
        else "string" if isinstance(v, str) else "any"
        for v in values
    }  # fmt: skip
    return kinds.pop() if len(kinds) == 1 else "any"


def _is_value_of(kind: str, value: Any) -> bool:
    """Whether a value is of a kind of scalar: 2.0 is an integer, as JSON Schema has it."""
    return _kind_of((value,)) in _SCALARS[kind] or kind == "integer" and isinstance(value, float) and value.is_integer()


def count(value: Mapping[str, Any], key: str) -> int | None:
    limit = value.get(key)
    return limit if isinstance(limit, int) and not isinstance(limit, bool) else None


def number(value: Mapping[str, Any], key: str) -> float | None:
    limit = value.get(key)
    return limit if isinstance(limit, (int, float)) and not isinstance(limit, bool) else None


def step(node: Node, lose: Lose) -> float | None:
    """What a number is a multiple of; nothing where that is no more than 0, which JSON Schema forbids (Validation, 6.2.1)."""
    multiple = number(node.value, "multipleOf")
    if multiple is not None and multiple <= 0:
        lose(node, "degraded", f"a multiple of {multiple:g}, which no number is: it is not checked")
        return None
    return multiple
