"""A request as curl sends it: what is on the wire, without any of our clients."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import quote, unquote_to_bytes

from ... import names
from ...ir import Api, Body, Function, Param, Scheme, Type, holds_files
from ...text import shell_literal
from . import answers, security, styles

Arguments = list[tuple[Param, Any]]
"""Arguments with their parameters, in the order of these."""
_UNSENT = re.compile(r"""[^\x21-\x7e]|["<>\\^`|]""")
"""What stands in no URL as it is."""


_FORM_DATA = "multipart/form-data"
_PLAIN = re.compile(r"[A-Za-z0-9:/?&=._~%@+,-]*")
"""Of an address: what means nothing to a shell between double quotes, nor in the default of a variable there."""


def request(api: Api, function: Function, argument: Arguments, movable: bool = False) -> tuple[str, list[str]]:
    """The text to pipe in, and the words of the command; a file's content comes through the pipe.

    movable: the base URL is read from the environment where it is set, as all that we make reads it.
    """
    # `--request HEAD` would wait for a body that never comes.
    method = "--head" if function.method == "HEAD" else f"--request {shell_literal(function.method)}"
    parts = ["curl --silent --show-error --fail-with-body", method]
    for scheme in security.shown(api, function):
        parts.extend(_credential(scheme))
    headers = [*accept_header(function, argument), *function.headers]
    parts += ["--header " + shell_literal(f"{name}: {value}") for name, value in headers]
    query: list[str] = []
    path = written(function.path)
    cookies = []
    body: Arguments = []
    for param, value in argument:
        match param.location:
            case "path":
                path = path.replace("{" + written(param.wire_name) + "}", styles.path(_spelled(param), value, _TEXTS))
            case "query":
                query.extend(styles.pieces(_spelled(param), value, _TEXTS))
            case "header" if value is not None:
                parts.append("--header " + shell_literal(f"{param.wire_name}: {_header(param, value)}"))
            case "header":
                pass  # undefined, as in a query
            case "cookie":
                cookies.extend(styles.pieces(_spelled(param), value, _TEXTS))
            case _:
                body.append((param, value))
    if cookies:
        parts.append("--cookie " + shell_literal("; ".join(cookies)))
    piped, sent = _body(function, body)
    parts.extend(sent)
    base = function.server or (api.servers[0].url if api.servers else "")
    base, _, first = base.partition("?")
    path, _, second = path.partition("?")
    pairs = [pair for pair in (first, second, *query) if pair]
    url = base.rstrip("/") + path + ("?" + "&".join(pairs) if pairs else "")
    # Of brackets and braces curl would make a list of addresses.
    shown: str = shell_literal(url)
    base = base.rstrip("/")
    if movable and base and api.base_url_env and not function.server and _PLAIN.fullmatch(base):
        rest = url.removeprefix(base)
        variable = f"${{{api.base_url_env}:-{base}}}"
        shown = f'"{variable}{rest}"' if _PLAIN.fullmatch(rest) else f'"{variable}"{shell_literal(rest)}'
    parts.append(("--globoff " if set("[]{}") & set(url) else "") + shown)
    return piped, parts


def written(path: str) -> str:
    """The text of a path or of a part of it; braces of a template stay."""
    return _UNSENT.sub(lambda match: quote(match.group(), errors="replace"), path)


def _credential(scheme: Scheme) -> list[str]:
    """The options that send a credential, which the shell puts in from the environment."""
    variables = {part: f"${variable}" for part, variable in scheme.parts}
    if scheme.kind == "mutualTLS":
        return [f'--cert "{variables["certificate"]}"', f'--key "{variables["key"]}"']
    token = variables["token"]
    if scheme.kind == "basic":
        return [f'--user "{variables["username"]}:{variables["password"]}"']
    if scheme.kind == "digest":
        return ["--digest", f'--user "{variables["username"]}:{variables["password"]}"']
    match scheme.location:
        case "cookie":
            return [f'--cookie {shell_literal(scheme.name + "=")}"{token}"']
        case "query":
            return [f'--url-query {shell_literal(quote(scheme.name, safe="") + "=")}"{token}"']
    if scheme.prefix:
        return [f'--header "{scheme.name}: {scheme.prefix} {token}"']
    return [f'--header {shell_literal(scheme.name + ": ")}"{token}"']


def accept_header(function: Function, arguments: Arguments) -> Iterator[tuple[str, str]]:
    """The Accept header, if the response has several media types, or one that few servers send by default."""
    named = {name.lower() for name, _ in function.headers}
    named |= {param.wire_name.lower() for param, _ in arguments if param.location == "header"}
    if "accept" in named or answers.plain(function):
        return
    stream = any(value is True and "_".join(param.words) == function.result.stream for param, value in arguments)
    if (wanted := (stream and answers.accept_events(function)) or answers.accept(function)) not in ("", "*/*"):
        yield "Accept", wanted


def _body(function: Function, fields: Arguments) -> tuple[str, list[str]]:
    """The text to pipe in, and the options that send the body."""
    body = function.body
    if body is None or not (fields or body.required):
        return "", []
    fields = list(_with_rest(fields))
    typed = "--header " + shell_literal(f"Content-Type: {body.media_type}")
    whole = None if body.flattened or not fields else fields[0][1]
    if isinstance(whole, dict) and body.kind in ("form", "multipart"):
        of = replace(fields[0][0], location="field", type=Type(kind="any"), media_type="", explode=True)
        fields = [(replace(of, wire_name=name), item) for name, item in whole.items()]
    if any(param.multipart for param, _ in fields):
        return _parts(fields, replace(body, media_type=_FORM_DATA))
    match body.kind:
        case "json":
            if isinstance(whole, list) and in_sequence(body):
                before = "\x1e" if sequence(body) == "json-seq" else ""
                data = "".join(f"{before}{json.dumps(item)}\n" for item in whole)
                return f"printf %s {shell_literal(data)} | ", [typed, "--data-binary @-"]
            value = {param.wire_name: value for param, value in fields} if body.flattened else whole
            return "", [typed, "--data-raw " + shell_literal(json.dumps(value))]
        case "form":
            pairs = [pair for param, value in fields for pair in styles.pieces(_spelled(param), value, _TEXTS)]
            return "", [typed, "--data-raw " + shell_literal("&".join(pairs))]
        case "multipart":
            return _parts(fields, body)
        case "text":
            return "", [typed, "--data-raw " + shell_literal("" if whole is None else _plain(whole))]
        case _:
            content = str(whole or "")
            piped, media = _pipe(content)
            if body.media_type.endswith("/*"):  # of what may be any file, its own decides
                own = media if content.startswith("data:") else "application/octet-stream"
                typed = "--header " + shell_literal(f"Content-Type: {own}")
            return piped, [typed, "--data-binary @-"]


def in_sequence(body: Body) -> bool:
    """Whether a body is a list whose items are sent as JSON one after the other."""
    plain = body.media_type.partition(";")[0].strip().lower()
    return body.kind == "json" and (plain == "application/stream+json" or not styles.is_json(plain))


def sequence(body: Body) -> Literal["json-seq", "lines"]:
    """How the items of a sequence are told apart: RFC 7464 begins each with a record separator, others end it with a line."""
    return "json-seq" if body.media_type.partition(";")[0].strip().lower().endswith("json-seq") else "lines"


def _with_rest(fields: Arguments) -> Iterator[tuple[Param, Any]]:
    """The fields, with those that one holds that stands for the rest of them."""
    for param, value in fields:
        if param.rest and isinstance(value, dict):
            kind = param.type.items or Type(kind="any")
            yield from ((replace(param, wire_name=key, type=kind, rest=False), item) for key, item in value.items())
        else:
            yield param, value


def _parts(fields: Arguments, body: Body) -> tuple[str, list[str]]:
    """The parts of a form. The name of one ends where curl finds the first `=`, so one with that in it has no option; a
    pipe is one file; and a form without parts is one all the same."""
    each = list(_in_order(fields, body) if body.positions else _each(fields))
    spelled = len(each) > 0 and sum(_is_file(param, value) for param, value in each) < 2
    spelled = spelled and styles.is_form_data(body.media_type) and all("=" not in param.wire_name for param, _ in each)
    if not spelled:
        return _form(fields, each, body.media_type)
    piped = ""
    sent = []
    for param, value in each:
        media = _media(_of_several(param, value), "")
        more = "".join(f';headers="{_in_quotes(f"{name}: {text}")}"' for name, text in param.headers)
        if _is_file(param, value):
            piped, result = _pipe(str(value))
            filename = _in_quotes(_filename(fields, param))
            media = result if str(value).startswith("data:") else media or "application/octet-stream"
            sent.append("--form " + shell_literal(f'{param.wire_name}=@-;filename="{filename}";type={media}{more}'))
        elif isinstance(value, str) and media in ("", "text/plain") and not more:
            sent.append("--form-string " + shell_literal(f"{param.wire_name}={value}"))
        else:
            text, media = _part(param, value)
            typed = f";type={media}" if media else ""
            sent.append("--form " + shell_literal(f'{param.wire_name}="{_in_quotes(text)}"{typed}{more}'))
    return piped, sent


def _each(fields: Arguments) -> Iterator[tuple[Param, Any]]:
    """The parts of a form: each item of a list is one, and what a style makes of a value."""
    for param, value in fields:
        if param.style:
            for name, text in styles.parts(_spelled(param), value, _TEXTS):
                yield replace(param, wire_name=name, type=Type(kind="string")), text
        else:
            yield from ((param, item) for item in (value if isinstance(value, list) else [value]))


def _in_order(fields: Arguments, body: Body) -> Iterator[tuple[Param, Any]]:
    """The items of a body that is a list of parts."""
    for _, value in fields:
        for number, item in enumerate(value if isinstance(value, list) else [value]):
            position = body.positions[min(number, len(body.positions) - 1)]
            yield from _each([(position, item)]) if position.style else [(position, item)]


def _of_several(param: Param, value: Any) -> str:
    """The media type of a part that is no file, of several the one that the value is."""
    if _is_file(param, value) or not param.media_type:
        return param.media_type if not set("*,") & set(param.media_type) else ""
    return styles.part_media(param.media_type, "application/json" if isinstance(value, (dict, list)) else "text/plain")


def _is_file(param: Param, value: Any) -> bool:
    if isinstance(value, str) and (param.file_texts == "all" or (param.file_texts and value.startswith("data:"))):
        return True
    return sent_as_file(param.type)


def sent_as_file(type_: Type) -> bool:
    """Whether what is sent for a value of it is a file, or a file for each item."""
    return type_.kind == "binary" or (type_.kind in ("array", "union") and holds_files(type_))


def part_media(param: Param) -> str:
    """The media type of a part that is a file, where the file tells none; empty where the document tells none either."""
    return _of_several(param, "")


def part_types(param: Param) -> dict[str, Any]:
    """How a part that is no file is sent: the media types of a structure and of any other value, and whether that is JSON."""
    media = _of_several(param, "")
    return {"structured": _of_several(param, {}), "media": media, "json": styles.is_json(media)}


def _part(param: Param, value: Any) -> tuple[str, str]:
    """The text of a part that is no file, and its media type; empty for what is text without saying so."""
    media = _of_several(param, value)
    if isinstance(value, dict) and styles.is_form(media):
        return styles.urlencoded(value, _TEXTS), _media(media, "")
    if isinstance(value, (dict, list)) or styles.is_json(media):
        return json.dumps(value), _media(media, "application/json")
    return _plain(value), _media(media, "")


def _form(fields: Arguments, parts: Arguments, whole: str) -> tuple[str, list[str]]:
    """Parts whose bytes are put together here and come through the pipe: without names unless they are of a form."""
    body = b""
    named = styles.is_form_data(whole)
    for param, value in parts:
        lines = [f'Content-Disposition: form-data; name="{_escaped(param.wire_name)}"'] if named else []
        text, media = _part(param, value)
        content = text.encode("utf-8", "replace")
        if _is_file(param, value):
            content, own = _bytes(str(value))
            media = own or media or "application/octet-stream"
            if named:
                lines[0] += f'; filename="{_escaped(_filename(fields, param))}"'
        lines += [f"Content-Type: {media}"] if media else []
        lines += [f"{name}: {text}" for name, text in param.headers]
        body += "\r\n".join([f"--{_BOUNDARY}", *lines, "", ""]).encode("utf-8", "replace") + content + b"\r\n"
    data = base64.b64encode(body + f"--{_BOUNDARY}--\r\n".encode()).decode()
    media = _FORM_DATA if named else whole
    typed = "--header " + shell_literal(f"Content-Type: {media}; boundary={_BOUNDARY}")
    return f"printf %s {data} | base64 --decode | ", [typed, "--data-binary @-"]


def _escaped(name: str) -> str:
    return re.sub(r'["\r\n]', lambda match: f"%{ord(match.group()):02X}", name)


_BOUNDARY = "b0undary"
_DATA = re.compile(r"data:([^,;]*)((?:;[^,;]*)*?)(;base64)?,(.*)\Z", re.DOTALL)
_MEDIA = re.compile(r"([A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+)(; *charset=[A-Za-z0-9_-]+)?")


def _media(written: str, usual: str) -> str:
    """A media type as curl takes it after `type=`: what follows another `;` would be an option of its own."""
    match = _MEDIA.match(written)
    return match.group() if match else usual


def _in_quotes(value: str) -> str:
    """What stands between quotes in an option of curl, where `;` and `,` are nothing but themselves."""
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _filename(fields: Arguments, param: Param) -> str:
    named = {names.argument(each.words): value for each, value in fields}
    return re.sub(r"[\r\n]", "_", str(named.get("filename", param.wire_name)))


def _bytes(content: str) -> tuple[bytes, str]:
    """A file's bytes, and their media type where a `data:` URL tells it."""
    match = _DATA.match(content)
    if not match:
        return content.encode("utf-8", "replace"), ""
    media, _, encoded, data = match.groups()
    try:
        result = base64.b64decode(data) if encoded else unquote_to_bytes(data.encode("utf-8", "replace"))
    except ValueError:
        result = data.encode("utf-8", "replace")
    return result, _media(media, "") or "text/plain"


def _pipe(content: str) -> tuple[str, str]:
    """The beginning of a pipe that gives a file's bytes, and their media type."""
    match = _DATA.match(content)
    if not match:
        return f"printf %s {shell_literal(content)} | ", "text/plain"
    media, _, encoded, data = match.groups()
    media = _media(media, "")
    if encoded:
        return f"printf %s {shell_literal(data)} | base64 --decode | ", media or "text/plain"  # RFC 2397, 2
    encoded_data = base64.b64encode(unquote_to_bytes(data.encode("utf-8", "replace"))).decode()
    return f"printf %s {shell_literal(encoded_data)} | base64 --decode | ", media or "text/plain"


@dataclass(frozen=True)
class _Spelled:
    """A parameter as `styles` asks about it."""

    wire: str
    location: str
    style: str
    explode: bool
    allow_reserved: bool
    array_format: str
    media: str


def _spelled(param: Param) -> _Spelled:
    return _Spelled(
        param.wire_name,
        param.location,
        param.style,
        param.explode,
        param.allow_reserved,
        param.array_format,
        param.media_type,
    )


def _header(param: Param, value: Any) -> str:
    if param.encoding == "wait":
        return f"wait={_TEXTS.plain(value)}"
    if param.encoding == "duration" and not isinstance(value, str):
        return f"{_TEXTS.plain(value)}s"
    return styles.header(_spelled(param), value, _TEXTS)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    # Half of a character is shown as what it is read as.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


_TEXTS = styles.Texts(_plain, _json)
