"""The JSON Schema of somebody else's arguments, as far as it can be relied upon.

It comes from a server or from a file that others may have written. What is wrong with it is left open, and noted: a call
is then checked by the API alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

Schema = Mapping[str, Any]

MOST_PROPERTIES, MOST_VALUES, MOST_NOTES, DEEPEST = 500, 1_000, 20, 12
LONGEST_NAME, LONGEST_TEXT = 100, 2_000
_KINDS = ("string", "integer", "number", "boolean", "object", "array", "null")
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_STRICT = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems")
_TEXTS = ("title", "description", "format")
_FLAGS = ("uniqueItems", "writeOnly", "deprecated")
_UNIONS = ("anyOf", "oneOf")
_KEPT = ("x-order", "x-cog-array-type", "x-cog-array-display")
_SAYING = {"type", "enum", *_UNIONS, "allOf"}
_FREE: Schema = {"type": "object"}


@dataclass
class _Notes:
    fresh: bool
    """Whether the schema comes as its owner wrote it."""
    found: list[str] = field(default_factory=list)

    def add(self, where: str, what: str) -> None:
        if len(self.found) < MOST_NOTES:
            self.found.append(f"{where}: {what}")


def inputs(schema: Any, document: Schema | None = None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The schema of an object of arguments, in their order and without references, and what it lacked or had wrong.

    The free form, an object of anything, where it does not say what it takes.
    document: what it refers into; without one it was refined before, and only its form is looked at once more.
    """
    from .derived import secrets_of

    notes = _Notes(fresh=document is not None)
    found = _resolved(schema, document)
    given, extra = found.get("properties"), found.get("additionalProperties")
    if given is None and extra is False:
        given = {}
    if not isinstance(given, Mapping):
        notes.add("input", "it does not say what it takes: anything is sent as it is given")
        return dict(_FREE), tuple(notes.found)
    properties: dict[str, Any] = {}
    for name in sorted(given, key=lambda each: _order(given[each])):
        if not _nameable(name):
            notes.add("input", "an argument has a name that cannot be shown: it is left out")
        elif len(properties) == MOST_PROPERTIES:
            notes.add("input", f"only the first {MOST_PROPERTIES} arguments are known")
            break
        else:
            before = len(notes.found)
            properties[name] = _refined(given[name], name, notes, 0)
            if before == len(notes.found) and not _SAYING & properties[name].keys():
                notes.add(name, "it does not say what it takes: any value is taken")
    if given and not properties:
        return dict(_FREE), tuple(notes.found)
    written = found.get("required")
    needed = dict.fromkeys(written if isinstance(written, list) and all(isinstance(n, str) for n in written) else ())
    for name in needed:
        if name not in given and _nameable(name) and len(properties) < MOST_PROPERTIES:
            notes.add(name, "it is required and does not say what it takes: any value is taken")
            properties[name] = {}
    for name in secrets_of({"properties": properties}):
        properties[name].pop("default", None)
    required = [name for name in properties if name in needed]
    made: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        made["required"] = required
    # Where an argument was left out, what it takes is not known.
    is_open = bool(given.keys() - properties) or (extra is not None and extra is not False)
    return {**made, "additionalProperties": is_open}, tuple(notes.found)


def output(schema: Any, document: Schema | None = None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The schema of what is put out, in the same way; empty where it does not say."""
    notes = _Notes(fresh=document is not None)
    found = _resolved(schema, document)
    if not found or "$ref" in found:
        notes.add("output", "it does not say what it gives")
        return {}, tuple(notes.found)
    return _refined(found, "output", notes, 0), tuple(notes.found)


def _resolved(schema: Any, document: Schema | None) -> Schema:
    if document is None:
        return schema if isinstance(schema, Mapping) else {}
    from ..runtime.signatures import resolved

    return resolved(schema, document)


def _nameable(name: object) -> bool:
    """Whether an argument can be called so."""
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        return False
    return name.isprintable() and any(map(str.isalnum, name))


def _fits(value: Any, schema: Schema) -> bool:
    """Whether a default is one."""
    from ..runtime.signatures import checked
    from .validate import check

    return check(value, checked(schema)) is None


def _order(schema: Any) -> float:
    order = schema.get("x-order") if isinstance(schema, Mapping) else None
    return float(order) if _is_number(order) else math.inf


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _refined(schema: Any, where: str, notes: _Notes, depth: int) -> dict[str, Any]:
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        notes.add(where, "its schema cannot be read: any value is taken")
        return {}
    made: dict[str, Any] = {}
    kind = schema.get("type")
    if kind in _KINDS:
        made["type"] = kind
    elif kind is not None:
        notes.add(where, f"no type is called {str(kind)[:40]!r}: any value is taken")
    for key in _TEXTS:
        if isinstance(schema.get(key), str):
            made[key] = schema[key][:LONGEST_TEXT]
    for key in (*_FLAGS, *_KEPT):
        if isinstance(schema.get(key), (bool, str, int)):
            made[key] = schema[key]
    if made.get("title", "").lower().replace(" ", "_") == where.rpartition(".")[2].lower():
        del made["title"]  # as pydantic makes one of the name
    if schema.get("x-cog-secret") is True or (made.get("format") == "password" and made.get("type") == "string"):
        made |= {"format": "password", "writeOnly": True}
    _limits(schema, made, where, notes)
    _values(schema, made, where, notes)
    _parts(schema, made, where, notes, depth)
    if made.get("format") != "password" and "default" in schema:
        if not notes.fresh or _fits(schema["default"], made):
            made["default"] = schema["default"]
        else:
            notes.add(where, "its default does not fit it")
    return made


def _limits(schema: Schema, made: dict[str, Any], where: str, notes: _Notes) -> None:
    for key in (*_NUMBERS, *_COUNTS):
        limit = schema.get(key)
        if limit is True and key in _STRICT:  # OpenAPI 3.0 tells of the limit beside it
            limit = schema.get(_STRICT[key])
            made.pop(_STRICT[key], None)
        if limit is None or limit is False:
            continue
        if _is_number(limit) and (key in _NUMBERS or (limit >= 0 and int(limit) == limit)):
            made[key] = limit
        else:
            notes.add(where, f"its {key} is none")
    low, high = made.get("minimum"), made.get("maximum")
    if low is not None and high is not None and low > high:
        notes.add(where, f"no number is from {low} to {high}")
        del made["minimum"], made["maximum"]
    step, pattern = schema.get("multipleOf"), schema.get("pattern")
    if _is_number(step) and step > 0:
        made["multipleOf"] = step
    if isinstance(pattern, str):
        if len(pattern) <= LONGEST_TEXT:
            made["pattern"] = pattern
        else:
            notes.add(where, "its pattern is too long to be read")


def _values(schema: Schema, made: dict[str, Any], where: str, notes: _Notes) -> None:
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if values is None:
        return
    plain = isinstance(values, list) and all(value is None or isinstance(value, (str, int, float)) for value in values)
    if plain and 0 < len(values) <= MOST_VALUES:
        made["enum"] = [value for value in values if value is not None or made.get("type") in (None, "null")]
    else:
        notes.add(where, "its values cannot be read: any value is taken")


def _parts(schema: Schema, made: dict[str, Any], where: str, notes: _Notes, depth: int) -> None:
    for key in _UNIONS:
        options = schema.get(key)
        if isinstance(options, list) and 0 < len(options) <= MOST_PROPERTIES:
            made[key] = [_refined(option, where, notes, depth + 1) for option in options]
    if isinstance(schema.get("allOf"), list) and schema["allOf"]:
        made["allOf"] = [_refined(option, where, notes, depth + 1) for option in schema["allOf"][:MOST_PROPERTIES]]
    if isinstance(schema.get("items"), Mapping):
        made["items"] = _refined(schema["items"], f"{where}[]", notes, depth + 1)
    inner = schema.get("properties")
    if isinstance(inner, Mapping) and inner:
        names = [name for name in inner if isinstance(name, str)][:MOST_PROPERTIES]
        made["properties"] = {name: _refined(inner[name], f"{where}.{name}", notes, depth + 1) for name in names}
        needed = schema.get("required")
        if isinstance(needed, list):
            made["required"] = [name for name in needed if isinstance(name, str) and name in inner]
    other = schema.get("additionalProperties")
    if isinstance(other, bool):
        made["additionalProperties"] = other
    elif isinstance(other, Mapping):
        made["additionalProperties"] = _refined(other, f"{where}.*", notes, depth + 1)
    elif "properties" in made:
        # As JSON Schema has it where nothing is said; `checked` would close it.
        made["additionalProperties"] = True
