"""What of a value a schema refuses. Every part of the value meets every schema once, whatever the schemas refer to."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..runtime import patterns
from ..runtime.jsonvalues import is_multiple, key
from . import formats
from .definitions import Definitions, Schema

if TYPE_CHECKING:
    from ..functions.validate import Problem

Steps = tuple[str, ...]
Error = tuple[Steps, str]

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


class Checking:
    """One check of one value."""

    def __init__(self, schemas: Definitions, answers: bool = False) -> None:
        self._schemas = schemas
        self._answers = answers
        """Whether the values are answers: they have what only a server fills in, and their formats are kept."""
        self._valid: dict[tuple[int, int], bool] = {}
        """Results for a value and a schema, by their identities: unions check the same pair repeatedly."""
        self._options: dict[int, frozenset[Any]] = {}
        """The keys of the values of an `enum`, by its identity."""

    def errors(self, value: Any, schema: Schema, at: Steps) -> Iterator[Error]:
        """Each error of a value: (steps to it, reason)."""
        schema = self._schemas.resolve(schema)
        if "anyOf" in schema:
            yield from self._any_of(value, schema, at)
            return
        if schema.get("not") == {}:
            yield at, "must not be set"
            return
        kind = schema.get("type")
        if kind is not None and not _is(value, kind):
            yield at, f"must be {_article(kind)}, not {_article(_name(value))}"
            return
        if "enum" in schema and key(value) not in self._keys(schema["enum"]):
            yield at, "must be one of " + ", ".join(repr(each) for each in schema["enum"])
            return
        if isinstance(value, str):
            yield from _string(value, schema, at)
            if self._answers and not formats.keeps(value, schema.get("format", "")):
                yield at, f"must be a {schema['format']}"
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield from _number(value, schema, at)
        elif isinstance(value, list):
            yield from self._array(value, schema, at)
        elif isinstance(value, dict):
            yield from self._object(value, schema, at)

    def _any_of(self, value: Any, schema: Schema, at: Steps) -> Iterator[Error]:
        members = schema["anyOf"]
        others = [member for member in members if member.get("type") != "null"]
        if value is None and len(others) < len(members):
            return
        if len(others) == 1:
            yield from self.errors(value, others[0], at)
            return
        fitting = (member for member in others if self._is_valid(value, member))
        if next(fitting, None) is None:
            yield at, "matches none of its allowed forms"
        elif self._answers and schema.get("exclusive") and next(fitting, None) is not None:
            yield at, "matches more than one of its allowed forms"

    def _is_valid(self, value: Any, schema: Schema) -> bool:
        both = id(value), id(schema)
        if both not in self._valid:
            self._valid[both] = next(self.errors(value, schema, ()), None) is None
        return self._valid[both]

    def _keys(self, options: list[Any]) -> frozenset[Any]:
        if id(options) not in self._options:
            self._options[id(options)] = frozenset(map(key, options))
        return self._options[id(options)]

    def _array(self, value: list[Any], schema: Schema, at: Steps) -> Iterator[Error]:
        yield from _counted(len(value), "Items", "items", schema, at)
        if schema.get("uniqueItems") and len(set(map(key, value))) < len(value):
            yield at, "must not have duplicate items"
        for index, item in enumerate(value):
            yield from self.errors(item, schema.get("items", {}), (*at, str(index)))

    def _object(self, value: dict[str, Any], schema: Schema, at: Steps) -> Iterator[Error]:
        properties = schema.get("properties", {})
        yield from _counted(len(value), "Properties", "properties", schema, at)
        for name in (*schema.get("required", ()), *(schema.get("answered", ()) if self._answers else ())):
            if name not in value:
                yield (*at, name), "is required"
        additional = schema.get("additionalProperties", True)
        for name, item in value.items():
            if name in properties:
                yield from self.errors(item, properties[name], (*at, name))
            elif additional is False:
                yield (*at, name), "is not a known property"
            elif isinstance(additional, Mapping):
                yield from self.errors(item, additional, (*at, name))
        if self._answers and (problem := self.ruled(value, schema)):
            yield (*at, problem.parameter), problem.message

    def ruled(self, value: dict[str, Any], schema: Schema) -> Problem | None:
        """What of an answer is against a rule that no type of the document says, such as one of several `allOf`."""
        if not schema.get("rules"):
            return None
        # For answers alone: requests are judged here, by other code than the client's.
        from ..functions import validate

        return validate.check(value, {"allOf": schema["rules"], "$defs": self._schemas.definitions})


def _string(value: str, schema: Schema, at: Steps) -> Iterator[Error]:
    yield from _counted(len(value), "Length", "characters", schema, at)
    if "pattern" in schema and patterns.matches(schema["pattern"], value) is False:
        yield at, f"must match {schema['pattern']}"
    if schema.get("format") == "date-time" and not _is_time(value):
        yield at, "must be an ISO 8601 time, such as 2026-01-01T00:00:00Z"


def _number(value: float, schema: Schema, at: Steps) -> Iterator[Error]:
    if value < schema.get("minimum", value):
        yield at, f"must be at least {schema['minimum']:g}"
    if value > schema.get("maximum", value):
        yield at, f"must be at most {schema['maximum']:g}"
    if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
        yield at, f"must be more than {schema['exclusiveMinimum']:g}"
    if "exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]:
        yield at, f"must be less than {schema['exclusiveMaximum']:g}"
    step = schema.get("multipleOf")
    if step and not is_multiple(value, step):
        yield at, f"must be a multiple of {step:g}"


def _counted(count: int, what: str, words: str, schema: Schema, at: Steps) -> Iterator[Error]:
    if count < schema.get(f"min{what}", 0):
        yield at, f"must have at least {schema[f'min{what}']} {words}"
    if count > schema.get(f"max{what}", count):
        yield at, f"must have at most {schema[f'max{what}']} {words}"


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(kind, (object,)))


def _name(value: Any) -> str:
    return next(
        kind for kind in ("boolean", "integer", "number", "string", "array", "object", "null") if _is(value, kind)
    )


def _article(kind: str) -> str:
    if kind == "null":
        return kind
    return ("an " if kind[0] in "aio" else "a ") + kind


def _is_time(value: str) -> bool:
    try:
        datetime.datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
