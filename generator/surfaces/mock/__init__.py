"""The mock: the data with which a hand-written server answers like the API.

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
from urllib.parse import urlsplit

from ... import names, text
from ...ir import Api, Content, Function, Header, Json, Param, Response, Type, takes_form
from ..base import Page, Rendition, Surface
from ..shared import security, styles
from .logins import logins
from .resources import item_of, listed, resources_of, role_of, shape_of, successes
from .schemas import model_of, schema_of


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
    resources = resources_of(api)
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
            **{key: model_of(model) for key, model in api.models.items()},
            **{key: schema_of(named.type) for key, named in api.types.items() if not named.type.values},
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


def _route(api: Api, function: Function, resources: dict[str, Json]) -> Json:
    role, resource = role_of(api, function, resources)
    shape = shape_of(function.path)
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
        **({"stream": function.result.stream} if function.result.stream else {}),
        "responses": [_response(response) for response in successes(function)],
        **({"problems": refusals} if (refusals := _refusals(function)) else {}),
        "examples": _examples(function),
    }


def _places(api: Api, function: Function, role: str, resource: Json) -> Json:
    """Where in an answer the item of its resource stands, or the list of them: dotted paths, where that is not all of it."""
    if role == "list" and not function.page:
        items = listed(api, function, resource)
        return {"items": items} if items else {}
    if role in ("get", "create", "update", "delete") and not function.job:
        get = api.function(resource["get"]).path
        at, _ = item_of(api, function.result.type, re.findall(r"\{([^{}]*)\}", get)[resource["scope"] :])
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
        "schema": schema_of(param.type),
    }


def _body(function: Function) -> Json:
    body = function.body
    if body is None:
        return None
    return {
        "kind": body.kind,
        "media": [body.media_type, *body.also],
        "required": body.required,
        "schema": _form(function) if _has_xml(function) else schema_of(body.type),
        **({"form": _form(function)} if takes_form(body) else {}),
        "parts": {
            param.wire_name: _part(param) for param in function.params if param.location == "field" and not param.rest
        },
        **({"in_order": True} if body.kind == "multipart" and not styles.is_form_data(body.media_type) else {}),
        **(
            {"positions": [{"wire": each.wire_name, **_part(each)} for each in body.positions]}
            if body.positions
            else {}
        ),
    }


def _part(param: Param) -> dict[str, Json]:
    styled: dict[str, Json] = {"style": param.style, "explode": param.explode} if param.style else {}
    return {"media": param.media_type, "name": names.argument(param.words), **styled}


def _has_xml(function: Function) -> bool:
    """Whether a part of a form is given as the text of XML, whatever its schema says of what the text means."""
    fields = [param for param in function.params if param.location == "field" and param.type.kind == "string"]
    return any("xml" in param.media_type for param in fields)


def _form(function: Function) -> Json:
    """What a form holds, by its arguments."""
    fields = [param for param in function.params if param.location == "field" and not param.rest]
    return {
        "type": "object",
        "properties": {param.wire_name: schema_of(param.type) for param in fields},
        "required": [param.wire_name for param in fields if param.required],
    }


def _page(function: Function) -> Json:
    page = function.page
    if page is None:
        return None
    entry = {"items": page.items, "next": page.next, "previous": page.previous}
    if page.by == "url":
        return entry
    rest = ("by", "argument", "size", "more", "end", "total", "current", "first")
    more: dict[str, Json] = {"location": page.location} if page.location != "query" else {}
    where = "field" if page.location == "body" else "query"
    taken = (param for param in function.params if (param.location, param.wire_name) == (where, page.argument))
    if page.by == "cursor" and any(param.type.kind == "integer" for param in taken):
        more["number"] = True
    return {**entry, **{key: getattr(page, key) for key in rest}, **more}


def _refusals(function: Function) -> list[Json]:
    """The error responses that the document declares."""
    return [_response(response) for response in function.responses if response.status[:1] in "45d"]


def _response(response: Response) -> Json:
    # JSON first: what an API answers a client that asked for nothing in particular.
    contents = sorted(response.contents, key=lambda content: content.kind != "json")
    headers: dict[str, Json] = {header.name: _header(header) for header in response.headers}
    entry = {"status": response.status, "contents": [_content(content) for content in contents]}
    return {**entry, **({"headers": headers} if headers else {})}


def _header(header: Header) -> Json:
    media: dict[str, Json] = {"media": header.media_type} if header.media_type else {}
    return {
        "schema": schema_of(header.type),
        **media,
        **({"examples": list(header.examples)} if header.examples else {}),
    }


def _content(content: Content) -> Json:
    return {
        "media": content.media_type,
        "kind": content.kind,
        "schema": schema_of(content.type),
        "examples": list(content.examples),
        **({"example_names": shown} if any(shown := list(content.example_names or content.example_titles)) else {}),
    }


def _examples(function: Function) -> list[Json]:
    """Arguments of calls that must work: the catalog's, else what the document gives for each parameter."""
    if function.examples:
        return [dict(example.arguments) for example in function.examples]
    values = {names.argument(param.words): param.examples[0] for param in function.params if param.examples}
    shown = function.body.examples[0] if function.body is not None and function.body.examples else None
    if isinstance(shown, dict):
        values |= shown
    return [values] if values else []


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
    """The webhooks that a call may ask for, and how they are signed."""
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


SURFACE = Surface("mock", render)
