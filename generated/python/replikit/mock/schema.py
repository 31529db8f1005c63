"""JSON Schema as far as the routes use it: what stands behind a reference, and what a valid value looks like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .checking import Checking

Schema = Mapping[str, Any]

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
        for steps, what in Checking(self).errors(value, schema, (where,) if where else ()):
            yield ".".join(steps), what

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
