"""The function catalog as written, checked against its JSON Schema; an error suggests the nearest valid word."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Finding, SpecError
from .source import Node, Source, load

if TYPE_CHECKING:
    from .catalog_model import Catalog

_SHOWN = 12
"""Names at most in a hint."""
SCHEMA_FILE = Path(__file__).with_name("catalog.schema.json")

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def read(path: Path) -> Catalog:
    """The catalog at a path. SpecError with every mistake in it."""
    return of(load(path))


def is_empty(source: Source) -> bool:
    """Whether a catalog is empty, like a new one of `init`: everything in it is a comment."""
    written = source.value if isinstance(source.value, dict) else {"": None}
    return all(key == "catalog" or (key == "functions" and value is None) for key, value in written.items())


def of(source: Source) -> Catalog:
    """The catalog of a file. SpecError with every mistake in it."""
    # Here: settings are checked as well, by runs that read no catalog.
    from . import returned
    from .catalog_model import Catalog, entry

    root = Node(source, "", source.value)
    if isinstance(root.value, dict):
        # A section in which all is a comment, as `init` writes it, is none.
        root = Node(source, "", {key: value for key, value in root.value.items() if value is not None})
    if returned.made(source):
        root = returned.catalog_of(root)
    schema = json.loads(SCHEMA_FILE.read_text("utf-8"))
    findings = list(check(root, schema, schema))
    if findings:
        raise SpecError.of(findings)
    return entry(Catalog, root)


def check(node: Node, schema: Any, root: Any) -> Iterator[Finding]:
    """The findings for a node that does not match its schema. Supports the keywords that catalog.schema.json uses."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    if "anyOf" in schema:
        yield from _check_any(node, schema["anyOf"], root)
        return
    wanted = schema.get("type")
    if wanted and not _is(node.value, wanted):
        shown = json.dumps(node.value, ensure_ascii=False, default=str)  # TOML has dates
        hint = f"write it in quotes: {json.dumps(str(node.value))}" if wanted == "string" else f"use {_article(wanted)}"
        yield Finding(node.place, f"{shown[:60]} is not {_article(wanted)}", hint)
        return
    if "enum" in schema and node.value not in schema["enum"]:
        yield Finding(
            node.place,
            f"{node.value!r} is not an allowed value",
            nearest(str(node.value), map(str, schema["enum"])),
        )
    if "const" in schema and node.value != schema["const"]:
        yield Finding(node.place, f"{node.value!r} is not {schema['const']!r}", f"write {schema['const']!r}")
    if "pattern" in schema and isinstance(node.value, str) and not _matches(schema["pattern"], node.value):
        yield Finding(
            node.place,
            f"{node.value!r} does not match {schema['pattern']}",
            schema.get("description") or "use a value that matches the pattern",
        )
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    if wanted in ("integer", "number") and not low <= node.value <= high:
        yield Finding(node.place, f"{node.value} is out of range", f"use {low:g} to {high:g}")
    if isinstance(node.value, dict):
        yield from _check_object(node, schema, root)
    for element in node.elements():
        if "items" in schema:
            yield from check(element, schema["items"], root)
    if len(node.value if isinstance(node.value, list) else [None]) < schema.get("minItems", 0):
        yield Finding(node.place, "is an empty list", "add at least one")


def _check_any(node: Node, schemas: Any, root: Any) -> Iterator[Finding]:
    """What of a node the one of several schemas refuses that is of its type."""
    followed = [root["$defs"][each["$ref"].removeprefix("#/$defs/")] if "$ref" in each else each for each in schemas]
    chosen = next((each for each in followed if _is(node.value, each["type"])), None)
    if chosen is not None:
        yield from check(node, chosen, root)
        return
    shown = json.dumps(node.value, ensure_ascii=False)
    kinds = " or ".join(_article(each["type"]) for each in followed)
    yield Finding(node.place, f"{shown[:60]} is not {kinds}", f"use {kinds}")


def _check_object(node: Node, schema: Any, root: Any) -> Iterator[Finding]:
    known = schema.get("properties", {})
    rest = schema.get("additionalProperties", True)
    for key in schema.get("required", ()):
        if key not in node.value:
            yield Finding(
                node.place,
                f"the key {key!r} is missing",
                f"add {key!r}: {known.get(key, {}).get('description', '')}".rstrip(": "),
            )
    for key, value in node.items():
        if key in known:
            yield from check(value, known[key], root)
        elif rest is False:
            yield Finding(value.place, f"{key!r} is not a valid key here", nearest(key, known))
        elif isinstance(rest, dict):
            names = schema.get("propertyNames")
            if names and not _matches(names["pattern"], key):
                yield Finding(
                    value.place,
                    f"the name {key!r} does not match {names['pattern']}",
                    "use lower case, digits and _",
                )
            yield from check(value, rest, root)


def _matches(pattern: str, text: str) -> bool:
    """Whether all of a text is what a pattern of the schema describes; Python's `$` would let a line end after it."""
    return re.fullmatch(pattern.removeprefix("^").removesuffix("$"), text) is not None


def _is(value: Any, wanted: str) -> bool:
    if isinstance(value, bool):
        return wanted == "boolean"
    return isinstance(value, _TYPES[wanted])


def _article(name: str) -> str:
    return f"an {name}" if name[0] in "aeio" else f"a {name}"


def nearest(word: str, known: Any) -> str:
    """The way to mend a name that is not known: the nearest that is, or those that there are."""
    import difflib

    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]!r}?"
    if not names:
        return "no keys are allowed here: remove it"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"it is one of: {', '.join(names[:_SHOWN])}{more}"
