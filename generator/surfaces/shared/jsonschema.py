"""Types as JSON Schema: a type that many share, or that is large, is written once and referred to by `#/$defs/KEY`.

So what is written grows with the document, however many functions use a type and however its types refer to each other.
A host that takes no references gets `standalone`: what is referred to in place, as far as there is room for it.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, unquote

from ...ir import Api, NamedType, Type
from ...text import first_sentence

Schema = dict[str, Any]

SMALL = 40
"""Schemas within a type that is written where it is used."""
COPIES = 200
"""Schemas that all copies of such a type may come to."""
INPUT, OUTPUT = "input.", "output."
"""How the keys of definitions begin: arguments are held to rules that results are not, so a type may have two."""

_POINTER = "#/$defs/"
_UNIONS = ("oneOf", "anyOf", "allOf")
_PARTS = (
    *("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"),
    *("unevaluatedItems", "unevaluatedProperties"),
)
_NUMBERS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusive_minimum": "exclusiveMinimum",
    "exclusive_maximum": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "min_length": "minLength",
    "max_length": "maxLength",
    "min_items": "minItems",
    "max_items": "maxItems",
    "min_properties": "minProperties",
    "max_properties": "maxProperties",
}
_FORMATS = frozenset({"date", "date-time", "time", "duration", "uri", "uuid", "email", "hostname", "ipv4", "ipv6"})


class Writer:
    """Writes the types of an API as they are sent or, with `output`, received; `definitions` fills as they are used.

    Results are described loosely: a server may learn new values and limits.
    """

    def __init__(self, api: Api, *, output: bool) -> None:
        self.output = output
        self.definitions: dict[str, Schema] = {}
        self._models = api.models
        self._types = api.types
        self._rules = api.rules
        self._uses = _uses(api)
        self._written: dict[str, tuple[Schema, int]] = {}
        """What each named type is, and how many schemas are in it."""
        self._open: set[str] = set()
        self._recursive: set[str] = set()
        self._count = 0

    def write(self, type_: Type) -> Schema:
        """The schema of a type."""
        self._count += 1
        schema = self._write(type_)
        if type_.has_default and not self.output:
            schema["default"] = type_.default
        if type_.nullable and schema and not (type_.name and self._types[type_.name].type.nullable):
            # A type array would be shorter, but hosts refuse it.
            options = schema.pop("anyOf", None) if set(schema) == {"anyOf"} else None
            description = schema.pop("description", None)
            schema = {"anyOf": [*(options or [schema]), {"type": "null"}]}
            if description:
                schema["description"] = description
        return self.ruled(schema, type_.rules)

    def ruled(self, schema: Schema, rules: Sequence[Any]) -> Schema:
        """The schema with rules beside it: `allOf` is theirs alone."""
        if not rules or self.output:
            return schema
        waiting = [*rules]
        while waiting:
            for key in referred_by({"allOf": [waiting.pop()]}):
                if key not in self.definitions:
                    self.definitions[key] = self._rules[key]
                    waiting.append(self._rules[key])
        self._count += len(rules)
        return {**schema, "allOf": [*schema.get("allOf", ()), *rules]}

    def _write(self, type_: Type) -> Schema:
        if type_.name:
            return self._named(type_.name)
        match type_.kind:
            case "any":
                return {"enum": list(type_.values)} if type_.values and not self.output else {}
            case "never":
                return {"not": {}}
            case "binary":
                return {"type": "string", "format": "binary"}
            case "array":
                items = self.write(type_.items) if type_.items else {}
                unique = {"uniqueItems": True} if type_.unique_items else {}
                return {"type": "array", "items": items, **self._limits(type_), **unique}
            case "map":
                values = self.write(type_.items) if type_.items else {}
                rest = {"additionalProperties": values} if values else {}
                return {"type": "object", **rest, **self._limits(type_)}
            case "model":
                return {**self._named(type_.model), **self._limits(type_)}
            case "union":
                members = [self.write(member) for member in type_.members]
                distinct = [m for i, m in enumerate(members) if m not in members[:i]]
                # A member that allows everything makes the union allow everything.
                if {} in distinct or len(distinct) == 1:
                    return {} if {} in distinct else distinct[0]
                return {"oneOf" if type_.exclusive and not self.output and _apart(distinct) else "anyOf": distinct}
            case _:
                return self._scalar(type_)

    def _scalar(self, type_: Type) -> Schema:
        schema: Schema = {"type": type_.kind}
        if type_.values and not self.output:
            schema["enum"] = list(type_.values)
        if type_.format in _FORMATS:
            schema["format"] = type_.format
        if type_.pattern and not self.output:
            schema["pattern"] = type_.pattern
        return {**schema, **self._limits(type_)}

    def _limits(self, type_: Type) -> Schema:
        if self.output:
            return {}
        found = ((there, getattr(type_, here)) for here, there in _NUMBERS.items())
        return {
            there: int(value) if isinstance(value, float) and value.is_integer() else value
            for there, value in found
            if value is not None
        }

    def _named(self, key: str) -> Schema:
        """A use of a named type: a reference to it, or a copy of one that is small."""
        name = f"{OUTPUT if self.output else INPUT}{key}"
        if key in self._open:
            self._recursive.add(key)
            return reference(name)
        if key not in self._written:
            self._open.add(key)
            before, self._count = self._count, 0
            schema = self._object(key) if key in self._models else self.write(_meaning(self._types[key]))
            self._written[key] = schema, self._count
            self._count = before
            self._open.remove(key)
        schema, count = self._written[key]
        if key in self._recursive or count > SMALL or count * self._uses[key] > COPIES:
            self.definitions[name] = schema
            return reference(name)
        self._count += count
        return dict(schema)

    def _object(self, key: str) -> Schema:
        model = self._models[key]
        properties: Schema = {}
        required = []
        for item in model.fields:
            if item.write_only if self.output else item.read_only:
                continue
            inner = self.write(item.type)
            describe(inner, item.description or item.type.description)
            properties[item.wire_name] = inner
            if item.required:
                required.append(item.wire_name)
        schema: Schema = {"type": "object"}
        if properties:
            schema["properties"] = properties
        if required:
            schema["required"] = required
        if model.closed and not self.output:
            schema["additionalProperties"] = False
        if model.additional is not None and model.additional.kind != "any":
            schema["additionalProperties"] = self.write(model.additional)
        return self.ruled(schema, model.rules)


def hosted(schema: Any) -> Any:
    """A schema as hosts take it: without rules, which the server checks all the same, and with unions of one kind."""
    if not isinstance(schema, Mapping):
        return schema
    found = mapped({key: value for key, value in schema.items() if key != "allOf"}, hosted)
    if "oneOf" in found:
        found["anyOf"] = found.pop("oneOf")
    return found


def _apart(members: Sequence[Schema]) -> bool:
    """Whether the members of a union differ in more than a format, which says nothing of which values they allow."""
    plain = [{key: value for key, value in member.items() if key != "format"} for member in members]
    return all(member not in plain[:n] for n, member in enumerate(plain))


def describe(schema: Schema, description: str) -> None:
    """Gives a schema the first sentence of a description."""
    sentence = first_sentence(description)
    if sentence:
        schema["description"] = sentence


def _uses(api: Api) -> Counter[str]:
    """The places that name each type: in functions, and in the other types."""
    uses: Counter[str] = Counter()
    for function in api.functions:
        for param in function.params:
            uses.update(_names(param.type))
        if function.result.type:
            uses.update(_names(function.result.type))
    for named in api.types.values():
        uses.update(_names(_meaning(named)))
    for model in api.models.values():
        for item in model.fields:
            uses.update(_names(item.type))
        if model.additional is not None:
            uses.update(_names(model.additional))
    return uses


def _meaning(named: NamedType) -> Type:
    """What a name stands for; a default belongs to each use."""
    return replace(named.type, name=named.type.name if named.type.kind == "named" else "", has_default=False)


def _names(type_: Type) -> Iterator[str]:
    if type_.name:
        yield type_.name
        return
    if type_.model:
        yield type_.model
    if type_.items:
        yield from _names(type_.items)
    for member in type_.members:
        yield from _names(member)


# ── references ────────────────────────────────────────────────────────────────────────────────────────────


def reference(key: str) -> Schema:
    """The schema that refers to a definition."""
    return {"$ref": _POINTER + quote(key.replace("~", "~0").replace("/", "~1"), safe="~")}


def referred(schema: Mapping[str, Any]) -> str:
    """The key of the definition that a schema refers to; empty where it refers to none."""
    pointer = schema.get("$ref")
    if not isinstance(pointer, str) or not pointer.startswith(_POINTER):
        return ""
    return unquote(pointer.removeprefix(_POINTER)).replace("~1", "/").replace("~0", "~")


def subschemas(schema: Any, pointer: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The schema and all schemas in it; never what only looks like one (defaults, enums, property names)."""
    if not isinstance(schema, Mapping):
        return
    yield pointer, schema
    for step, inner in _parts(schema):
        yield from subschemas(inner, f"{pointer}/{'/'.join(map(str, step))}")


def _parts(schema: Mapping[str, Any]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    for keyword in ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions"):
        for name, inner in schema.get(keyword, {}).items():
            yield (keyword, name), inner
    for keyword in (*_UNIONS, "prefixItems"):
        for index, inner in enumerate(schema.get(keyword, ())):
            yield (keyword, index), inner
    for keyword in _PARTS:
        if keyword in schema:
            yield (keyword,), schema[keyword]


def mapped(schema: Mapping[str, Any], change: Callable[[Any], Any]) -> Schema:
    """A copy of a schema, each of whose parts is changed."""
    made = dict(schema)
    for (keyword, *steps), inner in _parts(schema):
        if not steps:
            made[str(keyword)] = change(inner)
            continue
        if made[keyword] is schema[keyword]:
            made[keyword] = schema[keyword].copy()
        made[keyword][steps[0]] = change(inner)
    return made


def closed(schema: Schema, definitions: Mapping[str, Schema], references: Mapping[str, Sequence[str]]) -> Schema:
    """The schema with the definitions that it needs, and no others.

    references: what each definition refers to itself; read once, as many schemas need the same.
    """
    needed: dict[str, Schema] = {}
    waiting = list(referred_by(schema))
    while waiting:
        key = waiting.pop()
        if key not in needed:
            needed[key] = definitions[key]
            waiting += references[key]
    return {**schema, "$defs": dict(sorted(needed.items()))} if needed else schema


def referred_by(schema: Schema) -> tuple[str, ...]:
    """The keys of the definitions that a schema refers to anywhere in it."""
    return tuple(dict.fromkeys(filter(None, (referred(part) for _, part in subschemas(schema)))))


# ── without references ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Standalone:
    """A schema without references."""

    schema: Schema
    cut: tuple[str, ...] = ()
    """The definitions that had no room in it, or hold themselves: each stands there as any value of its type."""


def standalone(schema: Schema, definitions: Mapping[str, Schema], room: int, note: str) -> Standalone:
    """The schema with what it refers to in place, the outermost first, in about so many bytes.

    note: the description of what is cut.
    """
    waiting: deque[_Stub] = deque()

    def copied(part: Any, within: frozenset[str]) -> Any:
        """A copy whose references are cut, each of which waits for its turn."""
        if not isinstance(part, Mapping):
            return part
        if key := referred(part):
            own = {name: value for name, value in part.items() if name != "$ref"}
            stub = {**bare(definitions[key]), **own, "description": f"{own.get('description', '')} {note}".lstrip()}
            waiting.append(_Stub(stub, own, key, within))
            return stub
        return mapped(part, lambda inner: copied(inner, within))

    whole = copied(schema, frozenset())
    left = room - size(whole) if waiting else 0
    cut = []
    while waiting:
        each = waiting.popleft()
        cost, before = size(definitions[each.key]), len(waiting)
        if each.key in each.within or cost > left:
            cut.append(each.key)
            continue
        body = copied(definitions[each.key], each.within | {each.key})
        each.schema.clear()
        each.schema.update(body, **each.own)
        # A reference is about as long as what stands for it while it is cut.
        left -= cost + (len(waiting) - before) * len(note)
    return Standalone(whole, tuple(dict.fromkeys(cut)))


@dataclass(frozen=True)
class _Stub:
    """A reference that may be filled in: what stands for it, what it says itself, its key, and what it stands in."""

    schema: Schema
    own: Schema
    key: str
    within: frozenset[str]


def bare(schema: Mapping[str, Any]) -> Schema:
    """What kind of value a schema is of, without its parts."""
    kind: Schema = {"type": schema["type"]} if "type" in schema else {}
    return {**kind, "items": {}} if kind.get("type") == "array" else kind


def size(value: Any) -> int:
    """The bytes of a JSON value on the wire."""
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))
