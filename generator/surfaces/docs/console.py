"""What a function's page needs to send the call of its tabs from a browser, as data: `functions/<function>.json`.

The script of the console spells the same calls as the page does, of what a reader types. It knows no API: what it writes
around the arguments stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ... import names, text
from ...ir import Api, Body, Function, Param
from ...text import Code
from ..shared import answers, calls, curl, security, styles
from ..shared.curl import in_sequence, part_media, part_types, sent_as_file
from ..shared.placing import kind_of, places

FORBIDDEN = ("CONNECT", "TRACE", "TRACK")
"""Methods that no page may send: the Fetch standard, 2.2.1."""
STYLES = {
    "path": ("", "simple"),
    "query": ("", "form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("", "simple"),
}
"""How the script can write a parameter, by where it stands."""
PORT = 4010
"""Of the mock, in the command that the console shows."""
MOST = 60
"""Arguments of a form that somebody would fill in."""


@dataclass(frozen=True)
class ConsolePage:
    """One function's data."""

    document: Code


def offered(api: Api, function: Function) -> bool:
    """Whether a browser can send it: no cookies, no header that browsers keep to themselves, no stream, no unnamed parts."""
    body = function.body
    return (
        (body is None or not (body.positions or in_sequence(body) or not _named(body)))
        and len(function.params) <= MOST
        and function.method not in FORBIDDEN
        and not function.hidden
        and not any(scheme.location == "cookie" for scheme in security.shown(api, function))
        and all(_written(param, body.kind if body else "") for param in _sent(function))
    )


def _sent(function: Function) -> list[Param]:
    """The parameters that the script sends: all but those of a form beside JSON, which is for files."""
    return [param for param in function.params if not param.multipart]


def _named(body: Body) -> bool:
    return body.kind != "multipart" or styles.is_form_data(body.media_type)


def _written(param: Param, body: str) -> bool:
    """Whether the script writes it; body: the kind of the body that it is a field of."""
    kind = kind_of(param.type)
    if param.array_format or param.allow_reserved:
        return False
    if param.location == "field" and body == "multipart":
        return not (param.style or (param.rest and param.type.items and sent_as_file(param.type.items)))
    if sent_as_file(param.type) and not (param.location == "body" and body == "binary"):
        return False
    if param.location == "field":
        return not (body == "form" and (param.style or param.media_type or kind in ("object", "array", "any")))
    return param.location == "body" or (param.style in STYLES.get(param.location, ()) and not param.media_type)


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
        "path": function.path,
        "server": server,
        "variable": "" if function.server else api.base_url_env,
        "mock": f"{api.command} mock --port {PORT}",
        "address": f"http://127.0.0.1:{PORT}{urlsplit(server).path}",
        "careful": [name for name in function.classes if name in ("billed", "destructive")],
        "body": (
            {"kind": body.kind, "media": body.media_type, "flattened": body.flattened, "required": body.required}
            if body
            else None
        ),
        "headers": [list(pair) for pair in (*curl.asked(function, []), *function.headers)],
        **({"stream": [function.result.stream, events]} if events and function.result.stream else {}),
        "credentials": [
            {"kind": s.kind, "in": s.location, "name": s.name, "prefix": s.prefix, "variables": dict(s.parts)}
            for s in security.shown(api, function)
        ],
        "parameters": [_parameter(function, param, flags) for param in _sent(function)],
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


def _parameter(function: Function, param: Param, flags: Mapping[str, str]) -> dict[str, Any]:
    name = calls.argument(param)
    type_ = param.type
    kind = kind_of(type_)
    found: dict[str, Any] = {
        "name": name,
        "wire": param.wire_name,
        "in": param.location,
        "kind": kind,
        "required": param.required,
        "keyword": names.keyword(param.words),
        "flag": flags[name],
    }
    more: dict[str, Any] = {
        "style": param.style,
        "explode": param.explode,
        "encoding": param.encoding,
        "rest": param.rest,
        "values": list(type_.values) if kind in ("string", "integer", "number") else [],
        "default": text.json_line(type_.default) if type_.has_default else "",
    }
    if sent_as_file(type_):
        more["file"] = {"media": part_media(param)}
    elif function.body and function.body.kind == "multipart":
        more["part"] = {key: value for key, value in part_types(param).items() if value}
    if param.headers:
        more["headers"] = [list(pair) for pair in param.headers]
    return found | {key: value for key, value in more.items() if value}
