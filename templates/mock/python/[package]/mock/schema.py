"""JSON Schema as far as the routes use it: what stands behind a reference, and what can be asked of a schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .checking import Checking
from .samples import Sampling

Schema = Mapping[str, Any]


class Schemas:
    """The named schemas, and what can be asked of a schema that refers to them."""

    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self.definitions = definitions

    def resolve(self, schema: Schema) -> Schema:
        """The schema itself, or the one that it refers to."""
        for _ in range(20):
            reference = schema.get("$ref")
            if reference is None:
                break
            schema = self.definitions[reference.removeprefix("#/$defs/")]
        return schema

    def properties(self, schema: Schema) -> Mapping[str, Schema]:
        """The known properties of an object; of a nullable one too."""
        found = self.resolve(schema)
        if "properties" in found:
            properties: Mapping[str, Schema] = found["properties"]
            return properties
        members = [m for m in found.get("anyOf", ()) if m.get("type") != "null"]
        return self.properties(members[0]) if len(members) == 1 else {}

    def required(self, schema: Schema) -> frozenset[str]:
        """The properties an object must have that is sent."""
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

    def sample(self, schema: Schema) -> Any:
        """A value that is valid as an answer: what the schema itself suggests, else the plainest of its type."""
        return Sampling(self).value(schema, 0)

    def fitted(self, value: Any, schema: Schema) -> Any:
        """The value as an answer: what the schema refuses is left out or replaced, and what it lacks is added."""
        return Sampling(self).fitted(value, schema, 0)
