"""The JSON Schema of somebody else's arguments, as far as it can be relied upon.

It comes from a server or from a file that others may have written. What is wrong with it is left open, and noted: a call
is then checked by the API alone.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from .marks import secrets_of
from .wording import kind as kind_of

Schema = Mapping[str, Any]

MOST_PROPERTIES, MOST_NOTES, DEEPEST = 500, 20, 12
LONGEST_NAME, LONGEST_TEXT = 100, 2_000
_KINDS = ("string", "integer", "number", "boolean", "object", "array", "null")
_SCALARS = {"boolean": ("boolean",), "integer": ("integer",), "number": ("integer", "number"), "string": ("string",)}
"""Of each kind of scalar, the kinds of the values that it has."""
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_STRICT = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_FORMATS = frozenset(
    ["date", "date-time", "time", "duration", "uri", "uuid", "email", "hostname", "ipv4", "ipv6", "binary", "password"]
)
"""Those that say which values there are, or how one is given."""
_UNIONS = ("anyOf", "oneOf")
_ANNOTATIONS = ("x-cog-array-type", "x-cog-array-display")
"""What the schema of an output says of it beside JSON Schema's own words."""
_SAYING = {"type", "enum", "not", *_UNIONS, "allOf"}
_FREE: Schema = {"type": "object"}
_NOTHING: Schema = {"not": {}}


@dataclass
class _Notes:
    fresh: bool
    """Whether the schema comes as its owner wrote it."""
    texts: list[str] = field(default_factory=list)

    def add(self, where: str, what: str) -> None:
        if len(self.texts) < MOST_NOTES:
            self.texts.append(f"{where}: {what}")


def inputs(schema: Any, document: Schema | None = None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The schema of an object of arguments, in their order and without references, and what it lacked or had wrong.

    The free form, an object of anything, where it does not describe its inputs.
    document: what it refers into; without one it was refined before, and only its form is looked at once more.
    """
    notes = _Notes(fresh=document is not None)
    resolved = _resolved(schema, document)
    declared, extra = resolved.get("properties"), resolved.get("additionalProperties")
    if declared is None and extra is False:
        declared = {}
    if not isinstance(declared, Mapping):
        notes.add("input", "it does not describe its inputs: anything is sent as it is given")
        return dict(_FREE), tuple(notes.texts)
    properties: dict[str, Any] = {}
    for name in sorted(declared, key=lambda each: _order(declared[each])):
        if not _nameable(name):
            notes.add("input", "an argument has a name that cannot be shown: it is left out")
        elif len(properties) == MOST_PROPERTIES:
            notes.add("input", f"only the first {MOST_PROPERTIES} arguments are known")
            break
        else:
            before = len(notes.texts)
            properties[name] = _refined(declared[name], name, notes, 0, is_property=True)
            if before == len(notes.texts) and not _SAYING & properties[name].keys():
                notes.add(name, "it does not describe its inputs: any value is taken")
    if declared and not properties:
        return dict(_FREE), tuple(notes.texts)
    written = resolved.get("required")
    needed = dict.fromkeys(name for name in written if isinstance(name, str)) if isinstance(written, list) else {}
    for name in needed:
        if name not in declared and _nameable(name) and len(properties) < MOST_PROPERTIES:
            notes.add(name, "it is required and does not say what it takes: any value is taken")
            properties[name] = {}
    for name in secrets_of({"properties": properties}):
        properties[name].pop("default", None)
    required = [name for name in properties if name in needed]
    made: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        made["required"] = required
    # Where an argument was left out, what it takes is not known.
    is_open = bool(declared.keys() - properties) or (extra is not None and extra is not False)
    return {**made, "additionalProperties": is_open}, tuple(notes.texts)


def output(schema: Any, document: Schema | None = None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The schema of what is put out, in the same way; empty where it does not say."""
    notes = _Notes(fresh=document is not None)
    resolved = _resolved(schema, document)
    if not resolved or "$ref" in resolved or resolved == _NOTHING:
        notes.add("output", "it does not say what it gives")
        return {}, tuple(notes.texts)
    annotated = {key: resolved[key] for key in _ANNOTATIONS if isinstance(resolved.get(key), str)}
    return {**_refined(resolved, "output", notes, 0), **annotated}, tuple(notes.texts)


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


def _refined(schema: Any, where: str, notes: _Notes, depth: int, *, is_property: bool = False) -> dict[str, Any]:
    """is_property: keep the description as well."""
    if isinstance(schema, bool):
        return {} if schema else dict(_NOTHING)
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        notes.add(where, "its schema cannot be read: any value is taken")
        return {}
    if schema == _NOTHING:
        return dict(_NOTHING)
    made: dict[str, Any] = {}
    kind = _kind(schema, where, notes)
    if kind:
        made["type"] = kind
    if is_property and (text := _summary(schema, where, depth) if notes.fresh else _kept(schema)):
        made["description"] = text
    form = schema.get("format")
    if kind == "string" and isinstance(form, str) and form in _FORMATS:
        made["format"] = form
    if schema.get("uniqueItems") is True:
        made["uniqueItems"] = True
    if schema.get("deprecated") is True and not depth:
        made["deprecated"] = True
        description = made.get("description", "")
        made["description"] = (
            description if description.endswith("Deprecated.") else f"{description} Deprecated.".lstrip()
        )
    if schema.get("x-cog-secret") is True or made.get("format") == "password":
        made |= {"format": "password", "writeOnly": True}
    _limits(schema, made, where, notes)
    _values(schema, made, where, notes)
    _parts(schema, made, where, notes, depth)
    made = _folded(made)
    if made.get("format") != "password" and "default" in schema:
        if not notes.fresh or _fits(schema["default"], made):
            made["default"] = schema["default"]
        elif schema["default"] is not None:
            notes.add(where, "its default does not fit it")
    return made


def _kept(schema: Schema) -> str:
    """What was told of it when it was refined."""
    text = schema.get("description")
    return text[:LONGEST_TEXT] if isinstance(text, str) else ""


def _summary(schema: Schema, where: str, depth: int) -> str:
    """The first sentence of what it says of itself; a title that is the name again, as pydantic makes one, says nothing."""
    from .sentences import first_sentence

    for key in ("description", "title")[: 1 if depth else 2]:
        text = schema.get(key)
        if isinstance(text, str) and (sentence := first_sentence(text[:LONGEST_TEXT])):
            name = where.rpartition(".")[2].lower()
            return sentence if key == "description" or sentence.lower().replace(" ", "_") != name else ""
    return ""


def _kind(schema: Schema, where: str, notes: _Notes) -> str:
    """The type that it says, or means by what stands in it; empty where it does neither."""
    kind = schema.get("type")
    if kind in _KINDS:
        return str(kind)
    if kind is not None:
        notes.add(where, f"no type is called {str(kind)[:40]!r}: any value is taken")
        return ""
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    return "array" if "items" in schema or "prefixItems" in schema else ""


def _folded(made: dict[str, Any]) -> dict[str, Any]:
    """The schema without forms that say nothing of their own: of one alone, of any value, of what stands beside them."""
    for key in _UNIONS:
        options = made.get(key)
        if options is None:
            continue
        options = [each for n, each in enumerate(options) if each != _NOTHING and each not in options[:n]]
        if {} in options:
            del made[key]
        elif len(options) == 1 and not options[0].keys() & (made.keys() - {key, "description"}):
            del made[key]
            made = {**options[0], **made}
        elif options:
            made[key] = options
        else:
            return dict(_NOTHING)
    for option in made.pop("allOf", ()):
        beside = {name: value for name, value in option.items() if made.get(name, value) != value}
        made |= {name: value for name, value in option.items() if name not in beside}
        if beside:
            made.setdefault("allOf", []).append(beside)
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
    listed = [schema["const"]] if "const" in schema else schema.get("enum")
    if listed is None:
        return
    if not isinstance(listed, list) or not listed:
        notes.add(where, "its values cannot be read: any value is taken")
        return
    kind = made.get("type")
    unique = {json.dumps(value, sort_keys=True): value for value in listed}
    values = [value for value in unique.values() if value is not None]
    kinds = {_kind_of(value) for value in values}
    if not values:
        made["type"] = "null"
        return
    if kind is None or (kind in _SCALARS and not any(_is_value_of(kind, value) for value in values)):
        if kind is not None:
            notes.add(where, f"none of its values is of the type {kind}: they are taken")
        made.pop("type", None)
        if len(kinds) == 1 and kinds <= _SCALARS.keys():
            made["type"] = kinds.pop()
    made["enum"] = values
    if kind is None and len(values) < len(unique):
        form = {key: made.pop(key) for key in ("type", "enum") if key in made}
        made["anyOf"] = [form, {"type": "null"}]


def _kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "integer" if isinstance(value, int) else "number" if isinstance(value, float) else kind_of(value)


def _is_value_of(kind: str, value: Any) -> bool:
    """Whether a value is of a kind of scalar: 2.0 is an integer, as JSON Schema has it."""
    return _kind_of(value) in _SCALARS[kind] or (kind == "integer" and isinstance(value, float) and value.is_integer())


def _parts(schema: Schema, made: dict[str, Any], where: str, notes: _Notes, depth: int) -> None:
    for key in _UNIONS:
        options = schema.get(key)
        if isinstance(options, list) and 0 < len(options) <= MOST_PROPERTIES:
            made[key] = [_refined(option, where, notes, depth + 1) for option in options]
    if isinstance(schema.get("allOf"), list) and schema["allOf"]:
        made["allOf"] = [_refined(option, where, notes, depth + 1) for option in schema["allOf"][:MOST_PROPERTIES]]
    if isinstance(schema.get("items"), (Mapping, bool)):
        made["items"] = _refined(schema["items"], f"{where}[]", notes, depth + 1)
    inner, needed = schema.get("properties"), schema.get("required")
    needed = [name for name in needed if isinstance(name, str)] if isinstance(needed, list) else []
    inner = inner if isinstance(inner, Mapping) else {}
    if inner or (needed and made.get("type") == "object"):
        names = [name for name in dict.fromkeys((*inner, *needed)) if isinstance(name, str)][:MOST_PROPERTIES]
        made["properties"] = {
            name: _refined(inner.get(name, True), f"{where}.{name}", notes, depth + 1, is_property=True)
            for name in names
        }
        if needed:
            made["required"] = [name for name in dict.fromkeys(needed) if name in made["properties"]]
    other = schema.get("additionalProperties")
    if isinstance(other, bool):
        made["additionalProperties"] = other
    elif isinstance(other, Mapping):
        made["additionalProperties"] = _refined(other, f"{where}.*", notes, depth + 1)
    elif "properties" in made:
        # As JSON Schema has it where nothing is said; `checked` would close it.
        made["additionalProperties"] = True
    for key in ("not", "prefixItems"):
        if isinstance(schema.get(key), list if key == "prefixItems" else (Mapping, bool)):
            branches = schema[key]
            made[key] = (
                [_refined(each, f"{where}[]", notes, depth + 1) for each in branches]
                if isinstance(branches, list)
                else _refined(branches, where, notes, depth + 1)
            )
