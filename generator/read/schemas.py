"""JSON Schema as written -> Type and Model as meant, whatever version of OpenAPI spelled it.

Every schema is read once, by its place; whatever refers to it shares what was read. A schema with properties becomes
one Model, and an enumeration, a union that is referred to, a list or map of such within each other, and whatever holds
itself becomes one NamedType: each is named by its key wherever it is used, so neither recursion nor size needs care.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ..ir import Field, Loss, Model, NamedType, Type, Words, opened
from ..names import words
from . import allof, bounds, nulls, unions
from .allof import Laid
from .intersection import is_note
from .openapi import Document, Joined, Key, key_of
from .rules import Rules
from .schema_names import Called, called
from .source import Node
from .values import ANY, count, described, is_of, joined, scalar

_TOO_MUCH = f"`allOf` repeats more than the limit ({bounds.REPEATED.variable})"
_LARGEST, _DEEPEST = 100, 8
"""Types, and lists, maps and unions within one another, that are written out where they stand; more get a name."""
_NOTED = ("description", "deprecated", "readOnly", "writeOnly")
_MEANT_NULL = "null is taken, as `nullable` is meant; by OpenAPI 3.0.3 it adds null to the `type` beside it alone"
_FORMS = 24
"""Members of a union that is laid together with what stands beside it."""
_OF_OBJECTS = frozenset(["properties", "required", "additionalProperties", "patternProperties"])
_TOLD = frozenset(
    ["oneOf", "anyOf", "enum", "const", "type", "not", "if", "then", "else", "contains", "minContains", "maxContains"]
    + ["propertyNames", "dependentRequired", "dependentSchemas", "patternProperties"]
    + ["unevaluatedProperties", "unevaluatedItems"]
)
"""What a type holds, and what is a rule of its own."""
_NAMES_ONLY = frozenset(["properties", "patternProperties", "additionalProperties"])
"""Where no more than these are checked together, the properties themselves are fields of the type."""


class _Ask(NamedTuple):
    """A schema that has to be read before another one can be."""

    node: Node
    called: Called
    within: bool = False
    """Whether it stands within a list or a map: there a schema may hold itself."""
    referred: bool = False
    """Whether a reference points to it."""


@dataclass
class _Open:
    """A schema that is being read."""

    called: Called
    guards: int
    """The lists and maps around it."""
    named: Type | None = None
    """How it is referred to by what it holds."""


_Demands = tuple[tuple[Node, tuple[str, ...]], ...]
"""Keywords that are checked as they are written, with the schema that they stand in."""
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
    rules: Rules = field(init=False)
    _types: dict[Key, Type] = field(default_factory=dict)
    _open: dict[Key, _Open] = field(default_factory=dict)
    _guards: int = 0
    _sizes: dict[int, tuple[Type, int, int]] = field(default_factory=dict)
    _noted: dict[Key, Mapping[str, Any]] = field(default_factory=dict)
    _keys: dict[str, Key] = field(default_factory=dict)
    _unfilled: deque[Laid] = field(default_factory=deque)
    _ruled: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    """The rules of each model."""

    def __post_init__(self) -> None:
        self.rules = Rules(self.document, self.losses)

    def type(self, node: Node, key: str, name: Words) -> Type:
        """The type of a schema; `key` and `name` are what an object found in place is called."""
        type_ = self._read(node, (key, name))
        while self._unfilled:
            self._fill(self._unfilled.popleft())
        return self.opened(type_)

    def opened(self, type_: Type) -> Type:
        """The type; one that is named as its name says."""
        return opened(type_, self.types)

    def drop_open(self) -> None:
        """Forgets the schemas that were being read when one of them turned out to be unreadable."""
        for opening in self._open.values():
            self.models.pop(opening.called[0], None)
        self._open.clear()
        self._unfilled.clear()
        self._guards = 0

    # ── one schema ──────────────────────────────────────────────────────────────────────────────────────────────

    def _read(self, node: Node, called: Called) -> Type:
        asks = [_Ask(node, called)]
        readings = [self._schema(asks[0])]
        type_: Type | None = None
        while readings:
            try:
                request = readings[-1].send(type_)  # type: ignore[arg-type]  # None starts it
            except StopIteration as ended:
                readings.pop()
                self._guards -= asks.pop().within
                type_ = ended.value
            else:
                asks.append(request)
                self._guards += request.within
                readings.append(self._schema(request))
                type_ = None
        assert type_ is not None
        return type_

    def _schema(self, ask: _Ask) -> _Reading:
        node = ask.node
        if isinstance(node.value, bool):
            return ANY if node.value else Type(kind="never")
        if not isinstance(node.value, dict):
            raise node.error("a schema must be an object or a boolean", "use a schema")
        here = key_of(node)
        if here in self._types:
            return self._types[here]
        if here in self._open:
            return self._again(node, self._open[here])
        self._open[here] = opening = _Open(ask.called, self._guards)
        meant = allof.reference(self.document, node)
        type_ = yield from self._own(node, ask.called) if meant is None else self._referred(node, meant)
        del self._open[here]
        if type_.nullable and self.document.is_3_0 and nulls.says(node) and not nulls.strictly(self.document, node):
            self._lost(node, "kept", _MEANT_NULL)
        if opening.named or (meant is None and self._deserves_name(type_, ask.referred)):
            type_ = self._named(node, opening, type_)
        elif meant is None and _lists_values(type_):
            # Its users need its values: it is written out, and keeps its name.
            named = self._named(node, opening, replace(type_, nullable=False))
            type_ = replace(type_, name=named.name)
        self._types[here] = type_
        return type_

    def _again(self, node: Node, opening: _Open) -> Type:
        """A schema that contains itself."""
        self.document.follow(node)  # reports references that only point to one another
        if self._guards == opening.guards:
            return self._lost(node, "degraded", "a schema that contains only itself is read as any JSON value")
        if opening.named is None:
            opening.named = Type(kind="named", name=self._key(node, opening.called[0]))
        return opening.named

    def _deserves_name(self, type_: Type, referred: bool) -> bool:
        """Whether a list, map or union is more than is written out wherever it is used."""
        if type_.kind not in ("array", "map", "union"):
            return False
        types, depth = self._size(type_)
        return types > _LARGEST or depth > _DEEPEST or (referred and (type_.kind == "union" or depth > 1))

    def _named(self, node: Node, opening: _Open, type_: Type) -> Type:
        """Enters the type under its key, and returns a reference to it."""
        reference = opening.named or Type(kind="named", name=self._key(node, opening.called[0]))
        key, words_ = reference.name, opening.called[1]
        meaning = replace(type_, has_default=False, default=None, description="")
        self.types[key] = NamedType(
            key=key, words=words_, type=meaning, description=type_.description, place=node.place
        )
        return replace(reference, has_default=type_.has_default, default=type_.default, description=type_.description)

    def _referred(self, node: Node, meant: allof.Reference) -> _Reading:
        """The type of the target, with the notes of the reference."""
        for keyword in allof.more(node, {}) if allof.ignores(self.document, node) else ():
            self._lost(node, "kept", f"`{keyword}` next to a `$ref` has no effect in 3.0; it is not read")
        type_ = yield _Ask(meant.target, called(meant.target, self.names), referred=True)
        notes = [note for note in meant.notes if isinstance(note.value, dict)]
        if not notes:
            return type_
        with_default = next((note for note in notes if "default" in note.value), None)
        if with_default is not None:
            type_ = replace(type_, has_default=True, default=with_default.value["default"])
        return replace(
            type_,
            nullable=type_.nullable or any(self._nullable(note) for note in notes),
            description=next(filter(None, (note.text("description") for note in notes)), type_.description),
        )

    def _nullable(self, node: Node) -> bool:
        nullable: bool = node.value.get("nullable") is True
        if nullable and not self.document.is_3_0:
            self._lost(node, "kept", "`nullable` is a keyword of 3.0; it is applied")
        return nullable

    def _own(self, node: Node, called: Called) -> _Reading:
        laid = allof.alone(node, called)
        if "allOf" in node.value or allof.refers(node):
            laid = allof.lay(self.document, node, called, self.names, self.room)
            self.room -= laid.inherited
            if laid.cut:
                self._lost(node, "degraded", f"{_TOO_MUCH}: this schema lacks some inherited parts")
            for clash, what in laid.clashes:
                self._lost(clash, "degraded", f"`allOf` says {what}")
        if laid.empty:
            self._lost(node, "degraded", f"`allOf` allows no value: {laid.empty}")
            return Type(kind="never", description=node.text("description"))
        if "$dynamicRef" in laid.node.value:
            self._lost(laid.node, "degraded", "`$dynamicRef` is not checked")
        type_, demands = yield from self._shaped(laid)
        return self._ruled_by(type_, laid, demands)

    def _shaped(self, laid: Laid) -> Generator[_Ask, Type, tuple[Type, _Demands]]:
        """The type of a schema, and the keywords that are checked separately."""
        value: dict[str, Any] = laid.node.value
        kinds = value.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else list(kinds) if isinstance(kinds, list) else []
        flagged = self._nullable(laid.node)
        if kinds == ["null"]:
            return described(laid.node, Type(kind="null", nullable=True), False, self._lost), ()
        implied = self._implied(value)
        limits = [
            keyword for keyword, holder in laid.unions if unions.limits(laid.node, implied, holder.value[keyword])
        ]
        if laid.unions and not (len(limits) == len(laid.unions) and (kinds or implied)):
            return (yield from self._union(laid, kinds, flagged))
        nullable = flagged or "null" in kinds
        kinds = [k for k in kinds if k != "null"]
        parts = []
        for kind in kinds or [implied]:
            parts.append((yield from self._of_kind(laid, kind)))
        type_ = joined(parts, nullable) if len(parts) > 1 else parts[0]
        return described(laid.node, type_, nullable, self._lost), tuple(
            (holder, (keyword,)) for keyword, holder in laid.unions
        )

    def _ruled_by(self, type_: Type, laid: Laid, demands: _Demands) -> Type:
        """The type with the rules that it cannot express itself."""
        rules = []
        for holder, keywords in (*laid.rules, *demands):
            rule = self.rules.of(holder, keywords)
            if _NAMES_ONLY >= {*keywords} and "properties" in rule:
                rule["properties"] = dict.fromkeys(rule["properties"], True)
            rules.append(rule)
        value = laid.node.value
        own = type_.kind == "model" and self._keys[type_.model] == key_of(laid.node)
        if type_.kind == "any":
            rules.append(self.rules.of(laid.node, value.keys() - _TOLD))
        elif own:
            rules.append(self.rules.of(laid.node, ("minProperties", "maxProperties")))
        if type_.kind in ("array", "map", "model", "union", "named") or {"enum", "const"} <= value.keys():
            rules.append(self.rules.of(laid.node, ("enum", "const")))
        rules = [rule for n, rule in enumerate(rules) if rule and rule not in rules[:n]]
        if own:
            self._ruled[type_.model] = tuple(rules)
            return type_
        return replace(type_, rules=(*type_.rules, *rules)) if rules else type_

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
        return scalar(laid.node, kind, self._lost)

    def _array(self, laid: Laid) -> _Reading:
        value = laid.node.value
        items = laid.node.get("items")
        if "prefixItems" in value:
            items = None  # each has a schema of its own, which is a rule
        return Type(
            kind="array",
            items=(yield _Ask(items, _within(laid, "items", "item"), within=True)) if items else ANY,
            min_items=count(value, "minItems"),
            max_items=count(value, "maxItems"),
            unique_items=value.get("uniqueItems") is True,
        )

    def _object(self, laid: Laid) -> _Reading:
        node, value = laid.node, laid.node.value
        extra = self._extra(node)
        closed = any(each.value is False for each in extra)
        if not value.get("properties") and not closed and not value.get("required"):
            values = []
            for each in extra:
                values.append((yield _Ask(each, _within(laid, "additionalProperties", "value"), within=True)))
            items = ANY if not values or ANY in values else joined(values, False)
            return Type(
                kind="map",
                items=items,
                min_properties=count(value, "minProperties"),
                max_properties=count(value, "maxProperties"),
            )
        key = self._key(laid.node, laid.called[0])
        # Its fields are read when the schema that led here has been: they may hold it, or it them.
        self.models[key] = Model(key=key, words=laid.called[1], fields=(), place=node.place)
        self._unfilled.append(replace(laid, called=(key, laid.called[1])))
        return Type(kind="model", model=key)

    def _extra(self, node: Node) -> list[Node]:
        """The schemas of properties that have no name in it, one of which each fits; none where nothing is said."""
        extra, patterned = node.get("additionalProperties"), node.get("patternProperties")
        if patterned is None or not patterned.value:
            return [extra] if extra is not None else []
        schemas = [each for _, each in patterned.items()]
        if extra is None or extra.value is True:
            return []
        return schemas if extra.value is False else [*schemas, extra]

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
        extra = self._extra(node)
        closed = len(extra) == 1 and extra[0].value is False
        values = [self._read(each, _within(laid, "additionalProperties", "value")) for each in extra]
        additional = None if closed else ANY if not values or ANY in values else joined(values, False)
        self.models[key] = replace(
            self.models[key],
            fields=tuple(self._fields(laid)),
            additional=additional,
            closed=closed,
            rules=self._ruled.get(key, ()),
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
        # What must be there and is described nowhere is a field all the same.
        for wire in dict.fromkeys(map(str, required if isinstance(required, list) else ())):
            if properties is None or wire not in properties.value:
                extra = self._extra(laid.node)
                if any(each.value is False for each in extra):
                    self._lost(laid.node, "kept", f"{wire!r} is required, and `additionalProperties` forbids it")
                type_ = self._read(extra[0], _within(laid, "additionalProperties", "value")) if len(extra) == 1 else ANY
                yield Field(words=words(wire), wire_name=wire, type=type_, required=True, place=laid.node.place)

    def _notes(self, node: Node) -> Mapping[str, Any]:
        """The notes of a property, the nearest first: those of its reference, then those of the target."""
        chain: list[tuple[Key, list[Node]]] = []
        merged: Mapping[str, Any] = {}
        here = key_of(node)
        while isinstance(node.value, dict) and (here := key_of(node)) not in self._noted:
            self._noted[here] = {}  # ends a cycle of references
            meant = allof.reference(self.document, node)
            if meant is None:
                parts = node.get("allOf")
                inline = [part for part in parts.elements() if not allof.refers(part)] if parts else []
                chain.append((here, [node, *inline]))
                break
            chain.append((here, list(meant.notes)))
            node = meant.target
        merged = self._noted.get(key_of(node), {})
        for here, notes in reversed(chain):
            for note in reversed(notes):
                if isinstance(note.value, dict):
                    declared = {
                        k: v for k, v in note.value.items() if k in _NOTED and (k != "description" or note.text(k))
                    }
                    merged = {**merged, **declared}
            self._noted[here] = merged
        return merged

    # ── unions, and the keywords of every kind ──────────────────────────────────────────────────────────────────

    def _union(self, laid: Laid, kinds: list[str], nullable: bool) -> Generator[_Ask, Type, tuple[Type, _Demands]]:
        node = laid.node
        first, holder = laid.unions[0]
        beside = {keyword: part for keyword, part in node.items() if keyword not in ("oneOf", "anyOf")}
        ruled = {k for part, group in laid.rules for k in (group if part is node else group[:1])} - {
            "pattern",
            "multipleOf",
        }
        ruled |= {"type", "enum", "const", "unevaluatedProperties", "unevaluatedItems"}
        demands = [keyword for keyword in beside if not is_note(keyword) and keyword not in ruled]
        product = math.prod(len(each.value[keyword]) for keyword, each in laid.unions)
        together = len(laid.unions) > 1 or bool(_OF_OBJECTS & beside.keys())
        key, name = laid.keywords.get(first, laid.called)
        members = [*holder.get(first).elements()]  # type: ignore[union-attr]  # it stands there
        rules: _Demands = tuple((each, (keyword,)) for keyword, each in laid.unions[1:])
        parts = []
        if together and product <= _FORMS and (taken := product * (1 + len(demands))) <= self.room:
            self.room -= taken
            apart = ("unevaluatedProperties", "unevaluatedItems")  # they ask what the whole looks at
            own = {k: part for k, part in beside.items() if not is_note(k) and k not in apart}
            base = [Joined.of(node, own, "/allOf/beside")] if own else []
            choices = [[*each.get(keyword).elements()] for keyword, each in laid.unions]  # type: ignore[union-attr]
            for index, chosen in enumerate(itertools.product(*choices)):
                called_ = (f"{key}.{index}", (*name, "option", str(index + 1)))
                parts.append((yield _Ask(allof.member(node, f"/forms/{index}", [*chosen, *base]), called_)))
            members = [chosen[0] for chosen in itertools.product(*choices)]
            rules = ((laid.unions[0][1], (first,)), *rules) if rules else ()
        else:
            for index, member in enumerate(members):
                parts.append((yield _Ask(member, (f"{key}.{index}", (*name, "option", str(index + 1))))))
            if together:
                self._lost(node, "degraded", f"the keywords next to `{first}` are checked, but not part of its members")
            if kinds and not all(is_of(self.opened(part), kinds) for part in parts):
                demands.append("type")
            rules = (*rules, (node, tuple(demands)))
        type_ = joined(parts, False)
        alike = max(len(type_.members), 1) < sum(part.kind not in ("null", "never") for part in parts)
        if first == "oneOf" and ANY in parts:
            rules = (*rules, (holder, (first,)))  # no type says of a value that it is of one form and not of another
        elif first == "oneOf" and alike:
            self._lost(node, "kept", "members of `oneOf` are equal, so no value could match exactly one: any may match")
        type_ = replace(
            type_,
            nullable=nullable or (type_.nullable and (not kinds or "null" in kinds)),
            exclusive=type_.kind == "union" and first == "oneOf" and len(laid.unions) == 1 and not alike,
        )
        mark = node.get("discriminator")
        if mark is not None and mark.text("propertyName") and type_.kind == "union":
            discriminator, unknown = unions.discriminator(self.document, mark, members, parts)
            for written in unknown:
                what = f"the discriminator's {str(written.value)[:80]!r} is not one of the union's members"
                self._lost(written, "degraded", what)
            type_ = replace(type_, discriminator=discriminator)
        return described(node, type_, False, self._lost), rules

    def _size(self, type_: Type) -> tuple[int, int]:
        """How many types it comes to, and how deep they nest; those within it have been measured."""
        known = self._sizes.get(id(type_))
        if known is None:
            inner = [self._size(part) for part in (*type_.members, *([type_.items] if type_.items else []))]
            nodes, depth = 1 + sum(n for n, _ in inner), max((1 + d for _, d in inner), default=0)
            self._sizes[id(type_)] = known = (type_, nodes, depth)  # keeps it alive: an id could be reused
        return known[1], known[2]

    def _lost(self, node: Node, kind: Any, reason: str) -> Type:
        self._lose(node, kind, reason)
        return ANY

    def _lose(self, node: Node, kind: Any, reason: str) -> None:
        self.losses.append(Loss(pointer=self.document.pointer(node), surface="*", kind=kind, reason=reason))


def _lists_values(type_: Type) -> bool:
    """Whether it is texts or numbers of which a schema lists several."""
    return type_.kind in ("string", "integer", "number") and len(type_.values) > 1 and not type_.rules


def _within(laid: Laid, keyword: str, step: str) -> Called:
    """The name of an object under a keyword."""
    key, name = laid.keywords.get(keyword, laid.called)
    return f"{key}.{step}", (*name, step)
