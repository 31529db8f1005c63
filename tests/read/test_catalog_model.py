"""The catalog's types and its JSON Schema name the same keys, and what is read is what is written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin

from generator.read import catalog
from generator.read.catalog_model import Catalog, Entry, hints

SPEC = Path(__file__).parents[2] / "spec/catalog.yaml"
SCHEMA: dict[str, Any] = json.loads(catalog.SCHEMA_FILE.read_text("utf-8"))
SCALARS = {"string": str, "boolean": bool, "integer": int, "number": float}


def differences(hint: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
    """Where a type and a schema do not say the same."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    if "anyOf" in schema:
        several = [each for each in get_args(hint) if each is not type(None)]
        if len(several) != len(schema["anyOf"]):
            yield f"{where}: {hint} and {schema}"
        for one, other in zip(several, schema["anyOf"], strict=False):
            yield from differences(one, other, where)
        return
    if isinstance(hint, UnionType):
        hint = next(each for each in get_args(hint) if each is not type(None))
    kind, of = schema.get("type"), get_origin(hint)
    if isinstance(hint, type) and issubclass(hint, Entry):
        known: dict[str, Any] = schema.get("properties", {})
        if schema.get("additionalProperties") is not False or kind != "object":
            yield f"{where}: the schema lets other keys pass"
        if known.keys() != hints(hint).keys():
            yield f"{where}: {sorted(known.keys() ^ hints(hint).keys())}"
        needed = {f.name for f in fields(hint) if f.default is MISSING and f.default_factory is MISSING} - {"at"}
        if needed != set(schema.get("required", ())):
            yield f"{where}: required are {sorted(needed)} and {sorted(schema.get('required', ()))}"
        for key in known.keys() & hints(hint).keys():
            yield from differences(hints(hint)[key], known[key], f"{where}.{key}")
    elif of is tuple and kind == "array":
        yield from differences(get_args(hint)[0], schema["items"], f"{where}[]")
    elif of is Mapping and kind == "object":
        if (inner := get_args(hint)[1]) is not Any or "additionalProperties" in schema:
            yield from differences(inner, schema["additionalProperties"], f"{where}.*")
    elif hint is not SCALARS.get(kind, int if "const" in schema else Any):
        yield f"{where}: {hint} and {schema}"


def test_the_types_and_the_schema_name_the_same_keys() -> None:
    assert list(differences(Catalog, SCHEMA, "catalog")) == []


def test_a_key_of_one_alone_is_told() -> None:
    """The comparison sees what it is for: a key too many, one that is missing, another type, another requirement."""
    changed = json.loads(json.dumps(SCHEMA["$defs"]["job"]))
    changed["properties"]["more"] = {"type": "string"}
    del changed["properties"]["logs"]
    changed["properties"]["interval"] = {"type": "string"}
    changed["required"].remove("poll")
    kind = get_args(hints(Catalog)["jobs"])[1]
    assert len([*differences(kind, changed, "job")]) == 3


def entries(kind: type[Entry]) -> Iterator[type[Entry]]:
    for each in kind.__subclasses__():
        yield each
        yield from entries(each)


def test_what_an_entry_leaves_out_is_the_empty_value_of_its_type() -> None:
    """What has no value of its own in an entry must neither pass for one nor be of another type."""
    empty = {Any: None, str: "", bool: False, int: 0, float: 0.0, tuple: (), Mapping: {}, UnionType: None}
    said: dict[str, Any] = {}
    for kind in entries(Entry):
        for each in fields(kind):
            value = each.default_factory() if callable(each.default_factory) else each.default
            if each.name == "at" or value is MISSING:
                continue
            hint = hints(kind)[each.name]
            wanted = empty[get_origin(hint) or hint]
            if (type(value), value) != (type(wanted), wanted):
                said[f"{kind.__name__}.{each.name}"] = value
    said_by_none = {
        "PageEntry.by": "url",
        "JobEntry.interval": 1.0,
        "Catalog.catalog": 1,
        "FunctionEntry.hidden": False,
    }
    assert said == said_by_none


def values(said: Any) -> Any:
    """What an entry says, as it was written."""
    if isinstance(said, Entry):
        return {key: values(getattr(said, key)) for key in hints(type(said)) if said.has(key)}
    if isinstance(said, Mapping):
        return {key: values(each) for key, each in said.items()}
    return [values(each) for each in said] if isinstance(said, tuple) else said


def test_what_is_read_is_what_is_written_and_has_its_place() -> None:
    read = catalog.read(SPEC)
    assert values(read) == read.at.value
    lines = SPEC.read_text("utf-8").splitlines()
    for name, said in read.functions.items():
        place = said.at.place
        assert lines[place.line - 1][place.column - 1 :].startswith(f"{name}:")
        assert said.node("operation").place.line == place.line + 1 and said.node("nothing") == said.at


def keys(schema: dict[str, Any], where: str) -> Iterator[tuple[str, str]]:
    """Every key that a catalog may have below a schema, and what is said of it."""
    for name, part in schema.get("properties", {}).items():
        referred = SCHEMA["$defs"][part["$ref"].removeprefix("#/$defs/")] if "$ref" in part else {}
        yield f"{where}.{name}", part.get("description") or referred.get("description", "")
        yield from keys(part, f"{where}.{name}")
    for inner in (schema.get("additionalProperties"), schema.get("items"), *schema.get("anyOf", ())):
        if isinstance(inner, dict):
            yield from keys(inner, f"{where}[]")


def test_every_key_at_every_depth_is_described_in_a_sentence() -> None:
    found = [*keys(SCHEMA, "catalog")]
    found += [
        each
        for name, part in SCHEMA["$defs"].items()
        for each in [(name, part.get("description", "")), *keys(part, name)]
    ]
    assert len(found) > 120
    told = [
        name
        for name, said in found
        if not (said[:1].isupper() or said[:1] in "`") or said[-1:] != "." or said.count(" ") < 3
    ]
    assert told == []
