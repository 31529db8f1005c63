"""What the members of a union are to it: no more than limits of the schema around them, or what a discriminator names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import SpecError
from ..ir import Discriminator, Type
from . import allof
from .openapi import Document, Key, key_of
from .source import Node, steps

_SHAPES = frozenset(["$ref", "properties", "items", "additionalProperties", "prefixItems", "patternProperties", "type"])
"""Keywords that give a value a shape; the others but limit it."""


def limits(node: Node, implied: str, members: Any) -> bool:
    """Whether the members say no more than which values of the schema around them they allow.

    implied: the kind of its values, where it does not say that itself.
    """
    known = node.value.get("properties")
    names = known.keys() if isinstance(known, dict) else set()

    def limit(member: Any) -> bool:
        if not isinstance(member, dict) or _SHAPES & member.keys() - {"type", "properties"}:
            return isinstance(member, bool)
        if "type" in member and member["type"] not in (node.value.get("type"), implied):
            return False
        own = member.get("properties", {})
        inner = [part for keyword in ("allOf", "anyOf", "oneOf") for part in member.get(keyword) or ()]
        return (
            isinstance(own, dict)
            and own.keys() <= names
            and not any(isinstance(each, dict) and _SHAPES & each.keys() - {"type"} for each in own.values())
            and all(map(limit, inner))
        )

    return isinstance(members, list) and all(map(limit, members))


def discriminator(
    document: Document, mark: Node, members: list[Node], parts: list[Type]
) -> tuple[Discriminator, list[Node]]:
    """By OpenAPI's Discriminator Object: a member is meant by the name of its component, or as `mapping` says.

    Gives as well what is written there and means no member.
    """
    keys: dict[Key, str] = {}
    named: dict[str, str] = {}
    implied: dict[str, str] = {}
    for member, part in zip(members, parts, strict=True):
        key = part.model or ("" if part.values else part.name)
        while key and allof.refers(member):
            member = document.target(member)
            if keys.setdefault(key_of(member), key) == key and "/" in member.pointer:
                component = steps(member.pointer)[-1]
                named.setdefault(component, key)
                for declared in _values(document, member, mark.text("propertyName"), component):
                    implied.setdefault(declared, key)
    mapping, default = mark.get("mapping"), mark.get("defaultMapping")
    written = dict(mapping.items()) if mapping else {}
    meant = {value: _meant(document, part, keys, named) for value, part in written.items()}
    otherwise = _meant(document, default, keys, named) if default else ""
    unknown = [part for value, part in written.items() if not meant[value]]
    known = {value: key for value, key in meant.items() if key}
    matches = Discriminator(
        wire_name=mark.text("propertyName"),
        mapping=(*known.items(), *((result, key) for result, key in implied.items() if result not in known)),
        default=otherwise,
    )
    return matches, [*unknown, *([default] if default and not otherwise else [])]


def _values(document: Document, member: Node, name: str, component: str) -> list[str]:
    """The value of the property for a member without a mapping: its component's name, if the property allows it."""
    properties = member.get("properties")
    matches = properties.get(name) if properties is not None else None
    if matches is not None and allof.refers(matches):
        matches = document.follow(matches)
    if matches is None or not isinstance(matches.value, dict):
        return [component]
    written = [matches.value["const"]] if "const" in matches.value else matches.value.get("enum")
    texts = [each for each in written if isinstance(each, str)] if isinstance(written, list) else []
    return [component] if component in texts or not texts else texts


def _meant(document: Document, written: Node, keys: Mapping[Key, str], named: Mapping[str, str]) -> str:
    """The key of the member that is meant, by the name of a component or by a reference; empty for none."""
    text = str(written.value)
    if text in named:
        return named[text]
    try:
        return keys.get(key_of(document.target(Node(written.source, written.pointer, {"$ref": text}))), "")
    except SpecError:
        return ""
