"""What the functions are, as data: the entries of functions.json and their JSON Schemas.

CLI, MCP, Lua and docs describe and check a call by these entries and nothing else, so all of them accept the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import Any

from ...ir import Api, Function, Json, Loss, Model, NamedType, Param, Type, opened
from ...names import SNAKE, argument
from ...text import Code, first_sentence, json_literal, prose
from ..base import Page
from .deprecations import notice

Schema = dict[str, Any]

DEPTH = 8
"""Objects within objects that are written out; hosts and models read no further."""
NODES = 1500
"""Schemas within one schema after which no further object is opened: what keeps Stripe's unions from becoming megabytes."""
MOST_NODES = 2 * NODES
"""Schemas within one schema that are written out, in the objects that are open then; no API in use has as many."""

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


@dataclass
class _Writer:
    """Writes one schema; remembers what it had to cut."""

    models: Mapping[str, Model]
    types: Mapping[str, NamedType]
    output: bool
    pointer: str
    nodes: int = 0
    losses: list[Loss] = field(default_factory=list)

    def write(self, type_: Type, path: str = "", stack: tuple[str, ...] = ()) -> Schema:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self._lose(path, "the schema is too large: this part is cut to any JSON value")
            return {}
        schema = self._write(type_, path, stack)
        if type_.has_default and not self.output:
            schema["default"] = type_.default
        if type_.nullable and schema:
            # A type array would be shorter, but hosts refuse it.
            options = schema.pop("anyOf", None) if set(schema) == {"anyOf"} else None
            description = schema.pop("description", None)
            schema = {"anyOf": [*(options or [schema]), {"type": "null"}]}
            if description:
                schema["description"] = description
        return schema

    def _write(self, type_: Type, path: str, stack: tuple[str, ...]) -> Schema:
        if type_.name:
            if cut := self._cut(type_.name, stack):
                self._lose(path, f"{type_.name} {cut}: its schema is cut to any JSON value")
                return {}
            stack = (*stack, type_.name)
            if type_.kind == "named":
                inner = opened(type_, self.types)
                null = inner.nullable and not type_.nullable
                return self.write(replace(inner, name="", nullable=null, has_default=False), path, stack)
        match type_.kind:
            case "any":
                return {"enum": list(type_.values)} if type_.values and not self.output else {}
            case "never":
                return {"not": {}}
            case "binary":
                return {"type": "string", "format": "binary"}
            case "array":
                items = self.write(type_.items, f"{path}/items", stack) if type_.items else {}
                unique = {"uniqueItems": True} if type_.unique_items else {}
                return {"type": "array", "items": items, **self._limits(type_), **unique}
            case "map":
                values = self.write(type_.items, f"{path}/additionalProperties", stack) if type_.items else {}
                rest = {"additionalProperties": values} if values else {}
                return {"type": "object", **rest, **self._limits(type_)}
            case "model":
                return self._model(type_, path, stack)
            case "union":
                members = [self.write(m, f"{path}/anyOf/{i}", stack) for i, m in enumerate(type_.members)]
                distinct = [m for i, m in enumerate(members) if m not in members[:i]]
                # A member that allows everything makes the union allow everything.
                return {} if {} in distinct else distinct[0] if len(distinct) == 1 else {"anyOf": distinct}
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

    def _model(self, type_: Type, path: str, stack: tuple[str, ...]) -> Schema:
        model = self.models[type_.model]
        if cut := self._cut(type_.model, stack):
            self._lose(path, f"{type_.model} {cut}: its schema is cut to `object`")
            return {"type": "object"}
        properties: Schema = {}
        required = []
        for item in model.fields:
            if item.write_only if self.output else item.read_only:
                continue
            inner = self.write(item.type, f"{path}/properties/{item.wire_name}", (*stack, type_.model))
            _describe(inner, item.description or item.type.description)
            properties[item.wire_name] = inner
            if item.required:
                required.append(item.wire_name)
        schema: Schema = {"type": "object"}
        if properties:
            schema["properties"] = properties
        if required:
            schema["required"] = required
        if not self.output:
            schema.update(self._limits(type_))
            if model.closed:
                schema["additionalProperties"] = False
        if model.additional is not None and model.additional.kind != "any":
            schema["additionalProperties"] = self.write(
                model.additional, f"{path}/additionalProperties", (*stack, type_.model)
            )
        return schema

    def _cut(self, key: str, stack: tuple[str, ...]) -> str:
        if key in stack:
            return "refers to itself"
        return "is nested too deep" if len(stack) >= DEPTH else "is too large" if self.nodes >= NODES else ""

    def _lose(self, path: str, reason: str) -> None:
        pointer = f"{self.pointer}{path}"
        self.losses.append(Loss(pointer=pointer, surface="functions", kind="degraded", reason=reason))


def _describe(schema: Schema, description: str) -> None:
    sentence = first_sentence(description)
    if sentence:
        schema["description"] = sentence


def _argument(param: Param, writer: _Writer) -> Schema:
    schema = writer.write(param.type, f"/{param.wire_name}")
    if param.encoding == "duration":
        schema["examples"] = ["5m"]
    _describe(schema, param.description or param.type.description)
    if param.deprecated:
        schema["description"] = " ".join(part for part in (schema.get("description", ""), notice(param)) if part)
        schema["deprecated"] = True
    return schema


def input_schema(api: Api, function: Function) -> tuple[Schema, list[Loss]]:
    """The JSON Schema of a function's arguments: one closed object, without references."""
    writer = _Writer(api.models, api.types, output=False, pointer=function.place.pointer)
    schema: Schema = {"type": "object"}
    properties = {argument(param.words): _argument(param, writer) for param in function.params}
    schema["properties"] = properties
    required = [argument(param.words) for param in function.params if param.required]
    if required:
        schema["required"] = required
    schema["additionalProperties"] = False
    return schema, writer.losses


def output_schema(api: Api, function: Function) -> tuple[Schema, list[Loss]]:
    """The JSON Schema of a function's result. Enums stay open: a server may learn new values."""
    writer = _Writer(api.models, api.types, output=True, pointer=f"{function.place.pointer}/responses")
    match function.result.kind:
        case "json":
            return (writer.write(function.result.type) if function.result.type else {}), writer.losses
        case "text" | "events":
            return {"type": "string"}, []
        case "binary":
            properties = {
                "content_type": {"type": "string"},
                "size": {"type": "integer"},
                "data": {"type": "string", "description": "The bytes in base64."},
            }
            return {"type": "object", "properties": properties, "required": list(properties)}, []
        case "empty":
            return {"type": "null"}, []


def aliases(api: Api) -> dict[str, tuple[str, ...]]:
    """Every name a function answers to beside its own. One that two functions would claim belongs to neither."""
    wanted: dict[str, list[str]] = {}
    claims: dict[str, set[str]] = {}
    for function in api.functions:
        short = str(SNAKE.spell(function.words))
        names = [short, f"{api.name}.{short}", f"{api.name}.{function.name}", function.operation_id]
        names.append(".".join(part for part in (function.group, "_".join(function.verb)) if part))
        wanted[function.name] = list(dict.fromkeys(name for name in names if name and name != function.name))
        for name in (function.name, *wanted[function.name]):
            claims.setdefault(name, set()).add(function.name)
    own = {function.name for function in api.functions}
    return {
        name: tuple(alias for alias in given if alias not in own and len(claims[alias]) == 1)
        for name, given in wanted.items()
    }


def _entry(api: Api, function: Function, names: tuple[str, ...], losses: list[Loss]) -> dict[str, Json]:
    taken, cut = input_schema(api, function)
    given, cut_too = output_schema(api, function)
    losses += cut + cut_too
    job = asdict(api.jobs[function.job]) if function.job else None
    page = function.page
    return {
        "name": function.name,
        "aliases": list(names),
        "operation_id": function.operation_id,
        "group": function.group,
        "verb": "_".join(function.verb),
        "method": function.method,
        "path": function.path,
        "type": function.access,
        "classes": list(function.classes),
        "idempotent": function.idempotent,
        "title": prose(function.title),
        "summary": prose(function.summary),
        "description": prose(function.description),
        "keywords": list(function.keywords),
        "input_schema": taken,
        "output_schema": given,
        "result_kind": function.result.kind,
        "result_media_type": function.result.media_type,
        "page": {"items": page.items, "next": page.next, "previous": page.previous} if page else None,
        "job": {key: list(value) if isinstance(value, tuple) else value for key, value in job.items()} if job else None,
        "files_in": list(function.files_in),
        "files_out": list(function.files_out),
        "examples": [
            {
                "title": prose(example.title),
                "arguments": dict(example.arguments),
                **({"result": example.result} if example.has_result else {}),
            }
            for example in function.examples
        ],
        "deprecated": function.deprecated,
        "deprecation": notice(function),
    }


@dataclass(frozen=True)
class Metadata:
    """All the entries, sorted by name, and what was cut from their schemas."""

    entries: tuple[dict[str, Json], ...]
    losses: tuple[Loss, ...]


@dataclass(frozen=True, eq=False)
class _Same:
    """An Api holds mappings and cannot be hashed, and three surfaces ask for the same one."""

    api: Api

    def __hash__(self) -> int:
        return id(self.api)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.api is self.api


@lru_cache(maxsize=1)
def _made(same: _Same) -> Metadata:
    api = same.api
    names = aliases(api)
    losses: list[Loss] = []
    entries = tuple(_entry(api, function, names[function.name], losses) for function in api.functions)
    return Metadata(entries, tuple(sorted(set(losses))))


def metadata(api: Api) -> Metadata:
    """The entries of functions.json with the losses on the way."""
    return _made(_Same(api))


@dataclass(frozen=True)
class _View:
    document: Code


def page(api: Api) -> Page:
    """The page of functions.json, laid beside the generated client."""
    document = json_literal({"functions": list(metadata(api).entries)})
    return Page("python/[package]/functions/functions.json.jinja", _View(document))
