"""The data of a record that a call makes: of the example of its kind, with what was given and a name of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from . import formats
from .identities import identity, replaced
from .jobs import put
from .records import Records
from .requests import Upload
from .routes import Route
from .schema import Schema, Schemas
from .texts import plain


def forgotten(
    schemas: Schemas, route: Route, schema: Schema, data: dict[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """The example without what it shows of arguments that this call leaves out."""
    if route["body"] is None:
        return data
    required = schemas.required(schema)
    properties = schemas.properties(schema)
    for name in schemas.properties(route["body"]["schema"]):
        if name in given or name not in data:
            continue
        if schemas.valid(None, properties.get(name, {})):
            data[name] = None
        elif name not in required:
            del data[name]
        elif isinstance(data[name], dict) and schemas.valid({}, properties.get(name, {})):
            data[name] = {}
    return data


def renamed(data: dict[str, Any], key: Sequence[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """The example with the name that is given in place of its own, wherever the parts of that stand together."""
    old = [data.get(part) for part in key]
    new = [given.get(part, data.get(part)) for part in key]
    if len(old) < 2 or not all(isinstance(part, str) and part for part in (*old, *new)):
        return data
    return replaced(data, "/".join(map(str, old)), "/".join(map(str, new)))


def laid(
    schemas: Schemas, schema: Schema, data: dict[str, Any], arguments: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The data with each argument where a property of its name stands closest to the top; and the others."""
    extra = {}
    for name, value in arguments.items():
        found = closest(schemas, schema, name)
        if found is not None and schemas.valid(value, found[1]):
            data = put(data, ".".join(found[0]), value)
        else:
            extra[name] = value
    return data, extra


def closest(schemas: Schemas, schema: Schema, name: str) -> tuple[tuple[str, ...], Schema] | None:
    """The way to the property of this name that stands closest to the top, and its schema."""
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
    """The data under a name of its own, wherever the example's name stands in it."""
    for part in rules["key"]:
        old = data.get(part)
        if part and part not in arguments and part.endswith(("id", "uuid", "key")):
            with records.changed:
                records.made += 1
                told = f"{rules['get']} {records.made}" + (f" {records.seed}" if records.seed else "")
                new = _new_identity(records, told, old, known.get(part, {}))
            data = replaced(data, old, new) | {part: new}
    return data


def _new_identity(records: Records, seed: str, old: Any, schema: Schema) -> Any:
    """A new id that looks like another one, and that its schema takes."""
    schema = plain(schema, records.routes.schemas)
    if schema.get("examples"):
        return schema["examples"][records.made % len(schema["examples"])]
    if schema.get("format") == "uuid":
        return formats.made_uuid(seed)
    return identity(seed, 0 if schema.get("type") in ("integer", "number") else old)


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
