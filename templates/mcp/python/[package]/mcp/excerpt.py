"""The requested part of a result: some fields, some items, from some position on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RESULT = "result"
"""The key of a value that is no object: structured content is an object in every revision of the protocol."""


def structured(data: Any) -> dict[str, Any]:
    """The data as an object."""
    return data if isinstance(data, dict) else {RESULT: data}


def items_at(page: Mapping[str, Any] | None, document: Mapping[str, Any]) -> str:
    """The name of a document's list; empty where it has none."""
    name = str(page["items"] or RESULT) if page else RESULT
    return name if isinstance(document.get(name), list) else ""


def excerpt(document: dict[str, Any], listed: str, start: int, limit: int | None) -> dict[str, Any]:
    """The document with some items of its list."""
    if not listed or (not start and limit is None):
        return document
    stop = None if limit is None else start + limit
    return {**document, listed: document[listed][start:stop]}


def pick(document: dict[str, Any], fields: str, listed: str) -> dict[str, Any]:
    """The document with these fields alone: dotted paths joined by commas, in lists those of every item.

    In a list of items, a field that the document itself does not have is one of the items'; the links stay.
    """
    wanted: dict[str, Any] = {}
    for path in filter(None, (field.strip() for field in fields.split(","))):
        steps = path.split(".")
        if listed and steps[0] not in document:
            steps.insert(0, listed)
        inner = wanted
        for step in steps:
            inner = inner.setdefault(step, {})
    if not wanted:
        return document
    kept = {name: value for name, value in document.items() if listed and not isinstance(value, (dict, list))}
    picked: dict[str, Any] = _picked(document, wanted)
    return {**kept, **picked}


def unknown(document: dict[str, Any], fields: str, listed: str) -> tuple[str, ...]:
    """The names to pick from, if none of the fields is one of them; empty if one is."""
    items = document.get(listed) if listed else None
    parts = [document, *(item for item in items or () if isinstance(item, dict))]
    names = {name for part in parts for name in part}
    wanted = {path.strip().partition(".")[0] for path in fields.split(",")} - {""}
    return tuple(sorted(names)) if wanted and names and not wanted & names else ()


def _picked(value: Any, wanted: Mapping[str, Any]) -> Any:
    if not wanted:
        return value
    if isinstance(value, list):
        return [_picked(item, wanted) for item in value]
    if isinstance(value, dict):
        return {name: _picked(value[name], inner) for name, inner in wanted.items() if name in value}
    return value
