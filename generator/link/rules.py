"""The rules of a body whose fields become arguments, as rules of those arguments.

An argument that travels elsewhere stands beside them, so what a rule says of the object as a whole is said of its
fields: that one of them is given, or what each of them is. A rule that cannot be said so is left to the server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from math import comb
from typing import Any
from urllib.parse import unquote

from ..read.patterns import matches

Json = dict[str, Any]

_DEEPEST = 12
"""References and schemas within one another that are looked into."""
_MOST_CHOICES = 400
"""Choices of fields that a number of properties is told by: each stands in the schema of the arguments."""
REST = ""
"""The name of the argument that holds what has no argument of its own: it has none on the wire."""
_MANY = ("allOf", "anyOf", "oneOf")
_ONE = ("not", "if", "then", "else")
_OF_OTHERS = frozenset(
    ["minLength", "maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems", "items", "prefixItems"]
    + ["contains", "minContains", "maxContains", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]
    + ["multipleOf", "unevaluatedItems"]
)
"""Keywords that do not constrain an object."""


class Untold(Exception):
    """A keyword that cannot be expressed for arguments."""


def of_fields(
    rules: Sequence[Json], names: Sequence[str], definitions: Mapping[str, Any], rest: bool = False
) -> Iterator[Json | Untold]:
    """Each rule of an object as one of its fields, which are the only properties that it can be given.

    rest: one more argument, REST, is a mapping of all others.
    """
    for rule in rules:
        try:
            message = _argument_rule(rule, names, definitions, 0, rest)
        except Untold as untold:
            yield untold
        else:
            if message:
                yield message


def unless_left_out(rule: Json, names: Iterable[str]) -> Json:
    """The rule of a body that need not be sent: it holds where a field is given."""
    return {"anyOf": [{"properties": dict.fromkeys(names, False)}, rule]}


def unless_given(rule: Json, names: Iterable[str]) -> Json:
    """The rule of a body that holds where none of these fields is given."""
    return {"anyOf": [rule, *({"required": [name]} for name in names)]}


def _argument_rule(rule: Any, names: Sequence[str], definitions: Mapping[str, Any], depth: int, rest: bool) -> Any:
    if not isinstance(rule, Mapping):
        return rule
    if depth > _DEEPEST:
        raise Untold("the schema that it references")
    made: Json = {}
    more: list[Any] = []
    known, patterned = rule.get("properties", {}), rule.get("patternProperties", {})
    for keyword, value in rule.items():
        if keyword in _MANY:
            made[keyword] = [_argument_rule(inner, names, definitions, depth + 1, rest) for inner in value]
        elif keyword in _ONE:
            made[keyword] = _argument_rule(value, names, definitions, depth + 1, rest)
        elif keyword == "dependentSchemas":
            made[keyword] = {
                n: _argument_rule(inner, names, definitions, depth + 1, rest) for n, inner in value.items()
            }
        elif keyword == "properties":
            made[keyword] = {name: inner for name, inner in value.items() if name in names}
        elif keyword == "required" or keyword == "dependentRequired":
            made[keyword] = value
        elif keyword == "$ref":
            more.append(_argument_rule(definitions[_referred(value)], names, definitions, depth + 1, rest))
        elif keyword == "type":
            more += [] if "object" in ([value] if isinstance(value, str) else value) else [False]
        elif keyword == "minProperties":
            more += [_at_least(value, names, rest)] if value > 0 else []
        elif keyword == "maxProperties":
            if value < len(names) or rest:
                more.append({"not": _at_least(value + 1, names, rest)})
        elif keyword == "propertyNames":
            wrong = [name for name in names if not _fits(name, value, definitions, depth + 1)]
            more += [{"properties": dict.fromkeys(wrong, False)}] if wrong else []
            more += [{"properties": {REST: {keyword: value}}}] if rest else []
        elif keyword in ("additionalProperties", "patternProperties"):
            continue
        elif keyword == "unevaluatedProperties":
            if value is not False or {"if", "dependentSchemas", "anyOf", "oneOf", "$ref"} & rule.keys():
                raise Untold(f"`{keyword}`")
        elif keyword not in _OF_OTHERS:
            raise Untold(f"`{keyword}`")
    more += [{"properties": {name: inner}} for name, inner in _others(names, rule, known, patterned)]
    return {**made, "allOf": [*made.get("allOf", ()), *more]} if more else made


def _at_least(count: int, names: Sequence[str], rest: bool) -> Any:
    """That so many properties are given: some of the fields, and the others of them in the rest."""
    named = range(min(count, len(names)), -1 if rest else count - 1, -1)
    if sum(comb(len(names), number) for number in named) > _MOST_CHOICES:
        raise Untold("the number of its properties")
    choices: list[Json] = []
    for number in named:
        others = {REST: {"minProperties": count - number}}
        for chosen in combinations(names, number):
            if number == count:
                choices.append({"required": [*chosen]})
            else:
                choices.append({"required": [*chosen, REST], "properties": others})
    return {"anyOf": choices} if choices else False


def _fits(name: str, rule: Any, definitions: Mapping[str, Any], depth: int) -> bool:
    """Whether the name of a field is one that a rule of names allows (JSON Schema 2020-12 Core, 10.3.2.4)."""
    if not isinstance(rule, Mapping):
        return rule is not False
    if depth > _DEEPEST:
        raise Untold("the schema that it references")
    fits: list[bool] = []
    for keyword, value in rule.items():
        if keyword == "$ref":
            fits.append(_fits(name, definitions[_referred(value)], definitions, depth + 1))
        elif keyword == "type":
            fits.append("string" in ([value] if isinstance(value, str) else value))
        elif keyword in ("minLength", "maxLength"):
            fits.append(len(name) >= value if keyword == "minLength" else len(name) <= value)
        elif keyword == "pattern":
            result = matches(value, name)
            if result is None:
                raise Untold("a `pattern` of `propertyNames`")
            fits.append(result)
        elif keyword in ("const", "enum"):
            fits.append(name in (value if keyword == "enum" else [value]))
        elif keyword in _MANY:
            each = [_fits(name, inner, definitions, depth + 1) for inner in value]
            fits.append({"allOf": all(each), "anyOf": any(each), "oneOf": sum(each) == 1}[keyword])
        elif keyword == "not":
            fits.append(not _fits(name, value, definitions, depth + 1))
        else:
            raise Untold(f"`{keyword}` of `propertyNames`")
    return all(fits)


def _referred(reference: str) -> str:
    return unquote(reference.removeprefix("#/$defs/")).replace("~1", "/").replace("~0", "~")


def _others(names: Sequence[str], rule: Mapping[str, Any], known: Any, patterned: Any) -> Iterator[tuple[str, Any]]:
    """What `patternProperties` and `additionalProperties` say of each field."""
    for name in names:
        results = [inner for pattern, inner in patterned.items() if matches(pattern, name)]
        yield from ((name, inner) for inner in results)
        if not results and name not in known and "additionalProperties" in rule:
            yield name, rule["additionalProperties"]
