"""What changed between two descriptions of one function: its arguments, their values and limits, its output."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .added import Added

_SHOWN = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
    *("minItems", "maxItems", "pattern", "format", "default"),
)


def changes(old: Added, new: Added) -> list[str]:
    """One line per change, breaking ones first; empty where both are the same."""
    differences = [*_arguments(old.input_schema, new.input_schema)]
    differences += _parts("output", old.output_schema, new.output_schema)
    if old.version != new.version:
        differences.append((1, f"version {old.version[:12] or '(none)'} is now {new.version[:12] or '(none)'}"))
    if (old.base, dict(old.fixed)) != (new.base, dict(new.fixed)) and old.version == new.version:
        differences.append((1, f"it is called with {json.dumps(dict(new.fixed), ensure_ascii=False)}"))
    if not differences and old.to_dict() != new.to_dict():
        differences.append((1, "its texts"))
    return [text for _, text in sorted(differences, key=lambda change: change[0])]


def _arguments(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed, needs = set(old.get("required", ())), set(new.get("required", ()))
    if ("properties" in old) != ("properties" in new):
        yield 0, "it says what it takes" if "properties" in new else "it no longer says what it takes"
        return
    for name in before:
        if name not in after:
            yield 0, f"{name} is gone"
        else:
            if (name in needed) != (name in needs):
                yield (0, f"{name} is required now") if name in needs else (1, f"{name} may be left out now")
            yield from _parts(name, before[name], after[name])
    for name in after:
        if name not in before:
            yield (0, f"{name} is new, and required") if name in needs else (1, f"{name} is new")


def _parts(where: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    from .document import outline

    before, after = _values(old), _values(new)
    if before is not None and after is not None:
        gone = [value for value in before if value not in after]
        fresh = [value for value in after if value not in before]
        if gone:
            yield 0, f"{where} no longer takes {_listed(gone)}"
        if fresh:
            yield 1, f"{where} takes {_listed(fresh)} as well"
    elif outline(_bare(old)) != outline(_bare(new)):
        yield 0, f"{where} was {outline(_bare(old))} and is {outline(_bare(new))}"
        return
    for key in _SHOWN:
        if old.get(key) != new.get(key):
            yield 1, f"{where}: {key} was {_text(old, key)} and is {_text(new, key)}"


def _values(schema: Mapping[str, Any]) -> list[Any] | None:
    inner = [schema, *(part for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key, ()))]
    return next((part["enum"] for part in inner if "enum" in part), None)


def _bare(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in schema.items() if key not in ("description", "title")}


def _text(schema: Mapping[str, Any], key: str) -> str:
    return json.dumps(schema[key], ensure_ascii=False) if key in schema else "not there"


def _listed(values: list[Any]) -> str:
    return ", ".join(json.dumps(value, ensure_ascii=False) for value in values)
