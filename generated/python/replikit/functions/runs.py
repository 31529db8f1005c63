"""What an extension says of a thing that describes its own inputs: the call that runs it, and what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..runtime.signatures import checked, resolved
from .marks import unsaid
from .validate import Problem, check


@dataclass(frozen=True, slots=True)
class Run:
    """What a reference that is written as one comes to."""

    function: str
    """The name of the function that runs it."""
    arguments: Mapping[str, Any]
    """Those that name the thing."""
    schema: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema of its inputs, without references; empty where it does not say."""
    output: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema of what it puts out, without references; empty where it does not say."""
    input: str = "input"
    """The argument that takes the inputs."""
    model: str = ""
    """What does the work, by the name that its jobs will show and that a price is kept for; empty where unknown."""
    version: str = ""
    """Which version of it this describes; empty where unknown."""
    summary: str = ""
    """What it says of itself; empty where it does not say."""

    def problem(self, inputs: Mapping[str, Any]) -> Problem | None:
        """What is wrong with these inputs, or None. A file may be given for what the schema says is a URL.

        What was given as a secret is not shown.
        """
        return unsaid(check(inputs, checked(self.schema)), self.schema) if self.schema else None


def inlined(schema: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    """An input schema of a foreign OpenAPI document as `check` reads it: references written out, `nullable` said as a
    form of its own, nothing allowed that it does not name."""
    target = resolved(schema, document)
    if "properties" not in target and target.get("additionalProperties") is False:
        target["properties"] = {}
    return {"additionalProperties": False, **target} if isinstance(target.get("properties"), Mapping) else {}
