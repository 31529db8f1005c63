"""JSON Schemas that refer to definitions by `#/$defs/KEY`, and the same without references, for hosts that take none.

The generator and each package that it makes read by this file: it is laid into the package as it stands here.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

Schema = Mapping[str, Any]

_POINTER = "#/$defs/"
_OF_NAMES = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
_OF_MANY = ("oneOf", "anyOf", "allOf", "prefixItems")
_OF_ONE = (
    *("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"),
    *("unevaluatedItems", "unevaluatedProperties"),
)


def reference(key: str) -> dict[str, Any]:
    """The schema that refers to a definition."""
    return {"$ref": _POINTER + quote(key.replace("~", "~0").replace("/", "~1"), safe="~")}


def referred(schema: Schema) -> str:
    """The key of the definition that a schema refers to; empty where it refers to none."""
    pointer = schema.get("$ref")
    if not isinstance(pointer, str) or not pointer.startswith(_POINTER):
        return ""
    return unquote(pointer.removeprefix(_POINTER)).replace("~1", "/").replace("~0", "~")


def subschemas(schema: Any, pointer: str = "") -> Iterator[tuple[str, Schema]]:
    """The schema and all schemas in it; never what only looks like one (defaults, enums, property names)."""
    if not isinstance(schema, Mapping):
        return
    yield pointer, schema
    for steps, inner in _parts(schema):
        yield from subschemas(inner, f"{pointer}/{'/'.join(map(str, steps))}")


def _parts(schema: Schema) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The schemas in a schema, each with its keyword and its name or number there."""
    for keyword in _OF_NAMES:
        inner = schema.get(keyword)
        for name, part in inner.items() if isinstance(inner, Mapping) else ():
            yield (keyword, name), part
    for keyword in _OF_MANY:
        inner = schema.get(keyword)
        for index, part in enumerate(inner) if isinstance(inner, list) else ():
            yield (keyword, index), part
    for keyword in _OF_ONE:
        if keyword in schema:
            yield (keyword,), schema[keyword]


def mapped(schema: Schema, change: Callable[[Any], Any]) -> dict[str, Any]:
    """A copy of a schema, each of whose parts is changed."""
    made = dict(schema)
    for (keyword, *steps), inner in _parts(schema):
        if not steps:
            made[str(keyword)] = change(inner)
            continue
        if made[keyword] is schema[keyword]:
            made[keyword] = schema[keyword].copy()
        made[keyword][steps[0]] = change(inner)
    return made


def referred_by(schema: Any) -> tuple[str, ...]:
    """The keys of the definitions that a schema refers to anywhere in it."""
    return tuple(dict.fromkeys(filter(None, (referred(part) for _, part in subschemas(schema)))))


def closed(schema: Schema, definition: Callable[[str], Any], references: Callable[[str], Sequence[str]]) -> Schema:
    """The schema with the definitions that it needs, and no others.

    definition: that of a key, None where there is none; references: the keys that it refers to itself.
    """
    needed: dict[str, Any] = {}
    waiting = list(referred_by(schema))
    while waiting:
        key = waiting.pop()
        matches = None if key in needed else definition(key)
        if matches is not None:
            needed[key] = matches
            waiting += references(key)
    return {**schema, "$defs": dict(sorted(needed.items()))} if needed else schema


@dataclass(frozen=True)
class Standalone:
    """A schema without references."""

    schema: dict[str, Any]
    cut: tuple[str, ...] = ()
    """The definitions that had no room in it, or hold themselves: each stands there as any value of its type."""


@dataclass(frozen=True)
class _Stub:
    """A reference that may be filled in: its placeholder, its own keywords, its key, and the schema around it."""

    schema: dict[str, Any]
    own: Schema
    key: str
    within: frozenset[str]


def standalone(schema: Schema, definitions: Mapping[str, Any], room: int, note: str) -> Standalone:
    """The schema with its references replaced, the outermost first, in about so many bytes.

    note: the description of what there is no room for, which becomes any value of its type.
    """
    waiting: deque[_Stub] = deque()

    def copied(part: Any, within: frozenset[str]) -> Any:
        """A copy whose references are cut, each of which waits for its turn."""
        if not isinstance(part, Mapping):
            return part
        if (key := referred(part)) in definitions:
            own = {name: value for name, value in part.items() if name != "$ref"}
            stub = {**bare(definitions[key]), **own, "description": f"{own.get('description', '')} {note}".lstrip()}
            waiting.append(_Stub(stub, own, key, within))
            return stub
        return mapped(part, lambda inner: copied(inner, within))

    whole = copied(schema, frozenset())
    left = room - size(whole) if waiting else 0
    cut = []
    while waiting:
        each = waiting.popleft()
        cost, before = size(definitions[each.key]), len(waiting)
        if each.key in each.within or cost > left:
            cut.append(each.key)
            continue
        body = copied(definitions[each.key], each.within | {each.key})
        each.schema.clear()
        each.schema.update(body, **each.own)
        # A reference is about as long as what stands for it while it is cut.
        left -= cost + (len(waiting) - before) * len(note)
    return Standalone(whole, tuple(dict.fromkeys(cut)))


def bare(schema: Schema) -> dict[str, Any]:
    """What kind of value a schema is of, without its parts."""
    kind: dict[str, Any] = {"type": schema["type"]} if "type" in schema else {}
    return {**kind, "items": {}} if kind.get("type") == "array" else kind


def size(value: Any) -> int:
    """The bytes of a JSON value on the wire."""
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))
