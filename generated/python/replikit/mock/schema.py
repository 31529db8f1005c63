"""JSON Schema as far as the routes need it: checks and samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .checking import Checking
from .definitions import Definitions, Schema
from .samples import Sampling

__all__ = ["Schema", "Schemas"]


class Schemas(Definitions):
    """The named schemas, with checks and samples of schemas that refer to them."""

    def valid(self, value: Any, schema: Schema) -> bool:
        """Whether the value is as the schema says."""
        return next(self.errors(value, schema), None) is None

    def errors(self, value: Any, schema: Schema, where: str = "") -> Iterator[tuple[str, str]]:
        """Each error of a value: (dotted path to it, reason)."""
        for steps, what in Checking(self).errors(value, schema, (where,) if where else ()):
            yield ".".join(steps), what

    def sample(self, schema: Schema) -> Any:
        """A value that is valid as an answer: what the schema itself suggests, else the plainest of its type."""
        return Sampling(self).value(schema, 0)

    def fitted(self, value: Any, schema: Schema) -> Any:
        """The value as an answer: rejected parts are omitted or replaced, and missing parts are added."""
        return Sampling(self).fitted(value, schema, 0)
