"""From a request on the wire to arguments that were checked."""

from __future__ import annotations

import contextlib
import email.message
import email.parser
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl

from .problems import Problem
from .routes import Route
from .schema import Schema, Schemas

DEEPEST = 100
"""Levels of a JSON value; what is nested more deeply is answered with 400."""

_ERRORS = 20
"""Things wrong with one argument that an answer names."""
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}


@dataclass(frozen=True)
class Upload:
    """A file of a multipart body, or a binary body."""

    content: bytes
    filename: str
    media_type: str


@dataclass
class Request:
    """A request as it came."""

    method: str
    path: str
    query: str
    headers: email.message.Message
    body: bytes
    arguments: dict[str, Any] = field(default_factory=dict)
    """By name; the properties of an object body stand beside the parameters."""
    uploads: dict[str, Upload] = field(default_factory=dict)

    def pairs(self) -> list[tuple[str, str]]:
        """The query, decoded."""
        return parse_qsl(self.query, keep_blank_values=True)


def read(request: Request, route: Route, path: Mapping[str, str], schemas: Schemas) -> None:
    """Fill in the arguments of a request, or raise the Problem that its caller should see."""
    wrong: list[dict[str, Any]] = []
    for param in route["params"]:
        value = _raw(request, param, path, schemas)
        if value is None:
            if param["required"]:
                wrong.append(
                    {"type": "missing", "field": f"{param['in']}.{param['wire']}", "description": "is required"}
                )
            continue
        request.arguments[param["name"]] = value
        if param["encoding"] != "wait":
            wrong += _errors(schemas, value, param["schema"], f"{param['in']}.{param['wire']}")
    if route["body"] is not None:
        wrong += _read_body(request, route["body"], schemas)
    if wrong:
        told = "; ".join(f"{error['field']} {error['description']}" for error in wrong)
        raise Problem(422, f"The request is not valid: {told}.", fields=wrong)


def _errors(schemas: Schemas, value: Any, schema: Schema, where: str) -> list[dict[str, Any]]:
    found = islice(schemas.errors(value, schema, where), _ERRORS)
    return [{"type": "invalid", "field": place, "description": what} for place, what in found]


def _raw(request: Request, param: Mapping[str, Any], path: Mapping[str, str], schemas: Schemas) -> Any:
    wire = param["wire"]
    given: list[str]
    if param["in"] == "path":
        given = [path[wire]] if wire in path else []
    elif param["in"] == "header":
        given = [str(value) for value in request.headers.get_all(wire, [])]
    elif param["in"] == "cookie":
        cookies = SimpleCookie(request.headers.get("Cookie", ""))
        given = [cookies[wire].value] if wire in cookies else []
    else:
        given = [value for name, value in request.pairs() if name == wire]
    if param["media"].endswith("json"):
        return _json(given[0], f"{param['in']}.{wire}") if given else None
    schema = _plain(param["schema"], schemas)
    if schema.get("type") == "object":
        return _object(request, param, given, schema, schemas)
    if not given:
        return None
    if schema.get("type") == "array":
        if len(given) == 1 and not (param["in"] == "query" and param["explode"]):
            given = given[0].split(_SEPARATORS.get(param["style"], ","))
        return [_typed(text, schema.get("items", {}), schemas) for text in given]
    return _typed(given[-1], schema, schemas)


def _object(
    request: Request, param: Mapping[str, Any], given: list[str], schema: Schema, schemas: Schemas
) -> dict[str, Any] | None:
    wire = param["wire"]
    properties = schemas.properties(schema)
    if param["style"] == "deepObject":
        named = [(key, value) for name, value in request.pairs() if (key := _key(name, wire)) is not None]
    elif param["in"] == "query" and param["explode"]:
        named = [(name, value) for name, value in request.pairs() if name in properties]
    elif given:
        flat = given[0].split(",")
        if param["explode"]:
            named = [(name, value) for name, _, value in (piece.partition("=") for piece in flat)]
        else:
            named = list(zip(flat[::2], flat[1::2]))
    else:
        named = []
    return {name: _typed(value, properties.get(name, {}), schemas) for name, value in named} or None


def _key(name: str, wire: str) -> str | None:
    """`key` of `wire[key]`."""
    inner = name.removeprefix(f"{wire}[").removesuffix("]")
    return inner if name == f"{wire}[{inner}]" and "]" not in inner else None


def _plain(schema: Schema, schemas: Schemas) -> Schema:
    """The schema without its reference and without null."""
    schema = schemas.resolve(schema)
    members = [member for member in schema.get("anyOf", ()) if member.get("type") != "null"]
    return _plain(members[0], schemas) if len(members) == 1 else schema


def _typed(text: str, schema: Schema, schemas: Schemas) -> Any:
    """A text of the wire as the type that its schema asks for; itself where it is none of that type."""
    kind = _plain(schema, schemas).get("type")
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "integer" and re.fullmatch(r"[+-]?\d{1,300}", text):
        return int(text)
    if kind == "number":
        with contextlib.suppress(ValueError):
            number = float(text)
            return number if math.isfinite(number) else text
    return text


def _json(text: str | bytes, where: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_no_number)
    except ValueError as error:
        raise Problem(400, f"{where} is not JSON: {error}.") from None
    except RecursionError:
        raise Problem(400, f"{where} is nested too deeply.") from None
    level = [value]
    # What is kept is walked over and over, by functions that call themselves.
    for _ in range(DEEPEST):
        level = [inner for outer in level if isinstance(outer, (dict, list)) for inner in _inside(outer)]
    if level:
        raise Problem(400, f"{where} is nested too deeply: more than {DEEPEST} levels.")
    return value


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _inside(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _read_body(request: Request, body: Mapping[str, Any], schemas: Schemas) -> list[dict[str, Any]]:
    media = request.headers.get_content_type() if "Content-Type" in request.headers else ""
    if not request.body and not media:
        # A body that is an object with required properties is required, whether or not the document says so.
        needed = sorted(schemas.required(body["schema"]))
        if body["required"] or needed:
            fields = [{"type": "missing", "field": name, "description": "is required"} for name in needed]
            return fields or [{"type": "missing", "field": "body", "description": "is required"}]
        return []
    if media and not any(_accepts(offered, media) for offered in body["media"]):
        raise Problem(415, f"The body must be {' or '.join(body['media'])}, not {media}.")
    value = _decode(request, body, schemas)
    if isinstance(value, dict):
        request.arguments.update({name: item for name, item in value.items()})
    else:
        request.arguments["body"] = value
    if body["kind"] == "binary":
        return []
    # What stands in an upload is bytes; the schema can only say that it must be there.
    return _errors(schemas, value, body["schema"], "")


def _accepts(offered: str, media: str) -> bool:
    offered = offered.split(";")[0].strip().lower()
    return offered in (media, "*/*") or (offered.endswith("/*") and media.startswith(offered[:-1]))


def _decode(request: Request, body: Mapping[str, Any], schemas: Schemas) -> Any:
    media = request.headers.get_content_type()
    if body["kind"] == "multipart":
        return _multipart(request, body, schemas)
    if body["kind"] == "form":
        return _form(parse_qsl(_text(request.body), keep_blank_values=True), body, schemas)
    if body["kind"] == "binary":
        request.uploads["body"] = Upload(request.body, "", media)
        return ""
    if body["kind"] == "text":
        return _text(request.body)
    return _json(request.body, "The body")


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(400, "The body is not UTF-8.") from None


def _form(pairs: Sequence[tuple[str, str]], body: Mapping[str, Any], schemas: Schemas) -> dict[str, Any]:
    properties = schemas.properties(body["schema"])
    value: dict[str, Any] = {}
    for name, text in pairs:
        schema = _plain(properties.get(name, {}), schemas)
        if schema.get("type") == "array":
            value.setdefault(name, []).append(_typed(text, schema.get("items", {}), schemas))
        elif schema.get("type") == "object":
            value[name] = _json(text, name)
        else:
            value[name] = _typed(text, schema, schemas)
    return value


def _multipart(request: Request, body: Mapping[str, Any], schemas: Schemas) -> dict[str, Any]:
    properties = schemas.properties(body["schema"])
    value: dict[str, Any] = {}
    for headers, content in _parts(request):
        name = headers.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise Problem(400, "A part of the body has no name.")
        schema = _plain(properties.get(name, {}), schemas)
        item: Any
        if schema.get("format") == "binary" or (name not in properties and headers.get_filename() is not None):
            request.uploads[name] = Upload(content, headers.get_filename() or "", headers.get_content_type())
            item = ""
        elif schema.get("type") == "object" or headers.get_content_type() == "application/json":
            item = _json(content, name)
        else:
            item = _typed(_text(content), schema.get("items", schema), schemas)
        if schema.get("type") == "array":
            value.setdefault(name, []).append(item)
        else:
            value[name] = item
    return value


def _parts(request: Request) -> Iterator[tuple[email.message.Message, bytes]]:
    """Headers and content of each part. By hand: email's own parser takes a file for text and looks into it."""
    boundary = request.headers.get_param("boundary")
    if not isinstance(boundary, str):
        raise Problem(400, "The content type of the body has no boundary.")
    mark = b"\r\n--" + boundary.encode("latin-1", "replace")
    pieces = (b"\r\n" + request.body).split(mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise Problem(400, "The body does not end with its boundary.")
    for piece in pieces[1:-1]:
        head, _, content = piece.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
        yield email.parser.HeaderParser().parsestr(head.decode("utf-8", "replace") + "\n\n"), content
