"""What an extension knows of a thing with inputs of its own: the call that runs it, and its schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..runtime.signatures import checked, resolved
from .marks import unsaid
from .validate import Problem, check


@dataclass(frozen=True, slots=True)
class Run:
    """The call that a reference stands for."""

    function: str
    """The name of the function that runs it."""
    arguments: Mapping[str, Any]
    """The arguments that identify the thing."""
    schema: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema of its inputs, without references; empty where it is not known."""
    output: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema of the output, without references; empty where it is not known."""
    input: str = "input"
    """The argument that takes the inputs."""
    model: str = ""
    """The model, by the name that its jobs show and that prices use; empty where unknown."""
    version: str = ""
    """Which version of it this describes; empty where unknown."""
    summary: str = ""
    """Its description; empty where it is not known."""

    def problem(self, inputs: Mapping[str, Any]) -> Problem | None:
        """The first problem of these inputs, or None. A file may be given for what the schema says is a URL.

        The message never shows the value of a secret.
        """
        return unsaid(check(inputs, checked(self.schema)), self.schema) if self.schema else None


def inlined(schema: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    """An input schema of a foreign OpenAPI document as `check` reads it: references written out, `nullable` said as a
    form of its own, nothing allowed that it does not name."""
    target = resolved(schema, document)
    if "properties" not in target and target.get("additionalProperties") is False:
        target["properties"] = {}
    return {"additionalProperties": False, **target} if isinstance(target.get("properties"), Mapping) else {}
