"""What a request says in its path, its query, its headers and its cookies: OpenAPI's styles, read back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from email.message import Message
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote, unquote, unquote_plus

from ..runtime.styles import BETWEEN, FIRST, FORM, is_json
from . import brackets
from .schema import Schema, Schemas
from .texts import json_value, plain, typed

_DEEPEST = 32
Pairs = list[tuple[str, str]]


class Asked(Protocol):
    """The parts of a request that hold parameters."""

    query: str
    headers: Message


_FORMS = 4
"""Deepest nesting of unions whose members are tried."""


def value(
    request: Asked, param: Mapping[str, Any], path: Mapping[str, str], schemas: Schemas, forms: int = _FORMS
) -> Any:
    """The value of a parameter; None where it is not there. path: what stands in the places of the path, as it came.

    forms: unions within one another whose members are tried still.
    """
    where, wire = f"{param['in']}.{param['wire']}", param["wire"]
    schema = plain(param["schema"], schemas)
    if param["style"] == "querystring":
        return _whole(request.query, param, schema, schemas) if request.query else None
    if "anyOf" in schema and forms and not param["media"] and param["style"] != "deepObject":
        # Several pairs of one name are a list; one that may be a text is that.
        several = len(request.query.split(f"{quote(wire)}=")) > 2
        for member in sorted(schema["anyOf"], key=lambda each: _rank(plain(each, schemas), several)):
            chosen = value(request, {**param, "schema": member}, path, schemas, forms - 1)
            if chosen is not None and schemas.valid(chosen, schema):
                return chosen
    unescaped: Callable[[str], str] = unquote
    if param["in"] == "query":
        # A plus is a blank in a form; where reserved characters may stand, it is one of these.
        unescaped = unquote if param.get("reserved") else unquote_plus
        pairs = _pairs(request.query, "&")
    elif param["in"] == "cookie":
        pairs = [pair for line in request.headers.get_all("Cookie", []) for pair in _pairs(line, ";")]
        unescaped = str if param["style"] == "cookie" else unquote
    elif param["in"] == "header":
        lines = [str(line) for line in request.headers.get_all(wire, [])]
        # RFC 9110: several lines are one, with commas between them.
        pairs, unescaped = [(wire, ", ".join(lines))] if lines else [], str
    else:
        pairs = list(_of_path(param, path[wire], schema.get("type"))) if wire in path else []
    if param["style"] == "deepObject":
        return _deep(pairs, param, schema, schemas)
    mine = [text for name, text in pairs if unescaped(name) == wire]
    if param["media"]:
        if not mine:
            return None
        text = unescaped(mine[0])
        return json_value(text, where) if is_json(param["media"]) else typed(text, schema, schemas)
    if schema.get("type") == "object":
        return _object(pairs, mine, param, schema, schemas, unescaped)
    if not mine:
        return None
    if schema.get("type") == "array":
        items = mine if param["explode"] and param["in"] in ("query", "cookie", "path") else members(mine[-1], param)
        return [typed(unescaped(text), schema.get("items", {}), schemas) for text in items]
    return typed(unescaped(mine[-1]), schema, schemas)


def _rank(schema: Schema, several: bool) -> int:
    """Which of the members of a union a parameter is read as first."""
    order = ["string", "boolean", "integer", "number", "object", "array"]
    kind = schema.get("type")
    return -1 if several and kind == "array" else order.index(kind) if kind in order else len(order)


def _pairs(text: str, joint: str) -> Pairs:
    pieces = (piece.strip().partition("=") for piece in text.split(joint) if piece.strip())
    return [(name, value) for name, _, value in pieces]


def _of_path(param: Mapping[str, Any], text: str, kind: Any) -> Iterator[tuple[str, str]]:
    """The values of the path, as pairs; a value without a name has the parameter's own."""
    first = FIRST.get(param["style"], "")
    if not text.startswith(first):
        return
    whole = text[len(first) :]
    exploded = param["explode"] and kind in ("array", "object")
    for piece in whole.split(first or ",") if exploded else [whole]:
        name, _, rest = piece.partition("=")
        if param["style"] == "matrix" or (exploded and kind == "object"):
            yield name, rest
        else:
            yield param["wire"], piece


def members(text: str, param: Mapping[str, Any]) -> list[str]:
    """The members of one piece, still escaped."""
    between = BETWEEN.get(param.get("style", ""), ",")
    if between != "," and between not in text:  # as people write it, unescaped
        return text.replace("+", " ").split(unquote(between))
    items = text.split(between)
    return [member.strip() for member in items] if param.get("in") == "header" else items


def _object(
    values: Pairs,
    mine: list[str],
    param: Mapping[str, Any],
    schema: Schema,
    schemas: Schemas,
    unescaped: Callable[[str], str],
) -> dict[str, Any] | None:
    properties = schemas.properties(schema)
    if param["explode"] and param["in"] == "header":
        named = [
            (name, value) for name, _, value in (each.partition("=") for text in mine for each in members(text, param))
        ]
    elif param["explode"]:
        free = param["in"] == "path" or schema.get("additionalProperties", True) is not False
        named = [(name, value) for name, value in values if free or unescaped(name) in properties]
    elif mine:
        flat = members(mine[-1], param)
        named = list(zip(flat[::2], flat[1::2]))
    else:
        named = []
    pairs = ((unescaped(name), unescaped(value)) for name, value in named)
    return {name: typed(value, _member(schema, name, schemas), schemas) for name, value in pairs} or None


def _member(schema: Schema, name: str, schemas: Schemas) -> Schema:
    """The schema of a member of an object, whether or not it is known by name."""
    more = schema.get("additionalProperties")
    return plain(schemas.properties(schema).get(name, more if isinstance(more, dict) else {}), schemas)


def _deep(values: Pairs, param: Mapping[str, Any], schema: Schema, schemas: Schemas) -> Any:
    """`wire[key]=value`, with one key per level; a list may come without brackets."""
    wire = param["wire"]
    named = ((unquote_plus(name), unquote_plus(text)) for name, text in values)
    pairs = [([wire, *_keys(name, wire)], text) for name, text in named if name == wire or name.startswith(f"{wire}[")]
    whole = brackets.tree(pairs).get(wire)
    return None if whole is None else brackets.Shaping(schemas).shaped(whole, schema)


def _keys(name: str, wire: str) -> list[str]:
    if not name.startswith(f"{wire}[") or not name.endswith("]"):
        return []
    return name[len(wire) + 1 : -1].split("][")[:_DEEPEST]


def _whole(query: str, param: Mapping[str, Any], schema: Schema, schemas: Schemas) -> Any:
    """A query that is one value."""
    media = param["media"]
    if media.partition(";")[0].strip().lower() == FORM:
        return {name: typed(text, _member(schema, name, schemas), schemas) for name, text in parse_qsl(query, True)}
    return json_value(unquote(query), "the query") if is_json(media) else unquote(query)
