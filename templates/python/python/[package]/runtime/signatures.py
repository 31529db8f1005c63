"""What a JSON Schema says of some arguments, as Python has it: a signature, a docstring, and which values are files.

The schemas come from a server while the program runs, so nothing here trusts them: references may lead nowhere or in
a circle, names need not be identifiers, and whatever cannot be understood is left open.
"""

from __future__ import annotations

import inspect
import itertools
import keyword
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Literal, Union

from .decoding import SHOWN_DEPTH, deeper
from .errors import ResponseError
from .files import is_url

Schema = Mapping[str, Any]
File = str | Path | bytes | IO[bytes]
"""What may be given for a file: a URL, a path, bytes or an open file."""

_DEEPEST = 12
_MOST = 10_000
"""Schemas that are read of one: references to what refers to itself twice would else double with each level."""
_PLAIN: Mapping[str, Any] = {
    "string": str, "integer": int, "number": float, "boolean": bool, "object": dict, "null": None,
}  # fmt: skip
_LIMITS = (
    ("minimum", "at least"), ("maximum", "at most"), ("exclusiveMinimum", "more than"), ("exclusiveMaximum", "less than"),
    ("minLength", "shortest"), ("maxLength", "longest"), ("minItems", "fewest"), ("maxItems", "most"),
)  # fmt: skip


def resolved(schema: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without references, with null as an alternative of its own, and with `allOf` of one folded in.

    What is nested too deeply, or comes when too much was read already, is left open.
    """
    return _resolved(schema, document, _DEEPEST, itertools.count())


def _resolved(schema: Any, document: Mapping[str, Any], depth: int, read: Iterator[int]) -> dict[str, Any]:
    if schema is False:
        return {"not": {}}
    if not isinstance(schema, Mapping) or depth < 0 or next(read) >= _MOST:
        return {}
    if "$ref" in schema:
        target: Any = document
        for step in str(schema["$ref"]).removeprefix("#/").split("/"):
            step = step.replace("~1", "/").replace("~0", "~")
            target = target.get(step) if isinstance(target, Mapping) else None
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return {**_resolved(target, document, depth - 1, read), **_resolved(beside, document, depth - 1, read)}
    made = dict(schema)
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(made.get(key), list):
            made[key] = [_resolved(option, document, depth - 1, read) for option in made[key]]
    for key in ("items", "additionalProperties", "not"):
        if isinstance(made.get(key), Mapping):
            made[key] = _resolved(made[key], document, depth - 1, read)
    if isinstance(made.get("properties"), Mapping):
        properties = made["properties"].items()
        made["properties"] = {name: _resolved(each, document, depth - 1, read) for name, each in properties}
    if isinstance(made.get("allOf"), list) and len(made["allOf"]) == 1:
        made = {**made["allOf"][0], **{key: value for key, value in made.items() if key != "allOf"}}
    return _with_null(made)


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    kinds = schema.get("type")
    kinds = list(kinds) if isinstance(kinds, list) else [kinds] if isinstance(kinds, str) else []
    nullable = schema.pop("nullable", False) is True or ("null" in kinds and len(kinds) > 1)
    others = [kind for kind in kinds if kind != "null"]
    if len(kinds) > 1:
        del schema["type"]
        if len(others) == 1:
            schema["type"] = others[0]
    if len(others) <= 1 and not nullable:
        return schema
    notes: dict[str, Any] = {
        key: schema.pop(key) for key in ("title", "description", "default", "x-order") if key in schema
    }
    options = [{**schema, "type": kind} for kind in others] if len(others) > 1 else [schema]
    return {**notes, "anyOf": [*options, *([{"type": "null"}] if nullable else [])]}


def checked(schema: Schema, closed: bool = True) -> dict[str, Any]:
    """The schema by which arguments are checked: files may be given for the strings that are URLs.

    closed: an object of known properties takes no others where its schema does not say.
    """
    made = dict(schema)
    if made.get("format") == "uri":
        made["format"] = "binary"
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(made.get(key), list):
            made[key] = [checked(option, closed) for option in made[key]]
    if isinstance(made.get("items"), Mapping):
        made["items"] = checked(made["items"], closed)
    for key in ("properties", "$defs"):
        if isinstance(made.get(key), Mapping):
            made[key] = {name: checked(each, closed) for name, each in made[key].items()}
    if closed and isinstance(made.get("properties"), Mapping):
        made.setdefault("additionalProperties", False)
    return made


def properties(schema: Schema) -> dict[str, Schema]:
    """The properties of an object, in the order that `x-order` gives."""
    members: Mapping[str, Schema] = schema.get("properties") or {}

    def place(name: str) -> tuple[float, int]:
        order = members[name].get("x-order")
        return (order if isinstance(order, (int, float)) else float("inf")), list(members).index(name)

    return {name: members[name] for name in sorted(members, key=place)}


def signature(schema: Schema, result: Any = Any) -> inspect.Signature:
    """The signature of a function that takes the properties of an object by name."""
    required = schema.get("required") or ()
    parameters = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if name in required else each.get("default"),
            annotation=annotation(each, name in required or each.get("default") is not None),
        )
        for name, each in properties(schema).items()
        if name.isidentifier() and not keyword.iskeyword(name)
    ]
    open_ended = "properties" not in schema or bool(schema.get("additionalProperties"))
    if len(parameters) < len(properties(schema)) or open_ended:
        # What Python cannot spell is still taken: f(**{"odd name": 1}).
        parameters.append(inspect.Parameter("others", inspect.Parameter.VAR_KEYWORD, annotation=Any))
    return inspect.Signature(parameters, return_annotation=result)


def annotation(schema: Schema, required: bool = True, file: Any = File) -> Any:
    """The type of a value. given: None does not stand for leaving it out. file: the type of a file."""
    type_ = _annotation(schema, file)
    return type_ if required or type_ is Any else Union[type_, None]  # noqa: UP007 - made of values


def _annotation(schema: Schema, file: Any) -> Any:
    values = schema.get("enum")
    if isinstance(values, list) and values and all(isinstance(value, (str, int, bool)) for value in values):
        return Literal[tuple(values)]
    for key in ("anyOf", "oneOf"):
        if isinstance(schema.get(key), list) and schema[key]:
            return Union[tuple(_annotation(option, file) for option in schema[key])]  # noqa: UP007
    kind = schema.get("type")
    if kind == "array":
        return list[_annotation(schema.get("items") or {}, file)]  # type: ignore[misc]
    if kind == "string" and schema.get("format") == "uri":
        return file
    return _PLAIN.get(kind, Any) if isinstance(kind, str) else Any


def docstring(schema: Schema, summary: str) -> str:
    """What a function of these properties does and takes, a line each."""
    lines = [" ".join(summary.split()), ""] if summary.strip() else []
    required = schema.get("required") or ()
    for name, each in properties(schema).items():
        text = " ".join(str(each.get("description") or each.get("title") or "").split())
        notes = [f"{words} {each[key]}" for key, words in _LIMITS if key in each]
        if name not in required and each.get("default") is not None:
            notes.append(f"default {each['default']!r}")
        words = [text, f"({', '.join(notes)})" if notes else ""]
        lines.append(" ".join([f"{name}:", *(word for word in words if word)]))
    return "\n".join(lines).strip()


def with_files(value: Any, schema: Schema, made: Callable[[str], Any]) -> Any:
    """The value with `made(url)` in place of each string that the schema says is the URL of a file.

    ResponseError where it is nested too deeply to be looked through.
    """
    if deeper(value, SHOWN_DEPTH):
        raise ResponseError(f"the output is nested more than {SHOWN_DEPTH} levels deep")
    return _with_files(value, schema, made)


def _with_files(value: Any, schema: Schema, made: Callable[[str], Any]) -> Any:
    if isinstance(value, str):
        return made(value) if _is_file(schema) and is_url(value) else value
    if isinstance(value, list):
        items = _of_type(schema, "array").get("items") or {}
        return [_with_files(item, items, made) for item in value]
    if isinstance(value, dict):
        known = _of_type(schema, "object").get("properties") or {}
        return {name: _with_files(item, known.get(name) or {}, made) for name, item in value.items()}
    return value


def _is_file(schema: Schema) -> bool:
    return _of_type(schema, "string").get("format") == "uri"


def _of_type(schema: Schema, kind: str) -> Schema:
    """The alternative of a schema that is of this type."""
    for key in ("anyOf", "oneOf"):
        for option in schema.get(key) or ():
            if match := _of_type(option, kind):
                return match
    return schema if schema.get("type") == kind else {}
