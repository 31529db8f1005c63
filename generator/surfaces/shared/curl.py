"""A request as curl sends it: what is on the wire, without any of our clients."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import quote

from ... import names
from ...ir import Api, Function, Param
from ...text import shell_literal

Given = list[tuple[Param, Any]]
"""Arguments with their parameters, in the order of these."""
_UNSENT = re.compile(r"""[^\x21-\x7e]|["<>\\^`|]""")
"""What stands in no URL as it is."""


def request(api: Api, function: Function, given: Given) -> tuple[str, list[str]]:
    """What is piped in, and the words of the command; a file's content comes through the pipe."""
    parts = ["curl --silent --show-error --fail-with-body", f"--request {shell_literal(function.method)}"]
    if function.authenticated and api.auth is not None:
        parts.extend(_auth(api))
    query: list[str] = []
    path = _written(function.path)
    cookies = []
    body: Given = []
    for param, value in given:
        match param.location:
            case "path":
                path = path.replace("{" + _written(param.wire_name) + "}", _path(param, value))
            case "query":
                query.extend(_pairs(param, value))
            case "header":
                parts.append("--header " + shell_literal(f"{param.wire_name}: {_header(param, value)}"))
            case "cookie":
                cookies.extend(_pairs(param, value))
            case _:
                body.append((param, value))
    if cookies:
        parts.append("--cookie " + shell_literal("; ".join(cookies)))
    piped, sent = _body(function, body)
    parts.extend(sent)
    base = function.server or (api.servers[0].url if api.servers else "")
    url = base.rstrip("/") + path + ("?" + "&".join(query) if query else "")
    # Of brackets and braces curl would make a list of addresses.
    parts.append(("--globoff " if set("[]{}") & set(url) else "") + shell_literal(url))
    return piped, parts


def _written(path: str) -> str:
    """The text of a path or of a part of it; braces of a template stay."""
    return _UNSENT.sub(lambda match: quote(match.group(), errors="replace"), path)


def _auth(api: Api) -> list[str]:
    assert api.auth is not None
    token = "$" + api.token_env
    match api.auth.kind:
        case "basic":
            return [f'--user "{token}"']
        case "header":
            return [f'--header {shell_literal(api.auth.name + ": ")}"{token}"']
        case "cookie":
            return [f'--cookie {shell_literal(api.auth.name + "=")}"{token}"']
        case "query":
            return [f'--url-query {shell_literal(quote(api.auth.name, safe="") + "=")}"{token}"']
        case _:
            return [f'--header "Authorization: Bearer {token}"']


def _body(function: Function, fields: Given) -> tuple[str, list[str]]:
    """What is piped in, and the options that send the body."""
    body = function.body
    if body is None or not (fields or body.required):
        return "", []
    typed = "--header " + shell_literal(f"Content-Type: {body.media_type}")
    whole = None if body.flattened or not fields else fields[0][1]
    match body.kind:
        case "json":
            value = {param.wire_name: value for param, value in fields} if body.flattened else whole
            return "", [typed, "--data-raw " + shell_literal(json.dumps(value))]
        case "form":
            pairs = [pair for param, value in fields for pair in _pairs(param, value)]
            return "", [typed, "--data-raw " + shell_literal("&".join(pairs))]
        case "multipart":
            return _parts(fields)
        case "text":
            return "", [typed, "--data-raw " + shell_literal(str(whole if whole is not None else ""))]
        case _:
            return _pipe(str(whole or ""))[0], [typed, "--data-binary @-"]


def _parts(fields: Given) -> tuple[str, list[str]]:
    """The parts of a form. The name of one ends where curl finds the first `=`, so one with that in it has no option."""
    if any("=" in param.wire_name for param, _ in fields):
        return _form(fields)
    piped = ""
    sent = []
    for param, value in fields:
        if param.type.kind == "binary":
            piped, media = _pipe(str(value))
            filename = _in_quotes(_filename(fields, param))
            sent.append("--form " + shell_literal(f'{param.wire_name}=@-;filename="{filename}";type={media}'))
        elif isinstance(value, str):
            sent.append("--form-string " + shell_literal(f"{param.wire_name}={value}"))
        else:
            media = _media(param.media_type, "application/json")
            sent.append("--form " + shell_literal(f'{param.wire_name}="{_in_quotes(json.dumps(value))}";type={media}'))
    return piped, sent


def _form(fields: Given) -> tuple[str, list[str]]:
    """A form whose bytes are put together here and come through the pipe."""
    body = ""
    for param, value in fields:
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{_escaped(param.wire_name)}"'
        if param.type.kind == "binary":
            head += f'; filename="{_escaped(_filename(fields, param))}"\r\nContent-Type: application/octet-stream'
        elif not isinstance(value, str):
            head += f"\r\nContent-Type: {_media(param.media_type, 'application/json')}"
        body += f"{head}\r\n\r\n{value if isinstance(value, str) else json.dumps(value)}\r\n"
    data = base64.b64encode(f"{body}--{_BOUNDARY}--\r\n".encode("utf-8", "replace")).decode()
    typed = f"--header 'Content-Type: multipart/form-data; boundary={_BOUNDARY}'"
    return f"printf %s {data} | base64 --decode | ", [typed, "--data-binary @-"]


def _escaped(name: str) -> str:
    return re.sub(r'["\r\n]', lambda match: f"%{ord(match.group()):02X}", name)


_BOUNDARY = "b0undary"
_MEDIA = re.compile(r"([A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+)(; *charset=[A-Za-z0-9_-]+)?")


def _media(written: str, usual: str) -> str:
    """A media type as curl takes it after `type=`: what follows another `;` would be an option of its own."""
    match = _MEDIA.match(written)
    return match.group() if match else usual


def _in_quotes(value: str) -> str:
    """What stands between quotes in an option of curl, where `;` and `,` are nothing but themselves."""
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _filename(fields: Given, param: Param) -> str:
    named = {str(names.SNAKE.spell(each.words)): value for each, value in fields}
    return re.sub(r"[\r\n]", "_", str(named.get("filename", param.wire_name)))


def _pipe(content: str) -> tuple[str, str]:
    """The beginning of a pipe that gives a file's bytes, and their media type."""
    match = re.match(r"data:([^,;]*)((?:;[^,;]*)*?)(;base64)?,(.*)\Z", content, re.DOTALL)
    if not match:
        return f"printf %s {shell_literal(content)} | ", "text/plain"
    media, _, encoded, data = match.groups()
    media = _media(media, "")
    if encoded:
        return f"printf %s {shell_literal(data)} | base64 --decode | ", media or "application/octet-stream"
    encoded_data = base64.b64encode(data.encode("utf-8", "replace")).decode()
    return f"printf %s {shell_literal(encoded_data)} | base64 --decode | ", media or "text/plain"


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


def _encoded(value: str, param: Param | None = None) -> str:
    """A value as it stands in a URL; RFC 6570 lets what is reserved and what is escaped already pass where it may."""
    if param is None or not param.allow_reserved:
        return quote(value, safe="", errors="replace")
    return re.sub(r"%25([0-9A-Fa-f]{2})", r"%\1", quote(value, safe="/:?[]@!$'()*+,;=", errors="replace"))


def _path(param: Param, value: Any) -> str:
    """A parameter of the path, by its style."""
    name = _encoded(param.wire_name)
    prefix = {"label": ".", "matrix": ";"}.get(param.style, "")
    joint = prefix if prefix and param.explode else ","
    if param.media_type:
        text = _encoded(_scalar(value) if not isinstance(value, str) else json.dumps(value))
    elif isinstance(value, dict):
        between = "=" if param.explode else ","
        text = joint.join(f"{_encoded(key)}{between}{_encoded(_scalar(item))}" for key, item in value.items())
    elif isinstance(value, list):
        named = f"{name}=" if param.style == "matrix" and param.explode else ""
        text = joint.join(named + _encoded(_scalar(item)) for item in value)
    else:
        text = _encoded(_scalar(value))
    own = param.explode and isinstance(value, (dict, list)) and not param.media_type
    return prefix + (f"{name}=" if param.style == "matrix" and not own else "") + text


def _pairs(param: Param, value: Any) -> list[str]:
    """A query parameter, cookie or form field as `name=value` pairs, by its style."""
    name = _encoded(param.wire_name)
    if param.media_type:
        return [f"{name}={_encoded(json.dumps(value, separators=(',', ':')))}"]
    between = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}.get(param.style, ",")
    if isinstance(value, dict):
        items = [(_encoded(key), _encoded(_scalar(item), param)) for key, item in value.items() if item is not None]
        if param.style == "deepObject":
            return [f"{name}%5B{key}%5D={item}" for key, item in items]
        if param.explode:
            return [f"{key}={item}" for key, item in items]
        return [f"{name}={between.join(part for pair in items for part in pair)}"] if items else []
    if isinstance(value, list):
        listed = [_encoded(_scalar(item), param) for item in value]
        if param.explode:
            return [f"{name}={item}" for item in listed]
        return [f"{name}={between.join(listed)}"] if listed else []
    return [f"{name}={_encoded(_scalar(value), param)}"]
