"""JSON Schema as far as the routes use it: is a value valid, and what does a valid value look like."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_SAMPLES = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time": "00:00:00Z",
    "uri": "https://example.com/",
    "email": "someone@example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
}


class Schemas:
    """The named schemas, and what can be asked of a schema that refers to them."""

    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self.definitions = definitions

    def resolve(self, schema: Schema) -> Schema:
        """The schema itself, or the one that it refers to."""
        reference = schema.get("$ref")
        if reference is None:
            return schema
        return self.definitions[reference.removeprefix("#/$defs/")]

    def properties(self, schema: Schema) -> Mapping[str, Schema]:
        """The known properties of an object; of a nullable one too."""
        found = self.resolve(schema)
        if "properties" in found:
            properties: Mapping[str, Schema] = found["properties"]
            return properties
        members = [m for m in found.get("anyOf", ()) if m.get("type") != "null"]
        return self.properties(members[0]) if len(members) == 1 else {}

    def required(self, schema: Schema) -> frozenset[str]:
        """The properties an object must have."""
        return frozenset(self.resolve(schema).get("required", ()))

    def closed(self, schema: Schema) -> bool:
        """Whether an object may have no property but the known ones."""
        return self.resolve(schema).get("additionalProperties") is False

    def valid(self, value: Any, schema: Schema) -> bool:
        """Whether the value is as the schema says."""
        return next(self.errors(value, schema), None) is None

    def errors(self, value: Any, schema: Schema, where: str = "") -> Iterator[tuple[str, str]]:
        """Each thing wrong with a value: (dotted path to it, what is wrong)."""
        schema = self.resolve(schema)
        if "anyOf" in schema:
            if not any(self.valid(value, member) for member in schema["anyOf"]):
                members = [m for m in schema["anyOf"] if m.get("type") != "null"]
                if len(members) == 1 and value is not None:
                    yield from self.errors(value, members[0], where)
                else:
                    yield where, "matches none of the forms it can have"
            return
        if schema.get("not") == {}:
            yield where, "must not be given"
            return
        kind = schema.get("type")
        if kind is not None and not _is(value, kind):
            yield where, f"must be {_article(kind)}, not {_article(_name(value))}"
            return
        if "enum" in schema and value not in schema["enum"]:
            yield where, "must be one of " + ", ".join(repr(v) for v in schema["enum"])
            return
        if isinstance(value, str):
            yield from self._string(value, schema, where)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield from self._number(value, schema, where)
        elif isinstance(value, list):
            yield from self._array(value, schema, where)
        elif isinstance(value, dict):
            yield from self._object(value, schema, where)

    def _string(self, value: str, schema: Schema, where: str) -> Iterator[tuple[str, str]]:
        if len(value) < schema.get("minLength", 0):
            yield where, f"must have at least {schema['minLength']} characters"
        if len(value) > schema.get("maxLength", len(value)):
            yield where, f"must have at most {schema['maxLength']} characters"
        if "pattern" in schema and not _matches(schema["pattern"], value):
            yield where, f"must match {schema['pattern']}"
        if schema.get("format") == "date-time" and not _is_time(value):
            yield where, "must be a time in ISO 8601, like 2026-01-01T00:00:00Z"

    def _number(self, value: float, schema: Schema, where: str) -> Iterator[tuple[str, str]]:
        if value < schema.get("minimum", value):
            yield where, f"must be at least {schema['minimum']:g}"
        if value > schema.get("maximum", value):
            yield where, f"must be at most {schema['maximum']:g}"
        if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
            yield where, f"must be more than {schema['exclusiveMinimum']:g}"
        if "exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]:
            yield where, f"must be less than {schema['exclusiveMaximum']:g}"
        step = schema.get("multipleOf")
        if step and abs(value / step - round(value / step)) > 1e-9:
            yield where, f"must be a multiple of {step:g}"

    def _array(self, value: list[Any], schema: Schema, where: str) -> Iterator[tuple[str, str]]:
        if len(value) < schema.get("minItems", 0):
            yield where, f"must have at least {schema['minItems']} items"
        if len(value) > schema.get("maxItems", len(value)):
            yield where, f"must have at most {schema['maxItems']} items"
        if schema.get("uniqueItems") and any(v in value[:i] for i, v in enumerate(value)):
            yield where, "must not have an item twice"
        for index, item in enumerate(value):
            yield from self.errors(item, schema.get("items", {}), _below(where, str(index)))

    def _object(self, value: dict[str, Any], schema: Schema, where: str) -> Iterator[tuple[str, str]]:
        properties = schema.get("properties", {})
        if len(value) < schema.get("minProperties", 0):
            yield where, f"must have at least {schema['minProperties']} properties"
        if len(value) > schema.get("maxProperties", len(value)):
            yield where, f"must have at most {schema['maxProperties']} properties"
        for name in schema.get("required", ()):
            if name not in value:
                yield _below(where, name), "is required"
        additional = schema.get("additionalProperties", True)
        for name, item in value.items():
            if name in properties:
                yield from self.errors(item, properties[name], _below(where, name))
            elif additional is False:
                yield _below(where, name), "is not a known property"
            elif isinstance(additional, Mapping):
                yield from self.errors(item, additional, _below(where, name))

    def sample(self, schema: Schema, depth: int = 0) -> Any:
        """A value that is valid: what the schema itself suggests, else the plainest of its type."""
        schema = self.resolve(schema)
        if "default" in schema:
            return schema["default"]
        if schema.get("enum"):
            return schema["enum"][0]
        if "anyOf" in schema:
            members = schema["anyOf"]
            plain = next((m for m in members if m.get("type") == "null"), members[0]) if depth > 4 else members[0]
            return self.sample(plain, depth + 1)
        kind = schema.get("type")
        if kind == "object":
            required = schema.get("required", ())
            made = {
                name: self.sample(inner, depth + 1)
                for name, inner in schema.get("properties", {}).items()
                if not inner.get("writeOnly") and (name in required or depth < 3)
            }
            for number in range(len(made), schema.get("minProperties", 0)):
                additional = schema.get("additionalProperties", True)
                made[f"key{number}"] = self.sample(additional if isinstance(additional, Mapping) else {}, depth + 1)
            return made
        if kind == "array":
            least = schema.get("minItems", 0)
            count = max(least, 1) if depth < 3 else least
            return [self.sample(schema.get("items", {}), depth + 1) for _ in range(count)]
        if kind == "string":
            return _sample_string(schema)
        if kind in ("integer", "number"):
            return _sample_number(schema, kind)
        return False if kind == "boolean" else None


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


def _below(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        # ECMA 262 has constructs that Python's re has not; such a pattern refuses nothing.
        return True


def _is_time(value: str) -> bool:
    try:
        datetime.datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _sample_string(schema: Schema) -> str:
    text: str = _SAMPLES.get(schema.get("format", ""), "text")
    least = schema.get("minLength", 0)
    most = schema.get("maxLength")
    text = text.ljust(least, "x")
    return text if most is None else text[:most]


def _sample_number(schema: Schema, kind: str) -> float:
    step = schema.get("multipleOf") or 1
    value: float = 0
    if "minimum" in schema:
        value = -(-schema["minimum"] // step) * step
    elif "exclusiveMinimum" in schema:
        value = (schema["exclusiveMinimum"] // step + 1) * step
    elif "maximum" in schema:
        value = min(value, schema["maximum"] // step * step)
    elif "exclusiveMaximum" in schema:
        value = min(value, -(-schema["exclusiveMaximum"] // step) * step - step)
    return int(value) if kind == "integer" else value
