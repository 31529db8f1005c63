"""The rules of a body's fields, by the names of the arguments that the fields are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MANY = ("allOf", "anyOf", "oneOf")
_ONE = ("not", "if", "then", "else")


def renamed(rule: Any, names: Mapping[str, str]) -> Any:
    """A rule of fields by the names of their arguments."""
    if not isinstance(rule, Mapping):
        return rule
    made: dict[str, Any] = dict(rule)
    for keyword in ("properties", "dependentSchemas", "dependentRequired"):
        if keyword in rule:
            made[keyword] = {names.get(name, name): value for name, value in rule[keyword].items()}
    if "required" in rule:
        made["required"] = [names.get(name, name) for name in rule["required"]]
    if "dependentRequired" in made:
        made["dependentRequired"] = {
            name: [names.get(each, each) for each in argument] for name, argument in made["dependentRequired"].items()
        }
    if "dependentSchemas" in made:
        made["dependentSchemas"] = {n: renamed(inner, names) for n, inner in made["dependentSchemas"].items()}
    for keyword in _MANY:
        if keyword in rule:
            made[keyword] = [renamed(inner, names) for inner in rule[keyword]]
    return {**made, **{keyword: renamed(rule[keyword], names) for keyword in _ONE if keyword in rule}}
