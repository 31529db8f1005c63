"""Nested values in forms and queries: `a[b]=1`, `a[]=1`, `a[0][b]=1`, as they are written by those who nest them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .schema import Schema, Schemas
from .texts import plain, typed

_DEEPEST = 32
_MOST = 5_000
"""Values of one request that are looked at."""


def steps(name: str) -> list[str]:
    """`a[b][]` as `a`, `b` and an empty step; a name without brackets, or with broken ones, is one step."""
    root, bracket, rest = name.partition("[")
    if not root or not bracket or not rest.endswith("]"):
        return [name]
    return [root, *rest[:-1].split("][")][:_DEEPEST]


def tree(pairs: Iterable[tuple[list[str], str]]) -> dict[str, Any]:
    """The texts as a tree of objects and lists, each under its steps."""
    whole: dict[str, Any] = {}
    for path, text in pairs:
        _put(whole, path, text)
    return whole


def _put(whole: dict[str, Any], path: list[str], text: str) -> None:
    node: Any = whole
    for at, step in enumerate(path[:-1]):
        inner: Any = [] if path[at + 1] == "" else {}
        if isinstance(node, list):
            # Of a list of objects, an object ends where one of its texts comes again.
            if not node or not isinstance(node[-1], type(inner)) or _is_there(node[-1], path[at + 1 :]):
                node.append(inner)
            node = node[-1]
        else:
            if not isinstance(node.get(step), (dict, list)):
                node[step] = inner
            node = node[step]
    last = path[-1]
    if isinstance(node, list):
        node.append(text)
    elif last in node and last:
        node[last] = [*(node[last] if isinstance(node[last], list) else [node[last]]), text]
    else:
        node[last] = text


def _is_there(node: Any, path: list[str]) -> bool:
    """Whether the steps already hold a text; a list may hold any number."""
    for step in path:
        if not isinstance(node, dict) or step not in node:
            return False
        node = node[step]
    return True


class Shaping:
    """The parts of the trees of one request as the types that their schemas ask for."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._left = _MOST

    def empties(self, schema: Schema, value: dict[str, Any]) -> dict[str, Any]:
        """What an object must have, and has, where it is empty: no form can write that."""
        known, result = self._schemas.properties(schema), {}
        for name in self._schemas.required(schema) - value.keys():
            empty: Any = {} if plain(known.get(name, {}), self._schemas).get("type") == "object" else []
            if name in known and self._schemas.valid(empty, known[name]):
                result[name] = empty
        return result

    def shaped(self, value: Any, schema: Schema) -> Any:
        """A part as its type; as it is where no type takes it."""
        self._left -= 1
        if self._left < 0:  # unions within unions would double at each level
            return value
        schema = plain(schema, self._schemas)
        if "anyOf" in schema:
            options = (self.shaped(value, member) for member in schema["anyOf"] if member.get("type") != "null")
            return next((each for each in options if self._schemas.valid(each, schema)), value)
        kind = schema.get("type")
        if kind == "array":
            if isinstance(value, dict) and value and all(name.isascii() and name.isdecimal() for name in value):
                value = [value[name] for name in sorted(value, key=lambda name: int(name[:9]))]
            items = value if isinstance(value, list) else [value]
            return [self.shaped(item, schema.get("items", {})) for item in items]
        if isinstance(value, dict):
            more = schema.get("additionalProperties")
            known = self._schemas.properties(schema)
            shaped_ = {
                name: self.shaped(item, known.get(name, more if isinstance(more, dict) else {}))
                for name, item in value.items()
            }
            return shaped_ | self.empties(schema, shaped_)
        if isinstance(value, list):
            return [self.shaped(item, {}) for item in value]
        return typed(value, schema, self._schemas) if isinstance(value, str) else value
