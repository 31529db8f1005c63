"""A request as curl sends it: what is on the wire, without any of our clients."""

from __future__ import annotations

import base64
import json
import re
import shlex
from typing import Any
from urllib.parse import quote

from .. import names
from ..ir import Api, Function, Param

Given = list[tuple[Param, Any]]
"""Arguments with their parameters, in the order of these."""


def request(api: Api, function: Function, given: Given) -> tuple[str, list[str]]:
    """What is piped in, and the words of the command; a file's content comes through the pipe."""
    parts = ["curl --silent --show-error --fail-with-body", f"--request {shlex.quote(function.method)}"]
    if function.authenticated and api.auth is not None:
        parts.extend(_auth(api))
    query: list[str] = []
    path = function.path
    cookies = []
    body: Given = []
    for param, value in given:
        match param.location:
            case "path":
                reserved = "/:?#[]@!$&'()*+,;=" if param.allow_reserved else ""
                path = path.replace("{" + param.wire_name + "}", _encoded(_joined(value, param), reserved + ","))
            case "query":
                query.extend(_pairs(param, value))
            case "header":
                parts.append("--header " + shlex.quote(f"{param.wire_name}: {_header(param, value)}"))
            case "cookie":
                cookies.append(f"{param.wire_name}={_encoded(_joined(value, param))}")
            case _:
                body.append((param, value))
    if cookies:
        parts.append("--cookie " + shlex.quote("; ".join(cookies)))
    piped, sent = _body(function, body)
    parts.extend(sent)
    base = function.server or (api.servers[0].url if api.servers else "")
    parts.append(shlex.quote(base.rstrip("/") + path + ("?" + "&".join(query) if query else "")))
    return piped, parts


def _auth(api: Api) -> list[str]:
    assert api.auth is not None
    token = "$" + api.token_env
    match api.auth.kind:
        case "basic":
            return [f'--user "{token}"']
        case "header":
            return [f'--header {shlex.quote(api.auth.name + ": ")}"{token}"']
        case "cookie":
            return [f'--cookie {shlex.quote(api.auth.name + "=")}"{token}"']
        case "query":
            return [f'--url-query {shlex.quote(api.auth.name + "=")}"{token}"']
        case _:
            return [f'--header "Authorization: Bearer {token}"']


def _body(function: Function, fields: Given) -> tuple[str, list[str]]:
    """What is piped in, and the options that send the body."""
    body = function.body
    if body is None or not (fields or body.required):
        return "", []
    typed = "--header " + shlex.quote(f"Content-Type: {body.media_type}")
    whole = None if body.flattened or not fields else fields[0][1]
    match body.kind:
        case "json":
            value = {param.wire_name: value for param, value in fields} if body.flattened else whole
            return "", [typed, "--data-raw " + shlex.quote(json.dumps(value))]
        case "form":
            pairs = [pair for param, value in fields for pair in _pairs(param, value)]
            return "", [typed, "--data-raw " + shlex.quote("&".join(pairs))]
        case "multipart":
            return _parts(fields)
        case "text":
            return "", [typed, "--data-raw " + shlex.quote(str(whole if whole is not None else ""))]
        case _:
            return _pipe(str(whole or ""))[0], [typed, "--data-binary @-"]


def _parts(fields: Given) -> tuple[str, list[str]]:
    piped = ""
    sent = []
    named = {str(names.SNAKE.spell(param.words)): value for param, value in fields}
    for param, value in fields:
        if param.type.kind == "binary":
            piped, media = _pipe(str(value))
            filename = str(named.get("filename", param.wire_name)).replace('"', '\\"')
            sent.append("--form " + shlex.quote(f'{param.wire_name}=@-;filename="{filename}";type={media}'))
        elif isinstance(value, str):
            sent.append("--form-string " + shlex.quote(f"{param.wire_name}={value}"))
        else:
            # In quotes, so that curl takes no ";" inside the value for the beginning of an option.
            inner = json.dumps(value).replace("\\", "\\\\").replace('"', '\\"')
            media = param.media_type or "application/json"
            sent.append("--form " + shlex.quote(f'{param.wire_name}="{inner}";type={media}'))
    return piped, sent


def _pipe(content: str) -> tuple[str, str]:
    """The beginning of a pipe that gives a file's bytes, and their media type."""
    match = re.match(r"data:([^,;]*)((?:;[^,;]*)*?)(;base64)?,(.*)\Z", content, re.DOTALL)
    if not match:
        return f"printf %s {shlex.quote(content)} | ", "text/plain"
    media, _, encoded, data = match.groups()
    if encoded:
        return f"printf %s {shlex.quote(data)} | base64 --decode | ", media or "application/octet-stream"
    encoded_data = base64.b64encode(data.encode()).decode()
    return f"printf %s {shlex.quote(encoded_data)} | base64 --decode | ", media or "text/plain"


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"))


def _joined(value: Any, param: Param) -> str:
    if isinstance(value, list):
        return ",".join(_scalar(item) for item in value)
    if isinstance(value, dict):
        between = "=" if param.explode else ","
        return ",".join(f"{key}{between}{_scalar(item)}" for key, item in value.items())
    return _scalar(value)


def _header(param: Param, value: Any) -> str:
    if param.encoding == "wait":
        return f"wait={_scalar(value)}"
    if param.encoding == "duration" and not isinstance(value, str):
        return f"{_scalar(value)}s"
    return _joined(value, param)


def _encoded(value: str, safe: str = "") -> str:
    return quote(value, safe=safe)


def _pairs(param: Param, value: Any) -> list[str]:
    """A query parameter or form field as `name=value` pairs, by its style."""
    safe = "/:?#[]@!$'()*,;" if param.allow_reserved else ""
    name = _encoded(param.wire_name)
    if param.media_type:
        return [f"{name}={_encoded(json.dumps(value, separators=(',', ':')))}"]
    if isinstance(value, dict):
        if param.style == "deepObject":
            return [f"{name}%5B{_encoded(key)}%5D={_encoded(_scalar(item), safe)}" for key, item in value.items()]
        if param.explode:
            return [f"{_encoded(key)}={_encoded(_scalar(item), safe)}" for key, item in value.items()]
    if isinstance(value, list):
        if param.explode:
            return [f"{name}={_encoded(_scalar(item), safe)}" for item in value]
        between = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}.get(param.style, ",")
        return [f"{name}={between.join(_encoded(_scalar(item), safe) for item in value)}"]
    return [f"{name}={_encoded(_joined(value, param), safe + (',' if isinstance(value, dict) else ''))}"]
