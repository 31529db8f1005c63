"""Values that fall short of their rules, made to meet them: examples are made part by part, and rules are about the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, product
from typing import Any
from urllib.parse import unquote

from .. import patterns
from ..ir import Json
from ..read.patterns import Keyword

_MOST_WAYS = 60
"""Ways to meet the rules that are tried."""
_MOST_OF_ONE = 12
"""Ways to meet one rule, or one part of it."""
_DEEPEST = 12
"""References and schemas within one another that are looked into."""
_MADE = object()
"""A value that the property's own type decides."""
Way = dict[str, Any]
"""The properties that a rule asks for, each with its value or _MADE."""


def completed(
    made: dict[str, Json],
    rules: Sequence[Any],
    definitions: Mapping[str, Any],
    value: Callable[[str], Iterator[Json]],
) -> dict[str, Json]:
    """The object with the first properties that make it meet its rules; itself where none are found.

    value: values for a property; none where the object can have no such property.
    """
    if not rules:
        return made
    valid = _validator(rules, definitions)
    if valid(made):
        return made
    for way in islice(_of_all(rules, definitions, 0), _MOST_WAYS):
        found = dict(made)
        for name, wanted in way.items():
            if wanted is not _MADE:
                found[name] = wanted
            elif name not in found:
                found.update((name, each) for each in islice(value(name), 1))
        if valid(found):
            return found
    return made


def mended(made: Json, rules: Sequence[Any], definitions: Mapping[str, Any], others: Iterable[Json]) -> Json:
    """A list, a mapping or a plain value that meets its rules, as near to what was made as one is found; else itself.

    others: further values of the type.
    """
    valid = _validator(rules, definitions)
    return next((each for each in chain([made], _changed(made, rules, definitions), others) if valid(each)), made)


def _validator(rules: Sequence[Any], definitions: Mapping[str, Any]) -> Callable[[Json], bool]:
    from jsonschema_rs import Draft202012Validator  # loaded only where there is a rule

    keywords: Any = {"pattern": Keyword}
    found: Callable[[Json], bool] = Draft202012Validator(
        {"allOf": [*rules], "$defs": definitions}, keywords=keywords
    ).is_valid
    return found


def _changed(made: Json, rules: Sequence[Any], definitions: Mapping[str, Any]) -> Iterator[Json]:
    """A list with the items that its rules name, or a mapping with such keys."""
    stated = [*_stated(rules, definitions, 0)]
    if isinstance(made, list):
        for rule in stated:
            first = [plain(each, definitions) for each in rule.get("prefixItems", ())]
            made = [*first, *made[len(first) :]]
        for rule in stated:
            if "contains" in rule:
                made = [*made, *[plain(rule["contains"], definitions)] * rule.get("minContains", 1)]
        yield made
        yield [each for number, each in enumerate(made) if each not in made[:number]]
    elif isinstance(made, dict):
        for rule in stated:
            named = rule.get("propertyNames")
            if isinstance(named, Mapping):
                called = [plain(named, definitions), *patterns.some(named.get("pattern", ""), len(made))]
                yield dict(zip(dict.fromkeys(called), made.values(), strict=False))


def _stated(rules: Iterable[Any], definitions: Mapping[str, Any], depth: int) -> Iterator[Mapping[str, Any]]:
    """The rules, and those that they consist of."""
    for rule in rules if depth < _DEEPEST else ():
        if isinstance(rule, Mapping):
            yield rule
            referred = definitions.get(_key(rule.get("$ref", "")))
            yield from _stated([*rule.get("allOf", ()), referred], definitions, depth + 1)


def plain(rule: Any, definitions: Mapping[str, Any], depth: int = 0) -> Json:
    """The plainest value of a schema that stands in a rule; it may fall short of what is rarely asked for."""
    if not isinstance(rule, Mapping) or depth > _DEEPEST:
        return None
    if referred := definitions.get(_key(rule.get("$ref", ""))):
        return plain(referred, definitions, depth + 1)
    for keyword in ("const", "default"):
        if keyword in rule:
            return rule[keyword]
    choices = rule.get("enum") or [
        plain(each, definitions, depth + 1) for each in rule.get("anyOf", rule.get("oneOf", ()))
    ]
    if choices:
        return choices[0]
    kinds = rule.get("type", "object" if "properties" in rule or "required" in rule else "string")
    match kinds if isinstance(kinds, str) else kinds[0]:
        case "object":
            known = rule.get("properties", {})
            return {name: plain(known.get(name, {}), definitions, depth + 1) for name in rule.get("required", ())}
        case "array":
            return [plain(rule.get("items"), definitions, depth + 1)] * rule.get("minItems", 0)
        case "integer" | "number":
            return rule.get("minimum", rule.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            least = rule.get("minLength", 0)
            texts = patterns.some(rule["pattern"], 1, least, rule.get("maxLength")) if "pattern" in rule else ()
            return next(iter(texts), "text" + "x" * (least - 4))


def _of_all(rules: Sequence[Any], definitions: Mapping[str, Any], depth: int) -> Iterator[Way]:
    """What meets all of several rules."""
    each = [[*islice(_ways(rule, definitions, depth), _MOST_OF_ONE)] for rule in rules]
    for chosen in product(*each):
        yield dict(chain.from_iterable(way.items() for way in chosen))


def _ways(rule: Any, definitions: Mapping[str, Any], depth: int) -> Iterator[Way]:
    """The properties by which an object may meet a rule, one choice after the other."""
    if not isinstance(rule, Mapping) or depth > _DEEPEST:
        yield {}
        return
    own: Way = dict.fromkeys(rule.get("required", ()), _MADE)
    for name, inner in rule.get("properties", {}).items():
        if isinstance(inner, Mapping) and (values := [inner["const"]] if "const" in inner else inner.get("enum")):
            own[name] = values[0]
    parts: list[list[Way]] = [[own]]
    referred = definitions.get(_key(rule.get("$ref", "")))
    for inner in (*rule.get("allOf", ()), *([referred] if referred is not None else ())):
        parts.append([*islice(_ways(inner, definitions, depth + 1), _MOST_OF_ONE)])
    for keyword in ("anyOf", "oneOf"):
        if choices := rule.get(keyword):
            every = chain.from_iterable(_ways(inner, definitions, depth + 1) for inner in choices)
            parts.append([*islice(every, _MOST_OF_ONE)])
    if "if" in rule:
        either = (_ways(rule.get(keyword, True), definitions, depth + 1) for keyword in ("then", "else"))
        parts.append([*islice(chain.from_iterable(either), _MOST_OF_ONE)])
    for given, names in rule.get("dependentRequired", {}).items():
        parts.append([{}, dict.fromkeys((given, *names), _MADE)])
    for given, inner in rule.get("dependentSchemas", {}).items():
        parts.append(
            [{}, *({given: _MADE, **way} for way in islice(_ways(inner, definitions, depth + 1), _MOST_OF_ONE))]
        )
    for chosen in product(*parts):
        yield dict(chain.from_iterable(way.items() for way in chosen))


def _key(reference: str) -> str:
    return unquote(reference.removeprefix("#/$defs/")).replace("~1", "/").replace("~0", "~")
