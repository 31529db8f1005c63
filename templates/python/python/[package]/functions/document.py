"""The functions described for readers, people and models alike: a line each, a page each, and how a result looks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from .. import about
from .derived import taken_options
from .info import FunctionInfo
from .parts import bounded
from .schemas import resolved

ROOM = 4_000
"""Bytes of the schema of arguments that is shown to a model."""
_RESULT = 2_500
"""Characters of the outline of a result."""
_SUMMARY, _LINE = 1_000, 300
"""Characters of a summary, and of a function on one line."""


def short(info: FunctionInfo) -> str:
    """The name without the API's prefix, which works as well."""
    plain = info.name.removeprefix(f"{about.NAME}_")
    return plain if plain in info.aliases else info.name


def line(info: FunctionInfo) -> str:
    """A function on one line: its name, its classes other than read, its summary."""
    classes = ", ".join(kind for kind in info.classes if kind != "read")
    text = f"{short(info)}{f' [{classes}]' if classes else ''}: {info.summary or info.title}"
    return text if len(text) <= _LINE else f"{text[:_LINE]}…"


def index(infos: Iterable[FunctionInfo]) -> str:
    """All functions, a line each."""
    return "\n".join(map(line, infos))


def overview(infos: Iterable[FunctionInfo]) -> str:
    """All functions by group, in the format of `llms.txt`."""
    parts = [f"# {about.TITLE}", f"> {about.SUMMARY}"]
    in_order = sorted(infos, key=lambda info: (info.group, info.name))
    for group, members in groupby(in_order, key=lambda info: info.group):
        parts.append(f"## {group or about.NAME}\n\n" + "\n".join(f"- {line(info)}" for info in members))
    return "\n\n".join(parts) + "\n"


def catalog(infos: Iterable[FunctionInfo]) -> dict[str, Any]:
    """Everything about all functions; each type that their schemas refer to is there once."""
    types: dict[str, Any] = {}
    rows = []
    for info in infos:
        row = info.to_dict()
        for part in ("input_schema", "output_schema"):
            types |= row[part].get("$defs", {})
            row[part] = {key: value for key, value in row[part].items() if key != "$defs"}
        rows.append(row)
    return {"functions": rows, "$defs": dict(sorted(types.items()))} if types else {"functions": rows}


def page(info: FunctionInfo) -> str:
    """One function as a page of Markdown: what it does, takes and gives, and a call."""
    parts = [f"# {info.name}", info.summary, info.description]
    parts.append(f"Classes: {', '.join(info.classes)}. Also called: {', '.join(f'`{name}`' for name in info.aliases)}.")
    parts.append("## Arguments\n\n" + ("\n".join(_arguments(info.input_schema)) or "None."))
    if info.derived is not None and (names := taken_options(info)):
        parts.append(
            "## Options\n\nBeside the arguments, an object of: " + ", ".join(f"`{name}`" for name in names) + "."
        )
    parts.append(f"## Result\n\n```\n{outline(info.output_schema)}\n```")
    for example in info.examples[:2]:
        parts.append(f"## Example: {example['title']}\n\n```json\n{json.dumps(example['arguments'], indent=2)}\n```")
    return "\n\n".join(part for part in parts if part) + "\n"


def brief(info: FunctionInfo) -> dict[str, Any]:
    """What a model needs to call a function: schema of the arguments, outline of the result, an example."""
    entry: dict[str, Any] = {
        "function": info.name,
        "summary": (info.summary or info.title)[:_SUMMARY],
        "classes": list(info.classes),
        "arguments": {key: value for key, value in _shown(info).items() if key != "additionalProperties"},
        "result": _outlined(info.output_schema),
    }
    if info.examples:
        entry["example"] = info.examples[0]["arguments"]
    return entry


def _shown(info: FunctionInfo) -> Mapping[str, Any]:
    return bounded(info.input_schema, ROOM)


def _outlined(schema: Any) -> str:
    """The outline of a result, as deep as there is room for."""
    for depth in (2, 1):
        text = outline(schema, depth)
        if len(text) <= _RESULT:
            return text
    return f"{text[:_RESULT].rpartition(', ')[0]}, …"


def _arguments(schema: Mapping[str, Any]) -> Iterable[str]:
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        facts = [outline({**part, "description": ""}, 1, schema), *(["required"] if name in required else [])]
        facts += [f"{key} {part[key]}" for key in ("minimum", "maximum", "maxLength") if key in part]
        facts += [f"default {json.dumps(part['default'])}"] if "default" in part else []
        yield f"- `{name}` ({', '.join(facts)}): {part.get('description', '')}".removesuffix(": ")


def outline(schema: Any, depth: int = 3, root: Any = None) -> str:
    """A schema as an outline: `{id: string, output: any, tags: [string]}`.

    root: the schema whose `$defs` this one refers to; the schema itself by default.
    """
    root = schema if root is None else root
    if not isinstance(schema, Mapping) or not schema:
        return "any"
    if "$ref" in schema:
        schema = resolved(schema, root)
        # A list or a union may hold itself: only properties cost a level otherwise.
        depth = depth if schema.get("properties") else depth - 1
        if depth < 0:
            return str(schema.get("type", "any"))
    if "enum" in schema:
        return "|".join(json.dumps(value) for value in schema["enum"][:20])
    if "anyOf" in schema or "oneOf" in schema:
        forms = schema.get("anyOf", schema.get("oneOf", ()))
        return "|".join(dict.fromkeys(outline(each, depth, root) for each in forms))
    kind = schema.get("type", "any")
    if kind == "array":
        return f"[{outline(schema.get('items'), depth, root)}]"
    if kind == "object" and schema.get("properties") and depth > 0:
        inner = (f"{name}: {outline(part, depth - 1, root)}" for name, part in schema["properties"].items())
        return "{" + ", ".join(inner) + "}"
    return str(kind)
