"""The formats of the catalog and of the settings as pages, from their JSON Schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from .. import names, text
from ..surfaces.shared import prose
from ..text import Code


@dataclass(frozen=True)
class KeyView:
    """A key, what its value is, and what it is for."""

    name: Code
    anchor: Code
    line: Code
    description: Code


@dataclass(frozen=True)
class SectionView:
    """An object of the catalog."""

    title: Code
    anchor: Code
    description: Code
    keys: tuple[KeyView, ...]


@lru_cache
def sections(file: str, title: str) -> tuple[SectionView, ...]:
    """What a file itself holds, then each kind of object in it. file: its schema, below the package."""
    package = (__package__ or "").partition(".")[0]
    schema = json.loads(files(package).joinpath(file).read_text("utf-8"))
    parts = {title: schema, **schema.get("$defs", {})}
    return tuple(_section(title, part) for title, part in parts.items() if part.get("properties"))


def _section(title: str, schema: Mapping[str, Any]) -> SectionView:
    anchor = names.anchor(title)
    return SectionView(
        title=prose.plain(title[:1].upper() + title[1:]),
        anchor=Code(anchor),
        description=_sentence(schema),
        keys=tuple(_keys(anchor, schema)),
    )


def _keys(section: str, schema: Mapping[str, Any]) -> Iterator[KeyView]:
    for name, part in schema["properties"].items():
        marks = [_kind(part), *(["**required**"] if name in schema.get("required", ()) else [])]
        yield KeyView(
            name=prose.inline_code(name),
            anchor=Code(f"{section}-{names.anchor(name)}"),
            line=Code(" · ".join(marks)),
            description=_sentence(part),
        )


def _kind(part: Mapping[str, Any]) -> str:
    """What a value is; objects of a kind of their own link to their section."""
    if reference := part.get("$ref"):
        name = str(reference).rpartition("/")[2]
        return f"[{prose.plain(name)}](#{names.anchor(name)})"
    if "anyOf" in part:
        return " or ".join(_kind(each) for each in part["anyOf"])
    if "const" in part:
        return str(prose.inline_code(json.dumps(part["const"])))
    if "enum" in part:
        return "one of " + ", ".join(prose.inline_code(str(value)) for value in part["enum"])
    kind = str(part.get("type", "any JSON value"))
    if kind == "array":
        return "list of " + _kind(part.get("items", {}))
    if kind == "object" and isinstance(part.get("additionalProperties"), Mapping):
        return "mapping of names to " + _kind(part["additionalProperties"])
    limits = [f"matches {text.markdown_code(part['pattern'])}"] if part.get("pattern") else []
    limits += [f"{part['minimum']:g} to {part['maximum']:g}"] if "minimum" in part else []
    return ", ".join([str(prose.plain(kind)), *limits])


def _sentence(part: Mapping[str, Any]) -> Code:
    description = prose.plain(str(part.get("description", "")))
    return Code(
        description[:1].upper() + description[1:] + ("" if description.endswith(".") or not description else ".")
    )
