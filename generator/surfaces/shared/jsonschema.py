"""Types as JSON Schema: a type that many share, or that is large, is written once and referred to by `#/$defs/KEY`.

So what is written grows with the document, however many functions use a type and however its types refer to each other.
How references are written and read stands in `subschemas`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...ir import Api, NamedType, Type, description_of
from ...text import first_sentence
from .limits import meanings
from .subschemas import mapped, reference, referred_by

Schema = dict[str, Any]

SMALL = 40
"""Schemas within a type that is written where it is used."""
COPIES = 200
"""Schemas that all copies of such a type may come to."""
VALUES = 3
"""Values that weigh as much as a schema."""
INPUT, OUTPUT = "input.", "output."
"""How the keys of definitions begin: arguments are held to rules that results are not, so a type may have two."""

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
        if (
            type_.nullable
            and type_.kind != "null"
            and schema
            and not (type_.name and self._types[type_.name].type.nullable)
        ):
            # A type array would be shorter, but hosts refuse it.
            notes: Schema = {key: schema.pop(key) for key in ("default", "description") if key in schema}
            options = schema.pop("anyOf", None) if set(schema) == {"anyOf"} else None
            schema = {"anyOf": [*(options or [schema]), {"type": "null"}], **notes}
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
            self._count += len(type_.values) // VALUES
        if type_.format in _FORMATS:
            schema["format"] = type_.format
        if type_.pattern and not self.output:
            schema["pattern"] = type_.pattern
        return {**schema, **self._limits(type_)}

    def _limits(self, type_: Type) -> Schema:
        if self.output:
            return {}
        results = ((there, getattr(type_, here)) for here, there in _NUMBERS.items())
        return {
            there: int(value) if isinstance(value, float) and value.is_integer() else value
            for there, value in results
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
            describe(inner, description_of(item), meanings(item.type))
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
    matches = mapped({key: value for key, value in schema.items() if key != "allOf"}, hosted)
    if "oneOf" in matches:
        matches["anyOf"] = matches.pop("oneOf")
    return matches


def _apart(members: Sequence[Schema]) -> bool:
    """Whether the members of a union differ in more than a format, which says nothing of which values they allow."""
    plain = [{key: value for key, value in member.items() if key != "format"} for member in members]
    return all(member not in plain[:n] for n, member in enumerate(plain))


def describe(schema: Schema, description: str, more: str = "") -> None:
    """Gives a schema the first sentence of a description, and more after it."""
    sentence = " ".join(part for part in (first_sentence(description), more) if part)
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
    """The type of a name, without its default, which belongs to each use."""
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
