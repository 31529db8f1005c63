"""From a request on the wire to arguments that were checked."""

from __future__ import annotations

import email.message
import email.parser
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl

from ..runtime.mediatypes import sequence_of
from ..runtime.styles import FORM, is_json
from . import brackets, parameters, xmlbodies
from .overrides import USUAL, Override
from .problems import Problem
from .routes import Route
from .schema import Schema, Schemas
from .texts import json_value, plain, typed

_FORMS = {"multipart/form-data": "multipart", FORM: "form"}
_SHAPED = ("type", "anyOf", "properties", "enum")
"""Keywords without any of which a part may be anything: a file too."""
_ERRORS = 20
"""Things wrong with one argument that an answer names."""


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
    """By name; the properties of an object body are beside the parameters."""
    uploads: dict[str, Upload] = field(default_factory=dict)
    function: str = ""
    """The function that it calls, once that is known."""
    override: Override = USUAL
    """The answer that it, or a scenario, selects in place of the usual one."""

    def pairs(self) -> list[tuple[str, str]]:
        """The query, decoded."""
        return parse_qsl(self.query, keep_blank_values=True)


def read(request: Request, route: Route, path: Mapping[str, str], schemas: Schemas) -> None:
    """Fill in the arguments of a request, or raise the Problem that its caller should see.

    path: what stands in the places of the path's parameters, as it came.
    """
    wrong: list[dict[str, Any]] = []
    for param in route["params"]:
        value = parameters.value(request, param, path, schemas)
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
        message = "; ".join(f"{error['field']} {error['description']}" for error in wrong)
        raise Problem(422, f"The request is not valid: {message}.", fields=wrong)


def _errors(schemas: Schemas, value: Any, schema: Schema, where: str) -> list[dict[str, Any]]:
    errors = islice(schemas.errors(value, schema, where), _ERRORS)
    return [{"type": "invalid", "field": place, "description": what} for place, what in errors]


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
    body = _sent_as(media, body)
    value, strays = _xml(request, body, schemas) if xmlbodies.is_xml(media) else (_decode(request, body, schemas), [])
    if isinstance(value, dict):
        request.arguments.update({name: item for name, item in value.items()})
    else:
        request.arguments["body"] = value
    if body["kind"] == "binary" or (
        isinstance(value, str) and not xmlbodies.is_xml(media) and not _is_text(body, schemas)
    ):
        return []
    # What stands in an upload is bytes; the schema can only say that it must be there.
    wrong = [{"type": "invalid", "field": place, "description": what} for place, what in strays[:_ERRORS]]
    return wrong + _errors(schemas, value, body["schema"], "")


def _sent_as(media: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body as it came, where a form is offered beside JSON."""
    if body["kind"] != "json" or media not in _FORMS:
        return body
    if media == "multipart/form-data" and "form" in body:
        return {**body, "kind": "multipart", "schema": body["form"]}
    return {**body, "kind": _FORMS[media]}


def _xml(request: Request, body: Mapping[str, Any], schemas: Schemas) -> tuple[Any, list[tuple[str, str]]]:
    """The value that a document stands for, and what is wrong with it beside its schema: one of which the schema says
    nothing, or that it is a text, is that."""
    meant = plain(body["schema"], schemas)
    charset = request.headers.get_content_charset()
    if "anyOf" not in meant and meant.get("type", "string") == "string":
        xmlbodies.parsed(request.body, charset)
        return request.body.decode(charset or "utf-8", "replace"), []
    return xmlbodies.read(request.body, charset, body["schema"], schemas)


def _is_text(body: Mapping[str, Any], schemas: Schemas) -> bool:
    """Whether the schema is about the body as it came: that of XML is about what the text says."""
    return body["kind"] != "text" or plain(body["schema"], schemas).get("type") == "string"


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
        text = _text(request.body)
        return typed(text, body["schema"], schemas) if media == "text/plain" else text
    sequence = sequence_of(media)
    if sequence and sequence != "events":
        return [
            json_value(line, "An item of the body") for line in re.split(rb"[\n\x1e]+", request.body) if line.strip()
        ]
    return json_value(request.body, "The body")


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(400, "The body is not UTF-8.") from None


def _form(pairs: Sequence[tuple[str, str]], body: Mapping[str, Any], schemas: Schemas) -> dict[str, Any]:
    """The fields of a form: nested ones by their brackets, the members of an object that stand by themselves put together."""
    schema = schemas.resolve(body["schema"])
    properties = schemas.properties(schema)
    more = schema.get("additionalProperties")
    shaping = brackets.Shaping(schemas)
    tree = brackets.tree(([name] if name in properties else brackets.steps(name), text) for name, text in pairs)
    value: dict[str, Any] = {}
    for name, item in tree.items():
        part = body["parts"].get(name, {})
        inner = properties.get(name, more if isinstance(more, dict) else {})
        kind = plain(inner, schemas).get("type")
        media = part.get("media", "")
        if isinstance(item, str) and is_json(media) and "," not in media:
            item = json_value(item, name)
        elif isinstance(item, str) and kind == "array" and part.get("explode") is False:
            item = parameters.members(item, part)
        elif isinstance(item, str) and kind == "object" and not item.startswith("{"):
            flat = parameters.members(item, part)
            item = dict(zip(flat[::2], flat[1::2]))
        value[name] = shaping.shaped(item, inner)
    for name in [name for name in value if name not in properties and more is False]:
        owner = next((known for known, inner in properties.items() if name in schemas.properties(inner)), None)
        if owner is not None and isinstance(value.setdefault(owner, {}), dict):
            inner = schemas.properties(properties[owner])[name]
            value[owner][name] = shaping.shaped(value.pop(name), inner)
    return value | shaping.empties(schema, value)


def _multipart(request: Request, body: Mapping[str, Any], schemas: Schemas) -> Any:
    whole = plain(body["schema"], schemas)
    if "positions" in body:
        return list(_items(list(_parts(request)), body["positions"], whole.get("items", {}), schemas))
    properties = schemas.properties(body["schema"])
    value: dict[str, Any] = {}
    written: list[tuple[str, str]] = []
    names = iter(body["parts"])
    for headers, content in _parts(request):
        name = headers.get_param("name", header="content-disposition")
        if not isinstance(name, str) and body.get("in_order"):
            name = next(names, None)
        if not isinstance(name, str):
            raise Problem(400, "A part of the body has no name.")
        if _styled(name, body, schemas):
            written.append((name, _text(content)))
            continue
        schema = plain(properties.get(name, {}), schemas)
        item: Any
        open_ = schema.get("type") == "string" or schema.keys().isdisjoint(_SHAPED) or _may_be_file(schema, schemas)
        if _binary(schema, schemas) or (open_ and headers.get_filename() is not None):
            request.uploads[name] = Upload(content, headers.get_filename() or "", headers.get_content_type())
            item = ""
        elif headers.get_content_type() == FORM:
            item = _urlencoded(content, schema.get("items", {}) if schema.get("type") == "array" else schema, schemas)
        elif schema.get("type") == "object" or is_json(headers.get_content_type()):
            item = json_value(content, name)
        else:
            item = typed(_text(content), schema.get("items", properties.get(name, {})), schemas)
        if schema.get("type") == "array":
            value.setdefault(name, []).append(item)
        elif name in value:  # several of one name are a list, whatever else it may be
            value[name] = [*(value[name] if isinstance(value[name], list) else [value[name]]), item]
        else:
            value[name] = item
    # Written as a query is, but that nothing is escaped there.
    return value | _form(written, body, schemas) if written else value


def _urlencoded(content: bytes, schema: Schema, schemas: Schemas) -> Any:
    """An object that is a form in a part."""
    pairs = parse_qsl(_text(content), keep_blank_values=True)
    return brackets.Shaping(schemas).shaped(brackets.tree(([name], text) for name, text in pairs), schema)


def _binary(schema: Schema, schemas: Schemas) -> bool:
    inner = plain(schema.get("items", {}), schemas) if schema.get("type") == "array" else schema
    return inner.get("format") == "binary"


def _may_be_file(schema: Schema, schemas: Schemas) -> bool:
    """Whether one of several is a file, or an item of the list may be one."""
    inner = plain(schema.get("items", {}), schemas) if schema.get("type") == "array" else schema
    return any(plain(each, schemas).get("format") == "binary" for each in inner.get("anyOf", ()))


def _styled(name: str, body: Mapping[str, Any], schemas: Schemas) -> bool:
    """Whether a part is of a property that is written in a style: under its name, or that of a member."""
    parts = body["parts"]
    root = name if name in parts else brackets.steps(name)[0]
    if root in parts:
        return "style" in parts[root]
    styled = (known for known, part in parts.items() if "style" in part)
    properties = schemas.properties(body["schema"])
    return any(name in schemas.properties(properties.get(known, {})) for known in styled)


def _items(
    parts: list[tuple[email.message.Message, bytes]], positions: list[dict[str, Any]], schema: Schema, schemas: Schemas
) -> Iterator[Any]:
    """The values of the parts of a list: a part is one, but where a style writes several for it."""
    many = plain(schema, schemas).get("type") == "array"
    place = 0
    while parts:
        position, following = positions[min(place, len(positions) - 1)], positions[place + 1 : place + 2]
        place += 1
        if "style" not in position:
            headers, content = parts.pop(0)
            yield _item(headers, content, schema, schemas)
            continue
        written: list[tuple[str, str]] = []
        while parts and (name := str(parts[0][0].get_param("name", header="content-disposition"))):
            known = name in (each for each, _ in written)
            # Of what comes last there may be any number: those of one name are told apart, members of an object are not.
            if written and (known != many or not position["explode"] or name in (each["wire"] for each in following)):
                break
            if known and not following:
                break
            written.append((name, _text(parts.pop(0)[1])))
        wire = position["wire"]
        whole = {"schema": {"type": "object", "properties": {wire: schema}, "additionalProperties": False}}
        yield _form(written, {**whole, "parts": {wire: position}}, schemas).get(wire)


def _item(headers: email.message.Message, content: bytes, schema: Schema, schemas: Schemas) -> Any:
    """The value of a part of a list."""
    if plain(schema, schemas).get("format") == "binary":
        return ""
    if headers.get_content_type() == FORM:
        return _urlencoded(content, schema, schemas)
    if is_json(headers.get_content_type()):
        return json_value(content, "a part")
    return typed(_text(content), schema, schemas)


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
