"""Arguments -> request. Pure: no token, no network; every value is escaped for the place it is put in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from enum import Enum
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from . import deprecation, files, spelling
from .errors import ArgumentError
from .files import Part
from .jsontext import json_text
from .mediatypes import sequence_of
from .operation import Operation, Param
from .references import whole
from .spelling import mapping_of, plain
from .styles import is_form, is_form_data, is_json, part_media
from .views import View, identity

LONGEST_WAIT = 60.0
"""Seconds that a server holds an answer back when it is asked to wait and not told how long."""
LONGEST_URL = 65_536
"""Characters: HTTP libraries and servers take no more."""
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_ACCEPT = {"json": "application/json", "events": "text/event-stream"}


class Omit(Enum):
    """The type of OMIT."""

    OMIT = "OMIT"

    def __repr__(self) -> str:
        return "OMIT"


OMIT: Final = Omit.OMIT
"""Not given, where None would mean null."""


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
    events: bool = False
    """It asks for events in place of the whole."""
    timeout: float | None = None
    """Seconds that are waited for the server where the caller says nothing."""
    first: Any = None
    """Of a further page of a list: the request of the list itself, another of these."""

    def __repr__(self) -> str:
        # What follows the `?`, headers and a body may hold what is nobody else's business.
        return f"<Prepared {self.method} {self.url.partition('?')[0]}>"


def prepare(operation: Operation, arguments: Mapping[str, Any], base_url: str) -> Prepared:
    """The request for these arguments (by their names in JSON). Raises ArgumentError."""
    passed = _pairs(operation, arguments)
    deprecation.warn(operation, (param for param, _ in passed))
    path = operation.path
    query: list[str] = []
    cookies: list[str] = []
    events = bool(operation.stream) and arguments.get(operation.stream) is True
    headers: list[tuple[str, Any]] = [*operation.headers]
    if not any(name.lower() == "accept" for name, _ in headers):
        headers.insert(0, ("Accept", _accept(operation, events)))
    fields: list[tuple[Param, Any]] = []
    wait = 0.0
    for param, value in passed:
        if param.location == "path":
            path = path.replace("{" + param.wire + "}", spelling.path(param, value))
        elif param.location == "query":
            query.extend(spelling.pieces(param, value))
        elif param.location == "header":
            if value is None:  # undefined, as in a query: RFC 6570, 2.3
                continue
            headers.append((param.wire, spelling.header(param, value)))
            if param.encoding == "wait":
                wait = max(wait, float(param.maximum or LONGEST_WAIT) if value is True else float(value))
        elif param.location == "cookie":
            cookies.extend(spelling.pieces(param, value))
        else:
            fields.append((param, value))
    if _dots(path):
        name = next((p.name for p, _ in passed if p.location == "path"), "path")
        raise ArgumentError(name, "'.' and '..' cannot be part of a path")
    if cookies:
        headers.append(("Cookie", "; ".join(cookies)))
    content, parts, media = _body(operation, fields)
    if content is not None and media:
        headers.append(("Content-Type", media))
    url = _at(base_url, path, query)
    if len(url) > LONGEST_URL:
        lengths = {
            param.name: len(plain(param, value)) for param, value in passed if param.location in ("path", "query")
        }
        raise ArgumentError(max(lengths, key=lambda name: lengths[name], default="base_url"), "is too long for a URL")
    return Prepared(operation.method, url, headers, content, parts, wait, events, operation.timeout)


def _at(base_url: str, path: str, query: Sequence[str] = ()) -> str:
    """The URL of a path at a server, whose own query comes first, then that of the path."""
    base, _, first = base_url.partition("?")
    path, _, second = path.partition("?")
    pairs = [pair for pair in (first, second, *query) if pair]
    return base.rstrip("/") + path + ("?" + "&".join(pairs) if pairs else "")


def _accept(operation: Operation, events: bool) -> str:
    """The media types that are asked for."""
    if events:
        return operation.accept_events
    return operation.accept or _ACCEPT.get(operation.result, "*/*")


def checked_headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    """Headers given by the caller, which must not break out of their line. Raises ArgumentError."""
    checked = {}
    for name, value in (headers or {}).items():
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            raise ArgumentError("headers", f"{name!r} cannot be the name of a header")
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            raise ArgumentError("headers", f"{name}: a header takes printable ASCII characters only")
        checked[name] = value
    return checked


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
    url = path if whole else _at(base_url, "/" + path.lstrip("/"))
    if not url.isascii() or not url.isprintable() or " " in url or _dots(urlsplit(url).path):
        raise ArgumentError("path", "must be escaped, and hold no '.' or '..' as a segment")
    pairs = [(Param(key, key, "query", style="form", explode=True), value) for key, value in (query or {}).items()]
    if pieces := [piece for param, value in pairs for piece in spelling.pieces(param, value)]:
        url += ("&" if urlsplit(url).query else "?") + "&".join(pieces)
    headers = [("Accept", _ACCEPT.get(result, "*/*"))]
    if json is not None:
        content = json_text("json", json)
        headers.append(("Content-Type", "application/json"))
    access = "read" if method in ("GET", "HEAD", "OPTIONS", "QUERY") else "write"
    operation: Operation = Operation(method.lower(), "", method, path, result=result, access=access)
    return operation, Prepared(method, url, headers, content)


def _dots(path: str) -> bool:
    # A client library resolves dot segments, escaped or not, and the request would go to another path.
    return any(segment.lower().replace("%2e", ".") in (".", "..") for segment in path.split("/"))


def _pairs(operation: Operation, arguments: Mapping[str, Any]) -> list[tuple[Param, Any]]:
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
    pairs = []
    for param in operation.params:
        value = arguments.get(param.name, OMIT)
        if value is OMIT or (value is None and not param.nullable):
            if param.required:
                raise ArgumentError(param.name, "is required")
        else:
            pairs.append((param, value))
    return pairs


def _as_text(operation: Operation, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments, with the text that stands for an object where a text is asked for and an object is given."""
    texts = {param.name for param in operation.params if param.kind == "string"}
    converted = dict(arguments)
    for name, value in arguments.items():
        if name in texts and isinstance(value, View):
            converted[name] = identity(value)
            if converted[name] is None:
                raise ArgumentError(name, f"expected a text: nothing in this {type(value).__name__} stands for it")
    return converted


def _body(operation: Operation, pairs: list[tuple[Param, Any]]) -> tuple[bytes | None, tuple[Part, ...] | None, str]:
    """The content or the parts of a body, and its media type."""
    kind, media = operation.body_kind, operation.media_type
    if operation.flattened:
        pairs = list(_with_rest(operation, pairs))
    if not kind or (not pairs and not operation.body_required):
        return None, None, media
    if operation.multipart and any(param.multipart or _is_upload(value) for param, value in pairs):
        kind, media = "multipart", "multipart/form-data"
    elif operation.files:
        pairs = [
            (p, files.replaced(v, p.name, files.data_url) if p.name in operation.files and files.holds(v) else v)
            for p, v in pairs
        ]
    whole = None if operation.flattened else pairs[0] if pairs else None
    if kind == "json":
        if operation.flattened:
            fields = (json_text(p.name, p.wire) + b":" + json_text(p.name, value) for p, value in pairs)
            return b"{" + b",".join(fields) + b"}", None, media
        return _json(whole[0].name, whole[1], media) if whole else None, None, media
    if kind in ("text", "binary"):
        if whole is None:
            return None, None, media
        if kind == "text" and isinstance(whole[1], (bool, int, float)):
            return plain(*whole).encode(), None, media
        file = files.read(whole[0].name, whole[1])
        if media.endswith("/*"):  # of what may be any file, its own decides
            media = _media_type(whole[0], file.content_type or "application/octet-stream")
        return file.read(), None, media
    if whole and operation.positions and isinstance(whole[1], (list, tuple)):
        last = len(operation.positions) - 1
        pairs = [(operation.positions[min(number, last)], item) for number, item in enumerate(whole[1])]
    elif whole:
        mapping = mapping_of(whole[1])
        if mapping is None:
            raise ArgumentError(whole[0].name, "expected an object")
        pairs = [(Param(key, key, "field", explode=True), item) for key, item in mapping.items()]
    if kind == "form":
        pieces = (piece for param, value in pairs for piece in spelling.pieces(param, value))
        return "&".join(pieces).encode(), None, media
    parts = tuple(
        part for param, value in pairs for part in _parts(param, value, inside=bool(whole and operation.positions))
    )
    if is_form_data(media):
        return None, parts, media
    from .multipart import written

    content, media = written(parts, media)
    return content, None, media


def _json(name: str, value: Any, media: str) -> bytes:
    """A body of JSON; of a media type that holds items one after the other, a list as these (OpenAPI 3.2, 4.14.2)."""
    plain = media.partition(";")[0].strip().lower()
    sequence = plain != "application/json" and sequence_of(plain)
    if sequence and (isinstance(value, str) or files.is_file(value)):  # as it is to be sent
        return files.read(name, value).read()
    if not sequence or not isinstance(value, (list, tuple)):
        return json_text(name, value)
    before = b"\x1e" if sequence == "sequence" else b""  # RFC 7464, 2.2
    return b"".join(before + json_text(name, item) + b"\n" for item in value)


def _with_rest(operation: Operation, pairs: list[tuple[Param, Any]]) -> Iterator[tuple[Param, Any]]:
    """The fields, and those that an argument holds that stands for the rest of them. ArgumentError for one of both."""
    known = {param.wire for param in operation.params if param.location == "field" and not param.rest}
    for param, value in pairs:
        if not param.rest:
            yield param, value
            continue
        mapping = mapping_of(value)
        if mapping is None:
            raise ArgumentError(param.name, "expected an object")
        for key, item in mapping.items():
            if not isinstance(key, str):
                raise ArgumentError(param.name, f"{key!r} is not a valid name of a property")
            if key in known:
                raise ArgumentError(param.name, f"{key!r} is an argument of its own")
            yield Param(param.name, key, "field", explode=True, media=param.media, kind=param.kind, nullable=True), item


def _is_upload(value: Any) -> bool:
    """Whether a value is a file, or a list that holds one."""
    items = value if isinstance(value, list) else (value,)
    return any(files.is_file(item) for item in items)


def _is_file_text(param: Param, value: Any) -> bool:
    """Whether a text is the file that a part may be."""
    if not isinstance(value, str) or not param.file_texts:
        return False
    return param.file_texts == "all" or value.startswith("data:")


def _parts(param: Param, value: Any, inside: bool = False) -> Iterator[Part]:
    """One part, or one for each item of a list. inside: it is an item itself."""
    if param.style and not _is_upload(value):
        for name, text in spelling.parts(param, value):
            yield Part(name, None, text.encode(), None, param.headers)
    elif isinstance(value, (list, tuple)) and not inside and not files.is_file(value):
        for item in value:
            yield from _parts(param, item, inside=True)
    elif param.kind == "binary" or files.is_file(value) or _is_file_text(param, value):
        file = files.read(param.name, value)
        media = param.media if "*" not in param.media and "," not in param.media else ""
        content_type = file.content_type or media or "application/octet-stream"
        yield Part(param.wire, file.name or "file", file.content, _media_type(param, content_type), param.headers)
    else:
        mapping = mapping_of(value)
        data = inside and isinstance(value, (list, tuple)) or mapping is not None
        media = param.media and part_media(param.media, "application/json" if data else "text/plain")
        if mapping is not None and is_form(media):
            text = spelling.urlencoded(param, mapping)
            yield Part(param.wire, None, text.encode(), _media_type(param, media), param.headers)
        elif data or is_json(media):
            content = json_text(param.name, value)
            yield Part(param.wire, None, content, _media_type(param, media or "application/json"), param.headers)
        else:
            yield Part(param.wire, None, plain(param, value).encode(), _media_type(param, media) or None, param.headers)


def _media_type(param: Param, media_type: str) -> str:
    """The media type of a part. ArgumentError for one that would end its line and begin another header."""
    if not media_type.isascii() or (media_type and not media_type.isprintable()):
        raise ArgumentError(param.name, f"its media type {media_type[:80]!r} holds a character that no media type has")
    return media_type
