"""Checks arguments by the JSON Schemas of functions.json, and says how to correct what is wrong.

It knows the keywords that those schemas use and no others, and no references but `#/$defs/KEY`. Its time is linear in the
size of the value, whatever the value: nothing is compared with everything else, what refers to a type is checked once a
place, and patterns are matched by an engine that never backtracks.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..runtime import patterns
from ..runtime.jsonvalues import is_multiple, key
from . import unevaluated
from .schemas import resolved
from .unevaluated import mapping
from .wording import fragment, kind, listed, nearest, path, shown

Schema = Mapping[str, Any]
Place = tuple[str | int, ...]

DEEPEST = 200
"""Levels of a value: objects and arrays within one another."""
DEEPEST_TYPED = 64
"""The same where the schema has types, which may hold themselves: then the check goes as deep as the value."""
_OPEN = 100
"""References within one another, whatever the value."""

_MISSING = "is required and missing"

_JSON = (str, int, float, type(None), list, dict)
_LIMITS: tuple[tuple[str, str, Callable[[Any, Any], bool]], ...] = (
    ("minimum", "at least", operator.ge),
    ("maximum", "at most", operator.le),
    ("exclusiveMinimum", "more than", operator.gt),
    ("exclusiveMaximum", "less than", operator.lt),
    ("multipleOf", "a multiple of", is_multiple),
)


@dataclass(frozen=True)
class Problem:
    """An argument that does not fit: where, why, and the schema that it violates."""

    parameter: str
    message: str
    expected: Any = None
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Wrong:
    """A problem before it is put into words: a union meets many and reports one."""

    at: Place
    message: str
    expected: Any
    nearest: tuple[str, ...] = ()


def check(value: Any, schema: Schema) -> Problem | None:
    """The first thing that is wrong with the value, or None."""
    most = deepest(schema)
    if too_deep(value, most):
        return Problem("", f"is nested more than {most} levels deep")
    wrong = _Check(schema).first(value, schema, ())
    if wrong is None:
        return None
    expected = wrong.expected
    if isinstance(expected, Mapping) and "$ref" in expected:
        expected = resolved(expected, schema)
    return Problem(path(wrong.at), wrong.message, fragment(expected), wrong.nearest)


def deepest(schema: Schema | bool) -> int:
    """How many levels a value may have that is checked by this schema."""
    return DEEPEST_TYPED if isinstance(schema, Mapping) and "$defs" in schema else DEEPEST


def too_deep(value: Any, most: int = DEEPEST) -> bool:
    """Whether objects and arrays stand in one another further than they may."""
    level = [value]
    for _ in range(most + 1):
        level = [inner for outer in level for inner in _within(outer)]
        if not level:
            return False
    return True


def _within(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, (list, tuple)) else ()


class _Check:
    """One check of one value."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._level = 0
        self._referred: dict[tuple[Place, str], _Wrong | None] = {}
        """What was found where something refers to a type. Without it, unions that hold themselves double at each level."""
        self._allowed: dict[int, frozenset[Any]] = {}
        """The keys of the values of an `enum`, by its identity."""
        self._examined: dict[tuple[Place, int] | None, _Wrong | None] = {}
        """What was found by a schema that has to know what its parts look at, and so asks them twice."""
        self._all: tuple[Callable[[Any, Schema, Place], _Wrong | None], ...] = (
            _type, self._values, _number, _text, self._array, self._object, self._combined, self._unevaluated,
        )  # fmt: skip

    def first(self, value: Any, schema: Schema | bool, at: Place) -> _Wrong | None:
        """The first thing that is wrong with the value at a place."""
        if not isinstance(schema, Mapping):
            return _Wrong(at, "is not allowed", {"not": {}}) if schema is False else None
        if "$ref" in schema:
            wrong = self._reference(value, schema, at)
            if wrong is not None:
                return wrong
        once = (at, id(schema)) if "unevaluatedProperties" in schema or "unevaluatedItems" in schema else None
        if once in self._examined:
            return self._examined[once]
        wrong = next(filter(None, (examine(value, schema, at) for examine in self._all)), None)
        if once is not None:
            self._examined[once] = wrong
        return wrong

    def _reference(self, value: Any, schema: Schema, at: Place) -> _Wrong | None:
        pointer = schema["$ref"]
        if not isinstance(pointer, str):
            return None
        if self._level == _OPEN:
            return _Wrong(at, "is nested too deep in types that hold themselves", {})
        if (at, pointer) not in self._referred:
            # What refers to itself at the same place says nothing of the value.
            self._referred[at, pointer] = None
            self._level += 1
            self._referred[at, pointer] = self.first(value, resolved(schema, self._root), at)
            self._level -= 1
        return self._referred[at, pointer]

    def _values(self, value: Any, schema: Schema, at: Place) -> _Wrong | None:
        for keyword in ("enum", "const"):
            allowed = schema.get(keyword) if keyword == "enum" else [schema[keyword]] if keyword in schema else None
            if not isinstance(allowed, (list, tuple)) or key(value) in self._keys(allowed, keep=keyword == "enum"):
                continue
            words = [option for option in allowed if isinstance(option, str)]
            near = nearest(value, words) if isinstance(value, str) else ()
            return _Wrong(at, f"{shown(value)} is not one of {listed(allowed)}", schema, near)
        return None

    def _keys(self, allowed: Sequence[Any], keep: bool) -> frozenset[Any]:
        """The keys of the values that are allowed; those of a list that stands in the schema are made once."""
        keys = self._allowed.get(id(allowed)) if keep else None
        if keys is None:
            keys = frozenset(map(key, allowed))
            if keep:
                self._allowed[id(allowed)] = keys
        return keys

    def _array(self, value: Any, schema: Schema, at: Place) -> _Wrong | None:
        if not isinstance(value, (list, tuple)):
            return None
        wrong = _counted(len(value), "items", "has {} items", schema, at)
        if wrong is not None:
            return wrong
        if schema.get("uniqueItems") is True and len(set(map(key, value))) < len(value):
            return _Wrong(at, "has the same item twice", schema)
        first = _list(schema, "prefixItems")
        items = schema.get("items", True)
        for index, item in enumerate(value) if first or items not in (True, {}) else ():
            wrong = self.first(item, first[index] if index < len(first) else items, (*at, index))
            if wrong is not None:
                return wrong
        return self._contains(value, schema, at)

    def _contains(self, value: Sequence[Any], schema: Schema, at: Place) -> _Wrong | None:
        if "contains" not in schema:
            return None
        fitting = sum(self.first(item, schema["contains"], (*at, n)) is None for n, item in enumerate(value))
        least, most = _limit(schema, "minContains"), _limit(schema, "maxContains")
        least = 1 if least is None else least
        if fitting < least:
            return _Wrong(at, f"has {fitting} of the items that it must have at least {least} of", schema["contains"])
        if most is not None and fitting > most:
            return _Wrong(at, f"has {fitting} of the items that it may have at most {most} of", schema["contains"])
        return None

    def _object(self, value: Any, schema: Schema, at: Place) -> _Wrong | None:
        if not isinstance(value, Mapping):
            return None
        properties, patterned = mapping(schema, "properties"), mapping(schema, "patternProperties")
        rest = schema.get("additionalProperties", True)
        for name, item in value.items():
            wrong = self._property(str(name), item, schema, properties, patterned, rest, at)
            if wrong is not None:
                return wrong
        for name in _list(schema, "required"):
            if name not in value:
                return _Wrong((*at, str(name)), _MISSING, properties.get(name, {}))
        for trigger, names in mapping(schema, "dependentRequired").items():
            for name in names if trigger in value and isinstance(names, list) else ():
                if name not in value:
                    return _Wrong((*at, str(name)), f"is required beside {trigger}", properties.get(name, {}))
        for trigger, inner in mapping(schema, "dependentSchemas").items():
            wrong = self.first(value, inner, at) if trigger in value else None
            if wrong is not None:
                return wrong
        return _counted(len(value), "properties", "has {} properties", schema, at)

    def _property(
        self, name: str, item: Any, schema: Schema, properties: Schema, patterned: Schema, rest: Any, at: Place
    ) -> _Wrong | None:
        if "propertyNames" in schema:
            wrong = self.first(name, schema["propertyNames"], (*at, name, "name"))
            if wrong is not None:
                return _Wrong((*at, name), f"is no name that is allowed: {wrong.message}", schema["propertyNames"])
        inner = [properties[name]] if name in properties else []
        matched = {pattern: patterns.matches(pattern, name) for pattern in patterned}
        inner += [patterned[pattern] for pattern, holds in matched.items() if holds]
        # A pattern that is not checked here may describe any name.
        if not inner and None not in matched.values():
            if rest is False:
                near = nearest(name, properties)
                message = "unknown argument" + (f"; did you mean {near[0]}?" if near else "")
                return _Wrong((*at, name), message, {"properties": sorted(properties)}, near)
            inner = [rest]
        return next(filter(None, (self.first(item, each, (*at, name)) for each in inner)), None)

    def _combined(self, value: Any, schema: Schema, at: Place) -> _Wrong | None:
        if "not" in schema and self.first(value, schema["not"], at) is None:
            return _Wrong(at, "is not allowed", schema)
        for keyword in ("anyOf", "oneOf"):
            wrong = self._one_of(value, schema, keyword, at)
            if wrong is not None:
                return wrong
        for option in _list(schema, "allOf"):
            wrong = self.first(value, option, at)
            if wrong is not None:
                return wrong
        if "if" in schema:
            holds = self.first(value, schema["if"], at) is None
            return self.first(value, schema.get("then" if holds else "else", True), at)
        return None

    def _unevaluated(self, value: Any, schema: Schema, at: Place) -> _Wrong | None:
        """What no part of the schema has looked at."""

        def fits(part: Schema) -> bool:
            return self.first(value, part, at) is None

        def referred(part: Schema) -> Any:
            return resolved(part, self._root)

        if "unevaluatedProperties" in schema and isinstance(value, Mapping):
            seen = unevaluated.names(value, schema, fits, referred)
            for name in value:
                if name not in seen:
                    wrong = self.first(value[name], schema["unevaluatedProperties"], (*at, str(name)))
                    if wrong is not None:
                        return wrong if wrong.at != (*at, str(name)) else replace(wrong, message="unknown argument")
        if "unevaluatedItems" in schema and isinstance(value, (list, tuple)):
            known = unevaluated.items(value, schema, fits, referred)
            contained = unevaluated.containing(value, schema, fits, referred)
            for index, item in enumerate(value):
                place = (*at, index)
                if not known(index) and not any(self.first(item, each, place) is None for each in contained):
                    wrong = self.first(item, schema["unevaluatedItems"], place)
                    if wrong is not None:
                        return wrong
        return None

    def _one_of(self, value: Any, schema: Schema, keyword: str, at: Place) -> _Wrong | None:
        problems = [self.first(value, option, at) for option in _list(schema, keyword)]
        wrong = [each for each in problems if each is not None]
        fits = len(problems) - len(wrong)
        if not problems or fits == 1 or (fits and keyword == "anyOf"):
            return None
        if fits:
            return _Wrong(
                at, f"{shown(value)} fits {fits} of the {len(problems)} forms, of which it must fit one", schema
            )
        missing = all(each.message == _MISSING and len(each.at) == len(at) + 1 for each in wrong)
        if missing and (others := [str(each.at[-1]) for each in wrong if each.at != wrong[0].at]):
            # What would do as well: a form beside JSON, say.
            return replace(wrong[0], message=f"{_MISSING}: give it, or {' or '.join(dict.fromkeys(others))}")
        # The branch that got furthest is the one that was meant.
        deepest = max(wrong, key=lambda each: (len(each.at), each.message == _MISSING))
        if deepest.at != at:
            return deepest
        return _Wrong(at, f"{shown(value)} fits none of the {len(problems)} allowed forms", schema)


def _type(value: Any, schema: Schema, at: Place) -> _Wrong | None:
    expected = schema.get("type")
    if expected is None:
        return None
    if schema.get("format") == "binary" and not isinstance(value, _JSON):
        return None  # bytes, a path or an open file: the client reads them
    actual = kind(value)
    kinds = expected if isinstance(expected, (list, tuple)) else [expected]
    if actual in kinds or ("number" in kinds and actual == "integer"):
        if isinstance(value, float) and not math.isfinite(value):
            return _Wrong(at, f"{value} is not a JSON number", schema)
        return None
    words = " or ".join(f"an {each}" if each[:1] in "aeio" else f"a {each}" for each in map(str, kinds))
    got = actual if value is None else f"{actual} {shown(value)}"
    return _Wrong(at, f"expected {words}, got {got}", schema)


def _number(value: Any, schema: Schema, at: Place) -> _Wrong | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None  # `type` refuses it, and without one nothing can be said of it
    for keyword, words, holds in _LIMITS:
        limit = _limit(schema, keyword)
        if limit is not None and not holds(value, limit):
            return _Wrong(at, f"{shown(value)} must be {words} {limit}", schema)
    return None


def _text(value: Any, schema: Schema, at: Place) -> _Wrong | None:
    if not isinstance(value, str):
        return None
    wrong = _counted(len(value), "Length", "is {} characters long", schema, at)
    if wrong is not None:
        return wrong
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and patterns.matches(pattern, value) is False:
        return _Wrong(at, f"{shown(value)} does not match the pattern {pattern}", schema)
    return None


def _counted(count: int, what: str, words: str, schema: Schema, at: Place) -> _Wrong | None:
    what = what[0].upper() + what[1:]
    least, most = _limit(schema, f"min{what}"), _limit(schema, f"max{what}")
    if least is not None and count < least:
        return _Wrong(at, f"{words.format(count)}, must have at least {least}", schema)
    if most is not None and count > most:
        return _Wrong(at, f"{words.format(count)}, may have at most {most}", schema)
    return None


def _limit(schema: Schema, keyword: str) -> Any:
    """A number of the schema; None for anything else: schemas come from servers too."""
    limit = schema.get(keyword)
    usual = isinstance(limit, int) and not isinstance(limit, bool)
    return limit if usual or (isinstance(limit, float) and math.isfinite(limit)) else None


def _list(schema: Schema, keyword: str) -> list[Any]:
    value = schema.get(keyword)
    return value if isinstance(value, list) else []
