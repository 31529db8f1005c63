"""JSON Schemas that refer to types by `#/$defs/KEY`: a type is written once, however many functions take or give it.

`schemas.json` and `types.json` have a member a line, and only the lines that are asked for are decoded.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from . import subschemas
from .subschemas import Schema


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
    schemas: Mapping[str, Any] = _file("schemas.json").get(function)
    return schemas


def closed(schema: Schema) -> Schema:
    """A schema of a function with the types that it needs, and no others, as its `$defs`."""
    return subschemas.closed(schema, _file("types.json").get, _references_of)


@cache
def _references_of(type_: str) -> tuple[str, ...]:
    """What a type refers to; read once, as many schemas need the same types."""
    return subschemas.referred_by(_file("types.json").get(type_))


def resolved(schema: Any, root: Any) -> Schema:
    """What a part of a schema refers to, in one step or several, else the part; an empty schema for what is none."""
    types = root.get("$defs") if isinstance(root, Mapping) else None
    for _ in range(len(types) + 1 if isinstance(types, Mapping) else 1):
        name = subschemas.referred(schema) if isinstance(schema, Mapping) else ""
        if not name:
            break
        schema = types.get(name) if isinstance(types, Mapping) else None
    return schema if isinstance(schema, Mapping) else {}


def standalone(schema: Schema, room: int, note: str) -> dict[str, Any]:
    """The schema with its references replaced, the outermost first, in about so many bytes; without `$defs`.

    note: the description of what there is no room for, which becomes any value of its type.
    """
    plain = {name: value for name, value in schema.items() if name != "$defs"}
    return subschemas.standalone(plain, schema.get("$defs") or {}, room, note).schema
