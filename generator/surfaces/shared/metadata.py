"""What the functions are, as data: the entries of functions.json and their JSON Schemas.

CLI, MCP, Lua and docs describe and check a call by these entries and nothing else, so all of them accept the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any

from ...ir import Api, Derived, Function, Param, description_of
from ...names import argument
from ...text import Code, json_members, json_rows, prose
from ..base import Page
from .deprecations import notice
from .jsonschema import Schema, Writer, describe
from .limits import meanings
from .rules import renamed
from .subschemas import closed, referred_by

SCHEMAS = ("input_schema", "output_schema", "examples")
"""The parts of an entry that only who calls or describes its function needs."""


def _argument(param: Param, writer: Writer) -> Schema:
    schema = writer.write(param.type)
    if param.encoding == "duration":
        schema["examples"] = ["5m"]
    describe(schema, description_of(param), meanings(param.type))
    if param.deprecated:
        schema["description"] = " ".join(part for part in (schema.get("description", ""), notice(param)) if part)
        schema["deprecated"] = True
    return schema


def _refined_schema(function: Function, writer: Writer) -> Schema:
    """The JSON Schema of a derived function's arguments: they are named as their own schema writes them."""
    properties = {param.wire_name: _argument(param, writer) for param in function.params}
    how = function.derived
    for name in how.secrets if how else ():
        properties[name] |= {"format": "password", "writeOnly": True}
    is_open = how is not None and how.open
    if is_open and not properties:
        return {"type": "object"}
    required = [param.wire_name for param in function.params if param.required]
    needed = {"required": required} if required else {}
    return {"type": "object", "properties": properties, **needed, "additionalProperties": is_open}


def _input_schema(function: Function, writer: Writer) -> Schema:
    """The JSON Schema of a function's arguments: one closed object."""
    if function.derived is not None:
        return _refined_schema(function, writer)
    schema: Schema = {"type": "object"}
    schema["properties"] = {argument(param.words): _argument(param, writer) for param in function.params}
    required = [argument(param.words) for param in function.params if param.required]
    if required:
        schema["required"] = required
    schema["additionalProperties"] = False
    names = {param.wire_name: argument(param.words) for param in function.params if param.location == "field"}
    return writer.ruled(schema, [renamed(rule, names) for rule in function.body.rules] if function.body else [])


def _output_schema(function: Function, writer: Writer) -> Schema:
    """The JSON Schema of a function's result."""
    if function.derived is not None and function.derived.notes and function.result.type is not None:
        return {**writer.write(function.result.type), **function.derived.notes}
    match function.result.kind:
        case "json":
            return writer.write(function.result.type) if function.result.type else {}
        case "text":
            return {"type": "string"}
        case "events":
            return _part_of_events(function, writer)
        case "binary":
            properties = {
                "content_type": {"type": "string"},
                "size": {"type": "integer"},
                "data": {"type": "string", "description": "The bytes in base64."},
            }
            return {"type": "object", "properties": properties, "required": list(properties)}
        case "empty":
            return {"type": "null"}


def _part_of_events(function: Function, writer: Writer) -> Schema:
    """What a caller is given of a stream that cannot take one item by item."""
    item = next(content.item for _, content in function.result.contents if content.kind == "events")
    # Documents that do not describe their events declare a text: such events are returned with their type.
    items = writer.write(item) if item is not None and item.kind not in ("any", "string") else {}
    more = {"type": "boolean", "description": "The stream had not ended."}
    properties = {"items": {"type": "array", "items": items}, "more": more}
    problem = {"type": "string", "description": "What the stream ended with after these items."}
    return {"type": "object", "properties": {**properties, "problem": problem}, "required": list(properties)}


def aliases(api: Api) -> dict[str, tuple[str, ...]]:
    """The aliases of each function. A name that two functions would share belongs to neither."""
    wanted: dict[str, list[str]] = {}
    claims: dict[str, set[str]] = {}
    for function in (*api.functions, *api.derived):
        short = argument(function.words)
        names = [short, f"{api.name}.{short}", f"{api.name}.{function.name}"]
        if function.derived is None:
            names.append(function.operation_id)
        elif function.derived.source:
            names += [short.replace("_", "-"), function.derived.source]
        if function.derived is not None and "." in function.group:
            names.append(f"{function.group.partition('.')[0]}.{'_'.join(function.verb)}")
        names.append(".".join(part for part in (function.group, "_".join(function.verb)) if part))
        wanted[function.name] = list(dict.fromkeys(name for name in names if name and name != function.name))
        for name in (function.name, *wanted[function.name]):
            claims.setdefault(name, set()).add(function.name)
    own = {function.name for function in (*api.functions, *api.derived)}
    return {
        name: tuple(alias for alias in value if alias not in own and len(claims[alias]) == 1)
        for name, value in wanted.items()
    }


def _entry(api: Api, function: Function, names: tuple[str, ...], taken: Schema, schema: Schema) -> dict[str, Any]:
    job = asdict(api.jobs[function.job]) if function.job else None
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
        "output_schema": schema,
        "result_kind": "text" if function.derived and function.derived.joined else function.result.kind,
        "result_media_type": function.result.media_type,
        "stream": function.result.stream,
        "page": _page(function),
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
        **({"hidden": list(function.hidden)} if function.hidden else {}),
        **({"derived": _derived(function.derived)} if function.derived else {}),
    }


def _derived(how: Derived) -> dict[str, Any]:
    return {
        "base": how.base,
        "fixed": dict(how.fixed),
        "argument": how.argument,
        "follow": how.follow,
        "version": how.version,
        "source": how.source,
    }


def _page(function: Function) -> dict[str, Any] | None:
    """How a list goes on; of a token or a number also the argument that takes it, by its name in JSON."""
    page = function.page
    if page is None:
        return None
    result = {"items": page.items, "next": page.next, "previous": page.previous}
    if page.by == "url":
        return result
    result["by"] = page.by
    if not page.argument:
        return result
    where = "field" if page.location == "body" else "query"
    taken = [argument(p.words) for p in function.params if (p.location, p.wire_name) == (where, page.argument)]
    more = {key: getattr(page, key) for key in ("location", "number") if page.location == "body"}
    return {**result, "argument": page.argument, "name": next(iter(taken), ""), **more}


@dataclass(frozen=True, eq=False)
class Metadata:
    """All the entries, sorted by name, and the types that their schemas refer to."""

    entries: tuple[dict[str, Any], ...]
    derived: tuple[dict[str, Any], ...]
    """Of the functions that are made of these: they are called as these are, and listed where somebody asks for them."""
    definitions: dict[str, Schema]
    briefs: dict[str, str]
    """The description of a function for hosts whose limit its summary exceeds, by its name."""

    def closed(self, schema: Schema) -> Schema:
        """A schema of an entry as a document of its own."""
        return dict(closed(schema, self.definitions.get, self._references.__getitem__))

    @cached_property
    def _references(self) -> dict[str, tuple[str, ...]]:
        return {key: referred_by(schema) for key, schema in self.definitions.items()}

    def index(self) -> list[dict[str, Any]]:
        """The entries without their schemas: what lists, searches and policies need of all functions at once."""
        return [
            {
                **{key: value for key, value in entry.items() if key not in SCHEMAS},
                "arguments": list(entry["input_schema"].get("properties", ())),
                "required": entry["input_schema"].get("required", []),
                "result": _digest(entry["output_schema"]),
            }
            for entry in (*self.entries, *self.derived)
        ]

    def schemas(self) -> dict[str, dict[str, Any]]:
        """What the index leaves out, by the function's name."""
        return {entry["name"]: {key: entry[key] for key in SCHEMAS} for entry in (*self.entries, *self.derived)}


def _digest(schema: Schema) -> str:
    """The same for results of the same schema, so that these are found without reading any."""
    return sha256(json.dumps(schema, sort_keys=True).encode()).hexdigest()[:8]


@dataclass(frozen=True, eq=False)
class _Same:
    """An Api holds mappings and cannot be hashed, and three surfaces ask for the same one."""

    api: Api

    def __hash__(self) -> int:
        return id(self.api)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.api is self.api


def _entries(
    api: Api, functions: Iterable[Function], names: Mapping[str, tuple[str, ...]], sent: Writer, received: Writer
) -> Iterator[dict[str, Any]]:
    for function in functions:
        taken, value = _input_schema(function, sent), _output_schema(function, received)
        yield _entry(api, function, names[function.name], taken, value)


@lru_cache(maxsize=1)
def _made(same: _Same) -> Metadata:
    api = same.api
    names = aliases(api)
    sent, received = Writer(api, output=False), Writer(api, output=True)
    entries, derived = (
        tuple(_entries(api, functions, names, sent, received)) for functions in (api.functions, api.derived)
    )
    return Metadata(
        entries,
        derived,
        dict(sorted((sent.definitions | received.definitions).items())),
        {function.name: prose(function.brief) for function in api.functions},
    )


def metadata(api: Api) -> Metadata:
    """The entries of functions.json and what their schemas refer to."""
    return _made(_Same(api))


@dataclass(frozen=True)
class _View:
    document: Code


def pages(api: Api) -> Iterator[Page]:
    """The files beside the generated client, a function or a type a line: the package reads only the lines it needs."""
    made = metadata(api)
    for name, document in (
        ("functions", json_rows({"functions": made.index()})),
        ("schemas", json_members(made.schemas())),
        ("types", json_members(made.definitions)),
    ):
        yield Page(f"python/[package]/functions/{name}.json.jinja", _View(document))
