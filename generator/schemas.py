"""JSON Schema as written -> Type and Model as meant, whatever version of OpenAPI spelled it.

A component with properties becomes one Model and is named by its key wherever it is used, so recursion needs no care.
Anything else is read in place; only there can a schema hold itself, and it is cut with an entry in the ledger.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from .ir import Discriminator, Field, Loss, Model, Type, Words
from .names import words
from .openapi import Document
from .patterns import checked
from .source import Node, steps

ANY = Type(kind="any")

_UNREAD = (
    "not",
    "if",
    "then",
    "else",
    "patternProperties",
    "dependentSchemas",
    "dependentRequired",
    "contains",
    "propertyNames",
)
_SCALARS = {"string", "integer", "number", "boolean"}


@dataclass
class Schemas:
    """Reads the schemas of one document and collects the models and losses met on the way."""

    document: Document
    names: Mapping[str, str]
    """Component -> the name that the catalog gives it."""
    models: dict[str, Model] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    _open: set[tuple[str, str]] = field(default_factory=set)
    _keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    _at: dict[tuple[str, str], str] = field(default_factory=dict)

    def type(self, node: Node, key: str, name: Words) -> Type:
        """The type of a schema; `key` and `name` are what an object found in place is called."""
        if isinstance(node.value, bool):
            return ANY if node.value else Type(kind="never")
        if not isinstance(node.value, dict):
            raise node.error("a schema is an object or a boolean", "write a schema there")
        if isinstance(node.value.get("$ref"), str):
            return self._reference(node, key, name)
        here = (node.source.file, node.pointer)
        if here in self._open:
            if here in self._at:
                return Type(kind="model", model=self._at[here])
            return self._lost(
                node, "degraded", "a schema that holds itself outside an object is read as any JSON value"
            )
        self._open.add(here)
        try:
            return self._type(node, key, name)
        finally:
            self._open.discard(here)

    def _reference(self, node: Node, key: str, name: Words) -> Type:
        target = self.document.follow(node)
        last = steps(target.pointer)[-1] if target.pointer else target.source.path.stem
        found = self.type(target, last, words(self.names.get(last, last)))
        if node.value.get("nullable") is True:
            found = replace(found, nullable=True)
        return replace(found, description=node.text("description") or found.description)

    def _type(self, node: Node, key: str, name: Words) -> Type:
        value: dict[str, Any] = node.value
        for keyword in _UNREAD:
            if keyword in value:
                self._lost(node, "degraded", f"`{keyword}` is not checked")
        if "allOf" in value:
            only = self._only_part(node)
            if only is not None:
                return self._with(node, self.type(only, key, name), value.get("nullable") is True)
            node, value = self._merged(node)
        kinds = value.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else list(kinds) if isinstance(kinds, list) else []
        nullable = "null" in kinds or value.get("nullable") is True
        if value.get("nullable") is True and not str(self.document.root.value["openapi"]).startswith("3.0"):
            self._lost(node, "kept", "`nullable` is a keyword of 3.0; it is honoured")
        only_null = kinds == ["null"]
        kinds = [k for k in kinds if k != "null"]
        if only_null:
            return self._with(node, Type(kind="null", nullable=True))
        if "oneOf" in value or "anyOf" in value:
            return self._union(node, key, name, nullable)
        if len(kinds) > 1:
            parts = [self._of_kind(node, k, key, name) for k in kinds]
            return self._with(node, _joined(parts, nullable))
        kind = kinds[0] if kinds else self._implied(value)
        return self._with(node, self._of_kind(node, kind, key, name), nullable)

    def _implied(self, value: Mapping[str, Any]) -> str:
        if "properties" in value or "additionalProperties" in value:
            return "object"
        if "items" in value or "prefixItems" in value:
            return "array"
        return ""

    def _of_kind(self, node: Node, kind: str, key: str, name: Words) -> Type:
        value = node.value
        if kind == "object":
            return self._object(node, key, name)
        if kind == "array":
            items = node.get("items")
            if "prefixItems" in value:
                self._lost(node, "degraded", "`prefixItems` is read as a list of any JSON values")
                items = None
            element = self.type(items, f"{key}.item", (*name, "item")) if items else ANY
            return Type(
                kind="array",
                items=element,
                min_items=_count(value, "minItems"),
                max_items=_count(value, "maxItems"),
                unique_items=value.get("uniqueItems") is True,
            )
        if kind == "string":
            if value.get("format") == "binary":
                return Type(kind="binary", format="binary", content_media_type=node.text("contentMediaType"))
            pattern = node.get("pattern")
            if pattern is not None and not checked(str(pattern.value)):
                self._lost(pattern, "degraded", "`pattern` is not checked: the engine that never backtracks cannot read it")
            return Type(
                kind="string",
                format=node.text("format"),
                min_length=_count(value, "minLength"),
                max_length=_count(value, "maxLength"),
                pattern=node.text("pattern"),
                content_media_type=node.text("contentMediaType"),
            )
        if kind in ("integer", "number"):
            low, high = _number(value, "minimum"), _number(value, "maximum")
            # 3.0 writes `exclusiveMinimum: true` beside `minimum`; 3.1 writes the number itself.
            low_open = low if value.get("exclusiveMinimum") is True else _number(value, "exclusiveMinimum")
            high_open = high if value.get("exclusiveMaximum") is True else _number(value, "exclusiveMaximum")
            return Type(
                kind="integer" if kind == "integer" else "number",
                format=node.text("format"),
                minimum=None if value.get("exclusiveMinimum") is True else low,
                maximum=None if value.get("exclusiveMaximum") is True else high,
                exclusive_minimum=low_open,
                exclusive_maximum=high_open,
                multiple_of=_number(value, "multipleOf"),
            )
        if kind == "boolean":
            return Type(kind="boolean")
        if kind:
            return self._lost(
                node, "degraded", f"the type {kind!r} is not one of JSON Schema's; read as any JSON value"
            )
        return ANY

    def _with(self, node: Node, found: Type, nullable: bool = False) -> Type:
        """The type with what may stand beside every kind: enum, const, default, description."""
        value = node.value
        listed = [value["const"]] if "const" in value else value.get("enum")
        if isinstance(listed, list):
            unique = {json.dumps(v, sort_keys=True): v for v in listed}
            if len(unique) < len(listed):
                self._lost(node, "kept", "a value stands twice in `enum`; it is read once")
            nullable = nullable or None in listed
            values = tuple(v for v in unique.values() if v is not None)
            if found.kind == "any" and values:
                found = replace(found, kind=_kind_of(values))
            found = replace(found, values=values) if values else Type(kind="null")
        return replace(
            found,
            nullable=found.nullable or nullable,
            has_default="default" in value,
            default=value.get("default"),
            description=node.text("description") or found.description,
        )

    def _object(self, node: Node, key: str, name: Words) -> Type:
        value = node.value
        extra = node.get("additionalProperties")
        closed = extra is not None and extra.value is False
        if not value.get("properties") and not closed:
            items = self.type(extra, f"{key}.value", (*name, "value")) if extra is not None else ANY
            return Type(
                kind="map",
                items=items,
                min_properties=_count(value, "minProperties"),
                max_properties=_count(value, "maxProperties"),
            )
        here = (node.source.file, node.pointer)
        key = self._at.setdefault(here, self._key(key, here))
        if key not in self.models:
            placeholder = Model(key=key, words=name, fields=(), place=node.place)
            self.models[key] = placeholder  # stands while its fields are read: they may hold it
            self.models[key] = replace(
                placeholder,
                fields=self._fields(node, key, name),
                additional=None if closed else self.type(extra, f"{key}.value", (*name, "value")) if extra else ANY,
                closed=closed,
                description=node.text("description"),
                deprecated=node.flag("deprecated"),
            )
        return Type(kind="model", model=key)

    def _key(self, key: str, here: tuple[str, str]) -> str:
        """The key, made unique where another schema has taken it already."""
        number, wanted = 2, key
        while self._keys.setdefault(key, here) != here:
            key = f"{wanted}.{number}"
            number += 1
        return key

    def _fields(self, node: Node, key: str, name: Words) -> tuple[Field, ...]:
        required = node.value.get("required")
        needed = set(map(str, required)) if isinstance(required, list) else set()
        properties = node.get("properties")
        found = []
        for wire, schema in properties.items() if properties else ():
            target = self.document.follow(schema) if isinstance(schema.value, dict) else schema
            found.append(
                Field(
                    words=words(wire),
                    wire_name=wire,
                    type=self.type(schema, f"{key}.{wire}", (*name, *words(wire))),
                    required=wire in needed,
                    description=schema.text("description") or target.text("description"),
                    deprecated=target.flag("deprecated"),
                    read_only=target.flag("readOnly"),
                    write_only=target.flag("writeOnly"),
                    place=schema.place,
                )
            )
        return tuple(found)

    def _only_part(self, node: Node) -> Node | None:
        """The one `$ref` of an `allOf` that adds nothing to it: the old way to describe a reference."""
        parts = node.get("allOf")
        listed = list(parts.elements()) if parts else []
        beside = set(node.value) - {"allOf", "description", "nullable", "default", "title", "deprecated"}
        alone = len(listed) == 1 and isinstance(listed[0].value, dict) and "$ref" in listed[0].value and not beside
        return listed[0] if alone else None

    def _merged(self, node: Node) -> tuple[Node, dict[str, Any]]:
        """A node whose `allOf` has been laid together into one schema."""
        merged: dict[str, Any] = {k: v for k, v in node.value.items() if k != "allOf"}
        parts = node.get("allOf")
        for part in parts.elements() if parts else ():
            here = (part.source.file, part.pointer)
            target = self.document.follow(part)
            if here in self._open:
                continue
            self._open.add(here)
            try:
                value = (
                    self._merged(target)[1]
                    if isinstance(target.value, dict) and "allOf" in target.value
                    else target.value
                )
            finally:
                self._open.discard(here)
            if target.source.path != node.source.path:
                value = _moved(value, target.source.path.parent, node.source.path.parent, target.source.path.name)
            for keyword, found in value.items() if isinstance(value, dict) else ():
                if keyword == "properties" and isinstance(found, dict):
                    merged["properties"] = {**found, **merged.get("properties", {})}
                elif keyword == "required" and isinstance(found, list):
                    merged["required"] = [*found, *(r for r in merged.get("required", []) if r not in found)]
                else:
                    merged.setdefault(keyword, found)
        return Node(node.source, node.pointer, merged), merged

    def _union(self, node: Node, key: str, name: Words, nullable: bool) -> Type:
        keyword = "oneOf" if "oneOf" in node.value else "anyOf"
        members = node.get(keyword)
        if node.value.get("properties"):
            self._lost(node, "degraded", f"`properties` beside `{keyword}` are not read")
        parts = [
            self.type(member, f"{key}.{index}", (*name, "option", str(index + 1)))
            for index, member in enumerate(members.elements() if members else ())
        ]
        found = _joined(parts, nullable)
        mark = node.get("discriminator")
        if mark is not None and mark.text("propertyName") and found.kind == "union":
            mapping = mark.get("mapping")
            written = {k: str(v.value).rsplit("/", 1)[-1] for k, v in mapping.items()} if mapping else {}
            for part in found.members:
                if part.kind == "model" and part.model not in written.values():
                    written[part.model] = part.model
            found = replace(
                found, discriminator=Discriminator(wire_name=mark.text("propertyName"), mapping=tuple(written.items()))
            )
        return self._with(node, found)

    def _lost(self, node: Node, kind: Any, reason: str) -> Type:
        self.losses.append(Loss(pointer=node.pointer, surface="*", kind=kind, reason=reason))
        return ANY


def _moved(value: Any, old: Path, new: Path, file: str) -> Any:
    """A part of one file as it reads in a file of another folder: its references lead where they led."""
    if isinstance(value, list):
        return [_moved(each, old, new, file) for each in value]
    if not isinstance(value, dict):
        return value
    moved = {key: _moved(each, old, new, file) for key, each in value.items()}
    ref = value.get("$ref")
    if isinstance(ref, str) and "://" not in ref:
        place, mark, fragment = ref.partition("#")
        target = old / unquote(place or quote(file))
        moved["$ref"] = quote(os.path.relpath(target, new).replace(os.sep, "/")) + mark + fragment
    return moved


def _joined(parts: list[Type], nullable: bool) -> Type:
    """One type for several: null becomes `nullable`, equal ones become one."""
    nullable = nullable or any(p.kind == "null" or p.nullable for p in parts)
    members: list[Type] = []
    for part in parts:
        part = replace(part, nullable=False)
        if part.kind not in ("null", "never") and part not in members:
            members.append(part)
    if not members:
        return Type(kind="null", nullable=True) if nullable else ANY
    if len(members) == 1:
        return replace(members[0], nullable=nullable)
    return Type(kind="union", members=tuple(members), nullable=nullable)


def _kind_of(values: tuple[Any, ...]) -> Any:
    kinds = {
        "boolean" if isinstance(v, bool) else "integer" if isinstance(v, int) else "number" if isinstance(v, float)
        else "string" if isinstance(v, str) else "any"
        for v in values
    }  # fmt: skip
    return kinds.pop() if len(kinds) == 1 else "any"


def _count(value: Mapping[str, Any], key: str) -> int | None:
    found = value.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _number(value: Mapping[str, Any], key: str) -> float | None:
    found = value.get(key)
    return found if isinstance(found, (int, float)) and not isinstance(found, bool) else None
