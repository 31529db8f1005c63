"""What the console offers for the inside of an argument: the fields of an object and the items of a list, one by one."""

from __future__ import annotations

from typing import Any

from ...ir import Api, Type, opened
from ..shared.placing import kind_of

DEPTH = 4
"""Objects and lists inside one another that have fields of their own; what is deeper is typed as JSON."""
MOST = 60
"""Fields and items of one argument."""


def within(api: Api, type_: Type) -> dict[str, Any]:
    """The data of an object, a list or a map with known members; nothing for any other value.

    `fields`: of an object, each with its `name`. `items`: of a list. `rest`: of what a map holds.
    """
    return _Reader(api).inside(type_, DEPTH)


class _Reader:
    """Counts the fields it has returned, over all levels of one argument."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._left = MOST

    def inside(self, written: Type, depth: int) -> dict[str, Any]:
        """The members of a value; nothing where they are unknown or beyond a bound."""
        type_ = opened(written, self._api.types)
        if depth == 0:
            return {}
        if type_.kind == "model":
            fields = [each for each in self._api.models[type_.model].fields if not each.read_only]
            if not fields or len(fields) > self._left:
                return {}
            self._left -= len(fields)
            known = [self._value(each.type, depth) | {"name": each.wire_name} for each in fields]
            for field, data in zip(fields, known, strict=True):
                if field.required:
                    data["required"] = True
            return {"fields": known}
        if type_.kind in ("array", "map") and type_.items is not None and self._left:
            self._left -= 1
            return {"items" if type_.kind == "array" else "rest": self._value(type_.items, depth)}
        return {}

    def _value(self, written: Type, depth: int) -> dict[str, Any]:
        type_ = opened(written, self._api.types)
        kind = kind_of(type_)
        values = list(type_.values) if kind in ("string", "integer", "number") else []
        return {"kind": kind, **({"values": values} if values else {}), **self.inside(type_, depth - 1)}
