"""The rules of a body whose fields are arguments of their own, as rules of those arguments.

An argument that travels elsewhere stands beside them, so what a rule says of the object as a whole is said of its
fields: that one of them is given, or what each of them is. A rule that cannot be said so is left to the server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from ..read.patterns import matches

Json = dict[str, Any]

_DEEPEST = 12
"""References and schemas within one another that are looked into."""
_MANY = ("allOf", "anyOf", "oneOf")
_ONE = ("not", "if", "then", "else")
_OF_OTHERS = frozenset(
    ["minLength", "maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems", "items", "prefixItems"]
    + ["contains", "minContains", "maxContains", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]
    + ["multipleOf", "unevaluatedItems"]
)
"""What says nothing of an object."""


class Untold(Exception):
    """A keyword that cannot be said of arguments."""


def of_fields(rules: Sequence[Json], names: Sequence[str], definitions: Mapping[str, Any]) -> Iterator[Json | Untold]:
    """Each rule of an object as one of its fields, which are the only properties that it can be given."""
    for rule in rules:
        try:
            told = _told(rule, names, definitions, 0)
        except Untold as untold:
            yield untold
        else:
            if told:
                yield told


def unless_left_out(rule: Json, names: Iterable[str]) -> Json:
    """The rule of a body that need not be sent: it holds where a field is given."""
    return {"anyOf": [{"properties": dict.fromkeys(names, False)}, rule]}


def _told(rule: Any, names: Sequence[str], definitions: Mapping[str, Any], depth: int) -> Any:
    if not isinstance(rule, Mapping):
        return rule
    if depth > _DEEPEST:
        raise Untold("what it refers to")
    made: Json = {}
    more: list[Any] = []
    known, patterned = rule.get("properties", {}), rule.get("patternProperties", {})
    for keyword, value in rule.items():
        if keyword in _MANY:
            made[keyword] = [_told(inner, names, definitions, depth + 1) for inner in value]
        elif keyword in _ONE:
            made[keyword] = _told(value, names, definitions, depth + 1)
        elif keyword == "dependentSchemas":
            made[keyword] = {n: _told(inner, names, definitions, depth + 1) for n, inner in value.items()}
        elif keyword == "properties":
            made[keyword] = {name: inner for name, inner in value.items() if name in names}
        elif keyword == "required" or keyword == "dependentRequired":
            made[keyword] = value
        elif keyword == "$ref":
            key = unquote(value.removeprefix("#/$defs/")).replace("~1", "/").replace("~0", "~")
            more.append(_told(definitions[key], names, definitions, depth + 1))
        elif keyword == "type":
            more += [] if "object" in ([value] if isinstance(value, str) else value) else [False]
        elif keyword == "minProperties":
            more += _at_least(value, names)
        elif keyword == "maxProperties":
            if value < len(names):
                raise Untold(f"`{keyword}`")
        elif keyword in ("additionalProperties", "patternProperties"):
            continue
        elif keyword == "unevaluatedProperties":
            if value is not False or {"if", "dependentSchemas", "anyOf", "oneOf", "$ref"} & rule.keys():
                raise Untold(f"`{keyword}`")
        elif keyword not in _OF_OTHERS:
            raise Untold(f"`{keyword}`")
    more += [{"properties": {name: inner}} for name, inner in _others(names, rule, known, patterned)]
    return {**made, "allOf": [*made.get("allOf", ()), *more]} if more else made


def _at_least(count: int, names: Sequence[str]) -> list[Any]:
    if count > 1:
        raise Untold("`minProperties`")
    return [{"anyOf": [{"required": [name]} for name in names]}] if count == 1 else []


def _others(names: Sequence[str], rule: Mapping[str, Any], known: Any, patterned: Any) -> Iterator[tuple[str, Any]]:
    """What `patternProperties` and `additionalProperties` say of each field."""
    for name in names:
        found = [inner for pattern, inner in patterned.items() if matches(pattern, name)]
        yield from ((name, inner) for inner in found)
        if not found and name not in known and "additionalProperties" in rule:
            yield name, rule["additionalProperties"]
