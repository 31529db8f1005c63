"""The mock: what a hand-written server needs to know of an API to answer as it would.

The server is one and the same for every API. What is made here is its data: the routes with the schemas
of their requests and answers, and the part that each route plays for a resource:

    /things              list, create, start      "collection"
    /things/{id}         get, update, delete      "item"; its parameters are the key of a record
    /things/{id}/stop    cancel                   declared by the catalog's job
    /things/{id}/text    property                 a text or binary that belongs to the record
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ... import names, patterns, text
from ...ir import Api, Content, Function, Json, Model, Param, Response, Type, opened
from ..base import Page, Rendition, Surface
from ..shared import security, styles
from .logins import logins


@dataclass(frozen=True)
class Data:
    """All the server reads."""

    document: text.Code


@dataclass(frozen=True)
class Image:
    """What a container runs."""

    command: text.Code


def render(api: Api) -> Rendition:
    """The data of the mock."""
    server = api.servers[0].url if api.servers else ""
    resources = _resources(api)
    document = {
        "title": api.title,
        "server": server,
        "base_path": _path(server),
        "variables": {variable: part for _, part, variable in security.variables(api)},
        "base_url_env": api.base_url_env,
        "schemes": {each.key: security.scheme(each) for each in api.schemes},
        "resources": resources,
        "jobs": {key: _job(api, key) for key in sorted(api.jobs)},
        "webhooks": _webhooks(api),
        "routes": [_route(api, function, resources) for function in api.functions],
        "$defs": {
            **{key: _model(model) for key, model in api.models.items()},
            **{key: _schema(named.type) for key, named in api.types.items()},
            **(dict(api.rules) if any(model.rules for model in api.models.values()) else {}),
        },
    }
    seeds = {one.derived.answered_at: one.derived.answer for one in api.derived if one.derived}
    seeds.pop("", None)
    if logged := logins(api, server):
        document["logins"] = logged
    if seeds:
        document["seeds"] = seeds
    view = Data(document=text.json_document(document))
    image = Image(command=names.package(api).command)
    pages = (Page("python/[package]/mock/api.json.jinja", view), Page("python/Dockerfile.jinja", image))
    return Rendition(pages=pages, package=api.package)


def _path(server: str) -> str:
    """The path that every request begins with. Slashes at its start are one: to servers of HTTP, two are no host."""
    path = urlsplit(server).path.strip("/")
    return f"/{path}" if path else ""


def _shape(path: str) -> str:
    """A path without the names of its parameters: two paths of one shape mean the same resource."""
    return re.sub(r"\{[^{}]*\}", "{}", path)


def _resources(api: Api) -> dict[str, Json]:
    """By the shape of its item's path: which field of an item holds each part of its key."""
    found: dict[str, Json] = {}
    for function in api.functions:
        kind = function.result.type
        if (
            function.method != "GET"
            or not function.path.endswith("}")
            or function.result.kind != "json"
            or kind is None
        ):
            continue
        model = api.models.get(kind.model)
        wires = re.findall(r"\{([^{}]*)\}", function.path)
        segments = function.path.split("/")
        while segments and re.fullmatch(r"\{[^{}]*\}", segments[-1]):
            segments.pop()
        collection = "/".join(segments)
        scope = collection.count("{")
        found[_shape(function.path)] = {
            "collection": _shape(collection),
            "get": function.name,
            "scope": scope,
            "key": [_key_field(wire, model) for wire in wires[scope:]],
        }
    return dict(sorted(found.items()))


def _key_field(wire: str, model: Model | None) -> str:
    """The field of an item that holds a path parameter: `id` for `thing_id`; empty where there is none."""
    fields = {names.words(field.wire_name): field.wire_name for field in model.fields} if model else {}
    words = names.words(wire)
    return next((fields[words[cut:]] for cut in range(len(words)) if words[cut:] in fields), "")


def _role(api: Api, function: Function, resources: dict[str, Json]) -> tuple[str, str]:
    """The part a function plays, and for which resource."""
    shape = _shape(function.path)
    if function.job:
        job = api.jobs[function.job]
        resource = _shape(api.function(job.poll).path)
        if resource in resources:
            role = {job.poll: "get", job.cancel: "cancel"}.get(function.name, "start")
            return role, resource
    if shape in resources:
        role = {"GET": "get", "DELETE": "delete", "PATCH": "update", "PUT": "update"}.get(function.method, "")
        return (role, shape) if role else ("", "")
    for item, resource in resources.items():
        if shape == resource["collection"]:
            if function.page:
                return "list", item
            if function.method == "POST" and function.result.kind == "json" and _is_record(api, function.result.type):
                return "create", item
            if function.method == "GET" and function.result.type and function.result.type.kind == "array":
                return "list", item
        elif function.method == "GET" and function.result.kind in ("text", "binary") and _below(shape, item):
            return "property", item
    return "", ""


def _is_record(api: Api, kind: Type | None) -> bool:
    """Whether a call answers one record, and not several or a plain value."""
    return kind is not None and opened(kind, api.types).kind in ("model", "map", "union", "any")


def _below(shape: str, item: str) -> bool:
    """Whether a path is one literal step below an item's."""
    return shape.startswith(item + "/") and "/" not in shape[len(item) + 1 :]


def _route(api: Api, function: Function, resources: dict[str, Json]) -> Json:
    role, resource = _role(api, function, resources)
    shape = _shape(function.path)
    parents = sorted((item for item in resources if (shape + "/").startswith(item + "/")), key=len)
    return {
        "name": function.name,
        "operation_id": function.operation_id,
        "method": function.method,
        "path": function.path,
        "role": role,
        "resource": resource,
        "parents": parents,
        "job": function.job,
        "files_out": list(function.files_out),
        "security": security.requirement(function.security),
        "refusals": [r.status for r in function.responses if r.status in ("401", "403")],
        "params": [
            _param(param) for param in function.params if param.location in ("path", "query", "header", "cookie")
        ],
        "body": _body(function),
        "page": _page(function),
        "responses": [_response(response) for response in _successes(function)],
        **({"problems": refusals} if (refusals := _refusals(function)) else {}),
        "examples": _examples(function),
    }


def _param(param: Param) -> Json:
    return {
        "name": names.argument(param.words),
        "wire": param.wire_name,
        "in": param.location,
        "required": param.required,
        "style": param.style,
        "explode": param.explode,
        **({"reserved": True} if param.allow_reserved else {}),
        "media": param.media_type,
        "encoding": param.encoding,
        "schema": _schema(param.type),
    }


def _body(function: Function) -> Json:
    body = function.body
    if body is None:
        return None
    return {
        "kind": body.kind,
        "media": [body.media_type, *body.also],
        "required": body.required,
        "schema": _schema(body.type),
        "parts": {
            param.wire_name: {
                "media": param.media_type,
                "name": names.argument(param.words),
                **({"style": param.style, "explode": param.explode} if param.style else {}),
            }
            for param in function.params
            if param.location == "field" and not param.rest
        },
        **({"in_order": True} if body.kind == "multipart" and not styles.is_form_data(body.media_type) else {}),
    }


def _page(function: Function) -> Json:
    page = function.page
    if page is None:
        return None
    found = {"items": page.items, "next": page.next, "previous": page.previous}
    if page.by == "url":
        return found
    rest = ("by", "argument", "size", "more", "end", "total", "current", "first")
    more: dict[str, Json] = {"location": page.location} if page.location != "query" else {}
    where = "field" if page.location == "body" else "query"
    taken = (param for param in function.params if (param.location, param.wire_name) == (where, page.argument))
    if page.by == "cursor" and any(param.type.kind == "integer" for param in taken):
        more["number"] = True
    return {**found, **{key: getattr(page, key) for key in rest}, **more}


def _successes(function: Function) -> list[Response]:
    """The answers of a call that went well: where none says so, what holds for any status, or where it is sent on to."""
    for first in ("2", "d", "3", "1"):
        if found := [response for response in function.responses if response.status.startswith(first)]:
            return found
    return []


def _refusals(function: Function) -> list[Json]:
    """How the document says that calls are refused."""
    return [_response(response) for response in function.responses if response.status[:1] in "45d"]


def _response(response: Response) -> Json:
    # JSON first: what an API answers a client that asked for nothing in particular.
    contents = sorted(response.contents, key=lambda content: content.kind != "json")
    return {"status": response.status, "contents": [_content(content) for content in contents]}


def _content(content: Content) -> Json:
    return {
        "media": content.media_type,
        "kind": content.kind,
        "schema": _schema(content.type),
        "examples": list(content.examples),
        **({"example_names": shown} if any(shown := list(content.example_names or content.example_titles)) else {}),
    }


def _examples(function: Function) -> list[Json]:
    """Arguments of calls that must work: the catalog's, else what the document gives for each parameter."""
    if function.examples:
        return [dict(example.arguments) for example in function.examples]
    given = {names.argument(param.words): param.examples[0] for param in function.params if param.examples}
    shown = function.body.examples[0] if function.body is not None and function.body.examples else None
    if isinstance(shown, dict):
        given |= shown
    return [given] if given else []


def _job(api: Api, key: str) -> Json:
    """How a job goes on: the states it passes and those it can end in."""
    job = api.jobs[key]
    poll = api.function(job.poll)
    status = _type_at(api, poll.result.type, job.status.split("."))
    pending = [value for value in (status.values if status else ()) if value not in job.terminal]
    stopped = [state for state in job.terminal if state not in job.successful]
    return {
        "id": job.id,
        "status": job.status,
        "pending": pending or ["running"],
        "terminal": list(job.terminal),
        "successful": list(job.successful),
        "canceled": next((state for state in stopped if state.startswith("cancel")), stopped[-1] if stopped else ""),
        "aborted": "aborted" if "aborted" in stopped else "",
        "input": job.input,
        "output": job.output,
        "error": job.error,
        "logs": job.logs,
        "stream": job.stream,
        "events": dict(job.events),
    }


def _webhooks(api: Api) -> Json:
    """What is sent where a call asks for it, and what it is signed with."""
    hooks = api.webhooks
    if hooks is None or not hooks.argument:
        return None
    return {
        "argument": hooks.argument,
        "filter": hooks.filter,
        "events": list(hooks.events),
        "secret": hooks.secret,
        "key": hooks.key,
    }


def _type_at(api: Api, kind: Type | None, path: list[str]) -> Type | None:
    for step in path:
        model = api.models.get(kind.model) if kind else None
        kind = next((field.type for field in model.fields if field.wire_name == step), None) if model else None
    return kind


_TEXTS = 3
"""For each pattern: so many that a list of them can have different ones."""
_LIMITS = (
    ("minimum", "minimum"),
    ("maximum", "maximum"),
    ("exclusive_minimum", "exclusiveMinimum"),
    ("exclusive_maximum", "exclusiveMaximum"),
    ("multiple_of", "multipleOf"),
    ("min_length", "minLength"),
    ("max_length", "maxLength"),
    ("min_items", "minItems"),
    ("max_items", "maxItems"),
    ("min_properties", "minProperties"),
    ("max_properties", "maxProperties"),
)


def _schema(kind: Type) -> dict[str, Any]:
    """The type as JSON Schema, as far as the server's own validator reads it."""
    schema = _plain(kind)
    if not kind.nullable or kind.kind in ("any", "null"):
        return schema
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    return {"anyOf": [schema, {"type": "null"}]}


def _plain(kind: Type) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    if kind.kind == "model":
        return {"$ref": f"#/$defs/{kind.model}"}
    if kind.kind == "named":
        return {"$ref": f"#/$defs/{kind.name}"}
    if kind.kind == "union":
        union: dict[str, Any] = {"anyOf": [_schema(member) for member in kind.members]}
        if kind.discriminator is not None:
            union["told"] = [kind.discriminator.wire_name, *map(list, kind.discriminator.mapping)]
        if kind.exclusive:
            union["exclusive"] = True
        return union
    if kind.kind == "never":
        return {"not": {}}
    if kind.kind == "map":
        schema["type"] = "object"
        if kind.items and kind.items.kind != "any":
            schema["additionalProperties"] = _schema(kind.items)
    elif kind.kind == "array":
        schema["type"] = "array"
        schema["items"] = _schema(kind.items) if kind.items else {}
    elif kind.kind == "binary":
        schema["format"] = "binary"
    elif kind.kind != "any":
        schema["type"] = kind.kind
    if kind.format:
        schema["format"] = kind.format
    if kind.pattern:
        schema["pattern"] = kind.pattern
        if made := patterns.some(kind.pattern, _TEXTS, kind.min_length or 0, kind.max_length):
            schema["examples"] = made  # the server has no maker of texts, only a check
    if kind.values:
        schema["enum"] = list(kind.values)
    if kind.unique_items:
        schema["uniqueItems"] = True
    for ours, theirs in _LIMITS:
        value = getattr(kind, ours)
        if value is not None:
            schema[theirs] = value
    if kind.has_default:
        schema["default"] = kind.default
    return schema


def _model(model: Model) -> Json:
    properties = {}
    for field in model.fields:
        properties[field.wire_name] = _schema(field.type)
        if field.read_only:
            properties[field.wire_name]["readOnly"] = True
        if field.write_only:
            properties[field.wire_name]["writeOnly"] = True
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    required = [
        field.wire_name for field in model.fields if field.required and not field.read_only and not field.write_only
    ]
    if required:
        schema["required"] = required
    # What a server fills in is required of its answers, and of no request.
    if answered := [field.wire_name for field in model.fields if field.required and field.read_only]:
        schema["answered"] = answered
    if model.closed:
        schema["additionalProperties"] = False
    elif model.additional and model.additional.kind != "any":
        schema["additionalProperties"] = _schema(model.additional)
    if model.rules:
        schema["rules"] = list(model.rules)
    return schema


SURFACE = Surface("mock", render)
