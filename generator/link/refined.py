"""The schema of a derived function: its properties as arguments, and what its job puts out.

It is somebody else's and may say anything: what of it cannot be read is left free and entered in the ledger, property by
property.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import SpecError
from ..ir import Discriminator, Json, Loss, Model, NamedType, Param, Type
from ..names import Words, words
from ..read import allof
from ..read.catalog_model import DerivationEntry, DerivedEntry
from ..read.openapi import Document, Key, key_of
from ..read.schemas import Schemas
from ..read.snapshots import Snapshot
from ..read.source import Node
from ..read.values import ANY
from ..text import seen
from .context import Context
from .fitting import fits

_MOST = 500
"""Properties of one schema: more are left to the free form."""
_FOLDED = 12
"""How deep an `allOf` of one schema, which is that schema, may stand in others."""
_LONGEST = 100
"""Characters of a property's name."""


@dataclass
class Reading:
    """The schema of one function."""

    context: Context
    snapshot: Snapshot
    name: str
    words: Words
    secrets: set[str] = field(default_factory=set)
    """The properties that are marked as secrets, or hold one."""
    schemas: Schemas = field(init=False)

    def __post_init__(self) -> None:
        self.schemas = Schemas(self.snapshot.document, {})

    def lose(self, node: Node, kind: Any, reason: str) -> None:
        self.enter(node.pointer, kind, reason)

    def enter(self, pointer: str, kind: Any, reason: str) -> None:
        """Enters a loss at a pointer into the file in the ledger."""
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
        mark = type_.discriminator
        return replace(
            type_,
            model=self._key(type_.model),
            name=self._key(type_.name),
            items=self._ours(type_.items) if type_.items else None,
            members=tuple(self._ours(each) for each in type_.members),
            rules=self._checked(type_.rules, ""),
            discriminator=mark
            and Discriminator(
                wire_name=mark.wire_name,
                mapping=tuple((value, self._key(key)) for value, key in mark.mapping),
                default=self._key(mark.default),
            ),
        )

    def _checked(self, rules: Sequence[Json], pointer: str) -> tuple[Json, ...]:
        """The rules that can be checked without the file: those that refer to nothing in it."""
        kept = tuple(rule for rule in rules if not _refers(rule))
        if len(kept) < len(rules):
            self.enter(pointer, "degraded", "one of its rules references other schemas, and is not checked")
        return kept

    def _key(self, key: str) -> str:
        return f"{self.name}.{key}" if key else ""

    def finish(self) -> None:
        """Gives what the schema names, and what of it was lost, to the whole."""
        shared = self.context.schemas
        for model in self.schemas.models.values():
            fields = tuple(replace(each, type=self._ours(each.type)) for each in model.fields)
            extra = self._ours(model.additional) if model.additional else None
            rules = self._checked(model.rules, model.place.pointer)
            shared.models[self._key(model.key)] = replace(
                model, **self._called(model), fields=fields, additional=extra, rules=rules
            )
        for named in self.schemas.types.values():
            shared.types[self._key(named.key)] = replace(named, **self._called(named), type=self._ours(named.type))
        for loss in self.schemas.losses:
            self.enter(loss.pointer, loss.kind, loss.reason)

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
    node = snapshot.at(pointer)
    if node is None:
        reading.lose(snapshot.document.root, "degraded", f"there is nothing at {pointer!r}: {what}")
        return None
    try:
        node = snapshot.document.joined(node)
        for _ in range(_FOLDED):
            only = node.get("allOf") if isinstance(node.value, dict) and "properties" not in node.value else None
            if only is None or not isinstance(only.value, list) or len(only.value) != 1:
                break
            node = snapshot.document.joined(next(only.elements()))
    except SpecError as error:
        reading.lose(node, "degraded", f"cannot be followed ({error.findings[0].what}): {what}")
        return None
    if not isinstance(node.value, dict):
        reading.lose(node, "degraded", f"is not a schema: {what}")
        return None
    return node


def params(reading: Reading, entry: DerivedEntry, derivation: DerivationEntry | None) -> tuple[tuple[Param, ...], bool]:
    """The properties as arguments, in their order; and whether it takes others as well."""
    pointer = entry.input or (derivation.input if derivation else "")
    node = _schema(reading, pointer, "its arguments are free-form, and are not checked")
    if node is None:
        return (), True
    listed = node.get("properties")
    if listed is not None and not isinstance(listed.value, dict):
        reading.lose(listed, "degraded", "`properties` is not an object: no argument is checked")
        return (), True
    extra = node.get("additionalProperties")
    # Without it JSON Schema allows any property; a schema that lists properties is meant to list all of them.
    is_open = listed is None if extra is None else extra.value is not False
    written = node.value.get("required")
    needed = [each for each in written if isinstance(each, str)] if isinstance(written, list) else []
    properties = _ordered(listed, derivation.order if derivation else "") if listed else []
    if len(properties) > _MOST:
        reading.lose(node, "degraded", f"has {len(properties):,} properties; {_MOST} become arguments")
        properties, is_open = properties[:_MOST], True
    arguments: list[Param] = []
    taken: set[Words] = set()
    for wire, schema in properties:
        if not _nameable(wire):
            reading.lose(schema, "dropped", f"the property {wire[:_LONGEST]!r} has a name that an argument cannot have")
            is_open = True
            continue
        if not isinstance(schema.value, (dict, bool)):
            reading.lose(schema, "degraded", f"the property {wire!r} has no schema: it accepts any JSON value")
            type_ = ANY
        else:
            type_ = reading.type(schema, wire)
            if derivation and _holds_mark(schema, derivation.secret, reading.schemas.document):
                reading.secrets.add(wire)
            type_ = _sane(reading, schema, wire, type_)
            if not seen(type_.description):
                type_ = replace(type_, description=_titled(schema, wire))
        arguments.append(_param(wire, schema, type_, wire in needed, taken, reading))
    for wire in dict.fromkeys(needed):
        if wire not in (listed.value if listed else {}) and len(arguments) < _MOST:
            reading.lose(node, "degraded", f"{wire!r} is required and has no schema: it accepts any JSON value")
            if _nameable(wire):
                arguments.append(_param(wire, node, ANY, True, taken, reading))
    return tuple(arguments), is_open


def unshown(reading: Reading, params: tuple[Param, ...], secrets: Collection[str]) -> tuple[Param, ...]:
    """The arguments, those that are secrets without a default."""
    result = []
    for param in params:
        if param.wire_name in secrets and param.type.has_default:
            reason = f"{param.wire_name!r} is a secret: its default is not shown"
            reading.enter(param.place.pointer, "kept", reason)
            param = replace(param, type=replace(param.type, has_default=False, default=None))
        result.append(param)
    return tuple(result)


def _nameable(wire: str) -> bool:
    """Whether an argument can be called so."""
    return wire.isprintable() and any(map(str.isalnum, wire)) and len(wire) <= _LONGEST


def _param(wire: str, schema: Node, type_: Type, required: bool, taken: set[Words], reading: Reading) -> Param:
    own = words(wire)
    if own in taken:
        again = next((*own, str(n)) for n in range(2, _MOST + 3) if (*own, str(n)) not in taken)
        what = f"the property {wire!r} has the same spelling as another one: in Python it is {'_'.join(again)!r}"
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


def _titled(schema: Node, wire: str) -> str:
    """The title of a property that is not described; one that is its name again, as pydantic makes one, says nothing."""
    title = seen(schema.text("title")) if isinstance(schema.value, dict) else ""
    return title if title.lower().replace(" ", "_") != wire.lower() else ""


def _ordered(properties: Node, keyword: str) -> list[tuple[str, Node]]:
    """Properties as their schema orders them; those that it gives no place stand after those that it does."""

    def place(item: tuple[str, Node]) -> tuple[int, float]:
        order = item[1].value.get(keyword) if isinstance(item[1].value, dict) else None
        return (0, order) if isinstance(order, (int, float)) and not isinstance(order, bool) else (1, 0)

    return sorted(properties.items(), key=place)


def _sane(reading: Reading, node: Node, wire: str, type_: Type) -> Type:
    """The type without what contradicts itself: a default that it refuses, limits that nothing keeps."""
    low, high = type_.minimum, type_.maximum
    if low is not None and high is not None and low > high:
        reading.lose(node, "degraded", f"{wire!r} is at least {low:g} and at most {high:g}: neither is checked")
        type_ = replace(type_, minimum=None, maximum=None)
    if min(type_.min_length or 0, type_.max_length or 0, type_.min_items or 0, type_.max_items or 0) < 0:
        reading.lose(node, "degraded", f"{wire!r} has a length below zero: it is not checked")
        lengths = _possible(type_.min_length), _possible(type_.max_length)
        type_ = replace(type_, min_length=lengths[0], max_length=lengths[1])
        type_ = replace(type_, min_items=_possible(type_.min_items), max_items=_possible(type_.max_items))
    shared = reading.schemas
    if type_.has_default and type_.default is None and not type_.nullable and type_.kind not in ("any", "null"):
        # As some write what may be left out and has no default.
        type_ = replace(type_, has_default=False)
    if type_.has_default and type_.default is not None:
        plain = replace(type_, model="", name="", kind="any") if type_.model or type_.name else type_
        if not fits(type_.default, plain, shared.models, shared.types):
            reading.lose(node, "kept", f"the default of {wire!r} does not match its schema, and is not shown")
            type_ = replace(type_, has_default=False, default=None)
    return type_


def _possible(count: int | None) -> int | None:
    return count if count is None or count >= 0 else None


def output(
    reading: Reading, entry: DerivedEntry, derivation: DerivationEntry | None
) -> tuple[Type, bool, Mapping[str, Any]]:
    """The type of the job's output; whether it is one text in pieces; and the notes of its schema."""
    pointer = entry.output or (derivation.output if derivation else "")
    node = _schema(reading, pointer, "its output is any JSON value") if pointer else None
    if node is None:
        return ANY, False, {}
    type_ = reading.type(node, "output")
    notes = {key: node.value[key] for key in derivation.notes if key in node.value} if derivation else {}
    marks = derivation.joined if derivation else {}
    texts = type_.kind == "array" and type_.items is not None and type_.items.kind == "string"
    return type_, texts and _marked(node, marks), notes


def _marked(node: Node, marks: Mapping[str, Any]) -> bool:
    """Whether a schema has all these keywords with these values."""
    return bool(marks) and isinstance(node.value, dict) and all(node.value.get(key) == marks[key] for key in marks)


def _holds_mark(node: Node, marks: Mapping[str, Any], document: Document) -> bool:
    """Whether a schema, or one inside it, has all these keywords with these values."""
    looked: set[Key] = set()
    waiting = [node]
    while waiting:
        schema = waiting.pop()
        if key_of(schema) in looked or not isinstance(schema.value, dict):
            continue
        looked.add(key_of(schema))
        if _marked(schema, marks):
            return True
        with suppress(SpecError):  # a reference to nothing, which is reported where the type is read
            meant = allof.reference(document, schema)
            waiting += [meant.target, *meant.notes] if meant is not None else []
        for keyword in ("anyOf", "oneOf", "allOf"):
            if isinstance(schema.value.get(keyword), list) and (inner := schema.get(keyword)) is not None:
                waiting += inner.elements()
        waiting += [
            inner for keyword in ("items", "additionalProperties") if (inner := schema.get(keyword)) is not None
        ]
        if isinstance(schema.value.get("properties"), dict) and (inner := schema.get("properties")) is not None:
            waiting += [each for _, each in inner.items()]
    return False


def is_secret(type_: Type) -> bool:
    """Whether a value of it is never shown."""
    return type_.format == "password"


def holds(type_: Type, what: Callable[[Type], bool], schemas: Schemas) -> bool:
    """Whether a value of the type is, or may contain, one that `what` accepts."""
    looked: set[str] = set()
    waiting = [type_]
    while waiting:
        written = waiting.pop()
        opened = schemas.opened(written)
        if what(written) or what(opened):
            return True
        key = written.name if written.kind == "named" else opened.model
        if key and key in looked:
            continue
        looked.add(key)
        waiting += [*opened.members, *([opened.items] if opened.items else [])]
        if opened.kind == "model":
            model = schemas.models[opened.model]
            waiting += [*(each.type for each in model.fields), *([model.additional] if model.additional else [])]
    return False
