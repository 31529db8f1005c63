"""The named schemas of an API, and references to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]


class Definitions:
    """The named schemas. What checks values and makes them needs no more than this."""

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
        resolved = self.resolve(schema)
        if "properties" in resolved:
            properties: Mapping[str, Schema] = resolved["properties"]
            return properties
        members = [m for m in resolved.get("anyOf", ()) if m.get("type") != "null"]
        return self.properties(members[0]) if len(members) == 1 else {}

    def required(self, schema: Schema) -> frozenset[str]:
        """The properties an object must have that is sent."""
        return frozenset(self.resolve(schema).get("required", ()))

    def closed(self, schema: Schema) -> bool:
        """Whether an object may have no property but the known ones."""
        return self.resolve(schema).get("additionalProperties") is False
