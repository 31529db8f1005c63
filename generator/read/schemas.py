"""JSON Schema as written -> Type and Model as meant, whatever version of OpenAPI spelled it.

Every schema is read once, by its place; whatever refers to it shares what was read. A schema with properties becomes
one Model, and a union that is referred to, a list or map of such within each other, and whatever holds itself becomes
one NamedType: each is named by its key wherever it is used, so neither recursion nor size needs care.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ..ir import Discriminator, Field, Loss, Model, NamedType, Type, Words, opened
from ..names import words
from . import allof, bounds
from .allof import Laid
from .openapi import Document, Key, key_of
from .patterns import checked
from .schema_names import Called, called
from .source import Node

ANY = Type(kind="any")

_TOO_MUCH = f"`allOf` repeats more than is written out ({bounds.REPEATED.variable})"
_LARGEST, _DEEPEST = 100, 8
"""Types, and lists, maps and unions within one another, that are written out where they stand; more get a name."""
_SCALARS = {"boolean": ("boolean",), "integer": ("integer",), "number": ("integer", "number"), "string": ("string",)}
"""Of each kind of scalar, the kinds of the values that it has."""
_NOTED = ("description", "deprecated", "readOnly", "writeOnly")
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
    "$dynamicRef",
)


class _Ask(NamedTuple):
    """A schema that has to be read before another one can be."""

    node: Node
    called: Called
    within: bool = False
    """Whether it stands within a list or a map: there a schema may hold itself."""
    referred: bool = False
    """Whether a reference leads to it."""


@dataclass
class _Open:
    """A schema that is being read."""

    called: Called
    guards: int
    """The lists and maps around it."""
    named: Type | None = None
    """How it is referred to by what it holds."""


_Reading = Generator[_Ask, Type, Type]
"""A schema that is being read: it asks for those within it, so that no depth of references meets Python's."""


@dataclass
class Schemas:
    """Reads the schemas of one document and collects the models and losses met on the way."""

    document: Document
    names: Mapping[str, str]
    """Component -> the name that the catalog gives it."""
    room: int = field(default_factory=lambda: bounds.REPEATED.value)
    """What `allOf` may still have written out again."""
    models: dict[str, Model] = field(default_factory=dict)
    types: dict[str, NamedType] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    _types: dict[Key, Type] = field(default_factory=dict)
    _open: dict[Key, _Open] = field(default_factory=dict)
    _guards: int = 0
    _sizes: dict[int, tuple[Type, int, int]] = field(default_factory=dict)
    _noted: dict[Key, Mapping[str, Any]] = field(default_factory=dict)
    _keys: dict[str, Key] = field(default_factory=dict)
    _unfilled: deque[Laid] = field(default_factory=deque)

    def type(self, node: Node, key: str, name: Words) -> Type:
        """The type of a schema; `key` and `name` are what an object found in place is called."""
        found = self._read(node, (key, name))
        while self._unfilled:
            self._fill(self._unfilled.popleft())
        return self.opened(found)

    def opened(self, found: Type) -> Type:
        """The type; one that is named as its name says."""
        return opened(found, self.types)

    # ── one schema ──────────────────────────────────────────────────────────────────────────────────────────────

    def _read(self, node: Node, called: Called) -> Type:
        asks = [_Ask(node, called)]
        readings = [self._schema(asks[0])]
        found: Type | None = None
        while readings:
            try:
                asked = readings[-1].send(found)  # type: ignore[arg-type]  # None starts it
            except StopIteration as ended:
                readings.pop()
                self._guards -= asks.pop().within
                found = ended.value
            else:
                asks.append(asked)
                self._guards += asked.within
                readings.append(self._schema(asked))
                found = None
        assert found is not None
        return found

    def _schema(self, ask: _Ask) -> _Reading:
        node = ask.node
        if isinstance(node.value, bool):
            return ANY if node.value else Type(kind="never")
        if not isinstance(node.value, dict):
            raise node.error("a schema is an object or a boolean", "write a schema there")
        here = key_of(node)
        if here in self._types:
            return self._types[here]
        if here in self._open:
            return self._again(node, self._open[here])
        self._open[here] = opening = _Open(ask.called, self._guards)
        meant = allof.reference(self.document, node)
        found = yield from self._own(node, ask.called) if meant is None else self._referred(node, meant)
        del self._open[here]
        if opening.named or (meant is None and self._deserves_name(found, ask.referred)):
            found = self._named(node, opening, found)
        self._types[here] = found
        return found

    def _again(self, node: Node, opening: _Open) -> Type:
        """A schema that is met within itself."""
        self.document.follow(node)  # tells of references that lead to nothing but one another
        if self._guards == opening.guards:
            return self._lost(
                node, "degraded", "a schema that is itself, with no list or map between, is read as any JSON value"
            )
        if opening.named is None:
            opening.named = Type(kind="named", name=self._key(node, opening.called[0]))
        return opening.named

    def _deserves_name(self, found: Type, referred: bool) -> bool:
        """Whether a list, map or union is more than is written out wherever it is used."""
        if found.kind not in ("array", "map", "union"):
            return False
        types, depth = self._size(found)
        return types > _LARGEST or depth > _DEEPEST or (referred and (found.kind == "union" or depth > 1))

    def _named(self, node: Node, opening: _Open, found: Type) -> Type:
        """Enters the type under its key, and gives what refers to it."""
        reference = opening.named or Type(kind="named", name=self._key(node, opening.called[0]))
        key, words_ = reference.name, opening.called[1]
        meaning = replace(found, has_default=False, default=None, description="")
        self.types[key] = NamedType(
            key=key, words=words_, type=meaning, description=found.description, place=node.place
        )
        return replace(reference, has_default=found.has_default, default=found.default, description=found.description)

    def _referred(self, node: Node, meant: allof.Reference) -> _Reading:
        """The type that is referred to, with the words of the reference."""
        for keyword in allof.more(node, {}) if allof.ignores(self.document, node) else ():
            self._lost(node, "kept", f"`{keyword}` beside a `$ref` says nothing in 3.0; it is not read")
        found = yield _Ask(meant.target, called(meant.target, self.names), referred=True)
        notes = [note for note in meant.notes if isinstance(note.value, dict)]
        given = next((note for note in notes if "default" in note.value), None)
        if given is not None:
            found = replace(found, has_default=True, default=given.value["default"])
        return replace(
            found,
            nullable=found.nullable or any(self._nullable(note) for note in notes),
            description=next(filter(None, (note.text("description") for note in notes)), found.description),
        )

    def _nullable(self, node: Node) -> bool:
        nullable: bool = node.value.get("nullable") is True
        if nullable and not self.document.is_3_0:
            self._lost(node, "kept", "`nullable` is a keyword of 3.0; it is honoured")
        return nullable

    def _own(self, node: Node, called: Called) -> _Reading:
        laid = Laid(node, called)
        if "allOf" in node.value or allof.refers(node):
            laid = allof.lay(self.document, node, called, self.names, self.room)
            self.room -= laid.inherited
            if laid.cut:
                self._lost(node, "degraded", f"{_TOO_MUCH}: this schema is read without some of what it inherits")
            for clash, what in laid.clashes:
                self._lost(clash, "degraded", f"`allOf` says {what} more than once; what stands first is read")
        for keyword in _UNREAD:
            if keyword in laid.node.value:
                self._lost(laid.node, "degraded", f"`{keyword}` is not checked")
        value: dict[str, Any] = laid.node.value
        kinds = value.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else list(kinds) if isinstance(kinds, list) else []
        nullable = self._nullable(laid.node) or "null" in kinds
        if kinds == ["null"]:
            return self._with(laid.node, Type(kind="null", nullable=True))
        if "oneOf" in value or "anyOf" in value:
            return (yield from self._union(laid, nullable))
        kinds = [k for k in kinds if k != "null"] or [self._implied(value)]
        parts = []
        for kind in kinds:
            parts.append((yield from self._of_kind(laid, kind)))
        return self._with(laid.node, _joined(parts, nullable) if len(parts) > 1 else parts[0], nullable)

    def _implied(self, value: Mapping[str, Any]) -> str:
        if "properties" in value or "additionalProperties" in value:
            return "object"
        if "items" in value or "prefixItems" in value:
            return "array"
        return ""

    def _of_kind(self, laid: Laid, kind: Any) -> _Reading:
        if kind == "object":
            return (yield from self._object(laid))
        if kind == "array":
            return (yield from self._array(laid))
        return self._scalar(laid.node, kind)

    def _array(self, laid: Laid) -> _Reading:
        value = laid.node.value
        items = laid.node.get("items")
        if "prefixItems" in value:
            self._lost(laid.node, "degraded", "`prefixItems` is read as a list of any JSON values")
            items = None
        return Type(
            kind="array",
            items=(yield _Ask(items, _within(laid, "items", "item"), within=True)) if items else ANY,
            min_items=_count(value, "minItems"),
            max_items=_count(value, "maxItems"),
            unique_items=value.get("uniqueItems") is True,
        )

    def _scalar(self, node: Node, kind: Any) -> Type:
        value = node.value
        if kind == "string":
            if value.get("format") == "binary":
                return Type(kind="binary", format="binary", content_media_type=node.text("contentMediaType"))
            pattern = node.get("pattern")
            if pattern is not None and not checked(str(pattern.value)):
                self._lost(
                    pattern, "degraded", "`pattern` is not checked: the engine that never backtracks cannot read it"
                )
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

    def _object(self, laid: Laid) -> _Reading:
        node, value = laid.node, laid.node.value
        extra = node.get("additionalProperties")
        closed = extra is not None and extra.value is False
        if not value.get("properties") and not closed:
            items = ANY
            if extra is not None:
                items = yield _Ask(extra, _within(laid, "additionalProperties", "value"), within=True)
            return Type(
                kind="map",
                items=items,
                min_properties=_count(value, "minProperties"),
                max_properties=_count(value, "maxProperties"),
            )
        key = self._key(laid.node, laid.called[0])
        # Its fields are read when the schema that led here has been: they may hold it, or it them.
        self.models[key] = Model(key=key, words=laid.called[1], fields=(), place=node.place)
        self._unfilled.append(replace(laid, called=(key, laid.called[1])))
        return Type(kind="model", model=key)

    def _key(self, node: Node, wanted: str) -> str:
        """The key, made unique where another schema has taken it already."""
        key, number, here = wanted, 2, key_of(node)
        while self._keys.setdefault(key, here) != here:
            key = f"{wanted}.{number}"
            number += 1
        return key

    # ── the fields of a model ───────────────────────────────────────────────────────────────────────────────────

    def _fill(self, laid: Laid) -> None:
        node, (key, _) = laid.node, laid.called
        extra = node.get("additionalProperties")
        closed = extra is not None and extra.value is False
        additional: Type | None = ANY
        if extra is not None:
            additional = None if closed else self._read(extra, _within(laid, "additionalProperties", "value"))
        self.models[key] = replace(
            self.models[key],
            fields=tuple(self._fields(laid)),
            additional=additional,
            closed=closed,
            description=node.text("description"),
            deprecated=node.flag("deprecated"),
        )

    def _fields(self, laid: Laid) -> Iterator[Field]:
        required = laid.node.value.get("required")
        needed = set(map(str, required)) if isinstance(required, list) else set()
        properties = laid.node.get("properties")
        for wire, schema in properties.items() if properties else ():
            key, name = laid.fields.get(wire, laid.called)
            notes = self._notes(schema)
            yield Field(
                words=words(wire),
                wire_name=wire,
                type=self._read(schema, (f"{key}.{wire}", (*name, *words(wire)))),
                required=wire in needed,
                description=notes.get("description", ""),
                deprecated=notes.get("deprecated") is True,
                read_only=notes.get("readOnly") is True,
                write_only=notes.get("writeOnly") is True,
                place=schema.place,
            )

    def _notes(self, node: Node) -> Mapping[str, Any]:
        """What is said of a property beside its type, the nearest first: at its reference, then where that leads."""
        chain: list[tuple[Key, list[Node]]] = []
        found: Mapping[str, Any] = {}
        here = key_of(node)
        while isinstance(node.value, dict) and (here := key_of(node)) not in self._noted:
            self._noted[here] = {}  # stands where references lead round
            meant = allof.reference(self.document, node)
            if meant is None:
                parts = node.get("allOf")
                inline = [part for part in parts.elements() if not allof.refers(part)] if parts else []
                chain.append((here, [node, *inline]))
                break
            chain.append((here, list(meant.notes)))
            node = meant.target
        found = self._noted.get(key_of(node), {})
        for here, notes in reversed(chain):
            for note in reversed(notes):
                if isinstance(note.value, dict):
                    said = {k: v for k, v in note.value.items() if k in _NOTED and (k != "description" or note.text(k))}
                    found = {**found, **said}
            self._noted[here] = found
        return found

    # ── unions, and what stands beside every kind ───────────────────────────────────────────────────────────────

    def _union(self, laid: Laid, nullable: bool) -> _Reading:
        node = laid.node
        keyword = "oneOf" if "oneOf" in node.value else "anyOf"
        members = node.get(keyword)
        if node.value.get("properties"):
            self._lost(node, "degraded", f"`properties` beside `{keyword}` are not read")
        key, name = laid.keywords.get(keyword, laid.called)
        parts = []
        for index, member in enumerate(members.elements() if members else ()):
            parts.append((yield _Ask(member, (f"{key}.{index}", (*name, "option", str(index + 1))))))
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
            elif values and found.kind in _SCALARS and not any(_kind_of((v,)) in _SCALARS[found.kind] for v in values):
                self._lost(node, "degraded", f"no value of `enum` is of the type {found.kind}; the values are taken")
                found = replace(found, kind=_kind_of(values))
            found = replace(found, values=values) if values else Type(kind="null")
        return replace(
            found,
            nullable=found.nullable or nullable,
            has_default="default" in value,
            default=value.get("default"),
            description=node.text("description") or found.description,
        )

    def _size(self, found: Type) -> tuple[int, int]:
        """How many types it comes to, and how deep they nest; those within it have been measured."""
        known = self._sizes.get(id(found))
        if known is None:
            inner = [self._size(part) for part in (*found.members, *([found.items] if found.items else []))]
            nodes, depth = 1 + sum(n for n, _ in inner), max((1 + d for _, d in inner), default=0)
            self._sizes[id(found)] = known = (found, nodes, depth)  # holds it: an id is not given twice
        return known[1], known[2]

    def _lost(self, node: Node, kind: Any, reason: str) -> Type:
        self.losses.append(Loss(pointer=self.document.pointer(node), surface="*", kind=kind, reason=reason))
        return ANY


def _within(laid: Laid, keyword: str, step: str) -> Called:
    """What an object found under a keyword is called."""
    key, name = laid.keywords.get(keyword, laid.called)
    return f"{key}.{step}", (*name, step)


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
