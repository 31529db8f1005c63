"""The structure of a new document with our prose: what we wrote about a place stays with it while the place is there."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from ..read.source import escape

PROSE = frozenset({"description", "summary", "title", "example", "examples", "externalDocs", "bearerFormat"})
_NAMES = frozenset(
    ["properties", "patternProperties", "$defs", "definitions", "schemas", "parameters", "responses", "requestBodies"]
    + ["headers", "securitySchemes", "links", "callbacks", "pathItems", "paths", "webhooks", "content", "encoding"]
    + ["variables", "dependentSchemas", "mapping", "scopes"]
)
"""Keys whose mapping has names for keys: what stands directly below is never prose."""
_VALUES = frozenset({"enum", "default", "const", "required", "security"})
"""Keys whose value is data, not description."""


@dataclass
class Merged:
    """A document, and the places of it that nobody has written about yet."""

    value: Any = None
    unwritten: list[str] = field(default_factory=list)
    """JSON pointers."""


def merge(ours: Any, theirs: Any) -> Merged:
    """Their structure in our words. The title of the API is a name, and theirs."""
    merged = Merged()
    merged.value = _merge(ours, theirs, "", merged, names=False)
    if isinstance(theirs, dict) and isinstance(theirs.get("info"), dict) and "title" in theirs["info"]:
        merged.value["info"]["title"] = theirs["info"]["title"]
    return merged


def _merge(ours: Any, theirs: Any, pointer: str, merged: Merged, *, names: bool) -> Any:
    if isinstance(theirs, dict):
        return _mapping(ours if isinstance(ours, dict) else None, theirs, pointer, merged, names)
    if isinstance(theirs, list):
        known = ours if isinstance(ours, list) else []
        return [
            _merge(mine, item, f"{pointer}/{index}", merged, names=False)
            for index, (mine, item) in enumerate(_aligned(known, theirs))
        ]
    return theirs


def _mapping(ours: dict[str, Any] | None, theirs: dict[str, Any], pointer: str, merged: Merged, names: bool) -> Any:
    kept: dict[str, Any] = {}
    order = [*(key for key in ours or {} if key in theirs or (key in PROSE and not names)), *theirs]
    for key in dict.fromkeys(order):
        if key in PROSE and not names:
            if ours is not None and key in ours:
                kept[key] = ours[key]
            continue
        mine = (ours or {}).get(key)
        if key in _VALUES and not names:
            kept[key] = mine if _same(mine, theirs[key], key) else theirs[key]
        else:
            below = key in _NAMES and not names and isinstance(theirs[key], dict)
            kept[key] = _merge(mine, theirs[key], f"{pointer}/{escape(key)}", merged, names=below)
    if ours is None and not names:
        if theirs.get("description") or theirs.get("summary"):
            merged.unwritten.append(pointer or "/")
        status = pointer.rpartition("/")[2]
        if "/responses/" in pointer and "description" in theirs and pointer.split("/")[-2] == "responses":
            kept = {"description": _phrase(status), **kept}  # OpenAPI asks for one
    return kept


def _same(mine: Any, theirs: Any, key: str) -> bool:
    if key == "required" and isinstance(mine, list) and isinstance(theirs, list):
        return sorted(map(str, mine)) == sorted(map(str, theirs))  # a set: our order is as good
    return bool(mine == theirs)


def _phrase(status: str) -> str:
    return HTTPStatus(int(status)).phrase if status.isdigit() and 100 <= int(status) < 600 else f"Status {status}"


def _aligned(ours: list[Any], theirs: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Each of their elements with ours that means the same."""
    left = list(ours)
    for index, item in enumerate(theirs):
        result = next((mine for mine in left if _identity(mine) == _identity(item)), None)
        if result is None and len(ours) == len(theirs) and _identity(item) is None:
            result = ours[index]
        if result is not None:
            left = [mine for mine in left if mine is not result]
        yield result, item


def _identity(item: Any) -> Hashable:
    """What makes an element of a list the same one: where it is and what it is called."""
    if not isinstance(item, dict):
        return ("value", repr(item))
    for keys in (("name", "in"), ("$ref",), ("url",), ("name",)):
        if all(isinstance(item.get(key), str) for key in keys):
            return tuple(item[key] for key in keys)
    return None
