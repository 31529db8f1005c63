"""Schemas within a number of bytes, and paths to the parts that were cut, such as `arguments.body.spec`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .info import FunctionInfo
from .schemas import resolved, standalone
from .subschemas import mapped, size
from .validate import Problem
from .wording import nearest

NOTE = "cut: describe this part"
_LEVELS = (6, 5, 4, 3, 2, 1)
_UNIONS = ("anyOf", "oneOf", "allOf")
_INNER = ("properties", "items", "additionalProperties", *_UNIONS)
_FORMS = 50
"""Steps from union to union and from reference to reference, on the way to one property."""


def bounded(schema: Mapping[str, Any], room: int) -> dict[str, Any]:
    """The schema without references within so many bytes: its outermost levels, at the least the names that fit."""
    whole = standalone(schema, room, NOTE)
    if size(whole) <= room:
        return whole
    for levels in _LEVELS:
        shown: dict[str, Any] = _pruned(whole, levels)
        if size(shown) <= room:
            return shown
    return _named(whole, room)


def _pruned(part: Any, levels: int) -> Any:
    """The outermost levels of a schema; anything below them is cut to its type."""
    if not isinstance(part, Mapping) or not any(part.get(key) for key in (*_INNER, "enum")):
        return part
    if not levels:
        return {**_kind(part), "description": NOTE}
    return mapped(part, lambda inner: _pruned(inner, levels - 1))


def _kind(part: Any) -> dict[str, Any]:
    return {"type": part["type"]} if isinstance(part, Mapping) and "type" in part else {}


def _named(schema: Mapping[str, Any], room: int) -> dict[str, Any]:
    """The names of as many properties as there is room for, required ones first."""
    properties = schema.get("properties") or {}
    required = [name for name in schema.get("required") or () if name in properties]
    shown: dict[str, Any] = {**_kind(schema), "properties": {}, "left_out": len(properties)}
    left = room - size(shown)
    for name in dict.fromkeys([*required, *properties]):
        member = {name: _kind(properties[name])}
        left -= size(member)
        if left < 0:
            break
        shown["properties"] |= member
        shown["left_out"] -= 1
    if required and left > size(required):
        shown["required"] = required
    return shown


def part(info: FunctionInfo, path: str) -> Mapping[str, Any] | Problem:
    """The schema at a path below `arguments` or `result`; a Problem where there is none.

    A step is the name of a property. A step through a list is none, nor is one into a form of a union; `*` is any member
    of a map.
    """
    first, _, rest = path.partition(".")
    roots = {"arguments": info.input_schema, "result": info.output_schema}
    if first not in roots:
        return _unknown(path, first, list(roots))
    root = roots[first]
    schema: Mapping[str, Any] = root
    steps = rest.split(".") if rest else []
    while steps:
        # A name may contain dots: the longest that matches counts.
        for count in range(len(steps), 0, -1):
            declared = _below(schema, ".".join(steps[:count]), root)
            if declared is not None:
                schema, steps = declared, steps[count:]
                break
        else:
            return _unknown(path, steps[0], [name for form in _forms(schema, root) for name in _names(form)])
    inner = resolved(schema, root) if "$ref" in schema else schema
    return {**inner, "$defs": root["$defs"]} if "$defs" in root else inner


def _below(schema: Mapping[str, Any], name: str, root: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for form in _forms(schema, root):
        properties = form.get("properties")
        member = properties.get(name) if isinstance(properties, Mapping) else None
        if name == "*" and member is None:
            member = form.get("additionalProperties")
        if isinstance(member, Mapping):
            return member
    return None


def _names(form: Mapping[str, Any]) -> list[str]:
    more = ["*"] if isinstance(form.get("additionalProperties"), Mapping) else []
    return [*(form.get("properties") or {}), *more]


def _forms(schema: Any, root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The schemas of objects that a value may be, or that its items may be."""
    waiting = [schema]
    for _ in range(_FORMS):
        if not waiting:
            return
        each = waiting.pop(0)
        each = resolved(each, root) if isinstance(each, Mapping) and "$ref" in each else each
        if not isinstance(each, Mapping):
            continue
        yield each
        waiting += [form for union in _UNIONS if isinstance(each.get(union), (list, tuple)) for form in each[union]]
        waiting += [each["items"]] if "items" in each else []


def _unknown(path: str, step: str, names: list[str]) -> Problem:
    near = nearest(step, names)
    there = {"type": "string", "properties": names[:50]}
    return Problem(
        "part", f"nothing of the function is called {path[:200]!r}, for there is no {step[:80]!r}", there, near
    )
