"""The data with which a function's page sends its call from a browser: `functions/<function>.json`.

The console's script writes the same calls as the page, with the reader's values. It is the same for every API: the text
around the arguments comes from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from ... import names, text
from ...ir import Api, Body, Function, Param
from ...text import Code
from ..shared import answers, calls, curl, security, styles
from ..shared.placing import kind_of, places
from . import editing

FORBIDDEN = ("CONNECT", "TRACE", "TRACK")
"""Methods that no page may send: the Fetch standard, 2.2.1."""
BODILESS = ("GET", "HEAD")
"""Methods with which no page may send a body: the Fetch standard, 5.4."""
KEPT = {
    "accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method", "connection", "content-length",
    "cookie", "cookie2", "date", "dnt", "expect", "host",
    "keep-alive", "origin", "referer", "set-cookie", "te", "trailer",
    "transfer-encoding", "upgrade", "via",
}  # fmt: skip
"""Headers that a browser keeps to itself, as all that begin with `proxy-` or `sec-`: the Fetch standard, 2.2.2."""
PORT = 4010
"""Of the mock, in the command that the console shows."""
MOST = 60
"""Arguments of a form that somebody would fill in."""


@dataclass(frozen=True)
class ConsolePage:
    """One function's data."""

    document: Code


def offered(api: Api, function: Function) -> bool:
    """Whether it has a console."""
    return len(function.params) <= MOST and not function.hidden


def unsendable(api: Api, function: Function) -> str:
    """Why no page can send the call, as a sentence; empty if one can. The tabs follow the reader's input either way."""
    if function.method in FORBIDDEN:
        return f"No page may send {function.method}."
    if function.body is not None and function.body.required and function.method in BODILESS:
        return f"No page may send a body with {function.method}."
    cookies = [scheme.name for scheme in security.shown(api, function) if scheme.location == "cookie"]
    cookies += [param.wire_name for param in function.params if param.required and param.location == "cookie"]
    if cookies:
        return f"No page may set a cookie for another server, which it needs: {', '.join(cookies)}."
    headers = [param.wire_name for param in function.params if param.required and _kept(param)]
    return f"A browser keeps to itself what it needs: the header {', '.join(headers)}." if headers else ""


def _kept(param: Param) -> bool:
    """Whether a browser lets no page set it."""
    name = param.wire_name.lower()
    return param.location == "cookie" or (
        param.location == "header" and (name in KEPT or name.startswith(("proxy-", "sec-")))
    )


def _sent(function: Function) -> list[Param]:
    """The parameters that the script sends: all but those of a form beside JSON, which is for files."""
    return [param for param in function.params if not param.multipart]


def page(api: Api, function: Function) -> ConsolePage:
    """The data of a function that is offered."""
    body = function.body
    flags = names.flags(function)
    example = function.examples[0].arguments if function.examples else {}
    alone = {calls.argument(param) for param in function.params if param.multipart}
    server = function.server or (api.servers[0].url if api.servers else "")
    events = answers.accept_events(function)
    document: dict[str, Any] = {
        "name": function.name,
        "method": function.method,
        "path": curl.written(function.path),
        "server": server,
        "servers": _servers(api, function),
        "variable": "" if function.server else api.base_url_env,
        "mock": f"{api.command} mock --port {PORT}",
        "address": f"http://127.0.0.1:{PORT}{urlsplit(server).path}",
        "careful": [name for name in function.classes if name in ("billed", "destructive")],
        "unsendable": unsendable(api, function),
        "body": _body(function, body) if body else None,
        "headers": [list(pair) for pair in (*curl.accept_header(function, []), *function.headers)],
        **({"stream": [function.result.stream, events]} if events and function.result.stream else {}),
        "credentials": [
            {"kind": s.kind, "in": s.location, "name": s.name, "prefix": s.prefix, "variables": dict(s.parts)}
            for s in security.shown(api, function)
        ],
        "parameters": [_parameter(api, function, param, flags) for param in _sent(function)],
        "places": [[list(part) for part in parts] for _, parts in places(function)],
        "yes": function.destructive and all(calls.argument(param) != "yes" for param in function.params),
        "python": {"call": f"client.{calls.python_method(api, function)}(", "width": calls.WIDTH - len(calls.AROUND)},
        "command": calls.command(api, function),
        "lua": calls.lua_path(api, function),
        "around": {surface: list(pair) for surface, pair in calls.around(api, function).items()},
        "luaReserved": sorted(names.LUA.reserved),
        "arguments": {name: value for name, value in example.items() if name not in alone},
    }
    return ConsolePage(text.json_rows(document))


def _parameter(api: Api, function: Function, param: Param, flags: Mapping[str, str]) -> dict[str, Any]:
    name = calls.argument(param)
    type_ = param.type
    kind = kind_of(type_)
    entry: dict[str, Any] = {
        "name": name,
        "kind": kind,
        "required": param.required,
        "keyword": names.keyword(param.words),
        "flag": flags[name],
    }
    more: dict[str, Any] = {
        "encoding": param.encoding,
        "rest": param.rest,
        "values": list(type_.values) if kind in ("string", "integer", "number") else [],
        "default": text.json_line(type_.default) if type_.has_default else "",
        "withheld": _kept(param),
        "within": editing.within(api, type_) if kind in ("object", "array", "any") else {},
    }
    if param.location == "path":
        more["placeholder"] = curl.written(param.wire_name)
    in_parts = function.body is not None and function.body.kind in ("multipart", "binary")
    if param.media_type and param.location != "body" and not (in_parts and param.location == "field"):
        more["media"] = [styles.part_media(param.media_type, usual) for usual in ("text/plain", "application/json")]
    if in_parts and param.location in ("field", "body"):
        more |= _part(param)
    return entry | _spelled(param) | {key: value for key, value in more.items() if value}


def _spelled(param: Param) -> dict[str, Any]:
    """How the values of a parameter, or of a part of a form, are written."""
    entry = {
        "wire": param.wire_name,
        "in": param.location,
        "style": param.style,
        "explode": param.explode,
        "reserved": param.allow_reserved,
        "arrayFormat": param.array_format,
        "fileTexts": param.file_texts,
    }
    return {key: value for key, value in entry.items() if value or key == "wire"}


def _part(param: Param) -> dict[str, Any]:
    """How it is sent as a part of a form, or as the file that is the body."""
    type_ = param.type.items if param.rest and param.type.items else param.type
    entry: dict[str, Any] = {}
    if curl.sent_as_file(type_):
        entry["file"] = {"media": curl.part_media(replace(param, type=type_))}
    else:
        entry["part"] = {key: value for key, value in curl.part_types(replace(param, type=type_)).items() if value}
    if param.headers:
        entry["headers"] = [list(pair) for pair in param.headers]
    return entry


def _body(function: Function, body: Body) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "kind": body.kind,
        "media": body.media_type,
        "flattened": body.flattened,
        "required": body.required,
    }
    if curl.in_sequence(body):
        entry["sequence"] = curl.sequence(body)
    if body.kind == "multipart":
        entry["named"] = styles.is_form_data(body.media_type)
    if body.positions:
        entry["positions"] = [_spelled(each) | _part(each) for each in body.positions]
    return entry


def _servers(api: Api, function: Function) -> list[dict[str, Any]]:
    """What the base URL may be, besides the mock's."""
    if function.server:
        return [{"url": function.server}]
    entries = []
    for server in api.servers:
        more = {"title": server.name or text.first_sentence(server.description), "template": server.template}
        variables = [{"name": n, "default": d, "values": list(values)} for n, d, values in server.variables]
        kept = {key: value for key, value in {**more, "variables": variables}.items() if value}
        entries.append({"url": server.url, **kept})
    return entries
