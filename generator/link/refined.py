"""The schema of a derived function: its properties as arguments, and what its job puts out.

It is somebody else's and may say anything: what of it cannot be read is left free and entered in the ledger, property by
property.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import SpecError
from ..ir import Discriminator, Loss, Model, NamedType, Param, Type
from ..names import Words, words
from ..read.catalog_model import DerivationEntry, DerivedEntry
from ..read.schemas import Schemas
from ..read.snapshots import Snapshot
from ..read.source import Node
from ..read.values import ANY
from ..text import seen
from .context import Context
from .fitting import fits

_MOST = 500
"""Properties of one schema: more are left to the free form."""


@dataclass
class Reading:
    """The schema of one function."""

    context: Context
    snapshot: Snapshot
    name: str
    words: Words
    schemas: Schemas = field(init=False)

    def __post_init__(self) -> None:
        self.schemas = Schemas(self.snapshot.document, {})

    def lose(self, node: Node, kind: Any, reason: str) -> None:
        self._enter(node.pointer, kind, reason)

    def _enter(self, pointer: str, kind: Any, reason: str) -> None:
        self.context.losses.append(
            Loss(pointer=f"{self.snapshot.file}#{pointer}", surface="*", kind=kind, reason=f"{self.name}: {reason}")
        )

    def type(self, node: Node, key: str) -> Type:
        """The type of a schema; any JSON value where it cannot be read."""
        try:
            return self._ours(self.schemas.type(node, key, words(key)))
        except SpecError as error:
            self.schemas.drop_open()
            self.lose(node, "degraded", f"{error.findings[0].what}; {key or 'it'} is read as any JSON value")
            return ANY

    def _ours(self, type_: Type) -> Type:
        """The type, with what it refers to called after the function: other schemas have an `Options` as well."""
        if any(_refers(rule) for rule in type_.rules):
            self._enter("", "degraded", "a rule of it refers to other schemas and is not checked")
        mark = type_.discriminator
        return replace(
            type_,
            model=self._key(type_.model),
            name=self._key(type_.name),
            items=self._ours(type_.items) if type_.items else None,
            members=tuple(self._ours(each) for each in type_.members),
            rules=tuple(rule for rule in type_.rules if not _refers(rule)),
            discriminator=mark
            and Discriminator(
                wire_name=mark.wire_name,
                mapping=tuple((value, self._key(key)) for value, key in mark.mapping),
                default=self._key(mark.default),
            ),
        )

    def _key(self, key: str) -> str:
        return f"{self.name}.{key}" if key else ""

    def finish(self) -> None:
        """Gives what the schema names, and what of it was lost, to the whole."""
        shared = self.context.schemas
        for model in self.schemas.models.values():
            fields = tuple(replace(each, type=self._ours(each.type)) for each in model.fields)
            extra = self._ours(model.additional) if model.additional else None
            rules = tuple(rule for rule in model.rules if not _refers(rule))
            shared.models[self._key(model.key)] = replace(
                model, **self._called(model), fields=fields, additional=extra, rules=rules
            )
        for named in self.schemas.types.values():
            shared.types[self._key(named.key)] = replace(named, **self._called(named), type=self._ours(named.type))
        for loss in self.schemas.losses:
            self._enter(loss.pointer, loss.kind, loss.reason)

    def _called(self, item: Model | NamedType) -> dict[str, Any]:
        pointer = f"{self.snapshot.file}#{item.place.pointer}"
        return {
            "key": self._key(item.key),
            "words": (*self.words, *item.words),
            "place": replace(item.place, pointer=pointer),
        }


def _refers(rule: Any) -> bool:
    if isinstance(rule, dict):
        return "$ref" in rule or any(map(_refers, rule.values()))
    return isinstance(rule, list) and any(map(_refers, rule))


def _schema(reading: Reading, pointer: str, what: str) -> Node | None:
    """The schema at a pointer, its references followed; None where there is none."""
    snapshot = reading.snapshot
    found = snapshot.at(pointer)
    if found is None:
        reading.lose(snapshot.document.root, "degraded", f"there is nothing at {pointer!r}: {what}")
        return None
    try:
        found = snapshot.document.joined(found)
    except SpecError as error:
        reading.lose(found, "degraded", f"cannot be followed ({error.findings[0].what}): {what}")
        return None
    if not isinstance(found.value, dict):
        reading.lose(found, "degraded", f"is no schema: {what}")
        return None
    return found


def params(reading: Reading, said: DerivedEntry, way: DerivationEntry | None) -> tuple[tuple[Param, ...], bool]:
    """The properties as arguments, in their order; and whether it takes others as well."""
    pointer = said.input or (way.input if way else "")
    node = _schema(reading, pointer, "the arguments are those of its free form, and none is checked")
    if node is None:
        return (), True
    listed = node.get("properties")
    if listed is not None and not isinstance(listed.value, dict):
        reading.lose(listed, "degraded", "`properties` is no object: no argument is checked")
        return (), True
    extra = node.get("additionalProperties")
    is_open = extra is not None and extra.value is not False and "properties" not in node.value
    written = node.value.get("required")
    needed = [each for each in written if isinstance(each, str)] if isinstance(written, list) else []
    properties = _ordered(listed, way.order if way else "") if listed else []
    if len(properties) > _MOST:
        reading.lose(node, "degraded", f"has {len(properties):,} properties; {_MOST} are arguments of their own")
        properties, is_open = properties[:_MOST], True
    found: list[Param] = []
    taken: set[Words] = set()
    for wire, schema in properties:
        if not any(map(str.isalnum, wire)) or not wire.isprintable():
            reading.lose(schema, "dropped", f"the property {wire!r} has no name that an argument can have")
            is_open = is_open or wire in needed
            continue
        if not isinstance(schema.value, (dict, bool)):
            reading.lose(schema, "degraded", f"the property {wire!r} has no schema: it takes any JSON value")
            type_ = ANY
        else:
            type_ = _sane(reading, schema, wire, reading.type(schema, wire))
        found.append(_param(wire, schema, type_, wire in needed, taken, reading))
    for wire in needed:
        if wire not in (listed.value if listed else {}) and len(found) < _MOST:
            reading.lose(node, "degraded", f"{wire!r} is required and has no schema: it takes any JSON value")
            if any(map(str.isalnum, wire)) and wire.isprintable():
                found.append(_param(wire, node, ANY, True, taken, reading))
    return tuple(found), is_open


def _param(wire: str, schema: Node, type_: Type, required: bool, taken: set[Words], reading: Reading) -> Param:
    own = words(wire)
    if own in taken:
        again = next((*own, str(n)) for n in range(2, _MOST + 3) if (*own, str(n)) not in taken)
        what = f"the property {wire!r} is spelled as another one is: in Python it is {'_'.join(again)!r}"
        reading.lose(schema, "degraded", what)
        own = again
    taken.add(own)
    return Param(
        words=own,
        wire_name=wire,
        location="field",
        type=type_,
        required=required,
        description=seen(type_.description),
        deprecated=schema.flag("deprecated"),
        place=schema.place,
    )


def _ordered(properties: Node, keyword: str) -> list[tuple[str, Node]]:
    """Properties as their schema orders them; those that it gives no place stand after those that it does."""

    def place(item: tuple[str, Node]) -> tuple[int, int]:
        order = item[1].value.get(keyword) if isinstance(item[1].value, dict) else None
        return (0, order) if isinstance(order, int) and not isinstance(order, bool) else (1, 0)

    return sorted(properties.items(), key=place)


def _sane(reading: Reading, node: Node, wire: str, type_: Type) -> Type:
    """The type without what contradicts itself: a default that it refuses, limits that nothing keeps."""
    low, high = type_.minimum, type_.maximum
    if low is not None and high is not None and low > high:
        reading.lose(node, "degraded", f"{wire!r} is at least {low:g} and at most {high:g}: neither is checked")
        type_ = replace(type_, minimum=None, maximum=None)
    shared = reading.schemas
    if type_.format == "password" and type_.has_default:
        reading.lose(node, "kept", f"{wire!r} is a secret: its default is not shown")
        type_ = replace(type_, has_default=False, default=None)
    if type_.has_default and type_.default is not None:
        plain = replace(type_, model="", name="", kind="any") if type_.model or type_.name else type_
        if not fits(type_.default, plain, shared.models, shared.types):
            reading.lose(node, "kept", f"the default of {wire!r} is no value of it; it is not shown")
            type_ = replace(type_, has_default=False, default=None)
    return type_


def output(reading: Reading, said: DerivedEntry, way: DerivationEntry | None) -> tuple[Type, bool, Mapping[str, Any]]:
    """What the job puts out; whether that is one text in pieces; and what else is said of it."""
    pointer = said.output or (way.output if way else "")
    node = _schema(reading, pointer, "what it puts out is any JSON value") if pointer else None
    if node is None:
        return ANY, False, {}
    found = reading.type(node, "output")
    notes = {key: node.value[key] for key in way.notes if key in node.value} if way else {}
    marks = way.joined if way else {}
    texts = found.kind == "array" and found.items is not None and found.items.kind == "string"
    joined = texts and bool(marks) and all(node.value.get(key) == value for key, value in marks.items())
    return found, joined, notes
