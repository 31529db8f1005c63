"""The functions, read from functions.json once: what lists, searches and policies need. Schemas are read on demand."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache, cached_property
from typing import Any

from .. import about

ADDED = str(getattr(about, "ADDED", ""))
"""The name for functions that a user may add to the package's own; empty where none may be added."""


@dataclass(frozen=True, kw_only=True)
class FunctionInfo:
    """One function: its names, what it may do, what it takes and gives."""

    name: str
    aliases: tuple[str, ...]
    operation_id: str
    group: str
    verb: str
    method: str
    path: str
    type: str
    classes: tuple[str, ...]
    idempotent: bool
    title: str
    summary: str
    description: str
    keywords: tuple[str, ...]
    arguments: tuple[str, ...]
    required: tuple[str, ...]
    """The arguments that are required."""
    result: str
    """Equal for functions with the same result."""
    result_kind: str
    result_media_type: str
    stream: str
    """The argument that asks for events in place of the whole; empty where there is none."""
    page: Mapping[str, Any] | None
    job: Mapping[str, Any] | None
    files_in: tuple[str, ...]
    files_out: tuple[str, ...]
    deprecated: bool
    deprecation: str
    """Since when, until when, and what to use instead; empty where it is not deprecated."""
    hidden: tuple[str, ...] = ()
    """The surfaces that leave it out."""
    derived: Mapping[str, Any] | None = None
    """For a derived function: its `base`, the `fixed` arguments, the refined `argument`, whether to `follow` the job,
    and the `version` and `source` that it was made from."""
    own_schemas: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)
    """The schemas of an added function, which schemas.json has for the others."""

    @cached_property
    def input_schema(self) -> Mapping[str, Any]:
        """The JSON Schema of the arguments, with the types that it refers to as `$defs`."""
        return _closed(self._schemas.get("input_schema", {"properties": {}}), self.own_schemas is None)

    @cached_property
    def output_schema(self) -> Mapping[str, Any]:
        """The JSON Schema of the result, with the types that it refers to as `$defs`."""
        return _closed(self._schemas.get("output_schema", {}), self.own_schemas is None)

    @cached_property
    def examples(self) -> tuple[Mapping[str, Any], ...]:
        """Example calls: a `title`, `arguments` and, where it is known, the `result`."""
        if self.own_schemas is not None:
            from . import sampling

            return ({"title": sampling.TITLE, "arguments": sampling.arguments(self.input_schema)},)
        return tuple(self._schemas.get("examples", ()))

    @property
    def _schemas(self) -> Mapping[str, Any]:
        if self.own_schemas is not None:
            return self.own_schemas
        from . import schemas

        return schemas.of(self.name) or {}

    def to_dict(self) -> dict[str, Any]:
        """Everything about the function, as JSON."""
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        plain |= {name: getattr(self, name) for name in ("input_schema", "output_schema", "examples")}
        del plain["own_schemas"]
        for name in ("hidden", "derived"):
            if not plain[name]:
                del plain[name]
        return {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}


def _closed(schema: Mapping[str, Any], shared: bool) -> Mapping[str, Any]:
    """The schema with the types that it refers to. shared: include types that functions have in common."""
    if not shared:
        return schema
    from . import schemas

    return schemas.closed(schema)


@cache
def all_functions(surface: str = "") -> dict[str, FunctionInfo]:
    """Every function by its name, sorted. surface: without those that are hidden there: cli, mcp or lua."""
    if surface:
        return {name: info for name, info in all_functions().items() if surface not in info.hidden}
    # importlib.resources would cost a tenth of what --help takes.
    with open(os.path.join(os.path.dirname(__file__), "functions.json"), encoding="utf-8") as file:
        text = file.read()
    return {entry["name"]: _info(entry) for entry in json.loads(text)["functions"]}


def _info(entry: dict[str, Any]) -> FunctionInfo:
    frozen: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return FunctionInfo(**frozen)


def schema_for(info: FunctionInfo) -> dict[str, Any]:
    """What a function takes and gives, with an example: enough to call it."""
    return {
        "function": info.name,
        "summary": info.summary,
        "type": info.type,
        "classes": list(info.classes),
        "input_schema": info.input_schema,
        "output_schema": info.output_schema,
        "examples": [example["arguments"] for example in info.examples],
    }
