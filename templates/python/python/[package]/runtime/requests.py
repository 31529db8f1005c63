"""Arguments -> request. Pure: no token, no network; every value is escaped for the place it is put in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from enum import Enum
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlsplit

from . import deprecation, files
from .errors import ArgumentError
from .operation import Operation, Param
from .references import whole
from .views import View, identity

LONGEST_WAIT = 60.0
"""Seconds that a server holds an answer back when it is asked to wait and not told how long."""
LONGEST_URL = 65_536
"""Characters: HTTP libraries and servers take no more."""
_RESERVED = ":/?[]@!$'()*+,;="
"""What a value may hold as it is where the description says so; `&` and `#` would end it."""
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_ACCEPT = {"json": "application/json", "events": "text/event-stream"}


class Omit(Enum):
    """The type of OMIT."""

    OMIT = "OMIT"

    def __repr__(self) -> str:
        return "OMIT"


OMIT: Final = Omit.OMIT
"""Not given, where None would mean null."""


class Part(NamedTuple):
    """One part of a multipart body."""

    name: str
    filename: str | None
    content: bytes | files.Source | files.Once
    content_type: str | None


class Prepared(NamedTuple):
    """A request without credentials. Either `content` or `parts`, or neither."""

    method: str
    url: str
    headers: list[tuple[str, Any]]
    """Values are text, or bytes where they are to be sent as they are."""
    content: bytes | None = None
    parts: tuple[Part, ...] | None = None
    wait: float = 0.0
    """Seconds that the server was asked to hold its answer back."""

    def __repr__(self) -> str:
        # What follows the `?`, headers and a body may hold what is nobody else's business.
        return f"<Prepared {self.method} {self.url.partition('?')[0]}>"


def prepare(operation: Operation, arguments: Mapping[str, Any], base_url: str) -> Prepared:
    """The request for these arguments (by their names in JSON). Raises ArgumentError."""
    given = _given(operation, arguments)
    deprecation.warn(operation, (param for param, _ in given))
    path = operation.path
    query: list[str] = []
    cookies: list[str] = []
    headers = [("Accept", _ACCEPT.get(operation.result, "*/*"))]
    fields: list[tuple[Param, Any]] = []
    wait = 0.0
    for param, value in given:
        if param.location == "path":
            path = path.replace("{" + param.wire + "}", _path(param, value))
        elif param.location == "query":
            query.extend(f"{key}={text}" for key, text in _pairs(param, value))
        elif param.location == "header":
            headers.append((param.wire, _header(param, value)))
            if param.encoding == "wait":
                wait = max(wait, float(param.maximum or LONGEST_WAIT) if value is True else float(value))
        elif param.location == "cookie":
            cookies.extend(f"{key}={text}" for key, text in _pairs(param, value))
        else:
            fields.append((param, value))
    if _dots(path):
        name = next((p.name for p, _ in given if p.location == "path"), "path")
        raise ArgumentError(name, "'.' and '..' cannot be part of a path")
    if cookies:
        headers.append(("Cookie", "; ".join(cookies)))
    content, parts = _body(operation, fields)
    if content is not None and operation.media_type:
        headers.append(("Content-Type", operation.media_type))
    url = base_url.rstrip("/") + path
    if query:
        url += ("&" if urlsplit(url).query else "?") + "&".join(query)
    if len(url) > LONGEST_URL:
        lengths = {
            param.name: len(_plain(param, value)) for param, value in given if param.location in ("path", "query")
        }
        raise ArgumentError(max(lengths, key=lambda name: lengths[name], default="base_url"), "is too long for an URL")
    return Prepared(operation.method, url, headers, content, parts, wait)


def checked_headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    """Headers given by the caller, which must not break out of their line. Raises ArgumentError."""
    found = {}
    for name, value in (headers or {}).items():
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            raise ArgumentError("headers", f"{name!r} cannot be the name of a header")
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            raise ArgumentError("headers", f"{name}: a header takes printable ASCII characters only")
        found[name] = value
    return found


def described(
    base_url: str,
    method: str,
    path: str,
    query: Mapping[str, Any] | None,
    json: Any,
    content: bytes | None,
    result: str = "json",
) -> tuple[Operation, Prepared]:
    """A request that no description has, and the operation that it amounts to. Raises ArgumentError."""
    method = method.upper()
    if not _TOKEN.fullmatch(method):
        raise ArgumentError("method", f"{method!r} is no HTTP method")
    if json is not None and content is not None:
        raise ArgumentError("content", "give either json or content")
    whole = path.startswith(("https://", "http://"))
    url = path if whole else f"{base_url.rstrip('/')}/{path.lstrip('/')}"
    if not url.isascii() or not url.isprintable() or " " in url or _dots(urlsplit(url).path):
        raise ArgumentError("path", "must be escaped, and hold no '.' or '..' as a segment")
    pairs = [p for k, v in (query or {}).items() for p in _pairs(Param(k, k, "query", style="form", explode=True), v)]
    if pairs:
        url += ("&" if urlsplit(url).query else "?") + "&".join(f"{key}={text}" for key, text in pairs)
    headers = [("Accept", _ACCEPT.get(result, "*/*"))]
    if json is not None:
        content = _json("json", json)
        headers.append(("Content-Type", "application/json"))
    access = "read" if method in ("GET", "HEAD", "OPTIONS", "QUERY") else "write"
    operation: Operation = Operation(method.lower(), "", method, path, result=result, access=access)
    return operation, Prepared(method, url, headers, content)


def _dots(path: str) -> bool:
    # A client library resolves dot segments, escaped or not, and the request would go to another path.
    return any(segment.lower().replace("%2e", ".") in (".", "..") for segment in path.split("/"))


def _given(operation: Operation, arguments: Mapping[str, Any]) -> list[tuple[Param, Any]]:
    known = {param.name for param in operation.params}
    if any(isinstance(value, View) for value in arguments.values()):
        arguments = _as_text(operation, arguments)
    if operation.reference:
        arguments = whole(operation.reference, arguments)
    for name in arguments:
        if name not in known:
            near = get_close_matches(name, sorted(known), 1)
            hint = f"; did you mean {near[0]}?" if near else f"; it takes {', '.join(sorted(known)) or 'none'}"
            raise ArgumentError(name, f"{operation.name} has no such argument{hint}")
    given = []
    for param in operation.params:
        value = arguments.get(param.name, OMIT)
        if value is OMIT or (value is None and not param.nullable):
            if param.required:
                raise ArgumentError(param.name, "is required")
        else:
            given.append((param, value))
    return given


def _as_text(operation: Operation, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments, with the text that stands for an object where a text is asked for and an object is given."""
    texts = {param.name for param in operation.params if param.kind == "string"}
    found = dict(arguments)
    for name, value in arguments.items():
        if name in texts and isinstance(value, View):
            found[name] = identity(value)
            if found[name] is None:
                raise ArgumentError(name, f"expected a text: nothing in this {type(value).__name__} stands for it")
    return found


def _plain(param: Param, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return _moment(value)
    if isinstance(value, (str, int, float)):
        return str(value)
    if isinstance(value, (list, tuple, Mapping, View)):
        return _json(param.name, value).decode()
    raise ArgumentError(param.name, f"a {type(value).__name__} cannot be sent here")


def _moment(value: date) -> str:
    # A time without a zone is local time, as everywhere in Python; on the wire it must say so.
    return (value.astimezone() if isinstance(value, datetime) and value.tzinfo is None else value).isoformat()


def _quote(param: Param, value: Any) -> str:
    text = _plain(param, value)
    try:
        if not param.allow_reserved:
            return quote(text, safe="")
        # By RFC 6570 what is escaped already passes as well.
        return re.sub("%25([0-9A-Fa-f]{2})", r"%\1", quote(text, safe=_RESERVED))
    except UnicodeEncodeError as error:
        raise ArgumentError(param.name, "holds half of a character (a lone surrogate)") from error


def _mapping(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, View):
        return value.to_dict()
    return value if isinstance(value, Mapping) else None


def _path(param: Param, value: Any) -> str:
    param = Param(param.name, param.wire, "path", style=param.style, explode=param.explode, media=param.media)
    name = quote(param.wire, safe="")
    style = param.style or "simple"
    prefix, joint = {"label": (".", "."), "matrix": (";", ";")}.get(style, ("", ","))
    joint = joint if param.explode or style == "simple" else ","
    mapping = None if param.media else _mapping(value)
    if mapping is not None:
        pairs = [(_quote(param, key), _quote(param, item)) for key, item in mapping.items()]
        text = joint.join(f"{k}={v}" if param.explode else f"{k},{v}" for k, v in pairs)
        named = style == "matrix" and not param.explode
    elif isinstance(value, (list, tuple)) and not param.media:
        items = [_quote(param, item) for item in value]
        named = style == "matrix" and not param.explode
        text = joint.join(f"{name}={item}" if style == "matrix" and param.explode else item for item in items)
    else:
        text = _quote(param, _json(param.name, value).decode() if param.media else value)
        named = style == "matrix"
    if not text:
        raise ArgumentError(param.name, "must not be empty")
    return prefix + (f"{name}={text}" if named else text)


def _pairs(param: Param, value: Any) -> Iterator[tuple[str, str]]:
    """The escaped `key=value` pairs of a query, cookie or form parameter."""
    name = quote(param.wire, safe="")
    mapping = _mapping(value)
    if value is None and param.location == "query":
        return
    if param.media:
        yield name, _quote(param, _json(param.name, value).decode())
    elif param.style == "deepObject" and (mapping is not None or isinstance(value, (list, tuple))):
        yield from _deep(param, name, value)
    elif mapping is not None:
        pairs = [(_quote(param, key), _quote(param, item)) for key, item in mapping.items() if item is not None]
        if param.explode:
            yield from pairs
        elif pairs:
            yield name, _joint(param).join(part for pair in pairs for part in pair)
    elif isinstance(value, (list, tuple)):
        items = [_quote(param, item) for item in value]
        if param.explode:
            yield from ((name, item) for item in items)
        elif items:
            yield name, _joint(param).join(items)
    else:
        yield name, _quote(param, value)


def _joint(param: Param) -> str:
    return {"spaceDelimited": "%20", "pipeDelimited": "%7C"}.get(param.style, ",")


def _deep(param: Param, name: str, value: Any) -> Iterator[tuple[str, str]]:
    mapping = _mapping(value)
    if mapping is not None:
        for key, item in mapping.items():
            yield from _deep(param, f"{name}[{_quote(param, key)}]", item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _deep(param, f"{name}[]" if isinstance(item, (list, tuple, Mapping)) else name, item)
    elif value is not None:
        yield name, _quote(param, value)


def _header(param: Param, value: Any) -> str:
    if param.encoding == "wait":
        text = _wait(param, value)
    elif param.encoding == "duration":
        text = _duration(param, value)
    elif param.media:
        text = _json(param.name, value).decode()
    elif (mapping := _mapping(value)) is not None:
        joint = "=" if param.explode else ","
        text = ",".join(f"{key}{joint}{_plain(param, item)}" for key, item in mapping.items())
    elif isinstance(value, (list, tuple)):
        text = ",".join(_plain(param, item) for item in value)
    else:
        text = _plain(param, value)
    if not text.isascii() or not text.isprintable():
        raise ArgumentError(param.name, "a header takes printable ASCII characters only")
    return text


def _wait(param: Param, value: Any) -> str:
    if value is True:
        return "wait"
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise ArgumentError(param.name, f"expected a whole number of seconds, not {value!r}")
    low, high = param.minimum if param.minimum is not None else 1, param.maximum
    if value < low or (high is not None and value > high):
        limit = f"between {low:g} and {high:g}" if high is not None else f"at least {low:g}"
        raise ArgumentError(param.name, f"{value} seconds; must be {limit}")
    return f"wait={int(value)}"


def _duration(param: Param, value: Any) -> str:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value != int(value) or value < (param.minimum or 0):
            raise ArgumentError(param.name, f"expected whole seconds, at least {param.minimum or 0:g}, not {value!r}")
        return f"{int(value)}s"
    if isinstance(value, str) and re.fullmatch(r"(?=\d)(\d+h)?(\d+m)?(\d+s?)?", value):
        return value
    raise ArgumentError(param.name, f"expected seconds or a duration such as 30s, 5m or 1h30m, not {value!r}")


def _body(operation: Operation, given: list[tuple[Param, Any]]) -> tuple[bytes | None, tuple[Part, ...] | None]:
    kind = operation.body_kind
    if not kind or (not given and not operation.body_required):
        return None, None
    if operation.files:
        given = [
            (p, files.replaced(v, p.name, files.data_url) if p.name in operation.files and files.holds(v) else v)
            for p, v in given
        ]
    whole = None if operation.flattened else given[0] if given else None
    if kind == "json":
        if operation.flattened:
            fields = (_json(param.name, param.wire) + b":" + _json(param.name, value) for param, value in given)
            return b"{" + b",".join(fields) + b"}", None
        return (_json(whole[0].name, whole[1]), None) if whole else (None, None)
    if kind in ("text", "binary"):
        return (files.read(whole[0].name, whole[1]).read(), None) if whole else (None, None)
    if whole:
        mapping = _mapping(whole[1])
        if mapping is None:
            raise ArgumentError(whole[0].name, "expected an object")
        given = [(Param(key, key, "field", style="form", explode=True), item) for key, item in mapping.items()]
    if kind == "form":
        return "&".join(f"{k}={v}" for param, value in given for k, v in _pairs(param, value)).encode(), None
    return None, tuple(part for param, value in given for part in _parts(param, value))


def _parts(param: Param, value: Any) -> Iterator[Part]:
    if param.kind == "binary" or files.is_file(value):
        for item in value if isinstance(value, list) else [value]:
            file = files.read(param.name, item)
            media = param.media if "*" not in param.media and "," not in param.media else ""
            content_type = file.content_type or media or "application/octet-stream"
            yield Part(param.wire, file.name or "file", file.content, _media_type(param, content_type))
    elif param.media.partition(";")[0].endswith("json") or _mapping(value) is not None:
        yield Part(param.wire, None, _json(param.name, value), _media_type(param, param.media or "application/json"))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _parts(param, item)
    else:
        yield Part(param.wire, None, _plain(param, value).encode(), _media_type(param, param.media) or None)


def _media_type(param: Param, given: str) -> str:
    """The media type of a part. ArgumentError for one that would end its line and begin another header."""
    if not given.isascii() or (given and not given.isprintable()):
        raise ArgumentError(param.name, f"its media type {given[:80]!r} holds a character that no media type has")
    return given


def _json(name: str, value: Any) -> bytes:
    def default(item: Any) -> Any:
        if isinstance(item, View):
            return item.to_dict()
        if isinstance(item, date):
            return _moment(item)
        if isinstance(item, files.Link):
            return item.url
        if isinstance(item, (set, frozenset, Mapping)):
            return dict(item) if isinstance(item, Mapping) else sorted(item)
        if files.is_file(item):
            return files.data_url(name, item)
        if (found := files.plain(files.as_mapping(item))) is not item:
            return found
        raise TypeError(f"a {type(item).__name__} is not JSON")

    try:
        return json.dumps(value, default=default, allow_nan=False, separators=(",", ":"), ensure_ascii=True).encode()
    except (TypeError, ValueError) as error:
        raise ArgumentError(name, str(error)) from error
