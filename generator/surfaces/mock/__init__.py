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
from collections.abc import Iterable
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
    """A path without the names of its parameters, or a slash at its end: two paths of one shape mean the same resource."""
    return re.sub(r"\{[^{}]*\}", "{}", path).rstrip("/") or "/"


def _resources(api: Api) -> dict[str, Json]:
    """By the shape of its item's path: which field of an item holds each part of its key, and what that part must be."""
    found: dict[str, Json] = {}
    jobs = {job.poll for job in api.jobs.values()}
    for function in api.functions:
        kind = function.result.type
        if (
            function.method != "GET"
            or not function.path.rstrip("/").endswith("}")
            or function.result.kind != "json"
            or kind is None
        ):
            continue
        wires = re.findall(r"\{([^{}]*)\}", function.path)
        segments = function.path.rstrip("/").split("/")
        while segments and re.fullmatch(r"\{[^{}]*\}", segments[-1]):
            segments.pop()
        collection = "/".join(segments)
        scope = collection.count("{")
        _, model = ("", api.models.get(kind.model)) if function.name in jobs else _item(api, kind, wires[scope:])
        # Where the schema does not name it, an example may.
        seen = () if model is not None and model.closed else _example_fields(function)
        params = {param.wire_name: param.type for param in function.params if param.location == "path"}
        found[_shape(function.path)] = {
            "collection": _shape(collection),
            "get": function.name,
            "scope": scope,
            "key": [_key_field(wire, model, seen, alone=len(wires) - scope == 1) for wire in wires[scope:]],
            "called": [_schema(params[wire]) if wire in params else {} for wire in wires[scope:]],
        }
    return dict(sorted(found.items()))


def _item(api: Api, kind: Type | None, wires: list[str]) -> tuple[str, Model | None]:
    """Where in an answer the item stands that a path names, as a dotted path, and what it is: `{"data": {…}}` and the like.

    The answer itself, unless only an object inside it has what names it.
    """
    whole = _model_of(api, kind)
    if whole is None or _named(whole, wires):
        return "", whole
    level: list[tuple[tuple[str, ...], Model]] = [((), whole)]
    for _ in range(_ENVELOPES):
        inner = [
            ((*path, field.wire_name), model)
            for path, outer in level
            for field in outer.fields
            if "." not in field.wire_name and (model := _model_of(api, field.type)) is not None
        ]
        fitting = [(path, model) for path, model in inner if _named(model, wires)]
        # Of several that could be it, the one under a name of envelopes, or after the item's own.
        likely = [
            each for each in fitting if each[0][-1] in _DATA or names.words(each[0][-1]) == names.words(wires[-1])[:1]
        ]
        chosen = fitting if len(fitting) == 1 else likely
        if len(chosen) == 1:
            return ".".join(chosen[0][0]), chosen[0][1]
        level = inner
    return "", whole


def _model_of(api: Api, kind: Type | None) -> Model | None:
    return api.models.get(opened(kind, api.types).model) if kind is not None else None


def _named(model: Model, wires: list[str]) -> bool:
    return any(_key_field(wire, model, alone=len(wires) == 1) for wire in wires)


def _example_fields(function: Function) -> tuple[str, ...]:
    contents = (c for r in _successes(function) for c in r.contents if c.kind == "json")
    shown = next((example for c in contents for example in c.examples if isinstance(example, dict)), {})
    return tuple(shown)


def _key_field(wire: str, model: Model | None, seen: Iterable[str] = (), *, alone: bool = False) -> str:
    """The field of an item that holds a path parameter: `id` for `thing_id`; empty where there is none.

    alone: it is all that names the item, which may then be called otherwise there: `id` for `thing`.
    """
    fields = {names.words(each): each for each in seen}
    fields |= {
        names.words(each.wire_name): each.wire_name for each in (model.fields if model else ()) if _may_name(each.type)
    }
    words = names.words(wire)
    found = next((fields[words[cut:]] for cut in range(len(words)) if words[cut:] in fields), "")
    return found or (fields.get(("id",), "") if alone else "")


def _may_name(kind: Type) -> bool:
    """Whether a value of this type can stand in a path."""
    return kind.kind not in ("model", "map", "array", "binary", "null", "never")


def _items(api: Api, kind: Type | None, item: Type | None) -> str | None:
    """Where in an answer the list of items stands, as a dotted path; None where there is none, or no telling which."""
    found = opened(kind, api.types) if kind is not None else None
    if found is not None and found.kind == "array":
        return ""
    wanted = _model_of(api, item)
    whole = _model_of(api, kind)
    level: list[tuple[tuple[str, ...], Model]] = [((), whole)] if whole is not None else []
    for _ in range(_ENVELOPES):
        fields = [
            ((*path, field.wire_name), opened(field.type, api.types))
            for path, outer in level
            for field in outer.fields
            if "." not in field.wire_name
        ]
        lists = [(path, _model_of(api, each.items)) for path, each in fields if each.kind == "array"]
        lists = [(path, model) for path, model in lists if model is not None]
        same = [path for path, model in lists if model is wanted]
        chosen = same if len(same) == 1 else [path for path, _ in lists]
        if len(chosen) == 1:
            return ".".join(chosen[0])
        level = [(path, model) for path, each in fields if (model := api.models.get(each.model)) is not None]
    return None


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
            if function.method == "GET" and _listed(api, function, resource) is not None:
                return "list", item
        elif function.method == "GET" and function.result.kind in ("text", "binary") and _below(shape, item):
            return "property", item
    return "", ""


def _listed(api: Api, function: Function, resource: Json) -> str | None:
    """Where the items stand in what a call answers, where it is a list of them."""
    wires = re.findall(r"\{([^{}]*)\}", api.function(resource["get"]).path)[resource["scope"] :]
    item = api.function(resource["get"]).result.type
    path, _ = _item(api, item, wires)
    for step in path.split(".") if path else ():
        model = _model_of(api, item)
        item = next((field.type for field in model.fields if field.wire_name == step), None) if model else None
    if function.result.kind != "json":
        return None
    # Without a schema an example says what it is.
    shown = [example for r in _successes(function) for c in r.contents if c.kind == "json" for example in c.examples]
    if function.result.type is not None and function.result.type.kind == "any" and shown:
        return "" if isinstance(shown[0], list) else None
    return _items(api, function.result.type, item)


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
        **_places(api, function, role, resources.get(resource)),
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


def _places(api: Api, function: Function, role: str, resource: Json) -> Json:
    """Where in an answer the item of its resource stands, or the list of them: dotted paths, where that is not all of it."""
    if role == "list" and not function.page:
        items = _listed(api, function, resource)
        return {"items": items} if items else {}
    if role in ("get", "create", "update", "delete") and not function.job:
        get = api.function(resource["get"]).path
        at, _ = _item(api, function.result.type, re.findall(r"\{([^{}]*)\}", get)[resource["scope"] :])
        return {"at": at} if at else {}
    return {}


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


_ENVELOPES = 2
"""Objects that an item, or a list of them, may be wrapped in."""
_DATA = ("data", "result", "item", "response", "value")
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
