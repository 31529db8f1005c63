"""The data of a new record: the example of its kind, with the arguments of the call and a name of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import formats
from .identities import identity, replaced, varied, within
from .jobs import put
from .records import Records
from .requests import Upload
from .routes import Route
from .schema import Schema, Schemas
from .texts import plain, typed

_TURNS = 20
"""Texts like the one that a pattern shows which are tried for an id."""


def forgotten(
    schemas: Schemas, route: Route, schema: Schema, data: dict[str, Any], arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """The example without the values of arguments that this call omits."""
    if route["body"] is None:
        return data
    required = schemas.required(schema)
    properties = schemas.properties(schema)
    for name in schemas.properties(route["body"]["schema"]):
        if name in arguments or name not in data:
            continue
        if schemas.valid(None, properties.get(name, {})):
            data[name] = None
        elif name not in required:
            del data[name]
        elif isinstance(data[name], dict) and schemas.valid({}, properties.get(name, {})):
            data[name] = {}
    return data


def renamed(data: dict[str, Any], key: Sequence[str], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The example with its name replaced by the requested one, wherever all parts of the name occur together."""
    old = [data.get(part) for part in key]
    new = [arguments.get(part, data.get(part)) for part in key]
    if len(old) < 2 or not all(isinstance(part, str) and part for part in (*old, *new)):
        return data
    return replaced(data, "/".join(map(str, old)), "/".join(map(str, new)))


def unwrapped(schemas: Schemas, schema: Schema, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments of a body with a single property that contains the record: `{"user": {…}}`."""
    if len(arguments) != 1:
        return arguments
    name, inner = next(iter(arguments.items()))
    known = schemas.properties(schema)
    inside = isinstance(inner, dict) and name not in known and not inner.keys().isdisjoint(known)
    return inner if inside else arguments


def laid(
    schemas: Schemas, schema: Schema, data: dict[str, Any], arguments: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The data with each argument at the topmost property of its name; and the remaining arguments."""
    extra = {}
    for name, value in arguments.items():
        property_ = closest(schemas, schema, name)
        if property_ is not None and not property_[1].get("writeOnly") and schemas.valid(value, property_[1]):
            data = put(data, ".".join(property_[0]), value)
        else:
            extra[name] = value
    return data, extra


def closest(schemas: Schemas, schema: Schema, name: str) -> tuple[tuple[str, ...], Schema] | None:
    """The path to the topmost property of this name, and its schema."""
    level: list[tuple[tuple[str, ...], Schema]] = [((), schema)]
    for _ in range(4):
        below = []
        for path, outer in level:
            for wire, inner in schemas.properties(outer).items():
                if wire == name:
                    return (*path, wire), inner
                below.append(((*path, wire), inner))
        level = below
    return None


def identified(
    records: Records,
    rules: Mapping[str, Any],
    data: dict[str, Any],
    arguments: Mapping[str, Any],
    known: Mapping[str, Schema],
) -> dict[str, Any]:
    """The data under a new name, wherever it contains the example's name."""
    called = rules["called"] if len(rules["called"]) == len(rules["key"]) else [{}] * len(rules["key"])
    for part, param in zip(rules["key"], called):
        old = data.get(part)
        # Of several parts, those that are no ids are names of others that it belongs to.
        if part and part not in arguments and (len(rules["key"]) == 1 or part.endswith(("id", "uuid", "key"))):
            with records.changed:
                records.made += 1
                text = f"{rules['get']} {records.made}" + (f" {records.seed}" if records.seed else "")
                new = _new_identity(records, text, old, known.get(part, {}), param)
            data = replaced(data, old, new) | {part: new}
    return data


def _new_identity(records: Records, seed: str, old: Any, schema: Schema, param: Schema) -> Any:
    """A new id that looks like another one, that its schema takes, and that of the path's parameter as well."""
    schemas = records.routes.schemas
    for each in _identities(seed, old, plain(schema, schemas), plain(param, schemas)):
        if schemas.valid(each, schema) and schemas.valid(typed(str(each), param, schemas), param):
            return each
    return next(_identities(seed, old, plain(schema, schemas), {}))


def _identities(seed: str, old: Any, schema: Schema, param: Schema) -> Iterator[Any]:
    """Ids by the schema of a record's field, then by that of the path's parameter."""
    text = schema.get("type") not in ("integer", "number")
    for rules in (schema, param):
        if rules.get("type") in ("integer", "number") or not text:
            number = within(identity(seed, 0), rules)
            yield str(number) if text else number
            continue
        for like in rules.get("examples", ()):
            yield from (varied(f"{seed} {turn}", like) for turn in range(_TURNS))
            yield like
        if rules.get("format") == "uuid":
            yield formats.made_uuid(seed)
        yield from rules.get("enum", ())
        made = identity(seed, old)
        if isinstance(made, str):
            made = made.ljust(rules.get("minLength", 0), "x")
            yield made[: rules.get("maxLength", len(made))]
        else:
            yield made


def of_upload(schemas: Schemas, schema: Schema, data: dict[str, Any], upload: Upload) -> dict[str, Any]:
    """The data with what can be seen of an upload, where it has properties of the usual names."""
    digest = hashlib.sha256(upload.content).hexdigest()
    facts = {
        "size": len(upload.content),
        "bytes": len(upload.content),
        "content_type": upload.media_type,
        "filename": upload.filename,
        "name": upload.filename,
    }
    known = schemas.properties(schema)
    data |= {name: value for name, value in facts.items() if name in known and value != ""}
    sums = data.get("checksums")
    if isinstance(sums, dict) and "sha256" in sums:
        data["checksums"] = {"sha256": digest}
    return data
