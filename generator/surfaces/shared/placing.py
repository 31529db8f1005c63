"""How arguments stand on a command line: which by their place, and how the text of each is read."""

from __future__ import annotations

from ...ir import Function, Param, Type
from ...names import argument
from ...text import prose

_SCALARS = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean", "binary": "binary"}


def kind_of(type_: Type) -> str:
    """How the text of a flag is read: a scalar, `object`, `array`, or `any` (JSON where it is, else text)."""
    if type_.kind in _SCALARS:
        return _SCALARS[type_.kind]
    if type_.kind in ("map", "model"):
        return "object"
    if type_.kind == "array":
        return "array"
    if type_.kind == "union":
        kinds = {kind_of(member) for member in type_.members}
        return kinds.pop() if len(kinds) == 1 else "any"
    return "any"


def places(function: Function) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """What stands by its place, as (how help shows it, its parts as (argument, separator after it)).

    The arguments of the path do, those that make a reference as one; without a path, the one text or file required.
    """
    placed = sorted((p for p in function.params if p.location == "path"), key=lambda p: _position(function, p))
    required = [param for param in function.params if param.required]
    if not placed and len(required) == 1 and kind_of(required[0].type) in ("string", "binary"):
        placed = required
    parts = function.reference.parts if function.reference else ()
    joined = {argument for argument, _ in parts}
    results: list[tuple[str, tuple[tuple[str, str], ...]]] = []
    for param in placed:
        name = argument(param.words)
        if name not in joined:
            results.append((name.upper(), ((name, ""),)))
        elif function.reference and name == function.reference.parts[0][0]:
            results.append((prose(function.reference.shown), parts))
    return results


def _position(function: Function, param: Param) -> int:
    return function.path.find("{" + param.wire_name + "}")
