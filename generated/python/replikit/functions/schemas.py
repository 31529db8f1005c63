"""JSON Schemas that refer to types by `#/$defs/KEY`: a type is written once, however many functions take or give it.

`schemas.json` and `types.json` have a member a line, and only the lines that are asked for are decoded.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote

Schema = Mapping[str, Any]

_POINTER = "#/$defs/"
_OF_NAMES = ("properties", "patternProperties", "dependentSchemas")
_OF_MANY = ("oneOf", "anyOf", "allOf", "prefixItems")
_OF_ONE = (
    *("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"),
    *("unevaluatedItems", "unevaluatedProperties"),
)


class _Lines:
    """A JSON object of a file that has one member a line; each is decoded when it is asked for first."""

    def __init__(self, file: str) -> None:
        # importlib.resources would cost a tenth of what --help takes.
        with open(os.path.join(os.path.dirname(__file__), file), encoding="utf-8") as opened:
            text = opened.read()
        decoder = json.JSONDecoder()
        self._lines: dict[str, tuple[str, int]] = {}
        self._decoded: dict[str, Any] = {}
        for line in text.split("\n")[1:-1]:
            if line.startswith('"'):
                key, end = decoder.raw_decode(line)
                self._lines[key] = line, end

    def get(self, key: str) -> Any:
        """The member of this name; None where there is none."""
        if key not in self._decoded and key in self._lines:
            line, end = self._lines[key]
            self._decoded[key] = json.loads(line[end + 1 :].rstrip(","))
        return self._decoded.get(key)


@cache
def _file(name: str) -> _Lines:
    return _Lines(name)


def of(function: str) -> Mapping[str, Any]:
    """What a function takes and gives, and its examples."""
    found: Mapping[str, Any] = _file("schemas.json").get(function)
    return found


def closed(schema: Schema) -> Schema:
    """A schema of a function with the types that it needs, and no others, as its `$defs`."""
    needed: dict[str, Any] = {}
    waiting = [*_references(schema)]
    while waiting:
        name = waiting.pop()
        type_ = None if name in needed else _file("types.json").get(name)
        if type_ is not None:
            needed[name] = type_
            waiting += _references_of(name)
    return {**schema, "$defs": dict(sorted(needed.items()))} if needed else schema


@cache
def _references_of(type_: str) -> tuple[str, ...]:
    """What a type refers to; read once, as many schemas need the same types."""
    return tuple(dict.fromkeys(_references(_file("types.json").get(type_))))


def key(schema: Schema) -> str:
    """Which of the `$defs` a schema refers to; empty where it refers to none."""
    pointer = schema.get("$ref")
    if not isinstance(pointer, str) or not pointer.startswith(_POINTER):
        return ""
    return unquote(pointer.removeprefix(_POINTER)).replace("~1", "/").replace("~0", "~")


def resolved(schema: Any, root: Any) -> Schema:
    """What a part of a schema refers to, in one step or several, else the part; an empty schema for what is none."""
    types = root.get("$defs") if isinstance(root, Mapping) else None
    for _ in range(len(types) + 1 if isinstance(types, Mapping) else 1):
        name = key(schema) if isinstance(schema, Mapping) else ""
        if not name:
            break
        schema = types.get(name) if isinstance(types, Mapping) else None
    return schema if isinstance(schema, Mapping) else {}


def _parts(schema: Schema) -> Iterator[tuple[str, str | int | None, Any]]:
    """The schemas in a schema: the keyword of each, its name or number there, and what it is."""
    for keyword in _OF_NAMES:
        inner = schema.get(keyword)
        for name, part in inner.items() if isinstance(inner, Mapping) else ():
            yield keyword, name, part
    for keyword in _OF_MANY:
        inner = schema.get(keyword)
        for index, part in enumerate(inner) if isinstance(inner, list) else ():
            yield keyword, index, part
    for keyword in _OF_ONE:
        if isinstance(schema.get(keyword), Mapping):
            yield keyword, None, schema[keyword]


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        if name := key(schema):
            yield name
        for _, _, part in _parts(schema):
            yield from _references(part)


@dataclass(frozen=True)
class _Stub:
    """A reference that may be filled in: what stands for it, what it says itself, its key, and what it stands in."""

    schema: dict[str, Any]
    own: Schema
    key: str
    within: frozenset[str]


def standalone(schema: Schema, room: int, note: str) -> dict[str, Any]:
    """The schema with what it refers to in place, the outermost first, in about so many bytes; without `$defs`.

    note: the description of what there is no room for, which becomes any value of its type.
    """
    types: Mapping[str, Any] = schema.get("$defs") or {}
    waiting: deque[_Stub] = deque()

    def copied(part: Any, within: frozenset[str]) -> Any:
        if not isinstance(part, Mapping):
            return part
        if (name := key(part)) in types:
            own = {k: v for k, v in part.items() if k != "$ref"}
            stub = {**_kind(types[name]), **own, "description": f"{own.get('description', '')} {note}".lstrip()}
            waiting.append(_Stub(stub, own, name, within))
            return stub
        made = dict(part)
        for keyword, place, inner in _parts(part):
            if place is None:
                made[keyword] = copied(inner, within)
                continue
            if made[keyword] is part[keyword]:
                made[keyword] = part[keyword].copy()
            made[keyword][place] = copied(inner, within)
        return made

    whole: dict[str, Any] = copied({k: v for k, v in schema.items() if k != "$defs"}, frozenset())
    left = room - _size(whole) if waiting else 0
    while waiting:
        each = waiting.popleft()
        cost, before = _size(types[each.key]), len(waiting)
        if each.key in each.within or cost > left:
            continue
        body = copied(types[each.key], each.within | {each.key})
        each.schema.clear()
        each.schema.update(body, **each.own)
        # A reference is about as long as what stands for it while it is cut.
        left -= cost + (len(waiting) - before) * len(note)
    return whole


def _kind(type_: Schema) -> dict[str, Any]:
    """What a type is, without its parts."""
    kind = {"type": type_["type"]} if "type" in type_ else {}
    return {**kind, "items": {}} if kind.get("type") == "array" else kind


def _size(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))
