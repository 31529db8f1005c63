"""The tools of added functions: built on demand, each within a size limit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..functions import FunctionInfo
from ..functions.derived import WORDS, taken_options, word

MOST = 1_500
"""Bytes of a tool."""
_SHORTEST, _SHORTER = 40, 100
_SUMMARY = 160
_UNSAID = ("title", "x-order", "default", "x-cog-array-type", "x-cog-array-display", "writeOnly", "deprecated")


def own(info: FunctionInfo) -> tuple[str, ...]:
    """The server's own arguments that its tool has."""
    names = ("dry_run", "images") if info.files_out else ("dry_run",)
    return (*names, called) if (called := word(info)) else names


def option_schema(info: FunctionInfo) -> dict[str, Any]:
    """Description of the options of a call."""
    return {"type": "object", "description": ", ".join(taken_options(info))}


def tool(info: FunctionInfo) -> dict[str, Any]:
    """The tool of a function. Parts of the schema that do not fit are left out, but are still checked."""
    for schema in _schemas(info):
        tool_ = _tool(info, schema)
        if len(json.dumps(tool_, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")) <= MOST:
            return tool_
    return _tool(info, {"type": "object", "description": f"describe {info.name} says what it takes"})


def _tool(info: FunctionInfo, schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = dict(schema.get("properties", {}))
    properties |= {
        name: option_schema(info) if name in WORDS else {"type": "boolean"}
        for name in own(info)
        if name not in info.arguments
    }
    return {
        "name": info.name,
        "description": info.summary[:_SUMMARY],
        "inputSchema": {**schema, "properties": properties},
        "annotations": {
            "title": info.title[:60],
            "readOnlyHint": False,
            "destructiveHint": "destructive" in info.classes,
            "idempotentHint": info.idempotent,
            "openWorldHint": True,
        },
    }


def _schemas(info: FunctionInfo) -> Iterator[dict[str, Any]]:
    """The schema of its arguments, ever shorter: with all that applies to them, at last with those alone that are needed."""
    whole: dict[str, Any] = {key: value for key, value in info.input_schema.items() if key != "properties"}
    properties = info.input_schema.get("properties", {})
    required = set(whole.get("required", ()))
    for text in (None, _SHORTER, _SHORTEST, 0):
        yield {**whole, "properties": {name: _brief(part, text) for name, part in properties.items()}}
    note = f"More arguments: describe {info.name}"
    open_ended = {**whole, "description": note, "additionalProperties": True}
    kept = {name: _brief(part, _SHORTEST) for name, part in properties.items() if name in required}
    optional = [name for name in properties if name not in required]
    for count in range(len(optional), -1, -2):
        more = {name: _bare(properties[name]) for name in optional[:count]}
        yield {**open_ended, "properties": {**kept, **more}}
    yield {**open_ended, "properties": {name: _bare(part) for name, part in properties.items() if name in required}}


def _brief(schema: Any, text: int | None) -> Any:
    """A part of the schema without what a model does not need, and its descriptions cut to so many characters."""
    if not isinstance(schema, Mapping):
        return schema
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _UNSAID:
            continue
        if key == "description":
            if text != 0:
                made[key] = _cut(str(value), text)
        elif key == "properties":
            made[key] = {name: _brief(part, text) for name, part in value.items()}
        elif key in ("anyOf", "oneOf", "allOf"):
            made[key] = [_brief(part, text) for part in value]
        else:
            made[key] = _brief(value, text) if key in ("items", "additionalProperties") else value
    return made


def _cut(text: str, most: int | None) -> str:
    return text if most is None or len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _bare(schema: Any) -> Any:
    """The type of a part alone."""
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    return {"type": kind} if kind else {}
