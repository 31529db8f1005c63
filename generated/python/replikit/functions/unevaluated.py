"""What a schema has looked at in an object or a list: for `unevaluatedProperties` and `unevaluatedItems`.

By JSON Schema 2020-12, Core, 11: the schemas that apply to the value itself count, as far as the value fits them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..runtime import patterns

Schema = Mapping[str, Any]
Fits = Callable[[Schema], bool]
"""Whether the value fits a schema."""
Referred = Callable[[Schema], Any]
"""The schema that a reference leads to."""


def names(value: Mapping[str, Any], schema: Schema, fits: Fits, referred: Referred) -> set[str]:
    """The properties that a schema looks at."""
    evaluated: set[str] = set()
    for part in _applied(value, schema, fits, referred):
        if "additionalProperties" in part or (part is not schema and "unevaluatedProperties" in part):
            return set(value)
        evaluated |= mapping(part, "properties").keys() & value.keys()
        for pattern in mapping(part, "patternProperties"):
            # A pattern that is not checked here may describe any name.
            evaluated |= {name for name in value if patterns.matches(pattern, name) is not False}
    return evaluated


def items(value: Sequence[Any], schema: Schema, fits: Fits, referred: Referred) -> Callable[[int], bool]:
    """Which elements a schema looks at by their place; `containing` tells of those that it looks at by what they are."""
    first = 0
    for part in _applied(value, schema, fits, referred):
        if "items" in part or (part is not schema and "unevaluatedItems" in part):
            return lambda index: True
        first = max(first, len(part.get("prefixItems", ())))
    return lambda index: index < first


def containing(value: Sequence[Any], schema: Schema, fits: Fits, referred: Referred) -> list[Any]:
    """The schemas of `contains`: an element that fits one of them is looked at."""
    return [part["contains"] for part in _applied(value, schema, fits, referred) if "contains" in part]


def mapping(schema: Schema, keyword: str) -> Mapping[str, Any]:
    """What stands under a keyword that holds schemas by name; nothing for anything else."""
    value = schema.get(keyword)
    return value if isinstance(value, Mapping) else {}


def _applied(value: Any, schema: Schema, fits: Fits, referred: Referred) -> Iterator[Schema]:
    """The schema and those within it that apply to the same value and that it fits."""
    todo, seen = [schema], set()
    while todo:
        part = todo.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        inner = [referred(part)] if "$ref" in part else []
        for keyword in ("allOf", "anyOf", "oneOf"):
            branches = part.get(keyword)
            inner += branches if isinstance(branches, list) else []
        if "if" in part:
            holds = part["if"] is True or (isinstance(part["if"], Mapping) and fits(part["if"]))
            inner += [part["if"]] * holds + [part.get("then" if holds else "else")]
        if isinstance(value, Mapping):
            inner += [each for name, each in mapping(part, "dependentSchemas").items() if name in value]
        todo += [each for each in inner if isinstance(each, Mapping) and fits(each)]
